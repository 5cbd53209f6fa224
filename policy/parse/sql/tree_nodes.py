"""The classes of sqlglot's tree that a query or a change of rows may be made of: a closed list.

Classes of functions are not listed: every function is named in the statement's facts, and
rules know which are harmless. Names are those of `sqlglot.expressions`, version 30.
"""

from __future__ import annotations

QUERIES = frozenset(("Select", "Union", "Except", "Intersect", "Subquery", "Values", "Table"))
CHANGES = {"Insert": "insert", "Update": "update", "Delete": "delete", "Merge": "merge"}

NODES = frozenset(
    # queries and their clauses
    "Select Union Except Intersect Subquery Values Table TableAlias Alias Aliases CTE With From "
    "Join Where Group Having Qualify Order Ordered Limit LimitOptions Offset Fetch Distinct "
    "Lateral Pivot PivotAlias PivotAny UnpivotColumns TableSample Window WindowSpec WithinGroup "
    "Filter IgnoreNulls RespectNulls HavingMax Cube Rollup GroupingSets Into Lock Hint "
    "WithTableHint IndexTableHint ForClause QueryOption XMLKeyValueOption Sort Distribute Cluster "
    "PreWhere Final Version HistoricalData AtIndex RecursiveWithSearch MatchRecognize "
    "MatchRecognizeMeasure Prior Connect TableFromRows WithFill "
    # changes of rows
    "Insert Update Delete Merge When Whens Returning OnConflict OnCondition Schema Tuple "
    # values and names
    "Column Identifier Dot Star Literal Null Boolean Var Parameter SessionParameter Placeholder "
    "Pseudocolumn National HexString BitString ByteString RawString UnicodeString Heredoc "
    "Introducer CharacterSet DataType DataTypeParam Interval IntervalSpan TimeUnit AtTimeZone "
    "FromTimeZone Kwarg PropertyEQ Slice Bracket Lambda Ordered TableColumn ColumnDef Opclass "
    "PositionalColumn Variadic JSON JSONKeyValue JSONPath JSONPathKey JSONPathRoot "
    "JSONPathSubscript JSONPathWildcard JSONPathSlice JSONPathRecursive JSONPathSelector "
    "JSONPathFilter JSONPathUnion JSONPathScript JSONColumnDef JSONSchema JSONValue FormatJson "
    "JSONExtractQuote OpenJSONColumnDef Comprehension "
    # operators
    "Add Sub Mul Div IntDiv Mod Neg Not And Or Xor Paren EQ NEQ GT GTE LT LTE Is In Between Like "
    "ILike SimilarTo Escape Glob Match NullSafeEQ NullSafeNEQ DPipe BitwiseAnd BitwiseOr "
    "BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift Any All Exists Binary Overlaps "
    "Distance Collate TranslateCharacters OverflowTruncateBehavior".split()
)

"""Collects facts from a PostgreSQL parse tree: tables, functions, features, nested statements.

The tree is libpg_query's JSON. A node stands in a dict under its name (`{"FuncCall": {…}}`),
or, where its type is fixed, directly under a field. What this module does not know raises
`Unknown`.

Four things call functions without looking like a call, and are reported as functions: an
operator that is not one of pg_catalog's (`operator(@#@)`, `operator(x.+)`), a cast to a type
that is not one of pg_catalog's (`cast(mood)`), a TABLESAMPLE method of an extension
(`tablesample(system_rows)`), and a field of an expression (`('ids'::regclass).nextval`), which
is a call where the value has no such field (manual, "SQL Functions on Composite Types").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policy.parse.sql.facts import Facts, Unknown
from policy.parse.sql.pg_nodes import NEUTRAL, OPERATORS, PLAIN_STATEMENTS, READ_STATEMENTS, TYPES
from policy.plan import Table

Tree = dict[str, Any]
Nested = Callable[[str, Tree], None]

_OPERATOR_KINDS = frozenset(
    "AEXPR_OP AEXPR_OP_ANY AEXPR_OP_ALL AEXPR_DISTINCT AEXPR_NOT_DISTINCT AEXPR_NULLIF AEXPR_IN "
    "AEXPR_LIKE AEXPR_ILIKE AEXPR_SIMILAR".split()
)
_RANGE_KINDS = frozenset(
    "AEXPR_BETWEEN AEXPR_NOT_BETWEEN AEXPR_BETWEEN_SYM AEXPR_NOT_BETWEEN_SYM".split()
)
_SAMPLING = frozenset(("bernoulli", "system"))
_STATEMENTS = frozenset(PLAIN_STATEMENTS) | READ_STATEMENTS

# Fields that say something by being there.
_FIELD_FEATURES = {
    "missing_ok": "if-exists",
    "if_not_exists": "if-not-exists",
    "replace": "or-replace",
    "concurrent": "concurrently",
    "unique": "unique",
    "returningClause": "returning",
    "returningList": "returning",
    "onConflictClause": "on-conflict",
    "limitCount": "limit",
    "limitOffset": "offset",
    "whereClause": "where",
    "recursive": "recursive",
}


class Walk:
    """Fills `facts` from a tree; `nested` is called with each statement inside it that runs.

    Without `nested` the statements inside are stored, not run (a view, a function's body, a
    rule), and what they name counts for the statement that stores them.
    """

    def __init__(self, facts: Facts, nested: Nested | None = None, types: bool = True) -> None:
        self.facts = facts
        self.nested = nested
        self.types = types
        self.shadowed: frozenset[str] = frozenset()  # names of CTEs, which are no tables
        self.fields: set[str] = set()  # functions that are written as fields

    def node(self, tree: Any, top: bool = False) -> None:
        """Anything: a tagged node, a list, or the fields of an inline node."""
        if isinstance(tree, list):
            for item in tree:
                self.node(item)
            return
        if not isinstance(tree, dict):
            return
        hidden = self.shadowed
        if (clause := tree.get("withClause")) is not None:
            self.field("withClause", clause, top)
            # Its own queries still see the tables of these names; what follows doesn't.
            ctes = (each.get("CommonTableExpr", {}) for each in clause.get("ctes", ()))
            self.shadowed = hidden | {cte.get("ctename", "") for cte in ctes}
        for key, value in tree.items():
            if key[:1].isupper():
                self.tagged(key, value)
            elif key != "withClause":
                self.field(key, value, top)
        self.shadowed = hidden

    def tagged(self, name: str, fields: Tree) -> None:
        if name in _STATEMENTS:
            if name != "SelectStmt" and self.nested is not None:
                self.nested(name, fields)
                return
            self.node(fields)
            return
        if name not in NEUTRAL:
            raise Unknown(name)
        match name:
            case "FuncCall":
                self.facts.functions[function_name(fields.get("funcname", []))] = None
            case "RangeVar":
                self.table(fields)
            case "A_Expr":
                self.operator(fields)
            case "A_Indirection":
                selected = [each for each in fields.get("indirection", ()) if "String" in each]
                self.fields |= (names := {function_name([each]) for each in selected})
                self.facts.functions |= dict.fromkeys(names)
            case "TypeCast":
                self.type(fields.get("typeName"))
            case "TypeName" if self.types:
                self.type(fields)
            case "RangeTableSample":
                method = function_name(fields.get("method", []))
                if method not in _SAMPLING:
                    self.facts.functions[f"tablesample({method})"] = None
            case "CurrentOfExpr":
                self.facts.features.add("current-of")
        self.node(fields)

    def field(self, key: str, value: Any, top: bool) -> None:
        match key:
            case "funcname" | "ctename" | "alias" | "fields":
                return
            case "intoClause":
                self.facts.features.add("into")
                self.table(value.get("rel", {}), written=True)
                return
            case "lockingClause":
                self.facts.features.add("for-update")
            case "behavior" if top and value == "DROP_CASCADE":
                self.facts.features.add("cascade")
            case "relation" | "rel" if isinstance(value, dict) and "relname" in value:
                self.table(value)
                return
            case "typeName" if self.types:
                self.type(value)
            case "operName" | "useOp" if value:
                self.symbol(value)
            case _ if key in _FIELD_FEATURES and value and (top or key not in _TOP_ONLY):
                self.facts.features.add(_FIELD_FEATURES[key])
        self.node(value)

    def table(self, fields: Tree, written: bool = False) -> None:
        name, schema = fields.get("relname", ""), fields.get("schemaname")
        if schema is None and not written and name in self.shadowed:
            return
        self.facts.tables[Table(name, schema, written)] = None
        if fields.get("relpersistence") == "t":
            self.facts.features.add("temporary")

    def operator(self, fields: Tree) -> None:
        kind = fields.get("kind", "AEXPR_OP")
        if kind in _RANGE_KINDS:
            return
        if kind not in _OPERATOR_KINDS:
            raise Unknown(str(kind))
        self.symbol(fields.get("name", []))

    def symbol(self, names: list[Tree]) -> None:
        name = function_name(names)
        if name not in OPERATORS:
            self.facts.functions[f"operator({name})"] = None

    def type(self, fields: Tree | None) -> None:
        if not fields:
            return
        name = function_name(fields.get("names", []))
        if name not in TYPES and not (name[:1] == "_" and name[1:] in TYPES):
            self.facts.functions[f"cast({name})"] = None


_TOP_ONLY = frozenset(("missing_ok", "if_not_exists", "replace", "unique", "concurrent"))


def function_name(names: list[Tree]) -> str:
    """`abs`, `app.f`; pg_catalog's own without the schema, names in upper case in quotes."""
    parts = [part.get("String", {}).get("sval", "") for part in names]
    if len(parts) == 2 and parts[0] == "pg_catalog":
        parts = parts[1:]
    return ".".join(part if part == part.lower() else f'"{part}"' for part in parts)

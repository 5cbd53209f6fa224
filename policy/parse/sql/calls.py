"""Function calls, found in the tokens: a name before a parenthesis that is no keyword.

sqlglot renames functions and makes operators of some; the source has the names that the
server sees. What is found is a superset of the calls: a name before a column list counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy.parse.sql.dialects import Dialect
from policy.parse.sql.lex import TYPE_LIKE, Token, TokenKind

_NO_CALL = frozenset(
    "ADD AFTER ALL AND ANY APPLY AS ASC BETWEEN BY CASE CHECK COLUMN COLUMNS CONSTRAINT CROSS "
    "CUBE DEFAULT DELETE DESC DISTINCT DIV DO ELSE END ESCAPE EXCEPT EXCLUDE EXISTS EXPLAIN FETCH "
    "FILTER FIRST FOR FORCE FOREIGN FROM FULL GROUP GROUPS GROUPING_SETS HAVING IGNORE IN INCLUDE "
    "INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LAST LATERAL LIKE LIMIT MATCHED MATERIALIZED "
    "MINUS NATURAL NEXT NOT NULL NULLS OF OFFSET ON ONLY OPTION OR ORDER OUTER OUTPUT OVER "
    "OVERLAPS PARTITION PERCENT PIVOT PREWHERE PRIMARY QUALIFY RANGE RECURSIVE REFERENCES REGEXP "
    "RETURNING RLIKE ROLLUP ROWS SELECT SET SETS SOME TABLE TABLESAMPLE THEN TIES TO TOP UNION "
    "UNIQUE UNNEST UNPIVOT UPDATE USE USING VALUES VIEW WHEN WHERE WINDOW WITH WITHIN XOR AGAINST "
    "CAST TRY_CAST SAFE_CAST".split()
)
_FOLDING = frozenset(("mysql", "sqlite", "tsql", "fabric", "doris", "starrocks"))
"""Dialects in which a quoted function name means the same as a bare one."""


def calls(tokens: Sequence[Token], found: Dialect) -> Iterator[str]:
    """Lower-case names, with their schema where the text gives one."""
    for index, token in enumerate(tokens):
        if token.text != "(" or index == 0:
            continue
        before = tokens[index - 1]
        name = before.name
        if name is None:
            continue
        qualified = index > 1 and tokens[index - 2].text == "."
        keyword = before.upper in _NO_CALL or before.upper in TYPE_LIKE
        if keyword and before.kind is TokenKind.WORD and not qualified:
            continue
        parts = [_fold(before, found)]
        at = index - 2
        while at >= 1 and tokens[at].text == "." and tokens[at - 1].name is not None:
            parts.append(_fold(tokens[at - 1], found))
            at -= 2
        yield ".".join(reversed(parts))


def _fold(token: Token, found: Dialect) -> str:
    name = token.name or ""
    if token.kind is TokenKind.QUOTED and found.name not in _FOLDING:
        return f'"{name}"'
    return name.lower()

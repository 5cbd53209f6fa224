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
_BEFORE_BRACKET = {
    "mysql": frozenset(
        "ADD ALL AND ANY AS ASC BETWEEN BIGINT BINARY BIT BLOB BOOL BOOLEAN BY CASE CHAR CHARACTER "
        "CHECK CLOB COLUMN CONSTRAINT CROSS DATE DATETIME DEC DECIMAL DEFAULT DELETE DESC DISTINCT "
        "DIV DO DOUBLE ELSE END ENUM EXCEPT EXCLUDE EXISTS EXPLAIN FETCH FLOAT FLOAT4 FLOAT8 FOR "
        "FORCE FOREIGN FROM GROUP HAVING IGNORE IN INDEX INNER INSERT INT INT2 INT4 INT8 INTEGER "
        "INTERSECT INTERVAL INTO IS JOIN JSON KEY LEFT LIKE LIMIT LONGBLOB LONGTEXT MEDIUMBLOB "
        "MEDIUMINT MEDIUMTEXT NATURAL NCHAR NOT NULL NUMBER NUMERIC NVARCHAR OFFSET ON OPTION OR "
        "ORDER OUTER OVER OVERLAPS PARTITION PRIMARY RANGE RAW REAL RECURSIVE REFERENCES REGEXP "
        "RETURNING RIGHT RLIKE ROW ROWS SELECT SERIAL SET SIGNED SMALLINT SOME TABLE TEXT THEN "
        "TIES TIME TIMESTAMP TINYBLOB TINYINT TINYTEXT TO UNION UNIQUE UNSIGNED UPDATE USE USING "
        "UUID VALUES VARBINARY VARCHAR VARCHAR2 WHEN WHERE WINDOW WITH WITHIN XOR YEAR".split()
    ),
    "sqlite": frozenset(
        "ADD ALL AND AS BETWEEN CASE CAST CHECK CONSTRAINT CROSS DEFAULT DELETE DISTINCT ELSE "
        "ESCAPE EXCEPT EXISTS FOREIGN FROM FULL GROUP HAVING IN INDEX INNER INSERT INTERSECT INTO "
        "IS JOIN LEFT LIMIT NATURAL NOT NOTHING NULL ON OR ORDER OUTER PRIMARY REFERENCES "
        "RETURNING RIGHT SELECT SET TABLE THEN TO UNION UNIQUE UPDATE USING VALUES WHEN "
        "WHERE".split()
    ),
}
"""What can't be a function's name, in dialects where many other words can (tried on servers)."""

_PAIRS = frozenset("GROUP BY,ORDER BY,PARTITION BY,AS MATERIALIZED,NOT MATERIALIZED".split(","))
_QUERIES = frozenset(("SELECT", "VALUES", "WITH", "TABLE"))
_LOOKED_UP = frozenset(("mysql",))
"""Dialects in which a name in quotes, or with a blank before its bracket, is a user's function
rather than one of the grammar's (MySQL manual, "Function Name Parsing and Resolution")."""
_RESERVED = frozenset(
    "CHAR CONVERT DATABASE DEFAULT IF INSERT INTERVAL LEFT MATCH MOD REPEAT REPLACE RIGHT SCHEMA "
    "VALUES".split()
)  # blank or not, these are never a user's

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
        if before.kind is TokenKind.WORD and not qualified and _is_syntax(tokens, index, found):
            continue
        parts = [_fold(before, found)]
        at = index - 2
        while at >= 1 and tokens[at].text == "." and tokens[at - 1].name is not None:
            parts.append(_fold(tokens[at - 1], found))
            at -= 2
        yield ".".join(reversed(parts))
        if found.name in _LOOKED_UP and not qualified and _is_looked_up(before, token):
            yield f"`{name.lower()}`"


def _is_looked_up(name: Token, bracket: Token) -> bool:
    if name.kind is TokenKind.QUOTED:
        return True
    return name.end < bracket.start and name.upper not in _RESERVED


def _is_syntax(tokens: Sequence[Token], bracket: int, found: Dialect) -> bool:
    """Whether the word before the bracket is a keyword or a type there."""
    word = tokens[bracket - 1].upper
    if word not in _NO_CALL and word not in TYPE_LIKE:
        return False
    keywords = _BEFORE_BRACKET.get(found.name)
    if keywords is None or word in keywords:
        return True
    before = tokens[bracket - 2] if bracket > 1 else None
    if before is None:
        return False
    if before.text == ")" or before.kind in (TokenKind.NUMBER, TokenKind.STRING):
        return True  # `count(*) OVER (`: no call follows an operand
    if before.upper == "AS" or f"{before.upper} {word}" in _PAIRS:
        return True  # `CAST(a AS text(5))`
    after = tokens[bracket + 1] if bracket + 1 < len(tokens) else None
    return after is not None and after.upper in _QUERIES  # `JOIN LATERAL (SELECT`


def _fold(token: Token, found: Dialect) -> str:
    name = token.name or ""
    if token.kind is TokenKind.QUOTED and found.name not in _FOLDING:
        return f'"{name}"'
    return name.lower()

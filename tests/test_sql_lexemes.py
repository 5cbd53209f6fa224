"""Lexemes of a normal form, and which literals among them another value may replace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.parse.sql.dialects import dialect
from policy.parse.sql.keywords import KEYWORDS
from policy.parse.sql.lex import LexFault, lex, normal_form
from policy.parse.sql.lexemes import Literal, lexemes
from policy.plan import Statement
from tests.sqlcases import last


def texts(text: str, name: str = "postgres") -> list[str]:
    return [one.text for one in lexemes(last(text, name))]


def free(text: str, name: str = "postgres") -> list[str]:
    return [one.text for one in lexemes(last(text, name)) if one.free]


FREE = [
    # compared with a column
    ("postgres", "DELETE FROM t WHERE id=5", ["5"]),
    ("postgres", "DELETE FROM t WHERE t.id <> 5 AND app.t.k >= '7'", ["5", "'7'"]),
    ("postgres", 'SELECT * FROM t WHERE "id" = 5 ORDER BY 1 LIMIT 9', ["5"]),
    ("postgres", "SELECT * FROM t WHERE key = 'a' OR NOT (t.user < 5)", ["'a'", "5"]),
    ("postgres", "SELECT * FROM t WHERE a LIKE 'x%' AND b NOT ILIKE 'y'", ["'x%'", "'y'"]),
    ("postgres", "SELECT * FROM t WHERE a IN (1, 2) AND b NOT IN ('x')", ["1", "2", "'x'"]),
    ("postgres", "SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND b = 3", ["1", "2", "3"]),
    ("postgres", "SELECT * FROM t WHERE a NOT BETWEEN '1' AND '2'", ["'1'", "'2'"]),
    ("postgres", "SELECT * FROM t JOIN u ON t.id = u.id AND u.k = 5", ["5"]),
    ("postgres", "SELECT a FROM t GROUP BY a HAVING a = 5", ["5"]),
    ("postgres", "SELECT * FROM t WHERE id IN (SELECT x FROM u WHERE y = 5)", ["5"]),
    ("postgres", "WITH d AS (DELETE FROM t WHERE id = 5 RETURNING *) SELECT * FROM d", ["5"]),
    ("postgres", "EXPLAIN ANALYZE DELETE FROM t WHERE id = 5", ["5"]),
    ("postgres", "(SELECT 1 FROM t WHERE a = 5) UNION SELECT 2 FROM u WHERE b = 6", ["5", "6"]),
    ("postgres", "DELETE FROM t WHERE name = 'it''s'", ["'it''s'"]),
    ("mysql", "UPDATE t JOIN u ON t.id = u.id AND u.k = 5 SET t.x = 6", ["5", "6"]),
    ("tsql", "SELECT * FROM t WHERE [id] = 5 AND name = 'x' OPTION (RECOMPILE)", ["5", "'x'"]),
    # inserted
    ("postgres", "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", ["1", "'x'", "2", "'y'"]),
    ("sqlite", "INSERT OR REPLACE INTO t VALUES (1, NULL)", ["1"]),
    ("mysql", "REPLACE INTO t VALUES (1, 'x')", ["1", "'x'"]),
    # assigned
    ("postgres", "UPDATE t SET a = 1, b = 'x', c = c + 1 WHERE d = 2", ["1", "'x'", "2"]),
    ("postgres", "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", ["1", "2"]),
    ("mysql", "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 2, b = VALUES(b)", ["1", "2"]),
    ("mysql", "INSERT INTO t SET a = 1, b = 'x'", ["1", "'x'"]),
    (
        "tsql",
        "MERGE INTO t USING s ON t.id = s.id AND s.k = 1 "  # noqa: ISC004
        "WHEN MATCHED THEN UPDATE SET a = 2 WHEN NOT MATCHED THEN INSERT (a) VALUES (3);",
        ["1", "2", "3"],
    ),
]


@pytest.mark.parametrize(("name", "text", "expected"), FREE)
def test_what_is_compared_inserted_or_assigned_is_free(
    name: str, text: str, expected: list[str]
) -> None:
    assert free(text, name) == expected


NOT_FREE = [
    # no column, or not alone
    ("postgres", "SELECT * FROM t WHERE 1 = 1 AND 'a' = 'a' AND 5 = id"),
    ("postgres", "SELECT * FROM t WHERE TRUE = 'x' OR NULL = 5 OR CURRENT_USER = 'x'"),
    ("postgres", "SELECT * FROM t WHERE lower(a) = 'x' AND a[1] = 5 AND a::text = '5'"),
    ("postgres", "SELECT * FROM t WHERE a + b = 5 AND a = 5 + b AND a = -5 AND a = '5'::int"),
    ("postgres", "SELECT * FROM t WHERE a = 'x' || b AND a = 'x' COLLATE \"C\""),
    ("postgres", "SELECT * FROM t WHERE a LIKE 'x!%' ESCAPE '!' AND a = ANY ('{1,2}')"),
    ("postgres", "SELECT * FROM t WHERE (a, b) = (1, 2) AND a = $1 AND a = 1.5"),
    ("postgres", "SELECT * FROM t WHERE a IN (1, 2 + 3) AND a BETWEEN 1 AND b"),
    ("postgres", "SELECT * FROM t WHERE a BETWEEN SYMMETRIC 1 AND 2"),
    ("postgres", "SELECT * FROM t WHERE a IN (SELECT b, 5 FROM u)"),
    ("postgres", "SELECT * FROM t WHERE CASE WHEN a = 5 THEN 1 ELSE 2 END = 3"),
    ("postgres", "SELECT * FROM t WHERE f(a = 5) AND coalesce(b, 5) = 6"),
    ("postgres", "SELECT * FROM t WHERE a > now() - INTERVAL '1 day' AND b = DATE '2020-01-01'"),
    ("postgres", "SELECT count(*) FILTER (WHERE a = 5) FROM t"),
    ("postgres", "SELECT a = 5, 'x' AS b FROM f(5) LIMIT 5 OFFSET 5"),
    ("postgres", "SELECT DISTINCT ON (a = 5) a FROM t"),
    # strings that aren't read alike everywhere
    ("postgres", "SELECT * FROM t WHERE a = E'x' OR b = U&'x' OR c = $$x$$ OR d = X'41'"),
    ("postgres", r"SELECT * FROM t WHERE a = 'c:\x'"),
    ("mysql", r"""SELECT * FROM t WHERE a = 'it\\s' OR a = "x" OR a = N'x' OR a = 'x' 'y'"""),
    ("mysql", "SELECT * FROM t WHERE a = _utf8'x' OR a = 0x41 OR @a = 5"),
    ("tsql", "SELECT * FROM t WHERE a = N'x' OR @a = 5"),
    ("psql", "SELECT * FROM t WHERE id = :'id'"),
    # neither a query nor a change of rows
    ("postgres", "CREATE TABLE t (a int DEFAULT 5 CHECK (a = 5))"),
    ("postgres", "CREATE INDEX i ON t (a) WHERE b = 5"),
    ("postgres", "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5"),
    ("postgres", "COPY t TO '/tmp/x'"),
    ("postgres", "COPY (SELECT * FROM t WHERE a = 5) TO STDOUT"),
    ("postgres", "SET search_path = 'x'"),
    ("postgres", "PREPARE p AS DELETE FROM t WHERE id = 5"),
    ("mysql", "SET x = 5"),
    ("mysql", "CALL f('x', 5)"),
    ("tsql", "EXEC p 5, 'x'"),
    # rows that aren't inserted, or not as they stand
    ("postgres", "SELECT * FROM (VALUES (1, 'x')) AS v"),
    ("postgres", "INSERT INTO t SELECT 5, 'x'"),
    ("postgres", "INSERT INTO t VALUES (-5, 'a' || 'b', '5'::int, f(5), (SELECT 5), ARRAY[5])"),
    ("postgres", "UPDATE t SET a = a + 1, b = -5, (c, d) = (1, 2), e = f(5), g = b = 5"),
]


@pytest.mark.parametrize(("name", "text"), NOT_FREE)
def test_what_is_not_proved_is_not_free(name: str, text: str) -> None:
    assert free(text, name) == []


SAME = [
    ("postgres", "select  a from t where id=5 -- x", "SELECT a FROM t WHERE id /* y */ = 5"),
    ("postgres", "DELETE FROM t WHERE a<=5", "DELETE FROM t WHERE a <= 5"),
    ("postgres", "SELECT count (*) FROM t", "SELECT count(*) FROM t"),
    ("postgres", "SELECT a=-1 FROM t", "SELECT a = - 1 FROM t"),
    ("mysql", "INSERT INTO t(a) VALUES(1)", "INSERT INTO t (a) VALUES (1)"),
]
DIFFERENT = [
    ("postgres", "DELETE FROM t WHERE a = 'x'", "DELETE FROM t WHERE a = 'X'"),
    ("postgres", "SELECT a @-b FROM t", "SELECT a @ -b FROM t"),
    ("postgres", "SELECT vıew FROM t", "SELECT view FROM t"),
    ("mysql", "SELECT count(a) FROM t", "SELECT count (a) FROM t"),
    ("mysql", "SELECT n'a' FROM t", "SELECT n 'a' FROM t"),
    ("psql", "DELETE FROM t WHERE id = :'id'", "DELETE FROM t WHERE id = 'id'"),
    ("psql", "\\o 'a b'", "\\o 'a  b'"),
    ("psql", "\\copy t to 'a b'", "\\copy t to 'a  b'"),
]


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_blanks_comments_and_case_of_keywords_say_nothing(name: str, one: str, other: str) -> None:
    assert texts(one, name) == texts(other, name)


@pytest.mark.parametrize(("name", "one", "other"), DIFFERENT)
def test_what_a_server_tells_apart_has_other_lexemes(name: str, one: str, other: str) -> None:
    assert texts(one, name) != texts(other, name)


def test_a_literal_has_the_value_that_the_server_reads() -> None:
    found = lexemes(last("INSERT INTO t VALUES ('it''s', 12, E'\\t', NULL)"))
    assert [(one.literal, one.value) for one in found if one.literal] == [
        (Literal.STRING, "it's"),
        (Literal.NUMBER, "12"),
    ]


def test_a_command_of_a_client_is_one_lexeme() -> None:
    assert texts("\\o  result.txt", "psql") == ["\\o result.txt"]
    assert texts(".output result.txt", "sqlite-client") == [".output result.txt"]


def test_a_statement_without_a_normal_form_has_no_lexemes() -> None:
    assert lexemes(Statement("select", "postgres")) == ()


_WORDS = (
    "a In SELECT N E ı 'x' '' \"n\" `b` 5 1.5 - -- /*c*/ / * ( ) [ ] , . :: @ @@x $1 $$d$$ = <>"
)
_PARTS = st.sampled_from([*_WORDS.split(), " ", "\n", "#c\n"])


@given(st.lists(_PARTS, max_size=12), st.sampled_from(["postgres", "mysql", "sqlite", "tsql"]))
def test_a_normal_form_has_the_tokens_of_its_text(parts: list[str], name: str) -> None:
    found = dialect(name)
    assert found is not None
    try:
        tokens = lex("".join(parts), found.lexis)
    except LexFault:
        return
    again = lex(normal_form(tokens, KEYWORDS), found.lexis)
    assert [(one.kind, one.upper) for one in again] == [(one.kind, one.upper) for one in tokens]


# The law that makes a hole sound: another value, the same facts.

_STRINGS = st.sampled_from(["t", "u", "now", "% or 1=1;--", "it's"]) | st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\\")
).filter(lambda text: "$(" not in text)  # which sqlcmd would replace
_LAW = [(name, text) for name, text, _ in FREE if ">=" not in text and "LIKE" not in text]


@given(st.sampled_from(_LAW), st.integers(0), _STRINGS)
def test_another_value_of_a_free_literal_changes_no_fact(
    row: tuple[str, str], number: int, string: str
) -> None:
    name, text = row
    values = {Literal.NUMBER: str(number), Literal.STRING: "'" + string.replace("'", "''") + "'"}
    statement = last(text, name)
    filled = [values[one.literal] if one.free else one.text for one in lexemes(statement)]
    other = last(" ".join(filled), name)
    assert replace(other, normal="") == replace(statement, normal="")


FILES = [
    ("mysql", "SELECT * FROM users WHERE role = 'users'", False),
    ("duckdb", "SELECT * FROM 'users'", True),
    ("duckdb", "SELECT * FROM 'users' WHERE role = 'users'", True),
]


@pytest.mark.parametrize(("name", "text", "expected"), FILES)
def test_a_string_that_is_compared_is_no_file(name: str, text: str, expected: bool) -> None:
    assert ("file" in last(text, name).features) is expected

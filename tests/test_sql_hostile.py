"""Whatever the text, reading ends, raises nothing and never makes something of it vanish."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcases import read

from policy.parse.sql import read_sql
from policy.plan import Limits, Opaque, OpaqueKind

DIALECTS = [
    "postgres", "psql", "mysql", "mysql-client", "sqlite", "sqlite-client", "tsql", "snowflake",
    "bigquery", "duckdb", "clickhouse", "oracle", "databricks", "ansi", "nosuch",
]  # fmt: skip
PIECES = [
    "SELECT", "DELETE FROM t", "WHERE id = 1", "f(", ")", "(", "'", '"', "`", "[", "]", "$$", "$a$",
    "--", "/*", "*/", "\\", ";", ",", "\n", "\r", " ", "CASE", "END", "\\g", "\\!", "E'", ":x",
    ":'x'", "::", ".", "@", "#", "{", "}", "\u00a0", "\u200b", "\x00", "é", "\ud800", "/*!",
    "EXPLAIN", "ANALYZE", "\\copy t to program 'x'", ".shell x", "system x", "\nGO\n",
    "COPY t FROM STDIN", "SET x =",
    "WITH x AS (", "CREATE TABLE", "ALTER TABLE t ADD", "EXEC", "BEGIN", "UNION",
]  # fmt: skip

texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)


@settings(max_examples=1_500, deadline=None)
@given(text=texts, dialect=st.sampled_from(DIALECTS))
def test_nothing_raises_and_every_span_lies_in_the_text(text: str, dialect: str) -> None:
    for action in read(text, dialect):
        start, end = action.span
        assert 0 <= start <= end <= len(text)
        assert not (isinstance(action.does, Opaque) and action.does.kind is OpaqueKind.FAULT)


@settings(max_examples=500, deadline=None)
@given(text=texts, dialect=st.sampled_from(DIALECTS[:7]))
def test_a_text_with_a_word_outside_comments_is_something(text: str, dialect: str) -> None:
    assert read("x " + text, dialect)


@settings(max_examples=300, deadline=None)
@given(
    before=st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join),
    dialect=st.sampled_from(["postgres", "mysql", "sqlite", "tsql"]),
)
def test_a_drop_after_a_semicolon_is_seen_or_the_text_is_refused(before: str, dialect: str) -> None:
    actions = read(f"{before} ; DROP TABLE t", dialect)
    refused = any(isinstance(action.does, Opaque) for action in actions)
    dropped = any(getattr(action.does, "kind", "") == "drop" for action in actions)
    commented = "--" in before or "#" in before or "'" in before or '"' in before
    assert refused or dropped or commented or "$" in before or "`" in before


NESTED = [
    ("(", ")"), ("f(", ")"), ("(SELECT ", ")"), ("CASE WHEN ", " THEN 1 END"), ("NOT ", ""),
    ("- ", ""), ("ARRAY[", "]"), ("STRUCT(", ")"), ("DECIMAL(", ")"), ("CAST(", " AS int)"),
    ("x IN (", ")"), ("1 + ", ""), ("EXISTS (SELECT ", ")"), ("DATE ", ""), ("INTERVAL ", ""),
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "tsql", "bigquery", "duckdb"])
@pytest.mark.parametrize(("opens", "closes"), NESTED, ids=[opens for opens, _ in NESTED])
@pytest.mark.parametrize("depth", [4, 100, 5_000])
def test_nesting_of_any_depth_ends(opens: str, closes: str, depth: int, dialect: str) -> None:
    assert read(f"SELECT {opens * depth}1{closes * depth}", dialect)


def test_a_text_beyond_the_limit_is_not_read() -> None:
    (action,) = read_sql("SELECT 1", "postgres", Limits(characters=5))
    assert isinstance(action.does, Opaque)
    assert action.does.kind is OpaqueKind.LIMIT


def test_more_statements_than_the_limit_are_refused() -> None:
    (action,) = read_sql("SELECT 1;" * 9, "postgres", Limits(actions=5))
    assert isinstance(action.does, Opaque)
    assert action.does.kind is OpaqueKind.LIMIT


def test_a_fault_of_the_reader_is_opaque(monkeypatch: pytest.MonkeyPatch) -> None:
    from policy.parse.sql import read as module

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(module, "lex", broken)
    (action,) = read("SELECT 1", "mysql")
    assert isinstance(action.does, Opaque)
    assert action.does.kind is OpaqueKind.FAULT

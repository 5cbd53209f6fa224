r"""Where psql sees the file or program of `\copy`, and what it sends to the server."""

from __future__ import annotations

import pytest

from policy.parse.sql.psql_copy import read_copy

# The arguments; what is sent; the target, with `|` before a program.
READ = [
    ("t to stdout", "COPY t TO STDOUT ", None),
    ("t(a,b) from 'x'", "COPY t ( a,b ) FROM STDIN ", "x"),
    ('"t t" . u to x csv', 'COPY "t t".u TO STDOUT  csv', "x"),
    ("binary t to pstdout", "COPY binary t TO STDOUT ", None),
    ("t to 'a''b' ; x", "COPY t TO STDOUT  ; x", "a'b"),
    ("t to stdout;", "COPY t TO STDOUT ;", None),
    ("t to a'b'", "COPY t TO STDOUT 'b'", "a"),
    ("t to program 'a ''b'' c' csv", "COPY t TO STDOUT  csv", "|a 'b' c"),
    ("(select f(1)) TO 'x'", "COPY ( select f ( 1 ) ) TO STDOUT ", "x"),
    ("(select ')' as \")\") to x", "COPY ( select ')' as \")\" ) TO STDOUT ", "x"),
    (r"(select E'\') to y') to x", r"COPY ( select E'\') to y' ) TO STDOUT ", "x"),
    (r"(select '\') to y') to x", r"COPY ( select '\' ) TO STDOUT ') to x", "y"),
    ("(select $$) to program 'p' $$) to x", "COPY ( select $$ ) TO STDOUT  $$) to x", "|p"),
    ("(select 1 /*) to program 'p' */) to x", "COPY ( select 1 /* ) TO STDOUT  */) to x", "|p"),
    ("(select 1 -- ) to program 'p'", "COPY ( select 1 -- ) TO STDOUT ", "|p"),
]


@pytest.mark.parametrize(("text", "sql", "target"), READ)
def test_it_is_taken_apart_as_psql_does(text: str, sql: str, target: str | None) -> None:
    copy = read_copy(text)
    assert copy is not None
    assert copy.sql == sql
    assert (("|" if copy.program else "") + copy.target if copy.target else None) == target
    assert copy.target is None or copy.target[0] in text[copy.at : copy.at + 2]


REFUSED = ["", "t", "t to", "t x y", "(select 1", "t (a", "t. to x", "t to program", "binary",
           "t to program p", "t to program 'p", "t to program '"]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_psql_refuses_is_not_read(text: str) -> None:
    assert read_copy(text) is None

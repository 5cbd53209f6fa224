"""The lexical gate: what is a token in each dialect, and what never reaches a parser."""

from __future__ import annotations

import pytest

from policy.parse.sql.dialects import dialect
from policy.parse.sql.lex import LexFault, lex, normal_form
from policy.plan import OpaqueKind


def tokens(text: str, name: str) -> list[str]:
    found = dialect(name)
    assert found is not None
    return [token.text for token in lex(text, found.lexis)]


TOKENS = [
    ("postgres", "a::int[1] = $1", ["a", ":", ":", "int", "[", "1", "]", "=", "$1"]),
    ("postgres", "'it''s' E'a\\'b' '\\' U&\"x\"", ["'it''s'", "E'a\\'b'", "'\\'", 'U&"x"']),
    ("postgres", "$a$ ; $b$ $a$ x$y$z", ["$a$ ; $b$ $a$", "x$y$z"]),
    ("postgres", "a -- b\n/* ' */ c", ["a", "c"]),
    ("mysql", "`a``b` 'x''y' \"q\" # c\n1--2", ["`a``b`", "'x''y'", '"q"', "1", "-", "-", "2"]),
    ("mysql", r"'x\\' '\n''y'", [r"'x\\'", r"'\n''y'"]),
    ("sqlite", "[a b] 'x\\' \"c\" `d`", ["[a b]", "'x\\'", '"c"', "`d`"]),
    ("tsql", "[a]]b] @x ##t", ["[a]]b]", "@x", "##t"]),
    ("snowflake", "$$ ' $$ // c\n{'a'}", ["$$ ' $$", "{", "'a'", "}"]),
]


@pytest.mark.parametrize(("name", "text", "expected"), TOKENS)
def test_tokens_are_the_dialects(name: str, text: str, expected: list[str]) -> None:
    assert tokens(text, name) == expected


FAULTS = [
    ("postgres", "SELECT '"),
    ("postgres", "SELECT $a$ x"),
    ("postgres", "SELECT /* x"),
    ("postgres", "SELECT /*/**/*/ 1"),
    ("postgres", "SELECT /* /* */ */ 1"),
    ("postgres", "SELECT 1 -- a\rDELETE FROM t"),
    ("postgres", "SELECT\x00 1"),
    ("postgres", "SELECT\x0b1"),
    ("postgres", "SELECT\u20031"),
    ("postgres", "SELECT\u200b1"),
    ("postgres", "SELECT '\u202e'"),
    ("postgres", "SELECT '\ud800'"),
    ("postgres", "SELECT ｐｇ_sleep(1)"),
    ("postgres", "SELECT \u0663"),
    ("postgres", "SELECT $\u0663$ ' $\u0663$"),
    ("postgres", "SELECT `a`"),
    ("postgres", "SELECT 1a"),
    ("postgres", "SELECT (1"),
    ("postgres", "SELECT 1)"),
    ("postgres", "SELECT (1]"),
    ("postgres", "SELECT (1; SELECT 2)"),
    ("postgres", "SELECT {% x %}"),
    ("postgres", "SELECT /*+ Set(x 1) */ 1"),
    ("postgres", "SELECT case 1"),
    ("mysql", "/*!50000 DROP TABLE t */"),
    ("mysql", "/*M! DROP TABLE t */"),
    ("mysql", "SELECT '\\'"),
    ("mysql", "SELECT {fn sleep(1)}"),
    ("mysql", "SELECT \\N"),
    ("tsql", "SELECT '$(x)'"),
    ("oracle", "SELECT &x FROM dual"),
    ("oracle", "SELECT q'[it's]' FROM dual"),
    ("bigquery", "SELECT r'\\' || 'x'"),
    ("redshift", "SELECT 'a\\'"),
]


@pytest.mark.parametrize(("name", "text"), FAULTS)
def test_what_servers_read_differently_is_refused(name: str, text: str) -> None:
    with pytest.raises(LexFault) as caught:
        tokens(text, name)
    assert caught.value.kind is OpaqueKind.LEXICAL


DEEP = [
    "(" * 129 + ")" * 129,
    "- " * 500 + "1",
    "NOT " * 500 + "a",
    "a" + " UNION SELECT 1, 2" * 500,
    "CASE " * 129 + "END " * 129,
    "ARRAY[" * 5 + "]" * 5,
    "a" + "[1]" * 500,
    "f(1)" + ".f(1)" * 500,
    "1;" * 1_002,
]


@pytest.mark.parametrize("text", DEEP, ids=[text[:12] for text in DEEP])
def test_nesting_is_bounded_before_a_parser_sees_it(text: str) -> None:
    with pytest.raises(LexFault) as caught:
        tokens(text, "postgres")
    assert caught.value.kind is OpaqueKind.LIMIT


def test_long_lists_are_not_deep() -> None:
    text = "VALUES " + ", ".join(["(1, -2, 'a')"] * 3_000)
    assert len(tokens(text, "postgres")) > 20_000


def test_a_gap_of_any_size_is_one_blank_in_the_normal_form() -> None:
    found = dialect("mysql")
    assert found is not None
    taken = lex("select count (x), count(x) # c\nfrom  t", found.lexis)
    keywords = frozenset(("SELECT", "FROM"))
    assert normal_form(taken, keywords) == "SELECT count (x), count(x) FROM t"

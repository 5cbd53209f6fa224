"""SQL as pieces: which statements a pattern admits, what no pattern may say, the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.holes import Hole, HoleError, HoleKind, admits
from policy.parse.sql import read_sql
from policy.plan import Limits, Statement
from policy.whitelist.form import Form, Piece
from policy.whitelist.sql_forms import (
    free_pieces,
    holes_in,
    pattern_statement,
    render,
    statement_pieces,
)


def pieces(text: str, dialect: str) -> tuple[Piece, ...] | None:
    """Of the outermost statement of a text; None where something isn't understood."""
    actions = read_sql(text, dialect, Limits())
    if not all(isinstance(action.does, Statement) for action in actions):
        return None
    (statement,) = (a.does for a in actions if isinstance(a.does, Statement) and not a.via)
    return statement_pieces(statement)


def pattern_pieces(text: str, dialect: str, steps: tuple[str, ...] = ()) -> tuple[Piece, ...]:
    return pattern_statement(text, dialect, steps)[1]


def admitted(pattern: str, text: str, dialect: str) -> bool:
    form = Form("sql", pattern_pieces(pattern, dialect))
    found = pieces(text, dialect)
    return found is not None and form.admits(Form("sql", found))


UPDATE = "UPDATE jobs SET state = {s:name} WHERE id = {id:int}"
INSERT = "INSERT INTO t (a, b) VALUES ({a:int}, {b:text})"

ADMITTED = [
    ("postgres", UPDATE, "update jobs set state='queued' where id=5 -- again"),
    ("postgres", INSERT, "INSERT INTO t (a,b) VALUES (7, 'it''s; DROP TABLE t --')"),
    ("postgres", "DELETE FROM t WHERE a IN ({a:int}, {b:int})", "DELETE FROM t WHERE a IN (1, 2)"),
    ("postgres", "SELECT * FROM t WHERE a LIKE {x}", "SELECT * FROM t WHERE a LIKE '%x'"),
    ("postgres", "SELECT * FROM t WHERE a = {n:one of 1 2}", "SELECT * FROM t WHERE a = 2"),
    ("postgres", "SELECT * FROM t WHERE a = {n:one of 1 b}", "SELECT * FROM t WHERE a = '1'"),
    ("postgres", "SELECT * FROM t WHERE a = '{x}'", "SELECT * FROM t WHERE a = '{x}'"),
    ("postgres", 'SELECT "{x}" /* {x} */ FROM t', 'SELECT "{x}" FROM t'),
    ("postgres", "DELETE FROM t WHERE id > {n:one of 100 200}", "DELETE FROM t WHERE id > 200"),
    ("postgres", "DELETE FROM t WHERE a LIKE {n:like job-*}", "DELETE FROM t WHERE a LIKE 'job-%'"),
    ("postgres", "DELETE FROM t WHERE a = 5 AND b > {n:int}", "DELETE FROM t WHERE a=5 AND b>0"),
    ("mysql", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = 5"),
    ("mysql", "SELECT `{x}` # {x}\nFROM t WHERE a = {x}", "SELECT `{x}` FROM t WHERE a = 'users'"),
    ("sqlite", INSERT, "INSERT INTO t (a, b) VALUES (1, 'x')"),
    ("tsql", "DELETE FROM t WHERE [{x}] = {x}", "DELETE FROM t WHERE [{x}] = 'y'"),
    ("psql", "\\o 'result.txt'", "\\o 'result.txt'"),
    ("sqlite-client", ".tables", ".tables"),
]  # fmt: skip

NOT_ADMITTED = [
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued'"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = 5 OR 1 = 1"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = 5 OR id = 6"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = -5"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = '5'"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = 5.0"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = 5 + 1"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = $1"),
    ("postgres", UPDATE, "UPDATE jobs SET state = E'queued' WHERE id = 5"),
    ("postgres", UPDATE, "UPDATE jobs SET state = '-queued' WHERE id = 5"),
    ("postgres", UPDATE, "UPDATE jobs SET state = '' WHERE id = 5"),
    ("postgres", UPDATE, "UPDATE jobs SET state = (SELECT 'x') WHERE id = 5"),
    ("postgres", UPDATE, "UPDATE app.jobs SET state = 'queued' WHERE id = 5"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued', x = 1 WHERE id = 5"),
    ("postgres", UPDATE, "UPDATE jobs SET state = 'queued' WHERE id = 5 RETURNING *"),
    ("postgres", INSERT, "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')"),
    ("postgres", INSERT, "INSERT INTO t (a, b) VALUES (1, current_user)"),
    ("postgres", INSERT, r"INSERT INTO t (a, b) VALUES (1, '\')"),
    ("mysql", INSERT, r"INSERT INTO t (a, b) VALUES (1, 'it\'s')"),
    ("mysql", INSERT, 'INSERT INTO t (a, b) VALUES (1, "x")'),
    ("tsql", INSERT, "INSERT INTO t (a, b) VALUES (1, '$(x)')"),
    ("psql", "DELETE FROM t WHERE id = {x}", "DELETE FROM t WHERE id = :'x'"),
    ("psql", "\\o a.txt", "\\o b.txt"),
    ("mysql", "SELECT * FROM view WHERE a = {x}", "SELECT * FROM View WHERE a = 'x'"),
]


@pytest.mark.parametrize(("dialect", "pattern", "text"), ADMITTED)
def test_a_pattern_admits_other_values(dialect: str, pattern: str, text: str) -> None:
    assert admitted(pattern, text, dialect)


@pytest.mark.parametrize(("dialect", "pattern", "text"), NOT_ADMITTED)
def test_a_pattern_admits_nothing_but_other_values(dialect: str, pattern: str, text: str) -> None:
    assert not admitted(pattern, text, dialect)


def test_a_bound_that_a_value_ends_is_not_admitted() -> None:
    pattern = "UPDATE t SET a = 1 WHERE b > {b:int} AND c > 5"
    assert admitted(pattern, "UPDATE t SET a = 1 WHERE b > 0 AND c > 5", "postgres")
    assert not admitted(pattern, "UPDATE t SET a = 1 WHERE b > 0 AND c > 0", "postgres")


# What no pattern may say -------------------------------------------------------------------

_WHERE = (
    "a hole stands for a whole number or string that is compared with a column, inserted or "
    "assigned, as in `id = {id:int}`"
)
_VALUES = "write a hole for each value, as in `id IN ({a:int}, {b:int})`"
_LESS = "compare with `=`, or admit less: `{x:one of 100 200}`, `{x:like job-*}`"
_NOWHERE = "a hole where no other value may stand"

_ONE = "a pattern is one statement that `sql:postgres` can read"
_UNREAD = "SQL that isn't understood: SQL that PostgreSQL does not accept:"

REFUSED = [
    ("SELECT * FROM {t}", "{t}", f"{_UNREAD} syntax error at or near \"{{t}}\"", _ONE),
    ("SELEC * FROM t WHERE a = {n:int}", "SELEC * FROM t WHERE a = {n:int}",
     f"{_UNREAD} syntax error at or near \"SELEC\"", _ONE),
    ("SELECT * FROM t LIMIT {n:int}", "{n:int}", _NOWHERE, _WHERE),
    ("SELECT f({x}) FROM t WHERE a = 1", "{x}", _NOWHERE, _WHERE),
    ("SELECT * FROM t WHERE a = {n:int} + 1", "{n:int}", _NOWHERE, _WHERE),
    ("SELECT * FROM t WHERE a = {n:int} AND b = {m:int}::text", "{m:int}", _NOWHERE, _WHERE),
    ("SELECT * FROM t WHERE a = E{x}", "{x}", _NOWHERE, _WHERE),
    ("SELECT * FROM t WHERE a = {x}{y}", "{x}", _NOWHERE, _WHERE),
    ("COPY t TO {x}", "{x}", _NOWHERE, _WHERE),
    ("SELECT * FROM t WHERE a IN ({x...})", "{x...}",
     "a hole for operands, which SQL doesn't have", _VALUES),
    ("SELECT * FROM t WHERE a = {x:number}", "{x:number}", "unknown type `number` of a hole",
     "types are `int`, `name`, `path GLOB`, `one of A B`, `like GLOB` or `text`"),
    ("SELECT * FROM t WHERE a = {}", "{",
     "SQL that isn't understood: the character `{` outside a string",
     _ONE),
    ("SELECT 1; SELECT {n:int}", "SELECT {n:int}", "2 statements in one pattern",
     "each statement has an entry of its own"),
    ("-- nothing", "-- nothing", "a pattern without a statement", ""),
    ("DELETE FROM t WHERE id > {n:int}", "{n:int}", "with 0 here nothing bounds the statement",
     _LESS),
    ("DELETE FROM t WHERE a = b AND id >= {n:one of 7 1}", "{n:one of 7 1}",
     "with 1 here nothing bounds the statement", _LESS),
    ("DELETE FROM t WHERE name LIKE {x}", "{x}", "with '%' here nothing bounds the statement",
     _LESS),
    ("DELETE FROM t WHERE name LIKE {x:name}", "{x:name}",
     "with '_' here nothing bounds the statement", _LESS),
    ("DELETE FROM t WHERE at > {x}", "{x}", "with '0' here nothing bounds the statement", _LESS),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "underlined", "message", "help_text"), REFUSED)
def test_what_no_pattern_may_say(
    pattern: str, underlined: str, message: str, help_text: str
) -> None:
    with pytest.raises(HoleError) as caught:
        pattern_pieces(pattern, "postgres")
    error = caught.value
    assert (error.message, error.help) == (message, help_text)
    assert pattern[error.start : error.end] == underlined


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "tsql"])
def test_a_number_that_every_row_is_above_bounds_nothing(dialect: str) -> None:
    with pytest.raises(HoleError, match="with 00 here nothing bounds"):
        pattern_pieces("DELETE FROM t WHERE id > {n:one of 00 5}", dialect)


def test_a_command_of_a_client_takes_no_hole() -> None:
    with pytest.raises(HoleError) as caught:
        pattern_pieces("\\o {file}", "psql")
    assert caught.value.message == "a hole in a command of the client"


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(HoleError) as caught:
        pattern_pieces("SELECT 1", "access")
    assert caught.value.message == "unknown SQL dialect `access`"


# Statements inside statements --------------------------------------------------------------

_CTE = "WITH d AS (DELETE FROM t WHERE id = {n:int} RETURNING *) SELECT * FROM d"


def test_a_statement_without_a_normal_form_has_no_pieces() -> None:
    assert statement_pieces(Statement("select", "postgres")) == ()


def kind(found: tuple[Piece, ...]) -> str | None:
    return next(piece.text for piece in found if piece.role == "sql:kind")


def test_steps_choose_a_statement_inside() -> None:
    assert kind(pattern_pieces(_CTE, "postgres")) == "select"
    assert kind(pattern_pieces(_CTE, "postgres", ("cte",))) == "delete"
    explain = "EXPLAIN ANALYZE DELETE FROM t WHERE id = {n:int}"
    assert kind(pattern_pieces(explain, "postgres", ("explain",))) == "delete"
    assert kind(pattern_pieces(explain, "mysql", ("explain",))) == "delete"


NO_STEP = [
    (_CTE, ("explain",), "no statement is reached through <explain>"),
    (
        _CTE.replace(")", "), e AS (DELETE FROM u)"),
        ("cte",),
        "several statements are reached through <cte>",
    ),
]


@pytest.mark.parametrize(("pattern", "steps", "message"), NO_STEP)
def test_steps_that_choose_none_or_several_are_refused(
    pattern: str, steps: tuple[str, ...], message: str
) -> None:
    with pytest.raises(HoleError) as caught:
        pattern_pieces(pattern, "postgres", steps)
    assert caught.value.message == message


# From pieces to SQL ------------------------------------------------------------------------

RENDERED = [
    ("postgres", "SELECT count(*), t.a::int FROM app.t WHERE a[1] = 'it''s' AND b IN (1, 2)"),
    ("postgres", "SELECT a #>> '{b,c}' FROM t WHERE x = E'\\n' AND y = $$z$$ AND z @> '{}'"),
    ("postgres", 'SELECT 1. AS a, .5 AS b, - 5 AS c, 1e5 AS d, a.* FROM "a b" (c)'),
    ("mysql", "SELECT count(a), f (b), @x, _utf8'c', 'd' 'e' FROM `t` WHERE a->'$.b' = 5"),
    ("mysql", "INSERT INTO t (a, b) VALUES (1 - -2, 1--2)"),
    ("sqlite", "SELECT [a b], ?, :x FROM t WHERE a = 'x'"),
    ("tsql", "SELECT N'a', [b], @x FROM #t WHERE a = 'x'"),
]


@pytest.mark.parametrize(("dialect", "text"), RENDERED)
def test_rendered_pieces_are_read_as_the_same_pieces(dialect: str, text: str) -> None:
    found = pieces(text, dialect)
    assert found is not None
    assert pieces(render(found), dialect) == found


def test_rendered_sql_looks_like_sql() -> None:
    text = "select count(*),t.a from app.t where a in(1,'x') limit 5"
    found = pieces(text, "postgres")
    assert found is not None
    assert render(found) == "SELECT count(*), t.a FROM app.t WHERE a IN (1, 'x') LIMIT 5"


def test_free_literals_become_holes_and_the_pattern_is_read_again() -> None:
    text = "UPDATE jobs SET state = 'queued' WHERE id = 5"
    (action,) = read_sql(text, "postgres", Limits())
    assert isinstance(action.does, Statement)
    found = list(statement_pieces(action.does))
    for number, at in enumerate(free_pieces(action.does)):
        kinds = {"number": HoleKind.INT, "string": HoleKind.WORD}
        hole = Hole(f"v{number}", kinds[found[at].role])
        found[at] = Piece(found[at].role, (hole,))
    pattern = render(tuple(found))
    assert pattern == "UPDATE jobs SET state = {v0} WHERE id = {v1:int}"
    assert pattern_pieces(pattern, "postgres") == tuple(found)
    assert [slot.hole.name for slot in holes_in(pattern, "postgres")] == ["v0", "v1"]


# The law: whatever a pattern admits does the same ------------------------------------------

PATTERNS = [
    UPDATE.replace("name", "text"),
    INSERT,
    "DELETE FROM t WHERE a = {a} AND (b <= {b:int} OR NOT c <> {c:text}) AND d > {d:int}",
    "DELETE FROM t WHERE a NOT IN ({a}, {b}) AND b BETWEEN {c:int} AND {d:int}",
    "SELECT a FROM t JOIN u ON t.id = u.id AND u.k = {k} WHERE b LIKE {b:text} ORDER BY a",
    "SELECT a, count(*) FROM t GROUP BY a HAVING a = {c}",
    "UPDATE t SET a = {a:like x*}, b = {b:one of 1 2 3}, c = 5 WHERE d LIKE {d:like y*}",
]
_TEXTS = st.sampled_from(["t", "users", "x%", "y", "1", "0", "it's", "' OR 1=1;--", "{n}", "/*"])
_MORE = st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="\\$")


@given(
    st.sampled_from(PATTERNS),
    st.sampled_from(["postgres", "mysql", "sqlite", "tsql"]),
    st.lists(st.tuples(st.integers(0), _TEXTS | st.text(_MORE)), min_size=4, max_size=4),
)
def test_a_pattern_with_other_values_is_read_as_the_same_statement(
    pattern: str, dialect: str, values: list[tuple[int, str]]
) -> None:
    form = pattern_pieces(pattern, dialect)
    following = iter(values)
    filled = tuple(
        piece if piece.text is not None else _filled(piece, *next(following)) for piece in form
    )
    found = pieces(render(filled), dialect)
    assert found == filled
    inside = all(admits(one.parts, two.text or "") for one, two in zip(form, filled, strict=True))
    assert Form("sql", form).admits(Form("sql", found)) is inside


def _filled(piece: Piece, number: int, text: str) -> Piece:
    (hole,) = piece.parts
    assert isinstance(hole, Hole)
    match hole.kind:
        case HoleKind.INT:
            text = str(number)
        case HoleKind.ONE_OF:
            text = hole.arguments[number % len(hole.arguments)]
        case HoleKind.LIKE:
            text = hole.arguments[0].replace("*", text)
    return Piece(piece.role, (text,))

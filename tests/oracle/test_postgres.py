"""PostgreSQL finds nothing that was missed, and finds it where a safety measure is off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from oracle.grammars import all_of, drawn
from oracle.needs import unavailable
from oracle.postgres import Judge
from oracle.postgres_server import lacking
from oracle.postgres_texts import calls, mutations, operators, own, settings
from policy import Engine
from policy.parse.sql import agree, pg_walk

GRAMMAR = "postgres.grammar"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    if (reason := lacking()) is not None:
        unavailable(reason)
    with Judge() as made:
        yield made


def missed(judge: Judge, texts: list[str], engine: Engine | None = None) -> list[str]:
    """The texts of which the server did more than was seen, each judged anew."""
    judge.tallies.clear()
    kept, judge.engine = judge.engine, engine or Engine(judge.engine.rules)
    try:
        judge.judge("", texts)
        return sorted({miss.text for row in judge.rows() for miss in row.missed})
    finally:
        judge.engine = kept


def seen(judge: Judge, name: str) -> int:
    return sum(row.seen for row in judge.rows() if row.construct.endswith(f": {name}"))


def test_what_the_grammar_hides_is_not_allowed(judge: Judge) -> None:
    hidden = [*all_of(GRAMMAR, "hidden"), *all_of(GRAMMAR, "write"), *all_of(GRAMMAR, "other")]
    assert missed(judge, hidden) == []
    assert seen(judge, "refused as writes") > 40


def test_generated_statements_do_no_more_than_was_seen(judge: Judge) -> None:
    assert missed(judge, drawn(GRAMMAR, 250, 4)) == []
    assert seen(judge, "refused as writes") > 20


def test_changed_statements_do_no_more_than_was_seen(judge: Judge) -> None:
    assert missed(judge, list(mutations(Random(4), own(), 250))) == []


def test_uses_of_the_catalogue_leave_nothing_behind(judge: Judge) -> None:
    catalogue = calls(judge.lives) + operators(judge.lives)
    assert len(catalogue) > 4_000
    assert missed(judge, Random(4).sample(catalogue, 300)) == []


def test_settings_that_are_allowed_change_nothing_else(judge: Judge) -> None:
    changes = settings(judge.lives)
    assert missed(judge, Random(4).sample(changes, 80)) == []


EFFECTS = [
    "SELECT nextval('numbers')",
    "SELECT setval('numbers', 9)",
    "SELECT ('numbers'::regclass).nextval",
    "SELECT touch(1)",
    "SELECT lo_create(0)",
    "SELECT lo_unlink(4711)",
    "SELECT lo_export(4711, 'exported')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_notify('ch', 'x')",
    "SELECT set_config('role', 'app', false)",
    "SELECT set_config('work_mem', '5MB', false)",
    "SELECT pg_reload_conf()",
    "SELECT pg_stat_reset()",
    "SELECT pg_switch_wal()",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'",
    "COPY users TO '{files}/copied'",
    "ALTER SYSTEM SET work_mem = '5MB'",
    "LISTEN ch",
    "PREPARE kept AS SELECT 1",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "BEGIN",
    "CREATE TEMP TABLE t (a int)",
    "ALTER ROLE reader SET jit = on",
    "SET work_mem = '5MB'",
    "SET SESSION AUTHORIZATION reader",
    "UPDATE users SET name = name WHERE id = 1",
    "SET jit = on; SET jit_above_cost = 0; SET jit_dump_bitcode = on; SELECT sum(id) FROM users",
]


@pytest.mark.parametrize("text", EFFECTS)
def test_no_effect_escapes_the_judge(
    judge: Judge, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an engine that allows all and sees nothing, each of these is a miss."""
    decide = judge.decide

    def blind(wanted: str) -> object:
        return decide("SELECT 1").__class__(wanted, True, False, (), ())

    monkeypatch.setattr(judge, "decide", blind)
    monkeypatch.setattr(judge, "_counted", lambda *_: None)
    wanted = text.replace("{files}", str(judge.server.files))
    assert missed(judge, [wanted]) == [wanted]


# Switching off each measure ------------------------------------------------------------------

OPERATOR = ["SELECT 1 @#@ 2", "SELECT @@# 2", "SELECT 1 OPERATOR(app.@#@) 2"]
CAST = ["SELECT 'x'::text::pair", "SELECT CAST(1 AS checked)"]
FUNCTION = [
    "SELECT nextval('numbers')",
    "SELECT touch(1)",
    "SELECT 1 FROM users ORDER BY touch(id)",
]


def test_without_the_closed_list_of_operators_a_users_operator_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missed(judge, OPERATOR) == []
    monkeypatch.setattr(pg_walk, "OPERATORS", Everything())
    assert missed(judge, OPERATOR) == sorted(OPERATOR)


def test_without_the_closed_list_of_types_a_users_cast_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missed(judge, CAST) == []
    monkeypatch.setattr(pg_walk, "TYPES", Everything())
    assert missed(judge, CAST) == sorted(CAST)


OPEN = """
override rule sql.read.postgres "reads" {
    on sql select
    when dialect postgres
    tier low
    score 5
    match sql postgres    "SELECT 1"
    no match sql postgres "DELETE FROM t"
}
override rule sql.function.unknown "calls" {
    on sql notify
    tier medium
    score 50
    match sql postgres    "NOTIFY x"
    no match sql postgres "SELECT 1"
}
"""


def test_without_the_closed_list_of_functions_calls_are_missed(
    judge: Judge, tmp_path: Path
) -> None:
    assert missed(judge, FUNCTION) == []
    (tmp_path / "open.rules").write_text(OPEN)
    assert missed(judge, FUNCTION, Engine.load(rules=tmp_path)) == sorted(FUNCTION)


NESTED = [
    "WITH i AS (INSERT INTO audit VALUES (1) RETURNING n) SELECT n FROM i",
    "WITH d AS (DELETE FROM orders WHERE id = 1 RETURNING id) TABLE d",
]


def test_without_the_closed_list_of_nodes_a_nested_write_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list holds where a statement isn't known as one."""
    monkeypatch.setattr(pg_walk, "_STATEMENTS", frozenset(("SelectStmt",)))
    assert missed(judge, NESTED) == []
    monkeypatch.setattr(pg_walk, "NEUTRAL", Everything())
    assert missed(judge, NESTED) == sorted(NESTED)


def test_without_the_second_parser_a_blind_reader_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the reader, which loses the names of functions, is found by agreement."""
    monkeypatch.setattr(pg_walk, "function_name", lambda _: "now")
    assert missed(judge, FUNCTION) == []
    monkeypatch.setattr(agree, "disagreement", lambda *_: None)
    assert missed(judge, FUNCTION) == sorted(FUNCTION)


class Everything(frozenset[str]):
    """A closed list that is open."""

    def __contains__(self, _: object) -> bool:
        return True

"""SQLite judges statements that are read as its dialect: a share with fixed seeds."""

from __future__ import annotations

import random
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle import sqlite_shell
from oracle.needs import unavailable
from oracle.sandbox import Sandbox, Unavailable
from oracle.sqlite import functions, judged, judging
from oracle.sqlite_statements import statement
from policy import Engine
from policy.parse.sql import sqlite_client, tree

SEED = 20261123
CONSTRUCTS = ("query", "pragmas", "writes", "session", "comments", "several", "mutated", "foreign")


@pytest.fixture
def judge():
    with judging() as found:
        yield found


def texts(construct, count):
    choose = random.Random(SEED).randrange
    return [statement(construct, choose) for _ in range(count)]


def missed(rows):
    return [miss for row in rows for miss in row.missed]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_what_is_allowed_does_no_more_than_its_plan_says(judge, construct):
    rows = judged(Engine.load(), judge, construct, texts(construct, 200))
    assert sum(row.ran for row in rows) == 200
    assert missed(rows) == []


def test_functions_that_are_called_harmless_only_read(judge):
    rows = judged(Engine.load(), judge, "functions", functions()[::7])
    assert rows[0].seen > 50
    assert missed(rows) == []


def test_the_judge_sees_most_writes_among_what_is_held(judge):
    rows = judged(Engine.load(), judge, "writes", texts("writes", 200))
    assert rows[1].seen > 120


@given(st.data())
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_query_that_is_allowed_only_reads(judge, data):
    text = statement("query", lambda below: data.draw(st.integers(0, below - 1)))
    assert missed(judged(Engine.load(), judge, "query", [text])) == []


SEEN = [
    ("DELETE FROM t", "rows changed"),
    ("PRAGMA user_version = 5", "user_version"),
    ("PRAGMA case_sensitive_like = 1", "LIKE 'A'"),
    ("ATTACH 'other.db' AS o", "the action attach"),
    ("VACUUM INTO 'copy.db'", "files"),
    ("BEGIN IMMEDIATE", "locked for others"),
    ("CREATE TEMP TABLE z (a)", "temp.sqlite_master"),
    ("SELECT f(1)", "a call of f"),
    ("SELECT 1 IN users", "the table users"),
    ("SELECT 1; SELECT 2", "2 statements where the Plan has 0"),
]


@pytest.mark.parametrize(("text", "happened"), SEEN)
def test_the_judge_sees_what_a_plan_leaves_out(judge, text, happened):
    from oracle.sqlite import unseen

    assert happened in "; ".join(unseen(judge.run(text), text, []))


class Everything:
    """Every name is on this list."""

    def __contains__(self, _: object) -> bool:
        return True


@pytest.fixture
def classes_off(monkeypatch):
    monkeypatch.setattr(tree, "QUERIES", Everything())
    monkeypatch.setattr(tree, "NODES", Everything())


@pytest.fixture
def functions_off(monkeypatch):
    every_function_is_listed(monkeypatch)


def every_function_is_listed(monkeypatch):
    from policy import conditions

    evaluate = conditions._sql  # noqa: SLF001  # no public name lets a set be left out

    def listed(condition, does):
        return condition.every or evaluate(condition, does)

    monkeypatch.setattr(conditions, "_sql", listed)


@pytest.mark.parametrize(
    ("measure", "construct"),
    [("classes_off", "writes"), ("functions_off", "query")],
)
def test_without_one_of_the_measures_something_is_missed(judge, request, measure, construct):
    request.getfixturevalue(measure)
    assert missed(judged(Engine.load(), judge, construct, texts(construct, 120)))


@pytest.fixture(scope="module")
def sandbox():
    try:
        with Sandbox(real=("sqlite3",)) as made:
            made.run(":")
            yield made
    except Unavailable as wrong:
        unavailable(str(wrong))


@pytest.mark.parametrize("construct", ["text", "mutated"])
def test_the_program_starts_and_writes_only_what_was_decided(sandbox, construct):
    choose = random.Random(SEED).randrange
    drawn = [sqlite_shell.statement(construct, choose) for _ in range(12)]
    row = sqlite_shell.judged(Engine.load(), sandbox, construct, drawn)
    assert row.ran == 36
    assert row.missed == ()


WAYS = [
    ("SELECT\ngo\n.shell run x", "input"),
    ("SELECT 1,\n/\n.shell run x", "input"),
    (".output\n#made", "argument"),
    (".output\n#made", "command option"),
    (".shell run\n-- ; run x", "argument"),
    (".once made", "input"),
]


@pytest.mark.parametrize(("text", "way"), WAYS)
def test_what_the_program_takes_as_a_command_is_held(sandbox, text, way):
    script = sqlite_shell._WAYS[way]  # noqa: SLF001  # the ways of giving it a text
    argv = ("bash", "--noprofile", "--norc", "-c", script, "oracle")
    did = sqlite_shell.unseen(sandbox.run(text, argv=argv).trace, ())
    decision = Engine.load().decide(text, language=sqlite_shell.LANGUAGE)
    assert did
    assert str(decision.verdict) != "allow"


def test_without_the_look_for_terminators_a_command_is_missed(sandbox, monkeypatch):
    monkeypatch.setattr(sqlite_client, "_no_terminator", lambda *_: None)
    row = sqlite_shell.judged(Engine.load(), sandbox, "text", ["SELECT\ngo\n.shell run"])
    assert row.missed


def test_this_is_the_version_that_was_judged():
    assert sqlite3.sqlite_version_info >= (3, 40)

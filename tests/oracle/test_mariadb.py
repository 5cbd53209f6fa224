"""MariaDB judges statements that are read as MySQL's: a share with fixed seeds."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle import mariadb_client
from oracle.mariadb import Allowed, functions, judged, judging
from oracle.mariadb_server import Server
from oracle.mariadb_server import Unavailable as NoServer
from oracle.mariadb_statements import SCHEMA, statement
from oracle.needs import unavailable
from oracle.sandbox import Sandbox, Unavailable
from policy import Engine, conditions
from policy.parse.sql import generic, lex, tree

SEED = 20261123
CONSTRUCTS = (
    "query", "show", "writes", "set", "session", "comments", "several", "mutated", "foreign",
)  # fmt: skip


def judge_under(mode):
    try:
        with judging(mode) as found:
            yield found
    except NoServer as wrong:
        unavailable(str(wrong))


@pytest.fixture(scope="module")
def judge():
    yield from judge_under("")


@pytest.fixture(scope="module", params=["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES"])
def strange(request):
    yield from judge_under(request.param)


@pytest.fixture
def broken():
    """A server of one's own, for what is expected to change it."""
    yield from judge_under("")


def texts(construct, count):
    choose = random.Random(SEED).randrange
    return [statement(construct, choose) for _ in range(count)]


def missed(rows):
    return [miss for row in rows for miss in row.missed]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_what_is_allowed_does_no_more_than_its_plan_says(judge, construct):
    rows = judged(Engine.load(), judge, construct, texts(construct, 100))
    assert sum(row.ran for row in rows if row.construct.startswith(construct)) <= 100
    assert missed(rows) == []


@pytest.mark.parametrize("construct", ["query", "comments", "mutated"])
def test_nor_where_the_server_reads_quotes_and_backslashes_otherwise(strange, construct):
    assert missed(judged(Engine.load(), strange, construct, texts(construct, 80))) == []


def test_functions_that_are_called_harmless_leave_nothing_behind(judge):
    rows = judged(Engine.load(), judge, "functions", functions()[::29])
    assert rows[0].seen > 100
    assert missed(rows) == []


def test_the_server_refuses_most_writes_among_what_is_held(judge):
    rows = judged(Engine.load(), judge, "writes", texts("writes", 100))
    assert rows[1].seen > 50


@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_query_that_is_allowed_only_reads(judge, data):
    text = statement("query", lambda below: data.draw(st.integers(0, below - 1)))
    assert missed(judged(Engine.load(), judge, "query", [text])) == []


SEEN = [
    ("INSERT INTO log VALUES ('x')", "Com_insert"),
    ("SET @y = 5", "@y was None and is '5'"),
    ("SELECT @z := 5", "@z was None and is '5'"),
    ("SELECT GET_LOCK('a', 0)", "User lock of a"),
    ("SELECT * FROM t FOR UPDATE", "rows locked"),
    ("SELECT NEXTVAL(s)", "MDL_SHARED_WRITE"),
    ("SELECT app.f()", "the stored function f"),
    ("SELECT COUNT (), `last`(), point ()", "the stored function count"),
    ("SET GLOBAL general_log = 1", "general_log"),
    ("SELECT 1 INTO OUTFILE 'made.txt'", "made.txt"),
    ("SET SESSION sql_mode = 'ORACLE'", "@@sql_mode"),
    ("PREPARE q FROM 'SELECT 1'", "Com_prepare_sql"),
    ("HANDLER t OPEN", "Com_ha_open"),
    ("SELECT 1 FROM users", "the table app.users"),
    ("SELECT 1; SELECT 2", "2 statements where the Plan has 1"),
    ("CREATE USER z@localhost", "contents"),
]


@pytest.mark.parametrize(("text", "happened"), SEEN)
def test_the_judge_sees_what_a_plan_leaves_out(broken_once, text, happened):
    (miss,) = broken_once.misses([Allowed(text, 1, frozenset(), plans=False)])
    assert happened.lower() in miss.happened.lower()


@pytest.fixture(scope="module")
def broken_once():
    yield from judge_under("")


class Everything:
    """Every name is on this list."""

    def __contains__(self, _: object) -> bool:
        return True


@pytest.fixture
def gate_off(monkeypatch):
    monkeypatch.setattr(lex, "_check_comment", lambda *_: None)
    monkeypatch.setattr(generic, "_same_tokens", lambda *_: True)


@pytest.fixture
def classes_off(monkeypatch):
    monkeypatch.setattr(tree, "QUERIES", Everything())
    monkeypatch.setattr(tree, "NODES", Everything())


@pytest.fixture
def functions_off(monkeypatch):
    evaluate = conditions._sql  # noqa: SLF001  # no public name lets a set be left out

    def listed(condition, does):
        return condition.every or evaluate(condition, does)

    monkeypatch.setattr(conditions, "_sql", listed)


@pytest.mark.parametrize(
    ("measure", "construct"),
    [("gate_off", "comments"), ("classes_off", "writes"), ("functions_off", "query")],
)
def test_without_one_of_the_measures_something_is_missed(broken, request, measure, construct):
    request.getfixturevalue(measure)
    assert missed(judged(Engine.load(), broken, construct, texts(construct, 200)))


@pytest.fixture(scope="module")
def client():
    try:
        with Sandbox(real=("mariadb",)) as sandbox, Server(schema=SCHEMA) as server:
            sandbox.run(":")
            yield sandbox, server
    except (Unavailable, NoServer) as wrong:
        unavailable(str(wrong))


@pytest.mark.parametrize("construct", ["text", "mutated"])
def test_the_client_starts_and_writes_only_what_was_decided(client, construct):
    choose = random.Random(SEED).randrange
    drawn = [mariadb_client.statement(construct, choose) for _ in range(12)]
    row = mariadb_client.judged(Engine.load(), *client, construct, drawn)
    assert row.ran == 36
    assert row.missed == ()


COMMANDS = [
    "system run x",
    "\\! run x",
    "SELECT 1;\nsystem run x",
    "SELECT 1 delimiter FROM\nsystem run x",
    "SELECT 1 AS x \\! run",
    "delimiter //\nsystem run x",
]


@pytest.mark.parametrize("text", COMMANDS)
def test_what_the_client_takes_as_a_command_is_held(client, text):
    row = mariadb_client.judged(Engine.load(), *client, "command", [text])
    assert row.seen
    assert row.missed == ()

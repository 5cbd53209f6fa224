"""The boundary of a task: its file, read strictly, and what it holds back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import toolrules
from goldens import assert_golden
from hypothesis import given
from hypothesis import strategies as st
from whitelist_strategies import patterns

from policy import Boundary, Context, Verdict
from policy.approve.request import Request, approve
from policy.diagnostics import WhitelistError
from policy.judge import judge
from policy.whitelist.approved import Approved
from policy.whitelist.boundary_file import dump, load
from policy.whitelist.entry import Entry
from policy.whitelist.pattern import Pattern
from policy.whitelist.task import Task

ENGINE = toolrules.engine()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TASK = Task(
    task="rotate the logs",
    expires=NOW + timedelta(hours=8),
    agents=("bot", "deploy-*"),
    targets=("web-*",),
    allow=(Pattern("tool stop {service:name}"), Pattern("tool push main", via=("sudo -u deploy",))),
)
HERE = Context(agent="bot", target="web-1")

TEXT = """\
version: 1
task: rotate the logs
agents: [bot, deploy-*]
targets: [web-*]
expires: 2026-11-22T20:00:00Z
allow:
- command: tool stop {service:name}
- command: tool push main
  via: [sudo -u deploy]
"""


# The file ----------------------------------------------------------------------------------


def test_a_file_is_read_and_written_the_same():
    assert load(TEXT)[0] == TASK
    assert dump(TASK).decode() == TEXT


def test_a_pattern_knows_where_it_stands():
    _, places = load(TEXT)
    assert [str(place) for place in places] == ["boundary.yaml:7:3", "boundary.yaml:8:3"]


_NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=6)


@given(
    st.builds(
        Task,
        task=_NAMES,
        expires=st.datetimes(timezones=st.just(UTC)).map(lambda one: one.replace(microsecond=0)),
        agents=st.lists(_NAMES, unique=True, max_size=3).map(sorted).map(tuple),
        targets=st.lists(_NAMES, unique=True, max_size=3).map(sorted).map(tuple),
        allow=st.lists(patterns(), unique=True, max_size=3).map(tuple),
    )
)
def test_every_task_that_can_be_written_reads_back(task):
    try:
        data = dump(task)
    except WhitelistError:
        return
    assert data.isascii()
    assert load(data.decode())[0] == task
    assert dump(load(data.decode())[0]) == data


MISTAKES = {
    "empty": "",
    "list": "- a\n- b\n",
    "missing": "agents: [a]\n",
    "keys": "version: 1\ntask: a\ntsk: b\ntask: c\nexpires: 2026-11-22T20:00:00Z\n",
    "types": "version: 2\ntask: 3\nagents: bot\ntargets: []\nexpires: tomorrow\nallow: ls\n",
    "values": (
        "version: 1\ntask: ' '\nagents: [a, a]\ntargets: ['']\n"
        "expires: 2026-02-30T00:00:00Z\nallow: [ls]\n"
    ),
    "patterns": (
        "version: 1\ntask: a\nexpires: 2026-11-22T20:00:00Z\nallow:\n"
        "- comand: ls\n- command: tool {x:foo}\n- {command: a, language: sql:nope}\n"
        "- command: tool stop a\n- command: tool stop a\n- {command: b, via: ['']}\n"
    ),
    "anchors": "version: 1\ntask: &a b\nexpires: 2026-11-22T20:00:00Z\n",
    "syntax": "version: 1\ntask: [a\n",
    "unseen": "version: 1\ntask: a\u202eb\n",
    "merge": "version: 1\n<<<<<<< HEAD\ntask: a\n",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_shown_with_its_place(name):
    with pytest.raises(WhitelistError) as error:
        load(MISTAKES[name])
    assert_golden(f"whitelist/boundary-{name}.txt", f"{error.value}\n")


@pytest.mark.parametrize("text", ["[" * 100_000, "task: " + "{a: " * 50_000, "a: b\n" * 50_000])
def test_hostile_files_are_refused(text):
    with pytest.raises(WhitelistError):
        load(text)


@pytest.mark.parametrize(
    "task",
    [
        Task("", NOW),
        Task("a\u202eb", NOW),
        Task("a", NOW, agents=("",)),
        Task("a", NOW.replace(tzinfo=None)),
        Task("a", NOW, allow=(Pattern("tool {x:foo}"),)),
    ],
)
def test_what_could_not_be_read_is_not_written(task):
    with pytest.raises(WhitelistError):
        dump(task)


def test_a_pattern_that_the_rules_make_none_of_is_an_error_at_its_place(tmp_path):
    path = tmp_path / "task.yaml"
    path.write_text(TEXT.replace("tool push main", "tool push $x"), encoding="utf-8")
    with pytest.raises(WhitelistError) as error:
        Boundary.load(path, ENGINE.rules)
    (found,) = error.value.findings
    assert (found.code, found.at.line) == ("WL601", 8)
    assert found.message == (
        "`tool push $x` is no pattern: no pattern admits this: `$x` is known only at run time"
    )


# What it holds back ------------------------------------------------------------------------

LONG = Request(by=("alice", "bob"), at=NOW)


def _whitelist():
    found = [
        approve(Pattern(command), LONG, ENGINE)
        for command in ("tool stop {x:name}", "tool push {b:name}", "tool release {v:name}")
    ]
    return Approved([one for one in found if isinstance(one, Entry)], ENGINE.rules)


WHITELIST = _whitelist()


def decided(text, context=HERE, task=TASK, now=NOW):
    within = Context(
        context.agent, context.target, boundary=Boundary(task, ENGINE.rules, ENGINE.limits)
    )
    return judge(ENGINE.plan(text), ENGINE.rules, WHITELIST, within, now=now)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("tool stop web", Verdict.ALLOW),
        ("tool show web", Verdict.ALLOW),
        ("tool push main", Verdict.REVIEW),
        ("tool release 1.0", Verdict.MULTI_PARTY),
        ("tool stop web && tool push main", Verdict.REVIEW),
        ("tool stop web && tool show web", Verdict.ALLOW),
        ("tool push +main", Verdict.MULTI_PARTY),
        ("tool old web", Verdict.DENY),
        ("tool stop $x", Verdict.REVIEW),
    ],
)
def test_what_changes_something_outside_is_held_though_the_whitelist_allows_it(text, verdict):
    assert decided(text).verdict is verdict


@pytest.mark.parametrize(
    ("text", "context", "now", "message"),
    [
        ("tool push main", HERE, NOW, "none of its patterns admits this"),
        ("tool stop web", Context("x", "web-1"), NOW, "agent x has no part in it"),
        ("tool stop web", Context("bot", "db"), NOW, "target db has no part in it"),
        (
            "tool stop web",
            Context("bot"),
            NOW,
            "it says which target, and the target isn't known",
        ),
        ("tool stop web", HERE, TASK.expires, "it ended at 2026-11-22T20:00:00Z"),
    ],
)
def test_the_reason_says_that_it_is_outside_the_task(text, context, now, message):
    decision = decided(text, context, now=now)
    assert decision.verdict is Verdict.REVIEW
    told = [one.message for one in decision.reasons if one.rule == "boundary.outside"]
    assert told == [f"outside the task `rotate the logs`: {message}"]


def test_what_is_low_is_in_every_task():
    nothing = Task("look around", NOW - timedelta(days=1), agents=("nobody",))
    assert decided("tool show web", task=nothing).verdict is Verdict.ALLOW


@given(
    st.sampled_from(
        [
            "tool show a",
            "tool stop a",
            "tool push a",
            "tool push +a",
            "tool old a",
            "tool release a",
        ]
    ),
    st.lists(st.sampled_from(["tool {x}", "tool stop {x}", "tool push {x}"]), unique=True),
    st.sampled_from([(), ("bot",), ("x",)]),
)
def test_a_boundary_never_loosens(text, commands, agents):
    task = Task("t", NOW + timedelta(hours=1), agents, (), tuple(map(Pattern, commands)))
    bare = judge(ENGINE.plan(text), ENGINE.rules, WHITELIST, HERE, now=NOW)
    try:
        within = decided(text, task=task)
    except WhitelistError:  # one of the patterns is none
        return
    assert within.verdict.strictness >= bare.verdict.strictness


def test_boundaries_are_values():
    one, same = Boundary(TASK, ENGINE.rules), Boundary(TASK, ENGINE.rules)
    other = Boundary(Task("x", NOW), ENGINE.rules)
    assert (one == same, hash(one) == hash(same), one == other, one == 1) == (
        True,
        True,
        False,
        False,
    )
    assert len({Context(boundary=one), Context(boundary=same), Context(boundary=other)}) == 2


def test_an_engine_asks_the_boundary_of_the_context_each_time():
    over = Boundary(Task("t", datetime.now(UTC) - timedelta(days=1)), ENGINE.rules)
    decision = ENGINE.decide("tool stop web", Context(boundary=over))
    assert [one.rule for one in decision.reasons] == ["tool.default", "boundary.outside"]

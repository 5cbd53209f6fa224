"""Whitelists compared in meaning: what is wider, narrower or the same, and what shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from diff_entries import NOW, entry
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.decision import Context, Tier, Verdict
from policy.diff import readings
from policy.diff.commands import Asked, counted
from policy.diff.model import Diff, Outcome, Proof
from policy.diff.whole import compare, replays
from policy.dsl import compile_sources
from policy.engine import read
from policy.judge import judge
from policy.plan import Limits
from policy.shipped import ruleset
from policy.source import Source
from policy.whitelist.approved import Approved
from policy.whitelist.entry import Entry

RULES = ruleset()


def diff(old: Sequence[Entry], new: Sequence[Entry]) -> Diff:
    return compare(old, new, RULES, now=NOW)


def told(found: Diff) -> list[tuple[str, str, str]]:
    return [(row.kind.value, row.entry.pattern.command, row.relation.value) for row in found.rows]


PUSH, ALL = "git push {remote} {branch}", "git push {args...}"
A_OR_B = "docker restart {s:one of a b}"
A, B, C = (f"docker restart {name}" for name in "abc")
LOG, VAR = "touch {p:path /var/log/**}", "touch {p:path /var/**}"


@pytest.mark.parametrize(
    ("old", "new", "rows", "outcome"),
    [
        ([], [], [], Outcome.NOTHING_MORE),
        ([entry(A)], [entry(A)], [], Outcome.NOTHING_MORE),
        (
            [entry(PUSH)],
            [entry(ALL)],
            [("added", ALL, "wider"), ("removed", PUSH, "equivalent")],
            Outcome.MORE,
        ),
        (
            [entry(ALL)],
            [entry(PUSH)],
            [("removed", ALL, "narrower"), ("added", PUSH, "equivalent")],
            Outcome.NOTHING_MORE,
        ),
        (
            [entry(LOG)],
            [entry(VAR)],
            [("added", VAR, "wider"), ("removed", LOG, "equivalent")],
            Outcome.MORE,
        ),
        (
            [entry(A_OR_B)],
            [entry(A), entry(B)],
            [
                ("added", A, "equivalent"),
                ("added", B, "equivalent"),
                ("removed", A_OR_B, "equivalent"),
            ],
            Outcome.NOTHING_MORE,
        ),
        (
            [entry(A), entry(B)],
            [entry(A_OR_B)],
            [
                ("removed", A, "equivalent"),
                ("removed", B, "equivalent"),
                ("added", A_OR_B, "equivalent"),
            ],
            Outcome.NOTHING_MORE,
        ),
        ([entry(A)], [entry(A, days=9)], [("renewed", A, "wider")], Outcome.MORE),
        ([entry(A)], [entry(A, days=3)], [("renewed", A, "narrower")], Outcome.NOTHING_MORE),
        ([entry(A)], [entry(A, by=("bob",))], [("renewed", A, "equivalent")], Outcome.NOTHING_MORE),
        (
            [entry(A)],
            [entry(A, by=("alice", "bob"))],  # one is enough for it today
            [("re-tiered", A, "equivalent")],
            Outcome.NOTHING_MORE,
        ),
        (
            [entry(A, tier=Tier.LOW, days=None)],
            [entry(A)],
            [("re-tiered", A, "wider")],
            Outcome.MORE,
        ),
        (
            [entry(A, agents=("x",))],
            [entry(A, agents=("x", "y"))],
            [("re-scoped", A, "wider")],
            Outcome.MORE,
        ),
        (
            [entry(A, agents=("x",))],
            [entry(A, agents=("y",))],
            [("re-scoped", A, "incomparable")],
            Outcome.MORE,
        ),
        (
            [entry(A, agents=("x",)), entry(A, agents=("y",))],
            [entry(A, agents=("x", "y"))],
            [("removed", A, "equivalent"), ("re-scoped", A, "equivalent")],
            Outcome.NOTHING_MORE,
        ),
        (
            [entry("docker restart {a}")],
            [entry("docker restart {b}", note="renamed")],
            [("re-worded", "docker restart {b}", "equivalent")],
            Outcome.NOTHING_MORE,
        ),
        ([], [entry(A, days=-1)], [("added", A, "equivalent")], Outcome.NOTHING_MORE),
        ([entry(A, days=-1)], [], [("removed", A, "equivalent")], Outcome.NOTHING_MORE),
        ([entry(A, days=-1)], [entry(A)], [("renewed", A, "wider")], Outcome.MORE),
        ([], [entry("git status")], [("added", "git status", "equivalent")], Outcome.NOTHING_MORE),
        ([], [entry("rm -rf /srv")], [("added", "rm -rf /srv", "unknown")], Outcome.UNDECIDED),
        ([entry("rm -rf /srv")], [], [("removed", "rm -rf /srv", "unknown")], Outcome.NOTHING_MORE),
        ([], [entry("a && b")], [("added", "a && b", "equivalent")], Outcome.NOTHING_MORE),
        (
            [entry(A)],
            [entry(A, via=("sudo -u deploy",))],
            [("added", A, "wider"), ("removed", A, "narrower")],
            Outcome.MORE,
        ),
        (
            [entry(A, days=3)],
            [entry(A, days=3), entry("docker restart {x}", days=9)],
            [("added", "docker restart {x}", "wider")],
            Outcome.MORE,
        ),
        (
            [entry("UPDATE t SET a = 1 WHERE id = {n:int}", language="sql:postgres")],
            [entry("UPDATE t SET a = 1 WHERE id = 3", language="sql:postgres")],
            [
                ("removed", "UPDATE t SET a = 1 WHERE id = {n:int}", "narrower"),
                ("added", "UPDATE t SET a = 1 WHERE id = 3", "equivalent"),
            ],
            Outcome.NOTHING_MORE,
        ),
    ],
)
def test_rows_say_what_a_change_means(old, new, rows, outcome):
    found = diff(old, new)
    assert (told(found), found.outcome) == (rows, outcome)


@pytest.mark.parametrize(
    ("old", "new", "command", "context"),
    [
        ([entry(PUSH)], [entry(ALL)], "git push", Context()),
        ([entry(LOG)], [entry(VAR)], "touch /var/p", Context()),
        ([], [entry(A, agents=("bot",), cwd=("/srv/**",))], A, Context(agent="bot", cwd="/srv")),
        ([], [entry(A, via=("sudo -u deploy",))], f"sudo -u deploy {A}", Context()),
        ([], [entry(A, via=("bash -c",))], f"bash -c '{A}'", Context()),
        ([], [entry(A, via=("<substitution>",))], f': "$({A})"', Context()),
    ],
)
def test_the_witness_is_a_command_in_a_context_of_the_scope(old, new, command, context):
    witness = diff(old, new).gained
    assert witness is not None
    assert (witness.command, witness.context, witness.steps) == (command, context, ())
    assert (witness.before, witness.after) == (Verdict.REVIEW, Verdict.ALLOW)


def test_what_is_reached_through_a_construct_is_shown_with_it():
    witness = diff([], [entry(A, via=("<function deploy>",))]).gained
    assert witness is not None
    assert (witness.command, witness.steps) == (A, ("<function deploy>",))


def test_a_longer_life_is_told_apart_from_a_wider_class():
    (row,) = diff([entry(A)], [entry(A, days=9)]).rows
    assert row.gain.later
    assert row.gain.witness is not None
    assert row.gain.witness.at == NOW + timedelta(days=7)


TWO = """
program ship { default medium 50 "ships" }
rule ship.it "ships it" {
    on ship
    tier medium
    score 50
    approvals 2
    match    "ship a"
    no match "ls"
}
"""


@pytest.mark.parametrize(
    ("old", "new", "relation"),
    [
        (("alice",), ("alice", "bob"), "wider"),
        (("alice", "bob"), ("alice",), "narrower"),
        (("alice", "bob"), ("alice", "bob", "carol"), "equivalent"),
    ],
)
def test_a_second_person_matters_where_two_must_approve(old, new, relation):
    rules = compile_sources([Source("ship.rules", TWO)]).ruleset
    assert rules is not None
    found = compare([entry("ship {x}", by=old)], [entry("ship {x}", by=new)], rules, now=NOW)
    assert [row.relation.value for row in found.rows] == [relation]


def test_what_allows_more_at_once_is_named_before_what_does_later():
    found = diff([entry(A)], [entry(A, days=9), entry(B)])
    assert found.gained is not None
    assert found.gained.command == B


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (
            [],
            [entry("git status")],
            "every command of it is low, and that is allowed without an entry",
        ),
        (
            [],
            [entry(A, tier=Tier.LOW)],
            "it was approved for what is low, and that is allowed without an entry",
        ),
        (
            [],
            [entry(A, days=None)],
            (
                "it never expires, and holds only for what is low, and that is allowed without an "
                "entry"
            ),
        ),
        ([], [entry(A, days=-1)], "it expired at 2026-11-21T12:00:00Z, and allows nothing"),
        ([entry(A, days=-1)], [], "it had expired at 2026-11-21T12:00:00Z, and allowed nothing"),
        (
            [],
            [entry("a && b")],
            (
                "its pattern can't be read under the rules, so it allows nothing: "
                "a pattern of 2 actions"
            ),
        ),
        (
            [],
            [entry("rm -rf {p:path /srv/**}")],
            "the whitelist would allow it, but every command that was tried is high today",
        ),
    ],
)
def test_a_note_says_why_nothing_is_shown(old, new, note):
    (row,) = diff(old, new).rows
    assert row.notes == (note,)


@pytest.mark.parametrize(
    ("old", "new", "links"),
    [
        ([entry(PUSH)], [entry(ALL)], 1),
        ([entry(LOG)], [entry(VAR)], 1),
        ([entry(A_OR_B)], [entry(A), entry(B)], 2),
        ([entry("git fetch origin")], [entry("git push origin")], 0),
        ([entry(A)], [entry(B, via=("sudo",))], 0),
    ],
)
def test_an_entry_that_replaces_another_says_so(old, new, links):
    rows = diff(old, new).rows
    removed = next(row for row in rows if row.new is None)
    added = [row for row in rows if row.old is None]
    assert len(removed.linked) == links
    assert all(row.linked == ((removed.id,) if links else ()) for row in added)


def test_patterns_without_anything_in_common_with_a_change_are_not_read(monkeypatch):
    asked = []

    def counting(pattern, rules, limits):
        asked.append(pattern.command)
        return original(pattern, rules, limits)

    original = readings.read_pattern
    monkeypatch.setattr(readings, "read_pattern", counting)
    same = [entry(f"kubectl cordon node-{name}") for name in "abc"]
    found = diff([*same, entry(A)], [*same, entry(B)])
    assert found.unchanged == 3
    assert sorted(set(asked)) == [A, B]


def test_commands_that_were_asked_are_decided_by_both():
    asked = counted([Asked(A), Asked(B), Asked(A), Asked("ls")])
    found = replays(asked, [entry(B)], [entry(A)], RULES, Limits(), NOW, 4)
    moved = [(one.asked.text, one.times, one.looser) for one in found.moved]
    assert moved == [(A, 2, True), (B, 1, False)]
    assert (found.decided, found.skipped) == (4, 4)


# Laws --------------------------------------------------------------------------------------

COMMANDS = [
    *(
        "docker restart {s}",
        "docker restart {s:one of a b}",
        "docker restart a",
        "docker restart b",
    ),
    *("docker restart {s:like a*}", "docker restart {n:int}", "docker {x} {y}", "git push {a...}"),
    *("git push {r} {b}", "git push origin {b:name}", "touch {p:path /var/**}", "touch /var/a"),
    *("git status", "docker restart {s:text}", "docker stop {s...}", "docker restart web-{n:int}"),
]
entries = st.builds(
    entry,
    st.sampled_from(COMMANDS),
    tier=st.sampled_from([Tier.MEDIUM, Tier.MEDIUM, Tier.LOW]),
    by=st.sampled_from([("alice",), ("bob",), ("alice", "bob")]),
    days=st.sampled_from([-1, 3, 7, 7, None]),
    agents=st.sampled_from([(), (), ("x",), ("x", "y"), ("y*",)]),
    cwd=st.sampled_from([(), (), ("/var/**",)]),
)
whitelists = st.lists(entries, max_size=3, unique_by=lambda one: one.id)

SAMPLES = [
    *("docker restart a", "docker restart b", "docker restart ab", "docker restart 7"),
    *("docker restart web-1", "docker restart 'a b'", "git push", "git push origin main"),
    *("git push origin main x", "touch /var/a", "touch /var/a/b", "touch a", "git status"),
    *("docker stop a b", "docker stop", "git push origin +main", "docker pause a"),
]
CONTEXTS = [
    *(Context(), Context(agent="x"), Context(agent="yy"), Context(agent="y", cwd="/var")),
]
TIMES = [NOW, NOW + timedelta(days=5), NOW + timedelta(days=8)]


def allowed(text, context, at, whitelist):
    plan = read(text, "shell", RULES, Limits())
    return judge(plan, RULES, whitelist, context, now=at).verdict is Verdict.ALLOW


@given(whitelists, whitelists)
@settings(max_examples=40, deadline=None)
def test_no_sample_contradicts_the_answer(old, new):
    found = diff(old, new)
    before, after = Approved(old, RULES), Approved(new, RULES)
    shown = {row.gain.proof for row in found.rows}, {row.loss.proof for row in found.rows}
    possible = [bool(some & {Proof.SHOWN, Proof.UNKNOWN}) for some in shown]
    for text in SAMPLES:
        for context in CONTEXTS:
            for at in TIMES:
                was, now = (allowed(text, context, at, one) for one in (before, after))
                assert not (now and not was) or possible[0]
                assert not (was and not now) or possible[1]


@given(whitelists, whitelists)
@settings(max_examples=40, deadline=None)
def test_every_witness_is_decided_otherwise_by_the_two(old, new):
    before, after = Approved(old, RULES), Approved(new, RULES)
    for row in diff(old, new).rows:
        for effect, more, less in ((row.gain, after, before), (row.loss, before, after)):
            witness = effect.witness
            if witness is not None:
                asked = witness.command, witness.context, witness.at
                assert allowed(*asked, more)
                assert not allowed(*asked, less)


@given(whitelists, whitelists)
@settings(max_examples=25, deadline=None)
def test_the_reverse_comparison_gives_the_reverse_answer(old, new):
    here, there = diff(old, new), diff(new, old)
    assert (here.gained is None) is (there.lost is None)
    assert (here.lost is None) is (there.gained is None)

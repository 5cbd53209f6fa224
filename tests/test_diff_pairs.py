"""Which entries of two whitelists belong together, by what they say."""

import pytest
from diff_entries import entry

from policy.decision import Tier
from policy.diff.pairs import pair

A = "docker restart a"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (entry(A), entry(A, days=9), "renewed"),
        (entry(A), entry(A, days=None), "renewed"),
        (entry(A), entry(A, by=("bob",)), "renewed"),
        (entry(A), entry(A, by=("alice", "bob")), "re-tiered"),
        (entry(A), entry(A, tier=Tier.LOW, days=9), "re-tiered"),
        (entry(A), entry(A, note="x"), "re-worded"),
        (entry("docker restart {x}"), entry("docker restart {y}"), "re-worded"),
        (entry(A), entry(A, agents=("x",)), "re-scoped"),
        (entry(A), entry(A, agents=("x",), tier=Tier.LOW), "re-scoped"),
    ],
)
def test_one_row_stands_for_what_became_of_an_entry(old, new, kind):
    rows, unchanged = pair([old], [new])
    assert [(row.kind.value, row.old, row.new) for row in rows] == [(kind, old, new)]
    assert unchanged == 0


def test_scopes_that_differ_in_one_fact_belong_together():
    old = [entry(A, agents=("x",), targets=("t",)), entry(A, agents=("y",), targets=("u",))]
    new = [entry(A, agents=("y",), targets=("v",)), entry(A, agents=("x",), targets=("w",))]
    rows, _ = pair(old, new)
    assert sorted((row.old.scope.agents, row.new.scope.agents) for row in rows) == [
        (("x",), ("x",)),
        (("y",), ("y",)),
    ]


def test_each_entry_is_in_one_row_only():
    old = [entry(A, agents=(name,)) for name in "abc"]
    new = [entry(A, agents=(name,)) for name in "de"]
    rows, _ = pair(old, new)
    assert sorted(row.kind.value for row in rows) == ["re-scoped", "re-scoped", "removed"]
    assert {id(row.old) for row in rows} == set(map(id, old))
    assert {id(row.new) for row in rows if row.new} == set(map(id, new))


def test_the_same_entry_in_two_files_is_two_entries():
    one = entry(A)
    rows, unchanged = pair([one, one], [one])
    assert ([row.kind.value for row in rows], unchanged) == (["removed"], 1)


def test_many_entries_that_are_alike_are_linked_one_to_one():
    old = [entry(f"docker restart a{number}") for number in range(200)]
    new = [entry(f"docker restart b{number}") for number in range(200)]
    rows, _ = pair(old, new)
    assert all(len(row.linked) == 1 for row in rows)
    assert len({row.linked for row in rows}) == 400

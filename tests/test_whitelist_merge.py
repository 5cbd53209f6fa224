"""Three-way merge of whitelists: what one side did is kept, what both did is cut down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from goldens import assert_golden
from hypothesis import given
from hypothesis import strategies as st
from whitelist_strategies import documents, entries

from policy.decision import Tier
from policy.diagnostics import render_all
from policy.whitelist.canonical import dump
from policy.whitelist.document import Document, load
from policy.whitelist.entry import Approval, Entry
from policy.whitelist.merge import Merged, merge
from policy.whitelist.pattern import Pattern

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
ALICE = Approval(("alice",), MOMENT)
BOB = Approval(("bob",), MOMENT + WEEK, "again")
BOTH = Approval(("alice", "bob"), MOMENT)
OLD = Entry(Pattern("docker restart {service}"), Tier.MEDIUM, ALICE, MOMENT + WEEK, score=45)
LONGER = replace(OLD, approved=BOB, expires=MOMENT + 2 * WEEK)
LONGEST = replace(OLD, approved=Approval(("carol",), MOMENT + WEEK), expires=MOMENT + 3 * WEEK)
BY_TWO = replace(OLD, approved=BOTH, expires=MOMENT + WEEK / 2)
FOREVER = replace(OLD, tier=Tier.LOW, approved=BOTH, expires=None, score=5)
NOTED = replace(OLD, note="asked twice")
NAMED = replace(OLD, pattern=Pattern("docker restart {name}"))
OTHER = Entry(Pattern("uptime"), Tier.LOW, ALICE)


def merged(base: Entry | None, ours: Entry | None, theirs: Entry | None) -> Merged:
    """The merge of documents with one entry or none."""
    return merge(*(Document(() if one is None else (one,)) for one in (base, ours, theirs)))


TAKEN = [
    ("nothing changed", OLD, OLD, OLD, OLD),
    ("added here", None, OLD, None, OLD),
    ("added there", None, None, OLD, OLD),
    ("added on both sides", None, OLD, OLD, OLD),
    ("renewed here", OLD, LONGER, OLD, LONGER),
    ("renewed there", OLD, OLD, LONGER, LONGER),
    ("renewed on both sides alike", OLD, LONGER, LONGER, LONGER),
    ("cut short there", OLD, OLD, BY_TWO, BY_TWO),
    ("removed here", OLD, None, OLD, None),
    ("removed there", OLD, OLD, None, None),
    ("removed on both sides", OLD, None, None, None),
    ("noted here, renewed there", OLD, NOTED, LONGER, replace(LONGER, note="asked twice")),
    ("renewed here, noted there", OLD, LONGER, NOTED, replace(LONGER, note="asked twice")),
    ("note removed here, renewed there", NOTED, OLD, replace(LONGER, note="asked twice"), LONGER),
    ("holes named here", OLD, NAMED, LONGER, replace(LONGER, pattern=NAMED.pattern)),
    ("holes named there", OLD, LONGER, NAMED, replace(LONGER, pattern=NAMED.pattern)),
    ("noted on both sides", OLD, NOTED, replace(OLD, note="why?"),
     replace(OLD, note="asked twice\nwhy?")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [row[1:] for row in TAKEN],
    ids=[row[0] for row in TAKEN],
)
def test_what_one_side_did_is_taken(
    base: Entry | None, ours: Entry | None, theirs: Entry | None, expected: Entry | None
) -> None:
    found = merged(base, ours, theirs)
    assert found == Merged(Document(() if expected is None else (expected,)))


CUT = [
    ("the earlier end", OLD, LONGER, LONGEST, LONGER),
    ("of two that were added", None, LONGER, LONGEST, LONGER),
    ("fewer people, the earlier end", OLD, LONGER, BY_TWO, replace(LONGER, expires=BY_TWO.expires)),
    ("the lower tier, with its score", OLD, LONGER, FOREVER,
     replace(LONGER, tier=Tier.LOW, score=5)),
    ("what is without end ends", None, FOREVER, LONGER, replace(LONGER, tier=Tier.LOW, score=5)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"), [row[1:] for row in CUT], ids=[row[0] for row in CUT]
)
def test_of_two_approvals_what_both_allow_is_kept(
    base: Entry | None, ours: Entry, theirs: Entry, expected: Entry
) -> None:
    for found in (merged(base, ours, theirs), merged(base, theirs, ours)):
        assert found.document.entries == (expected,)
        assert [one.code for one in found.warnings] == ["WL503"]
        assert found.conflicts == ()


@pytest.mark.parametrize(("ours", "theirs"), [(None, LONGER), (LONGER, None), (NOTED, None)])
def test_a_removal_against_a_change_is_a_conflict(ours: Entry | None, theirs: Entry | None) -> None:
    found = merged(OLD, ours, theirs)
    assert found.document.entries == ()
    assert [one.code for one in found.conflicts] == ["WL402"]


def test_what_people_see_of_a_merge() -> None:
    removed = merged(OLD, LONGER, None)
    renewed = merged(OLD, LONGER, LONGEST)
    shown = render_all(
        (*removed.conflicts, *merged(OLD, None, LONGER).conflicts, *renewed.warnings)
    )
    assert_golden("whitelist/merge.txt", f"{shown}\n")


def test_other_entries_are_merged_beside_a_conflict() -> None:
    found = merge(Document((OLD,)), Document((OTHER,)), Document((LONGER,)))
    assert found.document.entries == (OTHER,)
    assert len(found.conflicts) == 1


# Laws ------------------------------------------------------------------------------------

POOL = [OLD, LONGER, LONGEST, BY_TWO, FOREVER, NOTED, NAMED]


@st.composite
def three(draw: st.DrawFn) -> tuple[Document, Document, Document]:
    """Three documents that share some entries, with approvals that differ."""
    known = draw(st.lists(entries(), max_size=3, unique_by=lambda entry: entry.id))
    again = {entry.id: draw(st.lists(entries(st.just(entry.pattern), st.just(entry.scope)),
                                     max_size=2)) for entry in known}  # fmt: skip

    def version() -> Document:
        found = [draw(st.sampled_from([None, entry, *again[entry.id]])) for entry in known]
        found.append(draw(st.sampled_from([None, *POOL])))
        return Document(tuple(entry for entry in found if entry is not None))

    return version(), version(), version()


def granted(document: Document, identity: str) -> tuple[Tier, datetime, int] | None:
    """How much an entry allows: the tier, until when, by how many people. None is nothing."""
    for entry in document.entries:
        if entry.id == identity:
            end = entry.expires or datetime.max.replace(tzinfo=UTC)
            return entry.tier, end, entry.approvals
    return None


def at_most(one: tuple | None, other: tuple | None) -> bool:
    return one is None or (
        other is not None and all(mine <= its for mine, its in zip(one, other, strict=True))
    )


@given(three())
def test_a_merge_allows_nothing_that_neither_side_does(
    versions: tuple[Document, Document, Document],
) -> None:
    base, ours, theirs = versions
    found = merge(base, ours, theirs).document
    for entry in found.entries:
        mine, here, there = (granted(one, entry.id) for one in (found, ours, theirs))
        assert at_most(mine, here) or at_most(mine, there)
        before = granted(base, entry.id)
        if before not in (here, there):
            assert at_most(mine, here)
            assert at_most(mine, there)


@given(three())
def test_what_is_merged_may_be_stored(versions: tuple[Document, Document, Document]) -> None:
    found = merge(*versions).document
    assert set(load(dump(found)).entries) == set(found.entries)


@given(three())
def test_the_sides_are_alike(versions: tuple[Document, Document, Document]) -> None:
    base, ours, theirs = versions
    one, other = merge(base, ours, theirs), merge(base, theirs, ours)
    assert {entry.id for entry in one.document.entries} == {
        entry.id for entry in other.document.entries
    }
    for entry in one.document.entries:
        assert granted(one.document, entry.id) == granted(other.document, entry.id)
    assert len(one.conflicts) == len(other.conflicts)


@given(documents(), documents())
def test_a_side_that_changed_nothing_gives_the_other(base: Document, changed: Document) -> None:
    for found in (
        merge(base, changed, base),
        merge(base, base, changed),
        merge(base, changed, changed),
    ):
        assert set(found.document.entries) == set(changed.entries)
        assert found.conflicts == found.warnings == ()

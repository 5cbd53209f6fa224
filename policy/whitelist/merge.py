"""Three-way merge of whitelists, entry by entry.

What one side changed is taken. What both sides changed is cut down to what both allow: the
merged whitelist permits nothing that neither side did, and no entry more than both sides gave
it. Only a removal against a change is a conflict, for which a person has to decide.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from policy.decision import Tier
from policy.diagnostics import Finding
from policy.frozen import frozen
from policy.times import instant
from policy.whitelist.codes import Code, finding
from policy.whitelist.document import Document, named
from policy.whitelist.entry import Approval, Entry

_FOREVER = datetime.max.replace(tzinfo=UTC)


@frozen
class Merged:
    """The result. Entries in conflict are left out of `document`, so that nothing runs by them.

    `conflicts` has an error for each of them, `warnings` one for each entry that both sides
    changed, with what was kept.
    """

    document: Document
    conflicts: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def merge(base: Document, ours: Document, theirs: Document) -> Merged:
    """`ours` with the changes that lead from `base` to `theirs`, or the other way around."""
    old, mine, other = _by_id(base), _by_id(ours), _by_id(theirs)
    entries: list[Entry] = []
    conflicts: list[Finding] = []
    warnings: list[Finding] = []
    for identity in sorted({*mine, *other}):
        before, here, there = old.get(identity), mine.get(identity), other.get(identity)
        if here == there or there == before:
            merged = here
        elif here == before:
            merged = there
        elif here is not None and there is not None:
            merged = _both(before, here, there)
            if _anew(before, here, there):
                warnings.append(_cut(identity, merged))
        else:
            merged = None
            present = here or there
            assert present is not None  # noqa: S101  # or both would be the same
            conflicts.append(_conflict(identity, present, here=here is not None))
        if merged is not None:
            entries.append(merged)
    return Merged(Document(tuple(entries)), tuple(conflicts), tuple(warnings))


def _by_id(document: Document) -> dict[str, Entry]:
    return {entry.id: entry for entry in document.entries}


# One entry that both sides have ----------------------------------------------------------

_Grant = tuple[Tier, Approval, datetime | None, int | None, str | None]


def _grant(entry: Entry) -> _Grant:
    """What was approved, which one side or the other gave as a whole."""
    return entry.tier, entry.approved, entry.expires, entry.score, entry.rule


def _anew(before: Entry | None, here: Entry, there: Entry) -> bool:
    """Whether each side has an approval of its own."""
    grants = {_grant(here), _grant(there)}
    return len(grants) == 2 and (before is None or _grant(before) not in grants)


def _both(before: Entry | None, here: Entry, there: Entry) -> Entry:
    """One approval for two, and the texts of people from both."""
    if _anew(before, here, there):
        granted = _less(here, there)
    else:
        granted = there if before is not None and _grant(here) == _grant(before) else here
    pattern = (
        there.pattern if before is not None and here.pattern == before.pattern else here.pattern
    )
    note = _note(before.note if before is not None else "", here.note, there.note)
    return replace(granted, pattern=pattern, note=note)


def _less(here: Entry, there: Entry) -> Entry:
    """What both allow: the approval of fewer people, of the lower tier, until the earlier end."""
    fewer, _ = sorted((here, there), key=lambda one: (one.approvals, _end(one), repr(_grant(one))))
    lower, _ = sorted((here, there), key=lambda one: (one.tier, one is not fewer))
    end = min(_end(here), _end(there))
    return replace(
        fewer,
        tier=lower.tier,
        score=lower.score,
        rule=lower.rule,
        expires=None if end == _FOREVER else end,
    )


def _end(entry: Entry) -> datetime:
    return _FOREVER if entry.expires is None else entry.expires


def _note(before: str, here: str, there: str) -> str:
    """The note of the side that changed it; of both, each on its own lines."""
    if here in {before, there}:
        return there
    if there == before:
        return here
    return "\n".join(note for note in (here, there) if note)


# Findings --------------------------------------------------------------------------------


def _conflict(identity: str, present: Entry, *, here: bool) -> Finding:
    """`here`: whether it is our side that still has the entry."""
    ours, theirs = ("changed", "removed") if here else ("removed", "changed")
    message = f"{named(identity, present)}: {ours} here, {theirs} on the other side"
    hint = "it was left out; add it again where it is still meant to be approved"
    return finding(Code.CONFLICT, message, None, hint=hint)


def _cut(identity: str, merged: Entry) -> Finding:
    people = ", ".join(merged.approved.by)
    until = "permanent" if merged.expires is None else f"until {instant(merged.expires)}"
    message = f"{named(identity, merged)}: approved anew on both sides"
    hint = f"kept is what both allow: {merged.tier}, {until}, approved by {people}"
    return finding(Code.BOTH_CHANGED, message, None, hint=hint)

"""Which entries already allow all that another one would."""

from __future__ import annotations

from policy.engine import Engine
from policy.whitelist.containment import included
from policy.whitelist.document import Document
from policy.whitelist.entry import Entry
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.region import Region

_COMPARED = 100  # entries; beyond them the question costs more than the answer is worth


def covering(entry: Entry, document: Document, engine: Engine) -> tuple[Entry, ...]:
    """Entries which together authorise, at least as long, all that `entry` does; () if none.

    An answer is proved; that there is none may be for want of looking.
    """
    others = [one for one in document.entries if _may_cover(one, entry)][:_COMPARED]
    regions = [(one, _region(one, engine)) for one in others]
    known = [(one, region) for one, region in regions if region is not None]
    mine = _region(entry, engine)
    if mine is None or not known:
        return ()
    for one, region in known:
        if included(mine, [region]):
            return (one,)
    if included(mine, [region for _, region in known]):
        return tuple(one for one, _ in known)
    return ()


def _may_cover(other: Entry, entry: Entry) -> bool:
    if other.id == entry.id or other.pattern.language != entry.pattern.language:
        return False
    if _program(other) != _program(entry) or len(other.pattern.via) != len(entry.pattern.via):
        return False
    if other.tier < entry.tier or other.approvals < entry.approvals:
        return False
    if other.expires is None:
        return True
    return entry.expires is not None and other.expires >= entry.expires


def _program(entry: Entry) -> str:
    return entry.pattern.command.split(maxsplit=1)[0].casefold()


def _region(entry: Entry, engine: Engine) -> Region | None:
    try:
        form = read_pattern(entry.pattern, engine.rules, engine.limits).form
    except PatternError:
        return None
    return Region(form, entry.scope)

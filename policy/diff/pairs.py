"""Which entries of two whitelists belong together, by what they say: the rows of a diff."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policy.diff.model import Kind, Row
from policy.holes import HoleError
from policy.whitelist.entry import Entry
from policy.whitelist.notation import split
from policy.whitelist.pattern import Pattern

_Words = tuple[str, ...]


def pair(old: Sequence[Entry], new: Sequence[Entry]) -> tuple[list[Row], int]:
    """A row, without effects, for each entry that isn't the same on both sides; and the number
    of those that are.
    """
    before, after = Counter(old), Counter(new)
    gone = list((before - after).elements())
    come = list((after - before).elements())
    rows = list(_same_permission(gone, come))
    removed = _left(gone, (row.old for row in rows))
    added = _left(come, (row.new for row in rows))
    rescoped = list(_same_pattern(removed, added))
    removed = _left(removed, (row.old for row in rescoped))
    added = _left(added, (row.new for row in rescoped))
    single = [
        *(Row(Kind.REMOVED, entry.id, entry, None) for entry in removed),
        *(Row(Kind.ADDED, entry.id, None, entry) for entry in added),
    ]
    return [*rows, *rescoped, *_linked(single)], len(old) - len(gone)


def _left(entries: list[Entry], used: Iterable[Entry | None]) -> list[Entry]:
    taken = {id(entry) for entry in used}
    return [entry for entry in entries if id(entry) not in taken]


def _same_permission(gone: list[Entry], come: list[Entry]) -> Iterator[Row]:
    """Those with the same id, the longest lived first where one stands in several files."""
    by_id: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(gone, key=_strength):
        by_id[entry.id].append(entry)
    for entry in sorted(come, key=_strength):
        identity = entry.id
        if by_id[identity]:
            before = by_id[identity].pop(0)
            yield Row(_kind(before, entry), identity, before, entry)


def _strength(entry: Entry) -> tuple[bool, str, int, int]:
    until = "" if entry.expires is None else entry.expires.isoformat()
    return entry.expires is not None, until, -entry.tier, -entry.approvals


def _kind(old: Entry, new: Entry) -> Kind:
    if (old.tier, old.approvals) != (new.tier, new.approvals):
        return Kind.RETIERED
    if (old.expires, old.approved.by) != (new.expires, new.approved.by):
        return Kind.RENEWED
    return Kind.REWORDED


def _same_pattern(removed: list[Entry], added: list[Entry]) -> Iterator[Row]:
    """The same pattern in another scope: those first whose scopes differ in one fact only."""
    near: dict[object, list[Entry]] = defaultdict(list)
    for entry in removed:
        for key in _keys(entry):
            near[key].append(entry)
    used: set[int] = set()
    waiting = [(entry, _keys(entry)) for entry in added]
    for level in range(len(_FACTS) + 1):
        still = []
        for entry, keys in waiting:
            found = near.get(keys[level], [])
            while found and id(found[-1]) in used:
                found.pop()
            if found:
                used.add(id(found[-1]))
                yield Row(Kind.RESCOPED, entry.id, found[-1], entry)
            else:
                still.append((entry, keys))
        waiting = still


_FACTS = ("agents", "targets", "environments", "cwd")


def _keys(entry: Entry) -> list[object]:
    """The pattern with all facts of the scope but one, for each of them; then the pattern."""
    digest = entry.pattern.digest
    facts = [getattr(entry.scope, name) for name in _FACTS]
    but_one = [(digest, at, *facts[:at], *facts[at + 1 :]) for at in range(len(facts))]
    return [*but_one, digest]


# What replaces what ------------------------------------------------------------------------


def _linked(rows: list[Row]) -> list[Row]:
    """With the ids of those that a row probably replaces, or is replaced by.

    They have language and `via` in common and at least half of the words, from the first on.
    """
    words = {id(row): _words(row.entry.pattern) for row in rows}
    links: dict[int, list[str]] = defaultdict(list)
    sides = [row for row in rows if row.new], [row for row in rows if row.old]
    for here, there in (sides, sides[::-1]):
        missing = [row for row in here if id(row) not in links]
        for row, other in _nearest(missing, there, words, set(links)):
            links[id(row)].append(other.id)
            links[id(other)].append(row.id)
    return [replace(row, linked=tuple(links[id(row)])) for row in rows]


def _nearest(
    here: list[Row], there: list[Row], words: dict[int, _Words], used: set[int]
) -> Iterator[tuple[Row, Row]]:
    """For each row of `here` one of `there`: with the most words in common, an unused one if
    there is any. By dictionaries of beginnings, so that many rows take no more time each.
    """
    begins: dict[tuple[object, _Words], list[Row]] = defaultdict(list)
    for row in there:
        own = words[id(row)]
        for size in range(1, len(own) + 1):
            begins[_group(row), own[:size]].append(row)
    waiting = here
    for size in range(max((len(words[id(row)]) for row in here), default=0), 0, -1):
        still: list[Row] = []
        for row in waiting:
            own = words[id(row)]
            found = begins.get((_group(row), own[:size])) if len(own) >= size else None
            if found is None or 2 * size < len(own):
                still.append(row)
                continue
            while len(found) > 1 and id(found[-1]) in used:
                found.pop()
            other = found[-1]
            if 2 * size < len(words[id(other)]):
                still.append(row)
                continue
            used.add(id(other))
            yield row, other
        waiting = still


def _group(row: Row) -> tuple[str, _Words]:
    pattern = row.entry.pattern
    return pattern.language, pattern.via


def _words(pattern: Pattern) -> _Words:
    """The words of the text, all holes alike."""
    if "{" not in pattern.command:
        return tuple(pattern.command.split())
    try:
        parts = split(pattern.command, pattern.language)
    except HoleError:
        return tuple(pattern.command.split())
    text = "".join(part if isinstance(part, str) else "{}" for part in parts)
    return tuple(text.split())

"""One of the two whitelists: asked whether its entries, together, allow what another one does.

Entries are grouped by a word that stands literally in their patterns, so that only those are
read that may have an action in common with what is asked about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from policy.cells import STEPS
from policy.decision import Tier
from policy.diff.readings import Readings
from policy.frozen import frozen
from policy.globs import escape
from policy.holes import Part, admits
from policy.languages import path_hole
from policy.whitelist.containment import EMPTY, Difference, Point, difference_among
from policy.whitelist.entry import Entry, Scope
from policy.whitelist.index import literal_words
from policy.whitelist.region import Region
from policy.whitelist.regions import RegionIndex

_Key = tuple[str, str]
"""A language, and a word of which every pattern of a group has one; "" where it has none."""


@frozen
class Grant:
    """How far an approval goes: `until` None is for ever."""

    tier: Tier
    approvals: int
    until: datetime | None

    def covers(self, other: Grant) -> bool:
        """Whether whatever `other` is enough for, this is enough for as well."""
        return (
            self.tier >= other.tier
            and self.approvals >= other.approvals
            and (self.until is None or (other.until is not None and self.until >= other.until))
        )


def grant_of(entry: Entry) -> Grant:
    """How far the entry goes; what never expires authorises only what is low."""
    tier = Tier.LOW if entry.expires is None else entry.tier
    return Grant(tier, entry.approvals, entry.expires)


class Side:
    """The entries of one whitelist that are in force at `now`."""

    def __init__(self, entries: Iterable[Entry], readings: Readings, now: datetime) -> None:
        self.entries = [entry for entry in entries if not entry.expired(now)]
        self._readings = readings
        self._groups: dict[_Key, list[Entry]] | None = None
        self._read: dict[_Key, _Group] = {}
        self._admitted: dict[tuple[str, tuple[Part, ...]], frozenset[_Key]] = {}

    def outside(self, region: Region, grant: Grant, steps: int = STEPS) -> Difference:
        """A point of the region for which no entry here is as good as the grant; EMPTY where
        that is proved of none.
        """
        groups = list(self._near(region))
        if not groups:
            return difference_among(region, lambda _: (), steps)
        if any(group.same(region, grant) for group in groups):
            return EMPTY
        return difference_among(
            region,
            lambda directory: [
                one for group in groups for one in group.covering(region, grant, directory)
            ],
            steps,
        )

    def overlapping(self, region: Region, grant: Grant) -> list[Region]:
        """Those as good as the grant that may share a point with the region."""
        return [one for group in self._near(region) for one in group.near(region, grant)]

    def admits(self, point: Point, grant: Grant) -> bool:
        """Whether some entry as good as the grant admits the point."""
        return any(one.admits(point) for one in self.overlapping(exactly(point), grant))

    def ends(self, point: Point) -> list[datetime]:
        """When those end that admit the point."""
        return [one for group in self._near(exactly(point)) for one in group.ends(point)]

    def _near(self, region: Region) -> Iterator[_Group]:
        if self._groups is None:
            self._groups = _grouped(self.entries, self._readings)
        for key in sorted(self._keys(region)):
            if key not in self._read:
                self._read[key] = _Group(self._groups[key], self._readings)
            yield self._read[key]

    def _keys(self, region: Region) -> set[_Key]:
        """Of the groups some word of which every pattern has, those whose word is in reach."""
        assert self._groups is not None  # noqa: S101  # `_near` made them
        form = region.form
        language = form.language
        found = {(language, "")}
        for piece in (*form.pieces, *(() if form.rest is None else (form.rest,))):
            if piece.text is not None:
                text = piece.text if language == "shell" else piece.text.casefold()
                found.add((language, text))
            else:
                found |= self._admitting(language, piece.parts)
        return {key for key in found if key in self._groups}

    def _admitting(self, language: str, parts: tuple[Part, ...]) -> frozenset[_Key]:
        known = self._admitted.get((language, parts))
        if known is None:
            assert self._groups is not None  # noqa: S101
            relative = path_hole(parts) is not None
            known = self._admitted[language, parts] = frozenset(
                key
                for key in self._groups
                if key[0] == language
                # A hole for a path may stand for a relative one; SQL is compared without case.
                and (language != "shell" or relative or admits(parts, key[1]))
            )
        return known


class _Group:
    """Entries with a word in common, read."""

    def __init__(self, entries: Iterable[Entry], readings: Readings) -> None:
        pairs = [(readings.region(entry), grant_of(entry)) for entry in entries]
        known = [(region, grant) for region, grant in pairs if region is not None]
        self._grants = [grant for _, grant in known]
        self._index = RegionIndex(region for region, _ in known)
        self._numbers = {id(region): at for at, region in enumerate(self._index.regions)}

    def same(self, region: Region, grant: Grant) -> bool:
        at = self._index.same(region)
        return at is not None and self._grants[at].covers(grant)

    def covering(self, region: Region, grant: Grant, directory: bool) -> Iterator[Region]:
        for one in self._index.candidates(region, directory):
            if self._grants[self._numbers[id(one)]].covers(grant):
                yield one

    def near(self, region: Region, grant: Grant) -> Iterator[Region]:
        for at in self._index.near(region):
            if self._grants[at].covers(grant):
                yield self._index.regions[at]

    def ends(self, point: Point) -> Iterator[datetime]:
        for at in self._index.near(exactly(point)):
            until = self._grants[at].until
            if until is not None and self._index.regions[at].admits(point):
                yield until


def exactly(point: Point) -> Region:
    """Just this point, where it says nothing of a fact with all that it may be."""
    context = point.context
    facts = (context.agent, context.target, context.environment, context.cwd)
    return Region(point.form, Scope(*(() if one is None else (escape(one),) for one in facts)))


def _grouped(entries: list[Entry], readings: Readings) -> dict[_Key, list[Entry]]:
    """By the word that most of them share: its program, usually."""
    words = [sorted(literal_words(entry.pattern, readings.rules)) for entry in entries]
    common = Counter(word for some in words for word in some)
    groups: dict[_Key, list[Entry]] = defaultdict(list)
    for entry, some in zip(entries, words, strict=True):
        word = max(some, key=lambda one: (common[one], one), default="")
        groups[entry.pattern.language, word].append(entry)
    return groups

"""Finds, among many regions, those that may share a point with one.

Every fact and word of a region begins in some known ways: a literal in one, a hole for a path
with the directory of its glob. Two that have a point in common have, in each dimension,
beginnings of which one continues the other. Of all dimensions the one that leaves the fewest
is looked up, the others are compared one by one; so neither ten thousand services nor ten
thousand agents, nor paths, make a question about one of them slow.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from policy.cells import STEPS
from policy.frozen import frozen
from policy.globs import Mode
from policy.holes import Part, home_glob
from policy.languages import fixed, head, heads, path_hole, texts
from policy.whitelist.containment import EMPTY, Difference, difference_among
from policy.whitelist.dimensions import FACTS, may_be_relative
from policy.whitelist.region import Region, piece_at

_LEVELS = 12  # words that are looked at; what follows rarely tells more

_Dimension = tuple[int, str] | str
"""A word by its index and role, or a fact by its name."""


@frozen
class _Look:
    """How the texts of one dimension begin; `exact` are whole texts.

    `path` and `loose`: in a known directory, relative paths fill the first, and may be among
    the second.
    """

    exact: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    path: bool = False
    loose: bool = False

    def meets(self, other: _Look, *, directory: bool) -> bool:
        """Whether the two may have a text in common, in a directory that is known or not."""
        if directory and ((self.path and other.loose) or (self.loose and other.path)):
            return True
        return (
            any(text in other.exact or text.startswith(other.open) for text in self.exact)
            or any(text.startswith(self.open) for text in other.exact)
            or any(
                one.startswith(another) or another.startswith(one)
                for one in self.open
                for another in other.open
            )
        )


class _Table:
    """One dimension of all regions, by how their texts begin."""

    def __init__(self) -> None:
        self.exact: dict[str, list[int]] = {}
        self.open: dict[str, list[int]] = {}
        self.paths: list[int] = []
        self.loose: list[int] = []
        self.always: list[int] = []
        self._lengths: set[int] = set()  # of the open beginnings
        self._sorted: tuple[list[str], list[int]] | None = None

    def add(self, index: int, look: _Look) -> None:
        for text in look.exact:
            self.exact.setdefault(text, []).append(index)
        for text in look.open:
            self.open.setdefault(text, []).append(index)
            self._lengths.add(len(text))
        if look.path:
            self.paths.append(index)
        if look.loose:
            self.loose.append(index)

    def near(self, look: _Look, *, directory: bool) -> list[Sequence[int]]:
        """Lists of all whose texts may meet those of the look."""
        found: list[Sequence[int]] = [self.always]
        if directory:
            found += [self.loose] * look.path + [self.paths] * look.loose
        for text in look.exact:
            found.append(self.exact.get(text, ()))
            found += [self.open.get(text[:size], ()) for size in self._lengths if size <= len(text)]
        for text in look.open:
            found += [self.open.get(text[:size], ()) for size in self._lengths if size < len(text)]
            found.append(self._beginning_with(text))
        return found

    def _beginning_with(self, text: str) -> Sequence[int]:
        if self._sorted is None:  # made at once: another thread sees nothing or all of it
            pairs = sorted(
                (start, index)
                for table in (self.exact, self.open)
                for start, indexes in table.items()
                for index in indexes
            )
            self._sorted = [start for start, _ in pairs], [index for _, index in pairs]
        starts, indexes = self._sorted
        first = bisect_left(starts, text)
        last = bisect_right(starts, text, lo=first, key=lambda start: start[: len(text)])
        return indexes[first:last]


class RegionIndex:
    """Many regions, to ask which of them may share a point with one."""

    few = 8
    """So many are compared one by one, without looking for a dimension that leaves fewer."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self.regions = tuple(regions)
        self._same: dict[object, int] = {}
        self._languages: dict[str, list[int]] = {}
        self._tables: dict[_Dimension, _Table] = {}
        self._facts = [_facts(region) for region in self.regions]
        for index, region in enumerate(self.regions):
            self._same.setdefault(region.key, index)
            self._languages.setdefault(region.form.language, []).append(index)
            self._add(index, region)

    def same(self, region: Region) -> int | None:
        """The index of a region that admits the same by what it says, or None."""
        return self._same.get(region.key)

    def near(self, region: Region) -> Iterator[int]:
        """The indexes of all that may share a point with the region, and few others."""
        return self._near(region, covering=False, directory=True)

    def candidates(self, region: Region, directory: bool = True) -> list[Region]:
        """Those that may hold a point of the region that says as little of its context as it
        can; `directory`: it may say in which directory it is.
        """
        return [
            self.regions[index] for index in self._near(region, covering=True, directory=directory)
        ]

    def difference(self, region: Region, steps: int = STEPS) -> Difference:
        """A point of `region` that none of the regions admits, or that there is none."""
        if self.same(region) is not None:
            return EMPTY
        return difference_among(region, lambda directory: self.candidates(region, directory), steps)

    def _add(self, index: int, region: Region) -> None:
        for level in range(_LEVELS):
            piece = piece_at(region.form, level)
            if piece is None:
                break
            self._table((level, piece.role)).add(index, look_at_word(piece.parts))
        for name, look in self._facts[index].items():
            table = self._table(name)
            if look is None:
                table.always.append(index)
            else:
                table.add(index, look)

    def _table(self, dimension: _Dimension) -> _Table:
        return self._tables.setdefault(dimension, _Table())

    def _near(self, region: Region, *, covering: bool, directory: bool) -> Iterator[int]:
        asked = _asked(region, covering=covering, directory=directory)
        found: list[Sequence[int]] = [self._languages.get(region.form.language, ())]
        fewest = len(found[0])
        for dimension, look in asked.items():
            if fewest <= self.few:
                break
            table = self._tables.get(dimension)
            if table is None:
                return
            lists: list[Sequence[int]] = [table.always]
            if look is not None:
                lists = table.near(look, directory=directory)
            number = sum(map(len, lists))
            if number < fewest:
                found, fewest = lists, number
        for index in sorted({index for some in found for index in some}):
            if self._meets(index, asked, directory=directory):
                yield index

    def _meets(self, index: int, asked: _Looks, *, directory: bool) -> bool:
        form, facts = self.regions[index].form, self._facts[index]
        for dimension, look in asked.items():
            if isinstance(dimension, str):
                theirs = facts[dimension]
                if theirs is None:
                    continue
            else:
                level, role = dimension
                piece = piece_at(form, level)
                if piece is None or piece.role != role:
                    return False
                theirs = look_at_word(piece.parts)
            if look is None or not look.meets(theirs, directory=directory):
                return False
        return True


_Looks = dict[_Dimension, _Look | None]
"""None: only who says nothing of the fact."""


def _asked(region: Region, *, covering: bool, directory: bool) -> _Looks:
    """What those must meet that may share a point with the region; with `covering` one that
    says nothing of a fact of which the region says nothing.
    """
    asked: _Looks = {
        (level, piece.role): look_at_word(piece.parts)
        for level, piece in enumerate(region.form.pieces[:_LEVELS])
    }
    for name, look in _facts(region).items():
        if look is not None or (covering and not (name == _DIRECTORY and directory)):
            asked[name] = look
    return asked


_DIRECTORY = "cwd"


def _facts(region: Region) -> dict[str, _Look | None]:
    """How the facts of the scope begin; None where the scope doesn't ask for it."""
    return {
        name: look_at_globs(globs, Mode.SHELL if name == _DIRECTORY else Mode.TEXT)
        if (globs := getattr(region.scope, name))
        else None
        for name in (*FACTS, _DIRECTORY)
    }


@lru_cache(maxsize=16_384)
def look_at_word(parts: tuple[Part, ...]) -> _Look:
    """How the texts of a word begin."""
    known = texts(parts)
    loose = may_be_relative(parts)
    if known is not None:
        return _Look(exact=known, loose=loose)
    hole = path_hole(parts)
    if hole is None:
        return _Look(open=heads(parts), loose=loose)
    below = look_at_globs(tuple(map(home_glob, hole.arguments)), Mode.SHELL)
    return _Look(below.exact, below.open, path=True, loose=loose)


@lru_cache(maxsize=16_384)
def look_at_globs(globs: tuple[str, ...], mode: Mode) -> _Look:
    """How the texts begin that one of the globs matches."""
    exact, begins = [], []
    for glob in globs:
        above = glob.removesuffix("/**")
        if fixed(glob, mode):
            exact.append(glob)
        elif mode is not Mode.TEXT and above not in {"", glob} and fixed(above, mode):
            exact.append(above)  # so that `/srv/a/**` and `/srv/ab/**` aren't near
            begins.append(f"{above}/")
        else:
            begins.append(head(glob, mode))
    return _Look(tuple(exact), tuple(begins))

"""Containment: what one region admits and others don't, with a point that shows it.

`difference` walks the dimensions of a region in their order: the directory, the other facts of
the context, the words, then further operands. Each is split by which of the others admit what
is there; where none is left, or none is complete at the end, a point outside them was found.
Every point is checked before it is given out, and what takes too many steps is unknown.

Directories are taken to be written as `policy.paths.normalise` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import partial

from policy.cells import STEPS, Steps, Undecided, Words, some_text
from policy.decision import Context
from policy.frozen import frozen
from policy.holes import Part
from policy.languages import ABSOLUTE, Meet, accepts, path_hole
from policy.whitelist.dimensions import (
    NO_DIRECTORY,
    NOTHING,
    Others,
    Relative,
    directories,
    may_be_relative,
    scope_facts,
    words_of,
    words_of_directory,
    words_of_fact,
)
from policy.whitelist.form import Piece
from policy.whitelist.region import Point, Region, piece_at

__all__ = [
    "Comparison",
    "Difference",
    "Point",
    "Region",
    "Relation",
    "Status",
    "compare",
    "difference",
    "difference_among",
    "included",
    "overlap",
]


class Status(Enum):
    """What is known of a set of points."""

    EMPTY = "empty"  # proved
    FOUND = "found"  # there is one, which was checked
    UNKNOWN = "unknown"  # not decided within the bound


@frozen
class Difference:
    """The answer to a question for a point."""

    status: Status
    point: Point | None = None


EMPTY = Difference(Status.EMPTY)
UNKNOWN = Difference(Status.UNKNOWN)


class Relation(Enum):
    """How what one admits compares with what another admits."""

    EQUIVALENT = "equivalent"
    WIDER = "wider"
    NARROWER = "narrower"
    INCOMPARABLE = "incomparable"
    UNKNOWN = "unknown"


@frozen
class Comparison:
    """A relation, with a point of the one that isn't in the other, and the reverse."""

    relation: Relation
    here: Point | None = None
    there: Point | None = None


Candidates = Callable[[bool], Sequence[Region]]
"""Of the regions in question those that may hold a point of the one; the argument says whether
the directory is known, and relative paths may fill holes for paths."""


# Questions ---------------------------------------------------------------------------------


def difference(one: Region, others: Sequence[Region], steps: int = STEPS) -> Difference:
    """A point of `one` that none of `others` admits, or that there is none."""
    return difference_among(one, lambda _: others, steps)


def difference_among(one: Region, candidates: Candidates, steps: int = STEPS) -> Difference:
    """As `difference`, among regions of which only the candidates are looked at."""
    try:
        return _difference(one, candidates, Steps(steps))
    except Undecided:
        return UNKNOWN


def included(one: Region, others: Sequence[Region], steps: int = STEPS) -> bool:
    """Whether every point of `one` is proved to be in some of `others`."""
    return difference(one, others, steps).status is Status.EMPTY


def compare(one: Region, other: Region, steps: int = STEPS) -> Comparison:
    """How `one` compares with `other`."""
    here, there = difference(one, [other], steps), difference(other, [one], steps)
    match here.status, there.status:
        case (Status.EMPTY, Status.EMPTY):
            relation = Relation.EQUIVALENT
        case (Status.FOUND, Status.EMPTY):
            relation = Relation.WIDER
        case (Status.EMPTY, Status.FOUND):
            relation = Relation.NARROWER
        case (Status.FOUND, Status.FOUND):
            relation = Relation.INCOMPARABLE
        case _:
            relation = Relation.UNKNOWN
    return Comparison(relation, here.point, there.point)


def overlap(one: Region, other: Region, steps: int = STEPS) -> Difference:
    """A point that both admit, or that there is none."""
    try:
        return _overlap(one, other, Steps(steps))
    except Undecided:
        return UNKNOWN


# Difference --------------------------------------------------------------------------------


def _difference(one: Region, candidates: Candidates, steps: Steps) -> Difference:
    inside = bool(one.scope.cwd)
    others = Others(one, candidates(inside))
    relative = Relative(one, others)
    if inside:
        here = words_of_directory(one.scope.cwd)
        starts = others.directories.split(here, others.all, steps)
    else:
        # Whoever admits a point where the directory is unknown admits it in every directory.
        here = Words(None, None, lambda: ABSOLUTE)
        starts = [(NO_DIRECTORY, others.directories.always)]
    if not relative.levels or not inside:
        for directory, alive in starts:
            found = _outside(one, others, directory, alive, steps)
            if found is not None:
                return _checked(found, one, others)
        if not relative.own:
            return EMPTY
    if all(
        _outside(one, others, directory, alive & relative.pathwise, steps) is None
        for directory, alive in starts
    ):
        return EMPTY
    if not inside:
        others = Others(one, candidates(True))
        relative = Relative(one, others)
    for directory, alive in directories(here, others.directories, relative.holes, steps):
        found = _outside(one, others, directory, alive, steps, relative.levels)
        if found is not None:
            return _checked(found, one, others)
    return EMPTY


def _checked(found: Point, one: Region, others: Others) -> Difference:
    if one.admits(found) and not any(other.admits(found) for other in others.regions):
        return Difference(Status.FOUND, found)
    return UNKNOWN


_Trail = tuple["_Trail", str | None] | None
_State = tuple[int, _Trail]
"""The others that still admit what was chosen, and what was chosen."""


def _outside(
    one: Region,
    others: Others,
    directory: str,
    alive: int,
    steps: Steps,
    levels: Iterable[int] = (),
) -> Point | None:
    """A point of `one` in the directory that none of those alive admits.

    At the `levels` a relative path may fill a hole for a path, and nowhere else.
    """
    states: list[_State] = [(alive, None)]
    for row, globs in zip(others.facts, scope_facts(one.scope), strict=True):
        if globs:
            words = words_of_fact(globs)
            states = _following(states, partial(row.split, words, steps=steps), steps)
        else:  # who admits a context without the fact admits every value of it
            states = [(bits & row.always, (trail, None)) for bits, trail in states]
    rooted = directory if directory.startswith("/") else NO_DIRECTORY
    fixed, last = len(one.form.pieces), max(len(one.form.pieces), others.longest)
    met: list[int] = []
    level = 0
    while states:
        if level >= fixed:
            ended = others.complete(level)
            for bits, trail in states:
                if not bits & ended:
                    return _point(one, directory, trail)
        piece = piece_at(one.form, level)
        if piece is None:
            return None
        if level >= last:  # from here on every word is treated alike
            states = [state for state in states if not any(bits & state[0] == bits for bits in met)]
            met += [bits for bits, _ in states]
        where = rooted if min(level, last) in levels else NO_DIRECTORY
        words, row = words_of(piece, where), others.row(level, piece.role, where)
        states = _following(states, partial(row.split, words, steps=steps), steps)
        level += 1
    return None


def _following(
    states: list[_State], split: Callable[[int], list[tuple[str, int]]], steps: Steps
) -> list[_State]:
    """What a word leads to, without what another does better."""
    found: dict[int, _Trail] = {}
    for bits, trail in states:
        for text, left in split(bits):
            if left not in found:
                found[left] = (trail, text)
    if len(found) > 1:
        steps.spend(len(found) * len(found))
    kept = [bits for bits in found if not any(o & bits == o for o in found if o != bits)]
    return [(bits, found[bits]) for bits in kept]


def _point(one: Region, directory: str, trail: _Trail) -> Point:
    texts: list[str | None] = []
    while trail is not None:
        trail, text = trail
        texts.append(text)
    agent, target, environment, *words = reversed(texts)
    pieces = []
    for level, text in enumerate(words):
        piece = piece_at(one.form, level)
        assert piece is not None  # noqa: S101  # the walk went through it
        assert text is not None  # noqa: S101
        pieces.append(Piece(piece.role, (text,)))
    context = Context(agent=agent, target=target, environment=environment, cwd=directory or None)
    return Point(one.form.language, tuple(pieces), context)


# Overlap -----------------------------------------------------------------------------------


def _overlap(one: Region, other: Region, steps: Steps) -> Difference:
    size = max(len(one.form.pieces), len(other.form.pieces))
    if one.form.language != other.form.language:
        return EMPTY
    pairs: list[tuple[Piece, Piece]] = []
    for level in range(size):
        mine, theirs = piece_at(one.form, level), piece_at(other.form, level)
        if mine is None or theirs is None or mine.role != theirs.role:
            return EMPTY
        pairs.append((mine, theirs))
    facts: list[str | None] = []
    for globs, also in zip(scope_facts(one.scope), scope_facts(other.scope), strict=True):
        found = _common([words_of_fact(some) for some in (globs, also) if some], steps)
        if found is None and (globs or also):
            return EMPTY
        facts.append(found)
    for directory in _common_directories(one, other, pairs, steps):
        rooted = directory if directory.startswith("/") else NO_DIRECTORY
        texts: list[str] = []
        for pair in pairs:
            text = _common([words_of(piece, rooted) for piece in pair], steps)
            if text is None:
                break
            texts.append(text)
        else:
            pieces = tuple(
                Piece(mine.role, (text,)) for (mine, _), text in zip(pairs, texts, strict=True)
            )
            agent, target, environment = facts
            context = Context(
                agent=agent, target=target, environment=environment, cwd=directory or None
            )
            point = Point(one.form.language, pieces, context)
            found_both = one.admits(point) and other.admits(point)
            return Difference(Status.FOUND, point) if found_both else UNKNOWN
    return EMPTY


def _common_directories(
    one: Region, other: Region, pairs: list[tuple[Piece, Piece]], steps: Steps
) -> Iterator[str]:
    """Directories that both scopes admit, in every way in which holes tell them apart."""
    asked = [words_of_directory(scope.cwd) for scope in (one.scope, other.scope) if scope.cwd]
    if not asked:
        yield NO_DIRECTORY
    holes: set[tuple[Part, ...]] = set()
    for pair in pairs:
        if any(path_hole(piece.parts) for piece in pair) and any(
            may_be_relative(piece.parts) for piece in pair
        ):
            holes.update(piece.parts for piece in pair if path_hole(piece.parts))
    if not asked and not holes:
        return
    finite = [words.texts for words in asked if words.texts is not None]
    texts = (
        tuple(text for text in finite[0] if all(_holds(w, text) for w in asked)) if finite else None
    )
    machines = [words.machine() for words in asked] or [ABSOLUTE]
    both = Words(
        None,
        texts,
        lambda: Meet(*machines),
        [text for words in asked for text in words.tries],
    )
    if holes:
        yield from (text for text, _ in directories(both, NOTHING, holes, steps))
        return
    text = _common([both], steps)
    if text is not None:
        yield text


def _common(several: list[Words], steps: Steps) -> str | None:
    """A text of all the languages, or None: they have none in common."""
    finite = [words.texts for words in several if words.texts is not None]
    if finite:
        return next(
            (text for text in finite[0] if all(_holds(words, text) for words in several)), None
        )
    for words in several:
        for text in words.tries:
            if all(_holds(other, text) for other in several):
                return text
    if not several:
        return None
    return some_text(Meet(*(words.machine() for words in several)), steps)


def _holds(words: Words, text: str) -> bool:
    return text in words.texts if words.texts is not None else accepts(words.machine(), text)

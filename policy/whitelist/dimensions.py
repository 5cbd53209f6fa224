"""Dimensions: what many regions say of one fact of the context, or of one word.

A `Row` holds one dimension of all the others, literal texts apart so that ten thousand of them
cost a look-up. It splits the words of the one region by which of the others hold them; others
are bits of an integer, by their index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from policy.automata import Automaton
from policy.cells import Cell, Other, Steps, Words, least, least_cells, walk
from policy.globs import Mode, automaton
from policy.holes import Part, admits, language
from policy.languages import (
    CANONICAL,
    Language,
    Meet,
    accepts,
    examples,
    filled,
    fixed,
    globs,
    heads,
    path_hole,
    shown,
    texts,
    word,
    word_below,
)
from policy.paths import normalise
from policy.whitelist.entry import Scope
from policy.whitelist.form import Piece, piece_admits
from policy.whitelist.region import Region, nameless, piece_at

Parts = tuple[Part, ...]
NO_DIRECTORY = ""
"""The directory isn't known, or plays no part: relative paths fill no hole for a path."""


class Row:
    """One dimension of many regions."""

    __slots__ = ("always", "literals", "others", "parts", "paths", "words")

    def __init__(self) -> None:
        self.always = 0  # who says nothing of it
        self.literals: dict[str, int] = {}
        self.others: dict[object, Other] = {}
        self.parts: dict[object, Parts] = {}  # of those others that are words of patterns
        self.paths = 0  # whose word is a hole for a path
        self.words = 0  # whose word is something else

    def add_literal(self, text: str, bits: int) -> None:
        self.literals[text] = self.literals.get(text, 0) | bits

    def add(self, other: Other) -> None:
        known = self.others.get(other.key)
        bits = other.bits if known is None else known.bits | other.bits
        self.others[other.key] = Other(other.key, other.holds, other.machine, bits)

    def add_word(self, parts: Parts, bits: int) -> None:
        if path_hole(parts) is None:
            self.words |= bits
        else:
            self.paths |= bits
        known = texts(parts)
        if known is None:
            key = nameless(parts)
            self.parts[key] = parts
            self.add(Other(key, partial(_admits, parts), partial(word, parts), bits))
        else:
            for text in known:
                self.add_literal(text, bits)

    def bits(self, text: str, alive: int = -1) -> int:
        """The regions, of those alive, that admit the text."""
        found = self.always | self.literals.get(text, 0)
        for other in self.others.values():
            if other.bits & alive & ~found and other.holds(text):
                found |= other.bits
        return found & alive

    def split(self, one: Words, alive: int, steps: Steps) -> list[Cell]:
        """Texts of `one` with those of `alive` that admit them, as few as there can be.

        No text: `one` admits nothing. Raises `Undecided`.
        """
        if one.texts is not None:
            steps.spend(len(one.texts) * (1 + len(self.others)))
            return least((text, self.bits(text, alive)) for text in one.texts)
        always = self.always & alive
        alive &= ~always
        literals = {text: bits & alive for text, bits in self.literals.items() if bits & alive}
        others = [
            Other(one.key, one.holds, one.machine, one.bits & alive)
            for one in self.others.values()
            if one.bits & alive
        ]
        steps.spend(1 + len(others))
        return [(text, bits | always) for text, bits in least_cells(one, literals, others, steps)]

    def below(self, directory: str) -> Row:
        """The row in a directory, where relative paths fill holes for paths as well."""
        row = Row()
        row.always, row.literals = self.always, self.literals
        row.paths, row.words, row.parts = self.paths, self.words, self.parts
        for key, other in self.others.items():
            parts = self.parts[key]
            if path_hole(parts) is None:
                row.others[key] = other
            else:
                holds = partial(_admits_below, parts, directory)
                machine = partial(word_below, parts, directory)
                row.others[key] = Other(key, holds, machine, other.bits)
        return row


NOTHING = Row()


class Others:
    """Many regions, by dimension. Those that have no action in common with `one` by their
    language or number of words are left out.
    """

    def __init__(self, one: Region, regions: Iterable[Region]) -> None:
        self.regions = [region for region in regions if _same_size(one, region)]
        self.longest = max((len(region.form.pieces) for region in self.regions), default=0)
        self.all = (1 << len(self.regions)) - 1
        self.facts = tuple(Row() for _ in FACTS)
        self.directories = Row()
        self._lengths: dict[int, int] = {}
        self._levels: dict[tuple[int, str], Row] = {}
        self._below: dict[tuple[int, str, str], Row] = {}
        for index, region in enumerate(self.regions):
            self._add(region, 1 << index)
        self.ended = [
            sum(bits for size, bits in self._lengths.items() if size <= length)
            for length in range(self.longest + 1)
        ]

    def _add(self, region: Region, bits: int) -> None:
        for row, name in zip(self.facts, FACTS, strict=True):
            _add_globs(row, getattr(region.scope, name), bits, Mode.TEXT)
        _add_globs(self.directories, region.scope.cwd, bits, Mode.SHELL)
        size = len(region.form.pieces)
        self._lengths[size] = self._lengths.get(size, 0) | bits
        for level in range(self.longest + 1):
            piece = piece_at(region.form, level)
            if piece is None:
                break
            key = level, piece.role
            if key not in self._levels:
                self._levels[key] = Row()
            self._levels[key].add_word(piece.parts, bits)

    def row(self, level: int, role: str, directory: str = NO_DIRECTORY) -> Row:
        """What those say of the word at an index that give it this role."""
        level = min(level, self.longest)
        row = self._levels.get((level, role), NOTHING)
        if not directory or not row.paths:
            return row
        key = level, role, directory
        if key not in self._below:
            self._below.clear()  # one directory after the other
            self._below[key] = row.below(directory)
        return self._below[key]

    def complete(self, length: int) -> int:
        """Those that an action of so many words fills."""
        return self.ended[min(length, self.longest)]


FACTS = ("agents", "targets", "environments")
"""The facts of a scope but for the directory."""


def _same_size(one: Region, other: Region) -> bool:
    mine, theirs = one.form, other.form
    if mine.language != theirs.language:
        return False
    # An action of the one's least size is a member of it, and so is any longer one.
    if theirs.rest is None and len(theirs.pieces) < len(mine.pieces):
        return False
    return mine.rest is not None or len(theirs.pieces) <= len(mine.pieces)


# Words of the one region -------------------------------------------------------------------


def words_of(piece: Piece, directory: str = NO_DIRECTORY) -> Words:
    """The language of a word; in a directory with the relative paths that fill a hole."""
    parts = piece.parts
    if directory and path_hole(parts) is not None:
        machine = partial(word_below, parts, directory)
    else:
        machine = partial(word, parts)
    known = texts(parts)
    tries = () if known is not None else tuple(examples(parts))
    return Words(nameless(parts), known, machine, tries)


def words_of_fact(patterns: Sequence[str]) -> Words:
    """The language of a fact that a scope asks for."""
    known = tuple(patterns) if all(fixed(one, Mode.TEXT) for one in patterns) else None
    return Words(None, known, partial(globs, patterns, Mode.TEXT), tuple(map(shown, patterns)))


def words_of_directory(patterns: Sequence[str]) -> Words:
    """The language of the directories that a scope asks for, written canonically."""
    known = None
    if all(fixed(one, Mode.SHELL) for one in patterns):
        known = tuple(one for one in patterns if one and normalise(one) == one)
    tries = [filled(one.removesuffix("/**") or "/") for one in patterns]
    return Words(None, known, partial(_directories, tuple(patterns)), tuple(tries))


def _directories(patterns: Sequence[str]) -> Language:
    return Meet(globs(patterns, Mode.SHELL), CANONICAL)


def _add_globs(row: Row, patterns: Sequence[str], bits: int, mode: Mode) -> None:
    if not patterns:
        row.always |= bits
    for glob in patterns:
        if fixed(glob, mode):
            row.add_literal(glob, bits)
        else:
            row.add(
                Other(glob, automaton(glob, mode).accepts, partial(automaton, glob, mode), bits)
            )


def _admits(parts: Parts, text: str) -> bool:
    # The heads are looked at first: they are known without building a machine.
    return text.startswith(heads(parts)) and admits(parts, text)


def _admits_below(parts: Parts, directory: str, text: str) -> bool:
    return piece_admits(Piece("", parts), Piece("", (text,)), directory)


# Where relative paths play a part ----------------------------------------------------------


class Relative:
    """Words for which it matters that a relative path may fill a hole for a path.

    Two holes for paths agree on a relative path if they agree on the absolute one, so only a
    level where such a hole meets another kind of word counts. At the `levels` the directory
    decides; `own` says that without a directory some member of the one region would be missed;
    `pathwise` are those others that have holes for paths wherever the one has at these levels.
    """

    def __init__(self, one: Region, others: Others) -> None:
        self.levels: set[int] = set()
        self.own = False
        self.pathwise = others.all
        self.holes: set[Parts] = set()
        for level in range(max(others.longest, len(one.form.pieces)) + 1):
            piece = piece_at(one.form, level)
            if piece is None:
                break
            row = others.row(level, piece.role)
            hole = path_hole(piece.parts)
            if hole is not None and row.words:
                self.own = True
                self.pathwise &= ~row.words
            elif not (row.paths and may_be_relative(piece.parts)):
                continue
            self.levels.add(level)
            self.holes.update(
                parts for parts in (piece.parts, *row.parts.values()) if path_hole(parts)
            )


def may_be_relative(parts: Parts) -> bool:
    """Whether the word itself, whatever the directory, may be a relative path."""
    return not all(one.startswith(("/", "-", "\0")) for one in heads(parts))


def directories(one: Words, row: Row, holes: Iterable[Parts], steps: Steps) -> Iterator[Cell]:
    """Directories of `one`, with the others that admit them: one for every way in which the
    row and the holes tell directories apart. Raises `Undecided`.
    """
    machines = [language(parts) for parts in holes]
    seen = set()
    for text in _told_apart(one, row, machines, steps):
        bits = row.bits(text)
        key = bits, tuple(_state_below(machine, text) for machine in machines)
        if key not in seen:
            seen.add(key)
            yield text, bits


def _told_apart(one: Words, row: Row, machines: Sequence[Automaton], steps: Steps) -> Iterator[str]:
    if one.texts is not None:
        yield from one.texts
        return
    machine = one.machine()
    yield from (text for text in one.tries if accepts(machine, text))
    walked = [*(other.machine() for other in row.others.values()), *machines]
    for found in walk(machine, walked, steps, row.literals, first="/"):
        yield found.text


def _state_below(machine: Automaton, directory: str) -> int:
    if not directory.startswith("/"):
        return 0
    state = machine.start
    for character in f"{directory.rstrip('/')}/":
        state = machine.step(state, character)
    return state


def scope_facts(scope: Scope) -> tuple[tuple[str, ...], ...]:
    """The globs of the facts, in the order of `FACTS`."""
    return scope.agents, scope.targets, scope.environments

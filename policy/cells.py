"""Cells: how the texts of one language are divided by other languages.

Two texts are in the same cell if the same others hold both of them. A walk through all the
machines at once, breadth first, finds a short text of every cell there is, over an alphabet
with one character for all those that no machine tells apart. Its steps are counted: beyond a
bound nothing is known, and `Undecided` says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from policy.automata import Characters
from policy.frozen import frozen
from policy.languages import Language, State, accepts, characters, following

STEPS = 200_000
"""Steps of machines for one question; some tenths of a second."""

_NICE = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_/.-:+=@,% "
_RANK = {character: rank for rank, character in enumerate(_NICE)}


class Undecided(Exception):
    """The question would take more steps than it was given."""


class Steps:
    """Counts what a question costs."""

    __slots__ = ("left",)

    def __init__(self, number: int = STEPS) -> None:
        self.left = number

    def spend(self, number: int) -> None:
        """Raises `Undecided` where that is more than is left."""
        self.left -= number
        if self.left < 0:
            raise Undecided


# Alphabets ---------------------------------------------------------------------------------


def alphabet(languages: Iterable[Language], named: Iterable[str] = ()) -> tuple[str, ...]:
    """One character for all that no language tells apart, readable ones first.

    Each character of `named` stands for itself.
    """
    wide, alone = set(), set(named)
    for found in chain.from_iterable(map(characters, languages)):
        single = found.single
        if single is None:
            wide.add(found)
        else:
            alone.add(single)
    return _alphabet(frozenset(wide), frozenset(alone))


@lru_cache(maxsize=1_024)
def _alphabet(wide: frozenset[Characters], alone: frozenset[str]) -> tuple[str, ...]:
    # A run of characters that nothing tells apart begins at the end of a range, or after a
    # character that stands for itself.
    pool = set(_NICE)
    pool.update(chain.from_iterable(one.boundaries() for one in wide))
    for character in alone.union(*(one.but for one in wide)):
        pool.update((character, chr(min(ord(character) + 1, 0x10FFFF))))
    sets = tuple(wide)
    classes: dict[tuple[bool, ...], str] = {}
    for character in sorted(pool - alone, key=_rank):
        classes.setdefault(tuple(character in one for one in sets), character)
    return tuple(sorted({*classes.values(), *alone}, key=_rank))


def _rank(character: str) -> tuple[int, bool, str]:
    return _RANK.get(character, len(_NICE)), not character.isprintable(), character


# Walks -------------------------------------------------------------------------------------


@frozen
class Found:
    """A text of the language walked, and the states in which it leaves the others."""

    text: str
    states: tuple[State, ...]
    literal: str | None  # the same text, where it is one of the literals


def walk(
    one: Language,
    others: Sequence[Language],
    steps: Steps,
    literals: Iterable[str] = (),
    first: str = "",
) -> Iterator[Found]:
    """A text of `one` for each state that all the machines can be in together, short ones first.

    Literals are told from all other texts. Of equally long texts the ones with the characters of
    `first` come first. Raises `Undecided`.
    """
    tree, named = _tree(literals)
    letters = sorted(alphabet((one, *others), named), key=lambda letter: letter not in first)
    begin = (one.start, tuple(other.start for other in others))
    pending: deque[tuple[str, State, tuple[State, ...], _Node | None]]
    pending = deque([("", *begin, tree)])
    seen = {(*begin, id(tree))}
    cost = 1 + len(others)
    while pending:
        text, state, states, node = pending.popleft()
        if one.final(state):
            yield Found(text, states, None if node is None else node.text)
        only = following(one, state)
        for letter in letters if only is None else sorted(only):
            after = one.step(state, letter)
            if not after:
                continue
            steps.spend(cost)
            left = tuple(
                other.step(at, letter) if at else at
                for other, at in zip(others, states, strict=True)
            )
            below = None if node is None else node.below.get(letter)
            key = (after, left, 0 if below is None else id(below))
            if key not in seen:
                seen.add(key)
                pending.append((text + letter, after, left, below))


class _Node:
    """The literals that go on from one beginning."""

    __slots__ = ("below", "text")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.text: str | None = None


def _tree(literals: Iterable[str]) -> tuple[_Node, set[str]]:
    """The literals by their beginnings, and all their characters."""
    tree = _Node()
    named: set[str] = set()
    for text in literals:
        node = tree
        for character in text:
            node = node.below.setdefault(character, _Node())
        node.text = text
        named.update(text)
    return tree, named


def some_text(one: Language, steps: Steps) -> str | None:
    """A short text of the language, or None: it has none. Raises `Undecided`."""
    return next((found.text for found in walk(one, (), steps)), None)


# Division ----------------------------------------------------------------------------------


@frozen
class Other:
    """A language that divides, and the bits of those whose language it is.

    `holds` says the same as the machine, and may be quicker; the machine is made when it is
    walked. `key` is equal for equal languages only.
    """

    key: object
    holds: Callable[[str], bool]
    machine: Callable[[], Language]
    bits: int


@frozen
class Words:
    """The language that is divided: its `texts` where they can be told, else a machine."""

    key: object
    texts: tuple[str, ...] | None
    machine: Callable[[], Language]
    tries: Sequence[str] = ()  # readable texts that it may hold


Cell = tuple[str, int]
"""A text, and the bits of all the others that hold it."""


def cells(
    one: Words, literals: Mapping[str, int], others: Sequence[Other], steps: Steps
) -> Iterator[Cell]:
    """A text for every cell of `one`, readable ones first; some cells more than once.

    `literals` are further others, of one text each, by their bits. Raises `Undecided`.
    """
    if one.texts is not None:
        for text in one.texts:
            steps.spend(1)
            yield text, literals.get(text, 0) | _bits(others, text)
        return
    machine = one.machine()
    for text in one.tries:
        if accepts(machine, text):
            steps.spend(1)
            yield text, literals.get(text, 0) | _bits(others, text)
    machines = [other.machine() for other in others]
    inside = [text for text in literals if accepts(machine, text)]
    for found in walk(machine, machines, steps, inside):
        bits = 0 if found.literal is None else literals[found.literal]
        for other, walked, state in zip(others, machines, found.states, strict=True):
            if state and walked.final(state):
                bits |= other.bits
        yield found.text, bits


def least_cells(
    one: Words, literals: Mapping[str, int], others: Sequence[Other], steps: Steps
) -> list[Cell]:
    """The cells of which no other has a part of the bits only. Raises `Undecided`."""
    if one.texts is not None:
        return least(cells(one, literals, others, steps))
    # What holds all of `one` divides nothing, and without it a single text may be the proof.
    whole = 0
    dividing = []
    sample = next((text for text in one.tries if accepts(one.machine(), text)), None)
    for other in others:
        equal = other.key == one.key
        if equal or (sample is not None and other.holds(sample) and _holds_all(other, one, steps)):
            whole |= other.bits
        else:
            dividing.append(other)
    return [
        (text, bits | whole) for text, bits in least(cells(one, literals, dividing, steps), whole)
    ]


def least(found: Iterable[Cell], whole: int = 0) -> list[Cell]:
    """Those of which no other has a part of the bits only; bits of `whole` don't count."""
    kept: list[Cell] = []
    for text, bits in found:
        bits &= ~whole
        if any(other & bits == other for _, other in kept):
            continue
        kept = [one for one in kept if bits & one[1] != bits]
        kept.append((text, bits))
        if not bits:
            break
    return kept


def _bits(others: Iterable[Other], text: str) -> int:
    bits = 0
    for other in others:
        if other.bits & ~bits and other.holds(text):
            bits |= other.bits
    return bits


def _holds_all(other: Other, one: Words, steps: Steps) -> bool:
    machine = other.machine()
    return all(
        found.states[0] and machine.final(found.states[0])
        for found in walk(one.machine(), (machine,), steps)
    )

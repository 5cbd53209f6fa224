"""Automata over sets of characters: matching, overlap and inclusion, without backtracking.

Matching follows sets of states, overlap walks pairs of states, inclusion walks a state of
one automaton beside a set of states of the other. `policy.globs` builds them.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy.frozen import frozen

_INCLUSION_STEPS = 4_000  # beyond: "not proved", which every caller reads as not included
_MEMORY = 2_048  # remembered transitions of one automaton
_OTHER = "\U0010fffe"  # stands for every character that no glob names


@frozen
class Characters:
    """A set of characters: inside (or, `negated`, outside) the ranges, never of `but`."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False
    but: str = ""

    def __contains__(self, character: object) -> bool:
        if not isinstance(character, str) or character in self.but:
            return False
        inside = any(low <= character <= high for low, high in self.ranges)
        return inside is not self.negated

    @property
    def single(self) -> str | None:
        """The only character, where it is a literal."""
        if self.negated or len(self.ranges) != 1 or self.ranges[0][0] != self.ranges[0][1]:
            return None
        return self.ranges[0][0]

    @property
    def narrow(self) -> bool:
        """Whether it names characters of a name, as a literal or `[abc]` does."""
        return not self.negated and self.ranges not in _STRUCTURE

    def meets(self, other: Characters) -> bool:
        """Whether some character is in both."""
        for one, another in ((self, other), (other, self)):
            if one.single is not None:
                return one.single in another
        if self.negated and other.negated:
            return True  # neither leaves out more than a few
        letters = {_OTHER, *self.boundaries(), *other.boundaries()}
        return any(letter in self and letter in other for letter in letters)

    def boundaries(self) -> Iterator[str]:
        """Characters next to which membership may change."""
        yield from self.but
        for pair in self.ranges:
            for character in pair:
                yield character
                code = ord(character)
                yield chr(max(code - 1, 0))
                yield chr(min(code + 1, 0x10FFFF))


ANY = Characters((), negated=True)
NO_SLASH = Characters((), negated=True, but="/")
NO_DOT = Characters((), negated=True, but="/.\0")  # NUL stands for a home, and begins no name
SLASH = Characters((("/", "/"),))
_STRUCTURE = ((("/", "/"),), (("\0", "\0"),))  # of a path, not of a name


class Automaton:
    """States 0 … `accept`, edges over character sets, empty moves already followed."""

    __slots__ = ("_memory", "accept", "closures", "edges", "prefix", "start", "suffix")

    def __init__(
        self,
        edges: list[list[tuple[Characters, int]]],
        moves: list[list[int]],
        prefix: str,
        suffix: str,
    ) -> None:
        self.prefix = prefix  # what every text that matches begins with
        self.suffix = suffix  # and ends with
        self.accept = len(edges) - 1
        self.edges = tuple(map(tuple, edges))
        self.closures = tuple(_closure(state, moves) for state in range(len(edges)))
        self.start = _mask(self.closures[0])
        self._memory: dict[tuple[int, str], int] = {}

    def accepts(self, text: str) -> bool:
        """Whether it matches all of `text`."""
        states = self.start
        for character in text:
            states = self.step(states, character)
            if not states:
                return False
        return self.final(states)

    def step(self, states: int, character: str) -> int:
        """The set of states (as bits) after `character`."""
        found = self._memory.get((states, character))
        if found is None:
            found = 0
            for state, edges in enumerate(self.edges):
                if states >> state & 1:
                    for characters, target in edges:
                        if character in characters:
                            found |= _mask(self.closures[target])
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            self._memory[states, character] = found
        return found

    def final(self, states: int) -> bool:
        """Whether one of the states is the accepting one."""
        return bool(states >> self.accept & 1)


def _closure(state: int, moves: list[list[int]]) -> tuple[int, ...]:
    found, pending = {state}, [state]
    while pending:
        for target in moves[pending.pop()]:
            if target not in found:
                found.add(target)
                pending.append(target)
    return tuple(sorted(found))


def _mask(states: tuple[int, ...]) -> int:
    return sum(1 << state for state in states)


def overlap(left: Automaton, right: Automaton, *, by_name: bool = False) -> bool:
    """Whether some text matches both.

    `by_name`: only if the two share a character that both of them name, so that `*` and
    `**/id_rsa` don't overlap (the wildcard alone finds the name) and `id_*` and it do.
    """
    if not _agree(left, right):
        return False
    pending = [(one, other, not by_name) for one in left.closures[0] for other in right.closures[0]]
    seen = set(pending)
    while pending:
        one, other, named = pending.pop()
        if named and one == left.accept and other == right.accept:
            return True
        for characters, target in left.edges[one]:
            for others, goal in right.edges[other]:
                if not characters.meets(others):
                    continue
                shared = named or (characters.narrow and others.narrow)
                for state in left.closures[target]:
                    for mate in right.closures[goal]:
                        if (state, mate, shared) not in seen:
                            seen.add((state, mate, shared))
                            pending.append((state, mate, shared))
    return False


def _agree(left: Automaton, right: Automaton) -> bool:
    """Whether the fixed beginnings and ends leave room for an overlap; quick."""
    return (left.prefix.startswith(right.prefix) or right.prefix.startswith(left.prefix)) and (
        left.suffix.endswith(right.suffix) or right.suffix.endswith(left.suffix)
    )


def included(left: Automaton, right: Automaton) -> bool:
    """Whether every text that `left` matches is proved to match `right`.

    False also where the proof would take too many steps.
    """
    if not (left.prefix.startswith(right.prefix) and left.suffix.endswith(right.suffix)):
        return False
    letters = _letters(left, right)
    pending = [(state, right.start) for state in left.closures[0]]
    seen = set(pending)
    while pending:
        state, states = pending.pop()
        if state == left.accept and not right.final(states):
            return False
        for characters, target in left.edges[state]:
            for letter in letters[characters]:
                following = right.step(states, letter)
                for reached in left.closures[target]:
                    if (reached, following) not in seen:
                        if len(seen) >= _INCLUSION_STEPS:
                            return False
                        seen.add((reached, following))
                        pending.append((reached, following))
    return True


def _letters(left: Automaton, right: Automaton) -> dict[Characters, list[str]]:
    """For each character set of `left` letters of an alphabet that tells all sets apart."""
    sets = {edge[0] for edges in left.edges for edge in edges}
    alphabet = {"/", ".", _OTHER}
    for characters in sets.union(edge[0] for edges in right.edges for edge in edges):
        alphabet.update(characters.boundaries())
    return {
        characters: [letter for letter in alphabet if letter in characters] for characters in sets
    }

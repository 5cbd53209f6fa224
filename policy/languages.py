"""Languages of one word, as machines that read it character by character.

A machine has a `start`, steps from state to state, and says which states are final; a false
state (0 or an empty tuple) is dead. `policy.automata.Automaton` is one; what is made of several
is here: what all read, what any reads, what may follow. Nothing is built before it is walked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, Protocol, assert_never

from policy.automata import ANY, SLASH, Automaton, Characters
from policy.globs import HOME, Mode, automaton, unescape
from policy.holes import Hole, HoleKind, Part, home_glob, language

State = Any  # hashable; false where nothing can be read any more

_FINITE = 256  # texts that are told one by one


class Language(Protocol):
    """Reads a text character by character; deterministic."""

    @property
    def start(self) -> State: ...

    def step(self, states: State, character: str, /) -> State: ...

    def final(self, states: State, /) -> bool: ...


class Meet:
    """What every member reads."""

    __slots__ = ("members", "start")

    def __init__(self, *members: Language) -> None:
        self.members = members
        self.start: State = tuple(one.start for one in members)

    def step(self, states: State, character: str) -> State:
        found = []
        for one, state in zip(self.members, states, strict=True):
            after = one.step(state, character)
            if not after:
                return ()
            found.append(after)
        return tuple(found)

    def final(self, states: State) -> bool:
        return bool(states) and all(
            one.final(state) for one, state in zip(self.members, states, strict=True)
        )


class Join:
    """What some member reads."""

    __slots__ = ("members", "start")

    def __init__(self, *members: Language) -> None:
        self.members = members
        self.start: State = tuple(one.start for one in members)

    def step(self, states: State, character: str) -> State:
        found = tuple(
            one.step(state, character) if state else state
            for one, state in zip(self.members, states, strict=True)
        )
        return found if any(found) else ()

    def final(self, states: State) -> bool:
        return any(
            state and one.final(state) for one, state in zip(self.members, states, strict=False)
        )


class After:
    """What the automaton reads once it is in `start`."""

    __slots__ = ("automaton", "start")

    def __init__(self, automaton: Automaton, start: int) -> None:
        self.automaton = automaton
        self.start = start

    def step(self, states: State, character: str) -> State:
        return self.automaton.step(states, character)

    def final(self, states: State) -> bool:
        return self.automaton.final(states)


def accepts(one: Language, text: str) -> bool:
    """Whether the language holds `text`."""
    state = one.start
    for character in text:
        if not state:
            return False
        state = one.step(state, character)
    return bool(state) and one.final(state)


def characters(one: Language) -> Iterator[Characters]:
    """Every set of characters on which a step of the language depends."""
    match one:
        case Automaton():
            for edges in one.edges:
                for found, _ in edges:
                    yield found
        case Meet() | Join():
            for member in one.members:
                yield from characters(member)
        case After():
            yield from characters(one.automaton)
        case _:
            raise TypeError(f"{type(one).__name__} doesn't tell its characters")


def following(one: Language, states: State) -> frozenset[str] | None:
    """The only characters with which a text goes on from the states; None: there are many."""
    match one:
        case Automaton():
            found = set()
            for state, edges in enumerate(one.edges):
                if states >> state & 1:
                    for edge, _ in edges:
                        single = edge.single
                        if single is None:
                            return None
                        found.add(single)
            return frozenset(found)
        case After():
            return following(one.automaton, states)
        case Meet():
            for member, state in zip(one.members, states, strict=True):
                some = following(member, state)
                if some is not None:
                    return some
            return None
        case Join():
            union: frozenset[str] = frozenset()
            for member, state in zip(one.members, states, strict=True):
                some = following(member, state) if state else frozenset()
                if some is None:
                    return None
                union |= some
            return union
        case _:
            return None


# Words of patterns -------------------------------------------------------------------------


@lru_cache(maxsize=4_096)
def word(parts: tuple[Part, ...]) -> Language:
    """What `policy.holes.admits` admits for the parts of a word."""
    found = language(parts)
    if not any(isinstance(part, Hole) and part.kind is HoleKind.PATH for part in parts):
        return found
    before = len(parts[0]) if isinstance(parts[0], str) else 0
    return Meet(found, _plain(before))


def word_below(parts: tuple[Part, ...], directory: str) -> Language:
    """As `word`, with the relative paths that a path hole admits in an absolute directory."""
    machine = language(parts)
    state = machine.start
    for character in f"{directory.rstrip('/')}/":
        state = machine.step(state, character)
    return Join(word(parts), Meet(After(machine, state), RELATIVE)) if state else word(parts)


def path_hole(parts: tuple[Part, ...]) -> Hole | None:
    """The hole, where the word is one for a path and nothing more."""
    if len(parts) == 1:
        (only,) = parts
        if isinstance(only, Hole) and only.kind is HoleKind.PATH:
            return only
    return None


@lru_cache(maxsize=8_192)
def texts(parts: tuple[Part, ...]) -> tuple[str, ...] | None:
    """Every text that the word may be, or None where they are too many to tell."""
    if len(parts) == 1 and isinstance(parts[0], Hole) and parts[0].kind is HoleKind.ONE_OF:
        return parts[0].arguments
    choices: list[tuple[str, ...]] = []
    number = 1
    for part in parts:
        if isinstance(part, str):
            choices.append((part,))
        elif part.kind is HoleKind.ONE_OF:
            choices.append(tuple(one for one in part.arguments if one and one[0] != "-"))
        else:
            return None
        number *= len(choices[-1])
        if number > _FINITE and len(choices) > 1:
            return None
    return tuple(dict.fromkeys(map("".join, product(*choices))))


@lru_cache(maxsize=8_192)
def heads(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Of every text of the word, one is the beginning."""
    before = ""
    for part in parts:
        if isinstance(part, str):
            before += part
            continue
        match part.kind:
            case HoleKind.ONE_OF:
                return tuple(before + one for one in part.arguments)
            case HoleKind.LIKE:
                return tuple(before + head(one, Mode.TEXT) for one in part.arguments)
            case HoleKind.PATH:
                return tuple(before + head(home_glob(one), Mode.SHELL) for one in part.arguments)
            case HoleKind.WORD | HoleKind.INT | HoleKind.NAME | HoleKind.TEXT:
                return (before,)
            case _:
                assert_never(part.kind)
    return (before,)


def head(glob: str, mode: Mode) -> str:
    """What every text that the glob matches begins with."""
    wild = _WILD.search(glob) if mode is Mode.TEXT else _WILD_PATH.search(glob)
    if wild is None:
        return glob
    found = glob[: wild.start()]
    if mode is not Mode.TEXT and glob.startswith("**", wild.start()) and found.endswith("/"):
        return found[:-1] or found  # `/x/**` is also `/x`
    return found


_WILD = re.compile(r"[*?\[\\]")
_WILD_PATH = re.compile(r"[*?\[\\]|[+@!]\(")


def fixed(glob: str, mode: Mode) -> bool:
    """Whether the glob matches only itself."""
    return (_WILD if mode is Mode.TEXT else _WILD_PATH).search(glob) is None


# Examples ----------------------------------------------------------------------------------


def examples(parts: tuple[Part, ...]) -> Iterator[str]:
    """Readable texts that are likely to fit: of each hole the first, then the others in turn."""
    choices = [(part,) if isinstance(part, str) else _fitting(part) for part in parts]
    yield "".join(some[0] for some in choices)
    for index, some in enumerate(choices):
        for other in some[1:]:
            yield "".join(other if at == index else these[0] for at, these in enumerate(choices))


def _fitting(hole: Hole) -> Sequence[str]:
    name = hole.name or "x"
    match hole.kind:
        case HoleKind.WORD:
            return name, "main", f"{name}/a", f"+{name}", f"{name}:a", f"{name}=a"
        case HoleKind.TEXT:
            return name, "main", f"some {name}"
        case HoleKind.NAME:
            return name, "main", f"{name}/a", f"{name}.a"
        case HoleKind.INT:
            return "7", "12", "443"
        case HoleKind.ONE_OF:
            return hole.arguments
        case HoleKind.LIKE:
            return *map(shown, hole.arguments), *(shown(one, "main") for one in hole.arguments)
        case HoleKind.PATH:
            named = [home_glob(one) for one in hole.arguments]
            return *(filled(one, name) for one in named), *(filled(one, "a b") for one in named)
        case _:
            assert_never(hole.kind)


def shown(glob: str, name: str = "1") -> str:
    """A text that a glob of texts is likely to match."""
    glob = _CHOICE.sub(r"\1", glob)
    return unescape(glob.replace("*", name).replace("?", "1"))


def filled(glob: str, name: str = "a") -> str:
    """A path that a glob of paths is likely to match."""
    return shown(glob.replace("**", "*"), name)


_CHOICE = re.compile(r"\[([^]!^\\])[^]]*\]")


# Paths -------------------------------------------------------------------------------------


class _Paths:
    """Adds states for segments that are not empty, `.` or `..`, with slashes between them."""

    def __init__(self) -> None:
        self.edges: list[list[tuple[Characters, int]]] = []
        self.moves: list[list[int]] = []

    def new(self) -> int:
        self.edges.append([])
        self.moves.append([])
        return len(self.edges) - 1

    def segments(self, never_first: str = "", never: str = "") -> tuple[int, int]:
        """Where the first segment begins, and where one, the last perhaps, may end.

        Its first character is none of `never_first`, and no character is one of `never`.
        """
        first, begin, dot, dots, inside = (self.new() for _ in range(5))
        inner = Characters((), negated=True, but="/" + never)
        named = Characters((), negated=True, but="/." + never)
        begins = Characters((), negated=True, but="/." + never_first + never)
        point = Characters(((".", "."),))
        for state, leading in ((first, begins), (begin, named)):
            self.edges[state] += [(leading, inside), (point, dot)]
        self.edges[dot] += [(named, inside), (point, dots)]
        self.edges[dots].append((inner, inside))
        self.edges[inside] += [(inner, inside), (SLASH, begin)]
        return first, inside

    def build(self, *ends: int) -> Automaton:
        accept = self.new()
        for end in ends:
            self.moves[end].append(accept)
        return Automaton(self.edges, self.moves, "", "")


@lru_cache(maxsize=256)
def _plain(before: int) -> Automaton:
    """Any `before` characters, then what `policy.holes.plain_path` calls plain."""
    paths = _Paths()
    states = [paths.new() for _ in range(before + 1)]
    for state, following in pairwise(states):
        paths.edges[state].append((ANY, following))
    root = paths.new()
    paths.edges[states[-1]].append((SLASH, root))
    begin, inside = paths.segments()
    paths.moves[root].append(begin)
    paths.moves[states[-1]].append(begin)
    return paths.build(root, inside)


def _absolute() -> Automaton:
    paths = _Paths()
    start, root = paths.new(), paths.new()
    paths.edges[start].append((SLASH, root))
    begin, inside = paths.segments(never=HOME)
    paths.moves[root].append(begin)
    return paths.build(root, inside)


def _relative() -> Automaton:
    paths = _Paths()
    _, inside = paths.segments("-\0")
    return paths.build(inside)


def _canonical() -> Automaton:
    paths = _Paths()
    start, root, only, up, ups, home, again = (paths.new() for _ in range(7))
    point = Characters(((".", "."),))
    nul = Characters(((HOME, HOME),))
    inner = Characters((), negated=True, but="/" + HOME)
    paths.edges[start] += [(SLASH, root), (point, only), (point, up), (nul, home)]
    paths.edges[home] += [(inner, home), (SLASH, again)]
    paths.edges[up].append((point, ups))
    paths.edges[ups].append((SLASH, again))
    paths.edges[again].append((point, up))
    begin, inside = paths.segments(never=HOME)
    for state in (start, root, again):
        paths.moves[state].append(begin)
    return paths.build(root, only, ups, home, inside)


ABSOLUTE = _absolute()
"""Absolute canonical paths of directories; none has a NUL."""

RELATIVE = _relative()
"""Relative paths that, in a directory that is known, may fill a hole for a path."""

CANONICAL = _canonical()
"""Directories as `policy.paths.normalise` writes them; NUL begins a home and nothing else."""


def globs(patterns: Sequence[str], mode: Mode) -> Language:
    """What one of the globs matches."""
    return Join(*(automaton(one, mode) for one in patterns))

"""Globs, read into automata: what matches one is decided in linear time.

Nothing here backtracks, and nothing is handed to a regular expression engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache

from policy.automata import ANY, NO_DOT, NO_SLASH, SLASH, Automaton, Characters

HOME = "\0"
"""Begins a path below some user's home: `\\0/x` for `~/x`, `\\0bob/x` for `~bob/x`."""

_SPECIAL = frozenset("*?[\\")


class Mode(Enum):
    """What the wildcards of a glob stand for."""

    TEXT = "text"  # `*` any text
    PATH = "path"  # `*` within a segment, `**` across; `x/**` is also `x`, `**/x` also `x`
    SHELL = "shell"  # a word of a command: as PATH, but a wildcard matches no leading dot


class Builder:
    """Reads a glob from left to right, adding states at the end."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.edges: list[list[tuple[Characters, int]]] = [[]]
        self.moves: list[list[int]] = [[]]
        self.prefix = ""
        self.suffix = ""
        self.literal = True  # nothing but literal characters so far

    @property
    def here(self) -> int:
        return len(self.edges) - 1

    def new(self) -> int:
        self.edges.append([])
        self.moves.append([])
        return self.here

    def read(self, glob: str) -> Builder:
        at, length = 0, len(glob)
        while at < length:
            character = glob[at]
            starts = self.mode is not Mode.TEXT and (at == 0 or glob[at - 1] == "/")
            if self.mode is Mode.SHELL and glob[at + 1 : at + 2] == "(" and character in "?*+@!":
                self.run(ANY)  # an extended glob: whatever follows is taken as any text
                return self
            if self.mode is not Mode.TEXT and glob.startswith("/**", at) and at + 3 == length:
                self.tail()
                return self
            if starts and glob.startswith("**/", at):
                self.directories()
                at += 3
            elif starts and glob[at:] == "**":
                self.whole()
                at += 2
            elif character == "*":
                after = at
                while after < length and glob[after] == "*":
                    after += 1
                self.star(starts, after - at, glob[after : after + 1])
                at = after
            elif character == "?":
                self.one(self.within(starts))
                at += 1
            elif character == "[" and (found := _bracket(glob, at)) is not None:
                characters, at = found
                but = characters.but + self.within(starts).but
                self.one(Characters(characters.ranges, characters.negated, but))
            else:
                if character == "\\" and at + 1 < length:
                    at += 1
                    character = glob[at]
                self.text(character)
                at += 1
        return self

    def within(self, starts: bool) -> Characters:
        match self.mode:
            case Mode.TEXT:
                return ANY
            case Mode.PATH:
                return NO_SLASH
            case Mode.SHELL:
                return NO_DOT if starts else NO_SLASH

    def text(self, text: str) -> None:
        for character in text:
            if self.literal:
                self.prefix += character
            self.suffix += character
            state = self.here
            self.edges[state].append((Characters(((character, character),)), self.new()))

    def wild(self) -> None:
        """What follows isn't the beginning of every text any more, nor is this its end."""
        self.literal = False
        self.suffix = ""

    def one(self, characters: Characters) -> None:
        self.wild()
        state = self.here
        self.edges[state].append((characters, self.new()))

    def run(self, characters: Characters) -> None:
        """Any number of such characters."""
        self.wild()
        state = self.here
        loop = self.new()
        self.moves[state].append(loop)
        self.edges[loop].append((characters, loop))

    def repeat(self, before: Characters, first: Characters, more: Characters) -> None:
        """Any number of times one of `before`, one of `first`, and any number of `more`."""
        self.wild()
        state = self.here
        begin, inside, end = self.new(), self.new(), self.new()
        self.edges[state].append((before, begin))
        self.edges[begin].append((first, inside))
        self.edges[inside] += [(more, inside), (before, begin)]
        self.moves[state].append(end)
        self.moves[inside].append(end)

    def star(self, starts: bool, stars: int, following: str) -> None:
        if self.mode is Mode.TEXT or (self.mode is Mode.PATH and stars > 1):
            self.run(ANY)
        elif self.mode is Mode.PATH or not starts:
            self.run(NO_SLASH)
        else:
            self.wild()
            state = self.here
            loop = self.new()
            self.edges[state].append((NO_DOT, loop))
            self.edges[loop].append((NO_SLASH, loop))
            # A segment isn't empty, and the dot of `*.log` isn't the first of a name.
            end = self.new()
            self.moves[loop].append(end)
            if following not in {"", "/", "."}:
                self.moves[state].append(end)

    def any_of(self, others: Iterable[Automaton], never_first: str, never_wild: str) -> None:
        """What one of `others` matches that doesn't begin with a character of `never_first`;
        their wildcards stand for no character of `never_wild`.
        """
        self.wild()
        state, ends = self.here, []
        for other in others:
            begin = self.new()
            offset = begin + 1
            for edges, closure in zip(other.edges, other.closures, strict=True):
                at = self.new()
                self.moves[at] += [offset + target for target in closure if target != at - offset]
                self.edges[at] += [
                    (_without(characters, never_wild) if characters.negated else characters,
                     offset + target) for characters, target in edges
                ]  # fmt: skip
            self.moves[state].append(begin)
            for first in other.closures[0]:
                for characters, target in self.edges[offset + first]:
                    self.edges[begin].append((_without(characters, never_first), target))
            ends.append(offset + other.accept)
        end = self.new()
        for one in ends:
            self.moves[one].append(end)

    def whole(self) -> None:
        """`**` as the last segment of a relative glob."""
        if self.mode is Mode.SHELL:
            self.segments(slash_after=False)
        else:
            self.run(ANY)

    def directories(self) -> None:
        """`**/`: nothing, or directories and their slash."""
        if self.mode is Mode.SHELL:
            self.segments(slash_after=True)
            return
        self.wild()
        state = self.here
        loop = self.new()
        after = self.new()
        self.moves[state] += [loop, after]
        self.edges[loop] += [(ANY, loop), (SLASH, after)]

    def segments(self, *, slash_after: bool) -> None:
        """Segments none of which begins with a dot; the shell's `**`."""
        self.wild()
        first = self.here
        inside = self.new()
        after = self.new()
        self.edges[first].append((NO_DOT, inside))
        self.edges[inside] += [(NO_SLASH, inside), (SLASH, first)]
        self.moves[first].append(after)
        if not slash_after:
            self.moves[inside].append(after)

    def tail(self) -> None:
        """`/**` at the end: nothing, or a slash and anything."""
        self.wild()
        state = self.here
        if self.mode is Mode.SHELL:
            below = self.new()
            self.edges[state].append((SLASH, below))
            self.segments(slash_after=False)
            self.moves[state].append(self.here)
            return
        below = self.new()
        end = self.new()
        self.edges[state].append((SLASH, below))
        self.edges[below].append((ANY, below))
        self.moves[state].append(end)
        self.moves[below].append(end)

    def build(self) -> Automaton:
        return Automaton(self.edges, self.moves, self.prefix, self.suffix)


def _without(characters: Characters, but: str) -> Characters:
    return Characters(characters.ranges, characters.negated, characters.but + but)


def _bracket(glob: str, start: int) -> tuple[Characters, int] | None:
    """`[abc]`, `[a-z]`, `[!a]` at `start`, and where it ends; None where it isn't closed."""
    at = start + 1
    negated = glob[at : at + 1] in {"!", "^"}
    at += negated
    first = at
    members: list[str] = []  # an escaped hyphen as itself and its backslash: it makes no range
    named = False
    while at < len(glob) and (glob[at] != "]" or at == first):
        if glob[at] == "[" and glob[at + 1 : at + 2] in {":", ".", "="}:
            end = glob.find(glob[at + 1] + "]", at + 2)
            if end >= 0:
                named, at = True, end + 2
                continue
        escaped = glob[at] == "\\" and at + 1 < len(glob)
        at += escaped
        members.append("\\-" if escaped and glob[at] == "-" else glob[at])
        at += 1
    if at >= len(glob):
        return None
    # A class by name depends on the locale: taken as any character.
    return (ANY if named else Characters(tuple(_ranges(members)), negated)), at + 1


def _ranges(members: list[str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(members):
        if at + 2 < len(members) and members[at + 1] == "-":
            yield members[at][-1], members[at + 2][-1]
            at += 3
        else:
            yield members[at][-1], members[at][-1]
            at += 1


@lru_cache(maxsize=8_192)
def automaton(glob: str, mode: Mode) -> Automaton:
    """The automaton of a glob."""
    return Builder(mode).read(glob).build()


@lru_cache(maxsize=1_024)
def between(prefix: str, suffix: str) -> Automaton:
    """Every text that begins with `prefix` and goes on, somehow, to end with `suffix`."""
    builder = Builder(Mode.TEXT)
    builder.text(prefix)
    builder.run(ANY)
    builder.text(suffix)
    return builder.build()


def literal(glob: str) -> bool:
    """Whether the glob has no wildcard and no escape, so that it matches only itself."""
    return _SPECIAL.isdisjoint(glob)


def escape(text: str) -> str:
    """A glob that matches only `text`."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def unescape(glob: str) -> str:
    """`glob` as a text, its escapes removed: what the shell passes on where nothing matches."""
    characters = iter(glob)
    return "".join(
        next(characters, "\\") if character == "\\" else character for character in characters
    )


def matches(glob: str, text: str, *, fold: bool = False) -> bool:
    """Whether `glob` matches all of `text`; `*` is any text. `fold` ignores case."""
    if fold:
        glob, text = glob.casefold(), text.casefold()
    if literal(glob):
        return glob == text
    found = automaton(glob, Mode.TEXT)
    return text.startswith(found.prefix) and found.accepts(text)


def matches_path(glob: str, path: str) -> bool:
    """Whether the path glob matches a normalised path; `*` stays within a segment."""
    if literal(glob):
        return glob == path
    found = automaton(glob, Mode.PATH)
    return path.startswith(found.prefix) and found.accepts(path)

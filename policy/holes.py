"""Holes of patterns: `{service}`, `{n:int}`, `{p:path /var/log/**}`, and what they admit.

A hole stands for one static word, or a part of one, that is not empty and does not begin with
`-`; a hole that ends in `...` stands for all remaining operands, none included, each of which
is such a word. What a hole admits is a regular language, so that patterns can be compared.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from policy.automata import SLASH, Automaton, Characters
from policy.frozen import frozen
from policy.globs import Builder, Mode, automaton, between, escape


class HoleKind(Enum):
    """What a hole says of its word."""

    WORD = "word"  # `{x}`: any word without white space
    INT = "int"  # decimal digits
    NAME = "name"  # letters, digits and `_ . -`, beginning with a letter, a digit or `_`; as a
    # word of its own several of these with `/` between them, the later ones not with `.`
    PATH = "path"  # a path without `..` that one of the globs matches, as the shell's do:
    # `*` within a segment, `**` across them, neither a leading dot
    ONE_OF = "one of"  # one of the arguments
    LIKE = "like"  # text that one of the globs matches; `*` is any text without white space
    TEXT = "text"  # any text


class HoleError(ValueError):
    """What is wrong with a hole; `start` and `end` are offsets into the text of the pattern."""

    def __init__(self, message: str, start: int, end: int, help: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.help = help


@frozen
class Hole:
    """A typed slot of a pattern. `arguments` are the words of `one of`, the globs of others."""

    name: str
    kind: HoleKind = HoleKind.WORD
    arguments: tuple[str, ...] = ()
    rest: bool = False

    @property
    def anonymous(self) -> Hole:
        """The hole without its name: two that admit the same are equal."""
        return Hole("", self.kind, tuple(sorted(set(self.arguments))), self.rest)

    def __str__(self) -> str:
        dots = "..." if self.rest else ""
        if self.kind is HoleKind.WORD:
            return f"{{{self.name}{dots}}}"
        arguments = "".join(f" {_quoted(one)}" for one in self.arguments)
        return f"{{{self.name}{dots}:{self.kind.value}{arguments}}}"


Part = str | Hole
"""A piece of a word of a pattern: literal text, or a hole."""


# Reading -----------------------------------------------------------------------------------

_OPEN = re.compile(r"\{[A-Za-z_][A-Za-z0-9_-]*(?:\.\.\.)?[}:]")
_ALMOST = re.compile(r"\{[^\W\d][\w-]*(?=[\s}:]|$)[}:]?")
_HEAD = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_-]*)(?P<rest>\.\.\.)?")
_KINDS = {kind.value: kind for kind in HoleKind if kind is not HoleKind.WORD}
_WITH_ARGUMENTS = frozenset((HoleKind.PATH, HoleKind.ONE_OF, HoleKind.LIKE))
_WORDS = 1_000  # that a hole says
_EXTENDED = re.compile(r"[?*+@!]\(")
_PLAIN = re.compile(r"[^\s'\\{}]+")


def hole_at(text: str, start: int) -> tuple[Hole, int] | None:
    """The hole that begins at `start` and where it ends; None where nothing begins one.

    Raises `HoleError` for what begins a hole and is none.
    """
    if _OPEN.match(text, start) is None:
        almost = _ALMOST.match(text, start)
        if almost is not None:
            help_ = (
                "write `{name}` or `{name:type …}`, the name in ASCII; a literal brace in quotes"
            )
            raise HoleError("this is no hole", start, almost.end(), help_)
        return None
    head = _HEAD.match(text, start)
    assert head is not None  # _OPEN begins with it  # noqa: S101
    name, rest, at = head["name"], head["rest"] is not None, head.end()
    if text[at] == "}":
        return Hole(name, rest=rest), at + 1
    words, end = _words(text, at + 1, start)
    kind, arguments = _kind(words, start, end)
    return Hole(name, kind, arguments, rest), end


def _words(text: str, at: int, start: int) -> tuple[list[str], int]:
    """The words up to the closing brace, of which `'…'` quotes any text, and where it ends."""
    words: list[str] = []
    current: str | None = None
    while at < len(text):
        character = text[at]
        if character == "}":
            return words + ([] if current is None else [current]), at + 1
        if character.isspace():
            if current is not None:
                words.append(current)
            current = None
            at += 1
        elif character == "'":
            close = text.find("'", at + 1)
            if close < 0:
                break
            current = (current or "") + text[at + 1 : close]
            at = close + 1
        else:
            current = (current or "") + character
            at += 1
    raise HoleError("a hole that isn't closed", start, len(text), "write `}` at its end")


def _kind(words: list[str], start: int, end: int) -> tuple[HoleKind, tuple[str, ...]]:
    if words[:2] == ["one", "of"]:
        kind, arguments = HoleKind.ONE_OF, tuple(words[2:])
    else:
        found = _KINDS.get(words[0]) if words else None
        if found is None:
            what = f"unknown type `{words[0]}` of a hole" if words else "a hole without a type"
            known = "`int`, `name`, `path GLOB`, `one of A B`, `like GLOB` or `text`"
            raise HoleError(what, start, end, f"types are {known}")
        kind, arguments = found, tuple(words[1:])
    if kind in _WITH_ARGUMENTS and not arguments:
        wanted = {HoleKind.PATH: "path /var/log/**", HoleKind.ONE_OF: "one of a b"}
        example = wanted.get(kind, "like release-*")
        raise HoleError(f"`{kind.value}` says nothing more", start, end, f"write `{example}`")
    if kind not in _WITH_ARGUMENTS and arguments:
        raise HoleError(f"`{kind.value}` takes nothing more", start, end)
    if len(arguments) > _WORDS:
        what = f"a hole of {len(arguments)} words"
        raise HoleError(what, start, end, f"{_WORDS} are read; write several entries")
    for one in arguments:
        if kind is HoleKind.PATH and extended(one):
            what = f"`{one}` is an extended glob"
            raise HoleError(what, start, end, "wildcards are `*`, `**`, `?` and `[…]`")
        if kind is HoleKind.PATH and ".." in one.split("/"):
            raise HoleError("a path of a hole has no `..`", start, end)
        if not one or one.startswith("-"):
            what = "is empty" if not one else "begins with `-`"
            raise HoleError(f"a value of a hole {what}", start, end, "no hole admits that")
    return kind, arguments


def extended(glob: str) -> bool:
    """Whether some part of it is what bash calls an extended glob, such as `+(a)`."""
    return _EXTENDED.search(glob) is not None


def _quoted(argument: str) -> str:
    if _PLAIN.fullmatch(argument):
        return argument
    return "'" + argument + "'"


# What they admit ---------------------------------------------------------------------------

_HOME = "\0"  # begins a path below a home, which only a literal or a path hole names
_BLANKS = (
    _HOME
    + " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_SOLID = Characters((), negated=True, but=_BLANKS)
_DIGIT = Characters((("0", "9"),))
_NAME_FIRST = Characters((("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")))
_NAME_NEXT = Characters((("-", "-"), ("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")))
_NAME_MORE = Characters((("-", "."), ("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")))


@lru_cache(maxsize=8_192)
def language(parts: tuple[Part, ...]) -> Automaton:
    """The automaton of every text that the parts of one word admit.

    Of a path hole these are the absolute paths as their globs spell them, or, where a glob is
    relative, the relative ones.
    """
    builder = Builder(Mode.TEXT)
    for part in parts:
        if isinstance(part, str):
            builder.text(part)
        else:
            _add(builder, part, alone=len(parts) == 1)
    return builder.build()


@lru_cache(maxsize=4_096)
def spellings(parts: tuple[Part, ...]) -> Automaton:
    """No less than every text that a word of these parts may be in some directory: of a path
    hole also the relative paths that mean what its globs say, and absolute ones for a home.
    """
    found = language(parts)
    if not path_globs(parts):
        return found
    behind_slash = {
        1 + target for edges in found.edges for characters, target in edges if "/" in characters
    }
    edges = [[], *([(one, 1 + target) for one, target in some] for some in found.edges)]
    moves = [[1, *sorted(behind_slash)], *([1 + state for state in c] for c in found.closures)]
    relative = Automaton(edges, moves, "", "")
    homes = [glob[1:] for glob in path_globs(parts) if glob.startswith(_HOME)]
    if not homes:
        return relative
    builder = Builder(Mode.TEXT)
    below = [between("/", glob.rpartition("*")[2].rpartition("]")[2]) for glob in homes]
    builder.any_of([relative, *below], "", "")
    return builder.build()


def admits(parts: tuple[Part, ...], text: str) -> bool:
    """Whether a word of these parts may be `text`; of path holes as `language` says."""
    if len(parts) == 1:
        (only,) = parts
        if isinstance(only, str):
            return only == text
        if only.kind is HoleKind.WORD:
            return text[:1] not in {"", "-"} and _SOLID_TEXT.fullmatch(text) is not None
        if only.kind is HoleKind.TEXT:
            return text[:1] not in {"", "-"} and _HOME not in text
        if only.kind is HoleKind.INT:
            return text.isascii() and text.isdigit()
        if only.kind is HoleKind.ONE_OF:
            return text in only.arguments
    found = language(parts)
    return text.startswith(found.prefix) and found.accepts(text) and not _climbs(parts, text)


def _climbs(parts: tuple[Part, ...], text: str) -> bool:
    """Whether a path hole would stand for a path that isn't written the plain way."""
    if not any(isinstance(part, Hole) and part.kind is HoleKind.PATH for part in parts):
        return False
    return not plain_path(text[len(prefix(parts)) :])


def home_glob(glob: str) -> str:
    """`~/x/**` as pieces of actions spell it."""
    return _HOME + glob[1:] if glob.startswith("~") else glob


def path_globs(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The globs of the only part where that is a path hole, else ()."""
    (only,) = parts if len(parts) == 1 else ("",)
    if not isinstance(only, Hole) or only.kind is not HoleKind.PATH:
        return ()
    return tuple(map(home_glob, only.arguments))


def bounds(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Path globs, as the shell's, one of which every path matches that the word may be; () where
    a hole may stand for what leaves the directory, or for a name with a leading dot.
    """
    found = path_globs(parts)
    if found:
        return found
    globs = [""]
    for part in parts:
        if isinstance(part, str):
            some: tuple[str, ...] = (escape(part),)
        elif part.kind is HoleKind.ONE_OF:
            some = tuple(map(escape, part.arguments))
        elif part.kind is HoleKind.NAME and len(parts) == 1:
            some = ("**",)
        elif part.kind in (HoleKind.NAME, HoleKind.INT):
            some = ("*",)
        else:
            return ()
        globs = [glob + one for glob in globs for one in some]
        if len(globs) > _BOUNDS:
            return ()
    return tuple(globs) if all(map(plain_path, globs)) else ()


_BOUNDS = 64


def plain_path(text: str) -> bool:
    """Whether a path has no `.`, `..`, doubled or trailing slash: only such fill a path hole."""
    if text == "/":
        return True
    segments = text.removeprefix("/").split("/")
    return not any(segment in {"", ".", ".."} for segment in segments)


def prefix(parts: tuple[Part, ...]) -> str:
    """The literal text before the first hole."""
    return parts[0] if parts and isinstance(parts[0], str) else ""


def _add(builder: Builder, hole: Hole, *, alone: bool) -> None:
    match hole.kind:
        case HoleKind.WORD:
            builder.one(Characters((), negated=True, but=_BLANKS + "-"))
            builder.run(_SOLID)
        case HoleKind.TEXT:
            builder.one(Characters((), negated=True, but=_HOME + "-"))
            builder.run(Characters((), negated=True, but=_HOME))
        case HoleKind.INT:
            builder.one(_DIGIT)
            builder.run(_DIGIT)
        case HoleKind.NAME:
            builder.one(_NAME_FIRST)
            builder.run(_NAME_MORE)
            if alone:
                builder.repeat(SLASH, _NAME_NEXT, _NAME_MORE)
        case HoleKind.ONE_OF:
            words = [automaton(escape(word), Mode.TEXT) for word in hole.arguments]
            builder.any_of(words, "-", "")
        case HoleKind.LIKE:
            globs = [automaton(glob, Mode.TEXT) for glob in hole.arguments]
            builder.any_of(globs, "-", _BLANKS)
        case HoleKind.PATH:
            globs = [automaton(home_glob(glob), Mode.SHELL) for glob in hole.arguments]
            builder.any_of(globs, "-", _HOME)


_SOLID_TEXT = re.compile(f"[^{re.escape(_BLANKS)}]+")

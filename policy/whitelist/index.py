"""Finds the patterns that admit an action, in time that does not grow with their number.

Two steps. By a word that stands literally in a pattern's text, without reading the pattern:
`docker restart web-17` is asked about only where the action has `web-17`. The patterns that
share the word are then read, once, into a tree over their pieces: literal words are looked up,
holes by the literal text that they begin with.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Generic, TypeVar

from policy.globs import literal
from policy.holes import Hole, HoleKind, home_glob
from policy.parse.shell.plain import RESERVED
from policy.program import Style
from policy.ruleset import RuleSet
from policy.whitelist.form import Form, Piece, piece_admits
from policy.whitelist.pattern import Pattern

T = TypeVar("T")

_TOKEN = re.compile(r"(?:^|(?<=\s))[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,-]*(?=\s|$)")
_SPECIAL = re.compile(r"['\"\\$`{#;&|(\n]")
_BEGINNING = re.compile(r"(?:^|(?<=\s))[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,-]+$")
_NO_WORD = ""
_OPEN = "\0"  # behind text with which a word begins


class Index(Generic[T]):
    """Values by pattern. `read` gives the form of a pattern, or None where it has none."""

    def __init__(
        self,
        items: Iterable[tuple[Pattern, T]],
        rules: RuleSet,
        read: Callable[[Pattern], Form | None],
    ) -> None:
        self._read = read
        known = [(pattern, value, literal_words(pattern, rules)) for pattern, value in items]
        common = Counter(word for _, _, words in known for word in words)
        self._buckets: dict[str, list[tuple[Pattern, T]]] = defaultdict(list)
        for pattern, value, words in known:
            rarest = min(words, key=lambda word: common[word], default=_NO_WORD)
            self._buckets[rarest].append((pattern, value))
        opened = (len(word) for word in self._buckets if word.endswith(_OPEN))
        self._longest = max(opened, default=0)  # of the beginnings of words
        self._trees: dict[str, _Node[T]] = {}

    def find(self, action: Form, directory: str | None) -> Iterator[T]:
        """The values of every pattern that admits the action."""
        fold = action.language != "shell"
        words = {_NO_WORD}
        for piece in action.pieces:
            text = piece.text or ""
            words.add(text.casefold() if fold else text)
            ends = range(1, min(len(text) + 1, self._longest))
            words.update(text[:end] + _OPEN for end in ends)
        for word in words:
            tree = self._tree(word)
            if tree is not None:
                start = Piece("language", (action.language,))
                yield from tree.find((start, *action.pieces), 0, directory)

    def _tree(self, word: str) -> _Node[T] | None:
        found = self._trees.get(word)
        if found is None and word in self._buckets:
            found = _Node()
            for pattern, value in self._buckets[word]:
                form = self._read(pattern)
                if form is not None:
                    found.add(form, value)
            self._trees[word] = found  # only now: another thread must not see half of it
        return found


def literal_words(pattern: Pattern, rules: RuleSet) -> frozenset[str]:
    """Words, or with `_OPEN` beginnings of words, that certainly are pieces of the pattern's form,
    seen without reading it.
    """
    text = pattern.command
    special = _SPECIAL.search(text)
    words = _TOKEN.findall(text if special is None else f"{text[: special.start()]}\0")
    if special is not None and special.group() == "{" and pattern.language == "shell":
        beginning = _BEGINNING.search(text, 0, special.start())
        if beginning is not None:
            words.append(beginning.group() + _OPEN)
    if pattern.language != "shell":
        return frozenset(word.casefold() for word in words[:1])
    if words and words[0] in RESERVED:
        return frozenset()  # no simple command, whose words are pieces
    for index, word in enumerate(words):
        program = rules.program(word.rpartition("/")[2])
        if program is not None and program.style is Style.BUNDLED:
            return frozenset(words[: index + 1])  # `tar xzf` is read as options
    return frozenset(words)


class _Node(Generic[T]):
    """Patterns that begin alike."""

    __slots__ = ("choices", "holes", "literals", "longest", "rests", "values")

    def __init__(self) -> None:
        self.literals: dict[tuple[str, str], _Node[T]] = {}
        self.choices: dict[tuple[str, str], dict[Piece, _Node[T]]] = {}  # by each of a few words
        self.holes: dict[_Ends, dict[Piece, _Node[T]]] = {}
        self.longest = 0  # of the literal ends of holes
        self.rests: dict[Piece, list[T]] = {}
        self.values: list[T] = []

    def add(self, form: Form, value: T) -> None:
        node = self
        for piece in (Piece("language", (form.language,)), *form.pieces):
            node = node._child(_anonymous(piece))
        if form.rest is None:
            node.values.append(value)
        else:
            node.rests.setdefault(_anonymous(form.rest), []).append(value)

    def _child(self, piece: Piece) -> _Node[T]:
        text = piece.text
        if text is not None:
            return self.literals.setdefault((piece.role, text), _Node())
        few = _few(piece)
        if few:
            groups = [self.choices.setdefault((piece.role, one), {}) for one in few]
            node = groups[0].get(piece) or _Node()
            for group in groups:
                group[piece] = node
            return node
        ends = (piece.role, beginning(piece), ending(piece))
        self.longest = max(self.longest, len(ends[1]), len(ends[2]))
        return self.holes.setdefault(ends, {}).setdefault(piece, _Node())

    def find(self, pieces: tuple[Piece, ...], at: int, directory: str | None) -> Iterator[T]:
        for rest, values in self.rests.items():
            if all(piece_admits(rest, one, directory) for one in pieces[at:]):
                yield from values
        if at == len(pieces):
            yield from self.values
            return
        piece = pieces[at]
        text = piece.text
        if text is None:
            return
        below = self.literals.get((piece.role, text))
        if below is not None:
            yield from below.find(pieces, at + 1, directory)
        for below in self.choices.get((piece.role, text), {}).values():
            yield from below.find(pieces, at + 1, directory)
        if self.holes:
            for group in self._groups(piece.role, text, directory):
                for mine, below in group.items():
                    if piece_admits(mine, piece, directory):
                        yield from below.find(pieces, at + 1, directory)

    def _groups(
        self, role: str, text: str, directory: str | None
    ) -> Iterator[dict[Piece, _Node[T]]]:
        """The groups of holes whose literal ends `text`, or the path that it means, has."""
        spellings = [text]
        if directory is not None and text[:1] not in {"/", "\0"}:
            spellings.append(f"{directory.rstrip('/')}/{text}")
        found: dict[_Ends, None] = {}
        for one in spellings:
            size = min(len(one), self.longest) + 1
            if size * size >= len(self.holes):
                for ends in self.holes:
                    if ends[0] == role and one.startswith(ends[1]) and one.endswith(ends[2]):
                        found[ends] = None
                continue
            for start, end in product(range(size), range(size)):
                ends = (role, one[:start], one[len(one) - end :])
                if ends in self.holes:
                    found[ends] = None
        return (self.holes[ends] for ends in found)


_Ends = tuple[str, str, str]
"""A role, and the literal text with which words begin and end."""

_CHOICES = 64  # words of a `one of` that are told one by one


def _few(piece: Piece) -> tuple[str, ...]:
    """The words that the piece admits, where they are few and told; else ()."""
    (only,) = piece.parts if len(piece.parts) == 1 else ("",)
    if not isinstance(only, Hole) or only.kind is not HoleKind.ONE_OF:
        return ()
    return only.arguments if len(only.arguments) <= _CHOICES else ()


def beginning(piece: Piece) -> str:
    """Literal text with which every word begins that the piece admits."""
    first = piece.parts[0] if piece.parts else ""
    if not isinstance(first, Hole):
        return first
    match first.kind:
        case HoleKind.PATH | HoleKind.LIKE:
            starts = [_literal_start(home_glob(glob)) for glob in first.arguments]
            return common_start(starts).removesuffix("/")
        case HoleKind.ONE_OF:
            return common_start(first.arguments)
        case _:
            return ""


def ending(piece: Piece) -> str:
    """Literal text with which every word, or the path that it means, ends that the piece admits."""
    last = piece.parts[-1] if piece.parts else ""
    if not isinstance(last, Hole):
        return last
    if last.kind in (HoleKind.PATH, HoleKind.LIKE):
        return common_start([_literal_end(glob)[::-1] for glob in last.arguments])[::-1]
    return ""


def common_start(texts: Sequence[str]) -> str:
    """The longest text with which all of them begin."""
    first, last = min(texts), max(texts)
    same = 0
    while same < len(first) and first[same] == last[same]:
        same += 1
    return first[:same]


def _literal_start(glob: str) -> str:
    if literal(glob):
        return glob
    return glob[: min(glob.find(one) for one in "*?[\\" if one in glob)]


def _literal_end(glob: str) -> str:
    if literal(glob):
        return home_glob(glob)
    return glob[max(glob.rfind(one) for one in "*?[]\\") + 1 :].removeprefix("/")


def _anonymous(piece: Piece) -> Piece:
    parts = tuple(one.anonymous if isinstance(one, Hole) else one for one in piece.parts)
    return Piece(piece.role, parts)

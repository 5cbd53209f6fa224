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
from typing import Generic, TypeVar

from policy.globs import literal
from policy.holes import Hole, HoleKind, home_glob
from policy.program import Style
from policy.ruleset import RuleSet
from policy.whitelist.pattern import Form, Pattern, Piece, piece_admits

T = TypeVar("T")

_TOKEN = re.compile(r"(?:^|(?<=\s))[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,-]*(?=\s|$)")
_SPECIAL = re.compile(r"['\"\\$`{#;&(]")
_NO_WORD = ""


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
        self._trees: dict[str, _Node[T]] = {}

    def find(self, action: Form, directory: str | None) -> Iterator[T]:
        """The values of every pattern that admits the action."""
        fold = action.language != "shell"
        words = {_NO_WORD}
        for piece in action.pieces:
            text = piece.text or ""
            words.add(text.casefold() if fold else text)
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
    """Words that certainly are pieces of the pattern's form, seen without reading it."""
    text = pattern.command
    special = _SPECIAL.search(text)
    words = _TOKEN.findall(text if special is None else f"{text[: special.start()]}\0")
    if pattern.language != "shell":
        return frozenset(word.casefold() for word in words[:1])
    for index, word in enumerate(words):
        program = rules.program(word.rpartition("/")[2])
        if program is not None and program.style is Style.BUNDLED:
            return frozenset(words[: index + 1])  # `tar xzf` is read as options
    return frozenset(words)


class _Node(Generic[T]):
    """Patterns that begin alike."""

    __slots__ = ("holes", "literals", "rests", "values")

    def __init__(self) -> None:
        self.literals: dict[tuple[str, str], _Node[T]] = {}
        self.holes: dict[tuple[str, str], dict[Piece, _Node[T]]] = {}  # by literal beginning
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
        group = self.holes.setdefault((piece.role, beginning(piece)), {})
        return group.setdefault(piece, _Node())

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
        if self.holes:
            for group in self._groups(piece.role, text, directory):
                for mine, below in group.items():
                    if piece_admits(mine, piece, directory):
                        yield from below.find(pieces, at + 1, directory)

    def _groups(
        self, role: str, text: str, directory: str | None
    ) -> Iterator[dict[Piece, _Node[T]]]:
        """The groups of holes whose beginning `text`, or the path that it means, has."""
        spellings = [text]
        if directory is not None and text[:1] not in {"/", "\0"}:
            spellings.append(f"{directory.rstrip('/')}/{text}")
        beginnings = {spelling[:end] for spelling in spellings for end in range(len(spelling) + 1)}
        if len(beginnings) > len(self.holes):
            beginnings = {start for _, start in self.holes} & beginnings
        for start in beginnings:
            group = self.holes.get((role, start))
            if group is not None:
                yield group


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


def _anonymous(piece: Piece) -> Piece:
    parts = tuple(one.anonymous if isinstance(one, Hole) else one for one in piece.parts)
    return Piece(piece.role, parts)

"""Names in a plan that are not the ones that they look like, as opaque actions.

What counts as a name, a word, is known only after reading: a program, an option, a path or a
host is one, and the sentence in `git commit -m` isn't. Plans of ASCII cost nothing here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from policy.lookalikes import posing
from policy.misread import told
from policy.plan import Action, Command, Opaque, OpaqueKind, Role, Span, Word

_TOLD = 16  # words; one is enough to hold the text back
_RIGHT_TO_LEFT = frozenset(("R", "AL"))
_ATTACHED = frozenset(("NSM", "BN"))  # marks and joiners
_NUMBERS = frozenset(("EN", "AN"))
_PROGRAMS = frozenset((Role.PROGRAM, Role.SUBCOMMAND, Role.OPTION))


def with_posing(text: str, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """The actions, and one behind them for each word that can be misread."""
    if text.isascii():
        return actions
    found = dict(islice(_found(text, actions), _TOLD))
    added = tuple(
        Action(Opaque(OpaqueKind.LEXICAL, message), span) for span, message in found.items()
    )
    return (*actions, *added)


def _found(text: str, actions: tuple[Action, ...]) -> Iterator[tuple[Span, str]]:
    words: dict[Span, None] = {}
    for word, prose in _words(actions):
        words[word.span] = None
        if word.text.isascii():
            continue
        positions = list(posing(word.text, prose=prose))
        if positions:
            written = text[slice(*word.span)]
            offset = written.find(word.text)
            source = word.text if offset >= 0 else written
            if offset < 0:  # quotes within it: places are those of the characters alone
                wanted = {word.text[at] for at in positions}
                positions = [at for at, one in enumerate(written) if one in wanted]
                offset = 0
            yield word.span, told(source, positions, word.span[0] + offset)
    yield from _turned(text, sorted(words))


def _words(actions: Iterable[Action]) -> Iterator[tuple[Word, bool]]:
    """Every word, and whether it may be a sentence."""
    for action in actions:
        for via in action.via:
            for word in via.words:
                yield word, True
        if not isinstance(action.does, Command):
            continue
        names = {id(term.word) for term in action.does.terms if term.role in _PROGRAMS}
        for index, word in enumerate(action.does.words):
            yield word, index > 0 and id(word) not in names
        for redirect in action.does.redirects:
            yield redirect.target, False
        for assignment in action.does.assignments:
            yield assignment.value, True


def _turned(text: str, spans: list[Span]) -> Iterator[tuple[Span, str]]:
    """Words that are shown in another order than they stand in: what is between two letters
    that are read from the right is shown from right to left as well, and so are numbers.
    """
    if not any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in text):
        return
    message = "letters from right to left turn what stands between them around"
    for start, end in spans:
        word = text[start:end]
        if not any(map(str.isspace, word)) and _turns(_strong(word)):
            yield (start, end), message
    for (start, end), (after, last) in pairwise(spans):
        kinds = _strong(text[start:end])
        first = [kind for kind, _ in _strong(text[end:last])][:1]
        if end <= after and kinds and kinds[-1][0] in _RIGHT_TO_LEFT and first and first[0] != "L":
            yield (start, last), message


def _strong(text: str) -> list[tuple[str, int]]:
    """Kind and place, marks not counted, of each letter and digit, by how it is read."""
    kinds = [kind for kind in map(unicodedata.bidirectional, text) if kind not in _ATTACHED]
    wanted = _RIGHT_TO_LEFT | _NUMBERS | {"L"}
    return [(kind, at) for at, kind in enumerate(kinds) if kind in wanted]


def _turns(kinds: list[tuple[str, int]]) -> bool:
    """Whether a letter from right to left has another, or a number, behind a sign."""
    return any(
        kind in _RIGHT_TO_LEFT and other != "L" and after > at + 1
        for (kind, at), (other, after) in pairwise(kinds)
    )

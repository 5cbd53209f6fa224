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
    for span in spans:
        word = text[slice(*span)]
        if any(map(str.isspace, word)):
            continue  # a sentence
        if _turns(word, signs=True):
            yield span, "letters from right to left turn what stands between them around"
    for (start, end), (after, last) in pairwise(spans):
        if end <= after and _turns(text[start:last], signs=False):
            yield (start, last), "letters from right to left turn what stands between them around"


def _turns(text: str, *, signs: bool) -> bool:
    """Whether text between two letters from right to left, or before a number behind one, is
    shown turned around; `signs`: only where it isn't all letters.
    """
    right = between = False
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            right = between = False
        elif kind in _RIGHT_TO_LEFT or (kind in _NUMBERS and right):
            if right and between:
                return True
            right, between = right or kind in _RIGHT_TO_LEFT, False
        elif kind not in {"NSM", "BN"} and right:
            between = True
    return False

"""Characters that look like one of ASCII (`lookalikes.txt`), and words that pose as ASCII by them.

Text in another script is ordinary: what poses is a word that mixes such letters with letters of
ASCII (`rооt`), and, where a word is a name and no prose, one that has nothing but such letters
(`сору`) or a sign that isn't the one that it looks like (`–rf`). See
docs/decisions/0008-misread-text.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_LETTERS = re.compile(r"[^\W_]+")
_NAMES = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+")
_FIRST = 0x250  # letters before this one are Latin, and mixing them is how languages are written
_LETTERS_SHOWN = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})|[^\W_]+")
# Scripts that are written without blanks, and whose prose has signs as wide as its letters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


@cache
def table() -> dict[str, str]:
    """What each character looks like."""
    lines = Path(__file__).with_suffix(".txt").read_text("ascii").splitlines()
    found: dict[str, str] = {}
    for target, *codes in map(str.split, lines):
        for code in codes:
            found.setdefault(chr(int(code, 16)), target)
    return found


def mixed(text: str) -> Iterator[int]:
    """Positions of letters that look like those of ASCII, among which they stand."""
    if not text.isascii():
        for word in _LETTERS.finditer(text):
            yield from _among_ascii(word)


def _among_ascii(word: re.Match[str]) -> Iterator[int]:
    letters = word.group()
    if letters.isascii() or not any(c.isascii() and c.isalpha() for c in letters):
        return
    looks = table()
    for position, character in enumerate(letters, word.start()):
        if ord(character) >= _FIRST and looks.get(character, "-").isalnum():
            yield position


def posing(word: str, *, prose: bool = False) -> Iterator[int]:
    """Positions of the characters by which a word poses as one of ASCII.

    `prose`: it may be a sentence, if it looks like one: it has a blank, or is of a script that
    uses none. In a sentence words of nothing but such letters, and such signs, are ordinary.
    """
    if word.isascii():
        return
    if prose and (any(map(str.isspace, word)) or _UNSPACED.search(word)):
        yield from mixed(word)
        return
    looks = table()
    found = set(mixed(word))
    for name in _NAMES.finditer(word):
        whole = all(c.isascii() or c in looks for c in name.group())
        for position, character in enumerate(name.group(), name.start()):
            target = looks.get(character)
            if target is not None and (whole or not target.isalnum()):
                found.add(position)
    yield from sorted(found)


def shown_as_ascii(text: str) -> set[int]:
    """Positions of letters that a reader of the whole text may take for ASCII.

    Those of `mixed`, and words of nothing but such letters that stand beside no word which shows
    that the script is meant. An escape that stands for a character is no word.
    """
    looks = table()
    found: set[int] = set()
    words = [one for one in _LETTERS_SHOWN.finditer(text) if one.group()[0] != "\\"]
    meant: list[bool] = []
    for word in words:
        among = set(_among_ascii(word))
        found |= among
        meant.append(not among and any(not c.isascii() and c not in looks for c in word.group()))
    for index, word in enumerate(words):
        if not (word.group().isascii() or any(meant[max(0, index - 1) : index + 2])):
            found.update(at for at in range(*word.span()) if text[at] in looks)
    return found


def signs(text: str) -> set[int]:
    """Positions of signs that look like one of ASCII, but for those between wide letters."""
    looks = table()
    return {
        at
        for at, character in enumerate(text)
        if character in looks
        and not character.isalnum()
        and not _UNSPACED.search(text[max(0, at - 1) : at + 2])
    }

"""Characters that people, parsers and shells read differently.

A reviewer approves what is on the screen. A character without width, one that reverses the
reading direction, a blank that is none to the shell, a mark that strikes a letter out, a
control character, or a letter of another script among those of ASCII makes that something else
than what runs, so a text that holds one is not understood.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

_KEPT = frozenset("\t\n\r")
# Letters and symbols that are shown as nothing or as a blank.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_SHOWN = 5
_OVERLAY = 1  # the canonical combining class of strokes through a letter
_MARKS = 3  # on one letter; more pile up over other lines
_JOINERS = "\u200c\u200d"
_STYLES = "\ufe0e\ufe0f"  # of an emoji: text or picture
# Arabic to Malayalam: scripts in which a joiner is a matter of spelling.
_JOINED = (0x0600, 0x0DFF)


def unseen(character: str) -> bool:
    """Whether a character is never shown as itself, whatever stands around it.

    Not printable is, as Python has it from the Unicode database: control and format
    characters, surrogates, private use, unassigned, and every blank but the space.
    """
    if character.isascii():
        return not (character.isprintable() or character in _KEPT)
    return (
        not character.isprintable()
        or character in _FILLERS
        or character in _STYLES
        or "\U000e0100" <= character <= "\U000e01ef"  # selectors of variants
        or "\ufe00" <= character <= "\ufe0d"
        or unicodedata.category(character) == "Me"
        or unicodedata.combining(character) == _OVERLAY
    )


def misread(text: str) -> str | None:
    """What the text holds of such characters, each with its name and position, or None."""
    if text.isascii() and text.isprintable():
        return None
    from policy.lookalikes import mixed

    found = {*positions(text), *mixed(text)}
    return told(text, found) if found else None


def told(text: str, places: Iterable[int], start: int = 0) -> str:
    """The sentence about characters of `text`, which begins at `start` of what people see."""
    every = sorted(places)
    shown = ", ".join(f"{named(text[at])} at {start + at}" for at in every[:_SHOWN])
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return f"characters that can be misread: {shown}{more}"


def named(character: str) -> str:
    """`U+0430 CYRILLIC SMALL LETTER A`; controls have no name."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def positions(text: str) -> Iterator[int]:
    """Where characters stand that aren't seen, or strike out or pile up on others."""
    if text.isascii():
        yield from (at for at, character in enumerate(text) if unseen(character))
        return
    marks = 0  # in a row; on something that carries none, more than may stand there
    for at, character in enumerate(text):
        if character.isascii():
            marks = 0
            if unseen(character):
                yield at
            continue
        mark = unicodedata.category(character) == "Mn" and not unseen(character)
        if mark and not marks and not _carries(text[at - 1 : at]):
            marks = _MARKS
        marks = marks + 1 if mark else 0
        if marks > _MARKS or (unseen(character) and not _spelled(text, at)):
            yield at


def _carries(before: str) -> bool:
    """Whether a mark may stand on this: on a letter, and on no sign, digit or blank."""
    return bool(before) and unicodedata.category(before)[0] in "LM"


def _spelled(text: str, at: int) -> bool:
    """Whether a joiner or a selector stands where writing needs it: in emoji, or between
    letters of scripts that join.
    """
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if text[at] in _STYLES:
        return _emoji(before)
    if text[at] not in _JOINERS or not before or not after:
        return False
    if text[at] == "\u200d" and _emoji(after):
        return _emoji(before) or (before in _STYLES and at > 1 and _emoji(text[at - 2]))
    return all(_JOINED[0] <= ord(one) <= _JOINED[1] for one in (before, after))


def _emoji(character: str) -> bool:
    """Whether it is a picture, or the colour of one."""
    if not character or character < "\u2190":
        return False
    return unicodedata.category(character) in ("So", "Sk")

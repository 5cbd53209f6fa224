"""Text from outside, made safe and honest to show.

A command may hold whatever its author likes: escape sequences that rewrite the screen,
characters that reverse the reading direction or have no width, letters that look like others.
What people read before they approve something shows each of them as an escape.
"""

from __future__ import annotations

import unicodedata

from policy.misread import positions, unseen

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
ELLIPSIS = "..."


def visible(text: str) -> str:
    """`text` on one line, every character that isn't seen as itself written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    from policy.lookalikes import shown_as_ascii, signs  # hardly ever needed

    escaped = shown_as_ascii(text).union(positions(text))
    escaped.update(at for at, one in enumerate(text) if one in _SHORT or unseen(one))
    touching = signs(text)
    for step in (1, -1):
        for at in range(len(text))[::step]:
            before = at - step
            if at in escaped or not 0 <= before < len(text):
                continue
            # What is beside an escape stands beside ASCII; a mark would stand on it.
            if (at in touching and (before in escaped or "!" <= text[before] <= "~")) or (
                step > 0 and before in escaped and unicodedata.category(text[at]) == "Mn"
            ):
                escaped.add(at)
    return "".join(_escape(one) if at in escaped else one for at, one in enumerate(text))


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte, as Python passes it on
        code -= 0xDC00
    if code < 0x100:
        return _SHORT.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(shown: str) -> int:
    """How many terminal columns a text takes that `visible` returned."""
    if shown.isascii():
        return len(shown)
    return sum(map(_columns, shown))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def shorten(shown: str, limit: int) -> str:
    """`shown`, its middle left out where it is longer than `limit` characters."""
    if len(shown) <= limit:
        return shown
    kept = limit - len(ELLIPSIS)
    return shown[: kept - kept // 2] + ELLIPSIS + shown[len(shown) - kept // 2 :]

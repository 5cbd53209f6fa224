"""Characters that people, parsers and shells read differently.

A reviewer approves what is on the screen. A character without width, one that reverses the
reading direction, a blank that is none to the shell or a control character makes that
something else than what runs, so a text that holds one is not understood.
"""

from __future__ import annotations

_KEPT = frozenset("\t\n\r")
# Letters and symbols that are shown as nothing or as a blank.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_SHOWN = 5


def misread(text: str) -> str | None:
    """What the text holds of such characters, each with its position, or None.

    Not printable is, as Python has it from the Unicode database: control and format
    characters, surrogates, private use, unassigned, and every blank but the space.
    """
    if text.isprintable() and _FILLERS.isdisjoint(text):
        return None
    found = [
        f"U+{ord(character):04X} at {position}"
        for position, character in enumerate(text)
        if character in _FILLERS or not (character.isprintable() or character in _KEPT)
    ]
    if not found:
        return None
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"characters that can be misread: {', '.join(found[:_SHOWN])}{more}"

"""The text of patterns: where holes stand in it. Quotes make a brace what it says.

git commit -m {message:text}        a hole
awk '{print}' f                     none: it is quoted
git stash drop stash@{0}            none: a hole's name begins with a letter
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from policy.holes import Hole, HoleError, Part, hole_at

REST_ONLY_LAST = "a hole for all remaining operands is the last word"


def check_text(command: str, language: str = "shell") -> None:
    """Raises `HoleError` where something in the text begins a hole and is none."""
    names: set[str] = set()
    for start, end, hole in holes_of(command, language):
        if hole.name in names:
            raise HoleError(f"two holes with the name `{hole.name}`", start, end, "name each once")
        names.add(hole.name)


@lru_cache(maxsize=16_384)
def anonymous(text: str, language: str = "shell") -> str:
    """The text with holes that have no names: equal where only names differ.

    A text with a mistake in a hole is itself.
    """
    try:
        parts = split(text, language)
    except HoleError:
        return text
    return "".join(one if isinstance(one, str) else str(one.anonymous) for one in parts)


def split(text: str, language: str = "shell") -> tuple[Part, ...]:
    """The text as literal parts, with their quotes, and holes. Raises `HoleError`."""
    parts: list[Part] = []
    at = 0
    for start, end, hole in holes_of(text, language):
        if start > at:
            parts.append(text[at:start])
        parts.append(hole)
        at = end
    if at < len(text) or not parts:
        parts.append(text[at:])
    return tuple(parts)


def holes_of(text: str, language: str = "shell") -> Iterator[tuple[int, int, Hole]]:
    """Each hole outside quotes, with where it begins and ends. Raises `HoleError`."""
    if "{" not in text:
        return iter(())
    if language == "shell":
        return _shell_holes(text)
    from policy.whitelist.sql_forms import holes_in

    return ((*slot.span, slot.hole) for slot in holes_in(text, language.partition(":")[2]))


def _shell_holes(text: str) -> Iterator[tuple[int, int, Hole]]:
    at = 0
    while at < len(text):
        character = text[at]
        if character == "{":
            found = hole_at(text, at)
            if found is not None:
                yield at, found[1], found[0]
                at = found[1]
                continue
        at = _after(text, at, character)


def quoted_holes(text: str) -> tuple[tuple[int, int], ...]:
    """Where shell text has what would be a hole, if it didn't stand in quotes.

    A text with a mistake in a hole has none.
    """
    try:
        outside = {start for start, _, _ in _shell_holes(text)}
    except HoleError:
        return ()
    found: list[tuple[int, int]] = []
    at = text.find("{")
    while at >= 0:
        try:
            hole = None if at in outside or text[at - 1 : at] == "$" else hole_at(text, at)
        except HoleError:
            hole = None
        if hole is not None:
            found.append((at, hole[1]))
        at = text.find("{", at + 1)
    return tuple(found)


def _after(text: str, at: int, character: str) -> int:
    """Behind what stands at `at`: a quoted part, an escape, `${`, or one character."""
    match character:
        case "\\":
            return at + 2
        case "'":
            return _closed(text, at + 1, "'", escapes=False)
        case '"':
            return _closed(text, at + 1, '"', escapes=True)
        case "$" if text.startswith("'", at + 1):
            return _closed(text, at + 2, "'", escapes=True)
        case "$" if text.startswith("{", at + 1):
            return at + 2
        case _:
            return at + 1


def _closed(text: str, at: int, quote: str, *, escapes: bool) -> int:
    while at < len(text):
        if escapes and text[at] == "\\":
            at += 2
        elif text[at] == quote:
            return at + 1
        else:
            at += 1
    return at

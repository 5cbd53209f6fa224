r"""Reads `$'…'`, in which a backslash escapes as in C (bash manual, 3.1.2.4)."""

from __future__ import annotations

import re

from policy.parse.shell.parts import Literal, WordError

_LETTERS = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r",
    "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_LONGEST = {"x": 2, "u": 4, "U": 8}  # hexadecimal digits


def read_ansi_c(text: str, start: int, end: int) -> tuple[Literal, int]:
    """The quote whose `$` stands at `start`, and where the text goes on behind it.

    Raises `WordError` where it isn't closed before `end`, or versions of bash read it in more
    than one way.
    """
    at = start + 2
    value = bytearray()
    ended = False  # a NUL ends the value, not the quote
    while True:
        if at >= end:
            raise WordError("a `$'` quote that is not closed", start)
        character = text[at]
        if character == "'":
            literal = value.decode("utf-8", "surrogateescape")
            return Literal(literal, quoted=True, dollar=True), at + 1
        if character == "\\" and at + 1 < end:
            piece, at = _escape(text, at, end)
        else:
            piece, at = character.encode("utf-8", "surrogatepass"), at + 1
        ended = ended or b"\0" in piece
        if not ended:
            value += piece


def _escape(text: str, at: int, end: int) -> tuple[bytes, int]:
    """What the backslash at `at` and the characters behind it stand for, and where they end."""
    kind = text[at + 1]
    at += 2
    if kind in _LETTERS:
        return _LETTERS[kind].encode(), at
    if kind in "01234567":
        start = at - 1
        while at < min(start + 3, end) and text[at] in "01234567":
            at += 1
        return bytes((int(text[start:at], 8) & 0xFF,)), at
    if kind in _LONGEST:
        return _code(text, kind, at, end)
    if kind == "c" and at < end:
        control = text[at]
        if not control.isascii() or control in "\\'":
            raise WordError("a control escape of a quote or of what is not ASCII", at + 1)
        return bytes((0x7F if control == "?" else ord(control.upper()) & 0x1F,)), at + 1
    return b"\\" + kind.encode("utf-8", "surrogatepass"), at


def _code(text: str, kind: str, at: int, end: int) -> tuple[bytes, int]:
    r"""`\xHH`, a byte; `\uHHHH` and `\UHHHHHHHH`, a character."""
    if kind == "x" and text.startswith("{", at):
        raise WordError("an escape in braces, which not every bash has", at)
    found = re.compile(f"[0-9a-fA-F]{{1,{_LONGEST[kind]}}}").match(text, at, end)
    if found is None:
        return b"\\" + kind.encode(), at
    number = int(found.group(), 16)
    if kind == "x":
        return bytes((number,)), found.end()
    if number > 0x10FFFF:
        raise WordError("a code point that does not exist", found.start())
    return chr(number).encode("utf-8", "surrogatepass"), found.end()

r"""How psql reads the arguments of its backslash commands (psqlscanslash.l, PostgreSQL 15 to 18).

An argument ends at a blank or a backslash. Single quotes keep text together and know escapes,
double quotes stay in the value, backquotes hold a command of the shell whose output is meant, and
`:name` a variable. A few commands take the rest of the line as it is, others only where a file
could stand and a `|` does.
"""

from __future__ import annotations

import re
from enum import Enum

from policy.frozen import frozen
from policy.parse.sql.lex import LexFault

_BLANK = " \t\n\r\f\v"
_VARIABLE = re.compile(r""":(?:[\w]+|'\w+'|"\w+"|\{\?\w+\})""")
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "f": "\f"}


class Takes(Enum):
    """What a command takes after its name."""

    WORDS = "words"
    LINE = "line"  # the rest of the line, as it is
    FILE = "file"  # words, but after a `|` for the first of them the rest of the line
    OPTIONS_FILE = "options-file"  # the same, after options in parentheses


@frozen
class Argument:
    """`value` is None where only run time knows it. `piped`: it is `|` and the rest of the line.

    `commands` are texts in backquotes with their offsets; None instead of a text that holds a
    variable.
    """

    value: str | None
    start: int
    end: int
    piped: bool = False
    commands: tuple[tuple[str | None, int], ...] = ()


def arguments(text: str, at: int, end: int, takes: Takes) -> tuple[tuple[Argument, ...], int]:
    """The arguments between `at` and `end`, and where the command ends. Raises `LexFault`."""
    found: list[Argument] = []
    if takes is Takes.LINE:
        start = _after_blanks(text, at, end)
        return ((Argument(text[start:end], start, end),) if start < end else ()), end
    inside = False  # of parentheses
    file = takes in (Takes.FILE, Takes.OPTIONS_FILE)
    while True:
        start = _after_blanks(text, at, end)
        if start >= end or text[start] == "\\":
            return tuple(found), min(start, end)
        if file and not inside and text[start] == "|":
            return (*found, Argument(text[start:end], start, end, piped=True)), end
        argument = _word(text, start, end)
        found.append(argument)
        at = argument.end
        value = argument.value
        if takes is Takes.OPTIONS_FILE and file and (inside or value is None or value[:1] == "("):
            inside = value is None or not value.endswith(")")
        else:
            file = False


def operand(found: tuple[Argument, ...], takes: Takes) -> Argument | None:
    """The argument that names a file, or None."""
    rest = list(found)
    if takes is Takes.OPTIONS_FILE and rest and (rest[0].value or "").startswith("("):
        while rest and not (rest.pop(0).value or "").endswith(")"):
            pass
    return rest[0] if rest else None


def _after_blanks(text: str, at: int, end: int) -> int:
    while at < end and text[at] in _BLANK:
        at += 1
    return at


def _word(text: str, start: int, end: int) -> Argument:
    at = start
    parts: list[str] = []
    known = True
    commands: list[tuple[str | None, int]] = []
    while at < end and text[at] not in _BLANK and text[at] != "\\":
        char = text[at]
        if char == "'":
            value, at = _quoted(text, at, end)
            parts.append(value)
        elif char in '"`':
            close = text.find(char, at + 1, end)
            if close < 0:
                raise LexFault(f"an argument with a {char} that doesn't end", (at, end))
            inside = text[at + 1 : close]
            if char == "`":
                known = False
                shell = None if _VARIABLE.search(inside) else inside
                commands.append((shell, at + 1))
            parts.append(text[at : close + 1])
            at = close + 1
        elif char == ":" and (variable := _VARIABLE.match(text, at, end)) is not None:
            known = False
            at = variable.end()
        else:
            parts.append(char)
            at += 1
    return Argument("".join(parts) if known else None, start, at, commands=tuple(commands))


def _quoted(text: str, at: int, end: int) -> tuple[str, int]:
    """The value of the quoted text that begins at `at`, and where it ends."""
    parts: list[str] = []
    start = at
    at += 1
    while at < end:
        if text[at] == "'":
            if text[at + 1 : at + 2] != "'" or at + 1 >= end:
                return "".join(parts), at + 1
            parts.append("'")
            at += 2
        elif (escape := _ESCAPE.match(text, at, end)) is not None:
            octal, hexadecimal, char = escape.groups()
            if char is not None:
                parts.append(_CONTROL.get(char, char))
            else:
                parts.append(chr(int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)))
            at = escape.end()
        else:
            parts.append(text[at])
            at += 1
    raise LexFault("an argument with a ' that doesn't end", (start, end))

"""Assignments as they are written: `name=value`, `name+=value`, `name[i]=…`, `name=(…)`."""

from __future__ import annotations

from policy.frozen import frozen
from policy.parse.shell.lowering import ASSIGNMENT, array_elements, subscript_end
from policy.parse.shell.parts import Parts
from policy.parse.shell.syntax import Slice
from policy.parse.shell.words import read_word

DECLARATIONS = frozenset(("export", "declare", "typeset", "local", "readonly"))
"""Builtins of bash that take assignments as arguments (bash manual 4.2)."""


@frozen
class Written:
    """One assignment. `elements` are the words of an array; else `value` is the word."""

    name: str
    append: bool
    subscript: Slice | None  # what stands between the brackets
    value: Parts
    elements: tuple[Slice, ...] | None
    raw: Slice


def read_assignment(text: str, raw: Slice) -> Written | None:
    """The assignment that a word is, or None where it is a plain word."""
    head = ASSIGNMENT.match(text, raw[0], raw[1])
    if head is None:
        return None
    at = head.end()
    subscript: Slice | None = None
    append = head.group(2) == "+="
    if head.group(2) == "[":
        closed = subscript_end(text, at, raw[1])
        if closed is None:
            return None
        subscript = (at, closed - 1)
        append = text.startswith("+=", closed)
        if not append and not text.startswith("=", closed):
            return None
        at = closed + (2 if append else 1)
    if text.startswith("(", at) and at < raw[1]:
        elements, _ = array_elements(text, at)
        return Written(head.group(1), append, subscript, (), elements, raw)
    value, _ = read_word(text, at, raw[1])
    return Written(head.group(1), append, subscript, value, None, raw)

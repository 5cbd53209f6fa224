"""What a tree leaves out of its text: only keywords, operators, blanks and comments may remain.

Each parser finds the other's mistakes, but where one refuses a text nobody looks at the other's.
What a tree drops, it drops out of the text that is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from policy.parse.shell.scan import FoundDocument
from policy.parse.shell.syntax import For, Function, Node, NotAccepted, Redir

_LEAF, _NAME = "\x02", "\x03"  # stand for what the tree holds: text, and names
_BEGINS, _ENDS = r"(?<![^ \t\n;&|()])", r"(?![^ \t\n;&|()<>])"
_KEYWORDS = "|".join(
    r"(?:\\\n)*".join(word)  # a line may go on inside of a keyword
    for word in "if then elif else fi for in do done while until case esac select function".split()
)
_REMAINS = re.compile(
    rf"[ \t\n;&|()<>{_LEAF}{_NAME}]++|\\\n"
    rf"|{_BEGINS}#[^\n]*"
    rf"|{_BEGINS}(?:[{{}}!]|{_KEYWORDS}|time(?:[ \t]+-p)?(?:[ \t]+--)?"
    rf"|coproc(?:[ \t]+[A-Za-z_][A-Za-z0-9_]*)?){_ENDS}"
    rf"|{_BEGINS}\[\[(?={_LEAF})|(?<={_LEAF})\]\]{_ENDS}"
)
"""One thing that may remain; it is never empty."""
_NAMED = re.compile(rf"(?:{_KEYWORDS})(?:[ \t\n]|\\\n)+")


def check_leftovers(text: str, body: Node | None, found: tuple[FoundDocument, ...]) -> None:
    """Raises `NotAccepted` where the text holds something that no node of the tree does."""
    marked = min((at for at in map(text.find, (_LEAF, _NAME)) if at >= 0), default=None)
    if marked is not None:  # `bash -c $'…\x02'`
        raise NotAccepted("a control character that stands for something else here", marked)
    characters = list(text)
    for one in found:
        start, end = one.document.body[0], one.end
        characters[start:end] = "\n" * (end - start)
    for start, end, mark in _held(body, text):
        characters[start:end] = mark * (end - start)
    remains = "".join(characters)
    position = 0
    while match := _REMAINS.match(remains, position):
        position = match.end()
    if position < len(text):
        raise NotAccepted("a parser leaves out what bash reads", position)


def _held(value: object, text: str) -> Iterator[tuple[int, int, str]]:
    """Every stretch of the text that a tree holds."""
    if isinstance(value, Redir):
        yield *value.span, _LEAF
        return
    if isinstance(value, tuple):
        for inner in value:
            yield from _held(inner, text)
    elif is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, For | Function):
            named = _NAMED.match(text, value.span[0])
            start = value.span[0] if named is None else named.end()
            if text.startswith(value.name, start):  # else it remains, and is refused
                yield start, start + len(value.name), _NAME
        for field in fields(value):
            inner = getattr(value, field.name)
            if field.name in ("words", "patterns"):
                yield from ((start, end, _LEAF) for start, end in inner or ())
            elif field.name in ("subject", "region", "header"):
                yield *inner, _LEAF
            elif field.compare:
                yield from _held(inner, text)

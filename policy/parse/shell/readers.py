"""One script tree from two parsers, or the reason why there is none.

    text ─► here-documents taken out ─► bashlex ──┐
                                    └► tree-sitter ┴─► the same tree? ─► Script

Where both accept the text, their trees must be equal; where only one does, its tree stands.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from policy.parse.shell import bashlex_reader, tree_sitter_reader
from policy.parse.shell.leftovers import check_leftovers
from policy.parse.shell.parts import WordError
from policy.parse.shell.scan import FoundDocument, documents, prefixes, timed
from policy.parse.shell.syntax import (
    Coprocess,
    Node,
    NotAccepted,
    Pipeline,
    Redir,
    Script,
    Sequence,
    Slice,
)
from policy.plan import Opaque, OpaqueKind

# tree-sitter's time to recover from errors grows with the square of these.
_SIGNS = re.compile(r"[(){}\[\]<>|&;$`\"'\n#]")
_MOST_SIGNS = 8_192
_ESCAPED = re.compile(r"\\.", re.DOTALL)
# Where bash joins two lines to one operator, and each reader may see two.
_SPLIT_OPERATOR = re.compile(r"\((?:\\\n)+\(|\)(?:\\\n)+\)|[<>](?:\\\n)+[(<>&|-]|;(?:\\\n)+[;&]")


class Unreadable(Exception):
    """No tree: `opaque` says why, `position` where."""

    def __init__(self, kind: OpaqueKind, message: str, position: int) -> None:
        super().__init__(message)
        self.opaque = Opaque(kind, message)
        self.position = position


def read_script(text: str) -> Script:
    """The tree of a script; raises `Unreadable`."""
    try:
        split = _SPLIT_OPERATOR.search(text) if "\\\n" in text else None
        if split is not None:
            raise NotAccepted("an operator that is written in two lines", split.start())
        found = documents(text)
        readable = _without_documents(text, found) if found else text
        if len(_SIGNS.findall(readable)) > _MOST_SIGNS:
            message = f"more than {_MOST_SIGNS} quotes, operators and line ends"
            raise Unreadable(OpaqueKind.LIMIT, message, 0)
        script = _parse_repaired(text, _readable(readable))
        body = _with_documents(script.body, found) if "<<" in text else script.body
        check_leftovers(text, body, found)
    except WordError as error:
        raise Unreadable(OpaqueKind.UNPARSED, error.message, error.position) from error
    except NotAccepted as error:
        kind = OpaqueKind.UNKNOWN_NODE if error.unknown else OpaqueKind.UNPARSED
        raise Unreadable(kind, error.message, error.position) from error
    return Script(text, body)


def _readable(text: str) -> str:
    r"""The text with `\r`, escaped blanks, letters and a last backslash as ordinary text.

    To bash they are part of a word; the parsers take them otherwise, or refuse them. Words are
    read from the text itself, so only their boundaries matter here.
    """
    if "\\" in text:
        text = _ESCAPED.sub(_unescaped, text)
        pairs = len(text) - len(text.rstrip("\\"))
        if pairs % 2:
            text = text[:-1] + "\x01"
    return text.replace("\r", "\x01")


def _unescaped(escaped: re.Match[str]) -> str:
    """An escaped blank as two ordinary characters, an escaped letter without its backslash."""
    character = escaped[0][1]
    if character in " \t":
        return "\x01\x01"
    return "\x01" + character if character.isalnum() else escaped[0]


def _parse_repaired(text: str, readable: str) -> Script:
    """Parses; where neither parser can, once more without `coproc NAME` and `time -p`.

    What these stand before runs all the same. A blanked keyword must not lie in a word.
    """
    readable = _blanked(readable, timed(readable))
    try:
        return _parse(text, readable)
    except NotAccepted as error:
        found = prefixes(readable)
        if not found:
            raise
        try:
            script = _parse(text, _blanked(readable, found))
        except NotAccepted:
            raise error from None
        for start, end in _slices(script.body):
            if any(start < b and a < end for a, b in found):
                raise error from None
        starts = {
            text.index(text[end:].lstrip()[:1], end): readable[start:end].split()[1:]
            for start, end in found
            if readable.startswith("coproc", start)
        }
        return Script(text, _with_coprocesses(script.body, starts))


def _with_coprocesses(tree: Node | None, starts: dict[int, list[str]]) -> Node | None:
    """The tree with those commands as coprocesses that begin behind a `coproc [NAME]`."""

    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(put, value))
        if not isinstance(value, Node):
            return value
        lists = isinstance(value, Sequence | Pipeline)
        name = None if lists else starts.pop(value.span[0], None)
        changes = {f.name: put(getattr(value, f.name)) for f in fields(value) if f.compare}
        body = replace(value, **changes)
        return body if name is None else Coprocess(body, (name or ["COPROC"])[0], value.span)

    placed: Node | None = put(tree)
    if starts:
        raise NotAccepted("a coprocess where no parser sees a command", min(starts))
    return placed


def _blanked(text: str, found: tuple[Slice, ...]) -> str:
    characters = list(text)
    for start, end in found:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _parse(text: str, readable: str) -> Script:
    """Both parsers' one answer. They see `readable`; words are checked against `text`."""
    refused: list[NotAccepted] = []
    trees: list[Script] = []
    for parser in (tree_sitter_reader.parse, bashlex_reader.parse):
        try:
            trees.append(parser(text, readable))
        except NotAccepted as error:
            refused.append(error)
        except WordError as error:
            refused.append(NotAccepted(error.message, error.position))
        except RecursionError:
            # How much stack is left is the caller's doing. Were it one parser's refusal, the
            # other's tree would stand for a text about which they may disagree.
            message = "commands nested too deeply"
            raise Unreadable(OpaqueKind.LIMIT, message, 0) from None
    if not trees:
        raise refused[0]
    if len(trees) == 2 and trees[0].body != trees[1].body:
        position = _difference(trees[0].body, trees[1].body)
        message = "two parsers see different commands here"
        raise Unreadable(OpaqueKind.DISAGREEMENT, message, position)
    return trees[0]


def _difference(one: Node | None, other: Node | None) -> int:
    """Where two trees begin to differ, roughly: the first word that only one has."""
    ones, others = set(_slices(one)), set(_slices(other))
    return min((start for start, _ in ones ^ others), default=0)


def _slices(value: object) -> list[Slice]:
    """Every word of a tree, in no order."""
    found: list[Slice] = []
    if isinstance(value, Redir):
        found.append(value.target)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if not field.compare:
                continue
            inner = getattr(value, field.name)
            if field.name in ("words", "patterns") and inner is not None:
                found.extend(inner)
            elif field.name in ("subject", "region", "header"):
                found.append(inner)
            else:
                found.extend(_slices(inner))
    elif isinstance(value, tuple):
        for inner in value:
            found.extend(_slices(inner))
    return found


def _without_documents(text: str, found: tuple[FoundDocument, ...]) -> str:
    """The text with `<<EOF` as `< EOF` and the bodies blank; every offset stays."""
    characters = list(text)
    for one in found:
        start, end = one.operator, one.operator_end
        characters[start:end] = "<" + " " * (end - start - 1)
        start = one.document.body[0]
        characters[start : one.end] = " " * (one.end - start)
    # The operator of `<<EOF` directly before the delimiter takes two characters.
    return "".join(characters)


def _with_documents(body: Node | None, found: tuple[FoundDocument, ...]) -> Node | None:
    """Puts the here-documents back at the redirects that stand for them.

    A document that no parser sees as a redirect at its place was none, and a here-document
    that is left in the tree was not found: both refuse the text.
    """
    by_operator = {one.operator: one for one in found}

    def put(value: object) -> object:
        if isinstance(value, Redir):
            # A descriptor may stand before the operator: 3<<EOF.
            at = next((p for p in by_operator if value.span[0] <= p < value.target[0]), None)
            if at is None:
                if value.operator.startswith("<<") and value.operator != "<<<":
                    raise NotAccepted("a here-document that was not found", value.span[0])
                return value
            return replace(value, operator="<<", document=by_operator.pop(at).document)
        if is_dataclass(value) and not isinstance(value, type):
            changes = {}
            for field in fields(value):
                old = getattr(value, field.name)
                new = put(old)
                if new is not old:
                    changes[field.name] = new
            return replace(value, **changes) if changes else value
        if isinstance(value, tuple) and value and not isinstance(value[0], int):
            new_items = tuple(put(item) for item in value)
            return (
                new_items
                if any(a is not b for a, b in zip(new_items, value, strict=True))
                else value
            )
        return value

    placed = put(body)
    if by_operator:
        raise NotAccepted("a here-document where no parser sees one", min(by_operator))
    return placed  # type: ignore[return-value]  # put returns what it was given: a node or None

"""Lark's tree of a rule file → syntax nodes: words, types, and what all readers share.

One method for each production of `grammar/rules.lark`, of the same name; children that the
grammar leaves out (keywords, punctuation) are not there. Nothing is judged here, but for the
escapes of strings and the depth of nesting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from lark import Token, Tree

from policy.diagnostics import Finding
from policy.dsl.codes import Code, finding
from policy.dsl.syntax import (
    Alternatives,
    Duration,
    Form,
    Number,
    Reference,
    Statement,
    Text,
    Typed,
)
from policy.source import Region, Source

if TYPE_CHECKING:
    Node: TypeAlias = Tree[Token]
    Child: TypeAlias = Node | Token

T = TypeVar("T")

_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_MINUTES = {"d": 24 * 60, "h": 60, "m": 1}
_PYTHON = ("or", "and", "not")
_DEEPEST = 60


class TooDeepError(Exception):
    """Parts nested beyond what anyone writes; `at` is the first that isn't read."""

    def __init__(self, at: Region) -> None:
        super().__init__(at)
        self.at = at


class WordReader:
    """Reads words and types; the readers of larger parts build on it.

    `base` is where the text that was parsed begins in the source. What is wrong with a word
    by itself is added to `findings`.
    """

    def __init__(self, source: Source, base: int = 0) -> None:
        self.source = source
        self.base = base
        self.findings: list[Finding] = []
        self._depth = 0

    # Types and words

    def required(self, node: Node) -> Typed:
        """`typed: "<" type ">"`"""
        typed: Typed = self._read(node.children[0])
        return typed

    def optional(self, node: Node) -> Typed:
        """`typed: "[" "<" type ">" "]"`"""
        return replace(self.required(node), optional=True)

    def type(self, node: Node) -> Typed:
        """`type: NAME NAME? | REFERENCE`"""
        words = [str(token) for token in node.children]
        argument = words[1] if len(words) > 1 else None
        return Typed(words[0], argument, False, self._at(node))

    def marker(self, node: Node) -> Text:
        """`marker: MARKER`"""
        text: Text = self._read(node.children[0])
        return text

    def text(self, node: Node) -> Text:
        """`text: NAME | STRING`"""
        text: Text = self._read(node.children[0])
        return text

    def option_name(self, node: Node) -> Text:
        """`option_name: OPTION_NAME | OPTION_NUMBER | STRING`"""
        text: Text = self._read(node.children[0])
        return text

    def dashed(self, node: Node) -> Text:
        """`dashed: OPTION_NAME | OPTION_NUMBER`"""
        text: Text = self._read(node.children[0])
        return text

    def options_named(self, node: Node) -> tuple[Text, ...]:
        """`options_named: option_name | "(" option_name ("|" option_name)* ")"`"""
        return self._all(node)

    def reference(self, node: Node) -> Reference:
        """`reference: REFERENCE`"""
        reference: Reference = self._read(node.children[0])
        return reference

    def test(self, node: Node) -> Alternatives:
        """`test: value | "(" value ("|" value)* ")"`"""
        return Alternatives(self._all(node), self._at(node))

    def alternatives(self, node: Node) -> Alternatives:
        """`alternatives: alternative | "(" alternative ("|" alternative)* ")"`"""
        return Alternatives(self._all(node), self._at(node))

    # Tokens

    def _token(self, token: Token) -> Text | Reference | Number | Duration:
        at = self._at(token)
        match token.type:
            case "INT" | "SIGNED":
                return Number(int(token), at)
            case "DURATION":
                return Duration(int(token[:-1]) * _MINUTES[token[-1]], at)
            case "STRING":
                return Text(self._string(str(token), at), at, Form.STRING)
            case "REFERENCE":
                return Reference(str(token)[1:], at)
            case "OPTION_NAME":
                return Text(str(token), at, Form.OPTION)
            case "OPTION_NUMBER":
                return Text("-NUMBER", at, Form.OPTION)
            case _:
                return Text(str(token), at)

    def _string(self, written: str, at: Region) -> str:
        """The value of a string: escapes in `"…"`, none in `'…'`."""
        inside = written[1:-1]
        if written[0] == "'" or "\\" not in inside:
            return inside

        def escape(found: re.Match[str]) -> str:
            char = found[1]
            if char not in _ESCAPES:
                start = at.start + 1 + found.start()
                place = self.source.region(start, start + 2)
                self.findings.append(
                    finding(
                        Code.ESCAPE,
                        f"unknown escape `\\{char}`",
                        place,
                        label='expected `\\"`, `\\\\`, `\\n` or `\\t`',
                        hint="in '…' a backslash is a backslash",
                    )
                )
            return _ESCAPES.get(char, char)

        return re.sub(r"\\(.)", escape, inside)

    # Any part

    def _read(self, child: Child) -> Any:  # as many types as the grammar has rules
        """What a child stands for: a token by its terminal, a tree by its rule."""
        if isinstance(child, Token):
            return self._token(child)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooDeepError(self._at(child))
        try:
            return self._read_tree(str(child.data), child)
        finally:
            self._depth -= 1

    def _read_tree(self, rule: str, node: Node) -> Any:
        """What a tree of that rule stands for."""
        return getattr(self, f"{rule}_" if rule in _PYTHON else rule)(node)

    def _at(self, child: Child) -> Region:
        place = child.meta if isinstance(child, Tree) else child
        start, end = place.start_pos, place.end_pos
        return self.source.region(self.base + (start or 0), self.base + (end or 0))

    def _all(self, node: Node) -> tuple[Any, ...]:
        return tuple(self._read(child) for child in node.children)

    def _each(self, node: Node, *rules: str) -> list[Any]:
        return [self._read(child) for child in node.children if is_a(child, *rules)]

    def _override(self, node: Node) -> tuple[bool, list[Child]]:
        if node.children and is_a(node.children[0], "override"):
            return True, node.children[1:]
        return False, node.children

    def _block(self, children: Sequence[Child]) -> tuple[tuple[Text, ...], tuple[Statement, ...]]:
        names = tuple(self._read(child) for child in children if isinstance(child, Token))
        body = tuple(self._read(child) for child in children if isinstance(child, Tree))
        return names, body


def is_a(child: Child, *names: str) -> bool:
    """Whether a child is a token of one of these terminals or a tree of one of these rules."""
    return (str(child.data) if isinstance(child, Tree) else child.type) in names


def says(node: Node, rule: str) -> bool:
    """Whether an optional keyword stands in it."""
    return any(is_a(child, rule) for child in node.children)


def only(parts: Sequence[object], kind: type[T]) -> T | None:
    """The part of that type, or None."""
    return next((part for part in parts if isinstance(part, kind)), None)

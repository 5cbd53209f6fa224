"""Tokens that mean something else with a blank between them, joined to one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy.parse.sql.keywords import KEYWORDS
from policy.parse.sql.lex import Lexis, Token, TokenKind

_OPERATOR = frozenset("+-*/<>=~!@#%^&|?:")
_ENDS_WITH_SIGN = frozenset("~!@#%^&|?")


def join(tokens: Sequence[Token], lexis: Lexis, tables: set[str]) -> Iterator[Token]:
    """Tokens, those joined that mean something else with a blank between them.

    `tables` are names (lower case) that stand before a list of columns, and so call nothing.
    """
    at, count = 0, len(tokens)
    while at < count:
        token = tokens[at]
        if token.kind is TokenKind.SYMBOL and token.text in _OPERATOR:
            last = _operator(tokens, at)
            if _prefixes(tokens, at, last) and _touches(tokens, last):
                last += 1
            yield _joined(tokens, at, last, TokenKind.SYMBOL)
        elif _prefixed_string(tokens, at):
            last = at + 1
            yield _joined(tokens, at, last, TokenKind.STRING)
        elif lexis.dash_needs_blank and _apart(tokens, at, tables):
            last = at + 1
            text = f"{token.text} ("
            yield Token(TokenKind.WORD, text, token.start, tokens[last].end, text, token.depth)
        else:
            last = at
            yield token
        at = last + 1


def _prefixed_string(tokens: Sequence[Token], at: int) -> bool:
    """`N'a'`, where the lexis has no such strings."""
    word = tokens[at].kind is TokenKind.WORD and tokens[at].upper not in KEYWORDS
    return word and _touches(tokens, at) and tokens[at + 1].kind is TokenKind.STRING


def _apart(tokens: Sequence[Token], at: int, tables: set[str]) -> bool:
    """`count (x)`: MySQL calls a stored function where a blank keeps it from its own."""
    if at + 1 >= len(tokens) or tokens[at + 1].text != "(" or _touches(tokens, at):
        return False
    name = None if tokens[at].upper in KEYWORDS else tokens[at].name
    return name is not None and name.lower() not in tables


def _touches(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].start == tokens[at].end


def _operator(tokens: Sequence[Token], first: int) -> int:
    """Where the operator that begins at `first` ends, as PostgreSQL's lexer has it.

    One of several characters ends with `+` or `-` only if it has one of certain others.
    """
    last = first
    while _touches(tokens, last) and tokens[last + 1].text in _OPERATOR:
        last += 1
    if any(token.text in _ENDS_WITH_SIGN for token in tokens[first : last + 1]):
        return last
    while last > first and tokens[last].text in "+-":
        last -= 1
    return last


def _prefixes(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the operator belongs to the name or number that touches it: `@x`, `:'x'`, `?1`."""
    if tokens[last].text not in "@:?" or not _touches(tokens, last):
        return False
    cast = last > first and tokens[last].text == tokens[last - 1].text == ":"
    return not cast and tokens[last + 1].kind is not TokenKind.SYMBOL


def _joined(tokens: Sequence[Token], first: int, last: int, kind: TokenKind) -> Token:
    if first == last:
        return tokens[first]
    text = "".join(token.text for token in tokens[first : last + 1])
    return Token(kind, text, tokens[first].start, tokens[last].end, text, tokens[first].depth)

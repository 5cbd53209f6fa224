"""The normal form of a statement as lexemes: what a whitelist compares, one by one.

Two statements have the same lexemes if they differ only in blanks, comments and the case of
keywords. A blank that a server would read is kept: what must not be torn apart or put
together is one lexeme (`<=`, `@x`, `N'a'`, and in MySQL `count (`, which isn't `count(`).
"""

from __future__ import annotations

from enum import StrEnum

from policy.frozen import frozen
from policy.parse.sql.dialects import dialect
from policy.parse.sql.free import free_literals, is_plain_string
from policy.parse.sql.join import join
from policy.parse.sql.lex import LexFault, Token, TokenKind, lex
from policy.plan import Statement


class Literal(StrEnum):
    """What a lexeme stands for by itself."""

    NONE = ""
    NUMBER = "number"
    STRING = "string"  # whose value is certain: `'…'` without a backslash


@frozen
class Lexeme:
    """`text` is as in the normal form, `value` a literal's value (a number's spelling).

    `free`: another value may stand here, and the statement does the same to other rows.
    """

    text: str
    literal: Literal = Literal.NONE
    value: str = ""
    free: bool = False


def lexemes(statement: Statement, *, free: bool = True) -> tuple[Lexeme, ...]:
    r"""The lexemes of a statement's normal form; () where it has none.

    Without `free` none is said to be free, which takes half the time. A client's command
    (`\d+`, `.tables`) is a single lexeme, in which nothing is free.
    """
    found = dialect(statement.dialect)
    if not statement.normal:
        return ()
    whole = (Lexeme(statement.normal),)
    if found is None or statement.kind == "meta":
        return whole
    try:
        tokens = lex(statement.normal, found.lexis)
    except LexFault:  # psql's \copy
        return whole
    tables = {table.name.lower() for table in statement.tables}
    joined = list(join(tokens, found.lexis, tables))
    found_free = free_literals(joined) if free else frozenset()
    return tuple(_lexeme(token, at in found_free) for at, token in enumerate(joined))


def _lexeme(token: Token, free: bool) -> Lexeme:
    if is_plain_string(token):
        return Lexeme(token.text, Literal.STRING, token.text[1:-1].replace("''", "'"), free)
    if token.kind is TokenKind.NUMBER and token.text[0] != "$":
        return Lexeme(token.text, Literal.NUMBER, token.text, free)
    return Lexeme(token.text)

"""Every dialect but PostgreSQL: tokens to statements.

What a statement is, its first words say: sqlglot reads some as something else. Queries and
changes of rows go through sqlglot's tree, everything else through `leads`, which looks at
tokens only and says no more than they prove.
"""

from __future__ import annotations

import re

from policy.parse.sql.dialects import Dialect
from policy.parse.sql.facts import Facts, Unknown, opaque
from policy.parse.sql.keywords import KEYWORDS
from policy.parse.sql.leads import TREES, read_lead, second_statement, writes_file
from policy.parse.sql.lex import LexFault, Token, TokenKind, normal_form
from policy.parse.sql.sqlglot_parse import parse
from policy.parse.sql.sqlglot_parse import tokens as sqlglot_tokens
from policy.parse.sql.tree import read_tree
from policy.plan import Action, OpaqueKind, Span, Statement, Table, Via

_SEVERAL_WORDS = re.compile(r"[A-Za-z_]+(?:[ \t\r\n]+[A-Za-z_]+)+")
_WORD = re.compile(r"\S+")
_ANYTHING = re.compile(r"(?s:.+)")
_GO = re.compile(r"^[ \t]*GO(?:[ \t]+\d+)?[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_SQLCMD = re.compile(r"^[ \t]*(?::|!!)", re.MULTILINE)


def read_generic(text: str, tokens: tuple[Token, ...], found: Dialect) -> list[Action]:
    """One action for each statement, and for each that an EXPLAIN runs."""
    actions: list[Action] = []
    pieces = _pieces(text, tokens, found)
    if not pieces:
        message = "a text with no statement"
        return [opaque(OpaqueKind.UNPARSED, message, (tokens[0].start, tokens[-1].end))]
    for piece, first in pieces:
        actions.extend(_statement(text, piece, found, (), first))
    return actions


def _same_tokens(text: str, piece: list[Token], found: Dialect) -> bool:
    """Whether sqlglot leaves out the same blanks and comments, and sees the same strings."""
    theirs = sqlglot_tokens(text[piece[0].start : piece[-1].end], found.parser)
    if theirs is None:
        return False
    base = piece[0].start
    placed = [
        (word.start() + start + base, word.end() + start + base)
        for start, end in theirs
        for word in _words(text[start + base : end + base])
    ]
    if _covered(placed) != _covered([(token.start, token.end) for token in piece]):
        return False
    starts = {end: start for start, end in placed}
    quoted = (token for token in piece if token.kind in (TokenKind.STRING, TokenKind.QUOTED))
    return all(starts.get(token.end, token.end) <= token.start for token in quoted)


def _words(token: str) -> list[re.Match[str]]:
    """A token, or the words of one that has several (`GROUP BY`)."""
    several = _SEVERAL_WORDS.fullmatch(token)
    return list((_WORD if several else _ANYTHING).finditer(token))


def _covered(spans: list[Span]) -> list[Span]:
    """Spans that touch, joined."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str, tokens: tuple[Token, ...], found: Dialect) -> list[tuple[list[Token], bool]]:
    """Tokens of each statement, and whether it is the first of its batch."""
    breaks: set[int] = set()
    if found.batches:
        starts = {token.start: index for index, token in enumerate(tokens)}
        for line in _GO.finditer(text):
            at = line.start() + len(line[0]) - len(line[0].lstrip(" \t"))
            if at not in starts:
                raise LexFault("a line GO inside a string or comment", line.span())
            breaks.add(starts[at])
        if odd := _SQLCMD.search(text):
            raise LexFault("a command of sqlcmd", odd.span())
    pieces: list[tuple[list[Token], bool]] = []
    current: list[Token] = []
    first = True
    skip_number = False
    for index, token in enumerate(tokens):
        if skip_number and token.kind is TokenKind.NUMBER:
            skip_number = False
            continue
        skip_number = False
        if index in breaks or token.text == ";":
            if current:
                pieces.append((current, first))
            current = []
            first = index in breaks
            skip_number = index in breaks
        else:
            current.append(token)
    if current:
        pieces.append((current, first))
    return pieces


def _statement(
    text: str, piece: list[Token], found: Dialect, via: tuple[Via, ...], first: bool
) -> list[Action]:
    span: Span = (piece[0].start, piece[-1].end)
    normal = normal_form(piece, KEYWORDS)
    if found.batches and (extra := second_statement(piece)) is not None:
        message = f"`{extra.text}` begins a second statement without `;`"
        return [opaque(OpaqueKind.UNPARSED, message, (extra.start, extra.end), via)]
    if found.chain and (place := _chained(text, piece, found.chain)) is not None:
        message = f"`{found.chain}`, which another statement may follow"
        return [opaque(OpaqueKind.UNPARSED, message, place, via)]
    try:
        if piece[0].upper in TREES or piece[0].text == "(":
            if not _same_tokens(text, piece, found):
                message = "two lexers see different strings, names or comments"
                return [opaque(OpaqueKind.DISAGREEMENT, message, span, via)]
            facts = _through_tree(text, piece, found)
            if facts is None:
                message = f"SQL that sqlglot does not accept as {found.name}"
                return [opaque(OpaqueKind.UNPARSED, message, span, via)]
            return [Action(facts.statement(found.name, normal), span, via)]
        lead = read_lead(piece, found, first)
    except Unknown as unknown:
        message = f"the construct {unknown.construct}"
        return [opaque(OpaqueKind.UNKNOWN_NODE, message, span, via)]
    actions: list[Action] = []
    if lead.body:
        actions = _statement(text, lead.body, found, (*via, *lead.via), False)
        if not lead.runs_body:
            actions = _only_planned(actions, lead.facts)
    actions.append(Action(lead.facts.statement(found.name, normal), span, via))
    return actions


def _chained(text: str, piece: list[Token], chain: str) -> Span | None:
    """Where the operator stands that may begin another statement."""
    for token in piece:
        if token.text == chain[0] and text.startswith(chain, token.start):
            return token.start, token.start + len(chain)
    return None


def _through_tree(text: str, piece: list[Token], found: Dialect) -> Facts | None:
    if writes_file(piece):
        # sqlglot doesn't accept it; nothing below `high` can come of it.
        return Facts("select", features={"into", "file"})
    trees = parse(text[piece[0].start : piece[-1].end], found.parser)
    if trees is None or len(trees) != 1:
        return None
    return read_tree(trees[0], piece, found)


# What says that more than a plan may be wanted or made: MySQL's optimiser evaluates constants and
# reads rows that a key names, with the locks and assignments that the text says.
_EVEN_PLANNED = frozenset("file bare-calls linked-server into-variable for-update".split())


def _only_planned(actions: list[Action], facts: Facts) -> list[Action]:
    """What an EXPLAIN doesn't run adds its tables and functions, and what isn't understood."""
    kept = []
    for action in actions:
        if not isinstance(action.does, Statement):
            kept.append(action)
            continue
        facts.functions.update(dict.fromkeys(action.does.functions))
        for table in action.does.tables:
            facts.tables[Table(table.name, table.schema)] = None
        facts.features |= action.does.features & _EVEN_PLANNED
    return kept

"""SQL statements and patterns of them as pieces; pieces as SQL.

    UPDATE jobs SET state = 'queued' WHERE id = {id:int}

The pieces of a statement are what it does (kind, tables, whether a WHERE bounds it, …) and then
its lexemes. A pattern is read by the same reader as a statement, each hole as a literal of its
own, so that what a pattern does is what the reader says, and statements that do something else
(a value that ends a bound) never match it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from policy.automata import overlap
from policy.frozen import frozen
from policy.globs import between
from policy.holes import Hole, HoleError, HoleKind, hole_at, language
from policy.parse.sql import read_sql
from policy.parse.sql.dialects import dialect as named_dialect
from policy.parse.sql.keywords import KEYWORDS
from policy.parse.sql.lex import LexFault, passed
from policy.parse.sql.lexemes import Lexeme, Literal, lexemes
from policy.plan import Action, Command, Limits, Opaque, Span, Statement
from policy.whitelist.form import Piece

TOKEN = "token"  # roles; of literals the role is the literal's name


@frozen
class Slot:
    """A hole of a pattern and where it stands."""

    hole: Hole
    span: Span


def statement_pieces(statement: Statement) -> tuple[Piece, ...]:
    """The pieces of an action's statement; () for one that has no normal form."""
    found = lexemes(statement, free=False)
    return (*_facts(statement), *map(_piece, found)) if found else ()


def free_pieces(statement: Statement) -> tuple[int, ...]:
    """Places in `statement_pieces` of the literals that may become holes.

    A number may become `{x:int}`, a string any other hole.
    """
    facts = len(_facts(statement))
    return tuple(facts + at for at, one in enumerate(lexemes(statement)) if one.free)


def pattern_statement(
    command: str, dialect: str, steps: tuple[str, ...] = ()
) -> tuple[Statement, tuple[Piece, ...]]:
    """A pattern, one statement of the dialect (or client) with holes, and its pieces.

    The statement has a literal in place of each hole; what it does, every statement does that
    the pieces admit. `steps` choose a statement inside it: the programs of the steps to it
    (`("cte",)`, `("explain",)`). `int`, and `one of` with digits only, stand for a number;
    every other hole for a string. Raises `HoleError` for text that isn't understood, isn't one
    statement, or has a hole where no other value may stand.
    """
    slots = holes_in(command, dialect)
    filled = _Filled(command, slots, _placeholders(command, slots))
    statement = _read(filled, dialect, steps)
    waiting = dict(zip(filled.values, slots, strict=True))
    found = [(one, waiting.pop(one.text, None) if one.free else None) for one in lexemes(statement)]
    for slot in waiting.values():
        raise HoleError("a hole where no other value may stand", *slot.span, _WHERE)
    if statement.bounded and (weakest := dict(_weakest(found))):
        values = zip(slots, filled.values, strict=True)
        weak = _Filled(command, slots, tuple(weakest.get(slot, value) for slot, value in values))
        if _facts(_read(weak, dialect, steps)) != _facts(statement):
            slot, value = next(iter(weakest.items()))
            raise HoleError(f"with {value} here nothing bounds the statement", *slot.span, _LESS)
    pieces = (_piece(one) if slot is None else _hole(one, slot) for one, slot in found)
    return statement, (*_facts(statement), *pieces)


_WHERE = (
    "a hole stands for a whole number or string that is compared with a column, inserted or "
    "assigned, as in `id = {id:int}`"
)
_LESS = "compare with `=`, or admit less: `{x:one of 100 200}`, `{x:like job-*}`"


def render(pieces: tuple[Piece, ...]) -> str:
    """The pieces of a statement as SQL that has the same pieces; holes as holes.

    Pieces that are no text of the statement (facts, steps to it) are left out. A value that
    the reader refuses (a control character) makes a text that isn't understood.
    """
    text, before = "", ""
    for piece in pieces:
        if piece.role not in (TOKEN, Literal.NUMBER, Literal.STRING):
            continue
        (part,) = piece.parts
        shown = str(part)
        if piece.role == Literal.STRING and isinstance(part, str):
            shown = "'" + part.replace("'", "''") + "'"
        text += shown if _close(before, shown) else f" {shown}"
        before = shown
    return text


def holes_in(command: str, dialect: str) -> tuple[Slot, ...]:
    """The holes of a pattern, in their order: those outside strings, names and comments.

    Raises `HoleError` also where the text isn't the dialect's.
    """
    found = named_dialect(dialect)
    if found is None:
        raise HoleError(f"unknown SQL dialect `{dialect}`", 0, len(command))
    slots: list[Slot] = []
    at, client = 0, False
    while at < len(command):
        hole = hole_at(command, at) if command[at] == "{" else None
        if hole is not None:
            if client:
                raise HoleError("a hole in a command of the client", at, hole[1])
            if hole[0].rest:
                raise HoleError("a hole for operands, which SQL doesn't have", at, hole[1], _EACH)
            slots.append(Slot(hole[0], (at, hole[1])))
            at = hole[1]
        elif client or (found.client is not None and command[at] == "\\"):
            client = True  # the rest is no SQL, or follows what is none
            at += 1
        else:
            try:
                at = passed(command, at, found.lexis)[1]
            except LexFault as fault:
                raise _not_understood(fault.message, fault.span, dialect) from None
    return tuple(slots)


_EACH = "write a hole for each value, as in `id IN ({a:int}, {b:int})`"


def _not_understood(message: str, span: Span, dialect: str) -> HoleError:
    help_text = f"a pattern is one statement that `sql:{dialect}` can read"
    return HoleError(f"SQL that isn't understood: {message}", *span, help_text)


# Facts and lexemes -------------------------------------------------------------------------


def _facts(statement: Statement) -> tuple[Piece, ...]:
    """What rules can ask of a statement: all of it."""
    bounded = {True: "bounded", False: "unbounded", None: ""}[statement.bounded]
    tables = [(one.schema, one.name, one.written) for one in statement.tables]
    return (
        Piece("sql:kind", (statement.kind,)),
        Piece("sql:object", (statement.object or "",)),
        Piece("sql:bounded", (bounded,)),
        Piece("sql:tables", (repr(tables),)),
        Piece("sql:functions", (repr(statement.functions),)),
        Piece("sql:features", (repr(sorted(statement.features)),)),
        Piece("sql:names", (repr(statement.names),)),
    )


def _piece(lexeme: Lexeme) -> Piece:
    if lexeme.literal is Literal.NONE:
        return Piece(TOKEN, (lexeme.text,))
    return Piece(str(lexeme.literal), (lexeme.value,))


def _hole(lexeme: Lexeme, slot: Slot) -> Piece:
    return Piece(str(lexeme.literal), (slot.hole,))


_OPENS = ("(", "[")
_NAMES_END = frozenset('"`])')
_CLOSES = frozenset((")", ",", ".", ";", "]"))


def _close(before: str, shown: str) -> bool:
    """Whether no blank is needed, nor usual, between two lexemes."""
    if not before:
        return True
    if shown == "." or before == ".":
        return not before.isdigit() and not shown[0].isdigit()
    if shown == "(":
        return before not in KEYWORDS and (
            before[-1].isalnum() or before[-1] in _NAMES_END or before == "("
        )
    return shown in _CLOSES or before.endswith(_OPENS)


# Reading a pattern -------------------------------------------------------------------------


@frozen
class _Filled:
    """A pattern with a literal in place of each hole."""

    command: str
    slots: tuple[Slot, ...]
    values: tuple[str, ...]

    @property
    def text(self) -> str:
        parts, last = [], 0
        for slot, value in zip(self.slots, self.values, strict=True):
            parts += [self.command[last : slot.span[0]], value]
            last = slot.span[1]
        return "".join((*parts, self.command[last:]))

    def back(self, span: Span) -> Span:
        """A span of the filled text as one of the pattern."""
        return self._back(span[0], 0), self._back(span[1], 1)

    def _back(self, at: int, edge: int) -> int:
        """An offset; inside a literal, that of the hole's beginning or end."""
        longer = 0
        for slot, value in zip(self.slots, self.values, strict=True):
            if at <= slot.span[0] + longer:
                break
            if at < slot.span[0] + longer + len(value):
                return slot.span[edge]
            longer += len(value) - (slot.span[1] - slot.span[0])
        return at - longer

    def not_understood(self, message: str, span: Span, dialect: str) -> HoleError:
        """The error, in the words of the pattern."""
        place = self.back(span)
        for slot, value in zip(self.slots, self.values, strict=True):
            if value in message:
                place = slot.span
                message = message.replace(value, self.command[slice(*place)])
        return _not_understood(message, place, dialect)


def _is_number(hole: Hole) -> bool:
    if hole.kind is HoleKind.INT:
        return True
    digits = (one.isascii() and one.isdigit() for one in hole.arguments)
    return hole.kind is HoleKind.ONE_OF and all(digits)


def _placeholders(command: str, slots: tuple[Slot, ...]) -> tuple[str, ...]:
    """A literal for each hole that stands nowhere in the text."""
    base = 7_310_000
    while str(base) in command:
        base += 1
    return tuple(
        f"{base}{at:03}" if _is_number(slot.hole) else f"'v{base}{at:03}'"
        for at, slot in enumerate(slots)
    )


def _read(filled: _Filled, dialect: str, steps: tuple[str, ...]) -> Statement:
    """The statement at `steps` of a filled pattern."""
    whole = (0, len(filled.command))
    actions = read_sql(filled.text, dialect, Limits(), shell=_elsewhere)
    for action in actions:
        if isinstance(action.does, Opaque):
            raise filled.not_understood(action.does.message, action.span, dialect)
    outer = [one for one in actions if isinstance(one.does, Statement) and not one.via]
    if not outer:
        raise HoleError("a pattern without a statement", *whole)
    if len(outer) > 1:
        several = f"{len(outer)} statements in one pattern"
        help_text = "each statement has an entry of its own"
        raise HoleError(several, *filled.back(outer[1].span), help_text)
    found = {
        one.does: None
        for one in actions
        if isinstance(one.does, Statement) and tuple(step.program for step in one.via) == steps
    }
    if len(found) == 1:
        return next(iter(found))
    path = " ".join(f"<{step}>" for step in steps)
    if found:
        raise HoleError(f"several statements are reached through {path}", *whole)
    raise HoleError(f"no statement is reached through {path}", *whole)


def _elsewhere(text: str, offset: int) -> tuple[Action, ...]:
    """Shell text inside SQL is other actions' matter, with entries of their own."""
    return (Action(Command("", ()), (offset, offset)),)


# Values that would not bound ---------------------------------------------------------------

_ABOVE = frozenset((">", ">="))  # of which nearly every row is, for the lowest values
_LIKES = frozenset(("LIKE", "ILIKE"))
_Found = list[tuple[Lexeme, Slot | None]]


def _weakest(found: _Found) -> Iterator[tuple[Slot, str]]:
    """For each hole that admits a value which would not bound by itself, such a value."""
    for (before, _), (lexeme, slot) in pairwise(found):
        value = None
        if slot is not None and before.text in _LIKES:
            value = _beginning(slot.hole, ("%", "_", "["))
        elif slot is not None and before.text in _ABOVE:
            value = _lowest(slot.hole, lexeme.literal)
        if slot is not None and value is not None:
            yield slot, value


def _beginning(hole: Hole, texts: tuple[str, ...]) -> str | None:
    """A string that begins with one of the texts, as some value that the hole admits does."""
    admitted = language((hole,))
    for text in texts:
        if overlap(admitted, between(text, "")):
            return f"'{text}'"
    return None


def _lowest(hole: Hole, literal: Literal) -> str | None:
    """The number, or a string that a server may read as one, that least is below."""
    if hole.kind is HoleKind.INT:
        return "0"
    if literal is Literal.NUMBER:
        return min(hole.arguments, key=int)
    admitted = language((hole,))
    exact = (f"'{text}'" for text in ("0", "1") if admitted.accepts(text))
    return next(exact, None) or _beginning(hole, ("0.", "."))

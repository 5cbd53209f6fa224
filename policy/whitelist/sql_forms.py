"""SQL statements and patterns of them as pieces; pieces as SQL.

    UPDATE jobs SET state = 'queued' WHERE id = {id:int}

The pieces of a statement are what it does (kind, tables, whether a WHERE bounds it, …) and then
its lexemes. A pattern is read by the same reader as a statement, each hole as a literal of its
own, so that what a pattern does is what the reader says, and statements that do something else
(a value that ends a bound) never match it.
"""

from __future__ import annotations

from policy.automata import overlap
from policy.frozen import frozen
from policy.globs import between
from policy.holes import Hole, HoleError, HoleKind, hole_at, language
from policy.parse.sql import read_sql
from policy.parse.sql.dialects import dialect as named_dialect
from policy.parse.sql.lex import LexFault, passed
from policy.parse.sql.lexemes import Lexeme, Literal, lexemes
from policy.plan import Action, Command, Limits, Opaque, Span, Statement
from policy.whitelist.pattern import Piece

TOKEN = "token"  # roles; of literals the role is the literal's name
FACTS = "sql:"  # what roles of pieces begin with that aren't text


@frozen
class Place:
    """A hole of a pattern and where it stands."""

    hole: Hole
    span: Span


def statement_pieces(statement: Statement) -> tuple[Piece, ...]:
    """The pieces of an action's statement. One without a normal form matches nothing."""
    found = lexemes(statement, free=False)
    texts = tuple(map(_piece, found)) if found else (Piece(TOKEN, ()),)
    return (*_facts(statement), *texts)


def free_pieces(statement: Statement) -> tuple[int, ...]:
    """Places in `statement_pieces` of the literals that may become holes.

    A number may become `{x:int}`, a string any other hole.
    """
    facts = len(_facts(statement))
    return tuple(facts + at for at, one in enumerate(lexemes(statement)) if one.free)


def pattern_pieces(command: str, dialect: str, steps: tuple[str, ...] = ()) -> tuple[Piece, ...]:
    """The pieces of a pattern: one statement of the dialect (or client) with holes.

    `steps` choose a statement inside it: the programs of the steps to it (`("cte",)`,
    `("explain",)`). `int`, and `one of` with digits only, stand for a number; every other hole
    for a string. Raises `HoleError` for text that isn't understood, isn't one statement, or has
    a hole where no other value may stand.
    """
    places = holes_in(command, dialect)
    fills = _placeholders(command, places)
    statement = _read(command, places, fills, dialect, steps)
    holes = dict(zip(fills, places, strict=True))
    found: list[tuple[Lexeme, Place | None]] = []
    for one in lexemes(statement):
        found.append((one, holes.pop(one.text, None) if one.free else None))
    for place in holes.values():
        raise HoleError(
            "a hole where no other value may stand",
            *place.span,
            "a hole stands for a whole number or string that is compared with a column, "
            "inserted or assigned, as in `id = {id:int}`",
        )
    if statement.bounded:
        weakest = _weakest(found, dict(zip(places, fills, strict=True)))
        if weakest is not None:
            first, values = weakest
            if _facts(_read(command, places, values, dialect, steps)) != _facts(statement):
                raise HoleError(
                    f"with {values[places.index(first)]} here nothing bounds the statement",
                    *first.span,
                    "compare with `=`, or admit less: `{x:one of 100 200}`, `{x:like job-*}`",
                )
    pieces = (_piece(one) if place is None else _hole(one, place) for one, place in found)
    return (*_facts(statement), *pieces)


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


def holes_in(command: str, dialect: str) -> tuple[Place, ...]:
    """The holes of a pattern, in their order: those outside strings, names and comments.

    Raises `HoleError` also where the text isn't the dialect's.
    """
    found = named_dialect(dialect)
    if found is None:
        raise HoleError(f"unknown SQL dialect `{dialect}`", 0, len(command))
    places: list[Place] = []
    at, client = 0, False
    while at < len(command):
        hole = hole_at(command, at) if command[at] == "{" else None
        if hole is not None:
            places.append(Place(hole[0], (at, hole[1])))
            if client or hole[0].rest:
                raise HoleError(*_misplaced(client), *places[-1].span, _ONE_VALUE)
            at = hole[1]
        elif client or (found.client is not None and command[at] == "\\"):
            client = True  # the rest is no SQL, or follows what is none
            at += 1
        else:
            try:
                at = passed(command, at, found.lexis)[1]
            except LexFault as fault:
                raise _not_understood(fault.message, fault.span, dialect) from None
    return tuple(places)


_ONE_VALUE = "write a hole for each value, as in `id IN ({a:int}, {b:int})`"


def _misplaced(client: bool) -> tuple[str]:
    if client:
        return ("a hole in a command of the client",)
    return ("a hole for the rest of the operands, which SQL doesn't have",)


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


def _hole(lexeme: Lexeme, place: Place) -> Piece:
    return Piece(str(lexeme.literal), (place.hole,))


_OPENS = ("(", ".", "[")
_CLOSES = frozenset((")", ",", ".", ";", "]"))


def _close(before: str, shown: str) -> bool:
    """Whether no blank is needed, nor usual, between two lexemes."""
    if not before:
        return True
    if shown == "." or before == ".":
        return not (before[-1].isdigit() and before.isdigit()) and not shown[0].isdigit()
    return shown in _CLOSES or before.endswith(_OPENS)


# Reading a pattern -------------------------------------------------------------------------


def _is_number(hole: Hole) -> bool:
    if hole.kind is HoleKind.INT:
        return True
    digits = (one.isascii() and one.isdigit() for one in hole.arguments)
    return hole.kind is HoleKind.ONE_OF and all(digits)


def _placeholders(command: str, places: tuple[Place, ...]) -> list[str]:
    """A literal for each hole that stands nowhere in the text."""
    base = 7_310_000
    while str(base) in command:
        base += 1
    return [
        f"{base}{at:03}" if _is_number(place.hole) else f"'v{base}{at:03}'"
        for at, place in enumerate(places)
    ]


def _read(
    command: str,
    places: tuple[Place, ...],
    fills: list[str],
    dialect: str,
    steps: tuple[str, ...],
) -> Statement:
    """The statement at `steps` of the pattern with its holes filled."""
    text, last = "", 0
    for place, fill in zip(places, fills, strict=True):
        text += command[last : place.span[0]] + fill
        last = place.span[1]
    text += command[last:]

    def back(span: Span) -> Span:
        return _back(span[0], places, fills), _back(span[1], places, fills)

    whole = (0, len(command))
    actions = read_sql(text, dialect, Limits(), shell=_elsewhere)
    for action in actions:
        if isinstance(action.does, Opaque):
            raise _not_understood(action.does.message, back(action.span), dialect)
    outer = [one for one in actions if isinstance(one.does, Statement) and not one.via]
    if not outer:
        raise HoleError("a pattern without a statement", *whole)
    if len(outer) > 1:
        raise HoleError(
            f"{len(outer)} statements in one pattern",
            *back(outer[1].span),
            "each statement has an entry of its own",
        )
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


def _back(at: int, places: tuple[Place, ...], fills: list[str]) -> int:
    """An offset into the filled text as one into the pattern."""
    shift = 0
    for place, fill in zip(places, fills, strict=True):
        start, end = place.span
        if at <= start + shift:
            break
        if at < start + shift + len(fill):
            return start
        shift += len(fill) - (end - start)
    return at - shift


# Values that would not bound ---------------------------------------------------------------

_ABOVE = frozenset((">", ">="))  # of which nearly every row is, for the lowest values
_LIKES = frozenset(("LIKE", "ILIKE"))


def _weakest(
    found: list[tuple[Lexeme, Place | None]], fills: dict[Place, str]
) -> tuple[Place, list[str]] | None:
    """The first hole that admits a value which would not bound, and all holes' weakest values."""
    first: Place | None = None
    for (before, _), (lexeme, place) in zip(found, found[1:], strict=False):
        if place is None:
            continue
        weak = None
        if before.text in _LIKES:
            weak = _beginning(place.hole, ("%", "_", "["))
        elif before.text in _ABOVE:
            weak = _lowest(place.hole, lexeme.literal)
        if weak is not None:
            first = first or place
            fills[place] = weak
    return None if first is None else (first, list(fills.values()))


def _beginning(hole: Hole, texts: tuple[str, ...]) -> str | None:
    """A string that begins with one of the texts, as some value that the hole admits does."""
    admitted = language((hole,))
    for text in texts:
        if overlap(admitted, between(text, "")):
            return f"'{text}'"
    return None


def _lowest(hole: Hole, literal: Literal) -> str | None:
    if literal is Literal.STRING:
        admitted = language((hole,))
        for text in ("0", "1"):
            if admitted.accepts(text):
                return f"'{text}'"
        return _beginning(hole, ("0.", "."))
    if hole.kind is HoleKind.INT:
        return "0"
    return min(hole.arguments, key=int)

"""What an arithmetic expression reads and assigns (bash manual 6.5), as far as its text says.

The expression isn't parsed: every name in it may be assigned, and any part of it may not be
reached (`0 && i++`), or end it with an error (`1/0`, `a[i++]` of a readonly array).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.parse.shell.expand import Outputs
from policy.parse.shell.parts import Literal, Parameter, Part, Parts, Substitution
from policy.parse.shell.scope import Alternatives, Scope
from policy.parse.shell.values import (
    Elements,
    Piece,
    PieceKind,
    count,
    fixed_text,
    hole,
    is_number,
    number,
)

_ASSIGNS = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)|<<=|>>=")
_BEGINS = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:0|[1-9][0-9]{0,17})\s*(?:[,;]|(\Z))")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = ("eq", "ne")  # of `[[ … ]]`; the others can't be told from names
_ONE_NUMBER = re.compile(r"-?[0-9]+")
_HOLE = hole("")
_ALWAYS_NUMBERS = frozenset(
    "? # $ ! OPTIND RANDOM SRANDOM SECONDS LINENO UID EUID PPID BASHPID EPOCHSECONDS SHLVL".split()
)


def literal_text(parts: Parts) -> str:
    """What the text itself has of an expression, defaults such as `${x:-text}` among it."""
    return " ".join(part.text for part in _flat(parts) if isinstance(part, Literal))


def unknown_numbers(parts: Parts, outputs: Outputs, scope: Scope) -> Iterator[str]:
    """The sources of values in an expression that aren't known to be numbers."""
    yield from unknown_values(parts, outputs, scope)
    for name in _names(parts):
        if not _numeric(name, scope):
            yield name


def unknown_values(parts: Parts, outputs: Outputs, scope: Scope) -> Iterator[str]:
    """The expansions whose values came into the text at run time, and may be no numbers."""
    for part in _flat(parts):
        match part:
            case Substitution(span=span):
                if not is_number(outputs.get(span) or (_HOLE,)):
                    yield f"$({part.text.strip()})"
            case Parameter(name=name, operator=operator):
                own = name.isidentifier() and scope.is_callers(name)
                named = operator == "indirect" and not own  # `${!x}`, `${!#}`
                if operator != "length" and (named or not _numeric(name, scope)):
                    yield f"${name}"


def assigned(parts: Parts, *, reached: bool) -> Iterator[tuple[str, bool]]:
    """The variables that an expression may assign, and which it assigns for certain.

    `reached`: the expression is a command of its own, so that what it begins with is evaluated.
    """
    if not _ASSIGNS.search(literal_text(parts)):
        return
    if reached:
        for name in _first_assigned(parts):
            yield name, True
    for name in dict.fromkeys(_names(parts)):
        yield name, False


def possible_values(name: str, scope: Scope) -> Alternatives | None:
    """What a variable may hold behind arithmetic that may have assigned it; None: anything.

    A number, or what it had before.
    """
    old = scope.variables.get(name)
    if old is None:
        return (((count(name),),),) if scope.is_callers(name) else None
    kept = tuple(row for row in old if not _is_one_number(row))
    return kept if ((count(name),),) in kept else (((number(name),),), *kept)


def _names(parts: Parts) -> list[str]:
    return [name for name in _IDENTIFIER.findall(literal_text(parts)) if name not in _OPERATORS]


def _flat(parts: Parts) -> Iterator[Part]:
    """Parts with those of the words that stand inside of expansions."""
    for part in parts:
        yield part
        if isinstance(part, Parameter):
            yield from _flat(part.argument)


def _first_assigned(parts: Parts) -> Iterator[str]:
    """The names before numbers at the beginning: `i=0, j=10; i < j; i++` has two.

    What comes behind them may not be evaluated, and these can't fail.
    """
    if not parts or not isinstance(parts[0], Literal):
        return
    at = 0
    while found := _BEGINS.match(parts[0].text, at):
        if found[2] is not None and len(parts) > 1:
            return  # `i=0$x`
        yield found[1]
        at = found.end()


def _is_one_number(row: Elements) -> bool:
    """Whether a variable with these elements is one number for certain: not nothing, nor two."""
    match row:
        case ((Piece(kind=PieceKind.NUMBER),),):
            return True
        case (value,):
            return bool(_ONE_NUMBER.fullmatch(fixed_text(value) or ""))
        case _:
            return False


def _numeric(name: str, scope: Scope) -> bool:
    """Whether a variable holds a number for certain, or what the caller's environment gave."""
    if name in _ALWAYS_NUMBERS:
        return True
    rows = scope.held(name)
    if rows is not None:
        return all(is_number(element) for row in rows for element in row)
    return scope.is_callers(name)

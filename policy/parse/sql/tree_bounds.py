"""Does a WHERE bound a statement? For sqlglot's tree, by the same rules as `pg_bounds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_COMPARES = {"EQ": "EQ", "LT": "GT", "LTE": "GTE", "GT": "LT", "GTE": "LTE"}
_CLOCK = frozenset(
    ("CurrentTimestamp", "CurrentDate", "CurrentTime", "CurrentDatetime", "Localtimestamp")
)


def bounded(where: Any, targets: set[str], others: bool, inner: list[Any]) -> bool:
    """Whether the condition bounds the rows of each target (lower-case names and aliases).

    `inner` are conditions of inner joins, which hold as the WHERE does.
    """
    if where is None:
        return False
    bound: set[str] = set()
    edges: list[tuple[str, str]] = []
    for condition in (where, *inner):
        for term in _terms(condition):
            bound |= _bound_tables(term)
            edges.extend(_edge(term))
    if not others:
        return bool(bound)
    reached = bound - {""}
    while True:
        more = {
            side
            for left, right in edges
            for side, other in ((left, right), (right, left))
            if other in reached and side
        }
        if more <= reached:
            return bool(targets) and targets <= reached
        reached |= more


def joins_to_other(condition: Any, target: str) -> bool:
    """Whether an AND term compares a column of `target` with another table's, or a constant."""
    return condition is not None and any(
        target in _bound_tables(term) or any(target in pair for pair in _edge(term))
        for term in _terms(condition)
    )


def _terms(tree: Any) -> Iterator[Any]:
    stack = [tree]
    while stack:
        term = stack.pop()
        match type(term).__name__:
            case "And":
                stack.extend((term.this, term.expression))
            case "Paren":
                stack.append(term.this)
            case _:
                yield term


def _bound_tables(term: Any) -> set[str]:
    match type(term).__name__:
        case "EQ" | "LT" | "LTE" | "GT" | "GTE" as operator:
            left, right = term.this, term.expression
            return _compared(left, right, operator) | _compared(right, left, _COMPARES[operator])
        case "In":
            values = term.expressions
            if values and all(_constant(each) for each in values):
                return _columns(term.this)
        case "Between":
            if _constant(term.args.get("low")) and _constant(term.args.get("high")):
                return _columns(term.this)
        case "Like" | "ILike":
            if _anchored(term.expression):
                return _columns(term.this)
    return set()


def _compared(column: Any, value: Any, operator: str) -> set[str]:
    if not _constant(value) or (operator in ("GT", "GTE") and _lowest(value)):
        return set()
    return _columns(column)


def _columns(tree: Any) -> set[str]:
    """Qualifiers, "" for a bare column."""
    match type(tree).__name__:
        case "Column":
            if type(tree.this).__name__ != "Identifier":
                return set()
            return {tree.table.lower()}
        case "Tuple":
            return set().union(*(_columns(each) for each in tree.expressions))
        case "Paren":
            return _columns(tree.this)
    return set()


def _edge(term: Any) -> Iterator[tuple[str, str]]:
    if type(term).__name__ != "EQ":
        return
    sides = (term.this, term.expression)
    if all(type(side).__name__ == "Column" for side in sides):
        left, right = (side.table.lower() for side in sides)
        if left and right and left != right:
            yield left, right


def _constant(tree: Any) -> bool:
    name = type(tree).__name__
    match name:
        case "Literal" | "Placeholder" | "Parameter" | "Boolean" | "National" | "HexString":
            return True
        case "Neg" | "Paren" | "Cast":
            return _constant(tree.this)
        case "Add" | "Sub" | "Mul" | "Div":
            return _constant(tree.this) and _constant(tree.expression)
        case "Tuple":
            return bool(tree.expressions) and all(_constant(each) for each in tree.expressions)
        case "Interval":
            return tree.this is None or _constant(tree.this)
        case "Anonymous":
            return tree.name.lower() in ("now", "getdate") and not tree.expressions
        case _:
            return name in _CLOCK


def _anchored(tree: Any) -> bool:
    match type(tree).__name__:
        case "Placeholder" | "Parameter":
            return True
        case "Literal":
            text = str(tree.this)
            return bool(text) and text[0] not in "%_["
    return False


def _lowest(tree: Any) -> bool:
    match type(tree).__name__:
        case "Neg":
            return True
        case "Paren" | "Cast":
            return _lowest(tree.this)
        case "Literal":
            text = str(tree.this)
            if not tree.is_string and text.isdigit():
                return text.lstrip("0") in ("", "1")
            return text in ("", "0", "1") or text.startswith(("-", "0.", "."))
    return False

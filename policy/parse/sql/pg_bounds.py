"""Does a WHERE bound a statement? For PostgreSQL's parse tree.

A term bounds if it compares a column with a value that doesn't depend on the row. Of terms
joined by AND one is enough. Where the statement names other tables too, the column must
belong to the target, or to a table that equalities between columns connect with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Tree = dict[str, Any]

_COMPARES = frozenset(("=", "<", "<=", ">", ">="))
_CONTAINS = frozenset(("~~", "~~*"))
_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def bounded(where: Tree | None, target: str, others: bool) -> bool:
    """Whether `where` bounds the rows of `target`, the name that columns are qualified with."""
    if where is None:
        return False
    bound: set[str | None] = set()
    edges: list[tuple[str | None, str | None]] = []
    for term in _terms(where):
        if "CurrentOfExpr" in term:
            return True
        bound.update(_bound_tables(term))
        edges.extend(_edge(term))
    if not others:
        return bool(bound)
    reached = {name for name in bound if name is not None}
    while True:
        more = {
            side
            for left, right in edges
            for side, other in ((left, right), (right, left))
            if other in reached and side is not None
        }
        if more <= reached:
            return target in reached
        reached |= more


def joins_to_other(condition: Tree | None, target: str) -> bool:
    """Whether an AND term compares a column of `target` with another table's, or a constant."""
    if condition is None:
        return False
    for term in _terms(condition):
        if target in _bound_tables(term):
            return True
        if any(target in pair and pair[0] != pair[1] for pair in _edge(term)):
            return True
    return False


def _terms(tree: Tree) -> Iterator[Tree]:
    stack = [tree]
    while stack:
        term = stack.pop()
        expression = term.get("BoolExpr")
        if expression is not None and expression.get("boolop") == "AND_EXPR":
            stack.extend(expression.get("args", ()))
        else:
            yield term


def _bound_tables(term: Tree) -> set[str | None]:
    """Qualifiers (None for a bare column) of the columns that the term holds to a value."""
    expression = term.get("A_Expr")
    if expression is None:
        return set()
    left, right = expression.get("lexpr"), expression.get("rexpr")
    operator = _operator(expression)
    match expression.get("kind"):
        case "AEXPR_OP" if operator in _COMPARES:
            return _compared(left, right, operator) | _compared(right, left, _FLIPPED[operator])
        case "AEXPR_OP_ANY" if operator == "=" and _constant(right):
            return _columns(left)
        case "AEXPR_IN" if operator == "=" and _constant(right):
            return _columns(left)
        case "AEXPR_BETWEEN" | "AEXPR_BETWEEN_SYM" if _constant(right):
            return _columns(left)
        case "AEXPR_LIKE" | "AEXPR_ILIKE" if operator in _CONTAINS and _anchored(right):
            return _columns(left)
        case _:
            return set()


def _compared(column: Tree | None, value: Tree | None, operator: str) -> set[str | None]:
    if not _constant(value):
        return set()
    if operator in (">", ">=") and _lowest(value):
        return set()  # `id > 0` holds for every row that has an id
    return _columns(column)


def _columns(tree: Tree | None) -> set[str | None]:
    if tree is None:
        return set()
    if (reference := tree.get("ColumnRef")) is not None:
        fields = reference.get("fields", [])
        if any("String" not in field for field in fields):
            return set()
        names = [field["String"].get("sval", "") for field in fields]
        return {names[-2] if len(names) > 1 else None}
    if (row := tree.get("RowExpr")) is not None:
        return set().union(*(_columns(part) for part in row.get("args", ())))
    if (cast := tree.get("TypeCast")) is not None:
        return _columns(cast.get("arg"))
    return set()


def _edge(term: Tree) -> Iterator[tuple[str | None, str | None]]:
    expression = term.get("A_Expr")
    if expression is None or expression.get("kind") != "AEXPR_OP" or _operator(expression) != "=":
        return
    left, right = expression.get("lexpr") or {}, expression.get("rexpr") or {}
    if "ColumnRef" in left and "ColumnRef" in right:
        for one in _columns(left):
            for other in _columns(right):
                yield one, other


def _constant(tree: Tree | None) -> bool:
    """Whether the value is the same for every row: literals, parameters, the clock, arithmetic."""
    match tree:
        case {"A_Const": constant}:
            return not constant.get("isnull", False)
        case {"ParamRef": _} | {"SQLValueFunction": _}:
            return True
        case {"TypeCast": cast}:
            return _constant(cast.get("arg"))
        case {"List": items}:
            return bool(items.get("items")) and all(_constant(each) for each in items["items"])
        case {"A_ArrayExpr": array}:
            return bool(array.get("elements")) and all(
                _constant(each) for each in array["elements"]
            )
        case {"RowExpr": row}:
            return bool(row.get("args")) and all(_constant(each) for each in row["args"])
        case {"A_Expr": {"kind": "AEXPR_OP"} as expression} if _operator(expression) in "+-*/":
            left = expression.get("lexpr")
            return (left is None or _constant(left)) and _constant(expression.get("rexpr"))
        case {"FuncCall": {"funcname": [*_, {"String": {"sval": "now"}}]} as call}:
            return not call.get("args")  # CURRENT_TIMESTAMP by its other name
        case _:
            return False


def _operator(expression: Tree) -> str:
    names = expression.get("name", ())
    if len(names) != 1:
        return " "
    value = names[0].get("String", {}).get("sval", " ")
    return value if isinstance(value, str) else " "


def _anchored(tree: Tree | None) -> bool:
    """A parameter, or a pattern that begins with something else than a wildcard."""
    match tree:
        case {"ParamRef": _}:
            return True
        case {"A_Const": {"sval": value}}:
            text = value.get("sval", "")
            return bool(text) and text[0] not in "%_"
        case {"TypeCast": cast}:
            return _anchored(cast.get("arg"))
        case _:
            return False


def _lowest(tree: Tree | None) -> bool:
    """A number up to one, or an empty text: what every row is above."""
    match tree:
        case {"A_Const": {"ival": value}}:
            return bool(value.get("ival", 0) <= 1)
        case {"A_Const": {"fval": value}}:
            return str(value.get("fval", "0")).startswith(("0", ".", "1."))
        case {"A_Const": {"sval": value}}:
            text = value.get("sval", "")
            return text in ("", "0", "1") or text.startswith("-")
        case {"TypeCast": cast}:
            return _lowest(cast.get("arg"))
        case {"A_Expr": {"kind": "AEXPR_OP", "rexpr": _} as expression}:
            return expression.get("lexpr") is None and _operator(expression) == "-"
        case _:
            return False

"""bashlex's tree, lowered. bashlex is a port of bash's own grammar (GPL-3.0-or-later).

It refuses `[[ ]]`, `case`, `(( ))`, arrays, `time`, `select`, `coproc` and extended globs.
Here-documents are taken out of the text before it sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.parse.shell.lowering import (
    checked_word,
    function_name,
    is_arithmetic,
    redirect,
    simple,
    variable_name,
    with_redirects,
)
from policy.parse.shell.syntax import (
    For,
    Function,
    Group,
    If,
    Node,
    NotAccepted,
    Pipeline,
    Redir,
    Script,
    Slice,
    While,
    sequence,
)

_IGNORED_OPERATORS = ("\n",)


def parse(text: str, readable: str) -> Script:
    """The script's tree; raises `NotAccepted` where bashlex refuses it.

    `readable` is what the parser is given: as long as `text`, with the same boundaries.
    """
    import bashlex  # type: ignore[import-untyped]  # bashlex ships no types

    try:
        trees = list(_trees(readable))
    except (bashlex.errors.ParsingError, NotImplementedError) as error:
        raise NotAccepted(str(error).splitlines()[0] if str(error) else "refused") from error
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError) as e:
        raise NotAccepted(f"bashlex failed: {type(e).__name__}") from e
    items = [(_node(text, tree), ";") for tree in trees]
    return Script(text, sequence(items, (0, len(text))) if items else None)


def _trees(text: str) -> Iterator[Any]:
    """One tree after the other, as `bashlex.parse` reads them, but without their words.

    `words.py` reads these, and bashlex can hang there: at `${x` without an end.
    """
    from bashlex import ast, parser

    at = 0
    while at < len(text):
        tree = parser.parsesingle(text[at:], expansionlimit=-1, convertpos=False)
        if not isinstance(tree, ast.node):
            break
        ast.posshifter(at).visit(tree)
        yield tree
        at = tree.pos[1] + 1


def _node(text: str, node: Any) -> Node:
    match node.kind:
        case "list":
            return _list(text, node)
        case "pipeline":
            parts = [_node(text, p) for p in node.parts if p.kind != "pipe" and not _is_keyword(p)]
            return parts[0] if len(parts) == 1 else Pipeline(tuple(parts), node.pos)
        case "command":
            return _command(text, node)
        case "compound":
            return _compound(text, node)
        case "function":
            return Function(function_name(text, node.name.pos), _node(text, node.body), node.pos)
        case "if":
            return _if(text, node)
        case "while" | "until":
            condition, body = (_node(text, p) for p in node.parts if not _is_keyword(p))
            return While(condition, body, (), node.pos)
        case "for":
            return _for(text, node)
        case kind:
            raise NotAccepted(f"bashlex's node `{kind}`", node.pos[0], unknown=True)


def _list(text: str, node: Any) -> Node:
    items: list[tuple[Node, str]] = []
    for part in node.parts:
        if part.kind != "operator":
            items.append((_node(text, part), ";"))
        elif items:
            operator = ";" if part.op in _IGNORED_OPERATORS else part.op
            items[-1] = (items[-1][0], operator)
    return sequence(items, node.pos)


def _redirects(text: str, nodes: list[Any]) -> list[Redir]:
    found = []
    for node in nodes:
        if node.kind != "redirect":
            raise NotAccepted(f"bashlex's node `{node.kind}`", node.pos[0], unknown=True)
        read = redirect(text, node.pos[0])
        if read.span[1] != node.pos[1]:
            raise NotAccepted("bashlex ends a redirect where bash doesn't", node.pos[0])
        found.append(read)
    return found


def _command(text: str, node: Any) -> Node:
    words: list[Slice] = []
    redirects: list[Any] = []
    for part in node.parts:
        if part.kind in ("word", "assignment"):
            words.append(tuple(part.pos))
        else:
            redirects.append(part)
    return simple(text, words, _redirects(text, redirects))


def _compound(text: str, node: Any) -> Node:
    redirects = tuple(_redirects(text, node.redirects))
    inner = [part for part in node.list if not _is_keyword(part)]
    opening = node.list[0]
    if opening.kind == "reservedword" and opening.word in ("{", "("):
        start = node.pos[0]
        if is_arithmetic(text, (start, node.pos[1])):
            raise NotAccepted("an arithmetic command, which bashlex takes for subshells", start)
        items = [(_node(text, part), ";") for part in inner]
        body = sequence(items, tuple(node.pos))
        return Group(body, opening.word == "(", redirects, tuple(node.pos))
    if len(inner) != 1:
        raise NotAccepted("a compound command of several parts", node.pos[0], unknown=True)
    return with_redirects(text, _node(text, inner[0]), redirects)


def _if(text: str, node: Any) -> Node:
    branches: list[tuple[Node, Node]] = []
    condition: Node | None = None
    otherwise: Node | None = None
    keyword = ""
    for part in _flat(node.parts):
        if _is_keyword(part):
            keyword = part.word
            continue
        lowered = _node(text, part)
        match keyword:
            case "if" | "elif":
                condition = lowered
            case "then" if condition is not None:
                branches.append((condition, lowered))
            case "else":
                otherwise = lowered
            case _:
                raise NotAccepted("an `if` of unknown shape", node.pos[0], unknown=True)
    return If(tuple(branches), otherwise, (), tuple(node.pos))


def _flat(parts: list[Any]) -> list[Any]:
    """The parts of an `if`; from the second `elif` on they stand where a keyword's text does."""
    flat: list[Any] = []
    for part in parts:
        inner = part.word if part.kind == "reservedword" else None
        flat.extend(_flat(inner) if isinstance(inner, list) else [part])
    return flat


def _is_keyword(node: Any) -> bool:
    """Whether a node is a keyword and nothing else."""
    if node.kind == "reservedword" and not isinstance(node.word, str):
        raise NotAccepted("a keyword of bashlex that holds commands", node.pos[0], unknown=True)
    return bool(node.kind == "reservedword")


def _for(text: str, node: Any) -> Node:
    name: str | None = None
    words: list[Slice] | None = None
    body: Node | None = None
    for part in node.parts:
        if _is_keyword(part):
            if part.word == "in":
                words = []
        elif part.kind == "word" and name is None:
            name = variable_name(text, part.pos)
        elif part.kind == "word" and words is not None:
            words.append(checked_word(text, tuple(part.pos)))
        else:
            body = _node(text, part)
    if name is None or body is None:
        raise NotAccepted("a `for` of unknown shape", node.pos[0], unknown=True)
    return For(name, None if words is None else tuple(words), body, False, (), tuple(node.pos))

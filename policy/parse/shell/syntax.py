"""The syntax tree of a shell script, as both parsers are lowered to.

Words are slices of the script's text: what they mean is read by `words.py`, so the trees of
two parsers can be compared by what they say of structure and boundaries, and nothing else.
Spans that only serve messages don't take part in the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields

from policy.frozen import frozen

Slice = tuple[int, int]
"""Character offsets into the script's text: start, end (exclusive)."""


@frozen
class HereDocument:
    """The body of a here-document. Expansions in it run unless the delimiter is quoted."""

    body: Slice
    quoted: bool
    strip_tabs: bool


@frozen
class Redir:
    """A redirect as written: `operator` is `<`, `>>`, `&>`, `<<<`, `>&`, … ."""

    operator: str
    descriptor: str | None
    target: Slice
    span: Slice = field(compare=False)
    document: HereDocument | None = None


@frozen
class Simple:
    """A simple command: words (assignments among them, as written) and redirects."""

    words: tuple[Slice, ...]
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class Pipeline:
    """Two commands or more, each reading what the one before prints."""

    parts: tuple[Node, ...]
    span: Slice = field(compare=False)


@frozen
class Sequence:
    """Commands one after the other; `operators[i]` stands behind `items[i]`: ; & && ||."""

    items: tuple[Node, ...]
    operators: tuple[str, ...]
    span: Slice = field(compare=False)


@frozen
class Group:
    """`{ … }`, or `( … )` if `subshell`."""

    body: Node
    subshell: bool
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class If:
    """`if`/`elif` pairs of condition and body; `otherwise` is the `else` part."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class While:
    """`while` or `until`: they run the same commands."""

    condition: Node
    body: Node
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class For:
    """`for` over words (None: over the arguments); `select` if `chosen`."""

    name: str
    words: tuple[Slice, ...] | None
    body: Node
    chosen: bool
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class ArithmeticFor:
    """`for ((…; …; …))`; `header` is what stands between the parentheses."""

    header: Slice
    body: Node
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class Case:
    """`case`: `patterns` of all items together, and each item's body."""

    subject: Slice
    patterns: tuple[Slice, ...]
    bodies: tuple[Node, ...]
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class Function:
    """A definition. Its body runs where it is called."""

    name: str
    body: Node
    span: Slice = field(compare=False)


@frozen
class Expression:
    """`[[ … ]]` or `(( … ))`: runs only what is substituted inside `region`."""

    region: Slice
    redirects: tuple[Redir, ...]
    span: Slice = field(compare=False)


@frozen
class Coprocess:
    """`coproc [NAME] command`."""

    body: Node
    name: str
    span: Slice = field(compare=False)


Node = (
    Simple
    | Pipeline
    | Sequence
    | Group
    | If
    | While
    | For
    | ArithmeticFor
    | Case
    | Function
    | Expression
    | Coprocess
)


@frozen
class Script:
    """A parsed text; `body` is None where there is nothing but blanks and comments."""

    text: str
    body: Node | None


class NotAccepted(Exception):
    """A parser refuses the text, or its tree holds what the lowering does not know."""

    def __init__(self, message: str, position: int = 0, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.unknown = unknown


def below(node: Node) -> Iterator[Node]:
    """The node and every node in it."""
    yield node
    for one in fields(node):
        inner: list[object] = [getattr(node, one.name)]
        while inner:
            value = inner.pop()
            if isinstance(value, tuple):
                inner.extend(value)
            elif isinstance(value, Node):
                yield from below(value)


def sequence(items: list[tuple[Node, str]], span: Slice) -> Node:
    """One node for commands with the operators behind them; nested sequences are flattened
    where that changes nothing, and `a && b &` is a sequence of its own: one subshell runs it.
    """
    flat: list[Node] = []
    operators: list[str] = []
    for node, operator in items:
        if isinstance(node, Sequence):
            flat.extend(node.items)
            operators.extend(node.operators[:-1])
            operators.append(operator if operator != ";" else node.operators[-1])
        else:
            flat.append(node)
            operators.append(operator)
        if operators[-1] == "&":
            _join_background(flat, operators)
    if len(flat) == 1 and operators[0] == ";":
        return flat[0]
    return Sequence(tuple(flat), tuple(operators), span)


def _join_background(flat: list[Node], operators: list[str]) -> None:
    """Makes one node of the list of && and || at the end, behind which `&` stands."""
    first = len(flat) - 1
    while first and operators[first - 1] in ("&&", "||"):
        first -= 1
    if first < len(flat) - 1:
        span = flat[first].span[0], flat[-1].span[1]
        flat[first:] = [Sequence(tuple(flat[first:]), (*operators[first:-1], ";"), span)]
        operators[first:] = ["&"]

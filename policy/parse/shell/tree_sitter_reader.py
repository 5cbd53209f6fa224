"""tree-sitter-bash's tree, lowered. Tolerant and fast; an `ERROR` node means not accepted.

The lowering is closed: a node type that isn't named here refuses the text. Here-documents are
taken out of the text before it is parsed. Two things it sees otherwise than bash are put right:
a redirect behind `a && b` belongs to `b`, and a word behind a redirect's target is an
argument.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from policy.parse.shell.lowering import (
    function_name,
    is_arithmetic,
    redirect,
    simple,
    split_words,
    variable_name,
    with_redirects,
)
from policy.parse.shell.syntax import (
    ArithmeticFor,
    Case,
    Expression,
    For,
    Function,
    Group,
    If,
    Node,
    NotAccepted,
    Pipeline,
    Redir,
    Script,
    Sequence,
    Slice,
    While,
    sequence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import tree_sitter

_ARGUMENTS = frozenset(
    "command_name word string raw_string ansi_c_string translated_string concatenation expansion "
    "simple_expansion command_substitution process_substitution arithmetic_expansion "
    "brace_expression number variable_assignment extglob_pattern regex test_operator".split()
)
_RESERVED = frozenset(
    "{ } then do done fi esac elif else in ]] [[ ! function case for while until select if "
    "coproc".split()
)


@cache
def _parser() -> tree_sitter.Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def parse(text: str, readable: str) -> Script:
    """The script's tree; raises `NotAccepted` where tree-sitter-bash refuses it.

    `readable` is what the parser is given: as long as `text`, with the same boundaries.
    """
    try:
        encoded = readable.encode()
    except UnicodeEncodeError as error:
        raise NotAccepted("text that is not valid Unicode", error.start) from error
    root = _parser().parse(encoded).root_node
    lowering = _Lowering(text, None if text.isascii() else _offsets(readable))
    if root.has_error:
        raise NotAccepted("tree-sitter finds an error", lowering.first_error(root))
    items = lowering.items(root.children)
    return Script(text, sequence(items, (0, len(text))) if items else None)


def _offsets(text: str) -> list[int]:
    """For each byte of the UTF-8 form, the character it belongs to."""
    table: list[int] = []
    for index, character in enumerate(text):
        table.extend([index] * len(character.encode()))
    table.append(len(text))
    return table


class _Lowering:
    def __init__(self, text: str, offsets: list[int] | None) -> None:
        self.text = text
        self.offsets = offsets
        self.depth = 0

    def span(self, node: tree_sitter.Node) -> Slice:
        if self.offsets is None:
            return node.start_byte, node.end_byte
        return self.offsets[node.start_byte], self.offsets[node.end_byte]

    def first_error(self, node: tree_sitter.Node) -> int:
        while True:
            inner = next((c for c in node.children if c.has_error or c.is_missing), None)
            if inner is None or node.is_error:
                return self.span(node)[0]
            node = inner

    def refuse(self, node: tree_sitter.Node) -> NotAccepted:
        return NotAccepted(f"tree-sitter's node `{node.type}`", self.span(node)[0], unknown=True)

    def items(self, nodes: Iterable[tree_sitter.Node]) -> list[tuple[Node, str]]:
        """Commands with the operators behind them."""
        found: list[tuple[Node, str]] = []
        for node in nodes:
            if node.type == "comment" or node.type in (";", "\n", ";;", ";&", ";;&"):
                continue
            if node.type == "&":
                if not found:
                    raise self.refuse(node)
                found[-1] = (found[-1][0], "&")
            elif node.is_named:
                found.append((self.node(node), ";"))
            else:
                raise self.refuse(node)
        return found

    def body(self, nodes: Iterable[tree_sitter.Node], of: tree_sitter.Node) -> Node:
        items = self.items(nodes)
        if not items:
            raise NotAccepted("an empty list of commands", self.span(of)[0])
        return sequence(items, self.span(of))

    def node(self, node: tree_sitter.Node) -> Node:
        self.depth += 1
        if self.depth > 200:
            raise NotAccepted("commands nested too deeply", self.span(node)[0])
        lowered = self._node(node)
        self.depth -= 1
        return lowered

    def _node(self, node: tree_sitter.Node) -> Node:
        children, span = node.children, self.span(node)
        match node.type:
            case "command":
                return self.command(node)
            case "declaration_command" | "unset_command":
                return split_words(self.text, *span)
            case "variable_assignment":
                return simple(self.text, [span], [])
            case "variable_assignments":
                return simple(self.text, [self.span(c) for c in children], [])
            case "redirected_statement":
                return self.redirected(node)
            case "pipeline":
                return self.pipeline(node)
            case "list":
                left, operator, right = self.only(node, 3)
                if operator.type not in ("&&", "||"):
                    raise self.refuse(operator)
                pair = [(self.node(left), operator.type), (self.node(right), ";")]
                return sequence(pair, span)
            case "negated_command":
                _, inner = self.only(node, 2)
                return self.node(inner)
            case "test_command" if children[0].type == "[":
                return split_words(self.text, *span)
            case "test_command" if children[0].type in ("[[", "(("):
                return Expression((span[0] + 2, span[1] - 2), (), span)
            case "compound_statement" if children[0].type == "((":
                return Expression((span[0] + 2, span[1] - 2), (), span)
            case "compound_statement" if children[0].type == "{":
                return Group(self.body(children[1:-1], node), False, (), span)
            case "subshell" if is_arithmetic(self.text, span):
                return Expression((span[0] + 2, span[1] - 2), (), span)
            case "subshell":
                return Group(self.body(children[1:-1], node), True, (), span)
            case "if_statement":
                return self.conditional(node)
            case "while_statement":
                return self.loop(node)
            case "for_statement":
                return self.for_each(node)
            case "c_style_for_statement":
                return self.arithmetic_for(node)
            case "case_statement":
                return self.case(node)
            case "function_definition":
                return self.function(node)
            case _:
                raise self.refuse(node)

    def only(self, node: tree_sitter.Node, count: int) -> list[tree_sitter.Node]:
        children = [c for c in node.children if c.type != "comment"]
        if len(children) != count:
            raise self.refuse(node)
        return children

    def words(self, nodes: Iterable[tree_sitter.Node]) -> tuple[list[Slice], list[Redir]]:
        """The words and redirects of a command; nodes that touch are one word."""
        words: list[Slice] = []
        redirects: list[Redir] = []
        for node in nodes:
            span = self.span(node)
            if node.type in ("file_redirect", "herestring_redirect"):
                found = redirect(self.text, span[0])
                redirects.append(found)
                words.extend(self.behind(node, found))
            elif node.type == "comment":
                continue
            elif node.is_named and node.type not in _ARGUMENTS:
                raise self.refuse(node)
            elif words and words[-1][1] == span[0]:
                words[-1] = (words[-1][0], span[1])
            else:
                words.append(span)
        return words, redirects

    def behind(self, node: tree_sitter.Node, found: Redir) -> list[Slice]:
        """The words that tree-sitter takes for further targets of a redirect."""
        merged: list[Slice] = []
        for child in node.children:
            span = self.span(child)
            if span[0] < found.span[1]:
                continue
            if merged and merged[-1][1] == span[0]:
                merged[-1] = (merged[-1][0], span[1])
            else:
                merged.append(span)
        return merged

    def command(self, node: tree_sitter.Node) -> Node:
        words, redirects = self.words(node.children)
        lowered = simple(self.text, words, redirects)
        if lowered.words:
            start, end = lowered.words[0]
            if self.text[start:end] in _RESERVED:
                raise NotAccepted(f"`{self.text[start:end]}` as a command", start)
        return lowered

    def redirected(self, node: tree_sitter.Node) -> Node:
        body = node.child_by_field_name("body")
        words, redirects = self.words(c for c in node.children if c != body)
        if body is None:
            return simple(self.text, words, redirects)
        lowered = with_redirects(self.text, self.node(body), tuple(redirects), tuple(words))
        return lowered

    def pipeline(self, node: tree_sitter.Node) -> Node:
        """A pipeline. In `a && b >f | c` tree-sitter takes `a && b >f` for its first command,
        where bash takes only `b >f`.
        """
        done: list[tuple[Node, str]] = []
        parts: list[Node] = []
        for child in node.children:
            if child.type in ("|", "|&", "comment"):
                continue
            if not child.is_named:
                raise self.refuse(child)
            first, *rest = _listed(self.node(child))
            parts.extend(first[0].parts if isinstance(first[0], Pipeline) else (first[0],))
            if rest:
                done.append((_piped(parts, self.span(node)), first[1]))
                done.extend(rest[:-1])
                last = rest[-1][0]
                parts = list(last.parts) if isinstance(last, Pipeline) else [last]
        return sequence([*done, (_piped(parts, self.span(node)), ";")], self.span(node))

    def conditional(self, node: tree_sitter.Node) -> If:
        branches: list[tuple[Node, Node]] = []
        otherwise: Node | None = None
        gathered: list[tree_sitter.Node] = []
        condition: Node | None = None

        def close() -> None:
            if condition is not None:
                branches.append((condition, self.body(gathered, node)))
                gathered.clear()

        for child in node.children:
            match child.type:
                case "if" | "elif":
                    gathered = []
                case "then":
                    condition = self.body(gathered, node)
                    gathered = []
                case "elif_clause":
                    close()
                    condition = None
                    branches.extend(self.conditional(child).branches)
                case "else_clause":
                    close()
                    condition = None
                    otherwise = self.body(child.children[1:], child)
                case "fi":
                    pass
                case _:
                    gathered.append(child)
        close()
        return If(tuple(branches), otherwise, (), self.span(node))

    def loop(self, node: tree_sitter.Node) -> While:
        *condition, body = node.children
        if condition[0].type not in ("while", "until") or body.type != "do_group":
            raise self.refuse(node)
        return While(self.body(condition[1:], node), self.group(body), (), self.span(node))

    def group(self, node: tree_sitter.Node) -> Node:
        """`do … done`, or `{ … }` as the body of a `for`."""
        if node.type not in ("do_group", "compound_statement"):
            raise self.refuse(node)
        return self.body(node.children[1:-1], node)

    def for_each(self, node: tree_sitter.Node) -> For:
        name = node.child_by_field_name("variable")
        body = node.child_by_field_name("body")
        if name is None or body is None:
            raise self.refuse(node)
        listed = any(child.type == "in" for child in node.children)
        keep = [c for i, c in enumerate(node.children) if node.field_name_for_child(i) == "value"]
        words, redirects = self.words(keep)
        if redirects:
            raise self.refuse(node)
        checked = simple(self.text, words, []).words if words else ()
        chosen = node.children[0].type == "select"
        text = variable_name(self.text, self.span(name))
        values = checked if listed else None
        return For(text, values, self.group(body), chosen, (), self.span(node))

    def arithmetic_for(self, node: tree_sitter.Node) -> ArithmeticFor:
        body = node.child_by_field_name("body")
        opened = next((c for c in node.children if c.type == "(("), None)
        closed = next((c for c in node.children if c.type == "))"), None)
        if body is None or opened is None or closed is None:
            raise self.refuse(node)
        header = (self.span(opened)[1], self.span(closed)[0])
        return ArithmeticFor(header, self.group(body), (), self.span(node))

    def case(self, node: tree_sitter.Node) -> Case:
        subject = node.child_by_field_name("value")
        if subject is None:
            raise self.refuse(node)
        patterns: list[Slice] = []
        bodies: list[Node] = []
        for item in (c for c in node.children if c.type == "case_item"):
            values = [c for i, c in enumerate(item.children) if self._is_pattern(item, i)]
            patterns.extend(self.span(c) for c in values)
            last = next(i for i, c in enumerate(item.children) if c.type == ")")
            items = self.items(item.children[last + 1 :])
            if items:
                bodies.append(sequence(items, self.span(item)))
        return Case(self.span(subject), tuple(patterns), tuple(bodies), (), self.span(node))

    @staticmethod
    def _is_pattern(item: tree_sitter.Node, index: int) -> bool:
        return item.field_name_for_child(index) == "value"

    def function(self, node: tree_sitter.Node) -> Function:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is None or body is None:
            raise self.refuse(node)
        redirects = tuple(
            redirect(self.text, self.span(c)[0])
            for c in node.children
            if c.type in ("file_redirect", "herestring_redirect")
        )
        lowered = with_redirects(self.text, self.node(body), redirects)
        return Function(function_name(self.text, self.span(name)), lowered, self.span(node))


def _listed(node: Node) -> list[tuple[Node, str]]:
    """The commands of a list with the operators behind them; any other node is one."""
    if isinstance(node, Sequence):
        return list(zip(node.items, node.operators, strict=True))
    return [(node, ";")]


def _piped(parts: list[Node], span: Slice) -> Node:
    return parts[0] if len(parts) == 1 else Pipeline(tuple(parts), span)

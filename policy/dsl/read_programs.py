"""Lark's tree of a rule file → syntax nodes: the statements of a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from policy.dsl.read_words import WordReader, is_a, only, says
from policy.dsl.syntax import (
    AddsScoreLine,
    ApprovalsLine,
    AssignmentsLine,
    DefaultLine,
    EffectsLine,
    GuardNode,
    Number,
    OperandLine,
    OptionLine,
    OutputsLine,
    PlaceholderLine,
    RunsLine,
    SecretLine,
    ShellLine,
    StdinLine,
    StyleLine,
    SubcommandBlock,
    SubcommandLine,
    Text,
    TtlLine,
    Typed,
)

if TYPE_CHECKING:
    from policy.dsl.read_words import Child, Node


class ProgramReader(WordReader):
    """Reads what stands in a `program` block."""

    def style(self, node: Node) -> StyleLine:
        """`style: "style" NAME`"""
        return StyleLine(self._read(node.children[0]), self._at(node))

    def option(self, node: Node) -> OptionLine:
        """`option: global? "option" option_name+ typed? marker* positional? ends?`"""
        return OptionLine(
            names=tuple(self._each(node, "option_name")),
            typed=next(iter(self._each(node, "required", "optional")), None),
            markers=tuple(self._each(node, "marker")),
            ends=says(node, "ends"),
            positional=says(node, "positional"),
            everywhere=says(node, "global"),
            at=self._at(node),
        )

    def operand(self, node: Node) -> OperandLine:
        """`operand: "operand" position typed marker* guard?`"""
        first, *rest = map(self._read, node.children)
        return self._operand(node, first, False, rest)

    def operands(self, node: Node) -> OperandLine:
        """`operands: "operands" ("from" INT)? typed marker* guard?`"""
        first, *rest = map(self._read, node.children)
        if not isinstance(first, Number):
            first, rest = Number(1, self._at(node)), [first, *rest]
        return self._operand(node, first, True, rest)

    def _operand(self, node: Node, first: Number, rest: bool, parts: list[Any]) -> OperandLine:
        markers = tuple(self._each(node, "marker"))
        typed = next(part for part in parts if isinstance(part, Typed))
        return OperandLine(first, rest, typed, markers, only(parts, GuardNode), self._at(node))

    def position(self, node: Node) -> Number:
        """`position: INT`"""
        number: Number = self._read(node.children[0])
        return number

    def last(self, node: Node) -> Number:
        """`position: "last"`"""
        return Number(0, self._at(node))

    def subcommand(self, node: Node) -> SubcommandLine:
        """`subcommand: "subcommand"`"""
        return SubcommandLine(self._at(node))

    def subcommand_block(self, node: Node) -> SubcommandBlock:
        """`subcommand_block: "subcommand" (NAME | STRING)+ "{" statement* "}"`"""
        names, body = self._block(node.children)
        return SubcommandBlock(names, body, self._at(node))

    def runs_arguments(self, node: Node) -> RunsLine:
        """`runs: RUNS "arguments" ("from" INT)? unknown? guard?`"""
        return self._runs(node, "arguments")

    def runs_shell(self, node: Node) -> RunsLine:
        """`runs: RUNS "shell" ("from" INT)? unknown? guard?`"""
        return self._runs(node, "shell")

    def runs_between(self, node: Node) -> RunsLine:
        """`runs: RUNS "arguments" "after" words "until" words unknown? anywhere?`"""
        return self._runs(node, "between")

    def _runs(self, node: Node, kind: Literal["arguments", "shell", "between"]) -> RunsLine:
        said = ("unknown", "anywhere", "RUNS")
        parts = [self._read(c) for c in node.children if not is_a(c, *said)]
        around = [part for part in parts if isinstance(part, tuple)]
        after, until = around or ((), ())
        first, guard = only(parts, Number), only(parts, GuardNode)
        unknown, anywhere = says(node, "unknown"), says(node, "anywhere")
        return RunsLine(kind, first, unknown, anywhere, after, until, guard, self._at(node))

    def words(self, node: Node) -> tuple[Text, ...]:
        """`words: _word | "(" _word ("|" _word)* ")"`"""
        return self._all(node)

    def stdin(self, node: Node) -> StdinLine:
        """`stdin: "stdin" typed guard?`"""
        typed, *guard = map(self._read, node.children)
        return StdinLine(typed, only(guard, GuardNode), self._at(node))

    def assignments(self, node: Node) -> AssignmentsLine:
        """`assignments: "assignments"`"""
        return AssignmentsLine(self._at(node))

    def placeholder(self, node: Node) -> PlaceholderLine:
        """`placeholder: "placeholder" STRING`"""
        return PlaceholderLine(self._read(node.children[0]), self._at(node))

    def outputs(self, node: Node) -> OutputsLine:
        """`outputs: "outputs" "arguments"`"""
        return OutputsLine("arguments", self._at(node))

    def outputs_text(self, node: Node) -> OutputsLine:
        """`outputs: "outputs" "text"`"""
        return OutputsLine("text", self._at(node))

    def shell(self, node: Node) -> ShellLine:
        """`shell: "shell" NAME`"""
        return ShellLine(self._read(node.children[0]), self._at(node))

    def effects(self, node: Node) -> EffectsLine:
        """`effects: "effects" NAME+`"""
        return EffectsLine(self._all(node), self._at(node))

    def adds_score(self, node: Node) -> AddsScoreLine:
        """`adds_score: "adjust" "score" SIGNED`"""
        return AddsScoreLine(self._read(node.children[0]), self._at(node))

    def default(self, node: Node) -> DefaultLine:
        """`default: "default" NAME INT ttl? approvals? STRING`"""
        return self._default(node, node.children, False)

    def _default(self, node: Node, children: Sequence[Child], override: bool) -> DefaultLine:
        tier, score, *between, message = map(self._read, children)
        ttl, approvals = only(between, TtlLine), only(between, ApprovalsLine)
        return DefaultLine(
            tier=tier,
            score=score,
            ttl=ttl.ttl if ttl else None,
            approvals=approvals.approvals if approvals else None,
            message=message,
            override=override,
            at=self._at(node),
        )

    def secret_option(self, node: Node) -> SecretLine:
        """`secret_part: "redact" STRING "option" option_name+ after?`"""
        return self._secret(node, "option")

    def secret_operand(self, node: Node) -> SecretLine:
        """`secret_part: "redact" STRING "operand" position after? guard?`"""
        return self._secret(node, "operand")

    def secret_operands(self, node: Node) -> SecretLine:
        """`secret_part: "redact" STRING "operands" ("from" INT)? after? guard?`"""
        return self._secret(node, "operand", rest=True)

    def secret_stdin(self, node: Node) -> SecretLine:
        """`secret_part: "redact" STRING "stdin" guard?`"""
        return self._secret(node, "stdin")

    def _secret(
        self, node: Node, where: Literal["option", "operand", "stdin"], *, rest: bool = False
    ) -> SecretLine:
        parts = [self._read(c) for c in node.children[1:] if not is_a(c, "option_name", "after")]
        return SecretLine(
            name=self._read(node.children[0]),
            where=where,
            options=tuple(self._each(node, "option_name")),
            first=only(parts, Number),
            rest=rest,
            after=next(iter(self._each(node, "after")), None),
            guard=only(parts, GuardNode),
            at=self._at(node),
        )

    def after(self, node: Node) -> Text:
        """`after: "after" STRING`"""
        text: Text = self._read(node.children[0])
        return text

    def if_option(self, node: Node) -> GuardNode:
        """`guard: "if" "option" options_named`"""
        return GuardNode("if", self._read(node.children[0]), self._at(node))

    def unless_option(self, node: Node) -> GuardNode:
        """`guard: "unless" "option" options_named`"""
        return GuardNode("unless", self._read(node.children[0]), self._at(node))

    def unless_operands(self, node: Node) -> GuardNode:
        """`guard: "unless" "operands"`"""
        return GuardNode("unless operands", (), self._at(node))

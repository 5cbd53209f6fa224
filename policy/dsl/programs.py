"""Checked program blocks → `Program`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from policy.dsl.syntax import (
    AddsScoreLine,
    AssignmentsLine,
    DefaultLine,
    EffectsLine,
    EnvironmentLine,
    GuardNode,
    OperandLine,
    OptionLine,
    OutputsLine,
    PlaceholderLine,
    RunsLine,
    SecretLine,
    ShellLine,
    Statement,
    StdinLine,
    StyleLine,
    SubcommandBlock,
    SubcommandLine,
    Text,
    Typed,
)
from policy.dsl.vocabulary import STYLES, TYPES
from policy.program import (
    ALWAYS,
    Guard,
    Operand,
    Option,
    Program,
    Runs,
    RunsKind,
    SecretIn,
    SecretPart,
    Stdin,
    Style,
    ValueType,
)


def build_program(
    names: Sequence[Text], body: Sequence[Statement], above: Style = Style.GNU
) -> Program:
    """One level of a program; a level below has the style of the one above unless it says one."""
    style = next((STYLES[line.name.value] for line in body if isinstance(line, StyleLine)), above)
    options: list[Option] = []
    operands: list[Operand] = []
    runs: list[Runs] = []
    stdin: Stdin | None = None
    has_subcommands = False
    subcommands: dict[str, Program] = {}
    assignments = outputs = outputs_text = bash = False
    placeholder: str | None = None
    effects: dict[str, None] = {}
    adds_score = 0
    secrets: list[SecretPart] = []
    for line in body:
        match line:
            case OptionLine():
                options.append(_option(line))
            case OperandLine():
                operands.append(_operand(line))
            case RunsLine():
                runs.append(_runs(line))
            case StdinLine():
                value, dialect = value_type(line.typed)
                stdin = Stdin(value, dialect, _guard(line.guard))
            case SubcommandLine():
                has_subcommands = True
            case SubcommandBlock():
                has_subcommands = True
                below = build_program(line.names, line.body, style)
                subcommands.update({name.value: below for name in line.names})
            case AssignmentsLine():
                assignments = True
            case PlaceholderLine():
                placeholder = line.text.value
            case OutputsLine():
                outputs = line.kind == "arguments"
                outputs_text = True
            case ShellLine():
                bash = True
            case EffectsLine():
                effects.update(dict.fromkeys(name.value for name in line.names))
            case AddsScoreLine():
                adds_score = line.score.value
            case SecretLine():
                secrets.append(_secret(line))
            case StyleLine() | DefaultLine() | EnvironmentLine():
                pass  # read above, and by build.py
            case _:
                assert_never(line)
    return Program(
        names=tuple(name.value for name in names),
        style=style,
        options=tuple(options),
        operands=tuple(operands),
        runs=tuple(runs),
        stdin=stdin,
        has_subcommands=has_subcommands,
        subcommands=subcommands,
        assignments=assignments,
        placeholder=placeholder,
        outputs_arguments=outputs,
        outputs_text=outputs_text,
        effects=tuple(effects),
        adds_score=adds_score,
        bash=bash,
        secrets=tuple(secrets),
    )


def value_type(typed: Typed) -> tuple[ValueType, str | None]:
    """The type of a value, and the dialect if it is SQL."""
    if typed.name != "sql" and typed.argument is not None:
        return ValueType(f"{typed.name} {typed.argument}"), None
    return TYPES[typed.name], typed.argument


def _option(line: OptionLine) -> Option:
    value, dialect = value_type(line.typed) if line.typed else (None, None)
    return Option(
        names=tuple(name.value for name in line.names),
        value=value,
        optional=line.typed is not None and line.typed.optional,
        dialect=dialect,
        markers=tuple(marker.value for marker in line.markers),
        ends=line.ends,
        positional=line.positional,
        everywhere=line.everywhere,
    )


def _operand(line: OperandLine) -> Operand:
    value, dialect = value_type(line.typed)
    markers = tuple(marker.value for marker in line.markers)
    return Operand(line.first.value, line.rest, value, dialect, markers, _guard(line.guard))


def _secret(line: SecretLine) -> SecretPart:
    return SecretPart(
        name=line.name.value,
        where=SecretIn(line.where),
        options=tuple(name.value for name in line.options),
        first=line.first.value if line.first else 1,
        rest=line.rest,
        after=line.after.value if line.after else "",
        guard=_guard(line.guard),
    )


def _runs(line: RunsLine) -> Runs:
    return Runs(
        kind=RunsKind(line.kind),
        first=line.first.value if line.first else 1,
        unknown=line.unknown,
        anywhere=line.anywhere,
        after=tuple(word.value for word in line.after),
        until=tuple(word.value for word in line.until),
        guard=_guard(line.guard),
    )


def _guard(node: GuardNode | None) -> Guard:
    if node is None:
        return ALWAYS
    names = tuple(name.value for name in node.options)
    match node.kind:
        case "if":
            return Guard(present=names)
        case "unless":
            return Guard(absent=names)
        case "unless operands":
            return Guard(no_operands=True)
        case _:
            assert_never(node.kind)

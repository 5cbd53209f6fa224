"""Checks of `program` blocks, `environment` and `default` lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from policy.diagnostics import closest, did_you_mean, one_of
from policy.dsl.codes import Code
from policy.dsl.definitions import options_in, takes_subcommands
from policy.dsl.report import Report
from policy.dsl.syntax import (
    AddsScoreLine,
    AssignmentsLine,
    DefaultLine,
    Duration,
    EffectsLine,
    EnvironmentLine,
    Form,
    GuardNode,
    Number,
    OperandLine,
    OptionLine,
    OutputsLine,
    PlaceholderLine,
    ProgramItem,
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
from policy.dsl.vocabulary import DIALECTS, SHELLS, STATEMENTS, STYLES, TIERS, TYPES, is_glob
from policy.program import MARKERS, Style
from policy.source import Region

_VARIABLE = re.compile(r"[A-Za-z_*?\[][^$=\s]*")
_STDIN_TYPES = ("shell", "sql", "code", "script")
_VARIABLE_TYPES = ("shell", "script", "path", "sql", "code", "value", "url", "directory")
_ONCE = {
    StyleLine: "style",
    StdinLine: "stdin",
    AssignmentsLine: "assignments",
    PlaceholderLine: "placeholder",
    OutputsLine: "outputs",
    ShellLine: "shell",
    SubcommandLine: "subcommand",
    AddsScoreLine: "adjust score",
}


def check_program(item: ProgramItem, report: Report) -> None:
    """Everything inside a program block."""
    for name in item.names:
        if "/" in name.value or not name.value:
            message = f"`{name.value}` is not the base name of a program"
            base = name.value.rsplit("/", 1)[-1]
            hint = f"write `{base}`: `{name.value}` is known by it" if base else ""
            report.add(Code.PROGRAM_NAME, message, name.at, hint=hint)
    _check_level(item.body, frozenset(), report)


def _check_level(body: Sequence[Statement], above: frozenset[str], report: Report) -> None:
    """One level; `above` are the options of the levels above."""
    _check_once(body, report)
    _check_duplicates(body, report)
    declared = above | {name.value for line in options_in(body) for name in line.names}
    for line in body:
        match line:
            case StyleLine():
                report.word(Code.STYLE, "style", line.name, STYLES)
            case OptionLine():
                _check_option(line, body, report)
            case OperandLine():
                check_typed(line.typed, report)
                check_markers(line.markers, report)
                if line.first.at.text != "last":
                    _check_position(line.first, report)
                _check_guard(line.guard, declared, report)
            case RunsLine():
                if line.first is not None:
                    _check_position(line.first, report)
                _check_guard(line.guard, declared, report)
                if line.kind != "between" and takes_subcommands(body):
                    message = "a level with subcommands can't run its operands"
                    hint = "write `runs` inside a `subcommand NAME { … }` block"
                    report.add(Code.OPERANDS_WITH_SUBCOMMANDS, message, line.at, hint=hint)
            case StdinLine():
                check_typed(line.typed, report)
                wrong = line.typed.name in TYPES and line.typed.name not in _STDIN_TYPES
                if wrong or line.typed.argument == "unfinished":
                    message = f"standard input can't be <{line.typed.at.text.strip('<>')}>"
                    label = f"expected {one_of(_STDIN_TYPES)}"
                    report.add(Code.TYPE_HERE, message, line.typed.at, label=label)
                _check_guard(line.guard, declared, report)
            case SubcommandBlock():
                for name in line.names:
                    if is_glob(name.value) or not name.value:
                        message = f"a subcommand's name can't be a pattern: `{name.value}`"
                        report.add(Code.SUBCOMMAND_NAME, message, name.at)
                _check_level(line.body, declared, report)
            case EffectsLine():
                check_effects(line, STATEMENTS, report)
            case AddsScoreLine():
                check_raise(line.score, report)
            case DefaultLine():
                check_default(line, report)
            case EnvironmentLine():
                check_environment(line, report)
            case SecretLine():
                _check_secret(line, body, declared, report)
            case PlaceholderLine():
                check_said(line.text, "placeholder", report)
            case ShellLine():
                report.word(Code.STYLE, "shell", line.name, SHELLS)
            case AssignmentsLine() | OutputsLine() | SubcommandLine():
                pass
            case _:
                assert_never(line)


def _check_once(body: Sequence[Statement], report: Report) -> None:
    seen: dict[str, Region] = {}
    for line in body:
        name = "default" if isinstance(line, DefaultLine) else _ONCE.get(type(line), "")
        if name and name in seen:
            code = Code.DUPLICATE_DEFAULT if name == "default" else Code.REPEATED_STATEMENT
            report.add(code, f"a second `{name}` in one block", line.at, first=seen[name])
        seen.setdefault(name, line.at)


def _check_duplicates(body: Sequence[Statement], report: Report) -> None:
    """Options and subcommands that stand twice at one level, operands at one position."""
    options: dict[str, Region] = {}
    subcommands: dict[str, Region] = {}
    operands: dict[tuple[int, bool], Region] = {}
    for line in body:
        match line:
            case OperandLine(guard=None):
                position = (line.first.value, line.rest)
                if position in operands:
                    message = "a second line for the same operands"
                    first = operands[position]
                    report.add(Code.SAME_OPERAND, message, line.at, first=first)
                operands.setdefault(position, line.at)
            case OptionLine():
                for name in line.names:
                    if name.value in options:
                        message = f"option `{name.at.text}` is declared twice"
                        before = options[name.value]
                        report.add(Code.DUPLICATE_OPTION, message, name.at, first=before)
                    options.setdefault(name.value, name.at)
            case SubcommandBlock():
                for name in line.names:
                    if name.value in subcommands:
                        message = f"subcommand `{name.value}` is declared twice"
                        before = subcommands[name.value]
                        report.add(Code.DUPLICATE_SUBCOMMAND, message, name.at, first=before)
                    subcommands.setdefault(name.value, name.at)
            case _:
                pass


def _check_option(line: OptionLine, body: Sequence[Statement], report: Report) -> None:
    style = next((one.name.value for one in body if isinstance(one, StyleLine)), "")
    for name in line.names:
        if name.value == "--" and (style != Style.SINGLE_DASH.value or line.typed is not None):
            message = "`--` is not an option: it ends the options"
            report.add(Code.OPTION_NAME, message, name.at)
        elif name.value[:1] not in ("-", "+"):
            message = f"`{name.value}` is not an option: it doesn't begin with `-`"
            report.add(Code.OPTION_NAME, message, name.at)
        elif "=" in name.value[1:-1] or (name.value[-1:] == "=" and len(name.value) > 2):
            message = f"`{name.value}` holds a value"
            hint = f"write the option alone and its type: option {name.value.split('=')[0]} <value>"
            report.add(Code.OPTION_NAME, message, name.at, hint=hint)
    if line.typed is not None:
        check_typed(line.typed, report)
    check_markers(line.markers, report)


def check_effects(line: EffectsLine, keywords: Sequence[str], report: Report) -> None:
    """An `effects` line; a misspelt keyword below it reads as one more effect."""
    report.repeated(line.names, "effect")
    for name in line.names:
        if name.at.line != line.at.line and (similar := closest(name.value, keywords)):
            message = f"unknown word `{name.value}`"
            report.add(Code.KEYWORD, message, name.at, hint=f"did you mean `{similar}`?")


def check_typed(typed: Typed, report: Report) -> None:
    """The type's name, and what stands beside it."""
    name = Text(typed.name, typed.at)
    if not report.word(Code.TYPE, "type", name, TYPES):
        return
    match typed.name, typed.argument:
        case "sql", None:
            message = "<sql> needs a dialect"
            report.add(Code.DIALECT, message, typed.at, label="such as `sql postgres`")
        case "sql", str(dialect):
            if dialect not in DIALECTS:
                report.unknown(Code.DIALECT, "dialect", dialect, typed.at, DIALECTS)
        case ("assignment", "shell") | ("shell", "unfinished"):
            pass
        case _, None:
            pass
        case _:
            message = f"<{typed.name}> stands alone, without `{typed.argument}`"
            report.add(Code.TYPE, message, typed.at)


def check_markers(markers: Sequence[Text], report: Report) -> None:
    report.repeated(markers, "marker")
    for marker in markers:
        report.word(Code.MARKER, "marker", marker, MARKERS)


def _check_position(number: Number, report: Report) -> None:
    if number.value < 1:
        report.add(Code.POSITION, "operands are counted from 1", number.at)


def _check_guard(guard: GuardNode | None, declared: frozenset[str], report: Report) -> None:
    if guard is None:
        return
    for option in guard.options:
        if option.value not in declared:
            message = f"the guard names `{option.at.text}`, which isn't declared"
            hint = f"declare it before: option {option.at.text}"
            report.add(Code.GUARD_OPTION, message, option.at, hint=hint)


def _check_secret(
    line: SecretLine, body: Sequence[Statement], declared: frozenset[str], report: Report
) -> None:
    """One that nothing declares is fine: options that a log hides are known, others needn't be."""
    lines = (line for line in options_in(body) if line.typed is None)
    valueless = frozenset(name.value for line in lines for name in line.names)
    check_said(line.name, "name of the secret", report)
    report.repeated(line.options, "option")
    for option in line.options:
        if option.value in valueless:
            message = f"`{option.at.text}` takes no value, so it holds no secret"
            hint = 'if it makes the program read one: redact "…" stdin if option (…)'
            report.add(Code.SECRET_OPTION, message, option.at, hint=hint)
        elif option.value not in declared and (hint := did_you_mean(option.value, declared)):
            message = f"unknown option `{option.at.text}`"
            report.add(Code.SECRET_OPTION, message, option.at, hint=hint)
    if line.first is not None and line.first.at.text != "last":
        _check_position(line.first, report)
    if line.after is not None:
        check_said(line.after, "text before the secret", report)
    _check_guard(line.guard, declared, report)


def check_raise(score: Number, report: Report) -> None:
    """An adjustment of a score that isn't one."""
    if score.value <= 0:
        message = "an adjustment may only raise a score"
        report.add(Code.NEGATIVE_SCORE, message, score.at, label="expected `+1` or more")


def check_environment(line: EnvironmentLine, report: Report) -> None:
    """An `environment` line, wherever it stands."""
    check_markers(line.markers, report)
    report.repeated(line.names, "variable")
    for name in line.names:
        if name.form is Form.NAME and name.value.islower() and closest(name.value, MARKERS):
            report.word(Code.MARKER, "marker", name, MARKERS)
        elif not _VARIABLE.fullmatch(name.value):
            message = f"`{name.value}` is not the name of a variable"
            report.add(Code.VARIABLE_NAME, message, name.at)
    if line.typed is None:
        return
    check_typed(line.typed, report)
    if line.typed.name in TYPES and line.typed.name not in _VARIABLE_TYPES:
        message = f"an environment variable can't be <{line.typed.name}>"
        report.add(
            Code.TYPE_HERE, message, line.typed.at, label=f"expected {one_of(_VARIABLE_TYPES)}"
        )


def check_default(line: DefaultLine, report: Report) -> None:
    """A `default` line: of a program, a subcommand, or unknown programs."""
    check_said(line.message, "message", report)
    known = report.word(Code.TIER, "tier", line.tier, TIERS)
    check_outcome(line.tier.value if known else None, line.score, line.ttl, line.approvals, report)


def check_outcome(
    tier: str | None,
    score: Number | None,
    ttl: Duration | None,
    approvals: Number | None,
    report: Report,
) -> None:
    """A score, ttl and approvals that fit the tier (None: unknown, reported elsewhere)."""
    if ttl is not None and ttl.minutes < 1:
        report.add(Code.ZERO_TTL, "a ttl of no time", ttl.at, hint="leave it out for 7 days")
    if approvals is not None and approvals.value < 1:
        message = "at least one person must approve"
        report.add(Code.APPROVALS, message, approvals.at, label="expected 1 or more")
    if tier is None:
        return
    low, high = TIERS[tier].band
    if score is not None and not low <= score.value <= high:
        message = f"score {score.value} lies outside the band of tier `{tier}`"
        right = next((str(t) for t in TIERS.values() if t.band[0] <= score.value <= t.band[1]), "")
        hint = f"{score.value} is `{right}`" if right else "scores go from 0 to 100"
        report.add(
            Code.SCORE_OUTSIDE_BAND, message, score.at, label=f"expected {low} to {high}", hint=hint
        )
    if ttl is not None and tier != "medium":
        message = f"a ttl has no meaning for tier `{tier}`"
        hint = "low is allowed for good" if tier == "low" else "high is never whitelisted"
        report.add(Code.TTL_WITHOUT_MEDIUM, message, ttl.at, hint=hint)
    if approvals is not None and tier == "low" and approvals.value >= 1:
        message = "tier `low` needs no approvals"
        report.add(Code.APPROVALS, message, approvals.at)


def check_said(text: Text, what: str, report: Report) -> None:
    """A text that must say something."""
    if not text.value.strip():
        report.add(Code.EMPTY_TEXT, f"the {what} is empty", text.at)

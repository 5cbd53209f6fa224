"""What a rule file says, as frozen nodes that know their place.

The shape of these nodes is that of `grammar/rules.lark`; nothing here is checked or resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from policy.source import Region

# Words ----------------------------------------------------------------------------------


class Form(Enum):
    """How a word was written."""

    NAME = "name"  # bare
    STRING = "string"  # quoted, its escapes resolved
    OPTION = "option"  # -x, --long, -<number> (as -NUMBER)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    at: Region
    form: Form = Form.NAME


@dataclass(frozen=True, slots=True)
class Reference:
    """`@name`: the members of a set."""

    name: str
    at: Region


Value = Text | Reference


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One value, or several in parentheses."""

    values: tuple[Value, ...]
    at: Region


@dataclass(frozen=True, slots=True)
class Number:
    value: int
    at: Region


@dataclass(frozen=True, slots=True)
class Duration:
    """`7d`, `12h`, `30m`, in minutes."""

    minutes: int
    at: Region


@dataclass(frozen=True, slots=True)
class Typed:
    """`<path>`, `<sql postgres>`, `[<value>]`; `name` of `<@path>` is `@path`."""

    name: str
    argument: str | None
    optional: bool
    at: Region


# Programs -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GuardNode:
    kind: Literal["if", "unless", "unless operands"]
    options: tuple[Text, ...]
    at: Region


@dataclass(frozen=True, slots=True)
class StyleLine:
    name: Text
    at: Region


@dataclass(frozen=True, slots=True)
class OptionLine:
    names: tuple[Text, ...]
    typed: Typed | None
    markers: tuple[Text, ...]
    ends: bool
    everywhere: bool
    at: Region


@dataclass(frozen=True, slots=True)
class OperandLine:
    """`operand N`, `operand last` (first 0), `operands`, `operands from N` (rest)."""

    first: Number
    rest: bool
    typed: Typed
    markers: tuple[Text, ...]
    guard: GuardNode | None
    at: Region


@dataclass(frozen=True, slots=True)
class SubcommandLine:
    at: Region


@dataclass(frozen=True, slots=True)
class SubcommandBlock:
    names: tuple[Text, ...]
    body: tuple[Statement, ...]
    at: Region


@dataclass(frozen=True, slots=True)
class RunsLine:
    kind: Literal["arguments", "shell", "between"]
    first: Number | None
    unknown: bool
    after: tuple[Text, ...]
    until: tuple[Text, ...]
    guard: GuardNode | None
    at: Region


@dataclass(frozen=True, slots=True)
class StdinLine:
    typed: Typed
    guard: GuardNode | None
    at: Region


@dataclass(frozen=True, slots=True)
class AssignmentsLine:
    at: Region


@dataclass(frozen=True, slots=True)
class PlaceholderLine:
    text: Text
    at: Region


@dataclass(frozen=True, slots=True)
class OutputsLine:
    at: Region


@dataclass(frozen=True, slots=True)
class ShellLine:
    name: Text
    at: Region


@dataclass(frozen=True, slots=True)
class EffectsLine:
    names: tuple[Text, ...]
    at: Region


@dataclass(frozen=True, slots=True)
class AddsScoreLine:
    score: Number
    at: Region


@dataclass(frozen=True, slots=True)
class DefaultLine:
    """`default …` in a block, or at the top level for unknown programs."""

    tier: Text
    score: Number
    ttl: Duration | None
    approvals: Number | None
    message: Text
    override: bool
    at: Region


@dataclass(frozen=True, slots=True)
class EnvironmentLine:
    names: tuple[Text, ...]
    typed: Typed | None
    markers: tuple[Text, ...]
    at: Region


Statement = (
    StyleLine
    | OptionLine
    | OperandLine
    | SubcommandLine
    | SubcommandBlock
    | RunsLine
    | StdinLine
    | AssignmentsLine
    | PlaceholderLine
    | OutputsLine
    | ShellLine
    | EffectsLine
    | AddsScoreLine
    | DefaultLine
    | EnvironmentLine
)

# Conditions -----------------------------------------------------------------------------


class Test(Enum):
    """The kinds of atomic conditions."""

    OPTION = "option"
    ARGUMENT = "argument"
    ARGUMENTS_LEAST = "arguments at least"
    ARGUMENTS_MOST = "arguments at most"
    PATHS = "paths"
    PATHS_IN = "paths in"
    PATHS_OUTSIDE = "paths outside"
    URL = "url"
    INPUT = "input"
    INPUT_FROM = "input from"
    VIA = "via"
    EFFECT = "effect"
    DYNAMIC = "dynamic"
    SETS = "sets"
    BOUNDED = "bounded"
    SQL = "sql"
    FUNCTIONS_WITHIN = "functions within"
    CONTEXT = "context"
    TIER_AT_LEAST = "tier at least"


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition. `part` is the word that says of what (`host`, `table`, `writes`, a tier);
    `number` a count or a position (0 is `last`).
    """

    test: Test
    at: Region
    part: Text | None = None
    options: tuple[Text, ...] = ()
    values: Alternatives | None = None
    number: Number | None = None


@dataclass(frozen=True, slots=True)
class And:
    terms: tuple[ConditionNode, ...]


@dataclass(frozen=True, slots=True)
class Or:
    terms: tuple[ConditionNode, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    term: ConditionNode


ConditionNode = Atom | And | Or | Negation

# Rules ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnLine:
    """`on …`; `words` are the program and its subcommands, or the kinds; empty is any."""

    kind: Literal["program", "command", "sql", "assignment", "opaque", "any"]
    words: tuple[Alternatives, ...]
    at: Region


@dataclass(frozen=True, slots=True)
class WhenLine:
    condition: ConditionNode
    at: Region


@dataclass(frozen=True, slots=True)
class OptionsLine:
    kind: Literal["any", "declared", "only"]
    names: tuple[Text, ...]
    at: Region


@dataclass(frozen=True, slots=True)
class TierLine:
    name: Text
    at: Region


@dataclass(frozen=True, slots=True)
class ScoreLine:
    score: Number
    at: Region


@dataclass(frozen=True, slots=True)
class TtlLine:
    ttl: Duration
    at: Region


@dataclass(frozen=True, slots=True)
class ApprovalsLine:
    approvals: Number
    at: Region


@dataclass(frozen=True, slots=True)
class NeverLine:
    at: Region


@dataclass(frozen=True, slots=True)
class DenyLine:
    at: Region


@dataclass(frozen=True, slots=True)
class UndoLine:
    text: Text
    at: Region


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """`language` is None for shell, "" for SQL without a dialect."""

    matches: bool
    language: Text | None
    text: Text
    at: Region


Clause = (
    OnLine
    | WhenLine
    | OptionsLine
    | TierLine
    | ScoreLine
    | TtlLine
    | ApprovalsLine
    | EffectsLine
    | NeverLine
    | DenyLine
    | UndoLine
    | ExampleLine
)

# Items ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetItem:
    name: Text
    members: tuple[Value, ...]
    override: bool
    at: Region


@dataclass(frozen=True, slots=True)
class ProgramItem:
    names: tuple[Text, ...]
    body: tuple[Statement, ...]
    override: bool
    at: Region


@dataclass(frozen=True, slots=True)
class RuleItem:
    name: Text
    message: Text
    clauses: tuple[Clause, ...]
    override: bool
    at: Region


@dataclass(frozen=True, slots=True)
class AdjustItem:
    message: Text
    condition: ConditionNode
    score: Number
    at: Region


Item = SetItem | ProgramItem | EnvironmentLine | RuleItem | AdjustItem | DefaultLine

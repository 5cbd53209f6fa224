"""What a rule file says, as frozen nodes that know their place.

The shape of these nodes is that of `grammar/rules.lark`; nothing here is checked or resolved.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from policy.frozen import frozen
from policy.source import Region

# Words ----------------------------------------------------------------------------------


class Form(Enum):
    """How a word was written."""

    NAME = "name"  # bare
    STRING = "string"  # quoted, its escapes resolved
    OPTION = "option"  # -x, --long, -<number> (as -NUMBER)


@frozen
class Text:
    value: str
    at: Region
    form: Form = Form.NAME


@frozen
class Reference:
    """`@name`: the members of a set."""

    name: str
    at: Region


Value = Text | Reference


@frozen
class Alternatives:
    """One value, or several in parentheses."""

    values: tuple[Value, ...]
    at: Region


@frozen
class Number:
    value: int
    at: Region


@frozen
class Duration:
    """`7d`, `12h`, `30m`, in minutes."""

    minutes: int
    at: Region


@frozen
class Typed:
    """`<path>`, `<sql postgres>`, `[<value>]`; `name` of `<@path>` is `@path`."""

    name: str
    argument: str | None
    optional: bool
    at: Region


# Programs -------------------------------------------------------------------------------


@frozen
class GuardNode:
    kind: Literal["if", "unless", "unless operands"]
    options: tuple[Text, ...]
    at: Region


@frozen
class StyleLine:
    name: Text
    at: Region


@frozen
class OptionLine:
    names: tuple[Text, ...]
    typed: Typed | None
    markers: tuple[Text, ...]
    ends: bool
    positional: bool
    everywhere: bool
    at: Region


@frozen
class OperandLine:
    """`operand N`, `operand last` (first 0), `operands`, `operands from N` (rest)."""

    first: Number
    rest: bool
    typed: Typed
    markers: tuple[Text, ...]
    guard: GuardNode | None
    at: Region


@frozen
class SubcommandLine:
    at: Region


@frozen
class SubcommandBlock:
    names: tuple[Text, ...]
    body: tuple[Statement, ...]
    at: Region


@frozen
class RunsLine:
    kind: Literal["arguments", "shell", "between"]
    first: Number | None
    unknown: bool
    anywhere: bool
    after: tuple[Text, ...]
    until: tuple[Text, ...]
    guard: GuardNode | None
    at: Region


@frozen
class StdinLine:
    typed: Typed
    guard: GuardNode | None
    at: Region


@frozen
class AssignmentsLine:
    at: Region


@frozen
class PlaceholderLine:
    text: Text
    at: Region


@frozen
class OutputsLine:
    kind: Literal["arguments", "text"]
    at: Region


@frozen
class ShellLine:
    name: Text
    at: Region


@frozen
class EffectsLine:
    names: tuple[Text, ...]
    at: Region


@frozen
class AddsScoreLine:
    score: Number
    at: Region


@frozen
class DefaultLine:
    """`default …` in a block, or at the top level for unknown programs."""

    tier: Text
    score: Number
    ttl: Duration | None
    approvals: Number | None
    message: Text
    override: bool
    at: Region


@frozen
class EnvironmentLine:
    names: tuple[Text, ...]
    typed: Typed | None
    markers: tuple[Text, ...]
    at: Region


@frozen
class SecretLine:
    """`redact "…" option|operand|operands|stdin …`; `first` as in `OperandLine`."""

    name: Text
    where: Literal["option", "operand", "stdin"]
    options: tuple[Text, ...]
    first: Number | None
    rest: bool
    after: Text | None
    guard: GuardNode | None
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
    | SecretLine
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


@frozen
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


@frozen
class And:
    terms: tuple[ConditionNode, ...]


@frozen
class Or:
    terms: tuple[ConditionNode, ...]


@frozen
class Negation:
    term: ConditionNode


ConditionNode = Atom | And | Or | Negation

# Rules ----------------------------------------------------------------------------------


@frozen
class OnLine:
    """`on …`; `words` are the program and its subcommands, or the kinds; empty is any."""

    kind: Literal["program", "command", "sql", "assignment", "opaque", "any"]
    words: tuple[Alternatives, ...]
    at: Region


@frozen
class WhenLine:
    condition: ConditionNode
    at: Region


@frozen
class OptionsLine:
    kind: Literal["any", "declared", "only"]
    names: tuple[Text, ...]
    at: Region


@frozen
class TierLine:
    name: Text
    at: Region


@frozen
class ScoreLine:
    score: Number
    at: Region


@frozen
class TtlLine:
    ttl: Duration
    at: Region


@frozen
class ApprovalsLine:
    approvals: Number
    at: Region


@frozen
class NeverLine:
    at: Region


@frozen
class DenyLine:
    at: Region


@frozen
class UndoLine:
    text: Text
    at: Region


@frozen
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


@frozen
class SetItem:
    name: Text
    members: tuple[Value, ...]
    override: bool
    at: Region


@frozen
class ProgramItem:
    names: tuple[Text, ...]
    body: tuple[Statement, ...]
    override: bool
    at: Region


@frozen
class RuleItem:
    name: Text
    message: Text
    clauses: tuple[Clause, ...]
    override: bool
    at: Region


@frozen
class AdjustItem:
    message: Text
    condition: ConditionNode
    score: Number
    at: Region


@frozen
class LooksLine:
    """`named …`, `text …` or `sql …` of a secret."""

    kind: Literal["named", "text", "sql"]
    words: tuple[Text, ...]
    at: Region


@frozen
class SecretItem:
    name: Text
    lines: tuple[LooksLine | ExampleLine, ...]
    override: bool
    at: Region


Item = SetItem | ProgramItem | EnvironmentLine | RuleItem | AdjustItem | DefaultLine | SecretItem

"""A compiled set of rules: immutable, indexed, and what the judge looks rules up in.

Built by `policy.dsl` from rule files; the types of this module are the whole interface
between the rule language and the judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import Literal

from policy.decision import Tier
from policy.frozen import frozen
from policy.program import Program, Variable

# Conditions -----------------------------------------------------------------------------


@frozen
class Patterns:
    """What one value is compared with: globs, sets already resolved into them.

    For paths, `*` stays within a segment and `**` crosses them; elsewhere `*` matches any
    text. `outside` negates for one value: `writes outside @devices` holds when some written
    path matches none of the globs.
    """

    globs: tuple[str, ...]
    outside: bool = False


@frozen
class AllOf:
    terms: tuple[Condition, ...]


@frozen
class AnyOf:
    terms: tuple[Condition, ...]


@frozen
class Not:
    term: Condition


@frozen
class HasOption:
    """`option (-f | --force)` with an optional test of its value."""

    names: tuple[str, ...]
    value: Patterns | None = None


@frozen
class HasArgument:
    """`argument "+*"`: some operand (`index` None), or the one at `index` (1-based, -1 last)."""

    patterns: Patterns
    index: int | None = None


@frozen
class CountArguments:
    """`arguments at least N` / `at most N`; `no arguments` is at most 0."""

    least: int | None = None
    most: int | None = None


@frozen
class Paths:
    """`reads|writes|deletes [in|outside] …`: some such path matches; None: there is one."""

    access: Literal["reads", "writes", "deletes", "executable"]
    patterns: Patterns | None = None


@frozen
class Url:
    """`url host|scheme|path …`: some URL among operands and option values."""

    part: Literal["host", "scheme", "path"]
    patterns: Patterns


@frozen
class InputIs:
    """`input (pipe | file | text | inherited)`, and `input from (curl | wget)`."""

    kinds: tuple[str, ...] = ()
    producers: tuple[str, ...] = ()


@frozen
class ViaProgram:
    """`via (sudo | ssh)`: some step through which the action is reached."""

    programs: tuple[str, ...]


@frozen
class HasEffect:
    """`effect (network | delete)`: an effect of the action's rules, wrappers or program."""

    effects: tuple[str, ...]


@frozen
class IsDynamic:
    """`dynamic (argument | option | write | read | delete)`: known only at run time."""

    parts: tuple[str, ...]


@frozen
class SetsVariable:
    """`sets ("GIT_*")`: an assignment before the command."""

    patterns: Patterns


@frozen
class Bounded:
    """`bounded`: an effective WHERE (or the like) bounds the statement."""


@frozen
class SqlName:
    """`table|schema|function|object|dialect|feature|name …` of a statement.

    `every`: `functions within @set` holds when every one matches.
    `written`: only tables that the statement writes.
    """

    part: Literal["table", "schema", "function", "object", "dialect", "feature", "name"]
    patterns: Patterns
    every: bool = False


@frozen
class ContextIs:
    """`environment is "prod"` and agent, target, cwd, user."""

    part: Literal["agent", "target", "environment", "cwd", "user"]
    patterns: Patterns


@frozen
class TierAtLeast:
    """`tier at least medium`: only in `adjust`."""

    tier: Tier


Condition = (
    AllOf
    | AnyOf
    | Not
    | HasOption
    | HasArgument
    | CountArguments
    | Paths
    | Url
    | InputIs
    | ViaProgram
    | HasEffect
    | IsDynamic
    | SetsVariable
    | Bounded
    | SqlName
    | ContextIs
    | TierAtLeast
)

# Rules ----------------------------------------------------------------------------------


@frozen
class Place:
    """Where something was declared: file name below the rules directory, 1-based line."""

    file: str
    line: int


@frozen
class On:
    """What a rule is about, one alternative of its `on` lines.

    `kind` command: `program` and `path` (subcommands, a prefix of the command's); "*" is any.
    `kind` statement: `program` is the statement's kind, "*" any.
    `kind` assignment: `program` is a glob for the variable's name.
    `kind` opaque: `program` is an `OpaqueKind` value, "*" any.
    `kind` any: every action.
    """

    kind: Literal["command", "statement", "assignment", "opaque", "any"]
    program: str = "*"
    path: tuple[str, ...] = ()


@frozen
class Example:
    """`match` / `no match`: a text that the rule must (not) match; run as a test."""

    text: str
    language: str
    matches: bool
    place: Place


@frozen
class Rule:
    """One rule. `options` is only for the low tier: which options it accepts.

    `any`: every option that is not declared with a harmful marker; `declared`: only options
    that the program declares without one; a tuple: exactly these.
    """

    name: str
    message: str
    on: tuple[On, ...]
    when: Condition | None
    tier: Tier
    score: int
    place: Place
    ttl: timedelta | None = None
    approvals: int = 1
    effects: tuple[str, ...] = ()
    options: Literal["any", "declared"] | tuple[str, ...] = "declared"
    deny: bool = False
    never_whitelist: bool = False
    undo: str | None = None
    examples: tuple[Example, ...] = ()


@frozen
class Default:
    """Where no rule matched: of a program, a subcommand, or (`path` ()) of unknown programs."""

    path: tuple[str, ...]
    message: str
    tier: Tier
    score: int
    place: Place
    ttl: timedelta | None = None
    approvals: int = 1
    effects: tuple[str, ...] = ()


@frozen
class Adjust:
    """`adjust "…" when … { score +N }`."""

    message: str
    when: Condition
    score: int
    place: Place


@frozen
class Secret:
    """One `redact "…" { … }`: what looks like a secret wherever it stands in a text.

    `named` are globs for what stands before the `=` or `:` of a secret, in lower case and with
    `_` for `-`; `texts` are globs for secrets themselves; `sql` are words of SQL (`*` is any
    one word) behind which a secret is quoted.
    """

    name: str
    place: Place
    named: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


@frozen
class RuleSet:
    """Every program, rule, default and adjustment of the loaded files.

    `commands` is indexed by program, then by the first word of the rule's path ("" where the
    rule names no subcommand); rules for any program stand under "*". The other indexes are
    by statement kind and opaque kind, with "*". `patterns` are programs whose names
    are globs (`python3.*`), looked through only when the exact name is unknown. `secrets`
    are what a decision log hides; no decision depends on them.
    """

    programs: Mapping[str, Program] = field(default_factory=dict)
    patterns: tuple[tuple[str, Program], ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    variable_patterns: tuple[tuple[str, Variable], ...] = ()
    commands: Mapping[str, Mapping[str, tuple[Rule, ...]]] = field(default_factory=dict)
    statements: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    assignments: tuple[Rule, ...] = ()
    opaque: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    defaults: Mapping[tuple[str, ...], Default] = field(default_factory=dict)
    adjustments: tuple[Adjust, ...] = ()
    rules: Sequence[Rule] = ()
    overridden: tuple[tuple[str, Place], ...] = ()
    digest: str = ""
    secrets: Sequence[Secret] = ()

    def program(self, name: str) -> Program | None:
        """The declaration of `name` (a base name), or None."""
        found = self.programs.get(name)
        if found is None and self.patterns:
            from policy.globs import matches

            for pattern, program in self.patterns:
                if matches(pattern, name):
                    return program
        return found

    def variable(self, name: str) -> Variable | None:
        """The declaration of an environment variable, or None."""
        found = self.variables.get(name)
        if found is None and self.variable_patterns:
            from policy.globs import matches

            for pattern, variable in self.variable_patterns:
                if matches(pattern, name):
                    return variable
        return found

    def command_rules(self, program: str, subcommands: tuple[str, ...]) -> Iterator[Rule]:
        """Every rule that may be about such a command, most general last."""
        index = self.commands.get(program)
        if index is not None:
            if subcommands:
                yield from index.get(subcommands[0], ())
            yield from index.get("", ())
        yield from self.commands.get("*", {}).get("", ())

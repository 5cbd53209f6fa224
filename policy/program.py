"""What rule files declare about a program: how it reads its arguments and what it runs.

These values come from `program { … }` blocks (docs/rule-language.md) and are all that the
argument reader knows; no program is named in Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from policy.frozen import frozen


class ValueType(Enum):
    """What the value of an option or an operand is."""

    VALUE = "value"  # anything; no meaning for a decision
    NUMBER = "number"
    PATH = "path"  # a file or directory; markers say whether it is read, written, deleted
    AT_PATH = "@path"  # `@file` names a file that is read; anything else is a value
    URL = "url"
    SHELL = "shell"  # shell text that is run
    SHELL_UNFINISHED = "shell unfinished"  # shell text to which the program adds words
    SQL = "sql"  # SQL text that is run; `dialect` says which
    CODE = "code"  # inline code of an interpreter
    SCRIPT = "script"  # a file that is run as code
    ASSIGNMENT = "assignment"  # NAME=value for the environment of what is run
    SHELL_ASSIGNMENT = "assignment shell"  # name=shell text (alias)
    VARIABLE = "variable"  # the name of a shell variable that is set to something unknown
    DIRECTORY = "directory"  # becomes the working directory of what follows
    TARGET = "target"  # the host, container or pod where something runs
    USER = "user"  # the account as which something runs
    PLACEHOLDER = "placeholder"  # text that is replaced by unknown words (xargs -I)


class Style(Enum):
    """How a program finds options among its words."""

    GNU = "gnu"  # options anywhere, merged short options, --opt=value, abbreviations, --
    POSIX = "posix"  # as GNU, but the first operand ends the options
    SINGLE_DASH = "single-dash"  # long options with one dash (find -name, terraform -auto-approve)
    BUNDLED = "bundled"  # as GNU, and a first word without dash is merged options (tar xzf, ps aux)
    NONE = "none"  # every word is an operand (echo, test, expr)


MARKERS = ("reads", "writes", "deletes", "runs", "sends", "risky")
"""What an option or operand does; any but `reads` keeps an option out of `low` rules."""


@frozen
class Guard:
    """`if option (…)` / `unless option (…)` / `unless operands`: when a declaration holds."""

    present: tuple[str, ...] = ()  # holds only if one of these options is used
    absent: tuple[str, ...] = ()  # holds only if none of these options is used
    no_operands: bool = False  # holds only if there is no operand


ALWAYS = Guard()


@frozen
class Option:
    """One `option` line. `-<number>` has the name `-NUMBER`."""

    names: tuple[str, ...]
    value: ValueType | None = None
    optional: bool = False  # the value can only be attached: --color[=WHEN], -i[SUFFIX]
    dialect: str | None = None
    markers: tuple[str, ...] = ()
    ends: bool = False  # what follows are operands (python -c CODE ARG…)
    positional: bool = False  # means something else between other operands (tar -C DIR x)
    everywhere: bool = False  # `global option`: also valid after subcommands


@frozen
class Operand:
    """One `operand N` (1-based, after the subcommand), `operand last` or `operands` line."""

    first: int  # 1-based; 0 for `last`
    rest: bool  # `operands from N`: this one and all after it
    value: ValueType
    dialect: str | None = None
    markers: tuple[str, ...] = ()
    guard: Guard = ALWAYS


class RunsKind(Enum):
    ARGUMENTS = "arguments"  # operands are another command's argument vector
    SHELL = "shell"  # operands, joined with blanks, are shell text
    BETWEEN = "between"  # words between markers are a command (find -exec … \;)


@frozen
class Runs:
    """One `runs` line: which of the program's own words are a command that it runs."""

    kind: RunsKind
    first: int = 1  # the operand at which it begins, 1-based
    unknown: bool = False  # unknown words are appended (xargs)
    anywhere: bool = False  # it works in a directory that only run time knows (find -execdir)
    after: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    guard: Guard = ALWAYS


@frozen
class Stdin:
    """`stdin <…>`: standard input is code unless the guard says otherwise."""

    value: ValueType
    dialect: str | None = None
    guard: Guard = ALWAYS


class SecretIn(Enum):
    """Where a program is given a secret."""

    OPTION = "option"
    OPERAND = "operand"
    STDIN = "stdin"


@frozen
class SecretPart:
    """One `redact "…" option|operand|operands|stdin` line: what a log doesn't show.

    It says what a value is, not what it does: no decision depends on it. `name` is what people
    read instead; the secret is what follows the first `after` of the value, all of it if that
    is "". `first` is 1-based, 0 for `last`; `rest` includes all operands behind it.
    """

    name: str
    where: SecretIn
    options: tuple[str, ...] = ()
    first: int = 1
    rest: bool = False
    after: str = ""
    guard: Guard = ALWAYS


@frozen
class Program:
    """A program, or one of its subcommands (the same type, nested).

    `adds_score` is added to the score of what it runs and `effects` to its effects.
    `placeholder` is text in the words of what it runs that is replaced by an unknown word.
    """

    names: tuple[str, ...]
    style: Style = Style.GNU
    options: tuple[Option, ...] = ()
    operands: tuple[Operand, ...] = ()
    runs: tuple[Runs, ...] = ()
    stdin: Stdin | None = None
    has_subcommands: bool = False
    subcommands: Mapping[str, Program] = field(default_factory=dict)
    assignments: bool = False  # leading NAME=value operands set the environment (env, sudo)
    placeholder: str | None = None
    outputs_arguments: bool = False  # prints its operands (echo), so a pipe's text is known
    outputs_text: bool = False  # prints its operands in some form (echo, printf)
    effects: tuple[str, ...] = ()
    adds_score: int = 0
    bash: bool = False  # `shell bash`: its shell text is bash's; else some sh reads it
    secrets: tuple[SecretPart, ...] = ()


@frozen
class Variable:
    """One `environment` line: a variable that changes what programs do.

    `value` SHELL or SCRIPT: programs run it. None with no markers: known to be harmless.
    """

    names: tuple[str, ...]  # may hold globs: LC_*
    value: ValueType | None = None
    markers: tuple[str, ...] = ()

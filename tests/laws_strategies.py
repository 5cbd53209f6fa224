"""What the laws are tried on: commands of all rules' examples, commands generated from all
declarations, and frames made of all declarations, in which a command runs.

What the rules declare tomorrow is in the laws tomorrow. The suite tries each law on a few
hundred texts; `LAWS=20000 pytest tests/test_laws_*.py` tries it on that many.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import assert_never

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from policy import Context, Decision, Engine
from policy.parse.shell import tree_sitter_reader
from policy.parse.shell.parts import WordError
from policy.parse.shell.syntax import NotAccepted, Simple
from policy.program import Guard, Operand, Option, Program, RunsKind, Style, ValueType
from policy.ruleset import RuleSet
from policy.shipped import ruleset

LAW = settings(
    max_examples=int(os.environ.get("LAWS", "30")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@cache
def rules() -> RuleSet:
    return ruleset()


@cache
def engine() -> Engine:
    return Engine(rules())


CONTEXTS = (
    Context(),
    Context(cwd="/srv/app", environment="prod"),
    Context(agent="a", target="web-1", cwd="/etc", user="root"),
)

# Answers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What people act on, in an order: `a.covers(b)` if it is as strict in every respect."""

    verdict: int
    tier: int
    score: int
    approvals: int

    def covers(self, other: Answer) -> bool:
        """A deny needs no approvals, and counts as any number of them."""
        return (
            self.verdict >= other.verdict
            and self.tier >= other.tier
            and self.score >= other.score
            and (self.approvals >= other.approvals or self.verdict == 3)
        )


def answer_of(decision: Decision) -> Answer:
    return Answer(
        decision.verdict.strictness, int(decision.tier), decision.score, decision.approvals
    )


def answer(text: str, context: Context | None = None, language: str = "shell") -> Answer:
    return answer_of(engine().decide(text, context, language))


# Commands of the examples -------------------------------------------------------------------


@cache
def examples(language: str = "shell") -> tuple[str, ...]:
    """The texts of every rule's examples, those that match and those that don't."""
    every = (one for rule in rules().rules for one in rule.examples)
    return tuple(sorted({one.text for one in every if one.language == language}))


def sql_languages() -> tuple[str, ...]:
    every = (one for rule in rules().rules for one in rule.examples)
    return tuple(sorted({one.language for one in every if one.language != "shell"}))


@cache
def is_simple(text: str) -> bool:
    """Whether it is one simple command of words alone: no assignment, redirect or reserved word."""
    try:
        body = tree_sitter_reader.parse(text, text).body
    except (NotAccepted, WordError):
        return False
    if not isinstance(body, Simple) or body.redirects or not body.words:
        return False
    first = text[slice(*body.words[0])]
    return "=" not in first and body.span == (0, len(text)) and first not in ("time", "!")


@cache
def simple_examples() -> tuple[str, ...]:
    return tuple(text for text in examples() if is_simple(text))


# Commands of the declarations ---------------------------------------------------------------

_VALUES: dict[ValueType, tuple[str, ...]] = {
    ValueType.VALUE: ("x", "a=b", "'a b'", "9"),
    ValueType.NUMBER: ("3", "5"),
    ValueType.PATH: ("a.txt", "/etc/hosts", "/srv/app/x", "~/.ssh/id_rsa", "/dev/null", "."),
    ValueType.AT_PATH: ("@a.txt", "x"),
    ValueType.URL: ("https://x.example/a", "http://169.254.169.254/"),
    ValueType.SHELL: ("ls", "'rm -rf /srv'"),
    ValueType.SHELL_UNFINISHED: ("ls", "nice"),
    ValueType.SQL: ("'SELECT 1'", "'DROP TABLE t'"),
    ValueType.CODE: ("1", "'print(1)'"),
    ValueType.SCRIPT: ("a.sh", "/tmp/x"),
    ValueType.ASSIGNMENT: ("A=1", "LD_PRELOAD=x.so"),
    ValueType.SHELL_ASSIGNMENT: ("'l=ls -l'",),
    ValueType.VARIABLE: ("v",),
    ValueType.DIRECTORY: ("/srv", "/etc", "sub"),
    ValueType.TARGET: ("web-1",),
    ValueType.USER: ("app", "root"),
    ValueType.PLACEHOLDER: ("{}",),
}


@dataclass(frozen=True)
class Level:
    """A program or a subcommand with the words that lead to it, and all options that it knows."""

    words: tuple[str, ...]
    program: Program
    inherited: tuple[Option, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        return self.program.options + self.inherited


@cache
def levels() -> tuple[Level, ...]:
    """Every program and subcommand that is declared."""

    def below(level: Level) -> Iterator[Level]:
        yield level
        kept = tuple(option for option in level.options if option.everywhere)
        for name, program in level.program.subcommands.items():
            yield from below(Level((*level.words, name), program, kept))

    return tuple(
        level
        for name, program in sorted(rules().programs.items())
        if shlex.quote(name) == name
        for level in below(Level((name,), program, ()))
    )


def value_of(value: ValueType) -> st.SearchStrategy[str]:
    return st.sampled_from(_VALUES[value])


@st.composite
def declared_options(draw: st.DrawFn, level: Level) -> list[str]:
    """One declared option, spelled in one of the ways in which its program reads it."""
    option = draw(st.sampled_from(level.options))
    name = draw(st.sampled_from(option.names)).replace("NUMBER", "7")
    if option.value is None or name == "-7":
        return [name]
    value = draw(value_of(option.value))
    if option.optional:
        if draw(st.booleans()):
            return [name]
        return [f"{name}={value}" if name.startswith("--") else f"{name}{value}"]
    if name.startswith("--") and draw(st.booleans()):
        return [f"{name}={value}"]
    return [name, value]


def operand_value(level: Level, index: int) -> st.SearchStrategy[str]:
    """A word for the operand at `index` (1-based), of the type that the level declares."""
    for operand in level.program.operands:
        if operand.first == index or (operand.rest and 0 < operand.first <= index):
            return value_of(operand.value)
    return value_of(ValueType.VALUE)


@st.composite
def declared_words(draw: st.DrawFn) -> list[str]:
    """The words of a command of a declared program, options before operands."""
    level = draw(st.sampled_from(levels()))
    words = list(level.words)
    if level.options:
        for _ in range(draw(st.integers(0, 2))):
            words += draw(declared_options(level))
    for index in range(1, draw(st.integers(0, 2)) + 1):
        words.append(draw(operand_value(level, index)))
    return words


declared = declared_words().map(" ".join).filter(is_simple)
"""Simple commands of declared programs."""

simple = st.deferred(lambda: st.one_of(st.sampled_from(simple_examples()), declared))
"""Simple commands."""


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(_BETWEEN), inner).map("".join),
        st.builds(lambda frame, text: frame.put(text), st.sampled_from(AROUND), inner),
    )


_BETWEEN = ("; ", " && ", " || ", " | ", " & ", "\n")


def one_line(text: str) -> bool:
    """Whether other text may follow on its last line: no comment, no here-document."""
    return not any(mark in text for mark in ("\n", "#", "<<")) and text[-1:] not in ("\\", "&")


lines = st.deferred(
    lambda: st.recursive(
        st.one_of(simple, st.sampled_from([text for text in examples() if one_line(text)])),
        _compound,
        max_leaves=2,
    )
).filter(one_line)
"""Commands of one line, simple and compound."""

texts = st.deferred(lambda: st.one_of(st.sampled_from(examples()), lines))
"""Shell texts of every kind."""

# Frames ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """A text with a place where another one runs; with `quoted`, as one word of shell text."""

    before: str
    after: str = ""
    quoted: bool = False

    def put(self, text: str) -> str:
        return self.before + (shlex.quote(text) if self.quoted else text) + self.after

    def __repr__(self) -> str:
        return self.put("…")


AROUND = tuple(
    Frame(*text.split("…"))
    for text in (
        "…; ls",
        "…;",
        "… && ls",
        "… || true",
        "… && rm -rf /srv",
        "… | cat",
        "… |& cat",
        "… | sh",
        "… &",
        "… & ls",
        "…\nls",
        "…\n",
        "…\n# text",
        "… # text",
        "ls; …",
        "ls && …",
        "false || …",
        "ls & …",
        "ls\n…",
        "# text\n…",
        "! …",
        "( … )",
        "(…)",
        "{ …; }",
        "{ …\n}",
        "if true; then …; fi",
        "if …; then true; fi",
        "if ls; then true; elif …; then ls; fi",
        "if ls; then true; else …; fi",
        "while …; do true; done",
        "until true; do …; done",
        "for laws in a b; do …; done",
        "for ((i=0; i<2; i++)); do …; done",
        "case a in b) ls;; a|c) …;; esac",
        "laws() { …; }",
        "laws() { …; }; laws",
        "function laws { …; }; ls; laws",
        "echo $( … )",
        'echo "a $( … ) b"',
        'echo "${laws:-$( … )}"',
        "echo ${laws:=$( … )}",
        "laws=$( … )",
        "laws=$( … ) ls",
        "laws=($( … ))",
        "export laws=$( … )",
        "echo $(( $( … ) + 1 ))",
        "[[ -n $( … ) ]]",
        '[ -n "$( … )" ]',
        "cat <( … )",
        "ls > >( … )",
        "ls | while read -r laws; do …; done",
        "cat <<< $( … )",
        "cat <<E\n$( … )\nE",
        "coproc …",
        "coproc laws { …; }",
        "time …",
        "set -e; …",
        "echo a >> notes.txt; …",
    )
)
"""Text around a command that leaves its variables, its directory and its input alone."""

REDIRECTED = tuple(
    Frame("{ ", f"; }} {redirect}")
    for redirect in (
        "> a.txt",
        ">> a.txt",
        "2> a.txt",
        "&> a.txt",
        "&>> a.txt",
        ">| a.txt",
        "> /etc/hosts",
        "> /dev/null",
        "2>/dev/null",
        "2>&1",
        "> /dev/null 2>&1",
        "> $x",
        '> "$x"',
        "> ~/.bashrc",
        "3> a.txt",
        "> >(cat)",
        "2>&-",
    )
)
"""Redirects of what a command writes, around it; `APPENDED` has them behind its words."""

APPENDED = tuple(Frame("", frame.after[3:]) for frame in REDIRECTED)


@cache
def wrappers() -> tuple[Frame, ...]:
    """Frames in which the words of a simple command are run by a declared program."""
    return tuple(dict.fromkeys(frame for level in levels() for frame in _wrapping(level)))


@cache
def runners() -> tuple[Frame, ...]:
    """Frames in which the text of a command is run by a declared program."""
    return tuple(dict.fromkeys(frame for level in levels() for frame in _running(level)))


def _wrapping(level: Level) -> Iterator[Frame]:
    for runs in level.program.runs:
        match runs.kind:
            case RunsKind.ARGUMENTS if not runs.unknown:
                words = _leading(level, runs.guard, runs.first)
                yield Frame(f"{words} ")
                if level.program.style is not Style.NONE:
                    yield Frame(f"{words} -- ")
            case RunsKind.BETWEEN if not runs.unknown:
                for marker in runs.after:
                    yield Frame(f"{' '.join(level.words)} . {marker} ", f" '{runs.until[0]}'")
            case RunsKind.ARGUMENTS | RunsKind.BETWEEN | RunsKind.SHELL:
                pass  # `appending` and `runners` have them
            case _:
                assert_never(runs.kind)


@cache
def appending(*, anywhere: bool) -> tuple[Frame, ...]:
    """Frames in which the words of a simple command are run with unknown words behind them;
    `anywhere`: and in an unknown directory.
    """
    return tuple(dict.fromkeys(f for level in levels() for f in _appending(level, anywhere)))


def _appending(level: Level, anywhere: bool) -> Iterator[Frame]:
    words = " ".join(level.words)
    for runs in (one for one in level.program.runs if one.anywhere is anywhere):
        if runs.kind is RunsKind.ARGUMENTS and runs.unknown:
            yield Frame(f"{words} ")
            yield Frame(f"{words} -- ")
        elif runs.kind is RunsKind.BETWEEN:
            for marker in runs.after:
                for end in runs.until:
                    yield Frame(f"{words} . {marker} ", f" {{}} '{end}'")


def _running(level: Level) -> Iterator[Frame]:
    words = " ".join(level.words)
    for option in level.program.options:
        if option.value is ValueType.SHELL and not option.optional:
            for name in option.names:
                yield Frame(f"{words} {name} ", quoted=True)
    for operand in level.program.operands:
        if operand.value is ValueType.SHELL:
            yield Frame(f"{_leading(level, operand.guard, operand.first)} ", quoted=True)
    for runs in level.program.runs:
        if runs.kind is RunsKind.SHELL:
            yield Frame(f"{_leading(level, runs.guard, runs.first)} ", quoted=True)
    stdin = level.program.stdin
    if stdin is not None and stdin.value is ValueType.SHELL:
        host = "".join(f" {_filler(level, one)}" for one in _targets(level))
        yield Frame(f"{words}{host} <<< ", quoted=True)
        yield Frame("echo ", f" | {words}{host}", quoted=True)


def _targets(level: Level) -> Iterator[int]:
    for operand in level.program.operands:
        if operand.value is ValueType.TARGET:
            yield operand.first


def _leading(level: Level, guard: Guard, first: int) -> str:
    """The words up to the operand `first`, with the option that the guard asks for."""
    asked = [f"{name} {_option_value(level, name)}".strip() for name in guard.present[:1]]
    return " ".join([*level.words, *asked, *(_filler(level, one) for one in range(1, first))])


def _option_value(level: Level, name: str) -> str:
    found = next(option for option in level.options if name in option.names)
    return "" if found.value is None else _VALUES[found.value][0]


def _filler(level: Level, index: int) -> str:
    declared: list[Operand] = [one for one in level.program.operands if one.first == index]
    return _VALUES[declared[0].value][0] if declared else "5"

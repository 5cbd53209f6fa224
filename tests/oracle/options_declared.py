"""Holds what rule files declare about options against the tables of the real programs.

A flag that really takes a value, or the other way round, makes operands of values and values of
operands: what is read, written or run is then something else than the program does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import assert_never

from oracle.options import Table, Takes, ask
from oracle.report import Miss, Part, Row
from oracle.sandbox import Sandbox, inside_path
from policy.program import Option, Program, RunsKind, Style
from policy.ruleset import RuleSet
from policy.shipped import ruleset

JUDGE = "option tables"
_GETOPT = (Style.GNU, Style.POSIX, Style.BUNDLED)
# Two spellings of one character: the messages of getopt don't tell these apart.
_OF_ALL = frozenset({"--help", "--version"})
_PERMUTE_UNSEEN = frozenset(
    {
        "runuser",  # high without -u; with it, what it still reads behind words says little
        "script",  # with a second operand it refuses to run
    }
)
_NOT_ASKED = frozenset({"-NUMBER", "-?", "--"})


@cache
def shipped() -> RuleSet:
    """The shipped rules."""
    return ruleset()


def installed(rules: RuleSet) -> list[str]:
    """The programs that rules declare and this machine has."""
    return sorted(name for name in rules.programs if inside_path(name) is not None)


def run(part: Part) -> list[Row]:
    """Asks as many programs, drawn from those that are here; each at most once."""
    rules = shipped()
    names = installed(rules)
    Random(part.seed).shuffle(names)
    rows = []
    with Sandbox(real=[*names, "timeout"], seconds=60) as box:
        for name in names[: part.count]:
            declared = rules.programs[name]
            table = ask(box, name, (one for option in options(declared) for one in option.names))
            if table is not None:
                rows.append(compared(name, declared, table))
    return rows


def compared(name: str, declared: Program, table: Table) -> Row:
    """One program's row: `ran` are its real options, `opaque` those that nothing declares."""
    known = {one for option in options(declared) for one in option.names}
    missed = tuple(
        Miss("shell", f"{name} {spelled}", what) for spelled, what in misread(declared, table)
    )
    undeclared = sum(option not in known for option in table.options)
    return Row(JUDGE, "options of real programs", 1, len(table.options), undeclared, missed)


def misread(declared: Program, table: Table) -> Iterator[tuple[str, str]]:
    """The options that the declaration reads otherwise than the program, and what each does."""
    if declared.style not in _GETOPT:
        if declared.style is Style.NONE and set(table.options) <= _OF_ALL:
            return
        yield "", f"reads options by getopt, but is declared as style {declared.style.value}"
        return
    for option in options(declared):
        for spelled in option.names:
            takes = table.options.get(spelled)
            if (
                spelled not in _NOT_ASKED
                and takes is not None
                and not _agrees(option, spelled, takes)
            ):
                yield spelled, f"{takes.value}, and is declared as {_declared_as(option)}"
    stops = declared.style is Style.POSIX or any(
        runs.kind is not RunsKind.BETWEEN for runs in declared.runs
    )
    if declared.has_subcommands:
        return
    if stops and table.permutes and not _PERMUTE_UNSEEN & set(declared.names):
        yield "", "reads options behind operands, and is declared to stop at the first"
    if not stops and not table.permutes:
        yield "", "stops reading options at the first operand, and is declared to go on"


def options(program: Program) -> Iterator[Option]:
    """All options of a program, those of its subcommands among them."""
    yield from program.options
    for inner in program.subcommands.values():
        yield from options(inner)


def _agrees(option: Option, spelled: str, takes: Takes) -> bool:
    long = spelled.startswith("--")
    match takes:
        case Takes.VALUE:
            return option.value is not None and not option.optional
        case Takes.ATTACHED:  # `--flag=x` is read as the option with a value in any case
            return option.optional or (option.value is None and long)
        case Takes.NOTHING:  # `--flag=x` is refused: whatever we make of it does nothing
            return option.value is None or (option.optional and long)
        case Takes.UNKNOWN:
            return True
        case _:
            assert_never(takes)


def _declared_as(option: Option) -> str:
    if option.value is None:
        return "a flag"
    return "one with a value that may be attached" if option.optional else "one with a value"

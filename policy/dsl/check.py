"""Every check that needs more than one file's text: names, sets, variables; then the parts."""

from __future__ import annotations

from collections.abc import Iterable

from policy.diagnostics import Finding, did_you_mean
from policy.dsl.check_conditions import check_adjust
from policy.dsl.check_programs import check_default, check_environment, check_program
from policy.dsl.check_rules import check_rule
from policy.dsl.check_secrets import check_secret
from policy.dsl.codes import Code
from policy.dsl.definitions import Definitions, environment_in
from policy.dsl.report import Report
from policy.dsl.syntax import (
    AdjustItem,
    DefaultLine,
    EnvironmentLine,
    ProgramItem,
    Reference,
    RuleItem,
    SecretItem,
    SetItem,
    Text,
)
from policy.source import Region


def check(definitions: Definitions) -> list[Finding]:
    """What is wrong with the definitions beyond their names."""
    report = Report()
    vocabulary = definitions.vocabulary()
    for item in definitions.items:
        match item:
            case SetItem():
                _check_set(item, definitions, report)
            case ProgramItem():
                check_program(item, report)
            case EnvironmentLine():
                check_environment(item, report)
            case RuleItem():
                check_rule(item, definitions, vocabulary, report)
            case AdjustItem():
                check_adjust(item, definitions, vocabulary, report)
            case DefaultLine():
                check_default(item, report)
            case SecretItem():
                check_secret(item, definitions.is_broken(item), report)
    _check_references(definitions, report)
    _check_variables(definitions, report)
    return report.findings


# Sets -------------------------------------------------------------------------------------


def _check_set(item: SetItem, definitions: Definitions, report: Report) -> None:
    if not item.members and not definitions.is_broken(item):
        message = f"set `{item.name.value}` has no members"
        report.add(Code.EMPTY_SET, message, item.name.at, hint="nothing matches an empty set")
    report.repeated((m for m in item.members if isinstance(m, Text)), "member")
    for member in item.members:
        if isinstance(member, Reference):
            cycle = _cycle(item.name.value, member.name, definitions)
            if cycle:
                shown = " → ".join(f"`{name}`" for name in cycle)
                report.add(Code.CYCLIC_SET, f"set contains itself: {shown}", member.at)


def _cycle(start: str, name: str, definitions: Definitions) -> tuple[str, ...]:
    """The names from `start` back to it through `name`, or ()."""
    paths: list[tuple[str, ...]] = [(start, name)]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        last = path[-1]
        if last == start:
            return path
        item = definitions.sets.get(last)
        if item is not None and last not in seen:
            seen.add(last)
            paths += [(*path, m.name) for m in item.members if isinstance(m, Reference)]
    return ()


def _check_references(definitions: Definitions, report: Report) -> None:
    """Undefined sets wherever one is used, and sets that nothing uses."""
    used: set[str] = set()
    for item in definitions.items:
        for reference in references(item):
            used.add(reference.name)
            if reference.name not in definitions.sets:
                report.add(
                    Code.UNDEFINED_SET,
                    f"undefined set `@{reference.name}`",
                    reference.at,
                    hint=did_you_mean(reference.name, definitions.sets),
                )
    for name, item in definitions.sets.items():
        if name not in used and not definitions.broken:
            message = f"set `{name}` is never used"
            report.add(Code.UNUSED_SET, message, item.name.at)


def references(node: object) -> Iterable[Reference]:
    """Every reference to a set inside a syntax node."""
    if isinstance(node, Reference):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from references(part)
    elif not isinstance(node, Region | Text) and hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from references(getattr(node, name))


# Variables --------------------------------------------------------------------------------


def _check_variables(definitions: Definitions, report: Report) -> None:
    """A variable may be declared often, but always in the same way."""
    seen: dict[str, tuple[tuple[object, ...], Region]] = {}
    for line in environment_in(definitions.items):
        typed = (line.typed.name, line.typed.argument) if line.typed else None
        says = (typed, tuple(sorted(marker.value for marker in line.markers)))
        for name in line.names:
            before = seen.setdefault(name.value, (says, name.at))
            if before[0] != says:
                message = f"environment variable `{name.value}` is declared in another way before"
                report.add(Code.DUPLICATE_VARIABLE, message, name.at, first=before[1])

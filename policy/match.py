"""Does a rule match an action?

A raising rule (medium, high, deny) matches where what the text fixes makes it true, and
raises where it only may be true. A low rule matches only what is certain, and lives in a
closed world of options: what isn't known to do no harm keeps it from matching.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from policy.conditions import Subject, evaluate, option_truth
from policy.decision import Tier
from policy.globs import matches
from policy.plan import Action, Assignment, Command, Opaque, OptionUse, Statement, WordKind
from policy.ruleset import AllOf, AnyOf, Condition, HasOption, On, Rule, RuleSet
from policy.truth import Truth, certainly


class Reach(Enum):
    """What of an action the `on` lines of a rule name."""

    NONE = "none"
    GENERAL = "general"  # `on any`, `on command`, `on sql any`: it may only add
    OWN = "own"  # its program, kind or name


def aliases(command: Command, rules: RuleSet) -> tuple[str, ...]:
    """The names under which rules know the program: where only a glob declares it
    (`python3.*`), those of the declaration as well.
    """
    if command.program in rules.programs:
        return (command.program,)
    declared = rules.program(command.program)
    return (command.program,) if declared is None else (command.program, *declared.names)


def reach(rule: Rule, action: Action, programs: tuple[str, ...]) -> Reach:
    """Whether the rule is about such an action, by its `on` lines alone.

    `programs` are the `aliases` of a command.
    """
    found = Reach.NONE
    for on in rule.on:
        match _reach(on, action, programs):
            case Reach.OWN:
                return Reach.OWN
            case Reach.GENERAL:
                found = Reach.GENERAL
            case Reach.NONE:
                pass
    return found


def _reach(on: On, action: Action, programs: tuple[str, ...]) -> Reach:
    if on.kind == "any":
        return Reach.GENERAL
    if on.kind != action.kind:
        return Reach.NONE
    does = action.does
    match does:
        case Command():
            if on.program == "*":
                return Reach.GENERAL
            own = on.program in programs and does.subcommands[: len(on.path)] == on.path
        case Statement():
            if on.program == "*":
                return Reach.GENERAL
            own = on.program == does.kind
        case Assignment():
            own = on.program == does.name or matches(on.program, does.name)
        case Opaque():
            own = on.program in {"*", does.kind.value}
        case _:
            assert_never(does)
    return Reach.OWN if own else Reach.NONE


def when_truth(rule: Rule, subject: Subject) -> Truth:
    """How far a rule matches that is about such an action (`reach`).

    FIXED and CERTAIN: it matches. POSSIBLE: some value of a word that is known only at run
    time would make it match; a low rule never answers that.
    """
    if rule.tier is Tier.LOW and not rule.deny:
        command = subject.command
        if command is not None and not _accepts_options(rule, command, subject):
            return Truth.NO
        return certainly(
            rule.when is None or evaluate(rule.when, subject, strict=True) is Truth.CERTAIN
        )
    return Truth.CERTAIN if rule.when is None else evaluate(rule.when, subject)


def _accepts_options(rule: Rule, command: Command, subject: Subject) -> bool:
    """The closed world of a low rule: every option that is, or may be, used does no harm.

    Nor does any hide words behind it: nobody has seen these, and they may be read as operands.
    """
    if any(_spills(use, command) for use in command.options):
        return False
    if isinstance(rule.options, tuple):
        if command.open_options:
            return False
        return all(not set(use.names).isdisjoint(rule.options) for use in command.options)
    undeclared = rule.options == "any"
    if command.open_options and (not undeclared or subject.open_markers() - {"reads"}):
        return False
    return all(
        ((use.declared or undeclared) and set(use.markers) <= {"reads"})
        or (rule.when is not None and _names_option(rule.when, use))
        for use in command.options
    )


def _spills(use: OptionUse, command: Command) -> bool:
    """Whether an option's value may be several words, of which it takes the first.

    What a glob finds behind an attached option begins with that option, every time.
    """
    value = use.value
    if value is None or not value.many or value.parts:
        return False
    return value.kind is WordKind.DYNAMIC or any(value is word for word in command.words)


def _names_option(condition: Condition, use: OptionUse) -> bool:
    """Whether a `when` asks for the option as it is used, and not under a `not`."""
    match condition:
        case AllOf(terms) | AnyOf(terms):
            return any(_names_option(term, use) for term in terms)
        case HasOption():
            return option_truth(condition, use) is Truth.CERTAIN
        case _:
            return False

"""Checks of conditions, in rules and in `adjust`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import assert_never

from policy.diagnostics import closest, one_of
from policy.dsl.check_programs import check_raise, check_said
from policy.dsl.codes import Code
from policy.dsl.definitions import Definitions, Vocabulary, visible_options
from policy.dsl.report import Report
from policy.dsl.syntax import (
    AdjustItem,
    And,
    Atom,
    ConditionNode,
    Negation,
    Or,
    Statement,
    Test,
    Text,
)
from policy.dsl.vocabulary import DIALECTS, DYNAMIC, INPUTS, TIERS
from policy.frozen import frozen
from policy.source import Region

_LISTED = 10


@frozen
class Subject:
    """What a rule is about: kinds of actions, and the program levels whose options it may name.

    `open_ended` says that it is also about programs whose options aren't known here.
    """

    kinds: frozenset[str]
    levels: tuple[tuple[Sequence[Statement], tuple[str, ...]], ...]
    open_ended: bool = False
    adjusting: bool = False

    def joined(self, other: Subject) -> Subject:
        """About either."""
        return Subject(
            self.kinds | other.kinds,
            self.levels + other.levels,
            self.open_ended or other.open_ended,
        )

    def options(self) -> set[str]:
        """Every option that some of its programs declares."""
        return set().union(*(visible_options(body, path) for body, path in self.levels))


ANYTHING = Subject(
    frozenset(("command", "statement", "assignment", "opaque")), (), open_ended=True, adjusting=True
)


def check_adjust(
    item: AdjustItem, definitions: Definitions, vocabulary: Vocabulary, report: Report
) -> None:
    """An `adjust` item."""
    check_said(item.message, "message", report)
    check_raise(item.score, report)
    check_condition(item.condition, ANYTHING, definitions, vocabulary, report)


def check_condition(
    node: ConditionNode,
    subject: Subject,
    definitions: Definitions,
    vocabulary: Vocabulary,
    report: Report,
) -> None:
    """A condition and everything in it."""
    match node:
        case And() | Or():
            for term in node.terms:
                check_condition(term, subject, definitions, vocabulary, report)
        case Negation():
            check_condition(node.term, subject, definitions, vocabulary, report)
        case Atom():
            _check_subject(node, subject, report)
            _check_atom(node, subject, definitions, vocabulary, report)
        case _:
            assert_never(node)


def _check_subject(atom: Atom, subject: Subject, report: Report) -> None:
    """A condition about commands in a rule about SQL, and the other way round."""
    match atom.test:
        case Test.BOUNDED | Test.SQL | Test.FUNCTIONS_WITHIN:
            kind, spoken, hint = "statement", "SQL statements", "say `on sql …`"
        case (
            Test.OPTION
            | Test.ARGUMENT
            | Test.ARGUMENTS_LEAST
            | Test.ARGUMENTS_MOST
            | Test.URL
            | Test.INPUT
            | Test.INPUT_FROM
            | Test.DYNAMIC
            | Test.SETS
            | Test.PATHS
            | Test.PATHS_IN
            | Test.PATHS_OUTSIDE
        ):
            kind, spoken, hint = "command", "commands", "say `on PROGRAM` or `on command`"
        case Test.VIA | Test.EFFECT | Test.CONTEXT | Test.TIER_AT_LEAST:
            return
        case _:
            assert_never(atom.test)
    if subject.kinds and kind not in subject.kinds:
        message = f"`{_head(atom)}` is about {spoken}, the rule isn't"
        report.add(Code.WRONG_SUBJECT, message, atom.at, hint=hint)


def _head(atom: Atom) -> str:
    """The keywords with which a condition begins."""
    first, *rest = atom.at.text.split()
    return f"{first} {rest[0]}" if first in ("no", "functions") else first.partition("(")[0]


def _check_atom(
    atom: Atom,
    subject: Subject,
    definitions: Definitions,
    vocabulary: Vocabulary,
    report: Report,
) -> None:
    if atom.values is not None:
        report.repeated((v for v in atom.values.values if isinstance(v, Text)), "value")
        _check_values(atom, definitions.expand(atom.values.values), vocabulary, report)
    if atom.options:
        check_options(atom.options, subject, report)
    number = atom.number
    if atom.test is Test.ARGUMENT and number and number.value < 1 and number.at.text != "last":
        report.add(Code.POSITION, "operands are counted from 1", number.at)
    if atom.test is Test.ARGUMENTS_LEAST and number and number.value < 1:
        message = "every command has at least 0 arguments"
        report.add(Code.COUNT, message, number.at, label="expected 1 or more")
    if atom.test is Test.TIER_AT_LEAST:
        if not subject.adjusting:
            message = "a rule can't ask for the tier, it says it"
            report.add(Code.TIER_CONDITION, message, atom.at, hint="only `adjust` may ask")
        if atom.part is not None:
            report.word(Code.TIER, "tier", atom.part, TIERS)


def _check_values(
    atom: Atom, words: Sequence[tuple[str, Region]], vocabulary: Vocabulary, report: Report
) -> None:
    """Values that are words of a closed set, not patterns."""
    known: Collection[str]
    match atom.test:
        case Test.INPUT:
            code, what, known = Code.INPUT, "source of input", INPUTS
        case Test.DYNAMIC:
            code, what, known = Code.DYNAMIC, "dynamic part", DYNAMIC
        case Test.VIA:
            code, what, known = Code.VIA, "program or construct", vocabulary.vias
        case Test.EFFECT:
            code, what, known = Code.EFFECT, "effect", vocabulary.effects
        case Test.SQL if atom.part is not None and atom.part.value == "dialect":
            code, what, known = Code.DIALECT, "dialect", DIALECTS
        case _:
            return
    for word, at in words:
        if word not in known:
            report.unknown(code, what, word, at, known)


def check_options(names: Sequence[Text], subject: Subject, report: Report) -> None:
    """Options that a rule names: each must be declared by some program that it is about."""
    report.repeated(names, "option")
    if subject.open_ended or not subject.levels:
        return
    declared = subject.options()
    for name in names:
        if name.value in declared:
            continue
        report.add(
            Code.UNDECLARED_OPTION,
            f"no program of this rule declares `{name.at.text}`",
            name.at,
            hint=_option_help(name.value, declared),
        )


def _option_help(name: str, declared: Collection[str]) -> str:
    if not declared:
        return "its program block declares no options"
    found = closest(name, declared)
    if found and len(name) > 2:
        return f"did you mean `{found}`?"
    shown = [option.replace("-NUMBER", "-<number>") for option in sorted(declared)]
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return f"declared are {one_of(shown[:_LISTED])}{more}".replace(" or ", " and ", not more)

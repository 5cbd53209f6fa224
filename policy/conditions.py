"""What a rule asks about an action: one evaluator of every condition.

It answers with a `Truth`, which says in one go whether the text makes the condition true,
whether some value of a word known only at run time would, and whether every value does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from policy.compare import names, path_truth, text_truth, url_truth
from policy.decision import Context, Tier
from policy.globs import matches
from policy.paths import PathValue, resolve
from policy.plan import Action, Command, OptionUse, Statement, Word, WordKind
from policy.program import Program
from policy.ruleset import (
    AllOf,
    AnyOf,
    Bounded,
    Condition,
    ContextIs,
    CountArguments,
    HasArgument,
    HasEffect,
    HasOption,
    InputIs,
    IsDynamic,
    Not,
    Paths,
    Patterns,
    RuleSet,
    SetsVariable,
    SqlName,
    TierAtLeast,
    Url,
    ViaProgram,
)
from policy.truth import Truth, certainly, negate

NO, POSSIBLE, FIXED, CERTAIN = Truth


class Subject:
    """An action with what conditions ask about it, worked out when first asked.

    `effects` are those of its wrappers and of its program's declaration, and for adjustments
    those of its rules. `tier` is what `tier at least` asks for: None before there is one.
    """

    __slots__ = ("_levels", "_paths", "action", "command", "context", "effects", "rules", "tier")

    def __init__(self, action: Action, rules: RuleSet, context: Context) -> None:
        self.action = action
        self.command = action.does if isinstance(action.does, Command) else None
        self.rules = rules
        self.context = context
        self.tier: Tier | None = None
        self._paths: dict[str, tuple[PathValue, ...]] = {}
        self._levels: tuple[Program, ...] | None = None
        effects: set[str] = set()
        for step in action.via:
            effects.update(step.effects)
        for level in self.levels:
            effects.update(level.effects)
        self.effects = effects

    @property
    def levels(self) -> tuple[Program, ...]:
        """The declarations of the program and its subcommands in use, outermost first."""
        if self._levels is None:
            self._levels = tuple(self._declarations())
        return self._levels

    def paths(self, access: str) -> tuple[PathValue, ...]:
        """What the command reads, writes or deletes."""
        found = self._paths.get(access)
        if found is None:
            command = self.command
            words: tuple[Word, ...] = getattr(command, access) if command is not None else ()
            where, cwd = self.action.directory, self.context.cwd
            found = self._paths[access] = tuple(resolve(word, where, cwd) for word in words)
        return found

    def open_markers(self) -> frozenset[str]:
        """What options may do that a word known only at run time may turn out to be."""
        command = self.command
        if command is None or not command.open_options or not self.levels:
            return frozenset()
        *above, last = self.levels
        inherited = (option for level in above for option in level.options if option.everywhere)
        return frozenset(
            marker for option in (*last.options, *inherited) for marker in option.markers
        )

    def _declarations(self) -> Iterator[Program]:
        command = self.command
        program = self.rules.program(command.program) if command is not None else None
        if command is None or program is None:
            return
        yield program
        for name in command.subcommands:
            program = program.subcommands.get(name)
            if program is None:
                return
            yield program


def evaluate(condition: Condition, subject: Subject, *, strict: bool = False) -> Truth:
    """How far the condition holds.

    A fact of the context that the caller doesn't give makes nothing true; with `strict` it
    may be anything.
    """
    match condition:
        case AllOf(terms):
            lowest = CERTAIN
            for term in terms:
                lowest = min(lowest, evaluate(term, subject, strict=strict))
                if lowest is NO:
                    break
            return lowest
        case AnyOf(terms):
            highest = NO
            for term in terms:
                highest = max(highest, evaluate(term, subject, strict=strict))
                if highest is CERTAIN:
                    break
            return highest
        case Not(term):
            return negate(evaluate(term, subject, strict=strict))
        case Paths():
            return _paths(condition, subject)
        case HasOption():
            return _has_option(condition, subject.command)
        case HasArgument():
            return _has_argument(condition, subject.command)
        case CountArguments():
            return _count(condition, subject.command)
        case Url():
            urls = subject.command.urls if subject.command is not None else ()
            return _most(url_truth(word, condition) for word in urls)
        case InputIs():
            return certainly(_input(condition, subject.command))
        case ViaProgram(programs):
            through = [step.program for step in subject.action.via]
            return certainly(any(matches(one, name) for one in programs for name in through))
        case HasEffect(effects):
            return certainly(not subject.effects.isdisjoint(effects))
        case IsDynamic(parts):
            return certainly(any(_dynamic(part, subject) for part in parts))
        case SetsVariable(patterns):
            command = subject.command
            sets = [one.name for one in command.assignments] if command is not None else []
            return certainly(any(names(patterns, name) for name in sets))
        case Bounded():
            does = subject.action.does
            return certainly(isinstance(does, Statement) and does.bounded is True)
        case SqlName():
            return certainly(_sql(condition, subject.action.does))
        case ContextIs():
            return _context(condition, subject.context, strict=strict)
        case TierAtLeast(tier):
            return certainly(subject.tier is not None and subject.tier >= tier)
        case _:
            assert_never(condition)


def _most(answers: Iterable[Truth]) -> Truth:
    return max(answers, default=NO)


def _paths(condition: Paths, subject: Subject) -> Truth:
    values = subject.paths(condition.access)
    if condition.patterns is None:
        # A word that may become no word at all is there, but not for certain.
        found = _most(FIXED if value.many else CERTAIN for value in values)
    else:
        found = NO
        for value in values:
            found = max(found, path_truth(value, condition.patterns))
    if found is NO and condition.access in subject.open_markers() - {"reads"}:
        return POSSIBLE
    return found


def _has_option(condition: HasOption, command: Command | None) -> Truth:
    if command is None:
        return NO
    found = _most(option_truth(condition, use) for use in command.options)
    return max(found, POSSIBLE) if command.open_options else found


def option_truth(condition: HasOption, use: OptionUse) -> Truth:
    """Whether the use of an option is one that the condition asks for."""
    if set(use.names).isdisjoint(condition.names):
        return NO
    if condition.value is None:
        return CERTAIN
    return NO if use.value is None else text_truth(use.value, condition.value)


def _has_argument(condition: HasArgument, command: Command | None) -> Truth:
    """With open options an operand may be an option's value, and others may follow."""
    if command is None:
        return NO
    operands, index = command.operands, condition.index
    if index is None:
        found = _most(text_truth(word, condition.patterns) for word in operands)
    else:
        found = _argument_at(operands, index, condition.patterns)
    return max(POSSIBLE, min(found, FIXED)) if command.open_options else found


def _argument_at(operands: tuple[Word, ...], index: int, patterns: Patterns) -> Truth:
    """A word that may become several, or none, shifts those behind it."""
    order = operands if index > 0 else operands[::-1]
    at = abs(index) - 1
    shifting = next((place for place, word in enumerate(order) if word.many), len(order))
    here = text_truth(order[at], patterns) if at < len(order) else NO
    if shifting > at:
        return here
    movable = [text_truth(word, patterns) for word in order[shifting:]]
    if here is CERTAIN and all(answer is CERTAIN for answer in movable) and shifting == at:
        return FIXED if order[at].kind is WordKind.DYNAMIC else CERTAIN
    return max(min(here, FIXED), min(_most(movable), POSSIBLE))


def _count(condition: CountArguments, command: Command | None) -> Truth:
    if command is None:
        return NO
    operands = command.operands
    shown = len(operands)
    least = sum(not (word.many and word.kind is WordKind.DYNAMIC) for word in operands)
    if command.open_options:
        # A word that turns out to be an option isn't an operand, and may take one with it.
        least = max(0, least - 2 * sum(word.value is None for word in operands))
    most = None if command.open_options or any(word.many for word in operands) else shown
    found = CERTAIN
    if condition.least is not None:
        found = min(found, _reaches(condition.least, least, shown, most))
    if condition.most is not None:
        found = min(found, negate(_reaches(condition.most + 1, least, shown, most)))
    return found


def _reaches(bound: int, least: int, shown: int, most: int | None) -> Truth:
    if least >= bound:
        return CERTAIN
    if shown >= bound:
        return FIXED
    return POSSIBLE if most is None or most >= bound else NO


def _input(condition: InputIs, command: Command | None) -> bool:
    if command is None:
        return False
    source = command.input
    if source.kind.value in condition.kinds:
        return True
    producer = source.producer
    return producer is not None and any(matches(one, producer) for one in condition.producers)


def _dynamic(part: str, subject: Subject) -> bool:
    command = subject.command
    if command is None:
        return False
    match part:
        case "argument":
            return _any_dynamic(command.operands)
        case "option":
            return command.open_options
        case "write":
            return _any_dynamic(command.writes)
        case "read":
            return _any_dynamic(command.reads)
        case "delete":
            return _any_dynamic(command.deletes)
        case _:
            raise ValueError(f"unknown part of a command: {part!r}")


def _any_dynamic(words: tuple[Word, ...]) -> bool:
    return any(word.kind is WordKind.DYNAMIC and not word.parts for word in words)


def _sql(condition: SqlName, does: object) -> bool:
    if not isinstance(does, Statement):
        return False
    patterns = condition.patterns

    def some(values: Iterable[str | None]) -> bool:
        return any(value is not None and names(patterns, value, fold=True) for value in values)

    match condition.part:
        case "table":
            return some(one.name for one in does.tables) or some(
                f"{one.schema}.{one.name}" for one in does.tables if one.schema is not None
            )
        case "schema":
            return some(one.schema for one in does.tables)
        case "function" if condition.every:
            # Another schema's function of the same name is another function.
            return all(some([one.removeprefix("pg_catalog.")]) for one in does.functions)
        case "function":
            return some(does.functions) or some(one.rpartition(".")[2] for one in does.functions)
        case "object":
            return some([does.object])
        case "dialect":
            return some([does.dialect])
        case "feature":
            return some(does.features)
        case "name":
            return some(does.names)
        case _:
            assert_never(condition.part)


def _context(condition: ContextIs, context: Context, *, strict: bool) -> Truth:
    value: str | None = getattr(context, condition.part)
    if value is None:
        return POSSIBLE if strict else NO
    if condition.part == "cwd":
        word = Word(WordKind.STATIC, value, (0, 0), value, value)
        return path_truth(resolve(word), condition.patterns)
    return certainly(names(condition.patterns, value))

"""Checked conditions → the conditions of `policy.ruleset`."""

from __future__ import annotations

from typing import Literal, assert_never, cast

from policy.dsl.definitions import Definitions
from policy.dsl.syntax import And, Atom, ConditionNode, Negation, Or, Test
from policy.dsl.vocabulary import TIERS
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
    SetsVariable,
    SqlName,
    TierAtLeast,
    Url,
    ViaProgram,
)

_Access = Literal["reads", "writes", "deletes", "executable"]
_UrlPart = Literal["host", "scheme", "path"]
_SqlPart = Literal["table", "schema", "function", "object", "dialect", "feature", "name"]
_ContextPart = Literal["agent", "target", "environment", "cwd", "user"]


def build_condition(node: ConditionNode, definitions: Definitions) -> Condition:
    """The condition that a checked node stands for, its sets resolved."""
    match node:
        case And():
            return AllOf(tuple(build_condition(term, definitions) for term in node.terms))
        case Or():
            return AnyOf(tuple(build_condition(term, definitions) for term in node.terms))
        case Negation():
            return Not(build_condition(node.term, definitions))
        case Atom():
            return _atom(node, definitions)
        case _:
            assert_never(node)


def _atom(node: Atom, definitions: Definitions) -> Condition:
    part = node.part.value if node.part else ""
    number = node.number.value if node.number else 0
    words: tuple[str, ...] = ()
    if node.values is not None:
        words = tuple(dict.fromkeys(word for word, _ in definitions.expand(node.values.values)))
    globs = Patterns(words)
    match node.test:
        case Test.OPTION:
            names = tuple(name.value for name in node.options)
            return HasOption(names, globs if node.values is not None else None)
        case Test.ARGUMENT:
            return HasArgument(globs, None if node.number is None else number or -1)
        case Test.ARGUMENTS_LEAST:
            return CountArguments(least=number)
        case Test.ARGUMENTS_MOST:
            return CountArguments(most=number)
        case Test.PATHS:
            return Paths(cast(_Access, part))
        case Test.PATHS_IN:
            return Paths(cast(_Access, part), globs)
        case Test.PATHS_OUTSIDE:
            return Paths(cast(_Access, part), Patterns(words, outside=True))
        case Test.URL:
            return Url(cast(_UrlPart, part), globs)
        case Test.INPUT:
            return InputIs(kinds=words)
        case Test.INPUT_FROM:
            return InputIs(producers=words)
        case Test.VIA:
            return ViaProgram(words)
        case Test.EFFECT:
            return HasEffect(words)
        case Test.DYNAMIC:
            return IsDynamic(words)
        case Test.SETS:
            return SetsVariable(globs)
        case Test.BOUNDED:
            return Bounded()
        case Test.SQL:
            return SqlName(cast(_SqlPart, part), globs)
        case Test.FUNCTIONS_WITHIN:
            return SqlName("function", globs, every=True)
        case Test.CONTEXT:
            return ContextIs(cast(_ContextPart, part), globs)
        case Test.TIER_AT_LEAST:
            return TierAtLeast(TIERS[part])
        case _:
            assert_never(node.test)

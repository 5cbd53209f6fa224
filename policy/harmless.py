"""Is a pattern harmless? No command that it admits may be high under a set of rules.

The proof is the judge's own evaluation of conditions, with words that may be anything their
holes admit: where no high rule can possibly hold, none does. Where one can, a command that makes
it hold is looked for among words that the rule itself names; one that is found was judged like
any command. Where neither succeeds the answer is that it isn't known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from itertools import product

from policy.conditions import Subject, evaluate
from policy.decision import Context, Tier
from policy.frozen import frozen
from policy.globs import escape, literal
from policy.holes import Hole, HoleKind, bounds, plain_path
from policy.judge import base_placement, candidates, judge_action, programs_of
from policy.languages import texts
from policy.match import Reach, reach, when_truth
from policy.paths import normalise
from policy.plan import Action, Limits, dynamic, holed
from policy.ruleset import (
    Rule,
    RuleSet,
)
from policy.truth import Truth
from policy.whitelist.entry import ANYWHERE, Scope
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, PatternReading, read_pattern
from policy.whitelist.writer import write
from policy.witness import (
    CONTEXTS,
    EPOCH,
    FACTS,
    OPEN,
    REPLAYS,
    Witness,
    asks_context,
    filled,
    made,
    search,
)


class Harm(Enum):
    """What is known about the commands that a pattern admits."""

    NONE = "none"  # proved: none of them is high
    FOUND = "found"  # one is: the witness
    UNKNOWN = "unknown"  # neither was shown


@frozen
class Finding:
    """The answer. `tier` is the highest that a command was proved or found to reach; `suspects`
    are the high rules that may hold.
    """

    harm: Harm
    tier: Tier
    witness: Witness | None = None
    suspects: tuple[str, ...] = ()


def examine(
    pattern: Pattern,
    rules: RuleSet,
    scope: Scope = ANYWHERE,
    limits: Limits | None = None,
) -> Finding:
    """Whether some command that the pattern admits in the scope is high.

    A scope that doesn't say in which directory leaves relative paths where the rules take them
    to be when nothing is known. Raises `PatternError` for what is no pattern.
    """
    limits = limits or Limits()
    reading = read_pattern(pattern, rules, limits)
    contexts = tuple(_contexts(scope))
    suspects = [one for context in contexts for one in _suspects(reading.action, rules, context)]
    if not suspects:
        tiers = (_tier(reading.action, rules, context) for context in contexts)
        return Finding(Harm.NONE, max(tiers))
    names = tuple(dict.fromkeys(_name(one) for one in suspects))
    found = search(reading, rules, scope, contexts, [one for one in suspects if one], limits)
    if found is not None:
        return Finding(Harm.FOUND, Tier.HIGH, found, names)
    if _harmless_each(reading, rules, contexts, limits):
        return Finding(Harm.NONE, max(_tier(reading.action, rules, one) for one in contexts))
    return Finding(Harm.UNKNOWN, Tier.HIGH, suspects=names)


# What may hold -----------------------------------------------------------------------------


def _suspects(action: Action, rules: RuleSet, context: Context) -> Iterator[Rule | None]:
    """High rules that may hold for some value; None for a default that is high."""
    subject = Subject(_placed(action, context), rules, _known(context))
    programs = programs_of(action, rules)
    placed = False
    for rule in candidates(action, rules, programs):
        found = reach(rule, action, programs)
        if found is Reach.NONE:
            continue
        if rule.tier is Tier.HIGH or rule.deny:
            truth = (
                Truth.CERTAIN if rule.when is None else evaluate(rule.when, subject, strict=True)
            )
            if truth is not Truth.NO:
                yield rule
        elif found is Reach.OWN and _certain(rule, subject):
            placed = True
    if not placed and base_placement(action, rules).tier is Tier.HIGH:
        yield None


def _certain(rule: Rule, subject: Subject) -> bool:
    """Whether the rule matches whatever the holes are, and the facts that the scope leaves open."""
    if when_truth(rule, subject) is not Truth.CERTAIN:
        return False
    return rule.when is None or evaluate(rule.when, subject, strict=True) is Truth.CERTAIN


def _name(rule: Rule | None) -> str:
    return "a default" if rule is None else rule.name


def _tier(action: Action, rules: RuleSet, context: Context) -> Tier:
    """The highest tier that values of the holes may give, where that isn't high."""
    judged = judge_action(_placed(action, context), "", rules, None, _known(context), now=EPOCH)
    return min(judged.tier, Tier.MEDIUM)


def _placed(action: Action, context: Context) -> Action:
    """The action in the directory of the scope, where that is a glob."""
    cwd, where = context.cwd, action.directory
    if cwd is None or literal(cwd):
        return action
    if where is None:
        below: tuple[str, ...] = (".",)
    elif where.parts:
        below = bounds(where.parts)
    else:
        path = normalise(where.text)
        below = ("~",) if where.home else (escape(path),) if plain_path(path) else ()
    if below and all(one.startswith(("/", "~", "\0")) for one in below):
        return action  # wherever the caller is
    if not below or not cwd.startswith(("/", "~/")):
        return replace(action, directory=dynamic(cwd, many=False))
    globs = tuple(cwd if one == "." else f"{cwd}/{one}" for one in below)
    return replace(action, directory=holed((Hole("cwd", HoleKind.PATH, globs),), cwd))


def situations(action: Action, scope: Scope) -> Iterator[tuple[Action, Context]]:
    """The action in contexts that together cover the scope; facts that are globs are left open."""
    for context in _contexts(scope):
        yield _placed(action, context), _known(context)


def _known(context: Context) -> Context:
    """The context with facts that are globs left open."""
    facts = {name: getattr(context, name) for name in FACTS}
    return made({name: one for name, one in facts.items() if one and literal(one)})


def _contexts(scope: Scope) -> Iterator[Context]:
    """Contexts whose facts are names or globs, and which cover the scope."""
    sides = [
        facts or (None,) for facts in (scope.agents, scope.targets, scope.environments, scope.cwd)
    ]
    number = 1
    for side in sides:
        number *= len(side)
    if number > CONTEXTS:
        sides = [side if len(side) == 1 else (OPEN,) for side in sides]
    for agent, target, environment, cwd in product(*sides):
        yield Context(agent, target, environment, cwd)


# Patterns that admit few commands ----------------------------------------------------------


def _harmless_each(
    reading: PatternReading, rules: RuleSet, contexts: Sequence[Context], limits: Limits
) -> bool:
    """Whether the pattern admits few commands, and none of them is high in any context."""
    form = reading.form
    holes = [index for index, piece in enumerate(form.pieces) if piece.text is None]
    choices = [texts(form.pieces[index].parts) or () for index in holes]
    number = len(contexts)
    for some in choices:
        number *= len(some)
    if form.rest is not None or not 0 < number <= REPLAYS:
        return False
    for words in product(*choices):
        concrete = filled(form, dict(zip(holes, words, strict=True)), ())
        try:
            found = read_pattern(write(concrete), rules, limits)
        except PatternError:
            return False
        if found.form != concrete:
            return False
        if any(_exactly(found.action, rules, context) for context in contexts):
            return False
    return True


def _exactly(action: Action, rules: RuleSet, context: Context) -> bool:
    """Whether an action without holes may be high in a context whose facts may be globs.

    What of its words is only possible makes no action high: so the judge has it.
    """
    glob = context.cwd is not None and not literal(context.cwd)
    placed, known = _placed(action, context), _known(context)
    subject = Subject(placed, rules, known)
    return any(
        rule is None
        or glob
        or asks_context(rule.when)
        or rule.when is None
        or evaluate(rule.when, subject) >= Truth.FIXED
        for rule in _suspects(action, rules, context)
        if rule is None or rule.tier is Tier.HIGH  # one that denies something less is told apart
    )

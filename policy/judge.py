"""A plan, judged: what rules, the whitelist and the context make of it. Pure.

Of all rules that match an action the strictest wins, so a rule beside another only raises.
A program's default stands in where no rule of its own matched: general rules (`on command`,
`on any`) add to it and never replace it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, assert_never

from policy.conditions import Subject, evaluate
from policy.decision import Context, Decision, Found, Judged, Reason, Tier, Verdict
from policy.frozen import frozen
from policy.match import Reach, aliases, reach, when_truth
from policy.plan import Action, Assignment, Command, Opaque, Plan, Statement
from policy.ruleset import Default, Place, Rule, RuleSet
from policy.truth import Truth

REMEMBERED = timedelta(days=7)
"""How long an approval of a medium action may be remembered where its rule says nothing."""

_MAYBE_SCORE = 60  # of what only a run-time word may make dangerous, at most
_MAYBE_SHOWN = 3  # such reasons: the strictest say enough


class Whitelist(Protocol):
    """What was approved before."""

    def find(self, action: Action, judged: Judged, context: Context, now: datetime) -> Found:
        """The entry that authorises the action at `now`, or why those that admit it don't.

        Asked about what isn't allowed anyway. The judge itself never lets an entry authorise
        what is high, denied, or never to be whitelisted.
        """
        ...


@frozen
class Placement:
    """What one rule, default or built-in makes of an action."""

    name: str
    message: str
    tier: Tier
    score: int
    place: Place | None = None
    ttl: timedelta | None = None
    approvals: int = 1
    effects: tuple[str, ...] = ()
    deny: bool = False
    never_whitelist: bool = False
    undo: str | None = None
    possible: bool = False

    def reason(self, action: Action) -> Reason:
        file, line = (self.place.file, self.place.line) if self.place is not None else (None, None)
        return Reason(self.name, self.message, file, line, action.span, self.possible)


_UNKNOWN = Placement("engine.unknown", "no rule places it", Tier.MEDIUM, 60)
_OPAQUE = Placement("engine.opaque", "could not be understood", Tier.HIGH, 80)
_ASSIGNMENT = Placement("engine.assignment", "sets a variable that no rule places", Tier.MEDIUM, 50)
_REDIRECTS = Placement("engine.redirects", "runs nothing, only redirects", Tier.LOW, 0)


def judge(
    plan: Plan, rules: RuleSet, whitelist: Whitelist | None, context: Context, *, now: datetime
) -> Decision:
    """The decision on everything that the plan would run: its worst action's.

    A plan without actions (blanks, a comment) is allowed.
    """
    if not plan.actions:
        nothing = Reason("engine.nothing", "runs nothing", None, None, (0, len(plan.text)))
        return Decision(plan.text, Verdict.ALLOW, Tier.LOW, 0, 0, None, None, (nothing,), ())
    judged = tuple(
        judge_action(action, plan.text, rules, whitelist, context, now=now)
        for action in plan.actions
    )
    verdict = max((one.verdict for one in judged), key=lambda verdict: verdict.strictness)
    held = [one for one in judged if one.verdict is not Verdict.ALLOW]
    ttls = [one.ttl for one in held]
    telling = held or judged  # where something is held, what is allowed beside it says nothing
    ordered = sorted(telling, key=lambda one: (-one.verdict.strictness, -one.tier, -one.score))
    return Decision(
        command=plan.text,
        verdict=verdict,
        tier=max(one.tier for one in judged),
        score=max(one.score for one in judged),
        approvals=0 if verdict is Verdict.DENY else max(one.approvals for one in judged),
        ttl=None if None in ttls else min((ttl for ttl in ttls if ttl is not None), default=None),
        entry=next((one.entry for one in judged if one.entry), None) if not held else None,
        reasons=tuple(_told(reason for one in ordered for reason in one.reasons)),
        actions=judged,
    )


def judge_action(
    action: Action,
    text: str,
    rules: RuleSet,
    whitelist: Whitelist | None,
    context: Context,
    *,
    now: datetime,
) -> Judged:
    """One action with its own verdict; `text` is what its span points into.

    Where it may work in several directories, the strictest that it is in one of them.
    """
    if action.elsewhere:
        places = dict.fromkeys((action.directory, *action.elsewhere))
        found = (
            judge_action(
                replace(action, directory=one, elsewhere=()),
                text,
                rules,
                whitelist,
                context,
                now=now,
            )
            for one in places
        )
        return max(found, key=lambda one: (one.verdict.strictness, one.tier, one.score))
    subject = Subject(action, rules, context)
    placements = list(_placements(subject))
    tier = max(one.tier for one in placements)
    deciding = sorted(
        (one for one in placements if one.tier is tier or one.deny),
        key=lambda one: (not one.deny, -one.tier, -one.score, one.name),
    )
    effects = subject.effects.union(*(one.effects for one in placements))
    adjustments = list(_adjustments(subject, effects, tier))
    score = max(one.score for one in deciding if one.tier is tier)
    score += sum(step.score for step in action.via) + sum(one.score for one in adjustments)
    deny = any(one.deny for one in placements)
    never = deny or any(one.never_whitelist for one in placements)
    approvals = max(one.approvals for one in placements)
    verdict = _verdict(tier, approvals, deny=deny)
    kind, program, argv = _described(action)
    judged = Judged(
        kind=kind,
        program=program,
        argv=argv,
        via=tuple(step.label for step in action.via),
        effects=tuple(sorted(effects)),
        span=action.span,
        verdict=verdict,
        tier=tier,
        score=tier.clip(score),
        approvals=0 if verdict in {Verdict.ALLOW, Verdict.DENY} else approvals,
        ttl=None if tier is not Tier.MEDIUM or never else _ttl(deciding),
        entry=None,
        reasons=tuple(one.reason(action) for one in (*deciding, *adjustments)),
        undo=tuple(dict.fromkeys(one.undo for one in deciding if one.undo)),
        source=text[action.span[0] : action.span[1]],
    )
    if verdict is Verdict.ALLOW or (whitelist is None and context.boundary is None):
        return judged
    return _with_approvals(judged, action, whitelist, context, now)


def _with_approvals(
    judged: Judged, action: Action, whitelist: Whitelist | None, context: Context, now: datetime
) -> Judged:
    """What whitelist and boundary make of an action that isn't allowed by itself."""
    found = Found() if whitelist is None else whitelist.find(action, judged, context, now)
    told = [("whitelist.void", message) for message in found.void]
    outside = None
    if context.boundary is not None:
        outside = context.boundary.outside(action, judged, context, now)
    if outside is not None:
        told.append(("boundary.outside", outside))
    elif found.entry is not None and judged.ttl is not None:
        told.append(("whitelist.entry", found.told or f"approved as {found.entry}"))
        judged = replace(judged, verdict=Verdict.ALLOW, approvals=0, ttl=None, entry=found.entry)
    reasons = tuple(Reason(name, message, None, None, action.span) for name, message in told)
    return replace(judged, reasons=(*judged.reasons, *reasons))


def matched_by(rule: Rule, plan: Plan, rules: RuleSet, context: Context | None = None) -> bool:
    """Whether the rule matches some action of the plan, as its examples mean it."""
    context = context or Context()
    return any(
        reach(rule, action, programs_of(action, rules)) is not Reach.NONE
        and when_truth(rule, Subject(action, rules, context)) >= Truth.FIXED
        for action in plan.actions
    )


# What places an action ---------------------------------------------------------------------


def _placements(subject: Subject) -> Iterator[Placement]:
    """Of every rule that matches or may match, and of the default where that applies."""
    action = subject.action
    opaque = isinstance(action.does, Opaque)
    placed = False
    possible: list[Rule] = []
    programs = programs_of(action, subject.rules)
    for rule in candidates(action, subject.rules, programs):
        found = reach(rule, action, programs)
        if found is Reach.NONE:
            continue
        truth = when_truth(rule, subject)
        if truth >= Truth.FIXED:
            # What isn't understood is high, whatever a rule makes of it.
            placed |= found is Reach.OWN and not (opaque and rule.tier < Tier.HIGH)
            yield _of_rule(rule, action)
        elif truth is Truth.POSSIBLE:
            possible.append(rule)
    possible.sort(key=lambda rule: (not rule.deny, -rule.tier, -rule.score, rule.name))
    yield from map(_of_possible, possible[:_MAYBE_SHOWN])
    if not placed:
        yield base_placement(action, subject.rules)


def programs_of(action: Action, rules: RuleSet) -> tuple[str, ...]:
    """The names under which rules know the program of a command; () for anything else."""
    return aliases(action.does, rules) if isinstance(action.does, Command) else ()


def candidates(action: Action, rules: RuleSet, programs: tuple[str, ...]) -> Iterable[Rule]:
    """Every rule that may be about the action; by index, so that more rules cost nothing."""
    does = action.does
    match does:
        case Command() if len(programs) == 1:
            return rules.command_rules(does.program, does.subcommands)
        case Command():
            found = (rules.command_rules(name, does.subcommands) for name in programs)
            return {rule.name: rule for some in found for rule in some}.values()
        case Statement():
            return (*rules.statements.get(does.kind, ()), *rules.statements.get("*", ()))
        case Assignment():
            return rules.assignments
        case Opaque():
            return (*rules.opaque.get(does.kind.value, ()), *rules.opaque.get("*", ()))
        case _:
            assert_never(does)


def base_placement(action: Action, rules: RuleSet) -> Placement:
    """Where no rule of its own places the action."""
    does = action.does
    match does:
        case Command(program=""):
            return _REDIRECTS
        case Command():
            return _of_default(_default(aliases(does, rules), does.subcommands, rules))
        case Statement():
            return _of_default(rules.defaults.get(()))
        case Assignment():
            return _ASSIGNMENT
        case Opaque():
            return replace(_OPAQUE, message=does.message)
        case _:
            assert_never(does)


def _default(
    programs: tuple[str, ...], subcommands: tuple[str, ...], rules: RuleSet
) -> Default | None:
    """Of the longest declared beginning of the subcommand path, or of unknown programs."""
    for length in range(len(subcommands), -1, -1):
        for program in programs:
            found = rules.defaults.get((program, *subcommands[:length]))
            if found is not None:
                return found
    return rules.defaults.get(())


def _of_rule(rule: Rule, action: Action) -> Placement:
    does = action.does
    return Placement(
        rule.name,
        # The rule knows the kind of what isn't understood, the action what it was.
        f"{rule.message}: {does.message}" if isinstance(does, Opaque) else rule.message,
        rule.tier,
        rule.score,
        rule.place,
        rule.ttl,
        rule.approvals,
        rule.effects,
        rule.deny,
        rule.never_whitelist,
        rule.undo,
    )


def _of_possible(rule: Rule) -> Placement:
    return Placement(
        rule.name,
        f"what only run time knows may make this true: {rule.message}",
        Tier.MEDIUM,
        Tier.MEDIUM.clip(min(rule.score, _MAYBE_SCORE)),
        rule.place,
        possible=True,
    )


def _of_default(default: Default | None) -> Placement:
    if default is None:
        return _UNKNOWN
    return Placement(
        ".".join((*default.path, "default")),
        default.message,
        default.tier,
        default.score,
        default.place,
        default.ttl,
        default.approvals,
        default.effects,
    )


def _adjustments(subject: Subject, effects: Iterable[str], tier: Tier) -> Iterator[Placement]:
    subject.effects = set(effects)
    subject.tier = tier
    for one in subject.rules.adjustments:
        if evaluate(one.when, subject) >= Truth.FIXED:
            yield Placement("adjust", f"{one.message} ({one.score:+d})", tier, one.score, one.place)


# What comes out ----------------------------------------------------------------------------


def _told(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Each reason once; of those that only may be true a few, each rule once."""
    told: set[Reason] = set()
    possible: set[str] = set()
    for reason in reasons:
        if reason in told:
            continue
        if reason.possible:
            if reason.rule in possible or len(possible) == _MAYBE_SHOWN:
                continue
            possible.add(reason.rule)
        told.add(reason)
        yield reason


def _verdict(tier: Tier, approvals: int, *, deny: bool) -> Verdict:
    if deny:
        return Verdict.DENY
    match tier:
        case Tier.LOW:
            return Verdict.ALLOW
        case Tier.MEDIUM | Tier.HIGH:
            return Verdict.MULTI_PARTY if approvals > 1 else Verdict.REVIEW
        case _:
            assert_never(tier)


def _ttl(deciding: Iterable[Placement]) -> timedelta:
    return min(one.ttl or REMEMBERED for one in deciding)


def _described(action: Action) -> tuple[str, str, tuple[str | None, ...]]:
    """Kind, program and argument vector: of SQL its normal form, of an assignment itself."""
    does = action.does
    match does:
        case Command():
            return action.kind, does.program, tuple(word.value for word in does.words)
        case Statement():
            return action.kind, "sql", (does.normal,)
        case Assignment():
            value = does.value.value
            return action.kind, does.name, (None if value is None else f"{does.name}={value}",)
        case Opaque():
            return action.kind, "", ()
        case _:
            assert_never(does)

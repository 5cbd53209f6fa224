"""What today's rules ask of an approval of a pattern: tier, people, time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from policy.conditions import Subject, evaluate
from policy.decision import Context, Judged, Tier, Verdict
from policy.frozen import frozen
from policy.harmless import situations
from policy.judge import REMEMBERED, candidates, judge_action, programs_of
from policy.match import Reach, reach
from policy.plan import Action
from policy.ruleset import Default, Rule, RuleSet
from policy.truth import Truth
from policy.whitelist.entry import ID_LENGTH, Scope

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Terms:
    """What an approval of every command of a pattern needs, by the strictest of them.

    `approvals` is how many people; `ttl` how long the approval may be remembered, None where it
    may not be (of what is low: where nothing asks for an end), and `shortens` the rule that says
    so, if it isn't the one that decides. `denied` says that a rule denies it. `rule` is the rule
    or default that decides, `judged` the command that it was read from.
    """

    tier: Tier
    score: int
    approvals: int
    ttl: timedelta | None
    denied: bool
    rule: str
    judged: Judged
    shortens: Rule | None = None

    @property
    def remembered(self) -> timedelta:
        """The longest that an entry may live."""
        return self.ttl or REMEMBERED


def terms_of(action: Action, rules: RuleSet, scope: Scope) -> Terms:
    """The terms for an action whose words may be what holes admit, anywhere in the scope.

    What is high is nobody's to approve: `policy.harmless` says whether something is.
    """
    all_judged: list[Judged] = []
    possible: list[Rule] = []
    for placed, context in situations(action, scope):
        all_judged.append(judge_action(placed, "", rules, None, context, now=_EPOCH))
        possible += _possible(placed, rules, context)
    worst = max(all_judged, key=lambda one: (one.tier, one.score))
    told = [one.ttl for one in all_judged if one.tier is not Tier.LOW]
    ttl = None if None in told else min((one for one in told if one is not None), default=None)
    shortest = min(possible, key=lambda rule: rule.ttl or REMEMBERED, default=None)
    if ttl is None or shortest is None or shortest.ttl is None or shortest.ttl >= ttl:
        shortest = None
    return Terms(
        tier=worst.tier,
        score=worst.score,
        approvals=max(one.approvals for one in all_judged),
        ttl=ttl if shortest is None else shortest.ttl,
        denied=any(one.verdict is Verdict.DENY for one in all_judged),
        rule=next((one.rule for one in worst.reasons if not one.possible), worst.reasons[0].rule),
        judged=worst,
        shortens=shortest,
    )


def _possible(action: Action, rules: RuleSet, context: Context) -> Iterator[Rule]:
    """Rules that say how long approvals of some commands live: a decision no longer asks."""
    subject = Subject(action, rules, context)
    programs = programs_of(action, rules)
    for rule in candidates(action, rules, programs):
        if rule.ttl is None or rule.tier is not Tier.MEDIUM:
            continue
        if reach(rule, action, programs) is Reach.NONE:
            continue
        if rule.when is None or evaluate(rule.when, subject, strict=True) is not Truth.NO:
            yield rule


# The rule of an approval -------------------------------------------------------------------


def cited(rules: RuleSet, name: str) -> str:
    """`docker.restart@0d3f5a12bc34`: a rule as entries name it; what no file says has no digest."""
    digest = rule_digest(rules, name)
    return name if digest is None else f"{name}@{digest}"


def rule_digest(rules: RuleSet, name: str) -> str | None:
    """The beginning of a digest of what a rule, or a default, says; None for any other name.

    Where it stands, its message and its examples decide nothing and don't count.
    """
    said = _said(rules, name)
    if said is None:
        return None
    return sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


def _said(rules: RuleSet, name: str) -> tuple[object, ...] | None:
    rule = next((one for one in rules.rules if one.name == name), None)
    if rule is not None:
        return _of_rule(rule)
    path = tuple(name.split("."))
    if path[-1] != "default":
        return None
    default = rules.defaults.get(path[:-1])
    return None if default is None else _of_default(default)


def _of_rule(rule: Rule) -> tuple[object, ...]:
    return (
        rule.name,
        rule.on,
        rule.when,
        rule.tier,
        rule.score,
        rule.ttl,
        rule.approvals,
        rule.effects,
        rule.options,
        rule.deny,
        rule.never_whitelist,
    )


def _of_default(default: Default) -> tuple[object, ...]:
    return (
        default.path,
        default.tier,
        default.score,
        default.ttl,
        default.approvals,
        default.effects,
    )

"""Entries as regions: each pattern is read once, and only when somebody asks."""

from __future__ import annotations

from datetime import UTC, datetime

from policy.conditions import Subject, evaluate
from policy.decision import Tier
from policy.frozen import frozen
from policy.harmless import situations
from policy.judge import base_placement, candidates, judge_action, programs_of
from policy.match import Reach, reach, when_truth
from policy.plan import Action, Limits
from policy.ruleset import RuleSet
from policy.truth import Truth
from policy.whitelist.entry import Entry, Scope
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, PatternReading, read_pattern
from policy.whitelist.region import Region

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Need:
    """The most that today's rules ask for an action of a class that isn't high."""

    tier: Tier
    approvals: int


class Readings:
    """Reads patterns under one rule set; what was read is kept."""

    def __init__(self, rules: RuleSet, limits: Limits) -> None:
        self.rules = rules
        self.limits = limits
        self._read: dict[Pattern, PatternReading | PatternError] = {}
        self._needs: dict[tuple[Pattern, Scope], Need] = {}

    def region(self, entry: Entry) -> Region | None:
        """What the entry admits; None where its pattern is none, and so admits nothing."""
        found = self._reading(entry.pattern)
        return None if isinstance(found, PatternError) else Region(found.form, entry.scope)

    def problem(self, pattern: Pattern) -> str | None:
        """Why the pattern is none under the rules, or None."""
        found = self._reading(pattern)
        return found.message if isinstance(found, PatternError) else None

    def need(self, entry: Entry) -> Need:
        """What it takes to authorise everything that the entry's pattern admits in its scope."""
        key = entry.pattern, entry.scope
        known = self._needs.get(key)
        if known is None:
            found = self._reading(entry.pattern)
            assert not isinstance(found, PatternError)  # noqa: S101  # who asks has its region
            known = self._needs[key] = _need(found.action, self.rules, entry.scope)
        return known

    def _reading(self, pattern: Pattern) -> PatternReading | PatternError:
        found = self._read.get(pattern)
        if found is None:
            try:
                found = read_pattern(pattern, self.rules, self.limits)
            except PatternError as error:
                found = error
            self._read[pattern] = found
        return found


def _need(action: Action, rules: RuleSet, scope: Scope) -> Need:
    """A bound from above: of every rule that may hold for some action and context.

    What is high or denied is left out, as no entry ever authorises it.
    """
    tier, approvals = Tier.LOW, 1
    for placed, context in situations(action, scope):
        judged = judge_action(placed, "", rules, None, context, now=_EPOCH)
        tier = max(tier, judged.tier)
        subject = Subject(placed, rules, context)
        programs = programs_of(placed, rules)
        certain = False
        for rule in candidates(placed, rules, programs):
            found = reach(rule, placed, programs)
            if found is Reach.NONE:
                continue
            truth = (
                Truth.CERTAIN if rule.when is None else evaluate(rule.when, subject, strict=True)
            )
            if rule.tier is not Tier.HIGH and not rule.deny and truth is not Truth.NO:
                approvals = max(approvals, rule.approvals)
                if rule.tier is Tier.MEDIUM:
                    tier = max(tier, Tier.MEDIUM)
            if found is Reach.OWN and truth >= Truth.FIXED:
                certain |= when_truth(rule, subject) >= Truth.FIXED
        base = base_placement(placed, rules)
        approvals = max(approvals, base.approvals)
        if not certain:  # in some context the default may be what places it
            tier = max(tier, base.tier)
    return Need(min(tier, Tier.MEDIUM), approvals)

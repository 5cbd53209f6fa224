"""Two whitelists, compared in meaning: each row with what it gives and takes.

What an entry allows is a set of actions, contexts, instants, tiers and numbers of approvals. An
entry covers that of another where it admits the same, lives as long, and was approved for as
much; so whether the other side allows all that an entry does is one question of containment,
against the union of those of its entries that are as good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from policy.decision import Tier, Verdict
from policy.diff.commands import Answer, Asked, Replayed, replayed
from policy.diff.model import NO_EFFECT, Diff, Effect, Proof, Row, urgency
from policy.diff.pairs import pair
from policy.diff.readings import Readings
from policy.diff.replay import Replay, members
from policy.diff.side import Grant, Side, grant_of
from policy.judge import Whitelist
from policy.plan import Limits
from policy.ruleset import RuleSet
from policy.times import instant
from policy.whitelist.approved import Approved
from policy.whitelist.containment import Difference, Point, Status
from policy.whitelist.document import canonical_key
from policy.whitelist.entry import Entry
from policy.whitelist.region import Region

_UNDECIDED = "it wasn't decided within the bound of steps whether the other side allows all of it"
_HIGH = "the whitelist would allow it, but every command that was tried is high today"
_ANYWAY = "every command that was tried is allowed on both sides anyway"
_HELD = "the whitelist would allow it, but for every command that was tried a rule forbids that"
_ALL = "every command of it is"
_UNWRITTEN = "no command was found that could be replayed"


def compare(
    old: Sequence[Entry],
    new: Sequence[Entry],
    rules: RuleSet,
    *,
    now: datetime,
    limits: Limits | None = None,
) -> Diff:
    """What `new` allows that `old` doesn't, and the reverse, under one rule set at `now`."""
    limits = limits or Limits()
    found, unchanged = pair(old, new)
    readings = Readings(rules, limits)
    replay = replay_of(old, new, rules, limits)
    gains = _Direction(Side(old, readings, now), readings, replay, now, gain=True)
    losses = _Direction(Side(new, readings, now), readings, replay, now, gain=False)
    rows = [_completed(row, gains, losses, readings, now) for row in found]
    rows.sort(key=lambda row: (urgency(row), canonical_key(row.entry, row.id), row.kind.value))
    return Diff(tuple(rows), unchanged, now)


def _completed(
    row: Row, gains: _Direction, losses: _Direction, readings: Readings, now: datetime
) -> Row:
    row = replace(
        row,
        gain=NO_EFFECT if row.new is None else gains.effect(row.new),
        loss=NO_EFFECT if row.old is None else losses.effect(row.old),
    )
    return replace(row, notes=tuple(_notes(row, readings, now)))


def replay_of(old: Iterable[Entry], new: Iterable[Entry], rules: RuleSet, limits: Limits) -> Replay:
    """Both whitelists, ready to decide commands."""

    def made(entries: Iterable[Entry]) -> Callable[[], Whitelist]:
        return lambda: Approved(entries, rules, limits)

    return Replay(rules, limits, made(old), made(new))


def replays(
    asked: Mapping[Asked, int],
    old: Iterable[Entry],
    new: Iterable[Entry],
    rules: RuleSet,
    limits: Limits,
    now: datetime,
    skipped: int = 0,
) -> Replayed:
    """Commands that were asked before, decided under both whitelists."""
    replay = replay_of(old, new, rules, limits)
    return replayed(
        asked, lambda one: replay.decide(one.text, one.context, one.language, now), skipped
    )


class _Direction:
    """What entries of one whitelist allow that the other whitelist, `side`, doesn't."""

    def __init__(
        self, side: Side, readings: Readings, replay: Replay, now: datetime, *, gain: bool
    ) -> None:
        self._side = side
        self._readings = readings
        self._replay = replay
        self._now = now
        self._gain = gain

    def effect(self, entry: Entry) -> Effect:
        """What the entry allows that no entry of the side does, nor several together."""
        if entry.expired(self._now):
            return NO_EFFECT
        region = self._readings.region(entry)
        if region is None:
            return NO_EFFECT
        granted = grant_of(entry)
        if granted.tier is Tier.LOW:  # what is low is allowed without it
            empty = self._side.outside(region, granted).status is Status.EMPTY
            return NO_EFFECT if empty else Effect(Proof.IDLE)
        effect = self._of(region, granted)
        if effect.proof is not Proof.UNKNOWN:
            return effect
        # What nobody asks for today makes no difference: a second person, a higher tier.
        need = self._readings.need(entry)
        tier = min(entry.tier, need.tier)
        if tier is Tier.LOW:
            return Effect(Proof.IDLE)
        enough = Grant(tier, min(entry.approvals, need.approvals), entry.expires)
        return effect if enough == granted else self._of(region, enough)

    def _of(self, region: Region, grant: Grant) -> Effect:
        """What a region allows that is approved so far."""
        found = self._side.outside(region, grant)
        if found.status is Status.EMPTY:
            return NO_EFFECT
        at_once = replace(grant, until=self._now)
        soon = found
        if found.point is None or self._side.admits(found.point, at_once):
            soon = self._side.outside(region, at_once)
        if soon.status is not Status.EMPTY:
            effect = self._shown(region, at_once, soon)
            if effect.proof is Proof.SHOWN:
                return effect
            # Nothing can be shown now; but what both sides allow may end sooner on the other.
            later = self._shown(region, grant, found)
            return replace(later, later=True) if later.proof is Proof.SHOWN else effect
        return replace(self._shown(region, grant, found), later=True)

    def _shown(self, region: Region, grant: Grant, found: Difference) -> Effect:
        """A member that both sides decide differently while the grant lasts."""
        others = self._side.overlapping(region, grant)
        answers: list[Answer] = []
        for point in members(region, others, found.point):
            replayed = self._replay.witness(point, self._instant(point, grant))
            if replayed is None:
                continue
            witness, before, after = replayed
            mine, theirs = (after, before) if self._gain else (before, after)
            if mine.verdict is Verdict.ALLOW and theirs.verdict is not Verdict.ALLOW:
                return Effect(Proof.SHOWN, witness)
            answers.append(mine)
        if found.status is Status.UNKNOWN:
            return Effect(Proof.UNKNOWN, why=_UNDECIDED)
        return Effect(Proof.UNKNOWN, why=_why(answers))

    def _instant(self, point: Point, grant: Grant) -> datetime:
        """When those that admit the point on the other side have all ended, within the grant."""
        until = grant.until
        ends = (end for end in self._side.ends(point) if until is None or end < until)
        return max(ends, default=self._now)


def _why(answers: list[Answer]) -> str:
    if not answers:
        return _UNWRITTEN
    if all(one.verdict is Verdict.ALLOW for one in answers):
        return _ANYWAY
    return _HIGH if any(one.tier is Tier.HIGH for one in answers) else _HELD


def _notes(row: Row, readings: Readings, now: datetime) -> Iterator[str]:
    """What a reviewer should know of the entry beside what changed."""
    entry = row.entry
    problem = readings.problem(entry.pattern)
    if problem is not None:
        yield f"its pattern can't be read under the rules, so it allows nothing: {problem}"
    if row.new is not None and row.new.expired(now):
        assert row.new.expires is not None  # noqa: S101  # or it would be in force
        yield f"it expired at {instant(row.new.expires)}, and allows nothing"
    elif row.new is None and entry.expires is not None and entry.expired(now):
        yield f"it had expired at {instant(entry.expires)}, and allowed nothing"
    idle = row.new if row.gain.proof is Proof.IDLE else row.old
    if idle is not None and Proof.IDLE in (row.gain.proof, row.loss.proof):
        yield f"{_what_is_low(idle)} low, and that is allowed without an entry"
    why = row.gain.why or row.loss.why
    if why:
        yield why


def _what_is_low(entry: Entry) -> str:
    if entry.tier is Tier.LOW:
        return "it was approved for what is"
    return "it never expires, and holds only for what is" if entry.expires is None else _ALL

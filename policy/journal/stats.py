"""What a log tells about a policy: what is allowed and why, and what people are asked most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from shlex import quote
from typing import assert_never

from policy.decision import Context, Tier, Verdict
from policy.frozen import frozen
from policy.journal.record import Done, Record

_SCOPE = ("agent", "target", "environment", "cwd")  # what an entry may be limited to
_LONG = 200  # characters: a shorter example says more


class Outcome(Enum):
    """How a decision came out; an allowed one by what allowed it."""

    LOW = "low"  # allowed: every action is low
    WHITELIST = "whitelist"  # allowed: entries of the whitelist authorise what isn't
    REVIEW = "review"
    MULTI_PARTY = "multi-party"
    DENY = "deny"


def outcome(record: Record) -> Outcome:
    match record.verdict:
        case Verdict.ALLOW:
            return Outcome.LOW if record.tier is Tier.LOW else Outcome.WHITELIST
        case Verdict.REVIEW:
            return Outcome.REVIEW
        case Verdict.MULTI_PARTY:
            return Outcome.MULTI_PARTY
        case Verdict.DENY:
            return Outcome.DENY
    assert_never(record.verdict)


@frozen
class Use:
    """A class of actions that people were asked about: what it runs, through what, by which rule.

    `program` is the program with its subcommand, `sql` with what a statement does, `NAME=…`,
    or `opaque`.
    """

    language: str
    via: tuple[str, ...]
    program: str
    rule: str


@frozen
class Asked:
    """How often people were asked about a use.

    `rememberable` is how many of these an approval may be remembered for. `example` is a whole
    command, None where secrets were taken out of every one. `context` has the facts that were
    the same every time.
    """

    use: Use
    count: int
    rememberable: int
    agents: tuple[str, ...]
    example: str | None
    context: Context

    @property
    def suggest(self) -> str | None:
        """The command line that offers patterns for the use; None where that is of no use."""
        if self.example is None or not self.rememberable:
            return None
        words = ["policy", "whitelist", "suggest"]
        if self.use.language != "shell":
            words += ["--language", self.use.language]
        for fact in _SCOPE:
            value = getattr(self.context, fact)
            if value is not None:
                words += [f"--{fact}", value]
        words += ["--"] * self.example.startswith("-")
        return " ".join(map(quote, (*words, self.example)))


@frozen
class Stats:
    """Of one or more logs. `first` and `last` are the earliest and the latest time."""

    total: int
    redacted: int
    first: datetime | None
    last: datetime | None
    outcomes: dict[Outcome, int]
    agents: dict[str | None, dict[Outcome, int]]
    entries: tuple[tuple[str, int], ...]
    asked: tuple[Asked, ...]


def stats(records: Iterable[Record], most: int = 10) -> Stats:
    """The figures of some records: at most `most` entries and uses, the most frequent first."""
    total = redacted = 0
    first: datetime | None = None
    last: datetime | None = None
    agents: dict[str | None, Counter[Outcome]] = {}
    entries: Counter[str] = Counter()
    uses: dict[Use, _Tally] = {}
    for record in records:
        total += 1
        redacted += bool(record.redacted)
        first = record.time if first is None else min(first, record.time)
        last = record.time if last is None else max(last, record.time)
        agents.setdefault(record.context.agent, Counter())[outcome(record)] += 1
        if record.verdict is Verdict.ALLOW:
            entries.update({one.entry for one in record.actions if one.entry})
        for use, done in {_use(record, one): one for one in _held(record)}.items():
            uses.setdefault(use, _Tally()).add(record, done)
    ranked = sorted(uses.items(), key=lambda one: (-one[1].count, _order(one[0])))
    counts = sum(agents.values(), Counter[Outcome]())
    return Stats(
        total=total,
        redacted=redacted,
        first=first,
        last=last,
        outcomes={one: counts[one] for one in Outcome},
        agents={
            agent: {one: agents[agent][one] for one in Outcome}
            for agent in sorted(agents, key=lambda name: (-agents[name].total(), name or ""))
        },
        entries=tuple(sorted(entries.items(), key=lambda one: (-one[1], one[0]))[:most]),
        asked=tuple(tally.asked(use) for use, tally in ranked[:most]),
    )


def _held(record: Record) -> list[Done]:
    return [one for one in record.actions if one.verdict in (Verdict.REVIEW, Verdict.MULTI_PARTY)]


def _use(record: Record, done: Done) -> Use:
    if done.kind == "assignment":
        named = f"{done.program}=…"
    else:
        named = " ".join((done.program, *done.subcommands)).strip() or done.kind
    return Use(record.language, done.via, named, done.rule or "")


def _order(use: Use) -> tuple[str, str, tuple[str, ...], str]:
    return (use.program, use.rule, use.via, use.language)


@dataclass
class _Tally:
    """What is counted of one use."""

    count: int = 0
    rememberable: int = 0
    facts: dict[str, set[str | None]] = field(default_factory=lambda: {f: set() for f in _SCOPE})
    example: str | None = None

    def add(self, record: Record, done: Done) -> None:
        self.count += 1
        self.rememberable += done.ttl is not None
        for fact, values in self.facts.items():
            values.add(getattr(record.context, fact))
        if not record.redacted and _is_better(record.command, self.example):
            self.example = record.command

    def asked(self, use: Use) -> Asked:
        agents = tuple(sorted(agent for agent in self.facts["agent"] if agent is not None))
        same = {fact: one for fact, (one, *more) in self.facts.items() if not more}
        agent, target, environment, cwd = (same.get(fact) for fact in _SCOPE)
        context = Context(agent, target, environment, cwd)
        return Asked(use, self.count, self.rememberable, agents, self.example, context)


def _is_better(command: str, than: str | None) -> bool:
    """The first command of some length is the example; a short one replaces a long one."""
    return than is None or (len(than) > _LONG and len(command) < len(than))

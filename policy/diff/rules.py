"""Two versions of a set of rules: what was declared otherwise, and what is decided otherwise.

Whether a changed condition lets more through can't be computed in general. So every example of
both versions, and what a log holds, is decided by both; and a change that may loosen something
which none of these shows is said to be undecided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from difflib import ndiff
from enum import Enum

from policy.decision import Tier
from policy.diff.commands import Answer, Asked, Replayed, answer, counted, replayed
from policy.diff.model import Outcome
from policy.engine import read
from policy.frozen import frozen
from policy.judge import REMEMBERED, judge
from policy.plan import Limits
from policy.program import Program, Variable
from policy.ruleset import Adjust, Default, Place, Rule, RuleSet
from policy.source import Source
from policy.times import duration


class Standing(Enum):
    """What became of a declaration."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class Detail:
    """One thing that a declaration says otherwise; "" where it says nothing."""

    name: str
    before: str
    after: str


@frozen
class Declared:
    """A declaration that changed.

    `sort` is `rule`, `default`, `program`, `environment` or `adjust`. `lines` are those of its
    source that differ, each after `- ` or `+ `. `may_loosen`: not provably at least as strict.
    """

    sort: str
    name: str
    standing: Standing
    place: Place | None
    details: tuple[Detail, ...] = ()
    lines: tuple[str, ...] = ()
    may_loosen: bool = True


@frozen
class Version:
    """A compiled rule set and the texts that it was compiled from."""

    rules: RuleSet
    sources: tuple[Source, ...]


@frozen
class RulesDiff:
    """What changed between two versions; `examples` and `log` are what both decided."""

    declared: tuple[Declared, ...]
    examples: Replayed
    log: Replayed | None = None

    @property
    def looser(self) -> bool:
        return self.examples.looser or (self.log is not None and self.log.looser)

    @property
    def open(self) -> tuple[Declared, ...]:
        """What may let more through, though nothing that was decided shows it."""
        return () if self.looser else tuple(one for one in self.declared if one.may_loosen)

    @property
    def outcome(self) -> Outcome:
        if self.looser:
            return Outcome.MORE
        return Outcome.UNDECIDED if self.open else Outcome.NOTHING_MORE


def compare_rules(
    old: Version,
    new: Version,
    *,
    now: datetime,
    log: Mapping[Asked, int] | None = None,
    skipped: int = 0,
    limits: Limits | None = None,
) -> RulesDiff:
    """What changed from `old` to `new`; `skipped` commands of the log could not be replayed."""
    bounds = limits or Limits()

    def decide(asked: Asked) -> tuple[Answer, Answer]:
        before, after = (
            answer(
                judge(
                    read(asked.text, asked.language, rules, bounds),
                    rules,
                    None,
                    asked.context,
                    now=now,
                )
            )
            for rules in (old.rules, new.rules)
        )
        return before, after

    examples = {one: 1 for version in (old, new) for one in counted(_examples(version.rules))}
    return RulesDiff(
        tuple(_declared(old, new)),
        replayed(examples, decide),
        None if log is None else replayed(log, decide, skipped),
    )


def _examples(rules: RuleSet) -> Iterator[Asked]:
    for rule in rules.rules:
        for example in rule.examples:
            yield Asked(example.text, example.language)


# Declarations ------------------------------------------------------------------------------


def _declared(old: Version, new: Version) -> Iterator[Declared]:
    before, after = old.rules, new.rules
    yield from _compared(
        "rule",
        {rule.name: rule for rule in before.rules},
        {rule.name: rule for rule in after.rules},
        old,
        new,
    )
    yield from _compared("default", _defaults(before), _defaults(after), old, new)
    yield from _compared("program", _programs(before), _programs(after), old, new)
    yield from _compared("environment", _variables(before), _variables(after), old, new)
    yield from _compared("adjust", _adjustments(before), _adjustments(after), old, new)


_Any = Rule | Default | Program | Variable | Adjust


def _compared(
    sort: str,
    before: Mapping[str, _Any],
    after: Mapping[str, _Any],
    old: Version,
    new: Version,
) -> Iterator[Declared]:
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        details = tuple(_details(was, now))
        if was is None or now is None:
            standing = Standing.ADDED if was is None else Standing.REMOVED
            lines: tuple[str, ...] = ()
        else:
            same = _meaning(was) == _meaning(now)
            if same and not details:
                continue
            standing = Standing.CHANGED
            blocks = _block(sort, name, was, old), _block(sort, name, now, new)
            lines = () if same else tuple(_lines(*blocks))
        place = getattr(was if now is None else now, "place", None)
        loosens = _may_loosen(was, now, details)
        yield Declared(sort, name, standing, place, details, lines, loosens)


def _defaults(rules: RuleSet) -> dict[str, _Any]:
    return {" ".join(path) or "(any program)": one for path, one in rules.defaults.items()}


def _programs(rules: RuleSet) -> dict[str, _Any]:
    named = {" ".join(one.names): one for one in rules.programs.values()}
    return {**named, **{" ".join(one.names): one for _, one in rules.patterns}}


def _variables(rules: RuleSet) -> dict[str, _Any]:
    named = {" ".join(one.names): one for one in rules.variables.values()}
    return {**named, **{" ".join(one.names): one for _, one in rules.variable_patterns}}


def _adjustments(rules: RuleSet) -> dict[str, _Any]:
    return {one.message: one for one in rules.adjustments}


def _meaning(one: _Any) -> object:
    """What decides, without where it stands and what only people or tests read."""
    if isinstance(one, Rule):
        return frozenset(one.on), one.when, one.options, one.effects
    if isinstance(one, Default):
        return one.effects
    if isinstance(one, Adjust):
        return one.when
    return one


def _details(was: _Any | None, now: _Any | None) -> Iterator[Detail]:
    """What reads best as one value and another."""
    before, after = _facts(was), _facts(now)
    for name in dict.fromkeys((*before, *after)):
        here, there = before.get(name, ""), after.get(name, "")
        if here != there:
            yield Detail(name, here, there)


def _facts(one: _Any | None) -> dict[str, str]:
    if isinstance(one, Adjust):
        return {"score": f"{one.score:+d}"}
    if not isinstance(one, Rule | Default):
        return {}
    facts = {
        "tier": str(one.tier),
        "score": str(one.score),
        "ttl": _ttl(one.tier, one.ttl),
        "approvals": str(one.approvals),
        "effects": " ".join(one.effects),
        "message": one.message,
    }
    if isinstance(one, Rule):
        facts |= {
            "deny": "yes" if one.deny else "",
            "never whitelist": "yes" if one.never_whitelist else "",
            "undo": one.undo or "",
        }
    return facts


def _ttl(tier: Tier, ttl: timedelta | None) -> str:
    return duration(ttl or REMEMBERED) if tier is Tier.MEDIUM else ""


_SAID = frozenset(("score", "ttl", "message", "undo"))
"""What changes no verdict."""


def _may_loosen(was: _Any | None, now: _Any | None, details: Iterable[Detail]) -> bool:
    """Whether more could be allowed. A rule only adds, but it takes the place of a default."""
    if isinstance(was, Adjust) or isinstance(now, Adjust):
        return False  # a score decides nothing
    if was is None:
        return not (isinstance(now, Rule) and (now.deny or now.tier is Tier.HIGH))
    if now is None or _meaning(was) != _meaning(now):
        return True
    if not (isinstance(was, Rule | Default) and isinstance(now, Rule | Default)):
        return True
    if now.tier < was.tier or now.approvals < was.approvals:
        return True
    if isinstance(was, Rule) and isinstance(now, Rule):
        dropped = (was.deny and not now.deny) or (was.never_whitelist and not now.never_whitelist)
        return dropped
    return False


# Sources -----------------------------------------------------------------------------------


def _block(sort: str, name: str, one: _Any, version: Version) -> list[str]:
    """The lines of a declaration, without examples and comments; [] where it isn't found."""
    for source, start in _starts(sort, name, one, version):
        lines: list[str] = []
        number = start
        while line := source.line(number) or (number < start + _LONGEST and "\n"):
            text = line.strip()
            if text and not text.startswith(_APART):
                lines.append(re.sub(r"\s+", " ", text.partition(" # ")[0]))
            if line.startswith("}") or (number == start and text.endswith("}")):
                return lines
            if sort == "default" or (number == start and "{" not in text):
                return lines
            number += 1
    return []


_APART = tuple("match |no match |#|tier |score |ttl |approvals |undo |default ".split("|"))
"""Beginnings of lines that aren't compared: examples, comments, and what `Detail` tells."""

_LONGEST = 1_000  # lines of one declaration


def _starts(sort: str, name: str, one: _Any, version: Version) -> Iterator[tuple[Source, int]]:
    place: Place | None = getattr(one, "place", None)
    if place is not None:
        for source in reversed(version.sources):  # additions stand behind the shipped ones
            if source.name == place.file and source.line(place.line).strip():
                yield source, place.line
        return
    first = re.escape(name.split(" ")[0])
    begin = re.compile(rf"^(?:override )?{sort}\b[^#{{]*?(?<![\w-]){first}(?![\w-])", re.MULTILINE)
    for source in reversed(version.sources):
        found = begin.search(source.text)
        if found is not None:
            yield source, source.position(found.start()).line


def _lines(before: list[str], after: list[str]) -> Iterator[str]:
    for line in ndiff(before, after):
        if line.startswith(("- ", "+ ")):
            yield line

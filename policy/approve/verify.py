"""A whitelist under today's rules: what of it still holds, and what doesn't."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from policy.approve.request import Why, harmful
from policy.approve.terms import Terms, rule_digest, terms_of
from policy.decision import Tier
from policy.diagnostics import Finding, in_order
from policy.engine import Engine
from policy.frozen import frozen
from policy.harmless import examine
from policy.source import Region
from policy.times import duration, instant, roughly
from policy.whitelist.codes import Code, finding
from policy.whitelist.document import Document
from policy.whitelist.entry import Entry
from policy.whitelist.reader import PatternError, read_pattern

CLOCKS = timedelta(hours=1)
_MEND_FUTURE = "renew it, or correct `at`: it is no earlier than that for any entry of the file"
"""How far the clock of who approved may be ahead of ours."""


@frozen
class Problem:
    """What is wrong with one entry, or worth knowing (by its code's severity)."""

    code: Code
    message: str
    help: str = ""


def verify(document: Document, engine: Engine, now: datetime) -> tuple[Finding, ...]:
    """What reading warned of, and every problem of every entry, at its place."""
    found = list(document.warnings)
    for index, entry in enumerate(document.entries):
        at: Region | None = document.places[index] if index < len(document.places) else None
        found += [
            finding(one.code, f"{entry.id}: {one.message}", at, hint=one.help)
            for one in problems(entry, engine, now)
        ]
    return in_order(found)


def problems(entry: Entry, engine: Engine, now: datetime) -> Iterator[Problem]:
    """Every problem of one entry: errors first, then what is worth knowing."""
    yield from _proof(entry, engine)
    if entry.approved.at > now + CLOCKS:
        message = f"it was approved at {instant(entry.approved.at)}, which lies in the future"
        yield Problem(Code.FUTURE, message, _MEND_FUTURE)
    if entry.expires is not None and entry.expired(now):
        message = f"it is over since {instant(entry.expires)}"
        yield Problem(Code.EXPIRED, message, "renew it, or take it out with `prune`")


def _proof(entry: Entry, engine: Engine) -> Iterator[Problem]:
    pattern, scope = entry.pattern, entry.scope
    try:
        reading = read_pattern(pattern, engine.rules, engine.limits)
        found = examine(pattern, engine.rules, scope, engine.limits)
    except PatternError as error:
        yield Problem(Code.NO_PATTERN, error.message, error.help)
        return
    harm = harmful(pattern, found, scope, engine)
    if harm is not None:
        message, help_ = harm.message, harm.help
        if found.witness is not None and found.witness.text is not None:
            message = f"{message}: `{found.witness.text}`"
        elif found.suspects:
            message = f"{message}: {', '.join(found.suspects)} may hold"
        if harm.proposal is not None:
            help_ = f"`{harm.proposal.command}` was proved harmless"
        code = Code.UNDECIDED if harm.why is Why.UNDECIDED else Code.HARMFUL
        yield Problem(code, message, help_)
        return
    terms = terms_of(reading.action, engine.rules, scope)
    yield from _void(entry, terms)
    yield from _changed(entry, engine)


def _void(entry: Entry, terms: Terms) -> Iterator[Problem]:
    told = f"{terms.judged.reasons[0].message} ({terms.judged.reasons[0].rule})"
    if terms.denied:
        yield Problem(Code.VOID, f"a rule denies it today: {told}", "remove it")
        return
    if terms.tier > entry.tier:
        message = f"it is {terms.tier} today, and {entry.tier} was approved: {told}"
        yield Problem(Code.VOID, message, "renew it, which approves it anew")
    if terms.tier is Tier.MEDIUM and terms.ttl is None:
        yield Problem(Code.VOID, f"a rule says that it may not be whitelisted: {told}", "remove it")
    if terms.approvals > entry.approvals:
        people = "1 person has" if entry.approvals == 1 else f"{entry.approvals} people have"
        message = f"{terms.approvals} people must approve it today, and {people}: {told}"
        yield Problem(Code.VOID, message, "renew it with --by for each of them")
    if entry.expires is None or terms.tier is Tier.LOW:
        return
    lives = entry.expires - entry.approved.at
    if lives > terms.remembered:
        longest, rule = duration(terms.remembered), terms.shortens
        if rule is not None:
            told = f"{rule.message} ({rule.name})"
        message = f"it lives for {roughly(lives)}, and its rules allow {longest}: {told}"
        yield Problem(Code.TOO_LONG, message, "renew it")


def _changed(entry: Entry, engine: Engine) -> Iterator[Problem]:
    if entry.rule is None:
        return
    name, _, digest = entry.rule.partition("@")
    today = rule_digest(engine.rules, name)
    if digest and today != digest:
        what = "is gone" if today is None else "says something else today"
        message = f"the rule `{name}`, by which it was judged, {what}"
        yield Problem(Code.RULE_CHANGED, message, "renew it once it was looked at again")

"""Changes of a whitelist: entries put in, taken out, renewed, promoted. Documents in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from policy.approve.request import Refusal, Refused, Request, Why, approve
from policy.decision import Tier
from policy.engine import Engine
from policy.frozen import frozen
from policy.globs import escape
from policy.times import instant
from policy.whitelist.document import Document
from policy.whitelist.entry import Entry, Scope
from policy.whitelist.notation import anonymous
from policy.whitelist.reader import PatternError


@frozen
class Change:
    """A document and what was done to come to it.

    `replaced` are pairs of an entry that was there and the one that permits the same now.
    """

    document: Document
    added: tuple[Entry, ...] = ()
    replaced: tuple[tuple[Entry, Entry], ...] = ()
    removed: tuple[Entry, ...] = ()


class NoSuchEntry(LookupError):
    """Names of entries that a whitelist doesn't have."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self.names = tuple(names)


def put(document: Document, entries: Iterable[Entry]) -> Change:
    """The document with the entries; one that permits the same is replaced.

    A reviewer's note on what is replaced stays where the new entry has none.
    """
    known = {entry.id: entry for entry in document.entries}
    added: dict[str, Entry] = {}
    replaced: dict[str, tuple[Entry, Entry]] = {}
    for entry in entries:
        identity = entry.id
        before = known.get(identity)
        if before is None:
            added[identity] = entry
        else:
            replaced[identity] = (before, replace(entry, note=entry.note or before.note))
    now = {**known, **added, **{name: new for name, (_, new) in replaced.items()}}
    return Change(Document(tuple(now.values())), tuple(added.values()), tuple(replaced.values()))


def select(document: Document, names: Sequence[str]) -> tuple[Entry, ...]:
    """The entries that the names mean: each an id, or the command of entries.

    Raises `NoSuchEntry` with every name that means none.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in document.entries:
        command = anonymous(entry.pattern.command, entry.pattern.language)
        for name in (entry.id, command):
            by_name.setdefault(name, []).append(entry)
    found: dict[Entry, None] = {}
    missing: list[str] = []
    for name in names:
        meant = by_name.get(name) or by_name.get(anonymous(name))
        if meant is None:
            missing.append(name)
        else:
            found.update(dict.fromkeys(meant))
    if missing:
        raise NoSuchEntry(missing)
    return tuple(found)


def remove(document: Document, names: Sequence[str]) -> Change:
    """The document without the entries that `select` finds. Raises as that does."""
    return _without(document, select(document, names))


def prune(document: Document, now: datetime) -> Change:
    """The document without the entries that are over."""
    return _without(document, [entry for entry in document.entries if entry.expired(now)])


def _without(document: Document, entries: Iterable[Entry]) -> Change:
    gone = {entry.id: entry for entry in entries}
    kept = tuple(entry for entry in document.entries if entry.id not in gone)
    return Change(Document(kept), removed=tuple(gone.values()))


def renew(document: Document, names: Sequence[str], request: Request, engine: Engine) -> Change:
    """The document with new approvals of the entries that `names` mean.

    The request's scope is not used: each entry keeps its own. Raises `NoSuchEntry`, and
    `Refused` where today's rules don't let some entry be approved.
    """
    refusals: list[Refusal] = []
    renewed: list[Entry] = []
    for entry in select(document, names):
        # A tier that was approved stays; one that the rules have raised is approved anew.
        tier = entry.tier if entry.tier is Tier.MEDIUM else None
        asked = replace(
            request, scope=entry.scope, tier=tier, reason=request.reason or entry.approved.reason
        )
        result = _approved(entry, asked, engine)
        if isinstance(result, Refusal):
            refusals.append(result)
        else:
            renewed.append(result)
    if refusals:
        raise Refused(tuple(refusals))
    return put(document, renewed)


def _approved(entry: Entry, request: Request, engine: Engine) -> Entry | Refusal:
    try:
        return approve(entry.pattern, request, engine)
    except PatternError as error:
        message = f"no pattern under today's rules: {error.message}"
        return Refusal(entry.pattern, Why.INVALID, message, error.help)


# Promotion ---------------------------------------------------------------------------------

FACTS = {"agent": "agents", "target": "targets", "environment": "environments", "cwd": "cwd"}
"""What `--map` calls a fact of the scope, and the field."""


@frozen
class Promotion:
    """What may be taken over to another scope, and what may not."""

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    over: tuple[Entry, ...] = ()  # expired, and so left out


def mapped(facts: Mapping[str, str]) -> Callable[[Scope], Scope | None]:
    """The scope with facts replaced; the keys are those of `FACTS`."""
    fields = {FACTS[name]: (value,) for name, value in facts.items()}

    def rescope(scope: Scope) -> Scope:
        return replace(scope, **fields)

    return rescope


def for_agent(agent: str, like: str) -> Callable[[Scope], Scope | None]:
    """The scope for another agent, of entries that are only for the agent `like`."""
    same = {(like,), (escape(like),)}

    def rescope(scope: Scope) -> Scope | None:
        return replace(scope, agents=(agent,)) if scope.agents in same else None

    return rescope


def promote(
    document: Document,
    rescope: Callable[[Scope], Scope | None],
    engine: Engine,
    request: Request,
) -> Promotion:
    """The living entries of a document in another scope, proved there.

    Without people in the request an entry keeps who approved it, when, and at most its end;
    with them it is approved anew.
    """
    entries: dict[str, Entry] = {}
    refusals: list[Refusal] = []
    over: list[Entry] = []
    for entry in document.entries:
        scope = rescope(entry.scope)
        if scope is None:
            continue
        if entry.expired(request.at):
            over.append(entry)
            continue
        result = _carried(entry, scope, engine, request)
        if isinstance(result, Refusal):
            refusals.append(result)
        else:
            before = entries.get(result.id)
            entries[result.id] = result if before is None else _better(before, result)
    return Promotion(tuple(entries.values()), tuple(refusals), tuple(over))


def _carried(entry: Entry, scope: Scope, engine: Engine, request: Request) -> Entry | Refusal:
    asked = replace(
        request,
        scope=scope,
        tier=entry.tier if entry.tier is Tier.MEDIUM else None,
        reason=request.reason or entry.approved.reason,
        note=request.note or entry.note,
    )
    if request.by:
        return _approved(entry, asked, engine)
    approved = entry.approved
    asked = replace(asked, by=approved.by, at=approved.at, until=None, latest=entry.expires)
    result = _approved(entry, asked, engine)
    if isinstance(result, Entry) and result.expired(request.at):
        assert result.expires is not None  # noqa: S101  # else it wouldn't be expired
        message = f"its approval is too old there: it would be over since {instant(result.expires)}"
        return Refusal(entry.pattern, Why.TIME, message, "approve it anew with --by")
    return result


def _better(one: Entry, other: Entry) -> Entry:
    """Of two approvals of the same the one that lives longer."""
    match one.expires, other.expires:
        case None, _:
            return one
        case _, None:
            return other
        case datetime() as mine, datetime() as theirs:
            return one if (mine, one.approvals) >= (theirs, other.approvals) else other
        case unreachable:
            assert_never(unreachable)


def merged(document: Document, promotion: Promotion) -> Change:
    """The document with what was promoted; what it has already and lives as long stays."""
    known = {entry.id: entry for entry in document.entries}
    new = [
        entry
        for entry in promotion.entries
        if entry.id not in known or _better(known[entry.id], entry) is entry
    ]
    return put(document, new)

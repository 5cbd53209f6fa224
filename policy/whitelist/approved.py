"""The whitelist as the judge asks it: which entry authorises an action, or why none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from policy.decision import Context, Found, Judged, Tier, Verdict
from policy.globs import literal
from policy.plan import Action, Limits
from policy.ruleset import RuleSet
from policy.times import instant
from policy.whitelist.entry import Entry, Scope
from policy.whitelist.form import Form
from policy.whitelist.forms import Unfixed, action_form, directory_of
from policy.whitelist.index import Index
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_pattern

_NOTHING = Found()


class Approved:
    """Entries, ready to be asked. Safe to share between threads.

    Patterns are read under `rules` when an action first asks for their like; one that is none
    admits nothing.
    """

    def __init__(
        self, entries: Iterable[Entry], rules: RuleSet, limits: Limits | None = None
    ) -> None:
        self.entries = tuple(entries)
        self._rules = rules
        self._limits = limits or Limits()
        self._forms: dict[Pattern, Form | None] = {}
        by_pattern: dict[Pattern, list[Entry]] = {}
        for entry in self.entries:
            by_pattern.setdefault(entry.pattern, []).append(entry)
        items = ((pattern, _ByScope(entries)) for pattern, entries in by_pattern.items())
        self._index: Index[_ByScope] = Index(items, rules, self._form)

    def find(self, action: Action, judged: Judged, context: Context, now: datetime) -> Found:
        """The entry that authorises the action at `now`; else why those that admit it don't."""
        entries = self.admitting(action, context)
        if not entries:
            return _NOTHING
        void: list[str] = []
        for entry in entries:
            why = void_because(entry, judged, now)
            if why is None:
                return Found(entry.id, _approved(entry))
            void.append(f"entry {entry.id} is void: {why}")
        return Found(void=tuple(void))

    def admitting(self, action: Action, context: Context) -> list[Entry]:
        """Every entry whose pattern and scope the action is in, the longest lived first."""
        try:
            form = action_form(action)
        except Unfixed:
            return []
        directory = directory_of(action, context.cwd)
        found = [
            entry
            for entries in self._index.find(form, directory)
            for entry in entries.near(context)
            if entry.scope.admits(context, directory)
        ]
        found.sort(key=lambda one: (one.expires is not None, -_seconds(one), one.id))
        return found

    def _form(self, pattern: Pattern) -> Form | None:
        if pattern not in self._forms:
            try:
                form = read_pattern(pattern, self._rules, self._limits).form
            except PatternError:
                form = None
            self._forms[pattern] = form
        return self._forms[pattern]


class _ByScope:
    """The entries of one pattern, by a name that their scope asks for, if it asks for names."""

    __slots__ = ("_anywhere", "_named")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._anywhere: list[Entry] = []
        self._named: dict[tuple[str, str], list[Entry]] = {}
        for entry in entries:
            fact, names = _names(entry.scope)
            for name in names:
                self._named.setdefault((fact, name), []).append(entry)
            if not names:
                self._anywhere.append(entry)

    def near(self, context: Context) -> Iterator[Entry]:
        """Every entry whose scope may have the context."""
        yield from self._anywhere
        if self._named:
            facts = (context.agent, context.target, context.environment)
            for fact, value in zip(_FACTS, facts, strict=True):
                yield from self._named.get((fact, value or ""), ())


_FACTS = ("agent", "target", "environment")


def _names(scope: Scope) -> tuple[str, tuple[str, ...]]:
    """A fact of which the scope lists names, none of them a glob; the longest lists tell least."""
    lists = zip(_FACTS, (scope.agents, scope.targets, scope.environments), strict=True)
    named = [(fact, names) for fact, names in lists if names and all(map(literal, names))]
    return min(named, key=lambda one: len(one[1]), default=("", ()))


def void_because(entry: Entry, judged: Judged, now: datetime) -> str | None:
    """Why the entry authorises nothing for an action that was judged so, or None."""
    if judged.verdict is Verdict.DENY:
        return "a rule denies it"
    if judged.tier is Tier.HIGH:
        return "the action is high today, and high is never whitelisted"
    if entry.expires is not None and entry.expired(now):
        return f"it expired at {instant(entry.expires)}"
    if judged.tier > entry.tier:
        return f"the action is {judged.tier} today, and {entry.tier} was approved"
    if judged.approvals > entry.approvals:
        return f"{judged.approvals} people must approve today, and {entry.approvals} did"
    if judged.tier is not Tier.LOW and entry.expires is None:
        return "it never expires, and only what is low may be permanent"
    if judged.tier is not Tier.LOW and judged.ttl is None:
        return "a rule says that it may not be whitelisted"
    return None


def _approved(entry: Entry) -> str:
    until = "permanently" if entry.expires is None else f"until {instant(entry.expires)}"
    return f"approved by {', '.join(entry.approved.by)} {until}"


def _seconds(entry: Entry) -> float:
    return 0.0 if entry.expires is None else entry.expires.timestamp()

"""One decision as a log keeps it: a value, made from a decision, written as one line of JSON.

Nothing of a record needs the rules that were in force: who reads it years later sees what was
asked, what was answered, and why. Secrets are gone before a record exists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from policy.decision import Context, Decision, Judged, Tier, Verdict
from policy.frozen import frozen
from policy.journal.redact import Redacted, mark, redact
from policy.plan import Action, Assignment, Command, Opaque, Plan, Statement
from policy.ruleset import RuleSet

LONGEST = 65_536
"""Characters of a command that are kept: no engine reads more of one."""

CUT = "length"
"""The name of what is left out of a longer one."""

BEGINNING = b'{"time":"'
"""Of every line that is a record."""

CONTEXT = ("agent", "target", "environment", "cwd", "user")


class RecordError(ValueError):
    """A line that is no record; the message says what was expected."""


@frozen
class Cause:
    """A rule (or default) that placed the command."""

    rule: str
    message: str
    file: str | None = None
    line: int | None = None


@frozen
class Done:
    """An action of the command with its own answer.

    `subcommands` are those of a program; of SQL what the statement does, and to what.
    `rule` is the first of its reasons, `ttl` how long its approval may be remembered.
    """

    kind: str
    program: str
    subcommands: tuple[str, ...]
    via: tuple[str, ...]
    verdict: Verdict
    tier: Tier
    ttl: timedelta | None
    entry: str | None
    rule: str | None


@frozen
class Record:
    """One line of a log.

    `time` is in UTC. `approvers` approved the entry that allowed the command; () where none
    did. `rules` and `whitelist` are digests of what was in force, None where there was none.
    `redacted` names the secrets that `command` doesn't show: it is another command then.
    `previous` is the digest of the line before, None for the first.
    """

    time: datetime
    command: str
    language: str
    context: Context
    verdict: Verdict
    tier: Tier
    score: int
    approvals: int
    reasons: tuple[Cause, ...]
    entry: str | None
    approvers: tuple[str, ...]
    actions: tuple[Done, ...]
    rules: str | None
    whitelist: str | None
    redacted: tuple[str, ...] = ()
    previous: str | None = None


def record_of(
    decision: Decision,
    plan: Plan,
    rules: RuleSet,
    context: Context,
    *,
    at: datetime,
    approvers: tuple[str, ...] = (),
    whitelist: str | None = None,
) -> Record:
    """The record of a decision on `plan`, without the secrets in it. Never raises.

    `plan` is what the engine read in the decision's command, with its language (`Plan(text,
    language, ())` where it could read nothing). `at` is when it decided, with a time zone.
    """
    hidden = redact(plan.text, plan.actions, rules, plan.language)
    told = _Told(hidden)
    command = hidden.text
    if len(command) > LONGEST:
        told.kinds[CUT] = None
        command = command[:LONGEST] + mark(f"{len(command) - LONGEST} more characters")
    pairs = zip(decision.actions, _planned(decision, plan), strict=True)
    return Record(
        time=at.astimezone(UTC),
        command=command,
        language=plan.language,
        context=told.context(context),
        verdict=decision.verdict,
        tier=decision.tier,
        score=decision.score,
        approvals=decision.approvals,
        reasons=tuple(
            Cause(one.rule, told(one.message), one.file, one.line) for one in decision.reasons
        ),
        entry=decision.entry,
        approvers=approvers,
        actions=tuple(_done(judged, action, told) for judged, action in pairs),
        rules=rules.digest or None,
        whitelist=whitelist,
        redacted=tuple(dict.fromkeys((*hidden.kinds, *told.kinds))),
    )


def _planned(decision: Decision, plan: Plan) -> tuple[Action | None, ...]:
    """The action of the plan for each of the decision; None where an engine broke."""
    if len(plan.actions) == len(decision.actions):
        return plan.actions
    return (None,) * len(decision.actions)


def _done(judged: Judged, action: Action | None, told: _Told) -> Done:
    does = action.does if action is not None else None
    return Done(
        kind=judged.kind,
        program=told(judged.program),
        subcommands=tuple(told(one) for one in _subcommands(does)),
        via=tuple(told(one) for one in judged.via),
        verdict=judged.verdict,
        tier=judged.tier,
        ttl=judged.ttl,
        entry=judged.entry,
        rule=judged.reasons[0].rule if judged.reasons else None,
    )


def _subcommands(does: Command | Statement | Assignment | Opaque | None) -> tuple[str, ...]:
    match does:
        case Command():
            return does.subcommands
        case Statement():
            return (does.kind,) if does.object is None else (does.kind, does.object)
        case Assignment() | Opaque() | None:
            return ()
        case _:
            assert_never(does)


class _Told:
    """Cleans whatever else is told about a command; `kinds` are what it hid there."""

    def __init__(self, hidden: Redacted) -> None:
        self.hidden = hidden
        self.kinds: dict[str, None] = {}

    def __call__(self, text: str) -> str:
        cleaned, kinds = self.hidden.cleaned(text)
        self.kinds.update(dict.fromkeys(kinds))
        return cleaned

    def context(self, context: Context) -> Context:
        facts = (context.agent, context.target, context.environment, context.cwd, context.user)
        agent, target, environment, cwd, user = (one and self(one) for one in facts)
        return Context(agent, target, environment, cwd, user)


# JSON -------------------------------------------------------------------------------------


def time_text(at: datetime) -> str:
    """RFC 3339 with microseconds: `2026-11-22T12:00:00.000000Z`."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def to_line(record: Record) -> bytes:
    """The record as one line of ASCII without its end."""
    value: dict[str, Any] = {
        "time": time_text(record.time),
        "command": record.command,
        "language": record.language,
        "context": {name: getattr(record.context, name) for name in CONTEXT},
        "verdict": str(record.verdict),
        "tier": str(record.tier),
        "score": record.score,
        "approvals": record.approvals,
        "reasons": [
            {"rule": one.rule, "message": one.message, "file": one.file, "line": one.line}
            for one in record.reasons
        ],
        "entry": record.entry,
        "approvers": list(record.approvers),
        "actions": [_done_object(one) for one in record.actions],
        "rules": record.rules,
        "whitelist": record.whitelist,
        "redacted": list(record.redacted),
        "previous": record.previous,
    }
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _done_object(one: Done) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "program": one.program,
        "subcommands": list(one.subcommands),
        "via": list(one.via),
        "verdict": str(one.verdict),
        "tier": str(one.tier),
        "ttl": None if one.ttl is None else int(one.ttl.total_seconds()),
        "entry": one.entry,
        "rule": one.rule,
    }


def from_line(line: bytes) -> Record:
    """The record that a line is. Raises `RecordError`; keys that it doesn't know are fine."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise RecordError("not JSON") from None
    if not isinstance(value, dict):
        raise RecordError("not a JSON object")
    fields = _Fields(value)
    context = _Fields(fields.of("context", dict))
    return Record(
        time=fields.time("time"),
        command=fields.of("command", str),
        language=fields.of("language", str),
        context=Context(**{name: context.maybe(name, str) for name in CONTEXT}),
        verdict=fields.one_of("verdict", _VERDICTS),
        tier=fields.one_of("tier", _TIERS),
        score=fields.of("score", int),
        approvals=fields.of("approvals", int),
        reasons=tuple(_cause(one) for one in fields.objects("reasons")),
        entry=fields.maybe("entry", str),
        approvers=fields.texts("approvers"),
        actions=tuple(_read_done(one) for one in fields.objects("actions")),
        rules=fields.maybe("rules", str),
        whitelist=fields.maybe("whitelist", str),
        redacted=fields.texts("redacted"),
        previous=fields.maybe("previous", str),
    )


_VERDICTS: Mapping[str, Verdict] = {str(verdict): verdict for verdict in Verdict}
_TIERS: Mapping[str, Tier] = {str(tier): tier for tier in Tier}
_SPOKEN = {str: "a string", int: "a whole number", dict: "an object", list: "a list"}


def _cause(one: _Fields) -> Cause:
    return Cause(
        one.of("rule", str), one.of("message", str), one.maybe("file", str), one.maybe("line", int)
    )


def _read_done(one: _Fields) -> Done:
    ttl = one.maybe("ttl", int)
    return Done(
        kind=one.of("kind", str),
        program=one.of("program", str),
        subcommands=one.texts("subcommands"),
        via=one.texts("via"),
        verdict=one.one_of("verdict", _VERDICTS),
        tier=one.one_of("tier", _TIERS),
        ttl=None if ttl is None else timedelta(seconds=ttl),
        entry=one.maybe("entry", str),
        rule=one.maybe("rule", str),
    )


class _Fields:
    """Reads the fields of an object strictly."""

    __slots__ = ("value",)

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value

    def of(self, name: str, kind: type) -> Any:
        found = self.value.get(name)
        if type(found) is not kind:
            raise RecordError(f"`{name}` must be {_SPOKEN[kind]}")
        return found

    def maybe(self, name: str, kind: type) -> Any:
        return None if self.value.get(name) is None else self.of(name, kind)

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.of(name, list)
        if not all(type(one) is str for one in found):
            raise RecordError(f"`{name}` must be a list of strings")
        return tuple(found)

    def objects(self, name: str) -> list[_Fields]:
        found = self.of(name, list)
        if not all(type(one) is dict for one in found):
            raise RecordError(f"`{name}` must be a list of objects")
        return [_Fields(one) for one in found]

    def one_of(self, name: str, known: Mapping[str, Any]) -> Any:
        found = self.value.get(name)
        if type(found) is not str or found not in known:
            raise RecordError(f"`{name}` must be one of {', '.join(known)}")
        return known[found]

    def time(self, name: str) -> datetime:
        found = self.of(name, str)
        try:
            time = datetime.fromisoformat(found)
        except ValueError:
            time = None
        if time is None or time.tzinfo is None:
            raise RecordError(f"`{name}` must be a time such as 2026-11-22T12:00:00.000000Z")
        return time

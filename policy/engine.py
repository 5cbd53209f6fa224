"""The one place where the stages meet: text → plan → decision, cached.

The clock is read for here (`times.py`) and nowhere below. Readers are imported when a text
first needs them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from policy.decision import Context, Decision, Judged, Reason, Tier, Verdict
from policy.judge import Whitelist, judge
from policy.misread import misread
from policy.plan import Action, Limits, Opaque, OpaqueKind, Plan
from policy.ruleset import RuleSet
from policy.times import MonotoneClock

if TYPE_CHECKING:
    from policy.parse.shell.spent import Spent
    from policy.whitelist.live import LiveWhitelist

_REMEMBERED = 4_096  # plans and decisions each
_LONGEST_KEPT = 4_096  # characters; longer texts are rare and would fill the memory
_FAULT_SCORE = 80

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Engine:
    """Decides texts by one rule set. Safe to share between threads.

    `whitelist` is a file, which is read again when it changes, or an object that answers as
    `policy.Whitelist` says. Raises `WhitelistError` or `OSError` for a file that can't be read,
    `policy.permissions.Untrusted` (an OSError) for one that others may write, unless
    `trust_permissions` says that this is meant, and TypeError for any other value.
    """

    def __init__(
        self,
        rules: RuleSet,
        whitelist: Whitelist | str | Path | None = None,
        limits: Limits | None = None,
        *,
        trust_permissions: bool = False,
    ) -> None:
        _refuse_other_whitelists(whitelist)
        self.rules = rules
        self.limits = limits or Limits()
        self._file: LiveWhitelist | None = None
        self._whitelist: Whitelist | None = None
        if isinstance(whitelist, str | Path):
            from policy.whitelist.live import LiveWhitelist

            self._file = LiveWhitelist(
                Path(whitelist), rules, self.limits, trust_permissions=trust_permissions
            )
        else:
            self._whitelist = whitelist
        self._clock = MonotoneClock()
        self._plans: _Recent[tuple[str, str], Plan] = _Recent(_REMEMBERED)
        self._decisions: _Recent[tuple[str, str, Context], Decision] = _Recent(_REMEMBERED)

    @classmethod
    def load(
        cls,
        rules: str | Path | None = None,
        whitelist: Whitelist | str | Path | None = None,
        limits: Limits | None = None,
        *,
        trust_permissions: bool = False,
    ) -> Engine:
        """An engine with the shipped rules, and those of the directory `rules` added to them.

        Raises what `Engine` raises for a whitelist, and what `policy.shipped.ruleset` raises for
        a directory that does not compile or that others may write. `trust_permissions` accepts
        files that others may write.
        """
        _refuse_other_whitelists(whitelist)  # before the rules are loaded for nothing
        from policy.shipped import ruleset

        extra = Path(rules) if rules is not None else None
        found = ruleset(extra, trust_permissions=trust_permissions)
        return cls(found, whitelist, limits, trust_permissions=trust_permissions)

    @property
    def whitelist(self) -> Whitelist | None:
        """The whitelist in force; of a file, as it is now."""
        return self._whitelist if self._file is None else self._file.current()

    @property
    def whitelist_problem(self) -> str | None:
        """Why the whitelist's file, as it was when last looked at, isn't in force."""
        return None if self._file is None else self._file.problem

    @property
    def whitelist_digest(self) -> str | None:
        """SHA-256 of the whitelist's file that is in force, in hexadecimal."""
        return None if self._file is None else self._file.digest

    def not_before(self, time: datetime) -> None:
        """Say that it is at least `time` (with a time zone), whatever the clock says.

        What has expired by the latest time that an engine knows of stays so: by its clock, by
        the approvals in its file, or from here, by the last line of a log, say. Raises
        ValueError for a time without a zone.
        """
        self._clock.see(time)

    def decide(
        self, text: str, context: Context | None = None, language: str = "shell"
    ) -> Decision:
        """The decision on `text`: what it would run, and what to do about it.

        `language` is `shell` or `sql:DIALECT`; a text in any other is not understood. Raises
        TypeError for what is no `str`, and nothing for any `str`: an exception inside is
        reported to the logger `policy` and answered with a review.
        """
        if not isinstance(text, str):
            raise TypeError(f"a command is a str, not {type(text).__name__}")
        context = context or Context()
        key = (text, language, context)
        known = self._decisions.get(key)
        if known is not None:
            return known
        try:
            plan = self.plan(text, language)
            whitelist = self.whitelist
            now = self._clock.now(None if self._file is None else self._file.newest)
            decision = judge(plan, self.rules, whitelist, context, now=now)
        except Exception as error:  # whatever breaks, the answer is a review
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise error.__cause__ from None  # Python 3.11 hides it where a class is made
            import logging  # slow to import, and hardly ever needed

            logging.getLogger("policy").exception(
                "an exception inside the engine; the answer is a review"
            )
            return _fault(text)
        if len(text) <= _LONGEST_KEPT and not self._may_change(decision, context):
            self._decisions.put(key, decision)
        return decision

    def plan(self, text: str, language: str = "shell") -> Plan:
        """Everything that `text` would run."""
        known = self._plans.get((text, language))
        if known is None:
            known = read(text, language, self.rules, self.limits)
            if len(text) <= _LONGEST_KEPT:
                self._plans.put((text, language), known)
        return known

    def _may_change(self, decision: Decision, context: Context) -> bool:
        """Whether whitelist or boundary may answer otherwise at another time."""
        if self._whitelist is None and self._file is None and context.boundary is None:
            return False
        return any(one.tier is not Tier.LOW for one in decision.actions)


def _refuse_other_whitelists(whitelist: object) -> None:
    # bytes has a method `find` as well, and would fail inside each decision.
    if whitelist is None or isinstance(whitelist, str | Path):
        return
    if hasattr(whitelist, "find") and not isinstance(whitelist, bytes):
        return
    raise TypeError(
        f"a whitelist is a path or an object with a method `find`, not {type(whitelist).__name__}"
    )


def read(text: str, language: str, rules: RuleSet, limits: Limits) -> Plan:
    """The plan of a text; what can't be read is an opaque action that says why."""
    return Plan(text, language, _actions(text, language, rules, limits))


def _actions(text: str, language: str, rules: RuleSet, limits: Limits) -> tuple[Action, ...]:
    if len(text) > limits.characters:
        message = f"{len(text)} characters; {limits.characters} are read"
        return _opaque(text, OpaqueKind.LIMIT, message)
    found = misread(text)
    if found is not None:
        return _opaque(text, OpaqueKind.LEXICAL, found)
    actions = _understood(text, language, rules, limits)
    if text.isascii():
        return actions
    from policy.posing import with_posing

    return with_posing(text, actions)


def _understood(text: str, language: str, rules: RuleSet, limits: Limits) -> tuple[Action, ...]:
    if language == "shell":
        return _shell(text, rules, limits, depth=0)
    family, _, dialect = language.partition(":")
    if family == "sql":
        from policy.parse.shell.spent import Spent
        from policy.parse.sql import read_sql

        spent = Spent(limits)  # by all the shell texts together

        def inside(inner: str, offset: int) -> tuple[Action, ...]:
            return tuple(
                replace(one, span=(one.span[0] + offset, one.span[1] + offset))
                for one in _shell(inner, rules, limits, depth=1, spent=spent)
            )

        return read_sql(text, dialect, limits, shell=inside)
    return _opaque(text, OpaqueKind.UNPARSED, f"nothing reads the language `{language}`")


def _shell(
    text: str, rules: RuleSet, limits: Limits, *, depth: int, spent: Spent | None = None
) -> tuple[Action, ...]:
    from policy.parse.shell import read_shell

    return read_shell(text, rules, limits, depth, spent)


def _opaque(text: str, kind: OpaqueKind, message: str) -> tuple[Action, ...]:
    return (Action(Opaque(kind, message), (0, len(text))),)


def _fault(text: str) -> Decision:
    span = (0, len(text))
    message = "an exception inside the engine; nothing is known about the command"
    reasons = (Reason("engine.fault", message, None, None, span),)
    verdict, tier = Verdict.REVIEW, Tier.HIGH
    judged = Judged(
        kind="opaque",
        program="",
        argv=(),
        via=(),
        effects=(),
        span=span,
        verdict=verdict,
        tier=tier,
        score=_FAULT_SCORE,
        approvals=1,
        ttl=None,
        entry=None,
        reasons=reasons,
        source=text,
    )
    return Decision(text, verdict, tier, _FAULT_SCORE, 1, None, None, reasons, (judged,))


class _Recent(Generic[K, V]):
    """The values of the keys that were used last; safe to share between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)

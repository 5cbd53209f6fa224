"""The answer and its parts: tiers, verdicts, reasons, the decision, the context."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, IntEnum
from typing import Protocol

from policy.frozen import frozen
from policy.plan import Action, Span


class Tier(IntEnum):
    """How dangerous an action is. Ordered: LOW < MEDIUM < HIGH."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def band(self) -> tuple[int, int]:
        """The lowest and highest score of the tier, inclusive."""
        return _BANDS[self]

    def clip(self, score: int) -> int:
        """`score`, moved into the tier's band."""
        low, high = self.band
        return max(low, min(high, score))


_BANDS = {Tier.LOW: (0, 29), Tier.MEDIUM: (30, 69), Tier.HIGH: (70, 100)}


class Verdict(Enum):
    """What to do with a command. Ordered by strictness: ALLOW < REVIEW < MULTI_PARTY < DENY."""

    ALLOW = "allow"
    REVIEW = "review"
    MULTI_PARTY = "multi-party"
    DENY = "deny"

    def __str__(self) -> str:
        return self.value

    @property
    def strictness(self) -> int:
        return _STRICTNESS[self]


_STRICTNESS = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Boundary(Protocol):
    """The limits of one task. Hashable, as it is part of a context."""

    def outside(
        self, action: Action, judged: Judged, context: Context, now: datetime
    ) -> str | None:
        """Why the action, which may change something, isn't part of the task; None: it is."""
        ...


@frozen
class Context:
    """Who asks, and where the command would run. None is unknown.

    `boundary` limits what the whitelist allows to what belongs to a task.
    """

    agent: str | None = None
    target: str | None = None
    environment: str | None = None
    cwd: str | None = None
    user: str | None = None
    boundary: Boundary | None = None


@frozen
class Reason:
    """One rule (or default) that placed the command; `span` is what it matched.

    `possible`: only some value that run time may give a word makes the rule true.
    """

    rule: str
    message: str
    file: str | None
    line: int | None
    span: Span
    possible: bool = False


@frozen
class Judged:
    """One action of a decision with its own verdict. `Decision.actions` holds these.

    `argv` has None for words whose value only run time knows. `kind` is `command`,
    `statement`, `assignment` or `opaque`. `via` are the labels of the steps to it.
    """

    kind: str
    program: str
    argv: tuple[str | None, ...]
    via: tuple[str, ...]
    effects: tuple[str, ...]
    span: Span
    verdict: Verdict
    tier: Tier
    score: int
    approvals: int
    ttl: timedelta | None
    entry: str | None
    reasons: tuple[Reason, ...]
    undo: tuple[str, ...] = ()
    source: str = ""  # the action's own text, for people


@frozen
class Found:
    """What a whitelist knows about an action.

    `entry` is the id of the one that authorises it and `told` what it says, for people; `void`
    says for each entry that admits the action and doesn't authorise it, why.
    """

    entry: str | None = None
    told: str = ""
    void: tuple[str, ...] = ()


@frozen
class Decision:
    """The whole answer for one text."""

    command: str
    verdict: Verdict
    tier: Tier
    score: int
    approvals: int  # people who must approve: 0 for allow and deny
    ttl: timedelta | None  # how long an approval may be remembered
    entry: str | None  # id of the whitelist entry that allowed it
    reasons: tuple[Reason, ...]
    actions: tuple[Judged, ...]

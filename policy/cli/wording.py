"""How answers are worded for people: one place, so that every view says the same."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from policy.decision import Decision, Judged, Reason, Verdict
from policy.visible import visible

_COLOURS = {
    Verdict.ALLOW: "green",
    Verdict.REVIEW: "yellow",
    Verdict.MULTI_PARTY: "magenta",
    Verdict.DENY: "red",
}


def colour(verdict: Verdict) -> str:
    """The colour's name, the same in click and in rich."""
    return _COLOURS[verdict]


def placed(answer: Decision | Judged) -> str:
    """`high, score 97`."""
    return f"{answer.tier}, score {answer.score}"


def asked(decision: Decision) -> str | None:
    """What has to happen before the command runs; None where nothing has to."""
    match decision.verdict:
        case Verdict.ALLOW:
            return f"allowed by entry {visible(decision.entry)}" if decision.entry else None
        case Verdict.REVIEW:
            who = "one person must approve"
            if decision.ttl is None:
                return who
            return f"{who}; may be remembered for {duration(decision.ttl)}"
        case Verdict.MULTI_PARTY:
            return f"{decision.approvals} people must approve"
        case Verdict.DENY:
            return "never run"
    assert_never(decision.verdict)


def cited(reason: Reason) -> str:
    """`deletes a directory tree (rm.recursive, coreutils.rules:41)`."""
    place = f", {visible(reason.file)}:{reason.line}" if reason.file else ""
    return f"{visible(reason.message)} ({visible(reason.rule)}{place})"


def duration(time: timedelta) -> str:
    """In the largest unit that says it exactly: `7 days`, `1 hour`, `90 minutes`."""
    seconds = int(time.total_seconds())
    units = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
    unit = next(unit for unit, length in units.items() if seconds % length == 0)
    count = seconds // units[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"

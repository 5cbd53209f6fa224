"""How answers are worded for people: one place, so that every view says the same."""

from __future__ import annotations

from typing import assert_never

from policy.decision import Decision, Judged, Reason, Verdict
from policy.times import duration
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

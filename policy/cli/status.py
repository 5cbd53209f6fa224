"""Exit statuses. Only an `allow` is 0, so that `policy check … && …` never fails open."""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from policy.decision import Verdict


class Status(IntEnum):
    """What `policy check` exits with; 130 and 141 are what shells report for signals."""

    ALLOW = 0
    FINDINGS = 1
    USAGE = 2
    REVIEW = 3
    MULTI_PARTY = 4
    DENY = 5
    INTERRUPTED = 130
    PIPE_CLOSED = 141


def status_of(verdict: Verdict) -> Status:
    """The status for one decision."""
    match verdict:
        case Verdict.ALLOW:
            return Status.ALLOW
        case Verdict.REVIEW:
            return Status.REVIEW
        case Verdict.MULTI_PARTY:
            return Status.MULTI_PARTY
        case Verdict.DENY:
            return Status.DENY
    assert_never(verdict)

"""The JSON objects of `policy log`."""

from __future__ import annotations

from typing import Any

from policy.journal.record import time_text
from policy.journal.stats import Asked, Stats
from policy.journal.verify import Verified


def verified_object(file: str, found: Verified) -> dict[str, Any]:
    """What `policy log verify --json` writes for one file."""
    return {
        "file": file,
        "ok": found.sound,
        "lines": found.count,
        "head": found.head,
        "since": found.since,
        "breaks": [{"line": one.line, "message": one.message} for one in found.breaks],
    }


def stats_object(found: Stats) -> dict[str, Any]:
    """What `policy log stats --json` writes."""
    return {
        "decisions": found.total,
        "redacted": found.redacted,
        "first": None if found.first is None else time_text(found.first),
        "last": None if found.last is None else time_text(found.last),
        "outcomes": {one.value: count for one, count in found.outcomes.items()},
        "agents": [
            {"agent": agent, "outcomes": {one.value: count for one, count in counts.items()}}
            for agent, counts in found.agents.items()
        ],
        "entries": [{"entry": entry, "decisions": count} for entry, count in found.entries],
        "asked": [_asked(one) for one in found.asked],
    }


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "count": one.count,
        "rememberable": one.rememberable,
        "language": one.use.language,
        "via": list(one.use.via),
        "program": one.use.program,
        "rule": one.use.rule,
        "agents": list(one.agents),
        "example": one.example,
        "suggest": one.suggest,
    }

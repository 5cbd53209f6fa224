"""The JSON object of `policy-diff`: a contract, to which fields may be added, never removed.

`docs/policy-diff.md` lists the fields.
"""

from __future__ import annotations

from typing import Any

from policy.cli.diff_formats.report import Report, RulesReport
from policy.diff.commands import Answer, Moved, Replayed
from policy.diff.model import Effect, Outcome, Row, Witness
from policy.diff.rules import Declared
from policy.source import Region
from policy.times import instant
from policy.whitelist.entry import Entry

_OUTCOMES = {
    Outcome.NOTHING_MORE: "nothing more",
    Outcome.MORE: "more",
    Outcome.UNDECIDED: "undecided",
}
_CONTEXT = ("agent", "target", "environment", "cwd", "user")


def whitelists_object(report: Report) -> dict[str, Any]:
    """What `policy-diff OLD NEW --format json` writes."""
    diff = report.diff
    return {
        "old": report.old,
        "new": report.new,
        "now": instant(diff.now),
        "outcome": _OUTCOMES[report.outcome],
        "unchanged": diff.unchanged,
        "rows": [_row(row, report.place(row)) for row in diff.rows],
        "gained": _witness(diff.gained),
        "lost": _witness(diff.lost),
        "log": _replayed(report.log),
        "notes": list(report.notes),
    }


def rules_object(report: RulesReport) -> dict[str, Any]:
    """What `policy-diff --rules OLD NEW --format json` writes."""
    diff = report.diff
    return {
        "old": report.old,
        "new": report.new,
        "outcome": _OUTCOMES[diff.outcome],
        "declared": [_declared(one) for one in diff.declared],
        "examples": _replayed(diff.examples),
        "log": _replayed(diff.log),
        "notes": list(report.notes),
    }


def _row(row: Row, place: Region | None) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "id": row.id,
        "relation": row.relation.value,
        "file": None if place is None else place.source.shown,
        "line": None if place is None else place.line,
        "old": _entry(row.old),
        "new": _entry(row.new),
        "gain": _effect(row.gain),
        "loss": _effect(row.loss),
        "linked": list(row.linked),
        "notes": list(row.notes),
    }


def _entry(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    scope = entry.scope
    return {
        "id": entry.id,
        "language": entry.pattern.language,
        "command": entry.pattern.command,
        "via": list(entry.pattern.via),
        "scope": {
            "agents": list(scope.agents),
            "targets": list(scope.targets),
            "environments": list(scope.environments),
            "cwd": list(scope.cwd),
        },
        "tier": str(entry.tier),
        "score": entry.score,
        "expires": None if entry.expires is None else instant(entry.expires),
        "rule": entry.rule,
        "approved": {
            "by": list(entry.approved.by),
            "at": instant(entry.approved.at),
            "reason": entry.approved.reason,
        },
        "note": entry.note,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "proof": effect.proof.value,
        "later": effect.later,
        "why": effect.why,
        "witness": _witness(effect.witness),
    }


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "command": witness.command,
        "language": witness.language,
        "via": list(witness.steps),
        "context": {name: getattr(witness.context, name) for name in _CONTEXT},
        "at": instant(witness.at),
        "before": str(witness.before),
        "after": str(witness.after),
        "tier": str(witness.tier),
    }


def _replayed(found: Replayed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "decided": found.decided,
        "skipped": found.skipped,
        "moved": [_moved(one) for one in found.moved],
    }


def _moved(moved: Moved) -> dict[str, Any]:
    asked = moved.asked
    return {
        "command": asked.text,
        "language": asked.language,
        "context": {name: getattr(asked.context, name) for name in _CONTEXT},
        "times": moved.times,
        "looser": moved.looser,
        "before": _answer(moved.before),
        "after": _answer(moved.after),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "verdict": str(answer.verdict),
        "tier": str(answer.tier),
        "approvals": answer.approvals,
    }


def _declared(one: Declared) -> dict[str, Any]:
    return {
        "sort": one.sort,
        "name": one.name,
        "standing": one.standing.value,
        "file": None if one.place is None else one.place.file,
        "line": None if one.place is None else one.place.line,
        "details": [
            {"name": detail.name, "before": detail.before, "after": detail.after}
            for detail in one.details
        ],
        "lines": list(one.lines),
        "may_loosen": one.may_loosen,
    }

"""Entries, patterns and refusals as JSON: fields may be added, never removed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from policy.cli.json_form import dumps
from policy.times import instant

if TYPE_CHECKING:
    from datetime import datetime

    from policy.approve.request import Refusal
    from policy.decision import Context
    from policy.diagnostics import Finding
    from policy.whitelist.entry import Entry, Scope
    from policy.whitelist.pattern import Pattern
    from policy.witness import Witness


def put_object(value: dict[str, Any]) -> None:
    """Write one object, on a line of its own."""
    sys.stdout.write(dumps(value) + "\n")


def pattern_object(pattern: Pattern) -> dict[str, Any]:
    return {
        "command": pattern.command,
        "language": pattern.language,
        "via": list(pattern.via),
    }


def scope_object(scope: Scope) -> dict[str, Any]:
    return {
        "agents": list(scope.agents),
        "targets": list(scope.targets),
        "environments": list(scope.environments),
        "cwd": list(scope.cwd),
    }


def entry_object(entry: Entry, now: datetime) -> dict[str, Any]:
    """An entry; `expires` is null for one that is permanent."""
    return {
        "id": entry.id,
        **pattern_object(entry.pattern),
        "scope": scope_object(entry.scope),
        "tier": str(entry.tier),
        "score": entry.score,
        "expires": None if entry.expires is None else instant(entry.expires),
        "expired": entry.expired(now),
        "rule": entry.rule,
        "approved": {
            "by": list(entry.approved.by),
            "at": instant(entry.approved.at),
            "reason": entry.approved.reason,
        },
        "note": entry.note,
    }


def refusal_object(refusal: Refusal) -> dict[str, Any]:
    """Why a pattern was refused, the command that shows it, and what would be accepted."""
    finding = refusal.finding
    return {
        **pattern_object(refusal.pattern),
        "why": refusal.why.value,
        "message": refusal.message,
        "help": refusal.help,
        "witness": _witness(finding.witness) if finding and finding.witness else None,
        "suspects": list(finding.suspects) if finding else [],
        "proposal": pattern_object(refusal.proposal) if refusal.proposal else None,
    }


def _witness(witness: Witness) -> dict[str, Any]:
    judged = witness.judged
    return {
        "command": witness.text,
        "language": witness.language,
        "context": context_object(witness.context),
        "verdict": str(judged.verdict),
        "tier": str(judged.tier),
        "score": judged.score,
        "reasons": [{"rule": one.rule, "message": one.message} for one in judged.reasons],
    }


def context_object(context: Context) -> dict[str, Any]:
    return {
        "agent": context.agent,
        "target": context.target,
        "environment": context.environment,
        "cwd": context.cwd,
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """A finding; `line` and `column` are null for one about the whole."""
    at = finding.at
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": None if at is None else at.source.shown,
        "line": None if at is None else at.position.line,
        "column": None if at is None else at.position.column,
        "help": finding.help,
    }

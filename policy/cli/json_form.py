"""The JSON object of a decision: a contract, to which fields may be added, never removed."""

from __future__ import annotations

import json
from typing import Any

from policy.decision import Decision, Judged, Reason


def dumps(value: dict[str, Any]) -> str:
    """One line of JSON in ASCII, which no terminal and no encoding can change."""
    return json.dumps(value)


def decision_object(decision: Decision) -> dict[str, Any]:
    """The object that `policy check --json` and `--batch` write."""
    return {
        "command": decision.command,
        "verdict": str(decision.verdict),
        "tier": str(decision.tier),
        "score": decision.score,
        "approvals": decision.approvals,
        "ttl": None if decision.ttl is None else int(decision.ttl.total_seconds()),
        "entry": decision.entry,
        "reasons": [_reason(reason) for reason in decision.reasons],
        "actions": [_action(action) for action in decision.actions],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "message": reason.message,
        "file": reason.file,
        "line": reason.line,
        "span": list(reason.span),
    }


def _action(action: Judged) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "program": action.program,
        "argv": list(action.argv),
        "via": list(action.via),
        "effects": list(action.effects),
        "span": list(action.span),
    }

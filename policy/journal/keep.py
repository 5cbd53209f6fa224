"""What an engine answered, kept in a log: the way in for whoever embeds an engine."""

from __future__ import annotations

from datetime import datetime

from policy.decision import Context, Decision
from policy.engine import Engine
from policy.journal.chain import Journal
from policy.journal.record import Record, record_of
from policy.plan import Plan


def keep(
    journal: Journal,
    engine: Engine,
    decision: Decision,
    context: Context | None = None,
    language: str = "shell",
    *,
    at: datetime,
) -> str:
    """Append a decision of `engine`, made at `at` (with a time zone); the log's new head.

    `context` and `language` are those that it was asked with. Raises what `Journal.append`
    raises: who asked must be told that there is no answer then.
    """
    return journal.append(answered(engine, decision, context or Context(), language, at=at))


def answered(
    engine: Engine, decision: Decision, context: Context, language: str, *, at: datetime
) -> Record:
    """The record of a decision of `engine`. Never raises."""
    try:
        plan = engine.plan(decision.command, language)
    except Exception:  # noqa: BLE001  # it broke the decision as well, which says so
        plan = Plan(decision.command, language, ())
    return record_of(
        decision,
        plan,
        engine.rules,
        context,
        at=at,
        approvers=_approvers(engine, decision),
        whitelist=engine.whitelist_digest,
    )


def _approvers(engine: Engine, decision: Decision) -> tuple[str, ...]:
    """Who approved the entries that allowed something; () of a whitelist that can't tell."""
    used = {one.entry for one in decision.actions if one.entry is not None}
    if not used:
        return ()
    entries = getattr(engine.whitelist, "entries", ())
    return tuple(sorted({name for one in entries if one.id in used for name in one.approved.by}))

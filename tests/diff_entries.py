"""Entries for tests of comparisons."""

from datetime import UTC, datetime, timedelta

from policy.decision import Tier
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.pattern import Pattern

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entry(
    command: str,
    *,
    language: str = "shell",
    via: tuple[str, ...] = (),
    tier: Tier = Tier.MEDIUM,
    by: tuple[str, ...] = ("alice",),
    days: float | None = 7,
    note: str = "",
    **scope: tuple[str, ...],
) -> Entry:
    """An entry that lives so many days from `NOW` on; None is for ever."""
    expires = None if days is None else NOW + timedelta(days=days)
    approval = Approval(by, NOW)
    pattern = Pattern(command, language, via)
    return Entry(pattern, tier, approval, expires, Scope(**scope), note=note)

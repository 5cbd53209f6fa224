"""Where `policy check` keeps its decisions: nowhere, or in a log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from policy.decision import Context, Decision

Keeper: TypeAlias = Callable[[Decision, Context, str], str | None]
"""Keeps a decision, asked for with a context and a language; says why where it can't."""


def unkept(decision: Decision, context: Context, language: str) -> str | None:
    """Keeps nothing."""
    return None

"""Decides whether a shell command or a SQL statement of an agent may run.

    from policy import Context, Engine, Verdict

    engine = Engine.load()
    decision = engine.decide("git push --force origin main", Context(agent="deploy-bot"))

The names below are the public interface. Each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.decision import Context, Decision, Found, Judged, Reason, Tier, Verdict
    from policy.diagnostics import RuleError, WhitelistError
    from policy.engine import Engine
    from policy.judge import Whitelist
    from policy.plan import Action, Limits, Plan
    from policy.ruleset import RuleSet
    from policy.whitelist.boundary import Boundary
    from policy.whitelist.entry import Entry

__version__ = "0.1.0"

__all__ = [
    "Action",
    "Boundary",
    "Context",
    "Decision",
    "Engine",
    "Entry",
    "Found",
    "Judged",
    "Limits",
    "Plan",
    "Reason",
    "RuleError",
    "RuleSet",
    "Tier",
    "Verdict",
    "Whitelist",
    "WhitelistError",
]

_HOMES = {
    "Action": "plan",
    "Boundary": "whitelist.boundary",
    "Context": "decision",
    "Decision": "decision",
    "Engine": "engine",
    "Entry": "whitelist.entry",
    "Found": "decision",
    "Judged": "decision",
    "Limits": "plan",
    "Plan": "plan",
    "Reason": "decision",
    "RuleError": "diagnostics",
    "RuleSet": "ruleset",
    "Tier": "decision",
    "Verdict": "decision",
    "Whitelist": "judge",
    "WhitelistError": "diagnostics",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"policy.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

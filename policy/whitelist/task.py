"""A task: what the file of a boundary says."""

from __future__ import annotations

from datetime import datetime

from policy.frozen import frozen
from policy.whitelist.pattern import Pattern


@frozen
class Task:
    """What a boundary's file says.

    `task` is what the agent was asked for, in plain words. `agents` and `targets` are globs, ()
    is any; `allow` are the patterns of what may be changed. `expires` is in UTC.
    """

    task: str
    expires: datetime
    agents: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    allow: tuple[Pattern, ...] = ()

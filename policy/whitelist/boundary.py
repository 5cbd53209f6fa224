"""The boundary of a task: what an agent may change while it works on one thing.

    version: 1
    task: rotate the logs of the web servers
    agents: [deploy-bot]
    targets: [web-*]
    expires: 2026-11-29T12:00:00Z
    allow:
    - command: logrotate -f {config:path /etc/logrotate.d/*}

A boundary only restricts. What it allows still needs a whitelist or a person; what it doesn't is
held even where the whitelist allows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from policy.decision import Context, Judged, Tier
from policy.diagnostics import Finding, WhitelistError
from policy.globs import matches
from policy.plan import Action, Limits
from policy.ruleset import RuleSet
from policy.source import Region
from policy.times import instant
from policy.whitelist.codes import Code, finding
from policy.whitelist.form import Form
from policy.whitelist.forms import Unfixed, action_form, directory_of
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.task import Task


class Boundary:
    """A task under a set of rules, as `Context.boundary` takes it. Equal and hashed by value."""

    def __init__(
        self,
        task: Task,
        rules: RuleSet,
        limits: Limits | None = None,
        places: Sequence[Region] = (),
    ) -> None:
        """`places` are where the patterns stand in a file.

        Raises `WhitelistError` with every pattern that is none under the rules.
        """
        self.task = task
        self._forms = _forms(task, rules, limits or Limits(), places)

    @classmethod
    def load(
        cls,
        path: str | Path,
        rules: RuleSet,
        limits: Limits | None = None,
        *,
        trust_permissions: bool = False,
    ) -> Boundary:
        """The boundary of a file, under the rules of an engine (`engine.rules`).

        Raises `WhitelistError` with every mistake in it, and `OSError`; `Untrusted` is one,
        where others may write it and `trust_permissions` doesn't say that this is meant.
        """
        from policy.whitelist.boundary_file import read  # yaml, which nothing else here needs

        task, places = read(path, guarded=not trust_permissions)
        return cls(task, rules, limits, places)

    def outside(
        self, action: Action, judged: Judged, context: Context, now: datetime
    ) -> str | None:
        """Why the action isn't part of the task; None for one that is, and for what is low."""
        if judged.tier is Tier.LOW:
            return None
        why = self._elsewhere(context, now)
        if why is None and not self._admits(action, context):
            why = "none of its patterns admits this"
        return None if why is None else f"outside the task `{self.task.task}`: {why}"

    def _elsewhere(self, context: Context, now: datetime) -> str | None:
        task = self.task
        if now >= task.expires:
            return f"it ended at {instant(task.expires)}"
        sides = (("agent", task.agents, context.agent), ("target", task.targets, context.target))
        for name, globs, value in sides:
            if globs and value is None:
                return f"it says which {name}, and the {name} isn't known"
            if globs and not any(matches(glob, value or "") for glob in globs):
                return f"{name} {value} has no part in it"
        return None

    def _admits(self, action: Action, context: Context) -> bool:
        try:
            form = action_form(action)
        except Unfixed:
            return False
        directory = directory_of(action, context.cwd)
        return any(one.admits(form, directory) for one in self._forms)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Boundary):
            return NotImplemented
        return (self.task, self._forms) == (other.task, other._forms)

    def __hash__(self) -> int:
        return hash((self.task, self._forms))

    def __repr__(self) -> str:
        return f"Boundary({self.task!r})"


def _forms(
    task: Task, rules: RuleSet, limits: Limits, places: Sequence[Region]
) -> tuple[Form, ...]:
    forms: list[Form] = []
    found: list[Finding] = []
    for index, pattern in enumerate(task.allow):
        try:
            forms.append(read_pattern(pattern, rules, limits).form)
        except PatternError as error:
            at = places[index] if index < len(places) else None
            message = f"`{pattern.command}` is no pattern: {error.message}"
            found.append(finding(Code.NO_PATTERN, message, at, hint=error.help))
    if found:
        raise WhitelistError(found)
    return tuple(forms)

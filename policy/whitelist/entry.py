"""What a whitelist holds: entries, each a class of actions that people approved.

    pattern × scope × until when, with the tier and the number of people that approved it

An entry is a value: reading, writing, matching and comparing entries is done elsewhere.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from policy.decision import Context, Tier
from policy.frozen import frozen
from policy.globs import Mode, automaton, matches
from policy.paths import normalise
from policy.whitelist.pattern import Pattern

ID_LENGTH = 12  # hexadecimal digits of a digest


@frozen
class Scope:
    """Who may, and where: globs for each fact of a context; () is any, known or not.

    `cwd` are path globs, as path holes have them, for the directory in which an action works.
    A fact that a caller doesn't give is in no scope that asks for it.
    """

    agents: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    cwd: tuple[str, ...] = ()

    def admits(self, context: Context, directory: str | None) -> bool:
        """Whether the context is inside; `directory` is where the action works, if known."""
        return (
            _among(self.agents, context.agent)
            and _among(self.targets, context.target)
            and _among(self.environments, context.environment)
            and _within(self.cwd, directory)
        )


ANYWHERE = Scope()


def _among(globs: tuple[str, ...], value: str | None) -> bool:
    return not globs or (value is not None and any(matches(glob, value) for glob in globs))


def _within(globs: tuple[str, ...], directory: str | None) -> bool:
    if not globs:
        return True
    if directory is None:
        return False
    path = normalise(directory)
    return any(automaton(glob, Mode.SHELL).accepts(path) for glob in globs)


@frozen
class Approval:
    """Who approved, when (UTC, whole seconds) and why."""

    by: tuple[str, ...]  # sorted, each person once
    at: datetime
    reason: str = ""


@frozen
class Entry:
    """One approved class of actions.

    `expires` None is permanent. `score` is the action's at the time of the approval; `rule`
    names the rule that judged it with the digest that it had then (`docker.restart@0d3f…`);
    `note` is a reviewer's comment.
    """

    pattern: Pattern
    tier: Tier
    approved: Approval
    expires: datetime | None = None
    scope: Scope = ANYWHERE
    score: int | None = None
    rule: str | None = None
    note: str = ""

    @property
    def id(self) -> str:
        """Names what the entry permits: the same for the same pattern and scope."""
        return identity(self.pattern, self.scope)

    @property
    def approvals(self) -> int:
        """How many people approved."""
        return len(self.approved.by)

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires


def identity(pattern: Pattern, scope: Scope, mark: str = "w") -> str:
    """`w-` and the beginning of a digest of what pattern and scope permit."""
    facts = (scope.agents, scope.targets, scope.environments, scope.cwd)
    scoped = ";".join(",".join(map(_separate, sorted(set(globs)))) for globs in facts)
    digest = sha256(f"{pattern.digest}\n{scoped}".encode("utf-8", "surrogatepass"))
    return f"{mark}-{digest.hexdigest()[:ID_LENGTH]}"


def _separate(glob: str) -> str:
    """The glob without a bare `,` or `;`, which stand between globs."""
    return glob.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")

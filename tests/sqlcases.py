"""What the tests of SQL share: a text to a short account of its actions."""

from __future__ import annotations

from policy.parse.sql import read_sql
from policy.plan import Action, Limits, Opaque, Statement


def read(text: str, dialect: str = "postgres") -> tuple[Action, ...]:
    return read_sql(text, dialect, Limits())


def account(text: str, dialect: str = "postgres") -> list[str]:
    """`kind`, `kind object`, `via > kind`, or `opaque lexical` of each action."""
    return [_account(action) for action in read(text, dialect)]


def one(text: str, dialect: str = "postgres") -> Statement:
    """The only statement of a text."""
    (action,) = read(text, dialect)
    assert isinstance(action.does, Statement), action.does
    return action.does


def last(text: str, dialect: str = "postgres") -> Statement:
    """The last statement of a text."""
    return [a.does for a in read(text, dialect) if isinstance(a.does, Statement)][-1]


def opaque(text: str, dialect: str = "postgres") -> str | None:
    """The kind of the first part that is not understood, or None."""
    kinds = [a.does.kind.value for a in read(text, dialect) if isinstance(a.does, Opaque)]
    return kinds[0] if kinds else None


def _account(action: Action) -> str:
    does = action.does
    steps = "".join(f"{via.program} > " for via in action.via)
    if isinstance(does, Opaque):
        return f"{steps}opaque {does.kind.value}"
    assert isinstance(does, Statement)
    kind = f"{does.kind} {does.object}" if does.object else does.kind
    return f"{steps}{kind}"

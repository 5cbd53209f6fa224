"""What a reader of one dialect hands on: statements with their place, nested ones with a via."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from policy.frozen import frozen
from policy.plan import Action, Opaque, OpaqueKind, Span, Statement, Table, Via

Shell = Callable[[str, int], tuple[Action, ...]]
"""Reads shell text found at a character offset of the SQL text."""


@frozen
class ShellText:
    """Shell text that the SQL (or its client) runs, and where it stands."""

    text: str
    span: Span
    via: tuple[Via, ...]


class Unknown(Exception):
    """A construct that the reader does not know: `UNKNOWN_NODE`."""

    def __init__(self, construct: str) -> None:
        super().__init__(construct)
        self.construct = construct


@dataclass
class Facts:
    """What is collected while a tree is walked; becomes a `Statement`."""

    kind: str
    object: str | None = None
    tables: dict[Table, None] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    features: set[str] = field(default_factory=set)
    names: dict[str, None] = field(default_factory=dict)
    bounded: bool | None = None

    def statement(self, dialect: str, normal: str) -> Statement:
        written = {(table.schema, table.name) for table in self.tables if table.written}
        tables = tuple(
            table
            for table in self.tables
            if table.written or (table.schema, table.name) not in written
        )
        return Statement(
            kind=self.kind,
            dialect=dialect,
            object=self.object,
            tables=tables,
            bounded=self.bounded,
            functions=tuple(self.functions),
            features=frozenset(self.features),
            normal=normal,
            names=tuple(self.names),
        )


def step(program: str) -> Via:
    """One step through which a nested statement is reached: `cte`, `explain`, `prepare`, …."""
    return Via(program, program)


def opaque(kind: OpaqueKind, message: str, span: Span, via: tuple[Via, ...] = ()) -> Action:
    return Action(Opaque(kind, message), span, via)

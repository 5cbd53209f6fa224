"""What the oracles found, as rows of one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A share of an oracle's work: how many inputs, drawn from which seed.

    `corpora` is a directory of real commands to mutate beside the project's own, if there is one.
    """

    count: int
    seed: int
    corpora: Path | None = None


@dataclass(frozen=True)
class Miss:
    """An input whose effect was not seen: what really happened, in one sentence."""

    language: str
    text: str
    happened: str


@dataclass(frozen=True)
class Row:
    """What one judge said of one construct.

    `ran` counts inputs, `seen` what the judge saw them do: commands run, files opened for
    writing, statements refused as writes. `opaque` are those of `seen` that the Plan doesn't
    name, but where it says that it doesn't know (so the decision is a person's).
    """

    judge: str
    construct: str
    ran: int
    seen: int
    opaque: int
    missed: tuple[Miss, ...] = ()


def merged(rows: Iterable[Row]) -> list[Row]:
    """Rows of the same judge and construct as one, in the order in which they first appear."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.judge, row.construct)
        old = found.get(key)
        found[key] = (
            row
            if old is None
            else replace(
                old,
                ran=old.ran + row.ran,
                seen=old.seen + row.seen,
                opaque=old.opaque + row.opaque,
                missed=old.missed + row.missed,
            )
        )
    return list(found.values())

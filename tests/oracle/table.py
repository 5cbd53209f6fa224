"""The report of the oracles, as people see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from oracle.report import Miss, Row, merged
from policy.visible import visible

_SHOWN = 60  # misses
_MANY = 40  # rows of one judge


def drawn(rows: Sequence[Row]) -> str:
    """A line for each construct, and one for all."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("judge")
    table.add_column("construct")
    for name in ("ran", "seen", "opaque", "missed"):
        table.add_column(name, justify="right")
    last = None
    for row in _few(rows):
        table.add_row(
            "" if row.judge == last else row.judge,
            row.construct,
            *map(_number, (row.ran, row.seen, row.opaque, len(row.missed))),
        )
        last = row.judge
    table.add_section()
    table.add_row("all", "", *map(_number, _sums(rows)))
    console = Console(width=110, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip() + "\n"


def _few(rows: Sequence[Row]) -> list[Row]:
    """Rows as they are, but of a judge with very many those without misses as one."""
    many = {judge for judge, count in Counter(row.judge for row in rows).items() if count > _MANY}
    plain = [row for row in rows if row.judge in many and not row.missed]
    counts = Counter(row.judge for row in plain)
    return merged(
        replace(row, construct=f"{counts[row.judge]} without a miss")
        if row.judge in many and not row.missed
        else row
        for row in rows
    )


def listed(misses: Iterable[Miss]) -> str:
    """What was missed, shortest first: the shortest is the easiest to understand."""
    found = sorted(set(misses), key=lambda miss: (len(miss.text), miss.text))
    lines = [
        f"missed ({miss.language}): {visible(miss.happened)}\n    {visible(miss.text)}"
        for miss in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        lines.append(f"and {len(found) - _SHOWN} more")
    return "\n".join(lines)


def _sums(rows: Iterable[Row]) -> tuple[int, int, int, int]:
    listed = list(rows)
    return (
        sum(row.ran for row in listed),
        sum(row.seen for row in listed),
        sum(row.opaque for row in listed),
        sum(len(row.missed) for row in listed),
    )


def _number(value: int) -> str:
    return f"{value:,}"

"""`policy log stats` for people: tables that fit the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from policy.cli.console import console_of
from policy.journal.stats import Asked, Outcome, Stats
from policy.visible import shorten, visible

_LONGEST = 400  # characters of a command that is shown
_WIDTH = 100  # columns where the output is no terminal
_WIDE = 80  # columns that the whole table of agents needs
_WORDS = {
    Outcome.LOW: ("allowed, low", "low", "green"),
    Outcome.WHITELIST: ("allowed by the whitelist", "whitelist", "green"),
    Outcome.REVIEW: ("review", "review", "yellow"),
    Outcome.MULTI_PARTY: ("multi-party", "multi-party", "magenta"),
    Outcome.DENY: ("deny", "deny", "red"),
}


def write_stats(found: Stats, stream: TextIO, coloured: bool) -> None:
    """Write the figures: outcomes, agents, entries, and what people were asked most."""
    console = console_of(stream, coloured, piped_width=_WIDTH)
    console.print(Text(_head(found), style="bold"))
    if not found.total:
        return
    tables = [_outcomes(found)]
    if set(found.agents) != {None}:
        tables.append(_agents(found) if console.width >= _WIDE else _agents_in_short(found))
    if found.entries:
        tables.append(_entries(found))
    for table in tables:
        console.print()
        console.print(table)
    console.print()
    if found.asked:
        console.print(Text("What people were asked most", style="bold"))
        for one in found.asked:
            for line in _asked(one):
                console.print(line, soft_wrap=True)


def _head(found: Stats) -> str:
    if found.first is None or found.last is None:
        return "no decisions"
    count = "1 decision" if found.total == 1 else f"{found.total} decisions"
    first, last = (f"{time:%Y-%m-%d %H:%M}" for time in (found.first, found.last))
    when = f"at {first}" if first == last else f"from {first} to {last}"
    hidden = f"; secrets were taken out of {found.redacted}" if found.redacted else ""
    return f"{count} {when} (UTC){hidden}"


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    return table


def _outcomes(found: Stats) -> Table:
    table = _table("outcome", "decisions", "share")
    for one, count in found.outcomes.items():
        words, _, colour = _WORDS[one]
        table.add_row(Text(words, style=colour), str(count), _share(count, found.total))
    return table


def _agents(found: Stats) -> Table:
    table = _table("agent", *(short for _, short, _ in _WORDS.values()), "people asked")
    for agent, counts in found.agents.items():
        table.add_row(_agent(agent), *map(str, counts.values()), _asked_share(counts))
    return table


def _agents_in_short(found: Stats) -> Table:
    table = _table("agent", "decisions", "people asked")
    for agent, counts in found.agents.items():
        table.add_row(_agent(agent), str(sum(counts.values())), _asked_share(counts))
    return table


def _agent(agent: str | None) -> Text:
    return Text("(none)", style="dim") if agent is None else Text(visible(agent))


def _asked_share(counts: dict[Outcome, int]) -> str:
    asked = counts[Outcome.REVIEW] + counts[Outcome.MULTI_PARTY]
    return _share(asked, sum(counts.values()))


def _entries(found: Stats) -> Table:
    table = _table("entry of the whitelist", "decisions")
    for entry, count in found.entries:
        table.add_row(Text(visible(entry)), str(count))
    return table


def _share(count: int, total: int) -> str:
    """In percent; what there is at all is never shown as nothing."""
    share = 100 * count / total
    return "<0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def _asked(one: Asked) -> Iterable[Text]:
    head = Text()
    head.append(f"{one.count:>7}  ", style="bold")
    head.append(visible(" > ".join((*one.use.via, one.use.program))))
    head.append(f"  ({visible(one.use.rule)})", style="dim")
    yield head
    who = ", ".join(map(visible, one.agents))
    if who:
        yield Text(f"         by {who}", style="dim")
    if one.example is None:
        yield Text("         secrets were taken out of every one of them", style="dim")
    elif one.suggest is None:
        yield Text(f"         {shorten(visible(one.example), _LONGEST)}", style="dim")
        yield Text("         always asked: approvals of it aren't remembered", style="dim")
    else:
        yield Text(f"         {visible(one.suggest)}", style="cyan")

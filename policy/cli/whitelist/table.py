"""Entries as a table that fits the terminal; as wide as it needs to be elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from policy.cli.console import console_of
from policy.cli.whitelist.words import left, pattern_text, people, scope_text
from policy.whitelist.entry import Entry

_NARROW = 80  # columns that the table needs
_SOON = timedelta(days=1)


def put_table(entries: Iterable[Entry], now: datetime, stream: TextIO, coloured: bool) -> None:
    """Write a row for each entry; what is over, or soon will be, in a colour.

    A terminal that is too narrow for columns gets two lines for each.
    """
    console = console_of(stream, coloured)
    with console.capture() as drawn:
        if console.width < _NARROW:
            for entry in entries:
                console.print(_block(entry, now))
        else:
            console.print(_table(entries, now))
    stream.write("".join(f"{line.rstrip()}\n" for line in drawn.get().splitlines()))


def _table(entries: Iterable[Entry], now: datetime) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("command", overflow="fold", min_width=16)
    table.add_column("scope", overflow="fold", min_width=10)
    table.add_column("tier", no_wrap=True)
    table.add_column("until", min_width=8)
    table.add_column("by", overflow="fold", min_width=6)
    for entry in entries:
        table.add_row(
            Text(entry.id),
            Text(_command(entry), style="bold"),
            Text(scope_text(entry.scope)),
            Text(str(entry.tier)),
            Text(left(entry, now), style=_style(entry, now)),
            Text(people(entry)),
        )
    return table


def _block(entry: Entry, now: datetime) -> Text:
    block = Text(f"{entry.id}  ")
    block.append(_command(entry), style="bold")
    block.append(f"\n  {scope_text(entry.scope)}; {entry.tier}; ")
    block.append(left(entry, now), style=_style(entry, now))
    block.append(f"; by {people(entry)}")
    return block


def _command(entry: Entry) -> str:
    text = pattern_text(entry.pattern)
    language = entry.pattern.language
    return text if language == "shell" else f"{text}  ({language})"


def _style(entry: Entry, now: datetime) -> str:
    if entry.expires is None:
        return "default"
    if entry.expired(now):
        return "red"
    return "yellow" if entry.expires - now < _SOON else "default"

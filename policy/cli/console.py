"""A console of rich that shows what it is given: no markup, no emoji, no guessed colours."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

_UNWRAPPED = 10_000


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Nothing of its own: rich exits with 1, which is an answer of several commands."""
        raise BrokenPipeError


def console_of(stream: TextIO, coloured: bool, *, piped_width: int = _UNWRAPPED) -> Console:
    """As wide as the terminal; what goes elsewhere has `piped_width` columns."""
    return _Console(
        file=stream,
        force_terminal=coloured,
        color_system="standard" if coloured else None,
        width=None if stream.isatty() else piped_width,
        highlight=False,
        markup=False,
        emoji=False,
    )

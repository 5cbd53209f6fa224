"""The tables of scripts that were written by hand for every construct of bash.

`handwritten/*.txt`, by the sections of the bash manual. A line at the margin names a construct,
the lines behind it are scripts: ⏎ is a line feed, ␉ a tab, ␠ a blank at an end, and Unicode's
pictures stand for the other control characters. A `?` before a script says that some of it is
only known at run time, or isn't read: its plan may be opaque. No other script's may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLES = tuple(sorted(Path(__file__).with_name("handwritten").glob("*.txt")))
_PICTURES = {0x2400 + code: chr(code) for code in range(0x20)}  # U+2400, control pictures
_WRITTEN = {**_PICTURES, ord("⏎"): "\n", ord("␠"): " ", ord("␡"): "\x7f"}


@dataclass(frozen=True)
class Written:
    """A script; `exact` says that all of it must be understood."""

    construct: str
    text: str
    exact: bool


@cache
def scripts() -> tuple[Written, ...]:
    """Every script of the tables, in their order."""
    return tuple(one for path in TABLES for one in read_table(path))


def read_table(path: Path) -> Iterator[Written]:
    """The scripts of one table."""
    construct = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(" "):
            construct = line
        elif line:
            yield Written(construct, line[4:].translate(_WRITTEN), not line.startswith("  ? "))

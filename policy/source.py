"""A text with a name and positions: what findings point into."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from policy.frozen import frozen


class Position(NamedTuple):
    """A place for people: both 1-based; the column counts characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """A text and the name under which people know it (`git.rules`, `whitelist.yaml`).

    `path` is how to open it from here; findings show it where there is one.

    Lines end at LF only, so that offsets, lines and what editors show agree; a CR before it
    belongs to the line but `line` drops it.
    """

    name: str
    text: str
    path: str = ""

    @property
    def shown(self) -> str:
        return self.path or self.name

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        found = self.text.find("\n")
        while found >= 0:
            starts.append(found + 1)
            found = self.text.find("\n", found + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Line and column of a character offset; an offset past the end is the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a 1-based line without its end; "" beyond the last."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def region(self, start: int, end: int) -> Region:
        """The region between two character offsets, end exclusive."""
        return Region(self, start, end)


@frozen
class Region:
    """A part of a source."""

    source: Source
    start: int
    end: int

    @property
    def position(self) -> Position:
        return self.source.position(self.start)

    @property
    def line(self) -> int:
        """The 1-based line on which it begins."""
        return self.position.line

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.shown}:{line}:{column}"

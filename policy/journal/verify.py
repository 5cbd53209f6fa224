"""Whether a log is as it was written: each line a record, and each with the right digest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from policy.frozen import frozen
from policy.journal.chain import Line, digest, lines


@frozen
class Break:
    """A line at which a log isn't what was written, and what was expected there."""

    line: int
    message: str


@frozen
class Verified:
    """What became of one log.

    `head` is the digest of its last line (None: it has none). `since` is the number of lines
    behind the one whose digest was asked for; None where nothing was asked, or none has it.
    """

    count: int
    head: str | None
    breaks: tuple[Break, ...]
    since: int | None = None

    @property
    def sound(self) -> bool:
        return not self.breaks


def verify(path: str | Path, head: str | None = None) -> Verified:
    """Reads all of a log. `head` is the digest that its last line had when somebody looked.

    Raises what `policy.journal.chain.lines` raises.
    """
    breaks: list[Break] = []
    before: str | None = None
    count = 0
    seen: int | None = None
    for line in lines(path):
        count = line.number
        breaks += [Break(line.number, message) for message in _wrong(line, before)]
        before = digest(line.data)
        if before == head:
            seen = line.number
    if head is not None and seen is None:
        message = f"no line has the digest {head}: lines were cut off or changed"
        breaks.append(Break(count + 1, message))
    since = None if seen is None else count - seen
    return Verified(count, before, tuple(breaks), since)


def _wrong(line: Line, before: str | None) -> Iterator[str]:
    if not line.whole:
        yield "has no end: its writing was cut off"
    if line.record is None:
        yield line.problem
        return
    previous = line.record.previous
    if previous == before:
        return
    if before is None:
        yield f"the first line has the previous digest {previous}: lines before it are missing"
    elif previous is None:
        yield f"begins a chain of its own, where the previous digest must be {before}"
    else:
        yield (
            f"the previous digest is {previous}, and line {line.number - 1} has {before}: that "
            "line was changed, or lines between the two were taken out or put in"
        )

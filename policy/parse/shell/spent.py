"""What reading one text has cost so far, with everything that the text runs."""

from __future__ import annotations

from dataclasses import dataclass

from policy.plan import Assignment, Command, Limits, Opaque, Statement, Word

# Judging takes about a microsecond for each of these.
_ACTION = 300
_FIXED_WORD = 40
_OPEN_WORD = 1_000  # one that the text doesn't fix is compared with every glob of the rules
_OPEN_LENGTH = 64  # characters of it for which it takes as much again
_SHELL_CHARACTER = 2
_SQL_CHARACTER = 8


class LimitReached(Exception):
    """More than the limit of something; the message says of what."""


@dataclass(slots=True)
class Spent:
    """Counts against the limits, one for a text and whatever is nested in it.

    Every method raises `LimitReached` where there is too much of what it counts.
    """

    limits: Limits
    steps: int = 0
    scripts: int = 0
    work: int = 0

    def step(self) -> None:
        """A command that is walked, or one more way to expand it."""
        self.steps += 1
        if self.steps > self.limits.steps:
            raise LimitReached(f"more than {self.limits.steps} steps to follow")

    def script(self, text: str) -> None:
        """A text, or one inside it."""
        self.take(_SHELL_CHARACTER * len(text))
        self.scripts += 1
        if self.scripts > self.limits.actions:
            raise LimitReached(f"more than {self.limits.actions} scripts inside it")

    def sql(self, text: str) -> None:
        """SQL inside the text."""
        self.take(_SQL_CHARACTER * len(text))

    def take(self, work: int) -> None:
        """So much of `Limits.work`."""
        self.work += work
        if self.work > self.limits.work:
            raise LimitReached("more words and values than can be followed")

    def action(self, does: Command | Statement | Assignment | Opaque, places: int) -> None:
        """What it takes to judge an action that may work in so many directories."""
        work = _ACTION
        if isinstance(does, Command):
            work += sum(map(_cost, does.words))
            work += sum(_cost(one.target) for one in does.redirects)
        self.take(work * places)


def _cost(word: Word) -> int:
    if word.value is not None:
        return _FIXED_WORD
    return _OPEN_WORD * (1 + len(word.text) // _OPEN_LENGTH)

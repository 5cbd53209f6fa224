"""Commands that were asked before, decided by two sides: which of them are answered otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from policy.decision import Context, Decision, Tier, Verdict
from policy.frozen import frozen


@frozen
class Asked:
    """A command as it was asked."""

    text: str
    language: str = "shell"
    context: Context = Context()


@frozen
class Answer:
    """What one side says of a command."""

    verdict: Verdict
    tier: Tier
    approvals: int = 0


def answer(decision: Decision) -> Answer:
    return Answer(decision.verdict, decision.tier, decision.approvals)


@frozen
class Moved:
    """A command that is answered otherwise; `times` is how often it was asked."""

    asked: Asked
    times: int
    before: Answer
    after: Answer

    @property
    def looser(self) -> bool:
        """Whether the new side is less strict in any way: verdict, tier, number of people."""
        before, after = self.before, self.after
        return (
            after.verdict.strictness < before.verdict.strictness
            or after.tier < before.tier
            or (after.verdict is before.verdict and after.approvals < before.approvals)
        )


@frozen
class Replayed:
    """What became of many commands; `skipped` could not be replayed, as parts were redacted."""

    moved: tuple[Moved, ...]
    decided: int
    skipped: int = 0

    @property
    def looser(self) -> bool:
        return any(one.looser for one in self.moved)


def replayed(
    asked: Mapping[Asked, int],
    decide: Callable[[Asked], tuple[Answer, Answer]],
    skipped: int = 0,
) -> Replayed:
    """Decides each command once on both sides; the looser ones first, then the most asked."""
    found: list[Moved] = []
    for one, times in asked.items():
        before, after = decide(one)
        if before != after:
            found.append(Moved(one, times, before, after))
    found.sort(key=lambda one: (not one.looser, -one.times, one.asked.text, one.asked.language))
    return Replayed(tuple(found), sum(asked.values()), skipped)


def counted(asked: Iterable[Asked]) -> dict[Asked, int]:
    """How often each was asked, in the order of the first time."""
    counts: dict[Asked, int] = {}
    for one in asked:
        counts[one] = counts.get(one, 0) + 1
    return counts

"""Witnesses: concrete commands that are decided under both whitelists before they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from policy.cells import STEPS
from policy.decision import Context
from policy.diff.commands import Answer, answer
from policy.diff.model import Witness
from policy.diff.side import exactly
from policy.engine import read
from policy.judge import Whitelist, judge, judge_action
from policy.languages import examples
from policy.plan import Limits, Plan
from policy.ruleset import RuleSet
from policy.whitelist.compose import compose
from policy.whitelist.containment import Status, difference
from policy.whitelist.form import Form, Piece
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.region import Point, Region
from policy.whitelist.writer import write

_TRIES = 24  # members that are replayed in search of one that is decided differently
_ASKED = 6  # of them that are found by asking for a point outside those tried before
_EXAMPLES = 8  # texts that are tried for one hole
_REST = 3  # further operands, at most


class Replay:
    """Decides commands under the two whitelists, with the same rules."""

    def __init__(
        self,
        rules: RuleSet,
        limits: Limits,
        old: Callable[[], Whitelist],
        new: Callable[[], Whitelist],
    ) -> None:
        """`old` and `new` make the whitelists when the first command is replayed."""
        self.rules = rules
        self.limits = limits
        self._make = old, new
        self._made: tuple[Whitelist, Whitelist] | None = None

    def decide(
        self, text: str, context: Context, language: str, at: datetime
    ) -> tuple[Answer, Answer]:
        """What the old and the new whitelist say of a text at an instant."""
        plan: Plan = read(text, language, self.rules, self.limits)
        found = [judge(plan, self.rules, one, context, now=at) for one in self._sides()]
        before, after = map(answer, found)
        return before, after

    def witness(self, point: Point, at: datetime) -> tuple[Witness, Answer, Answer] | None:
        """A point as a command, and what both say of it; None where it can't be written."""
        pattern = write(point.form)
        composed = compose(pattern)
        if composed is not None:
            text, language = composed
            before, after = self.decide(text, point.context, language, at)
            if before != after:
                return _witness(text, language, (), point, at, before, after), before, after
        apart = self._apart(pattern, point, at)
        if apart is None:
            return None
        before, after = apart
        found = _witness(pattern.command, pattern.language, pattern.via, point, at, before, after)
        return found, before, after

    def _apart(self, pattern: Pattern, point: Point, at: datetime) -> tuple[Answer, Answer] | None:
        """The action by itself: of what it is a part is somebody else's matter."""
        try:
            reading = read_pattern(pattern, self.rules, self.limits)
        except PatternError:
            return None
        if reading.form != point.form:
            return None
        found = [
            judge_action(reading.action, pattern.command, self.rules, one, point.context, now=at)
            for one in self._sides()
        ]
        before, after = (Answer(one.verdict, one.tier, one.approvals) for one in found)
        return before, after

    def _sides(self) -> tuple[Whitelist, Whitelist]:
        if self._made is None:
            old, new = self._make
            self._made = old(), new()
        return self._made


def _witness(
    text: str,
    language: str,
    steps: tuple[str, ...],
    point: Point,
    at: datetime,
    before: Answer,
    after: Answer,
) -> Witness:
    return Witness(
        text, language, steps, point.context, at, before.verdict, after.verdict, after.tier
    )


# Members -----------------------------------------------------------------------------------


def members(region: Region, others: Sequence[Region], first: Point | None) -> Iterator[Point]:
    """A few points of the region in none of `others`; `first`, where there is one, before all."""
    tried: dict[Point, Region] = {}
    for point in islice(_members(region, others, first, tried), _TRIES):
        if point not in tried:
            tried[point] = exactly(point)
            yield point


def _members(
    region: Region, others: Sequence[Region], first: Point | None, tried: dict[Point, Region]
) -> Iterator[Point]:
    """Readable ones, then such as are outside of those that were tried before."""
    context = Context()
    if first is not None:
        yield first
        context = first.context
    for form in islice(_filled(region.form), _TRIES - _ASKED):
        point = Point(form.language, form.pieces, context)
        if region.admits(point) and not any(other.admits(point) for other in others):
            yield point
    for _ in range(_ASKED):
        asked = difference(region, [*others, *tried.values()], STEPS // _ASKED)
        if asked.status is not Status.FOUND or asked.point is None:
            return
        yield asked.point


def _filled(form: Form) -> Iterator[Form]:
    """Forms without holes: readable texts, first all the usual ones, then one after the other."""
    choices = {
        at: list(islice(examples(piece.parts), _EXAMPLES))
        for at, piece in enumerate(form.pieces)
        if piece.text is None and piece.parts
    }
    usual = {at: some[0] for at, some in choices.items()}
    further = [] if form.rest is None else list(islice(examples(form.rest.parts), _REST))
    for size in range(len(further) + 1):
        yield _with(form, usual, further[:size])
    for at, some in choices.items():
        for text in some[1:]:
            yield _with(form, {**usual, at: text}, further[:1])


def _with(form: Form, texts: dict[int, str], further: Iterable[str]) -> Form:
    pieces = [
        Piece(piece.role, (texts[at],)) if at in texts else piece
        for at, piece in enumerate(form.pieces)
    ]
    if form.rest is not None:
        pieces += [Piece(form.rest.role, (text,)) for text in further]
    return Form(form.language, tuple(pieces))

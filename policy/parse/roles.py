"""Which `operand` lines of a declaration apply to which operands of a command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from policy.parse.scan import Scan, Slot
from policy.program import Operand


class Role(NamedTuple):
    """An operand and a line that describes it.

    `nominal` is False where the line applies only if an unknown word before is none, or
    several, or an option.
    """

    slot: Slot
    operand: Operand
    nominal: bool


def roles(scan: Scan, limit: int) -> Iterator[Role]:
    """The roles of the first `limit` operands.

    Of the lines that certainly apply to an operand, the most specific count: several if they
    are equally so. A line that only may apply counts besides.
    """
    lines = scan.level.operands
    if not lines:
        return
    slots = scan.slots
    # The operands behind which every other may vanish: each of them may be the last one.
    final = len(slots) - 1
    while final > 0 and not slots[final].sure:
        final -= 1
    for index, slot in enumerate(slots[:limit]):
        settled: int | None = None
        for generality, line in lines:
            if settled is not None and generality > settled:
                break
            may, must = _applies(line, slot, index >= final, index == len(slots) - 1)
            if not may:
                continue
            guard_may, guard_must = scan.holds(line.guard)
            if not guard_may:
                continue
            sure = must and guard_must
            yield Role(slot, line, _covers(line, index + 1, len(slots)))
            if sure:
                settled = generality


def _applies(line: Operand, slot: Slot, may_be_last: bool, is_last: bool) -> tuple[bool, bool]:
    """Whether `line` may describe some word of `slot`, and whether it describes every one."""
    many = slot.word.many
    if line.first == 0:
        return may_be_last, is_last and not many
    if line.rest:
        return many or slot.highest >= line.first, slot.lowest >= line.first
    may = slot.lowest <= line.first and (many or line.first <= slot.highest)
    return may, may and not many and slot.lowest == slot.highest


def _covers(line: Operand, position: int, count: int) -> bool:
    """Whether `line` describes the operand at `position` (1-based) of `count`."""
    if line.first == 0:
        return position == count
    return position >= line.first if line.rest else position == line.first

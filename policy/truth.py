"""How certainly something holds of a command that is partly known only at run time.

The four values are a chain, so that one evaluation answers all three questions a rule can
ask, and negation, `and`, `or` are `negate`, `min` and `max`.
"""

from __future__ import annotations

from enum import IntEnum


class Truth(IntEnum):
    """Ordered: NO < POSSIBLE < FIXED < CERTAIN."""

    NO = 0  # whatever the run-time words are
    POSSIBLE = 1  # some value of them makes it true
    FIXED = 2  # what the text fixes makes it true, though some value may undo it
    CERTAIN = 3  # whatever the run-time words are


def negate(truth: Truth) -> Truth:
    """The truth of the opposite: NO ↔ CERTAIN, POSSIBLE ↔ FIXED."""
    return _NEGATED[truth]


def certainly(holds: bool) -> Truth:
    """The truth of what no run-time word can change."""
    return Truth.CERTAIN if holds else Truth.NO


_NEGATED = (Truth.CERTAIN, Truth.FIXED, Truth.POSSIBLE, Truth.NO)

"""What a comparison of two whitelists says: rows, what each gives or takes, and the whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, IntEnum
from typing import assert_never

from policy.decision import Context, Tier, Verdict
from policy.frozen import frozen
from policy.whitelist.containment import Relation
from policy.whitelist.entry import Entry


class Kind(Enum):
    """What became of an entry, by what it says."""

    ADDED = "added"
    REMOVED = "removed"
    RENEWED = "renewed"  # another expiry, or approved by others
    RESCOPED = "re-scoped"  # the same pattern, another scope
    RETIERED = "re-tiered"  # another tier, or another number of approvers
    REWORDED = "re-worded"  # nothing that decides: a note, a reason, the name of a hole


class Proof(Enum):
    """What is known of what one whitelist allows and the other doesn't."""

    NONE = "none"  # proved: nothing
    IDLE = "idle"  # more actions, but proved: today's rules allow all of them anyway
    SHOWN = "shown"  # the witness was replayed
    UNKNOWN = "unknown"  # neither was shown


class Outcome(IntEnum):
    """The answer for the whole, as the exit status tells it."""

    NOTHING_MORE = 0
    MORE = 1
    UNDECIDED = 3


@frozen
class Witness:
    """A command that one side allows and the other doesn't, decided by both.

    `steps` are those through which it is reached that `command` doesn't show: such a command was
    decided as a part of a longer one, whatever the rest of that is. `at` is the instant of the
    two decisions, of which `before` and `after` are the verdicts; `tier` is today's.
    """

    command: str
    language: str
    steps: tuple[str, ...]
    context: Context
    at: datetime
    before: Verdict
    after: Verdict
    tier: Tier


@frozen
class Effect:
    """What an entry allows that nothing on the other side does.

    `later`: all of it is allowed on both sides now, and ends sooner on the other. `why` says
    why nothing is known.
    """

    proof: Proof
    witness: Witness | None = None
    later: bool = False
    why: str = ""


NO_EFFECT = Effect(Proof.NONE)


@frozen
class Row:
    """One difference between two whitelists.

    `id` is the entry's, the new one's where there are two. `gain` is what the new whitelist
    allows by it that the old one, taken as a whole, didn't; `loss` the reverse. `linked` are ids
    of entries on the other side that this one probably replaces, or is replaced by. `notes`
    say what else a reviewer should know.
    """

    kind: Kind
    id: str
    old: Entry | None
    new: Entry | None
    gain: Effect = NO_EFFECT
    loss: Effect = NO_EFFECT
    linked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry:
        """The entry as it is now, or was."""
        entry = self.new or self.old
        assert entry is not None  # noqa: S101  # a row is about an entry
        return entry

    @property
    def relation(self) -> Relation:
        """How what is allowed now compares with what was, as far as this row goes."""
        if Proof.UNKNOWN in (self.gain.proof, self.loss.proof):
            return Relation.UNKNOWN
        match (self.gain.proof is Proof.SHOWN, self.loss.proof is Proof.SHOWN):
            case (True, True):
                return Relation.INCOMPARABLE
            case (True, False):
                return Relation.WIDER
            case (False, True):
                return Relation.NARROWER
            case _:
                return Relation.EQUIVALENT


@frozen
class Diff:
    """What changed: the rows, those that allow more first.

    `unchanged` entries are the same on both sides. `now` is the instant of the comparison: what
    had expired by then allows nothing.
    """

    rows: tuple[Row, ...]
    unchanged: int
    now: datetime

    @property
    def outcome(self) -> Outcome:
        gains = {row.gain.proof for row in self.rows}
        if Proof.SHOWN in gains:
            return Outcome.MORE
        return Outcome.UNDECIDED if Proof.UNKNOWN in gains else Outcome.NOTHING_MORE

    @property
    def gained(self) -> Witness | None:
        """Something that is newly allowed; what is allowed at once before what is later."""
        return _telling(row.gain for row in self.rows)

    @property
    def lost(self) -> Witness | None:
        """Something that is no longer allowed."""
        return _telling(row.loss for row in self.rows)


def _telling(effects: Iterable[Effect]) -> Witness | None:
    shown = [effect for effect in effects if effect.witness is not None]
    first = min(shown, key=lambda effect: effect.later, default=None)
    return None if first is None else first.witness


def urgency(row: Row) -> int:
    """Rows that a reviewer has to see first have the lowest."""
    relation = row.relation
    if row.gain.proof is Proof.SHOWN:
        return 1 if row.gain.later else 0
    match relation:
        case Relation.UNKNOWN | Relation.WIDER | Relation.INCOMPARABLE:
            return 2 if row.gain.proof is Proof.UNKNOWN else 3
        case Relation.NARROWER:
            return 4
        case Relation.EQUIVALENT:
            return 5
        case _:
            assert_never(relation)

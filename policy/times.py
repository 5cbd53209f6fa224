"""Instants and spans of time as people write and read them, and a clock that never goes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from threading import Lock

_FORM = "%Y-%m-%dT%H:%M:%SZ"
_UNITS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_BY_LETTER = {name[0]: size for name, size in _UNITS.items()}
_SPAN = re.compile(r"([1-9][0-9]{0,8})([wdhms])")
LONGEST = timedelta(days=3_650)


_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_TOLD = timedelta(minutes=1)  # clocks that are kept in step go back by less


class MonotoneClock:
    """The time, and never less than was seen: a clock set back would revive what has expired.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._told = False

    def now(self, seen: datetime | None = None) -> datetime:
        """In UTC: the latest of what the clock says, what it said before, and what was `seen`.

        A clock that stands more than a minute behind is reported to the logger `policy`, once
        until it has caught up.
        """
        clock = datetime.now(UTC)
        if seen is not None:
            self.see(seen)
        with self._lock:
            latest = self._latest = max(self._latest, clock)
            behind = latest - clock > _TOLD
            tell, self._told = behind and not self._told, behind
        if tell:
            import logging  # slow to import, and hardly ever needed

            logging.getLogger("policy").warning(
                "the clock says %s, but it was %s before (by this process, an approval, or a log): "
                "expiry goes by the later one; `policy whitelist list` names approvals like that",
                instant(clock),
                instant(latest),
            )
        return latest

    def see(self, time: datetime) -> None:
        """It is at least that time. Raises ValueError for one without a time zone."""
        if time.utcoffset() is None:
            raise ValueError("a time without a time zone; give one, as in datetime.now(UTC)")
        with self._lock:
            self._latest = max(self._latest, time.astimezone(UTC))


def instant(time: datetime) -> str:
    """`2026-12-01T00:00:00Z`, of a time in UTC."""
    return f"{time.isoformat()[:19]}Z"  # strftime doesn't fill years before 1000


def read_instant(text: str) -> datetime:
    """The reverse of `instant`. Raises ValueError with what to write."""
    try:
        time = datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError:
        time = None
    if time is None or instant(time) != text:
        raise ValueError(f"`{text}` is no instant; write it like 2026-12-01T00:00:00Z (UTC)")
    return time


def later(time: datetime, span: timedelta) -> datetime:
    """`time` and a span more, in UTC; at most the last second that instants can name."""
    return _LAST if _LAST - time < span else time + span


def duration(time: timedelta) -> str:
    """In the largest unit up to days that says it exactly: `7 days`, `1 hour`, `90 minutes`."""
    name, count = _exactly(time)
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def duration_code(time: timedelta) -> str:
    """As options take it, exactly: `7d`, `36h`, `90s`."""
    name, count = _exactly(time)
    return f"{count}{name[0]}"


def read_duration(text: str) -> timedelta:
    """Of `7d`, `36h`, `30m`, `45s`, `2w`. Raises ValueError with what to write."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no span of time; write it like 7d, 36h or 30m")
    time = timedelta(seconds=int(found[1]) * _BY_LETTER[found[2]])
    if time > LONGEST:
        raise ValueError(f"`{text}` is longer than {duration(LONGEST)}")
    return time


def roughly(time: timedelta) -> str:
    """In the largest unit of which it is about two or more: `6 days`, `36 hours`, `1 minute`."""
    seconds = int(time.total_seconds())
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = (seconds + size // 2) // size
        if count >= (1 if name == "minute" else 2):
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "less than a minute"


def _exactly(time: timedelta) -> tuple[str, int]:
    seconds = int(time.total_seconds())
    units = [(name, size) for name, size in _UNITS.items() if name != "week"]
    name, size = next((name, size) for name, size in units if seconds % size == 0)
    return name, seconds // size

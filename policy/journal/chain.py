"""A log on disk: lines that only grow, each with the digest of the line before it.

The digest is SHA-256 over the exact bytes of a line without its end. A line that was changed,
taken out or put in breaks the chain at the line behind it. Lines that were cut off at the end
can't be missed by the file alone: whoever keeps the digest of the last line (`head`) can.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from policy.frozen import frozen
from policy.journal.record import BEGINNING, Record, RecordError, from_line, to_line
from policy.permissions import Untrusted
from policy.storage import write_all

_BLOCK = 65_536
_END = 256 * 1024  # bytes that are looked through for the last record
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes; a longer line is none that this program wrote."""


class JournalError(Exception):
    """A file that is no log, or a line that is no record; the message says where and why."""


def digest(line: bytes) -> str:
    """What the next line says of this one."""
    return sha256(line).hexdigest()


# Writing ----------------------------------------------------------------------------------


class Journal:
    """Appends records to a log. Safe to share between threads; several processes may append.

    `sync` waits for the disk after each line. A log that everyone may write is refused, unless
    `trust_permissions`; several accounts may share one through a group. The file is made at the
    first append, readable only by its owner: commands say much about a system.
    """

    def __init__(
        self, path: str | Path, *, sync: bool = False, trust_permissions: bool = False
    ) -> None:
        self.path = Path(path)
        self.sync = sync
        self.trust_permissions = trust_permissions
        self._lock = Lock()
        self._file: int | None = None
        self._process = 0
        self._end = -1  # the size of the file behind the line that we know
        self._head: str | None = None

    def append(self, record: Record) -> str:
        """Write a record as the next line; what comes back is its digest, the log's new head.

        Raises `OSError` where it can't be written, and `JournalError` for what is no log: the
        record isn't in the log then, and nothing may be done as if it were.
        """
        with self._lock:
            file = self._opened()
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                return self._append(file, record)
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back; the next append opens it again."""
        with self._lock:
            self._close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, file: int, record: Record) -> str:
        size = os.fstat(file).st_size
        torn = b""
        if size != self._end:
            self._head, whole = _last(file, size, self.path)
            # A writer died within its line: what it left is a line of its own, and in the chain.
            torn = b"" if whole else b"\n"
        line = to_line(replace(record, previous=self._head))
        self._end = -1
        try:
            write_all(file, torn + line + b"\n")
            if self.sync:
                os.fsync(file)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(file, size)
            raise
        self._end = size + len(torn) + len(line) + 1
        self._head = digest(line)
        return self._head

    def _opened(self) -> int:
        """The open file; another one where the path names another, or in a forked process."""
        if self._file is not None and self._process == os.getpid() and self._is_current():
            return self._file
        self._close()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        file = os.open(self.path, flags, 0o600)
        try:
            _refuse_other_files(file, self.path)
            if not self.trust_permissions and os.fstat(file).st_mode & stat.S_IWOTH:
                path = str(self.path)
                raise Untrusted("everyone may write it", path, "chmod o-w")
        except BaseException:
            os.close(file)
            raise
        self._file, self._process, self._end = file, os.getpid(), -1
        return file

    def _is_current(self) -> bool:
        assert self._file is not None  # noqa: S101  # the caller has looked
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._file))
        except FileNotFoundError:
            return False  # moved away: a new file begins a new chain

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
        self._file = None


def _refuse_other_files(file: int, path: Path) -> None:
    """A line appended to a whitelist, say, would spoil it."""
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise JournalError(f"{path} is not a regular file")
    content = os.pread(file, len(BEGINNING), 0)
    first = content.partition(b"\n")[0]  # shorter where a writer died within it
    if content and not (first and BEGINNING.startswith(first)):
        raise JournalError(f"{path} is no log: it begins with something else than a record")


def _last(file: int, size: int, path: Path) -> tuple[str | None, bool]:
    """The digest of the last line, and whether the line has its end; None for no line."""
    if size == 0:
        return None, True
    whole = os.pread(file, 1, size - 1) == b"\n"
    end = size - 1 if whole else size
    begin, blocks = end, list[bytes]()
    while begin > 0:
        start = max(0, begin - _BLOCK)
        block = os.pread(file, begin - start, start)
        cut = block.rfind(b"\n")
        if cut >= 0:
            blocks.append(block[cut + 1 :])
            break
        blocks.append(block)
        begin = start
        if end - begin > LONGEST_LINE:
            raise JournalError(f"{path} is no log: its last line is longer than 64 MiB")
    return digest(b"".join(reversed(blocks))), whole


# Reading ----------------------------------------------------------------------------------


def latest(path: str | Path) -> datetime | None:
    """When the last record of a log was made; None where its end tells none. Never raises.

    For whoever has to know that it is later than that: `Engine.not_before`.
    """
    try:
        with _open(Path(path)) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _END))
            tail = stream.read(_END).split(b"\n")
    except (OSError, JournalError):
        return None  # whoever appends is told
    for data in reversed(tail):
        record = _line(0, data).record
        if record is not None:
            with contextlib.suppress(OverflowError):  # the first or last hours of the calendar
                return record.time.astimezone(UTC)
    return None


@frozen
class Line:
    """A line of a log: its record, or why it is none. `whole` is False for one without end."""

    number: int
    data: bytes
    record: Record | None
    problem: str = ""
    whole: bool = True


def lines(path: str | Path) -> Iterator[Line]:
    """The lines that a log has now, records or not; what is appended meanwhile isn't among them.

    Raises `OSError` where it can't be read, `JournalError` for what is no regular file.
    """
    with _open(Path(path)) as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)  # no half-written line is at the end
        left = os.fstat(stream.fileno()).st_size
        fcntl.flock(stream, fcntl.LOCK_UN)
        number = 0
        while left > 0:
            data = stream.readline(min(left, LONGEST_LINE + 1))
            if not data:
                return  # somebody cut it off while it was read
            left -= len(data)
            number += 1
            yield _line(number, data)


def records(path: str | Path) -> Iterator[Record]:
    """The records of a log, in order. Raises as `lines`, and `JournalError` at the first line
    that is no record.
    """
    for line in lines(path):
        if line.record is None:
            raise JournalError(f"{path}:{line.number}: {line.problem}")
        yield line.record


def _open(path: Path) -> BinaryIO:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise JournalError(f"{path} is not a regular file")
    return os.fdopen(file, "rb")


def _line(number: int, data: bytes) -> Line:
    whole = data.endswith(b"\n")
    data = data.removesuffix(b"\n")
    try:
        return Line(number, data, from_line(data), whole=whole)
    except RecordError as error:
        return Line(number, data, None, f"no record: {error}", whole)

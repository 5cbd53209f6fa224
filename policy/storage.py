"""Files that are replaced in one step, under a lock that other processes and threads respect.

A crash at any point leaves the old or the new file, and what was done is on the disk. Nothing
here knows what is in a file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from policy.permissions import Untrusted, refuse_others

PATIENCE = 60.0
"""How many seconds a change waits for those of others."""

_NEW_MODE = 0o644  # of a file that wasn't there, less what the process's mask forbids
_PAUSE = 0.001  # seconds between looks at the lock: it is free for moments where many write
_TEMPORARY = re.compile(r"\.policy-[0-9a-f]{16}")  # behind the name of the file
_ATTEMPTS = 10
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)  # of some file systems
_NO_FILE = "not a regular file"


def change_bytes(
    path: str | Path,
    change: Callable[[bytes | None], bytes | None],
    *,
    guarded: bool,
    patience: float = PATIENCE,
    most: int = -1,
) -> None:
    """Makes `change` on what the file says now (None: there is none); None as its answer leaves
    the file as it is.

    Whoever else changes the same file waits; `change` is called again where an editor, which
    doesn't wait, wrote in between. Symbolic links are followed, the mode is kept and, as far as
    the process may, the owner. `most` bounds what is read. A file that somebody else may write
    is not changed where `guarded`.

    Raises `Untrusted`, TimeoutError after `patience` seconds of waiting, what `change` raises,
    and OSError: the file is as it was, but for an error after which only the disk knows.
    """
    with named(path), _locked(Path(path), patience) as (directory, target):
        _remove_leftovers(directory, target.name)
        for _ in range(_ATTEMPTS):
            before = _status(directory, target.name)
            if guarded:
                refuse_others(path, before)
            data = None if before is None else _content(_opened(directory, target.name), most)
            wanted = change(data)
            unchanged = wanted is None or wanted == data
            if not unchanged and not _replace(directory, target.name, wanted or b"", before):
                continue
            os.fsync(directory)
            return
    raise TimeoutError(errno.ETIMEDOUT, "other programs write it all the time", str(path))


def _content(descriptor: int, most: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)


@contextmanager
def named(path: str | Path) -> Iterator[None]:
    """An OSError about a descriptor or a temporary file is one about the file that is meant."""
    try:
        yield
    except Untrusted:
        raise  # it names what others may write, which may be a directory
    except OSError as error:
        error.filename = str(path)
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it: a disk that fills up takes a part, and the rest is an OSError."""
    written = 0
    while written < len(data):
        written += os.write(descriptor, data[written:])


# The lock --------------------------------------------------------------------------------


@contextmanager
def _locked(path: Path, patience: float) -> Iterator[tuple[int, Path]]:
    """Alone with the file that `path` leads to: its directory's descriptor, and where it is.

    The lock is on the directory, as the file itself is replaced. A process that ends, however,
    leaves no lock behind.
    """
    deadline = monotonic() + patience
    while True:
        target = _resolved(path)
        directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _wait(directory, deadline, path)
            # While this waited, the link or the directory may have become another.
            if target == _resolved(path) and _same(directory, target.parent):
                yield directory, target
                return
        finally:
            os.close(directory)


def _resolved(path: Path) -> Path:
    for _ in range(_ATTEMPTS):
        try:
            return path.resolve()
        except FileNotFoundError:
            continue  # a link that vanished while it was read: it is another by now, or none
        except RuntimeError:  # what Python before 3.13 says of links that lead to themselves
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def _wait(directory: int, deadline: float, path: Path) -> None:
    import fcntl

    while True:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > deadline:
                message = "another process holds the lock on its directory"
                raise TimeoutError(errno.ETIMEDOUT, message, str(path)) from None
        else:
            return
        sleep(_PAUSE)


def _same(directory: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(directory), path.stat())
    except FileNotFoundError:
        return False


# Under the lock --------------------------------------------------------------------------


def _status(directory: int, name: str) -> os.stat_result | None:
    """Of the file, or None where there is none. Raises OSError for what is no file."""
    try:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, _NO_FILE)
    return found


def _opened(directory: int, name: str) -> int:
    """For reading; but what the process may not write, it doesn't replace either."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    return os.open(name, flags, dir_fd=directory)


def _replace(directory: int, name: str, data: bytes, before: os.stat_result | None) -> bool:
    """Puts a file with `data` in the place of `name`, unless that is no longer `before`."""
    temporary = f".{name}.policy-{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    mode = _NEW_MODE if before is None else 0o600
    descriptor = os.open(temporary, flags, mode, dir_fd=directory)
    try:
        try:
            if before is not None:
                _keep_owner_and_mode(descriptor, before)
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if _changed(before, _status(directory, name)):
            return False
        return _appear(directory, temporary, name, new=before is None)
    finally:
        with suppress(OSError):  # as a rule it has its name by now, and this one is gone
            os.unlink(temporary, dir_fd=directory)


def _appear(directory: int, temporary: str, name: str, *, new: bool) -> bool:
    """Gives the finished file its name; False where it is `new`, and somebody made one now."""
    if new:
        try:
            os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            return True
    os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    return True


def _keep_owner_and_mode(descriptor: int, before: os.stat_result) -> None:
    """As `before` was; a group that can't be kept loses its right to write."""
    mode = stat.S_IMODE(before.st_mode) & 0o777
    now = os.fstat(descriptor)
    if now.st_gid != before.st_gid:
        try:
            os.fchown(descriptor, -1, before.st_gid)
        except PermissionError:
            mode &= ~stat.S_IWGRP
    if now.st_uid != before.st_uid:
        with suppress(PermissionError):
            os.fchown(descriptor, before.st_uid, -1)
    os.fchmod(descriptor, mode)


def _changed(before: os.stat_result | None, now: os.stat_result | None) -> bool:
    if before is None or now is None:
        return before is not now
    return _identity(before) != _identity(now)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _remove_leftovers(directory: int, name: str) -> None:
    """Temporary files of writers that were killed: no other writer is at work under the lock."""
    for found in os.listdir(directory):
        if found.startswith(f".{name}.") and _TEMPORARY.fullmatch(found, len(name) + 1):
            with suppress(OSError):
                os.unlink(found, dir_fd=directory)

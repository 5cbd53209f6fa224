"""Whitelist files: read, and changed so that no approval is lost and no half file is seen.

A change is made under a lock that other processes and threads respect, on what the file says
then. It replaces the file by a finished one: a crash at any point leaves the old or the new
file, and what `update` returned from is on the disk.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

from policy.whitelist.document import Document, load

PATIENCE = 60.0
"""How many seconds a change waits for those of others."""

_NEW_MODE = 0o644  # of a file that wasn't there, less what the process's mask forbids
_PAUSE = 0.001  # seconds between looks at the lock: it is free for moments where many write
_TEMPORARY = re.compile(r"\.policy-[0-9a-f]{16}")  # behind the name of the file
_ATTEMPTS = 10
_NO_FILE = "not a regular file"


def read(path: str | Path) -> Document:
    """The whitelist of a file. Raises `WhitelistError` for mistakes in it, and `OSError`."""
    return read_digest(path)[0]


def read_digest(path: str | Path, *, regular: bool = False) -> tuple[Document, str]:
    """The whitelist of a file, and the SHA-256 of its bytes in hexadecimal. Raises as `read`.

    What isn't `regular` (a pipe) can be read once, which is enough for some.
    """
    with _named(path):
        flags = os.O_NONBLOCK if regular else 0  # a pipe that nobody writes would never open
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode) or (regular and not stat.S_ISREG(mode)):
            os.close(descriptor)
            code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            raise OSError(code, _NO_FILE if code == errno.EINVAL else os.strerror(code))
        data = _content(descriptor)
    return _document(data, Path(path)), sha256(data).hexdigest()


def update(
    path: str | Path,
    change: Callable[[Document], Document],
    *,
    create: bool = True,
    patience: float = PATIENCE,
) -> Document:
    """Makes `change` on what the file says now, and returns what it says then.

    Whoever else calls `update` for the same file waits; `change` is called again where an
    editor, which doesn't wait, wrote in between. Symbolic links are followed, the mode is kept
    and, as far as the process may, the owner. A missing file is empty, or, without `create`,
    a FileNotFoundError.

    Raises `WhitelistError` for a file with mistakes, or a result that may not be stored,
    TimeoutError after `patience` seconds of waiting, and OSError: the file is as it was, but
    for an error after which only the disk knows.
    """
    from policy.whitelist.canonical import dump  # yaml, which readers of `Document` don't need

    with _named(path), _locked(Path(path), patience) as (directory, target):
        _remove_leftovers(directory, target.name)
        for _ in range(_ATTEMPTS):
            before = _status(directory, target.name)
            if before is None and not create:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            if before is None:
                data, document = b"", Document()
            else:
                data = _content(_opened(directory, target.name))
                document = _document(data, Path(path))
            changed = change(document)
            wanted = dump(changed)
            if wanted != data and not _replace(directory, target.name, wanted, before):
                continue
            os.fsync(directory)
            return changed
    raise TimeoutError(errno.ETIMEDOUT, "other programs write it all the time", str(path))


# Content ---------------------------------------------------------------------------------


@contextmanager
def _named(path: str | Path) -> Iterator[None]:
    """An OSError about a descriptor or a temporary file is one about the file that is meant."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def _content(descriptor: int) -> bytes:
    """What a file says; of one that is too large, enough to be refused."""
    from policy.whitelist.nodes import LARGEST

    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def _document(data: bytes, path: Path) -> Document:
    return load(data, path.name, str(path))


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
        with os.fdopen(descriptor, "wb") as file:
            if before is not None:
                _keep_owner_and_mode(descriptor, before)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if _changed(before, _status(directory, name)):
            os.unlink(temporary, dir_fd=directory)
            return False
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=directory)
        raise
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

"""Whitelist files: read, and changed so that no approval is lost and no half file is seen.

A change is made on what the file says then, and replaces it by a finished one (`storage.py`): a
crash at any point leaves the old or the new file, and what `update` returned from is on the disk.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from policy.permissions import opened
from policy.storage import PATIENCE, change_bytes, named
from policy.whitelist.document import Document, load


def read(path: str | Path) -> Document:
    """The whitelist of a file, for people: whoever may write it.

    What has no name (a pipe) can be read as well. Raises `WhitelistError` for mistakes in it,
    and `OSError`.
    """
    with named(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        data = _content(descriptor)
    return _document(data, Path(path))


def read_digest(path: str | Path, *, guarded: bool) -> tuple[Document, str]:
    """The whitelist of a regular file, and the SHA-256 of its bytes in hexadecimal.

    Raises as `read`, and `Untrusted` where `guarded` and somebody else may write it.
    """
    with named(path):
        data = _content(opened(path, guarded=guarded))
    return _document(data, Path(path)), sha256(data).hexdigest()


def update(
    path: str | Path,
    change: Callable[[Document], Document],
    *,
    create: bool = True,
    patience: float = PATIENCE,
    trust_permissions: bool = False,
) -> Document:
    """Makes `change` on what the file says now, and returns what it says then.

    Whoever else calls `update` for the same file waits; `change` is called again where an
    editor, which doesn't wait, wrote in between. A missing file is empty, or, without `create`,
    a FileNotFoundError.

    Raises `WhitelistError` for a file with mistakes, or a result that may not be stored, and
    what `change_bytes` raises: the file is as it was then, but for an error after which only
    the disk knows.
    """
    from policy.whitelist.canonical import dump  # yaml, which readers of `Document` don't need
    from policy.whitelist.nodes import LARGEST

    changed = Document()

    def rewritten(data: bytes | None) -> bytes:
        nonlocal changed
        if data is None and not create:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        document = Document() if data is None else _document(data, Path(path))
        changed = change(document)
        return dump(changed)

    change_bytes(
        path, rewritten, guarded=not trust_permissions, patience=patience, most=LARGEST + 1
    )
    return changed


def _content(descriptor: int) -> bytes:
    """What a file says; of one that is too large, enough to be refused."""
    from policy.whitelist.nodes import LARGEST

    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def _document(data: bytes, path: Path) -> Document:
    return load(data, path.name, str(path))

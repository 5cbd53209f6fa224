"""A whitelist that follows its file: read again when the file changes.

A file that became invalid, vanished, or may be written by others now, keeps the last good one in
force and is reported: the whitelist never becomes empty silently, and never allows more than
some version of the file did, which nobody else could have written. What may pass by itself (a
disk that fails, too many open files, permissions of a directory) is tried again.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic

from policy.diagnostics import WhitelistError
from policy.plan import Limits
from policy.ruleset import RuleSet
from policy.whitelist.approved import Approved
from policy.whitelist.files import read_digest

_Signature = tuple[int, int, int, int, int]

_PAUSE = 1.0  # seconds before a file that couldn't be read is tried again as it is


class LiveWhitelist:
    """The whitelist of a file. Safe to share between threads.

    Raises `WhitelistError` or `OSError` where the file can't be read at first; `Untrusted` is
    one, where others may write it and `trust_permissions` doesn't say that this is meant.
    """

    def __init__(
        self, path: Path, rules: RuleSet, limits: Limits, *, trust_permissions: bool = False
    ) -> None:
        self.path = path
        self._rules = rules
        self._limits = limits
        self._guarded = not trust_permissions
        self._lock = Lock()
        self._signature: _Signature | None = _signature(path)
        self._again: float | None = None  # when what couldn't be read is tried again
        self._problem: str | None = None
        self._current, self._digest, self._newest = self._read()

    @property
    def problem(self) -> str | None:
        """Why the file as it is now isn't in force, or None where it is."""
        return self._problem

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes of the file that is in force, in hexadecimal."""
        return self._digest

    @property
    def newest(self) -> datetime | None:
        """When the last of its approvals was given: it is later than that for certain."""
        return self._newest

    def current(self) -> Approved:
        """The whitelist in force, after a look at the file."""
        try:
            signature: _Signature | None = _signature(self.path)
        except OSError:
            signature = None
        if signature != self._signature or self._is_due():
            self._reload(signature)
        return self._current

    def _is_due(self) -> bool:
        return self._again is not None and monotonic() >= self._again

    def _reload(self, signature: _Signature | None) -> None:
        with self._lock:
            if signature == self._signature and not self._is_due():
                return  # another thread was first
            try:
                current, digest, newest = self._read()
            except WhitelistError as error:
                self._fail(str(error), again=False)
            except Exception as error:  # noqa: BLE001  # whatever breaks, what was read stays
                self._fail(str(error) or type(error).__name__, again=True)
            else:
                self._current, self._digest, self._newest = current, digest, newest
                self._problem = self._again = None
            self._signature = signature

    def _read(self) -> tuple[Approved, str, datetime | None]:
        document, digest = read_digest(self.path, guarded=self._guarded)
        newest = max((one.approved.at for one in document.entries), default=None)
        return Approved(document.entries, self._rules, self._limits), digest, newest

    def _fail(self, problem: str, *, again: bool) -> None:
        self._again = monotonic() + _PAUSE if again else None
        if problem == self._problem:
            return
        self._problem = problem
        import logging  # slow to import, and hardly ever needed

        logging.getLogger("policy").warning(
            "the whitelist %s can't be used; the last good one stays in force: %s",
            self.path,
            problem,
        )


def _signature(path: Path) -> _Signature:
    """What changes when the file does."""
    found = path.stat()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

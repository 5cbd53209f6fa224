"""A whitelist that follows its file: read again when the file changes.

A file that became invalid, or vanished, keeps the last good one in force and is reported: the
whitelist never becomes empty silently, and never allows more than some version of the file did.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from policy.diagnostics import WhitelistError
from policy.plan import Limits
from policy.ruleset import RuleSet
from policy.whitelist.approved import Approved
from policy.whitelist.files import read_digest

_Signature = tuple[int, int, int, int, int]


class LiveWhitelist:
    """The whitelist of a file. Safe to share between threads.

    Raises `WhitelistError` or `OSError` where the file can't be read at first.
    """

    def __init__(self, path: Path, rules: RuleSet, limits: Limits) -> None:
        self.path = path
        self._rules = rules
        self._limits = limits
        self._lock = Lock()
        self._signature: _Signature | None = _signature(path)
        self._current, self._digest = self._read()
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the file as it is now isn't in force, or None where it is."""
        return self._problem

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes of the file that is in force, in hexadecimal."""
        return self._digest

    def current(self) -> Approved:
        """The whitelist in force, after a look at the file."""
        try:
            signature: _Signature | None = _signature(self.path)
        except OSError:
            signature = None
        if signature != self._signature:
            self._reload(signature)
        return self._current

    def _reload(self, signature: _Signature | None) -> None:
        with self._lock:
            if signature == self._signature:
                return  # another thread was first
            try:
                current, digest = self._read()
            except (OSError, WhitelistError) as error:
                problem = str(error)
                if problem != self._problem:
                    self._report(problem)
                self._problem = problem
            else:
                self._current, self._digest, self._problem = current, digest, None
            self._signature = signature

    def _read(self) -> tuple[Approved, str]:
        document, digest = read_digest(self.path, regular=True)
        return Approved(document.entries, self._rules, self._limits), digest

    def _report(self, problem: str) -> None:
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

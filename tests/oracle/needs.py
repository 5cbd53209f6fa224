"""What the judges need on a machine, and what happens where it isn't there.

Debian's packages bring all of it: bubblewrap, strace, postgresql, mariadb-server and
mariadb-client. Where something is missing, tests are skipped with a reason that says what to
install; with `POLICY_ORACLE=require` in the environment, as in CI, they fail instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest


def program(name: str) -> Path | None:
    """The path of a program: of `PATH`, of the directories for servers, or None."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:  # Debian keeps PostgreSQL's servers by version
        found = max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), default=None)
    return Path(found) if found else None


@cache
def version(name: str) -> str:
    """`NAME VERSION` of a program, as it says itself."""
    said = subprocess.run(
        [str(program(name)), "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"\d+(\.\d+)+", said)
    return f"{name} {number[0]}" if number else name


def missing(*names: str) -> str | None:
    """A sentence about the programs that aren't there, or None."""
    absent = [name for name in names if program(name) is None]
    if not absent:
        return None
    return f"this machine has no {', '.join(absent)}: see CONTRIBUTING.md, Oracles"


def unavailable(reason: str) -> None:
    """Skips the test, loudly; fails it where oracles are required."""
    if os.environ.get("POLICY_ORACLE") == "require":
        pytest.fail(reason, pytrace=False)
    pytest.skip(f"NOT VERIFIED: {reason}")

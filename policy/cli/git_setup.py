"""`policy-diff --git-setup`: git shows and merges whitelists by entry, in this repository."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click

from policy.cli.git import git, setting, top
from policy.cli.status import Status
from policy.storage import change_bytes
from policy.visible import visible

DRIVER = "policy"
_USUAL = ("whitelist.yaml",)
_SPECIAL = frozenset('*?[]\\"!#')


def set_up(patterns: Sequence[str], stream: TextIO) -> int:
    """Say in git's settings what to call, and in `.gitattributes` for which files.

    What is as it should be stays as it is. Raises `ClickException` outside of a working tree,
    and for a pattern that `.gitattributes` can't say.
    """
    attributes = top() / ".gitattributes"
    wanted = [f"{_checked(one)} diff={DRIVER} merge={DRIVER}" for one in patterns or _USUAL]
    done = [_set(name, value) for name, value in _settings().items()]
    try:
        done += add_lines(attributes, wanted)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    stream.write("".join(f"{line}\n" for line in done))
    return Status.ALLOW


def _settings() -> dict[str, str]:
    call = _call()
    return {
        f"diff.{DRIVER}.command": f"{call} --git-diff --",
        f"merge.{DRIVER}.name": "merges whitelists by entry",
        f"merge.{DRIVER}.driver": f"{call} --git-merge -- %O %A %B %P",
    }


def _call() -> str:
    """How a shell calls this very installation, whatever the PATH is then."""
    script = Path(sys.executable).with_name("policy-diff")
    if script.exists():
        return shlex.quote(str(script))
    return f"{shlex.quote(sys.executable)} -m policy.cli.diff"


def _set(name: str, value: str) -> str:
    before = setting(name)
    if before == value:
        return f"{name} is set already"
    git("config", "--local", name, value)
    was = "" if before is None else f" (it was {visible(before)})"
    return f"set {name} to {value}{was}"


def _checked(pattern: str) -> str:
    if not pattern or pattern.split() != [pattern] or set(pattern) & (_SPECIAL - {"*"}):
        message = f"`{visible(pattern)}` isn't a name as `.gitattributes` has it"
        raise click.UsageError(f"{message}: no blanks, and of special characters only `*`")
    return pattern.removeprefix("./")


def add_lines(attributes: Path, wanted: Sequence[str]) -> list[str]:
    missing: list[str] = []

    def added(before: bytes | None) -> bytes | None:
        before = before or b""
        lines = {" ".join(line.split()) for line in before.decode("utf-8", "replace").splitlines()}
        missing[:] = [line for line in dict.fromkeys(wanted) if line not in lines]
        end = b"" if not before or before.endswith(b"\n") else b"\n"
        return before + end + "".join(f"{line}\n" for line in missing).encode() if missing else None

    change_bytes(attributes, added, guarded=False)
    return [
        f"added to .gitattributes: {line}" if line in missing else f"in .gitattributes: {line}"
        for line in dict.fromkeys(wanted)
    ]

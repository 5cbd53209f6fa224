"""The rule language: rule files → `RuleSet`. The only user of lark.

    Source ──► recover (grammar, read) ──► syntax ──► definitions ──► check ──► build ──► RuleSet

Importing this package is cheap; lark is imported when a text is compiled.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policy.diagnostics import Finding, RuleError, errors
from policy.dsl.locate import files_below
from policy.frozen import frozen
from policy.permissions import opened
from policy.source import Source

if TYPE_CHECKING:
    from policy.ruleset import RuleSet

LARGEST = 16 * 1024 * 1024
"""Bytes of a rule file; a device has no end."""


@frozen
class Compiled:
    """What became of rule files: a rule set if there are no errors, and every finding."""

    ruleset: RuleSet | None
    findings: tuple[Finding, ...]


def compile_sources(sources: Sequence[Source], base: Sequence[Source] = ()) -> Compiled:
    """Compile rule files. Never raises for any text.

    `base` are the shipped files: `sources` add to them and replace a definition of theirs only
    with `override`. The findings are those of all files, in the order of files and positions.
    """
    from policy.dsl.compile import compile_sources

    return compile_sources(sources, base)


def load_directory(path: Path, base: Sequence[Source] = ()) -> RuleSet:
    """The rule set of every `*.rules` file below a directory.

    Raises `RuleError` with all findings if one is an error, `OSError` if a file can't be read.
    """
    compiled = compile_sources(read_directory(path), base)
    if compiled.ruleset is None:
        raise RuleError(errors(compiled.findings))
    return compiled.ruleset


def read_directory(path: Path, *, guarded: bool = False) -> tuple[Source, ...]:
    """The rule files below a directory, sorted; their names are relative to it.

    Raises `OSError` where one can't be read or is no regular file, and where there are none: a
    directory without rules is a mistyped one. `guarded` also refuses what others may write
    (`Untrusted`). Bytes that aren't UTF-8 are found by the compiler, with their position.
    """
    if not path.is_dir():
        raise NotADirectoryError(f"{path} is not a directory of rule files")
    files = sorted(files_below(path, ".rules"))
    if not files:
        raise FileNotFoundError(f"{path} has no rule files (`*.rules`)")
    names = [(file, file.relative_to(path).as_posix()) for file in files]
    return tuple(read_file(file, name, guarded=guarded) for file, name in names)


def read_file(path: Path, name: str, *, guarded: bool = False) -> Source:
    """A rule file under the name that decisions give for it. Raises as `read_directory`."""
    with os.fdopen(opened(path, guarded=guarded), "rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"more than {LARGEST} bytes, which no rule file has", str(path))
    if not data:
        # What a full disk leaves of a file that was being written. All of its rules are gone.
        raise OSError(errno.ENODATA, "the file is empty; write rules, or remove it", str(path))
    return Source(name, data.decode("utf-8", "replace"), str(path))


__all__ = [
    "Compiled",
    "RuleError",
    "compile_sources",
    "load_directory",
    "read_directory",
    "read_file",
]

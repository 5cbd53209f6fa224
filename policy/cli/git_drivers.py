"""What git calls for whitelist files: to show a difference, and to merge.

`policy-diff --git-setup` makes git call them (gitattributes(5), "Defining an external diff
driver" and "Defining a custom merge driver").
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from typing import TextIO

import click

from policy.cli.git import GitError, git
from policy.cli.status import Status
from policy.visible import visible

_NULL = "/dev/null"
_DIFF = 7  # arguments: path, old-file, old-hex, old-mode, new-file, new-hex, new-mode
_RENAMED = 9  # and where it went, and how alike the two are
_MERGE = 4  # the files of the common ancestor, of ours and of theirs; and the path


def external_diff(arguments: Sequence[str], stream: TextIO, coloured: bool) -> int:
    """Write the difference that git asks for; where a file can't be read, that of its lines.

    The exit status is 0 whatever changed, and where a pager was left: for git any other is a
    failure.
    """
    if len(arguments) not in (1, _DIFF, _RENAMED):
        raise click.UsageError("--git-diff is for git itself; see gitattributes(5)")
    page = StringIO()
    page.write(f"policy-diff {visible(arguments[0])}\n")
    if len(arguments) == 1:
        page.write("unmerged\n")
    else:
        path, old, new = arguments[0], arguments[1], arguments[4]
        try:
            _show(path, old, new, page, coloured=coloured or _git_colours())
        except click.ClickException as error:
            page.write(f"{error.format_message()}\n\n")
            _show_lines(path, old, new, page)
    try:
        stream.write(page.getvalue() + "\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return 0


def _show(path: str, old: str, new: str, stream: TextIO, *, coloured: bool) -> None:
    from datetime import UTC, datetime

    from policy.cli.diff_formats.report import Report
    from policy.cli.diff_formats.text import write_whitelists
    from policy.cli.diff_inputs import File, Side, entries_of
    from policy.diff.whole import compare
    from policy.shipped import ruleset

    def side(title: str, file: str) -> Side:
        if file == _NULL:
            return Side(title, (), (f"{title} it isn't there",))
        return Side(title, (File(path, Path(path).name, Path(file).read_bytes()),))

    try:
        before, after = entries_of(side("before", old), side("after", new))
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    found = compare(before.entries, after.entries, ruleset(), now=datetime.now(UTC))
    notes = (*before.notes, *after.notes)
    write_whitelists(Report(before.title, after.title, found, notes=notes), stream, coloured)


def _show_lines(path: str, old: str, new: str, stream: TextIO) -> None:
    before, after = (_lines(file) for file in (old, new))
    stream.writelines(
        visible(line) + "\n"
        for line in unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    )


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_bytes().decode("utf-8", "backslashreplace").split("\n")
    except OSError:
        return []


def _git_colours() -> bool:
    """Whether git would colour a difference: it knows of the pager that it started."""
    try:
        return git("config", "--get-colorbool", "color.diff", "false").strip() == b"true"
    except GitError:
        return False


# Merging -----------------------------------------------------------------------------------


def merge_files(arguments: Sequence[str]) -> int:
    """Merge whitelists entry by entry into the second file, as git asks for it.

    The exit status is 0, or 1 with a conflict: what is in conflict is left out then, so that
    nothing is allowed by it, and named on standard error. Where a file can't be read, its lines
    are merged as git merges text.
    """
    if len(arguments) != _MERGE:
        raise click.UsageError("--git-merge is for git itself; see gitattributes(5)")
    base, ours, theirs, path = arguments
    from policy.diagnostics import WhitelistError, render_all
    from policy.whitelist.canonical import dump
    from policy.whitelist.document import Document, load
    from policy.whitelist.merge import merge

    def read(file: str) -> Document:
        data = Path(file).read_bytes()
        return load(data, Path(path).name, path) if data else Document()

    try:
        merged = merge(read(base), read(ours), read(theirs))
        data = dump(merged.document)
    except WhitelistError as error:
        sys.stderr.write(f"{visible(path)} can't be merged by entry:\n\n{error}\n\n")
        return _merge_lines(base, ours, theirs, path)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    Path(ours).write_bytes(data)
    told = (*merged.conflicts, *merged.warnings)
    if told:
        sys.stderr.write(f"{visible(path)}:\n\n{render_all(told)}\n\n")
    return Status.FINDINGS if merged.conflicts else Status.ALLOW


def _merge_lines(base: str, ours: str, theirs: str, path: str) -> int:
    """As git would have merged them; a conflict is left in the text."""
    labels = ("-L", f"ours/{path}", "-L", f"base/{path}", "-L", f"theirs/{path}")
    try:
        git("merge-file", "-q", *labels, ours, base, theirs)
    except GitError:
        return Status.FINDINGS
    return Status.ALLOW

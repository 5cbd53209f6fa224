"""What `policy-diff` is asked to compare: files, directories, or revisions of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from policy.cli.git import commit, content_at, files_at, merge_base
from policy.diagnostics import Finding, RuleError, WhitelistError, errors
from policy.dsl.locate import files_below
from policy.frozen import frozen
from policy.source import Region, Source
from policy.whitelist.document import load
from policy.whitelist.entry import Entry
from policy.whitelist.nodes import LARGEST

NULL = "/dev/null"


@frozen
class File:
    """A file of one side: how people find it, its name below what was asked for, its bytes."""

    shown: str
    name: str
    data: bytes


@frozen
class Side:
    """What one side holds. `notes` say what was taken for granted."""

    title: str
    files: tuple[File, ...]
    notes: tuple[str, ...] = ()


# Which files -------------------------------------------------------------------------------


def sides(operands: Sequence[str], paths: Sequence[str] | None, suffix: str) -> tuple[Side, Side]:
    """The two sides that the operands before `--`, and the paths behind it, name.

    Of directories those files are taken whose names end in `suffix`. Raises `ClickException`.
    """
    if not operands and paths:
        operands, paths = paths, None
    if paths is not None:
        if not paths:
            raise click.UsageError("name a file or a directory behind `--`")
        old, new = _revisions(operands)
        here = (_at(old, paths, suffix), _at(new, paths, suffix))
    elif len(operands) == 2:
        here = (on_disk(operands[0], suffix), on_disk(operands[1], suffix))
    elif len(operands) == 1 and not Path(operands[0]).exists():
        wanted = f"policy-diff {operands[0]} -- whitelist.yaml"
        raise click.UsageError(f"to compare revisions, name the files behind `--`: {wanted}")
    else:
        raise click.UsageError("give OLD and NEW, or a revision and `-- PATH`")
    old_side, new_side = here
    if not old_side.files and not new_side.files:
        raise click.ClickException(f"nothing to compare: {_nothing(old_side, new_side)}")
    return here


def _nothing(old: Side, new: Side) -> str:
    return "; ".join(dict.fromkeys((*old.notes, *new.notes))) or "both sides are empty"


def _revisions(operands: Sequence[str]) -> tuple[str | None, str | None]:
    """The two commits; None is the working tree."""
    match list(operands):
        case [one] if "..." in one:
            left, _, right = one.partition("...")
            new = right or "HEAD"
            return merge_base(left or "HEAD", new), new
        case [one] if ".." in one:
            left, _, right = one.partition("..")
            return left or "HEAD", right or "HEAD"
        case [one]:
            return one, None
        case [one, other]:
            return one, other
        case _:
            raise click.UsageError("give one or two revisions before `--`")


def _at(revision: str | None, paths: Sequence[str], suffix: str) -> Side:
    if revision is None:
        found = [on_disk(path, suffix, may_be_gone=True) for path in paths]
        files = tuple(file for side in found for file in side.files)
        notes = tuple(note for side in found for note in side.notes)
        return Side("the working tree", files, notes)
    name = commit(revision)
    files_: list[File] = []
    notes_: list[str] = []
    for path in paths:
        asked = os.path.relpath(path)
        listed = files_at(name, asked)
        if not listed:
            notes_.append(f"{path} isn't in {_short(revision)}: nothing is there")
        for one in listed:
            if one == asked:
                files_.append(File(one, Path(one).name, content_at(name, one)))
            elif one.endswith(suffix):
                inside = os.path.relpath(one, asked)
                files_.append(File(one, inside, content_at(name, one)))
    return Side(_short(revision), tuple(files_), tuple(notes_))


def _short(revision: str) -> str:
    full = len(revision) == 40 and all(one in "0123456789abcdef" for one in revision)
    return revision[:12] if full else revision


def on_disk(path: str, suffix: str, *, may_be_gone: bool = False) -> Side:
    """A file or directory. One that a revision had may be gone from the working tree; one that
    was named alone and isn't there is a mistake: as an empty side it would hide what it allows.
    """
    if not path:  # an unset variable; as a path it would be the working directory
        raise click.UsageError("an empty path")
    try:
        if path == NULL:
            return Side(path, ())
        if not Path(path).is_dir():
            return Side(path, (File(path, Path(path).name, _bytes(path)),))
        files = tuple(_below(path, suffix))
        return Side(path, files, () if files else (f"{path} has no *{suffix}: nothing is in it",))
    except FileNotFoundError as error:
        if error.filename != path or not may_be_gone:
            hint = f"; for an empty side write {NULL}" if error.filename == path else ""
            raise click.ClickException(f"{error.filename}: {error.strerror}{hint}") from None
        return Side(path, (), (f"{path} isn't there: nothing is in it",))
    except OSError as error:
        raise click.ClickException(f"{error.filename or path}: {error.strerror}") from None


def _bytes(path: str) -> bytes:
    """What a file or a pipe says; of one that is too large to be a whitelist, enough to tell."""
    with Path(path).open("rb") as file:
        return file.read(LARGEST + 1)


def _below(path: str, suffix: str) -> Iterator[File]:
    for file in sorted(files_below(Path(path), suffix)):
        yield File(str(file), file.relative_to(path).as_posix(), _bytes(str(file)))


# Whitelists --------------------------------------------------------------------------------


@frozen
class Entries:
    """The entries of all files of a side, and where each stands."""

    title: str
    entries: tuple[Entry, ...]
    places: dict[int, Region]  # by the identity of the entry
    notes: tuple[str, ...]

    def place(self, entry: Entry | None) -> Region | None:
        return None if entry is None else self.places.get(id(entry))


def entries_of(old: Side, new: Side) -> tuple[Entries, Entries]:
    """The whitelists of both sides. Raises `ClickException` with every mistake in any file."""
    found: list[Finding] = []
    read = _entries(old, found), _entries(new, found)
    if found:
        shown = "\n\n".join(map(str, dict.fromkeys(found)))
        raise click.ClickException(f"a whitelist can't be read\n\n{shown}")
    return read


def _entries(side: Side, found: list[Finding]) -> Entries:
    entries: list[Entry] = []
    places: dict[int, Region] = {}
    for file in side.files:
        try:
            document = load(file.data, file.name, file.shown)
        except WhitelistError as error:
            found += errors(error.findings)
            continue
        entries += document.entries
        places.update(zip(map(id, document.entries), document.places, strict=True))
    return Entries(side.title, tuple(entries), places, side.notes)


# Rules -------------------------------------------------------------------------------------


def sources_of(side: Side) -> tuple[Source, ...]:
    """The rule files of a side, by the names that decisions give for them."""
    return tuple(
        Source(file.name, file.data.decode("utf-8", "replace"), file.shown)
        for file in sorted(side.files, key=lambda one: one.name)
    )


def are_whole(several: Iterable[tuple[Source, ...]], shipped: Sequence[Source]) -> bool:
    """Whether some of the versions stand for the shipped rules, and don't add to them."""
    names = {source.name for source in shipped}
    return any(2 * len(names & {one.name for one in sources}) > len(names) for sources in several)


def uncompiled(side: Side, error: RuleError) -> click.ClickException:
    """What to say of rules that don't compile."""
    return click.ClickException(f"the rules of {side.title} don't compile\n\n{error}")

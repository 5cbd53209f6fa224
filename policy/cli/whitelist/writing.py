"""Changes of a whitelist's file, with every error told."""

from __future__ import annotations

from collections.abc import Callable

import click

from policy.approve.changes import Change, NoSuchEntry
from policy.cli.loading import refuse_empty, trusting, unreadable, unusable
from policy.diagnostics import WhitelistError, did_you_mean, render_all
from policy.visible import visible
from policy.whitelist.codes import Code
from policy.whitelist.document import Document
from policy.whitelist.files import update


def change_file(path: str, change: Callable[[Document], Change], *, create: bool = False) -> Change:
    """What `change` made of what the file says now; the file says it then.

    What `change` raises leaves the file as it is. Comments that writing loses are told on
    standard error. Raises `click.ClickException` for a file that can't be read or written.
    """
    refuse_empty(path, "--file")
    done: list[Change] = []
    before: list[Document] = []

    def changed(document: Document) -> Document:
        done[:] = [change(document)]
        before[:] = [document]
        return done[0].document

    try:
        update(path, changed, create=create, trust_permissions=trusting())
    except WhitelistError as error:
        raise unusable("whitelist", error) from None
    except OSError as error:
        what = "read" if isinstance(error, FileNotFoundError) else "changed"
        raise unreadable("whitelist", error, what) from None
    lost = [found for found in before[0].warnings if found.code == Code.COMMENT.code]
    if lost:
        click.echo(f"{render_all(lost)}\n", err=True)
    return done[0]


def no_such(error: NoSuchEntry, document: Document, path: str) -> click.ClickException:
    """Names that no entry of a file has, with the nearest ids."""
    ids = [entry.id for entry in document.entries]
    told = []
    for name in error.names:
        meant = did_you_mean(name, ids) if name.startswith("w-") else ""
        meant = _stale(name, document) or meant
        told.append(
            f"no entry `{visible(name)}` in {visible(path)}" + (f"; {meant}" if meant else "")
        )
    if ids and not any("; " in one for one in told):
        told.append("`policy whitelist list` shows what there is")
    return click.ClickException("\n".join(told))


def _stale(name: str, document: Document) -> str:
    """Which entry a file calls by a name that isn't its id, or ""."""
    placed = tuple(zip(document.entries, document.places, strict=True)) if document.places else ()
    for found in document.warnings:
        if found.code != Code.STORED_ID.code or found.at is None or found.at.text != name:
            continue
        begin = found.at.start
        before = [(place.start, entry.id) for entry, place in placed if place.start <= begin]
        if before:
            return f"the entry that is called so in the file is {max(before)[1]}"
    return ""

"""Changes of a whitelist's file, with every error told."""

from __future__ import annotations

from collections.abc import Callable

import click

from policy.approve.changes import Change, NoSuchEntry
from policy.cli.loading import refuse_empty, unreadable, unusable
from policy.diagnostics import WhitelistError, did_you_mean
from policy.whitelist.document import Document
from policy.whitelist.files import update


def change_file(path: str, change: Callable[[Document], Change], *, create: bool = False) -> Change:
    """What `change` made of what the file says now; the file says it then.

    What `change` raises leaves the file as it is. Raises `click.ClickException` for a file
    that can't be read or written.
    """
    refuse_empty(path, "--file")
    done: list[Change] = []

    def changed(document: Document) -> Document:
        done[:] = [change(document)]
        return done[0].document

    try:
        update(path, changed, create=create)
    except WhitelistError as error:
        raise unusable("whitelist", error) from None
    except OSError as error:
        raise unreadable("whitelist", error) from None
    return done[0]


def no_such(error: NoSuchEntry, document: Document, path: str) -> click.ClickException:
    """Names that no entry of a file has, with the nearest ids."""
    ids = [entry.id for entry in document.entries]
    told = []
    for name in error.names:
        meant = did_you_mean(name, ids) if name.startswith("w-") else ""
        told.append(f"no entry `{name}` in {path}" + (f"; {meant}" if meant else ""))
    if len(ids) and not any("did you mean" in one for one in told):
        told.append("`policy whitelist list` shows what there is")
    return click.ClickException("\n".join(told))

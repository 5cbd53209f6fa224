"""`policy whitelist renew`, `remove`, `prune`: entries that are there already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from policy.cli.loading import load_document, load_engine, trust_option
from policy.cli.status import Status
from policy.cli.whitelist import options

if TYPE_CHECKING:
    from policy.approve.changes import Change
    from policy.approve.request import Refused
    from policy.whitelist.entry import Entry


@click.command("renew", short_help="Approve entries anew.", context_settings=options.SETTINGS)
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@options.by_option(required=True)
@options.end_options
@click.option("--reason", default="", metavar="TEXT", help="Why; as before, unless given.")
@options.file_option
@options.rules_option
@options.json_option
@trust_option
@options.at_option
def renew_command(
    names: tuple[str, ...],
    by: tuple[str, ...],
    ttl: timedelta | None,
    expires: datetime | None,
    reason: str,
    file: str,
    rules: str | None,
    as_json: bool,
    at: datetime | None,
) -> int:
    """Approve entries anew, by their ids or their commands; all of them or none.

    \b
    policy whitelist renew w-9b1f27c04e55 --by alice --ttl 7d

    Each is proved harmless under today's rules, as `add` does; it keeps its pattern and scope.
    Who approved it before no longer counts.

    JSON: {"file", "renewed": [{"before", "after"}], "refused": [refusal]}.

    Exit status: 0 done, 1 refused and nothing written, 2 bad usage or input.
    """
    from policy.approve.changes import NoSuchEntry, renew
    from policy.approve.request import Refused, Request
    from policy.cli.whitelist.writing import change_file, no_such

    request = Request(
        by=tuple(dict.fromkeys(by)),
        at=options.now_of(at),
        reason=reason,
        until=options.end_of(ttl, expires),
    )
    engine = load_engine(rules)
    try:
        change = change_file(file, lambda document: renew(document, names, request, engine))
    except NoSuchEntry as error:
        raise no_such(error, load_document(file), file) from None
    except Refused as refused:
        _put_refused(file, refused, as_json=as_json)
        return Status.FINDINGS
    if as_json:
        from policy.cli.whitelist import json_form

        renewed = [
            {key: json_form.entry_object(one, request.at) for key, one in pair}
            for pair in (
                (("before", before), ("after", after)) for before, after in change.replaced
            )
        ]
        json_form.put_object({"file": file, "renewed": renewed, "refused": []})
    else:
        from policy.cli.whitelist.words import put_lines

        put_lines(_renewed(change, request.at))
    return Status.ALLOW


def _put_refused(file: str, refused: Refused, *, as_json: bool) -> None:
    if as_json:
        from policy.cli.whitelist import json_form

        refusals = [json_form.refusal_object(one) for one in refused.refusals]
        json_form.put_object({"file": file, "renewed": [], "refused": refusals})
        return
    from policy.cli.whitelist.words import put_lines, refusal_lines

    for index, refusal in enumerate(refused.refusals):
        put_lines([*([""] if index else []), *refusal_lines(refusal)])


def _renewed(change: Change, now: datetime) -> Iterator[str]:
    from policy.cli.whitelist import words

    for index, (before, entry) in enumerate(change.replaced):
        yield from ([""] if index else [])
        yield f"{words.good('renewed')}  {entry.id}"
        yield from words.entry_lines(entry, now)
        yield f"  before    {words.end_text(before, now)}, by {words.people(before)}"


@click.command("remove", short_help="Take entries out.", context_settings=options.SETTINGS)
@click.argument("names", nargs=-1, required=True, metavar="ID|COMMAND...")
@options.file_option
@options.json_option
@trust_option
@options.at_option
def remove_command(names: tuple[str, ...], file: str, as_json: bool, at: datetime | None) -> int:
    """Take entries out, by their ids or their commands; all of them or none.

    \b
    policy whitelist remove w-9b1f27c04e55
    policy whitelist remove 'docker restart {service}'

    JSON: {"file", "removed": [entry]}.

    Exit status: 0 done, 2 bad usage or input, or no such entry.
    """
    from policy.approve.changes import NoSuchEntry, remove
    from policy.cli.whitelist.writing import change_file, no_such

    try:
        change = change_file(file, lambda document: remove(document, names))
    except NoSuchEntry as error:
        raise no_such(error, load_document(file), file) from None
    _put_removed(file, change.removed, options.now_of(at), as_json=as_json)
    return Status.ALLOW


@click.command("prune", short_help="Take out what is over.", context_settings=options.SETTINGS)
@click.option("--dry-run", is_flag=True, help="Only say what would be taken out.")
@options.file_option
@options.json_option
@trust_option
@options.at_option
def prune_command(dry_run: bool, file: str, as_json: bool, at: datetime | None) -> int:
    """Take out the entries that are over.

    \b
    policy whitelist prune --dry-run

    JSON: {"file", "removed": [entry]}.

    Exit status: 0 done, 2 bad usage or input.
    """
    from policy.approve.changes import prune
    from policy.cli.whitelist.writing import change_file

    now = options.now_of(at)
    removed = prune(load_document(file), now).removed
    if removed and not dry_run:
        removed = change_file(file, lambda document: prune(document, now)).removed
    _put_removed(file, removed, now, as_json=as_json, dry_run=dry_run)
    return Status.ALLOW


def _put_removed(
    file: str, removed: tuple[Entry, ...], now: datetime, *, as_json: bool, dry_run: bool = False
) -> None:
    if as_json:
        from policy.cli.whitelist import json_form

        entries = [json_form.entry_object(one, now) for one in removed]
        json_form.put_object({"file": file, "removed": entries})
        return
    from policy.cli.whitelist import words
    from policy.visible import visible

    done = "would remove" if dry_run else "removed"
    lines = [
        f"{words.heed(done)}  {entry.id}  {words.pattern_text(entry.pattern)}"
        f"  ({words.left(entry, now)})"
        for entry in removed
    ]
    words.put_lines(lines or [f"nothing in {visible(file)} is over"])

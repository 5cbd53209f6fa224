"""`policy whitelist list` and `show`: what is approved, in a table and one by one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from policy.cli.loading import load_document, load_engine
from policy.cli.status import Status
from policy.cli.terminal import colours
from policy.cli.whitelist import options

if TYPE_CHECKING:
    from policy.approve.verify import Problem
    from policy.engine import Engine
    from policy.whitelist.entry import Entry


@click.command("list", short_help="Show what is approved.", context_settings=options.SETTINGS)
@click.option("--expired", is_flag=True, help="Only what is over.")
@click.option("--agent", metavar="NAME", help="Only what this agent may.")
@click.option("--target", metavar="NAME", help="Only what may run on this host or database.")
@click.option("--environment", metavar="NAME", help="Only what may run in this environment.")
@options.file_option
@options.json_option
@options.at_option
def list_command(
    expired: bool,
    agent: str | None,
    target: str | None,
    environment: str | None,
    file: str,
    as_json: bool,
    at: datetime | None,
) -> int:
    """Show what is approved as a table.

    \b
    policy whitelist list --agent deploy-bot --environment prod

    JSON: {"file", "entries": [entry]}.

    Exit status: 0 done, 2 bad usage or a file that can't be read.
    """
    now = options.now_of(at)
    whole = load_document(file).entries
    entries = [
        entry
        for entry in whole
        if _asked(entry, agent, target, environment) and (entry.expired(now) or not expired)
    ]
    if as_json:
        from policy.cli.whitelist import json_form

        objects = [json_form.entry_object(one, now) for one in entries]
        json_form.put_object({"file": file, "entries": objects})
    elif entries:
        from policy.cli.whitelist.table import put_table

        put_table(entries, now, sys.stdout, colours(sys.stdout))
    else:
        from policy.visible import visible

        click.echo(f"nothing to show in {visible(file)}")
    if not as_json:
        _put_future(whole, now)
    return Status.ALLOW


def _put_future(entries: Iterable[Entry], now: datetime) -> None:
    """Name approvals by which all others of the file are older than they look."""
    from policy.approve.verify import CLOCKS
    from policy.times import instant

    for entry in entries:
        if entry.approved.at > now + CLOCKS:
            click.echo(
                f"\n{entry.id} was approved at {instant(entry.approved.at)}, which lies in the "
                f"future: what ends before that is over\n"
                f"  help: policy whitelist renew {entry.id} --by NAME, or correct `at`"
            )


def _asked(entry: Entry, agent: str | None, target: str | None, environment: str | None) -> bool:
    from policy.globs import matches

    scope = entry.scope
    sides = ((agent, scope.agents), (target, scope.targets), (environment, scope.environments))
    return all(
        name is None or not globs or any(matches(glob, name) for glob in globs)
        for name, globs in sides
    )


@click.command("show", short_help="Show all of an entry.", context_settings=options.SETTINGS)
@click.argument("names", nargs=-1, required=True, metavar="ID|COMMAND...")
@options.file_option
@options.rules_option
@options.json_option
@options.at_option
def show(
    names: tuple[str, ...], file: str, rules: str | None, as_json: bool, at: datetime | None
) -> int:
    """Show all of an entry: commands that it admits, one that it doesn't, and if it holds today.

    \b
    policy whitelist show w-9b1f27c04e55

    JSON: {"file", "entries": [entry with "admits", "near_miss" and "problems"]}.

    Exit status: 0 it holds today, 1 it doesn't, 2 bad usage or input, or no such entry.
    """
    from policy.approve.changes import NoSuchEntry, select
    from policy.approve.verify import problems
    from policy.cli.whitelist.writing import no_such
    from policy.diagnostics import Severity

    now = options.now_of(at)
    document = load_document(file)
    try:
        entries = select(document, names)
    except NoSuchEntry as error:
        raise no_such(error, document, file) from None
    engine = load_engine(rules, deciding=False)
    found = [(entry, tuple(problems(entry, engine, now))) for entry in entries]
    if as_json:
        _put_json(file, found, engine, now)
    else:
        from policy.cli.whitelist.words import put_lines

        for index, (entry, some) in enumerate(found):
            put_lines([*([""] if index else []), *_lines(entry, some, engine, now)])
    wrong = any(
        one.code.severity is Severity.ERROR or entry.expired(now)
        for entry, some in found
        for one in some
    )
    return Status.FINDINGS if wrong else Status.ALLOW


def _samples(entry: Entry, engine: Engine) -> tuple[tuple[str, ...], str | None]:
    from policy.suggest import samples
    from policy.whitelist.reader import PatternError

    try:
        return samples(entry.pattern, engine, entry.scope)
    except PatternError:  # the problems say so
        return (), None


def _lines(entry: Entry, some: tuple[Problem, ...], engine: Engine, now: datetime) -> Iterator[str]:
    from policy.cli.whitelist import words
    from policy.diagnostics import Severity
    from policy.visible import visible

    yield click.style(entry.id, bold=True)
    yield from words.entry_lines(entry, now)
    admits, near_miss = _samples(entry, engine)
    for index, text in enumerate(admits):
        yield f"  {'' if index else 'admits':<9} {visible(text)}"
    if near_miss is not None:
        yield f"  {'but not':<9} {visible(near_miss)}"
    if not some:
        yield f"  {'today':<9} {words.good('holds')}"
    for index, one in enumerate(some):
        error = one.code.severity is Severity.ERROR
        word = (words.bad if error else words.heed)(str(one.code.severity))
        yield f"  {'' if index else 'today':<9} {word}: {visible(one.message)}"
        if one.help:
            yield f"  {'':<9} help: {visible(one.help)}"


def _put_json(
    file: str, found: list[tuple[Entry, tuple[Problem, ...]]], engine: Engine, now: datetime
) -> None:
    from policy.cli.whitelist import json_form

    objects = []
    for entry, some in found:
        admits, near_miss = _samples(entry, engine)
        told = [
            {
                "code": one.code.code,
                "severity": str(one.code.severity),
                "message": one.message,
                "help": one.help,
            }
            for one in some
        ]
        more = {"admits": list(admits), "near_miss": near_miss, "problems": told}
        objects.append({**json_form.entry_object(entry, now), **more})
    json_form.put_object({"file": file, "entries": objects})

"""`policy whitelist add`: approve a class of commands, once it was proved harmless."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from policy.cli.languages import mistake_in
from policy.cli.loading import load_boundary, load_engine, trust_option
from policy.cli.status import Status
from policy.cli.whitelist import options
from policy.decision import Tier
from policy.frozen import frozen

if TYPE_CHECKING:
    from policy.approve.changes import Change
    from policy.approve.request import Asked, Refusal, Request
    from policy.engine import Engine
    from policy.whitelist.entry import Entry
    from policy.whitelist.pattern import Pattern


@click.command(short_help="Approve a class of commands.", context_settings=options.SETTINGS)
@click.argument("command", required=False, metavar="COMMAND")
@options.by_option(required=False)
@click.option("--reason", default="", metavar="TEXT", help="Why it is approved.")
@options.scope_options
@options.end_options
@click.option("--permanent", is_flag=True, help="It doesn't end (only what is low).")
@click.option(
    "--tier",
    type=click.Choice(["low", "medium"]),
    help="The highest tier that is approved; today's, unless given.",
)
@click.option("--language", default="shell", show_default=True, help="shell, or sql:DIALECT.")
@click.option(
    "--via",
    multiple=True,
    metavar="STEP",
    help="A wrapper through which it is reached, as 'sudo -u deploy'; outermost first.",
)
@click.option("--note", default="", metavar="TEXT", help="A comment that stays with the entry.")
@click.option(
    "--from-boundary", "boundary", metavar="FILE", help="Approve the patterns of a task's boundary."
)
@options.file_option
@options.rules_option
@options.json_option
@trust_option
@options.at_option
def add(
    command: str | None,
    by: tuple[str, ...],
    reason: str,
    agent: tuple[str, ...],
    target: tuple[str, ...],
    environment: tuple[str, ...],
    cwd: tuple[str, ...],
    ttl: timedelta | None,
    expires: datetime | None,
    permanent: bool,
    tier: str | None,
    language: str,
    via: tuple[str, ...],
    note: str,
    boundary: str | None,
    file: str,
    rules: str | None,
    as_json: bool,
    at: datetime | None,
) -> int:
    """Approve COMMAND, a command or a pattern with holes, as one argument.

    \b
    policy whitelist add 'docker restart {service:name}' --by alice --agent deploy-bot
    policy whitelist add 'git commit -m {message:text}' --by alice --ttl 2d
    policy whitelist add 'UPDATE jobs SET state = {s} WHERE id = {n:int}' \\
        --language sql:postgres --by alice --by bob

    A hole stands for one word: {x} any, {x:int}, {x:name} letters, digits and _ . / -,
    {x:one of a b}, {x:path /srv/app/**}, {x:like web-*}, {x:text} also with blanks; {x...} for
    all remaining operands. Wrappers may be written as they are run (sudo -u deploy ...). Of
    several commands (a && b) each that isn't low becomes an entry, or none of them does. Without
    --by it is proved, and nothing is written.

    The file is made if it isn't there. An entry that permits the same is replaced. What is
    medium lives as long as its rule allows, unless --ttl or --expires give less; what is low
    needs no entry and is stored only with --permanent.

    JSON: {"file", "added": [entry], "replaced": [{"before", "after"}], "unneeded": [pattern],
    "refused": [refusal], "notes": [text]}.

    Exit status: 0 done, 1 refused and nothing written, 2 bad usage or input.
    """
    from policy.approve.request import Request

    scope = options.scope_of(agent, target, environment, cwd)
    until = options.end_of(ttl, expires)
    if permanent and until is not None:
        raise click.UsageError("--permanent excludes --ttl and --expires")
    mistake = mistake_in(language)
    if mistake is not None:
        raise click.BadParameter(mistake, param_hint="--language")
    if (command is None) == (boundary is None):
        raise click.UsageError("give COMMAND, or --from-boundary FILE")
    request = Request(
        by=tuple(dict.fromkeys(by)) or _NOBODY,
        at=options.now_of(at),
        scope=scope,
        reason=reason,
        note=note,
        until=until,
        permanent=permanent,
        tier=None if tier is None else Tier[tier.upper()],
    )
    engine = load_engine(rules)
    if boundary is not None:
        if agent or target or via or language != "shell":
            what = "--from-boundary says agents, targets, steps and languages itself"
            raise click.UsageError(what)
        asked, request = _of_boundary(boundary, request, engine)
    else:
        assert command is not None  # noqa: S101  # as was just looked at
        asked = _of_text(command, language, via, request, engine)
    proved = _prove(asked, request, engine)
    if not by:
        proved = _without_people(proved)
    change = None if proved.refusals else _write(file, proved)
    notes = () if change is None else tuple(_notes(change, engine))
    if as_json:
        _put_json(file, proved, change, notes, request.at)
    else:
        _put_text(file, proved, change, notes, request.at)
    return Status.FINDINGS if proved.refusals else Status.ALLOW


_NOBODY = ("nobody",)  # approves nothing: what only lacks people is never written


# What is asked for -------------------------------------------------------------------------


def _of_text(
    text: str, language: str, via: tuple[str, ...], request: Request, engine: Engine
) -> tuple[Asked, ...]:
    from policy.approve.request import patterns_of
    from policy.cli.whitelist.words import pattern_mistake
    from policy.whitelist.reader import PatternError

    try:
        return patterns_of(text, engine, language, via, request.scope)
    except PatternError as error:
        raise pattern_mistake(text, error) from None


def _of_boundary(path: str, request: Request, engine: Engine) -> tuple[tuple[Asked, ...], Request]:
    """The patterns of a task, in its scope, until it ends."""
    from policy.approve.request import Asked, canonical
    from policy.cli.whitelist.words import pattern_mistake
    from policy.whitelist.reader import PatternError

    task = load_boundary(path, engine).task
    scope = replace(request.scope, agents=task.agents, targets=task.targets)
    reason = request.reason or f"task: {task.task}"
    asked = []
    for pattern in task.allow:
        try:
            asked.append(Asked(canonical(pattern, engine), scope))
        except PatternError as error:
            raise pattern_mistake(pattern.command, error, path) from None
    return tuple(asked), replace(request, scope=scope, reason=reason, latest=task.expires)


@frozen
class _Proved:
    """What became of each pattern."""

    entries: tuple[Entry, ...]
    unneeded: tuple[Pattern, ...]
    refusals: tuple[Refusal, ...]


def _prove(asked: tuple[Asked, ...], request: Request, engine: Engine) -> _Proved:
    from policy.approve.request import Refusal, approve

    entries: list[Entry] = []
    unneeded: list[Pattern] = []
    refusals: list[Refusal] = []
    for one in asked:
        result = approve(one.pattern, replace(request, scope=one.scope), engine)
        if isinstance(result, Refusal):
            refusals.append(result)
        elif result.tier is Tier.LOW and not request.permanent:
            unneeded.append(one.pattern)
        else:
            entries.append(result)
    return _Proved(tuple(entries), tuple(unneeded), tuple(refusals))


def _without_people(proved: _Proved) -> _Proved:
    """What is refused whoever approves is told; for anything else, somebody has to."""
    from policy.approve.request import Why

    refusals = tuple(one for one in proved.refusals if one.why is not Why.PEOPLE)
    if not refusals and (proved.entries or proved.refusals):
        raise click.UsageError("say who approves, with --by NAME")
    return replace(proved, refusals=refusals)


def _write(file: str, proved: _Proved) -> Change | None:
    from policy.approve.changes import put
    from policy.cli.whitelist.writing import change_file

    if not proved.entries:
        return None
    return change_file(file, lambda document: put(document, proved.entries), create=True)


def _notes(change: Change, engine: Engine) -> Iterator[str]:
    """What is worth knowing of entries that were added."""
    from policy.approve.covered import covering

    for entry in (*change.added, *(new for _, new in change.replaced)):
        found = covering(entry, change.document, engine)
        if found:
            names = ", ".join(one.id for one in found)
            verb = "allows" if len(found) == 1 else "together allow"
            yield f"{names} {verb} every command of {entry.id} anyway"


# What is told ------------------------------------------------------------------------------


def _put_json(
    file: str, proved: _Proved, change: Change | None, notes: tuple[str, ...], now: datetime
) -> None:
    from policy.cli.whitelist import json_form

    replaced = () if change is None else change.replaced
    json_form.put_object(
        {
            "file": file,
            "added": [json_form.entry_object(one, now) for one in (change.added if change else ())],
            "replaced": [
                {
                    "before": json_form.entry_object(before, now),
                    "after": json_form.entry_object(after, now),
                }
                for before, after in replaced
            ],
            "unneeded": [json_form.pattern_object(one) for one in proved.unneeded],
            "refused": [json_form.refusal_object(one) for one in proved.refusals],
            "notes": list(notes),
        }
    )


def _put_text(
    file: str, proved: _Proved, change: Change | None, notes: tuple[str, ...], now: datetime
) -> None:
    from policy.cli.whitelist.words import put_lines

    put_lines(_lines(file, proved, change, notes, now))


def _lines(
    file: str, proved: _Proved, change: Change | None, notes: tuple[str, ...], now: datetime
) -> Iterator[str]:
    from policy.cli.whitelist import words
    from policy.visible import visible

    blocks: list[list[str]] = []
    for pattern in proved.unneeded:
        told = "every command of it is low, which is allowed without an entry"
        head = f"{words.good('not needed')}  {words.pattern_text(pattern)}"
        blocks.append([head, f"  {told}"])
    if change is not None:
        for entry in change.added:
            head = f"{words.good('added')}  {entry.id} to {visible(file)}"
            blocks.append([head, *words.entry_lines(entry, now)])
        for before, entry in change.replaced:
            head = f"{words.good('replaced')}  {entry.id} in {visible(file)}"
            was = f"  before    {words.end_text(before, now)}, by {words.people(before)}"
            blocks.append([head, *words.entry_lines(entry, now), was])
    elif proved.entries:
        waiting = [f"  {words.pattern_text(entry.pattern)}" for entry in proved.entries]
        blocks.append([words.heed("not added, as something else is refused"), *waiting])
    blocks += [list(words.refusal_lines(refusal)) for refusal in proved.refusals]
    if notes:
        blocks.append([f"note: {note}" for note in notes])
    for index, block in enumerate(blocks):
        yield from ([""] if index else [])
        yield from block

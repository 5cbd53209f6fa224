"""`policy boundary`: what an agent may change while it works on one task."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from policy.cli.languages import mistake_in
from policy.cli.loading import (
    load_boundary,
    load_engine,
    refuse_empty,
    trust_option,
    trusting,
    unreadable,
    unusable,
)
from policy.cli.status import Status
from policy.cli.whitelist import options
from policy.decision import Tier
from policy.diagnostics import WhitelistError

if TYPE_CHECKING:
    from policy.engine import Engine
    from policy.whitelist.pattern import Pattern
    from policy.whitelist.task import Task

_USUAL = timedelta(hours=8)


@click.group(context_settings=options.SETTINGS)
def boundary() -> None:
    """Limit what an agent may change to one task.

    \b
    policy boundary new task.yaml --task 'rotate the logs' --agent deploy-bot \\
        --allow 'logrotate -f {config:path /etc/logrotate.d/*}'
    policy check 'docker restart web' --agent deploy-bot --boundary task.yaml
    policy whitelist add --from-boundary task.yaml --by alice

    With --boundary on `policy check`, what changes something and isn't part of the task is held
    for a person, even where the whitelist allows it.

    Exit status of each: 0 done, 2 bad usage or a file that can't be read or written.
    """


@boundary.command("new", short_help="Write a boundary's file.", context_settings=options.SETTINGS)
@click.argument("file", metavar="FILE")
@click.option("--task", required=True, metavar="TEXT", help="What the agent was asked for.")
@click.option("--agent", multiple=True, metavar="GLOB", help="Agents who work on it.")
@click.option("--target", multiple=True, metavar="GLOB", help="Hosts or databases it is about.")
@options.end_options
@click.option(
    "--allow", multiple=True, metavar="PATTERN", help="What may be changed; as often as needed."
)
@click.option(
    "--language", default="shell", show_default=True, help="Of the patterns: shell, sql:DIALECT."
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@options.rules_option
@trust_option
@options.json_option
@options.at_option
def new(
    file: str,
    task: str,
    agent: tuple[str, ...],
    target: tuple[str, ...],
    ttl: timedelta | None,
    expires: datetime | None,
    allow: tuple[str, ...],
    language: str,
    force: bool,
    rules: str | None,
    as_json: bool,
    at: datetime | None,
) -> int:
    """Write a boundary's file.

    \b
    policy boundary new task.yaml --task 'rotate the logs' --agent deploy-bot --ttl 2h \\
        --allow 'logrotate -f {config:path /etc/logrotate.d/*}'

    A pattern is written as for `policy whitelist add`; of several commands (a && b) each that
    isn't low becomes one. The task ends after 8 hours unless --ttl or --expires say otherwise.

    JSON: {"file", "task", "agents", "targets", "expires", "allow": [pattern]}.

    Exit status: 0 done, 2 bad usage or input, or FILE is there already.
    """
    from policy.times import later
    from policy.whitelist.boundary_file import dump
    from policy.whitelist.task import Task

    refuse_empty(file, "FILE")
    mistake = mistake_in(language)
    if mistake is not None:
        raise click.BadParameter(mistake, param_hint="--language")
    now = options.now_of(at)
    until = options.end_of(ttl, expires) or _USUAL
    end = later(now, until) if isinstance(until, timedelta) else until
    if end <= now:
        raise click.BadParameter("the task would be over before it begins", param_hint="--expires")
    scope = options.scope_of(agent, target, (), ())
    patterns = _patterns(allow, language, load_engine(rules)) if allow else ()
    made = Task(task, end, scope.agents, scope.targets, patterns)
    try:
        write_file(file, dump(made), force=force)
    except WhitelistError as error:
        raise unusable("boundary", error) from None
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; --force replaces it") from None
    except OSError as error:
        raise unreadable("boundary", error, "written") from None
    _put(file, made, now, as_json=as_json)
    return Status.ALLOW


@boundary.command("show", short_help="Show a boundary.", context_settings=options.SETTINGS)
@click.argument("file", metavar="FILE")
@options.rules_option
@options.json_option
@options.at_option
def show(file: str, rules: str | None, as_json: bool, at: datetime | None) -> int:
    """Show a boundary, once it was read and its patterns were understood.

    \b
    policy boundary show task.yaml

    JSON: as of `new`.

    Exit status: 0 done, 2 bad usage or a file that can't be used.
    """
    found = load_boundary(file, load_engine(rules, deciding=False), deciding=False)
    _put(file, found.task, options.now_of(at), as_json=as_json)
    return Status.ALLOW


def _patterns(texts: tuple[str, ...], language: str, engine: Engine) -> tuple[Pattern, ...]:
    from policy.approve.request import patterns_of
    from policy.cli.whitelist.words import pattern_mistake
    from policy.harmless import examine
    from policy.whitelist.reader import PatternError

    found: dict[Pattern, None] = {}
    for text in texts:
        try:
            some = [one.pattern for one in patterns_of(text, engine, language)]
        except PatternError as error:
            raise pattern_mistake(text, error, "--allow") from None
        if len(some) > 1:  # what is low is in every task
            some = [one for one in some if examine(one, engine.rules).tier is not Tier.LOW]
        found.update(dict.fromkeys(some))
    return tuple(found)


def write_file(path: str, data: bytes, *, force: bool) -> None:
    """Make the file, whole or not at all. Raises FileExistsError for one that is there."""

    def wanted(before: bytes | None) -> bytes:
        if before is not None and not force:
            raise FileExistsError(path)
        return data

    from policy.storage import change_bytes

    change_bytes(path, wanted, guarded=not trusting(), most=1)


# What is told ------------------------------------------------------------------------------


def _put(file: str, task: Task, now: datetime, *, as_json: bool) -> None:
    if as_json:
        from policy.cli.json_form import dumps

        sys.stdout.write(dumps(_object(file, task)) + "\n")
    else:
        from policy.cli.whitelist.words import put_lines

        put_lines(_lines(file, task, now))


def _object(file: str, task: Task) -> dict[str, Any]:
    from policy.cli.whitelist.json_form import pattern_object
    from policy.times import instant

    return {
        "file": file,
        "task": task.task,
        "agents": list(task.agents),
        "targets": list(task.targets),
        "expires": instant(task.expires),
        "allow": [pattern_object(one) for one in task.allow],
    }


def _lines(file: str, task: Task, now: datetime) -> Iterator[str]:
    from policy.cli.whitelist.words import bad, pattern_text
    from policy.times import instant, roughly
    from policy.visible import visible

    yield f"{click.style(visible(task.task), bold=True)}  ({visible(file)})"
    yield f"  agents   {', '.join(map(visible, task.agents)) or 'any'}"
    yield f"  targets  {', '.join(map(visible, task.targets)) or 'any'}"
    if now < task.expires:
        left = f"{roughly(task.expires - now)} left"
    else:
        left = bad(f"over since {roughly(now - task.expires)}")
    yield f"  until    {instant(task.expires)} ({left})"
    if not task.allow:
        yield "  allows   nothing but what is low"
    for index, pattern in enumerate(task.allow):
        language = "" if pattern.language == "shell" else f"  ({pattern.language})"
        yield f"  {'' if index else 'allows':<8} {pattern_text(pattern)}{language}"

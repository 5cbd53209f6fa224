"""Options that several subcommands have, and the values of theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from policy.times import read_duration, read_instant
from policy.whitelist.entry import Scope

F = TypeVar("F", bound=Callable[..., Any])

_PLACEHOLDER = re.compile("NAME[0-9]*")

DEFAULT_FILE = "whitelist.yaml"
SETTINGS = {"help_option_names": ["-h", "--help"]}


class _Instant(click.ParamType[datetime]):
    name = "instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return read_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return read_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


INSTANT = _Instant()
DURATION = _Duration()

file_option = click.option(
    "--file", "file", default=DEFAULT_FILE, show_default=True, metavar="FILE", help="The whitelist."
)
rules_option = click.option("--rules", metavar="DIR", help="Rules that add to the shipped ones.")
json_option = click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
at_option = click.option("--at", type=INSTANT, hidden=True, help="Take this as now.")


def scope_options(command: F) -> F:
    """Globs for who may, and where; as a `Scope` they come from `scope_of`."""
    for name, what in (
        ("--cwd", "Directories in which it may run."),
        ("--environment", "Environments in which it may run."),
        ("--target", "Hosts or databases on which it may run."),
        ("--agent", "Agents who may; any, if none is given."),
    ):
        command = click.option(name, multiple=True, metavar="GLOB", help=what)(command)
    return command


def scope_of(
    agent: tuple[str, ...],
    target: tuple[str, ...],
    environment: tuple[str, ...],
    cwd: tuple[str, ...],
) -> Scope:
    """The scope that the options give: each glob once, sorted."""
    return Scope(*(tuple(sorted(set(globs))) for globs in (agent, target, environment, cwd)))


def end_options(command: F) -> F:
    """When an approval ends: by `end_of` at most one of them."""
    command = click.option(
        "--expires", type=INSTANT, metavar="INSTANT", help="The end, as 2026-12-01T00:00:00Z."
    )(command)
    return click.option(
        "--ttl", type=DURATION, metavar="TIME", help="How long it lives, as 7d, 36h or 30m."
    )(command)


def end_of(ttl: timedelta | None, expires: datetime | None) -> datetime | timedelta | None:
    """The end that was given, if any. Raises `click.UsageError` for two."""
    if ttl is not None and expires is not None:
        raise click.UsageError("--ttl and --expires exclude each other")
    return ttl if ttl is not None else expires


def by_option(*, required: bool) -> Callable[[F], F]:
    """Who approves."""
    return click.option(
        "--by",
        multiple=True,
        required=required,
        callback=_people,
        metavar="NAME",
        help="Who approves; once for each person.",
    )


def placeholders(number: int) -> tuple[str, ...]:
    """What stands for the names of so many people in a command line that is still to be filled."""
    return ("NAME",) if number < 2 else tuple(f"NAME{index + 1}" for index in range(number))


def _people(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if _PLACEHOLDER.fullmatch(name):
            raise click.BadParameter(f"`{name}` stands for the name of who approves")
    return names


def now_of(at: datetime | None) -> datetime:
    """Now, in UTC and whole seconds."""
    return at or datetime.now(UTC).replace(microsecond=0)

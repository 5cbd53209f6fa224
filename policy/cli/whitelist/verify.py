"""`policy whitelist verify`: does a whitelist still hold under today's rules?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from policy.cli.loading import load_engine, refuse_empty, unreadable
from policy.cli.status import Status
from policy.cli.whitelist import options
from policy.diagnostics import Finding, Severity, WhitelistError

if TYPE_CHECKING:
    from policy.engine import Engine


@click.command(
    "verify", short_help="Check entries under today's rules.", context_settings=options.SETTINGS
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--file", "more", multiple=True, metavar="FILE", help="The same as FILE.")
@options.rules_option
@options.json_option
@options.at_option
def verify_command(
    files: tuple[str, ...],
    more: tuple[str, ...],
    rules: str | None,
    as_json: bool,
    at: datetime | None,
) -> int:
    """Check that whitelists can be read, and that every entry holds under today's rules.

    \b
    policy whitelist verify whitelist.yaml

    Without FILE it is `whitelist.yaml`. An entry holds if it is a pattern that admits nothing
    high, if its tier, its people and its time are what the rules ask for, and if nothing denies
    it. That it is over, that its rule has changed, or that its id in the file isn't the one of
    what it permits is told, and no error.

    JSON: {"files": [{"file", "entries": number, "findings": [finding]}]}; `entries` is null for
    a file that can't be read.

    Exit status: 0 all hold, 1 some don't, 2 bad usage or a file that can't be read.
    """
    engine = load_engine(rules, deciding=False)
    now = options.now_of(at)
    status = Status.ALLOW
    objects: list[dict[str, Any]] = []
    for file in (*files, *more) or (options.DEFAULT_FILE,):
        refuse_empty(file, "FILE")
        number, found = _findings(file, engine, now)
        if number is None:
            status = Status.USAGE
        elif any(one.severity is Severity.ERROR for one in found):
            status = max(status, Status.FINDINGS)
        if as_json:
            from policy.cli.whitelist.json_form import finding_object

            told = [finding_object(one) for one in found]
            objects.append({"file": file, "entries": number, "findings": told})
        else:
            _put_text(file, number, found)
    if as_json:
        from policy.cli.whitelist.json_form import put_object

        put_object({"files": objects})
    return status


def _findings(file: str, engine: Engine, now: datetime) -> tuple[int | None, tuple[Finding, ...]]:
    """How many entries a file has, None where it can't be read; and what is to be said."""
    from policy.approve.verify import verify
    from policy.whitelist.files import read

    try:
        document = read(file)
    except WhitelistError as error:
        return None, error.findings
    except OSError as error:
        raise unreadable("whitelist", error) from None
    return len(document.entries), verify(document, engine, now)


def _put_text(file: str, number: int | None, found: tuple[Finding, ...]) -> None:
    from policy.cli.whitelist import words
    from policy.visible import visible

    wrong = sum(one.severity is Severity.ERROR for one in found)
    more = len(found) - wrong
    lines = [line for one in found for line in (words.finding_text(one), "")]
    counted = "" if number is None else ("1 entry, " if number == 1 else f"{number} entries, ")
    if wrong:
        told = f"{counted}1 error" if wrong == 1 else f"{counted}{wrong} errors"
    else:
        told = f"{counted}no errors" if number else "no entries"
    if more:
        told += f", {more} {'warning' if more == 1 else 'warnings'}"
    head = words.bad("wrong") if wrong else words.good("ok")
    words.put_lines([*lines, f"{head}  {visible(file)}: {told}"])

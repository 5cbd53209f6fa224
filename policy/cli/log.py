"""`policy log`: check a decision log, and say what is in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from policy.cli.loading import refuse_empty
from policy.cli.status import Status
from policy.cli.terminal import colours
from policy.journal.chain import JournalError, records
from policy.journal.record import Record
from policy.journal.stats import stats
from policy.journal.verify import Verified, verify
from policy.visible import visible

_SHOWN = 20  # breaks of one file; the others are counted
_DIGEST = 64  # hexadecimal digits


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def log() -> None:
    """Check a decision log, or say what is in it."""


@log.command("verify")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--head", metavar="DIGEST", help="The head that the log had before.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for each file.")
def verify_command(files: tuple[str, ...], head: str | None, as_json: bool) -> int:
    """Check that no line of a log was changed, taken out or put in.

    What is cut off at the end of a log can't be missed by the log alone. Keep the head that
    this prints somewhere else, and give it with --head the next time.

    Exit status: 0 as it was written, 1 not, 2 bad usage or a file that can't be read.
    """
    if head is not None:
        head = head.lower()
        if len(files) > 1:
            raise click.UsageError("--head is about one log: give one FILE")
        if len(head) != _DIGEST or set(head) - set("0123456789abcdef"):
            message = f"`{head}` is no digest: {_DIGEST} hexadecimal digits"
            raise click.BadParameter(message, param_hint="--head")
    status = Status.ALLOW
    for file in files:
        refuse_empty(file, "FILE")
        try:
            found = verify(file, head)
        except (JournalError, OSError) as error:
            raise _unreadable(file, error) from None
        _write_verified(file, found, as_json=as_json)
        if not found.sound:
            status = Status.FINDINGS
    return status


@log.command("stats")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many of the most frequent to show.",
)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
def stats_command(files: tuple[str, ...], top: int, as_json: bool) -> int:
    """Say what share was allowed and why, and what people were asked most.

    Of what people were asked most, each row that an approval may be remembered for shows the
    command line that offers patterns for a whitelist.

    Exit status: 0, or 2 for bad usage or a file that can't be read.
    """
    found = stats(_records(files), top)
    if as_json:
        from policy.cli.json_form import dumps
        from policy.cli.log_json import stats_object

        sys.stdout.write(dumps(stats_object(found)) + "\n")
    else:
        from policy.cli.log_tables import write_stats

        write_stats(found, sys.stdout, colours(sys.stdout))
    return Status.ALLOW


def _records(files: tuple[str, ...]) -> Iterator[Record]:
    for file in files:
        refuse_empty(file, "FILE")
        try:
            yield from records(file)
        except (JournalError, OSError) as error:
            raise _unreadable(file, error) from None


def _unreadable(file: str, error: JournalError | OSError) -> click.ClickException:
    if isinstance(error, OSError):
        return click.ClickException(visible(f"{file}: {error.strerror or error}"))
    return click.ClickException(visible(str(error)))


def _write_verified(file: str, found: Verified, *, as_json: bool) -> None:
    if as_json:
        from policy.cli.json_form import dumps
        from policy.cli.log_json import verified_object

        sys.stdout.write(dumps(verified_object(file, found)) + "\n")
        return
    coloured = colours(sys.stdout)
    lines = "1 line" if found.count == 1 else f"{found.count} lines"
    text = click.style("ok", fg="green", bold=True) if found.sound else _broken(found)
    out = [f"{text}  {visible(file)}: {lines}, head {found.head or 'none'}"]
    if found.since:
        behind = "1 line" if found.since == 1 else f"{found.since} lines"
        out.append(f"    the head that was given is followed by {behind}")
    out += [f"    line {one.line}: {one.message}" for one in found.breaks[:_SHOWN]]
    if len(found.breaks) > _SHOWN:
        out.append(f"    and {len(found.breaks) - _SHOWN} more")
    shown = "\n".join(out) + "\n"
    sys.stdout.write(shown if coloured else click.unstyle(shown))


def _broken(found: Verified) -> str:
    return click.style("broken", fg="red", bold=True)

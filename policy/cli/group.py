"""`policy`: the group of subcommands, and what every one of them does about closed pipes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

import click

from policy import __version__
from policy.cli.status import Status

_SUBCOMMANDS = {
    "boundary": "policy.cli.boundary:boundary",
    "check": "policy.cli.check:check",
    "diff": "policy.cli.diff:diff",
    "log": "policy.cli.log:log",
    "whitelist": "policy.cli.whitelist:whitelist",
}


class _Group(click.Group):
    """Imports a subcommand's module when it is asked for, and ends quietly at a closed pipe."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SUBCOMMANDS:
            return None
        module, _, name = _SUBCOMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # click itself would exit with 1
            _abandon_output()
            return Status.PIPE_CLOSED
        except OSError as error:  # those about files are told where these are opened
            _abandon_output()
            raise click.ClickException(f"the answer can't be written: {error}") from None
        return status


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="policy %(version)s")
def policy() -> None:
    """Decide whether a shell command or a SQL statement may run."""


def run(subcommand: str | None = None) -> int:
    """Run the command line; its exit status.

    With a subcommand as if it stood before the arguments. A KeyboardInterrupt passes through.
    """
    if sys.stdout is None:  # it was closed, and the next file that is opened would stand for it
        if sys.stderr is not None:
            sys.stderr.write("Error: standard output is closed\n")
        return Status.USAGE
    gc.disable()  # one decision ends before there is garbage; a batch enables it again
    for stream in (sys.stdout, sys.stderr):
        # An answer that the terminal's encoding can't show is shown escaped, not lost.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = None if subcommand is None else [subcommand, *sys.argv[1:]]
    try:
        status = policy.main(arguments, prog_name="policy", standalone_mode=False)
    except click.ClickException as error:
        _tell(error.show)
        return Status.USAGE
    except click.Abort:
        return Status.INTERRUPTED
    except SystemExit as error:  # of some library: its 0 would be an allow
        message = f"Error: stopped before there was an answer ({error!r})\n"
        _tell(lambda: sys.stderr.write(message))
        return Status.USAGE
    except Exception as error:  # noqa: BLE001  # whatever breaks: Python's own 1 is an answer of several commands
        if isinstance(error.__cause__, KeyboardInterrupt):
            return Status.INTERRUPTED  # Python 3.11 hides it where a class is made
        _tell(_report_fault)
        return Status.USAGE
    return status if isinstance(status, int) else 0


def _tell(write: Callable[[], object]) -> None:
    """Write to standard error, which may be closed or full: the exit status says it as well."""
    with suppress(OSError):
        write()


def _report_fault() -> None:
    import traceback

    traceback.print_exc()
    sys.stderr.write("Error: a fault of this program, with no answer; please report it\n")


def _abandon_output() -> None:
    """Point standard output elsewhere, or the interpreter fails again when it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

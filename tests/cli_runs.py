"""The command line, called in this process: as quick as a function, and as it ends for people."""

import gc
import io
import signal
import sys

import pytest

from policy.cli.main import main

COMMAND_LINE = (sys.executable, "-m", "policy.cli.main")
"""For tests that need a process of its own."""

_ENVIRONMENT = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")


def default_interrupt():
    """For `preexec_fn`: jobs in the background, as the suite may be one, ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def caller(monkeypatch, capsys, directory=None):
    """A function that calls `policy` with arguments: exit status, standard output and error.

    In `directory`, where one is given; whatever the environment says of colours and width.
    """
    for name in _ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    if directory is not None:
        monkeypatch.chdir(directory)

    def call(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["policy", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        gc.enable()  # a process that ends here does without
        return ended.value.code, *capsys.readouterr()

    return call

"""Kills writers of a whitelist at any moment, and looks whether what they acknowledged is there.

    python tests/crash_whitelist.py 200

Each round starts a few processes that add entries to one file without end, and say on a pipe
when `update` has returned. They are killed one after the other while the others go on. The
file has to be readable after each, hold every entry that was acknowledged, and nothing else
than what was added.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import sleep

from policy.decision import Tier
from policy.whitelist.document import Document
from policy.whitelist.entry import Approval, Entry
from policy.whitelist.files import read, update
from policy.whitelist.pattern import Pattern

WRITERS = 4
LONGEST = 0.03  # seconds between two kills: a few writes
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def entry(name: str) -> Entry:
    """An entry by that name; large enough for a write of several blocks."""
    return Entry(Pattern(f"echo {name}"), Tier.LOW, Approval(("alice",), MOMENT), note="x" * 2_000)


def adding(name: str) -> Callable[[Document], Document]:
    """The change that adds it."""
    return lambda document: Document((*document.entries, entry(name)))


def add(path: Path, prefix: str, numbers: Iterable[int]) -> None:
    """Adds an entry for each number, and acknowledges it."""
    for number in numbers:
        name = f"{prefix}-{number}"
        update(path, adding(name))
        os.write(1, f"{name}\n".encode())


def writer(path: Path, prefix: str, *number: str) -> subprocess.Popen[bytes]:
    """A process that adds that many entries, or goes on until it is killed."""
    command = [sys.executable, __file__, "--add", str(path), prefix, *number]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def kill_writers(kills: int, seed: int) -> int:
    """Kills that many writers. Returns how many entries they acknowledged; none was lost."""
    chance = random.Random(seed)
    acknowledged = 0
    for first in range(0, kills, WRITERS):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "whitelist.yaml"
            acknowledged += _round(path, min(WRITERS, kills - first), chance)
    return acknowledged


def _round(path: Path, writers: int, chance: random.Random) -> int:
    running = [writer(path, f"w{number}") for number in range(writers)]
    try:
        acknowledged = [_line(one) for one in running]  # each is at work, not being started
        while running:
            sleep(chance.uniform(0, LONGEST))
            acknowledged += _kill(running.pop(chance.randrange(len(running))))
            _check(path, acknowledged)
    finally:
        for one in running:
            _kill(one)
    update(path, lambda document: document)
    assert list(path.parent.iterdir()) == [path], "what killed writers left behind is still there"
    return len(acknowledged)


def _kill(victim: subprocess.Popen[bytes]) -> list[str]:
    """Kills a writer; what it acknowledged since it was asked last."""
    victim.send_signal(signal.SIGKILL)
    said, _ = victim.communicate()
    assert victim.returncode == -signal.SIGKILL, "a writer failed by itself"
    return said.decode().split()


def _line(one: subprocess.Popen[bytes]) -> str:
    assert one.stdout is not None
    return one.stdout.readline().decode().strip()


def _check(path: Path, acknowledged: list[str]) -> None:
    document = read(path)
    names = {one.pattern.command.removeprefix("echo ") for one in document.entries}
    assert set(acknowledged) <= names, "an acknowledged entry was lost"
    assert {one.pattern for one in document.entries} == {entry(name).pattern for name in names}
    assert all(one.note == "x" * 2_000 for one in document.entries), "a part of an entry was lost"
    assert document.warnings == ()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--add", path, prefix]:
            add(Path(path), prefix, count())
        case ["--add", path, prefix, number]:
            add(Path(path), prefix, range(int(number)))
        case [kills]:
            found = kill_writers(int(kills), seed=random.randrange(2**32))
            print(f"{kills} writers killed; {found} entries were acknowledged, none was lost")
        case _:
            sys.exit(__doc__)

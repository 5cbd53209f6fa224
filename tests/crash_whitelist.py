"""Kills writers of a whitelist at any moment, and looks whether what they acknowledged is there.

    python tests/crash_whitelist.py 200

Each round starts several processes that add entries to one file, each of which says on a pipe
when `update` has returned, and kills them all. The file has to be readable then, hold every
entry that was acknowledged, and nothing that nobody added.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from policy.decision import Tier
from policy.whitelist.canonical import dump
from policy.whitelist.document import Document
from policy.whitelist.entry import Approval, Entry
from policy.whitelist.files import read, update
from policy.whitelist.pattern import Pattern

WRITERS = 3
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def entry(name: str) -> Entry:
    """One that differs by its name only; its size makes a write take a while."""
    return Entry(Pattern(f"echo {name}"), Tier.LOW, Approval(("alice",), MOMENT), note="x" * 500)


def adding(name: str):
    """A change that adds the entry of that name."""
    return lambda document: Document((*document.entries, entry(name)))


def write_until_killed(path: Path, prefix: str) -> None:
    """Adds entries without end, and acknowledges each."""
    number = 0
    while True:
        name = f"{prefix}-{number}"
        update(path, adding(name))
        os.write(1, f"{name}\n".encode())
        number += 1


def start(path: Path, prefix: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, "--write", str(path), prefix]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def kill_rounds(path: Path, kills: int, seed: int = 0) -> int:
    """Kills `kills` writers and returns how many entries were acknowledged. Asserts the rest."""
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    started: list[str] = []
    running: list[subprocess.Popen[bytes]] = []
    killed = 0
    while killed < kills:
        while len(running) < WRITERS:
            started.append(f"w{len(started)}")
            running.append(start(path, started[-1]))
            _first(running[-1], acknowledged)
        # Between two writes of a few milliseconds each, anywhere.
        _wait(chance.uniform(0, 0.03))
        victim = running.pop(chance.randrange(len(running)))
        victim.send_signal(signal.SIGKILL)
        assert victim.stdout is not None
        acknowledged |= set(victim.stdout.read().decode().split())
        victim.stdout.close()
        assert victim.wait() == -signal.SIGKILL, "a writer failed by itself"
        killed += 1
        _check(path, acknowledged, started)
        if killed % 20 == 0:
            _prune(path, acknowledged)
    for writer in running:
        writer.kill()
        assert writer.stdout is not None
        acknowledged |= set(writer.stdout.read().decode().split())
        writer.stdout.close()
        writer.wait()
    _check(path, acknowledged, started)
    update(path, lambda document: document)
    assert os.listdir(path.parent) == [path.name], "what killed writers left behind stays"
    return len(acknowledged)


def _first(writer: subprocess.Popen[bytes], acknowledged: set[str]) -> None:
    """Waits until a writer is at work, and not still being started."""
    assert writer.stdout is not None
    line = writer.stdout.readline().decode()
    assert line.endswith("\n"), "a writer failed by itself"
    acknowledged.add(line.strip())

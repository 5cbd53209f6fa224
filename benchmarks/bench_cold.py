"""A decision in a process of its own, against what Python itself takes to start.

Prints a Markdown table of medians. The programs take turns, so that a busy moment of the
machine meets all of them; the ratio says more than the milliseconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # as most run it: .pyc files are kept
POLICY = str(Path(sys.executable).with_name("policy"))
CONTENDERS = {
    "`python -c pass`": [sys.executable, "-c", "pass"],
    "`python -c 'import click'`": [sys.executable, "-c", "import click"],
    "`policy check 'git status'`": [POLICY, "check", "git status"],
    "`policy check 'git log \"$x\" \\| head'`": [POLICY, "check", 'git log "$x" | head'],
    "`policy check --language sql:postgres 'SELECT 1'`": [
        *(POLICY, "check", "--language", "sql:postgres", "SELECT 1"),
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args().rounds

    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for turn in range(rounds + 1):
        for name, argv in CONTENDERS.items():
            took = seconds(argv)
            if turn:  # the first one fills caches
                times[name].append(took)

    base = statistics.median(times["`python -c pass`"])
    print(f"\nWhole process, median of {rounds}, Python {sys.version.split()[0]}\n")
    print("| | milliseconds | × `python -c pass` |")
    print("|---|---:|---:|")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"| {name} | {median * 1000:.0f} | {median / base:.1f} |")


def seconds(argv: list[str]) -> float:
    begin = time.perf_counter()
    finished = subprocess.run(argv, env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - begin
    if finished.returncode not in (0, 3, 4, 5):
        raise SystemExit(f"{argv} exits with {finished.returncode}")
    return took


if __name__ == "__main__":
    main()

"""Runs every oracle and prints one table: what was tried, what really happened, what was missed.

make oracle
PYTHONPATH=tests python -m oracle --scripts 500 --only bash --seed 7
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from oracle import verified
from oracle.report import Part, Row, merged
from oracle.table import drawn, listed

LINES = 2_000


@dataclass(frozen=True)
class Oracle:
    """A judge: the module whose `run` asks it, and how much of the work of its kind it gets."""

    name: str
    module: str
    kind: str  # scripts, statements, command lines
    share: float
    chunk: int  # inputs of one part: starting a server takes seconds


ORACLES = (
    Oracle("postgres", "oracle.postgres", "statements", 0.5, 2_500),
    Oracle("mariadb", "oracle.mariadb", "statements", 0.2, 3_000),
    Oracle("sqlite", "oracle.sqlite", "statements", 0.28, 3_000),
    Oracle("psql", "oracle.psql", "statements", 0.02, 200),
    # Those written by hand, with three answers each: all of them in one part of a whole run.
    Oracle("constructs", "oracle.constructs", "scripts", 0.55, 12_000),
    Oracle("bash", "oracle.shell", "scripts", 1.0, 500),
    Oracle("programs", "oracle.programs", "command lines", 1.0, 250),
)


def parts(oracle: Oracle, count: int, seed: int, corpora: Path | None) -> Iterator[Part]:
    """The oracle's share of the work in pieces, each with a seed of its own."""
    left = round(count * oracle.share)
    number = 0
    while left > 0:
        yield Part(min(left, oracle.chunk), seed + 7_919 * number, corpora)
        left -= oracle.chunk
        number += 1


def ask(module: str, part: Part) -> list[Row]:
    """What one oracle says of one part; runs in a process of its own."""
    return import_module(module).run(part)


def main() -> int:
    """Exit status: 0 nothing was missed, 1 something was, 2 an oracle couldn't be asked."""
    options = _options()
    counts = {
        "scripts": options.scripts,
        "statements": options.statements,
        "command lines": options.lines,
    }
    chosen = [one for one in ORACLES if not options.only or one.name in options.only]
    started = time.monotonic()
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting: dict[Future[list[Row]], str] = {
            pool.submit(ask, oracle.module, part): oracle.name
            for oracle in chosen
            for part in parts(oracle, counts[oracle.kind], options.seed, options.corpora)
        }
        answers: dict[str, list[Row]] = {oracle.name: [] for oracle in chosen}
        faults = _gather(waiting, answers)
    rows = merged(row for oracle in chosen for row in answers[oracle.name])
    print(drawn(rows))
    print(_summary(chosen, counts, time.monotonic() - started))
    misses = [miss for row in rows for miss in row.missed]
    if misses:
        print(listed(misses))
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if faults:
        return 2
    if misses:
        return 1
    if not options.only:
        _note(rows, options)
    return 0


def _summary(chosen: list[Oracle], counts: dict[str, int], seconds: float) -> str:
    """What was asked, of which judges, and how long it took."""
    kinds = {oracle.kind for oracle in chosen}
    asked = ", ".join(f"{counts[kind]:,} {kind}" for kind in counts if kind in kinds)
    judges = ", ".join(f"{name} {version}" for name, version in verified.installed_judges().items())
    return f"{asked}; {seconds:.0f} seconds\njudges: {judges}"


def _note(rows: list[Row], options: argparse.Namespace) -> None:
    """A whole run that missed nothing is written down; a shorter one says that it wasn't."""
    try:
        verified.record(
            rows, seed=options.seed, scripts=options.scripts, statements=options.statements
        )
    except verified.NotWhole as wrong:
        print(f"{verified.FILE.name} stays as it is: {wrong}")
    else:
        print(f"{verified.FILE.name} holds the versions that were judged: commit it")


def _gather(waiting: dict[Future[list[Row]], str], answers: dict[str, list[Row]]) -> list[str]:
    """Puts the rows of each part to its oracle as they come; what went wrong, as sentences."""
    faults = []
    for done, future in enumerate(as_completed(waiting), 1):
        name = waiting[future]
        error = future.exception()
        if error is not None:
            faults.append(f"{name}: {type(error).__name__}: {error}")
        else:
            answers[name] += future.result()
        if sys.stderr.isatty():
            print(f"\r{done} of {len(waiting)} parts", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r" + " " * 30 + "\r", end="", file=sys.stderr)
    return faults


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__.split("\n")[0])
    parser.add_argument("--scripts", type=int, default=verified.SCRIPTS, help="scripts of bash")
    parser.add_argument(
        "--statements", type=int, default=verified.STATEMENTS, help="statements of SQL"
    )
    parser.add_argument("--lines", type=int, default=LINES, help="command lines of real programs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--corpora", type=Path, help="a directory of real commands to change")
    parser.add_argument(
        "--only", action="append", choices=[one.name for one in ORACLES], help="this judge alone"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Which versions of the parsers the oracles have judged: `verified.json`, beside this.

An allow depends on what the parsers see. The last whole run of the oracles that missed nothing
wrote down their versions; a test compares them with what is installed, so that no other version
comes in without `make oracle`. The judges' versions stand there to be read, and aren't compared:
a shell or server of another version is another judge of the same readers.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from oracle.needs import program
from oracle.report import Row

FILE = Path(__file__).with_name("verified.json")
PARSERS = ("bashlex", "pglast", "sqlglot", "sqlglotc", "tree-sitter", "tree-sitter-bash")
GRAMMAR = "libpg_query's PostgreSQL"
ABSENT = "absent"
SCRIPTS, STATEMENTS = 20_000, 30_000  # a whole run judges at least as many

_JUDGES = {  # the question that makes each say its version
    "bash": ("bash", "--version"),
    "PostgreSQL": ("postgres", "--version"),
    "MariaDB": ("mariadbd", "--version"),
    "strace": ("strace", "--version"),
    "bubblewrap": ("bwrap", "--version"),
}


@dataclass(frozen=True)
class Count:
    """What one judge did in a run, over all constructs (see `Row`)."""

    ran: int
    seen: int
    opaque: int


@dataclass(frozen=True)
class Verified:
    """A whole run of the oracles that missed nothing."""

    parsers: Mapping[str, str]
    judges: Mapping[str, str]
    seed: int
    scripts: int
    statements: int
    counts: Mapping[str, Count]


@dataclass(frozen=True)
class Difference:
    """A parser that is installed in another version than was judged."""

    parser: str
    installed: str
    judged: str

    def __str__(self) -> str:
        return f"{self.parser} {self.installed} is installed, the oracles judged {self.judged}"


class NotWhole(Exception):
    """A run that isn't one to rely on; the message says why."""


def installed_parsers() -> dict[str, str]:
    """The versions of the parsers that this Python would import."""
    found = {name: _version(name) for name in PARSERS}
    if found["pglast"] != ABSENT:
        from pglast.parser import get_postgresql_version

        found[GRAMMAR] = ".".join(map(str, get_postgresql_version()))
    else:
        found[GRAMMAR] = ABSENT
    return found


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ABSENT


def installed_judges() -> dict[str, str]:
    """The versions of the shells and servers on this machine, and of Python's SQLite."""
    found = {judge: _says(*question) for judge, question in _JUDGES.items()}
    return found | {"SQLite": sqlite3.sqlite_version}


def _says(name: str, question: str) -> str:
    """The first number with a point in it that a program answers to a question."""
    path = program(name)
    if path is None:
        return ABSENT
    answer = subprocess.run([path, question], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+(\.\d+)+[^\s,()]*", answer)
    return number[0] if number else ABSENT


def read(file: Path = FILE) -> Verified | None:
    """The last whole run, or None where there was none. Raises `ValueError` for a damaged file."""
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    try:
        counts = {judge: Count(**count) for judge, count in fields.pop("counts").items()}
        return Verified(counts=counts, **fields)
    except (AttributeError, KeyError, TypeError) as wrong:
        raise ValueError(f"{file}: {wrong}") from wrong


def differences(judged: Verified, installed: Mapping[str, str]) -> list[Difference]:
    """The parsers whose version isn't the one that was judged, new and lost ones among them."""
    return [
        Difference(parser, installed.get(parser, ABSENT), judged.parsers.get(parser, ABSENT))
        for parser in sorted(judged.parsers.keys() | installed.keys())
        if installed.get(parser, ABSENT) != judged.parsers.get(parser, ABSENT)
    ]


def record(
    rows: Iterable[Row], *, seed: int, scripts: int, statements: int, file: Path = FILE
) -> Verified:
    """Write down that a whole run missed nothing with what is installed here.

    `scripts` and `statements` are how many were asked for. Raises `NotWhole`, and writes
    nothing, where something was missed, a judge or parser is absent, or too few inputs ran.
    """
    rows = list(rows)
    judged = Verified(
        parsers=installed_parsers(),
        judges=installed_judges(),
        seed=seed,
        scripts=scripts,
        statements=statements,
        counts=_counts(rows),
    )
    reasons = _reasons(rows, judged)
    if reasons:
        raise NotWhole("; ".join(reasons))
    text = json.dumps(asdict(judged), indent=2, sort_keys=True) + "\n"
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
    return judged


def _counts(rows: Iterable[Row]) -> dict[str, Count]:
    counts: dict[str, Count] = {}
    for row in rows:
        old = counts.get(row.judge, Count(0, 0, 0))
        counts[row.judge] = Count(old.ran + row.ran, old.seen + row.seen, old.opaque + row.opaque)
    return counts


def _reasons(rows: list[Row], judged: Verified) -> list[str]:
    """Why a run is nothing to rely on."""
    reasons = []
    missed = sum(len(row.missed) for row in rows)
    if missed:
        reasons.append(f"{missed} effects were missed")
    if judged.scripts < SCRIPTS or judged.statements < STATEMENTS:
        reasons.append(
            f"it was {judged.scripts:,} scripts and {judged.statements:,} statements, a whole run"
            f" has {SCRIPTS:,} and {STATEMENTS:,}"
        )
    ran = sum(count.ran for count in judged.counts.values())
    if ran < judged.scripts + judged.statements:
        reasons.append(f"only {ran:,} inputs were judged")
    idle = [judge for judge, count in judged.counts.items() if not count.seen]
    if idle:
        reasons.append(f"nothing was seen by {', '.join(idle)}")
    versions = {**judged.parsers, **judged.judges}
    absent = sorted(name for name, version in versions.items() if version == ABSENT)
    if absent:
        reasons.append(f"this machine has no {', '.join(absent)}")
    return reasons

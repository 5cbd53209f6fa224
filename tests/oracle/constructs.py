"""Scripts written by hand for every construct of bash, and what bash says of them.

`handwritten/*.txt` are the tables, by the sections of the bash manual. A line at the margin names
a construct, the lines behind it are scripts: ⏎ is a line feed, ␉ a tab, ␠ a blank at an end, and
Unicode's pictures stand for the other control characters. A `?` before a script says that some of
it is only known at run time, or isn't read: its plan may be opaque. No other script's may.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from oracle.report import Miss, Part, Row, merged
from oracle.sandbox import Answer, Sandbox
from oracle.shell import examine
from policy import Engine
from policy.plan import Opaque, Plan

TABLES = tuple(sorted(Path(__file__).with_name("handwritten").glob("*.txt")))
_PICTURES = {0x2400 + code: chr(code) for code in range(0x20)}  # U+2400, control pictures
_WRITTEN = {**_PICTURES, ord("⏎"): "\n", ord("␠"): " ", ord("␡"): "\x7f"}


@dataclass(frozen=True)
class Written:
    """A script; `exact` says that all of it must be understood."""

    construct: str
    text: str
    exact: bool


def scripts() -> tuple[Written, ...]:
    """Every script of the tables, in their order."""
    return tuple(one for path in TABLES for one in read_table(path))


def read_table(path: Path) -> Iterator[Written]:
    """The scripts of one table."""
    construct = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(" "):
            construct = line
        elif line:
            yield Written(construct, line[4:].translate(_WRITTEN), not line.startswith("  ? "))


def opacity(plan: Plan) -> str | None:
    """Why a part of the plan is opaque, None where all of it is understood."""
    return next((a.does.message for a in plan.actions if isinstance(a.does, Opaque)), None)


def run(part: Part) -> list[Row]:
    """Every script with every answer of its programs: the first `count` in an order by `seed`.

    A count of three times the scripts is all of it, in some three minutes.
    """
    runs = [(one, answer) for one in scripts() for answer in Answer]
    random.Random(part.seed).shuffle(runs)
    return judged(runs[: part.count])


def judged(runs: Iterable[tuple[Written, Answer]]) -> list[Row]:
    """What bash says of these scripts, by construct."""
    engine, judge = Engine.load(), "bash, by hand"
    with Sandbox() as sandbox:
        return merged(_row(judge, engine, sandbox, one, answer) for one, answer in runs)


def _row(judge: str, engine: Engine, sandbox: Sandbox, one: Written, answer: Answer) -> Row:
    cover = examine(engine, sandbox, one.text, answer)
    missed = tuple(Miss("shell", one.text, happened) for happened in cover.missed)
    return Row(judge, one.construct, 1, cover.seen, cover.opaque, missed)

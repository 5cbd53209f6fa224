"""What bash says of the scripts that were written by hand (`written.py`)."""

from __future__ import annotations

import random
from collections.abc import Iterable

from oracle.report import Miss, Part, Row, merged
from oracle.sandbox import Answer, Sandbox
from oracle.shell import examine
from oracle.written import Written, scripts
from policy import Engine
from policy.plan import Opaque, Plan


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

"""bash as the judge of the shell's readers: what it ran and opened has to be in the Plan.

Scripts are drawn from a grammar (`scripts.py`), written for each construct (`constructs.py`), or
are real commands that were changed (`mutations.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from hypothesis import HealthCheck, Phase, given, seed, settings

from oracle.cover import Cover, covered
from oracle.mutations import mutated
from oracle.report import Miss, Part, Row
from oracle.sandbox import Answer, Sandbox
from oracle.scripts import CONSTRUCTS, scripts
from policy import Engine, Verdict

_MUTATED = 0.3  # of all scripts
_ANSWERS = tuple(Answer)


def run(part: Part) -> list[Row]:
    """Drawn and changed scripts, each once, with one of the three answers of the stand-ins."""
    engine = Engine.load()
    drawn = round(part.count * (1 - _MUTATED) / len(CONSTRUCTS))
    with Sandbox() as sandbox:
        rows = [
            judged(engine, sandbox, construct, draw_scripts(construct, drawn, part.seed))
            for construct in CONSTRUCTS
        ]
        changed = draw_mutations(part.count - drawn * len(CONSTRUCTS), part)
        rows.append(judged(engine, sandbox, "real commands, changed", changed))
    return rows


def draw_scripts(construct: str, count: int, number: int) -> list[str]:
    """So many different scripts that hold the construct."""
    found: dict[str, None] = {}
    attempt = 0
    while len(found) < count and attempt < 20:
        _draw(construct, count, number + 1_000_003 * attempt, found)
        attempt += 1
    return list(found)[:count]


def _draw(construct: str, count: int, number: int, found: dict[str, None]) -> None:
    @seed(number)
    @settings(
        max_examples=count + 50,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(scripts(construct))
    def draw(text: str) -> None:
        found.setdefault(text)

    draw()


def draw_mutations(count: int, part: Part) -> Iterator[str]:
    """So many real commands, changed."""
    source = random.Random(part.seed)
    return (mutated(source, part.corpora) for _ in range(count))


def judged(engine: Engine, sandbox: Sandbox, construct: str, texts: Iterable[str]) -> Row:
    """What bash says of each text, with the answers in turn."""
    ran = seen = opaque = 0
    missed: list[Miss] = []
    for number, text in enumerate(texts):
        found = examine(engine, sandbox, text, _ANSWERS[number % len(_ANSWERS)])
        ran += 1
        seen += found.seen
        opaque += found.opaque
        missed += [Miss("shell", text, one) for one in found.missed]
    return Row("bash", construct, ran, seen, opaque, tuple(missed))


def examine(engine: Engine, sandbox: Sandbox, text: str, answer: Answer) -> Cover:
    """What bash does with one text, held against the plan and the decision."""
    if "\0" in text:
        return Cover()  # no argument of a program holds it, and the text isn't understood
    decision = engine.decide(text)
    cover = covered(engine.plan(text), decision, sandbox.run(text, answer=answer))
    if cover.opaque and decision.verdict is Verdict.ALLOW:
        cover.missed.append("allowed, though a part of it isn't known")
    return cover

"""What one decision costs on texts that were made to be costly, by size.

Prints a Markdown table of the worst shapes (`tests/hostile/shapes.py`), by milliseconds of
processor time for each KiB of the largest size; `growth` is the cost of the largest size over
that of the smallest, each for its KiB: 1 is linear. Each shape has a process of its own, with
bounded memory, so that one which hangs is a row and not the end.
"""

from __future__ import annotations

import argparse
import gc
import logging
import multiprocessing
import resource
import sys
import time
from multiprocessing.pool import ThreadPool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile.shapes import SHAPES, Shape

from policy import Engine

MEMORY = 2**30
SECONDS = 60
ENGINE = Engine.load()
Measured = tuple[str, str, list[float], int, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="8,16,32,64", help="in KiB, with commas between")
    parser.add_argument("--language", default="", help="only of languages that begin so")
    parser.add_argument("--name", default="", help="only shapes whose names have this in them")
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    sizes = [int(one) for one in arguments.sizes.split(",")]
    chosen = [
        shape
        for shape in SHAPES
        if shape.language.startswith(arguments.language) and arguments.name in shape.name
    ]
    for language in dict.fromkeys(shape.language for shape in chosen):
        ENGINE.decide("x", language=language)  # a process shares what is loaded before it
    gc.freeze()
    with ThreadPool(arguments.jobs) as pool:
        rows = pool.map(lambda shape: alone(shape, sizes), chosen, chunksize=1)
    rows.sort(key=lambda row: (len(row[2]) == len(sizes), -max(row[2], default=0.0)))
    print(f"\nOne decision on hostile texts, Python {sys.version.split()[0]}, ms of CPU a KiB\n")
    heads = " | ".join(f"{size} KiB" for size in sizes)
    print(f"| shape | language | {heads} | growth | MiB | answer |")
    print(f"|---|---|{'---:|' * len(sizes)}---:|---:|---|")
    for name, language, costs, memory, answer in rows[: arguments.rows]:
        shown = " | ".join(f"{cost:.1f}" for cost in costs)
        growth = f"{costs[-1] / costs[0]:.1f}" if len(costs) > 1 and costs[0] else "-"
        print(f"| {name} | {language} | {shown} | {growth} | {memory} | {answer} |")


def alone(shape: Shape, sizes: list[int]) -> Measured:
    """What `measured` says in a process of its own, or how that ended."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=lambda: theirs.send(measured(shape, sizes)))
    process.start()
    theirs.close()
    process.join(SECONDS)
    if ours.poll():
        found: Measured = ours.recv()
        return found
    ending = f"ended by {process.exitcode}" if process.exitcode is not None else "does not end"
    process.kill()
    return shape.name, shape.language, [], 0, ending


def measured(shape: Shape, sizes: list[int]) -> Measured:
    """Milliseconds a KiB at each size until one fails, the peak of memory, the last answer."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    costs: list[float] = []
    answer = "-"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for size in sizes:
        text = shape.make(size * 1024)
        begin = time.process_time()
        decision = ENGINE.decide(text, language=shape.language)
        cost = 1000 * (time.process_time() - begin) / size
        costs.append(cost)
        rule = decision.reasons[0].rule
        answer = f"{decision.verdict}, {rule}" if rule[:6] == "engine" else str(decision.verdict)
        if "engine.fault" in {reason.rule for reason in decision.reasons}:
            answer = "FAULT"
        if cost * size > 1000 * SECONDS / 4:
            answer += " (stopped)"
            break
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return shape.name, shape.language, costs, (after - before) // 1024, answer


if __name__ == "__main__":
    main()

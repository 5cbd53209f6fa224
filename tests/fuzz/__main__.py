"""Fuzzes with atheris, which looks for inputs that reach code that no other reached.

    make fuzz FUZZ='--seconds 300 --only shell --corpora DIRECTORY'

Each target has a process of its own, with two gigabytes of memory and ten seconds for an input.
An input that breaks one is kept in the directory of findings, and `--input FILE` runs it again.
Exits with 1 if anything was found.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

NAMES = ("shell", "sql", "words", "rules", "whitelist", "boundary", "log", "batch")
SECONDS_EACH = 10
MEBIBYTES = 2_048
LONGEST = 2_048


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=240, help="for all targets together")
    parser.add_argument("--only", choices=NAMES, action="append")
    parser.add_argument("--corpora", type=Path, help="a directory of *.jsonl.gz: texts to mutate")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input", type=Path, help="runs one input and nothing else")
    parser.add_argument("--within", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    chosen = arguments.only or list(NAMES)
    if arguments.input is not None:
        from fuzz.targets import TARGETS

        for name in chosen:
            TARGETS[name](arguments.input.read_bytes())
        return 0
    if arguments.within:
        return within(chosen[0], arguments)
    arguments.findings.mkdir(parents=True, exist_ok=True)
    failed = [name for name in chosen if fuzzed(name, arguments, len(chosen))]
    sys.stdout.write(f"found something: {', '.join(failed)}\n" if failed else "found nothing\n")
    return 1 if failed else 0


def fuzzed(name: str, arguments: argparse.Namespace, number: int) -> bool:
    """Runs one target in a process; whether it found something."""
    command = [
        *(sys.executable, "-m", "fuzz", "--within", "--only", name),
        *("--seconds", str(max(1, arguments.seconds // number))),
        *("--findings", str(arguments.findings), "--seed", str(arguments.seed)),
        *(("--corpora", str(arguments.corpora)) if arguments.corpora else ()),
    ]
    finished = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    lines = finished.stderr.splitlines()
    done = [line for line in lines if line.startswith(("Done", "stat::number_of_executed"))]
    sys.stdout.write(f"{name:<10} {' '.join(done) or 'ended early'}\n")
    if finished.returncode:
        sys.stdout.write("\n".join(lines[-60:]) + "\n")
    sys.stdout.flush()
    return finished.returncode != 0


def within(name: str, arguments: argparse.Namespace) -> int:
    import atheris

    # Parsers written in Python tell more than enough by how the project's code goes on.
    with atheris.instrument_imports(include=["policy"]):
        from fuzz import seeds
        from fuzz.targets import TARGETS

        target = TARGETS[name]
        if arguments.corpora is not None and name in ("shell", "sql"):
            target = partial(target, more=seeds.corpus(arguments.corpora))
        for kind in range(4):  # what is imported late is imported here
            target(bytes([kind, kind, *range(60)]))
    with tempfile.TemporaryDirectory() as corpus:
        for number in range(64):
            kind = bytes([number % 4, number * 7 % 256])
            Path(corpus, str(number)).write_bytes(kind + bytes([number * 37 % 256]) * number)
        options = [
            *("fuzz", corpus, f"-max_total_time={arguments.seconds}", f"-seed={arguments.seed}"),
            *(f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEBIBYTES}", f"-max_len={LONGEST}"),
            *(f"-artifact_prefix={arguments.findings}/{name}-", "-print_final_stats=1"),
        ]
        atheris.Setup(options, target)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

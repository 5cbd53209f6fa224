"""`policy-diff` of large whitelists, beside the time that reading the two files takes.

Prints a Markdown table. What was measured is the comparison alone; the ratio says more than the
seconds, and the growth from row to row more than both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from policy.decision import Tier
from policy.diff.whole import compare
from policy.shipped import ruleset
from policy.whitelist.canonical import dump
from policy.whitelist.document import Document, load
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.pattern import Pattern

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHANGED = 50
COMMANDS = (
    "docker restart web-{}",
    "git push origin {{b{}:like rel-{}-*}}",
    "touch {{p:path /srv/{}/**}}",
    "kubectl rollout restart deployment/app-{}",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000, 2_000, 5_000, 10_000])
    parser.add_argument("--all", action="store_true", help="also where every entry changed")
    arguments = parser.parse_args()
    rules = ruleset()
    print(f"\nComparison of whitelists, Python {sys.version.split()[0]}\n")
    print("| entries | changed | seconds | ms a change | × reading both files |")
    print("|---:|---|---:|---:|---:|")
    for size in arguments.sizes:
        old = whitelist(size)
        data = dump(Document(old))
        reading = 2 * seconds(lambda data=data: load(data))
        for name, new in changes(size, everything=arguments.all):
            took = seconds(lambda old=old, new=new: compare(old, new, rules, now=NOW))
            number = len(set(new) - set(old))
            each = 1000 * took / number
            print(f"| {size:,} | {name} | {took:.2f} | {each:.1f} | {took / reading:.1f} |")
            sys.stdout.flush()


def changes(size: int, *, everything: bool) -> list[tuple[str, tuple[Entry, ...]]]:
    some = set(range(0, size, max(1, size // CHANGED)))
    found = [
        ("50 replaced", tuple(entry(at + size if at in some else at) for at in range(size))),
        ("50 renewed", tuple(entry(at, days=9 if at in some else 7) for at in range(size))),
        ("50 re-scoped", tuple(entry(at, "b" if at in some else "a") for at in range(size))),
    ]
    if everything:
        found += [
            ("all re-scoped", whitelist(size, "b")),
            ("all renewed", tuple(entry(at, days=9) for at in range(size))),
        ]
    return found


def whitelist(size: int, agent: str = "a") -> tuple[Entry, ...]:
    return tuple(entry(at, agent) for at in range(size))


def entry(at: int, agent: str = "a", days: int = 7) -> Entry:
    command = COMMANDS[at % len(COMMANDS)].format(at, at)
    approval = Approval(("alice",), NOW)
    expires = NOW + timedelta(days=days)
    return Entry(Pattern(command), Tier.MEDIUM, approval, expires, Scope(agents=(agent,)))


def seconds(function: Callable[[], object]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()

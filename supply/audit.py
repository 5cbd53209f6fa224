"""Asks the advisory service about every package that the locks pin.

    python supply/audit.py supply/*.txt          # or `make audit`

Exits with 1 if a package has a known vulnerability. A service that can't be reached, or that
knows nothing of a package, is no vulnerability and no clean bill either: that is said loudly, and
is exit status 0, or 3 with `--require`, as for a release. 2 is a mistake in how this was called.
Other arguments are pip-audit's, such as `--ignore-vuln ID`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# How pip-audit ends where the service didn't answer, or answered nonsense.
UNREACHABLE = re.compile(
    r"^(requests\.exceptions\.|pip_audit\._service\.)|network may be blocking this service"
)


@dataclass(frozen=True)
class Audit:
    """What the service said of one lock."""

    vulnerable: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()  # packages of which it said nothing
    clean: int = 0
    why: str = "the advisory service answered that it doesn't know them"


class Failed(Exception):
    """pip-audit failed for another reason than the service; `args[0]` is what it wrote."""


def read(output: str, errors: str) -> Audit:
    """What pip-audit's JSON says, or that the service wasn't reached. Raises `Failed`.

    Its exit status is of no use: it is 1 for a vulnerability as for a missing network, and 0
    where the service answered of every package that it doesn't know it.
    """
    try:
        found = json.loads(output)["dependencies"]
    except ValueError:
        last = errors.strip().rpartition("\n")[2]
        if UNREACHABLE.search(last):
            return Audit(unasked=("every package",), why=last)
        raise Failed(errors.strip() or "it wrote nothing") from None
    vulnerable, unasked, clean = [], [], 0
    for package in found:
        if "skip_reason" in package:
            unasked.append(package["name"])
        elif package["vulns"]:
            fixed = {version for one in package["vulns"] for version in one["fix_versions"]}
            names = ", ".join(one["id"] for one in package["vulns"])
            remedy = f"fixed in {', '.join(sorted(fixed))}" if fixed else "no fixed version"
            vulnerable.append(f"{package['name']} {package['version']}: {names} ({remedy})")
        else:
            clean += 1
    return Audit(tuple(vulnerable), tuple(unasked), clean)


def report(lock: str, audit: Audit) -> str:
    """One lock's outcome, as people read it."""
    lines = [f"{lock}: VULNERABLE: {line}" for line in audit.vulnerable]
    if audit.unasked:
        everything = not (audit.clean or audit.vulnerable)
        which = f"all {len(audit.unasked)}: " if everything and len(audit.unasked) > 1 else ""
        lines.append(f"{lock}: NOT AUDITED: {which}{', '.join(audit.unasked)} ({audit.why})")
    if audit.clean:
        lines.append(f"{lock}: {audit.clean} packages without a known vulnerability")
    return "\n".join(lines or [f"{lock}: no packages"])


def status(audits: list[Audit], require: bool) -> int:
    """The exit status for all locks together."""
    if any(audit.vulnerable for audit in audits):
        return 1
    return 3 if require and any(audit.unasked for audit in audits) else 0


def ask(lock: Path, extra: list[str]) -> Audit:
    """Runs pip-audit on a lock, every package of which is pinned with its hashes."""
    asking = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    asking += ["--format=json", "--progress-spinner=off", f"--requirement={lock}", *extra]
    ran = subprocess.run(asking, capture_output=True, text=True, check=False)
    return read(ran.stdout, ran.stderr)


def main() -> int:
    """See the module."""
    arguments = argparse.ArgumentParser(description="audit the locks")
    arguments.add_argument("locks", nargs="+", type=Path, metavar="LOCK")
    arguments.add_argument("--require", action="store_true", help="fail where it can't be known")
    given, extra = arguments.parse_known_args()
    audits = []
    for lock in given.locks:
        try:
            audits.append(ask(lock, extra))
        except Failed as failed:
            print(f"{lock}: pip-audit failed: {failed}", file=sys.stderr)
            return 2
        print(report(str(lock), audits[-1]))
    return status(audits, given.require)


if __name__ == "__main__":
    sys.exit(main())

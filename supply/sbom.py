"""Writes a CycloneDX bill of materials of what users install.

    python supply/sbom.py PYTHON LOCK OUT        # or `make sbom`

PYTHON is that of an environment with the package and what the lock pins, and nothing else.
cyclonedx-py reads the components, their licences and who needs whom from there, and from the lock
the digests of the files that may be installed. Without serial number, and with the commit's time
if there is one, so that the same commit and lock give the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

TOOL = Path(sys.executable).with_name("cyclonedx-py")
ROOT = Path(__file__).resolve().parent.parent


def made(scratch: Path, *arguments: str) -> dict[str, Any]:
    """What cyclonedx-py makes of its arguments."""
    out = scratch / "bom.json"
    making = [
        TOOL,
        *arguments,
        "--output-reproducible",
        "--sv=1.6",
        "--output-format=JSON",
        f"-o{out}",
    ]
    subprocess.run(making, check=True, env=os.environ | commit_time())
    return json.loads(out.read_bytes())  # type: ignore[no-any-return]


def commit_time() -> dict[str, str]:
    """`SOURCE_DATE_EPOCH` for the tool, which leaves the time out where there is none."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return {}
    asking = [git, "-C", ROOT, "log", "-1", "--format=%ct"]
    time = subprocess.run(asking, capture_output=True, text=True, check=False)
    return {"SOURCE_DATE_EPOCH": time.stdout.strip()} if time.stdout.strip() else {}


def joined(installed: dict[str, Any], locked: dict[str, Any], name: str) -> dict[str, Any]:
    """The bill of an environment, with the project as its subject and the lock's digests.

    Raises `ValueError` where environment and lock don't hold the same packages.
    """
    parts = installed["components"]
    subject = next((part for part in parts if part["name"] == name), None)
    if subject is None:
        raise ValueError(f"`{name}` isn't installed in that environment")
    packages = {part["purl"]: part for part in parts if part is not subject}
    pinned = {part["purl"]: part["externalReferences"] for part in locked["components"]}
    if packages.keys() != pinned.keys():
        other = ", ".join(sorted(packages.keys() ^ pinned.keys()))
        raise ValueError(f"in the environment or in the lock, and not in both: {other}")
    for purl, part in packages.items():
        part["externalReferences"] = [*part.get("externalReferences", ()), *pinned[purl]]
    subject["purl"] = f"pkg:pypi/{name}@{subject['version']}"
    for file in subject.get("externalReferences", ()):  # the wheel: its digest, without a path
        file["url"] = file["url"].rpartition("/")[2]
    return installed | {
        "components": list(packages.values()),
        "metadata": installed["metadata"] | {"component": subject},
    }


def main() -> int:
    """See the module."""
    python, lock, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        installed = made(Path(scratch), "environment", python)
        locked = made(Path(scratch), "requirements", lock)
    try:
        bill = joined(installed, locked, "command-policy")
    except ValueError as wrong:
        print(f"no bill of materials: {wrong}", file=sys.stderr)
        return 1
    text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    if (invalid := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        print(f"no bill of materials: {invalid}", file=sys.stderr)
        return 1
    Path(out).write_text(text, encoding="utf-8")
    print(f"{out}: {len(bill['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())

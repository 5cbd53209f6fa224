"""A wheel, installed in an empty environment outside the checkout, decides as the checkout does.

`make wheel-test` runs it: it builds the sdist, the wheel from the sdist, installs that beside
nothing but its dependencies, and decides every example of the shipped rules with both.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path

from policy.shipped import ruleset

ROOT = Path(__file__).parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        elsewhere = Path(scratch)
        installed = install(build(elsewhere / "dist"), elsewhere / "venv")
        loads_compiled_rules(installed / "python", elsewhere)
        lines = requests()
        here = decide(Path(sys.executable).with_name("policy"), ROOT, lines, elsewhere / "cache1")
        there = decide(installed / "policy", elsewhere, lines, elsewhere / "cache2")

    differences = [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]]
    for ours, theirs in differences[:10]:
        print(f"checkout: {ours}\nwheel:    {theirs}\n")
    if differences:
        raise SystemExit(f"the wheel decides {len(differences)} commands otherwise")
    verdicts = Counter(json.loads(line)["verdict"] for line in here)
    print(f"the wheel decides {len(here)} commands as the checkout does: {dict(verdicts)}")


def build(into: Path) -> Path:
    building = [sys.executable, "-m", "build", "--no-isolation", "--outdir", into, ROOT]
    built = subprocess.run(building, capture_output=True, text=True, check=False)
    if built.returncode:
        raise SystemExit(built.stdout + built.stderr)
    (wheel,) = into.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """The directory of the new environment's programs."""
    venv.create(environment, with_pip=True)
    programs = environment / "bin"
    subprocess.run([programs / "python", "-m", "pip", "install", "-qq", wheel], check=True)
    return programs


def loads_compiled_rules(python: Path, directory: Path) -> None:
    """The wheel brings its rules compiled: the compiler's parser isn't even imported."""
    script = "import sys, policy; policy.Engine.load(); sys.exit('lark' in sys.modules)"
    if subprocess.run([python, "-c", script], cwd=directory, check=False).returncode:
        raise SystemExit("the wheel compiles its rules when it is used")


def requests() -> bytes:
    examples = [example for rule in ruleset().rules for example in rule.examples]
    asked = dict.fromkeys((example.text, example.language) for example in examples)
    lines = [json.dumps({"command": text, "language": language}) for text, language in asked]
    return "\n".join(lines).encode()


def decide(policy: Path, directory: Path, lines: bytes, cache: Path) -> list[str]:
    finished = subprocess.run(
        [policy, "check", "--batch"],
        input=lines,
        stdout=subprocess.PIPE,
        cwd=directory,
        env={"PATH": os.defpath, "HOME": str(cache), "XDG_CACHE_HOME": str(cache)},
        check=True,
    )
    return finished.stdout.decode().splitlines()


if __name__ == "__main__":
    main()

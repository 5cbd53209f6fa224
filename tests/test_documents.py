"""Documents speak of files that exist, and show rules that compile."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policy import Engine
from policy.dsl import compile_sources
from policy.judge import matched_by
from policy.source import Source

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BASES = [ROOT, ROOT / "policy", *(path for path in ROOT.glob("policy/**") if path.is_dir())]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document):
    named = re.findall(r"`([\w./-]+\.(?:py|md|lark|toml))`", document.read_text(encoding="utf-8"))
    missing = [name for name in named if not any((base / name).exists() for base in BASES)]
    assert missing == []


def test_the_rules_of_the_readme_compile():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (rules,) = re.findall(r"^## Rules\n\n```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert compile_sources([Source("README.md", rules)]).findings == ()


def test_the_rules_among_the_examples_do_what_they_say():
    engine = Engine.load(rules=ROOT / "examples" / "rules")
    own = [rule for rule in engine.rules.rules if rule.place.file == "deploy.rules"]
    assert len(own) == 4
    for rule in own:
        for example in rule.examples:
            plan = engine.plan(example.text, example.language)
            assert matched_by(rule, plan, engine.rules) is example.matches, example


# What documents show is what is printed --------------------------------------------------------

CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z|\d+ (?:days|hours) left")
CLI = {"policy": [], "policy-diff": ["diff"]}


def run(command: str, place: Path) -> str:
    """What a command of a document prints."""
    program, *words = shlex.split(command)
    if program == "cp":
        shutil.copy(place / words[0], place / words[1])
        return ""
    argv = [sys.executable, "-m", "policy.cli.main", *CLI[program], *words]
    env = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run(argv, cwd=place, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 2, done.stderr
    return done.stdout


def shown(text: str) -> list[str]:
    """Lines as they are compared: instants differ from run to run."""
    return [INSTANT.sub("<instant>", line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["docs/whitelist.md"])
def test_what_a_document_shows_is_what_is_printed(name: str, tmp_path: Path) -> None:
    blocks = CONSOLE.findall((ROOT / name).read_text(encoding="utf-8"))
    assert len(blocks) > 5
    for block in blocks:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            printed = shown(run(command, tmp_path))
            wanted = [line for line in shown(expected) if "…" not in line]
            rest = iter(printed)
            missing = [line for line in wanted if line not in rest]
            assert missing == [], "\n".join([command, *printed])
            if "…" not in expected:
                assert wanted == printed, command

"""Documents speak of files that exist, and show rules that compile."""

import re
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

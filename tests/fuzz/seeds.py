"""Real texts to begin with: the examples in the project's rules and tests, and corpora."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def rule_files() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in sorted((ROOT / "rules").glob("*.rules")))


@cache
def examples(language: str) -> tuple[str, ...]:
    """The texts of every rule's examples in a language."""
    from policy.shipped import ruleset

    family = language.partition(":")[0]
    return tuple(
        example.text
        for rule in ruleset().rules
        for example in rule.examples
        if example.language.partition(":")[0] == family
    )


def whitelists() -> tuple[str, ...]:
    """Whitelists and boundaries: those that the tests show, and one that is written here."""
    shown = sorted((ROOT / "tests" / "golden" / "whitelist").glob("*"))
    return (_WHITELIST, _BOUNDARY, *(path.read_text("utf-8") for path in shown if path.is_file()))


def corpus(directory: Path | None) -> tuple[str, ...]:
    """Every string of every JSON line in the directory's files; texts of more than 2 KiB aside."""
    found: list[str] = []
    for path in sorted(directory.glob("*.jsonl.gz")) if directory is not None else ():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                value = json.loads(line)
                texts = value.values() if isinstance(value, dict) else [value]
                found += [text for text in texts if isinstance(text, str) and len(text) < 2_048]
    return tuple(found)


_WHITELIST = """\
version: 1
entries:
- id: w-9b1f27c04e55
  command: docker restart {service}
  scope:
    agents: [deploy-bot]
    environments: [prod]
    targets: [web-*]
  tier: medium
  expires: 2026-11-29T12:00:00Z
  approved:
    by: [alice]
    at: 2026-11-22T12:00:00Z
    reason: routine restart during deploys
"""
_BOUNDARY = """\
version: 1
task: restart the shop
allow:
- command: docker restart {service}
- command: git push origin {branch:like rel-*}
"""

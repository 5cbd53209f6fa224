"""A decision depends on its inputs alone: text, language, context, rules, whitelist, time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from laws_strategies import CONTEXTS, LAW, engine, examples, rules, sql_languages, texts

from policy import Context, Engine
from policy.cli.json_form import decision_object, dumps
from policy.dsl import compile_sources, read_directory
from policy.dsl.locate import rules_directory


def decided(
    asked: Engine, text: str, context: Context | None = None, language: str = "shell"
) -> str:
    return dumps(decision_object(asked.decide(text, context, language)))


@cache
def sample() -> tuple[tuple[str, str], ...]:
    """A share of all examples: language and text."""
    every = [("shell", text) for text in examples()]
    every += [(language, text) for language in sql_languages() for text in examples(language)]
    return tuple(Random(7).sample(every, 120))


# Within one process -----------------------------------------------------------------------------


@LAW
@given(texts, st.sampled_from(CONTEXTS), st.lists(texts, max_size=3))
def test_what_was_decided_before_says_nothing(
    text: str, context: Context, before: list[str]
) -> None:
    fresh, warm = Engine(rules()), Engine(rules())
    for one in before:
        warm.decide(one, context)
        warm.decide(text, Context(agent=one))
    first = decided(warm, text, context)
    assert first == decided(fresh, text, context)
    assert first == decided(warm, text, context)  # from what it remembers
    assert first == decided(engine(), text, context)


def test_threads_that_share_an_engine_get_what_one_gets() -> None:
    shared = Engine(rules())
    work = [Random(seed).sample(sample(), len(sample())) for seed in range(4)]

    def run(order: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        return {one: decided(shared, one[1], None, one[0]) for one in order}

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, work))
    alone = {one: decided(Engine(rules()), one[1], None, one[0]) for one in sample()}
    assert all(one == alone for one in found)


def test_the_order_of_rule_files_says_nothing() -> None:
    sources = list(read_directory(rules_directory()))
    Random(1).shuffle(sources)
    compiled = compile_sources(sources).ruleset
    assert compiled is not None
    shuffled = Engine(compiled)
    other = [
        one
        for one in sample()
        if decided(shuffled, one[1], None, one[0]) != decided(engine(), one[1], None, one[0])
    ]
    assert other == []


# Another process --------------------------------------------------------------------------------

SURROUNDINGS = [
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "3", "HOME": "/nonexistent", "USER": "root", "IFS": "/", "x": "rm"},
]


def batch(environment: dict[str, str], cwd: Path, umask: int) -> bytes:
    """What `policy check --batch` writes about the sample."""
    lines = [{"command": text, "language": language} for language, text in sample()]
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "policy.cli.main", "check", "--batch"],
        input="\n".join(map(json.dumps, lines)).encode(),
        env=inherited | environment,
        cwd=cwd,
        umask=umask,
        capture_output=True,
        check=True,
    ).stdout


def test_environment_directory_locale_zone_and_hashes_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "whitelist.yaml").write_text("version: 1\nentries: [not one]\n")
    expected = "".join(
        decided(engine(), text, None, language) + "\n" for language, text in sample()
    )
    for number, environment in enumerate(SURROUNDINGS):
        found = batch(
            environment, (tmp_path, Path("/"), Path.cwd())[number], (0o077, 0, 0o777)[number]
        )
        assert found.decode("ascii").splitlines() == expected.splitlines()

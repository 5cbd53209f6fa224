"""bash judges scripts that were drawn, and commands that were changed: a share with fixed seeds."""

import random

import pytest

from oracle.mutations import mutated
from oracle.needs import unavailable
from oracle.sandbox import Sandbox, Unavailable
from oracle.scripts import CONSTRUCTS
from oracle.shell import draw_scripts, judged
from policy import Engine

SEED = 20261123


@pytest.fixture(scope="module")
def sandbox():
    try:
        with Sandbox() as made:
            made.run(":")
            yield made
    except Unavailable as wrong:
        unavailable(str(wrong))


@pytest.fixture(scope="module")
def engine():
    return Engine.load()


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_what_bash_runs_of_a_drawn_script_is_in_the_plan(sandbox, engine, construct):
    row = judged(engine, sandbox, construct, draw_scripts(construct, 20, SEED))
    assert row.ran == 20
    assert row.missed == ()


def test_what_bash_runs_of_a_changed_command_is_in_the_plan(sandbox, engine):
    source = random.Random(SEED)
    row = judged(engine, sandbox, "changed", [mutated(source, None) for _ in range(150)])
    assert row.seen > 150
    assert row.missed == ()


def test_most_of_what_bash_does_is_named_by_the_plan(sandbox, engine):
    """An oracle to which everything is unknown proves nothing."""
    rows = [
        judged(engine, sandbox, construct, draw_scripts(construct, 10, SEED + 1))
        for construct in CONSTRUCTS
    ]
    seen, opaque = sum(row.seen for row in rows), sum(row.opaque for row in rows)
    assert seen > 300
    assert opaque < seen / 3

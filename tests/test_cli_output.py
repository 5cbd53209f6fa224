"""What people and programs see of a decision, whole, in tests/golden."""

import io
import json
from datetime import timedelta

import pytest
from decisions import MULTI_PARTY, NAMED
from goldens import assert_golden

from policy.cli.explain import explain
from policy.cli.json_form import decision_object, dumps
from policy.cli.render import render
from policy.cli.wording import duration


@pytest.mark.parametrize("name", NAMED)
def test_text_says_what_must_happen_and_why(name):
    assert_golden(f"{name}.txt", render(NAMED[name], coloured=False))


@pytest.mark.parametrize("name", NAMED)
def test_tree_shows_the_verdict_of_each_part(name):
    stream = io.StringIO()
    explain(NAMED[name], stream, coloured=False)
    assert_golden(f"{name}.tree.txt", stream.getvalue())


@pytest.mark.parametrize("name", ["multi-party", "denied"])
def test_colours_are_the_only_escapes(name):
    text = render(NAMED[name], coloured=True)
    stream = io.StringIO()
    explain(NAMED[name], stream, coloured=True)
    assert_golden(f"{name}.colour.txt", ascii(text).replace("\\n", "\n"))
    assert_golden(f"{name}.tree.colour.txt", ascii(stream.getvalue()).replace("\\n", "\n"))


def test_json_is_the_contract():
    assert decision_object(MULTI_PARTY) == {
        "command": "sudo rm -rf /srv/data",
        "verdict": "multi-party",
        "tier": "high",
        "score": 97,
        "approvals": 2,
        "ttl": None,
        "entry": None,
        "reasons": [
            {
                "rule": "rm.recursive",
                "message": "deletes a directory tree",
                "file": "coreutils.rules",
                "line": 41,
                "span": [5, 21],
            },
            {
                "rule": "sudo",
                "message": "runs as another user",
                "file": "privilege.rules",
                "line": 7,
                "span": [0, 21],
            },
        ],
        "actions": [
            {
                "kind": "command",
                "program": "rm",
                "argv": ["rm", "-rf", "/srv/data"],
                "via": ["sudo"],
                "effects": ["delete", "irreversible", "privilege"],
                "span": [5, 21],
            }
        ],
    }


@pytest.mark.parametrize("name", NAMED)
def test_json_is_one_line_of_ascii_that_reads_back(name):
    value = decision_object(NAMED[name])
    line = dumps(value)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == value


def test_ttl_is_in_seconds():
    assert decision_object(NAMED["review"])["ttl"] == 7 * 86_400


@pytest.mark.parametrize(
    ("time", "worded"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=61), "61 seconds"),
    ],
)
def test_durations_are_worded_in_their_largest_unit(time, worded):
    assert duration(time) == worded

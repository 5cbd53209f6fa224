"""No version of a parser comes in without the oracles: see `verified.py`."""

import json
from dataclasses import replace

import pytest

from oracle import verified
from oracle.report import Miss, Row
from oracle.verified import ABSENT, Count, Difference, NotWhole, Verified

WHOLE = {"seed": 1, "scripts": 20_000, "statements": 30_000}
BASH = Row("bash", "pipes", ran=20_000, seen=50_000, opaque=100)
SERVER = Row("PostgreSQL", "generated", ran=30_000, seen=9_000, opaque=5)
MISSED = replace(BASH, missed=(Miss("shell", "ls", "bash ran `ls`"),))


def test_the_installed_parsers_are_those_that_the_oracles_judged():
    judged = verified.read()
    assert judged is not None, (
        "no whole run of the oracles is recorded: run `make oracle` and commit"
        " tests/oracle/verified.json"
    )
    other = verified.differences(judged, verified.installed_parsers())
    assert not other, (
        "; ".join(map(str, other)) + ". Nobody knows what these versions see. Either install"
        " what was judged (`make clean test`, without LOCK=no), or have them judged: `make oracle`,"
        " and commit tests/oracle/verified.json when it missed nothing"
    )


@pytest.mark.parametrize(
    ("installed", "difference"),
    [
        ({"lex": "1.0", "yacc": "2.0"}, []),
        ({"lex": "1.1", "yacc": "2.0"}, [Difference("lex", "1.1", "1.0")]),
        ({"lex": "1.0"}, [Difference("yacc", ABSENT, "2.0")]),
        ({"lex": "1.0", "yacc": "2.0", "antlr": "4"}, [Difference("antlr", "4", ABSENT)]),
    ],
)
def test_another_version_and_a_lost_or_new_parser_differ(installed, difference):
    judged = Verified({"lex": "1.0", "yacc": "2.0"}, {}, 1, 1, 1, {})
    assert verified.differences(judged, installed) == difference


def test_a_difference_says_both_versions():
    assert str(Difference("lex", "1.1", "1.0")) == ("lex 1.1 is installed, the oracles judged 1.0")


@pytest.fixture
def everything_is_here(monkeypatch):
    monkeypatch.setattr(verified, "installed_judges", lambda: {"bash": "5.2"})


@pytest.mark.usefixtures("everything_is_here")
def test_a_whole_run_without_misses_is_recorded_and_read_again(tmp_path):
    file = tmp_path / "verified.json"
    written = verified.record([BASH, SERVER, BASH], file=file, **WHOLE)
    assert verified.read(file) == written
    assert written.parsers == verified.installed_parsers()
    assert written.counts == {
        "bash": Count(40_000, 100_000, 200),
        "PostgreSQL": Count(30_000, 9_000, 5),
    }
    assert [one.name for one in tmp_path.iterdir()] == ["verified.json"]


@pytest.mark.usefixtures("everything_is_here")
@pytest.mark.parametrize(
    ("rows", "asked", "why"),
    [
        ([MISSED, SERVER], WHOLE, "1 effects were missed"),
        (
            [BASH, SERVER],
            WHOLE | {"scripts": 200},
            "it was 200 scripts and 30,000 statements, a whole run has 20,000 and 30,000",
        ),
        ([BASH], WHOLE, "only 20,000 inputs were judged"),
        ([BASH, replace(SERVER, seen=0)], WHOLE, "nothing was seen by PostgreSQL"),
    ],
)
def test_a_run_to_rely_on_misses_nothing_and_is_whole(rows, asked, why, tmp_path):
    file = tmp_path / "verified.json"
    with pytest.raises(NotWhole, match=f"^{why}$"):
        verified.record(rows, file=file, **asked)
    assert not file.exists()


def test_a_run_without_a_judge_is_not_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(verified, "installed_judges", lambda: {"MariaDB": ABSENT})
    with pytest.raises(NotWhole, match=r"^this machine has no MariaDB$"):
        verified.record([BASH, SERVER], file=tmp_path / "verified.json", **WHOLE)


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"counts": {"bash": 1}})])
def test_a_damaged_record_is_an_error_and_not_a_missing_one(text, tmp_path):
    file = tmp_path / "verified.json"
    file.write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011  # json's is one of them
        verified.read(file)


def test_nothing_recorded_is_none(tmp_path):
    assert verified.read(tmp_path / "verified.json") is None

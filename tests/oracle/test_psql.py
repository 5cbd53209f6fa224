"""psql finds nothing that was missed, and finds it where the lexer is not PostgreSQL's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oracle.grammars import all_of, drawn
from oracle.needs import unavailable
from oracle.postgres_server import lacking
from oracle.psql import Channel, Judge
from oracle.sandbox import Unavailable
from policy import Engine
from policy.parse.sql import dialects, psql, psql_arguments
from policy.parse.sql.lex import Lexis

GRAMMAR = "psql.grammar"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    if (reason := lacking()) is not None:
        unavailable(reason)
    try:
        with Judge() as made:
            yield made
    except Unavailable as wrong:
        unavailable(str(wrong))


def missed(judge: Judge, texts: list[str], channel: Channel = Channel.INPUT) -> list[str]:
    """What psql did that was not seen, each text judged anew."""
    judge.engine = Engine(judge.engine.rules)
    return [miss.happened for miss in judge.judge(channel, texts).missed]


@pytest.mark.parametrize("channel", Channel)
def test_what_runs_behind_what_reads_is_seen(judge: Judge, channel: Channel) -> None:
    texts = [*all_of(GRAMMAR, "hidden"), *all_of(GRAMMAR, "two-lines")]
    row = judge.judge(channel, texts)
    assert row.missed == ()
    assert row.seen > len(texts) // 3


@pytest.mark.parametrize("channel", Channel)
def test_targets_are_seen_as_what_they_are(judge: Judge, channel: Channel) -> None:
    assert missed(judge, [f"\\o {each}" for each in all_of(GRAMMAR, "target")], channel) == []


@pytest.mark.parametrize("channel", Channel)
def test_generated_scripts_do_no_more_than_was_seen(judge: Judge, channel: Channel) -> None:
    assert missed(judge, drawn(GRAMMAR, 15, 4), channel) == []


VARIABLE = "\\set v '1] FROM users; DELETE FROM keep; --'\nSELECT E'\\'', (ARRAY[1])[1 :v] -- '\n;"


def test_without_the_lexical_gate_a_variable_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lexer that doesn't know E'…' takes what follows for a part of the string."""
    assert missed(judge, [VARIABLE]) == []
    monkeypatch.setitem(dialects._LEXIS, "postgres", Lexis())  # noqa: SLF001  # what is broken
    assert "sent 'DELETE FROM keep;'" in missed(judge, [VARIABLE])


def test_without_line_arguments_a_program_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missed(judge, ["SELECT 1 \\g | p1 \\echo ; p2"]) == []
    monkeypatch.setattr(psql, "_TAKES", {"g": psql_arguments.Takes.WORDS})
    assert missed(judge, ["SELECT 1 \\g | p1 \\echo ; p2"]) != []

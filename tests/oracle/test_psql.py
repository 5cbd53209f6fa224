"""psql finds nothing that was missed, and finds it where the lexer is not PostgreSQL's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oracle.grammars import all_of, drawn
from oracle.needs import unavailable
from oracle.postgres_server import lacking
from oracle.psql import Channel, Judge
from oracle.psql_states import some
from oracle.sandbox import Unavailable
from policy import Engine
from policy.parse.sql import dialects, psql, psql_arguments
from policy.parse.sql.lex import Lexis
from policy.parse.sql.psql_copy import Copy

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


def test_nothing_is_hidden_by_what_psql_and_the_server_quote_differently(judge: Judge) -> None:
    assert missed(judge, some(60, 5)) == []


HIDDEN = [
    "\\copy (select $$) to program 'p1' $$) to stdout",
    "\\copy (select 1 /*) to program 'p1' */) to stdout",
    "\\set x '1] from users; select touch(1); select data[1'\nselect E'a'\n'\\':x' from users;",
    "\\set e !\nselect * from U&\"!0061udit\" uescape :'e';",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_what_one_of_them_takes_for_quoted_is_seen(judge: Judge, text: str) -> None:
    row = judge.judge(Channel.INPUT, [text])
    assert row.seen
    assert row.missed == ()


def test_with_dollar_quotes_in_copy_a_program_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that looks for the last bracket, as the server's grammar would."""

    def greedy(text: str) -> Copy:
        before, _, _ = text.rpartition(" to ")
        return Copy(f"COPY {before} TO STDOUT", loads=False, target=None, at=0, program=False)

    monkeypatch.setattr(psql, "read_copy", greedy)
    assert missed(judge, HIDDEN[:1]) != []


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

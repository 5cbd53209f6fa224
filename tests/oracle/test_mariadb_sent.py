"""The mariadb program sends no statement that was not seen, whatever a line before it left."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from oracle.mariadb_sent import Judge, states
from oracle.mariadb_server import Unavailable as NoServer
from oracle.needs import unavailable
from oracle.sandbox import Unavailable
from policy import Engine
from policy.parse.sql import mysql_client


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    try:
        with Judge() as made:
            yield made
    except (Unavailable, NoServer) as wrong:
        unavailable(str(wrong))


def sent(judge: Judge, texts: list[str]) -> list[str]:
    """What was sent and not seen, each text judged anew."""
    judge.engine = Engine(judge.engine.rules)
    return [miss.happened for miss in judge.judge("test", texts).missed]


def test_what_follows_any_line_is_seen(judge: Judge) -> None:
    texts = Random(20261123).sample(list(states()), 30)
    assert sent(judge, texts) == []


FOLLOWED = [
    "use app\ndelete from t;",
    "select 1 \\c delete from t;",
    "delete from t \\q where a = 1",
    "select * from us\\pers;",
    "help ';\nselect ' ; delete from t; select ' ;",
]


@pytest.mark.parametrize("text", FOLLOWED)
def test_a_statement_behind_a_command_is_seen(judge: Judge, text: str) -> None:
    row = judge.judge("test", [text])
    assert row.seen
    assert row.missed == ()


def test_without_the_lines_that_are_the_clients_a_statement_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_client, "_NAMES", mysql_client._NAMES - {"use"})  # noqa: SLF001  # what is broken
    assert "sent 'delete from t'" in sent(judge, FOLLOWED[:1])


def test_without_the_end_that_a_command_makes_a_statement_is_missed(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_client, "_ENDS", frozenset())
    assert "sent 'delete from t'" in sent(judge, FOLLOWED[1:2])

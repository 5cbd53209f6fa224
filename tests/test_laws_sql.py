"""Laws of decisions on SQL: other spellings, clients that run a text, statements beside it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Hashable, Iterator
from functools import cache

from hypothesis import assume, example, given
from hypothesis import strategies as st
from laws_strategies import LAW, Level, answer, answer_of, engine, examples, levels, sql_languages

from policy.program import ValueType

LANGUAGES = tuple(one for one in sql_languages() if "-client" not in one and ":psql" not in one)
"""Dialects of servers; what clients read of a line is another thing."""

statements = st.sampled_from([(name, text) for name in LANGUAGES for text in examples(name)])

# Spellings ----------------------------------------------------------------------------------

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_]\w*|[ \t\n]+|.", re.DOTALL)
_BEYOND = re.compile(r"[$\\`{}\[\]#@]|--|/\*|\b[eEbBxXnNuU]&?'")
"""Of what these mean, a token by itself doesn't tell."""


@st.composite
def respelled(draw: st.DrawFn, text: str) -> str:
    """The statement with other blanks, comments, and case of what stands outside quotes."""
    written = []
    for token in _TOKEN.findall(text):
        if token.isspace():
            written.append(draw(st.sampled_from((" ", "\n", "\t", "  ", " \n "))))
        elif token[0].isalpha():
            change = draw(st.sampled_from((str, str.upper, str.lower, str.swapcase)))
            written.append(change(token))
        else:
            written.append(token)
    before = draw(st.sampled_from(("", " ", "\n")))
    return before + "".join(written) + draw(st.sampled_from(("", " ", "\n", ";", " ;\n")))


def said(text: str, language: str) -> Hashable:
    found = engine().decide(text, language=language)
    return answer_of(found), found.ttl, frozenset(reason.rule for reason in found.reasons)


@LAW
@given(st.data(), statements)
def test_blanks_and_case_outside_quotes_say_nothing(
    data: st.DataObject, statement: tuple[str, str]
) -> None:
    language, text = statement
    assume(_BEYOND.search(text) is None)
    other = data.draw(respelled(text))
    assert said(other, language) == said(text, language), other


@LAW
@given(statements, st.sampled_from(("/* a */ {}", "-- a\n{}", "{}\n-- a", "{} /* 'a */")))
def test_a_comment_never_loosens(statement: tuple[str, str], frame: str) -> None:
    language, text = statement
    assert answer(frame.format(text), None, language).tier >= answer(text, None, language).tier


@LAW
@given(statements, st.data(), st.sampled_from(("; ", ";\n", ";")))
def test_a_statement_beside_another_never_loosens(
    statement: tuple[str, str], data: st.DataObject, between: str
) -> None:
    language, text = statement
    assume("--" not in text)
    other = data.draw(st.sampled_from(examples(language)))
    assume(not ("EXECUTE" in text and "PREPARE" in other))  # then it is known what it runs
    for whole in (f"{text.rstrip(' ;')}{between}{other}", f"{other.rstrip(' ;')}{between}{text}"):
        assert answer(whole, None, language).tier >= answer(text, None, language).tier, whole


@LAW
@given(st.sampled_from(examples("sql:postgres")), st.sampled_from(("EXPLAIN ANALYZE {}",)))
def test_an_explain_that_runs_a_statement_is_as_strict(text: str, frame: str) -> None:
    explained = answer(frame.format(text), None, "sql:postgres")
    assert explained.tier >= answer(text, None, "sql:postgres").tier


# Clients ------------------------------------------------------------------------------------

_SERVERS = {"psql": "postgres", "mysql-client": "mysql", "sqlite-client": "sqlite"}
"""The dialect of the server behind those of a client, which begin so."""


@cache
def clients() -> tuple[tuple[str, str, str], ...]:
    """Text before and behind a quoted statement that a client runs, and its language."""
    return tuple(dict.fromkeys(one for level in levels() for one in _running(level)))


def _running(level: Level) -> Iterator[tuple[str, str, str]]:
    words = " ".join(level.words)
    for option in level.program.options:
        if option.value is ValueType.SQL and not option.optional:
            for name in option.names:
                yield f"{words} {name} ", "", _language(option.dialect)
    for operand in level.program.operands:
        if operand.value is ValueType.SQL:
            yield f"{words} {'x ' * (operand.first - 1)}", "", _language(operand.dialect)
    stdin = level.program.stdin
    if stdin is not None and stdin.value is ValueType.SQL:
        yield f"{words} <<< ", "", _language(stdin.dialect)
        yield "echo ", f" | {words}", _language(stdin.dialect)


def _language(dialect: str | None) -> str:
    servers = (server for client, server in _SERVERS.items() if (dialect or "").startswith(client))
    return f"sql:{next(servers, dialect)}"


RUN = [
    (before, after, text, language)
    for before, after, language in clients()
    if language in LANGUAGES
    for text in examples(language)
]


@LAW
@given(st.sampled_from(RUN), st.sampled_from(("", "bash -c", "sudo ssh web-1")))
@example(("psql -c ", "", "DROP TABLE t", "sql:postgres"), "ssh web-1")
def test_a_client_is_as_strict_as_the_statement_that_it_runs(
    run: tuple[str, str, str, str], shell: str
) -> None:
    before, after, text, language = run
    command = f"{before}{shlex.quote(text)}{after}"
    if shell:
        command = f"{shell} {shlex.quote(command)}"
    assert answer(command).covers(answer(text, None, language)), command


def test_every_dialect_of_a_client_is_that_of_a_server_with_examples() -> None:
    assert {language for *_, language in clients()} - set(LANGUAGES) == set()

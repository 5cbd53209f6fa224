"""`policy check --batch`: one line out for each line in, and nothing decided on a bad line."""

import io
import json

import pytest

from policy import Context, Engine
from policy.cli import batch
from policy.cli.batch import run_batch


@pytest.fixture(scope="module")
def engine():
    return Engine.load()


def answers(engine, source, context=Context(), language="shell"):
    sink = io.StringIO()
    complete = run_batch(engine, context, language, io.BytesIO(source), sink)
    return complete, [json.loads(line) for line in sink.getvalue().splitlines()]


def test_every_line_is_decided_in_order(engine):
    commands = ["git status", "rm -rf /srv", "frobnicate --now", "git status"]
    source = "\n".join(json.dumps({"command": command}) for command in commands).encode()
    complete, lines = answers(engine, source)
    assert complete
    assert [line["command"] for line in lines] == commands
    assert [line["verdict"] for line in lines] == ["allow", "multi-party", "review", "allow"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"   ", "not JSON: Expecting value: line 1 column 4 (char 3)"),
        (b"{", "not JSON: Expecting property name enclosed in double quotes: line 1 column 2"),
        (b"[" * 100_000, "not JSON: "),
        (b'{"command": ' + b"1" * 5000 + b"}", "not JSON: "),
        (b'{"command": "ls \xff"}', "not UTF-8"),
        (b'"ls"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}", "`command` must be a string"),
        (b'{"command": ["ls"]}', "`command` must be a string"),
        (b'{"command": null}', "`command` must be a string"),
        (b'{"command": "ls", "agent": 1}', "`agent` must be a string"),
        (b'{"command": "ls", "command": "rm -rf /"}', "a key stands twice"),
        (
            b'{"command": "ls", "enviroment": "prod"}',
            "unknown key `enviroment`; known are command, language, agent, target, ",
        ),
        (b'{"command": "ls", "language": "sql:nosuch"}', "unknown language `sql:nosuch`"),
    ],
)
def test_a_line_that_is_no_request_gets_an_error_and_the_run_goes_on(engine, line, error):
    complete, lines = answers(engine, b'{"command": "ls"}\n' + line + b'\n{"command": "pwd"}\n')
    assert not complete
    assert [entry.get("verdict") for entry in lines] == ["allow", None, "allow"]
    assert lines[1]["line"] == 2
    assert lines[1]["error"].startswith(error)


def test_a_line_that_is_too_long_is_skipped_to_its_end(engine, monkeypatch):
    monkeypatch.setattr(batch, "LONGEST_LINE", 100)
    long = json.dumps({"command": "ls " + "a" * 1000}).encode()
    complete, lines = answers(engine, long + b'\n{"command": "pwd"}\n' + long)
    assert not complete
    assert [entry.get("error") for entry in lines] == [
        "longer than 100 bytes",
        None,
        "longer than 100 bytes",
    ]


def test_a_long_command_is_decided_and_high(engine):
    complete, lines = answers(engine, json.dumps({"command": "ls " + "a" * 100_000}).encode())
    assert complete
    assert lines[0]["tier"] == "high"


def test_line_ends_of_other_systems_are_read(engine):
    complete, lines = answers(engine, b'{"command": "ls"}\r\n{"command": "pwd"}')
    assert complete
    assert [line["command"] for line in lines] == ["ls", "pwd"]


def test_a_line_says_its_own_language_and_context(engine):
    line = {"command": "SELECT 1", "language": "sql:postgres", "agent": "a", "cwd": None}
    complete, lines = answers(engine, json.dumps(line).encode())
    assert complete
    assert lines[0]["actions"][0]["kind"] == "statement"


def test_what_a_line_leaves_out_the_options_say(engine):
    _, lines = answers(engine, b'{"command": "SELECT 1"}', language="sql:postgres")
    assert lines[0]["actions"][0]["kind"] == "statement"


def test_nothing_in_nothing_out(engine):
    assert answers(engine, b"") == (True, [])


class Unbuffered(io.StringIO):
    flushed = 0

    def flush(self):
        self.flushed += 1


def test_every_answer_is_flushed(engine):
    sink = Unbuffered()
    run_batch(engine, Context(), "shell", io.BytesIO(b'{"command": "ls"}\n' * 3), sink)
    assert sink.flushed == 3

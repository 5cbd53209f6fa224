"""The sandbox holds what runs in it, and the trace says what did."""

import os
import time
from pathlib import Path

import pytest

from oracle.needs import unavailable
from oracle.sandbox import WORK, Answer, Sandbox, Unavailable


@pytest.fixture(scope="module")
def sandbox():
    try:
        with Sandbox(seconds=1.5) as made:
            made.run(":")
            yield made
    except Unavailable as wrong:
        unavailable(str(wrong))


def ran(sandbox, text, answer=Answer.SUCCESS):
    return [" ".join(one.argv) for one in sandbox.run(text, answer=answer).trace.started]


def written(sandbox, text):
    return [one.path for one in sandbox.run(text).trace.opened if one.writing and one.by.is_shell][
        1:
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p1 'a b' \"\"", ["p1 a b "]),
        ("l''s; $'\\x70'2 x", ["ls", "p2 x"]),  # names that the text puts together
        ("./nope a", ["./nope a"]),  # what isn't there was tried
        ("p1 $(p2 x)", ["p2 x", "p1"]),
        ("bash -c 'p1; sh -c p2'", ["bash -c p1; sh -c p2", "p1", "sh -c p2", "p2"]),
        ("p1 | p2 &\nwait", ["p1", "p2"]),
        ("echo x", []),
    ],
)
def test_everything_that_is_started_is_seen(sandbox, text, expected):
    assert sorted(ran(sandbox, text)) == sorted(expected)


def test_stand_ins_answer_as_they_are_told(sandbox):
    assert ran(sandbox, "p1 && p2", Answer.FAILURE) == ["p1"]
    assert ran(sandbox, "p2 $(p1 a b)", Answer.ECHO) == ["p1 a b", "p2 a b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">out", [f"{WORK}/out"]),
        ("cd sub; p1 2>>'d e'", [f"{WORK}/sub/d e"]),
        ("bash -c 'p1 &>/etc/x'", ["/dev/tty", "/etc/x"]),
        ("p1 </etc/x", []),
    ],
)
def test_files_that_shells_open_for_writing_are_seen(sandbox, text, expected):
    assert written(sandbox, text) == expected


def test_the_directory_and_the_variables_of_a_program_are_seen(sandbox):
    (one,) = sandbox.run("cd sub && A=1 p1").trace.started
    assert one.directory == f"{WORK}/sub"
    assert ("A", "1") in one.environment


def test_nothing_of_the_host_can_be_written(sandbox, tmp_path):
    tmp_path.chmod(0o777)
    target = tmp_path / "escaped"
    sandbox.run(f"echo x >{target}; echo x >/usr/lib/escaped; echo x >/bin/escaped")
    assert not target.exists()
    assert not Path("/usr/lib/escaped").exists()


def test_there_is_no_network(sandbox):
    outcome = sandbox.run("echo x >/dev/tcp/127.0.0.1/22 || echo no >&2")
    assert "Network is unreachable" in outcome.errors or "refused" in outcome.errors


def test_processes_of_the_host_are_out_of_sight(sandbox):
    assert sandbox.run(f"kill -0 {os.getpid()} && exit 42; exit 7").status == 7


@pytest.mark.parametrize(
    "text", ["while :; do :; done", ":(){ :|:& };:", "kill -9 -1; p1", "read x"]
)
def test_a_run_comes_to_an_end(sandbox, text):
    begun = time.monotonic()
    sandbox.run(text)
    assert time.monotonic() - begun < 15


def test_each_run_has_a_new_root(sandbox):
    sandbox.run("echo x >left; echo x >/tmp/left")
    assert sandbox.run("[ -e left ] || [ -e /tmp/left ]").status == 1

"""The decision log on disk: nothing is lost between writers, and no change goes unseen."""

import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.decision import Context, Tier, Verdict
from policy.journal import chain
from policy.journal.chain import Journal, JournalError, lines, records
from policy.journal.record import Cause, Done, Record, RecordError, from_line, to_line
from policy.journal.verify import verify

RECORD = Record(
    time=datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC),
    command="docker restart web",
    language="shell",
    context=Context(agent="deploy-bot", environment="prod"),
    verdict=Verdict.ALLOW,
    tier=Tier.MEDIUM,
    score=45,
    approvals=0,
    reasons=(Cause("docker.restart", "interrupts what a container serves", "docker.rules", 192),),
    entry="w-9b1f27c04e55",
    approvers=("alice", "bob"),
    actions=(
        Done(
            "command",
            "docker",
            ("restart",),
            ("sudo",),
            Verdict.ALLOW,
            Tier.MEDIUM,
            timedelta(days=7),
            "w-9b1f27c04e55",
            "docker.restart",
        ),
    ),
    rules="0d3f",
    whitelist="1a2b",
)


def numbered(count):
    return [replace(RECORD, command=f"echo {number}") for number in range(count)]


@pytest.fixture
def log(tmp_path):
    """A log of five records."""
    path = tmp_path / "log.jsonl"
    with Journal(path) as journal:
        for one in numbered(5):
            journal.append(one)
    return path


# Records ----------------------------------------------------------------------------------


def test_a_line_has_the_fields_in_their_order():
    assert list(json.loads(to_line(RECORD))) == [
        *("time", "command", "language", "context", "verdict", "tier", "score", "approvals"),
        *("reasons", "entry", "approvers", "actions", "rules", "whitelist", "redacted"),
        "previous",
    ]
    assert json.loads(to_line(RECORD))["time"] == "2026-11-22T12:00:00.123456Z"


@given(
    st.text(),
    st.sampled_from(Verdict),
    st.none() | st.text(),
    st.lists(st.text()).map(tuple),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)),  # noqa: DTZ001  # the zone comes with it
)
def test_a_record_comes_back_as_it_was(text, verdict, maybe, several, time):
    record = replace(
        RECORD,
        time=time,
        command=text,
        verdict=verdict,
        context=Context(agent=maybe),
        entry=maybe,
        approvers=several,
        redacted=several,
        previous=maybe,
    )
    line = to_line(record)
    assert from_line(line) == record
    assert line.isascii()
    assert b"\n" not in line


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"command": None}, "`command` must be a string"),
        ({"score": True}, "`score` must be a whole number"),
        ({"verdict": "maybe"}, "`verdict` must be one of allow, review, multi-party, deny"),
        ({"tier": []}, "`tier` must be one of low, medium, high"),
        ({"time": "today"}, "`time` must be a time such as 2026-11-22T12:00:00.000000Z"),
        ({"time": "2026-11-22T12:00:00"}, "`time` must be a time such as"),
        ({"approvers": "alice"}, "`approvers` must be a list"),
        ({"approvers": [1]}, "`approvers` must be a list of strings"),
        ({"actions": [1]}, "`actions` must be a list of objects"),
        ({"context": []}, "`context` must be an object"),
        ({"previous": 1}, "`previous` must be a string"),
    ],
)
def test_a_line_that_is_no_record_says_what_was_expected(change, message):
    line = json.dumps(json.loads(to_line(RECORD)) | change).encode()
    with pytest.raises(RecordError) as raised:
        from_line(line)
    assert str(raised.value).startswith(message)


def test_fields_that_are_not_known_are_left_alone():
    line = json.dumps(json.loads(to_line(RECORD)) | {"more": 1}).encode()
    assert from_line(line) == RECORD


# Writing ----------------------------------------------------------------------------------


def test_each_line_has_the_digest_of_the_bytes_before_it(log):
    raw = log.read_bytes().splitlines()
    previous = [json.loads(line)["previous"] for line in raw]
    assert previous == [None, *(sha256(line).hexdigest() for line in raw[:-1])]


def test_append_gives_the_head(log):
    head = Journal(log).append(RECORD)
    assert head == sha256(log.read_bytes().splitlines()[-1]).hexdigest() == verify(log).head


def test_only_its_owner_can_read_a_new_log(log):
    assert log.stat().st_mode & 0o777 == 0o600


def test_several_writers_take_turns(tmp_path):
    path = tmp_path / "log"
    journals = [Journal(path, sync=index == 0) for index in range(3)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: journals[n % 3].append(numbered(n + 1)[-1]), range(120)))
    assert verify(path).breaks == ()
    assert sorted(one.command for one in records(path)) == sorted(
        one.command for one in numbered(120)
    )


WRITER = """
import sys
sys.path.insert(0, {tests!r})
from test_journal_chain import numbered
from policy.journal.chain import Journal
journal = Journal(sys.argv[1])
for record in numbered(50):
    journal.append(record)
"""


def test_several_processes_take_turns(tmp_path):
    path = tmp_path / "log"
    code = WRITER.format(tests=os.path.dirname(__file__))  # noqa: PTH120  # as sys.path has it
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert (verify(path).count, verify(path).breaks) == (150, ())


def test_a_forked_process_takes_turns_as_well(tmp_path):
    journal = Journal(tmp_path / "log")
    journal.append(RECORD)
    child = os.fork()
    if child == 0:
        for one in numbered(50):
            journal.append(one)
        os._exit(0)
    for one in numbered(50):
        journal.append(one)
    assert os.waitpid(child, 0)[1] == 0
    assert (verify(journal.path).count, verify(journal.path).breaks) == (101, ())


@pytest.mark.parametrize("kept", [1, 100, -1])
def test_the_next_line_does_not_continue_a_torn_one(log, kept):
    raw = log.read_bytes().splitlines(keepends=True)
    torn = raw[-1][:kept]
    log.write_bytes(b"".join(raw[:-1]) + torn)
    Journal(log).append(RECORD)
    after = log.read_bytes().splitlines()
    assert after[4] == torn
    assert json.loads(after[5])["previous"] == sha256(torn).hexdigest()
    assert [one.line for one in verify(log).breaks] == ([] if kept == -1 else [5])


def test_a_file_that_was_moved_away_is_followed_by_a_new_log(log):
    journal = Journal(log)
    journal.append(RECORD)
    log.rename(log.with_suffix(".old"))
    journal.append(RECORD)
    assert (verify(log).count, verify(log).breaks) == (1, ())
    assert verify(log.with_suffix(".old")).count == 6


def test_a_long_last_line_is_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(chain, "_BLOCK", 7)
    path = tmp_path / "log"
    for one in numbered(3):
        Journal(path).append(one)
    assert verify(path).breaks == ()


def test_a_write_that_fails_leaves_nothing(log, monkeypatch):
    before = log.read_bytes()
    written = os.write

    def full(file, data):
        if len(data) < 100:
            raise OSError(28, "No space left on device")
        return written(file, data[:-50])

    monkeypatch.setattr(os, "write", full)
    journal = Journal(log)
    with pytest.raises(OSError, match="No space left"):
        journal.append(RECORD)
    monkeypatch.undo()
    assert log.read_bytes() == before
    journal.append(RECORD)
    assert verify(log).breaks == ()


def test_what_is_no_file_is_no_log(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(JournalError, match="pipe is not a regular file"):
        Journal(tmp_path / "pipe").append(RECORD)
    with pytest.raises(JournalError, match="pipe is not a regular file"):
        list(lines(tmp_path / "pipe"))


@pytest.mark.parametrize(
    "content", [b"version: 1\nentries: []\n", b"\n", b"\n{", b"{}\n", b'{"time":1}\n', b"v"]
)
def test_nothing_is_appended_to_another_kind_of_file(tmp_path, content):
    path = tmp_path / "whitelist.yaml"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="is no log: it begins with something else"):
        Journal(path).append(RECORD)
    assert path.read_bytes() == content


@pytest.mark.parametrize("torn", [b"{", b'{"tim', b'{"time":"', b'{"time":"2026'])
def test_a_log_whose_first_line_is_torn_goes_on(tmp_path, torn):
    path = tmp_path / "log"
    path.write_bytes(torn)
    for _ in range(2):
        Journal(path).append(RECORD)
    assert path.read_bytes().startswith(torn + b"\n")
    assert [line.record is not None for line in lines(path)] == [False, True, True]


def test_a_last_line_without_bound_is_no_log(log, monkeypatch):
    monkeypatch.setattr(chain, "LONGEST_LINE", 10)
    monkeypatch.setattr(chain, "_BLOCK", 10)
    with pytest.raises(JournalError, match="its last line is longer than"):
        Journal(log).append(RECORD)


def test_the_lock_is_free_after_a_failure(log, monkeypatch):
    monkeypatch.setattr(chain, "to_line", lambda _: 1 / 0)
    journal = Journal(log)
    with pytest.raises(ZeroDivisionError):
        journal.append(RECORD)
    with log.open() as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


# Reading ----------------------------------------------------------------------------------


def test_records_come_in_order(log):
    assert [one.command for one in records(log)] == [f"echo {n}" for n in range(5)]


def test_records_stop_at_a_line_that_is_none(log):
    log.write_bytes(log.read_bytes().replace(b'"allow"', b'"perhaps"', 1))
    with pytest.raises(JournalError, match=r"log.jsonl:1: no record: `verdict` must be one of"):
        list(records(log))


def test_an_empty_log_is_sound(tmp_path):
    (tmp_path / "log").touch()
    assert verify(tmp_path / "log").sound
    assert verify(tmp_path / "log").head is None


@settings(deadline=None)
@given(st.data())
def test_any_change_but_at_the_end_is_found(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("chain") / "log"
    with Journal(path) as journal:
        for one in numbered(6):
            head = journal.append(one)
    raw = path.read_bytes().splitlines(keepends=True)
    at = data.draw(st.integers(0, 4))
    match data.draw(st.sampled_from(("byte", "remove", "repeat", "swap"))):
        case "byte":
            place = data.draw(st.integers(0, len(raw[at]) - 2))
            changed = bytearray(raw[at])
            changed[place] ^= data.draw(st.sampled_from((1, 2, 4)))
            raw[at] = bytes(changed)
        case "remove":
            del raw[at]
        case "repeat":
            raw.insert(at, raw[at])
        case "swap":
            raw[at], raw[at + 1] = raw[at + 1], raw[at]
    path.write_bytes(b"".join(raw))
    assert verify(path).breaks or verify(path, head).breaks


def test_what_was_cut_off_is_found_by_the_head(log):
    head = verify(log).head
    raw = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(raw[:3]))
    assert verify(log).breaks == ()
    (found,) = verify(log, head).breaks
    assert found.line == 4
    assert found.message == f"no line has the digest {head}: lines were cut off or changed"


def test_a_log_that_grew_still_has_its_old_head(log):
    head = verify(log).head
    assert verify(log, head).since == 0
    Journal(log).append(RECORD)
    assert (verify(log, head).since, verify(log, head).sound) == (1, True)

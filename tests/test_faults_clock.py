"""A clock that was set back revives nothing; one that is far off breaks nothing."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cli_runs import caller
from faulty_files import KINDS, RULES, WHITELIST
from hypothesis import given
from hypothesis import strategies as st
from test_journal_chain import RECORD

import policy.times
from policy.decision import Context, Verdict
from policy.engine import Engine
from policy.frozen import frozen
from policy.journal.chain import Journal, latest
from policy.journal.record import from_line, time_text
from policy.times import MonotoneClock, instant, later, read_instant
from policy.whitelist.boundary import Boundary

BOT = Context(agent="deploy-bot", environment="prod")
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """Stands in for `datetime` where the time is asked for."""

    min = datetime.min  # noqa: DTZ901  # as it is

    def __init__(self) -> None:
        self.time = START

    def now(self, zone: object) -> datetime:
        assert zone is UTC
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(policy.times, "datetime", found)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whitelist that was approved on 23 January and ends three days after `START`."""
    path = tmp_path / "whitelist.yaml"
    path.write_text(WHITELIST.replace("2090-11-30T12", "2026-03-04T00"))
    return path


def verdict(engine: Engine, context: Context = BOT) -> Verdict:
    return engine.decide("docker restart web-1", context).verdict


# Set back ----------------------------------------------------------------------------------


def test_what_has_expired_stays_so_when_the_clock_is_set_back(clock: Clock, path: Path) -> None:
    engine = Engine(RULES, path)
    assert verdict(engine) is Verdict.ALLOW
    clock.time += 4 * DAY
    assert verdict(engine) is Verdict.REVIEW
    clock.time -= 4 * DAY
    assert verdict(engine) is Verdict.REVIEW


def test_a_task_that_is_over_stays_so_when_the_clock_is_set_back(
    clock: Clock, path: Path, tmp_path: Path
) -> None:
    task = tmp_path / "task.yaml"
    task.write_text(KINDS[1].text.replace("2090-01-01", "2026-03-03"))
    engine = Engine(RULES, path)
    context = Context("deploy-bot", "web-1", "prod", boundary=Boundary.load(task, RULES))
    assert verdict(engine, context) is Verdict.ALLOW
    clock.time += 2 * DAY
    assert verdict(engine, context) is Verdict.REVIEW
    clock.time -= 2 * DAY
    assert verdict(engine, context) is Verdict.REVIEW


def test_it_is_later_than_the_newest_approval(clock: Clock, path: Path) -> None:
    """A process that starts anew with a clock that is wrong."""
    clock.time = datetime(1970, 1, 1, tzinfo=UTC)
    assert verdict(Engine(RULES, path)) is Verdict.ALLOW
    second = WHITELIST.partition("entries:\n")[2].replace("web-{n:int}", "db").replace(
        "2026-01-23", "2026-03-05"
    ).replace("w-ad95e4878776", "w-000000000000")  # fmt: skip
    path.write_text(path.read_text() + second)
    assert verdict(Engine(RULES, path)) is Verdict.REVIEW


def test_an_embedding_program_says_what_it_knows_of_the_time(clock: Clock, path: Path) -> None:
    engine = Engine(RULES, path)
    engine.not_before(START + 2 * DAY)
    assert verdict(engine) is Verdict.ALLOW
    engine.not_before((START + 4 * DAY).astimezone(timezone(timedelta(hours=-7))))
    assert verdict(engine) is Verdict.REVIEW
    engine.not_before(START)
    assert verdict(engine) is Verdict.REVIEW
    with pytest.raises(ValueError, match="a time without a time zone; give one"):
        engine.not_before(datetime(2026, 1, 1))  # noqa: DTZ001  # what is refused


def test_a_clock_that_goes_back_is_told_once_each_time(
    clock: Clock, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Engine(RULES, path)
    with caplog.at_level(logging.WARNING, logger="policy"):
        for step in (0, 59, -59, 1, -3_600, 10, 10, 3_600, -7_200):
            clock.time += timedelta(seconds=step)
            verdict(engine)
    told = "the clock says {}, but it was 2026-03-01T00:00:59Z before (by this process, an approval, or a log): expiry goes by the later one; `policy whitelist list` names approvals like that"  # noqa: E501
    back = ("2026-02-28T23:00:01Z", "2026-02-28T22:00:21Z")
    assert [one.message for one in caplog.records] == [told.format(time) for time in back]


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1))
def test_the_time_never_goes_back(times: list[datetime]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        clock = Clock()
        patched.setattr(policy.times, "datetime", clock)
        monotone, seen = MonotoneClock(), []
        for clock.time in times:
            seen.append(monotone.now())
    assert seen == [max(times[: index + 1]) for index in range(len(times))]


def test_threads_share_a_clock() -> None:
    monotone = MonotoneClock()
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: (monotone.now(), monotone.now()), range(500)))
    assert all(first <= second for first, second in seen)


# The log -----------------------------------------------------------------------------------


@frozen
class End:
    """What a log may end with."""

    data: bytes
    found: bool


@pytest.mark.parametrize(
    "end",
    [
        End(b"", True),
        End(b'{"time":"2026', True),
        End(b"\0" * 5_000, True),
        End(b'{"time":"0001-01-01T00:00:00+05:00"}\n', True),
        End(b"x" * 300_000, False),
    ],
)
def test_the_last_record_says_what_time_it_was(tmp_path: Path, end: End) -> None:
    path = tmp_path / "log.jsonl"
    with Journal(path) as journal:
        journal.append(RECORD)
    with path.open("ab") as file:
        file.write(end.data)
    assert latest(path) == (RECORD.time if end.found else None)


def test_where_there_is_no_log_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert [latest(tmp_path / name) for name in ("none", "empty", ".")] == [None, None, None]


def test_a_process_that_starts_anew_goes_by_its_log(tmp_path, monkeypatch, capsys):
    run = caller(monkeypatch, capsys, tmp_path)
    at = datetime.now(UTC)
    (tmp_path / "whitelist.yaml").write_text(
        WHITELIST.replace("2090-11-30T12:00:00Z", instant(at + DAY)).replace("55", "45")
    )
    arguments = ["docker restart web-1", "--agent", "deploy-bot", "--environment", "prod"]
    arguments = ["check", *arguments, "--whitelist", "whitelist.yaml", "--log", "log.jsonl"]
    assert run(*arguments)[0] == 0
    line = (tmp_path / "log.jsonl").read_bytes()
    before, after = (time_text(one).encode() for one in (from_line(line).time, at + 2 * DAY))
    (tmp_path / "log.jsonl").write_bytes(line.replace(before, after))
    code, out, _ = run(*arguments)
    assert code == 3
    assert "is void: it expired at" in out


# Far off -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "span", "expected"),
    [
        (START, DAY, START + DAY),
        (read_instant("9999-12-31T00:00:00Z"), DAY, read_instant("9999-12-31T23:59:59Z")),
        (read_instant("9999-12-31T23:59:59Z"), DAY, read_instant("9999-12-31T23:59:59Z")),
        (read_instant("0001-01-01T00:00:00Z"), DAY, read_instant("0001-01-02T00:00:00Z")),
    ],
)
def test_the_calendar_has_an_end(time: datetime, span: timedelta, expected: datetime) -> None:
    assert later(time, span) == expected


@pytest.mark.parametrize("at", ["9999-12-31T12:00:00Z", "0001-01-01T00:00:00Z"])
def test_a_clock_that_is_far_off_is_no_traceback(at, tmp_path, monkeypatch, capsys):
    run = caller(monkeypatch, capsys, tmp_path)
    for arguments in (
        ["whitelist", "add", "touch x", "--by", "alice"],
        ["whitelist", "add", "touch y", "--by", "alice", "--ttl", "3650d"],
        ["whitelist", "renew", "touch x", "--by", "alice"],
        ["whitelist", "list"],
        ["whitelist", "verify"],
        ["whitelist", "prune"],
        ["boundary", "new", "task.yaml", "--task", "x"],
        ["boundary", "show", "task.yaml"],
    ):
        code, out, err = run(*arguments, "--at", at)
        assert code in (0, 1), (arguments, err)
        assert out
        assert "Traceback" not in err


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31T23:59:60Z",  # a leap second
        "2026-12-31T24:00:00Z",
        "2026-12-31T23:59:59",
        "2026-12-31T23:59:59+00:00",
        "2026-12-31T23:59:59.5Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_an_instant_has_one_form_and_is_one(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is no instant; write it like 2026-12-01T00:00:00Z \(UTC"
    ):
        read_instant(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_time_of_a_record_reads_back(time: datetime) -> None:
    assert datetime.fromisoformat(time_text(time)) == time

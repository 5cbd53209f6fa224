"""Instants and spans of time as people write and read them."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.times import (
    LONGEST,
    duration,
    duration_code,
    instant,
    read_duration,
    read_instant,
    roughly,
)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_reads_back(time):
    assert read_instant(instant(time)) == time.replace(microsecond=0)


@given(st.integers(1, int(LONGEST.total_seconds())))
def test_a_duration_reads_back(seconds):
    time = timedelta(seconds=seconds)
    assert read_duration(duration_code(time)) == time


@pytest.mark.parametrize(
    "text",
    ["", "2026-12-01", "2026-12-01 00:00:00", "2026-02-30T00:00:00Z", "2026-12-1T00:00:00Z"],
)
def test_what_is_no_instant_is_told_how_to_write_one(text):
    with pytest.raises(ValueError, match="is no instant; write it like 2026-12-01T00:00:00Z"):
        read_instant(text)


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "0d", "1.5h", "1y", "7 d", "٧d"])
def test_what_is_no_duration_is_told_how_to_write_one(text):
    with pytest.raises(ValueError, match="is no span of time; write it like 7d, 36h or 30m"):
        read_duration(text)


def test_a_duration_is_bounded():
    with pytest.raises(ValueError, match="`3651d` is longer than 3650 days"):
        read_duration("3651d")


@pytest.mark.parametrize(
    ("text", "code", "worded"),
    [
        ("7d", "7d", "7 days"),
        ("1w", "7d", "7 days"),
        ("24h", "1d", "1 day"),
        ("36h", "36h", "36 hours"),
        ("90m", "90m", "90 minutes"),
        ("61s", "61s", "61 seconds"),
    ],
)
def test_a_duration_is_said_in_the_largest_unit_that_is_exact(text, code, worded):
    time = read_duration(text)
    assert (duration_code(time), duration(time)) == (code, worded)


@pytest.mark.parametrize(
    ("time", "worded"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(seconds=40), "1 minute"),
        (timedelta(minutes=80), "80 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=30), "30 hours"),
        (timedelta(days=6, hours=23, minutes=59), "7 days"),
    ],
)
def test_a_rough_duration_is_in_whole_units(time, worded):
    assert roughly(time) == worded

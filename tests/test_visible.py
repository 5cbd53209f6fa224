"""Text from outside is shown as it is, or as an escape; never acted on by a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.visible import shorten, visible, width


@pytest.mark.parametrize(
    ("text", "shown", "columns"),
    [
        ("git status", "git status", 10),
        ("", "", 0),
        ("a\tb\nc\r", r"a\tb\nc\r", 9),
        ("\x1b[2Jrm", r"\x1b[2Jrm", 9),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b", 12),
        ("a\u202eb", r"a\u202eb", 8),  # right-to-left override
        ("a\u200bb", r"a\u200bb", 8),  # zero-width space
        ("a\u00a0b", r"a\xa0b", 6),  # a blank that isn't one
        ("a\u3164b", r"a\u3164b", 8),  # a letter that is shown as a blank
        ("\u2028", r"\u2028", 6),
        ("\udcff", r"\xff", 4),  # a byte that isn't UTF-8
        ("\ud800", r"\ud800", 6),
        ("\U000e0041", r"\U000e0041", 10),  # a tag character
        ("naïve", "naïve", 5),
        ("日本", "日本", 4),
        ("e\u0301", "e\u0301", 1),
    ],
)
def test_what_is_not_seen_as_itself_is_an_escape(text: str, shown: str, columns: int) -> None:
    assert visible(text) == shown
    assert width(shown) == columns


@given(st.text(st.characters()))
def test_what_is_shown_is_printable_and_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert visible(shown) == shown


@given(st.text(), st.integers(10, 50))
def test_shortened_text_keeps_its_ends(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= max(limit, len(text))
    assert len(short) == min(len(text), limit)
    assert short[:3] == text[:3]
    assert short[-3:] == text[-3:]

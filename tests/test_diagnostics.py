"""Findings are drawn with the carets under what they are about."""

import pytest

from policy.diagnostics import (
    Finding,
    Note,
    RuleError,
    Severity,
    closest,
    in_order,
    one_of,
    render,
)
from policy.source import Source


def finding(text: str, marked: str, **more: object) -> Finding:
    start = text.index(marked)
    at = Source("a.rules", text).region(start, start + len(marked))
    return Finding("PL999", Severity.ERROR, "it is wrong", at, **more)  # type: ignore[arg-type]


def lines(found: Finding) -> list[str]:
    return render(found).split("\n")


@pytest.mark.parametrize(
    ("text", "marked", "line", "carets"),
    [
        ("ab cd", "cd", "1 | ab cd", "  |    ^^"),
        ("\tab", "ab", "1 |  ab", "  |  ^^"),
        ("日本 cd", "cd", "1 | 日本 cd", "  |      ^^"),
        ("e\u0301 cd", "cd", "1 | e\u0301 cd", "  |   ^^"),
        ("日本 cd", "日本", "1 | 日本 cd", "  | ^^^^"),
        ("\x1b[2J cd", "cd", "1 | \\x1b[2J cd", "  |         ^^"),
        ("ab\r\n", "ab", "1 | ab", "  | ^^"),
        ("ab cd\nef", "cd\nef", "1 | ab cd", "  |    ^^"),
        ("ab", "", "1 | ab", "  | ^"),
    ],
)
def test_carets_stand_under_the_text(text: str, marked: str, line: str, carets: str) -> None:
    assert lines(finding(text, marked))[3:] == [line, carets]


def test_the_margin_is_as_wide_as_the_line_number() -> None:
    assert lines(finding("\n" * 99 + "ab", "ab", label="expected cd", help="write cd")) == [
        "error[PL999]: it is wrong",
        "   --> a.rules:100:1",
        "    |",
        "100 | ab",
        "    | ^^ expected cd",
        "    = help: write cd",
    ]


def test_of_a_very_long_line_the_part_with_the_mistake_is_shown() -> None:
    text = "a" * 5_000 + "!" + "b" * 5_000
    finding = Finding("X1", Severity.ERROR, "wrong", Source("x", text).region(5_000, 5_001))
    shown, marked = render(finding).splitlines()[3:5]
    assert len(shown) < 1_100
    assert shown[marked.index("^")] == "!"
    assert (shown[4:8], shown[-4:]) == ("...a", "b...")


def test_notes_name_their_place() -> None:
    note = Note("the first is", Source("b.rules", "x\n y").region(3, 4))
    assert lines(finding("ab", "ab", notes=(note,)))[-1] == "  = note: the first is at b.rules:2:2"


def test_a_finding_without_a_place_is_one_line_and_its_help() -> None:
    found = Finding("PL999", Severity.WARNING, "it is odd", help="do it")
    assert lines(found) == ["warning[PL999]: it is odd", "  = help: do it"]


def test_what_a_user_wrote_cannot_draw_on_the_terminal() -> None:
    found = Finding("PL999", Severity.ERROR, "unknown `\x1b[2J`")
    assert render(found) == "error[PL999]: unknown `\\x1b[2J`"


def test_the_name_of_a_file_cannot_draw_on_the_terminal() -> None:
    source = Source("a", "x", "\x1b[2J\u202e")
    note = Note("the first", source.region(0, 1))
    shown = render(Finding("PL1", Severity.ERROR, "wrong", source.region(0, 1), notes=(note,)))
    assert shown.count("\\x1b[2J\\u202e:1:1") == 2
    assert "\x1b" not in shown


def test_of_a_message_that_quotes_too_much_the_middle_is_left_out() -> None:
    assert len(render(Finding("PL1", Severity.ERROR, "x" * 5_000, help="y" * 5_000))) < 2_100


def test_an_error_shows_all_its_findings() -> None:
    error = RuleError([finding("ab", "a"), finding("ab", "b")])
    assert str(error) == f"{render(error.findings[0])}\n\n{render(error.findings[1])}"


def test_findings_are_ordered_by_place_without_repetitions() -> None:
    first, second = finding("ab", "a"), finding("ab", "b")
    assert in_order([second, first, second]) == (first, second)


@pytest.mark.parametrize(
    ("words", "shown"),
    [([], ""), (["a"], "`a`"), (["a", "b"], "`a` or `b`"), (["a", "b", "c"], "`a`, `b` or `c`")],
)
def test_lists_for_prose(words: list[str], shown: str) -> None:
    assert one_of(words) == shown


@pytest.mark.parametrize(("word", "found"), [("hihg", "high"), ("HIGH", "high"), ("xyz", None)])
def test_the_closest_word(word: str, found: str | None) -> None:
    assert closest(word, ["low", "medium", "high"]) == found


@pytest.mark.parametrize(
    ("text", "offset", "position", "line"),
    [
        ("", 0, (1, 1), ""),
        ("ab\ncd", 0, (1, 1), "ab"),
        ("ab\ncd", 2, (1, 3), "ab"),
        ("ab\ncd", 3, (2, 1), "cd"),
        ("ab\ncd", 99, (2, 3), "cd"),
        ("ab\r\ncd", 4, (2, 1), "cd"),
        ("ab\n", 3, (2, 1), ""),
        ("a\x0bb\u2028c", 4, (1, 5), "a\x0bb\u2028c"),
    ],
)
def test_positions(text: str, offset: int, position: tuple[int, int], line: str) -> None:
    source = Source("a.rules", text)
    assert source.position(offset) == position
    assert source.line(position[0]) == line

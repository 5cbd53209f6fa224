"""Holes of patterns: how they are written, and what each admits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.holes import Hole, HoleError, HoleKind, Part, admits, hole_at, language, plain_path
from policy.whitelist.notation import anonymous, check_text, split


def hole(text: str) -> Hole:
    found = hole_at(text, 0)
    assert found is not None
    assert found[1] == len(text)
    return found[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{service}", Hole("service")),
        ("{n:int}", Hole("n", HoleKind.INT)),
        ("{b:name}", Hole("b", HoleKind.NAME)),
        ("{m:text}", Hole("m", HoleKind.TEXT)),
        ("{args...}", Hole("args", rest=True)),
        ("{files...:path /srv/**}", Hole("files", HoleKind.PATH, ("/srv/**",), rest=True)),
        ("{p:path /var/log/** /tmp/*}", Hole("p", HoleKind.PATH, ("/var/log/**", "/tmp/*"))),
        ("{b:one of main dev}", Hole("b", HoleKind.ONE_OF, ("main", "dev"))),
        ("{b:one of 'a b' c}", Hole("b", HoleKind.ONE_OF, ("a b", "c"))),
        ("{b:like release-*}", Hole("b", HoleKind.LIKE, ("release-*",))),
    ],
)
def test_a_hole_is_read_as_it_is_written(text: str, expected: Hole) -> None:
    assert hole(text) == expected
    assert hole(str(expected)) == expected


@pytest.mark.parametrize("text", ["{}", "{0}", "{a,b}", "{1..3}", "{ x}", "{", "{-a}"])
def test_other_braces_are_no_holes(text: str) -> None:
    assert hole_at(text, 0) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{x:}", "without a type"),
        ("{x:number}", "unknown type `number`"),
        ("{x:path}", "says nothing more"),
        ("{x:one of}", "says nothing more"),
        ("{x:one of a", "isn't closed"),
        ("{x", "this is no hole"),
        ("{é}", "this is no hole"),
        ("{x:int 5}", "takes nothing more"),
        ("{x:one of a -b}", "begins with `-`"),
        ("{x:one of a ''}", "is empty"),
        ("{x:path ../etc}", "no `..`"),
    ],
)
def test_what_begins_a_hole_and_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(HoleError, match=re.escape(message)) as caught:
        hole_at(text, 0)
    assert (caught.value.start, caught.value.end) == (0, len(text))


WORDS = [
    "web", "web-1", "-x", "--", "-", "", "a b", "a\tb", "12", "+main", ":x", "a:b", "/var/log",
    "/var/log/a", "/var/log/a/b.log", "/var/log/../x", "/var/log//x", "/var/log/.env", "x/y",
    "src/x", "release-1", "\0/x", "é",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{x}",
            ["web", "web-1", "12", "+main", ":x", "a:b", "/var/log", "/var/log/a",
             "/var/log/a/b.log", "/var/log/../x", "/var/log//x", "/var/log/.env", "x/y", "src/x",
             "release-1", "é"],
        ),
        ("{x:int}", ["12"]),
        ("{x:name}", ["web", "web-1", "12", "x/y", "src/x", "release-1"]),
        ("{x:path /var/log/**}", ["/var/log", "/var/log/a", "/var/log/a/b.log"]),
        ("{x:path /var/log/*}", ["/var/log/a"]),
        ("{x:path src/*}", ["src/x"]),
        ("{x:path ~/*}", ["\0/x"]),
        ("{x:one of web +main}", ["web", "+main"]),
        ("{x:like release-* *b}", ["web", "a:b", "release-1"]),
    ],
)  # fmt: skip
def test_a_hole_admits_such_words_and_no_others(text: str, expected: list[str]) -> None:
    parts = (hole(text),)
    assert [word for word in WORDS if admits(parts, word)] == expected


def test_text_is_anything_but_an_option_nothing_and_a_home() -> None:
    parts = (hole("{x:text}"),)
    refused = [word for word in WORDS if not admits(parts, word)]
    assert refused == ["-x", "--", "-", "", "\0/x"]


@pytest.mark.parametrize(
    ("parts", "text", "expected"),
    [
        (("web-", hole("{n:int}")), "web-12", True),
        (("web-", hole("{n:int}")), "web-", False),
        (("web-", hole("{n:int}")), "db-1", False),
        (("a", hole("{x}"), "b"), "a-xb", False),
        ((hole("{user:name}"), "@", hole("{host:name}")), "bob@db", True),
    ],
)
def test_a_hole_may_be_a_part_of_a_word(parts: tuple[Part, ...], text: str, expected: bool) -> None:
    assert admits(parts, text) is expected


HOLES = st.sampled_from(
    [
        hole(text)
        for text in (
            "{x}", "{x:int}", "{x:name}", "{x:text}", "{x:one of a +c}",
            "{x:like a* *b ?}", "{x:path /a/** /b/*.c}", "{x:path a/*}",
        )
    ]
)  # fmt: skip
TEXTS = st.text("ab/.c-+1 \n\0", max_size=6) | st.text(max_size=4)


@given(HOLES, TEXTS)
def test_the_automaton_and_the_quick_answer_agree(one: Hole, text: str) -> None:
    expected = language((one,)).accepts(text)
    if one.kind is HoleKind.PATH:
        expected = expected and plain_path(text)
    assert admits((one,), text) is expected


@given(HOLES, TEXTS)
def test_nothing_that_a_hole_admits_is_an_option(one: Hole, text: str) -> None:
    if admits((one,), text):
        assert text[:1] not in {"", "-"}


# In the text of a pattern -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker restart {s}", ("docker restart ", Hole("s"))),
        ("{s}", (Hole("s"),)),
        ("echo '{s}'", ("echo '{s}'",)),
        ('echo "{s}"', ('echo "{s}"',)),
        ("echo \\{s}", ("echo \\{s}",)),
        ("echo ${s}", ("echo ${s}",)),
        ("echo $'\\'{s}'", ("echo $'\\'{s}'",)),
        ('echo "\\"{s}"', ('echo "\\"{s}"',)),
        ("echo 'a'{s}'b'", ("echo 'a'", Hole("s"), "'b'")),
        ("git stash drop stash@{0}", ("git stash drop stash@{0}",)),
        ("cp {a,b} x", ("cp {a,b} x",)),
        ("find . -exec ls {} +", ("find . -exec ls {} +",)),
        ("", ("",)),
    ],
)
def test_quotes_make_a_brace_what_it_says(text: str, expected: tuple[Part, ...]) -> None:
    assert split(text) == expected


def test_names_of_holes_say_nothing() -> None:
    assert anonymous("a {x:one of b a}") == anonymous("a {y:one of a b}")
    assert anonymous("a {x}") != anonymous("a {x:name}")
    assert anonymous("a {x:nonsense}") == "a {x:nonsense}"


def test_two_holes_have_two_names() -> None:
    with pytest.raises(HoleError, match="two holes with the name `x`") as caught:
        check_text("cp {x} {x}")
    assert (caught.value.start, caught.value.end) == (7, 10)

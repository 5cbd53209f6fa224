"""Globs match in linear time; overlap and inclusion of two globs are exact."""

import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.automata import included, overlap
from policy.globs import HOME, Mode, automaton, escape, matches, matches_path, unescape


@pytest.mark.parametrize(
    ("glob", "text", "answer"),
    [
        ("status", "status", True),
        ("status", "statu", False),
        ("+*", "+main", True),
        ("+*", "main", False),
        ("*", "", True),
        ("*", "a/b", True),
        ("python3.*", "python3.11", True),
        ("?", "", False),
        ("?", "/", True),
        ("[abc]x", "bx", True),
        ("[a-c]x", "dx", False),
        ("[!a-c]x", "dx", True),
        ("[]]", "]", True),
        ("[a", "[a", True),
        (r"[\!a]", "a", True),
        (r"[\!a]", "b", False),
        (r"[c\-a]", "-", True),
        (r"[c\-a]", "a", True),
        (r"[a\-c]", "b", False),
        (r"[a\]]", "a", True),
        ("[[:a]", "a", True),
        (r"[[:alpha:]\]]", "a", True),
        (r"\*", "*", True),
        (r"\*", "a", False),
        ("a\nb*", "a\nbc", True),
        (".*", "x", False),
        ("a.c", "abc", False),
    ],
)
def test_a_glob_of_texts_matches_all_of_a_text(glob: str, text: str, answer: bool) -> None:
    assert matches(glob, text) is answer


def test_case_is_ignored_only_when_asked() -> None:
    assert matches("AUDIT_*", "audit_log", fold=True)
    assert not matches("AUDIT_*", "audit_log")


@pytest.mark.parametrize(
    ("glob", "path", "answer"),
    [
        ("/etc/**", "/etc", True),
        ("/etc/**", "/etc/ssl/private/x", True),
        ("/etc/**", "/etcetera", False),
        ("/etc/*", "/etc/hosts", True),
        ("/etc/*", "/etc/ssl/x", False),
        ("/etc/*", "/etc", False),
        ("**/.env", ".env", True),
        ("**/.env", "/srv/app/.env", True),
        ("**/.env", "/srv/app/a.env", False),
        ("**/.env", "/srv/.env/x", False),
        ("/srv/**/x", "/srv/x", True),
        ("/srv/**/x", "/srv/a/b/x", True),
        ("/home/*/x", "/home/a/b/x", False),
        ("/**", "/", True),
        ("/**", "/a/b", True),
        ("**", "a/b", True),
        ("/dev/sd**", "/dev/sda/x", True),
        ("/dev/sd?", "/dev/sd/", False),
    ],
)
def test_a_glob_of_paths_knows_segments(glob: str, path: str, answer: bool) -> None:
    assert matches_path(glob, path) is answer


@pytest.mark.parametrize(
    ("word", "rule", "overlaps", "inside"),
    [
        ("*.log", "**/.env", False, False),
        ("*", "**/id_rsa", False, False),
        ("*", "**/.env", False, False),
        (".*", "**/.env", True, False),
        ("id_*", "**/id_rsa", True, False),
        ("/etc/*", "/etc/shadow", True, False),
        ("/etc/*", "/etc/**", True, True),
        ("/etc/*/x", "/etc/shadow", False, False),
        (HOME + "/.ssh/*", HOME + "*/.ssh/**", True, True),
        ("src/*", "**/*.pem", False, False),
        ("*.pem", "**/*.pem", True, True),
        ("secrets/*", "**/secrets/*.key", True, False),
        ("/*", "/etc/**", True, False),
        ("/*", "/", False, False),
        ("src/**/*.js", "**/*.js", True, True),
        ("**/*.js", "**/.ssh/**", False, False),
        ("*.log", "**/*g", True, True),
        ("[a-c]d", "**/bd", True, False),
        ("@(a|b)", "**/id_rsa", False, False),
        ("/etc/@(a|shadow)", "/etc/shadow", True, False),
    ],
)
def test_a_shell_glob_beside_a_rule_glob(
    word: str, rule: str, overlaps: bool, inside: bool
) -> None:
    found, other = automaton(word, Mode.SHELL), automaton(rule, Mode.PATH)
    assert overlap(found, other, by_name=rule.startswith("**/")) is overlaps
    assert included(found, other) is inside


LETTERS = st.text("ab.*?/", max_size=8)
PLAIN = st.text("ab./", max_size=8)


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_texts_match_as_fnmatch_has_it(glob: str, text: str) -> None:
    assert matches(glob, text) == fnmatchcase(text, glob)


@given(LETTERS, LETTERS, PLAIN)
def test_what_matches_both_is_an_overlap(one: str, other: str, text: str) -> None:
    left, right = automaton(one, Mode.PATH), automaton(other, Mode.PATH)
    if left.accepts(text) and right.accepts(text):
        assert overlap(left, right)


@given(LETTERS, LETTERS, PLAIN)
def test_what_is_included_matches(one: str, other: str, text: str) -> None:
    left, right = automaton(one, Mode.SHELL), automaton(other, Mode.PATH)
    if included(left, right):
        assert not left.accepts(text) or right.accepts(text)


@given(st.text())
def test_an_escaped_text_matches_itself_alone(text: str) -> None:
    assert matches(escape(text), text)
    assert unescape(escape(text)) == text
    assert not matches(escape(text), text + "x")


@given(st.text(), st.text())
def test_no_glob_raises(glob: str, text: str) -> None:
    for mode in Mode:
        automaton(glob, mode).accepts(text)


def test_many_stars_take_no_longer_than_their_product_with_the_text() -> None:
    begun = time.perf_counter()
    assert not matches("*a" * 40 + "b", "a" * 4_000)
    assert time.perf_counter() - begun < 1

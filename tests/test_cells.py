"""Languages of words and their cells say what matching says."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from whitelist_forms import parts

from policy.automata import Automaton, Characters
from policy.cells import Steps, Undecided, alphabet, cells, least_cells, some_text, walk
from policy.globs import Mode
from policy.holes import admits, plain_path
from policy.languages import (
    ABSOLUTE,
    CANONICAL,
    RELATIVE,
    Join,
    accepts,
    examples,
    head,
    heads,
    texts,
    word,
    word_below,
)
from policy.paths import normalise
from policy.whitelist.dimensions import Row, words_of
from policy.whitelist.form import Piece, piece_admits

WORDS = [
    "{x}",
    "{x:int}",
    "{x:name}",
    "{x:text}",
    "{x:one of a ab 1}",
    "{x:like a*}",
    "{x:like *b a?b}",
    "{x:like [ab]*}",
    "{x:path /a/**}",
    "{x:path /a/*}",
    "{x:path /a/b /b/**}",
    "{x:path **/b}",
    "{x:path a/**}",
    "{x:path ~/a/**}",
    "a{n:int}",
    "{x}b",
    "a{x:name}{y:int}",
    "--f={p:path /a/**}",
    "a{p:path b/*}",
    "a",
    "1",
    "/a/b",
    "a b",
]
TEXTS = st.text("ab1/.-~+ \0\n", max_size=6) | st.sampled_from(
    [
        "a",
        "b",
        "/a",
        "/a/b",
        "/a/b/a",
        "--f=/a/b",
        "--f=/a/../b",
        "\0/a/b",
        "ab/a",
        "ab/..",
        "a/./b",
    ]
)


def words(*rows: str) -> st.SearchStrategy[str]:
    return st.sampled_from(rows or WORDS)


# Languages ---------------------------------------------------------------------------------


@given(words(), TEXTS)
def test_the_language_of_a_word_holds_what_the_word_admits(written: str, text: str) -> None:
    assert accepts(word(parts(written)), text) is admits(parts(written), text)


@given(words(), TEXTS, st.sampled_from(["/", "/a", "/a/b", "/b", "/1/a b"]))
def test_in_a_directory_it_holds_the_relative_paths_too(
    written: str, text: str, directory: str
) -> None:
    admitted = piece_admits(Piece("", parts(written)), Piece("", (text,)), directory)
    holds = words_of(Piece("", parts(written)), directory).machine()
    assert accepts(holds, text) is admitted


@given(TEXTS)
def test_absolute_and_relative_paths_are_plain(text: str) -> None:
    relative = text[:1] not in {"", "-", "/", "\0"}
    absolute = text.startswith("/") and "\0" not in text
    assert accepts(ABSOLUTE, text) is (absolute and plain_path(text))
    assert accepts(RELATIVE, text) is (relative and plain_path(text))


@given(TEXTS)
@example("")
@example("../..")
@example("\0/..")
def test_canonical_paths_are_what_normalising_leaves_alone(text: str) -> None:
    assert accepts(CANONICAL, normalise(text)) is ("\0" not in normalise(text)[1:])
    if accepts(CANONICAL, text) and "\0" not in text:
        assert normalise(text) == text


@given(words(), TEXTS)
def test_every_text_of_a_word_has_one_of_its_heads(written: str, text: str) -> None:
    if admits(parts(written), text):
        assert text.startswith(heads(parts(written)))


@given(words(), TEXTS)
def test_texts_that_are_told_are_all_there_are(written: str, text: str) -> None:
    told = texts(parts(written))
    if told is not None:
        assert (text in told) is admits(parts(written), text)


@pytest.mark.parametrize(
    ("glob", "mode", "begins"),
    [
        ("/srv/app/**", Mode.SHELL, "/srv/app"),
        ("/srv/*/x", Mode.SHELL, "/srv/"),
        ("/**", Mode.SHELL, "/"),
        ("**/x", Mode.SHELL, ""),
        ("/srv/app", Mode.SHELL, "/srv/app"),
        ("/srv/+(a|b)", Mode.SHELL, "/srv/"),
        ("web-?", Mode.TEXT, "web-"),
        ("web\\*", Mode.TEXT, "web"),
    ],
)
def test_a_glob_begins_with_its_literal_text(glob: str, mode: Mode, begins: str) -> None:
    assert head(glob, mode) == begins


@pytest.mark.parametrize("written", WORDS)
def test_the_first_example_of_a_word_is_one(written: str) -> None:
    assert admits(parts(written), next(examples(parts(written))))


# Cells -------------------------------------------------------------------------------------


def row_of(*written: str) -> Row:
    row = Row()
    for index, one in enumerate(written):
        row.add_word(parts(one), 1 << index)
    return row


def bits_of(text: str, written: list[str]) -> int:
    return sum(admits(parts(one), text) << index for index, one in enumerate(written))


@given(words(), st.lists(words(), max_size=4), st.lists(TEXTS, max_size=20))
def test_every_text_is_in_a_cell_that_was_found(
    one: str, others: list[str], samples: list[str]
) -> None:
    row = row_of(*others)
    here = words_of(Piece("", parts(one)))
    found = list(cells(here, row.literals, list(row.others.values()), Steps()))
    for text, bits in found:
        assert admits(parts(one), text)
        assert bits == bits_of(text, others)
    known = {bits for _, bits in found}
    for text in (*samples, *(sample for other in others for sample in examples(parts(other)))):
        if admits(parts(one), text):
            assert bits_of(text, others) in known


@given(words(), st.lists(words(), max_size=4))
def test_the_least_cells_are_those_below_which_there_is_none(one: str, others: list[str]) -> None:
    row = row_of(*others)
    here = words_of(Piece("", parts(one)))
    every = {bits for _, bits in cells(here, row.literals, list(row.others.values()), Steps())}
    least = {bits for bits in every if not any(o & bits == o for o in every - {bits})}
    found = least_cells(here, row.literals, list(row.others.values()), Steps())
    assert {bits for _, bits in found} == least
    assert all(bits == bits_of(text, others) for text, bits in found)


@pytest.mark.parametrize(
    ("one", "others", "least"),
    [
        ("{branch}", ["{x:name}"], [("+branch", 0)]),
        ("{branch}", ["branch", "main"], [("branch/a", 0)]),
        ("{x:name}", ["{x}", "{x:int}"], [("x", 1)]),
        ("{x:text}", ["{x}"], [("some x", 0)]),
        ("{x:one of a b}", ["a", "b"], [("a", 1), ("b", 2)]),
        ("{p:path /var/**}", ["{p:path /var/log/**}"], [("/var/p", 0)]),
        ("{p:path /var/log/**}", ["{p:path /var/**}"], [("/var/log/p", 1)]),
        ("{p:path /srv/[ab]}", ["{p:path /srv/a}", "/srv/b"], [("/srv/a", 1), ("/srv/b", 2)]),
        ("{x:like +*}", ["{x:like +[!z]*}", "+"], [("+z", 0)]),
        ("{x:int}", ["7", "12", "443"], [("0", 0)]),
    ],
)
def test_examples_of_cells_are_readable(
    one: str, others: list[str], least: list[tuple[str, int]]
) -> None:
    row = row_of(*others)
    here = words_of(Piece("", parts(one)))
    assert least_cells(here, row.literals, list(row.others.values()), Steps()) == least


def test_a_hole_for_a_path_that_is_never_plain_has_no_cell() -> None:
    here = words_of(Piece("", parts("{p:path /a//b}")))
    assert list(cells(here, {}, [], Steps())) == []
    assert some_text(here.machine(), Steps()) is None


def test_beyond_its_steps_a_walk_knows_nothing() -> None:
    here = words_of(Piece("", parts("{p:path /var/**}")))
    with pytest.raises(Undecided):
        list(walk(here.machine(), (), Steps(10)))


def test_ten_thousand_literals_are_no_walk() -> None:
    literals = {f"web-{index}": 1 << index for index in range(10_000)}
    here = words_of(Piece("", parts("{service}")))
    assert least_cells(here, literals, [], Steps(100)) == [("service", 0)]


@pytest.mark.parametrize(
    ("sets", "inside"),
    [
        ([Characters((("à", "é"),))], ["", "x"]),
        ([Characters((("à", "å"),), but="àáäå")], ["", "x"]),
        ([Characters((), negated=True, but="a"), Characters((("a", "b"),))], ["x", "y", "xy"]),
        ([Characters((), negated=True)], ["x"]),
    ],
)
def test_an_alphabet_has_a_character_of_every_kind(
    sets: list[Characters], inside: list[str]
) -> None:
    machine = Automaton([[(one, 1) for one in sets], []], [[], []], "", "")
    letters = alphabet([machine])
    kinds = [
        "".join(name for name, one in zip("xy", sets, strict=False) if letter in one)
        for letter in letters
    ]
    assert sorted(kinds) == sorted(inside)


def test_the_join_of_nothing_is_empty() -> None:
    assert not accepts(Join(), "")
    assert some_text(Join(), Steps()) is None


def test_a_directory_that_no_glob_reaches_adds_nothing() -> None:
    assert word_below(parts("{p:path /a/**}"), "/b") is word(parts("{p:path /a/**}"))

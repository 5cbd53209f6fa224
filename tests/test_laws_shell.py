"""Laws of decisions on shell texts: what changes nothing, and what never loosens."""

from __future__ import annotations

import shlex
import string
from collections.abc import Hashable

from hypothesis import assume, example, given
from hypothesis import strategies as st
from laws_rewrites import DYNAMIC, fixed, quoted, raw_words, reordered, respelled
from laws_strategies import (
    APPENDED,
    AROUND,
    CONTEXTS,
    LAW,
    REDIRECTED,
    Answer,
    Frame,
    answer,
    answer_of,
    appending,
    engine,
    lines,
    runners,
    simple,
    simple_examples,
    texts,
    wrappers,
)

from policy import Context, Tier
from policy.cli.json_form import decision_object, dumps
from policy.parse.shell.assign import DECLARATIONS
from policy.plan import Opaque, OpaqueKind

contexts = st.sampled_from(CONTEXTS)

# Adding never loosens -----------------------------------------------------------------------

_UNREAD = (OpaqueKind.UNPARSED, OpaqueKind.DISAGREEMENT, OpaqueKind.UNKNOWN_NODE, OpaqueKind.LIMIT)


def is_read(text: str) -> bool:
    """Whether every part of the text was understood by a parser."""
    found = (action.does for action in engine().plan(text).actions)
    return not any(isinstance(one, Opaque) and one.kind in _UNREAD for one in found)


def assert_not_looser(text: str, context: Context, than: str) -> None:
    """As strict in verdict, tier, score and approvals; where a text isn't understood, high."""
    before, after = answer(than, context), answer(text, context)
    if is_read(text):
        assert after.covers(before), (than, before, text, after)
    else:
        assert after.tier == Tier.HIGH, (than, before, text, after)


@LAW
@given(lines, st.sampled_from(AROUND), contexts)
@example("dd if=/etc/shadow", Frame("coproc "), Context())
@example("LD_PRELOAD=./x.so ls", Frame("time "), Context())
def test_text_around_a_command_never_loosens(text: str, frame: Frame, context: Context) -> None:
    assert_not_looser(frame.put(text), context, than=text)


@LAW
@given(lines, st.sampled_from(REDIRECTED), contexts)
def test_a_redirect_of_what_it_prints_never_loosens(
    text: str, frame: Frame, context: Context
) -> None:
    assert_not_looser(frame.put(text), context, than=text)


@LAW
@given(simple, st.sampled_from(APPENDED), contexts)
def test_a_redirect_behind_its_words_never_loosens(
    text: str, frame: Frame, context: Context
) -> None:
    assert_not_looser(frame.put(text), context, than=text)


@LAW
@given(simple, st.sampled_from(wrappers()), contexts)
def test_a_wrapper_of_its_words_never_loosens(text: str, frame: Frame, context: Context) -> None:
    assert_not_looser(frame.put(text), context, than=text)


@LAW
@given(simple, st.sampled_from(appending(anywhere=False)), contexts)
def test_a_wrapper_that_adds_words_is_as_strict_as_the_command_with_unknown_words(
    text: str, frame: Frame, context: Context
) -> None:
    r"""`xargs X` and `find -exec X {} \;` are what `X` is with a word that nobody knows yet.

    They may be below `X` alone: `docker container prune` takes no operand.
    """
    assume("{}" not in text)
    assert_not_looser(frame.put(text), context, than=f'{text} "$laws"')


@LAW
@given(simple, st.sampled_from(appending(anywhere=True)), contexts)
def test_a_wrapper_that_goes_elsewhere_is_as_strict_as_the_command_in_an_unknown_directory(
    text: str, frame: Frame, context: Context
) -> None:
    r"""`find -execdir X {} \;` runs `X` where the file lies."""
    assume("{}" not in text)
    assert_not_looser(frame.put(text), context, than=f'cd "$laws"; {text} "$laws"')


@LAW
@given(texts, st.sampled_from(runners()), contexts)
def test_a_program_that_runs_quoted_text_is_as_strict_as_the_text(
    text: str, frame: Frame, context: Context
) -> None:
    assert_not_looser(frame.put(text), context, than=text)


@LAW
@given(simple, st.lists(st.sampled_from(runners()), min_size=2, max_size=3), contexts)
def test_programs_that_run_quoted_text_within_one_another_never_loosen(
    text: str, frames: list[Frame], context: Context
) -> None:
    whole = text
    for frame in frames:
        whole = frame.put(whole)
    assert_not_looser(whole, context, than=text)


@LAW
@given(simple, st.sampled_from(("/bin/", "/usr/bin/", "/usr/local/bin/", "./", "../x/", "/tmp/")))
def test_a_path_to_a_program_never_loosens(text: str, path: str) -> None:
    first, *rest = raw_words(text)
    value = fixed(first)
    assume(value is not None and "/" not in value)
    assert_not_looser(" ".join([f"{path}{value}", *rest]), Context(), than=text)


@LAW
@given(simple, st.integers(0, 8))
def test_a_quoted_program_is_the_program(text: str, style: int) -> None:
    first, *rest = raw_words(text)
    value = fixed(first)
    assume(value is not None and value not in DECLARATIONS)  # quoted, they read no assignments
    assert said(" ".join([quoted(value or "", style), *rest])) == said(text)


# What says the same is decided the same -----------------------------------------------------


def said(text: str, context: Context | None = None) -> Hashable:
    """A decision without its places in the text, which differ between spellings."""
    found = engine().decide(text, context)
    actions = frozenset(
        (one.kind, one.program, one.argv, one.via, one.effects, one.tier, one.score, one.verdict)
        for one in found.actions
    )
    names = frozenset(reason.rule for reason in found.reasons)
    return answer_of(found), found.ttl, names, actions


@LAW
@given(st.data(), simple, contexts)
def test_quotes_blanks_comments_and_continued_lines_say_nothing(
    data: st.DataObject, text: str, context: Context
) -> None:
    other = data.draw(respelled(text))
    assert said(other, context) == said(text, context), (text, other)


@LAW
@given(reordered(), contexts)
def test_the_place_of_options_among_operands_says_nothing(
    pair: tuple[str, str], context: Context
) -> None:
    """Where the program reads options anywhere; options keep their order."""
    one, other = pair

    def about(text: str) -> tuple[Answer, frozenset[str]]:
        found = engine().decide(text, context)
        return answer_of(found), frozenset(reason.rule for reason in found.reasons)

    assert about(one) == about(other), pair


names = st.text(string.ascii_lowercase, min_size=6, max_size=6).map("zq{}x".format)


@LAW
@given(names, names, simple, st.sampled_from((*AROUND, *wrappers())), contexts)
def test_the_name_of_an_unknown_program_says_nothing(
    one: str, other: str, text: str, frame: Frame, context: Context
) -> None:
    rest = raw_words(text)[1:]
    found = [
        dumps(decision_object(engine().decide(frame.put(" ".join([name, *rest])), context)))
        for name in (one, other)
    ]
    assume(one not in text and other not in text)
    assert found[0].replace(one, other) == found[1]


# Words that only run time knows --------------------------------------------------------------

_NASTY = ("", "-rf", "--", "--force", "--output=/etc/x", "-o/etc/x", "/etc/shadow", "+main", "..")
values = st.one_of(
    st.sampled_from(_NASTY),
    st.sampled_from(sorted({word for text in simple_examples() for word in text.split()})),
)


@LAW
@given(st.data(), simple, st.sampled_from(DYNAMIC), contexts)
def test_what_is_low_with_an_unknown_word_is_low_with_every_word(
    data: st.DataObject, text: str, unknown: str, context: Context
) -> None:
    """Or with several words, where it isn't quoted.

    So a word that becomes unknown never makes an allow of what wasn't one.
    The tier itself may fall from high to medium: `rm "$x"` may be `rm -rf`, and is not it for
    certain (docs/decisions/0004).
    """
    words = raw_words(text)
    known = [at for at, word in enumerate(words) if at and fixed(word) is not None]
    assume(known)
    at = data.draw(st.sampled_from(known))
    words[at] = unknown
    if answer(" ".join(words), context).tier != Tier.LOW:
        return
    assert answer(text, context).tier == Tier.LOW, (text, words)
    several = unknown[0] != '"' or "@" in unknown
    found = data.draw(st.lists(values, min_size=1, max_size=3 if several else 1))
    words[at] = " ".join(map(shlex.quote, found))
    assert answer(" ".join(words), context).tier == Tier.LOW, words


@LAW
@given(simple, st.integers(0, 10), st.sampled_from(('"$laws"', "$laws")), values, contexts)
def test_a_value_that_the_text_fixes_is_the_value(
    text: str, at: int, use: str, value: str, context: Context
) -> None:
    """`laws=-rf; rm $laws x` is `rm -rf x`, wherever it stands."""
    words = raw_words(text)
    assume(0 < at < len(words) and (use[0] == '"' or value.isalnum()))
    fixed_words = [*words[:at], shlex.quote(value), *words[at + 1 :]]
    used_words = [*words[:at], use, *words[at + 1 :]]
    used = f"laws={shlex.quote(value)}; {' '.join(used_words)}"
    assert answer(used, context).covers(answer(" ".join(fixed_words), context)), used


def test_a_deny_counts_as_stricter_than_any_number_of_people() -> None:
    deny, many = Answer(3, 2, 100, 0), Answer(2, 2, 90, 5)
    assert deny.covers(many)
    assert not many.covers(deny)
    assert not Answer(1, 2, 90, 1).covers(many)

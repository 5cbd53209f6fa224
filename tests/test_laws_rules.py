"""Laws of rules: one beside others only raises, and one that doesn't match says nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws_rules import Made, made, matches, placing, with_rules
from laws_strategies import CONTEXTS, LAW, answer_of, engine, examples, lines, rules

from policy import Context
from policy.decision import Decision, Tier
from policy.truth import Truth


@cache
def about(one: Made) -> tuple[str, ...]:
    """The examples in which the words stand that the rule is about."""
    words = one.about.removeprefix("on ")
    return tuple(text for text in examples() if words in text)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Made, str]:
    """A rule, and a text that it often is about."""
    one = draw(st.sampled_from(made()))
    texts = about(one)
    return one, draw(st.one_of(st.sampled_from(texts), lines) if texts else lines)


def with_and_without(one: Made, text: str) -> tuple[Decision, Decision]:
    """The decision with the rule beside the shipped ones, and without it."""
    return with_rules().decide(text, one.context), engine().decide(text, one.context)


@LAW
@given(cases())
def test_a_rule_beside_one_that_matches_never_loosens(case: tuple[Made, str]) -> None:
    """Where only a default placed an action, a rule of its own may place it below."""
    one, text = case
    after, before = with_and_without(one, text)
    actions = engine().plan(text).actions
    placed = [one.is_general or bool(placing(action, one.context)) for action in actions]
    for new, old, own in zip(after.actions, before.actions, placed, strict=True):
        if own:
            assert new.verdict.strictness >= old.verdict.strictness, one.text
            assert new.tier >= old.tier, one.text
            assert new.score >= old.score, one.text
            assert set(new.effects) >= set(old.effects), one.text
    if all(placed):
        assert answer_of(after).covers(answer_of(before)), one.text
        assert (
            after.ttl is None
            or (before.ttl is not None and after.ttl <= before.ttl)
            or (before.tier < after.tier)
        )


@LAW
@given(cases())
def test_a_rule_that_can_not_match_says_nothing(case: tuple[Made, str]) -> None:
    one, text = case
    after, before = with_and_without(one, text)
    if all(matches(one, action) is Truth.NO for action in engine().plan(text).actions):
        assert after == before, one.text


@LAW
@given(cases())
def test_a_rule_that_matches_is_told_or_is_below_what_is(case: tuple[Made, str]) -> None:
    """And where it matches, the action is never below it."""
    one, text = case
    after, _ = with_and_without(one, text)
    for action, judged in zip(engine().plan(text).actions, after.actions, strict=True):
        if matches(one, action) < Truth.FIXED:
            continue
        rule = one.rule
        told = any(reason.rule == rule.name for reason in judged.reasons)
        assert judged.tier >= rule.tier
        assert told or judged.tier > rule.tier
        assert not rule.deny or str(judged.verdict) == "deny"


@LAW
@given(lines, st.sampled_from(CONTEXTS))
def test_production_never_loosens(text: str, context: Context) -> None:
    elsewhere, production = (
        answer_of(engine().decide(text, replace(context, environment=one)))
        for one in ("staging", "prod")
    )
    assert production.covers(elsewhere)


def _readers_of_code() -> list[str]:
    """Programs that rules say take code from standard input."""
    return sorted(name for name, one in rules().programs.items() if one.stdin is not None)


@pytest.mark.parametrize("program", _readers_of_code())
@pytest.mark.parametrize("frame", ["{}", "{} < notes", "{} <<< 'x y'", "cat notes | {}"])
def test_a_program_that_runs_its_input_is_never_allowed(program: str, frame: str) -> None:
    assert engine().decide(frame.format(program)).tier > Tier.LOW

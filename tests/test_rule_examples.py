"""Every example of every shipped rule: what it must match it matches, and what not, not."""

from functools import cache

import pytest

from policy.engine import Engine
from policy.judge import matched_by
from policy.ruleset import Example, Rule
from policy.shipped import ruleset


@cache
def engine() -> Engine:
    return Engine(ruleset())


EXAMPLES = [(rule, example) for rule in ruleset().rules for example in rule.examples]


@pytest.mark.parametrize(
    ("rule", "example"),
    EXAMPLES,
    ids=[f"{rule.name}:{example.place.line}" for rule, example in EXAMPLES],
)
def test_an_example_holds(rule: Rule, example: Example) -> None:
    plan = engine().plan(example.text, example.language)
    assert matched_by(rule, plan, engine().rules) is example.matches, (
        f"{rule.name}, {example.place.file}:{example.place.line}: {example.text}"
    )


def test_every_shipped_rule_has_an_example_that_matches() -> None:
    assert [
        rule.name for rule in ruleset().rules if not any(e.matches for e in rule.examples)
    ] == []

"""Rules made at random, each of which is in force for one agent only.

So one compiled set holds hundreds of rule sets: the shipped rules, and one rule beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from laws_strategies import Level, examples, levels, rules

from policy import Context, Engine, Tier
from policy.conditions import Subject
from policy.dsl import compile_sources, read_directory
from policy.dsl.locate import rules_directory
from policy.judge import candidates, programs_of
from policy.match import Reach, reach, when_truth
from policy.plan import Action
from policy.ruleset import Rule
from policy.source import Source
from policy.truth import Truth

COUNT = 150
_GENERAL = ("on command", "on any", "on sql any", "on opaque any", 'on assignment "*"')
_STATEMENTS = ("select", "delete", "update", "drop", "insert", "create", "set", "alter")
_FACTS = (
    'argument "*"',
    'argument "*a*"',
    'argument 1 "[a-m]*"',
    "no arguments",
    "arguments at least 2",
    "reads",
    "writes",
    'reads in "/etc/**"',
    'writes outside "/srv/**"',
    "deletes",
    "input (pipe | text | file)",
    "via (sudo | ssh | bash | xargs | substitution)",
    "effect (network | delete | privilege)",
    "dynamic (argument | option)",
    'url host "*.example"',
    'sets "A*"',
)
_SQL_FACTS = ("bounded", 'table "*"', "object (table | role)", "feature (cascade | into)")
_TIERS = {Tier.LOW: (0, 29), Tier.MEDIUM: (30, 69), Tier.HIGH: (70, 100)}


@dataclass(frozen=True)
class Made:
    """A rule's agent, what it is about, and its text."""

    agent: str
    about: str
    text: str

    @property
    def context(self) -> Context:
        """Where the rule is in force."""
        return Context(agent=self.agent)

    @property
    def is_general(self) -> bool:
        """Whether it may only add to what other rules say."""
        return self.about in ("on any", "on command", "on sql any")

    @property
    def rule(self) -> Rule:
        name = f"laws.{self.agent}"
        return next(rule for rule in with_rules().rules.rules if rule.name == name)


@cache
def made() -> tuple[Made, ...]:
    random = Random(4)
    return tuple(_rule(f"rule-{number}", random) for number in range(COUNT))


@cache
def with_rules() -> Engine:
    """An engine of the shipped rules and all those that were made."""
    text = "\n".join(one.text for one in made())
    shipped = read_directory(rules_directory())
    compiled = compile_sources((Source("laws.rules", text),), shipped)
    assert compiled.ruleset is not None, [str(one) for one in compiled.findings][:3]
    return Engine(compiled.ruleset)


@cache
def _exemplified() -> tuple[Level, ...]:
    """The levels that some example uses."""
    begins = {tuple(text.split()[:length]) for text in examples() for length in (1, 2, 3)}
    return tuple(level for level in levels() if level.words in begins)


def _rule(agent: str, random: Random) -> Made:
    level = random.choice(_exemplified())
    about = random.choice(
        (
            *(f"on {' '.join(level.words)}" for _ in range(7)),
            random.choice(_GENERAL),
            f"on sql {random.choice(_STATEMENTS)}",
        )
    )
    facts = [*_SQL_FACTS] if about.startswith("on sql") else [*_FACTS]
    if about[3:] == " ".join(level.words) and level.program.options:
        facts += [f"option {name}" for name in random.choice(level.program.options).names[:1]] * 6
    if not about.startswith(("on sql", "on command")) and about[3:] != " ".join(level.words):
        facts = []
    tier = random.choice(tuple(Tier))
    lines = [about, f'when agent is "{agent}"']
    if facts and random.random() < 0.7:
        lines.append(f"when {_condition(facts, random)}")
    lines += [f"tier {tier}", f"score {random.randint(*_TIERS[tier])}"]
    if tier is not Tier.LOW:
        lines += random.choice(((), ("approvals 2",), ("approvals 3",), ("deny",)))
    elif not about.startswith(("on sql", "on any", "on opaque", "on assignment")):
        lines += random.choice(((), ("options any",)))
    if tier is Tier.MEDIUM and "deny" not in lines:
        lines += random.choice(((), ("ttl 1h",), ("never whitelist",)))
    lines += random.choice(((), ("effects network",), ("effects delete write",)))
    lines += ('match "x"', 'no match "y"')  # what a rule must have; nobody runs these
    body = "\n    ".join(lines)
    return Made(agent, about, f'rule laws.{agent} "a rule of {agent}" {{\n    {body}\n}}\n')


def _condition(facts: list[str], random: Random) -> str:
    one, other = random.choice(facts), random.choice(facts)
    return random.choice((one, f"not ({one})", f"{one} or {other}", f"{one} and not ({other})"))


# What places an action ------------------------------------------------------------------------


def matches(one: Made, action: Action) -> Truth:
    """How far the rule matches the action."""
    loaded, rule = with_rules().rules, one.rule
    if reach(rule, action, programs_of(action, loaded)) is Reach.NONE:
        return Truth.NO
    return when_truth(rule, Subject(action, loaded, one.context))


def placing(action: Action, context: Context) -> list[Rule]:
    """The shipped rules of its own that match the action: its default doesn't count then."""
    programs = programs_of(action, rules())
    return [
        rule
        for rule in candidates(action, rules(), programs)
        if reach(rule, action, programs) is Reach.OWN
        and when_truth(rule, Subject(action, rules(), context)) >= Truth.FIXED
    ]

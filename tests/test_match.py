"""Conditions answer for what the text fixes, for some value and for every value at once."""

import pytest
from handmade import command, option, rules, word, words

from policy.conditions import Subject, evaluate
from policy.decision import Context, Tier
from policy.engine import Engine
from policy.match import when_truth
from policy.plan import (
    INHERITED,
    Action,
    Assignment,
    Command,
    Input,
    InputKind,
    Statement,
    Table,
    Via,
    static,
)
from policy.ruleset import Condition, RuleSet
from policy.truth import Truth

NO, POSSIBLE, FIXED, CERTAIN = Truth


PROGRAMS = "program sudo { effects privilege } program ssh { effects network }"


def condition(text: str) -> Condition:
    """A condition as it stands in a rule."""
    rule = f'rule t "t" {{ on any when {text} tier high score 80 match "a" no match "b" }}'
    made = rules(f"{PROGRAMS} {rule}").rules[0]
    assert made.when is not None
    return made.when


def answer(text: str, action: Action, context: Context | None = None) -> Truth:
    subject = Subject(action, RuleSet(), context or Context())
    return evaluate(condition(text), subject)


FORCE = option("-f|--force")


@pytest.mark.parametrize(
    ("text", "action", "truth"),
    [
        ("option (-f | --force)", command("git/push", FORCE), CERTAIN),
        ("option --force", command("git/push", FORCE), CERTAIN),
        ("option -x", command("git/push", FORCE), NO),
        ("option -x", command("git/push $x", open_options=True), POSSIBLE),
        ("not option -x", command("git/push $x", open_options=True), FIXED),
        ("option -s is KILL", command("kill", option("-s", "KILL")), CERTAIN),
        ("option -s is KILL", command("kill", option("-s", "HUP")), NO),
        ("option -s is KILL", command("kill", option("-s", '"$x"')), POSSIBLE),
        ("option -s is KILL", command("kill", option("-s")), NO),
    ],
)
def test_options(text: str, action: Action, truth: Truth) -> None:
    assert answer(text, action) is truth


@pytest.mark.parametrize(
    ("text", "operands", "truth"),
    [
        ('argument "+*"', "origin +main", CERTAIN),
        ('argument "+*"', "origin main", NO),
        ('argument "+*"', "origin $x", POSSIBLE),
        ('argument "+*"', 'origin "+$x"', CERTAIN),
        ('argument "+*"', "origin +$x", FIXED),
        ('argument "*.sql"', "*.sql", CERTAIN),
        ('argument "a.sql"', "*.sql", POSSIBLE),
        ('argument "a.py"', "*.sql", NO),
        ("argument 1 up", "up web", CERTAIN),
        ("argument 2 up", "up web", NO),
        ("argument last web", "up web", CERTAIN),
        ("argument 2 up", "$x up", FIXED),
        ("argument 1 up", "$x up", POSSIBLE),
        ("argument 1 up", '"$x" up', POSSIBLE),
        ("argument 2 up", '"$x" up', CERTAIN),
        ("argument 3 up", "*.py up", POSSIBLE),
        ("argument last up", "$x up", CERTAIN),
        ("no arguments", "", CERTAIN),
        ("no arguments", "a", NO),
        ("no arguments", "$x", POSSIBLE),
        ("arguments at least 1", "$x", FIXED),
        ("arguments at least 1", "*", CERTAIN),
        ("arguments at least 2", "*", POSSIBLE),
        ("arguments at most 1", '"$x"', CERTAIN),
        ("arguments at most 1", "a b", NO),
        ("arguments at least 2", "a b", CERTAIN),
    ],
)
def test_arguments(text: str, operands: str, truth: Truth) -> None:
    assert answer(text, command(f"x {operands}")) is truth


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("argument a", FIXED),  # it may be an option's value
        ("argument b", POSSIBLE),
        ("arguments at least 1", FIXED),
        ("arguments at most 9", FIXED),
    ],
)
def test_open_options_leave_the_operands_open(text: str, truth: Truth) -> None:
    assert answer(text, command('x a "$x"', open_options=True)) is truth


@pytest.mark.parametrize(
    ("text", "action", "truth"),
    [
        ("writes", command("x", writes="a"), CERTAIN),
        ("writes", command("x"), NO),
        ("writes", command("x", writes="$x"), FIXED),
        ('writes in "/etc/**"', command("x", writes="a /etc/hosts"), CERTAIN),
        ('writes in "/etc/**"', command("x", writes="hosts", cd="/etc"), CERTAIN),
        ('writes outside "/dev/null"', command("x", writes="/dev/null"), NO),
        ('writes outside "/dev/null"', command("x", writes="/dev/null a"), CERTAIN),
        ('writes outside "/dev/null"', command("x"), NO),
        ('not writes outside "/dev/null"', command("x", writes="$x"), FIXED),
        ('deletes in "/**"', command("x", deletes="/srv/*"), CERTAIN),
        ('reads in "/etc/shadow"', command("x", reads="/etc/*"), FIXED),
        ('url host "*.internal"', command("x", urls="http://a.internal/"), CERTAIN),
        ("url scheme http", command("x", urls="https://a.internal/"), NO),
        ("dynamic argument", command("x $x"), CERTAIN),
        ("dynamic (write | delete)", command("x $x", deletes="$x"), CERTAIN),
        ("dynamic read", command("x $x"), NO),
        ("dynamic option", command("x $x", open_options=True), CERTAIN),
    ],
)
def test_what_a_command_touches(text: str, action: Action, truth: Truth) -> None:
    assert answer(text, action) is truth


SUDO = Via("sudo", "sudo -u x", effects=("privilege",))


def fed(source: Input = INHERITED, *assignments: str) -> Action:
    made = Command(
        "sh",
        words("sh"),
        input=source,
        assignments=tuple(Assignment(name, word("v"), (0, 0)) for name in assignments),
    )
    return Action(made, (0, 2), (SUDO,))


@pytest.mark.parametrize(
    ("text", "action", "truth"),
    [
        ("input pipe", fed(Input(InputKind.PIPE, producer="curl")), CERTAIN),
        ("input from (curl | wget)", fed(Input(InputKind.PIPE, producer="curl")), CERTAIN),
        ("input from wget", fed(Input(InputKind.PIPE, producer="curl")), NO),
        ("input (file | text)", fed(), NO),
        ("input inherited", fed(), CERTAIN),
        ("via (sudo | ssh)", fed(), CERTAIN),
        ("via ssh", fed(), NO),
        ("effect privilege", fed(), CERTAIN),
        ("effect network", fed(), NO),
        ('sets "GIT_*"', fed(INHERITED, "GIT_DIR"), CERTAIN),
        ('sets "GIT_*"', fed(INHERITED, "LANG"), NO),
    ],
)
def test_how_a_command_is_reached_and_fed(text: str, action: Action, truth: Truth) -> None:
    assert answer(text, action) is truth


DELETE = Statement(
    "delete",
    "postgres",
    object="table",
    tables=(Table("Users", "Auth", written=True),),
    bounded=False,
    functions=("lower", "evil.pg_sleep"),
    features=frozenset({"returning"}),
    names=("role",),
)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("bounded", NO),
        ("not bounded", CERTAIN),
        ("table users", CERTAIN),
        ('table "auth.*"', CERTAIN),
        ("table orders", NO),
        ("schema auth", CERTAIN),
        ("function pg_sleep", CERTAIN),
        ("functions within (lower | pg_sleep)", NO),  # of another schema
        ('functions within (lower | "evil.*")', CERTAIN),
        ("object table", CERTAIN),
        ("dialect postgres", CERTAIN),
        ("feature (into | returning)", CERTAIN),
        ("name role", CERTAIN),
        ("writes", NO),
        ("option -f", NO),
    ],
)
def test_what_a_statement_does(text: str, truth: Truth) -> None:
    assert answer(text, Action(DELETE, (0, 9))) is truth


PROD = Context(agent="deploy-bot", environment="prod", cwd="/srv/app")


@pytest.mark.parametrize(
    ("text", "context", "truth"),
    [
        ("environment is prod", PROD, CERTAIN),
        ("environment is dev", PROD, NO),
        ('agent is "deploy-*"', PROD, CERTAIN),
        ('cwd is "/srv/**"', PROD, CERTAIN),
        ("environment is prod", Context(), NO),
        ("not environment is prod", Context(), CERTAIN),
    ],
)
def test_the_context(text: str, context: Context, truth: Truth) -> None:
    assert answer(text, command("x"), context) is truth


def test_an_unknown_context_keeps_a_strict_condition_open() -> None:
    subject = Subject(command("x"), RuleSet(), Context())
    for text, truth in (("environment is prod", POSSIBLE), ("not environment is prod", FIXED)):
        assert evaluate(condition(text), subject, strict=True) is truth


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("argument a and option -f", POSSIBLE),
        ("argument a or option -f", FIXED),
        ("not (argument a and option -f)", FIXED),
        ("not argument a and not option -f", POSSIBLE),
        ("(argument a or argument b) and dynamic option", FIXED),
    ],
)
def test_conditions_combine(text: str, truth: Truth) -> None:
    assert answer(text, command("x a", open_options=True)) is truth


# The options that a low rule accepts --------------------------------------------------------

PROGRAM = """
program git {
    option -c <assignment> risky
    global option --trace <path> writes
    subcommand log {
        option --oneline
        option --output <path> writes
    }
    subcommand show { option --oneline  option --file <path> reads }
}
program wc { option -l }
"""


def low(options: str, action: Action, *, when: str = "") -> bool:
    text = f"""
        {PROGRAM}
        rule t "t" {{
            on (git | wc) {when} {options} tier low score 5 match "a" no match "b"
        }}
    """
    found = rules(text)
    assert found.rules[0].tier is Tier.LOW
    return when_truth(found.rules[0], Subject(action, found, Context())) is CERTAIN


ONELINE = option("--oneline")
OUTPUT = option("--output", "x", "writes")
UNKNOWN = option("--frob", declared=False)


@pytest.mark.parametrize(
    ("options", "action", "matches"),
    [
        ("", command("git/log", ONELINE), True),
        ("", command("git/log", OUTPUT), False),
        ("", command("git/log", UNKNOWN), False),
        ("", command("git/show", option("--file", "x", "reads")), True),
        ("options any", command("git/log", UNKNOWN), True),
        ("options any", command("git/log", OUTPUT), False),
        ("options (--oneline)", command("git/log", ONELINE), True),
        ("options (--oneline)", command("git/log"), True),
        ("options (--oneline)", command("git/log", option("-p")), False),
        ("options (--output)", command("git/log", OUTPUT), True),
        # a word that may be any option
        ("", command("wc $x", open_options=True), False),
        ("options any", command("wc $x", open_options=True), True),
        ("options (-l)", command("wc $x", open_options=True), False),
        ("options any", command("git/log $x", open_options=True), False),
        ("options any", command("git/show $x", open_options=True), False),  # --trace is global
        ("options any", command("git/log $x"), True),
    ],
)
def test_a_low_rule_accepts_only_harmless_options(
    options: str, action: Action, matches: bool
) -> None:
    assert low(options, action) is matches


@pytest.mark.parametrize(
    ("when", "action", "matches"),
    [
        ("when option --output is x", command("git/log", OUTPUT), True),
        (
            "when option --output is y or option --oneline",
            command("git/log", OUTPUT, ONELINE),
            False,
        ),
        ("when not option --output", command("git/log", OUTPUT), False),
        ("when not option -l", command("wc $x", open_options=True), False),
    ],
)
def test_a_low_rule_accepts_the_options_that_it_asks_for(
    when: str, action: Action, matches: bool
) -> None:
    assert low("options any", action, when=when) is matches


def test_an_open_option_may_do_what_the_program_declares() -> None:
    found = rules(PROGRAM)
    subject = Subject(command("git/log $x", open_options=True), found, Context())
    assert evaluate(condition("writes"), subject) is POSSIBLE
    subject = Subject(command("wc $x", open_options=True), found, Context())
    assert evaluate(condition("writes"), subject) is NO


def test_static_words_are_never_open() -> None:
    assert answer('argument "a"', Action(Command("x", (static("x"),)), (0, 1))) is NO


@pytest.mark.parametrize(
    ("value", "truth"),
    [("a", CERTAIN), ('"$x"', CERTAIN), ("$x", NO), ("*.log", NO)],
)
def test_a_low_rule_does_not_hold_where_an_options_value_may_be_several_words(
    value: str, truth: Truth
) -> None:
    """The program takes the first of them, and the others are operands that nobody has seen."""
    made = rules("""
        program show { option -n <value>  operands <path> reads  default medium 40 "shows" }
        rule show.read "reads" { on show  tier low  score 3  match "show a" }
    """)
    (action,) = Engine(made).plan(f"show -n {value} f").actions
    assert when_truth(made.rules[0], Subject(action, made, Context())) is truth

"""`redact`: what it becomes, that no decision depends on it, and that it survives storing."""

import pytest
from dsl_texts import compiled

from policy import Engine
from policy.dsl.store import dump, load
from policy.program import Guard, SecretIn, SecretPart
from policy.ruleset import Place, Secret

PROGRAM = "program p {{ option -p --password <value>  option -b  option -S  {} }}"
ITEM = 'redact "key" {{ {} match "x key-1" no match "x" }}'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('redact "w" option -p --password',
         SecretPart("w", SecretIn.OPTION, ("-p", "--password"))),
        ('redact "w" option -p after ":"', SecretPart("w", SecretIn.OPTION, ("-p",), after=":")),
        ('redact "w" option -z', SecretPart("w", SecretIn.OPTION, ("-z",))),
        ('redact "w" operand 3 if option (-b)',
         SecretPart("w", SecretIn.OPERAND, first=3, guard=Guard(present=("-b",)))),
        ('redact "w" operand last', SecretPart("w", SecretIn.OPERAND, first=0)),
        ('redact "w" operands', SecretPart("w", SecretIn.OPERAND, rest=True)),
        ('redact "w" operands from 2 after "="',
         SecretPart("w", SecretIn.OPERAND, first=2, rest=True, after="=")),
        ('redact "w" stdin unless option -S',
         SecretPart("w", SecretIn.STDIN, guard=Guard(absent=("-S",)))),
    ],
)  # fmt: skip
def test_a_line_of_a_program(line, expected):
    assert compiled(PROGRAM.format(line)).programs["p"].secrets == (expected,)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('text "key-*"', Secret("key", Place("t.rules", 1), texts=("key-*",))),
        ("named X-Key \"*_key\" x_key",
         Secret("key", Place("t.rules", 1), named=("x_key", "*_key"))),
        ('sql KEY "made  BY"', Secret("key", Place("t.rules", 1), sql=("key", "made by"))),
    ],
)  # fmt: skip
def test_an_item(lines, expected):
    (found,) = compiled(ITEM.format(lines)).secrets
    assert [(one.text, one.matches) for one in found.examples] == [("x key-1", True), ("x", False)]
    assert (found.name, found.named, found.texts, found.sql) == (
        expected.name,
        expected.named,
        expected.texts,
        expected.sql,
    )


def test_an_override_replaces_a_shipped_one():
    base = ITEM.format('text "key-*"')
    (found,) = compiled("override " + ITEM.format('text "new-*"'), base).secrets
    assert found.texts == ("new-*",)


def test_what_is_stored_comes_back():
    rules = compiled(PROGRAM.format('redact "w" stdin') + ITEM.format('text "key-*"'))
    again = load(dump(rules))
    assert tuple(again.secrets) == tuple(rules.secrets)
    assert again.programs["p"] == rules.programs["p"]


OUTCOME = 'tier low score 1 match "p" no match "p -p x"'


@pytest.mark.parametrize("command", ["p -p x", "p -b", "p -Sp x", "p y", "p --passw=x", "echo | p"])
def test_no_decision_depends_on_it(command):
    rule = f'rule r "does" {{ on p options (-b | -p) {OUTCOME} }}'
    lines = 'redact "w" option -p redact "w" operand 1 redact "w" stdin'
    without, beside = (
        Engine(compiled(PROGRAM.format(some) + rule)).decide(command) for some in ("", lines)
    )
    assert without == beside


def test_every_line_that_ships_names_what_people_read():
    named = {
        line.name for program in Engine.load().rules.programs.values() for line in program.secrets
    }
    assert {"password", "token", "secret"} <= named

"""How definitions come together: sets, indexes, defaults, layers and overrides."""

import pickle
from datetime import timedelta

import pytest
from dsl_texts import EXAMPLES, OUTCOME, PROGRAMS, assert_only, compiled, found, rule_with

from policy.decision import Tier
from policy.dsl import compile_sources
from policy.dsl.store import dump, load
from policy.ruleset import HasArgument, Patterns, Rule, RuleSet
from policy.source import Source

SEVERAL = PROGRAMS + "".join(
    f'rule {name} "does" {{ {on} {OUTCOME} {EXAMPLES} }}\n'
    for name, on in {
        "p.all": "on p",
        "p.a": "on p a",
        "p.twice": "on p a on p",
        "any.command": "on command on q",
        "any": "on any",
        "sql.any": "on sql any",
        "sql.delete": "on sql (delete | truncate)",
        "variable": 'on assignment "LD_*"',
        "opaque": "on opaque limit",
    }.items()
)


def names(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.name for rule in rules]


@pytest.mark.parametrize(
    ("program", "path", "expected"),
    [
        ("p", (), ["p.all", "p.twice", "any.command", "any"]),
        ("p", ("a",), ["p.a", "p.all", "p.twice", "any.command", "any"]),
        ("p", ("b",), ["p.all", "p.twice", "any.command", "any"]),
        ("q", (), ["any.command", "any"]),
        ("unknown", (), ["any.command", "any"]),
    ],
)
def test_a_command_finds_each_of_its_rules_once(
    program: str, path: tuple[str, ...], expected: list[str]
) -> None:
    rules = compiled(SEVERAL)
    assert [rule.name for rule in rules.command_rules(program, path)] == expected


def test_the_other_indexes() -> None:
    rules = compiled(SEVERAL)
    assert {kind: names(found) for kind, found in rules.statements.items()} == {
        "*": ["any", "sql.any"],
        "delete": ["sql.delete"],
        "truncate": ["sql.delete"],
    }
    assert names(rules.assignments) == ["any", "variable"]
    assert {kind: names(found) for kind, found in rules.opaque.items()} == {
        "*": ["any"],
        "limit": ["opaque"],
    }


def test_programs_share_a_block_and_globs_are_kept_apart() -> None:
    rules = compiled('program python python3 "python3.*" "[" { option -c <code> }')
    assert set(rules.programs) == {"python", "python3", "["}
    assert [glob for glob, _ in rules.patterns] == ["python3.*"]
    assert rules.programs["python"] is rules.programs["python3"] is rules.patterns[0][1]
    assert rules.program("python3.12") is rules.programs["python"]


def test_variables_with_globs_are_kept_apart() -> None:
    rules = compiled('environment LANG "LC_*"')
    assert set(rules.variables) == {"LANG"}
    assert [glob for glob, _ in rules.variable_patterns] == ["LC_*"]


def test_defaults_stand_under_every_name_of_their_block() -> None:
    rules = compiled(
        'default medium 60 ttl 7d "unknown"\n'
        'program p q { default high 80 approvals 2 "p" subcommand a b { default low 5 "a" } }'
    )
    assert {path: (one.message, one.path) for path, one in rules.defaults.items()} == {
        (): ("unknown", ()),
        **{(name,): ("p", (name,)) for name in "pq"},
        **{(name, sub): ("a", (name, sub)) for name in "pq" for sub in "ab"},
    }
    assert (rules.defaults[()].tier, rules.defaults[()].ttl) == (Tier.MEDIUM, timedelta(days=7))
    assert (rules.defaults[("p",)].score, rules.defaults[("p",)].approvals) == (80, 2)


def test_sets_hold_each_word_once_and_cross_files() -> None:
    sources = [
        Source("a.rules", PROGRAMS + rule_with("when argument (x | @outer)")),
        Source("b.rules", "set outer { a @inner x }"),
        Source("c.rules", "set inner { b a }"),
    ]
    ruleset = compile_sources(sources).ruleset
    assert ruleset is not None
    assert ruleset.rules[0].when == HasArgument(Patterns(("x", "a", "b")))


def test_places_are_files_and_lines() -> None:
    place = compiled(PROGRAMS + rule_with()).rules[0].place
    assert (place.file, place.line) == ("t.rules", 3)


def test_a_glob_in_on_is_one_that_is_declared() -> None:
    program = 'program python "python3.*" { }'
    compiled(program + rule_with(on='on "python3.*"'))
    compiled(program + rule_with(on="on python3.12"))
    assert_only(
        program + rule_with(on='on "python*"'),
        "PL309", "no program block declares `python*`", '"python*"', "did you mean `python`?",
    )  # fmt: skip


# Layers ---------------------------------------------------------------------------------------

BASE = (
    PROGRAMS
    + "set s { a }\n"
    + rule_with("when argument @s")
    + 'default medium 60 "unknown"\nenvironment LANG\n'
)


def test_users_files_add() -> None:
    text = f'program mine {{ }}\nrule mine.r "does" {{ on mine {OUTCOME} {EXAMPLES} }}'
    rules = compiled(text, BASE)
    assert names(tuple(rules.rules)) == ["r", "mine.r"]
    assert rules.overridden == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (rule_with("effects mine"), "r"),
        ("program q { option -z }", "q"),
        ("set s { b }", "s"),
        ('default high 80 "mine"', "default"),
    ],
)
def test_an_override_replaces_and_is_listed(text: str, name: str) -> None:
    if text.startswith("rule"):
        text = text.replace("on p", "on p when argument @s", 1)
    rules = compiled("override " + text, BASE)
    assert [(name, place.file) for name, place in rules.overridden] == [(name, "t.rules")]
    changed = {
        "r": rules.rules[0].effects == ("mine",),
        "q": rules.programs["q"].options[0].names == ("-z",),
        "s": rules.rules[0].when == HasArgument(Patterns(("b",))),
        "default": rules.defaults[()].tier is Tier.HIGH,
    }
    assert [one for one, is_changed in changed.items() if is_changed] == [name]


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        (rule_with(), "PL301", "rule"),
        ("program q { }", "PL302", "program"),
        ("set s { b }", "PL303", "set"),
        ('default high 80 "mine"', "PL304", "default"),
    ],
)
def test_what_is_shipped_is_not_redefined_by_accident(text: str, code: str, kind: str) -> None:
    (finding,) = found(text, BASE)
    assert (finding.code, finding.help) == (
        code,
        f"write `override {kind}` to replace the shipped one",
    )
    assert str(finding.notes[0].at).startswith("base.rules:")


def test_two_overrides_of_one_rule_are_one_too_many() -> None:
    text = "override " + rule_with("when argument @s")
    (finding,) = found(text + text, BASE)
    assert finding.code == "PL301"


def test_a_shipped_variable_is_not_declared_otherwise() -> None:
    (finding,) = found("environment LANG risky", BASE)
    assert finding.code == "PL305"
    assert found("environment LANG", BASE) == ()


# Digest and store -----------------------------------------------------------------------------


def digest(*files: tuple[str, str]) -> str:
    ruleset = compile_sources([Source(name, text) for name, text in files]).ruleset
    assert ruleset is not None
    return ruleset.digest


def test_the_digest_says_which_files() -> None:
    a, b = ("a.rules", "program a { }"), ("b.rules", "program b { }")
    assert digest(a, b) == digest(b, a)
    different = {digest(a), digest(a, b), digest(("c.rules", a[1]), b), digest((a[0], "# "), b)}
    assert len(different) == 4


def test_a_stored_rule_set_is_the_same() -> None:
    rules = compiled(SEVERAL + 'environment LANG "LC_*"\ndefault high 80 "x"\nprogram "x*" { }')
    stored = load(dump(rules))
    assert stored == rules
    assert stored.rules[-1] is next(iter(stored.opaque["limit"]))
    assert stored.programs["p"] is stored.programs["p"]
    assert "nothing" not in stored.programs
    copy: RuleSet = pickle.loads(pickle.dumps(stored))
    assert copy == rules
    assert type(copy.programs) is dict

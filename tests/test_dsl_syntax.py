"""What each form of the rule language becomes."""

from datetime import timedelta

import pytest
from dsl_texts import PROGRAMS, compiled, only_rule, rule_with

from policy.decision import Tier
from policy.program import (
    Guard,
    Operand,
    Option,
    Program,
    Runs,
    RunsKind,
    Stdin,
    Style,
    ValueType,
    Variable,
)
from policy.ruleset import (
    AllOf,
    AnyOf,
    Bounded,
    Condition,
    ContextIs,
    CountArguments,
    HasArgument,
    HasEffect,
    HasOption,
    InputIs,
    IsDynamic,
    Not,
    On,
    Paths,
    Patterns,
    SetsVariable,
    SqlName,
    TierAtLeast,
    Url,
    ViaProgram,
)

A = Patterns(("a",))
AB = Patterns(("a", "b"))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("option -v --verbose", Option(("-v", "--verbose"))),
        ("option -? -# -1", Option(("-?", "-#", "-1"))),
        ('option - "+x"', Option(("-", "+x"))),
        ("option -n --lines <number>", Option(("-n", "--lines"), ValueType.NUMBER)),
        ("option --color [<value>]", Option(("--color",), ValueType.VALUE, optional=True)),
        ("option -<number>", Option(("-NUMBER",))),
        ("option -c <code> ends", Option(("-c",), ValueType.CODE, ends=True)),
        ("option -d <@path> sends", Option(("-d",), ValueType.AT_PATH, markers=("sends",))),
        ("option -c <sql postgres>", Option(("-c",), ValueType.SQL, dialect="postgres")),
        ("option -o <path> reads writes",
         Option(("-o",), ValueType.PATH, markers=("reads", "writes"))),
        ("option -x runs", Option(("-x",), markers=("runs",))),
        ("option -I <shell unfinished>", Option(("-I",), ValueType.SHELL_UNFINISHED)),
        ("style single-dash option --", Option(("--",))),
        ("global option -n <value>", Option(("-n",), ValueType.VALUE, everywhere=True)),
    ],
)  # fmt: skip
def test_an_option(statement: str, expected: Option) -> None:
    assert compiled(f"program p {{ {statement} }}").programs["p"].options == (expected,)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("operand 1 <path> reads", Operand(1, False, ValueType.PATH, markers=("reads",))),
        ("operand last <path> writes", Operand(0, False, ValueType.PATH, markers=("writes",))),
        ("operands <url>", Operand(1, True, ValueType.URL)),
        ("operands from 2 <assignment shell>", Operand(2, True, ValueType.SHELL_ASSIGNMENT)),
        ("operand 1 <code> if option (-x | -y)",
         Operand(1, False, ValueType.CODE, guard=Guard(present=("-x", "-y")))),
        ("operand 1 <code> unless option -x",
         Operand(1, False, ValueType.CODE, guard=Guard(absent=("-x",)))),
        ("operands <path> unless operands",
         Operand(1, True, ValueType.PATH, guard=Guard(no_operands=True))),
    ],
)  # fmt: skip
def test_an_operand(statement: str, expected: Operand) -> None:
    program = compiled(f"program p {{ option -x -y {statement} }}").programs["p"]
    assert program.operands == (expected,)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("runs arguments", Runs(RunsKind.ARGUMENTS)),
        ("runs arguments from 2", Runs(RunsKind.ARGUMENTS, first=2)),
        ("runs arguments with unknown", Runs(RunsKind.ARGUMENTS, unknown=True)),
        ("runs shell from 2 unless option -x",
         Runs(RunsKind.SHELL, first=2, guard=Guard(absent=("-x",)))),
        ('runs arguments after (-exec | -ok) until (";" | "+")',
         Runs(RunsKind.BETWEEN, after=("-exec", "-ok"), until=(";", "+"))),
        ("runs arguments after -x until end with unknown anywhere",
         Runs(RunsKind.BETWEEN, unknown=True, anywhere=True, after=("-x",), until=("end",))),
    ],
)  # fmt: skip
def test_what_is_run(statement: str, expected: Runs) -> None:
    """An option before it has a marker that is also the keyword of the statement."""
    program = compiled(f"program p {{ option -x runs {statement} }}").programs["p"]
    assert program.runs == (expected,)
    assert program.options == (Option(("-x",), markers=("runs",)),)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("style single-dash", Program(("p",), style=Style.SINGLE_DASH)),
        ("subcommand", Program(("p",), has_subcommands=True)),
        ("stdin <sql mysql> unless operands",
         Program(("p",), stdin=Stdin(ValueType.SQL, "mysql", Guard(no_operands=True)))),
        ("assignments", Program(("p",), assignments=True)),
        ('placeholder "{}"', Program(("p",), placeholder="{}")),
        ("outputs arguments", Program(("p",), outputs_arguments=True, outputs_text=True)),
        ("outputs text", Program(("p",), outputs_text=True)),
        ("effects privilege network adjust score +10",
         Program(("p",), effects=("privilege", "network"), adds_score=10)),
        ("", Program(("p",))),
    ],
)  # fmt: skip
def test_a_program(statements: str, expected: Program) -> None:
    assert compiled(f"program p {{ {statements} }}").programs["p"] == expected


def test_subcommands_are_nested_and_have_the_style_above_them() -> None:
    program = compiled(
        "program p { style posix subcommand a b { subcommand c { option -x } } "
        "subcommand d { style gnu } }"
    ).programs["p"]
    c = Program(("c",), style=Style.POSIX, options=(Option(("-x",)),))
    a = Program(("a", "b"), style=Style.POSIX, has_subcommands=True, subcommands={"c": c})
    d = Program(("d",))
    assert program.subcommands == {"a": a, "b": a, "d": d}
    assert program.subcommands["a"] is program.subcommands["b"]
    assert program.has_subcommands


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ("option set tier match runs program", "option set tier match runs program".split()),
        ("a @more b", ["a", "x", "b"]),
        ("\"a b\" 'c\\d'", ["a b", "c\\d"]),
        ("7z 1.2 a-b _ 40", ["7z", "1.2", "a-b", "_", "40"]),
        ("a a-b # comment\n c", ["a", "a-b", "c"]),
    ],
)
def test_the_words_of_a_set(members: str, expected: list[str]) -> None:
    text = PROGRAMS + f"set more {{ x }} set s {{ {members} }}"
    (rule,) = compiled(text + rule_with("when argument (@s | @more)")).rules
    assert rule.when == HasArgument(Patterns(tuple(dict.fromkeys([*expected, "x"]))))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("environment LANG TZ", Variable(("LANG", "TZ"))),
        ("environment PAGER <shell>", Variable(("PAGER",), ValueType.SHELL)),
        ("environment BASH_ENV <script> runs",
         Variable(("BASH_ENV",), ValueType.SCRIPT, ("runs",))),
        ("environment PATH risky", Variable(("PATH",), markers=("risky",))),
        ("program p { environment PATH risky }", Variable(("PATH",), markers=("risky",))),
        ("program p { subcommand a { environment PATH risky } }",
         Variable(("PATH",), markers=("risky",))),
    ],
)  # fmt: skip
def test_an_environment_variable(line: str, expected: Variable) -> None:
    rules = compiled(line)
    assert rules.variables == dict.fromkeys(expected.names, expected)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("option -f", HasOption(("-f",))),
        ("option (-f | --force)", HasOption(("-f", "--force"))),
        ('option -n is ("a" | b)', HasOption(("-n",), AB)),
        ("argument a", HasArgument(A)),
        ("argument 1 a", HasArgument(A, 1)),
        ('argument "1"', HasArgument(Patterns(("1",)))),
        ("argument last (a | b)", HasArgument(AB, -1)),
        ("arguments at least 2", CountArguments(least=2)),
        ("arguments at most 1", CountArguments(most=1)),
        ("no arguments", CountArguments(most=0)),
        ("reads", Paths("reads")),
        ("writes in a", Paths("writes", A)),
        ("deletes outside (a | b)", Paths("deletes", Patterns(("a", "b"), outside=True))),
        ('url host "*.a"', Url("host", Patterns(("*.a",)))),
        ("input (pipe | file)", InputIs(kinds=("pipe", "file"))),
        ("input from (a | b)", InputIs(producers=("a", "b"))),
        ("via (p | substitution)", ViaProgram(("p", "substitution"))),
        ("effect e", HasEffect(("e",))),
        ("dynamic (argument | option)", IsDynamic(("argument", "option"))),
        ('sets "GIT_*"', SetsVariable(Patterns(("GIT_*",)))),
        ("agent is a", ContextIs("agent", A)),
        ("environment is (a | b)", ContextIs("environment", AB)),
        ("not reads", Not(Paths("reads"))),
        ("reads and writes or deletes",
         AnyOf((AllOf((Paths("reads"), Paths("writes"))), Paths("deletes")))),
        ("reads and (writes or not (deletes))",
         AllOf((Paths("reads"), AnyOf((Paths("writes"), Not(Paths("deletes"))))))),
        ("reads when writes when deletes",
         AllOf((Paths("reads"), Paths("writes"), Paths("deletes")))),
    ],
)  # fmt: skip
def test_a_condition(condition: str, expected: Condition) -> None:
    assert only_rule(f"effects e when {condition}").when == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("bounded", Bounded()),
        ("table a", SqlName("table", A)),
        ("schema (a | b)", SqlName("schema", AB)),
        ("object a", SqlName("object", A)),
        ("dialect postgres", SqlName("dialect", Patterns(("postgres",)))),
        ("feature a", SqlName("feature", A)),
        ("name a", SqlName("name", A)),
        ("function a", SqlName("function", A)),
        ("functions within (a | b)", SqlName("function", AB, every=True)),
    ],
)
def test_a_condition_on_sql(condition: str, expected: Condition) -> None:
    assert only_rule(f"when {condition}", on="on sql any").when == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("on p", [On("command", "p")]),
        ("on p a", [On("command", "p", ("a",))]),
        ("on p (b | d) c",
         [On("command", "p", ("b", "c")), On("command", "p", ("d", "c"))]),
        ("on (p | q)", [On("command", "p"), On("command", "q")]),
        ("on p on q on p", [On("command", "p"), On("command", "q")]),
        ('on p (tag | match | tier) "when"',
         [On("command", "p", (word, "when")) for word in ("tag", "match", "tier")]),
        ("on command", [On("command")]),
        ("on any", [On("any")]),
        ("on sql any", [On("statement")]),
        ("on sql (SELECT | set)", [On("statement", "select"), On("statement", "set")]),
        ('on assignment ("LD_*" | PATH)', [On("assignment", "LD_*"), On("assignment", "PATH")]),
        ("on opaque (limit | fault)", [On("opaque", "limit"), On("opaque", "fault")]),
        ("on opaque any", [On("opaque")]),
    ],
)  # fmt: skip
def test_what_a_rule_is_about(lines: str, expected: list[On]) -> None:
    assert list(only_rule(on=lines).on) == expected


@pytest.mark.parametrize(
    ("outcome", "tier", "score", "ttl", "deny"),
    [
        ("tier low score 0", Tier.LOW, 0, None, False),
        ("tier medium score 40", Tier.MEDIUM, 40, timedelta(days=7), False),
        ("tier medium score 40 ttl 90d", Tier.MEDIUM, 40, timedelta(days=90), False),
        ("tier medium score 40 ttl 12h", Tier.MEDIUM, 40, timedelta(hours=12), False),
        ("tier medium score 40 ttl 30m", Tier.MEDIUM, 40, timedelta(minutes=30), False),
        ("tier medium score 40 never whitelist", Tier.MEDIUM, 40, None, False),
        ("tier high score 100", Tier.HIGH, 100, None, False),
        ("deny", Tier.HIGH, 100, None, True),
        ("tier medium score 50 deny", Tier.MEDIUM, 50, None, True),
    ],
)
def test_an_outcome(
    outcome: str, tier: Tier, score: int, ttl: timedelta | None, deny: bool
) -> None:
    rule = only_rule(outcome=outcome)
    assert (rule.tier, rule.score, rule.ttl, rule.deny) == (tier, score, ttl, deny)


@pytest.mark.parametrize(
    ("clause", "field", "expected"),
    [
        ("approvals 3", "approvals", 3),
        ("", "approvals", 1),
        ("effects network delete", "effects", ("network", "delete")),
        ('undo "put it back"', "undo", "put it back"),
        ("", "undo", None),
    ],
)
def test_a_clause(clause: str, field: str, expected: object) -> None:
    assert getattr(only_rule(clause), field) == expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("", "declared"),
        ("options declared", "declared"),
        ("options any", "any"),
        ("options (-f | --force)", ("-f", "--force")),
    ],
)
def test_the_options_of_a_low_rule(clause: str, expected: object) -> None:
    assert only_rule(clause, outcome="tier low score 1").options == expected


def test_examples_know_their_language_and_place() -> None:
    rule = only_rule('match sql "a" no match sql postgres "b"\n    match "c"')
    assert [(one.text, one.language, one.matches, one.place.line) for one in rule.examples] == [
        ("a", "sql", True, 3),
        ("b", "sql:postgres", False, 3),
        ("c", "shell", True, 4),
        ("p", "shell", True, 4),
        ("q", "shell", False, 4),
    ]


def test_an_adjustment() -> None:
    (adjust,) = compiled(
        'adjust "production" when environment is "prod" and tier at least medium { score +10 }'
    ).adjustments
    assert adjust.message == "production"
    assert adjust.score == 10
    assert adjust.when == AllOf(
        (ContextIs("environment", Patterns(("prod",))), TierAtLeast(Tier.MEDIUM))
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', "a\\b"),
        (r'"a\nb\tc"', "a\nb\tc"),
        (r"'a\nb'", r"a\nb"),
        ("'a\"b'", 'a"b'),
        ('"# no comment"', "# no comment"),
        ('"é"', "é"),
    ],
)
def test_a_string(written: str, value: str) -> None:
    assert only_rule(f"undo {written}").undo == value

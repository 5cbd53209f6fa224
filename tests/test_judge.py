"""Of all that matches the strictest wins; what isn't known is medium, not understood high."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from handmade import command, option, plan, rules, word

from policy.decision import Context, Decision, Found, Judged, Tier, Verdict
from policy.judge import judge, matched_by
from policy.plan import Action, Assignment, Command, Opaque, OpaqueKind, Statement, Via
from policy.ruleset import RuleSet

NOW = datetime(2026, 1, 1, tzinfo=UTC)

RULES = """
default medium 60 ttl 7d "a program that has no rules"

program git {
    option -f --force
    subcommand
    subcommand log { option --oneline }
    subcommand push { option -f --force }
    subcommand remote { default medium 35 ttl 30d "changes remotes" }
    default medium 40 ttl 7d "a git subcommand that has no rule"
    effects repository
}
program sudo { effects privilege adjust score +10 }
program ask { }
program rm { option -r --recursive }
program cat { operands <path> reads }
program python "python3.*" { option -V }

rule git.log "reads the history" {
    on git log  tier low score 5
    match "git log"
}
rule git.push "publishes commits" {
    on git push  tier medium score 45 ttl 2d  effects network
    match "git push"
}
rule git.push.force "overwrites history" {
    on git push  when option (-f | --force)
    tier high score 90 approvals 2  effects network delete irreversible
    undo "push the old commits back"
    match "git push -f" no match "git push"
}
rule rm.recursive "deletes a directory tree" {
    on rm when option -r
    tier high score 87 approvals 2 effects delete irreversible
    match "rm -r x" no match "rm x"
}
rule rm.plain "deletes files" { on rm tier medium score 50 match "rm x" }
rule cat.read "prints files" { on cat tier low score 3 match "cat x" }
rule python.version "prints its version" { on python tier low score 2 match "python" }
rule base.write "writes a file" {
    on command when writes outside "/dev/null"
    tier medium score 38 match "x > y" no match "x"
}
rule base.system "writes a system file" {
    on command when writes in "/etc/**"
    tier high score 85 match "x > /etc/y" no match "x"
}
rule base.secret "reads a secret" {
    on any when reads in "**/.env"
    tier high score 80 match "cat .env" no match "cat x"
}
rule base.policy "changes the policy" {
    on any when writes in "**/whitelist.yaml"
    deny match "x > whitelist.yaml" no match "x"
}
rule medium.never "is asked each time" {
    on ask when argument once
    tier medium score 35 never whitelist match "ask once" no match "ask"
}
rule sql.select "reads rows" { on sql select tier low score 5 match sql "SELECT 1" }
rule sql.sleep "waits" {
    on sql any when function pg_sleep
    tier medium score 31 match sql "SELECT pg_sleep(1)" no match sql "SELECT 1"
}
rule preload "loads code into every program" {
    on assignment "LD_*" tier high score 85 match "LD_PRELOAD=x y"
}
rule opaque.soft "someone thought this harmless" { on opaque limit tier low score 0 match "x" }
rule opaque.code "runs code that is unknown" { on opaque dynamic-code tier high score 90 match "x" }

adjust "production" when environment is prod and tier at least medium { score +10 }
"""

FORCE = option("-f|--force")
FORCED = command("git/push origin", FORCE)
SUDO = Via("sudo", "sudo", effects=("privilege",), score=10)


def decide(*actions: Action, context: Context | None = None) -> Decision:
    return judge(plan(*actions), rules(RULES), None, context or Context(), now=NOW)


def opaque(kind: OpaqueKind) -> Action:
    return Action(Opaque(kind, "`<<<` is not known"), (0, 4))


def statement(kind: str, *functions: str) -> Action:
    return Action(Statement(kind, "postgres", functions=functions, normal="SELECT $1"), (0, 4))


def assignment(name: str, value: str) -> Action:
    return Action(Assignment(name, word(value), (0, 3)), (0, 3))


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        (command("git/log"), "allow low 5 git.log"),
        (command("git/log", option("--frob", declared=False)), "review medium 40 git.default"),
        (command("git/push"), "review medium 45 git.push"),
        (FORCED, "multi-party high 90 git.push.force"),
        (command("git/remote/add x"), "review medium 35 git.remote.default"),
        (command("git/frob"), "review medium 40 git.default"),
        (command("frobnicate"), "review medium 60 default"),
        (command("python"), "allow low 2 python.version"),
        (command("python3.11"), "allow low 2 python.version"),
        (command("python4"), "review medium 60 default"),
        # general rules add, and never stand in for a program's own
        (command("git/log", writes="x"), "review medium 38 base.write"),
        (command("frobnicate", writes="x"), "review medium 60 default base.write"),
        (command("frobnicate", writes="/dev/null"), "review medium 60 default"),
        (command("git/log", writes="/etc/x"), "review high 85 base.system"),
        (command("cat a", reads="a .env"), "review high 80 base.secret"),
        (command("", writes="/dev/null"), "allow low 0 engine.redirects"),
        (command("", writes="x"), "review medium 38 base.write"),
        (command("git/log", writes="whitelist.yaml"), "deny high 100 base.policy"),
        # words known only at run time
        (command("cat $x", reads="$x"), "review medium 60 base.secret"),
        (command("cat", reads='"$x.log"'), "allow low 3 cat.read"),
        (command("git/push $x", open_options=True), "review medium 60 git.push.force git.push"),
        (command("rm $x", option("-r"), open_options=True), "multi-party high 87 rm.recursive"),
        # the rest
        (statement("select"), "allow low 5 sql.select"),
        (statement("select", "pg_sleep"), "review medium 31 sql.sleep"),
        (statement("vacuum"), "review medium 60 default"),
        (statement("vacuum", "pg_sleep"), "review medium 60 default sql.sleep"),
        (assignment("LD_PRELOAD", "x"), "review high 85 preload"),
        (assignment("FROB", "x"), "review medium 50 engine.assignment"),
        (opaque(OpaqueKind.DYNAMIC_CODE), "review high 90 opaque.code"),
        (opaque(OpaqueKind.UNPARSED), "review high 80 engine.opaque"),
        (opaque(OpaqueKind.LIMIT), "review high 80 engine.opaque"),  # never below
    ],
)
def test_an_action_is_placed(action: Action, answer: str) -> None:
    decision = decide(action)
    rules_ = [reason.rule for reason in decision.reasons]
    found = [str(decision.verdict), str(decision.tier), str(decision.score), *rules_]
    assert " ".join(found) == answer


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (OpaqueKind.DYNAMIC_CODE, "runs code that is unknown: `<<<` is not known"),
        (OpaqueKind.UNPARSED, "`<<<` is not known"),
    ],
)
def test_what_is_not_understood_is_named(kind: OpaqueKind, message: str) -> None:
    (reason,) = decide(opaque(kind)).reasons
    assert (reason.message, reason.span) == (message, (0, 4))


def test_few_reasons_are_about_what_may_be() -> None:
    may_read = command("cat $x", reads="$x")
    may_force = command("git/push $x", open_options=True)
    may_delete = command("rm $x", open_options=True)
    may_write = command("cat a", writes="$x")
    decision = decide(may_read, may_read, may_force, may_delete, may_write)
    possible = [reason.rule for reason in decision.reasons if reason.possible]
    assert len(possible) == len(set(possible)) == 3
    assert len(decision.actions[1].reasons) == len(decision.actions[0].reasons)
    certain = {reason.rule for reason in decision.reasons if not reason.possible}
    assert {"git.push", "rm.plain"} <= certain


def test_without_any_rules_a_command_is_medium() -> None:
    decision = judge(plan(command("x")), RuleSet(), None, Context(), now=NOW)
    assert (decision.verdict, decision.tier, decision.score) == (Verdict.REVIEW, Tier.MEDIUM, 60)


def test_what_runs_nothing_is_allowed() -> None:
    decision = decide()
    assert (decision.verdict, decision.score, decision.approvals) == (Verdict.ALLOW, 0, 0)
    assert [(reason.rule, reason.message) for reason in decision.reasons] == [
        ("engine.nothing", "runs nothing")
    ]


def test_a_judged_action_says_what_it_is() -> None:
    action = replace(FORCED, via=(SUDO,))
    (judged,) = decide(action).actions
    assert judged.kind == "command"
    assert judged.program == "git"
    assert judged.argv == ("git", "push", "origin")
    assert judged.via == ("sudo",)
    assert judged.effects == ("delete", "irreversible", "network", "privilege", "repository")
    assert judged.undo == ("push the old commits back",)
    assert judged.source == "x" * 15
    reason = judged.reasons[0]
    assert (reason.file, reason.message, reason.span) == (
        "test.rules",
        "overwrites history",
        action.span,
    )


@pytest.mark.parametrize(
    ("action", "argv"),
    [
        (command("cat $x a"), ("cat", None, "a")),
        (statement("select"), ("SELECT $1",)),
        (assignment("A", "x"), ("A=x",)),
        (assignment("A", "$x"), (None,)),
        (opaque(OpaqueKind.LIMIT), ()),
    ],
)
def test_words_of_run_time_have_no_value(action: Action, argv: tuple[str | None, ...]) -> None:
    assert decide(action).actions[0].argv == argv


def test_a_list_is_its_worst_action() -> None:
    decision = decide(command("git/log"), FORCED, command("git/push"))
    assert (decision.verdict, decision.tier, decision.score) == (Verdict.MULTI_PARTY, Tier.HIGH, 90)
    assert [one.verdict.value for one in decision.actions] == ["allow", "multi-party", "review"]
    assert [one.rule for one in decision.reasons] == ["git.push.force", "git.push"]
    assert decision.approvals == 2


@pytest.mark.parametrize(
    ("actions", "approvals"),
    [
        ([command("git/log")], 0),
        ([command("git/push")], 1),
        ([FORCED], 2),
        ([command("x", writes="whitelist.yaml")], 0),
        ([command("x", writes="whitelist.yaml"), FORCED], 0),
    ],
)
def test_approvals_are_the_people_who_must_approve(actions: list[Action], approvals: int) -> None:
    assert decide(*actions).approvals == approvals


@pytest.mark.parametrize(
    ("actions", "days"),
    [
        ([command("git/log")], None),
        ([command("git/push")], 2),
        ([command("git/remote")], 30),
        ([command("git/push"), command("git/remote"), command("git/log")], 2),
        ([FORCED, command("git/push")], None),
        ([command("ask once")], None),
        ([command("git/push"), command("ask once")], None),
        ([command("x", writes="whitelist.yaml")], None),
    ],
)
def test_an_approval_is_remembered_for_the_shortest_time(
    actions: list[Action], days: int | None
) -> None:
    assert decide(*actions).ttl == (None if days is None else timedelta(days=days))


@pytest.mark.parametrize(
    ("action", "environment", "score", "reasons"),
    [
        (command("git/log"), "prod", 5, ["git.log"]),
        (command("git/push"), "prod", 55, ["git.push", "adjust"]),
        (command("git/push"), None, 45, ["git.push"]),
        (replace(command("git/push"), via=(SUDO,)), "prod", 65, ["git.push", "adjust"]),
        (replace(command("git/push"), via=(SUDO, SUDO)), "prod", 69, ["git.push", "adjust"]),
        (replace(command("git/log"), via=(SUDO,) * 4), None, 29, ["git.log"]),
        (replace(FORCED, via=(SUDO,)), "prod", 100, ["git.push.force", "adjust"]),
    ],
)
def test_adjustments_move_the_score_within_the_tier(
    action: Action, environment: str | None, score: int, reasons: list[str]
) -> None:
    decision = decide(action, context=Context(environment=environment))
    assert decision.score == score
    assert [reason.rule for reason in decision.reasons] == reasons


def test_an_adjustment_names_what_it_added() -> None:
    decision = decide(command("git/push"), context=Context(environment="prod"))
    assert decision.reasons[-1].message == "production (+10)"


def test_what_may_be_worse_says_so() -> None:
    decision = decide(command("cat $x", reads="$x"))
    assert decision.reasons[0].message == (
        "what only run time knows may make this true: reads a secret"
    )


# The whitelist ------------------------------------------------------------------------------


class Everything:
    """Approved every command that it is asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, action: Action, judged: Judged, context: Context, now: datetime) -> Found:
        assert now == NOW
        self.asked.append(judged.program)
        return Found("w-1")


@pytest.mark.parametrize(
    ("actions", "verdict", "entry", "asked"),
    [
        ([command("git/push")], "allow", "w-1", ["git"]),
        ([command("git/push"), command("git/log")], "allow", "w-1", ["git"]),
        ([command("git/log")], "allow", None, []),
        ([FORCED], "multi-party", None, ["git"]),
        ([command("git/push"), FORCED], "multi-party", None, ["git", "git"]),
        ([command("ask once")], "review", None, ["ask"]),
        ([command("x", writes="whitelist.yaml")], "deny", None, ["x"]),
        ([opaque(OpaqueKind.UNPARSED)], "review", None, [""]),
    ],
)
def test_an_entry_authorises_only_what_is_medium_and_may_be_whitelisted(
    actions: list[Action], verdict: str, entry: str | None, asked: list[str]
) -> None:
    whitelist = Everything()
    decision = judge(plan(*actions), rules(RULES), whitelist, Context(), now=NOW)
    assert (str(decision.verdict), decision.entry, whitelist.asked) == (verdict, entry, asked)


def test_an_allowed_action_keeps_its_tier_and_needs_nobody() -> None:
    decision = judge(plan(command("git/push")), rules(RULES), Everything(), Context(), now=NOW)
    assert (decision.tier, decision.score, decision.approvals) == (Tier.MEDIUM, 45, 0)
    assert decision.ttl is None


# Adding never loosens -------------------------------------------------------------------------

ACTIONS = [
    command("git/log"),
    command("git/push"),
    FORCED,
    command("frobnicate"),
    command("cat a", reads=".env"),
    command("rm a"),
    opaque(OpaqueKind.UNPARSED),
    statement("select"),
]


@pytest.mark.parametrize("one", ACTIONS)
@pytest.mark.parametrize("other", ACTIONS)
def test_another_action_never_lowers_the_decision(one: Action, other: Action) -> None:
    alone, both = decide(one), decide(one, other)
    assert both.verdict.strictness >= alone.verdict.strictness
    assert both.tier >= alone.tier
    assert both.score >= alone.score
    assert both.approvals >= alone.approvals


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("extra", ["writes", "deletes", "reads"])
def test_touching_more_never_lowers_the_decision(action: Action, extra: str) -> None:
    if not isinstance(action.does, Command):
        return
    for path in ("x", "/etc/x", ".env", "$x", "/dev/null"):
        more = replace(action, does=replace(action.does, **{extra: (word(path),)}))
        assert decide(more).tier >= decide(replace(action, via=(SUDO,))).tier or extra == "reads"


@pytest.mark.parametrize("action", ACTIONS)
def test_a_wrapper_never_lowers_the_decision(action: Action) -> None:
    wrapped = decide(replace(action, via=(SUDO,)))
    assert wrapped.tier >= decide(action).tier
    assert wrapped.score >= decide(action).score


def test_a_rule_says_whether_it_matches_a_plan() -> None:
    found = rules(RULES)
    by_name = {rule.name: rule for rule in found.rules}
    assert matched_by(by_name["git.push.force"], plan(command("git/log"), FORCED), found)
    assert not matched_by(by_name["git.push.force"], plan(command("git/push")), found)
    assert not matched_by(by_name["git.push.force"], plan(command("git/log", FORCE)), found)
    maybe = plan(command("git/push $x", open_options=True))
    assert not matched_by(by_name["git.push.force"], maybe, found)

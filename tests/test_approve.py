"""What people do to a whitelist: approve, renew, remove, promote, verify; values only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import toolrules
from hypothesis import given
from hypothesis import strategies as st

from policy import Context, Engine, Tier, Verdict
from policy.approve.request import Refusal, Request, Why, approve, patterns_of
from policy.approve.terms import cited, rule_digest
from policy.approve.verify import problems
from policy.judge import judge
from policy.whitelist.approved import Approved
from policy.whitelist.entry import Entry, Scope
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError

ENGINE = toolrules.engine()
SHIPPED = Engine.load()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROD = Scope(environments=("prod",))
ASKED = Request(by=("alice",), at=NOW)


def approved(command: str, **changes: object) -> Entry:
    result = approve(Pattern(command), replace(ASKED, **changes), ENGINE)
    assert isinstance(result, Entry), result
    return result


def refused(command: str, **changes: object) -> Refusal:
    result = approve(Pattern(command), replace(ASKED, **changes), ENGINE)
    assert isinstance(result, Refusal), result
    return result


# Approving ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "changes", "tier", "lives", "score"),
    [
        ("tool restart {service:name}", {}, Tier.MEDIUM, timedelta(hours=12), 45),
        ("tool restart {service:name}", {"scope": PROD}, None, None, None),
        (
            "tool restart {service:name}",
            {"scope": Scope(environments=("dev",))},
            Tier.MEDIUM,
            2 * DAY,
            45,
        ),
        ("tool restart web", {"until": timedelta(hours=1)}, Tier.MEDIUM, timedelta(hours=1), 45),
        ("tool restart web", {"until": NOW + 0.25 * DAY}, Tier.MEDIUM, 0.25 * DAY, 45),
        ("tool restart web", {"latest": NOW + 0.25 * DAY}, Tier.MEDIUM, 0.25 * DAY, 45),
        ("tool release {v:name}", {"by": ("alice", "bob")}, Tier.MEDIUM, DAY, 60),
        ("tool stop {service:name}", {}, Tier.MEDIUM, 7 * DAY, 40),
        ("tool show {service:name}", {}, Tier.LOW, None, 5),
        ("tool show {service:name}", {"permanent": True}, Tier.LOW, None, 5),
        ("tool show {service:name}", {"until": 30 * DAY}, Tier.LOW, 30 * DAY, 5),
        ("tool show {service:name}", {"tier": Tier.MEDIUM}, Tier.MEDIUM, 7 * DAY, 30),
        ("tool push {branch:name}", {}, Tier.MEDIUM, 7 * DAY, 40),
    ],
)
def test_an_entry_has_the_tier_the_score_and_the_time_of_its_rules(
    command, changes, tier, lives, score
):
    if tier is None:
        assert refused(command, **changes).why is Why.PEOPLE
        return
    entry = approved(command, **changes)
    expires = None if lives is None else NOW + lives
    assert (entry.tier, entry.expires, entry.score) == (tier, expires, score)


@pytest.mark.parametrize(
    ("command", "changes", "why", "message"),
    [
        (
            "tool push +main",
            {},
            Why.HIGH,
            "the command is high, and high is never whitelisted",
        ),
        ("tool push {branch}", {}, Why.HARMFUL, "the pattern admits a command that is high"),
        ("tool push {args...}", {}, Why.HARMFUL, "the pattern admits a command that is high"),
        (
            "tool old web",
            {},
            Why.DENIED,
            "a rule denies it: isn't used any more (tool.old)",
        ),
        (
            "tool old {x:name}",
            {},
            Why.UNDECIDED,
            "whether a command of the pattern is high can't be decided",
        ),
        (
            "tool unlock vault",
            {},
            Why.NEVER,
            "a rule says that it may not be whitelisted: unlocks the vault (tool.unlock)",
        ),
        (
            "tool restart web",
            {"tier": Tier.LOW},
            Why.TIER,
            "low is to be approved, and it is medium: restarts a service (tool.restart)",
        ),
        (
            "tool release 1.0",
            {},
            Why.PEOPLE,
            "2 people must approve it, and 1 is given: publishes a release (tool.release)",
        ),
        (
            "tool release 1.0",
            {"by": ("alice", "alice")},
            Why.PEOPLE,
            "2 people must approve it, and 1 is given: publishes a release (tool.release)",
        ),
        (
            "tool restart web",
            {"scope": PROD},
            Why.PEOPLE,
            (
                "2 people must approve it, and 1 is given: "
                "restarts a service of production (tool.restart.production)"
            ),
        ),
        (
            "tool stop web",
            {"permanent": True},
            Why.PERMANENT,
            "it is medium, and only what is low may be permanent",
        ),
        (
            "tool stop web",
            {"until": 8 * DAY},
            Why.TIME,
            (
                "an approval of it lives for at most 7 days: "
                "changes something of the tool (tool.default)"
            ),
        ),
        (
            "tool restart web",
            {"until": DAY},
            Why.TIME,
            (
                "an approval of it lives for at most 12 hours: "
                "restarts a service of production (tool.restart.production)"
            ),
        ),
        (
            "tool release 1.0",
            {"by": ("a", "b"), "until": 2 * DAY},
            Why.TIME,
            "an approval of it lives for at most 1 day: publishes a release (tool.release)",
        ),
        (
            "tool stop web",
            {"until": NOW},
            Why.TIME,
            "it would be over at 2026-11-22T12:00:00Z, before it begins",
        ),
        (
            "tool stop web",
            {"latest": NOW - DAY},
            Why.TIME,
            "it would be over at 2026-11-21T12:00:00Z, before it begins",
        ),
        ("tool stop web", {"by": ("",)}, Why.INVALID, "a name is empty"),
        ("tool stop web", {"by": ("bob", "BOB")}, Why.INVALID, "`bob` stands twice"),
        ("tool stop web", {"by": ()}, Why.PEOPLE, None),
    ],
)
def test_a_refusal_says_why(command, changes, why, message):
    refusal = refused(command, **changes)
    assert refusal.why is why
    if message is not None:
        assert refusal.message == message


_SAY_MORE = (
    "say more about `{x...}`: `{x...:name}`, `{x...:one of a b}`, `{x...:path /srv/app/*.txt}`, "
    "`{x...:like release-*}` or `{x...:int}`"
)


@pytest.mark.parametrize(
    ("command", "changes", "help_"),
    [
        (
            "tool stop web",
            {"until": 8 * DAY},
            "give --ttl 7d, or --expires 2026-11-29T12:00:00Z at the latest",
        ),
        ("tool release 1.0", {}, "name each of them with --by"),
        ("tool stop web", {"permanent": True}, "leave --permanent out: it then lives for 7 days"),
        ("tool old {x...}", {}, _SAY_MORE),
        ("tool old web", {}, ""),
    ],
)
def test_a_refusal_says_what_to_do(command, changes, help_):
    refusal = refused(command, **changes)
    assert (refusal.help, refusal.proposal) == (help_, None)


def test_a_harmful_pattern_is_refused_with_a_command_and_a_narrower_pattern():
    refusal = refused("tool push origin {branch}")
    assert refusal.finding is not None
    witness = refusal.finding.witness
    assert witness is not None
    assert witness.text is not None
    assert ENGINE.decide(witness.text, witness.context).tier is Tier.HIGH
    assert refusal.proposal == Pattern("tool push origin {branch:name}")


def test_an_entry_names_its_rule_with_a_digest_that_follows_what_it_says():
    entry = approved("tool stop web")
    assert entry.rule == f"tool.default@{rule_digest(ENGINE.rules, 'tool.default')}"
    restart = rule_digest(ENGINE.rules, "tool.restart")
    assert restart is not None
    assert len(restart) == 12
    moved = toolrules.engine_of(
        "\n\n" + toolrules.TEXT.replace("restarts a service", "starts it again")
    )
    stricter = toolrules.engine_of(toolrules.TEXT.replace("score 45", "score 46"))
    assert rule_digest(moved.rules, "tool.restart") == restart
    assert rule_digest(stricter.rules, "tool.restart") != restart
    assert cited(ENGINE.rules, "engine.unknown") == "engine.unknown"


# Texts to patterns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("tool  restart 'web'", [Pattern("tool restart web")]),
        ("tool restart {s:name}", [Pattern("tool restart {s:name}")]),
        ("tool stop a && tool stop b", [Pattern("tool stop a"), Pattern("tool stop b")]),
        ("tool stop a; tool stop a", [Pattern("tool stop a")]),
        ("tool stop a > /srv/out", [Pattern("tool stop a > /srv/out")]),
    ],
)
def test_a_text_is_a_pattern_for_each_of_its_actions(text, patterns):
    assert [one.pattern for one in patterns_of(text, ENGINE)] == patterns


@pytest.mark.parametrize(
    ("text", "scope", "cwd"),
    [
        ("tool stop a", Scope(), ()),
        ("tool stop a", Scope(cwd=("/srv/*",)), ("/srv/*",)),
        ("cd /srv && tool stop a", Scope(), ("/srv",)),
        ("cd /srv && tool stop a", Scope(cwd=("/home",)), ("/srv",)),
        ("cd app && tool stop a", Scope(cwd=("/srv",)), ("/srv/app",)),
        ("cd '/srv/[a]' && tool stop a", Scope(), (r"/srv/\[a]",)),
    ],
)
def test_what_runs_after_a_cd_is_approved_for_that_directory(text, scope, cwd):
    assert patterns_of(text, ENGINE, scope=scope)[-1].scope.cwd == cwd


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a pattern that runs nothing"),
        ("# nothing", "a pattern that runs nothing"),
        ("tool stop {x:foo}", "unknown type `foo` of a hole"),
        ("tool stop $x", "no pattern admits this: `$x` is known only at run time"),
        ("cd app && tool stop a", "it runs in `app`, below a directory that isn't known"),
    ],
)
def test_a_text_that_is_no_pattern_is_an_error(text, message):
    with pytest.raises(PatternError) as error:
        patterns_of(text, ENGINE)
    assert error.value.message == message


# What is approved is allowed ---------------------------------------------------------------

_COMMANDS = (
    "tool show web",
    "tool stop web",
    "tool stop {x}",
    "tool stop {x:name} -m {m:text}",
    "tool restart {x:name}",
    "tool push {b:name}",
    "tool push {b}",
    "tool release {v:name}",
    "tool stop {x...}",
    "cat {f:path /var/log/*.log}",
)
_TEXTS = (
    "tool show web",
    "tool stop web",
    "tool stop web -m 'a b'",
    "tool restart web",
    "tool restart -n 2 web",
    "tool push main",
    "tool push +main",
    "tool push -f main",
    "tool release 1.0",
    "tool old web",
    "tool unlock vault",
    "cat /var/log/a.log",
    "cat /etc/shadow",
)
_SCOPES = (Scope(), PROD, Scope(agents=("bot",)), Scope(agents=("b*",), environments=("prod",)))
_CONTEXTS = (Context(), Context(environment="prod"), Context("bot", environment="prod"))


@given(
    st.sampled_from(_COMMANDS),
    st.sampled_from(_SCOPES),
    st.sampled_from([("alice",), ("alice", "bob")]),
    st.sampled_from([None, timedelta(hours=1), 3 * DAY, NOW + DAY]),
)
def test_whatever_was_approved_allows_nothing_high_denied_or_for_longer_than_its_rule(
    command, scope, by, until
):
    request = Request(by=by, at=NOW, scope=scope, until=until)
    entry = approve(Pattern(command), request, ENGINE)
    if isinstance(entry, Refusal):
        return
    whitelist = Approved([entry], ENGINE.rules)
    for text in _TEXTS:
        for context in _CONTEXTS:
            plan = ENGINE.plan(text)
            bare = judge(plan, ENGINE.rules, None, context, now=NOW)
            decision = judge(plan, ENGINE.rules, whitelist, context, now=NOW)
            if decision.verdict is Verdict.ALLOW and bare.verdict is not Verdict.ALLOW:
                assert bare.tier is Tier.MEDIUM
                assert bare.verdict is not Verdict.DENY
                assert bare.approvals <= len(by)
                assert bare.ttl is not None
                assert entry.expires is not None
                assert entry.expires - NOW <= bare.ttl


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize("scope", _SCOPES)
def test_what_was_just_approved_verifies(command, scope):
    result = approve(Pattern(command), replace(ASKED, by=("a", "b"), scope=scope), ENGINE)
    if isinstance(result, Entry):
        assert list(problems(result, ENGINE, NOW)) == []


# Holes in quotes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hole"),
    [
        ("bash -c 'docker restart {s}'", "{s}"),
        ('ssh db "docker restart {s:name}"', "{s:name}"),
        ("psql -c \"UPDATE a SET b = '{x}' WHERE c = 1\"", "{x}"),
    ],
)
def test_a_hole_in_quoted_code_is_refused_as_it_would_be_literal(text: str, hole: str) -> None:
    with pytest.raises(PatternError, match="stands in quotes") as caught:
        patterns_of(text, SHIPPED)
    start, end = caught.value.span
    assert text[start:end] == hole
    assert "--via" in caught.value.help


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("git commit -m 'a {m}'", "git commit -m 'a {m}'"),
        ("awk '{print}' f > out.txt", "awk '{print}' f > out.txt"),
        ("bash -c 'docker restart '{s}", "docker restart {s}"),
        ("ssh db docker restart {s}", "docker restart {s}"),
    ],
)
def test_other_quoted_braces_are_literal(text: str, command: str) -> None:
    (asked,) = patterns_of(text, SHIPPED)
    assert asked.pattern.command == command

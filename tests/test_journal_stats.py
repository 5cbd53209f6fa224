"""What a log tells about a policy."""

from dataclasses import replace

from test_journal_chain import RECORD

from policy.decision import Context, Tier, Verdict
from policy.journal.stats import Outcome, Use, outcome, stats

SUGGEST = "policy whitelist suggest --agent deploy-bot --environment prod 'docker restart web'"
LOW = replace(RECORD, tier=Tier.LOW, entry=None, actions=())
HELD = replace(
    RECORD,
    verdict=Verdict.REVIEW,
    entry=None,
    actions=(replace(RECORD.actions[0], verdict=Verdict.REVIEW, entry=None),),
)
HIGH = replace(
    HELD,
    command="rm -rf /srv",
    verdict=Verdict.MULTI_PARTY,
    actions=(
        replace(
            HELD.actions[0],
            program="rm",
            subcommands=(),
            via=(),
            verdict=Verdict.MULTI_PARTY,
            tier=Tier.HIGH,
            ttl=None,
            rule="rm.recursive",
        ),
    ),
)
DENIED = replace(RECORD, verdict=Verdict.DENY)


def test_a_decision_has_one_outcome():
    assert [outcome(one) for one in (LOW, RECORD, HELD, HIGH, DENIED)] == list(Outcome)


def test_decisions_are_counted_by_outcome_agent_and_entry():
    other = replace(LOW, context=Context())
    found = stats([LOW, other, RECORD, RECORD, HELD, HIGH, DENIED])
    assert found.total == 7
    assert list(found.outcomes.values()) == [2, 2, 1, 1, 1]
    assert {agent: sum(counts.values()) for agent, counts in found.agents.items()} == {
        "deploy-bot": 6,
        None: 1,
    }
    assert found.entries == (("w-9b1f27c04e55", 2),)


def test_what_people_were_asked_is_grouped_by_use_and_rule():
    sudo = Use("shell", ("sudo",), "docker restart", "docker.restart")
    plain = replace(HELD, actions=(replace(HELD.actions[0], via=()),))
    found = stats([HELD, HIGH, HELD, plain])
    assert [(one.use.program, one.count) for one in found.asked] == [
        ("docker restart", 2),
        ("docker restart", 1),
        ("rm", 1),
    ]
    assert found.asked[0].use == sudo
    assert found.asked[0].agents == ("deploy-bot",)


def test_only_what_may_be_remembered_is_worth_a_suggestion():
    held, high = stats([HELD, HIGH, HELD]).asked
    assert held.suggest == SUGGEST
    assert (high.example, high.suggest) == ("rm -rf /srv", None)


def test_a_suggestion_names_the_language_and_quotes():
    sql = replace(HELD, language="sql:mysql", command="-- it's\nSELECT 1")
    (one,) = stats([sql]).asked
    assert one.suggest == (
        "policy whitelist suggest --language sql:mysql --agent deploy-bot --environment prod "
        "-- '-- it'\"'\"'s\nSELECT 1'"
    )


def test_a_suggestion_has_the_context_that_was_always_the_same():
    other = replace(HELD, context=Context(agent="night-bot", environment="prod", cwd="/srv"))
    (one,) = stats([HELD, other]).asked
    assert one.suggest == "policy whitelist suggest --environment prod 'docker restart web'"
    assert one.agents == ("deploy-bot", "night-bot")


def test_a_command_without_its_secrets_is_no_example():
    hidden = replace(HELD, redacted=("password",))
    assert stats([hidden]).asked[0].example is None
    assert stats([hidden, HELD]).asked[0].example == "docker restart web"


def test_a_short_example_replaces_a_long_one():
    long = replace(HELD, command="docker restart web; " + "true; " * 100)
    assert stats([long, HELD]).asked[0].example == "docker restart web"


def test_an_action_that_stands_twice_in_a_command_is_asked_once():
    twice = replace(HELD, actions=HELD.actions * 2)
    assert stats([twice]).asked[0].count == 1


def test_no_more_than_the_most_frequent_are_listed():
    assert len(stats([HELD, HIGH], most=1).asked) == 1


def test_nothing_was_decided():
    found = stats([])
    assert (found.total, found.first, found.asked, found.agents) == (0, None, (), {})

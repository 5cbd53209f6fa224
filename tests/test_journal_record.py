"""What a decision leaves in the log."""

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

import pytest

from policy import Context, Engine
from policy.decision import Found, Tier, Verdict
from policy.journal import record as record_module
from policy.journal.chain import Journal, records
from policy.journal.keep import answered, keep

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def engine() -> Engine:
    return Engine.load()


def logged(command, context=Context(), language="shell", by=None):
    by = by or engine()
    return answered(by, by.decide(command, context, language), context, language, at=NOW)


def test_a_record_says_what_was_asked_and_answered():
    context = Context(agent="bot", target="web-1", environment="prod", cwd="/srv", user="app")
    one = logged("sudo docker restart web && git status", context)
    assert (one.time, one.context, one.verdict, one.tier) == (
        NOW,
        context,
        Verdict.REVIEW,
        Tier.MEDIUM,
    )
    assert one.rules == engine().rules.digest
    assert [(a.program, a.subcommands, a.via, a.rule) for a in one.actions] == [
        ("docker", ("restart",), ("sudo",), "docker.restart"),
        ("git", ("status",), (), "git.inspect"),
    ]
    assert (one.whitelist, one.entry, one.approvers, one.redacted) == (None, None, (), ())


def test_who_approved_is_told():
    entries = [
        SimpleNamespace(id="w-1", approved=SimpleNamespace(by=("bob", "alice"))),
        SimpleNamespace(id="w-2", approved=SimpleNamespace(by=("carol",))),
    ]
    whitelist = SimpleNamespace(find=lambda *_: Found("w-1"), entries=entries)
    one = logged("docker restart web", by=Engine(engine().rules, whitelist))
    assert (one.verdict, one.entry, one.approvers) == (Verdict.ALLOW, "w-1", ("alice", "bob"))


@pytest.mark.parametrize(
    ("command", "context"),
    [
        ("ls", Context(target="postgres://app:Zq7hunter2@db/shop")),
        ("sudo -u Zq7hunter2 ls; mysql -pZq7hunter2", Context()),
        ("PASSWORD=Zq7hunter2; $Zq7hunter2 run", Context()),
        ("ssh https://a:Zq7hunter2@h ls", Context()),
    ],
)
def test_no_field_has_the_secret(command, context):
    one = logged(command, context)
    assert "Zq7hunter2" not in repr(one)
    assert one.redacted


def test_a_long_command_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(record_module, "LONGEST", 20)
    one = logged("echo " + "a" * 100)
    assert one.command == "echo " + "a" * 15 + "[redacted: 85 more characters]"
    assert one.redacted == ("length",)


def test_what_broke_the_engine_is_logged(monkeypatch):
    broken = Engine(engine().rules)
    monkeypatch.setattr(broken, "plan", lambda *_: 1 / 0)
    monkeypatch.setattr("logging.Logger.exception", lambda *_: None)
    one = logged("mysql -phunter2 shop", by=broken)
    assert (one.verdict, one.command) == (Verdict.REVIEW, "mysql -p[redacted: password] shop")


def test_sql_is_logged_with_its_language():
    one = logged("UPDATE jobs SET s = 1 WHERE id = 3", language="sql:postgres")
    assert (one.language, one.actions[0].program, one.actions[0].subcommands) == (
        "sql:postgres",
        "sql",
        ("update",),
    )


def test_a_decision_is_kept_in_a_log(tmp_path):
    journal = Journal(tmp_path / "log")
    decision = engine().decide("git status")
    keep(journal, engine(), decision, at=NOW)
    (one,) = records(tmp_path / "log")
    assert one == logged("git status")

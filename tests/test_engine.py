"""The engine answers every text, remembers what it answered and never lets a fault allow."""

import logging
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handmade import rules
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import policy
from policy.decision import Context, Found, Judged, Tier, Verdict
from policy.diagnostics import RuleError
from policy.engine import Engine
from policy.misread import misread
from policy.plan import Action, Limits
from policy.ruleset import RuleSet

RULES = """
default medium 60 ttl 7d "a program that has no rules"
program cat { operands <path> reads }
rule cat.read "prints files" { on cat tier low score 3 match "cat x" }
rule base.secret "reads a secret" {
    on any when reads in "/etc/shadow" tier high score 80 match "cat /etc/shadow" no match "cat x"
}
"""


@pytest.fixture
def engine() -> Engine:
    return Engine(rules(RULES))


@pytest.mark.parametrize(
    ("text", "verdict", "rule"),
    [
        ("cat x", "allow", "cat.read"),
        ("cat x | cat", "allow", "cat.read"),
        ("frobnicate", "review", "default"),
        ("cat x; cat /etc/shadow", "review", "base.secret"),
        ("", "allow", "engine.nothing"),
        ("# nothing", "allow", "engine.nothing"),
        ("cat 'x", "review", "engine.opaque"),
    ],
)
def test_a_text_is_decided(engine: Engine, text: str, verdict: str, rule: str) -> None:
    decision = engine.decide(text)
    assert decision.command == text
    assert str(decision.verdict) == verdict
    assert decision.reasons[0].rule == rule


def test_the_context_decides_with_it(engine: Engine) -> None:
    assert engine.decide("cat shadow").verdict is Verdict.ALLOW
    assert engine.decide("cat shadow", Context(cwd="/etc")).tier is Tier.HIGH
    assert engine.decide("cat shadow").verdict is Verdict.ALLOW


def test_spans_point_into_the_text(engine: Engine) -> None:
    text = "cat x;  cat /etc/shadow"
    assert [one.source for one in engine.decide(text).actions] == ["cat x", "cat /etc/shadow"]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("powershell", "nothing reads the language `powershell`"),
        ("", "nothing reads the language ``"),
    ],
)
def test_an_unknown_language_is_not_understood(engine: Engine, language: str, message: str) -> None:
    decision = engine.decide("cat x", language=language)
    assert (decision.verdict, decision.tier) == (Verdict.REVIEW, Tier.HIGH)
    assert decision.reasons[0].message == message


def test_a_text_that_is_too_long_is_not_read() -> None:
    engine = Engine(rules(RULES), limits=Limits(characters=10))
    assert engine.decide("cat 3456789").reasons[0].message == "11 characters; 10 are read"
    assert engine.decide("cat 345678").verdict is Verdict.ALLOW


@pytest.mark.parametrize("command", [b"cat x", None, ["cat"]])
def test_what_is_no_text_is_refused(engine: Engine, command: object) -> None:
    with pytest.raises(TypeError, match="a command is a str, not "):
        engine.decide(command)  # type: ignore[arg-type]  # as a caller without types would


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters()) | st.text("cat $(){}[]<>|&;'\"`\\\n*?~#=!-x/ "))
def test_no_text_raises(engine: Engine, caplog: pytest.LogCaptureFixture, text: str) -> None:
    assert engine.decide(text).command == text
    assert not caplog.records


# Faults -------------------------------------------------------------------------------------


class Broken:
    def find(self, action: Action, judged: Judged, context: Context, now: datetime) -> Found:
        raise RecursionError


def test_a_fault_is_a_review_and_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(rules(RULES), whitelist=Broken())
    with caplog.at_level(logging.ERROR, logger="policy"):
        decision = engine.decide("frobnicate")
    assert (decision.verdict, decision.tier, decision.score) == (Verdict.REVIEW, Tier.HIGH, 80)
    assert (decision.approvals, decision.ttl, decision.entry) == (1, None, None)
    assert [reason.rule for reason in decision.reasons] == ["engine.fault"]
    assert decision.actions[0].source == "frobnicate"
    (record,) = caplog.records
    assert record.name == "policy"
    assert record.exc_info is not None


# Memory -------------------------------------------------------------------------------------


def test_a_decision_made_before_is_the_same_object(engine: Engine) -> None:
    assert engine.decide("cat x") is engine.decide("cat x")
    assert engine.plan("cat x") is engine.plan("cat x")
    assert engine.decide("cat x") is not engine.decide("cat x", Context(agent="a"))


class Approvals:
    """Approves everything while it is open."""

    def __init__(self) -> None:
        self.open = True

    def find(self, action: Action, judged: Judged, context: Context, now: datetime) -> Found:
        assert now.tzinfo is UTC
        return Found("w-1" if self.open else None)


def test_what_the_whitelist_allowed_is_asked_again() -> None:
    whitelist = Approvals()
    engine = Engine(rules(RULES), whitelist)
    assert engine.decide("frobnicate").entry == "w-1"
    whitelist.open = False
    assert engine.decide("frobnicate").verdict is Verdict.REVIEW
    assert engine.decide("cat x") is engine.decide("cat x")


@pytest.mark.parametrize("whitelist", [b"approved", {}, ["approved.yaml"]])
def test_what_is_no_whitelist_is_refused_at_once(whitelist: object) -> None:
    message = "a whitelist is a path or an object with a method `find`, not .*"
    with pytest.raises(TypeError, match=message):
        Engine.load(whitelist=whitelist)  # type: ignore[arg-type]  # as a caller without types
    with pytest.raises(TypeError, match=message):
        Engine(rules(RULES), whitelist)  # type: ignore[arg-type]  # as a caller without types


def test_threads_share_an_engine(engine: Engine) -> None:
    texts = [f"cat {number % 50}" for number in range(2_000)]
    with ThreadPoolExecutor(4) as pool:
        assert all(one.verdict is Verdict.ALLOW for one in pool.map(engine.decide, texts))


# Characters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("git commit -m 'naïve café 日本 ✓ e\u0301 🎉'", None),
        ("a\tb\r\nc", None),
        ("a\0b", "U+0000 at 1"),
        ("a\x1b[2J", "U+001B at 1"),
        ("a\x7f\x85", "U+007F at 1, U+0085 at 2"),
        ("a\u00a0b", "U+00A0 NO-BREAK SPACE at 1"),
        ("a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE at 1"),
        (
            "a\u200b\u200d\ufeff",
            (
                "U+200B ZERO WIDTH SPACE at 1, U+200D ZERO WIDTH JOINER at 2, "
                "U+FEFF ZERO WIDTH NO-BREAK SPACE at 3"
            ),
        ),
        ("a\u2028", "U+2028 LINE SEPARATOR at 1"),
        ("a\u3164", "U+3164 HANGUL FILLER at 1"),
        ("a\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A at 1"),
        ("a\udcff", "U+DCFF at 1"),
        ("\0" * 7, "U+0000 at 0, U+0000 at 1, U+0000 at 2, U+0000 at 3, U+0000 at 4 and 2 more"),
    ],
)
def test_characters_that_mislead_are_named(text: str, found: str | None) -> None:
    expected = None if found is None else f"characters that can be misread: {found}"
    assert misread(text) == expected


def test_a_misleading_text_is_not_understood(engine: Engine) -> None:
    decision = engine.decide("cat x\u202e")
    assert decision.tier is Tier.HIGH
    named = "U+202E RIGHT-TO-LEFT OVERRIDE at 5"
    assert decision.reasons[0].message == f"characters that can be misread: {named}"


# Loading and importing ----------------------------------------------------------------------


def test_a_directory_of_rules_adds_to_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.rules").write_text(
        "program frobnicate { }\n"
        'rule frobnicate.run "frobnicates" { on frobnicate tier low score 1 match "frobnicate" }\n'
    )
    engine = Engine.load(rules=tmp_path)
    assert engine.decide("frobnicate").verdict is Verdict.ALLOW
    assert engine.decide("git status").verdict is Verdict.ALLOW
    assert Engine.load().decide("frobnicate").verdict is Verdict.REVIEW


def test_rules_with_errors_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "mine.rules").write_text("rule")
    with pytest.raises(RuleError, match=r"mine\.rules"):
        Engine.load(rules=str(tmp_path))


def test_decisions_and_rule_sets_can_be_pickled(engine: Engine) -> None:
    decision = engine.decide("cat x")
    assert pickle.loads(pickle.dumps(decision)) == decision
    assert isinstance(pickle.loads(pickle.dumps(engine.rules)), RuleSet)


def test_every_public_name_is_there() -> None:
    for name in policy.__all__:
        assert getattr(policy, name).__name__ == name
    assert set(policy.__all__) <= set(dir(policy))
    with pytest.raises(AttributeError, match="module 'policy' has no attribute 'nothing'"):
        policy.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_slow() -> None:
    code = (
        "import sys; from policy import Context, Engine, Tier, Verdict;"
        "slow = {'lark', 'bashlex', 'tree_sitter', 'sqlglot', 'pglast', 'yaml', 'rich', 'click'};"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

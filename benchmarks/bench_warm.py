"""One decision inside a running program. Texts differ from round to round, except the cached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from conftest import Measure

from policy import Context, Engine, Tier, Verdict
from policy.whitelist.approved import Approved
from policy.whitelist.entry import Approval, Entry
from policy.whitelist.pattern import Pattern

CONTEXT = Context(agent="bench", environment="prod", cwd="/srv/app")
TEXTS = [
    ("plain words: `git show N`", "git show {}", "shell"),
    ('two parsers: `git log -- "$x" \\| head -N`', 'git log -- "$x" | head -{}', "shell"),
    (
        "a script: `for` over hosts, `ssh`, `sudo`",
        'for h in a b; do\n  ssh "$h" "sudo systemctl status web-{}" || echo "$h: $?" >&2\ndone',
        "shell",
    ),
    ("SQL in shell: `psql -c '…'`", "psql -c 'SELECT a FROM t WHERE id = {}'", "shell"),
    ("PostgreSQL: `SELECT a FROM t WHERE id = N`", "SELECT a FROM t WHERE id = {}", "sql:postgres"),
    ("MySQL: `SELECT a FROM t WHERE id = N`", "SELECT a FROM t WHERE id = {}", "sql:mysql"),
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def test_the_same_text_again(engine: Engine, measure: Measure) -> None:
    assert engine.decide("git status", CONTEXT).verdict is Verdict.ALLOW
    measure("decided before: `git status`", lambda: engine.decide("git status", CONTEXT))


@pytest.mark.parametrize(("name", "text", "language"), TEXTS, ids=range(len(TEXTS)))
def test_a_new_text(engine: Engine, measure: Measure, name: str, text: str, language: str) -> None:
    numbers = count(1)
    measure(name, lambda: engine.decide(text.format(next(numbers)), CONTEXT, language))


@pytest.mark.parametrize("size", [100, 10_000])
def test_an_approved_text(engine: Engine, measure: Measure, size: int) -> None:
    approval = Approval(("alice",), datetime.now(UTC))
    until = datetime.now(UTC) + timedelta(days=7)
    entries = [
        Entry(Pattern(f"docker restart web-{number}-{{n:int}}"), Tier.MEDIUM, approval, until)
        for number in range(size)
    ]
    approved = Engine(engine.rules, Approved(entries, engine.rules))
    numbers = count(1)
    assert approved.decide("docker restart web-7-0", CONTEXT).verdict is Verdict.ALLOW
    measure(
        f"approved, of {size:,} entries: `docker restart web-7-N`",
        lambda: approved.decide(f"docker restart web-7-{next(numbers)}", CONTEXT),
    )

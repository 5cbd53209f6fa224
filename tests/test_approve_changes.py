"""A whitelist is changed, promoted and verified; values only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import toolrules

from policy import Tier
from policy.approve.changes import (
    NoSuchEntry,
    for_agent,
    mapped,
    merged,
    promote,
    prune,
    put,
    remove,
    renew,
    select,
)
from policy.approve.covered import covering
from policy.approve.request import Refused, Request, Why, approve
from policy.approve.verify import problems, verify
from policy.whitelist.document import Document
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.pattern import Pattern

ENGINE = toolrules.engine()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROD = Scope(environments=("prod",))
ASKED = Request(by=("alice",), at=NOW)


def approved(command: str, **changes: object) -> Entry:
    result = approve(Pattern(command), replace(ASKED, **changes), ENGINE)
    assert isinstance(result, Entry), result
    return result


# Changes -----------------------------------------------------------------------------------

STOP, SHOW, PUSH = (
    approved("tool stop web"),
    approved("tool show web", permanent=True),
    approved("tool push {b:name}", until=timedelta(hours=1), note="looked at"),
)
DOCUMENT = Document((STOP, SHOW, PUSH))


def test_putting_adds_what_is_new_and_replaces_what_permits_the_same():
    again = replace(PUSH, approved=Approval(("bob",), NOW), note="")
    new = approved("tool stop api")
    change = put(DOCUMENT, [new, again])
    assert change.added == (new,)
    assert change.replaced == ((PUSH, replace(again, note="looked at")),)
    assert set(change.document.entries) == {STOP, SHOW, new, replace(again, note="looked at")}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (STOP.id, STOP),
        ("tool stop web", STOP),
        ("tool push {b:name}", PUSH),
        ("tool push {other:name}", PUSH),
    ],
)
def test_an_entry_is_named_by_its_id_or_its_command(name, found):
    assert select(DOCUMENT, [name]) == (found,)
    assert remove(DOCUMENT, [name]).removed == (found,)
    assert found not in remove(DOCUMENT, [name]).document.entries


def test_a_name_without_an_entry_is_an_error_with_all_of_them():
    with pytest.raises(NoSuchEntry) as error:
        remove(DOCUMENT, ["w-0", STOP.id, "tool push {b}"])
    assert error.value.names == ("w-0", "tool push {b}")


def test_pruning_takes_out_what_is_over():
    change = prune(DOCUMENT, NOW + timedelta(hours=1))
    assert change.removed == (PUSH,)
    assert change.document.entries == (STOP, SHOW)


def test_renewing_approves_anew_and_keeps_pattern_scope_reason_and_note():
    entry = approved("tool push {b:name}", scope=PROD, reason="for a day", note="looked at")
    later = Request(by=("bob",), at=NOW + DAY)
    change = renew(Document((entry,)), [entry.id], later, ENGINE)
    ((before, after),) = change.replaced
    assert before == entry
    assert after == replace(
        entry, approved=Approval(("bob",), NOW + DAY, "for a day"), expires=NOW + 8 * DAY
    )


def test_what_rules_no_longer_let_be_approved_is_not_renewed():
    stricter = toolrules.engine_of(toolrules.TEXT.replace('"+*"', '"*"'))
    with pytest.raises(Refused) as error:
        renew(DOCUMENT, [PUSH.id, STOP.id], ASKED, stricter)
    assert [one.why for one in error.value.refusals] == [Why.HARMFUL]


# Promotion ---------------------------------------------------------------------------------


def test_promotion_proves_each_entry_in_its_new_scope_and_keeps_who_approved_it():
    restart = approved("tool restart {s:name}", scope=Scope(environments=("staging",)))
    promotion = promote(
        Document((STOP, restart)), mapped({"environment": "prod"}), ENGINE, Request((), NOW)
    )
    (taken,) = promotion.entries
    assert taken == replace(STOP, scope=PROD)
    assert [one.why for one in promotion.refusals] == [Why.PEOPLE]


def test_promotion_with_people_is_a_new_approval():
    two = Request(by=("carol", "dave"), at=NOW + DAY, reason="goes live")
    restart = approved("tool restart {s:name}", scope=Scope(environments=("staging",)))
    (taken,) = promote(Document((restart,)), mapped({"environment": "prod"}), ENGINE, two).entries
    assert taken.approved == Approval(("carol", "dave"), NOW + DAY, "goes live")
    assert taken.expires == NOW + DAY + timedelta(hours=12)
    assert taken.scope == PROD


def test_promotion_never_lengthens_what_was_approved():
    asked = Request((), NOW + timedelta(minutes=30))
    promotion = promote(DOCUMENT, mapped({"target": "web-*"}), ENGINE, asked)
    ends = {one.pattern: one.expires for one in promotion.entries}
    assert ends == {one.pattern: one.expires for one in DOCUMENT.entries}
    after = promote(DOCUMENT, mapped({"target": "web-*"}), ENGINE, Request((), NOW + DAY))
    assert after.over == (PUSH,)


def test_an_approval_that_is_too_old_for_the_rules_of_the_new_scope_is_refused():
    dev = Scope(environments=("dev",))
    restart = approved("tool restart web", scope=dev, by=("a", "b"))
    asked = Request((), NOW + DAY)
    promotion = promote(Document((restart,)), mapped({"environment": "prod"}), ENGINE, asked)
    assert promotion.entries == ()
    (refusal,) = promotion.refusals
    assert refusal.message == (
        "its approval is too old there: it would be over since 2026-11-23T00:00:00Z"
    )


def test_a_new_agent_gets_what_only_the_old_one_may():
    mine = approved("tool stop web", scope=Scope(agents=("old-bot",)))
    both = approved("tool stop api", scope=Scope(agents=("old-bot", "x")))
    promotion = promote(
        Document((mine, both, STOP)), for_agent("new-bot", "old-bot"), ENGINE, Request((), NOW)
    )
    assert promotion.entries == (replace(mine, scope=Scope(agents=("new-bot",))),)


@pytest.mark.parametrize(("there", "stays"), [(2 * DAY, True), (timedelta(hours=2), False)])
def test_what_a_whitelist_has_already_and_lives_longer_stays(there, stays):
    old = approved("tool stop web", scope=PROD, until=there, by=("zoe",))
    new = approved("tool stop web", until=DAY)
    promotion = promote(Document((new,)), mapped({"environment": "prod"}), ENGINE, Request((), NOW))
    (entry,) = merged(Document((old,)), promotion).document.entries
    assert (entry == old) is stays


# Verifying ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        (STOP, []),
        (SHOW, []),
        (approved("tool release 1.0", by=("a", "b")), []),
        (replace(STOP, pattern=Pattern("tool stop $x")), ["WL601"]),
        (replace(STOP, pattern=Pattern("tool push {x}")), ["WL602"]),
        (replace(STOP, pattern=Pattern("tool push -f x")), ["WL602"]),
        (replace(STOP, pattern=Pattern("tool old {x:name}")), ["WL603"]),
        (replace(STOP, pattern=Pattern("tool old x")), ["WL604"]),
        (replace(STOP, pattern=Pattern("tool unlock vault")), ["WL604"]),
        (replace(STOP, tier=Tier.LOW), ["WL604"]),
        (replace(STOP, pattern=Pattern("tool release 1")), ["WL604", "WL605"]),
        (replace(STOP, expires=NOW + 8 * DAY), ["WL605"]),
        (replace(STOP, approved=Approval(("a",), NOW + 3 * DAY)), ["WL606"]),
        (replace(STOP, expires=NOW - DAY), ["WL504"]),
        (replace(STOP, rule="tool.default@000000000000"), ["WL505"]),
        (replace(STOP, rule="tool.gone@000000000000"), ["WL505"]),
        (replace(STOP, rule=None), []),
        (replace(STOP, rule="engine.unknown"), []),
    ],
)
def test_verifying_names_what_no_longer_holds(entry, codes):
    assert [one.code.code for one in problems(entry, ENGINE, NOW)] == codes


def test_a_finding_shows_the_command_that_is_high_and_the_pattern_that_is_not():
    entry = replace(STOP, pattern=Pattern("tool push origin {x}"))
    (found,) = verify(Document((entry,)), ENGINE, NOW)
    assert found.message.startswith(
        f"{entry.id}: the pattern admits a command that is high: `tool push origin +"
    )
    assert found.help == "`tool push origin {x:name}` was proved harmless"


# Covered -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "entry", "covering_"),
    [
        (["tool stop {x}"], "tool stop web", [0]),
        (["tool stop {x}", "tool stop {y:name}"], "tool stop web", [0]),
        (["tool stop a", "tool stop b"], "tool stop {x:one of a b}", [0, 1]),
        (["tool stop a"], "tool stop {x:one of a b}", []),
        (["tool start {x}"], "tool stop web", []),
        ([], "tool stop web", []),
    ],
)
def test_entries_that_allow_it_anyway_are_found(others, entry, covering_):
    known = [approved(one) for one in others]
    found = covering(approved(entry), Document(tuple(known)), ENGINE)
    assert found == tuple(known[index] for index in covering_)


def test_an_entry_that_lives_shorter_covers_nothing():
    short = approved("tool stop {x}", until=timedelta(hours=1))
    assert covering(STOP, Document((short,)), ENGINE) == ()

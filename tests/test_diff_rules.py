"""Two versions of rules: what is declared otherwise, and what is decided otherwise."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from diff_entries import NOW
from goldens import assert_golden

from policy.cli.diff_formats import github, markdown
from policy.cli.diff_formats.json_form import rules_object
from policy.cli.diff_formats.report import RulesReport
from policy.cli.diff_formats.text import write_rules
from policy.decision import Context
from policy.diff.commands import Asked
from policy.diff.model import Outcome
from policy.diff.rules import RulesDiff, Version, compare_rules
from policy.dsl import compile_sources
from policy.source import Source

BASE = """
program ship {
    option --now
    subcommand list { }
    subcommand deploy { }
    default medium 50 "a use of ship that has no rule"
}

rule ship.list "shows what is deployed" {
    on ship list
    tier low
    score 5
    match    "ship list"
    no match "ship deploy"
}

rule ship.now "deploys what no test has seen" {
    on ship deploy
    when option --now
    tier high
    score 80
    match    "ship deploy --now"
    no match "ship deploy"
}
"""


def version(text: str) -> Version:
    sources = (Source("ship.rules", text),)
    compiled = compile_sources(sources)
    assert compiled.ruleset is not None, compiled.findings
    return Version(compiled.ruleset, sources)


def diff(*edits: tuple[str, str], log: dict[Asked, int] | None = None) -> RulesDiff:
    """What changes when each first text becomes the second."""
    text = BASE
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    return compare_rules(version(BASE), version(text), now=NOW, log=log)


def said(found: RulesDiff) -> list[str]:
    return [
        f"{one.standing.value} {one.sort} {one.name}: "
        + "; ".join(
            [
                *(f"{detail.name} {detail.before}>{detail.after}" for detail in one.details),
                *one.lines,
            ]
        )
        for one in found.declared
    ]


MORE = """
rule ship.deploy "deploys" {
    on ship deploy
    tier medium
    score 40
    match    "ship deploy"
    no match "ship list"
}
"""


@pytest.mark.parametrize(
    ("edits", "rows", "outcome"),
    [
        ([], [], Outcome.NOTHING_MORE),
        ([("    match    \"ship list\"", "    # said\n    match    \"ship list\"")], [], 0),
        ([("score 80", "score 75")], ["changed rule ship.now: score 80>75"], Outcome.NOTHING_MORE),
        (
            [("tier high\n    score 80", "tier medium\n    score 60")],
            ["changed rule ship.now: tier high>medium; score 80>60; ttl >7 days"],
            Outcome.MORE,
        ),
        (
            [("tier low\n    score 5", "tier medium\n    score 40\n    ttl 2d")],
            ["changed rule ship.list: tier low>medium; score 5>40; ttl >2 days"],
            Outcome.NOTHING_MORE,
        ),
        (
            [("score 80", "score 80\n    approvals 2")],
            ["changed rule ship.now: approvals 1>2"],
            Outcome.NOTHING_MORE,
        ),
        (
            [("score 80", "score 80\n    deny")],
            ["changed rule ship.now: deny >yes"],
            Outcome.NOTHING_MORE,
        ),
        (
            [("when option --now", "when option --now and no arguments")],
            [
                ("changed rule ship.now: - when option --now; "
                "+ when option --now and no arguments")
            ],
            Outcome.UNDECIDED,
        ),
        (
            [('"deploys what no test has seen"', '"deploys untested"')],
            ["changed rule ship.now: message deploys what no test has seen>deploys untested"],
            Outcome.NOTHING_MORE,
        ),
        (
            [('default medium 50 "a use', 'default medium 55 "a use')],
            ["changed default ship: score 50>55"],
            Outcome.NOTHING_MORE,
        ),
        (
            [("option --now\n", "option --now --soon\n")],
            ["changed program ship: - option --now; + option --now --soon"],
            Outcome.UNDECIDED,
        ),
        (
            [(BASE[BASE.index("rule ship.now") :], "")],
            [
                ("removed rule ship.now: tier high>; score 80>; approvals 1>; "
                "message deploys what no test has seen>")
            ],
            Outcome.MORE,
        ),
        (
            [("rule ship.now", f"{MORE}\nrule ship.now")],
            [
                ("added rule ship.deploy: tier >medium; score >40; ttl >7 days; approvals >1; "
                "message >deploys")
            ],
            Outcome.UNDECIDED,
        ),
    ],
)  # fmt: skip
def test_declarations_that_changed_are_told_with_what_it_means(edits, rows, outcome):
    found = diff(*edits)
    assert (said(found), found.outcome) == (rows, outcome)


def test_examples_of_both_versions_are_decided_by_both():
    found = diff((BASE[BASE.index("rule ship.now") :], ""))
    moved = [(one.asked.text, str(one.before.tier), str(one.after.tier), one.looser)
             for one in found.examples.moved]  # fmt: skip
    assert moved == [("ship deploy --now", "high", "medium", True)]
    assert found.examples.decided == 3


def test_a_logged_command_shows_what_no_example_does():
    edit = ("when option --now", "when option --now and no arguments")
    log = {Asked("ship deploy --now web"): 3, Asked("ship list"): 9}
    found = diff(edit, log=log)
    assert found.log is not None
    assert [(one.asked.text, one.times) for one in found.log.moved] == [
        ("ship deploy --now web", 3)
    ]
    assert (found.log.decided, found.outcome) == (12, Outcome.MORE)


def test_fewer_people_are_looser():
    strict = version(BASE.replace("score 80", "score 80\n    approvals 3"))
    loose = version(BASE.replace("score 80", "score 80\n    approvals 2"))
    found = compare_rules(strict, loose, now=NOW)
    assert [one.looser for one in found.examples.moved] == [True]


def test_each_format_shows_every_change():
    edits = (
        ("tier high\n    score 80", "tier medium\n    score 60"),
        ("when option --now", "when option --now and no arguments"),
        ('"shows what is deployed"', '"shows | `what` <is> deployed"'),
    )
    log = {Asked("ship deploy --now web", context=Context(agent="bot")): 3}
    report = RulesReport("old", "new", diff(*edits, log=log), (), {"ship.rules": "new/ship.rules"})
    stream = StringIO()
    write_rules(report, stream, coloured=False)
    shown = {
        "txt": stream.getvalue(),
        "md": markdown.rules(report),
        "github.txt": github.rules(report),
        "json": json.dumps(rules_object(report), indent=1) + "\n",
    }
    for name, text in shown.items():
        assert_golden(f"diff/rules-changes.{name}", text)

"""`policy whitelist promote`: what was approved in one place, proved and taken over to another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from policy.cli.loading import load_document, load_engine, refuse_empty, trust_option
from policy.cli.status import Status
from policy.cli.whitelist import options

if TYPE_CHECKING:
    from policy.approve.changes import Change, Promotion
    from policy.engine import Engine
    from policy.whitelist.document import Document
    from policy.whitelist.entry import Scope


@click.command(
    "promote", short_help="Take entries over to another scope.", context_settings=options.SETTINGS
)
@click.argument("source", metavar="SOURCE")
@click.argument("target", required=False, metavar="[TARGET]")
@click.option(
    "--map", "maps", multiple=True, metavar="FACT=GLOB", help="Replace a fact of the scope."
)
@click.option("--agent", metavar="NAME", help="Take entries over for this agent …")
@click.option("--like", metavar="NAME", help="… that are only for this one.")
@options.by_option(required=False)
@click.option("--reason", default="", metavar="TEXT", help="Why; as before, unless given.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@options.rules_option
@options.json_option
@trust_option
@options.at_option
def promote_command(
    source: str,
    target: str | None,
    maps: tuple[str, ...],
    agent: str | None,
    like: str | None,
    by: tuple[str, ...],
    reason: str,
    yes: bool,
    rules: str | None,
    as_json: bool,
    at: datetime | None,
) -> int:
    """Take the entries of SOURCE over to TARGET, in another scope.

    \b
    policy whitelist promote staging.yaml prod.yaml --map environment=prod
    policy whitelist promote whitelist.yaml --agent new-bot --like old-bot

    FACT is agent, target, environment or cwd. For a new agent TARGET is SOURCE unless it is
    given. Each entry is proved harmless in its new scope; what isn't is left out, and told. An
    entry keeps who approved it, when, and its end, unless --by approves all of them anew. What
    TARGET has already, and that lives as long, stays.

    What changes is shown first, and written once it is confirmed, or with --yes.

    JSON: {"source", "target", "added": [entry], "replaced": [{"before", "after"}], "refused":
    [refusal], "expired": [entry], "written": true or false}; asks nothing, writes with --yes.

    Exit status: 0 done, 1 something was refused, or not confirmed, 2 bad usage or input.
    """
    from policy.approve.changes import merged, promote
    from policy.approve.request import Request
    from policy.cli.whitelist.writing import change_file

    rescope = _rescope(maps, agent, like)
    if target is None:
        if agent is None:
            raise click.UsageError("TARGET is missing: the file that takes the entries over")
        target = source
    refuse_empty(target, "TARGET")
    engine = load_engine(rules)
    now = options.now_of(at)
    request = Request(by=tuple(dict.fromkeys(by)), at=now, reason=reason)
    promotion = promote(load_document(source, deciding=True), rescope, engine, request)
    old = _target(target)
    change = merged(old, promotion)
    changes = bool(change.added or change.replaced)
    if not as_json:
        _show(target, old, change, promotion, engine, now)
    confirmed = changes and (yes or (not as_json and _confirmed(target)))
    if confirmed:
        change_file(target, lambda document: merged(document, promotion), create=True)
    if as_json:
        _put_json(source, target, change, promotion, now, written=confirmed)
    left_out = bool(promotion.refusals) or (changes and not confirmed)
    return Status.FINDINGS if left_out else Status.ALLOW


def _rescope(
    maps: tuple[str, ...], agent: str | None, like: str | None
) -> Callable[[Scope], Scope | None]:
    from policy.approve.changes import FACTS, for_agent, mapped
    from policy.diagnostics import one_of

    if (agent is None) != (like is None):
        raise click.UsageError("--agent and --like belong together")
    if agent is not None and like is not None:
        if maps:
            raise click.UsageError("--map excludes --agent and --like")
        if not agent:
            raise click.BadParameter("an empty name", param_hint="--agent")
        return for_agent(agent, like)
    if not maps:
        raise click.UsageError("give --map FACT=GLOB, or --agent NAME --like NAME")
    facts: dict[str, str] = {}
    for one in maps:
        fact, sign, glob = one.partition("=")
        if not sign or not glob or fact not in FACTS:
            known = one_of(FACTS)
            message = f"`{one}` is no FACT=GLOB; FACT is {known}"
            raise click.BadParameter(message, param_hint="--map")
        if fact in facts:
            raise click.BadParameter(f"`{fact}` stands twice", param_hint="--map")
        facts[fact] = glob
    return mapped(facts)


def _target(path: str) -> Document:
    from pathlib import Path

    from policy.whitelist.document import Document

    return load_document(path) if Path(path).exists() else Document()


def _confirmed(target: str) -> bool:
    if not sys.stdin.isatty():
        click.echo("nothing was written: there is nobody to ask, and --yes isn't given", err=True)
        return False
    from policy.visible import visible

    if click.confirm(f"write this to {visible(target)}?"):
        return True
    click.echo("nothing was written", err=True)
    return False


# What is told ------------------------------------------------------------------------------


def _show(
    target: str,
    old: Document,
    change: Change,
    promotion: Promotion,
    engine: Engine,
    now: datetime,
) -> None:
    """What the change would newly allow, as `policy diff` shows it, and what is left out."""
    from policy.cli.diff_formats.report import Report
    from policy.cli.diff_formats.text import write_whitelists
    from policy.cli.terminal import colours
    from policy.cli.whitelist.words import put_lines
    from policy.diff.whole import compare

    if change.added or change.replaced:
        entries = old.entries, change.document.entries
        diff = compare(*entries, engine.rules, now=now, limits=engine.limits)
        report = Report(target, f"{target} with what is taken over", diff)
        write_whitelists(report, sys.stdout, colours(sys.stdout))
    put_lines(_lines(target, change, promotion))


def _lines(target: str, change: Change, promotion: Promotion) -> Iterator[str]:
    from policy.cli.whitelist import words
    from policy.visible import visible

    blocks = [list(words.refusal_lines(refusal)) for refusal in promotion.refusals]
    if promotion.over:
        over = [f"  {one.id}  {words.pattern_text(one.pattern)}" for one in promotion.over]
        blocks.append([words.heed("over, and so left out"), *over])
    changes = bool(change.added or change.replaced)
    if not changes:
        blocks.append([f"nothing to take over: {visible(target)} would stay as it is"])
    for index, block in enumerate(blocks):
        yield from ([""] if index or changes else [])
        yield from block


def _put_json(
    source: str,
    target: str,
    change: Change,
    promotion: Promotion,
    now: datetime,
    *,
    written: bool,
) -> None:
    from policy.cli.whitelist import json_form

    json_form.put_object(
        {
            "source": source,
            "target": target,
            "added": [json_form.entry_object(one, now) for one in change.added],
            "replaced": [
                {
                    "before": json_form.entry_object(before, now),
                    "after": json_form.entry_object(after, now),
                }
                for before, after in change.replaced
            ],
            "refused": [json_form.refusal_object(one) for one in promotion.refusals],
            "expired": [json_form.entry_object(one, now) for one in promotion.over],
            "written": written,
        }
    )

"""`policy whitelist suggest`: patterns that a person may want to approve for a command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from policy.cli.languages import mistake_in
from policy.cli.loading import load_engine
from policy.cli.status import Status
from policy.cli.whitelist import options
from policy.decision import Context

if TYPE_CHECKING:
    from policy.engine import Engine
    from policy.suggest import Offer, Suggestion


@click.command(
    "suggest", short_help="Offer patterns for a command.", context_settings=options.SETTINGS
)
@click.argument("command", metavar="COMMAND")
@click.option("--language", default="shell", show_default=True, help="shell, or sql:DIALECT.")
@click.option("--agent", help="Who asks.")
@click.option("--target", help="The host or database on which it would run.")
@click.option("--environment", help="prod, staging, ….")
@click.option("--cwd", help="The directory in which it would run.")
@click.option("--user", help="The account as which it would run.")
@options.file_option
@options.rules_option
@options.json_option
def suggest_command(
    command: str,
    language: str,
    agent: str | None,
    target: str | None,
    environment: str | None,
    cwd: str | None,
    user: str | None,
    file: str,
    rules: str | None,
    as_json: bool,
) -> int:
    """Offer patterns for each part of COMMAND that isn't allowed by itself.

    \b
    policy whitelist suggest 'docker restart web-1' --agent deploy-bot --environment prod

    First the command as it is, then wider patterns. Each is shown with commands that it newly
    admits and one that it doesn't, and none is offered that admits a command which is high.
    The last line of each approves it: replace NAME by who does, and paste it. The scope is the
    context that is given here.

    JSON: {"command", "offers": [{"command", "tier", "why_not", "suggestions": [{"number",
    "pattern", "scope", "tier", "ttl" in seconds, "admits", "near_miss", "add"}]}]}.

    Exit status: 0 something is offered or nothing is needed, 1 nothing can be offered for some
    part, 2 bad usage or input.
    """
    from policy.suggest import suggest

    mistake = mistake_in(language)
    if mistake is not None:
        raise click.BadParameter(mistake, param_hint="--language")
    engine = load_engine(rules, deciding=False)
    context = Context(agent, target, environment, cwd, user)
    offers = tuple(_placed(offer, engine) for offer in suggest(command, engine, context, language))
    if as_json:
        _put_json(command, offers, file)
    else:
        from policy.cli.whitelist.words import put_lines

        put_lines(_lines(command, offers, file))
    return Status.FINDINGS if any(offer.why_not for offer in offers) else Status.ALLOW


def _placed(offer: Offer, engine: Engine) -> Offer:
    """The offer in the directory to which the text itself changes, with what `add` asks for."""
    from policy.approve.request import scope_within
    from policy.approve.terms import terms_of
    from policy.whitelist.reader import PatternError, read_pattern

    placed: list[Suggestion] = []
    approvals = offer.judged.approvals
    try:
        for one in offer.suggestions:
            scope = scope_within(one.scope, offer.action)
            action = read_pattern(one.pattern, engine.rules, engine.limits).action
            terms = terms_of(action, engine.rules, scope)
            approvals = max(approvals, terms.approvals)
            placed.append(replace(one, scope=scope, ttl=terms.ttl))
    except PatternError as error:
        return replace(offer, suggestions=(), why_not=f"{error.message}: {error.help}")
    judged = replace(offer.judged, approvals=approvals)
    return replace(offer, suggestions=tuple(placed), judged=judged)


def add_line(one: Suggestion, approvals: int, file: str) -> str:
    """The command line that approves a suggestion, quoted so that a shell reads it as it is."""
    pattern, scope = one.pattern, one.scope
    words = ["policy", "whitelist", "add"]
    dashed = pattern.command.startswith("-")
    if not dashed:
        words.append(pattern.command)
    given: list[tuple[str, tuple[str, ...]]] = [
        ("--language", () if pattern.language == "shell" else (pattern.language,)),
        ("--via", pattern.via),
        ("--agent", scope.agents),
        ("--target", scope.targets),
        ("--environment", scope.environments),
        ("--cwd", scope.cwd),
        ("--file", () if file == options.DEFAULT_FILE else (file,)),
    ]
    given.append(("--by", options.placeholders(approvals)))
    for option, values in given:
        for value in values:
            words += [option, value]
    if dashed:
        words += ["--", pattern.command]
    return " ".join(map(quote, words))


# What is told ------------------------------------------------------------------------------


def _numbered(offers: tuple[Offer, ...]) -> Iterator[tuple[int, Suggestion]]:
    return enumerate((one for offer in offers for one in offer.suggestions), start=1)


def _put_json(command: str, offers: tuple[Offer, ...], file: str) -> None:
    from policy.cli.whitelist import json_form

    numbers = {id(one): number for number, one in _numbered(offers)}

    def told(offer: Offer, one: Suggestion) -> dict[str, Any]:
        return {
            "number": numbers[id(one)],
            "pattern": json_form.pattern_object(one.pattern),
            "scope": json_form.scope_object(one.scope),
            "tier": str(one.tier),
            "ttl": None if one.ttl is None else int(one.ttl.total_seconds()),
            "admits": list(one.admits),
            "near_miss": one.near_miss,
            "add": add_line(one, offer.judged.approvals, file),
        }

    json_form.put_object(
        {
            "command": command,
            "offers": [
                {
                    "command": offer.judged.source,
                    "tier": str(offer.judged.tier),
                    "why_not": offer.why_not,
                    "suggestions": [told(offer, one) for one in offer.suggestions],
                }
                for offer in offers
            ],
        }
    )


def _lines(command: str, offers: tuple[Offer, ...], file: str) -> Iterator[str]:
    from policy.cli.whitelist import words
    from policy.cli.wording import cited
    from policy.visible import visible

    if not offers:
        yield f"{words.good('not needed')}  {visible(command)}"
        yield "  all that it runs is low, which is allowed without an entry"
        return
    number = 0
    for index, offer in enumerate(offers):
        yield from ([""] if index else [])
        judged = offer.judged
        source = click.style(visible(judged.source or command), bold=True)
        yield f"{source}  {judged.tier}, score {judged.score}"
        for reason in judged.reasons[:3]:
            yield f"  {cited(reason)}"
        if offer.why_not is not None:
            yield f"  {words.bad('nothing to offer')}: {visible(offer.why_not)}"
        for one in offer.suggestions:
            number += 1
            yield ""
            yield from _suggestion(number, one, judged.approvals, file)


def _suggestion(number: int, one: Suggestion, approvals: int, file: str) -> Iterator[str]:
    from policy.cli.whitelist import words
    from policy.times import duration
    from policy.visible import visible

    lead = f"{number:>3}  "
    blank = " " * len(lead)
    yield f"{lead}{click.style(words.pattern_text(one.pattern), bold=True)}"
    lives = "no end" if one.ttl is None else f"for {duration(one.ttl)}"
    yield f"{blank}{one.tier} at most, {lives}; {words.scope_text(one.scope)}"
    for index, text in enumerate(one.admits):
        yield f"{blank}{'' if index else 'admits':<8} {visible(text)}"
    if one.near_miss is not None:
        yield f"{blank}{'but not':<8} {visible(one.near_miss)}"
    yield f"{blank}{click.style(add_line(one, approvals, file), fg='cyan')}"

"""Entries and refusals as text for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from policy.cli.terminal import colours
from policy.cli.wording import cited
from policy.diagnostics import Finding, Severity, render
from policy.source import Source
from policy.times import instant, roughly
from policy.visible import visible
from policy.whitelist.codes import Code, finding

if TYPE_CHECKING:
    from policy.approve.request import Refusal
    from policy.decision import Context
    from policy.whitelist.entry import Entry, Scope
    from policy.whitelist.pattern import Pattern
    from policy.whitelist.reader import PatternError
    from policy.witness import Witness

_INDENT = "  "


def put_lines(lines: Iterable[str]) -> None:
    """Write lines, without colours where these aren't wanted."""
    text = "".join(f"{line}\n" for line in lines)
    sys.stdout.write(text if colours(sys.stdout) else click.unstyle(text))


def good(word: str) -> str:
    return click.style(word, fg="green", bold=True)


def bad(word: str) -> str:
    return click.style(word, fg="red", bold=True)


def heed(word: str) -> str:
    return click.style(word, fg="yellow", bold=True)


# Patterns ----------------------------------------------------------------------------------


def pattern_text(pattern: Pattern) -> str:
    """The command, and through what it is reached: `docker restart web  (via sudo, ssh db)`."""
    text = visible(pattern.command)
    if pattern.via:
        text += f"  (via {', '.join(map(visible, pattern.via))})"
    return text


def pattern_mistake(text: str, error: PatternError, name: str = "COMMAND") -> click.ClickException:
    """What is wrong with a pattern that was given, with the place."""
    start, end = error.span
    at = Source(name, text).region(start, min(end, len(text))) if end > start else None
    found = finding(Code.NO_PATTERN, error.message, at, hint=error.help)
    return click.ClickException(f"this is no pattern\n\n{render(found)}")


# Entries -----------------------------------------------------------------------------------


def entry_lines(entry: Entry, now: datetime) -> Iterator[str]:
    """What an entry permits, indented; two columns."""
    yield f"{_INDENT}{click.style(visible(entry.pattern.command), bold=True)}"
    for name, value in entry_rows(entry, now):
        yield f"{_INDENT}{name:<9} {value}"


def entry_rows(entry: Entry, now: datetime) -> Iterator[tuple[str, str]]:
    pattern = entry.pattern
    if pattern.language != "shell":
        yield "language", visible(pattern.language)
    if pattern.via:
        yield "via", ", then ".join(map(visible, pattern.via))
    yield "scope", scope_text(entry.scope)
    score = "" if entry.score is None else f", score {entry.score}"
    rule = "" if entry.rule is None else f" ({visible(entry.rule)})"
    yield "tier", f"{entry.tier}{score}{rule}"
    yield "until", end_text(entry, now)
    yield "approved", f"by {people(entry)} at {instant(entry.approved.at)}"
    if entry.approved.reason:
        yield "reason", visible(entry.approved.reason)
    if entry.note:
        yield "note", visible(entry.note)


def people(entry: Entry) -> str:
    return ", ".join(map(visible, entry.approved.by))


def end_text(entry: Entry, now: datetime) -> str:
    if entry.expires is None:
        return "permanent"
    return f"{instant(entry.expires)} ({left(entry, now)})"


def left(entry: Entry, now: datetime) -> str:
    """`6 days left`, `expired 2 days ago`, `permanent`."""
    if entry.expires is None:
        return "permanent"
    if entry.expired(now):
        return f"expired {roughly(now - entry.expires)} ago"
    return f"{roughly(entry.expires - now)} left"


def scope_text(scope: Scope) -> str:
    """`agent deploy-bot; environment prod or staging`; `anyone, anywhere`."""
    facts = (
        ("agent", scope.agents),
        ("target", scope.targets),
        ("environment", scope.environments),
        ("cwd", scope.cwd),
    )
    told = [f"{name} {' or '.join(map(visible, globs))}" for name, globs in facts if globs]
    return "; ".join(told) or "anyone, anywhere"


# Refusals ----------------------------------------------------------------------------------


def refusal_lines(refusal: Refusal) -> Iterator[str]:
    """Why, the command that shows it, and what to write instead."""
    yield f"{bad('refused')}  {pattern_text(refusal.pattern)}"
    yield f"{_INDENT}{visible(refusal.message)}"
    finding_ = refusal.finding
    if finding_ is not None and finding_.witness is not None:
        yield ""
        yield from witness_lines(finding_.witness)
    elif finding_ is not None and finding_.suspects:
        yield f"{_INDENT}these rules may hold: {', '.join(finding_.suspects)}"
    if refusal.proposal is not None:
        yield ""
        command = click.style(visible(refusal.proposal.command), bold=True)
        yield f"{_INDENT}help: write  {command}"
        yield f"{_INDENT}      no command of it is high"
    elif refusal.help:
        yield ""
        yield f"{_INDENT}help: {visible(refusal.help)}"


def witness_lines(witness: Witness) -> Iterator[str]:
    """A command, what it is judged, and by which rules."""
    text = witness.text if witness.text is not None else witness.pattern.command
    yield f"{_INDENT * 2}{click.style(visible(text), bold=True)}"
    judged = witness.judged
    where = context_text(witness.context)
    yield f"{_INDENT * 2}{bad(str(judged.tier))}, score {judged.score}{where and f', as {where}'}"
    for reason in judged.reasons:
        yield f"{_INDENT * 2}{cited(reason)}"


def context_text(context: Context) -> str:
    facts = ("agent", "target", "environment", "cwd")
    told = ((name, getattr(context, name)) for name in facts)
    return "; ".join(f"{name} {visible(value)}" for name, value in told if value is not None)


# Findings ----------------------------------------------------------------------------------


def finding_text(found: Finding) -> str:
    head, _, rest = render(found).partition("\n")
    word, colon, message = head.partition(": ")
    styled = bad(word) if found.severity is Severity.ERROR else heed(word)
    return f"{styled}{colon}{message}" + (f"\n{rest}" if rest else "")

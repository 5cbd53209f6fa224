"""`policy-diff` as Markdown, for a comment on a pull request.

Text from entries is untrusted: it stands in code that it can't leave, and no part of it is
read as Markdown or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policy.cli.diff_formats import report as words
from policy.cli.diff_formats.report import Report, RulesReport
from policy.diff.commands import Replayed
from policy.diff.model import Effect, Outcome, Proof, Row, Witness
from policy.diff.rules import Declared
from policy.visible import shorten, visible
from policy.whitelist.containment import Relation

_ROWS = 100  # of the table; a comment has a greatest size
_MOVED = 30
_IN_TABLE = 120  # characters of a pattern
_LONGEST = 600


def whitelists(report: Report) -> str:
    """The comparison of two whitelists."""
    diff = report.diff
    lines = [f"### Whitelist: {_mark(report.outcome)}{words.outcome(report.outcome)}", ""]
    lines += [f"{words.head(report)} ({_code(report.old)} → {_code(report.new)})", ""]
    lines += _notes(report.notes)
    if diff.rows:
        gained, lost = diff.gained, diff.lost
        lines += _telling("Newly allowed", gained, (row.gain for row in diff.rows))
        lines += _telling("No longer allowed", lost, (row.loss for row in diff.rows))
        lines += ["", "| change | entry | pattern | now allows |", "|---|---|---|---|"]
        lines += [_table_row(row) for row in diff.rows[:_ROWS]]
        if len(diff.rows) > _ROWS:
            lines += ["", f"and {len(diff.rows) - _ROWS:,} more"]
        lines += ["", "<details><summary>Details</summary>", ""]
        for row in diff.rows[:_ROWS]:
            lines += _details(row)
        lines += ["</details>"]
    if report.log is not None:
        lines += ["", *_replays(report.log, "command of the log", "commands of the log")]
    return "\n".join(lines).rstrip() + "\n"


def rules(report: RulesReport) -> str:
    """The comparison of two versions of rules."""
    diff = report.diff
    lines = [f"### Rules: {_mark(diff.outcome)}{words.outcome(diff.outcome)}", ""]
    number = words.counted(len(diff.declared), "declaration") if diff.declared else "nothing"
    lines += [f"{number} changed ({_code(report.old)} → {_code(report.new)})", ""]
    lines += _notes(report.notes)
    if diff.open:
        lines += [f"{words.open_ones(diff)}.", ""]
    if diff.declared:
        lines += ["| change | declaration | what |", "|---|---|---|"]
        lines += [_declared_row(one) for one in diff.declared[:_ROWS]]
        if len(diff.declared) > _ROWS:
            lines += ["", f"and {len(diff.declared) - _ROWS:,} more"]
        lines.append("")
    lines += _replays(diff.examples, "example", "examples")
    if diff.log is not None:
        lines += ["", *_replays(diff.log, "command of the log", "commands of the log")]
    return "\n".join(lines).rstrip() + "\n"


def _mark(outcome: Outcome) -> str:
    return {Outcome.NOTHING_MORE: "✅ ", Outcome.MORE: "⚠️ ", Outcome.UNDECIDED: "❔ "}[outcome]


def _notes(notes: Iterable[str]) -> Iterator[str]:
    for note in notes:
        yield f"> {_plain(note)}"
        yield ""


# Whitelists --------------------------------------------------------------------------------


def _telling(heading: str, witness: Witness | None, effects: Iterable[Effect]) -> Iterator[str]:
    if witness is not None:
        yield f"- {heading}, for one: {_witness(witness)}"
    elif any(effect.proof is Proof.UNKNOWN for effect in effects):
        yield f"- {heading}: not decided"
    else:
        yield f"- {heading}: nothing"


def _table_row(row: Row) -> str:
    strong = row.relation not in (Relation.EQUIVALENT, Relation.NARROWER)
    relation = f"**{words.relation(row)}**" if strong else words.relation(row)
    command = _code(words.pattern(row.entry), _IN_TABLE, in_table=True)
    return f"| {row.kind.value} | `{row.id}` | {command} | {relation} |"


def _details(row: Row) -> Iterator[str]:
    yield f"**{row.kind.value}** `{row.id}`: {words.relation(row)}"
    yield ""
    yield f"- {_code(words.pattern(row.entry))}"
    changed = words.changes(row)
    for name, before, after in changed:
        yield f"- {name}: {_or_none(before)} → {_or_none(after)}"
    if not changed:
        yield f"- {_code(words.terms(row.entry))}; {_code(words.scope(row.entry.scope))}"
        for name, text in words.remarks(row.entry):
            yield f"- {name}: {_plain(text)}"
    if row.linked:
        yield f"- {words.linked(row)}"
    for heading, effect in ((words.gained(row.gain), row.gain), (words.lost(row.loss), row.loss)):
        if effect.witness is not None:
            told = words.decided(effect.witness)
            yield f"- {heading}: {_witness(effect.witness)}: {told}"
    for note in row.notes:
        yield f"- {_plain(note)}"
    yield ""


def _witness(witness: Witness) -> str:
    place = words.where(witness)
    return _code(words.command(witness)) + (f" with {_code(place)}" if place else "")


# Rules and logs ----------------------------------------------------------------------------


def _declared_row(one: Declared) -> str:
    details = [_code(words.detail(one, detail), in_table=True) for detail in one.details]
    details += [_code(visible(line), in_table=True) for line in one.lines]
    name = _code(words.declared(one), in_table=True)
    return f"| {one.standing.value} | {name} | {'<br>'.join(details)} |"


def _replays(found: Replayed, one: str, several: str) -> Iterator[str]:
    yield words.replays(found, one, several)
    yield ""
    for moved in found.moved[:_MOVED]:
        told = "; ".join(text for text in (words.verdicts(moved), words.asked(moved)) if text)
        strength = "**looser**" if moved.looser else "stricter"
        yield f"- {strength}: {_code(visible(moved.asked.text))} ({_plain(told)})"
    if len(found.moved) > _MOVED:
        yield f"- and {len(found.moved) - _MOVED:,} more"


# Escapes -----------------------------------------------------------------------------------

_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+!|~@:.])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _plain(text: str) -> str:
    """Text of which nothing is markup, a link or a mention."""
    shown = shorten(visible(text), _LONGEST)
    escaped = _ACTIVE.sub(r"\\\1", shown)
    return "".join(_HTML.get(character, character) for character in escaped)


def _or_none(text: str, *, in_table: bool = False) -> str:
    return _code(text, in_table=in_table) if text else "none"


def _code(text: str, limit: int = _LONGEST, *, in_table: bool = False) -> str:
    """Text in code, between more backticks than it has in a row."""
    shown = shorten(visible(text), limit)
    if in_table:  # a row is cut at bars before code is looked for
        shown = shown.replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    blank = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{blank}{shown}{blank}{fence}"

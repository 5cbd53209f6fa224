"""`policy-diff` for people: one block for each change, the most important first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO, assert_never

from rich.padding import Padding
from rich.text import Text

from policy.cli.console import console_of
from policy.cli.diff_formats import report as words
from policy.cli.diff_formats.report import Report, RulesReport
from policy.diff.commands import Moved, Replayed
from policy.diff.model import Effect, Outcome, Proof, Row, Witness
from policy.diff.rules import Declared, Standing
from policy.visible import shorten, visible
from policy.whitelist.containment import Relation

_LONGEST = 2_000  # characters of one text
_MOVED = 50  # commands that are listed


def write_whitelists(report: Report, stream: TextIO, coloured: bool) -> None:
    """Write the comparison of two whitelists."""
    page = _Page(stream, coloured)
    page.line(Text(words.head(report), style="bold"))
    page.line(Text(f"{visible(report.old)} → {visible(report.new)}", style="dim"))
    for note in report.notes:
        page.line(Text(f"note: {visible(note)}"))
    for row in report.diff.rows:
        _row(page, row)
    if report.log is not None:
        page.gap()
        _replays(page, report.log, "command of the log", "commands of the log")
    page.gap()
    _outcome(page, report.outcome)
    if report.diff.rows:
        _whole(page, "newly allowed", report.diff.gained, _open_gain(report))
        _whole(page, "no longer allowed", report.diff.lost, _open_loss(report))


def write_rules(report: RulesReport, stream: TextIO, coloured: bool) -> None:
    """Write the comparison of two versions of rules."""
    page = _Page(stream, coloured)
    diff = report.diff
    number = words.counted(len(diff.declared), "declaration") if diff.declared else "nothing"
    page.line(Text(f"{number} changed", style="bold"))
    page.line(Text(f"{visible(report.old)} → {visible(report.new)}", style="dim"))
    for note in report.notes:
        page.line(Text(f"note: {visible(note)}"))
    for one in diff.declared:
        _declared(page, one)
    page.gap()
    _replays(page, diff.examples, "example", "examples")
    if diff.log is not None:
        page.gap()
        _replays(page, diff.log, "command of the log", "commands of the log")
    page.gap()
    _outcome(page, diff.outcome)
    if diff.open:
        page.line(Text(words.open_ones(diff)), 1)


class _Page:
    """Lines that are indented as a whole where they have to be wrapped."""

    def __init__(self, stream: TextIO, coloured: bool) -> None:
        self._console = console_of(stream, coloured)

    def line(self, text: Text, level: int = 0) -> None:
        text.overflow = "fold"
        self._console.print(Padding(text, (0, 0, 0, 4 * level), expand=False))

    def gap(self) -> None:
        self._console.print()


# Whitelists --------------------------------------------------------------------------------


def _row(page: _Page, row: Row) -> None:
    page.gap()
    head = Text()
    head.append(f"{row.kind.value:<10}", style="bold")
    head.append(f" {row.id}  ")
    head.append(words.relation(row), style=f"bold {_colour(row)}")
    page.line(head)
    page.line(_command(words.pattern(row.entry)), 1)
    changed = words.changes(row)
    if changed:
        for name, before, after in changed:
            page.line(Text(f"{name}: {before or 'none'} → {after or 'none'}"), 1)
    else:
        page.line(Text(f"{words.terms(row.entry)}; {words.scope(row.entry.scope)}"), 1)
        for name, text in words.remarks(row.entry):
            page.line(Text(f"{name}: {shorten(text, _LONGEST)}"), 1)
    if row.linked:
        page.line(Text(words.linked(row), style="dim"), 1)
    _effect(page, words.gained(row.gain), row.gain)
    _effect(page, words.lost(row.loss), row.loss)
    for note in row.notes:
        page.line(Text(visible(note), style="italic"), 1)


def _effect(page: _Page, heading: str, effect: Effect) -> None:
    if effect.witness is None:
        return
    _witness(page, heading, effect.witness, 1)


def _witness(page: _Page, heading: str, witness: Witness, level: int) -> None:
    line = Text(f"{heading}: ")
    line.append(shorten(words.command(witness), _LONGEST), style="bold")
    page.line(line, level)
    page.line(Text(words.circumstances(witness), style="dim"), level + 1)


def _command(text: str) -> Text:
    return Text(shorten(text, _LONGEST), style="cyan")


def _colour(row: Row) -> str:
    match row.relation:
        case Relation.WIDER | Relation.INCOMPARABLE:
            return "yellow" if row.gain.later else "red"
        case Relation.UNKNOWN:
            return "magenta"
        case Relation.NARROWER:
            return "green"
        case Relation.EQUIVALENT:
            return "default"
        case _:
            assert_never(row.relation)


def _whole(page: _Page, heading: str, witness: Witness | None, undecided: bool) -> None:
    if witness is not None:
        line = Text(f"{heading}, for one: ")
        line.append(shorten(words.command(witness), _LONGEST), style="bold")
        place = words.where(witness)
        line.append(f" ({place})" if place else "")
        page.line(line, 1)
        return
    page.line(Text(f"{heading}: {'not decided' if undecided else 'nothing'}"), 1)


def _open_gain(report: Report) -> bool:
    return any(row.gain.proof is Proof.UNKNOWN for row in report.diff.rows)


def _open_loss(report: Report) -> bool:
    return any(row.loss.proof is Proof.UNKNOWN for row in report.diff.rows)


def _outcome(page: _Page, outcome: Outcome) -> None:
    style = {Outcome.NOTHING_MORE: "green", Outcome.MORE: "red", Outcome.UNDECIDED: "magenta"}
    page.line(Text(words.outcome(outcome), style=f"bold {style[outcome]}"))


# Rules and logs ----------------------------------------------------------------------------


def _declared(page: _Page, one: Declared) -> None:
    colour = {Standing.ADDED: "green", Standing.REMOVED: "red", Standing.CHANGED: "yellow"}
    page.gap()
    head = Text(f"{one.standing.value:<8}", style=f"bold {colour[one.standing]}")
    head.append(f" {words.declared(one)}", style="default")
    page.line(head)
    for detail in one.details:
        page.line(Text(words.detail(one, detail)), 1)
    for line in one.lines:
        page.line(Text(visible(line), style="green" if line.startswith("+") else "red"), 1)


def _replays(page: _Page, found: Replayed, one: str, several: str) -> None:
    page.line(Text(words.replays(found, one, several)))
    for moved in found.moved[:_MOVED]:
        _moved(page, moved)
    if len(found.moved) > _MOVED:
        page.line(Text(f"and {len(found.moved) - _MOVED:,} more", style="dim"), 1)


def _moved(page: _Page, moved: Moved) -> None:
    line = Text(
        "looser  " if moved.looser else "stricter", style="red" if moved.looser else "green"
    )
    line.append("  ")
    line.append(shorten(visible(moved.asked.text), _LONGEST), style="bold default")
    page.line(line, 1)
    said: Iterable[str] = (words.verdicts(moved), words.asked(moved))
    page.line(Text("; ".join(one for one in said if one), style="dim"), 3)

"""`policy-diff` as annotations of GitHub's workflow commands.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions: data escapes
`%`, CR and LF; properties `:` and `,` as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy.cli.diff_formats import report as words
from policy.cli.diff_formats.report import Report, RulesReport
from policy.diff.model import Effect, Outcome, Proof, Row
from policy.diff.rules import Declared, Standing
from policy.visible import shorten, visible

_LONGEST = 1_000


def whitelists(report: Report) -> str:
    """A line for each row; what allows more, or isn't decided, is a warning."""
    return "".join(f"{line}\n" for line in _whitelists(report))


def rules(report: RulesReport) -> str:
    """A line for each declaration and for each command that is decided otherwise."""
    return "".join(f"{line}\n" for line in _rules(report))


def _whitelists(report: Report) -> Iterator[str]:
    for row in report.diff.rows:
        more = row.gain.proof in (Proof.SHOWN, Proof.UNKNOWN)
        place = report.place(row)
        where = {} if place is None else {"file": place.source.shown, "line": str(place.line)}
        title = f"{row.kind.value}: {words.relation(row)}"
        yield _annotation("warning" if more else "notice", where, title, "\n".join(_told(row)))
    if report.log is not None:
        for moved in report.log.moved:
            text = f"{visible(moved.asked.text)}\n{words.verdicts(moved)}"
            yield _annotation("warning" if moved.looser else "notice", {}, "in the log", text)
    yield _outcome("policy-diff", report.outcome)


def _told(row: Row) -> Iterator[str]:
    yield f"{row.id}: {words.pattern(row.entry)}"
    changed = words.changes(row)
    for name, before, after in changed:
        yield f"{name}: {before or 'none'} → {after or 'none'}"
    if not changed:
        yield f"{words.terms(row.entry)}; {words.scope(row.entry.scope)}"
        for name, text in words.remarks(row.entry):
            yield f"{name}: {text}"
    yield from _effect(words.gained(row.gain), row.gain)
    yield from _effect(words.lost(row.loss), row.loss)
    if row.linked:
        yield words.linked(row)
    yield from row.notes


def _effect(heading: str, effect: Effect) -> Iterator[str]:
    if effect.witness is not None:
        told = words.circumstances(effect.witness)
        yield f"{heading}: {words.command(effect.witness)} ({told})"


def _rules(report: RulesReport) -> Iterator[str]:
    diff = report.diff
    for one in diff.declared:
        title = f"{one.standing.value}: {one.sort} {one.name}"
        level = "warning" if one in diff.open else "notice"
        yield _annotation(level, _where(one, report), title, "\n".join(_said(one)))
    for found in (diff.examples, diff.log):
        for moved in () if found is None else found.moved:
            text = f"{visible(moved.asked.text)}\n{words.verdicts(moved)}"
            title = "looser" if moved.looser else "stricter"
            yield _annotation("warning" if moved.looser else "notice", {}, title, text)
    yield _outcome("policy-diff --rules", diff.outcome)


def _where(one: Declared, report: RulesReport) -> dict[str, str]:
    """The place in the new version, if that is where the declaration stands."""
    if one.place is None or one.standing is Standing.REMOVED:
        return {}
    file = report.files.get(one.place.file)
    return {} if file is None else {"file": file, "line": str(one.place.line)}


def _said(one: Declared) -> Iterator[str]:
    if one.place is not None:
        yield f"{one.place.file}:{one.place.line}"
    for detail in one.details:
        yield words.detail(one, detail)
    yield from one.lines


def _outcome(title: str, outcome: Outcome) -> str:
    level = "notice" if outcome is Outcome.NOTHING_MORE else "warning"
    return _annotation(level, {}, title, words.outcome(outcome))


def _annotation(level: str, where: dict[str, str], title: str, text: str) -> str:
    properties = {**where, "title": title}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    lines = (shorten(visible(line), _LONGEST) for line in text.split("\n"))
    return f"::{level} {said}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")

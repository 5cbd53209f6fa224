"""Findings: what is wrong with a text that a person wrote, where, and what to write instead.

The prose of a finding is lower case without a full stop; what the user wrote stands in
backticks. `render` draws one for a terminal; other formats are made from the same fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from policy.frozen import frozen
from policy.source import Region
from policy.visible import ELLIPSIS, shorten, visible, width

_LONGEST = 1_000  # characters of a line, or of a message that quotes, that are shown


class Severity(Enum):
    """How bad a finding is. An error keeps the text from being used; a warning doesn't."""

    ERROR = "error"
    WARNING = "warning"

    def __str__(self) -> str:
        return self.value


@frozen
class Note:
    """A second place that a finding is about, such as the first declaration of a name."""

    message: str
    at: Region


@frozen
class Finding:
    """One thing that is wrong.

    `code` is stable and never reused. `label` stands beside the carets (what was expected
    there), `help` below (what to do instead); `at` is None for what is wrong as a whole.
    """

    code: str
    severity: Severity
    message: str
    at: Region | None = None
    label: str = ""
    help: str = ""
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        return render(self)


class _Unusable(Exception):
    """A text that can't be used. `str()` shows every finding."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return render_all(self.findings)


class RuleError(_Unusable):
    """Rule files that can't be used. `str()` shows every finding."""


class WhitelistError(_Unusable):
    """A whitelist that can't be used, or not be written. `str()` shows every finding."""


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are errors."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by file, position and code, without repetitions."""

    def key(finding: Finding) -> tuple[str, int, int, str, str]:
        at = finding.at
        where = (at.source.name, at.start, at.end) if at else ("", -1, -1)
        return (*where, finding.code, finding.message)

    return tuple(dict.fromkeys(sorted(findings, key=key)))


def render(finding: Finding) -> str:
    """The finding with its line and carets, as compilers draw it, without a final newline."""
    head = f"{finding.severity}[{finding.code}]: {shorten(visible(finding.message), _LONGEST)}"
    tail = [
        f"note: {shorten(visible(note.message), _LONGEST)} at {visible(str(note.at))}"
        for note in finding.notes
    ]
    if finding.help:
        tail.append(f"help: {shorten(visible(finding.help), _LONGEST)}")
    if finding.at is None:
        return "\n".join([head, *(f"  = {line}" for line in tail)])

    at = finding.at
    line, column = at.position
    text = at.source.line(line)
    margin = " " * len(str(line))
    text, column = _excerpt(text, column)
    before, covered = text[: column - 1], text[column - 1 : column - 1 + at.end - at.start]
    carets = "^" * max(width(_shown(covered)), 1)
    marked = f"{' ' * width(_shown(before))}{carets} {visible(finding.label)}".rstrip()
    return "\n".join(
        [
            head,
            f"{margin}--> {visible(str(at))}",
            f"{margin} |",
            f"{line} | {_shown(text)}".rstrip(),
            f"{margin} | {marked}",
            *(f"{margin} = {extra}" for extra in tail),
        ]
    )


def render_all(findings: Iterable[Finding]) -> str:
    """Every finding, a blank line between two."""
    return "\n\n".join(render(finding) for finding in findings)


def one_of(words: Iterable[str]) -> str:
    """`a`, `b` or `c`: a list for prose."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def closest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was probably meant to be, or None."""
    from difflib import get_close_matches  # slow to import, and only errors need it

    found = get_close_matches(word.lower(), sorted(words), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """A help text that proposes the closest of `words`, or ""."""
    found = closest(word, words)
    return f"did you mean `{found}`?" if found else ""


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """A line, of a very long one the part around `column`; and where `column` is in that."""
    if len(line) <= _LONGEST:
        return line, column
    start = min(max(0, column - 1 - _LONGEST // 2), len(line) - _LONGEST)
    before = ELLIPSIS if start else ""
    after = ELLIPSIS if start + _LONGEST < len(line) else ""
    return f"{before}{line[start : start + _LONGEST]}{after}", column - start + len(before)


def _shown(line: str) -> str:
    """A line of source as it is printed: tabs are blanks, what can't be seen is escaped."""
    return visible(line.replace("\t", " "))

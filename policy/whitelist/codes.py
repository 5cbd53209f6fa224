"""The codes of findings in whitelists. Stable: a code is never reused for something else.

WL1xx the text can't be read; WL2xx keys and types; WL3xx what the values say; WL4xx entries
beside each other; WL5xx warnings; WL6xx what today's rules make of entries.
"""

from __future__ import annotations

from enum import Enum

from policy.diagnostics import Finding, Note, Severity
from policy.source import Region


class Code(Enum):
    """A code and what it means, in one line."""

    SIZE = ("WL101", "the file is larger than any whitelist")
    ENCODING = ("WL102", "a character that isn't text, or that nobody can see")
    SYNTAX = ("WL103", "the text is no YAML")
    NESTING = ("WL104", "parts are nested deeper than in any whitelist")
    TAG = ("WL105", "an explicit type, which a whitelist never needs")
    ANCHOR = ("WL106", "an anchor, an alias or a merge: an entry says what it permits itself")
    DOCUMENTS = ("WL107", "a second document, or a directive")
    MARKERS = ("WL108", "the marks of a merge that was left with conflicts")
    MORE = ("WL109", "there are more mistakes than are shown")

    KEY = ("WL201", "no such key exists")
    DUPLICATE_KEY = ("WL202", "a key stands twice")
    MISSING = ("WL203", "a key that every entry, or every whitelist, has is missing")
    TYPE = ("WL204", "a value of another type is expected")
    VERSION = ("WL205", "a version of the format that isn't known")

    TEXT = ("WL301", "a text that is empty, or that can't be meant")
    HOLE = ("WL302", "something begins a hole and is none")
    LANGUAGE = ("WL303", "not a language that is known")
    TIER = ("WL304", "a tier is low or medium")
    HIGH = ("WL305", "high is never stored")
    SCORE = ("WL306", "a score lies outside the band of its tier")
    INSTANT = ("WL307", "not an instant, or not in the one form that instants have")
    NO_END = ("WL308", "an entry doesn't say how long it is in force")
    PERMANENT = ("WL309", "permanent contradicts something else that the entry says")
    REPEATED = ("WL310", "a person or a glob stands twice in a list")
    DIRECTORY = ("WL311", "a glob that no directory matches")

    DUPLICATE_ENTRY = ("WL401", "two entries permit the same")
    CONFLICT = ("WL402", "one side removed the entry that the other side changed")

    STORED_ID = ("WL501", "the id in the file isn't the one of what the entry permits")
    COMMENT = ("WL502", "a comment, which is lost when the file is written")
    BOTH_CHANGED = ("WL503", "both sides changed an entry; what both allow was kept")

    EXPIRED = ("WL504", "the entry is over, and permits nothing")
    RULE_CHANGED = ("WL505", "the rule that judged the entry says something else today")

    NO_PATTERN = ("WL601", "the command is no pattern under today's rules")
    HARMFUL = ("WL602", "the pattern admits a command that is high under today's rules")
    UNDECIDED = ("WL603", "whether the pattern admits a command that is high isn't known")
    VOID = ("WL604", "today's rules ask for more than was approved")
    TOO_LONG = ("WL605", "the entry lives longer than today's rules allow")
    FUTURE = ("WL606", "the approval lies in the future")

    def __init__(self, code: str, meaning: str) -> None:
        self.code = code
        self.meaning = meaning

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("WL5") else Severity.ERROR


def finding(
    code: Code,
    message: str,
    at: Region | None,
    *,
    label: str = "",
    hint: str = "",
    notes: tuple[Note, ...] = (),
) -> Finding:
    """A finding with the severity of its code."""
    return Finding(code.code, code.severity, message, at, label, hint, notes)

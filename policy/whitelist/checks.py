"""What an entry may say, whoever says it: a file that is read, or a program that writes one.

Values are looked at by the names of their keys (`tier`, `by`, …), each once converted from
text; None stands for one that is there and couldn't be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from policy.decision import Tier
from policy.frozen import frozen
from policy.misread import misread
from policy.whitelist.codes import Code
from policy.whitelist.entry import Entry

INSTANT_EXAMPLE = "2026-01-31T12:00:00Z"
VERSION = 1  # of the format of files
_SURROGATE = re.compile("[\ud800-\udfff]")


@frozen
class Fault:
    """What is wrong with the value of a key: with one member of a list, or a part of a text."""

    key: str
    code: Code
    message: str
    label: str = ""
    hint: str = ""
    index: int | None = None
    span: tuple[int, int] | None = None


def faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with the values of one entry."""
    for key, value in values.items():
        if value is not None and key in _CHECKS:
            yield from _CHECKS[key](key, value)
    command, language = values.get("command"), values.get("language", "shell")
    if command and language and not any(_language("language", language)):
        yield from _holes("command", command, language)
    yield from _end(values)
    yield from _score(values)


def entry_faults(entry: Entry) -> Iterator[Fault]:
    """Everything that keeps an entry from being written."""
    values: dict[str, Any] = {
        "language": entry.pattern.language,
        "command": entry.pattern.command,
        "via": entry.pattern.via,
        "agents": entry.scope.agents,
        "targets": entry.scope.targets,
        "environments": entry.scope.environments,
        "cwd": entry.scope.cwd,
        "tier": entry.tier,
        "by": entry.approved.by,
        "at": entry.approved.at,
        "reason": entry.approved.reason,
        "note": entry.note,
    }
    if entry.score is not None:
        values["score"] = entry.score
    if entry.rule is not None:
        values["rule"] = entry.rule
    if entry.expires is None:
        values["permanent"] = True
    else:
        values["expires"] = entry.expires
    return faults(values)


# One value -------------------------------------------------------------------------------


def _command(key: str, text: str) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(key, Code.TEXT, "the command is empty", "expected a command")
    if "\0" in text:
        yield Fault(key, Code.TEXT, "a command has no NUL character")
    yield from _storable(key, text)


def _holes(key: str, text: str, language: str, index: int | None = None) -> Iterator[Fault]:
    if "{" not in text:
        return
    from policy.holes import HoleError
    from policy.whitelist.notation import check_text

    try:
        check_text(text, language)
    except HoleError as error:
        span = (error.start, error.end)
        yield Fault(key, Code.HOLE, error.message, "", error.help, index, span)


def _via(key: str, steps: tuple[str, ...]) -> Iterator[Fault]:
    for index, step in enumerate(steps):
        if not step.strip() or "\0" in step:
            message, label = "not a step to a command", "expected words such as `sudo -u deploy`"
            yield Fault(key, Code.TEXT, message, label, index=index)
        yield from _storable(key, step, index)
        yield from _holes(key, step, "shell", index)


def _language(key: str, language: str) -> Iterator[Fault]:
    if language == "shell":
        return
    from policy.parse.sql.dialects import dialect, dialect_names

    family, _, name = language.partition(":")
    if family != "sql" or dialect(name) is None:
        from policy.diagnostics import did_you_mean

        hint = did_you_mean(language, ["shell", *(f"sql:{one}" for one in dialect_names())])
        label = "expected `shell` or `sql:DIALECT`"
        yield Fault(key, Code.LANGUAGE, f"unknown language `{language}`", label, hint)


def _tier(key: str, tier: Tier) -> Iterator[Fault]:
    if tier is Tier.HIGH:
        hint = "what is high needs a person each time; remove the entry"
        yield Fault(key, Code.HIGH, "high is never stored", "expected `low` or `medium`", hint)


def _globs(key: str, globs: tuple[str, ...]) -> Iterator[Fault]:
    yield from _names(key, globs, "a glob")
    seen: set[str] = set()
    for index, glob in enumerate(globs):
        if glob in seen:
            yield Fault(key, Code.REPEATED, f"`{glob}` stands twice", index=index)
        if "," in glob or ";" in glob:
            # Two globs are meant, as a rule.
            message = f"`{glob}` has a `,` or `;`"
            hint = "write each glob on its own, as in [a, b]; `?` matches any character"
            yield Fault(key, Code.TEXT, message, "", hint, index)
        seen.add(glob)


def _directories(key: str, globs: tuple[str, ...]) -> Iterator[Fault]:
    from policy.holes import extended

    yield from _globs(key, globs)
    for index, glob in enumerate(globs):
        if not glob:
            continue
        hint = ""
        if extended(glob):
            message = f"`{glob}` is an extended glob"
            hint = "wildcards are `*`, `**`, `?` and `[…]`"
        elif not glob.startswith(("/", "*")):
            message = f"`{glob}` begins nowhere, and directories are absolute"
            hint = f"write `/{glob}`, or `**/{glob}` for one at any place"
            if glob.startswith("~"):
                hint = "write the home itself, such as `/home/deploy/**`"
        elif glob != "/" and not {"", ".", ".."}.isdisjoint(glob.removeprefix("/").split("/")):
            message = f"no directory is written like `{glob}`"
            hint = "leave out `.`, `..`, doubled slashes and one at the end"
        else:
            continue
        yield Fault(key, Code.DIRECTORY, message, hint=hint, index=index)


def _people(key: str, people: tuple[str, ...]) -> Iterator[Fault]:
    if not people:
        yield Fault(key, Code.TEXT, "nobody approved", "expected at least one name")
    yield from _names(key, people, "a name")
    seen: set[str] = set()
    for index, name in enumerate(people):
        # Whoever is spelled in two ways is one person: two approvals need two people.
        spelling = unicodedata.normalize("NFKC", name).casefold()
        if spelling in seen:
            message, hint = f"`{name}` stands twice", "each person counts once"
            yield Fault(key, Code.REPEATED, message, hint=hint, index=index)
        seen.add(spelling)


def _names(key: str, names: tuple[str, ...], what: str) -> Iterator[Fault]:
    for index, name in enumerate(names):
        yield from _name(key, name, index, what)


def _name(key: str, name: str, index: int | None = None, what: str = "a name") -> Iterator[Fault]:
    if not name:
        yield Fault(key, Code.TEXT, f"{what} is empty", index=index)
    elif name != name.strip():
        yield Fault(key, Code.TEXT, f"{what} begins or ends with a blank", index=index)
    elif not name.isprintable() or (not name.isascii() and misread(name)):
        message = f"{what} with a character that nobody can see"
        yield Fault(key, Code.TEXT, message, index=index)


def _instant(key: str, instant: datetime) -> Iterator[Fault]:
    if instant.tzinfo is None or instant.utcoffset() != UTC.utcoffset(None):
        yield Fault(key, Code.INSTANT, f"`{key}` isn't in UTC", f"expected {INSTANT_EXAMPLE}")
    elif instant.microsecond:
        yield Fault(
            key, Code.INSTANT, f"`{key}` isn't a whole second", f"expected {INSTANT_EXAMPLE}"
        )


def _storable(key: str, text: str, index: int | None = None) -> Iterator[Fault]:
    if not text.isascii() and _SURROGATE.search(text) is not None:
        yield Fault(key, Code.TEXT, "half a character, which no file can hold", index=index)


_CHECKS: dict[str, Callable[[str, Any], Iterator[Fault]]] = {
    "command": _command,
    "via": _via,
    "language": _language,
    "tier": _tier,
    "agents": _globs,
    "targets": _globs,
    "environments": _globs,
    "cwd": _directories,
    "by": _people,
    "at": _instant,
    "expires": _instant,
    "rule": _name,
    "reason": _storable,
    "note": _storable,
}


# Values beside each other ----------------------------------------------------------------


def _end(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Medium has an end; low has one or says that it has none."""
    tier, permanent = values.get("tier"), values.get("permanent")
    ends = "expires" in values
    if permanent and ends:
        message = "permanent, and with an end"
        hint = "keep `expires` or `permanent`, not both"
        yield Fault("permanent", Code.PERMANENT, message, hint=hint)
    elif permanent and tier is Tier.MEDIUM:
        message = "what is medium can't be permanent"
        hint = f"write `expires: {INSTANT_EXAMPLE}` instead, with the day that is meant"
        yield Fault("permanent", Code.PERMANENT, message, hint=hint)
    elif not ends and not permanent and tier in {Tier.LOW, Tier.MEDIUM}:
        hint = f"add `expires: {INSTANT_EXAMPLE}` with the day that is meant"
        hint += ", or `permanent: true`" if tier is Tier.LOW else ""
        yield Fault("tier", Code.NO_END, f"{tier}, and nothing says until when", hint=hint)


def _score(values: Mapping[str, Any]) -> Iterator[Fault]:
    tier, score = values.get("tier"), values.get("score")
    if tier is None or score is None or tier is Tier.HIGH:
        return
    low, high = tier.band
    if not low <= score <= high:
        message = f"score {score} lies outside the band of tier `{tier}`"
        yield Fault("score", Code.SCORE, message, f"expected {low} to {high}")

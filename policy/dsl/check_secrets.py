"""Checks of `redact "…" { … }` items."""

from __future__ import annotations

import re

from policy.dsl.check_programs import check_said
from policy.dsl.check_rules import check_examples
from policy.dsl.codes import Code
from policy.dsl.report import Report
from policy.dsl.syntax import ExampleLine, LooksLine, SecretItem, Text

_LEAST = 3  # characters without which nearly everything is a secret
_WILD = re.compile(r"[*?\[]")
_NAME = re.compile(r"[A-Za-z0-9_.*?-]+")
_WORDS = re.compile(r"[A-Za-z0-9_* ]+")


def check_secret(item: SecretItem, broken: bool, report: Report) -> None:
    """Everything inside a secret; `broken`: parts of it are missing."""
    check_said(item.name, "name of the secret", report)
    looks = [line for line in item.lines if isinstance(line, LooksLine)]
    for line in looks:
        report.repeated(line.words, "value")
        for word in line.words:
            if word.value.strip():
                _check_look(line, word, report)
            else:
                check_said(word, "value", report)
    examples = [line for line in item.lines if isinstance(line, ExampleLine)]
    check_examples(examples, report)
    if not broken:
        _check_complete(item, bool(looks), examples, report)


def _check_look(line: LooksLine, word: Text, report: Report) -> None:
    match line.kind:
        case "text":
            if len(_WILD.split(word.value)[0]) < _LEAST:
                message = f"`{word.value}` begins with fewer than {_LEAST} fixed characters"
                hint = "write what every such secret begins with, such as `ghp_*`"
                report.add(Code.OPEN_SECRET, message, word.at, hint=hint)
        case "named":
            if not _NAME.fullmatch(word.value):
                message = f"`{word.value}` is no name of a variable, a field or a header"
                hint = "names are letters, digits, `_`, `-`, `.` and wildcards"
                report.add(Code.OPEN_SECRET, message, word.at, hint=hint)
            elif len(word.value.strip("*?")) < _LEAST:
                message = f"`{word.value}` names nearly everything"
                report.add(Code.OPEN_SECRET, message, word.at)
        case "sql":
            if not _WORDS.fullmatch(word.value) or word.value.split()[0] == "*":
                message = f"`{word.value}` isn't words of SQL"
                hint = "write words, of which `*` is any but the first: IDENTIFIED WITH * BY"
                report.add(Code.OPEN_SECRET, message, word.at, hint=hint)


def _check_complete(
    item: SecretItem, looks: bool, examples: list[ExampleLine], report: Report
) -> None:
    name, at = item.name.value, item.name.at
    if not looks:
        message = f"secret `{name}` doesn't say what it looks like"
        report.add(Code.EMPTY_SECRET, message, at, hint='add `named NAME` or `text "…"`')
    if not any(example.matches for example in examples):
        message = f"secret `{name}` has no example that it matches"
        report.add(Code.MISSING_EXAMPLE, message, at, hint='add `match "…"`')
    elif all(example.matches for example in examples):
        message = f"secret `{name}` has no near miss"
        report.add(Code.MISSING_NEAR_MISS, message, at, hint='add `no match "…"`')

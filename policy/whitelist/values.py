"""Nodes of YAML to values of one type each. What isn't of the type is reported and None.

A text that another reader may take as a number, a truth value, an instant or nothing needs its
quotes: nobody has to know which version of YAML a file is read by.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from policy.decision import Tier
from policy.diagnostics import did_you_mean
from policy.misread import unseen
from policy.visible import visible
from policy.whitelist.checks import INSTANT_EXAMPLE
from policy.whitelist.codes import Code
from policy.whitelist.nodes import Items, Node, Pairs, Report, Scalar, Stop, other_type

# Characters ------------------------------------------------------------------------------

_UNUSUAL = re.compile(r"[^\n\x20-\x7e]")
_MOST_UNSEEN = 10


def refuse_unseen(report: Report) -> None:
    """Reports characters that hide what a file says from those who review it."""
    text = report.source.text
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    for match in _UNUSUAL.finditer(text):
        character, at = match[0], report.source.region(*match.span())
        if character == "\ufffd":
            report.add(Code.ENCODING, "this is not UTF-8", at, hint="save the file in UTF-8")
        elif character == "\ufeff" and at.start == 0:
            hint = "save the file without a byte order mark"
            report.add(Code.ENCODING, "the file begins with a byte order mark", at, hint=hint)
        elif character == "\t":
            hint = 'indent with blanks; within a text write "\\t" in double quotes'
            report.add(Code.ENCODING, "a tab looks like blanks", at, hint=hint)
        elif unseen(character) or (character == "\r" and not text.startswith("\n", at.end)):
            message = f"the character U+{ord(character):04X} can't be seen"
            hint = f'remove it, or write "{visible(character)}" in double quotes'
            report.add(Code.ENCODING, message, at, hint=hint)
        if len(report.errors) == _MOST_UNSEEN:
            break
    if report.errors:
        raise Stop


_MARKER = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)


def refuse_markers(report: Report) -> None:
    """Reports what a merge leaves, which YAML would take for a text or for bad YAML."""
    found = _MARKER.search(report.source.text)
    if found is not None:
        message = "a merge left its conflicts here"
        hint = "resolve them first; `policy-diff --git-setup` merges whitelists by entry"
        report.stop(Code.MARKERS, message, report.span(*found.span()), hint=hint)


# Values ----------------------------------------------------------------------------------

_INTEGER = re.compile(r"0|[1-9][0-9]{0,8}")
_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_TIERS = {str(tier): tier for tier in Tier}
_FLAGS = {"true": True, "false": False}


def text_of(report: Report, key: str, node: Node) -> str | None:
    if not isinstance(node, Scalar):
        wrong_type(report, key, "a text", node)
        return None
    text = node.text
    if node.plain and other_type(text):
        if text:
            message = f"without quotes, `{text}` may be read as something else than text"
            hint = f"write '{text}'"
        else:
            message, hint = f"`{key}` has no value", ""
        report.add(Code.TYPE, message, report.region(node), "expected a text", hint)
        return None
    return text


def texts_of(report: Report, key: str, node: Node) -> tuple[str, ...] | None:
    if not isinstance(node, Items):
        hint = ""
        if isinstance(node, Scalar) and node.text:
            hint = f"write `{key}: [{report.region(node).text}]`"
        wrong_type(report, key, "a list of texts", node, hint)
        return None
    if not node.nodes and key != "by":
        message = f"`{key}` is an empty list"
        nothing = "none" if key == "via" else "any"
        hint = f"leave the key out where {nothing} is meant"
        report.add(Code.TEXT, message, report.region(node), "expected at least one text", hint)
        return None
    texts = [None if one is None else text_of(report, key, one) for one in node.nodes]
    known = tuple(text for text in texts if text is not None)
    return known if len(known) == len(texts) else None


def tier_of(report: Report, key: str, node: Node) -> Tier | None:
    text = node.text if isinstance(node, Scalar) else ""
    if text not in _TIERS:
        message = f"unknown tier `{text}`" if text else "a tier is a word"
        hint = did_you_mean(text, ("low", "medium"))
        report.add(Code.TIER, message, report.region(node), "expected `low` or `medium`", hint)
    return _TIERS.get(text)


def integer_of(report: Report, key: str, node: Node) -> int | None:
    if isinstance(node, Scalar) and node.plain and _INTEGER.fullmatch(node.text):
        return int(node.text)
    wrong_type(report, key, "a whole number", node)
    return None


def flag_of(report: Report, key: str, node: Node) -> bool | None:
    if isinstance(node, Scalar) and node.plain and node.text in _FLAGS:
        return _FLAGS[node.text]
    wrong_type(report, key, "`true` or `false`", node)
    return None


def instant_of(report: Report, key: str, node: Node) -> datetime | None:
    match = _INSTANT.fullmatch(node.text) if isinstance(node, Scalar) else None
    if match is None:
        message, label = f"`{key}` is no instant", f"expected a form like {INSTANT_EXAMPLE}"
    else:
        year, month, day, hour, minute, second = map(int, match.groups())
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError as error:
            message, label = f"there is no instant `{match[0]}`", str(error)
    report.add(Code.INSTANT, message, report.region(node), label)
    return None


def wrong_type(report: Report, key: str, expected: str, node: Node, hint: str = "") -> None:
    match node:
        case Items():
            found = "a list"
        case Pairs():
            found = "a mapping"
        case _:
            found = f"`{report.region(node).text}`" if node.end > node.start else "nothing"
    at = report.region(node)
    report.add(Code.TYPE, f"`{key}` is {found}", at, f"expected {expected}", hint)

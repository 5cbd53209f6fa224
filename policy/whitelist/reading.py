"""Nodes of YAML to entries. Every mistake is reported; only what has none becomes an entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from yaml import YAMLError
from yaml.events import MappingStartEvent, SequenceStartEvent

from policy.decision import Tier
from policy.diagnostics import Note, did_you_mean, one_of
from policy.misread import misread
from policy.source import Region
from policy.visible import visible
from policy.whitelist.checks import INSTANT_EXAMPLE, Fault, faults
from policy.whitelist.codes import Code
from policy.whitelist.document import VERSION
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.nodes import (
    Items,
    Node,
    Pairs,
    Reader,
    Report,
    Scalar,
    Stop,
    other_type,
    stop_at,
)
from policy.whitelist.pattern import Pattern


class Found(NamedTuple):
    """An entry of a file, its computed id, and where it begins."""

    entry: Entry
    id: str
    at: Region


def read(report: Report) -> list[Found]:
    """The entries of the report's source, in its order.

    Raises `Stop` where the rest can't be read. What has a mistake is left out and reported.
    """
    _refuse_unseen(report)
    _refuse_markers(report)
    try:
        return _read(report, Reader(report))
    except YAMLError as error:
        stop_at(report, error)


def _read(report: Report, reader: Reader) -> list[Found]:
    event = reader.start()
    begin = report.span(0, len(report.source.text))
    if event is None or getattr(event, "value", None) == "":
        hint = "a whitelist without entries is `version: 1` and, below it, `entries: []`"
        report.stop(Code.MISSING, "the file is empty", begin, hint=hint)
    if not isinstance(event, MappingStartEvent):
        node = reader.node(event)
        at = begin if node is None else report.region(node)
        message = "a whitelist is a mapping with `version` and `entries`"
        report.stop(Code.TYPE, message, at, label="expected `version: 1`")
    reader.refuse_properties(event)
    entries = _Entries(report)
    seen: dict[str, Scalar] = {}
    for key, value in reader.pairs():
        name = _key(report, key, ("version", "entries"), seen)
        if name == "entries" and isinstance(value, SequenceStartEvent):
            reader.refuse_properties(value)
            for item in reader.items():
                entries.add(reader.node(item))
            continue
        node = reader.node(value)
        if node is None:
            continue
        if name == "entries":
            hint = "write `entries: []` where there are none"
            _wrong_type(report, "entries", "a list of entries", node, hint)
        elif name == "version" and not _is_version(node):
            message = "this version of the format isn't known"
            label = f"expected {VERSION}"
            report.add(Code.VERSION, message, report.region(node), label)
    reader.finish()
    for name, hint in (("version", f"begin with `version: {VERSION}`"), ("entries", "")):
        if name not in seen:
            hint = hint or "write `entries: []` where there are none"
            report.add(Code.MISSING, f"`{name}` is missing", begin, hint=hint)
    return entries.found


def _is_version(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text == str(VERSION)


# Characters ------------------------------------------------------------------------------

_UNUSUAL = re.compile(r"[^\n\x20-\x7e]")
_MOST_UNSEEN = 10


def _refuse_unseen(report: Report) -> None:
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
        elif misread(character) or (character == "\r" and not text.startswith("\n", at.end)):
            message = f"the character U+{ord(character):04X} can't be seen"
            hint = f'remove it, or write "{visible(character)}" in double quotes'
            report.add(Code.ENCODING, message, at, hint=hint)
        if len(report.errors) == _MOST_UNSEEN:
            break
    if report.errors:
        raise Stop


_MARKER = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)


def _refuse_markers(report: Report) -> None:
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


def _text(report: Report, key: str, node: Node) -> str | None:
    if not isinstance(node, Scalar):
        _wrong_type(report, key, "a text", node)
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


def _texts(report: Report, key: str, node: Node) -> tuple[str, ...] | None:
    if not isinstance(node, Items):
        hint = ""
        if isinstance(node, Scalar) and node.text:
            hint = f"write `{key}: [{report.region(node).text}]`"
        _wrong_type(report, key, "a list of texts", node, hint)
        return None
    if not node.nodes and key != "by":
        message = f"`{key}` is an empty list"
        nothing = "none" if key == "via" else "any"
        hint = f"leave the key out where {nothing} is meant"
        report.add(Code.TEXT, message, report.region(node), "expected at least one text", hint)
        return None
    texts = [None if one is None else _text(report, key, one) for one in node.nodes]
    known = tuple(text for text in texts if text is not None)
    return known if len(known) == len(texts) else None


def _tier(report: Report, key: str, node: Node) -> Tier | None:
    text = node.text if isinstance(node, Scalar) else ""
    if text not in _TIERS:
        message = f"unknown tier `{text}`" if text else "a tier is a word"
        hint = did_you_mean(text, ("low", "medium"))
        report.add(Code.TIER, message, report.region(node), "expected `low` or `medium`", hint)
    return _TIERS.get(text)


def _integer(report: Report, key: str, node: Node) -> int | None:
    if isinstance(node, Scalar) and node.plain and _INTEGER.fullmatch(node.text):
        return int(node.text)
    _wrong_type(report, key, "a whole number", node)
    return None


def _flag(report: Report, key: str, node: Node) -> bool | None:
    if isinstance(node, Scalar) and node.plain and node.text in _FLAGS:
        return _FLAGS[node.text]
    _wrong_type(report, key, "`true` or `false`", node)
    return None


def _instant(report: Report, key: str, node: Node) -> datetime | None:
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


def _wrong_type(report: Report, key: str, expected: str, node: Node, hint: str = "") -> None:
    match node:
        case Items():
            found = "a list"
        case Pairs():
            found = "a mapping"
        case _:
            found = f"`{report.region(node).text}`" if node.end > node.start else "nothing"
    at = report.region(node)
    report.add(Code.TYPE, f"`{key}` is {found}", at, f"expected {expected}", hint)


# Keys ------------------------------------------------------------------------------------

_Convert = Callable[[Report, str, Node], Any]
_Keys = Mapping[str, "_Convert | _Keys"]

_SCOPE: _Keys = {"agents": _texts, "targets": _texts, "environments": _texts, "cwd": _texts}
_APPROVED: _Keys = {"by": _texts, "at": _instant, "reason": _text}
_ENTRY: _Keys = {
    "id": _text,
    "language": _text,
    "command": _text,
    "via": _texts,
    "scope": _SCOPE,
    "tier": _tier,
    "score": _integer,
    "expires": _instant,
    "permanent": _flag,
    "rule": _text,
    "approved": _APPROVED,
    "note": _text,
}
_REQUIRED = {
    "command": "add what is permitted, such as `command: docker restart {service}`",
    "tier": "add the tier that was approved: `tier: low` or `tier: medium`",
    "approved": f"add who approved and when: `approved: {{by: [alice], at: {INSTANT_EXAMPLE}}}`",
    "by": "add who approved: `by: [alice]`",
    "at": f"add when it was approved: `at: {INSTANT_EXAMPLE}`",
}


def _key(
    report: Report,
    key: Node | None,
    known: Mapping[str, Any] | tuple[str, ...],
    seen: dict[str, Scalar],
) -> str | None:
    """The name of a key that is known and hasn't been there; reports any other."""
    if key is None:
        return None
    if isinstance(key, Scalar) and key.text in known and key.text not in seen:
        seen[key.text] = key
        return key.text
    at = report.region(key)
    if not isinstance(key, Scalar):
        report.add(Code.KEY, "a list or a mapping is no key", at, f"expected {one_of(known)}")
    elif key.text == "<<":
        hint = "write the keys themselves"
        report.add(Code.ANCHOR, "`<<` merges what is written elsewhere", at, hint=hint)
    elif key.text not in known:
        hint = did_you_mean(key.text, known)
        label = "" if hint else f"expected {one_of(known)}"
        report.add(Code.KEY, f"unknown key `{key.text}`", at, label, hint)
    else:
        first = Note("the first", report.region(seen[key.text]))
        report.add(Code.DUPLICATE_KEY, f"`{key.text}` stands twice", at, notes=(first,))
    return None


class _Entries:
    """Entries as they are found, each id once."""

    def __init__(self, report: Report) -> None:
        self.found: list[Found] = []
        self._report = report
        self._by_id: dict[str, Region] = {}

    def add(self, node: Node | None) -> None:
        report = self._report
        if node is None:
            return
        if not isinstance(node, Pairs):
            _wrong_type(report, "an entry", "a mapping with `command` and `tier`", node)
            return
        known = len(report.errors)
        fields = _Fields(report)
        fields.read(node, _ENTRY)
        fields.check(node)
        if len(report.errors) > known or fields.broken:
            return
        entry = fields.entry()
        identity, at = entry.id, report.span(node.start, node.end)
        first = self._by_id.setdefault(identity, at)
        if first is not at:
            message = f"two entries permit the same, {identity}"
            hint = "keep the one that is meant"
            notes = (Note("the first", first),)
            report.add(Code.DUPLICATE_ENTRY, message, at, hint=hint, notes=notes)
            return
        fields.compare_id(identity)
        self.found.append(Found(entry, identity, at))


class _Fields:
    """The values of one entry by key, those of `scope` and `approved` beside the others."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._values: dict[str, Any] = {}
        self._nodes: dict[str, Node | None] = {}
        self._keys: dict[str, Scalar] = {}

    def read(self, node: Pairs, known: _Keys) -> None:
        for key, value in node.pairs:
            name = _key(self._report, key, known, self._keys)
            if name is None:
                continue
            convert = known[name]
            self._nodes[name] = value
            if value is None:
                self._values[name] = None
            elif not isinstance(convert, Mapping):
                self._values[name] = convert(self._report, name, value)
            elif isinstance(value, Pairs) and value.pairs:
                self._values[name] = True
                self.read(value, convert)
            else:
                self._values[name] = None
                if name == "scope":
                    expected = f"a mapping with {one_of(convert)}"
                    hint = "leave it out where anything is meant"
                else:
                    expected, hint = "a mapping with `by` and `at`", ""
                _wrong_type(self._report, name, expected, value, hint)

    @property
    def broken(self) -> bool:
        """Whether some value was reported, here or when its node was read."""
        return None in self._values.values()

    @property
    def values(self) -> Mapping[str, Any]:
        """The values by key, each as its key's type; None for one that was reported."""
        return self._values

    def check(self, node: Pairs, required: Mapping[str, str] | None = None) -> None:
        """Reports keys that are missing and values that say what they may not."""
        for name, hint in (_REQUIRED if required is None else required).items():
            inner = name in _APPROVED
            if name in self._values or (inner and not self._values.get("approved")):
                continue
            at = self._keys["approved"] if inner else node
            message = f"`{name}` is missing"
            self._report.add(Code.MISSING, message, self._report.region(at), hint=hint)
        for fault in faults(self._values):
            at_fault = self._place(fault)
            self._report.add(fault.code, fault.message, at_fault, fault.label, fault.hint)

    def _place(self, fault: Fault) -> Region:
        node = self._nodes[fault.key] or self._keys[fault.key]
        if fault.index is not None and isinstance(node, Items):
            node = node.nodes[fault.index] or node
        region = self._report.region(node)
        if fault.span is None or not isinstance(node, Scalar):
            return region
        # A text that stands in the file as it is, but for quotes: the very characters.
        start = node.start if node.plain else node.start + 1
        begin, end = fault.span
        if not self._report.source.text.startswith(node.text, start) or "\n" in node.text:
            return region
        return self._report.source.region(start + begin, start + end)

    def compare_id(self, computed: str) -> None:
        stored = self._values.get("id")
        if stored is not None and stored != computed:
            message = f"`{stored}` isn't the id of what the entry permits"
            at = self._report.region(self._nodes["id"] or self._keys["id"])
            hint = f"it is {computed}; the next program that writes the file will say so"
            self._report.add(Code.STORED_ID, message, at, hint=hint)

    def entry(self) -> Entry:
        """The entry, where nothing was reported."""
        values, get = self._values, self._values.get
        return Entry(
            pattern=Pattern(values["command"], get("language", "shell"), get("via", ())),
            tier=values["tier"],
            approved=Approval(tuple(sorted(values["by"])), values["at"], get("reason", "")),
            expires=get("expires"),
            scope=Scope(*(tuple(sorted(get(fact, ()))) for fact in _SCOPE)),
            score=get("score"),
            rule=get("rule"),
            note=get("note", ""),
        )


# What readers of other files that are as strict are made of --------------------------------

Fields = _Fields
instant_of = _instant
refuse_markers = _refuse_markers
refuse_unseen = _refuse_unseen
text_of = _text
texts_of = _texts
wrong_type = _wrong_type

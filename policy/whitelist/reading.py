"""Nodes of YAML to entries. Every mistake is reported; only what has none becomes an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from yaml import YAMLError
from yaml.events import MappingStartEvent, SequenceStartEvent

from policy.diagnostics import Note, did_you_mean, one_of
from policy.source import Region
from policy.whitelist.checks import INSTANT_EXAMPLE, VERSION, Fault, faults
from policy.whitelist.codes import Code
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.nodes import Items, Node, Pairs, Reader, Report, Scalar, stop_at
from policy.whitelist.pattern import Pattern
from policy.whitelist.values import (
    flag_of,
    instant_of,
    integer_of,
    refuse_markers,
    refuse_unseen,
    text_of,
    texts_of,
    tier_of,
    wrong_type,
)


class Found(NamedTuple):
    """An entry of a file, its computed id, and where it begins."""

    entry: Entry
    id: str
    at: Region


def read(report: Report) -> list[Found]:
    """The entries of the report's source, in its order.

    Raises `Stop` where the rest can't be read. What has a mistake is left out and reported.
    """
    refuse_unseen(report)
    refuse_markers(report)
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
            wrong_type(report, "entries", "a list of entries", node, hint)
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


# Keys ------------------------------------------------------------------------------------

_Convert = Callable[[Report, str, Node], Any]
_Keys = Mapping[str, "_Convert | _Keys"]

_SCOPE: _Keys = {"agents": texts_of, "targets": texts_of, "environments": texts_of, "cwd": texts_of}
_APPROVED: _Keys = {"by": texts_of, "at": instant_of, "reason": text_of}
_ENTRY: _Keys = {
    "id": text_of,
    "language": text_of,
    "command": text_of,
    "via": texts_of,
    "scope": _SCOPE,
    "tier": tier_of,
    "score": integer_of,
    "expires": instant_of,
    "permanent": flag_of,
    "rule": text_of,
    "approved": _APPROVED,
    "note": text_of,
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
            wrong_type(report, "an entry", "a mapping with `command` and `tier`", node)
            return
        known = len(report.errors)
        fields = Fields(report)
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


class Fields:
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
                wrong_type(self._report, name, expected, value, hint)

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

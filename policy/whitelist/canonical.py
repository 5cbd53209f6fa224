"""A whitelist as the bytes of its file: the same document, the same bytes.

Sorted entries, keys in one order, lists in brackets, a line for each value however long it is,
ASCII only: what can't be seen, or looks like something else, stands there as an escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from policy.diagnostics import Finding, WhitelistError
from policy.times import instant
from policy.whitelist.checks import VERSION, Fault, entry_faults
from policy.whitelist.codes import Code, finding
from policy.whitelist.document import Document, canonical_key, named
from policy.whitelist.entry import Entry
from policy.whitelist.nodes import other_type

_WIDTH = 2**30  # of a line; nothing is folded


def dump(document: Document) -> bytes:
    """The canonical file. `load` makes the same document of it.

    Raises `WhitelistError` where an entry may not be stored (high, medium without an end, a
    name that can't be read, …) or where two permit the same.
    """
    entries = sorted(
        ((canonical_key(entry, entry.id), entry) for entry in document.entries),
        key=lambda one: one[0],
    )
    named = [(key[-1], entry) for key, entry in entries]
    _refuse(named)
    # An installation without libyaml has no C emitter.
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.emit(_events(named), Dumper=dumper, width=_WIDTH)
    return text.encode("ascii")


def block(entry: Entry) -> str:
    """One entry as it stands in a file, for people to look at. Raises as `dump` does."""
    text = dump(Document((entry,))).decode("ascii")
    return text[text.index("- ") :]


def _refuse(entries: list[tuple[str, Entry]]) -> None:
    found: list[Finding] = []
    seen: set[str] = set()
    for identity, entry in entries:
        if identity in seen:
            message = f"two entries permit the same, {named(identity, entry)}"
            found.append(finding(Code.DUPLICATE_ENTRY, message, None))
        seen.add(identity)
        found += (_found(fault, identity, entry) for fault in entry_faults(entry))
    if found:
        raise WhitelistError(found)


def _found(fault: Fault, identity: str, entry: Entry) -> Finding:
    message = f"{named(identity, entry)}: {fault.message}"
    hint = "; ".join(one for one in (fault.label, fault.hint) if one)
    return finding(fault.code, message, None, hint=hint)


# Events ----------------------------------------------------------------------------------

_BLOCK = MappingStartEvent(None, None, True, flow_style=False)
_END = MappingEndEvent()
_LIST = SequenceStartEvent(None, None, True, flow_style=True)
_LIST_END = SequenceEndEvent()
_TYPED = (True, False)  # written without quotes, and read as the type that it looks like
_QUOTED = (False, True)


def plain(text: str) -> ScalarEvent:
    """A text as it is, that nothing else can be meant by or that is meant as its type."""
    return ScalarEvent(None, None, _TYPED, text)


_KEYS = {
    key: plain(key)
    for key in (
        "version entries id language command via scope agents targets environments cwd tier "
        "score expires permanent rule approved by at reason note"
    ).split()
}
_TRUE = plain("true")


def _events(entries: list[tuple[str, Entry]]) -> Iterator[Event]:
    yield StreamStartEvent()
    yield DocumentStartEvent(explicit=False)
    yield _BLOCK
    yield _KEYS["version"]
    yield plain(str(VERSION))
    yield _KEYS["entries"]
    yield SequenceStartEvent(None, None, True, flow_style=not entries)
    for identity, entry in entries:
        yield from _entry(identity, entry)
    yield _LIST_END
    yield _END
    yield DocumentEndEvent(explicit=False)
    yield StreamEndEvent()


def _entry(identity: str, entry: Entry) -> list[Event]:
    """The block of one entry; what is empty or says nothing new is left out."""
    keys, pattern, approved = _KEYS, entry.pattern, entry.approved
    out: list[Event] = [_BLOCK, keys["id"], plain(identity)]
    if pattern.language != "shell":
        out += (keys["language"], text_event(pattern.language))
    out += (keys["command"], text_event(pattern.command))
    out += texts_event("via", pattern.via)
    scope = [
        *texts_event("agents", sorted(entry.scope.agents)),
        *texts_event("targets", sorted(entry.scope.targets)),
        *texts_event("environments", sorted(entry.scope.environments)),
        *texts_event("cwd", sorted(entry.scope.cwd)),
    ]
    if scope:
        out += (keys["scope"], _BLOCK, *scope, _END)
    out += (keys["tier"], plain(str(entry.tier)))
    if entry.score is not None:
        out += (keys["score"], plain(str(entry.score)))
    if entry.expires is None:
        out += (keys["permanent"], _TRUE)
    else:
        out += (keys["expires"], plain(instant(entry.expires)))
    if entry.rule is not None:
        out += (keys["rule"], text_event(entry.rule))
    out += (keys["approved"], _BLOCK, *texts_event("by", sorted(approved.by)))
    out += (keys["at"], plain(instant(approved.at)))
    if approved.reason:
        out += (keys["reason"], text_event(approved.reason))
    out.append(_END)
    if entry.note:
        out += (keys["note"], text_event(entry.note))
    out.append(_END)
    return out


def texts_event(key: str, texts: tuple[str, ...] | list[str]) -> list[Event]:
    """A key and a list in brackets; nothing for an empty one."""
    if not texts:
        return []
    return [_KEYS[key], _LIST, *(text_event(text, _PLAIN_IN_LIST) for text in texts), _LIST_END]


# What stands without quotes is less than YAML allows: every emitter and reader agrees on it.
_PLAIN = re.compile(r"[A-Za-z0-9_/$~(](?:[ !-\"$-9;-~]|:(?=[!-~]))*(?<![ ])")
_PLAIN_IN_LIST = re.compile(r"[A-Za-z0-9_/$~(](?:[ !-\"$-+\--9;->@-Z\\^-z|~])*(?<![ ])")


def text_event(text: str, bare: re.Pattern[str] = _PLAIN) -> ScalarEvent:
    """A text: as it is, in single quotes, or with escapes in double quotes."""
    if bare.fullmatch(text) and not other_type(text):
        return ScalarEvent(None, None, _TYPED, text)
    style = "'" if text.isascii() and text.isprintable() else '"'
    return ScalarEvent(None, None, _QUOTED, text, style=style)

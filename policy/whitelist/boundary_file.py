"""A boundary's file: strict reading, as of whitelists, and the canonical writing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml import YAMLError
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from policy.diagnostics import Note, WhitelistError, in_order
from policy.misread import misread
from policy.permissions import opened
from policy.source import Region, Source
from policy.times import instant
from policy.whitelist.canonical import plain, text_event, texts_event
from policy.whitelist.checks import INSTANT_EXAMPLE, faults
from policy.whitelist.codes import Code, finding
from policy.whitelist.nodes import (
    LARGEST,
    Items,
    Node,
    Pairs,
    Reader,
    Report,
    Scalar,
    Stop,
    stop_at,
)
from policy.whitelist.pattern import Pattern
from policy.whitelist.reading import Fields
from policy.whitelist.task import Task
from policy.whitelist.values import (
    instant_of,
    refuse_markers,
    refuse_unseen,
    text_of,
    texts_of,
    wrong_type,
)

VERSION = 1

_Allowed = list[tuple[Pattern, Region]]


def read(path: str | Path, *, guarded: bool) -> tuple[Task, tuple[Region, ...]]:
    """The task of a regular file, and where each of its patterns stands.

    Raises `WhitelistError` with every mistake, `OSError`, and `Untrusted`, which is one, where
    `guarded` and somebody else may write it.
    """
    with os.fdopen(opened(path, guarded=guarded), "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        message = f"more than {LARGEST} bytes, which no boundary has"
        raise WhitelistError([finding(Code.SIZE, message, None)])
    return load(data.decode("utf-8", "replace"), Path(path).name, str(path))


def load(text: str, name: str = "boundary.yaml", path: str = "") -> tuple[Task, tuple[Region, ...]]:
    """The task of a file's text, as `read`; `name` and `path` are for messages."""
    report = Report(Source(name, text, path))
    found: tuple[Task, tuple[Region, ...]] | None = None
    try:
        refuse_unseen(report)
        refuse_markers(report)
        found = _read(report)
    except YAMLError as error:
        try:
            stop_at(report, error)
        except Stop:
            found = None
    except Stop:  # the report says why
        found = None
    if report.errors or found is None:
        raise WhitelistError(in_order(report.errors))
    return found


# Reading -----------------------------------------------------------------------------------

_REQUIRED = {
    "version": f"begin with `version: {VERSION}`",
    "task": "add what the agent was asked for: `task: rotate the logs`",
    "expires": f"add the end of the task: `expires: {INSTANT_EXAMPLE}`",
}


def _read(report: Report) -> tuple[Task, tuple[Region, ...]] | None:
    reader = Reader(report)
    event = reader.start()
    begin = report.span(0, len(report.source.text))
    if event is None or getattr(event, "value", None) == "":
        hint = "begin with `version: 1` and `task: ` with what the agent was asked for"
        report.stop(Code.MISSING, "the file is empty", begin, hint=hint)
    node = reader.node(event)
    reader.finish()
    if not isinstance(node, Pairs):
        if node is not None:
            message = "a boundary is a mapping with `version`, `task` and more"
            report.add(Code.TYPE, message, report.region(node), "expected `version: 1`")
        return None
    fields = Fields(report)
    fields.read(node, _KEYS)
    fields.check(node, _REQUIRED)
    if report.errors or fields.broken:
        return None
    values = fields.values
    allowed: _Allowed = values.get("allow", [])
    task = Task(
        task=values["task"],
        expires=values["expires"],
        agents=tuple(sorted(values.get("agents", ()))),
        targets=tuple(sorted(values.get("targets", ()))),
        allow=tuple(pattern for pattern, _ in allowed),
    )
    return task, tuple(at for _, at in allowed)


def _version(report: Report, key: str, node: Node) -> bool:
    if not (isinstance(node, Scalar) and node.plain and node.text == str(VERSION)):
        message = "this version of the format isn't known"
        report.add(Code.VERSION, message, report.region(node), f"expected {VERSION}")
    return True


def _task(report: Report, key: str, node: Node) -> str | None:
    text = text_of(report, key, node)
    if text is None:
        return None
    if not text.strip() or misread(text):
        message = "the task is empty" if not text.strip() else "a task that can't be read"
        report.add(Code.TEXT, message, report.region(node), "expected it in plain words")
        return None
    return text


def _allow(report: Report, key: str, node: Node) -> _Allowed | None:
    if not isinstance(node, Items):
        wrong_type(report, key, "a list of patterns", node, "write `- command: …` for each")
        return None
    before = len(report.errors)
    found: _Allowed = []
    seen: dict[Pattern, Region] = {}
    for item in node.nodes:
        known = len(report.errors)
        if item is None:
            continue
        if not isinstance(item, Pairs):
            wrong_type(report, "a pattern", "a mapping with `command`", item)
            continue
        fields = Fields(report)
        fields.read(item, _PATTERN)
        fields.check(item, _PATTERN_REQUIRED)
        values = fields.values
        if len(report.errors) > known or fields.broken:
            continue
        pattern = Pattern(values["command"], values.get("language", "shell"), values.get("via", ()))
        at = report.region(item)
        if seen.setdefault(pattern, at) is not at:
            message = f"`{pattern.command}` stands twice"
            notes = (Note("the first", seen[pattern]),)
            report.add(Code.DUPLICATE_ENTRY, message, at, hint="keep one of them", notes=notes)
        found.append((pattern, at))
    return found if len(report.errors) == before and None not in node.nodes else None


_PATTERN = {"language": text_of, "command": text_of, "via": texts_of}
_PATTERN_REQUIRED = {"command": "add what may be done: `command: docker restart {service}`"}
_KEYS = {
    "version": _version,
    "task": _task,
    "agents": texts_of,
    "targets": texts_of,
    "expires": instant_of,
    "allow": _allow,
}


# Writing -----------------------------------------------------------------------------------

_BLOCK = MappingStartEvent(None, None, True, flow_style=False)
_END = MappingEndEvent()


def dump(task: Task) -> bytes:
    """The canonical file of a task; `load` makes the same task of it.

    Raises `WhitelistError` for a task that no file may have.
    """
    values: list[dict[str, Any]] = [
        {"agents": task.agents, "targets": task.targets, "expires": task.expires},
        *({"command": one.command, "language": one.language, "via": one.via} for one in task.allow),
    ]
    found = [
        finding(fault.code, f"`{fault.key}`: {fault.message}", None, hint=fault.hint or fault.label)
        for some in values
        for fault in faults(some)
    ]
    if not task.task.strip() or misread(task.task):
        found.append(finding(Code.TEXT, "the task is empty, or can't be read", None))
    if found:
        raise WhitelistError(found)
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.emit(_events(task), Dumper=dumper, width=2**30)
    return text.encode("ascii")


def _events(task: Task) -> Iterator[Event]:
    yield StreamStartEvent()
    yield DocumentStartEvent(explicit=False)
    yield _BLOCK
    yield from (plain("version"), plain(str(VERSION)))
    yield from (plain("task"), text_event(task.task))
    yield from texts_event("agents", sorted(task.agents))
    yield from texts_event("targets", sorted(task.targets))
    yield from (plain("expires"), plain(instant(task.expires)))
    if task.allow:
        yield plain("allow")
        yield SequenceStartEvent(None, None, True, flow_style=False)
        for pattern in task.allow:
            yield _BLOCK
            if pattern.language != "shell":
                yield from (plain("language"), text_event(pattern.language))
            yield from (plain("command"), text_event(pattern.command))
            yield from texts_event("via", list(pattern.via))
            yield _END
        yield SequenceEndEvent()
    yield _END
    yield DocumentEndEvent(explicit=False)
    yield StreamEndEvent()

"""A whitelist as a value, and the strict reading of its file.

    version: 1
    entries:
    - id: w-9b1f27c04e55
      command: docker restart {service}
      tier: medium
      expires: 2026-11-29T12:00:00Z
      approved:
        by: [alice]
        at: 2026-11-22T12:00:00Z

Nothing is guessed: what isn't known, stands twice, has another type or could be taken as one
(`by: [yes]`, `command: 123`: a text that YAML may read otherwise is quoted) is a mistake with a
place, and a file with a mistake gives no whitelist at all.
"""

from __future__ import annotations

from dataclasses import field

from policy.diagnostics import Finding, WhitelistError, in_order
from policy.frozen import frozen
from policy.source import Region, Source
from policy.visible import shorten, visible
from policy.whitelist.codes import Code, finding
from policy.whitelist.entry import Entry

_SHOWN = 60  # characters of a command in a message

_Key = tuple[bool, str, str, tuple[str, ...], str]


@frozen
class Document:
    """The entries of a whitelist, in canonical order where it was read.

    `warnings` are what reading found that keeps nothing from being used; `places` say where
    each entry began, and are empty for a document that wasn't read.
    """

    entries: tuple[Entry, ...] = ()
    warnings: tuple[Finding, ...] = field(default=(), compare=False, repr=False)
    places: tuple[Region, ...] = field(default=(), compare=False, repr=False)


def canonical_key(entry: Entry, identity: str) -> _Key:
    """What entries are sorted by: language (the shell first), command, via, id."""
    pattern = entry.pattern
    return pattern.language != "shell", pattern.language, pattern.command, pattern.via, identity


def named(identity: str, entry: Entry) -> str:
    """How messages name an entry: its id and the beginning of its command."""
    return f"{identity} (`{shorten(visible(entry.pattern.command), _SHOWN)}`)"


def load(data: bytes | str, name: str = "whitelist.yaml", path: str = "") -> Document:
    """The document of a file's content; `name` and `path` are for messages.

    Raises `WhitelistError` with every mistake that was found.
    """
    from policy.whitelist.nodes import LARGEST, Report, Stop  # yaml, which only reading needs
    from policy.whitelist.reading import read

    if len(data) > LARGEST:
        message = f"{len(data)} bytes, and a whitelist has at most {LARGEST}"
        raise WhitelistError([finding(Code.SIZE, message, None)])
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    report = Report(Source(name, text, path))
    found = []
    try:
        found = read(report)
    except Stop:  # the report says why
        assert report.errors  # noqa: S101
    if report.errors:
        raise WhitelistError(in_order((*report.errors, *report.warnings)))
    found.sort(key=lambda one: canonical_key(one.entry, one.id))
    return Document(
        tuple(one.entry for one in found),
        in_order(report.warnings),
        tuple(one.at for one in found),
    )

"""What the readers of client channels share: commands of a client as statements."""

from __future__ import annotations

from collections.abc import Iterable

from policy.parse.sql.facts import ShellText, step
from policy.plan import Action, Span, Statement, Via


def meta(channel: str, name: str, span: Span, normal: str, features: Iterable[str] = ()) -> Action:
    """A client's command: kind `meta`, `name` without its backslash or dot.

    The rules of each channel (`dialect psql`, `mysql-client`, `sqlite-client`) know the names.
    """
    return Action(
        Statement(
            kind="meta",
            dialect=channel,
            features=frozenset(features),
            normal=normal,
            names=(name,),
        ),
        span,
    )


def shell_text(text: str, offset: int, channel: str, label: str) -> ShellText:
    """Shell text at `offset` that the client runs for the command `label`."""
    via = (Via(channel, f"{channel} {label}"),) if label else (step(channel),)
    return ShellText(text, (offset, offset + len(text)), via)


def blank(text: str, spans: Iterable[Span]) -> str:
    """`text` with blanks in place of the spans (but for line ends), so that offsets stay."""
    characters = list(text)
    for start, end in spans:
        for index in range(start, end):
            if characters[index] not in "\r\n":
                characters[index] = " "
    return "".join(characters)


def line_end(text: str, at: int) -> int:
    """Where the line that `at` is on ends."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found

"""A decision as plain text: the verdict, then each reason under the words it is about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import click

from policy.cli import wording
from policy.cli.excerpt import excerpt
from policy.decision import Decision
from policy.plan import Span
from policy.visible import visible


def render(decision: Decision, coloured: bool) -> str:
    """Lines of text, ending in a newline.

    multi-party  high, score 97: 2 people must approve

      sudo rm -rf /srv/data
           ^^^^^^^^^^^^^^^^
      deletes a directory tree (rm.recursive, coreutils.rules:41)
    """
    text = "\n".join(_lines(decision)) + "\n"
    return text if coloured else click.unstyle(text)


def _lines(decision: Decision) -> Iterator[str]:
    asked = wording.asked(decision)
    verdict = click.style(str(decision.verdict), fg=wording.colour(decision.verdict), bold=True)
    yield f"{verdict}  {wording.placed(decision)}" + (f": {asked}" if asked else "")
    for span, reasons in groupby(decision.reasons, key=lambda reason: reason.span):
        yield ""
        yield from _marked(decision, span)
        for reason in reasons:
            yield f"  {wording.cited(reason)}"
    hints = dict.fromkeys(hint for action in decision.actions for hint in action.undo)
    if hints:
        yield ""
    for hint in hints:
        yield f"  undo: {visible(hint)}"


def _marked(decision: Decision, span: Span) -> Iterator[str]:
    """The line of the command that `span` is on, and carets under it."""
    part = excerpt(decision.command, span)
    gutter = f"{part.number} | " if "\n" in decision.command else ""
    marked = click.style(part.marked, bold=True)
    carets = click.style(part.underline, fg=wording.colour(decision.verdict))
    yield f"  {gutter}{part.before}{marked}{part.after}"
    yield f"  {' ' * len(gutter)}{carets}"

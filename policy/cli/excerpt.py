"""The line of a command that a span is about, short enough to show."""

from __future__ import annotations

from policy.frozen import frozen
from policy.plan import Span
from policy.visible import ELLIPSIS, shorten, visible, width


@frozen
class Excerpt:
    """One line of a text with the part of it that a span covers.

    `number` is the line's, from 1, `before`, `marked` and `after` are visible text.
    """

    number: int
    before: str
    marked: str
    after: str

    @property
    def underline(self) -> str:
        return " " * width(self.before) + "^" * max(1, width(self.marked))


def excerpt(text: str, span: Span, limit: int = 100) -> Excerpt:
    """The line of `text` on which `span` begins, at most some `limit` columns of it.

    A span that goes on over further lines is marked to the end of its first one.
    """
    start = min(max(span[0], 0), len(text))
    end = min(max(span[1], start), len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    before = visible(text[line_start:start])
    marked = shorten(visible(text[start : min(end, line_end)]), limit)
    after = visible(text[min(end, line_end) : line_end])
    room = max(limit - len(marked), 20)
    if len(before) > room // 2 and len(before) + len(after) > room:
        kept = max(room // 2, room - len(after))
        before = ELLIPSIS + before[-kept:]
    if len(before) + len(after) > room:
        after = after[: max(room - len(before), 10)] + ELLIPSIS
    return Excerpt(text.count("\n", 0, start) + 1, before, marked, after)

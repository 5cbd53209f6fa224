"""Rule text → items, with a finding for every syntax error instead of only the first.

A text that parses is parsed once. Otherwise each top-level item is parsed by itself (one begins
at a line that starts, unindented, with its keyword), and inside an item the line with the error
is blanked and the item parsed again, so that one slip hides no other.
"""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedInput

from policy.diagnostics import Finding
from policy.dsl.codes import Code, finding
from policy.dsl.grammar import parser
from policy.dsl.mistakes import describe
from policy.dsl.read import Reader
from policy.dsl.read_words import TooDeepError
from policy.dsl.syntax import Item
from policy.frozen import frozen
from policy.source import Source

_ITEM = re.compile(
    r"^(?:(?:override[ \t]+)?(?:set|program|environment|rule|adjust|default|redact)(?![\w.-])"
    r"|[A-Za-z]\w*[ \t][^\n]*\{)",  # a misspelt keyword
    re.MULTILINE,
)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufffd\U000e0000-\U000e0fff]"
)
_STRING = re.compile(r""""(?:[^"\\\n]|\\[^\n])*"|'[^'\n]*'|\#[^\n]*""")
_CONTINUATION = re.compile(r"\s*(?:[|()\"'@]|(?:or|and)(?![\w.-]))")
_CONTINUES = re.compile(r"(?:[|(]|(?<![\w.-])(?:or|and|not))\s*$")
_ATTEMPTS = 20


@frozen
class File:
    """The items of one source. Those of `broken` had syntax errors: parts of them are missing."""

    source: Source
    items: tuple[Item, ...]
    broken: tuple[Item, ...]
    findings: tuple[Finding, ...]


def read(source: Source) -> File:
    """Everything of `source` that can be read; never raises for any text."""
    unseen = tuple(_unseen(source))
    try:
        items, found = _parse(source, source.text, 0)
    except (UnexpectedInput, TooDeepError):
        parts = [_Part(source, start, end) for start, end in _chunks(source.text)]
        return File(
            source,
            items=tuple(item for part in parts for item in part.items),
            broken=tuple(item for part in parts for item in part.broken),
            findings=(*unseen, *(found for part in parts for found in part.findings)),
        )
    return File(source, items, (), unseen + found)


def _parse(source: Source, text: str, base: int) -> tuple[tuple[Item, ...], tuple[Finding, ...]]:
    """The items of a text that stands at `base`. Raises for a text that isn't well formed."""
    reader = Reader(source, base)
    items = reader.items(parser().parse(text))
    return items, tuple(reader.findings)


def _unseen(source: Source) -> list[Finding]:
    """Characters that hide what a file says from those who review it."""
    found: list[Finding] = []
    for match in _UNSEEN.finditer(source.text):
        at = source.region(match.start(), match.end())
        if match[0] == "\ufffd":
            message, hint = "this is not UTF-8", "save the file in UTF-8"
        else:
            message = f"the character U+{ord(match[0]):04X} can't be seen"
            hint = "remove it: rules say what people read"
        found.append(finding(Code.ENCODING, message, at, hint=hint))
    return found[:_ATTEMPTS]


def _chunks(text: str) -> list[tuple[int, int]]:
    """The parts of `text` that each begin at a top-level keyword; what stands before is one."""
    starts = [found.start() for found in _ITEM.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts.insert(0, 0)
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


class _Part:
    """One top-level item: what of it can be read, and every error in it."""

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.items: tuple[Item, ...] = ()
        self.broken: tuple[Item, ...] = ()
        self.findings: list[Finding] = []
        self._source = source
        self._start = start
        self._end = end
        self._read()

    def _read(self) -> None:
        """Read it, blanking the lines in error until the rest parses, or only its head does."""
        text = self._source.text[self._start : self._end]
        last = -1
        for _ in range(_ATTEMPTS):
            try:
                found, findings = _parse(self._source, text, self._start)
            except UnexpectedInput as problem:
                error = describe(problem, self._source, self._start, self._end)
                offset = error.at.start if error.at else last
            except TooDeepError as problem:
                message = "nested too deeply"
                self.findings.append(finding(Code.NESTING, message, problem.at))
                break
            else:
                self.findings += findings
                if last < 0:
                    self.items = found
                else:
                    self.broken = found
                return
            if offset <= last:
                break
            self.findings.append(error)
            last = offset
            blanked = _without_line(text, offset - self._start)
            if blanked == text:
                break
            text = blanked
        self._read_head(text)

    def _read_head(self, text: str) -> None:
        """Read what the item defines and nothing of its block, so that others can refer to it."""
        opened = text.find("{")
        if opened < 0:
            return
        head = text[: opened + 1] + "}"
        try:
            self.broken, _ = _parse(self._source, head, self._start)
        except UnexpectedInput:
            return


def _without_line(text: str, offset: int) -> str:
    """`text` without the line of `offset` and those that continue it, blanks in their place.

    A line with braces holds the block together; nothing is removed then.
    """
    start = text.rfind("\n", 0, offset) + 1
    end = _line_end(text, offset)
    if start == 0 or re.search(r"[{}]", _STRING.sub("", text[start:end])):
        return text
    last = _STRING.sub("", text[start:end])
    while end < len(text):
        following = _line_end(text, end + 1)
        line = text[end + 1 : following]
        bare = _STRING.sub("", line)
        if not (_CONTINUES.search(last) or _CONTINUATION.match(line)) or re.search("[{}]", bare):
            break
        end, last = following, bare
    return text[:start] + " " * (end - start) + text[end:]


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found

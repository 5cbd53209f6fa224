"""YAML as nodes with positions: the few kinds that a whitelist has, everything else refused.

The parser's events are read one by one and nodes are built here, since composers lose what has
to be refused (tags, anchors) and follow nesting to the end of the stack. One event costs about
a microsecond where the C parser is there; without it the same nodes come out, slower.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from policy.diagnostics import Finding, Note
from policy.source import Region, Source
from policy.whitelist.codes import Code, finding

LARGEST = 64 * 1024 * 1024  # bytes of a file
DEEPEST = 16  # nodes within nodes; a whitelist has five
MOST_NODES = 10_000  # of one entry
MOST_FINDINGS = 100


Event = Any
"""An event of pyyaml's, whose stubs say that it may have no place; all that are read have."""


class Scalar(NamedTuple):
    """A text. `plain` stands without quotes, so that it may be meant as another type."""

    text: str
    plain: bool
    start: int
    end: int


class Items(NamedTuple):
    """A list. A node is None where what stands there was reported already."""

    nodes: list[Node | None]
    start: int
    end: int


class Pairs(NamedTuple):
    """A mapping, its keys in the order of the text and as often as they stand there."""

    pairs: list[tuple[Node | None, Node | None]]
    start: int
    end: int


Node = Scalar | Items | Pairs


class Stop(Exception):
    """Nothing after this place can be read; the report says why."""


class Report:
    """Findings on one source, up to a number that people would read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []

    def add(
        self,
        code: Code,
        message: str,
        at: Region | None,
        label: str = "",
        hint: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Raises `Stop` where too many errors were found; later warnings are dropped."""
        found = finding(code, message, at, label=label, hint=hint, notes=notes)
        if code.code.startswith("WL5"):
            if len(self.warnings) < MOST_FINDINGS:
                self.warnings.append(found)
            return
        self.errors.append(found)
        if len(self.errors) >= MOST_FINDINGS:
            message = f"more than {MOST_FINDINGS} mistakes; no more are looked for"
            self.errors.append(finding(Code.MORE, message, None))
            raise Stop

    def stop(
        self, code: Code, message: str, at: Region | None, label: str = "", hint: str = ""
    ) -> NoReturn:
        """Reports what nothing can be read behind."""
        self.add(code, message, at, label, hint)
        raise Stop

    def region(self, node: Node) -> Region:
        """Where a node stands, to the end of its first line."""
        return self.span(node.start, node.end)

    def span(self, start: int, end: int) -> Region:
        text = self.source.text
        line_end = text.find("\n", start)
        end = min(end, len(text) if line_end < 0 else line_end)
        return self.source.region(start, start + len(text[start:end].rstrip()))


class Reader:
    """The nodes of a text, from its events. What is refused is reported.

    Each method raises `yaml.YAMLError` where the text is no YAML; `stop_at` reports that.
    """

    def __init__(self, report: Report) -> None:
        # An installation without libyaml has no C parser.
        parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._report = report
        self._text = report.source.text
        self._next_comment = self._text.find("#")
        self._allowed = MOST_NODES
        self.event: Callable[[], Event] = parser(self._text).get_event

    def start(self) -> Event | None:
        """The event that begins the root node of the only document; None: there is no root."""
        self.event()  # of the stream
        event = self.event()
        if not isinstance(event, DocumentStartEvent):
            return None
        if event.version or event.tags:
            at = self._report.span(_start(event), len(self._text))
            message = "a directive of YAML, which a whitelist never needs"
            self._report.add(Code.DOCUMENTS, message, at, hint="remove the line")
        return self.event()

    def finish(self) -> None:
        """Reads what follows the root: nothing may."""
        self.event()  # the end of the document
        event = self.event()
        if isinstance(event, DocumentStartEvent):
            at = self._report.span(_start(event), _end(event))
            message = "a second document begins"
            self._report.stop(Code.DOCUMENTS, message, at, hint="a whitelist is one document")
        self._comments(len(self._text), len(self._text))

    def pairs(self) -> Iterator[tuple[Node | None, Event]]:
        """The keys of a mapping that has begun, each with the event of its value.

        The value has to be read before the next key is asked for.
        """
        while not isinstance(event := self.event(), MappingEndEvent):
            self._allowed = MOST_NODES
            yield self.node(event), self.event()

    def items(self) -> Iterator[Event]:
        """The event of each node of a list that has begun; the node has to be read."""
        while not isinstance(event := self.event(), SequenceEndEvent):
            self._allowed = MOST_NODES
            yield event

    def node(self, event: Event, depth: int = 0, in_brackets: bool = False) -> Node | None:
        """The node that `event` begins; None for one that isn't allowed, which is reported."""
        start = event.start_mark.index
        self._allowed -= 1
        if self._allowed < 0:
            at = self._report.span(start, start + 1)
            self._report.stop(Code.SIZE, f"more than {MOST_NODES} values in one entry", at)
        if type(event) is ScalarEvent:
            end = _end(event)
            if end > self._next_comment >= 0:
                self._comments(start, end)
            if event.anchor is not None or event.tag is not None:
                self.refuse_properties(event)
                return None
            node = Scalar(event.value, not event.style, start, end)
            if in_brackets and node.plain and "?" in node.text:
                self._refuse_question(node)
            return node
        if isinstance(event, AliasEvent):
            message = f"`*{event.anchor}` stands for what is written elsewhere"
            at = self._report.span(start, _end(event))
            self._report.add(Code.ANCHOR, message, at, hint="write the value itself")
            return None
        if depth == DEEPEST:
            at = self._report.span(start, _end(event))
            message = f"more than {DEEPEST} lists and mappings inside each other"
            self._report.stop(Code.NESTING, message, at)
        refused = self.refuse_properties(event)
        read = self._items if isinstance(event, SequenceStartEvent) else self._pairs
        found = read(start, depth, event.flow_style)
        return None if refused else found

    def _items(self, start: int, depth: int, in_brackets: bool) -> Items:
        nodes: list[Node | None] = []
        next_event = self.event
        while type(event := next_event()) is not SequenceEndEvent:
            nodes.append(self.node(event, depth + 1, in_brackets))
        return Items(nodes, start, _end(event))

    def _pairs(self, start: int, depth: int, in_brackets: bool) -> Pairs:
        pairs: list[tuple[Node | None, Node | None]] = []
        next_event = self.event
        while type(event := next_event()) is not MappingEndEvent:
            key = self.node(event, depth + 1, in_brackets)
            pairs.append((key, self.node(next_event(), depth + 1, in_brackets)))
        return Pairs(pairs, start, _end(event))

    def refuse_properties(self, event: Any) -> bool:
        """Reports an anchor or a tag of a node; whether it has one."""
        if event.anchor is None and event.tag is None:
            return False
        at = event.start_mark.index
        while (found := _PROPERTY.match(self._text, at)) is not None:
            region = self._report.span(found.start(1), found.end(1))
            if found[1].startswith("&"):
                hint = "write the value at every place that needs it"
                self._report.add(Code.ANCHOR, f"an anchor `{found[1]}`", region, hint=hint)
            else:
                hint = "remove it: each value has one type, which needn't be said"
                self._report.add(Code.TAG, f"an explicit type `{found[1]}`", region, hint=hint)
            at = found.end()
        return True

    def _refuse_question(self, node: Scalar) -> None:
        """Reports what libyaml reads and pyyaml's own parser doesn't."""
        message = "a text with `?` has quotes where it stands in brackets"
        hint = f"write '{node.text}'"
        self._report.add(Code.SYNTAX, message, self._report.region(node), hint=hint)

    def _comments(self, start: int, end: int) -> None:
        """Warns of comments before a scalar that stands at `start`, and looks for the next.

        Outside scalars a `#` begins a comment wherever YAML accepts it.
        """
        text, at = self._text, self._next_comment
        while 0 <= at < start:
            stop = text.find("\n", at)
            stop = len(text) if stop < 0 else stop
            message = "a comment, which is lost when the file is written"
            hint = "keep it as the `note` of an entry"
            self._report.add(Code.COMMENT, message, self._report.span(at, stop), hint=hint)
            at = text.find("#", stop)
        self._next_comment = text.find("#", end) if 0 <= at < end else at


def stop_at(report: Report, error: yaml.YAMLError) -> NoReturn:
    """Reports why the parser gave up."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    label = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    start = len(report.source.text) if mark is None else mark.index
    hint = "a text with more than plain words is quoted: 'like this'"
    report.stop(Code.SYNTAX, "this is no YAML", report.span(start, start + 1), label, hint)


def _start(event: Event) -> int:
    start: int = event.start_mark.index
    return start


def _end(event: Event) -> int:
    end: int = event.end_mark.index
    return end


_PROPERTY = re.compile(r"\s*([&!]\S*)")


# What a plain text would be --------------------------------------------------------------

# Of YAML 1.1, which is pyyaml's, and of 1.2, which other programs read.
_OTHER_TYPE = re.compile(
    r"""
    (?i: | ~ | null | true | false | yes | no | on | off | y | n
    | [-+]? \. (?: inf | nan )
    | [-+]? (?: 0b [01_]+ | 0o [0-7_]+ | 0x [0-9a-f_]+ )
    | [-+]? [0-9] [0-9_,]* (?: : [0-5]?[0-9] )* (?: \. [0-9_]* )? (?: e [-+]? [0-9]+ )?
    | [-+]? \. [0-9_]+ (?: e [-+]? [0-9]+ )?
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} (?: (?: t | \s+ ) [0-9:.]+ \s* (?: z | [-+][0-9:]+ )? )?
    | = | << )
    """,
    re.VERBOSE,
)


def other_type(text: str) -> bool:
    """Whether some reader of YAML takes the text, without quotes, as something else than text."""
    return _OTHER_TYPE.fullmatch(text) is not None

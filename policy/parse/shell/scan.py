"""Finds where embedded scripts end and where here-documents stand, without parsing.

What is found is checked by the parsers: a here-document counts only if a parser sees a
redirect at its very place, and the text of a substitution is parsed on its own.
"""

from __future__ import annotations

import re

from policy.frozen import frozen
from policy.parse.shell.parts import Literal, WordError
from policy.parse.shell.syntax import HereDocument, Slice
from policy.parse.shell.words import Known, Reader, read_word

_WORD_CHARACTERS = re.compile(r"[^\s|&;<>()\\'\"$`#]+")
_BLANK = r"[ \t](?:[ \t]|\\\n)*"
_PREFIX = re.compile(
    rf"time(?:{_BLANK}-p)?(?:{_BLANK}--)?(?={_BLANK})"
    rf"|coproc(?:{_BLANK}[A-Za-z_][A-Za-z0-9_]*"
    rf"(?={_BLANK}(?:\(|(?:\{{|for|while|until|if|case|select)(?=[\s;&|()<>]))))?(?={_BLANK})"
)
_NO_PROGRAM = re.compile(
    rf"{_BLANK}(?:![ \t]|coproc[ \t]|[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]\n]*\])?\+?=)"
)
_BEFORE_LIST = re.compile(r"\bin(?:[ \t]|\\\n)*\Z")  # of a `for`: words, and no command
_IN_PIPE = re.compile(r"(?:\|&|(?<!\|)\|)(?:\s|\\\n|#.*\n)*\Z")  # where `time` is a program
_BEFORE_COMMANDS = frozenset(
    "then do else elif if while until in for select { ! time function".split()
)


@frozen
class FoundDocument:
    """A here-document: where its operator stands, its delimiter word, and what it holds.

    `end` is where the line after the delimiter's begins.
    """

    operator: int
    operator_end: int
    document: HereDocument
    end: int


def script_end(text: str, start: int, limit: int, known: Known | None = None) -> int:
    """Where the `)` stands that closes the script beginning at `start`."""
    return _Scanner(text, start, limit, known).run(closing=True)


def documents(text: str) -> tuple[FoundDocument, ...]:
    """The here-documents of a script, those inside its substitutions left out."""
    if "<<" not in text:
        return ()
    scanner = _Scanner(text, 0, len(text))
    scanner.run(closing=False)
    return tuple(scanner.found)


def prefixes(text: str) -> tuple[Slice, ...]:
    """Where `coproc [NAME]` and `time [-p]` seem to stand before a command.

    In a pipe `time` is a program.
    """
    if "coproc" not in text and "time" not in text:
        return ()
    scanner = _Scanner(text, 0, len(text))
    try:
        scanner.run(closing=False)
    except WordError:
        return ()
    return tuple(
        (start, end)
        for start, end in scanner.prefixes
        if not (text.startswith("time", start) and _IN_PIPE.search(text[:start]))
    )


def timed(text: str) -> tuple[Slice, ...]:
    """Those `time [-p]` behind which an assignment, `!` or `coproc` stands: parsers that take
    `time` for a program take these for its words.
    """
    found = prefixes(text) if "time" in text else ()
    return tuple(
        (start, end)
        for start, end in found
        if text.startswith("time", start)
        and _NO_PROGRAM.match(text, end)
        and not _BEFORE_LIST.search(text[:start])
    )


def arithmetic_end(text: str, start: int, limit: int, known: Known | None = None) -> int | None:
    """Where the `))` stands that closes `((`, or None where it is two parentheses."""
    reader = Reader(text, start, limit, known=known)
    depth = 0
    while reader.at < limit:
        reader.parts(frozenset("()"))
        if reader.at >= limit:
            return None
        if text[reader.at] == "(":
            depth += 1
        elif depth == 0:
            return reader.at if text.startswith("))", reader.at) else None
        else:
            depth -= 1
        reader.at += 1
    return None


class _Scanner:
    """Walks over a script, skipping what is quoted, commented or nested."""

    def __init__(self, text: str, start: int, limit: int, known: Known | None = None) -> None:
        self.text = text
        self.start = start
        self.limit = limit
        self.reader = Reader(text, start, limit, known=known)
        self.found: list[FoundDocument] = []
        self.waiting: list[tuple[int, int, str, bool, bool]] = []
        self.cases: list[int] = []  # depth of parentheses at which each open `case` stands
        self.prefixes: list[Slice] = []
        self.command_position = True

    def run(self, *, closing: bool) -> int:
        """Where the closing parenthesis stands, or the end of the text."""
        text, reader, depth = self.text, self.reader, 0
        while reader.at < self.limit:
            at = reader.at
            character = text[at]
            if character == "\n":
                reader.at = self._bodies(at + 1)
                self.command_position = True
            elif character in " \t":
                reader.at += 1
            elif text.startswith("\\\n", at):
                reader.at += 2
            elif character == "#" and (at == self.start or text[at - 1] in " \t\n;&|()<>"):
                end = text.find("\n", at, self.limit)
                reader.at = self.limit if end < 0 else end
            elif character == "(":
                arithmetic = text.startswith("((", at) and self.command_position
                closed = (
                    arithmetic_end(text, at + 2, self.limit, reader.known) if arithmetic else None
                )
                if closed is not None:
                    reader.at = closed + 2
                else:
                    depth += 1
                    reader.at += 1
                    self.command_position = True
            elif character == ")":
                if self.cases and self.cases[-1] == depth:
                    self.command_position = True
                elif depth == 0 and closing:
                    return at
                else:
                    depth = max(0, depth - 1)
                    self.command_position = False
                reader.at += 1
            elif text.startswith("<<<", at):
                reader.at += 3
            elif text.startswith("<<", at):
                self._operator(at)
            elif character in "|&;":
                reader.at += 1
                self.command_position = True
            elif character in "<>" and not text.startswith("(", at + 1):
                reader.at += 1
            else:
                self._word(depth)
        if closing:
            raise WordError("a command substitution that is not closed", self.start - 2)
        if self.waiting:
            self._bodies(self.limit)
        return self.limit

    def _word(self, depth: int) -> None:
        text, reader = self.text, self.reader
        word = _WORD_CHARACTERS.match(text, reader.at, self.limit)
        start = reader.at
        reader.parts(frozenset(" \t\n|&;()") | frozenset("<>"))
        if reader.at == start:
            reader.at += 1
        if word is None or word.end() != reader.at:
            self.command_position = False
            return
        if self.command_position and word.group() == "case":
            self.cases.append(depth)
        elif word.group() == "esac" and self.cases and self.cases[-1] == depth:
            self.cases.pop()
        if self.command_position and (prefix := _PREFIX.match(text, start, self.limit)):
            self.prefixes.append(prefix.span())
            reader.at = prefix.end()
            return
        self.command_position = word.group() in _BEFORE_COMMANDS

    def _operator(self, at: int) -> None:
        """`<<` or `<<-` and the delimiter."""
        strip = self.text.startswith("<<-", at)
        word_at = at + (3 if strip else 2)
        while word_at < self.limit and self.text[word_at] in " \t":
            word_at += 1
        parts, end = read_word(self.text, word_at, self.limit)
        if end == word_at:
            raise WordError("a here-document without a delimiter", at)
        delimiter = []
        for part in parts:
            if not isinstance(part, Literal):
                raise WordError("an expansion as the delimiter of a here-document", word_at)
            delimiter.append(part.text)
        if not any(delimiter):  # in a substitution bash ends the document elsewhere
            raise WordError("a here-document whose delimiter is empty", word_at)
        if strip and "".join(delimiter).startswith("\t"):
            raise WordError("a tab before a delimiter whose tabs are taken out", word_at)
        written = self.text[word_at:end].replace("\\\n", "")
        quoted = any(character in written for character in "\\'\"")  # a lone `$` isn't
        self.waiting.append((at, word_at, "".join(delimiter), quoted, strip))
        self.reader.at = end
        self.command_position = False

    def _bodies(self, at: int) -> int:
        """Reads the bodies that begin behind this line; where the script goes on."""
        for operator, word_at, delimiter, quoted, strip in self.waiting:
            start = at
            logical: str | None = None  # a line that goes on in the next one
            while True:
                if at >= self.limit:
                    body_end = at
                    break
                end = self.text.find("\n", at, self.limit)
                line_end = self.limit if end < 0 else end
                line = self.text[at:line_end]
                whole = (logical or "") + line
                if (whole.lstrip("\t") if strip else whole) == delimiter:
                    if logical is not None:
                        message = "a here-document's delimiter that is written in two lines"
                        raise WordError(message, at)
                    body_end, at = at, min(line_end + 1, self.limit)
                    break
                trailing = len(line) - len(line.rstrip("\\"))
                logical = whole[:-1] if not quoted and trailing % 2 == 1 else None
                at = min(line_end + 1, self.limit) if end >= 0 else self.limit
            document = HereDocument((start, body_end), quoted, strip)
            self.found.append(FoundDocument(operator, word_at, document, at))
        self.waiting.clear()
        return at

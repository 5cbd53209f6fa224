r"""How psql takes `\copy` apart (parse_slash_copy and strtokx, PostgreSQL 15 to 18).

It looks for the file or program with words of its own: inside the brackets of a query it knows
quotes and `E'…'`, but no dollar quotes and no comments. So where the query ends for psql may be
inside a string for the server, and what stands there is a program to run. The text that is sent is
put together anew, with one blank between its words.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy.frozen import frozen

_BLANK = " \t\n\r"
_NAMES = ".,()"
_STREAMS = frozenset(("stdin", "stdout", "pstdin", "pstdout"))


@frozen
class Copy:
    """`sql` is what the server gets. `target` is a path or, for a `program`, shell text.

    Without a target the rows go through psql's own streams. `at` is where the target stands.
    """

    sql: str
    loads: bool
    target: str | None
    at: int
    program: bool


@dataclass
class _Words:
    """The rest of a text, word by word; each call says which characters matter to it."""

    text: str
    at: int = 0

    def next(
        self, delimiters: str, quotes: str, *, blanks: str = _BLANK, escapes: bool = False
    ) -> str | None:
        """The next word with its quotes, from `self.start` on; None at the end."""
        text, end = self.text, len(self.text)
        while self.at < end and text[self.at] in blanks:
            self.at += 1
        self.start = start = self.at
        if start >= end:
            return None
        at = start
        if text[at] in delimiters:
            self.at = at + 1
        elif escapes and text[at] in "eE" and text[at + 1 : at + 2] == "'":
            self.at = _quoted(text, at + 1, "\\")
        elif text[at] in quotes:
            self.at = _quoted(text, at, "")
        else:
            ends = blanks + delimiters + quotes
            while self.at < end and text[self.at] not in ends:
                self.at += 1
        return text[start : self.at]


def read_copy(text: str) -> Copy | None:
    r"""What psql makes of the arguments of `\copy`, or None where it refuses them."""
    words = _Words(text)
    if (what := _what(words)) is None:
        return None
    before, word = what
    way = word.lower()
    if way not in ("from", "to"):
        return None
    target = words.next(";", "'")
    program = target is not None and target.lower() == "program"
    if program:
        target = words.next(";", "'")
        if target is None or len(target) < 2 or not (target[0] == target[-1] == "'"):
            return None
    if target is None:
        return None
    at = words.start
    rest = text[words.at :]
    sql = f"COPY {before} {'FROM STDIN' if way == 'from' else 'TO STDOUT'} {rest}"
    if not program and target.lower() in _STREAMS:
        return Copy(sql, way == "from", None, at, program=False)
    return Copy(sql, way == "from", _stripped(target), at, program)


def _what(words: _Words) -> tuple[str, str] | None:
    """`[BINARY] name[.name] [( columns )]` or `( query )`, and the word after it."""
    parts: list[str] = []
    word = words.next(_NAMES, '"')
    if word is not None and word.lower() == "binary":
        parts.append(word)
        word = words.next(_NAMES, '"')
    if word == "(":
        depth = 1
        while word is not None and depth:
            parts.append(word)
            word = words.next("()", "\"'", escapes=True)
            depth += (word == "(") - (word == ")")
    if word is None:
        return None
    parts.append(word)
    word = words.next(_NAMES, '"')
    if word == ".":
        name = words.next(_NAMES, '"')
        if name is None:
            return None
        parts[-1] += f".{name}"
        word = words.next(_NAMES, '"')
    if word == "(":
        while word is not None and word != ")":
            parts.append(word)
            word = words.next("()", '"')
        parts.append(")")
        word = None if word is None else words.next(_NAMES, '"')
    return None if word is None else (" ".join(parts), word)


def _quoted(text: str, at: int, escape: str) -> int:
    """Where the quoted text that begins at `at` ends; at the end where its quote is missing."""
    quote = text[at]
    at += 1
    while at < len(text):
        if text[at] == escape and at + 1 < len(text):
            at += 2
        elif text[at] != quote:
            at += 1
        elif text[at + 1 : at + 2] == quote:
            at += 2
        else:
            return at + 1
    return at


def _stripped(word: str) -> str:
    """The word without its single quotes, doubled ones made one."""
    if not word.startswith("'"):
        return word
    inside = word[1:-1] if len(word) > 1 and word.endswith("'") else word[1:]
    return inside.replace("''", "'")

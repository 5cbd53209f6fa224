"""Reads the words of a shell script: quotes and expansions, with exact values.

Both parsers say where a word begins and ends; what stands in it is read here, from the raw
text, because one of them misses commands inside `${x:-$(…)}` and the other keeps no exact
values. The rules are those of the bash manual, sections 3.1.2 (quoting) and 3.5 (shell
expansions). Anything that the reader is not sure of raises `WordError`: the caller makes an
opaque action of it.
"""

from __future__ import annotations

import re
import string

from policy.parse.shell.ansi_c import read_ansi_c
from policy.parse.shell.parts import (
    Arithmetic,
    Literal,
    Parameter,
    Part,
    Parts,
    ProcessSubstitution,
    Substitution,
    WordError,
)

METACHARACTERS = frozenset(" \t\n|&;<>()")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_CONTINUED = re.compile(r"(?:\\\n)+[A-Za-z0-9_]")
_JOINS = frozenset(string.ascii_letters + string.digits + "_/.,:%@'\")}=$+-#")
_APART = frozenset(("", " ", "\t", "\n"))
_SPECIAL = frozenset("@*#?$!-0123456789")
_OPERATORS = (":-", ":=", ":?", ":+", "##", "%%", "//", "/#", "/%", "^^", ",,")
_BEGIN_OPERATORS = frozenset(one[0] for one in _OPERATORS)
_WORD_OPERATORS = frozenset((":-", ":=", ":?", ":+", "-", "=", "?", "+"))


def read_word(text: str, start: int, limit: int | None = None) -> tuple[Parts, int]:
    """The parts of the word that begins at `start`, and where it ends."""
    reader = Reader(text, start, len(text) if limit is None else limit)
    parts = reader.parts(METACHARACTERS)
    return parts, reader.at


def read_region(text: str, start: int, end: int, *, processes: bool = False) -> Parts:
    """The expansions of a stretch that is not one word: `[[ … ]]` (with `processes`), `(( … ))`."""
    return Reader(text, start, end).parts(frozenset(), processes=processes)


def read_document(text: str, start: int, end: int) -> Parts:
    """The body of an unquoted here-document: expansions, but quotes stand for themselves."""
    reader = Reader(text, start, end)
    return reader.double_quoted(closing=None)


Known = dict[tuple[int, bool], "Arithmetic | Substitution"]


class Reader:
    """A cursor over a script's text; each method reads one construct and stands behind it.

    `known` are the `$((…))` and `$(…)` of the text that were read before, by where they begin:
    what nests in them is looked at to find their ends, and again to read them.
    """

    def __init__(
        self, text: str, at: int, end: int, depth: int = 0, known: Known | None = None
    ) -> None:
        self.text = text
        self.at = at
        self.end = end
        self.depth = depth
        self.known: Known = {} if known is None else known

    def parts(
        self, stop: frozenset[str], *, braced: bool = False, processes: bool = False
    ) -> Parts:
        """Unquoted text up to a character of `stop`, or (in `${…}`) to the closing brace.

        Process substitutions count where blanks and operators end words, and with `processes`.
        """
        text, end = self.text, self.end
        found: list[Part] = []
        plain: list[str] = []

        def flush() -> None:
            if plain:
                found.append(Literal("".join(plain), quoted=False))
                plain.clear()

        while self.at < end:
            character = text[self.at]
            if (
                (processes or "<" in stop)
                and character in "<>"
                and text.startswith("(", self.at + 1)
            ):
                flush()
                found.append(self.process_substitution())
                continue
            if character in stop:
                break
            if braced and character == "}":
                break
            match character:
                case "\\":
                    if self.at + 1 >= end:
                        plain.append("\\")
                        self.at += 1
                    elif text[self.at + 1] == "\n":
                        self._join(bool(found or plain))
                    else:
                        flush()
                        found.append(Literal(text[self.at + 1], quoted=True))
                        self.at += 2
                case "'":
                    flush()
                    found.append(self.single_quoted())
                case '"':
                    flush()
                    self.at += 1
                    inner = self.double_quoted(closing='"')
                    found.extend(inner or (Literal("", quoted=True),))
                case "$":
                    flush()
                    found.extend(self.dollar(quoted=False))
                case "`":
                    flush()
                    found.append(self.backquoted(quoted=False))
                case _:
                    plain.append(character)
                    self.at += 1
        flush()
        return tuple(found)

    def _join(self, inside: bool) -> None:
        """Goes on in the next line, where that makes no sign that a parser might miss."""
        text, start = self.text, self.at
        while self.at + 1 < self.end and text.startswith("\\\n", self.at):
            self.at += 2
        following = text[self.at : self.at + 1]
        joins = following in _APART or _JOINS.issuperset((text[start - 1], following))
        if inside and not joins:
            raise WordError("a sign that goes on in the next line", start)

    def single_quoted(self) -> Literal:
        close = self.text.find("'", self.at + 1, self.end)
        if close < 0:
            raise WordError("a single quote that is not closed", self.at)
        value = self.text[self.at + 1 : close]
        self.at = close + 1
        return Literal(value, quoted=True)

    def double_quoted(self, closing: str | None) -> Parts:
        """What stands between double quotes, or (`closing` None) in a here-document."""
        text, end, opened = self.text, self.end, self.at
        found: list[Part] = []
        plain: list[str] = []
        escapable = '$`"\\' if closing else "$`\\"
        while True:
            if self.at >= end:
                if closing:
                    raise WordError("a double quote that is not closed", opened - 1)
                break
            character = text[self.at]
            if character == closing:
                self.at += 1
                break
            if character == "\\" and self.at + 1 < end:
                following = text[self.at + 1]
                if following == "\n":
                    pass
                elif following in escapable:
                    plain.append(following)
                else:
                    plain.append("\\" + following)
                self.at += 2
            elif character in "$`":
                if plain:
                    found.append(Literal("".join(plain), quoted=True))
                    plain.clear()
                if character == "$":
                    found.extend(self.dollar(quoted=True))
                else:
                    found.append(self.backquoted(quoted=True))
            else:
                plain.append(character)
                self.at += 1
        if plain:
            found.append(Literal("".join(plain), quoted=True))
        return tuple(found)

    def dollar(self, *, quoted: bool) -> Parts:
        """What `$` begins: an expansion, a quoted string, or just a dollar sign."""
        text, start = self.text, self.at
        following = text[start + 1] if start + 1 < self.end else ""
        if text.startswith("\\\n", start + 1):
            raise WordError("a line that goes on behind a `$`", start)
        if following == "{":
            return (self.braced_parameter(quoted=quoted),)
        if following == "(":
            return (self.parenthesized(quoted=quoted),)
        if following == "[":
            return (self.bracketed_arithmetic(quoted=quoted),)
        if following == "'" and not quoted:
            literal, self.at = read_ansi_c(text, start, self.end)
            return (literal,)
        if following == '"' and not quoted:
            self.at += 2
            return (Literal("", quoted=True, dollar=True), *self.double_quoted(closing='"'))
        if following in _SPECIAL and following:
            self.at += 2
            return (Parameter(following, quoted, (start, self.at)),)
        name = _NAME.match(text, start + 1, self.end)
        if name is None:
            self.at += 1
            return (Literal("$", quoted=True),)
        self.at = name.end()
        if _CONTINUED.match(text, self.at, self.end):
            raise WordError("a name that goes on in the next line", start)
        return (Parameter(name.group(), quoted, (start, self.at)),)

    def backquoted(self, *, quoted: bool) -> Substitution:
        text, start = self.text, self.at
        at = start + 1
        verbatim, inner = True, []
        while True:
            if at >= self.end:
                raise WordError("a backquote that is not closed", start)
            character = text[at]
            if character == "`":
                break
            if character == "\\" and at + 1 < self.end:
                following = text[at + 1]
                if following in ('$`\\"' if quoted else "$`\\"):
                    inner.append(following)
                elif following != "\n":  # lines are joined, also where a single quote is open
                    inner.append("\\" + following)
                verbatim = False
                at += 2
                continue
            inner.append(character)
            at += 1
        self.at = at + 1
        offset = start + 1 if verbatim else None
        return Substitution("".join(inner), offset, quoted, (start, self.at))

    def process_substitution(self) -> ProcessSubstitution:
        start = self.at
        from policy.parse.shell.scan import script_end

        close = script_end(self.text, start + 2, self.end, self.known)
        self.at = close + 1
        return ProcessSubstitution(self.text[start + 2 : close], start + 2, (start, self.at))

    def parenthesized(self, *, quoted: bool) -> Part:
        """`$((…))` if the parentheses close as one, else `$(…)`."""
        start = self.at
        part = self.known.get((start, quoted))
        if part is None or part.span[1] > self.end:
            part = self.known[start, quoted] = self._parenthesized(start, quoted=quoted)
        self.at = part.span[1]
        return part

    def _parenthesized(self, start: int, *, quoted: bool) -> Arithmetic | Substitution:
        from policy.parse.shell.scan import arithmetic_end, script_end

        text = self.text
        if text.startswith("((", start + 1):
            close = arithmetic_end(text, start + 3, self.end, self.known)
            if close is not None:
                return Arithmetic(self._nested(start + 3, close), quoted, (start, close + 2))
        close = script_end(text, start + 2, self.end, self.known)
        return Substitution(text[start + 2 : close], start + 2, quoted, (start, close + 1))

    def bracketed_arithmetic(self, *, quoted: bool) -> Arithmetic:
        start = self.at
        depth, at = 0, start + 2
        inner = Reader(self.text, at, self.end, self.depth + 1, self.known)
        parts: list[Part] = []
        while True:
            parts.extend(inner.parts(frozenset("[]")))
            if inner.at >= self.end:
                raise WordError("a `$[` that is not closed", start)
            depth += 1 if self.text[inner.at] == "[" else -1
            inner.at += 1
            if depth < 0:
                break
        self.at = inner.at
        return Arithmetic(tuple(parts), quoted, (start, self.at))

    def _nested(self, start: int, end: int) -> Parts:
        """The expansions between two offsets; quotes there only group."""
        if self.depth > 100:
            raise WordError("expansions nested too deeply", start)
        return Reader(self.text, start, end, self.depth + 1, self.known).parts(frozenset())

    def braced_parameter(self, *, quoted: bool) -> Parameter:
        """`${…}` (bash manual 3.5.3)."""
        text, start = self.text, self.at
        if self.depth > 100:
            raise WordError("expansions nested too deeply", start)
        self.at += 2
        if self.at < self.end and text[self.at] in " \t\n|":
            raise WordError("a command substitution in braces", start)
        operator = ""
        if self._prefix("#"):
            operator = "length"
        elif self._prefix("!"):
            operator = "indirect"
        name = _PARAMETER.match(text, self.at, self.end)
        if name is None:
            raise WordError("a parameter expansion without a name", start)
        self.at = name.end()
        subscript: Parts | None = None
        if self.at < self.end and text[self.at] == "[":
            subscript = self._subscript()
        argument: Parts = ()
        if not text.startswith("}", self.at):
            operator, argument = self._operation(operator, quoted=quoted)
        if not text.startswith("}", self.at) or self.at >= self.end:
            raise WordError("a `${` that is not closed", start)
        self.at += 1
        return Parameter(name.group(), quoted, (start, self.at), operator, argument, subscript)

    def _prefix(self, character: str) -> bool:
        """Takes `#` or `!` in front of a name; `${#}` and `${!}` are parameters themselves."""
        after = self.at + 1
        if not self.text.startswith(character, self.at) or after >= self.end:
            return False
        if self.text[after] in "}:=?+%^,/" or (character == "#" and self.text[after] == "-"):
            return self.text.startswith("-}", after)
        self.at += 1
        return True

    def _subscript(self) -> Parts:
        opened, depth = self.at, 0
        self.at += 1
        inner = Reader(self.text, self.at, self.end, self.depth + 1, self.known)
        parts: list[Part] = []
        while True:
            parts.extend(inner.parts(frozenset("[]")))
            if inner.at >= self.end:
                raise WordError("a subscript that is not closed", opened)
            if self.text[inner.at] == "[":
                depth += 1
            elif depth == 0:
                break
            else:
                depth -= 1
            parts.append(Literal(self.text[inner.at], quoted=False))
            inner.at += 1
        self.at = inner.at + 1
        return tuple(parts)

    def _operation(self, prefix: str, *, quoted: bool) -> tuple[str, Parts]:
        """The operator behind a name and what it applies; stands at the closing brace."""
        text, at = self.text, self.at
        if prefix == "indirect" and text[at : at + 2] in ("*}", "@}"):
            self.at += 1
            return "names:" + text[at], ()
        written = next((o for o in _OPERATORS if text.startswith(o, at)), text[at : at + 1])
        if written == "@":
            self.at += 2
            return "transform:" + text[at + 1 : at + 2], ()
        if written not in _WORD_OPERATORS and written[:1] not in tuple("#%/^,:"):
            raise WordError("an unknown operator in a parameter expansion", at)
        self.at += len(written)
        if written in _BEGIN_OPERATORS and text.startswith("\\\n", self.at):
            raise WordError("an operator that goes on in the next line", at)
        if quoted:
            argument = self._quoted_argument(written)
        else:
            reader = Reader(text, self.at, self.end, self.depth + 1, self.known)
            argument = reader.parts(frozenset(), braced=True, processes=written != ":")
            self.at = reader.at
        operator = "slice" if written == ":" else written
        if prefix == "indirect":
            return ("indirect:=" if written in (":=", "=") else "indirect"), argument
        return operator, argument

    def _quoted_argument(self, operator: str) -> Parts:
        """The word of `"${x:-word}"`. Single quotes quote in it or not, by operator and
        mode of the shell, so where that would matter the reader is not sure.
        """
        text = self.text
        reader = Reader(text, self.at, self.end, self.depth + 1, self.known)
        parts: list[Part] = []
        while reader.at < self.end and text[reader.at] != "}":
            character = text[reader.at]
            if character == "'":
                close = text.find("'", reader.at + 1, self.end)
                inside = text[reader.at + 1 : close] if close >= 0 else text[reader.at + 1 :]
                if close >= 0 and any(c in inside for c in '$`"\\}'):
                    raise WordError("a single quote inside a quoted expansion", reader.at)
                parts.append(Literal("'", quoted=True))
                reader.at += 1
            elif character == '"':
                reader.at += 1
                parts.extend(reader.double_quoted(closing='"'))
            elif character == "\\" and reader.at + 1 < self.end:
                following = text[reader.at + 1]
                kept = following in '$`"\\}'
                if following != "\n":
                    parts.append(Literal(following if kept else "\\" + following, quoted=True))
                reader.at += 2
            elif character == "$":
                parts.extend(reader.dollar(quoted=True))
            elif character == "`":
                parts.append(reader.backquoted(quoted=True))
            else:
                parts.append(Literal(character, quoted=True))
                reader.at += 1
        self.at = reader.at
        return tuple(parts)

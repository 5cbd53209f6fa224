"""Expansion of words: from parts to pieces, with the values that a scope holds.

    word ─► braces ─► tilde, parameters, substitutions ─► pieces ─► fields ─► words

What is substituted has been run before (`embedded`): its output is known or a hole.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Mapping

from policy.parse.shell.braces import expand_braces, has_braces
from policy.parse.shell.parts import (
    Arithmetic,
    Literal,
    Parameter,
    Part,
    Parts,
    ProcessSubstitution,
    Substitution,
)
from policy.parse.shell.scope import Scope
from policy.parse.shell.spent import Spent
from policy.parse.shell.syntax import Slice
from policy.parse.shell.values import (
    BREAK,
    Elements,
    Piece,
    PieceKind,
    Value,
    fields,
    fixed_text,
    hole,
    number,
    text_value,
)
from policy.plan import Span, Word, WordKind

_TILDE = re.compile(r"~([A-Za-z_][A-Za-z0-9_.-]*|)(?=/|$)")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_INDEX = re.compile(r"[1-9][0-9]{0,8}|0")  # 010 is eight
_LATER_TILDE = re.compile(r"[=:]~")
_NUMBERS = frozenset("?#$!")
_PIPE_NAME = "/dev/fd/63"  # what bash calls the first; which one it is makes no difference
_MAYBE_EMPTY = (PieceKind.HOLE, PieceKind.COUNT)
_KNOWN_OPERATORS = frozenset(("", ":-", "-", ":+", "+", ":=", "=", ":?", "?"))

Choice = Mapping[str, Elements]
Outputs = Mapping[Slice, Value]
"""The output of substitutions by their place in the text, where the text fixes it."""


class Expander:
    """Expands words of one text in one scope, given what variables are taken to hold.

    Takes what expansions make of `spent`, a unit for each character, before they are made.
    """

    def __init__(
        self, text: str, scope: Scope, outputs: Outputs, choice: Choice, spent: Spent
    ) -> None:
        self.text = text
        self.scope = scope
        self.outputs = outputs
        self.choice = choice
        self.spent = spent

    def words(self, parts: Parts, raw: Slice, span: Span, limit: int) -> list[Word]:
        """All the words that one word of the text becomes."""
        source = self.text[raw[0] : raw[1]]
        found: list[Word] = []
        for braced in expand_braces(parts, limit):
            self.spent.take(8 + sum(len(p.text) for p in braced if isinstance(p, Literal)))
            first = braced[0] if braced else None
            assigns = isinstance(first, Literal) and _ASSIGNED.match(first.text) is not None
            pieces = self.pieces(braced, tilde=True, assigns=assigns)
            if _may_be_empty(pieces) and any(
                _is_list(p) for p in braced if isinstance(p, Parameter)
            ):
                pieces = [hole(source, quoted=False)]  # a word or none: `"$@$x"`, `"$@""$x"`
            blank = any(p.expanded and p.text.split() != [p.text] for p in pieces)
            if blank and _stays_whole(braced):
                pieces = [hole(source, quoted=False)]
            found.extend(fields(pieces, span, source, separators=self.scope.separators))
        return found

    def one(self, parts: Parts, raw: Slice, span: Span, *, file: bool) -> Word:
        """The one word that a redirect's target (`file`) or a here-string becomes."""
        source = self.text[raw[0] : raw[1]]
        if file and has_braces(parts):  # one word of several may remain: `{a,}`
            return Word(WordKind.DYNAMIC, source, span)
        pieces = self.pieces(parts, tilde=True, assigns=True)
        found = fields(pieces, span, source, separators=True)
        if len(found) == 1 and found[0].kind is not WordKind.PATTERN and not found[0].many:
            return found[0]
        if not found:
            return Word(WordKind.STATIC, "", span)
        return Word(WordKind.DYNAMIC, source, span)

    def value(self, parts: Parts) -> Value:
        """The value that an assignment stores: neither split nor globbed."""
        pieces = self.pieces(parts, tilde=True, assigns=True)
        kept = [p if p.kind is not PieceKind.BREAK else Piece(PieceKind.TEXT, " ") for p in pieces]
        return tuple(Piece(p.kind, p.text) for p in kept if p.text or p.kind is PieceKind.HOLE)

    def pieces(self, parts: Parts, *, tilde: bool = False, assigns: bool = False) -> list[Piece]:
        """What parts become. `tilde`: one may begin them; `assigns`: or stand behind `=` or `:`,
        where the parts are `name=value` or a value (bash manual 3.5.2).
        """
        found: list[Piece] = []
        for index, part in enumerate(parts):
            if not isinstance(part, Literal) or part.quoted:
                found.extend(self._part(part))
                continue
            text = part.text
            later = _LATER_TILDE.search(text) if assigns else None
            head = text if later is None else text[: later.start() + 1]
            if tilde and index == 0:
                found.extend(self._tilde(head, whole=len(parts) == 1))
            else:
                found.append(Piece(PieceKind.TEXT, head, quoted=False))
            if later is not None:
                found.append(hole(text[later.start() + 1 :]))
        return found

    def _tilde(self, text: str, *, whole: bool) -> Iterator[Piece]:
        match = _TILDE.match(text)
        if match is not None and (match.end() < len(text) or whole):
            if match.group() == "~" and not self.scope.own_home:
                yield from self._home()
            else:
                yield Piece(PieceKind.HOME, match.group())
            text = text[match.end() :]
        elif text.startswith("~"):
            slash = text.find("/")
            name = text[: slash if slash >= 0 else len(text)]
            yield hole(name, quoted=not any(c in name for c in "*?["))  # `~*` is a glob
            text = text[slash:] if slash >= 0 else ""
        if text:
            yield Piece(PieceKind.TEXT, text, quoted=False)

    def _home(self) -> Iterator[Piece]:
        """What the text has assigned to HOME, as `~` stands for it: neither split nor globbed."""
        held = self.scope.variables.get("HOME", ())
        known = fixed_text(held[0][0]) if len(held) == 1 and held[0] else None
        yield hole("~") if known is None else Piece(PieceKind.TEXT, known)

    def _part(self, part: Part) -> Iterator[Piece]:
        match part:
            case Literal(text, quoted):
                yield Piece(PieceKind.TEXT, text, quoted)
            case Parameter():
                yield from self._parameter(part)
            case Substitution():
                known = self.outputs.get(part.span)
                if known is None:
                    yield hole(self._source(part.span), quoted=part.quoted)
                else:
                    if part.quoted and not known:
                        yield Piece(PieceKind.TEXT, "")
                    yield from self._expansion(known, quoted=part.quoted)
            case ProcessSubstitution(text) if not text.strip():
                yield hole(self._source(part.span), quoted=False)  # no pipe, and no word
            case ProcessSubstitution():
                yield Piece(PieceKind.TEXT, _PIPE_NAME)
            case Arithmetic():
                yield number(self._source(part.span), quoted=part.quoted)

    def _expansion(self, value: Value, *, quoted: bool) -> Iterator[Piece]:
        for piece in value:
            self.spent.take(len(piece.text) + 1)
            yield piece.as_expansion(quoted=quoted)

    def _source(self, span: Slice) -> str:
        return self.text[span[0] : span[1]]

    def _parameter(self, part: Parameter) -> Iterator[Piece]:
        source = self._source(part.span)
        if part.operator == "length" or (part.name in _NUMBERS and not part.operator):
            if part.name == "!":  # or nothing, as yet
                yield Piece(PieceKind.COUNT, source, part.quoted, not part.quoted)
            else:
                yield number(source, quoted=part.quoted)
            return
        elements = self._elements(part)
        every = part.name == "@" or _is_all(part.subscript, "@")
        joined = part.name == "*" or _is_all(part.subscript, "*")
        separated = joined and not self.scope.separators  # by whatever IFS begins with
        if elements is None or separated or part.operator not in _KNOWN_OPERATORS:
            yield hole(source, quoted=part.quoted and not _is_list(part))
            return
        shown = elements if every or joined else elements[:1]
        filled = _is_filled(shown, null=part.operator.startswith(":"))
        if part.operator and filled is None:
            yield hole(source, quoted=part.quoted and not _is_list(part))
            return
        if part.operator and filled == (part.operator in (":+", "+")):
            yield from self._argument(part)
            return
        for index, element in enumerate(shown):
            if index:
                yield BREAK if every or not part.quoted else Piece(PieceKind.TEXT, " ")
            if not element and part.quoted:
                yield Piece(PieceKind.TEXT, "")
            yield from self._expansion(element, quoted=part.quoted)
        if not shown and part.quoted and not every:
            yield Piece(PieceKind.TEXT, "")

    def _argument(self, part: Parameter) -> Iterator[Piece]:
        """The other value, split where neither the expansion nor its text is quoted."""
        pieces = self.pieces(part.argument, tilde=not part.quoted)
        if part.quoted and not pieces:
            yield Piece(PieceKind.TEXT, "")
        for piece in pieces:
            if part.quoted or piece.quoted:
                yield piece
            else:
                yield Piece(piece.kind, piece.text, quoted=False, expanded=True)

    def _elements(self, part: Parameter) -> Elements | None:
        """What a parameter holds, or None where only run time knows."""
        if part.name in ("@", "*"):
            if self.scope.arguments is None:
                return None
            return tuple(v for argument in self.scope.arguments for v in argument)
        if part.name.isdigit():
            position = int(part.name)
            if self.scope.arguments is None or position == 0:
                return None
            if position > len(self.scope.arguments):
                return ()
            return self.scope.arguments[position - 1]
        if part.name in self.choice:
            elements = self.choice[part.name]
            if part.subscript is None or _is_all(part.subscript, "@*"):
                return elements
            return _element(elements, part.subscript)
        if part.subscript is not None:
            return None
        if part.name == "HOME" and self.scope.own_home:
            return ((Piece(PieceKind.HOME, "~"),),)
        directory = self.scope.directory
        known = None if directory is None or self.scope.elsewhere else directory.value
        if part.name == "PWD" and known is not None and _is_plain_path(known):
            return (text_value(known),)
        return None


def _is_list(part: Parameter) -> bool:
    """Whether an expansion may be any number of words even where it is quoted: `"$@"`."""
    arguments = (one for one in part.argument if isinstance(one, Parameter))
    every = part.name == "@" or part.operator == "names:@" or _is_all(part.subscript, "@")
    return every or any(map(_is_list, arguments))


def _stays_whole(parts: Parts) -> bool:
    """Whether bash may not split what was expanded: a `$` behind it that begins nothing makes
    bash 5.2 forget that it has to.
    """
    expanded = False
    for part in parts:
        if not isinstance(part, Literal):
            expanded = True
        elif expanded and part.quoted and part.text == "$":
            return True
    return False


def _may_be_empty(pieces: list[Piece]) -> bool:
    """Whether there is a quoted nothing among pieces, or may be, and nothing else for certain."""
    return bool(pieces) and all(
        p.kind in _MAYBE_EMPTY or (p.kind is PieceKind.TEXT and not p.text) for p in pieces
    )


def _is_filled(elements: Elements, *, null: bool) -> bool | None:
    """Whether a parameter is set, and with `null` not empty; None where only run time knows."""
    pieces = [piece for value in elements for piece in value]
    if not null:
        unset = any(piece.kind is PieceKind.COUNT for piece in pieces)
        return None if unset else bool(elements)
    if len(elements) > 1:  # a blank is between them
        return True
    if any(piece.kind not in _MAYBE_EMPTY for piece in pieces):
        return True
    return None if pieces else False


def _is_plain_path(path: str) -> bool:
    """Whether `cd path` makes exactly this of PWD, if no link is on the way."""
    return path.startswith("/") and posixpath.normpath(path) == path and path[:2] != "//"


def _is_all(subscript: Parts | None, which: str) -> bool:
    return (
        subscript is not None
        and len(subscript) == 1
        and isinstance(subscript[0], Literal)
        and subscript[0].text in tuple(which)
    )


def _element(elements: Elements, subscript: Parts) -> Elements | None:
    text = "".join(p.text for p in subscript if isinstance(p, Literal))
    if any(not isinstance(p, Literal) for p in subscript) or not _INDEX.fullmatch(text):
        return None
    index = int(text)
    return (elements[index],) if index < len(elements) else ()


def used_variables(parts: Parts) -> Iterator[str]:
    """The names of the variables that the expansion of `parts` looks at."""
    for part in parts:
        if isinstance(part, Parameter):
            yield part.name
            yield from used_variables(part.argument)


def choices(names: set[str], scope: Scope, limit: int) -> Iterator[dict[str, Elements]]:
    """Every way in which the used variables can hold their alternatives.

    Beyond `limit` ways, the variables with several alternatives are unknown.
    """
    known = {n: scope.variables[n] for n in sorted(names) if n in scope.variables}
    count = 1
    for alternatives in known.values():
        count *= len(alternatives)
    if count > limit:
        known = {n: a for n, a in known.items() if len(a) == 1}
    for row in itertools.product(*known.values()):
        yield dict(zip(known, row, strict=True))

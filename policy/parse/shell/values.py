"""Values as far as the text fixes them, and the words that they become.

A value is a row of *pieces*: text, a hole (something only run time knows), the home
directory, or a glob that stood for a file name. `fields` does what the shell does after
expansion: word splitting, and file name expansion (bash manual 3.5.7 and 3.5.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from policy.frozen import frozen
from policy.plan import Span, Word, WordKind

# A glob with more than these is taken for anything that begins as it does: comparing it with
# another takes time by the product of both.
_LONGEST_GLOB = 1_024
_MOST_WILDCARDS = 16
_NUMERALS = " +-0123456789"
_BLANKS = re.compile(r"[ \t\n]+")  # what IFS holds unless a script sets it


class PieceKind(Enum):
    TEXT = "text"
    HOLE = "hole"  # `text` is its source, for display
    HOME = "home"  # `text` is ~ or ~user
    NUMBER = "number"  # a hole that is a number for certain
    COUNT = "count"  # a hole: a number, or what the caller's variable held, if any
    GLOB = "glob"  # a file name that matches the glob `text`
    BREAK = "break"  # between the elements of "$@" and "${a[@]}": a new word begins


@frozen
class Piece:
    """`quoted`: neither split nor globbed. `expanded`: unquoted and from an expansion, so it
    is split into words; an unquoted piece that isn't stands in the text itself.
    """

    kind: PieceKind
    text: str
    quoted: bool = True
    expanded: bool = False

    def as_expansion(self, *, quoted: bool) -> Piece:
        """The piece where a variable that holds it is expanded."""
        return Piece(self.kind, self.text, quoted, not quoted)


Value = tuple[Piece, ...]
Elements = tuple[Value, ...]
"""The elements of an array; a scalar has one."""

BREAK = Piece(PieceKind.BREAK, "")


def text_value(text: str) -> Value:
    return (Piece(PieceKind.TEXT, text),) if text else ()


def hole(source: str, *, quoted: bool = True) -> Piece:
    return Piece(PieceKind.HOLE, source, quoted, not quoted)


def number(source: str, *, quoted: bool = True) -> Piece:
    """What `$#`, `${#x}` and arithmetic give: nothing splits it but an IFS of digits."""
    return Piece(PieceKind.NUMBER, source, expanded=not quoted)


def count(source: str) -> Piece:
    """What arithmetic leaves in a variable that it may not have reached."""
    return Piece(PieceKind.COUNT, source)


def is_number(value: Iterable[Piece]) -> bool:
    """Whether a value is a number, nothing, or the caller's, for certain."""
    return all(
        piece.kind in (PieceKind.NUMBER, PieceKind.COUNT)
        or (piece.kind is PieceKind.TEXT and not piece.text.strip(_NUMERALS))
        for piece in value
    )


def fixed_text(value: Iterable[Piece]) -> str | None:
    """The exact text of a value, or None where it has any other piece."""
    found = []
    for piece in value:
        if piece.kind is not PieceKind.TEXT:
            return None
        found.append(piece.text)
    return "".join(found)


def word_value(word: Word) -> Value:
    """The value that a word passes to a function or a loop's variable."""
    match word.kind:
        case WordKind.STATIC if word.home:
            head, slash, tail = word.text.partition("/")
            return (Piece(PieceKind.HOME, head), *text_value(slash + tail))
        case WordKind.STATIC:
            return text_value(word.text)
        case WordKind.PATTERN if not word.home:
            return (Piece(PieceKind.GLOB, word.text),)
        case _:
            middle = hole(word.text)
            if word.home:
                return (middle,)
            return (*text_value(word.prefix), middle, *text_value(word.suffix))


def fields(pieces: Iterable[Piece], span: Span, source: str, *, separators: bool) -> list[Word]:
    """The words that pieces become. `separators`: IFS has its default value.

    An empty unquoted expansion gives no word; a hole that is split may give any number.
    """
    words: list[Word] = []
    current: list[Piece] = []
    quoted_empty = False

    def finish() -> None:
        nonlocal quoted_empty
        if current or quoted_empty:
            words.extend(_word(current, span, source))
        current.clear()
        quoted_empty = False

    for piece in pieces:
        if piece.kind is PieceKind.BREAK:
            finish()
        elif not separators and piece.expanded and (piece.text or piece.kind is PieceKind.HOLE):
            current.append(hole(source, quoted=False))  # IFS may hold any of its characters
        elif piece.kind is not PieceKind.TEXT or not piece.expanded:
            if piece.kind is PieceKind.TEXT and not piece.text:
                quoted_empty = quoted_empty or piece.quoted
            else:
                current.append(piece)
        else:
            head, *rest = _split(piece.text)
            if head:
                current.append(Piece(PieceKind.TEXT, head, quoted=False))
            for part in rest:
                finish()
                if part:
                    current.append(Piece(PieceKind.TEXT, part, quoted=False))
    finish()
    return words


def _split(text: str) -> list[str]:
    """Text at blanks; an empty first or last item says that a blank begins or ends it."""
    items = [item for item in _BLANKS.split(text) if item]
    if not items:
        return ["", ""] if text else [""]
    if text[0] in " \t\n":
        items.insert(0, "")
    if text[-1] in " \t\n":
        items.append("")
    return items


def _word(pieces: list[Piece], span: Span, source: str) -> list[Word]:
    home = _begins_at_home(pieces)
    globs = _globbing(pieces)
    known: list[str] = []  # literal text so far
    pattern: list[str] = []  # the same as a glob, literal characters escaped
    prefix: str | None = None  # set at the first piece that is not literal
    tail: list[str] = []  # literal text behind the last one that is not
    dynamic, split = False, False
    bracket = False  # whether one was opened before
    for index, piece in enumerate(pieces):
        is_text = piece.kind is PieceKind.TEXT
        escapes = is_text and not piece.quoted and "\\" in piece.text
        if (is_text and not globs[index] and not escapes) or (home and index == 0):
            quoted = is_text and piece.quoted
            known.append(piece.text)
            if bracket and not quoted and "]" in piece.text:  # `["a"]` ends in anything
                tail = [piece.text.rpartition("]")[2]]
            else:
                tail.append(piece.text)
            pattern.append(_escape(piece.text, bracket=bracket) if quoted else piece.text)
            bracket = bracket or (not quoted and "[" in piece.text)
            continue
        bracket = bracket or "[" in piece.text
        first = prefix is None
        if prefix is None:
            prefix = "".join(known)
        if escapes:  # a name that the text without them matches, or itself: versions differ
            dynamic, tail = True, []
            prefix += piece.text.partition("\\")[0] if first and not globs[index] else ""
        elif is_text or (piece.kind is PieceKind.GLOB and piece.quoted):
            before, after = _around_glob(piece.text)
            prefix += before if first else ""
            pattern.append(piece.text)
            tail = [after]
        else:
            dynamic = True
            whole = piece.kind in (PieceKind.NUMBER, PieceKind.HOME)
            split = split or (not piece.quoted and not whole)
            tail = []
    if prefix is None:
        text = "".join(known)
        return [Word(WordKind.STATIC, text, span, text, text, home=home)]
    suffix = "".join(tail)
    if not dynamic:
        many = any(globs)
        glob = "".join(pattern)
        if len(glob) > _LONGEST_GLOB or sum(map(glob.count, "*?[")) > _MOST_WILDCARDS:
            return [Word(WordKind.DYNAMIC, source, span, prefix, many=True, home=home)]
        return [Word(WordKind.PATTERN, glob, span, prefix, suffix, many=many, home=home)]
    if not split:
        return [Word(WordKind.DYNAMIC, source, span, prefix, suffix, many=any(globs), home=home)]
    rest = Word(WordKind.DYNAMIC, source, span, many=True)
    if not prefix and not home:
        return [rest]
    begins = Word(WordKind.DYNAMIC, source, span, prefix, many=any(globs), home=home)
    return [begins, rest]


def _begins_at_home(pieces: list[Piece]) -> bool:
    """Whether the home directory comes first, and behind it nothing or a slash: `$HOME/a`."""
    if not pieces or pieces[0].kind is not PieceKind.HOME:
        return False
    if len(pieces) == 1:
        return True
    following = pieces[1]
    return following.kind is PieceKind.TEXT and following.text.startswith("/")


def _globbing(pieces: list[Piece]) -> list[bool]:
    """For each piece, whether it is unquoted text that file names are matched with.

    A bracket may be closed in a later piece: `["s"]hadow` is a glob.
    """
    found: list[bool] = []
    closes = False  # whether a bracket is closed behind the piece
    for piece in reversed(pieces):
        text = piece.text if piece.kind is PieceKind.TEXT and not piece.quoted else ""
        opened = text.find("[")
        closed = opened >= 0 and (closes or "]" in text[opened:])
        found.append(closed or "*" in text or "?" in text)
        closes = closes or "]" in text
    return found[::-1]


def _around_glob(text: str) -> tuple[str, str]:
    """What stands before the first and behind the last special character of a glob."""
    first = min((i for i in (text.find(c) for c in "*?[") if i >= 0), default=len(text))
    last = max(text.rfind(c) for c in "*?]")
    return text[:first].replace("\\", ""), text[last + 1 :].replace("\\", "")


def _escape(text: str, *, bracket: bool) -> str:
    """Text as a glob that matches only itself, also where a bracket was opened before it."""
    special = "*?[]\\!^-" if bracket else "*?[]\\"
    return "".join("\\" + c if c in special else c for c in text)

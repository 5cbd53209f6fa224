"""Forms as text that people read: the pattern of an action or of a witness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from shlex import quote

from policy.holes import Hole, Part
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import CONSTRUCT, STEP_END
from policy.whitelist.pattern import Pattern

_END_MARK = " {}"
_PLAIN = re.compile(r"[\w@%+=:,./-]")
_PLAIN_GLOB = re.compile(r"[\w@%+=:,./*?\[\]!^-]")


def write(form: Form) -> Pattern:
    """The pattern that means `form`."""
    via, own = _steps(form.pieces)
    if form.language == "shell":
        return Pattern(_command(own, form.rest), via=via)
    from policy.whitelist.sql_forms import render

    return Pattern(render(tuple(own)), form.language, via)


def _steps(pieces: Sequence[Piece]) -> tuple[tuple[str, ...], Sequence[Piece]]:
    steps: list[str] = []
    words: list[Piece] = []
    for index, piece in enumerate(pieces):
        if piece.role == CONSTRUCT:
            steps.append(piece.text or "")
        elif piece == STEP_END:
            steps.append(" ".join(_words(words)).removesuffix(_END_MARK))
            words = []
        elif piece.role.startswith("via "):
            words.append(Piece(piece.role.removeprefix("via "), piece.parts))
        else:
            return tuple(steps), pieces[index:]
    return tuple(steps), ()


def _command(pieces: Sequence[Piece], rest: Piece | None) -> str:
    before: list[str] = []
    behind: list[str] = []
    words: list[Piece] = []
    producer = ""
    for piece in pieces:
        kind, _, what = piece.role.partition(" ")
        match kind:
            case "with":
                before.append(f"{what}={_word(piece)}")
            case "set":
                name = what.removeprefix("export ")
                head = "export " if name != what else ""
                before.append(f"{head}{name}={_word(piece)}")
            case "redirect":
                sign = what.removesuffix(" glob")
                blank = "" if sign.endswith("&") else " "
                behind.append(f"{sign}{blank}{_word(piece)}")
            case "input":
                behind.append(f"<<< {_word(piece)}")
            case "pipe":
                producer += f"{_word(piece)} | "
            case _:
                words.append(piece)
    if rest is not None:
        words.append(rest)
    return producer + " ".join([*before, *_words(words), *behind])


def _words(pieces: Sequence[Piece]) -> Iterator[str]:
    """Each word; a value that can only be attached is, to the option before it."""
    pending = ""
    for index, piece in enumerate(pieces):
        role = piece.role.removesuffix(" glob")
        text = piece.text or "" if role == "runs" else pending + _word(piece)
        pending = ""
        following = pieces[index + 1].role if index + 1 < len(pieces) else ""
        if role == "option" and following.startswith("attached"):
            pending = text
        else:
            yield text


def _word(piece: Piece) -> str:
    if piece.role.endswith(" glob"):
        return _glob(piece.text or "")
    return "".join(map(_part, piece.parts)) or "''"


def _part(part: Part) -> str:
    if isinstance(part, Hole):
        return str(part)
    if part.startswith("\0"):
        user, slash, path = part[1:].partition("/")
        return f"~{user}{slash}{quote(path) if path else ''}"
    if "{}" in part:  # as it is, `{}` says where a wrapper's command stands
        return "".join(c if _PLAIN.match(c) else _escaped(c) for c in part)
    return quote(part) if part else ""


def _escaped(character: str) -> str:
    return "$'\\n'" if character == "\n" else f"\\{character}"


def _glob(text: str) -> str:
    """A glob whose literal characters are escaped with a backslash, as the shell needs it."""
    home = ""
    if text.startswith("\0"):
        user, slash, text = text[1:].partition("/")
        home = f"~{user}{slash}"
    written: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == "\\":
            written.append(_escaped(next(characters, "\\")))
        elif _PLAIN_GLOB.match(character):
            written.append(character)
        else:
            written.append(_escaped(character))
    return home + "".join(written)

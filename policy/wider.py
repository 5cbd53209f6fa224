"""Wider forms than that of one command: which words may be others, and of which type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from policy.globs import escape
from policy.holes import Hole, HoleKind, Part
from policy.whitelist.form import Form, Piece

Parts = tuple[Part, ...]

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
TYPED_ROLES = ("operand", "value", "attached", "number", "string")
_REDIRECT = re.compile(r"redirect [^& ]*[<>]")
_VALUES = ("value", "attached")  # of an option
_NUMBERED = re.compile(r"(?P<before>[A-Za-z_][A-Za-z0-9_.-]*[A-Za-z_.-])[0-9]+")


def wider_forms(form: Form) -> Iterator[Form]:
    """The form, then wider ones."""
    yield form
    names: set[str] = set()
    free: dict[int, Parts] = {}
    words: dict[int, Sequence[Parts]] = {}
    for index, piece in enumerate(form.pieces):
        role, text = piece.role, piece.text
        if not text or not (role in TYPED_ROLES or _REDIRECT.fullmatch(role)):
            continue
        option = form.pieces[index - 1].text if role in _VALUES else None
        natural = _natural(role, text, option, names)
        if natural is not None:
            free[index] = natural
        elif role not in _VALUES and (wider := _wider(text, names)):
            words[index] = wider
    numbers = {index: parts for index, parts in free.items() if _is_number(parts)}
    if numbers and len(numbers) < len(free):
        yield with_parts(form, numbers)
    if free:
        yield with_parts(form, free)
    last = max(words, default=-1)
    for choice in words.get(last, ()):
        yield with_parts(form, {**free, last: choice})
    if len(words) > 1:
        for nth in (0, -1):
            yield with_parts(form, {**free, **{index: some[nth] for index, some in words.items()}})


def with_parts(form: Form, parts: Mapping[int, Parts]) -> Form:
    """The form with other parts at some of its pieces."""
    pieces = [
        Piece(piece.role, parts[index]) if index in parts else piece
        for index, piece in enumerate(form.pieces)
    ]
    return Form(form.language, tuple(pieces), form.rest)


def _is_number(parts: Parts) -> bool:
    return isinstance(parts[0], Hole) and parts[0].kind is HoleKind.INT


def _natural(role: str, text: str, option: str | None, names: set[str]) -> Parts | None:
    """A hole for a word that is free by its nature: a number, or text."""
    if text[:1] in {"-", "\0"} or "://" in text:
        return None
    if text.isascii() and text.isdigit():
        return (Hole(_called(option, "n", names), HoleKind.INT),)
    if role == "string":
        return (Hole(_called(option, "value", names), HoleKind.TEXT),)
    if role != "number" and any(character.isspace() for character in text):
        return (Hole(_called(option, "text", names), HoleKind.TEXT),)
    return None


def _wider(text: str, names: set[str]) -> Sequence[Parts]:
    """What else a word may stand for, the narrower first."""
    if text[:1] in {"-", "\0"} or "://" in text:
        return ()
    directory, slash, name = text.rpartition("/")
    if slash and (directory[:1] in {"", "."} or "." in name):
        return [(hole,) for hole in _paths(text, names)]
    if NAME.fullmatch(text) is None:
        return ()
    found: list[Parts] = []
    numbered = _NUMBERED.fullmatch(text)
    if numbered is not None:
        found.append((numbered["before"], Hole(_called(None, "n", names), HoleKind.INT)))
    hole = Hole(_called(None, "name", names), HoleKind.NAME)
    found.append((directory + slash, hole) if slash else (hole,))
    return found


def _called(option: str | None, otherwise: str, names: set[str]) -> str:
    """A name for a hole: that of the option, if it has a long one; each once."""
    long = (option or "").strip("-=").replace(".", "-")
    base = long if len(long) > 1 and NAME.fullmatch(long) and not long[0].isdigit() else otherwise
    base = base.replace("/", "-")
    name, number = base, 1
    while name in names:
        number += 1
        name = f"{base}{number}"
    names.add(name)
    return name


def _paths(text: str, names: set[str]) -> Iterator[Hole]:
    """Files of the same directory and kind, then of the same kind anywhere below."""
    directory, _, name = text.removeprefix("./").rpartition("/")
    if ".." in directory.split("/"):
        return
    _, dot, suffix = name.rpartition(".")
    kind = f"*.{escape(suffix)}" if dot and name[0] != "." and suffix else "*"
    called = _called(None, "path", names)
    place = f"{escape(directory)}/" if directory or text[:1] == "/" else ""
    yield Hole(called, HoleKind.PATH, (place + kind,))
    if directory:
        yield Hole(called, HoleKind.PATH, (f"{place}**/{kind}",))

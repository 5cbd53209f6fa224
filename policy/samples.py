"""Commands that show what a form admits, and what it doesn't."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy.globs import unescape
from policy.holes import Hole, HoleKind, Part
from policy.languages import accepts, examples, texts, word
from policy.whitelist.compose import compose
from policy.whitelist.form import Form, Piece
from policy.whitelist.writer import write
from policy.wider import NAME, TYPED_ROLES, with_parts


def newly_admitted(
    form: Form, before: Form | None, least: Form, directory: str | None
) -> Iterator[str]:
    """Commands of the form that are none of the form before; of the first one, itself."""
    if before is None:
        text = text_of(form)
        if text is not None:
            yield text
        return
    seen: set[str] = set()
    for filled in members(form):
        if before.admits(filled, directory) or filled == least:
            continue
        if not form.admits(filled, directory):
            continue
        text = text_of(filled)
        if text is not None and text not in seen:
            seen.add(text)
            yield text


def members(form: Form) -> Iterator[Form]:
    """Some forms without holes that the form admits, the most readable first."""
    places = [index for index, piece in enumerate(form.pieces) if piece.text is None]
    choices = {index: words_of(form.pieces[index]) for index in places}
    number = max((len(some) for some in choices.values()), default=0)
    for step in range(number):
        yield with_parts(
            form, {index: (some[step % len(some)],) for index, some in choices.items() if some}
        )


def words_of(piece: Piece) -> Sequence[str]:
    """Some words that the piece admits, the most readable first."""
    finite = texts(piece.parts)
    if finite is not None:
        return finite
    admitted = word(piece.parts)
    *before, last = piece.parts
    more: list[str] = []
    if isinstance(last, Hole) and all(isinstance(one, str) for one in before):
        start = "".join(one for one in before if isinstance(one, str))
        more = [start + one for one in _MORE.get(last.kind, ())]
    found = [*more, *_paths_like(piece.parts[0]), *examples(piece.parts)]
    return [one for one in dict.fromkeys(found) if accepts(admitted, one)]


def _paths_like(part: Part) -> Iterator[str]:
    if isinstance(part, Hole) and part.kind is HoleKind.PATH:
        for glob in part.arguments:
            for name in ("a", "b", "c"):
                yield unescape(glob.replace("**/", "").replace("**", name).replace("*", name))
                yield unescape(glob.replace("**", "x").replace("*", name))


_MORE = {
    HoleKind.NAME: ("api", "web-2", "x/y", "v1.2"),
    HoleKind.WORD: ("api", "web-2", "x=y"),
    HoleKind.TEXT: ("some text", "api", "it's 10 %"),
    HoleKind.INT: ("7", "12", "443"),
}


def near_misses(form: Form, directory: str | None) -> Iterator[str]:
    """Commands that are close to the form and none of it."""
    usual = next(members(form), form)
    for index in reversed(range(len(form.pieces))):
        piece = form.pieces[index]
        if piece.role not in TYPED_ROLES and not piece.role.startswith("set "):
            continue
        for value in _outside(piece):
            missed = with_parts(usual, {index: (value,)})
            text = text_of(missed)
            if text is not None and not form.admits(missed, directory):
                yield text
    more = Form(form.language, (*usual.pieces, Piece("option", ("--force",))))
    runs = any(piece.role == "program" for piece in form.pieces)
    text = text_of(more) if runs else None
    if text is not None:
        yield text


def _outside(piece: Piece) -> Iterator[str]:
    part = piece.parts[-1] if piece.parts else ""
    start = "".join(one for one in piece.parts[:-1] if isinstance(one, str))
    if isinstance(part, str):
        if piece.text and piece.role == "number":
            yield f"{piece.text}0"
        elif piece.text and (NAME.fullmatch(piece.text) or piece.role.startswith("set ")):
            yield f"{piece.text}-2"
        return
    match part.kind:
        case HoleKind.PATH:
            directory, _, name = unescape(part.arguments[0]).replace("**/", "").rpartition("/")
            yield f"{directory}-old/{name.replace('*', 'a')}" if directory else "/etc/a"
        case HoleKind.INT:
            yield f"{start}1k"
        case HoleKind.NAME:
            yield f"{start}a:b"
        case _:
            yield ""


def text_of(form: Form) -> str | None:
    """What an agent would write, for a form without holes."""
    pattern = write(form)
    composed = compose(pattern)
    return composed[0] if composed is not None else pattern.command

"""Forms: sequences of pieces, the same for a pattern and, without holes, for an action.

A pattern admits an action if their pieces have the same roles and each word of the pattern
admits the action's.
"""

from __future__ import annotations

from policy.frozen import frozen
from policy.holes import Hole, Part, admits


@frozen
class Piece:
    """One word of a form.

    `role` is what the word is (`program`, `option`, `value`, `operand`, `>` …): pieces of
    different roles never match. `parts` are literal text and holes: a single text for the word
    of an action, an empty tuple for one that matches nothing (known only at run time).
    """

    role: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str | None:
        """The literal text, or None where there is a hole."""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return None


@frozen
class Form:
    """What a pattern, or an action, is once it was read.

    `pieces` has the steps, assignments, redirects and input first, then the words in their
    normal order. `rest` stands for any number of further operands (None: there are none).
    """

    language: str
    pieces: tuple[Piece, ...]
    rest: Piece | None = None

    def admits(self, action: Form, directory: str | None = None) -> bool:
        """Whether `action`, a form without holes, is one of these.

        `directory` is where the action works, to which its relative paths belong.
        """
        fixed, given = self.pieces, action.pieces
        if self.language != action.language or len(given) < len(fixed):
            return False
        if len(given) > len(fixed) and self.rest is None:
            return False
        for mine, theirs in zip(fixed, given, strict=False):
            if not piece_admits(mine, theirs, directory):
                return False
        rest = self.rest
        return rest is None or all(
            piece_admits(rest, one, directory) for one in given[len(fixed) :]
        )


def piece_admits(mine: Piece, theirs: Piece, directory: str | None) -> bool:
    """Whether a piece of a pattern admits a piece of an action."""
    if mine.role != theirs.role:
        return False
    text = theirs.text
    if text is None:
        return False
    if mine.text is not None:
        return mine.text == text
    if admits(mine.parts, text):
        return True
    return mine.role != "string" and _path_admits(mine.parts, text, directory)


def _path_admits(parts: tuple[Part, ...], text: str, directory: str | None) -> bool:
    """A relative path, where the action works in a directory that is known."""
    from policy.holes import HoleKind, plain_path

    if directory is None or len(parts) != 1 or not directory.startswith("/"):
        return False
    (hole,) = parts
    if not isinstance(hole, Hole) or hole.kind is not HoleKind.PATH:
        return False
    if text[:1] in {"", "-", "/", "\0"} or not plain_path(text):
        return False
    return admits(parts, f"{directory.rstrip('/')}/{text}")

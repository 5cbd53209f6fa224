"""Regions and points: what an entry admits, and one member of that.

A region is an entry's pattern, read, and its scope, whatever the time and the tier. A point is
the words of one action and the context in which it would run.
"""

from __future__ import annotations

from policy.decision import Context
from policy.frozen import frozen
from policy.holes import Hole, Part
from policy.whitelist.entry import ANYWHERE, Scope
from policy.whitelist.form import Form, Piece


@frozen
class Point:
    """An action, without holes, and its context; a fact is None where nothing asks for it.

    `context.cwd` is the directory in which the action works.
    """

    language: str
    pieces: tuple[Piece, ...]
    context: Context = Context()

    @property
    def form(self) -> Form:
        return Form(self.language, self.pieces)

    @property
    def texts(self) -> tuple[str, ...]:
        """The words, in the order of the form."""
        return tuple(piece.text or "" for piece in self.pieces)


@frozen
class Region:
    """Everything that a form admits in a scope."""

    form: Form
    scope: Scope = ANYWHERE

    def admits(self, point: Point) -> bool:
        directory = point.context.cwd
        return self.scope.admits(point.context, directory) and self.form.admits(
            point.form, directory
        )

    @property
    def key(self) -> object:
        """Equal for regions that are the same but for names of holes and the order of globs."""
        form, scope = self.form, self.scope
        facts = (scope.agents, scope.targets, scope.environments, scope.cwd)
        return (
            form.language,
            tuple((piece.role, nameless(piece.parts)) for piece in form.pieces),
            None if form.rest is None else (form.rest.role, nameless(form.rest.parts)),
            tuple(tuple(sorted(set(globs))) for globs in facts),
        )


def nameless(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of one word, equal where they are the same but for names of holes."""
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts
    return tuple(
        part if isinstance(part, str) else Hole("", part.kind, tuple(sorted(set(part.arguments))))
        for part in parts
    )


def piece_at(form: Form, level: int) -> Piece | None:
    """What the form says of the word at an index; None where there can be none."""
    return form.pieces[level] if level < len(form.pieces) else form.rest

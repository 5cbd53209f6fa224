"""Forms: what an action is, and what a pattern means, as sequences of pieces.

    via … ► assignments ► redirects ► input ► words in normal order

Everything that makes one use of a program another stands in its form, and an action of which a
part is known only at run time has none: no pattern admits it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from policy.paths import resolve
from policy.plan import (
    Action,
    Assignment,
    Command,
    Input,
    InputKind,
    Opaque,
    Redirect,
    RedirectKind,
    Statement,
    Term,
    Via,
    Word,
    WordKind,
)
from policy.whitelist.form import Form, Piece

STEP_END = Piece("via end", ("",))
CONSTRUCT = "via construct"


class Unfixed(Exception):
    """A part of the action that no pattern can admit; the message names it."""


def action_form(action: Action) -> Form:
    """The form of an action. Raises `Unfixed` where some part of it is known only at run time."""
    where = action.directory
    if where is not None and where.kind is not WordKind.STATIC and not where.parts:
        raise Unfixed("the directory in which it works is known only at run time")
    language, pieces = _own(action)
    return Form(language, (*steps(action.via), *pieces))


def directory_of(action: Action, cwd: str | None) -> str | None:
    """The canonical directory in which the action works, or None where nothing says it."""
    if action.directory is not None:
        found = resolve(action.directory, None, cwd)
        return found.text if found.kind is WordKind.STATIC and found.text[:1] == "/" else None
    if cwd is None or not cwd.startswith("/"):
        return None
    found = resolve(Word(WordKind.STATIC, cwd, (0, 0), cwd, cwd))
    return found.text if found.kind is WordKind.STATIC else None


def steps(via: tuple[Via, ...]) -> Iterator[Piece]:
    """The pieces of the steps through which an action is reached."""
    for step in via:
        if step.terms:
            yield from _terms(step.terms, "via ")
            yield STEP_END
        else:
            yield Piece(CONSTRUCT, (construct(step),))


def construct(step: Via) -> str:
    """`<substitution>`, `<function deploy>`: how a pattern names a step that is no command."""
    named = step.label if step.label.startswith(f"{step.program} ") else step.program
    if step.program == "dynamic-program":
        raise Unfixed("a program that is known only at run time")
    return f"<{named}>"


def _own(action: Action) -> tuple[str, tuple[Piece, ...]]:
    does = action.does
    match does:
        case Command():
            return "shell", tuple(_command(does))
        case Statement():
            from policy.whitelist.sql_forms import statement_pieces

            pieces = statement_pieces(does)
            if not pieces:
                raise Unfixed("a statement that has no normal form")
            return f"sql:{does.dialect}", pieces
        case Assignment():
            exported = "export " if does.exported else ""
            return "shell", (_piece(f"set {exported}{does.name}", does.value),)
        case Opaque():
            raise Unfixed(f"it can't be understood: {does.message}")
        case _:
            assert_never(does)


def _command(command: Command) -> Iterator[Piece]:
    for one in command.assignments:
        yield _piece(f"with {one.name}", one.value)
    for redirect in command.redirects:
        yield _piece(f"redirect {operator(redirect)}", redirect.target)
    yield from _input(command.input, command.redirects)
    yield from _terms(command.terms, "")


def _terms(terms: tuple[Term, ...], prefix: str) -> Iterator[Piece]:
    for term in terms:
        yield _piece(prefix + term.role.value, term.word)


def _input(source: Input, redirects: tuple[Redirect, ...]) -> Iterator[Piece]:
    """Where standard input comes from, unless a redirect of the command says it."""
    word = source.word
    match source.kind:
        case InputKind.INHERITED:
            pass
        case InputKind.PIPE:
            if not source.pipe:
                raise Unfixed("its standard input comes from something unknown")
            for program in source.pipe:
                yield Piece("pipe from", (program,))
        case InputKind.FILE:
            if word is None:
                raise Unfixed("its standard input comes from something unknown")
            if not any(one.descriptor == "0" and one.target == word for one in redirects):
                yield _piece("redirect <", word)
        case InputKind.TEXT:
            if word is None:
                raise Unfixed("its standard input is known only at run time")
            yield _piece("input text", word)
        case _:
            assert_never(source.kind)


def operator(redirect: Redirect) -> str:
    """The redirect as the shell writes it: `>`, `2>>`, `&>`."""
    match redirect.kind:
        case RedirectKind.READ:
            sign, usual = "<", "0"
        case RedirectKind.WRITE:
            sign, usual = ">", "1"
        case RedirectKind.APPEND:
            sign, usual = ">>", "1"
        case RedirectKind.READ_WRITE:
            sign, usual = "<>", "0"
        case RedirectKind.DUPLICATE:
            sign, usual = ">&", "1"
        case _:
            assert_never(redirect.kind)
    return sign if redirect.descriptor == usual else f"{redirect.descriptor}{sign}"


def _piece(role: str, word: Word) -> Piece:
    if word.parts:
        return Piece(role, word.parts)
    match word.kind:
        case WordKind.STATIC:
            return Piece(role, ("\0" + word.text[1:] if word.home else word.text,))
        case WordKind.PATTERN:
            return Piece(f"{role} glob", ("\0" + word.text[1:] if word.home else word.text,))
        case WordKind.DYNAMIC:
            raise Unfixed(f"`{word.text}` is known only at run time")
        case _:
            assert_never(word.kind)

"""What redirects do, and the texts of here-documents."""

from __future__ import annotations

import re
from dataclasses import replace

from policy.parse.shell.arithmetic import literal_text, possible_values, unknown_values
from policy.parse.shell.expand import Expander
from policy.parse.shell.parts import Literal, Parts, WordError
from policy.parse.shell.recorder import Walk
from policy.parse.shell.scope import Scope
from policy.parse.shell.syntax import HereDocument, Redir, Slice
from policy.parse.shell.values import Value, fixed_text
from policy.parse.shell.variables import Variables
from policy.parse.shell.words import read_document
from policy.plan import (
    Input,
    InputKind,
    OpaqueKind,
    Redirect,
    RedirectKind,
    Span,
    Word,
    WordKind,
    dynamic,
)

_TABS = re.compile(r"^\t+", re.MULTILINE)
_TABS_INSIDE = re.compile(r"(?<=\n)\t+")
_DESCRIPTOR = re.compile(r"[0-9]*-|[0-9]+-?")
_EXPANSION = re.compile(r"[\\$`<>]")
_SPECIAL = re.compile(r"[\\'\"$`*?\[{<>()\s]|\A~")
_KINDS = {
    "<": (RedirectKind.READ, "0"),
    "<>": (RedirectKind.READ_WRITE, "0"),
    ">": (RedirectKind.WRITE, "1"),
    ">|": (RedirectKind.WRITE, "1"),
    ">>": (RedirectKind.APPEND, "1"),
    "&>": (RedirectKind.WRITE, "&"),
    "&>>": (RedirectKind.APPEND, "&"),
}


class Redirects(Variables):
    """The part of the interpreter that deals with redirects."""

    def documents(
        self,
        redirects: tuple[Redir, ...],
        scope: Scope,
        walk: Walk,
        outputs: dict[Slice, Value],
    ) -> dict[Slice, Parts]:
        """The bodies of unquoted here-documents, with what is substituted in them."""
        found: dict[Slice, Parts] = {}
        for one in redirects:
            if one.document is None or one.document.quoted:
                continue
            body = one.document.body
            try:
                parts = read_document(walk.frame.text, *body)
                if one.document.strip_tabs:
                    parts = _without_tabs(parts)
                _check_joined(walk.frame.text, parts, one.document)
            except WordError as error:
                span = walk.frame.at(error.position, body[1])
                self.opaque(OpaqueKind.UNPARSED, error.message, span, walk)
                continue
            found[body] = parts
            outputs.update(self.embedded(parts, scope, walk))
        return found

    def redirects(
        self,
        written: tuple[Redir, ...],
        parts: dict[Slice, Parts],
        documents: dict[Slice, Parts],
        expander: Expander,
        scope: Scope,
        walk: Walk,
    ) -> tuple[tuple[Redirect, ...], Input]:
        """The redirects with their targets, and where standard input comes from after them."""
        found: list[Redirect] = []
        source = Input(InputKind.PIPE) if scope.redirected else walk.input
        for one in written:
            span = walk.frame.at(*one.span)
            onto_input = one.descriptor in (None, "0")
            if not onto_input and (one.document is not None or one.operator == "<<<"):
                # It is no file, and what it says reaches the command all the same.
                text = dynamic("a text on another descriptor", span, many=False)
                found.append(Redirect(RedirectKind.READ, text, one.descriptor or "fd", span))
                continue
            if one.document is not None:
                body = documents.get(one.document.body)
                place = walk.frame.at(*one.document.body)
                word = document_text(walk.frame.text, one.document, body, expander, place)
                source = Input(InputKind.TEXT, word) if onto_input else source
                continue
            place, file = walk.frame.at(*one.target), one.operator != "<<<"
            target = expander.one(parts[one.target], one.target, place, file=file)
            if one.operator == "<<<":
                source = Input(InputKind.TEXT, target) if onto_input else source
                continue
            if one.descriptor is not None and not one.descriptor.isdigit():
                values = possible_values(one.descriptor, scope)
                self.bind(one.descriptor, scope, span, walk, values)  # `{fd}>file`
            if expanded_twice(one, target, parts[one.target], expander):
                message = "the name of a file behind `>&`, which bash expands once more"
                self.opaque(OpaqueKind.DYNAMIC_CODE, message, span, walk)
            kind, descriptor = redirect_kind(one, target)
            found.append(Redirect(kind, target, descriptor, span))
            if descriptor == "0":
                source = Input(InputKind.FILE, target)
                if one.operator == "<&":
                    source = Input(InputKind.PIPE)
        return tuple(found), source


def redirect_kind(written: Redir, target: Word) -> tuple[RedirectKind, str]:
    """What it does with its target, and which descriptor it sets (bash manual 3.6)."""
    if written.operator in ("<&", ">&"):
        own = written.descriptor or ("0" if written.operator == "<&" else "1")
        value = target.value
        if written.operator == "<&" or (value is not None and _DESCRIPTOR.fullmatch(value)):
            return RedirectKind.DUPLICATE, own
        return RedirectKind.WRITE, written.descriptor or "&"
    kind, standard = _KINDS[written.operator]
    return kind, written.descriptor or standard


def expanded_twice(written: Redir, target: Word, parts: Parts, expander: Expander) -> bool:
    """Whether bash expands what the target became once more: it reads `>& name` as a copy of a
    descriptor first and then, as it is none, as `&> name`.

    What the caller's environment has is taken for harmless, as in arithmetic.
    """
    if written.operator != ">&" or written.descriptor not in (None, "1"):
        return False
    if target.kind is not WordKind.STATIC:
        if _EXPANSION.search(literal_text(parts)):
            return True
        return any(unknown_values(parts, expander.outputs, expander.scope))
    return _SPECIAL.search(target.text[1:] if target.home else target.text) is not None


def _without_tabs(parts: Parts) -> Parts:
    """The parts of a document behind `<<-`: what is expanded keeps the tabs that it has."""
    return tuple(
        replace(one, text=_TABS.sub("", one.text) if at == 0 else _TABS_INSIDE.sub("", one.text))
        if isinstance(one, Literal)
        else one
        for at, one in enumerate(parts)
    )


def _check_joined(text: str, parts: Parts, document: HereDocument) -> None:
    """Refuses expansions that mean something else once bash has joined lines and taken out tabs,
    which it does in a whole document before it reads one.
    """
    for part in parts:
        if isinstance(part, Literal):
            continue
        written = text[slice(*part.span)]
        if "\\\n" in written and any(one in written for one in "'#<"):
            raise WordError("lines that a here-document joins in an expansion", part.span[0])
        if document.strip_tabs and "\n\t" in written and any(one in written for one in "'\"\\<"):
            raise WordError("tabs that a here-document takes out in an expansion", part.span[0])


def document_text(
    text: str, document: HereDocument, parts: Parts | None, expander: Expander, span: Span
) -> Word:
    """The text of a here-document as one word; `parts` None: nobody knows what it expands to."""
    raw = text[slice(*document.body)]
    if document.quoted:
        body = _TABS.sub("", raw) if document.strip_tabs else raw
        return Word(WordKind.STATIC, body, span, body, body)
    known = None if parts is None else fixed_text(expander.value(parts))
    if known is None:
        return dynamic(raw, span, many=False)
    return Word(WordKind.STATIC, known, span, known, known)

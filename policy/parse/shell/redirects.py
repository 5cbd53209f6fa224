"""What a redirect does, and the text of a here-document."""

from __future__ import annotations

import re

from policy.parse.shell.arithmetic import unknown_values
from policy.parse.shell.expand import Expander
from policy.parse.shell.parts import Parts
from policy.parse.shell.syntax import HereDocument, Redir
from policy.parse.shell.values import fixed_text
from policy.plan import RedirectKind, Span, Word, WordKind, dynamic

_TABS = re.compile(r"^\t+", re.MULTILINE)
_DESCRIPTOR = re.compile(r"[0-9]*-|[0-9]+-?")
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
        return any(unknown_values(parts, expander.outputs, expander.scope))
    return _SPECIAL.search(target.text[1:] if target.home else target.text) is not None


def document_text(
    text: str, document: HereDocument, parts: Parts | None, expander: Expander, span: Span
) -> Word:
    """The text of a here-document as one word; `parts` None: nothing in it is expanded."""
    raw = text[slice(*document.body)]
    if document.quoted:
        body = _TABS.sub("", raw) if document.strip_tabs else raw
        return Word(WordKind.STATIC, body, span, body, body)
    known = None if parts is None else fixed_text(expander.value(parts))
    if known is None:
        return dynamic(raw, span, many=False)
    body = _TABS.sub("", known) if document.strip_tabs else known
    return Word(WordKind.STATIC, body, span, body, body)

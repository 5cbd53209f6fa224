"""Lark's errors → findings that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from policy.diagnostics import Finding, closest, one_of
from policy.dsl.codes import Code, finding
from policy.dsl.grammar import parser
from policy.dsl.vocabulary import CLAUSES, ITEMS, SECRET_LINES, STATEMENTS
from policy.source import Region, Source

_SPOKEN = {
    "NAME": "a name",
    "STRING": "a string",
    "REFERENCE": "a set",
    "INT": "a number",
    "SIGNED": "a number with its sign, such as `+10`",
    "DURATION": "a time such as `7d`, `12h` or `30m`",
    "OPTION_NAME": "an option",
    "RUNS": "`runs`",
    "$END": "the end of the file",
}
_FEW = 8
_STRING = re.compile(r"""["'][^\n]*""")
_WORD = re.compile(r"[^\s(){}<>|\[\]\"'#]+")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*$")
_QUOTABLE = frozenset(("NAME", "STRING"))


def describe(error: UnexpectedInput, source: Source, start: int, end: int) -> Finding:
    """The finding for an error of the parser in `source.text[start:end]`."""
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        offset = start + (error.token.start_pos or 0)
        return _unexpected(source, offset, str(error.token), error.expected)
    if isinstance(error, UnexpectedCharacters):
        return _character(source, start + _offset(error), error.allowed or set())
    expected = error.expected if isinstance(error, UnexpectedToken) else set()
    return _unfinished(source, start, end, expected)


def _offset(error: UnexpectedInput) -> int:
    found: object = error.pos_in_stream  # lark declares it as None
    return found if isinstance(found, int) else 0


def _unexpected(source: Source, offset: int, token: str, expected: Collection[str]) -> Finding:
    """A word that is one of the language's, at the wrong place."""
    at = source.region(offset, offset + len(token))
    if line := _misspelt_line(source, offset):
        return line
    word = _WORD.match(source.text, offset)
    if word and len(word[0]) > len(token):
        at = source.region(offset, word.end())  # `tiers`, read as the name before `s`
    if _BARE.match(at.text) and (similar := closest(at.text, _keywords(expected))):
        return _unknown_word(at, similar, expected)
    hint = ""
    if at.text in _every_keyword() and set(expected) >= _QUOTABLE:
        hint = f'a keyword that is meant as a name is quoted: "{at.text}"'
    message = f"unexpected `{at.text}`"
    return finding(Code.SYNTAX, message, at, label=_expectation(expected), hint=hint)


def _character(source: Source, offset: int, expected: Collection[str]) -> Finding:
    """Text that is no word of the language anywhere."""
    if string := _STRING.match(source.text, offset):
        at = source.region(offset, string.end())
        hint = "a string ends on its line; write \\n for a line break"
        return finding(Code.STRING, "the string is not closed", at, hint=hint)
    if line := _misspelt_line(source, offset):
        return line
    word = _WORD.match(source.text, offset)
    at = source.region(offset, word.end() if word else offset + 1)
    hint = ""
    if "STRING" in expected:
        begin = _start_of_word(source.text, offset)
        whole = source.text[begin : at.end]
        if word or len(whole) > 1:
            at = source.region(begin, at.end)
            hint = f'what isn\'t a plain name is quoted: "{whole}"'
    label = _expectation(expected)
    return finding(Code.CHARACTER, f"unexpected `{at.text}`", at, label=label, hint=hint)


def _start_of_word(text: str, offset: int) -> int:
    """Where the run of characters begins that `offset` is in."""
    while offset > 0 and _WORD.match(text[offset - 1]):
        offset -= 1
    return offset


def _unfinished(source: Source, start: int, end: int, expected: Collection[str]) -> Finding:
    """A text, or an item of it, that ends too early."""
    kept = len(source.text[start:end].rstrip())
    opened = source.text.find("{", start, end)
    if "RBRACE" in expected and opened >= 0:
        at = source.region(opened, opened + 1)
        message = "the block is not closed"
        return finding(Code.UNFINISHED, message, at, label="no `}` for this one")
    at = source.region(start + kept, start + kept + 1)
    return finding(Code.UNFINISHED, "the item is not finished", at, label=_expectation(expected))


def _misspelt_line(source: Source, offset: int) -> Finding | None:
    """The finding for a line whose first word is nearly a keyword of its block.

    A list of names takes the misspelt keyword of the next line as one more name, so that the
    parser stumbles only later.
    """
    line_start = source.text.rfind("\n", 0, offset) + 1
    word = _WORD.search(source.text, line_start)
    if word is None or word.start() >= offset or not _BARE.match(word[0]):
        return None
    known = _block_keywords(source.text, line_start)
    if word[0] in known or word[0] in _every_keyword():
        return None
    similar = closest(word[0], known)
    if similar is None:
        return None
    at = source.region(word.start(), word.end())
    return finding(Code.KEYWORD, f"unknown word `{word[0]}`", at, hint=f"did you mean `{similar}`?")


def _unknown_word(at: Region, similar: str, expected: Collection[str]) -> Finding:
    label = _expectation(expected)
    marker = set(parser().words["MARKER"]) & {similar}
    if marker and "MARKER" in expected:
        known = one_of(parser().words["MARKER"])
        message = f"unknown marker `{at.text}`"
        return finding(
            Code.MARKER, message, at, label=f"expected {known}", hint=f"did you mean `{similar}`?"
        )
    return finding(
        Code.KEYWORD,
        f"unknown word `{at.text}`",
        at,
        label=label,
        hint=f"did you mean `{similar}`?",
    )


# What could stand there -------------------------------------------------------------------


def _expectation(expected: Collection[str]) -> str:
    """`expected …`, or "" where too much could stand there to be of help."""
    spoken = {_SPOKEN[name] for name in expected if name in _SPOKEN}
    if "NAME" in expected and "STRING" in expected:
        spoken -= {"a name", "a string"}
        spoken.add("a name or a string")
    words = {f"`{word}`" for word in _keywords(expected, letters=False)}
    parts = [*sorted(spoken), *sorted(words)]
    if not parts or len(parts) > _FEW:
        return ""
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
    return f"expected {listed}"


def _keywords(terminals: Iterable[str], letters: bool = True) -> set[str]:
    """The fixed words of terminals; only those made of letters unless told otherwise."""
    words = {word for name in terminals for word in parser().words.get(name, ())}
    return {word for word in words if word.isalpha()} if letters else words


def _every_keyword() -> set[str]:
    return _keywords(parser().words)


_BLOCKS = {"rule": CLAUSES, "program": STATEMENTS, "redact": SECRET_LINES, "": ITEMS}
_OPENER = re.compile(
    r"^(?:override[ \t]+)?(rule|program|set|adjust|redact)(?![\w.-])", re.MULTILINE
)


def _block_keywords(text: str, line_start: int) -> tuple[str, ...]:
    """The keywords with which a line may begin in the block that holds it."""
    before = text[:line_start]
    openers = list(_OPENER.finditer(before))
    kind = openers[-1][1] if openers else ""
    inside = before[openers[-1].start() :] if openers else ""
    if inside.count("{") <= inside.count("}"):
        kind = ""
    return _BLOCKS.get(kind, ())

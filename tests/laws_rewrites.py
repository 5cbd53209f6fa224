"""Other spellings of a command: what bash takes as the same, and what it can't know before."""

from __future__ import annotations

import re

from hypothesis import strategies as st
from laws_strategies import Level, declared_options, levels, operand_value

from policy.parse.shell import tree_sitter_reader
from policy.parse.shell.parts import Literal
from policy.parse.shell.syntax import Simple
from policy.parse.shell.words import read_word
from policy.program import RunsKind, Style

_SAFE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_BLANKS = (" ", "  ", "\t", " \t ", " \\\n", "\\\n ")


def raw_words(text: str) -> list[str]:
    """The words of a simple command as they are written."""
    body = tree_sitter_reader.parse(text, text).body
    assert isinstance(body, Simple)
    return [text[slice(*word)] for word in body.words]


def fixed(word: str) -> str | None:
    """The value of a word that is quoted text or safe characters, else None.

    `~`, globs and braces stand for something else once they are quoted, so such a word is none.
    """
    parts, _ = read_word(word, 0)
    texts = []
    for part in parts:
        if not isinstance(part, Literal):
            return None
        if not part.quoted and not _SAFE.fullmatch(part.text):
            return None
        texts.append(part.text)
    value = "".join(texts)
    return None if "\x00" in value or not value.isascii() or not value.isprintable() else value


def quoted(value: str, style: int) -> str:
    """A word with this value, in one of the ways to write it."""
    middle = len(value) // 2
    match style:
        case 0:
            return "'" + value.replace("'", "'\\''") + "'"
        case 1:
            return '"' + re.sub(r'(["\\$`])', r"\\\1", value) + '"'
        case 2:
            return "".join(f"\\{character}" for character in value) or "''"
        case 3:
            return "$'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case 4:
            return "$'" + "".join(f"\\x{ord(one):02x}" for one in value) + "'"
        case 5:
            return quoted(value[:middle], 0) + quoted(value[middle:], 1)
        case 6:
            return quoted(value[:middle], 2) + quoted(value[middle:], 3)
        case 7 if _SAFE.fullmatch(value) and value:
            return f'{value[:middle]}""{value[middle:]}'
        case 8 if _SAFE.fullmatch(value) and middle:
            return f"{value[:middle]}\\\n{value[middle:]}"
        case _:
            return quoted(value, 0)


STYLES = st.integers(0, 8)


@st.composite
def respelled(draw: st.DrawFn, text: str) -> str:
    """The simple command with other quotes, blanks, comments and continued lines.

    The first word of a declaration is left as it is: quoted, it is no longer one.
    """
    words = raw_words(text)
    written = [words[0] if words[0] in DECLARING else _requoted(draw, words[0])]
    written += [_requoted(draw, word) for word in words[1:]]
    blanks = [draw(st.sampled_from(_BLANKS)) for _ in written[1:]]
    before = draw(st.sampled_from(("", " ", "\t", "\n", "# a comment\n", "\\\n")))
    after = draw(st.sampled_from(("", " ", "\n", ";", " ;", "\n\n", " # a comment", "\n# 'x")))
    pairs = zip(written[1:], blanks, strict=True)
    return before + written[0] + "".join(blank + word for word, blank in pairs) + after


DECLARING = ("export", "declare", "typeset", "local", "readonly", "alias", "time")


def _requoted(draw: st.DrawFn, word: str) -> str:
    value = fixed(word)
    if value is None or not draw(st.booleans()):
        return word
    return quoted(value, draw(STYLES))


DYNAMIC = ('"$laws"', "$laws", '"$(cat laws)"', "$(cat laws)", '"${laws[@]}"', '"$1"', "`cat laws`")
"""Words that only run time knows."""


# The order of options ------------------------------------------------------------------------


def _permutes(level: Level) -> bool:
    """Whether the program reads its options anywhere, and none of them says where it stands."""
    program = level.program
    return (
        program.style is Style.GNU
        and not program.has_subcommands
        and all(one.kind is RunsKind.BETWEEN for one in program.runs)
        and not any(option.ends or option.positional for option in level.options)
        and bool(level.options)
    )


PERMUTING = tuple(level for level in levels() if _permutes(level))


@st.composite
def reordered(draw: st.DrawFn) -> tuple[str, str]:
    """A command of a program that permutes, and the same with options at other places.

    Options keep their order: of two with values the last may count.
    """
    level = draw(st.sampled_from(PERMUTING))
    options = [draw(declared_options(level)) for _ in range(draw(st.integers(1, 2)))]
    operands = [[draw(operand_value(level, index))] for index in range(1, draw(st.integers(1, 3)))]
    first = [*options, *operands]
    other = list(operands)
    at = 0
    for option in options:
        at = draw(st.integers(at, len(other)))
        other.insert(at, option)
        at += 1
    one, two = (
        " ".join(w for group in (list(level.words), *g) for w in group) for g in (first, other)
    )
    return one, two

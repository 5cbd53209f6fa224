"""Statements for the judges of SQL: grown from a grammar, or mutated from real ones.

A grammar is a table: a name to its alternatives, in which `<name>` stands for another. `Choose`
draws a number below another: from a seeded generator in a long run, from Hypothesis in a test.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from policy.parse.sql.dialects import dialect
from policy.parse.sql.lex import LexFault, lex

Choose = Callable[[int], int]
Grammar = Mapping[str, Sequence[str]]

_HOLE = re.compile(r"<([a-z][a-z-]*)>")
_ROOT = Path(__file__).parents[2]
_EXAMPLE = re.compile(r'^\s*(?:no )?match sql (\S+)\s+"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")  # no client can send one
_DEEP = 9


def grow(grammar: Grammar, start: str, choose: Choose, depth: int = 0) -> str:
    """A text that `start` stands for. Deep down only first alternatives are taken: leaves."""

    def fill(hole: re.Match[str]) -> str:
        return grow(grammar, hole[1], choose, depth + 1)

    alternatives = grammar[start]
    at = choose(len(alternatives)) if depth < _DEEP else 0
    return _HOLE.sub(fill, alternatives[at])


@cache
def examples(name: str) -> tuple[str, ...]:
    """The project's own statements: those of the rules for a dialect, and all of the tests."""
    found: list[str] = []
    for path in sorted((_ROOT / "rules").glob("*.rules")):
        for language, text in _EXAMPLE.findall(path.read_text("utf-8")):
            if language == name:
                found.append(ast.literal_eval(f'"{text}"'))
    for path in sorted((_ROOT / "tests").glob("test_sql_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if 6 < len(text) < 300 and text.split()[:1] and text.split()[0].isupper():
                    found.append(text)
    return tuple(text for text in dict.fromkeys(found) if not _SURROGATE.search(text))


@cache
def foreign(*names: str) -> tuple[str, ...]:
    """Statements of the rules for other dialects."""
    return tuple(dict.fromkeys(text for name in names for text in examples(name)))


@cache
def named_set(name: str) -> tuple[str, ...]:
    """The names in a set of the rules."""
    for path in sorted((_ROOT / "rules").glob("*.rules")):
        found = re.search(
            rf"^set {re.escape(name)} {{(.*?)}}", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        if found:
            return tuple(word.strip('"') for word in found[1].split())
    raise LookupError(name)


def calls_of(names: Sequence[str], arguments: Sequence[str], table: str) -> list[str]:
    """Every function with arguments of every kind, over the rows of a table."""
    return [f"SELECT {name}({each}) FROM {table}" for name in names for each in arguments]


def mutated(texts: Sequence[str], extras: Sequence[str], choose: Choose, name: str) -> str:
    """One of the texts, a few of its tokens changed for others or for one of the extras."""
    text = texts[choose(len(texts))]
    for _ in range(choose(3)):
        spans = _spans(text, name)
        at = choose(len(spans) + 1)
        start, end = spans[at] if at < len(spans) else (len(text), len(text))
        match choose(7):
            case 0:
                new = ""
            case 1:
                new = f"{text[start:end]} {text[start:end]}"
            case 2:
                new = f"{text[start:end]} {extras[choose(len(extras))]} "
            case 3:
                new = extras[choose(len(extras))]
            case 4:
                other = texts[choose(len(texts))]
                others = _spans(other, name)
                first, last = others[choose(len(others))] if others else (0, 0)
                new = other[first : max(last, first)]
            case 5:
                new = f"{text[start:end]}; {texts[choose(len(texts))]}"
            case _:
                other_start, other_end = spans[choose(len(spans))] if spans else (0, 0)
                new = f"{text[start:end]} {text[other_start:other_end]}"
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def _spans(text: str, name: str) -> list[tuple[int, int]]:
    """Where its tokens stand; words and signs where our own lexer refuses the text."""
    found = dialect(name)
    if found is not None:
        try:
            return [(token.start, token.end) for token in lex(text, found.lexis)]
        except LexFault:
            pass
    return [match.span() for match in re.finditer(r"\w+|\S", text)]

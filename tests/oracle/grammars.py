"""Texts of a grammar that stands in a file beside this one, drawn by Hypothesis.

    name:
        a production with {another} name in it
        one of its own

`{name}` is replaced by a production of that name; `{{` and `}}` are braces; escapes are Python's.
Beyond a depth, productions without names are taken where there are some.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_DEPTH = 5
_NAME = re.compile(r"\{\{|\}\}|\{([a-z-]+)\}")

Parts = tuple[str, ...]
"""A production: texts and names by turns, beginning with a text."""


@cache
def grammar(file: str) -> dict[str, list[Parts]]:
    """The productions of each name."""
    found: dict[str, list[Parts]] = {}
    name = ""
    for line in (Path(__file__).parent / file).read_text(encoding="ascii").splitlines():
        if line.startswith("    "):
            found[name].append(_parts(line[4:].encode().decode("unicode_escape")))
        elif line and not line.startswith("#"):
            name = line.removesuffix(":")
            found[name] = []
    return found


def _parts(production: str) -> Parts:
    parts = [""]
    at = 0
    for each in _NAME.finditer(production):
        parts[-1] += production[at : each.start()]
        if each[1]:
            parts += [each[1], ""]
        else:
            parts[-1] += each[0][0]
        at = each.end()
    parts[-1] += production[at:]
    return tuple(parts)


@st.composite
def texts(draw: st.DrawFn, file: str, start: str = "text") -> str:
    """A text of the grammar in `file`."""
    return _expand(draw, grammar(file), start, 0)


def _expand(draw: st.DrawFn, rules: dict[str, list[Parts]], name: str, depth: int) -> str:
    productions = rules[name]
    if depth >= _DEPTH:
        productions = [each for each in productions if len(each) == 1] or productions
    chosen = productions[draw(st.integers(0, len(productions) - 1))]
    return "".join(
        _expand(draw, rules, part, depth + 1) if number % 2 else part
        for number, part in enumerate(chosen)
    )


def drawn(file: str, count: int, of: int, start: str = "text") -> list[str]:
    """`count` texts, drawn from the seed `of`."""
    found: list[str] = []
    while len(found) < count:

        @seed(of + len(found))
        @settings(
            max_examples=count - len(found),
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(texts(file, start))
        def draw(text: str) -> None:
            found.append(text)

        draw()
    return found[:count]


@cache
def all_of(file: str, name: str) -> tuple[str, ...]:
    """The productions of a name that hold no further names."""
    return tuple(each[0] for each in grammar(file)[name] if len(each) == 1)

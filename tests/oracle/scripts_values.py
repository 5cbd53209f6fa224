r"""Scripts about values: what a variable holds, and what each thing that reads it makes of it.

`values.txt` crosses few values with all that reads them, in scripts of one line. A line at the
margin names an alphabet, the lines behind it are its texts; `⟦name⟧` in one of them stands for a
text of that alphabet. ∅ is the empty text, ␠ a blank at an end, ⏎ a line feed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from hypothesis.strategies import DrawFn, sampled_from

Maker = Callable[[DrawFn, int], str]

_TABLE = Path(__file__).with_name("values.txt")
_PLACE = re.compile(r"⟦([^⟧]*)⟧")
_PICTURES = {0x2400 + code: chr(code) for code in range(0x20)}  # U+2400, control pictures
_WRITTEN = {**_PICTURES, ord("⏎"): "\n", ord("␠"): " ", ord("∅"): None}


@cache
def alphabets() -> dict[str, list[str]]:
    """The texts of every alphabet."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(" "):
            name = line
            found[name] = []
        elif line:
            found[name].append(line[4:].translate(_WRITTEN))
    return found


def drawn(name: str, draw: DrawFn, depth: int = 0) -> str:
    """A text of an alphabet, every place in it filled; `depth` is only what makers have."""
    text = draw(sampled_from(alphabets()[name]))
    return _PLACE.sub(lambda place: drawn(place[1], draw), text)


VALUES: dict[str, Maker] = {
    "values and what reads them": partial(drawn, "read"),
    "numbers that expansions change": partial(drawn, "count"),
    "globs, written and held": partial(drawn, "matched"),
    "what builtins print": partial(drawn, "printed"),
    "braces, tildes and quotes": partial(drawn, "written"),
    "arrays": partial(drawn, "indexed"),
}
"""Constructs, for `scripts.CONSTRUCTS`."""

r"""Scripts for psql that cross what hides a text from one lexer with what it would do for another.

Every combination of a frame (a statement, `\copy`, a string that goes on in the next line), of
something that quotes (strings of all kinds, dollar quotes, names, comments) and of something
inside that is a command, a program or a variable where it isn't quoted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

_QUOTES = (
    ("", ""), ("'", "'"), ("E'", "'"), ("E'\\'", "'"), ("'\\", "'"), ("U&'\\", "'"), ("N'", "'"),
    ("$$", "$$"), ("$a$", "$a$"), ("1 as \"", '"'), ("1 as U&\"", '"'), ("1 /* ", " */"),
    ("E'a'\n'\\'", "'"), ("E'a' -- c\n'\\'", "'"), ("'a'\n'\\", "'"), ("E'a' '\\", "'"),
    ("(", ")"), ("a[1:", "]"), ("1 -- ", "\n"),
)  # fmt: skip
_INSIDE = (
    "x", ":x", ":'x'", ':"x"', ":{?x}", "\\! p1", ") to program 'p1' ", ") to program ''p1'' ",
    ") to 'made' ", ") to stdout ", ";", "'", "''", "\\'", "\"", "$$", "; select touch(1)",
    "\\g |p1", "|| ' , data[1:x] from users -- ", "*/", "/*", "--", "' :x '", "\\",
)  # fmt: skip
_FRAMES = (
    "select {};", "select {} \\g", "select 1, {} from users;", "\\copy (select {}) to stdout",
    "\\copy (select {}) to program 'p2'", "\\copy users (id, {}) to stdout", "\\copy {} to stdout",
    "\\copy users to {}", "\\copy users to program {}", "\\copy users to stdout {}", "\\echo {}",
    "select {}\nselect 1;", "\\d {}", "select 1 \\g {}", "\\set y {}\nselect :y;",
    "\\if {}\n\\endif",
    "select 'a' {};", "select U&\"!0070g_class\" UESCAPE {} from users;",
)  # fmt: skip
_BEFORE = (
    "", "\\set x 'touch(1)'\n", "\\set x '1] from users; select touch(1); select data[1'\n",
    "\\set x '!'\n", "\\set x '\\''\n",
)  # fmt: skip


def states() -> Iterator[str]:
    """All combinations, in order."""
    for before, frame, quotes, inside in product(_BEFORE, _FRAMES, _QUOTES, _INSIDE):
        yield before + frame.replace("{}", quotes[0] + inside + quotes[1])


def some(count: int, seed: int) -> list[str]:
    """`count` of them."""
    return Random(seed).sample(list(states()), count)

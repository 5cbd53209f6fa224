"""What a word is made of, as it is written: literal text and expansions."""

from __future__ import annotations

from policy.frozen import frozen
from policy.parse.shell.syntax import Slice


class WordError(Exception):
    """A word that can't be read: what is wrong, and where."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@frozen
class Literal:
    """Text that stands for itself. Unquoted, it can hold globs, braces and a tilde.

    `dollar` says that it is written `$'…'` or begins `$"…"`, which not every shell reads so.
    """

    text: str
    quoted: bool
    dollar: bool = False


@frozen
class Parameter:
    """`$name` or `${name…}`.

    `operator` is "" for the bare value, `length` for `${#x}`, `indirect` for `${!x}`,
    `names` for `${!x*}`, `transform` for `${x@Q}`, `slice` for `${x:1:2}`, or the operator
    as written (`:-`, `#`, `//`, …). `argument` is what stands behind it, `subscript` what
    stands in brackets (`@`, `*`, or an expression).
    """

    name: str
    quoted: bool
    span: Slice
    operator: str = ""
    argument: Parts = ()
    subscript: Parts | None = None


@frozen
class Substitution:
    """`$(…)` or backticks. `offset` is where `text` stands in the script, if verbatim."""

    text: str
    offset: int | None
    quoted: bool
    span: Slice


@frozen
class ProcessSubstitution:
    """`<(…)` or `>(…)`: the word is the name of a pipe."""

    text: str
    offset: int
    span: Slice


@frozen
class Arithmetic:
    """`$((…))` or `$[…]`: a number; `parts` are what is expanded in it."""

    parts: Parts
    quoted: bool
    span: Slice


Part = Literal | Parameter | Substitution | ProcessSubstitution | Arithmetic
Parts = tuple[Part, ...]

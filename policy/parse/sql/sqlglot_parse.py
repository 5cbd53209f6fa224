"""The one place that calls sqlglot."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any


@cache
def load() -> Any:
    """sqlglot's expression classes; the library loads when SQL is first read."""
    from sqlglot import exp

    # It warns on standard error of each statement that it keeps as an opaque command; those
    # are judged as such, and an embedding program didn't ask for the noise.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    return exp


def parse(text: str, dialect: str) -> list[Any] | None:
    """The statements that sqlglot finds; None where it does not accept the text.

    It is known to raise more than its own errors on hostile text (TypeError, AttributeError):
    that means the same. Raises RecursionError and MemoryError: they say what is left for the
    caller, not whether the text is SQL.
    """
    load()
    import sqlglot

    try:
        found = sqlglot.parse(text, dialect=dialect or None)
    except (RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001  # see above
        return None
    return [tree for tree in found if tree is not None]


def tokens(text: str, dialect: str) -> list[tuple[int, int]] | None:
    """Start and end of each token that sqlglot sees; None where it does not accept the text."""
    load()
    import sqlglot

    try:
        found = sqlglot.tokenize(text, read=dialect or None)
    except (RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001  # see `parse`
        return None
    return [(token.start, token.end + 1) for token in found]

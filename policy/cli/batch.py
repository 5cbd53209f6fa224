"""`policy check --batch`: JSON lines in, one JSON line out for each, in order.

A line that isn't read strictly isn't answered with a decision: where two readers of the same
line could disagree about the command (a key twice, a key misspelt), nothing may run on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO, TextIO

from policy.cli.json_form import decision_object, dumps
from policy.cli.kept import Keeper, unkept
from policy.cli.languages import mistake_in
from policy.decision import Context
from policy.engine import Engine
from policy.frozen import frozen

LONGEST_LINE = 16 * 1024 * 1024  # bytes; far more than any text that an engine reads
_CONTEXT = ("agent", "target", "environment", "cwd", "user")
_KEYS = ("command", "language", *_CONTEXT)


class _RequestError(ValueError):
    """The line is no such object; the message says why."""


@frozen
class _Request:
    command: str
    language: str
    context: Context


def run_batch(
    engine: Engine,
    context: Context,
    language: str,
    source: BinaryIO,
    sink: TextIO,
    keep: Keeper = unkept,
) -> bool:
    """Decide every line of `source`; whether all of them could be read, decided and kept.

    `context` and `language` hold where a line says nothing else. A decision that `keep` can't
    keep is answered with an error.
    """
    complete = True
    for number, line in enumerate(_lines(source), start=1):
        try:
            request = _read(line, context, language)
        except _RequestError as error:
            complete = False
            answer: dict[str, Any] = {"error": str(error), "line": number}
        else:
            decision = engine.decide(request.command, request.context, request.language)
            problem = keep(decision, request.context, request.language)
            complete = complete and problem is None
            answer = (
                decision_object(decision) if problem is None else {"error": problem, "line": number}
            )
        sink.write(dumps(answer) + "\n")
        sink.flush()
    return complete


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """Each line without its end; None for one that is too long to be kept."""
    while line := source.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE or line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = source.readline(LONGEST_LINE)
        yield None


def _read(line: bytes | None, context: Context, language: str) -> _Request:
    fields = _object(line)
    for key in fields:
        if key not in _KEYS:
            raise _RequestError(f"unknown key `{key}`; known are {', '.join(_KEYS)}")
    command = fields.get("command")
    if not isinstance(command, str):
        raise _RequestError("`command` must be a string")
    given = {key: fields[key] for key in _KEYS[1:] if fields.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, str):
            raise _RequestError(f"`{key}` must be a string")
    language = given.pop("language", language)
    mistake = mistake_in(language)
    if mistake is not None:
        raise _RequestError(mistake)
    return _Request(command, language, replace(context, **given))


def _object(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise _RequestError(f"longer than {LONGEST_LINE} bytes")
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_without_duplicates)
    except UnicodeDecodeError:
        raise _RequestError("not UTF-8") from None
    except _RequestError:
        raise
    except (ValueError, RecursionError) as error:
        raise _RequestError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise _RequestError("not a JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _RequestError("a key stands twice")
    return fields

"""Asks real programs which options they take, and which of those take a value.

    ls --a      option '--a' is ambiguous; possibilities: '--all' '--almost-all' '--author'
    ls --all=x  option '--all' doesn't allow an argument          → a flag
    ls -I       option requires an argument -- 'I'                → takes a value
    ls -a^A     invalid option -- '^A'                            → a flag

These are messages of getopt in the C library, so that all programs that use it answer alike.
They are asked in a sandbox, without operands, each question with a time limit.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from oracle.sandbox import Sandbox

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ?#@:%^+"
_ODD = "\x01"  # no program has an option of this name
_MARK = "\x02"
_QUESTION = re.compile(f"{_MARK}(.*)\n")
_LONG = re.compile(r"(?<![\w-])--([A-Za-z][\w-]*)")
_POSSIBLE = re.compile(r"'--([\w.+-]+)'")
_NAMED = re.compile(r"option '--([\w.+-]+)' (?:requires|doesn't allow) an argument")


class Takes(Enum):
    """What a real option does with the words behind it."""

    NOTHING = "a flag"
    VALUE = "takes a value"
    MAYBE = "takes no value of its own, but perhaps one that is attached"


@dataclass(frozen=True)
class Table:
    """The options of a real program, as its parser has them.

    `permutes` says that options are also found behind operands.
    """

    options: Mapping[str, Takes]
    permutes: bool


def ask(box: Sandbox, program: str, names: Iterable[str] = ()) -> Table | None:
    """The table of a program that `box` has; None for one that doesn't read options by getopt.

    `names` are options that it may have besides those that it tells by itself.
    """
    if not _answers_like_getopt(box, program):
        return None
    prefixes = [f"--{letter}" for letter in _LETTERS if letter.isalpha()]
    told = _answers(box, program, [["--help"], *([prefix] for prefix in prefixes)])
    told |= _answers(box, program, [[f"{prefix}={_ODD}"] for prefix in prefixes])
    longs = {name[2:] for name in names if name.startswith("--") and len(name) > 2}
    longs.update(_LONG.findall(told.get("--help", "")))
    for answer in told.values():
        if "possibilities:" in answer:
            longs.update(_POSSIBLE.findall(answer.partition("possibilities:")[2]))
        longs.update(_NAMED.findall(answer))
    letters = {*_LETTERS, *(name[1] for name in names if len(name) == 2 and name[0] == "-")} - {"-"}
    questions = [[f"--{name}"] for name in longs] + [[f"--{name}={_ODD}"] for name in longs]
    questions += [[f"-{letter}"] for letter in letters]
    questions += [[f"-{letter}{_ODD}"] for letter in letters]
    answers = _answers(box, program, questions)
    found: dict[str, Takes] = {}
    for name in sorted(longs):
        takes = _long(name, answers[f"--{name}"], answers[f"--{name}={_ODD}"])
        if takes is not None:
            found[f"--{name}"] = takes
    for letter in sorted(letters):
        takes = _short(letter, answers[f"-{letter}"], answers[f"-{letter}{_ODD}"])
        if takes is not None:
            found[f"-{letter}"] = takes
    behind = _answers(box, program, [["operand", f"-{_ODD}"]])
    return Table(found, permutes=any("invalid option" in one for one in behind.values()))


def _answers_like_getopt(box: Sandbox, program: str) -> bool:
    answers = _answers(box, program, [[f"-{_ODD}"]])
    return "invalid option -- " in answers[f"-{_ODD}"]


def _long(name: str, alone: str, attached: str) -> Takes | None:
    exact = f"option '--{name}'"
    if f"{exact} requires an argument" in alone:
        return Takes.VALUE
    if f"{exact} doesn't allow an argument" in attached:
        return Takes.NOTHING
    if re.search("unrecognized option|is ambiguous", alone + attached) or _NAMED.search(attached):
        return None  # no such option, or an abbreviation
    return Takes.MAYBE


def _short(letter: str, alone: str, attached: str) -> Takes | None:
    if f"invalid option -- '{letter}'" in alone:
        return None
    if f"option requires an argument -- '{letter}'" in alone:
        return Takes.VALUE
    if "invalid option -- " in attached:
        return Takes.NOTHING
    return Takes.MAYBE


def _answers(box: Sandbox, program: str, questions: list[list[str]]) -> dict[str, str]:
    """What the program says to each question, by the question's words."""
    lines = [f"asked() {{ printf '\\n{_MARK}%s\\n' \"$*\" >&2; LC_ALL=C /real/timeout -s KILL .4 "]
    lines[0] += f'{shlex.quote(program)} "$@" >&2; }}'
    lines += ["asked " + " ".join(map(shlex.quote, words)) for words in questions]
    parts = _QUESTION.split(box.run("\n".join(lines)).errors)
    found = dict.fromkeys((" ".join(words) for words in questions), "")
    found.update(zip(parts[1::2], parts[2::2], strict=True))
    return found

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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from oracle.sandbox import Sandbox

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ?#@:%^+"
_ODD = "\x01"  # no program has an option of this name
_MARK = "\x02"
_NO_ANSWER = "\x03"  # in time
_QUESTION = re.compile(f"{_MARK}(.*)\n")
_LONG = re.compile(r"(?<![\w-])--([A-Za-z][\w-]*)")
_POSSIBLE = re.compile(r"'--([\w.+-]+)'")
_NAMED = re.compile(r"option '--([\w.+-]+)' (?:requires|doesn't allow) an argument")


class Takes(Enum):
    """What a real option does with the words behind it."""

    NOTHING = "a flag"
    VALUE = "takes a value"
    ATTACHED = "takes a value only if it is attached"
    UNKNOWN = "acts at once, and takes no word behind it"  # --help, --version


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
    spelled = dict(_spelled(longs, letters))
    alone = _answers(box, program, [[name] for name in spelled])
    found: dict[str, Takes] = {}
    for name in spelled:
        if _needs(name) in alone[name]:
            found[name] = Takes.VALUE
    left = [name for name in spelled if name not in found and not _is_none(name, alone[name])]
    more = [words for name in left for words in ([spelled[name]], [name, f"-{_ODD}"])]
    answers = alone | _answers(box, program, more)
    for name in left:
        takes = _takes(name, answers[name], answers[spelled[name]], answers[f"{name} -{_ODD}"])
        if takes is not None:
            found[name] = takes
    behind = _answers(box, program, [["operand", f"-{_ODD}"]])
    return Table(found, permutes=any("invalid option" in one for one in behind.values()))


def _answers_like_getopt(box: Sandbox, program: str) -> bool:
    answers = _answers(box, program, [[f"-{_ODD}"]])
    return "invalid option -- " in answers[f"-{_ODD}"]


def _spelled(longs: Iterable[str], letters: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each option alone, and with something attached."""
    for name in sorted(longs):
        yield f"--{name}", f"--{name}={_ODD}"
    for letter in sorted(letters):
        yield f"-{letter}", f"-{letter}{_ODD}"


def _needs(name: str) -> str:
    """What getopt says of an option that stands without the value that it takes."""
    if name.startswith("--"):
        return f"option '{name}' requires an argument"
    return f"option requires an argument -- '{name[1]}'"


def _is_none(name: str, alone: str) -> bool:
    """Whether there is no such option, or the name is short for a longer one."""
    if not name.startswith("--"):
        return f"invalid option -- '{name[1]}'" in alone
    return re.search("unrecognized option|is ambiguous|invalid option -- '-'", alone) is not None


def _takes(name: str, alone: str, attached: str, followed: str) -> Takes | None:
    """What an option takes that needs no value, by what the program says of it alone, with
    something attached and with an option behind it that is none; None if there is no telling.
    """
    if name.startswith("--"):
        if f"option '{name}' doesn't allow an argument" in attached:
            return Takes.NOTHING
        if _NAMED.search(alone + attached):  # an abbreviation
            return None
    elif "invalid option -- " in attached:
        return Takes.NOTHING
    if "invalid option -- " in followed:
        return Takes.ATTACHED
    return None if _NO_ANSWER in alone + attached + followed else Takes.UNKNOWN


def _answers(box: Sandbox, program: str, questions: list[list[str]]) -> dict[str, str]:
    """What the program says to each question, by the question's words."""
    asked = (
        f"asked() {{ printf '\\n{_MARK}%s\\n' \"$*\" >&2; "
        f'LC_ALL=C /real/timeout -s KILL 1 {shlex.quote(program)} "$@" >&2; '
        f"[ $? != 137 ] || printf '{_NO_ANSWER}' >&2; }}"
    )
    lines = [asked]
    lines += ["asked " + " ".join(map(shlex.quote, words)) for words in questions]
    parts = _QUESTION.split(box.run("\n".join(lines)).errors)
    found = dict.fromkeys((" ".join(words) for words in questions), _NO_ANSWER)
    found.update(zip(parts[1::2], parts[2::2], strict=True))
    return found

"""The C library's own `getopt_long`, given tables made of declarations, as judge of our reader.

Most programs of a Linux system read their words with it: options merged, abbreviated and with
values attached, options behind operands, `--`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from oracle.options_declared import shipped
from oracle.report import Miss, Part, Row
from policy.parse.scan import Scan
from policy.plan import static
from policy.program import Option, Program, RunsKind, Style

JUDGE = "getopt_long"
_FIRST = 256  # what getopt returns for the first option of the table: no character
_ITS_OWN = ("-:", "-;")  # what stands behind a letter in getopt's table
_MISTAKE = ord("?")
_TEXTS = ("a", "-", "x=y", "=", "5", "a b", "", "=v", "--", "é", "-5", "A=1", "+x")

_Found = list[tuple[tuple[str, ...], str | None]]


class _Long(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("has_arg", ctypes.c_int),
        ("flag", ctypes.c_void_p),
        ("val", ctypes.c_int),
    )


@dataclass(frozen=True)
class Read:
    """What a reader made of words: the options that it found with their values, and the rest."""

    options: _Found
    operands: list[str]


def run(part: Part) -> list[Row]:
    """Generated argument vectors of the declared programs."""
    random = Random(part.seed)
    programs = readable()
    missed, ran = [], 0
    for _ in range(part.count):
        name = random.choice(programs)
        words = vector(random, shipped().programs[name])
        happened = differs(name, words)
        ran += happened is not None
        if happened:
            missed.append(Miss("shell", " ".join([name, *map(repr, words)]), happened))
    return [Row(JUDGE, "argument vectors", part.count, ran, 0, tuple(missed))]


@cache
def readable() -> tuple[str, ...]:
    """The declared programs whose words getopt would read the way that they are declared."""
    return tuple(name for name, one in sorted(shipped().programs.items()) if _is_getopts(one))


def _is_getopts(program: Program) -> bool:
    if program.style not in {Style.GNU, Style.POSIX} or program.has_subcommands:
        return False
    if program.assignments or (program.style is Style.GNU and program.runs):
        return False  # it stops where the declaration says
    if any(runs.kind is RunsKind.BETWEEN for runs in program.runs):
        return False
    names = [name for option in program.options for name in option.names]
    plain = all((name.startswith("--") and "=" not in name) or len(name) == 2 for name in names)
    merge = all(name.startswith("-") and name not in _ITS_OWN for name in names)
    return plain and merge and not any(option.ends for option in program.options)


def vector(random: Random, program: Program) -> list[str]:
    """Words for the program: its options, spelled in every way, with operands between them."""
    words: list[str] = []
    for _ in range(random.randint(0, 5)):
        if not program.options or random.random() < 0.3:
            words.append(random.choice(_TEXTS))
            continue
        option = random.choice(program.options)
        words += _use(random, option, random.choice(option.names), program)
    return words


def _use(random: Random, option: Option, name: str, program: Program) -> list[str]:
    value = random.choice(_TEXTS)
    if name.startswith("--"):
        shorter = name[: random.randint(3, len(name))] if len(name) > 3 else name
        name = random.choice((name, shorter))
        if option.value is None:
            return [name]
        return random.choice(([name, value], [f"{name}={value}"], [name]))
    merged = "".join(
        one.names[0][1]
        for one in random.sample(program.options, min(2, len(program.options)))
        if one.value is None and len(one.names[0]) == 2
    )
    name = f"-{random.choice(('', merged))}{name[1]}"
    if option.value is None:
        return [name]
    return random.choice(([name, value], [f"{name}{value}"], [name]))


def differs(name: str, words: Sequence[str]) -> str | None:
    """How our reader reads the words differently; "" if it doesn't, None if getopt refuses them."""
    program = shipped().programs[name]
    expected = by_getopt(program, words)
    if expected is None:
        return None
    found = by_us(program, words)
    return "" if found == expected else f"getopt: {expected}, read as: {found}"


def by_us(program: Program, words: Sequence[str]) -> Read:
    """What our reader makes of the words, without what it only adds to be safe."""
    scan = Scan(tuple(static(word, (k, k)) for k, word in enumerate(("program", *words))), program)
    options: _Found = []
    doubled = None
    for used in scan.used:
        if used.option is None:  # an abbreviation is noted as an undeclared option, too
            continue
        value = None if used.use.value is None else used.use.value.text
        if (used.use.span, value) == doubled:  # `-n=5` is noted in both ways that programs take it
            continue
        options.append((used.option.names, value))
        doubled = (used.use.span, value[1:]) if value and value[0] == "=" else None
    return Read(options, [slot.word.text for slot in scan.slots])


def by_getopt(program: Program, words: Sequence[str]) -> Read | None:
    """What getopt makes of the words; None where it finds a mistake in them."""
    library = ctypes.CDLL(None)
    argument = ctypes.c_char_p.in_dll(library, "optarg")
    ctypes.c_int.in_dll(library, "opterr").value = 0
    index = ctypes.c_int.in_dll(library, "optind")
    index.value = 0  # glibc: start anew
    shorts, longs, by_value = _tables(program)
    vector = (ctypes.c_char_p * (len(words) + 2))(
        b"program", *(word.encode() for word in words), None
    )
    count = ctypes.c_int(len(words) + 1)
    options: _Found = []
    while True:
        found = library.getopt_long(count, vector, shorts, longs, None)
        if found == -1:
            break
        option = by_value.get(found)
        if option is None or found == _MISTAKE or found == ord(":"):
            return None
        value = argument.value
        options.append((option.names, None if value is None else value.decode()))
    rest = vector[index.value : len(words) + 1]
    return Read(options, [word.decode() for word in rest if word is not None])


def _tables(program: Program) -> tuple[bytes, ctypes.Array[_Long], dict[int, Option]]:
    """The arguments for getopt that stand for a declaration."""
    shorts = "+:" if program.style is Style.POSIX else ":"
    rows: list[_Long] = []
    by_value: dict[int, Option] = {}
    for number, option in enumerate(program.options, _FIRST):
        needs = 0 if option.value is None else 2 if option.optional else 1
        by_value[number] = option
        for name in option.names:
            if name.startswith("--"):
                rows.append(_Long(name[2:].encode(), needs, None, number))
            elif name[1] not in shorts[1:].replace(":", ""):
                shorts += name[1] + ":" * needs
                by_value[ord(name[1])] = option
    return shorts.encode(), (_Long * (len(rows) + 1))(*rows), by_value

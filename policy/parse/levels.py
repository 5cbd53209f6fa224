"""What one level of a program's command line understands, ready to look up.

A level is a program or one of its subcommands, together with the `global` options of the
levels above it. Levels are built once for each declaration and kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from policy.program import Operand, Option, Program, Runs, RunsKind, Style

NUMBER = "-NUMBER"
"""The name of the option `-<number>` in a declaration."""

_KEPT = 4_096
_LATER = 1 << 30


class Level:
    """The options, operand lines and subcommands that hold at one level.

    `stops` is the number of operands after which options are no longer read (None: they are
    read up to `--`), `groups` the words after which a command follows (`find -exec`),
    `operands` the lines for operands with how general each is, most specific first.
    """

    __slots__ = (
        "_children", "_inherited", "_longs", "_undeclared", "declared", "groups", "names", "number",
        "operands", "program", "stops",
    )  # fmt: skip

    def __init__(self, program: Program, inherited: tuple[Option, ...], declared: bool) -> None:
        self.program = program
        self.declared = declared
        self.names = _by_name((*program.options, *inherited), program.style)
        self.number = self.names.pop(NUMBER, None)  # `-5`, not a word `-NUMBER`
        self.groups: dict[str, Runs] = {word: runs for runs in program.runs for word in runs.after}
        self.operands: tuple[tuple[int, Operand], ...] = tuple(
            sorted(((_generality(line), line) for line in program.operands), key=itemgetter(0))
        )
        self.stops = _stops(program)
        self._inherited = (*inherited, *(o for o in program.options if o.everywhere))
        self._longs = tuple(name for name in self.names if name.startswith("--"))
        self._children: dict[str, Level] = {}
        self._undeclared: Level | None = None

    def child(self, name: str) -> Level:
        """The level of the subcommand `name`; where nothing declares it, one with only the
        global options.
        """
        found = self._children.get(name)
        if found is not None:
            return found
        program = self.program.subcommands.get(name)
        if program is not None:
            found = Level(program, self._inherited, declared=True)
            self._children[name] = found
            return found
        if self._undeclared is None:
            nothing = Program((), style=self.program.style)
            self._undeclared = Level(nothing, self._inherited, declared=False)
        return self._undeclared

    def abbreviated(self, name: str) -> tuple[Option, ...]:
        """The options of which the long name `name` may be an abbreviation."""
        if self.program.style is Style.SINGLE_DASH or len(name) < 3:
            return ()
        found: list[Option] = []
        for long in self._longs:
            if long.startswith(name):
                option = self.names[long]
                if option not in found:
                    found.append(option)
        return tuple(found)


_levels: dict[int, Level] = {}


def level_of(program: Program) -> Level:
    """The outermost level of `program`."""
    # A `Program` holds mappings and can't be hashed. The level keeps it alive, so that its
    # identity stays its own as long as the level is here.
    level = _levels.get(id(program))
    if level is None:
        if len(_levels) >= _KEPT:  # rule sets were loaded again and again
            _levels.clear()
        level = _levels[id(program)] = Level(program, (), declared=True)
    return level


def _by_name(options: Iterable[Option], style: Style) -> dict[str, Option]:
    names: dict[str, Option] = {}
    for option in options:
        for name in option.names:
            names.setdefault(name, option)
            if style is Style.SINGLE_DASH and len(name) > 1 and name != NUMBER:
                bare = name.lstrip("-")
                names.setdefault("-" + bare, option)
                names.setdefault("--" + bare, option)
    return names


def _generality(operand: Operand) -> int:
    """Less is more specific: `last`, then `operand N`, then `operands from` the later ones on."""
    if operand.first == 0:
        return 0
    return _LATER - operand.first if operand.rest else 1


def _stops(program: Program) -> int | None:
    if program.style is Style.POSIX:
        return 1
    firsts = [runs.first for runs in program.runs if runs.kind is not RunsKind.BETWEEN]
    return min(firsts, default=None)

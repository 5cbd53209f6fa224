"""What a script has fixed at one point: variables, functions, arguments, directory.

Values are sets of alternatives: after `if`, a variable has the values of both branches. A
variable that isn't here may have any value.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from policy.frozen import frozen
from policy.parse.shell.values import Elements
from policy.plan import Word, WordKind

if TYPE_CHECKING:
    from policy.parse.shell.recorder import Frame, Walk
    from policy.parse.shell.syntax import Node
    from policy.plan import Via

Alternatives = tuple[Elements, ...]
Places = tuple[Word | None, ...]
"""Working directories; None is the caller's."""

FOLLOWED = 8
"""Directories that are followed; beyond, the directory is unknown."""
_VARIABLES = 512  # that are followed; any other may have any value
_KEPT_BY_SHELL = frozenset(
    "_ PWD OLDPWD REPLY MAPFILE OPTARG OPTIND OPTERR COPROC LINENO RANDOM SRANDOM SECONDS UID EUID "
    "PPID GROUPS DIRSTACK FUNCNAME PIPESTATUS EPOCHSECONDS EPOCHREALTIME HISTCMD SHLVL HOSTNAME "
    "COLUMNS LINES".split()
)
"""Variables that the shell sets by itself; so does it all whose names begin with BASH or COMP_."""
_COUNTED_BY_SHELL = frozenset(
    "RANDOM SRANDOM OPTIND OPTERR HISTCMD SECONDS LINENO BASHPID EPOCHSECONDS EPOCHREALTIME "
    "BASH_MONOSECONDS UID EUID PPID GROUPS".split()
)
"""Variables that bash itself declares as integers, or may: assigning to one calculates."""
_READONLY_IN_SHELL = frozenset("BASHOPTS BASH_VERSINFO EUID PPID SHELLOPTS UID".split())
UNKNOWN_DIRECTORY = Word(WordKind.DYNAMIC, "a directory known only at run time", (0, 0))


@frozen
class Definition:
    """A function's body and the text that it is written in."""

    body: Node
    frame: Frame


@frozen
class Trap:
    """A text that runs later, in whatever directory is current then."""

    text: Word
    walk: Walk
    via: Via


@dataclass(slots=True)
class Scope:
    """Mutable while a script is walked; copied for what runs in a subshell.

    A `None` among a function's definitions says that it may be undefined, so that its name
    may also be a program. `arguments` is None where they are unknown. `elsewhere` are other
    directories that are current if some command failed, and `redirected` says that the shell's
    own standard input was exchanged (`exec < file`).
    """

    limit: int
    variables: dict[str, Alternatives] = field(default_factory=dict)
    functions: dict[str, tuple[Definition | None, ...]] = field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    arguments: tuple[Elements, ...] | None = None
    directory: Word | None = None
    elsewhere: Places = field(default=(), compare=False)
    redirected: bool = field(default=False, compare=False)
    separators: bool = True  # IFS has its default value
    forgotten: bool = False  # something unknown ran here
    untracked: frozenset[str] = frozenset()  # declared so that they change what they are given
    maps: frozenset[str] = frozenset()  # arrays whose subscripts are text (declare -A)
    arrays: frozenset[str] = frozenset()  # what may be an array
    integers: frozenset[str] = _COUNTED_BY_SHELL  # whose values are arithmetic (declare -i)
    constants: frozenset[str] = frozenset()  # what may be readonly: it may keep what it has
    exported: frozenset[str] = frozenset()  # variables of the environment, by this text
    exports_all: bool = False  # set -a
    earlier: frozenset[str] = frozenset()  # assigned by the text around this one
    plain_globs: bool = True  # no setting makes globs match more
    own_home: bool = True  # HOME is the caller's
    own_arguments: bool = True  # $1 … are the caller's, where `arguments` is None
    rearranged: bool = False  # set or shift changed the arguments here
    traps: tuple[Trap, ...] = ()
    traced: bool = False  # a subshell may have them as well (set -E, set -T), or be none (lastpipe)
    settled: bool = True  # no trap may change the directory at any time
    local: frozenset[str] = frozenset()  # of the function that is being walked
    assigned: set[str] = field(default_factory=set, compare=False)  # every name ever assigned

    def copy(self) -> Scope:
        return replace(
            self,
            variables=dict(self.variables),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
            assigned=set(self.assigned),
        )

    def for_subshell(self) -> Scope:
        """The scope of what runs in a subshell."""
        inner = self.copy()
        if not self.traced:
            inner.traps = ()
        return inner

    def for_other_shell(self) -> Scope:
        """The scope of shell text that another shell may run, or this one (`eval`)."""
        other = Scope(self.limit, separators=self.separators, directory=self.directory)
        other.elsewhere, other.redirected = self.elsewhere, self.redirected
        other.functions = {name: (*found, None) for name, found in self.functions.items()}
        other.aliases = dict(self.aliases)
        other._take_attributes(self)
        other.maps = self.maps
        other.own_arguments = self.own_arguments and self.arguments is None
        other.earlier = self.earlier | self.assigned
        other.forgotten = self.forgotten
        return other

    def _take_attributes(self, other: Scope) -> None:
        """What variables may be declared as here, or in the other scope."""
        self.untracked |= other.untracked
        self.arrays |= other.arrays
        self.integers |= other.integers
        self.constants |= other.constants
        self.exported |= other.exported
        self.exports_all = self.exports_all or other.exports_all
        self.plain_globs = self.plain_globs and other.plain_globs
        self.own_home = self.own_home and other.own_home
        self.settled = self.settled and other.settled
        self.traps = tuple(dict.fromkeys((*self.traps, *other.traps)))
        self.traced = self.traced or other.traced
        self.local |= other.local

    def assign(self, name: str, values: Alternatives | None) -> None:
        """Gives a variable these alternatives; None: something unknown."""
        self.assigned.add(name)
        if name == "IFS":
            self.separators = False
        elif name == "HOME":
            self.own_home = False
        if name in self.constants and values is not None:
            old = self.variables.get(name)
            values = None if old is None else tuple(dict.fromkeys((*old, *values)))
        full = len(self.variables) >= _VARIABLES and name not in self.variables
        if values is None or len(values) > self.limit or full or not self._follows(name):
            self.variables.pop(name, None)
        else:
            self.variables[name] = values

    def may_refuse(self, name: str) -> bool:
        """Whether bash may call it an error to give `name` a value."""
        return name in self.constants or name in _READONLY_IN_SHELL or not name.isidentifier()

    def held(self, name: str) -> Alternatives | None:
        """What a variable may hold, or an argument, or all of them (`@`); None: anything."""
        if not _is_argument(name):
            return self.variables.get(name)
        if self.arguments is None or name == "0":
            return None
        return self.arguments if name in "@*" else self.arguments[int(name) - 1 : int(name)]

    def is_callers(self, name: str) -> bool:
        """Whether a variable or argument has what the caller gave it, for certain."""
        if _is_argument(name):
            return self.own_arguments and not self.forgotten
        return name not in self.assigned and name not in self.earlier and not self.forgotten

    def _follows(self, name: str) -> bool:
        """Whether only the text itself gives a variable its values."""
        kept = name in _KEPT_BY_SHELL or name.startswith(("BASH", "COMP_"))
        return not kept and name not in self.untracked

    def unsettle(self, other: Scope) -> None:
        """What `other`, the scope of a trap's text, changes may change at any time from here on."""
        self.absorb(other)
        self.untracked |= frozenset(other.assigned)
        for name in self.untracked:
            self.variables.pop(name, None)
        if other.directory is not self.directory or other.elsewhere != self.elsewhere:
            self.settled = False

    def rearrange(self) -> None:
        """`set` or `shift` gave the shell other arguments."""
        self.arguments = None
        self.own_arguments = False
        self.rearranged = True

    def may_be(self, places: Places) -> None:
        """The shell may be in one of these directories instead."""
        found = dict.fromkeys((*self.elsewhere, *places))
        found.pop(self.directory, None)
        if len(found) > FOLLOWED:
            self.directory, found = UNKNOWN_DIRECTORY, {}
        self.elsewhere = tuple(found)

    @property
    def places(self) -> Places:
        """Every directory that may be current."""
        return (self.directory, *self.elsewhere)

    def unfix(self) -> None:
        """Every variable that the text assigns, and every argument, may be another."""
        self.variables.clear()
        self.arguments, self.own_arguments = None, False

    def forget(self) -> None:
        """Something unknown may have changed every variable."""
        self.variables.clear()
        self.forgotten = True
        self.rearrange()
        self.separators = False
        self.own_home = False

    def absorb(self, other: Scope) -> None:
        """What `other`, the scope of `eval`'s text, may have changed here."""
        for name in other.assigned:
            self.assign(name, None)
        for name, found in other.functions.items():
            if found != (*self.functions.get(name, (None,)), None):
                self.functions[name] = tuple(
                    dict.fromkeys((*self.functions.get(name, (None,)), *found))
                )
        for name, texts in other.aliases.items():
            self.aliases[name] = tuple(dict.fromkeys((*self.aliases.get(name, ()), *texts)))
        if self.directory != other.directory:
            self.directory = UNKNOWN_DIRECTORY
        if other.forgotten and not self.forgotten:
            self.forget()
        if other.rearranged:
            self.rearrange()
        self._take_attributes(other)
        self.separators = self.separators and other.separators
        self.may_be(other.elsewhere)
        self.redirected = self.redirected or other.redirected

    def widen(self, before: Scope) -> None:
        """Takes every variable that differs from `before` for unknown."""
        self.variables = {
            name: values
            for name, values in self.variables.items()
            if before.variables.get(name) == values
        }

    def either(self, other: Scope) -> None:
        """Like `join`, where other directories than the current one are followed, too."""
        if self.directory != other.directory:
            places = other.places
            other.directory = self.directory
            self.may_be(places)
        self.join(other)

    def join(self, other: Scope) -> None:
        """What holds whichever of the two ways was taken."""
        merged: dict[str, Alternatives] = {}
        for name, values in self.variables.items():
            if name in other.variables:
                both = tuple(dict.fromkeys((*values, *other.variables[name])))
                if len(both) <= self.limit:
                    merged[name] = both
        self.variables = merged
        names = dict.fromkeys((*self.functions, *other.functions))
        self.functions = {
            name: tuple(
                dict.fromkeys(
                    (*self.functions.get(name, (None,)), *other.functions.get(name, (None,)))
                )
            )
            for name in names
        }
        for name, texts in other.aliases.items():
            self.aliases[name] = tuple(dict.fromkeys((*self.aliases.get(name, ()), *texts)))
        if self.arguments != other.arguments:
            self.arguments, self.own_arguments = None, False
        self.own_arguments = self.own_arguments and other.own_arguments
        self.rearranged = self.rearranged or other.rearranged
        if self.directory != other.directory:
            self.directory = UNKNOWN_DIRECTORY
        self.separators = self.separators and other.separators
        self.may_be(other.elsewhere)
        self.redirected = self.redirected or other.redirected
        self.forgotten = self.forgotten or other.forgotten
        self._take_attributes(other)
        self.maps &= other.maps
        self.assigned |= other.assigned


def _is_argument(name: str) -> bool:
    return name in ("@", "*") or name.isdigit()

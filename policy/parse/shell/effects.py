"""What a builtin changes for the commands behind it: variables, directory, functions, settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from policy.parse.argv import Reading
from policy.parse.pieces import assigned, assignment
from policy.parse.shell.assign import DECLARATIONS, Written
from policy.parse.shell.parts import Literal
from policy.parse.shell.recorder import Walk
from policy.parse.shell.redirects import Redirects
from policy.parse.shell.scope import UNKNOWN_DIRECTORY, Scope
from policy.parse.shell.syntax import Slice
from policy.parse.shell.values import number, word_value
from policy.plan import Command, OpaqueKind, Word, WordKind, dynamic

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WIDER_GLOBS = frozenset(("nocaseglob", "globstar"))
_READ_INPUT = frozenset(("read", "mapfile", "readarray"))
_TAKE_NAMES = DECLARATIONS | frozenset(
    "unset read mapfile readarray getopts printf wait let test [".split()
)
_TAKE_A_NUMBER = frozenset("break caller continue exit history logout return shift suspend".split())
"""What calls it an error that ends the line to be given more than one, or something else."""
_FILL_ARRAYS = frozenset(("mapfile", "readarray"))
_NAMED_BY_OPERANDS = DECLARATIONS | {"unset"}
# Of a command's substitution in it rules say what it is.
_SUBSCRIPT = re.compile(
    r"([A-Za-z_][A-Za-z0-9_]*)\[((?:[^$`]|\$(?!\())*)\](?:\+?=.*)?\Z", re.DOTALL
)
_IMPLICIT = {"getopts": ("OPTARG", "OPTIND"), "read": ("REPLY",)}
_LOCAL = frozenset(("local", "declare", "typeset"))
_STAYS = frozenset(("substitution", "process-substitution", "alias", "eval", "command", "builtin"))
"""Steps that leave a function no more than a subshell does: any other starts another shell."""


class Effects(Redirects):
    """The part of the interpreter that knows what builtins do to their own shell."""

    _in_trap = False

    def declared(self, words: Sequence[Slice], scope: Scope, walk: Walk) -> tuple[bool, bool]:
        """What the options of `declare` and the like say; whether they export, and whether
        nothing may be assigned any more.
        """
        text = walk.frame.text
        builtin, *arguments = (text[slice(*raw)].strip("\\\"'") for raw in words)
        letters = {c for word in arguments if word[:1] == "-" for c in word[1:]}
        names = frozenset(m.group() for m in map(NAME.match, arguments) if m)
        self._attributes(builtin, letters, names, scope, walk)
        return builtin == "export" or "x" in letters, builtin == "readonly" or "r" in letters

    @staticmethod
    def _attributes(
        builtin: str, letters: set[str], names: frozenset[str], scope: Scope, walk: Walk
    ) -> None:
        """What variables of these names are from here on (bash manual 4.2, `declare`)."""
        if "A" in letters:
            scope.maps |= names
        if letters & set("aA"):
            scope.arrays |= names
        if "n" in letters:
            scope.forget()  # a name that stands for another variable
        if letters & set("cilun"):
            scope.untracked |= names
            for name in names:
                scope.variables.pop(name, None)
        if "i" in letters:
            scope.integers |= names
        if builtin in _LOCAL and walk.calls and "g" not in letters:
            scope.local |= names

    def changes(
        self, reading: Reading, scope: Scope, walk: Walk, *, stored: frozenset[Word]
    ) -> None:
        """What a command changes for those behind it.

        `stored` are a declaration's assignments that are carried out already.
        """
        command = reading.command
        if walk.eats_script and (command.program in _READ_INPUT or self._filters(command)):
            message = f"`{command.program}`, which takes lines that the shell would run"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, command.words[0].span, walk)
        if command.program in _TAKE_NAMES:
            self._subscripts(reading, scope, walk)
        if command.program in _TAKE_A_NUMBER and not _one_number(command):
            self.may_fail(scope)
        if reading.directory is not None:
            others = tuple(moved(one, reading.directory) for one in scope.elsewhere)
            scope.directory = moved(scope.directory, reading.directory)
            scope.elsewhere = ()
            scope.may_be(others)
            if not scope.settled or any("-n" in use.names for use in command.options):
                scope.directory = UNKNOWN_DIRECTORY
            self._trapped(scope)
        for word in reading.variables if command.program != "let" else ():  # it calculates
            if word.value is None:
                scope.forget()
                continue
            names = NAME.findall(word.value)
            if "[" in word.value or _fills_array(command):
                scope.arrays |= frozenset(names)
            for name in names:
                self.bind(name, scope, word.span, walk)
        for name in _IMPLICIT.get(command.program, ()):
            values = (((number(name),),),) if name in scope.integers else None
            self.bind(name, scope, command.words[0].span, walk, values)
        match command.program:
            case program if program in DECLARATIONS:
                self._declare(command, scope, walk, stored)
            case "let":
                for word in command.operands:
                    self._calculated(word, scope, walk)
            case "set":
                if command.words[1:]:
                    scope.rearrange()
                self._settings(command, scope)
            case "shift":
                scope.rearrange()
            case "shopt":
                if any(w.value == "failglob" for w in command.operands):
                    message = "`failglob`, with which a glob without a match ends the line"
                    self.opaque(OpaqueKind.UNKNOWN_NODE, message, command.words[0].span, walk)
                if any(w.value is None or w.value in _WIDER_GLOBS for w in command.operands):
                    scope.plain_globs = False
                if any(w.value in (None, "lastpipe") for w in command.operands):
                    scope.traced = True
            case "." | "source":
                scope.forget()
            case "unset":
                for word in command.operands:
                    if word.value is None:
                        scope.forget()
                    else:
                        scope.assign(word.value.partition("[")[0], None)
                scope.functions = {n: (*found, None) for n, found in scope.functions.items()}
            case "alias":
                for word in command.operands:
                    name, equals, text = (word.value or "").partition("=")
                    if equals:
                        scope.aliases[name] = (*scope.aliases.get(name, ()), text)

    def _filters(self, command: Command) -> bool:
        """Whether a program that reads the files of its operands has none: then it reads its
        standard input.
        """
        program = self.rules.program(command.program or "")
        if program is None or not any("reads" in one.markers for one in program.operands):
            return False
        files = [word for word in command.operands if word in command.reads]
        return not files or any(word.value == "-" for word in files)

    def _trapped(self, scope: Scope) -> None:
        """What traps run, in the directory that is current from here on."""
        if self._in_trap:
            return
        self._in_trap = True
        for trap in scope.traps:
            self.shell_text(trap.text, scope.for_other_shell(), trap.walk, trap.via, bash=True)
        self._in_trap = False

    def _subscripts(self, reading: Reading, scope: Scope, walk: Walk) -> None:
        """What stands in the subscripts of names is evaluated, also where it was quoted.

        An unquoted `a[$x]` is a glob, and where no file matches it, a name with a subscript.
        """
        command = reading.command
        for word in command.words[1:]:
            if word.kind is WordKind.PATTERN and ("$" in word.text or "`" in word.text):
                message = f"`{word.text}`, a subscript whose expansions run once more"
                self.opaque(OpaqueKind.DYNAMIC_CODE, message, word.span, walk)
        named = list(reading.variables)
        if command.program in _NAMED_BY_OPERANDS:
            named += command.operands
        if command.program in ("test", "["):
            named += [
                word for before, word in pairwise(command.words) if before.text in ("-v", "-R")
            ]
        for word in named:
            found = _SUBSCRIPT.match(word.text) if word.kind is not WordKind.DYNAMIC else None
            if found is not None and found[1] not in scope.maps:
                parts = (Literal(found[2], quoted=False),)
                self.evaluated(parts, {}, scope, walk, word.span)

    @staticmethod
    def _settings(command: Command, scope: Scope) -> None:
        for use in command.options:
            value = use.value.value if use.value is not None else ""
            if "-a" in use.names or ("-o" in use.names and value in (None, "allexport")):
                scope.exports_all = True
            named = "-o" in use.names and value in (None, "errtrace", "functrace")
            if named or not {"-E", "-T"}.isdisjoint(use.names):
                scope.traced = True
        if command.open_options:
            scope.exports_all = scope.traced = True

    def _declare(self, command: Command, scope: Scope, walk: Walk, stored: frozenset[Word]) -> None:
        """A declaration by its words as they are after expansion: `export "$x"`, `local x`."""
        program = command.program
        letters = {name[1:] for use in command.options for name in use.names}
        exports = program == "export" or "x" in letters
        constant = program == "readonly" or "r" in letters
        found = {w: m.group() for w in command.operands if (m := NAME.match(w.prefix or w.text))}
        self._attributes(program, letters, frozenset(found.values()), scope, walk)
        before = {one.name for one in command.assignments} & set(found.values())
        scope.exported |= before
        for word in command.operands:
            if word in stored:
                continue
            name = assigned(word)
            if name is not None and NAME.fullmatch(name):
                self._given(word, name, scope, walk, exports=exports)
            elif word.value is None:
                scope.forget()
            elif word in found:
                plain = word.value == found[word]
                if not plain:  # `x[1]=a`, `x+=a`
                    scope.arrays |= {found[word]}
                    self.bind(found[word], scope, word.span, walk)
                if exports:
                    self.export(found[word], scope, word.span, walk)
                elif program in _LOCAL and walk.calls:
                    scope.assign(found[word], None)
            if constant and word in found:
                scope.constants |= {found[word]}
        if program == "local" and not _in_function(walk):  # an error: each has what it had before
            for name in found.values():
                scope.assign(name, None)
        if constant:
            scope.constants |= frozenset(found.values())
        for name in before:  # it may be this one that is declared, and gone then
            scope.assign(name, None)

    def _given(self, word: Word, name: str, scope: Scope, walk: Walk, *, exports: bool) -> None:
        """`name=value` as an argument of a declaration that only expansion made one."""
        made = assignment(word, name)
        if name in scope.untracked:  # it is stored in another form
            made = replace(made, value=dynamic(word.text, word.span, many=False))
        exported = exports or scope.exports_all or name in scope.exported
        self.assignment(replace(made, exported=exported), walk)
        if exports:
            scope.exported |= {name}
        row = (word_value(made.value),)
        if name in scope.integers:
            self.counted(name, row, scope, word.span, walk)
        if name in scope.arrays:
            self.array_text(name, row, word.span, walk)
        scope.assign(name, None if word.many or name in scope.arrays else (row,))

    def _calculated(self, word: Word, scope: Scope, walk: Walk) -> None:
        """An argument of `let`: arithmetic."""
        if word.kind is WordKind.STATIC and not word.home:
            parts = (Literal(word.text, quoted=False),)
            self.evaluated(parts, {}, scope, walk, word.span)
        else:
            message = "arithmetic that is known only at run time, which may run commands"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, word.span, walk)
            scope.forget()


def _one_number(command: Command) -> bool:
    values = [word.value or "" for word in command.words[1:]]
    return not values or (len(values) == 1 and values[0].isdigit() and command.program != "suspend")


def _fills_array(command: Command) -> bool:
    """Whether the variable that a builtin names becomes an array."""
    listed = command.open_options or any("-a" in use.names for use in command.options)
    return command.program in _FILL_ARRAYS or (command.program == "read" and listed)


def braced(written: Written) -> bool:
    """Whether the value of a declaration's assignment may be several words: `export x={a,b}`."""
    return any(
        isinstance(part, Literal) and not part.quoted and "{" in part.text for part in written.value
    )


def moved(old: Word | None, new: Word) -> Word:
    """The working directory after `cd new`."""
    if new.kind is not WordKind.STATIC or new.text == "-":
        return UNKNOWN_DIRECTORY
    if new.home or new.text.startswith("/") or old is None:
        return new
    if old.kind is not WordKind.STATIC:
        return UNKNOWN_DIRECTORY
    text = f"{old.text.rstrip('/')}/{new.text}"
    return Word(WordKind.STATIC, text, new.span, text, text, home=old.home)


def _in_function(walk: Walk) -> bool:
    """Whether what is walked is certainly the body of a function, in the shell that called it."""
    inner = next((step.program for step in reversed(walk.via) if step.program not in _STAYS), "")
    return bool(walk.calls) and inner == "function"

"""What the options and operands of one command mean, by the types of their declarations."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from policy.parse.pieces import after, assigned, assignment
from policy.parse.roles import Role
from policy.parse.scan import Scan, Used
from policy.plan import Assignment, Word, WordKind
from policy.program import ValueType

_STANDARD_INPUT = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")


class Code(NamedTuple):
    """Text that is run. `label` is the option that people know it by, or ""."""

    kind: ValueType
    word: Word
    dialect: str | None
    label: str
    from_option: bool


class Meaning:
    """Gathers what options and operands say.

    `directories` come from operands (`cd`), `within` from options (`git -C`); `user` is the
    option (or "") and the account; `made` are assignments in the environment of what is run;
    `plain` says that nothing was seen which a rule has to judge; `script_is_input` that the
    script to run is standard input (`bash -`).
    """

    __slots__ = (
        "codes", "deletes", "directories", "made", "plain", "reads", "script_is_input", "target",
        "urls", "user", "variables", "within", "writes",
    )  # fmt: skip

    def __init__(self) -> None:
        self.reads: list[Word] = []
        self.writes: list[Word] = []
        self.deletes: list[Word] = []
        self.urls: list[Word] = []
        self.variables: list[Word] = []
        self.directories: list[Word] = []
        self.within: list[Word] = []
        self.codes: list[Code] = []
        self.made: list[Assignment] = []
        self.target: Word | None = None
        self.user: tuple[str, Word] | None = None
        self.script_is_input = False
        self.plain = True

    def option(self, used: Used) -> None:
        """Takes in an option."""
        option, use = used.option, used.use
        if not use.declared:
            self.plain = False
        if option is None:
            return
        if option.markers:
            self._mark(option.markers)
        value = use.value
        if option.value is None or value is None:
            return
        if option.value is ValueType.DIRECTORY:
            self.within.append(value)
        elif option.value is ValueType.USER:
            self.user = (used.spelled, value)
        code = Code(option.value, value, option.dialect, used.spelled, True)
        self._value(code, option.markers)

    def operand(self, role: Role, scan: Scan) -> None:
        """Takes in an operand that has a role."""
        line, word = role.operand, role.slot.word
        if line.markers:
            self._mark(line.markers)
        if line.value is ValueType.DIRECTORY:
            self.directories.append(word)
        elif line.value is ValueType.USER:
            self.user = ("", word)
        # `operand 1 <shell> if option (-c)`: people know it by the option
        label = next((name for name in line.guard.present if name in scan.names), "")
        self._value(Code(line.value, word, line.dialect, label, False), line.markers)

    def _mark(self, markers: tuple[str, ...]) -> None:
        if markers != ("reads",):
            self.plain = False

    def _value(self, code: Code, markers: tuple[str, ...]) -> None:
        kind, word = code.kind, code.word
        match kind:
            case ValueType.PATH | ValueType.DIRECTORY:
                self._path(word, markers)
            case ValueType.SCRIPT:
                if word.value in _STANDARD_INPUT:
                    self.script_is_input = True
                self._path(word, ("reads", *markers))
            case ValueType.AT_PATH:
                if word.prefix[:1] == "@" and not word.home:
                    if word.value != "@-":
                        self._path(after(word, 1), ("reads", *markers))
                elif word.kind is not WordKind.STATIC and not word.prefix:
                    self._path(word, ("reads", *markers))
            case ValueType.URL:
                add(self.urls, word)
            case (
                ValueType.SHELL
                | ValueType.SHELL_UNFINISHED
                | ValueType.SHELL_ASSIGNMENT
                | ValueType.SQL
            ):
                self.codes.append(code)
            case ValueType.CODE:
                self.plain = False
                self.codes.append(code)
            case ValueType.ASSIGNMENT:
                name = assigned(word)
                if name is not None:
                    self.made.append(assignment(word, name))
                elif word.kind is not WordKind.STATIC:
                    self.plain = False
            case ValueType.VARIABLE:
                add(self.variables, word)
            case ValueType.TARGET:
                self.target = self.target or word
            case ValueType.VALUE | ValueType.NUMBER | ValueType.USER | ValueType.PLACEHOLDER:
                pass
            case _:
                assert_never(kind)

    def _path(self, word: Word, markers: tuple[str, ...]) -> None:
        if "reads" in markers or "sends" in markers:  # a file that is sent is read
            add(self.reads, word)
        if "writes" in markers:
            add(self.writes, word)
        if "deletes" in markers:
            add(self.deletes, word)


def add(words: list[Word], word: Word) -> None:
    """Appends `word`, which may have two roles, unless it was the last."""
    if words[-1:] != [word]:
        words.append(word)

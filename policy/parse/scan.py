"""Sorts the words of a command into options, subcommands, operands and inner commands.

The only knowledge is the program's declaration. Where a word is known only at run time, what
the text fixes is read as usual, and what it leaves open is noted: `open_options`, and for every
operand the positions at which it may stand.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy.frozen import frozen
from policy.parse.levels import Level, level_of
from policy.parse.pieces import after, assigned
from policy.plan import OptionUse, Role, Word, WordKind, static
from policy.program import Guard, Option, Program, Runs, Style

UNBOUNDED = 1 << 30
"""`Slot.highest` behind a word that may become any number of words."""

_DIGITS = frozenset("0123456789")


@frozen
class Used:
    """An option as used, with its declaration (None where there is none).

    `spelled` is its name as written, for people.
    """

    use: OptionUse
    option: Option | None
    spelled: str

    @property
    def ends(self) -> bool:
        """Whether what follows are operands (`python -c CODE`)."""
        return self.option is not None and self.option.ends


@frozen
class Slot:
    """An operand, and the positions (1-based) at which it may stand.

    `sure` is False where the word may be no operand at all: an unknown word that may vanish
    or be an option, or a word that may be the value of an option that nothing declares.
    """

    word: Word
    lowest: int
    highest: int
    sure: bool


@frozen
class Group:
    """The words between two markers (`-exec … ;`); `last` is the marker that ends them."""

    runs: Runs
    marker: str
    words: tuple[Word, ...]
    last: str | None


class Scan:
    """The words of one command, sorted. `words[0]` is the program."""

    __slots__ = (
        "_barred", "_leading", "_names", "_reading", "_swallow", "_unbounded", "_vanishing",
        "chain", "groups", "level", "open_options", "slots", "subcommands", "trace", "used",
        "words",
    )  # fmt: skip

    def __init__(self, words: Sequence[Word], program: Program) -> None:
        self.words = words
        self.level: Level = level_of(program)
        self.chain: list[Program] = [program]
        self.subcommands: list[str] = []
        self.used: list[Used] = []
        self.slots: list[Slot] = []
        self.groups: list[Group] = []
        self.open_options = False
        self.trace: list[tuple[Role, Word]] = [(Role.PROGRAM, words[0])]  # in text order
        self._reading = program.style is not Style.NONE  # whether options are still read
        self._barred = False  # a word known only at run time stands for the subcommand
        self._swallow = False  # the next word may belong to what was just read
        self._vanishing = 0  # operands so far that may be none
        self._unbounded = False  # some word so far may be any number of words
        self._leading = 0  # leading NAME=value operands
        self._names: frozenset[str] | None = None
        self._run()

    # What callers ask ------------------------------------------------------------------

    def holds(self, guard: Guard, *, operands: bool = True) -> tuple[bool, bool]:
        """Whether `guard` may hold, and whether it certainly does.

        `operands=False` leaves `unless operands` to the caller.
        """
        may = must = True
        if guard.present and self.names.isdisjoint(guard.present):
            may, must = self.open_options, False
        if guard.absent:
            if not self.names.isdisjoint(guard.absent):
                return False, False
            must = must and not self.open_options
        if operands and guard.no_operands and self.slots:
            may = may and not any(slot.sure for slot in self.slots)
            must = False
        return may, must

    @property
    def names(self) -> frozenset[str]:
        """Every spelling of every option that is used."""
        if self._names is None:
            self._names = frozenset(name for used in self.used for name in used.use.names)
        return self._names

    # Reading ---------------------------------------------------------------------------

    def _run(self) -> None:
        words = self.words
        count, i = len(words), 1
        while i < count:
            word = words[i]
            i += 1
            swallowed, self._swallow = self._swallow, False
            if self._reading:
                if word.kind is not WordKind.STATIC:
                    if self._unknown(word, i):
                        continue
                else:
                    text = word.text
                    if text in self.level.groups:
                        i = self._group(text, i)
                        continue
                    if text == "--" and text not in self.level.names:
                        self._reading = False
                        self.trace.append((Role.END, word))
                        continue
                    if text[:1] == "-" and text != "-":
                        i = self._option(word, text, i)
                        continue
                    option = self.level.names.get(text)  # `su -`, `set +e`, where declared
                    # In `env A=1 - p` the dash is the program.
                    if option is not None and not word.home and not self._leading:
                        i = self._declared(word, option, text, i)
                        continue
                    if i == 2 and self.level.program.style is Style.BUNDLED and text:
                        i = self._bundle(word, text, i)
                        continue
            self._operand(word, swallowed)

    def _operand(self, word: Word, swallowed: bool) -> None:
        level = self.level
        if level.program.has_subcommands and not self._barred:
            if word.kind is WordKind.STATIC and not word.home:
                self.open_options = self.open_options or swallowed
                self.trace.append((Role.SUBCOMMAND, word))
                self._select(word.text)
                return
            self.open_options = self._barred = True
        maybe_option = self._reading and word.kind is not WordKind.STATIC and word.may_be_option
        sure = not (swallowed or word.many or maybe_option)
        before = len(self.slots)
        highest = UNBOUNDED if self._unbounded else before + 1
        self.trace.append((Role.OPERAND, word))
        self.slots.append(Slot(word, before - self._vanishing + 1, highest, sure))
        if not sure:
            self._vanishing += 1
        if word.many:
            self._unbounded = True
        if level.stops is not None and self._reading:
            if level.program.assignments and before == self._leading and assigned(word):
                self._leading += 1
            elif before + 1 - self._leading >= level.stops:
                self._reading = False

    def _select(self, name: str) -> None:
        self.subcommands.append(name)
        self.level = self.level.child(name)
        if self.level.declared:
            self.chain.append(self.level.program)
        self._reading = self.level.program.style is not Style.NONE

    def _unknown(self, word: Word, i: int) -> bool:
        """Notes what a word known only at run time may be; whether it's certainly no operand."""
        prefix = word.prefix
        if word.many and word.kind is WordKind.DYNAMIC and not word.parts:
            self.open_options = True  # `a$x`: the second of its words may be an option
        if word.home:
            return False
        if prefix[:1] != "-":
            bundle = i == 2 and self.level.program.style is Style.BUNDLED
            open_options = bundle or not (prefix or word.parts)
            self.open_options = self.open_options or open_options
            return False
        if prefix == "-":
            self.open_options = True
            return False
        name, equals, _ = prefix.partition("=")
        if prefix[1] != "-" and self.level.program.style is not Style.SINGLE_DASH:
            self._cluster(word, prefix[1:], i, more=True)
        elif equals:
            self._named(word, name, after(word, len(name) + 1), i)
        else:
            self.open_options = True
            self.trace.append((Role.OPTION, word))
        return not word.many

    # Options ---------------------------------------------------------------------------

    def _option(self, word: Word, text: str, i: int) -> int:
        """Reads the option in `word`; `i` is the next word. Returns the one after."""
        option = self.level.names.get(text)
        if option is not None:
            return self._declared(word, option, text, i)
        name, equals, _ = text.partition("=")
        if text[1] == "-" or self.level.program.style is Style.SINGLE_DASH:
            if equals:
                return self._named(word, name, after(word, len(name) + 1), i)
            if self._number(word, text):
                return i
            return self._named(word, text, None, i)
        if equals and len(name) > 2 and name in self.level.names:
            return self._named(word, name, after(word, len(name) + 1), i)
        if self._number(word, text):
            return i
        return self._cluster(word, text[1:], i)

    def _number(self, word: Word, text: str) -> bool:
        if not (text[1:].isdigit() and text.isascii()):
            return False
        option = self.level.number
        if option is None:
            return False
        self._use(word, option, text, after(word, 1))
        self._trace(word, text)
        return True

    def _named(self, word: Word, name: str, value: Word | None, i: int) -> int:
        """An option with its own word: `--name`, `--name=value`, an abbreviation of it."""
        if value is not None and name in self.level.groups:
            return self._group(name, i, value)
        option = self.level.names.get(name)
        if option is not None:
            return self._declared(word, option, name, i, value)
        candidates = self.level.abbreviated(name)
        if len(candidates) == 1:
            i = self._declared(word, candidates[0], name, i, value)
        else:
            for option in candidates:
                self._use(word, option, name, value)
            self._trace(word, name, value, attached=value is not None)
        # An abbreviation is a use of an undeclared option too: the program may have one of
        # exactly this name, and a low rule accepts only what is known.
        self._undeclared(word, name, value, may_take=value is None and not candidates)
        return i

    def _declared(
        self, word: Word, option: Option, name: str, i: int, value: Word | None = None
    ) -> int:
        attached = value is not None and (option.value is None or option.optional)
        if value is None and option.value is not None and not option.optional:
            value, i = self._take(i)
        self._use(word, option, name, value)
        self._trace(word, name, value, attached=attached)
        return i

    def _cluster(self, word: Word, letters: str, i: int, more: bool = False) -> int:
        """Merged short options. `more`: unknown text follows the letters."""
        begin, known = len(self.trace), len(self.used)
        end = self._letters(word, letters, i, more)
        if not more:
            self._spelled(word, begin, known, i)
        return end

    def _spelled(self, word: Word, begin: int, known: int, i: int) -> None:
        """Notes merged letters as they are written if nothing declares one of them: it may take
        those behind it as its value.
        """
        tail = self.trace[begin:]
        if sum(role is Role.OPTION for role, _ in tail) < 2:
            return
        if all(used.option is not None for used in self.used[known:]):
            return
        values = [one for one in tail if any(one[1] is after for after in self.words[i:])]
        self.trace[begin:] = [(Role.OPTION, word), *values]

    def _letters(self, word: Word, letters: str, i: int, more: bool) -> int:
        level, count, k = self.level, len(letters), 0
        while k < count:
            letter = letters[k]
            name, k = "-" + letter, k + 1
            following = letters[k : k + 1]
            if name in level.groups and not more:
                return self._group(name, i, after(word, k + 1) if following else None)
            option = level.names.get(name)
            if option is None and level.number is not None and letter in _DIGITS:
                begin = k - 1
                while k < count and letters[k] in _DIGITS:  # `tail -20f`
                    k += 1
                digits = letters[begin:k]
                self._use(word, level.number, "-" + digits, static(digits, word.span))
                self._trace(word, "-" + digits)
            elif option is None and following == "=":
                self._undeclared(word, name, after(word, k + 2), may_take=False)
                self._trace(word, name, after(word, k + 2), attached=True)
                return i
            elif option is None:
                self._undeclared(word, name, None, may_take=not following and not more)
                self._trace(word, name)
            elif option.value is None:
                self._use(word, option, name, None)
                self._trace(word, name)
            elif following or more:
                value = after(word, k + 1)
                self._use(word, option, name, value)
                if following == "=" and (more or k + 1 < count):
                    value = after(word, k + 2)  # some programs take `-n=5` as `-n 5`
                    self._use(word, option, name, value)
                    self._trace(word, name, value, attached=True)
                else:
                    self.trace.append((Role.OPTION, static(name, word.span)))
                    self.trace.append((Role.ATTACHED if option.optional else Role.VALUE, value))
                if more and not (following or option.optional or word.parts):
                    self.open_options = True  # `-n$x`: where x is empty, the next word is taken
                return i
            else:
                return self._declared(word, option, name, i)
        if more:
            self.open_options = True
            self.trace.append((Role.ATTACHED, after(word, count + 1)))
        return i

    def _bundle(self, word: Word, letters: str, i: int) -> int:
        """`tar xzf a.tgz`: a first word of letters, whose values are the words behind it."""
        begin, known, first = len(self.trace), len(self.used), i
        for letter in letters:
            name = "-" + letter
            option = self.level.names.get(name)
            if option is None:
                self._undeclared(word, name, None, may_take=False)
                self._trace(word, name)
            else:
                i = self._declared(word, option, name, i)
        self._spelled(word, begin, known, first)
        return i

    def _take(self, i: int) -> tuple[Word | None, int]:
        if i >= len(self.words):
            return None, i
        value = self.words[i]
        if value.many:
            self.open_options = self._unbounded = self._swallow = True
        return value, i + 1

    def _use(self, word: Word, option: Option, name: str, value: Word | None) -> None:
        use = OptionUse(option.names, word.span, value, True, option.markers)
        self.used.append(Used(use, option, name))
        if option.ends:
            self._reading = False

    def _undeclared(self, word: Word, name: str, value: Word | None, *, may_take: bool) -> None:
        use = OptionUse((name,), word.span, value, False)
        self.used.append(Used(use, None, name))
        self._swallow = self._swallow or may_take

    def _trace(
        self, word: Word, name: str, value: Word | None = None, *, attached: bool = False
    ) -> None:
        """Notes an option for the normal form, with its value if it has one."""
        self.trace.append((Role.OPTION, static(name + "=" if attached else name, word.span)))
        if value is not None:
            self.trace.append((Role.ATTACHED if attached else Role.VALUE, value))

    # Inner commands --------------------------------------------------------------------

    def _group(self, marker: str, i: int, first: Word | None = None) -> int:
        """`-exec CMD … ;`: the words up to the marker that ends them, or up to the end.

        The first `until` word always ends the group, the others only right behind the
        placeholder: find takes a `+` anywhere else as an argument (POSIX, find, -exec).
        """
        level, words = self.level, self.words
        runs = level.groups[marker]
        start, last = i, None
        while i < len(words):
            word = words[i]
            i += 1
            if word.kind is WordKind.STATIC and word.text in runs.until:
                placeholder = level.program.placeholder
                behind = i - 1 > start and words[i - 2].text == placeholder
                if word.text == runs.until[0] or placeholder is None or behind:
                    last = word.text
                    break
        inner = words[start : i if last is None else i - 1]
        self._note_early_end(inner)
        group = Group(runs, marker, (*(() if first is None else (first,)), *inner), last)
        self.groups.append(group)
        option = level.names.get(marker)
        names = (marker,) if option is None else option.names
        markers = () if option is None else option.markers
        use = OptionUse(names, words[start - 1].span, None, True, markers)
        self.used.append(Used(use, option, marker))
        self.trace.append((Role.OPTION, static(marker, use.span)))
        self.trace += [(Role.OPERAND, word) for word in group.words]
        if last is not None:
            self.trace.append((Role.OPTION, static(last, words[i - 1].span)))
        return i

    def _note_early_end(self, inner: Sequence[Word]) -> None:
        """A word known only at run time may end the group; the rest are then the program's."""
        for k, word in enumerate(inner):
            if word.kind is not WordKind.STATIC and not word.prefix and not word.home:
                behind = inner[k + 1 :]
                if word.many or any(later.may_be_option for later in behind):
                    self.open_options = True
                    return

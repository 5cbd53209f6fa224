"""Reads a simple command's words as its program reads them.

`read` is the way in: words and rules give a `Reading`, which holds the complete `Command`
and everything that the command runs. What is known about programs comes from their
declarations (docs/rule-language.md); an unknown program's options are guessed by their look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from policy.frozen import frozen
from policy.parse.delegate import (
    Run,
    RunKind,
    Start,
    between,
    delegated,
    from_code,
    from_stdin,
    placed,
    starts,
)
from policy.parse.meaning import Meaning, add
from policy.parse.normal import INPUT, TEXT, WORDS, normal
from policy.parse.pieces import after
from policy.parse.roles import roles
from policy.parse.scan import Scan
from policy.plan import (
    INHERITED,
    Assignment,
    Command,
    Input,
    InputKind,
    Opaque,
    OpaqueKind,
    OptionUse,
    Redirect,
    RedirectKind,
    Role,
    Term,
    Via,
    Word,
    WordKind,
    dynamic,
    static,
)
from policy.program import Program, RunsKind, ValueType
from policy.ruleset import RuleSet

_MOST_HANDED = 65_536  # words, counted again for each thing that is run: every one keeps them
_CODE = (
    *(ValueType.SHELL, ValueType.SHELL_UNFINISHED, ValueType.SQL, ValueType.CODE),
    ValueType.SCRIPT,
)


@frozen
class Reading:
    """A command as its program reads it.

    `chain` is the program's declaration and those of the subcommands that apply, outermost
    first; () where the program is unknown. `silent` says that the command only passes on what
    is judged elsewhere: everything that it does is in `runs`. `directory` is the working
    directory of the commands behind it, `within` the one in which this command itself works
    (`git -C`); both None where it changes none. `variables` are names of shell variables that
    become unknown. `output` is what it prints, where the text fixes that.
    """

    command: Command
    chain: tuple[Program, ...] = ()
    runs: tuple[Run, ...] = ()
    silent: bool = False
    directory: Word | None = None
    variables: tuple[Word, ...] = ()
    output: Word | None = None
    within: Word | None = None


def read(
    words: Sequence[Word],
    rules: RuleSet,
    *,
    redirects: Sequence[Redirect] = (),
    assignments: Sequence[Assignment] = (),
    input: Input = INHERITED,  # noqa: A002  # the name that Command and Run have for it
) -> Reading:
    """The command that `words` are, the first of them being the program.

    Never raises. `words` may be empty: redirects or assignments without a command.
    """
    name = words[0].text.rpartition("/")[2] if words else ""
    program = rules.program(name) if words and words[0].kind is WordKind.STATIC else None
    if program is None:
        return Reading(_unknown(name, words, redirects, assignments, input))
    return _Reader(name, Scan(words, program), tuple(redirects), tuple(assignments), input).read()


class _Reader:
    """Puts together what one command is and what it runs."""

    __slots__ = ("assignments", "input", "meaning", "name", "redirects", "scan")

    def __init__(
        self,
        name: str,
        scan: Scan,
        redirects: tuple[Redirect, ...],
        assignments: tuple[Assignment, ...],
        source: Input,
    ) -> None:
        self.name = name
        self.scan = scan
        self.redirects = redirects
        self.assignments = assignments
        self.input = source
        self.meaning = Meaning()

    def read(self) -> Reading:
        scan, meaning = self.scan, self.meaning
        begins = tuple(starts(scan))
        for used in scan.used:
            meaning.option(used)
        limit = len(scan.slots)
        if begins:
            if all(start.exact for start in begins):
                limit = min(start.index for start in begins)
            else:
                meaning.plain = False
        code_given = any(start.certain for start in begins)
        for role in roles(scan, limit):
            meaning.operand(role, scan)
            if role.nominal and role.slot.sure and role.operand.value in _CODE:
                code_given = True
        runs = self._runs(begins, code_given)
        command = self._command()
        return Reading(
            command,
            chain=tuple(scan.chain),
            runs=runs,
            silent=bool(runs) and self._silent(command, runs),
            directory=None if begins else self._directory(),
            variables=tuple(meaning.variables),
            output=self._output(),
            within=_nested(meaning.within),
        )

    def _command(self) -> Command:
        scan, meaning = self.scan, self.meaning
        for redirect in self.redirects:
            _note(redirect, meaning.reads, meaning.writes)
        return Command(
            self.name,
            tuple(scan.words),
            tuple(scan.subcommands),
            tuple([used.use for used in scan.used]),
            tuple([slot.word for slot in scan.slots]),
            self.redirects,
            self.assignments,
            self.input,
            tuple(meaning.reads),
            tuple(meaning.writes),
            tuple(meaning.deletes),
            tuple(meaning.urls),
            scan.open_options,
            True,
            normal(scan),
        )

    # What it runs ----------------------------------------------------------------------

    def _runs(self, begins: Sequence[Start], code_given: bool) -> tuple[Run, ...]:
        scan, meaning = self.scan, self.meaning
        if (len(meaning.codes) + len(scan.groups)) * len(scan.trace) > _MOST_HANDED:
            message = f"`{self.name}` runs more things than can be followed"
            via = self._via("", WORDS, ())
            return (Run(RunKind.UNSEEN, via, opaque=Opaque(OpaqueKind.LIMIT, message)),)
        stdin = scan.level.program.stdin
        if not (begins or meaning.codes or scan.groups or stdin or meaning.script_is_input):
            return ()
        found: list[Run | None] = [
            from_code(self.name, code, self._via(code.label, TEXT, (code.word,)), self.input)
            for code in meaning.codes
        ]
        found.extend(
            between(scan, group, self._via(group.marker, WORDS, group.words), self.input)
            for group in scan.groups
        )
        for start in begins:
            handed = tuple([slot.word for slot in scan.slots[start.index :]])
            mark = TEXT if start.runs.kind is RunsKind.SHELL else WORDS
            found.extend(delegated(scan, start, self._via("", mark, handed), self.input))
        if self._input_may_be_code(code_given):
            found.append(self._from_input())
        directory = _nested(meaning.within or meaning.directories)
        made = tuple(meaning.made)
        bash = any(level.bash for level in scan.chain)
        return tuple([placed(run, directory, made, bash) for run in found if run is not None])

    def _input_may_be_code(self, code_given: bool) -> bool:
        """Whether standard input may be run.

        It isn't where an operand says what is run (`bash file`, `ssh host cmd`), nor behind
        an option that `ends` the program's own (`python -m x`). `bash -s arg` and `ssh host`
        run it: their operands say something else.
        """
        if self.meaning.script_is_input:
            return True
        level = self.scan.level
        stdin = level.program.stdin
        if stdin is None or code_given or any(used.ends for used in self.scan.used):
            return False
        if stdin.guard.no_operands:
            if any(code.kind is ValueType.CODE for code in self.meaning.codes):
                return False
            # Without a line that says which operand is code, any of them may be.
            declared = level.program.runs or any(line.value in _CODE for _, line in level.operands)
            if not declared and any(slot.sure for slot in self.scan.slots):
                return False
        may, _ = self.scan.holds(stdin.guard, operands=False)
        return may

    def _from_input(self) -> Run | None:
        stdin = self.scan.level.program.stdin
        if self.input.kind is InputKind.FILE and self.input.word is not None:
            add(self.meaning.reads, self.input.word)  # run like a script
        value, dialect = (None, None) if stdin is None else (stdin.value, stdin.dialect)
        return from_stdin(self.name, value, dialect, self.input, self._via("", INPUT))

    def _via(self, option: str, mark: Word, handed: tuple[Word, ...] = ()) -> Via:
        """The step to what is run; `handed` are the words that are, `mark` is how."""
        scan, user, target = self.scan, self.meaning.user, self.meaning.target
        parts = [self.name, *scan.subcommands]
        if option:
            parts.append(option)
        if user is not None:
            parts.extend(part for part in (user[0], user[1].text) if part)
        if target is not None:
            parts.append(target.text)
        return Via(
            self.name,
            " ".join(parts),
            target,
            None if user is None else user[1],
            tuple(dict.fromkeys(effect for level in scan.chain for effect in level.effects)),
            sum(level.adds_score for level in scan.chain),
            normal(scan, mark, handed),
            tuple(scan.words),
        )

    def _silent(self, command: Command, runs: tuple[Run, ...]) -> bool:
        return (
            self.meaning.plain
            and not command.open_options
            and not (command.reads or command.writes or command.deletes or command.urls)
            and not self.meaning.variables
            and not self.scan.groups
            and not any(run.kind is RunKind.UNSEEN for run in runs)
            and all(redirect.kind is RedirectKind.DUPLICATE for redirect in self.redirects)
        )

    # What follows ----------------------------------------------------------------------

    def _directory(self) -> Word | None:
        """Where the commands behind this one work; dynamic where only run time knows."""
        declares = any(o.value is ValueType.DIRECTORY for _, o in self.scan.level.operands)
        if not declares:
            return None
        if len(self.meaning.directories) == 1 and not self.scan.open_options:
            word = self.meaning.directories[0]
            if word.kind is WordKind.STATIC and word.text[:1] not in ("", "-", "+"):
                return word
            return dynamic(word.text, word.span, word.prefix, word.suffix, many=False)
        # none (the home directory, or the top of a stack), or several of them
        return dynamic(self.name, self.scan.words[0].span, many=False)

    def _output(self) -> Word | None:
        scan = self.scan
        if not scan.level.program.outputs_arguments or scan.used or scan.open_options:
            return None
        texts = []
        for slot in scan.slots:
            text = slot.word.value
            # Some shells' echo resolves escapes, and all of them read options.
            if text is None or "\\" in text or text[:1] == "-":
                return None
            texts.append(text)
        span = scan.words[0].span
        if scan.slots:
            span = (scan.slots[0].word.span[0], scan.slots[-1].word.span[1])
        return static(" ".join(texts), span)


def _nested(directories: Sequence[Word]) -> Word | None:
    """Several changes of directory, one after the other."""
    if not directories:
        return None
    last = directories[-1]
    if len(directories) == 1 or last.home or last.prefix[:1] == "/":
        return last
    return dynamic("/".join(word.text for word in directories), last.span)


def _note(redirect: Redirect, reads: list[Word], writes: list[Word]) -> None:
    match redirect.kind:
        case RedirectKind.READ:
            add(reads, redirect.target)
        case RedirectKind.WRITE | RedirectKind.APPEND:
            add(writes, redirect.target)
        case RedirectKind.READ_WRITE:
            add(reads, redirect.target)
            add(writes, redirect.target)
        case RedirectKind.DUPLICATE:
            pass
        case _:
            assert_never(redirect.kind)


def _unknown(
    name: str,
    words: Sequence[Word],
    redirects: Sequence[Redirect],
    assignments: Sequence[Assignment],
    source: Input,
) -> Command:
    """A command whose program nothing declares: what looks like an option is one."""
    options: list[OptionUse] = []
    operands: list[Word] = []
    terms = [Term(Role.PROGRAM, word) for word in words[:1]]
    open_options = False
    reading = True
    for word in words[1:]:
        if not reading or (word.kind is not WordKind.STATIC and not word.parts):
            operands.append(word)
            terms.append(Term(Role.OPERAND, word))
            open_options = open_options or (reading and (word.many or word.may_be_option))
        elif word.text == "--":
            reading = False
            terms.append(Term(Role.END, word))
        elif word.may_be_option:
            option, equals, _ = word.text.partition("=")
            value = after(word, len(option) + 1) if equals else None
            options.append(OptionUse((option,), word.span, value, declared=False))
            terms.append(Term(Role.OPTION, static(option + equals, word.span)))
            if value is not None:
                terms.append(Term(Role.ATTACHED, value))
        else:
            operands.append(word)
            terms.append(Term(Role.OPERAND, word))
    reads: list[Word] = []
    writes: list[Word] = []
    for redirect in redirects:
        _note(redirect, reads, writes)
    return Command(
        name,
        tuple(words),
        options=tuple(options),
        operands=tuple(operands),
        redirects=tuple(redirects),
        assignments=tuple(assignments),
        input=source,
        reads=tuple(reads),
        writes=tuple(writes),
        open_options=open_options,
        terms=tuple(terms),
    )

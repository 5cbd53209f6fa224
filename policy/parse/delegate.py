"""What a command runs: other commands, shell text, SQL, or code that isn't in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from typing import assert_never

from policy.frozen import frozen
from policy.parse.meaning import Code
from policy.parse.pieces import aliased, as_text, assigned, assignment, filled, joined, unfinished
from policy.parse.scan import Group, Scan, Used
from policy.plan import (
    INHERITED,
    Assignment,
    Input,
    InputKind,
    Opaque,
    OpaqueKind,
    Via,
    Word,
    WordKind,
    dynamic,
    static,
)
from policy.program import Runs, RunsKind, ValueType


class RunKind(Enum):
    """What is handed over."""

    WORDS = "words"  # the words of a command
    SHELL = "shell"  # text for a shell
    SQL = "sql"  # text for a database
    UNSEEN = "unseen"  # code that the text doesn't show


@frozen
class Run:
    """One thing that a command runs.

    `words` is set for WORDS, `text` for SHELL and SQL (dynamic where only run time knows it),
    `dialect` for SQL, `opaque` for UNSEEN. `assignments` are made in its environment, and
    `directory` is where it works (None: where the command does).
    """

    kind: RunKind
    via: Via
    words: tuple[Word, ...] = ()
    text: Word | None = None
    dialect: str | None = None
    assignments: tuple[Assignment, ...] = ()
    input: Input = INHERITED
    directory: Word | None = None
    opaque: Opaque | None = None
    bash: bool = False  # shell text that bash reads, not whatever `sh` is
    fed: bool = False  # shell text that is the standard input of its shell, read as it goes


PIPE = Input(InputKind.PIPE)
"""Standard input that nobody has seen."""

_DEFAULT_PLACEHOLDER = static("{}")  # of an option whose value may be left out (xargs -i)


@frozen
class Start:
    """Where, among the operands of a wrapper, the command that it runs begins.

    `index` is where it begins if every word is one operand. `others` are the words of the text
    at which it begins if unknown words before them are none, or several, or options; `exact`
    says that nothing of the kind is possible. `certain`: its first word is an operand.
    """

    runs: Runs
    index: int
    others: tuple[int, ...]
    exact: bool
    certain: bool


def starts(scan: Scan) -> Iterator[Start]:
    """For each `runs arguments` and `runs shell` line that may hold: where it begins."""
    slots = scan.slots
    for runs in scan.level.program.runs:
        if runs.kind is RunsKind.BETWEEN or len(slots) < runs.first:
            continue
        may, must = scan.holds(runs.guard)
        if may:
            slot = slots[runs.first - 1]
            exact = must and slot.sure and slot.lowest == slot.highest
            others = () if exact else tuple(_others(scan, runs.first))
            yield Start(runs, runs.first - 1, others, exact, slot.sure)


def _others(scan: Scan, first: int) -> Iterator[int]:
    """Where else a command may begin: only words of the text, as an unknown one is no answer.

    There are never more of them than `first`, and one.
    """
    slots = scan.slots
    assignments = scan.level.program.assignments
    for index, slot in enumerate(slots):
        if index == first - 1 or slot.word.kind is not WordKind.STATIC:
            continue
        if slot.word.text[:1] == "-" or not slot.lowest <= first <= slot.highest:
            continue
        if assignments and index and _may_be_assignment(slots[index - 1].word):
            continue  # what begins at the word before has this one
        yield index


def _may_be_assignment(word: Word) -> bool:
    return word.kind is not WordKind.STATIC or assigned(word) is not None


def _command_lines(scan: Scan, start: Start) -> Iterator[tuple[Word, ...]]:
    """The command lines that `start` stands for, placeholders filled in."""
    words = [slot.word for slot in scan.slots]
    for index in (start.index, *start.others):
        if words[index].value == "--":  # either the program drops it, or there is no such command
            index += 1
        if index < len(words):
            yield _completed(scan, words[index:], start.runs.unknown)


def _completed(scan: Scan, words: Sequence[Word], unknown: bool) -> tuple[Word, ...]:
    fixed = scan.level.program.placeholder
    if fixed is not None:
        words = filled(words, static(fixed), many=False)
    chosen = next((used for used in reversed(scan.used) if _is_placeholder(used)), None)
    if chosen is not None:
        words = filled(words, chosen.use.value or _DEFAULT_PLACEHOLDER, many=False)
    elif unknown:
        end = words[-1].span[1]
        words = (*words, dynamic("…", (end, end)))
    return tuple(words)


def _is_placeholder(used: Used) -> bool:
    return used.option is not None and used.option.value is ValueType.PLACEHOLDER


def _group_words(scan: Scan, group: Group) -> tuple[Word, ...]:
    """The words of a group (`find -exec … {} +`), its placeholder filled in."""
    words: tuple[Word, ...] = group.words
    fixed = scan.level.program.placeholder
    if fixed is not None:
        several = group.last is not None and group.last != group.runs.until[0]
        words = filled(words, static(fixed), many=several)
    if group.runs.unknown and words and words == group.words:  # nothing was filled in
        end = words[-1].span[1]
        words = (*words, dynamic("…", (end, end)))
    return words


def _environment(
    words: Sequence[Word],
) -> Iterator[tuple[tuple[Assignment, ...], tuple[Word, ...]]]:
    """Splits leading `NAME=value` words from the command behind them.

    More than one answer where a word may be an assignment or the command (`env $x rm`).
    """
    made: list[Assignment] = []
    ambiguous = False  # one such answer says it all: what follows is in it
    for index, word in enumerate(words):
        name = assigned(word)
        if name is None and word.kind is WordKind.STATIC:
            yield tuple(made), tuple(words[index:])
            return
        # sudo takes `/a=b` for a command, env doesn't
        if not ambiguous and (name is None or "/" in name):
            ambiguous = True
            yield tuple(made), tuple(words[index:])
        if name is not None:
            made.append(assignment(word, name))


def from_stdin(
    program: str, value: ValueType | None, dialect: str | None, source: Input, via: Via
) -> Run | None:
    """What a program that runs its standard input runs; None where rules see all of it.

    `value` says in which language, None that nothing declares it. A file isn't opened and
    inline code isn't read: rules judge `input file` and `input text`.
    """
    match source.kind:
        case InputKind.FILE:
            return None
        case InputKind.TEXT:
            text = source.word
            if text is not None and value is ValueType.SHELL:
                return Run(RunKind.SHELL, via, text=text, input=PIPE, fed=True)
            if text is not None and value is ValueType.SQL:
                return Run(RunKind.SQL, via, text=text, dialect=dialect, input=PIPE)
            if text is None or value is None:
                return _unseen(program, via, "which isn't read further")
            return None if text.kind is WordKind.STATIC else unknown_code(program, via)
        case InputKind.PIPE if source.producer:
            return _unseen(program, via, f"which comes from `{source.producer}`")
        case InputKind.PIPE:
            return _unseen(program, via, "which comes from a pipe")
        case InputKind.INHERITED:
            return _unseen(program, via, "which the text doesn't show")
        case _:
            assert_never(source.kind)


def _unseen(program: str, via: Via, origin: str) -> Run:
    message = f"{program} runs what it reads from standard input, {origin}"
    return Run(RunKind.UNSEEN, via, opaque=Opaque(OpaqueKind.UNSEEN_CODE, message))


def from_code(program: str, code: Code, via: Via, source: Input) -> Run | None:
    """The run of an option's or operand's text; None where rules judge it, or there is none."""
    word: Word | None = code.word
    if code.kind is ValueType.CODE:
        return unknown_code(program, via) if code.word.kind is WordKind.DYNAMIC else None
    if code.kind is ValueType.SQL:
        return Run(RunKind.SQL, via, text=as_text(code.word), dialect=code.dialect)
    if code.kind is ValueType.SHELL_ASSIGNMENT:
        word = aliased(code.word)
    if code.kind is ValueType.SHELL_UNFINISHED:
        word = unfinished(code.word)
    if word is None:
        return None
    # What runs an option's value may give it another input (tar --to-command).
    if code.from_option and source.kind is not InputKind.INHERITED:
        source = PIPE
    return Run(RunKind.SHELL, via, text=as_text(word), input=source)


def unknown_code(program: str, via: Via) -> Run:
    """Inline code that only run time knows."""
    message = f"{program} runs code that is only known at run time"
    return Run(RunKind.UNSEEN, via, opaque=Opaque(OpaqueKind.DYNAMIC_CODE, message))


def delegated(scan: Scan, start: Start, via: Via, source: Input) -> Iterator[Run]:
    """The runs of one `runs arguments` or `runs shell` line."""
    if start.runs.unknown:  # what it reads are the words that it appends
        source = PIPE
    for words in _command_lines(scan, start):
        if start.runs.kind is RunsKind.SHELL:
            yield Run(RunKind.SHELL, via, text=joined(words), input=source)
        elif scan.level.program.assignments:
            for made, command in _environment(words):
                yield Run(RunKind.WORDS, via, words=command, assignments=made, input=source)
        else:
            yield Run(RunKind.WORDS, via, words=words, input=source)


def between(scan: Scan, group: Group, via: Via, source: Input) -> Run | None:
    """The run of one group of words; None where nothing stands between the markers."""
    words = _group_words(scan, group)
    if not words:
        return None
    source = PIPE if group.runs.unknown else source
    place = dynamic("…", words[0].span, many=False) if group.runs.anywhere else None
    return Run(RunKind.WORDS, via, words=words, input=source, directory=place)


def placed(
    run: Run, directory: Word | None, assignments: tuple[Assignment, ...], bash: bool
) -> Run:
    """`run`, in `directory` and with `assignments` in its environment besides its own."""
    if directory is None and not assignments and not bash:
        return run
    made = (*assignments, *run.assignments)
    return replace(run, directory=run.directory or directory, assignments=made, bash=bash)

"""Secrets at the places where rule files say that programs are given one.

A command's words are sorted as its program sorts them, and the `redact` lines of its
declaration say which of them to hide. What no line is about is hidden by its look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from policy.frozen import frozen
from policy.journal.looks import Kind, Looks, goes_on
from policy.parse.pieces import after
from policy.parse.scan import Scan, Used
from policy.plan import (
    Action,
    Assignment,
    Command,
    Input,
    InputKind,
    Opaque,
    Span,
    Statement,
    Word,
    WordKind,
)
from policy.program import SecretIn, SecretPart
from policy.ruleset import RuleSet


@frozen
class Given:
    """A secret that a word holds: all of it, or `part` of its value.

    `whole` is the word of the command in which `word` stands, as `-px` holds `x`.
    """

    name: str
    word: Word
    part: str | None = None
    whole: Word | None = None


def secrets_of(
    action: Action, before: Sequence[Action], rules: RuleSet, looks: Looks
) -> Iterator[Given]:
    """Every secret in the words of an action and of the steps through which it is reached.

    `before` are the actions in front of it, one of which may print what it reads.
    """
    does = action.does
    source = _Source(does.input, before, rules) if isinstance(does, Command) else None
    for step in action.via:
        if step.words:
            yield from _of_words(step.words, source, rules, looks)
    match does:
        case Command():
            yield from _of_words(does.words, source, rules, looks)
            for one in does.assignments:
                yield from _of_assignment(one, looks)
            for redirect in does.redirects:
                yield from _looked(redirect.target, looks, Kind.WORD)
            if does.input.kind is InputKind.TEXT and does.input.word is not None:
                yield from _looked(does.input.word, looks, Kind.PLAIN)
        case Assignment():
            yield from _of_assignment(does, looks)
        case Statement() | Opaque():
            pass  # they hold no words; what is around them does
        case _:
            assert_never(does)


@frozen
class _Source:
    """Where a command's standard input comes from."""

    given: Input
    before: Sequence[Action]
    rules: RuleSet

    def words(self) -> Iterator[Word]:
        """The words that hold what is read, as far as the text shows it."""
        if self.given.kind is InputKind.TEXT and self.given.word is not None:
            yield self.given.word
        if self.given.kind is not InputKind.PIPE or self.given.producer is None:
            return
        program = self.rules.program(self.given.producer)
        for action in self.before:
            does = action.does
            if not isinstance(does, Command) or does.program != self.given.producer:
                continue
            if program is not None and program.outputs_text:
                yield from does.operands
            if does.input.kind is InputKind.TEXT and does.input.word is not None:
                yield does.input.word


def secrets_of_words(words: Sequence[Word], rules: RuleSet, looks: Looks) -> Iterator[Given]:
    """Every secret that something which may be a command is given by declaration."""
    yield from _declared(words, None, rules, looks)


def _of_assignment(assignment: Assignment, looks: Looks) -> Iterator[Given]:
    name = looks.name(assignment.name)
    if name is not None:
        yield Given(name, assignment.value)
    else:
        yield from _looked(assignment.value, looks, Kind.PLAIN)


def _looked(word: Word, looks: Looks, kind: Kind) -> Iterator[Given]:
    """What in the value of a word looks like a secret."""
    if word.kind is WordKind.STATIC:
        for look in looks.find(word.text, kind):
            end = goes_on(word.text, look.end)
            yield Given(look.name, word, word.text[look.start : end])


def _of_words(
    words: Sequence[Word], source: _Source | None, rules: RuleSet, looks: Looks
) -> Iterator[Given]:
    for word in words:
        yield from _looked(word, looks, Kind.WORD)
    yield from _declared(words, source, rules, looks)


def _declared(
    words: Sequence[Word], source: _Source | None, rules: RuleSet, looks: Looks
) -> Iterator[Given]:
    first = words[0] if words else None
    program = None
    if first is not None and first.kind is WordKind.STATIC:
        program = rules.program(first.text.rpartition("/")[2])
    if program is None:
        yield from _of_undeclared(words, looks)
        return
    scan = Scan(words, program)
    unknown = {used.use.span for used in scan.used if used.option is None}
    lines = tuple(line for level in scan.chain for line in level.secrets)
    for line in lines:
        match line.where:
            case SecretIn.OPTION:
                yield from _of_options(line, scan)
                yield from _of_unknown_options(line, words, unknown)
            case SecretIn.OPERAND:
                if line in scan.level.program.secrets:
                    yield from _of_operands(line, scan)
            case SecretIn.STDIN:
                yield from _of_input(line, scan, source)
            case _:
                assert_never(line.where)
    if unknown:
        yield from _of_undeclared(words, looks, unknown)


def _of_options(line: SecretPart, scan: Scan) -> Iterator[Given]:
    for used in scan.used:
        if used.use.value is not None and _is_one_of(used, line.options):
            whole = next((word for word in scan.words if word.span == used.use.span), None)
            yield from _behind(line, used.use.value, whole)


def _of_unknown_options(
    line: SecretPart, words: Sequence[Word], unknown: set[Span]
) -> Iterator[Given]:
    """Values of options that only the `redact` line knows: attached, or the next word."""
    for index, word in enumerate(words):
        if word.span not in unknown:
            continue
        for name in line.options:
            long = len(name) > 2
            attached = len(name) + long if word.prefix.startswith(name + "=" * long) else 0
            if word.text == name and index + 1 < len(words):
                yield from _behind(line, words[index + 1], words[index + 1])
            elif attached and word.text != name:
                yield from _behind(line, after(word, attached), word)


def _is_one_of(used: Used, names: Sequence[str]) -> bool:
    """Whether an option is one of these, in full or abbreviated, with one dash or two."""
    if used.option is None:
        return False
    bare = used.spelled.lstrip("-")
    if used.spelled in names:
        return True
    return len(bare) > 1 and any(name.lstrip("-").startswith(bare) for name in names)


def _of_operands(line: SecretPart, scan: Scan) -> Iterator[Given]:
    may, _ = scan.holds(line.guard)
    if not may:
        return
    for index, slot in enumerate(scan.slots):
        if line.first == 0:
            here = index == len(scan.slots) - 1
        elif line.rest:
            here = slot.highest >= line.first
        else:
            here = slot.lowest <= line.first <= slot.highest
        if here:
            yield from _behind(line, slot.word, slot.word)


def _of_input(line: SecretPart, scan: Scan, source: _Source | None) -> Iterator[Given]:
    may, _ = scan.holds(line.guard)
    if may and source is not None:
        for word in source.words():
            yield Given(line.name, word)


def _behind(line: SecretPart, word: Word, whole: Word | None) -> Iterator[Given]:
    """The secret in a value: all of it, or what follows the text that ends its other part."""
    if not line.after:
        yield Given(line.name, word, whole=whole)
        return
    fixed = word.text if word.kind is WordKind.STATIC else word.prefix
    before, found, _ = fixed.partition(line.after)
    if found:
        yield Given(line.name, after(word, len(before) + len(found)), whole=whole)
    elif word.kind is not WordKind.STATIC:
        yield Given(line.name, word, whole=whole)


def _of_undeclared(
    words: Sequence[Word], looks: Looks, only: set[Span] | None = None
) -> Iterator[Given]:
    """Options of which nothing is known but a name that secrets have: `--api-key x`."""
    for index, word in enumerate(words[1:], start=1):
        if word.text[:1] != "-" or (only is not None and word.span not in only):
            continue
        option, equals, _ = word.text.partition("=")
        name = looks.name(option) if len(option) > 2 else None
        if name is None:
            continue
        if equals and word.prefix.startswith(option + equals):
            yield Given(name, after(word, len(option) + 1), whole=word)
        elif not equals and index + 1 < len(words) and words[index + 1].text[:1] != "-":
            yield Given(name, words[index + 1], whole=words[index + 1])

"""Runs what is substituted inside words, and reads words with what came of it."""

from __future__ import annotations

import contextlib
import re
from abc import ABC, abstractmethod
from typing import assert_never

from policy.parse.shell.arithmetic import assigned, literal_text, possible_values, unknown_numbers
from policy.parse.shell.braces import TooManyBraces, expand_braces
from policy.parse.shell.expand import Expander, Outputs
from policy.parse.shell.lowering import ASSIGNMENT, array_elements
from policy.parse.shell.parts import (
    Arithmetic,
    Literal,
    Parameter,
    Parts,
    ProcessSubstitution,
    Substitution,
    WordError,
)
from policy.parse.shell.recorder import Output, Recorder, Walk
from policy.parse.shell.scope import Alternatives, Scope
from policy.parse.shell.syntax import NotAccepted, Slice
from policy.parse.shell.values import Value, fixed_text, number, text_value
from policy.parse.shell.words import read_region, read_word
from policy.plan import Input, InputKind, OpaqueKind, Span, Via, Word, WordKind

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|")
_COMPARES = re.compile(r"(?<!\S)-(?:eq|ne|lt|le|gt|ge|v)(?!\S)")
_PIPE = Input(InputKind.PIPE)
_SUBSTITUTION = Via("substitution", "$(…)")
_READ_PROCESS = Via("process-substitution", "<(…)")
_WRITE_PROCESS = Via("process-substitution", ">(…)")


class Embedded(Recorder, ABC):
    """The part of the interpreter that deals with expansions."""

    @abstractmethod
    def script(self, text: str, scope: Scope, walk: Walk) -> Output:
        """Walks a whole script, which stands at `walk.frame`."""

    @abstractmethod
    def bind(
        self,
        name: str,
        scope: Scope,
        span: Span,
        walk: Walk,
        values: Alternatives | None = None,
    ) -> None:
        """Gives a variable values (None: unknown) by something else than an assignment."""

    @abstractmethod
    def may_fail(self, scope: Scope) -> None:
        """An error here makes bash give up the rest of the line, and go on with the next."""

    def read(self, raw: Slice, walk: Walk) -> Parts:
        """The parts of a word; for `name=(…)`, those of all its elements."""
        text = walk.frame.text
        try:
            parts, end = read_word(text, *raw)
            if end < raw[1] and text[end] == "(" and ASSIGNMENT.match(text, raw[0]):
                for element in array_elements(text, end)[0]:
                    parts += read_word(text, *element)[0]
        except (WordError, NotAccepted) as error:
            span = walk.frame.at(error.position, raw[1])
            self.opaque(OpaqueKind.UNPARSED, error.message, span, walk)
            return ()
        return parts

    def embedded(self, parts: Parts, scope: Scope, walk: Walk) -> dict[Slice, Value]:
        """Walks every substitution in `parts`; the outputs that the text fixes."""
        outputs: dict[Slice, Value] = {}
        for part in parts:
            match part:
                case Literal(dollar=True) if not walk.bash:
                    message = "a `$'` or `$\"` quote, which not every sh has"
                    self.opaque(OpaqueKind.UNKNOWN_NODE, message, None, walk)
                case Literal():
                    pass
                case Parameter():
                    self._parameter(part, scope, walk, outputs)
                case Substitution(text, offset, _, span):
                    frame = walk.frame.inner(text, offset, span)
                    inner = walk.into(frame, _SUBSTITUTION)
                    printed = self.script(text, scope.for_subshell(), inner)
                    if printed is not None:
                        outputs[span] = text_value(printed.text.rstrip("\n"))
                case ProcessSubstitution(text, offset, span):
                    frame = walk.frame.inner(text, offset, span)
                    writes = walk.frame.text.startswith(">", span[0])
                    via = _WRITE_PROCESS if writes else _READ_PROCESS
                    inner = walk.into(frame, via, _PIPE if writes else None)
                    self.script(text, scope.for_subshell(), inner)
                case Arithmetic(inner_parts, _, span):
                    outputs.update(self.embedded(inner_parts, scope, walk))
                    self.evaluated(inner_parts, outputs, scope, walk, walk.frame.at(*span))
                case _:
                    assert_never(part)
        return outputs

    def _parameter(
        self, part: Parameter, scope: Scope, walk: Walk, outputs: dict[Slice, Value]
    ) -> None:
        place = walk.frame.at(*part.span)
        outputs.update(self.embedded(part.argument, scope, walk))
        if part.subscript is not None:
            outputs.update(self.embedded(part.subscript, scope, walk))
            if part.name not in scope.maps:
                self.evaluated(part.subscript, outputs, scope, walk, place)
            else:
                self.may_fail(scope)  # it may be empty
        assigns = part.operator in (":=", "=")
        if part.operator.startswith("indirect") or (assigns and scope.may_refuse(part.name)):
            self.may_fail(scope)  # `${!x}`: what `x` holds may be no name
        if assigns:
            scope.arrays |= {part.name} if part.subscript is not None else frozenset()
            self.bind(part.name, scope, place, walk)
        elif part.operator == "indirect:=":
            message = f"`${{!{part.name}…}}` assigns to the variable that `{part.name}` names"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)
            scope.forget()
        elif part.operator == "indirect" and not _names_variable(part.name, scope):
            message = f"`${{!{part.name}}}` evaluates what `{part.name}` holds"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)
        elif part.operator == "slice":
            self.evaluated(part.argument, outputs, scope, walk, place)
        elif part.operator == "transform:P":
            message = f"`${{{part.name}@P}}` runs what its value holds"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)

    def evaluated(
        self,
        parts: Parts,
        outputs: Outputs,
        scope: Scope,
        walk: Walk,
        place: Span,
        *,
        reached: bool = False,
    ) -> None:
        """An arithmetic expression (bash manual 6.5): what it assigns, and what it may run.

        A value in it is an expression itself, and one such as `a[$(cmd)]` runs a command. So
        a value that came into the text at run time (from a command, or `read`) must be known
        to be a number. The environment of the caller is taken for harmless here, as elsewhere.
        `reached`: it is a command, and no part of a word that may not be expanded.
        """
        text = literal_text(parts)
        if not reached or "[" in text:  # `((1/0))` only fails
            self.may_fail(scope)
        if "$" in text or "`" in text:
            message = "arithmetic whose quoted text holds an expansion that runs all the same"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)
        source = next(unknown_numbers(parts, outputs, scope), None)
        if source is not None:
            message = f"arithmetic with `{source}`, whose value may hold a command that it runs"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)
        for name, certain in assigned(parts, reached=reached):
            if "[" in text:
                scope.arrays |= {name}
            values = (((number(name),),),) if certain else possible_values(name, scope)
            self.bind(name, scope, place, walk, values)

    def evaluate(self, raw: Slice, scope: Scope, walk: Walk) -> None:
        """An arithmetic expression whose substitutions have been walked already."""
        with contextlib.suppress(WordError):  # reported where the word was read
            parts = read_region(walk.frame.text, *raw)
            self.evaluated(parts, {}, scope, walk, walk.frame.at(*raw))

    def region(
        self,
        raw: Slice,
        scope: Scope,
        walk: Walk,
        *,
        arithmetic: bool = False,
        reached: bool = False,
        processes: bool = True,
    ) -> None:
        """What is substituted in `[[ … ]]`, `(( … ))` or a pattern, and what it evaluates."""
        try:
            parts = read_region(walk.frame.text, *raw, processes=processes)
        except WordError as error:
            span = walk.frame.at(error.position, raw[1])
            self.opaque(OpaqueKind.UNPARSED, error.message, span, walk)
            return
        outputs = self.embedded(parts, scope, walk)
        if arithmetic:
            place = walk.frame.at(*raw)
            self.evaluated(parts, outputs, scope, walk, place, reached=reached)

    def expression(self, raw: Slice, scope: Scope, walk: Walk) -> None:
        """`[[ … ]]` or `(( … ))`, whose inside is `raw`."""
        text = walk.frame.text
        counts = text.startswith("((", raw[0] - 2)
        inside = text[slice(*raw)]
        if not walk.bash and (counts or any(c in inside for c in "<>|&;()\n")):
            written = "((" if counts else "[["
            message = f"`{written}`, which means something else where sh isn't bash"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*raw), walk)
        compares = counts or bool(_COMPARES.search(inside))
        self.region(raw, scope, walk, arithmetic=compares, reached=counts, processes=not counts)

    def expanded(self, expander: Expander, parts: Parts, raw: Slice, walk: Walk) -> list[Word]:
        """The words that one word of the text becomes."""
        span = walk.frame.at(*raw)
        text = walk.frame.text
        name = ASSIGNMENT.match(text, *raw)
        if name is not None and text.startswith("(", name.end()) and name.end() < raw[1]:
            # An array, as an argument of `declare`.
            return [Word(WordKind.DYNAMIC, text[raw[0] : raw[1]], span, prefix=name.group())]
        if _hides_braces(parts, text):
            message = "braces beside an expansion in which braces, quotes or commas stand"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, span, walk)
            return [Word(WordKind.DYNAMIC, text[raw[0] : raw[1]], span, many=True)]
        try:
            if not walk.bash and expand_braces(parts, self.limits.braces) != [parts]:
                message = "a brace expansion, which not every sh makes"
                self.opaque(OpaqueKind.UNKNOWN_NODE, message, span, walk)
            words = expander.words(parts, raw, span, self.limits.braces)
            return words if expander.scope.plain_globs else list(map(_wider, words))
        except TooManyBraces:
            message = "a brace expansion of more words than the limit"
            self.opaque(OpaqueKind.LIMIT, message, span, walk)
            return [Word(WordKind.DYNAMIC, text[raw[0] : raw[1]], span, many=True)]


def _hides_braces(parts: Parts, text: str) -> bool:
    """Whether a word has braces to expand, and bash finds their ends elsewhere: to brace
    expansion `${` only opens one more brace, and `$[` opens nothing.
    """
    if not any(isinstance(p, Literal) and not p.quoted and "{" in p.text for p in parts):
        return False
    spans = [p.span for p in parts if isinstance(p, Parameter | Arithmetic)]
    inner = (text[start + 2 : end - 1] for start, end in spans)
    return any(c in one for one in inner for c in "{},'\"\\`")


def _wider(word: Word) -> Word:
    """A glob under `nocaseglob` or `globstar`: it matches more than it does elsewhere."""
    if word.kind is not WordKind.PATTERN:
        return word
    return Word(WordKind.DYNAMIC, word.text, word.span, many=True, home=word.home)


def _names_variable(name: str, scope: Scope) -> bool:
    """Whether a variable holds the plain name of another, or what the caller gave it."""
    rows = scope.held(name)
    if rows is not None:
        values = (fixed_text(element) for row in rows for element in row)
        return all(value is not None and _PLAIN_NAME.fullmatch(value) for value in values)
    return scope.is_callers(name)

"""Assignments: what they store, and what they make programs run."""

from __future__ import annotations

from policy.parse.shell.assign import Written
from policy.parse.shell.embedded import Embedded
from policy.parse.shell.expand import Expander, choices, used_variables
from policy.parse.shell.recorder import Walk
from policy.parse.shell.scope import Alternatives, Scope
from policy.parse.shell.syntax import Slice
from policy.parse.shell.values import Elements, Value, fields, fixed_text, word_value
from policy.plan import Assignment, Input, OpaqueKind, Span, Via, Word, WordKind, dynamic
from policy.program import ValueType


class Variables(Embedded):
    """The part of the interpreter that deals with variables."""

    def store(
        self,
        written: Written,
        scope: Scope,
        walk: Walk,
        outputs: dict[Slice, Value],
        *,
        exported: bool,
    ) -> None:
        """Carries an assignment out in the scope, and judges it where the variable matters."""
        if written.subscript is not None and written.name not in scope.maps:
            self.evaluate(written.subscript, scope, walk)
        names = set(used_variables(written.value))
        values: list[Elements] = []
        for choice in choices(names, scope, self.limits.alternatives):
            expander = Expander(walk.frame.text, scope, outputs, choice, self.spent)
            values.append(self._elements(written, expander, scope, walk))
            self._assigned_word(written, values[-1], exported=exported, walk=walk)
        alternatives: Alternatives | None = tuple(dict.fromkeys(values))
        if written.append and alternatives is not None:
            old = scope.variables.get(written.name)
            if old is not None:
                self.spent.take(sum(len(value) for row in old for value in row) + len(old))
            alternatives = None if old is None else _appended(old, alternatives, written)
        scope.assign(written.name, None if written.subscript is not None else alternatives)

    def _elements(self, written: Written, expander: Expander, scope: Scope, walk: Walk) -> Elements:
        if written.elements is None:
            return (expander.value(written.value),)
        words: list[Word] = []
        for raw in written.elements:
            words.extend(self.expanded(expander, self.read(raw, walk), raw, walk))
        return tuple(word_value(word) for word in words)

    def _assigned_word(
        self, written: Written, elements: Elements, *, exported: bool, walk: Walk
    ) -> None:
        span = walk.frame.at(*written.raw)
        source = walk.frame.text[slice(*written.raw)]
        value = elements[0] if len(elements) == 1 else ()
        word = _value_word(value, span, source)
        self.assignment(Assignment(written.name, _whole(written, word), span, exported), walk)

    def before(
        self, leading: list[Written], expander: Expander, walk: Walk
    ) -> tuple[Assignment, ...]:
        """The assignments that stand before a command: its environment."""
        found = []
        for one in leading:
            span, source = walk.frame.at(*one.raw), walk.frame.text[slice(*one.raw)]
            value = expander.value(one.value) if one.elements is None else ()
            word = _value_word(value, span, source)
            found.append(Assignment(one.name, _whole(one, word), span, exported=True))
        return tuple(found)

    def assignment(self, assignment: Assignment, walk: Walk) -> None:
        """An assignment as an action: of a variable that makes a program run something, of one
        whose meaning is unknown (if exported), but not of one that is known to be harmless.
        """
        variable = self.rules.variable(assignment.name)
        if variable is None:
            if assignment.exported:
                self.emit(assignment, assignment.span, walk)
            return
        if variable.value is ValueType.SHELL:
            via = Via(assignment.name, assignment.name)
            self.shell_text(assignment.value, Scope(self.limits.alternatives), walk, via)
        if variable.markers or variable.value is ValueType.SCRIPT:
            self.emit(assignment, assignment.span, walk)

    def bound(self, name: str, span: Span, walk: Walk) -> None:
        """A variable that a loop or a builtin gives a value: it may be one that matters."""
        value = dynamic(name, span, many=False)
        self.assignment(Assignment(name, value, span), walk)

    def shell_text(
        self,
        text: Word,
        scope: Scope,
        walk: Walk,
        via: Via,
        source: Input | None = None,
        *,
        bash: bool = False,
    ) -> None:
        """Shell text that a program runs, or (`bash`) that bash does."""
        if text.kind is not WordKind.STATIC:
            inner = walk.into(walk.frame, via, source)
            message = f"{via.label} runs text that is known only at run time"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, text.span, inner)
            scope.forget()
            return
        self.script(text.text, scope, walk.into(self.frame_of(text), via, source, bash=bash))


def _appended(old: Alternatives, new: Alternatives, written: Written) -> Alternatives:
    """`+=`: elements behind elements, or text behind text."""
    if written.elements is not None:
        return tuple((*a, *b) for a in old for b in new)
    return tuple(((*a[0], *b[0]), *a[1:]) if a else b for a in old for b in new)


def _whole(written: Written, word: Word) -> Word:
    """The value of the variable: with `+=`, or of one element, `word` is only a part of it."""
    if not written.append and written.subscript is None:
        return word
    return dynamic(word.text, word.span, "", word.suffix, many=False)


def _value_word(value: Value, span: Span, source: str) -> Word:
    """The word for an assigned value."""
    text = fixed_text(value)
    if text is not None:
        return Word(WordKind.STATIC, text, span, text, text)
    found = fields(value, span, source, separators=True)
    return found[0] if len(found) == 1 else dynamic(source, span, many=False)

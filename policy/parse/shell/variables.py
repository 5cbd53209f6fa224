"""Assignments: what they store, and what they make programs run."""

from __future__ import annotations

from policy.parse.pieces import unfinished
from policy.parse.shell.assign import Written
from policy.parse.shell.embedded import Embedded
from policy.parse.shell.expand import Expander, Outputs, choices, used_variables
from policy.parse.shell.parts import Literal, Parts
from policy.parse.shell.recorder import Walk
from policy.parse.shell.scope import Alternatives, Scope
from policy.parse.shell.syntax import Slice
from policy.parse.shell.values import Elements, Value, fields, fixed_text, is_number, word_value
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
        declared: bool = False,
        seen: Scope | None = None,
    ) -> None:
        """Carries an assignment out in the scope, and judges it where the variable matters.

        `declared`: by `declare` or the like, which reads `(…)` in a value as an array. `seen` is
        the scope in which the value is expanded, if it's another one.
        """
        seen = scope if seen is None else seen
        name = written.name
        if scope.may_refuse(name) or written.subscript is not None:
            self.may_fail(scope)
        self._only_bash(written, walk)
        if written.subscript is not None and name not in scope.maps:
            self.evaluate(written.subscript, scope, walk)
        if written.elements is not None or written.subscript is not None:
            scope.arrays |= {name}
        exported = exported or scope.exports_all or name in scope.exported
        parts = {raw: self.read(raw, walk) for raw in written.elements or ()}
        names = {n for one in (written.value, *parts.values()) for n in used_variables(one)}
        values: list[Elements | None] = []
        for choice in choices(names, seen, self.limits.alternatives):
            expander = Expander(walk.frame.text, seen, outputs, choice, self.spent)
            values.append(self._elements(written, parts, expander, walk))
            held = () if name in scope.untracked else values[-1] or ()
            self._assigned_word(written, held, exported=exported, walk=walk)
        place = walk.frame.at(*written.raw)
        if name in scope.integers:
            for row in values:
                self.counted(name, row, scope, place, walk)
        if declared and written.elements is None and name in scope.arrays:
            for row in values:
                self.array_text(name, row, place, walk)
        for raw in parts:
            self._element_subscript(raw, name, scope, walk)
        known = [row for row in values if row is not None]
        alternatives = tuple(dict.fromkeys(known)) if len(known) == len(values) else None
        old = scope.variables.get(name)
        if written.append and alternatives is not None:
            if old is not None:
                self.spent.take(sum(len(value) for row in old for value in row) + len(old))
            alternatives = None if old is None else _appended(old, alternatives, written)
        elif written.elements is None and name in scope.arrays:
            alternatives = None  # the other elements stay
        scope.assign(name, None if written.subscript is not None else alternatives)
        if exported and name in scope.constants:
            self.export(name, scope, place, walk)  # what it had before may have stayed

    def _only_bash(self, written: Written, walk: Walk) -> None:
        if not walk.bash and (written.append or written.subscript or written.elements is not None):
            message = f"an assignment to `{written.name}` that another sh takes for a program"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*written.raw), walk)

    def _elements(
        self, written: Written, parts: dict[Slice, Parts], expander: Expander, walk: Walk
    ) -> Elements | None:
        """The elements of the value; None where the text doesn't fix how many there are."""
        if written.elements is None:
            return (expander.value(written.value),)
        words = [w for raw in parts for w in self.expanded(expander, parts[raw], raw, walk)]
        indexed = any(walk.frame.text.startswith("[", raw[0]) for raw in parts)
        if indexed or any(word.many for word in words):
            return None
        return tuple(word_value(word) for word in words)

    def _element_subscript(self, raw: Slice, name: str, scope: Scope, walk: Walk) -> None:
        """What `[…]=` before an element evaluates."""
        text = walk.frame.text
        end = text.find("]=", *raw)
        if end > 0 and text.startswith("[", raw[0]) and name not in scope.maps:
            self.evaluate((raw[0] + 1, end), scope, walk)

    def counted(
        self, name: str, row: Elements | None, scope: Scope, place: Span, walk: Walk
    ) -> None:
        """A value for a variable that was declared with -i: it is arithmetic."""
        for value in row or (None,):
            text = None if value is None else fixed_text(value)
            if text is not None:
                self.evaluated((Literal(text, quoted=False),), {}, scope, walk, place)
            elif value is None or not is_number(value):
                message = f"a value for the integer `{name}` that may hold a command that it runs"
                self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)

    def array_text(self, name: str, row: Elements | None, place: Span, walk: Walk) -> None:
        """A value in which a declaration expands `(…)` once more."""
        for value in row or (None,):
            text = None if value is None else fixed_text(value)
            if text is None or (text[:1] == "(" and ("$" in text or "`" in text)):
                message = f"a value for the array `{name}` whose expansions run once more"
                self.opaque(OpaqueKind.DYNAMIC_CODE, message, place, walk)

    def _assigned_word(
        self, written: Written, elements: Elements, *, exported: bool, walk: Walk
    ) -> None:
        span = walk.frame.at(*written.raw)
        source = walk.frame.text[slice(*written.raw)]
        if len(elements) == 1:
            word = _value_word(elements[0], span, source)
        else:
            word = dynamic(source, span, many=False)
        self.assignment(Assignment(written.name, _whole(written, word), span, exported), walk)

    def embedded_before(
        self, leading: list[Written], parts: dict[Slice, Parts], scope: Scope, walk: Walk
    ) -> tuple[Outputs, set[str]]:
        """Walks what is substituted in the assignments before a command: each sees those before
        it. Its outputs, and the variables that it may assign by itself.
        """
        if len(leading) < 2:
            return self.embedded(parts[leading[0].raw], scope, walk) if leading else {}, set()
        inner = scope.copy()
        bound: set[str] = set()
        outputs: dict[Slice, Value] = {}
        for one in leading:
            inner.earlier, inner.assigned = inner.earlier | inner.assigned, set()
            outputs.update(self.embedded(parts[one.raw], inner, walk))
            bound |= inner.assigned
            names = set(used_variables(one.value))
            rows = []
            for choice in choices(names, inner, self.limits.alternatives):
                expander = Expander(walk.frame.text, inner, outputs, choice, self.spent)
                rows.append(self._held_before(one, expander))
            known = tuple(dict.fromkeys(row for row in rows if row is not None))
            inner.assign(one.name, known if None not in rows else None)
        if inner.forgotten and not scope.forgotten:
            scope.forget()
        names = {one.name for one in leading}
        for name in bound:
            scope.assign(name, None if name in names else inner.variables.get(name))
        return outputs, bound

    @staticmethod
    def _held_before(written: Written, expander: Expander) -> Elements | None:
        """What a variable holds behind an assignment before a command, if the text fixes it."""
        if written.append or written.subscript is not None or written.elements is not None:
            return None
        return (expander.value(written.value),)

    def before(
        self, leading: list[Written], expander: Expander, walk: Walk, bound: set[str]
    ) -> tuple[Assignment, ...]:
        """The assignments that stand before a command: its environment.

        Each sees those before it: `x=a y=$x p`. `bound` are variables that one of them may assign
        by itself: `i=1 y=$((i++)) p`.
        """
        found = []
        if len(leading) > 1:
            text, outputs = walk.frame.text, expander.outputs
            choice = dict(expander.choice)
            expander = Expander(text, expander.scope.copy(), outputs, choice, self.spent)
        for one in leading:
            span, source = walk.frame.at(*one.raw), walk.frame.text[slice(*one.raw)]
            self._only_bash(one, walk)
            value = expander.value(one.value)
            if one.elements is None and one.name not in bound:
                word = _value_word(value, span, source)
            else:
                word = dynamic(source, span, many=False)
            found.append(Assignment(one.name, _whole(one, word), span, exported=True))
            if len(leading) > 1:
                held = None if one.name in bound else self._held_before(one, expander)
                expander.scope.assign(one.name, None if held is None else (held,))
                alternatives = expander.scope.variables.get(one.name, ())
                choice.pop(one.name, None)
                if len(alternatives) == 1:
                    choice[one.name] = alternatives[0]
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
        text: Word | None = None
        if variable.value is ValueType.SHELL:
            text = assignment.value
        elif variable.value is ValueType.SHELL_UNFINISHED:
            text = unfinished(assignment.value)
        if text is not None:
            via = Via(assignment.name, assignment.name)
            self.shell_text(text, Scope(self.limits.alternatives), walk, via)
        if variable.markers or variable.value is ValueType.SCRIPT:
            self.emit(assignment, assignment.span, walk)

    def bind(
        self,
        name: str,
        scope: Scope,
        span: Span,
        walk: Walk,
        values: Alternatives | None = None,
    ) -> None:
        """A variable that a loop or a builtin gives a value: it may be one that matters."""
        exported = scope.exports_all or name in scope.exported
        value = dynamic(name, span, many=False)
        self.assignment(Assignment(name, value, span, exported), walk)
        if name in scope.integers and (values is None or not all(map(_numbers, values))):
            self.counted(name, None, scope, span, walk)
        scope.assign(name, None if name in scope.arrays else values)  # the other elements stay

    def export(self, name: str, scope: Scope, span: Span, walk: Walk) -> None:
        """`export name`: the environment gets the values that the text gave it before."""
        scope.exported |= {name}
        for row in scope.variables.get(name, ()):
            word = _value_word(row[0] if row else (), span, name)
            self.assignment(Assignment(name, word, span, exported=True), walk)
        if name not in scope.variables and not scope.is_callers(name):
            unknown = dynamic(name, span, many=False)
            self.assignment(Assignment(name, unknown, span, exported=True), walk)

    def shell_text(
        self,
        text: Word,
        scope: Scope,
        walk: Walk,
        via: Via,
        source: Input | None = None,
        *,
        bash: bool = False,
        fed: bool = False,
    ) -> None:
        """Shell text that a program runs, or (`bash`) that bash does; `fed`: see `Walk`."""
        if text.kind is not WordKind.STATIC:
            inner = walk.into(walk.frame, via, source)
            message = f"{via.label} runs text that is known only at run time"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, text.span, inner)
            scope.forget()
            return
        inner = walk.into(self.frame_of(text), via, source, bash=bash, fed=fed)
        self.script(text.text, scope, inner)


def _numbers(row: Elements) -> bool:
    return all(map(is_number, row))


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

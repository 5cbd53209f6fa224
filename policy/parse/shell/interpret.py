"""Walks a script as bash would run it, and gathers what it would do.

Control flow is followed with the values that the text fixes: every branch is walked, loops
until nothing changes, calls of functions into their bodies. What one simple command does is
the job of `commands.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise, zip_longest
from typing import assert_never

from policy.parse.shell.commands import Commands
from policy.parse.shell.expand import Expander, choices, used_variables
from policy.parse.shell.plain import plain_words
from policy.parse.shell.readers import Unreadable, read_script
from policy.parse.shell.recorder import Frame, Output, Walk
from policy.parse.shell.scan import prefixes, timed
from policy.parse.shell.scope import FOLLOWED, Definition, Scope
from policy.parse.shell.spent import LimitReached, Spent
from policy.parse.shell.syntax import (
    ArithmeticFor,
    Case,
    Coprocess,
    Expression,
    For,
    Function,
    Group,
    If,
    Node,
    Pipeline,
    Redir,
    Sequence,
    Simple,
    While,
    below,
)
from policy.parse.shell.values import Elements, count, word_value
from policy.plan import (
    Action,
    Assignment,
    Command,
    Input,
    InputKind,
    Limits,
    Opaque,
    OpaqueKind,
    Word,
)
from policy.ruleset import RuleSet

_ROUNDS = 3  # walks of a loop's body before what still changes is taken for unknown
_PIPE = Input(InputKind.PIPE)
_NO_LINE_END = re.compile(r"#[^\n]*|\\\n")


def interpret(
    text: str, rules: RuleSet, limits: Limits, depth: int = 0, spent: Spent | None = None
) -> tuple[Action, ...]:
    """Everything that a script would do; `spent` is what the text around it has used."""
    interpreter = Interpreter(text, rules, limits, spent)
    return _bounded(interpreter, depth, lambda scope, walk: interpreter.script(text, scope, walk))


def interpret_words(
    text: str, words: tuple[Word, ...], rules: RuleSet, limits: Limits
) -> tuple[Action, ...]:
    """Everything that one command would do whose words are known already."""
    span = words[0].span[0], words[-1].span[1]
    interpreter = Interpreter(text, rules, limits, None)
    return _bounded(
        interpreter, 0, lambda scope, walk: interpreter.command(words, scope, walk, span=span)
    )


def _bounded(
    interpreter: Interpreter, depth: int, start: Callable[[Scope, Walk], object]
) -> tuple[Action, ...]:
    """One walk; what goes beyond a limit is an opaque action behind what was found."""
    text = interpreter.root
    whole = (0, len(text))
    scope = Scope(interpreter.limits.alternatives)
    try:
        start(scope, Walk(Frame(text, 0, whole), depth=depth))
        interpreter.walk_uncalled()
    except LimitReached as reached:
        interpreter.actions.append(Action(Opaque(OpaqueKind.LIMIT, str(reached)), whole))
    except RecursionError:
        opaque = Opaque(OpaqueKind.LIMIT, "nested too deeply")
        interpreter.actions.append(Action(opaque, whole))
    return tuple(interpreter.actions)


class Interpreter(Commands):
    """One walk over a script and everything that it runs.

    `_passed` are the directories in which commands of the list that is being walked began, also
    those inside of its compound commands and calls: where the shell may be if one failed.
    """

    def __init__(self, root: str, rules: RuleSet, limits: Limits, spent: Spent | None) -> None:
        super().__init__(root, rules, limits, spent)
        self._passed: dict[Word | None, None] = {}

    def script(self, text: str, scope: Scope, walk: Walk) -> Output:
        if walk.depth > self.limits.depth:
            self.opaque(OpaqueKind.LIMIT, "nested deeper than the limit", None, walk)
            return None
        self.spent.script(text)
        words = plain_words(text)
        if words is not None:
            placed = [replace(word, span=walk.frame.at(*word.span)) for word in words]
            span = walk.frame.at(words[0].span[0], words[-1].span[1])
            return self.command(placed, scope, walk, span=span)
        try:
            tree = read_script(text)
        except Unreadable as error:
            span = walk.frame.at(error.position, len(text))
            self.opaque(error.opaque.kind, error.opaque.message, span, walk)
            scope.forget()
            return None
        if not walk.bash:
            joined = prefixes(text) if "\\\n" in text else ()
            for span in timed(text) or joined:
                message = "what follows `time`, which another sh takes for its words"
                self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*span), walk)
        if tree.body is None:
            return None
        if walk.written_out and "<<" in text and _loses_sign(tree.body, text):
            message = "`;` behind a here-document in a substitution, which bash reads once more"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(0, len(text)), walk)
        return self._lines(tree.body, scope, walk)

    def _lines(self, body: Node, scope: Scope, walk: Walk) -> Output:
        """A whole text: bash reads and runs it line by line, each with the commands that go on
        in the next.
        """
        outer, self._passed = self._passed, {}
        ends = _line_ends(body, walk.frame.text) if isinstance(body, Sequence) else frozenset()
        self.begin_line(last=not ends)
        if isinstance(body, Sequence):
            printed = self._sequence(body, scope, walk, ends)
        else:
            printed = self.node(body, scope, walk)
        self.end_line(scope)
        self._passed = outer
        return printed

    def subshell(self, node: Node, scope: Scope, walk: Walk) -> Output:
        outer, self._passed = self._passed, {}
        printed = super().subshell(node, scope, walk)
        self._passed = outer
        return printed

    def walk_uncalled(self) -> None:
        """Walks the bodies of functions that the text defines and doesn't call: a shell that
        lives on may.
        """
        while self.uncalled:
            (name, definition), (scope, walk) = self.uncalled.popitem()
            unknown = scope.for_other_shell()
            self.call(name, definition, None, unknown, walk)

    def aside(self, text: str, offset: int, depth: int) -> tuple[Action, ...]:
        inner = Interpreter(text, self.rules, self.limits, self.spent)
        frame = Frame(text, offset, (offset, offset + len(text)))
        walk = Walk(frame, depth=depth, bash=False)
        inner.script(text, Scope(self.limits.alternatives), walk)
        inner.walk_uncalled()
        return tuple(inner.actions)

    def node(self, node: Node, scope: Scope, walk: Walk) -> Output:
        start = scope.directory
        self._pass(scope.places)
        printed = self._node(node, scope, walk)
        moved = scope.directory is not start or len(self._passed) > 1
        if moved and _negated(node, walk):
            scope.may_be(tuple(self._passed))  # `! cd x && y`: y runs where x isn't
        return printed

    def _node(self, node: Node, scope: Scope, walk: Walk) -> Output:
        self.spent.step()
        match node:
            case Simple():
                return self.simple(node, scope, walk)
            case Sequence():
                return self._sequence(node, scope, walk)
            case Pipeline():
                self._pipeline(node, scope, walk)
            case Group(body, subshell, redirects, _):
                into = self._into(redirects, scope, walk)
                if subshell:
                    printed = self.subshell(body, scope.for_subshell(), into)
                else:
                    printed = self.node(body, scope, into)
                return None if redirects else printed
            case If():
                self._if(node, scope, self._into(node.redirects, scope, walk))
            case While():
                self._while(node, scope, self._into(node.redirects, scope, walk))
            case For():
                self._for(node, scope, self._into(node.redirects, scope, walk))
            case ArithmeticFor(header, body, redirects, _):
                inner_walk = self._into(redirects, scope, walk)

                def once(current: Scope) -> None:
                    self.region(
                        header, current, walk, arithmetic=True, reached=True, processes=False
                    )
                    end = current.copy()  # where it is false
                    self.node(body, current, inner_walk)
                    current.join(end)

                self._loop(once, scope)
            case Case():
                self._case(node, scope, self._into(node.redirects, scope, walk))
            case Function(name, body, _):
                definition = Definition(body, walk.frame)
                self.spent.take(len(scope.functions))
                scope.functions[name] = (definition,)
                self.uncalled[name, definition] = (scope.copy(), walk)
            case Expression(region, redirects, _):
                self.expression(region, scope, self._into(redirects, scope, walk))
            case Coprocess(body, name, span):
                if walk.written_out:  # as `coproc COPROC p`
                    message = "a coprocess in a substitution, whose name bash runs as a program"
                    self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*span), walk)
                for one, held in ((name, 2), (f"{name}_PID", 1)):
                    values = (((count(one),),) * held, ())
                    self.bind(one, scope, walk.frame.at(*span), walk, values)
                    scope.untracked |= {one}  # unset again when it ends
                self.subshell(body, scope.for_subshell(), walk.reading(_PIPE))
            case _:
                assert_never(node)
        return None

    def _into(self, redirects: tuple[Redir, ...], scope: Scope, walk: Walk) -> Walk:
        """The walk inside a compound command with redirects."""
        if not redirects:
            return walk
        source = self.redirected(redirects, scope, walk)
        return walk if source is None else walk.reading(source)

    def _sequence(
        self, node: Sequence, scope: Scope, walk: Walk, ends: frozenset[int] = frozenset()
    ) -> Output:
        """`ends`: the items behind which a line of input ends, but for the last line."""
        outer, self._passed = self._passed, {}
        last_end = max(ends, default=None)
        last = ";"
        for at, (item, operator) in enumerate(zip(node.items, node.operators, strict=True)):
            if last != "&&":
                scope.may_be(tuple(self._passed))  # `cd a; b`, `cd a || b`: b runs if cd failed
            before = scope.copy() if last in ("&&", "||") else scope
            places = before.places
            self._pass(places)
            if operator == "&":
                self.subshell(item, scope.for_subshell(), walk)
            else:
                self.node(item, scope, walk)
            if before is not scope:
                # `cd a && b; c`: c runs where cd led
                before.directory, before.elsewhere = scope.directory, scope.elsewhere
                scope.join(before)
            if last == "||":
                scope.may_be(places)  # `cd a || cd b && c`: c runs where either led
            last = operator
            if at in ends:
                self.end_line(scope)
                self.begin_line(last=at == last_end)
        inner, self._passed = self._passed, outer
        self._pass(inner)
        return None

    def _pass(self, places: Iterable[Word | None]) -> None:
        if len(self._passed) <= FOLLOWED + 1:  # with more, and one that is current, it's unknown
            self._passed.update(dict.fromkeys(places))

    def _pipeline(self, node: Pipeline, scope: Scope, walk: Walk) -> None:
        source = walk.input
        producer: str | None = None
        pipe = () if source.kind is not InputKind.PIPE else source.pipe
        for part in node.parts:
            inner = scope.for_subshell()
            mark = len(self.actions)
            printed = self.node(part, inner, walk.reading(source))
            scope.join(inner)  # under `lastpipe` the last part runs in this very shell
            producer = producer or self.last_program
            only = _only_command(self.actions[mark:], walk)
            pipe = None if pipe is None or only is None else (*pipe, only)
            source = Input(InputKind.PIPE, producer=producer, pipe=pipe)
            if printed is not None:
                source = Input(InputKind.TEXT, printed, producer)

    def _if(self, node: If, scope: Scope, walk: Walk) -> None:
        ends: list[Scope] = []
        for condition, body in node.branches:
            self.node(condition, scope, walk)
            ends.append(scope.copy())
            self.node(body, ends[-1], walk)
            scope.may_be(tuple(self._passed))  # what follows runs where the condition failed
        if node.otherwise is not None:
            self.node(node.otherwise, scope, walk)
        for end in ends:
            scope.join(end)

    def _while(self, node: While, scope: Scope, walk: Walk) -> None:
        def once(current: Scope) -> None:
            self.node(node.condition, current, walk)
            end = current.copy()  # where it fails
            self.node(node.body, current, walk)
            current.join(end)

        self._loop(once, scope)

    def _loop(self, body: Callable[[Scope], None], scope: Scope) -> None:
        """Walks a body until the scope at its end adds nothing to that at its beginning.

        What still changes after some rounds is taken for unknown, so the last walk has seen
        every value. Only the actions of the last walk are kept.
        """
        for round_number in range(_ROUNDS + 2):
            mark = len(self.actions)
            before = scope.copy()
            current = scope.copy()
            self.looped(body, current)
            scope.join(current)
            if scope == before:
                return
            if round_number == _ROUNDS - 1:
                scope.widen(before)
            if round_number <= _ROUNDS:
                del self.actions[mark:]

    def _for(self, node: For, scope: Scope, walk: Walk) -> None:
        if node.chosen and walk.eats_script:
            message = "`select`, which takes lines that the shell would run"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, walk.frame.at(*node.span), walk)
        values: tuple[Elements, ...] | None = scope.arguments
        if node.words is not None:
            values = self._items(node, scope, walk)
        if node.chosen or not values:
            values = None  # of an empty list the body never runs; it is judged all the same

        def once(current: Scope) -> None:
            self.bind(node.name, current, walk.frame.at(*node.span), walk, values)
            self.node(node.body, current, walk)

        self._loop(once, scope)

    def _items(self, node: For, scope: Scope, walk: Walk) -> tuple[Elements, ...] | None:
        """The values that the words of a `for` list give its variable."""
        found: list[Elements] = []
        for raw in node.words or ():
            parts = self.read(raw, walk)
            outputs = self.embedded(parts, scope, walk)
            for choice in choices(set(used_variables(parts)), scope, self.limits.alternatives):
                expander = Expander(walk.frame.text, scope, outputs, choice, self.spent)
                words = self.expanded(expander, parts, raw, walk)
                found.extend((word_value(word),) for word in words)
        return tuple(dict.fromkeys(found))

    def _case(self, node: Case, scope: Scope, walk: Walk) -> None:
        for raw in (node.subject, *node.patterns):
            self.region(raw, scope, walk)
        ends: list[Scope] = []
        falling: list[Scope] = []  # into the body behind them, or a later one: `;&` and `;;&`
        for body, following in zip_longest(node.bodies, node.bodies[1:]):
            ends.append(scope.copy())
            for end in falling:
                ends[-1].join(end)
            self.node(body, ends[-1], walk)
            if following and ";&" in walk.frame.text[body.span[0] : following.span[0]]:
                falling.append(ends[-1].copy())
                falling[-1].may_be(tuple(self._passed))
        for end in ends:
            scope.join(end)


def _line_ends(body: Sequence, text: str) -> frozenset[int]:
    """The items of a list behind which a line of input ends."""
    return frozenset(
        at
        for at, (item, following) in enumerate(pairwise(body.items))
        if body.operators[at] in (";", "&")
        and "\n" in _NO_LINE_END.sub("", text[item.span[1] : following.span[0]])
    )


def _loses_sign(body: Node, text: str) -> bool:
    """Whether bash leaves out a `;` where it writes this out: one behind a here-document."""
    nodes = tuple(below(body))
    begins = [
        one.span[0]
        for node in nodes
        for one in getattr(node, "redirects", ())
        if one.document is not None
    ]
    return any(
        following.span[0] > min(begins)
        and ";" in text[item.span[1] : following.span[0]].replace("\\\n", "").partition("\n")[0]
        for node in nodes
        if begins and isinstance(node, Sequence)
        for item, following in pairwise(node.items)
    )


def _negated(node: Node, walk: Walk) -> bool:
    """Whether a `!` stands before the command, which the tree doesn't keep."""
    text, start = walk.frame.text, node.span[0]
    while start and text[start - 1] in " \t\n\\":
        start -= 1
    return text[start - 1 : start] == "!"


def _only_command(actions: list[Action], walk: Walk) -> str | None:
    """The program, as it is named, of the one command that a part of a pipe is; None where it
    is more than that, or reaches it through something.
    """
    commands = [one for one in actions if not isinstance(one.does, Assignment)]
    if len(commands) != 1 or commands[0].via != walk.via:
        return None
    does = commands[0].does
    return does.words[0].value if isinstance(does, Command) and does.words else None

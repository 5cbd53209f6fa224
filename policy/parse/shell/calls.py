"""Calls of functions that a script defines: their bodies, with what the call gives them."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable

from policy.parse.shell.effects import Effects
from policy.parse.shell.recorder import Output, Walk
from policy.parse.shell.scope import UNKNOWN_DIRECTORY, Definition, Scope
from policy.parse.shell.spent import Spent
from policy.parse.shell.syntax import Node
from policy.parse.shell.values import word_value
from policy.plan import Assignment, Limits, OpaqueKind, Via, Word
from policy.ruleset import RuleSet

_FOLLOWED = 3
"""Calls of one function inside of each other that are walked with the values they are given."""


class Calls(Effects):
    """The part of the interpreter that deals with functions.

    `uncalled` are the functions that the text defines and hasn't called yet, each with the
    scope and the walk of its definition. `_entered` are the scopes at the beginning of every
    call that is being walked, by the function's name, outermost first. `_returned` and `_left` are
    the scopes at every `return` from the calls that are being walked, and at every `break` and
    `continue` of the loops. `_failed` are those at every possible error in the lines that are
    being walked, outermost first; None for what nothing follows.
    """

    def __init__(self, root: str, rules: RuleSet, limits: Limits, spent: Spent | None) -> None:
        super().__init__(root, rules, limits, spent)
        self.uncalled: dict[tuple[str, Definition], tuple[Scope, Walk]] = {}
        self._entered: dict[str, list[Scope]] = {}
        self._widened: set[str] = set()
        self._returned: list[list[Scope]] = []
        self._left: list[list[Scope]] = []
        self._failed: list[list[Scope] | None] = []
        self.errors = 0  # places where one may happen, so far

    @abstractmethod
    def node(self, node: Node, scope: Scope, walk: Walk) -> Output:
        """Walks one command of a script."""

    def may_fail(self, scope: Scope) -> None:
        self.errors += 1
        failed = self._failed[-1] if self._failed else None
        if failed is not None:
            self.spent.take(len(scope.variables) + len(scope.functions))
            failed.append(scope.copy())

    def begin_line(self, *, last: bool) -> None:
        """A line of a text begins; `last`: nothing of the text follows it."""
        alone = last and not self._failed  # behind a text in a text, the outer one goes on
        self._failed.append(None if alone else [])

    def end_line(self, scope: Scope) -> None:
        """It ends: an error in it may have left out whatever stood behind the error."""
        for end in self._failed.pop() or ():
            end.arguments, end.own_arguments = scope.arguments, scope.own_arguments
            scope.either(end)

    def subshell(self, node: Node, scope: Scope, walk: Walk) -> Output:
        """Walks what a subshell runs: an error there ends the subshell alone."""
        self._failed.append(None)
        printed = self.node(node, scope, walk)
        self._failed.pop()
        return printed

    def leave(self, program: str, scope: Scope) -> None:
        """`return`, `break` or `continue`: what holds here holds behind the call or loop as well.

        How many loops it leaves is not looked at, nor that what follows it doesn't run.
        """
        ends = self._returned[-1:] if program == "return" else self._left
        self.spent.take(len(ends) * (len(scope.variables) + len(scope.functions)))
        for one in ends:
            one.append(scope.copy())

    def looped(self, body: Callable[[Scope], None], scope: Scope) -> None:
        """One walk of a loop's body; the scope at whichever of its ends."""
        self._left.append([])
        body(scope)
        for end in self._left.pop():
            scope.join(end)

    def called(
        self,
        name: str,
        words: tuple[Word, ...],
        scope: Scope,
        walk: Walk,
        before: tuple[Assignment, ...],
    ) -> list[Scope]:
        """Calls of whatever the text may have defined as `name`, each on its own.

        The scopes at their ends, which the caller joins: `scope` stays for the program `name`,
        if it may be one, and is the scope behind the first definition if it may not.
        """
        definitions = scope.functions[name]
        found = [one for one in definitions if one is not None]
        alone = None not in definitions
        ends = [scope.copy() for _ in found[1 if alone else 0 :]]
        self.spent.take(len(ends) * (len(scope.variables) + len(scope.functions)))
        for definition, one in zip(found, [scope, *ends] if alone else ends, strict=True):
            self.call(name, definition, words, one, walk, before)
        return ends

    def call(
        self,
        name: str,
        definition: Definition,
        words: tuple[Word, ...] | None,
        scope: Scope,
        walk: Walk,
        before: tuple[Assignment, ...] = (),
    ) -> None:
        """A call of a function that the text defines: what its body does.

        `words` None: with arguments that are unknown. `before` holds while the body runs.
        """
        for one in before:
            scope.exported |= {one.name}
            scope.assign(one.name, ((word_value(one.value),),))
        if not scope.is_callers("FUNCNEST"):  # one call too many is an error
            self.may_fail(scope)
        errors = self._failed[-1] if self._failed else None
        errors = [] if errors is None else errors
        known = len(errors)
        outer_local, scope.local = scope.local, frozenset(one.name for one in before)
        self.uncalled.pop((name, definition), None)
        outer = scope.arguments, scope.own_arguments, scope.rearranged
        certain = words is not None and not any(word.many for word in words[1:])
        arguments = tuple((word_value(w),) for w in words[1:]) if words is not None else ()
        scope.arguments = arguments if certain else None
        scope.own_arguments, scope.rearranged = words is None, False
        via = Via("function", f"function {name}")
        inner = dataclasses.replace(walk.into(definition.frame, via), calls=(*walk.calls, name))
        if inner.depth > self.limits.depth:
            self.opaque(OpaqueKind.LIMIT, "functions nested deeper than the limit", None, walk)
        else:
            outer_loops, self._left = self._left, []
            self._returned.append([])
            self._body(name, definition, scope, inner)
            for end in self._returned.pop():
                scope.either(end)
            self._left = outer_loops
        scope.arguments, scope.own_arguments, scope.rearranged = outer
        for name in scope.local:
            scope.assign(name, None)  # it has again what it had, or what the body gave it
            for end in errors[known:]:
                end.assign(name, None)
        scope.local = outer_local

    def _body(self, name: str, definition: Definition, scope: Scope, walk: Walk) -> None:
        """The body of a function in a scope that the call has prepared.

        A call inside of calls of the same function is walked like any other, until one begins
        as another did, or there are too many: then once more with values that are unknown.
        """
        entered = self._entered.setdefault(name, [])
        self.spent.take(len(scope.variables) + len(scope.functions))
        known = any(scope == one and scope.places == one.places for one in entered)
        if not known and len(entered) < _FOLLOWED:
            entered.append(scope.copy())
            self.node(definition.body, scope, walk)
            entered.pop()
        elif name in self._widened:
            scope.unfix()
        else:
            self._widened.add(name)
            other = scope.copy()
            other.earlier, other.assigned = other.earlier | other.assigned, set()
            other.unfix()
            if any(one.places != other.places for one in entered):
                other.directory, other.elsewhere = UNKNOWN_DIRECTORY, ()
            mark = len(self.actions)
            self.node(definition.body, other, walk)
            if known:  # the calls that began the same have found what it does
                del self.actions[mark:]
            self._widened.remove(name)
            scope.absorb(other)

"""What one simple command does: its words, assignments and redirects, and what it runs."""

from __future__ import annotations

import re
import shlex
from abc import abstractmethod
from collections.abc import Iterable

from policy.parse.argv import read
from policy.parse.delegate import Run, RunKind
from policy.parse.shell.assign import DECLARATIONS, Written, read_assignment
from policy.parse.shell.calls import Calls
from policy.parse.shell.effects import braced, moved
from policy.parse.shell.expand import Expander, choices, used_variables
from policy.parse.shell.parts import Literal, Parts
from policy.parse.shell.plain import RESERVED
from policy.parse.shell.recorder import Output, Walk
from policy.parse.shell.scope import Scope, Trap
from policy.parse.shell.syntax import Redir, Simple, Slice
from policy.parse.shell.values import Value
from policy.plan import (
    Action,
    Assignment,
    Input,
    InputKind,
    OpaqueKind,
    Redirect,
    Span,
    Via,
    Word,
    WordKind,
    dynamic,
    static,
)

_ORDINARY = re.compile(r"[\w/.-]+")
_IN_THIS_SHELL = frozenset(("command", "builtin", "time", "eval", "trap"))
"""What starts no program itself, and hands builtins on to the shell that reads the text."""
_LEAVE = frozenset(("return", "break", "continue"))
_RESERVED = RESERVED | frozenset(("!", "{", "[["))
_NO_FUNCTIONS = frozenset(("command", "builtin", "exec"))


class Commands(Calls):
    """The part of the interpreter that deals with simple commands."""

    # From the text to words ---------------------------------------------------------------

    def simple(self, node: Simple, scope: Scope, walk: Walk) -> Output:
        """A simple command as it is written; what it prints, if the text fixes that."""
        text = walk.frame.text
        leading: list[Written] = []
        for raw in node.words:
            written = read_assignment(text, raw)
            if written is None:
                break
            leading.append(written)
        rest = node.words[len(leading) :]
        if walk.written_out and node.redirects and node.words:
            self._behind_redirect(node, walk)
        outputs: dict[Slice, Value] = {}
        parts: dict[Slice, Parts] = {}
        if not rest:
            for written in leading:  # each before the next one is expanded
                parts[written.raw] = self.read(written.raw, walk)
                outputs.update(self.embedded(parts[written.raw], scope, walk))
                self.store(written, scope, walk, outputs, exported=False)
        for raw in rest:
            parts[raw] = self.read(raw, walk)
            outputs.update(self.embedded(parts[raw], scope, walk))
        bound: set[str] = set()
        if rest:
            for written in leading:
                parts[written.raw] = self.read(written.raw, walk)
            printed_before, bound = self.embedded_before(leading, parts, scope, walk)
            outputs.update(printed_before)
        for raw in (r.target for r in node.redirects if r.document is None):
            parts[raw] = self.read(raw, walk)
            outputs.update(self.embedded(parts[raw], scope, walk))
        documents = self.documents(node.redirects, scope, walk, outputs)
        builtin = _written(parts[rest[0]]) if rest else None
        plain = bool(rest) and text[slice(*rest[0])] == builtin
        declares = plain and builtin in DECLARATIONS and builtin not in scope.functions
        stored: set[Slice] = set()
        self._timed(node, walk)
        seen = scope  # what the words are expanded in
        if declares:
            seen = self._declaration(leading, rest, scope, walk, outputs, stored)
        names = {n for p in (*parts.values(), *documents.values()) for n in used_variables(p)}
        printed: Output = None
        ways = list(choices(names, seen, self.limits.alternatives))
        ends = [scope, *(scope.copy() for _ in ways[1:])]
        self.spent.take((len(ends) - 1) * (len(scope.variables) + len(scope.functions)))
        for choice, end in zip(ways, ends, strict=True):
            self.spent.step()
            within = end if seen is scope else seen
            expander = Expander(text, within, outputs, choice, self.spent)
            by_raw = {raw: self.expanded(expander, parts[raw], raw, walk) for raw in rest}
            words = [word for raw in rest for word in by_raw[raw]]
            redirects, source = self.redirects(
                node.redirects, parts, documents, expander, end, walk
            )
            before = self.before(leading, expander, walk, bound) if rest else ()
            span = walk.frame.at(*node.span)
            printed = self.command(
                words,
                end,
                walk.reading(source),
                redirects=redirects,
                before=before,
                span=span,
                stored=frozenset(word for raw in stored for word in by_raw[raw]),
            )
            exchanged = source != walk.input or any(map(_sets_input, node.redirects))
            if exchanged and self.last_program == "exec":
                end.redirected = True  # of this very shell: `exec < file`
                if walk.fed:
                    message = "`exec` with another standard input, which the shell runs as it did"
                    self.opaque(OpaqueKind.DYNAMIC_CODE, message, span, walk)
        for end in ends[1:]:
            scope.either(end)
        shown = all(_leaves_output(one, text) for one in node.redirects)
        return printed if len(ways) == 1 and shown else None

    def _behind_redirect(self, node: Simple, walk: Walk) -> None:
        """`$(> o ! p)` is written out as `! p > o`, with a `!` that is the reserved word."""
        first = node.words[0]
        word = walk.frame.text[slice(*first)]
        if word in _RESERVED and min(one.span[0] for one in node.redirects) < first[0]:
            message = f"`{word}` behind a redirect in a substitution, which bash reads once more"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*first), walk)

    def _declaration(
        self,
        leading: list[Written],
        rest: tuple[Slice, ...],
        scope: Scope,
        walk: Walk,
        outputs: dict[Slice, Value],
        stored: set[Slice],
    ) -> Scope:
        """Carries out the assignments that are written as arguments of `declare` or the like, and
        adds those words to `stored`. The scope in which all its words are expanded: arrays are
        assigned before, and other variables behind that.
        """
        exported, constant = self.declared(rest, scope, walk)
        found = [w for raw in rest[1:] if (w := read_assignment(walk.frame.text, raw)) is not None]
        found = [written for written in found if not braced(written)]
        for written in found:
            scope.exported |= {written.name} if exported else frozenset()
            stored.add(written.raw)
        # `x=a declare x=b`: it is a variable of the environment that gets the value
        scope.exported |= {one.name for one in leading} & {one.name for one in found}
        arrays = [written for written in found if written.elements is not None]
        for written in arrays:
            self.store(written, scope, walk, outputs, exported=exported, declared=True)
        seen = scope.copy()
        for written in arrays:
            seen.assign(written.name, None)
        for written in found:
            if written.elements is None:
                self.store(
                    written, scope, walk, outputs, exported=exported, declared=True, seen=seen
                )
            scope.constants |= {written.name} if constant else frozenset()
        return seen

    def _timed(self, node: Simple, walk: Walk) -> None:
        """`time -x p`: the keyword has no option but -p, so to bash `-x` is the program.

        To another sh `time` is a program, and `exec` has no options.
        """
        text = walk.frame.text
        first, second = ([text[slice(*raw)] for raw in node.words[:2]] + ["", ""])[:2]
        if first == "time" and second.lstrip("\\\"'$")[:1] == "-" and second not in ("-p", "--"):
            message = f"`{second}` behind `time`, which bash takes for a program"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*node.words[1]), walk)
        if not walk.bash and first == "exec" and second[:1] == "-":
            message = f"`{second}` behind `exec`, which not every sh has"
            self.opaque(OpaqueKind.UNKNOWN_NODE, message, walk.frame.at(*node.words[1]), walk)

    def redirected(self, redirects: tuple[Redir, ...], scope: Scope, walk: Walk) -> Input | None:
        """Redirects of a compound command: an action of their own; its standard input."""
        parts: dict[Slice, Parts] = {}
        outputs: dict[Slice, Value] = {}
        for raw in (r.target for r in redirects if r.document is None):
            parts[raw] = self.read(raw, walk)
            outputs.update(self.embedded(parts[raw], scope, walk))
        documents = self.documents(redirects, scope, walk, outputs)
        names = {n for p in (*parts.values(), *documents.values()) for n in used_variables(p)}
        start, end = min(r.span[0] for r in redirects), max(r.span[1] for r in redirects)
        source: Input | None = None
        for choice in choices(names, scope, self.limits.alternatives):
            expander = Expander(walk.frame.text, scope, outputs, choice, self.spent)
            found, input_ = self.redirects(redirects, parts, documents, expander, scope, walk)
            self.command((), scope, walk, redirects=found, span=walk.frame.at(start, end))
            if source is not None and source != input_:
                input_ = Input(InputKind.PIPE)
            source = input_
        return source

    # From words to actions ----------------------------------------------------------------

    def command(
        self,
        words: Iterable[Word],
        scope: Scope,
        walk: Walk,
        *,
        redirects: tuple[Redirect, ...] = (),
        before: tuple[Assignment, ...] = (),
        span: Span,
        stored: frozenset[Word] = frozenset(),
        functions: bool = True,
    ) -> Output:
        """A command whose words are expanded; what it prints, if the text fixes that.

        Without `functions`, its name stands for a program or a builtin for certain.
        """
        words = tuple(words)
        for one in before:
            self.assignment(one, walk)
        if not words:
            self.last_program = None
            if redirects:
                reading = read((), self.rules, redirects=redirects, input=walk.input)
                where = scope.directory
                self.emit(reading.command, span, walk, where, elsewhere=scope.elsewhere)
            return None
        first = words[0]
        if first.value is None and not (first.home and first.kind is WordKind.STATIC):
            self._unknown_program(words, scope, walk, redirects, span)
            return None
        name = first.text
        ends: list[Scope] = []
        if functions and not first.home and name in scope.functions:
            defined = scope.functions[name]
            if redirects and any(one is not None for one in defined):
                self.command((), scope, walk, redirects=redirects, span=span)
            ends = self.called(name, words, scope, walk, before)
            if None not in defined:
                for end in ends:
                    scope.either(end)
                return None
        for text in scope.aliases.get(name, ()):
            self._alias(name, text, words, scope, walk)
        reading = read(words, self.rules, redirects=redirects, assignments=before, input=walk.input)
        if reading.within is not None and redirects:  # this shell opens them, where it is
            self.command((), scope, walk, redirects=redirects, span=span)
        self.last_program = reading.command.program
        self.spent.take(len(words) * (1 + len(reading.runs)))
        where = scope.directory
        if reading.within is not None:
            where = moved(where, reading.within)
        if not reading.silent:
            others = scope.elsewhere
            if reading.within is not None:
                others = tuple(moved(one, reading.within) for one in others)
            self.emit(reading.command, span, walk, where, elsewhere=others)
        mark = len(self.actions)
        for run in reading.runs:
            self._run(run, scope, walk, span, frozenset(one.name for one in before))
            if run.words and run.words[0].value in DECLARATIONS:
                for one in before:  # `x=a command export x`: it may stay
                    scope.assign(one.name, None)
        if (
            reading.silent
            and len(self.actions) == mark
            and reading.command.program not in _IN_THIS_SHELL
        ):  # it starts, to run nothing: `ssh h <<E`
            self.emit(reading.command, span, walk, where, elsewhere=scope.elsewhere)
        self.changes(reading, scope, walk, stored=stored)
        if reading.command.program in _LEAVE:
            self.leave(reading.command.program, scope)
        for end in ends:
            scope.either(end)
        return None if ends else reading.output

    def _unknown_program(
        self,
        words: tuple[Word, ...],
        scope: Scope,
        walk: Walk,
        redirects: tuple[Redirect, ...],
        span: Span,
    ) -> None:
        """`$CMD x`: which program runs is unknown; what follows may be a command too."""
        self.last_program = None
        message = f"the program `{words[0].text}` is known only at run time"
        self.opaque(OpaqueKind.DYNAMIC_PROGRAM, message, words[0].span, walk)
        if redirects:
            self.command((), scope, walk, redirects=redirects, span=span)
        if words[1:] and not words[1].may_be_option:
            via = Via("dynamic-program", words[0].text)
            inner = walk.into(walk.frame, via)
            if inner.depth <= self.limits.depth:
                self.command(words[1:], scope, inner, span=_around(words[1:]))

    def _alias(
        self, name: str, text: str, words: tuple[Word, ...], scope: Scope, walk: Walk
    ) -> None:
        """A name that may stand for an alias: its text with the words that follow."""
        if walk.frame.base is not None:
            tail: list[str | None] = [self.root[slice(*word.span)] for word in words[1:]]
        else:  # nothing of it stands there as it is read
            tail = [_as_written(word) for word in words[1:]]
        whole = static(" ".join((text, *filter(None, tail))), _around(words))
        if None in tail:
            whole = dynamic(text, _around(words))
        unaliased = scope.for_other_shell()
        unaliased.aliases.pop(name, None)
        errors = self.errors
        self.shell_text(whole, unaliased, walk, Via("alias", f"alias {name}"), bash=True)
        scope.absorb(unaliased)
        if self.errors > errors:
            self.may_fail(scope)  # the line ends that the alias stands in

    def _run(
        self, run: Run, scope: Scope, walk: Walk, span: Span, given: frozenset[str] = frozenset()
    ) -> None:
        """One thing that a command runs; `given` are variables of the command's environment."""
        inner = walk.into(walk.frame, run.via, run.input)
        if inner.depth > self.limits.depth:
            self.opaque(OpaqueKind.LIMIT, "commands nested deeper than the limit", span, walk)
            return
        match run.kind:
            case RunKind.WORDS:
                place = _around(run.words) if run.words else span
                other = self._scope_of(run, scope)
                self.command(
                    run.words,
                    other,
                    inner,
                    before=run.assignments,
                    span=place,
                    functions=_may_call(run, walk),
                )
                if run.via.program in _IN_THIS_SHELL:  # `command cd` moves this shell
                    directory, elsewhere = other.directory, other.elsewhere
                else:
                    directory, elsewhere = scope.directory, scope.elsewhere
                scope.absorb(other)
                scope.directory, scope.elsewhere = directory, elsewhere
            case RunKind.SHELL if run.text is not None:
                for one in run.assignments:
                    self.assignment(one, inner)
                other = self._scope_of(run, scope)
                other.exported |= given | {one.name for one in run.assignments}
                other.own_arguments = other.own_arguments and run.via.program in _IN_THIS_SHELL
                if any(one.name == "HOME" for one in run.assignments):
                    other.own_home = False
                errors = self.errors
                self.shell_text(
                    run.text, other, walk, run.via, run.input, bash=run.bash, fed=run.fed
                )
                if run.via.program == "trap":
                    scope.unsettle(other)
                    trap = Trap(run.text, walk, run.via)
                    scope.traps = tuple(dict.fromkeys((*scope.traps, trap)))
                    if self.errors > errors:
                        message = "a trap in which an error may end the line that it interrupts"
                        self.opaque(OpaqueKind.UNKNOWN_NODE, message, run.text.span, walk)
                else:
                    scope.absorb(other)
                    if self.errors > errors and run.via.program in _IN_THIS_SHELL:
                        self.may_fail(scope)  # `bash -c` goes on behind it, other shells don't
            case RunKind.SQL if run.text is not None:
                self._sql(run.text, run.dialect or "", inner)
            case RunKind.UNSEEN if run.opaque is not None:
                self.emit(run.opaque, span, inner)
            case _:
                message = f"{run.via.label} runs something that is not known"
                self.opaque(OpaqueKind.FAULT, message, span, walk)

    @staticmethod
    def _scope_of(run: Run, scope: Scope) -> Scope:
        """The scope of what a command runs, in the directory that the command names for it."""
        other = scope.for_other_shell()
        if run.via.program not in _IN_THIS_SHELL:
            other.traps = ()
        if run.directory is not None:
            others = tuple(moved(one, run.directory) for one in scope.elsewhere)
            other.directory, other.elsewhere = moved(scope.directory, run.directory), ()
            other.may_be(others)
            if run.directory.kind is WordKind.DYNAMIC:
                other.may_be(scope.places)  # `find . -execdir` runs it here, too
        return other

    def _sql(self, text: Word, dialect: str, walk: Walk) -> None:
        """SQL that a program runs."""
        from policy.parse.sql import read_sql

        if text.kind is not WordKind.STATIC:
            label = walk.via[-1].label
            message = f"{label} runs SQL that is known only at run time"
            self.opaque(OpaqueKind.DYNAMIC_CODE, message, text.span, walk)
            return
        self.spent.sql(text.text)
        frame = self.frame_of(text)
        depth = walk.depth

        def shell(inner: str, offset: int) -> tuple[Action, ...]:
            return self.aside(inner, offset, depth + 1)

        for action in read_sql(text.text, dialect, self.limits, shell=shell):
            self.emit(action.does, frame.at(*action.span), walk, action.directory, action.via)

    @abstractmethod
    def aside(self, text: str, offset: int, depth: int) -> tuple[Action, ...]:
        """The actions of shell text inside another language, spans moved by `offset`."""


def _may_call(run: Run, walk: Walk) -> bool:
    """Whether the words that a command runs may be the call of a function of this shell."""
    if run.via.program == "time":
        return True
    name = run.words[0].value if run.words else None
    return run.via.program not in _NO_FUNCTIONS and name not in walk.calls


def _as_written(word: Word) -> str | None:
    """How a script writes a word of this value; None where only run time knows it."""
    value = word.value
    return value if value is None or _ORDINARY.fullmatch(value) else shlex.quote(value)


def _written(parts: Parts) -> str | None:
    """The value of a word that is only quoted, as in `"export"`."""
    texts = [part.text for part in parts if isinstance(part, Literal)]
    return "".join(texts) if len(texts) == len(parts) else None


def _around(words: tuple[Word, ...]) -> Span:
    return min(w.span[0] for w in words), max(w.span[1] for w in words)


def _sets_input(redirect: Redir) -> bool:
    if redirect.descriptor is None:
        return redirect.operator.startswith("<")
    return redirect.descriptor == "0"


def _leaves_output(redirect: Redir, text: str) -> bool:
    """Whether what a command prints is printed all the same: no other redirect is sure to work."""
    target = text[slice(*redirect.target)]
    if redirect.operator.startswith("<<") or (redirect.operator == "<" and target == "/dev/null"):
        return True
    return text.startswith("2", redirect.span[0]) and target in ("/dev/null", "1")

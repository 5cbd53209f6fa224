"""Reads a pattern under a set of rules: the form that it means, and the action it stands for.

Holes are replaced by marks, the text is read as any command is, and the marks become holes
again. So a pattern means exactly what the engine makes of such commands. A second reading with
words that may be anything their holes admit must find the same form: else the value of some
hole decides what the command is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from policy.automata import overlap
from policy.frozen import frozen
from policy.globs import Mode, automaton
from policy.holes import Hole, HoleError, Part, language
from policy.misread import misread
from policy.parse.argv import read as read_words
from policy.parse.delegate import Run
from policy.parse.shell import read_shell
from policy.parse.shell.assign import DECLARATIONS
from policy.plan import (
    Action,
    Assignment,
    Command,
    Input,
    InputKind,
    Limits,
    Opaque,
    OpaqueKind,
    Redirect,
    Span,
    Term,
    Via,
    Word,
    WordKind,
    dynamic,
    holed,
)
from policy.ruleset import RuleSet
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import Unfixed, action_form, steps
from policy.whitelist.notation import REST_ONLY_LAST, check_text, holes_of
from policy.whitelist.pattern import Pattern

LONGEST = 400  # pieces of a form
_HOLED = re.compile(r"(via )?(value|attached|operand)|with .*|set .*|redirect [^&]*[<>]|input text")
_NOT_HERE = "a hole stands for an operand, the value of an option, or the target of a redirect"


class PatternError(ValueError):
    """A text that is no pattern. `start` and `end` are offsets into it; `help` what to write."""

    def __init__(self, message: str, span: Span, help: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.message = message
        self.span = span
        self.help = help


@frozen
class PatternReading:
    """What a pattern means: its form, and the action with words that may be what they admit."""

    form: Form
    action: Action


def read_pattern(pattern: Pattern, rules: RuleSet, limits: Limits | None = None) -> PatternReading:
    """The form and the action of a pattern. Raises `PatternError`."""
    limits = limits or Limits()
    for text in (pattern.command, *pattern.via):
        _gate(text, limits)
    try:
        check_text(pattern.command, pattern.language)
        steps = [_step(text, rules, limits) for text in pattern.via]
        via = tuple(one for step in steps for one in step.via)
        if pattern.language != "shell":
            return _sql(pattern, via)
        found = _shell(pattern.command, via, rules, limits)
        where = found.action.directory
        for step in reversed(steps):
            where = _nested(step.directory, where)
        return replace(found, action=replace(found.action, directory=where))
    except HoleError as error:
        raise PatternError(error.message, (error.start, error.end), error.help) from None


def read_actions(text: str, rules: RuleSet, limits: Limits) -> tuple[PatternReading, ...]:
    """Every action of a shell text with holes, each as a pattern of its own.

    Raises `PatternError` where the text, or a part of it, can't be a pattern.
    """
    _gate(text, limits)
    try:
        check_text(text)
        marked = _Marked(text)
        actions = read_shell(marked.text, rules, limits)
        found = tuple(marked.reading(action, rules, alone=False) for action in actions)
        marked.demand_all([one.form for one in found])
    except HoleError as error:
        raise PatternError(error.message, (error.start, error.end), error.help) from None
    return found


def _gate(text: str, limits: Limits) -> None:
    """What the engine doesn't read, no pattern says. Raises `PatternError`."""
    if len(text) > limits.characters:
        what = f"{len(text)} characters; {limits.characters} are read"
        raise PatternError(what, (0, len(text)))
    found = misread(text)
    if found is not None:
        raise PatternError(found, (0, len(text)), "write what they look like, or leave them out")


# Shell -------------------------------------------------------------------------------------


def _shell(text: str, via: tuple[Via, ...], rules: RuleSet, limits: Limits) -> PatternReading:
    marked = _Marked(text)
    action = _outermost(read_shell(marked.text, rules, limits), text)
    return marked.reading(replace(action, via=(*via, *action.via)), rules)


def _outermost(actions: tuple[Action, ...], text: str) -> Action:
    """The one action that the text stands for; what it runs in turn is approved apart."""
    whole = (0, len(text))
    if not actions:
        raise PatternError("a pattern that runs nothing", whole)
    *before, last = actions
    if before and isinstance(last.does, Command) and _only_feeds(before, last.does):
        return last
    depth = min(len(action.via) for action in actions)
    top = [action for action in actions if len(action.via) == depth]
    commands = [action for action in top if isinstance(action.does, Command)]
    if len(top) > 1 and len(commands) == 1 and _only_assigns(top):
        (command,) = commands
        assert isinstance(command.does, Command)  # noqa: S101  # as the line above says
        # `export X=1` stands for the assignment: the builtin itself does nothing more.
        if command.does.program not in DECLARATIONS:
            return command
        top = [action for action in top if action is not command]
    start, end = top[0].span
    apart = [one for one in actions if one.span[0] < start or one.span[1] > end]
    if len(top) > 1 or any(map(_runs, apart)):
        what = f"a pattern of {max(len(top), 1 + len(apart))} actions"
        raise PatternError(what, whole, "write an entry for each of them")
    return top[0]


def _runs(action: Action) -> bool:
    """Whether the action is a command of its own: no assignment, nor the builtin that makes it."""
    does = action.does
    return isinstance(does, Command) and does.program not in DECLARATIONS


def _only_assigns(actions: list[Action]) -> bool:
    return sum(not isinstance(action.does, Assignment) for action in actions) == 1


def _only_feeds(before: list[Action], last: Command) -> bool:
    """`NAME | command`: bare names say through which programs came what the command reads."""
    if last.input.kind is not InputKind.PIPE:
        return False
    names = []
    for action in before:
        does = action.does
        if not isinstance(does, Command) or len(does.words) != 1:
            return False
        names.append(does.words[0].text)
    return tuple(names) == last.input.pipe


@frozen
class _Step:
    """What a line of `via` names; `directory` is where it puts what it runs."""

    via: tuple[Via, ...]
    directory: Word | None = None


def _nested(outer: Word | None, inner: Word | None) -> Word | None:
    """The directory `inner` as seen from `outer`; dynamic where holes leave it open."""
    if outer is None or inner is None:
        return inner or outer
    if inner.home or inner.prefix[:1] in ("/", "\0"):
        return inner
    if outer.kind is inner.kind is WordKind.STATIC:
        text = f"{outer.text}/{inner.text}"
        return Word(WordKind.STATIC, text, inner.span, text, text, home=outer.home)
    return dynamic(f"{outer.text}/{inner.text}", many=False)


def _step(text: str, rules: RuleSet, limits: Limits) -> _Step:
    """The step that a line of `via` names."""
    if text.startswith("<") and text.endswith(">"):
        program, _, _ = text[1:-1].partition(" ")
        return _Step((Via(program, text[1:-1]),))
    check_text(text)
    mark = re.search(r"'\{\}'|(?<!\\)\{\}", text)
    inside = f"{text} {_RUN}" if mark is None else text[: mark.start()] + _RUN + text[mark.end() :]
    marked = _Marked(inside)
    actions = read_shell(marked.text, rules, limits)
    ways = {(one.via, one.directory) for one in actions if one.via and _is_run(one)}
    others = [action for action in actions if not _is_run(action) and not _is_wrapper(action)]
    if len(ways) != 1 or others:
        what = f"`{text}` is no command that runs another"
        raise PatternError(what, (0, 0), "`via` names wrappers, such as `sudo -u deploy`")
    ((steps_, where),) = ways
    if where is not None:
        where = marked.word(where)
    return _Step(tuple(map(marked.via, steps_)), where)


_RUN = "run-by-step"  # stands for what a step runs


def _is_run(action: Action) -> bool:
    """Whether the action is what the step was given; as SQL it isn't understood."""
    does = action.does
    return does.program == _RUN if isinstance(does, Command) else isinstance(does, Opaque)


def _is_wrapper(action: Action) -> bool:
    """Whether the action is a wrapper itself and nothing more: no redirect, no assignment."""
    does = action.does
    if not isinstance(does, Command) or does.redirects or does.assignments:
        return False
    return not action.via and does.program != "" and any(_RUN in one.text for one in does.words)


class _Marked:
    """A text whose holes are replaced by words that stand for them."""

    def __init__(self, text: str) -> None:
        # No quoting, brace or variable of the text can make up what depends on all of it.
        salt = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        self.holes: dict[str, tuple[Hole, Span]] = {}
        self.source = text
        pieces: list[str] = []
        at = 0
        for index, (start, end, hole) in enumerate(holes_of(text)):
            mark = f"hole{salt}x{index}y"  # letters and digits, so that it is one plain word
            self.holes[mark] = (hole, (start, end))
            pieces += [text[at:start], mark]
            at = end
        self.text = "".join((*pieces, text[at:]))
        self._marks = re.compile(f"(hole{salt}x[0-9]+y)")

    def reading(self, action: Action, rules: RuleSet, *, alone: bool = True) -> PatternReading:
        """The form of an action of the text, and the action as its holes leave it open.

        `alone`: every hole of the text is one of this action's.
        """
        if isinstance(action.does, Opaque):
            what = f"can't be understood: {action.does.message}"
            raise PatternError(self._shown(what), self._all)
        try:
            form = self._form(action_form(action))
            if alone:
                self.demand_all([form])
        except Unfixed as unfixed:
            what = f"no pattern admits this: {unfixed}"
            raise PatternError(self._shown(what), self._all) from None
        if len(form.pieces) > LONGEST:
            what = f"a pattern of {len(form.pieces)} words"
            raise PatternError(what, self._all, f"{LONGEST} are read")
        if not self.holes:
            return PatternReading(form, action)
        opened = self._opened(action, rules)
        try:
            second = _with_rest(action_form(opened))
        except Unfixed as unfixed:
            raise PatternError(f"no pattern admits this: {unfixed}", self._all) from None
        if second != form:
            what = "the value of a hole would decide how the command is read"
            raise PatternError(what, self._all, "put what decides it into the pattern")
        return PatternReading(form, opened)

    @property
    def _all(self) -> Span:
        return (0, len(self.source))

    def _shown(self, message: str) -> str:
        """A message about the marked text, in words of the pattern."""
        for mark, (hole, _) in self.holes.items():
            message = message.replace(mark, str(hole))
        return message

    # Marks in a form become holes ----------------------------------------------------------

    def _form(self, form: Form) -> Form:
        if not self.holes:
            return form
        pieces = tuple(map(self._piece, form.pieces))
        placed = Counter(hole for piece in pieces for hole in piece.parts)
        for hole, (start, end) in self.holes.values():
            if placed[hole] > 1:
                what = "a hole that stands for several words, which may then differ"
                raise HoleError(what, start, end, "write it once")
        return _with_rest(Form(form.language, pieces))

    def demand_all(self, forms: list[Form]) -> None:
        """Raises `HoleError` for a hole that stands in none of the forms."""
        pieces = [piece for form in forms for piece in (*form.pieces, form.rest) if piece]
        placed = {part for piece in pieces for part in piece.parts}
        for hole, (start, end) in self.holes.values():
            if hole not in placed:
                raise HoleError("a hole that stands for nothing", start, end, _NOT_HERE)

    def _piece(self, piece: Piece) -> Piece:
        text = piece.text or ""
        marked = self._marks.search(f"{piece.role} {text}")
        if marked is None:
            return piece
        hole, (start, end) = self.holes[marked.group()]
        if self._marks.search(piece.role):
            raise HoleError("a hole can't stand for a part of a name", start, end, _NOT_HERE)
        if _HOLED.fullmatch(piece.role) is None:
            what = f"a hole can't stand for a part of the {piece.role.removeprefix('via ')}"
            raise HoleError(what, start, end, _NOT_HERE)
        parts = self.parts(text)
        if hole.rest and (parts != (hole,) or piece.role != "operand"):
            raise HoleError(REST_ONLY_LAST, start, end, "write it as a word of its own, last")
        return Piece(piece.role, parts)

    def parts(self, text: str) -> tuple[Part, ...]:
        return tuple(
            self.holes[one][0] if one in self.holes else one
            for one in self._marks.split(text)
            if one
        )

    # Marks in an action become words that may be anything ----------------------------------

    def _opened(self, action: Action, rules: RuleSet) -> Action:
        does = action.does
        where = None if action.directory is None else self.word(action.directory)
        action = replace(action, via=tuple(map(self.via, action.via)), directory=where)
        if isinstance(does, Assignment):
            return replace(action, does=self._assignment(does))
        if not isinstance(does, Command):
            return action
        reading = read_words(
            tuple(map(self.word, does.words)),
            rules,
            redirects=tuple(
                Redirect(one.kind, self.word(one.target), one.descriptor, one.span)
                for one in does.redirects
            ),
            assignments=tuple(map(self._assignment, does.assignments)),
            input=self._input(does.input),
        )
        for run in reading.runs:
            if _is_code(run):
                what = "a hole can't stand for a part of code that is run"
                raise PatternError(what, self._all, "write the code out: only its text is approved")
        for url in reading.command.urls:
            for hole in _may_end_host(url.parts):
                _, (start, end) = next(one for one in self.holes.values() if one[0] == hole)
                raise HoleError("a hole whose value may end the host", start, end, _HOST)
        return replace(action, does=reading.command)

    def word(self, word: Word) -> Word:
        if word.kind is not WordKind.STATIC or self._marks.search(word.text) is None:
            return word
        text = f"\0{word.text[1:]}" if word.home else word.text
        return holed(self.parts(text), word.text, word.span)

    def via(self, step: Via) -> Via:
        return replace(
            step,
            target=None if step.target is None else self.word(step.target),
            user=None if step.user is None else self.word(step.user),
            terms=tuple(Term(one.role, self.word(one.word)) for one in step.terms),
        )

    def _assignment(self, one: Assignment) -> Assignment:
        return Assignment(one.name, self.word(one.value), one.span, one.exported)

    def _input(self, source: Input) -> Input:
        return source if source.word is None else replace(source, word=self.word(source.word))


_HOST = "name the hosts: `{host:one of a b}`, or admit no `/`: `{host:like web-[0-9]}`"


def _may_end_host(parts: tuple[Part, ...]) -> Iterator[Hole]:
    """Holes in the host of a URL that goes on behind them, whose value may be more than that:
    `https://{x}.example.com/` would be `https://a.example/x.example.com/` as well.
    """
    before = ""
    for index, part in enumerate(parts):
        if isinstance(part, str):
            before += part
            continue
        host = before.rpartition("://")[2]
        inside = _ENDS_HOST.search(host) is None and index + 1 < len(parts)
        if inside and overlap(language((before[:1] or "-", part)), _WITH_END):
            yield part
        before += "-"


_ENDS_HOST = re.compile(r"[/?#\\]")
_WITH_END = automaton("*[]:/?#@\\\\]*", Mode.TEXT)


def _is_code(run: Run) -> bool:
    if run.opaque is not None:
        return run.opaque.kind is OpaqueKind.DYNAMIC_CODE
    return run.text is not None and run.text.kind is not WordKind.STATIC


def _with_rest(form: Form) -> Form:
    """The form with a rest hole taken out of its pieces."""
    for index, piece in enumerate(form.pieces):
        (part,) = piece.parts if len(piece.parts) == 1 else (None,)
        if isinstance(part, Hole) and part.rest:
            if index != len(form.pieces) - 1:
                raise HoleError(REST_ONLY_LAST, 0, 0, "move it to the end")
            return Form(form.language, form.pieces[:-1], piece)
    return form


# SQL ---------------------------------------------------------------------------------------


def _sql(pattern: Pattern, via: tuple[Via, ...]) -> PatternReading:
    from policy.whitelist.sql_forms import pattern_statement

    dialect = pattern.language.partition(":")[2]
    inside = tuple(step.program for step in via if not step.terms)
    statement, pieces = pattern_statement(pattern.command, dialect, inside)
    action = Action(statement, (0, len(pattern.command)), via)
    form = Form(f"sql:{statement.dialect}", (*steps(via), *pieces))
    return PatternReading(form, action)

"""What a walk over a script carries along, and where it puts what it finds."""

from __future__ import annotations

from dataclasses import replace

from policy.frozen import frozen
from policy.parse.delegate import PIPE
from policy.parse.shell.spent import LimitReached, Spent
from policy.plan import (
    INHERITED,
    Action,
    Assignment,
    Command,
    Input,
    Limits,
    Opaque,
    OpaqueKind,
    Span,
    Statement,
    Via,
    Word,
)
from policy.ruleset import RuleSet

Output = Word | None
"""What a command prints, where the text fixes it."""


@frozen
class Frame:
    """A text that is being walked, and where it stands in the text that was asked about.

    `base` is the offset of its first character if it stands there letter for letter; where
    it doesn't (it was unquoted, joined, computed), everything in it has the place `span`.
    """

    text: str
    base: int | None
    span: Span

    def at(self, start: int, end: int) -> Span:
        """The place in the text that was asked about."""
        if self.base is None:
            return self.span
        return start + self.base, max(start, end) + self.base

    def inner(self, text: str, offset: int | None, place: Span) -> Frame:
        """The frame of a script that is written in this one at `offset`, if verbatim."""
        span = self.at(*place)
        if self.base is None or offset is None:
            return Frame(text, None, span)
        return Frame(text, self.base + offset, span)


_WRITTEN_OUT = frozenset(("substitution", "process-substitution"))


@frozen
class Walk:
    """How the walk came to where it is.

    `calls` are the functions whose bodies it is in, outermost first. Without `bash`, some `sh`
    reads the text: it may be one that has no `[[`, `((` and `$'…'` and reads them as something
    else. `fed`: a shell reads the text from its standard input, line by line as it runs it.
    """

    frame: Frame
    via: tuple[Via, ...] = ()
    input: Input = INHERITED
    depth: int = 0
    calls: tuple[str, ...] = ()
    bash: bool = True
    fed: bool = False

    @property
    def written_out(self) -> bool:
        """Whether bash writes out the text that it has parsed, and reads that: `$(…)`, `<(…)`."""
        return any(step.program in _WRITTEN_OUT for step in self.via)

    @property
    def eats_script(self) -> bool:
        """Whether what reads standard input here takes what the shell would run next."""
        return self.fed and self.input == PIPE

    def reading(self, source: Input) -> Walk:
        """The same with another standard input."""
        return replace(self, input=source)

    def into(
        self,
        frame: Frame,
        via: Via,
        source: Input | None = None,
        *,
        bash: bool | None = None,
        fed: bool = False,
    ) -> Walk:
        """One step deeper, into a text that is run through `via`."""
        source = source or self.input
        bash = self.bash if bash is None else bash
        fed = self.fed or fed
        return Walk(frame, (*self.via, via), source, self.depth + 1, self.calls, bash, fed)


class Recorder:
    """Gathers actions within the limits. `root` is the text that was asked about; `spent`
    counts what was used of the limits before, where another text led to it.
    """

    def __init__(self, root: str, rules: RuleSet, limits: Limits, spent: Spent | None) -> None:
        self.root = root
        self.rules = rules
        self.limits = limits
        self.spent = spent or Spent(limits)
        self.actions: list[Action] = []
        self.last_program: str | None = None

    def emit(
        self,
        does: Command | Statement | Assignment | Opaque,
        span: Span,
        walk: Walk,
        directory: Word | None = None,
        via: tuple[Via, ...] = (),
        elsewhere: tuple[Word | None, ...] = (),
    ) -> None:
        """Adds an action; raises `LimitReached` where there are too many."""
        if len(self.actions) >= self.limits.actions:
            raise LimitReached(f"more than {self.limits.actions} actions")
        self.spent.action(does, 1 + len(elsewhere))
        self.actions.append(Action(does, span, (*walk.via, *via), directory, elsewhere))

    def opaque(self, kind: OpaqueKind, message: str, span: Span | None, walk: Walk) -> None:
        """Adds a part that was not understood; without a span, the frame's whole."""
        frame = walk.frame
        self.emit(Opaque(kind, message), span or frame.at(0, len(frame.text)), walk)

    def frame_of(self, word: Word) -> Frame:
        """The frame of a text that is the value of a word: verbatim in the root or not."""
        start, end = word.span
        found = self.root.find(word.text, start, end) if word.text else -1
        return Frame(word.text, found if found >= 0 else None, word.span)

"""The Plan: what a text would run, as frozen values.

A reader (shell or SQL) turns text into a `Plan`; rules and the whitelist look only at the
Plan, never at the text again.

    text ──► readers ──► Plan(actions) ──► judge

An *action* is the smallest thing that is judged: a simple command, a SQL statement, an
environment assignment that makes a program run something, or a part that could not be
understood (`OPAQUE`), which is never skipped.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from policy.frozen import frozen

if TYPE_CHECKING:
    from policy.holes import Part

Span = tuple[int, int]
"""Character offsets into the text that was given to the engine: start, end (exclusive)."""


class WordKind(Enum):
    """How much of a word's value the text fixes."""

    STATIC = "static"  # `text` is the exact value after quote removal
    PATTERN = "pattern"  # a glob: file names that match `text`, or `text` itself
    DYNAMIC = "dynamic"  # known only at run time, but for `prefix` and `suffix`


@frozen
class Word:
    """One word of a command after every expansion that the text itself decides.

    `text` is the exact value of a static word, the glob of a pattern word (its literal
    characters escaped with a backslash) and the source of a dynamic word, for display only.
    `prefix` and `suffix` are what the value certainly begins and ends with; both are `text`
    for a static word. `many` says that the word may become any number of words, none
    included (an unquoted expansion, a glob). `home` says that the value begins with the
    home directory of the user who runs it: `text` is then `~` or `~/…` (or `~user/…`).
    `parts` are set for a dynamic word that stands for whatever a pattern admits there.
    """

    kind: WordKind
    text: str
    span: Span
    prefix: str = ""
    suffix: str = ""
    many: bool = False
    home: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def value(self) -> str | None:
        """The exact value, or None where only run time knows it."""
        return self.text if self.kind is WordKind.STATIC and not self.home else None

    @property
    def may_be_option(self) -> bool:
        """Whether a value exists that a program would read as an option (`-` and more)."""
        if self.kind is WordKind.STATIC:
            return len(self.text) > 1 and self.text[0] == "-"
        if not self.prefix:
            return not self.home and not self.parts  # no hole admits what begins with `-`
        return not self.home and self.prefix[0] == "-"


def static(text: str, span: Span = (0, 0)) -> Word:
    """A word whose exact value is `text`."""
    return Word(WordKind.STATIC, text, span, text, text)


def dynamic(
    source: str, span: Span = (0, 0), prefix: str = "", suffix: str = "", many: bool = True
) -> Word:
    """A word known only at run time, shown as `source`."""
    return Word(WordKind.DYNAMIC, source, span, prefix, suffix, many)


def holed(parts: tuple[Part, ...], source: str, span: Span = (0, 0)) -> Word:
    """A word that stands for every word of the parts; several, where they are a rest hole."""
    first, last = parts[0], parts[-1]
    return Word(
        WordKind.DYNAMIC,
        source,
        span,
        first if isinstance(first, str) else "",
        last if isinstance(last, str) else "",
        many=any(not isinstance(part, str) and part.rest for part in parts),
        parts=parts,
    )


class RedirectKind(Enum):
    """What a redirect does with its target."""

    READ = "read"  # <
    WRITE = "write"  # > >| &> >&file
    APPEND = "append"  # >> &>>
    READ_WRITE = "read-write"  # <>
    DUPLICATE = "duplicate"  # 2>&1, <&3, >&-


@frozen
class Redirect:
    """A redirect whose target is a file or another descriptor."""

    kind: RedirectKind
    target: Word
    descriptor: str  # "1", "2", "fd" of `{fd}>x`, "&" for both of `&>`
    span: Span


@frozen
class Assignment:
    """`NAME=value`: before a command (`exported`), or by `export`, `env`, `declare -x`."""

    name: str
    value: Word
    span: Span
    exported: bool = False


class InputKind(Enum):
    """Where standard input comes from."""

    INHERITED = "inherited"  # whatever the caller has: a terminal, nothing, a socket
    PIPE = "pipe"  # another command's output, unknown
    FILE = "file"  # `word` is the path
    TEXT = "text"  # a here-document, a here-string or a known output: `word` is the text


@frozen
class Input:
    """Standard input of a command.

    `producer` names the program at the head of a pipe. `pipe` are all the programs, as they are
    named, through which what is read came, each of them alone in its part of the pipe; None
    where something else may have written to it.
    """

    kind: InputKind
    word: Word | None = None
    producer: str | None = None
    pipe: tuple[str, ...] | None = field(default=None, compare=False)


INHERITED = Input(InputKind.INHERITED)


class Role(Enum):
    """What a word of a command is once its program has read it."""

    PROGRAM = "program"
    SUBCOMMAND = "subcommand"
    OPTION = "option"  # as spelled, merged ones apart; with its `=` where a value is attached
    VALUE = "value"  # of the option before it, attached or not
    ATTACHED = "attached"  # a value that can only be attached (`--color=x`, `-i.bak`)
    OPERAND = "operand"
    END = "end"  # `--`
    RUNS = "runs"  # where the words stand that it runs; text where it is code


@frozen
class Term:
    """One word of a command in its normal form."""

    role: Role
    word: Word


@frozen
class Via:
    """One step through which an action is reached, outermost first.

    `program` is what conditions name (`sudo`, `ssh`, `find`, `xargs`, `bash`, `psql`, or for
    the shell's own constructs `substitution`, `function`, `trap`, `process-substitution`,
    `explain`); `label` is what people read (`sudo -u x`, `ssh host`, `find -exec`,
    `function deploy`). `target` is the host, container or pod, `user` the account; None
    where the step names none. `terms` are the wrapper's own words, () for a construct, and
    `words` all of its command line, those that it runs among them.
    """

    program: str
    label: str
    target: Word | None = None
    user: Word | None = None
    effects: tuple[str, ...] = ()
    score: int = 0
    terms: tuple[Term, ...] = field(default=(), compare=False)  # what the words above say
    words: tuple[Word, ...] = field(default=(), compare=False, repr=False)


@frozen
class OptionUse:
    """An option as it was used.

    `names` holds every spelling of the declared option (`("-f", "--force")`), or only the
    one that was used where nothing declares it. `declared` is False then. `markers` are the
    declaration's (`writes`, `runs`, …).
    """

    names: tuple[str, ...]
    span: Span
    value: Word | None = None
    declared: bool = True
    markers: tuple[str, ...] = ()


@frozen
class Command:
    r"""A simple command, its argument vector read as its program reads it.

    `program` is the base name of the first word (`/bin/rm`, `\\rm` → `rm`); "" for redirects
    without a command. `subcommands` is the path after global options (`("compose", "up")`).
    `reads`, `writes` and `deletes` are paths from operands, option values and redirects.
    `open_options` says that a word known only at run time stands where the program would
    read it as an option. `known` says that some rule file declares the program. `terms` are
    the words in normal form: merged options apart, values detached, and, where the program
    takes options anywhere, options before operands.
    """

    program: str
    words: tuple[Word, ...]
    subcommands: tuple[str, ...] = ()
    options: tuple[OptionUse, ...] = ()
    operands: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    input: Input = INHERITED
    reads: tuple[Word, ...] = ()
    writes: tuple[Word, ...] = ()
    deletes: tuple[Word, ...] = ()
    urls: tuple[Word, ...] = ()
    open_options: bool = False
    known: bool = False
    terms: tuple[Term, ...] = field(default=(), compare=False)  # what `words` say

    @property
    def executable(self) -> tuple[Word, ...]:
        """The program's path where the command names one (`./ls`), else nothing."""
        first = self.words[:1]
        return first if first and "/" in first[0].text else ()


@frozen
class Table:
    """A relation that a statement names; `schema` is None where the text gives none."""

    name: str
    schema: str | None = None
    written: bool = False


@frozen
class Statement:
    """One SQL statement, judged by what it does.

    `kind` is a lower-case word: select, insert, update, delete, merge, truncate, create,
    alter, drop, grant, revoke, copy, explain, show, set, call, do, begin, commit, …;
    `object` the type of what DDL acts on (table, index, database, role, …) or None.
    `bounded` is whether an effective WHERE bounds it (None where that says nothing).
    `functions` are lower-case, with their schema where the text gives one.
    `features` are facts that rules can ask for: into, for-update, cascade, if-exists,
    program, file, analyze, temporary, or-replace, concurrently, local, returning, ….
    `normal` is the normal form that a whitelist matches: never executed, never re-judged.
    """

    kind: str
    dialect: str
    object: str | None = None
    tables: tuple[Table, ...] = ()
    bounded: bool | None = None
    functions: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    normal: str = ""
    names: tuple[str, ...] = ()  # other names it acts on: of a SET, a role, an extension


class OpaqueKind(Enum):
    """Why a part could not be understood; rules place each (`on opaque …`)."""

    UNPARSED = "unparsed"  # no parser accepts it
    DISAGREEMENT = "disagreement"  # two parsers see different commands
    UNKNOWN_NODE = "unknown-node"  # a construct that the lowering does not know
    DYNAMIC_PROGRAM = "dynamic-program"  # `$CMD x`
    DYNAMIC_CODE = "dynamic-code"  # `eval "$x"`
    UNSEEN_CODE = "unseen-code"  # `curl … | sh`, an interpreter fed by something unknown
    LIMIT = "limit"  # too long, too deep, too many
    LEXICAL = "lexical"  # characters that parsers and servers read differently
    FAULT = "fault"  # an exception inside the engine


@frozen
class Opaque:
    """A part that was not understood; `message` names the construct."""

    kind: OpaqueKind
    message: str


@frozen
class Action:
    """One thing that the text would do, and how it is reached.

    `directory` is the working directory where the text itself fixed it (`cd /srv && …`),
    a dynamic word where it was changed to something unknown, None where it is the caller's.
    `elsewhere` are those in which it works instead if a `cd` failed (None: the caller's).
    `effects` come from the declarations passed on the way (sudo adds `privilege`).
    """

    does: Command | Statement | Assignment | Opaque
    span: Span
    via: tuple[Via, ...] = ()
    directory: Word | None = None
    elsewhere: tuple[Word | None, ...] = field(default=(), compare=False)

    @property
    def kind(self) -> str:
        """`command`, `statement`, `assignment` or `opaque`."""
        return type(self.does).__name__.lower()


@frozen
class Plan:
    """Everything that a text would run, in the order of the text."""

    text: str
    language: str
    actions: tuple[Action, ...]


@frozen
class Limits:
    """Bounds on what is read; beyond one, the part is opaque (`LIMIT`)."""

    characters: int = 65_536
    depth: int = 32  # nesting of constructs, substitutions and delegation
    actions: int = 1_000
    steps: int = 10_000  # commands walked; the body of a loop is walked more than once
    alternatives: int = 64  # values that one word of a command can take from loops and variables
    braces: int = 1_024  # words from one brace expression
    work: int = 1_000_000  # what words and values cost, about a microsecond each

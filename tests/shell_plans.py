"""What a shell text would do, written as lines that tests can compare.

A line is `[via; via] words  redirects  <- input`. Blanks in a word are `_`, an empty word is
`''`. `?` stands for what only run time knows in one word, `??` for any number of words, both
with the prefix and suffix that are certain; `glob(…)` is a pattern.
"""

from __future__ import annotations

from functools import cache

from policy.parse.shell import read_shell
from policy.plan import (
    Action,
    Assignment,
    Command,
    InputKind,
    Limits,
    Opaque,
    Redirect,
    RedirectKind,
    Statement,
    Word,
    WordKind,
)
from policy.ruleset import RuleSet
from policy.shipped import ruleset

_OPERATORS = {
    RedirectKind.READ: "<",
    RedirectKind.WRITE: ">",
    RedirectKind.APPEND: ">>",
    RedirectKind.READ_WRITE: "<>",
    RedirectKind.DUPLICATE: "=",
}


@cache
def rules() -> RuleSet:
    return ruleset()


def actions(text: str, limits: Limits | None = None) -> tuple[Action, ...]:
    return read_shell(text, rules(), limits or Limits())


def plan(text: str, limits: Limits | None = None) -> list[str]:
    """One line for each action."""
    return [line(action) for action in actions(text, limits)]


def line(action: Action) -> str:
    via = f"[{'; '.join(step.label for step in action.via)}] " if action.via else ""
    return via + _done(action)


def _done(action: Action) -> str:
    match action.does:
        case Command() as command:
            found = [" ".join(shown(word) for word in command.words)]
            found += [redirect(one) for one in command.redirects]
            if source(command):
                found.append(source(command))
            return " ".join(part for part in found if part)
        case Statement(kind, dialect):
            return f"{dialect}: {kind} {' '.join(t.name for t in action.does.tables)}".rstrip()
        case Assignment(name, value):
            return f"{name}:={shown(value)}"
        case Opaque(kind):
            return f"opaque {kind.value}"


def shown(word: Word) -> str:
    match word.kind:
        case WordKind.STATIC:
            return visible(word.text) or "''"
        case WordKind.PATTERN:
            return f"glob({visible(word.text)})"
        case WordKind.DYNAMIC:
            hole = "??" if word.many else "?"
            return f"{visible(word.prefix)}{hole}{visible(word.suffix)}"


def visible(text: str) -> str:
    return text.replace("\n", "\\n").replace("\t", "\\t").replace(" ", "_")


def redirect(one: Redirect) -> str:
    return f"{one.descriptor}{_OPERATORS[one.kind]}{shown(one.target)}"


def source(command: Command) -> str:
    match command.input.kind:
        case InputKind.INHERITED:
            return ""
        case InputKind.PIPE:
            return f"<- pipe {command.input.producer or '?'}"
        case InputKind.FILE:
            return "<- file"
        case InputKind.TEXT:
            assert command.input.word is not None
            return f"<- {shown(command.input.word)}"


def words(text: str) -> list[str]:
    """The words behind the first of the last command: `echo RAW` → what RAW becomes."""
    (action,) = (a for a in actions(text)[-1:] if isinstance(a.does, Command))
    assert isinstance(action.does, Command)
    return [shown(word) for word in action.does.words[1:]]

"""Holds what bash did against the Plan: was everything that happened foreseen?

A word of the Plan admits what its kind says: exactly itself, a name that its glob matches, or
anything with its prefix and suffix. What the Plan doesn't name is *opaque* if the Plan says of
some part that it doesn't know what it does, which is `high`; otherwise it was *missed*.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from oracle.sandbox import ENVIRONMENT, HOME, SHELLS, WORK, Outcome
from oracle.trace import Called, Opened, Started
from policy.decision import Decision, Judged, Tier
from policy.plan import (
    Action,
    Assignment,
    Command,
    Plan,
    Redirect,
    RedirectKind,
    Word,
    WordKind,
)
from policy.program import ValueType
from policy.shipped import ruleset

_WRITES = {RedirectKind.WRITE, RedirectKind.APPEND, RedirectKind.READ_WRITE}
_KEPT_BY_BASH = {"_", "PWD", "OLDPWD", "SHLVL", "LINES", "COLUMNS", "BASHPID"}
_HOMES = {"app": "/srv/app", "root": "/root", "user": HOME}
# What bash opens for itself: its terminal, the texts of here-documents, what it shows.
_PIPE = re.compile(r"/dev/fd/6\d")
_ANY_PIPE = "/dev/fd/63"  # which one a process substitution gets doesn't matter
_OF_BASH = re.compile(
    r"/dev/tty|/tmp/sh-(?:thd|np)[.\-]\w+|/dev/null|/dev/(?:stdout|stderr|stdin)|/dev/fd/\d+"
    r"|/dev/pts/\d+|/dev/ptmx|/usr/share/.*|/"
    # at its start, and to find names, hosts and times
    r"|/etc/(?:profile|bash\.bashrc|inputrc|localtime|hosts?(?:\.conf)?|services)|/etc/resolv\.conf|/bin"
    rf"|{HOME}/\.(?:profile|bash\w+|inputrc|hushlogin)"
)


_HISTORY = re.compile(r"-[0-9]{5}\.tmp\Z")  # what `history -w` writes before it takes the name
_BRACKET = re.compile(r"\[[!^]?\]?(?:\\.|\[[:.=]\w+[:.=]\]|[^\]])*\]")


@dataclass
class Cover:
    """How much of what happened the Plan holds."""

    seen: int = 0
    opaque: int = 0
    missed: list[str] = field(default_factory=list)


def covered(plan: Plan, decision: Decision, outcome: Outcome) -> Cover:
    """Every program that was started and every file that a shell opened, held against the plan."""
    cover = Cover()
    knows_all = not says_unknown(decision)
    for happened in (*_started(plan, outcome), *_opened(plan, outcome), *_called(plan, outcome)):
        cover.seen += 1
        if happened is None:
            continue
        if knows_all:
            cover.missed.append(happened)
        else:
            cover.opaque += 1
    return cover


def says_unknown(decision: Decision) -> bool:
    """Whether the decision says of a part that nobody has seen what it runs.

    Either the readers couldn't tell (opaque), or a rule places it as code and as `high`, or it
    is a file of this shell's code, which the plan names and nobody reads. What a rule of code says
    may be, for a word that only run time knows, counts as well.
    """
    if any(one.possible and one.rule in _rules_of_code() for one in decision.reasons):
        return True
    return any(
        one.kind == "opaque"
        or (one.tier is Tier.HIGH and _by_default(one))  # "an option may hide what runs"
        or ("code" in one.effects and (one.tier is Tier.HIGH or one.program in _SCRIPTS))
        for one in decision.actions
    )


def _by_default(one: Judged) -> bool:
    return any(reason.rule == f"{one.program}.default" for reason in one.reasons)


@cache
def _rules_of_code() -> frozenset[str]:
    return frozenset(rule.name for rule in ruleset().rules if "code" in rule.effects)


_SCRIPTS = {".", "source", "bash", "sh"}


# Programs ----------------------------------------------------------------------------------


def _started(plan: Plan, outcome: Outcome) -> Iterator[str | None]:
    for one in outcome.trace.started:
        if one.by.is_shell:
            yield ran(plan, one)
            yield from _environment(plan, one)


def ran(plan: Plan, one: Started) -> str | None:
    """A sentence about a program that ran and isn't in the plan, None if it is."""
    if posixpath.basename(one.path) in SHELLS and _has_text(one.argv[1:]):
        return None  # what its text does is held against the plan itself
    elsewhere = False
    rest = one.argv[1:]  # `exec -a` gives a program another name; which one ran is its path
    known = (one.argv, (one.path, *rest), (posixpath.basename(one.path), *rest))
    for action, words in vectors(plan):
        if not any(admits_all(words, argv) for argv in known):
            continue
        if _works_in(action, one):
            return None
        elsewhere = True
    shown = " ".join(map(_quoted, one.argv))
    if elsewhere:
        return f"ran {shown} in {one.directory}"
    return f"ran {shown}"


def _has_text(words: Sequence[str]) -> bool:
    """Whether a shell runs its argument or its input, and no file."""
    return any(re.fullmatch("-[a-z]*c[a-z]*", word) for word in words) or all(
        word.startswith(("-", "+")) for word in words
    )


def vectors(plan: Plan) -> Iterator[tuple[Action, Sequence[Word]]]:
    for action in plan.actions:
        if isinstance(action.does, Command) and action.does.words:
            yield action, action.does.words
        for step in action.via:
            if step.words:
                yield action, step.words


def _works_in(action: Action, one: Started) -> bool:
    """Whether the plan says that it works there; `git -C sub` and
    `terraform -chdir=sub` work in `sub`, started outside, and so do `xargs` and `bash -c` whose
    text begins with `env -C sub`.
    """
    inner = (word.text for step in action.via for word in step.words)
    return any(
        _directory_admits(place, posixpath.normpath(posixpath.join(one.directory, below)))
        for word in (".", *one.argv[1:], *inner)
        for below in (word, word.partition("=")[2])
        for place in (action.directory, *action.elsewhere)
    )


def _directory_admits(place: Word | None, directory: str) -> bool:
    if place is None:
        return directory == WORK
    if place.kind is WordKind.STATIC or place.home:
        return directory in {_absolute(one) for one in _values(place)}
    return True


def _environment(plan: Plan, one: Started) -> Iterator[str | None]:
    """For each variable that a program got and the caller hadn't: whether the plan says so."""
    for name, value in one.environment:
        if name in _KEPT_BY_BASH or ENVIRONMENT.get(name) == value:
            continue
        assigned = [a.value for a in _assignments(plan) if a.name.rstrip("+") == name]
        if any(
            _admits(word, value) or word.kind is not WordKind.STATIC for word in assigned
        ) or _judged_otherwise(name):
            yield None
        elif name.startswith("BASH_FUNC_"):
            yield None if _exports_functions(plan) else f"exported the function {name}"
        else:
            yield f"gave {one.argv[0]} the variable {name}={_quoted(value)}"


def _judged_otherwise(name: str) -> bool:
    """Whether rules say that a variable does nothing, or that its value is run: no assignment."""
    variable = ruleset().variable(name)
    return variable is not None and not variable.markers and variable.value is not ValueType.SCRIPT


def _assignments(plan: Plan) -> Iterator[Assignment]:
    for action in plan.actions:
        if isinstance(action.does, Assignment):
            yield action.does
        elif isinstance(action.does, Command):
            yield from action.does.assignments


def _exports_functions(plan: Plan) -> bool:
    return any(
        isinstance(a.does, Command) and a.does.program in {"export", "declare", "typeset", "set"}
        for a in plan.actions
    )


# Files -------------------------------------------------------------------------------------


def _opened(plan: Plan, outcome: Outcome) -> Iterator[str | None]:
    for one in outcome.trace.opened:
        # the names that a glob finds in a directory become words, which are judged
        if one.by.is_shell and not one.listing and not _OF_BASH.fullmatch(one.path):
            yield _file(plan, one)


def _file(plan: Plan, one: Opened) -> str | None:
    kinds = _WRITES if one.writing else {*_WRITES, RedirectKind.READ}
    for action, redirect in _redirects(plan):
        if redirect.kind in kinds and _reaches(action, redirect.target, one.path):
            return None
    for action in plan.actions:
        if isinstance(action.does, Command):
            does = action.does
            paths = does.writes if one.writing else (*does.reads, *does.writes, *does.words)
            path = _HISTORY.sub("", one.path) if does.program == "history" else one.path
            if any(_reaches(action, word, path) for word in paths):
                return None
            if not one.writing and does.input.word and _reaches(action, does.input.word, one.path):
                return None
        if not one.writing and any(
            _reaches(action, word, one.path) for step in action.via for word in step.words
        ):
            return None
    if not one.writing and _is_looked_for(plan, one.path):
        return None
    return f"opened {one.path} for {'writing' if one.writing else 'reading'}"


def _is_looked_for(plan: Plan, path: str) -> bool:
    """Whether `source name` looks for a file in `PATH`."""
    name = posixpath.basename(path)
    return posixpath.dirname(path) == "/bin" and any(
        word.value == name for _, words in vectors(plan) for word in words[1:]
    )


def _redirects(plan: Plan) -> Iterator[tuple[Action, Redirect]]:
    for action in plan.actions:
        if isinstance(action.does, Command):
            for redirect in action.does.redirects:
                yield action, redirect


def _reaches(action: Action, word: Word, path: str) -> bool:
    """Whether a word names that path from one of the directories in which its action works."""
    if word.kind is not WordKind.STATIC:
        return True  # its value is only known at run time: a person decides
    places: list[str] = []
    for place in (action.directory, *action.elsewhere):
        if place is None:
            places.append(WORK)
        elif place.kind is WordKind.STATIC or place.home:
            places.extend(map(_absolute, _values(place)))
        else:
            return True
    return any(
        _absolute(posixpath.join(place, value)) == path
        for value in _values(word)
        for place in places
    )


# Other calls -------------------------------------------------------------------------------

_BY_BUILTINS = {
    "kill": {"kill", "disown", "suspend", "trap", "exit"},
    "rename": {"history"},
    "chown": {"history"},
}


def _called(plan: Plan, outcome: Outcome) -> Iterator[str | None]:
    for one in outcome.trace.called:
        if one.by.is_shell and not _is_quiet(one):
            yield _call(plan, one)


def _is_quiet(one: Called) -> bool:
    """Calls that bash makes on its own: name services, files of its own, its own children."""
    if one.name == "connect":
        return "AF_UNIX" in one.arguments
    if one.name in {"tgkill", "tkill"} or one.arguments.endswith(", SIGPIPE"):
        return True  # it sends itself what it died of
    own = ("/tmp/sh-", f"{HOME}/.bash_history")
    return all(path.startswith(own) for path in one.paths) and bool(one.paths)


def _call(plan: Plan, one: Called) -> str | None:
    if one.name == "connect":
        for _, redirect in _redirects(plan):
            if redirect.target.kind is not WordKind.STATIC or re.match(
                "/dev/(tcp|udp)/", redirect.target.text
            ):
                return None
        return f"connected to {one.arguments}"
    names = _BY_BUILTINS.get(one.name, set())
    if any(isinstance(a.does, Command) and a.does.program in names for a in plan.actions):
        return None
    return f"called {one.name}({one.arguments})"


# Words -------------------------------------------------------------------------------------


def admits_all(words: Sequence[Word], argv: Sequence[str]) -> bool:
    """Whether the words can become exactly this argument vector."""
    reached = {0}
    for word in words:
        following: set[int] = set()
        for start in reached:
            following.update(_ends(word, argv, start))
        reached = following
        if not reached:
            return False
    return len(argv) in reached


def _ends(word: Word, argv: Sequence[str], start: int) -> Iterable[int]:
    """Where in the vector the words can end that this one becomes, if it begins at `start`."""
    if word.kind is WordKind.PATTERN:
        end = start
        if word.many:  # under `nullglob`, none
            yield start
        while end < len(argv) and _admits(word, argv[end]):
            end += 1
            yield end
    elif word.kind is WordKind.DYNAMIC and word.many:
        if not word.prefix and not word.suffix:
            yield from range(start, len(argv) + 1)
            return
        yield start  # a glob in it may match nothing, under `nullglob`
        for end in range(start + 1, len(argv) + 1):
            if argv[start].startswith(word.prefix) and argv[end - 1].endswith(word.suffix):
                yield end
    elif start < len(argv) and _admits(word, argv[start]):
        yield start + 1


def _admits(word: Word, value: str) -> bool:
    value = _PIPE.sub(_ANY_PIPE, value)
    match word.kind:
        case WordKind.STATIC:
            return any(value == _PIPE.sub(_ANY_PIPE, one) for one in _values(word))
        case WordKind.PATTERN:
            globs = _values(word)
            return any(_pattern(g).fullmatch(value) or value == _unescaped(g) for g in globs)
        case WordKind.DYNAMIC:
            if word.home:
                return True
            return value.startswith(word.prefix) and value.endswith(word.suffix)


def _values(word: Word) -> tuple[str, ...]:
    if not word.home:
        return (word.text,)
    name, _, rest = word.text[1:].partition("/")
    home = HOME if not name else _HOMES.get(name)
    tail = f"/{rest}" if "/" in word.text else ""
    return (word.text,) if home is None else (home + tail, word.text)


@lru_cache(4096)
def _pattern(glob: str) -> re.Pattern[str]:
    r"""A regular expression for a glob; a bracket is any character, which is wider."""
    found = ""
    position = 0
    while position < len(glob):
        character = glob[position]
        if character == "\\" and position + 1 < len(glob):
            position += 1
            found += re.escape(glob[position])
        elif character == "*":
            found += ".*"
        elif character == "?":
            found += "."
        elif character == "[" and (bracket := _BRACKET.match(glob, position)):
            found += "."
            position = bracket.end() - 1
        else:
            found += re.escape(character)
        position += 1
    return re.compile(found, re.DOTALL)


def _unescaped(glob: str) -> str:
    return re.sub(r"\\(.)", r"\1", glob, flags=re.DOTALL)


def _absolute(path: str) -> str:
    return "/" + posixpath.normpath(posixpath.join(WORK, path)).lstrip("/")


def _quoted(value: str) -> str:
    return ascii(value) if not value or set(value) & set(" \t\n'\"\\") else value

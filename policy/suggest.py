"""From one command that was approved to the class that a person may want to approve.

The exact command comes first, then wider patterns: words that are free by their nature (text,
numbers) become typed holes, then the last operand, then all of them. Program, subcommand and
options stay. Each is shown by commands that it newly admits and by one that it doesn't, and none
is offered that admits a command which is high.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from policy.decision import Context, Judged, Tier
from policy.engine import Engine
from policy.frozen import frozen
from policy.globs import escape, literal, unescape
from policy.harmless import Finding, Harm, examine
from policy.holes import Hole, HoleError, HoleKind, Part
from policy.languages import accepts, examples, texts, word
from policy.plan import Action
from policy.whitelist.compose import compose
from policy.whitelist.entry import Scope
from policy.whitelist.forms import Unfixed, action_form, directory_of
from policy.whitelist.notation import split
from policy.whitelist.pattern import Form, Pattern, Piece
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.writer import write

Parts = tuple[Part, ...]

SHOWN = 3  # commands that a pattern newly admits

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_REDIRECT = re.compile(r"redirect [^& ]*[<>]")
_VALUES = ("value", "attached")  # of an option
_NUMBERED = re.compile(r"(?P<before>[A-Za-z_][A-Za-z0-9_.-]*[A-Za-z_.-])[0-9]+")
_FREE_ROLES = ("operand", "value", "attached", "number", "string")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Suggestion:
    """A pattern that may be approved.

    `tier` is the highest that a command of it can reach, `admits` are commands that the one
    before doesn't admit, `near_miss` is one that this doesn't (None: none was found).
    """

    pattern: Pattern
    scope: Scope
    tier: Tier
    ttl: timedelta | None
    admits: tuple[str, ...]
    near_miss: str | None


@frozen
class Offer:
    """What may be approved for one action of a command; `why_not` where nothing may."""

    action: Action
    judged: Judged
    suggestions: tuple[Suggestion, ...] = ()
    why_not: str | None = None


def suggest(
    text: str, engine: Engine, context: Context | None = None, language: str = "shell"
) -> tuple[Offer, ...]:
    """For each action of the text that isn't allowed by itself: the patterns for it."""
    context = context or Context()
    plan = engine.plan(text, language)
    decision = engine.decide(text, context, language)
    pairs = zip(plan.actions, decision.actions, strict=False)
    return tuple(
        _offer(action, judged, engine, context)
        for action, judged in pairs
        if judged.tier is not Tier.LOW
    )


def scope_of(context: Context) -> Scope:
    """The narrowest scope that the context is in."""
    return Scope(
        agents=_one(context.agent),
        targets=_one(context.target),
        environments=_one(context.environment),
        cwd=_one(context.cwd),
    )


def exact(action: Action, engine: Engine) -> Pattern:
    """The pattern of just this action. Raises `PatternError` where there is none."""
    return write(_form(action, engine))


def narrower(pattern: Pattern, engine: Engine, scope: Scope) -> Pattern | None:
    """A pattern with the same holes, of narrower types, that was proved harmless; or None."""
    try:
        parts = split(pattern.command, pattern.language)
    except HoleError:
        return None
    wide = [
        at
        for at, part in enumerate(parts)
        if isinstance(part, Hole) and part.kind in (HoleKind.WORD, HoleKind.TEXT)
    ]
    for chosen in (*([at] for at in reversed(wide)), wide):
        tried = list(parts)
        for at in chosen:
            hole = tried[at]
            assert isinstance(hole, Hole)  # noqa: S101  # as `wide` says
            tried[at] = replace(hole, kind=HoleKind.NAME)
        text = "".join(map(str, tried))
        candidate = replace(pattern, command=text)
        try:
            if examine(candidate, engine.rules, scope, engine.limits).harm is Harm.NONE:
                return candidate
        except PatternError:
            continue
    return None


def _one(value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (escape(value),)


def _offer(action: Action, judged: Judged, engine: Engine, context: Context) -> Offer:
    if judged.tier is Tier.HIGH:
        return Offer(action, judged, why_not="it is high, and high is never whitelisted")
    if judged.entry is None and judged.ttl is None:
        return Offer(action, judged, why_not="a rule says that it may not be whitelisted")
    try:
        form = _form(action, engine)
    except PatternError as error:
        return Offer(action, judged, why_not=error.message)
    scope = scope_of(context)
    directory = directory_of(action, context.cwd)
    offered: list[Suggestion] = []
    before: Form | None = None
    for candidate in _ladder(form):
        made = _suggestion(candidate, before, form, engine, scope, judged, directory)
        if made is not None and all(made.pattern != one.pattern for one in offered):
            offered.append(made)
            before = candidate
    return Offer(action, judged, tuple(offered))


def _form(action: Action, engine: Engine) -> Form:
    """The action's form, if a pattern can say it."""
    whole = (0, 0)
    try:
        form = action_form(action)
    except Unfixed as unfixed:
        raise PatternError(f"no pattern admits this: {unfixed}", whole) from None
    if read_pattern(write(form), engine.rules, engine.limits).form != form:
        raise PatternError("no pattern can say this", whole)
    return form


def _suggestion(
    form: Form,
    before: Form | None,
    least: Form,
    engine: Engine,
    scope: Scope,
    judged: Judged,
    directory: str | None,
) -> Suggestion | None:
    if not form.admits(least, directory):
        return None
    pattern = write(form)
    try:
        if read_pattern(pattern, engine.rules, engine.limits).form != form:
            return None
        found = examine(pattern, engine.rules, scope, engine.limits)
    except PatternError:
        return None
    if before is not None and found.harm is not Harm.NONE:
        return None
    admits = tuple(islice(_shown(form, before or None, least, directory), SHOWN))
    return Suggestion(
        pattern,
        scope,
        _tier(found, judged),
        judged.ttl,
        admits,
        next(_misses(form, directory), None),
    )


def _tier(found: Finding, judged: Judged) -> Tier:
    return max(judged.tier, found.tier) if found.harm is Harm.NONE else judged.tier


def samples(pattern: Pattern, engine: Engine, scope: Scope) -> tuple[tuple[str, ...], str | None]:
    """Some commands that the pattern admits, and one that is close and none of it, or None.

    Raises `PatternError`.
    """
    form = read_pattern(pattern, engine.rules, engine.limits).form
    directory = scope.cwd[0] if scope.cwd and literal(scope.cwd[0]) else None
    places = any(piece.text is None for piece in form.pieces)
    tails = [()] if form.rest is None else [tuple(_values(form.rest)[:n]) for n in (1, 2, 0)]
    members = (
        Form(one.language, (*one.pieces, *(Piece("operand", (text,)) for text in tail)))
        for tail in tails
        for one in (*_members(form), *(() if places else (form,)))
    )
    texts_ = (_text(one) for one in members if form.admits(one, directory))
    shown = islice(dict.fromkeys(text for text in texts_ if text is not None), SHOWN)
    return tuple(shown), next(_misses(form, directory), None)


# Wider -------------------------------------------------------------------------------------


def _ladder(form: Form) -> Iterator[Form]:
    """The form, then wider ones."""
    yield form
    names: set[str] = set()
    free: dict[int, Parts] = {}
    words: dict[int, Sequence[Parts]] = {}
    for index, piece in enumerate(form.pieces):
        role, text = piece.role, piece.text
        if not text or not (role in _FREE_ROLES or _REDIRECT.fullmatch(role)):
            continue
        option = form.pieces[index - 1].text if role in _VALUES else None
        natural = _natural(role, text, option, names)
        if natural is not None:
            free[index] = natural
        elif role not in _VALUES and (wider := _wider(text, names)):
            words[index] = wider
    numbers = {index: parts for index, parts in free.items() if _is_number(parts)}
    if numbers and len(numbers) < len(free):
        yield _with(form, numbers)
    if free:
        yield _with(form, free)
    last = max(words, default=-1)
    for choice in words.get(last, ()):
        yield _with(form, {**free, last: choice})
    if len(words) > 1:
        for nth in (0, -1):
            yield _with(form, {**free, **{index: some[nth] for index, some in words.items()}})


def _with(form: Form, parts: Mapping[int, Parts]) -> Form:
    pieces = [
        Piece(piece.role, parts[index]) if index in parts else piece
        for index, piece in enumerate(form.pieces)
    ]
    return Form(form.language, tuple(pieces), form.rest)


def _is_number(parts: Parts) -> bool:
    return isinstance(parts[0], Hole) and parts[0].kind is HoleKind.INT


def _natural(role: str, text: str, option: str | None, names: set[str]) -> Parts | None:
    """A hole for a word that is free by its nature: a number, or text."""
    if text[:1] in {"-", "\0"} or "://" in text:
        return None
    if text.isascii() and text.isdigit():
        return (Hole(_called(option, "n", names), HoleKind.INT),)
    if role == "string":
        return (Hole(_called(option, "value", names), HoleKind.TEXT),)
    if role != "number" and any(character.isspace() for character in text):
        return (Hole(_called(option, "text", names), HoleKind.TEXT),)
    return None


def _wider(text: str, names: set[str]) -> Sequence[Parts]:
    """What else a word may stand for, the narrower first."""
    if text[:1] in {"-", "\0"} or "://" in text:
        return ()
    directory, slash, name = text.rpartition("/")
    if slash and (directory[:1] in {"", "."} or "." in name):
        return [(hole,) for hole in _paths(text, names)]
    if _NAME.fullmatch(text) is None:
        return ()
    found: list[Parts] = []
    numbered = _NUMBERED.fullmatch(text)
    if numbered is not None:
        found.append((numbered["before"], Hole(_called(None, "n", names), HoleKind.INT)))
    hole = Hole(_called(None, "name", names), HoleKind.NAME)
    found.append((directory + slash, hole) if slash else (hole,))
    return found


def _called(option: str | None, otherwise: str, names: set[str]) -> str:
    """A name for a hole: that of the option, if it has a long one; each once."""
    long = (option or "").strip("-=").replace(".", "-")
    base = long if len(long) > 1 and _NAME.fullmatch(long) and not long[0].isdigit() else otherwise
    base = base.replace("/", "-")
    name, number = base, 1
    while name in names:
        number += 1
        name = f"{base}{number}"
    names.add(name)
    return name


def _paths(text: str, names: set[str]) -> Iterator[Hole]:
    """Files of the same directory and kind, then of the same kind anywhere below."""
    directory, _, name = text.removeprefix("./").rpartition("/")
    if ".." in directory.split("/"):
        return
    _, dot, suffix = name.rpartition(".")
    kind = f"*.{escape(suffix)}" if dot and name[0] != "." and suffix else "*"
    called = _called(None, "path", names)
    place = f"{escape(directory)}/" if directory or text[:1] == "/" else ""
    yield Hole(called, HoleKind.PATH, (place + kind,))
    if directory:
        yield Hole(called, HoleKind.PATH, (f"{place}**/{kind}",))


# Shown -------------------------------------------------------------------------------------


def _shown(form: Form, before: Form | None, least: Form, directory: str | None) -> Iterator[str]:
    """Commands of the form that are none of the form before; of the first one, itself."""
    if before is None:
        text = _text(form)
        if text is not None:
            yield text
        return
    seen: set[str] = set()
    for filled in _members(form):
        if before.admits(filled, directory) or filled == least:
            continue
        if not form.admits(filled, directory):
            continue
        text = _text(filled)
        if text is not None and text not in seen:
            seen.add(text)
            yield text


def _members(form: Form) -> Iterator[Form]:
    places = [index for index, piece in enumerate(form.pieces) if piece.text is None]
    choices = {index: _values(form.pieces[index]) for index in places}
    number = max((len(some) for some in choices.values()), default=0)
    for step in range(number):
        yield _with(
            form, {index: (some[step % len(some)],) for index, some in choices.items() if some}
        )


def _values(piece: Piece) -> Sequence[str]:
    finite = texts(piece.parts)
    if finite is not None:
        return finite
    admitted = word(piece.parts)
    *before, last = piece.parts
    more: list[str] = []
    if isinstance(last, Hole) and all(isinstance(one, str) for one in before):
        start = "".join(one for one in before if isinstance(one, str))
        more = [start + one for one in _MORE.get(last.kind, ())]
    found = [*more, *_paths_like(piece.parts[0]), *examples(piece.parts)]
    return [one for one in dict.fromkeys(found) if accepts(admitted, one)]


def _paths_like(part: Part) -> Iterator[str]:
    if isinstance(part, Hole) and part.kind is HoleKind.PATH:
        for glob in part.arguments:
            for name in ("a", "b", "c"):
                yield unescape(glob.replace("**/", "").replace("**", name).replace("*", name))
                yield unescape(glob.replace("**", "x").replace("*", name))


_MORE = {
    HoleKind.NAME: ("api", "web-2", "x/y", "v1.2"),
    HoleKind.WORD: ("api", "web-2", "x=y"),
    HoleKind.TEXT: ("some text", "api", "it's 10 %"),
    HoleKind.INT: ("7", "12", "443"),
}


def _misses(form: Form, directory: str | None) -> Iterator[str]:
    """Commands that are close to the form and none of it."""
    usual = next(_members(form), form)
    for index in reversed(range(len(form.pieces))):
        piece = form.pieces[index]
        if piece.role not in _FREE_ROLES and not piece.role.startswith("set "):
            continue
        for value in _outside(piece):
            missed = _with(usual, {index: (value,)})
            text = _text(missed)
            if text is not None and not form.admits(missed, directory):
                yield text
    more = Form(form.language, (*usual.pieces, Piece("option", ("--force",))))
    runs = any(piece.role == "program" for piece in form.pieces)
    text = _text(more) if runs else None
    if text is not None:
        yield text


def _outside(piece: Piece) -> Iterator[str]:
    part = piece.parts[-1] if piece.parts else ""
    start = "".join(one for one in piece.parts[:-1] if isinstance(one, str))
    if isinstance(part, str):
        if piece.text and piece.role == "number":
            yield f"{piece.text}0"
        elif piece.text and (_NAME.fullmatch(piece.text) or piece.role.startswith("set ")):
            yield f"{piece.text}-2"
        return
    match part.kind:
        case HoleKind.PATH:
            directory, _, name = unescape(part.arguments[0]).replace("**/", "").rpartition("/")
            yield f"{directory}-old/{name.replace('*', 'a')}" if directory else "/etc/a"
        case HoleKind.INT:
            yield f"{start}1k"
        case HoleKind.NAME:
            yield f"{start}a:b"
        case _:
            yield ""


def _text(form: Form) -> str | None:
    pattern = write(form)
    composed = compose(pattern)
    return composed[0] if composed is not None else pattern.command

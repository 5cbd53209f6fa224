"""From one command that was approved to the class that a person may want to approve.

The exact command comes first, then wider patterns: words that are free by their nature (text,
numbers) become typed holes, then the last operand, then all of them. Program, subcommand and
options stay. Each is shown by commands that it newly admits and by one that it doesn't, and none
is offered that admits a command which is high.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from policy.decision import Context, Judged, Tier
from policy.engine import Engine
from policy.frozen import frozen
from policy.globs import escape, literal
from policy.harmless import Finding, Harm, examine
from policy.holes import Hole, HoleError, HoleKind
from policy.plan import Action
from policy.samples import members, near_misses, newly_admitted, text_of, words_of
from policy.whitelist.entry import Scope
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import Unfixed, action_form, directory_of
from policy.whitelist.notation import split
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.writer import write
from policy.wider import wider_forms

SHOWN = 3  # commands that a pattern newly admits

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


def _where(action: Action, context: Context) -> Scope:
    """The narrowest scope that the action is in, which may work in another directory than the
    caller's; in any, where nothing tells it.
    """
    scope = scope_of(context)
    if action.directory is None and not action.elsewhere:
        return scope
    places = dict.fromkeys((action.directory, *action.elsewhere))
    found = [directory_of(replace(action, directory=one), context.cwd) for one in places]
    known = tuple(sorted(escape(one) for one in found if one is not None))
    return replace(scope, cwd=known if len(known) == len(found) else ())


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
    scope = _where(action, context)
    directory = directory_of(action, context.cwd)
    offered: list[Suggestion] = []
    before: Form | None = None
    for candidate in wider_forms(form):
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
    admits = tuple(islice(newly_admitted(form, before or None, least, directory), SHOWN))
    return Suggestion(
        pattern,
        scope,
        _tier(found, judged),
        judged.ttl,
        admits,
        next(near_misses(form, directory), None),
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
    tails = [()] if form.rest is None else [tuple(words_of(form.rest)[:n]) for n in (1, 2, 0)]
    filled = (
        Form(one.language, (*one.pieces, *(Piece("operand", (text,)) for text in tail)))
        for tail in tails
        for one in (*members(form), *(() if places else (form,)))
    )
    texts_ = (text_of(one) for one in filled if form.admits(one, directory))
    shown = islice(dict.fromkeys(text for text in texts_ if text is not None), SHOWN)
    return tuple(shown), next(near_misses(form, directory), None)

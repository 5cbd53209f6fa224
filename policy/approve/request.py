"""An approval: a pattern and what a person says of it become an entry, or are refused.

Nothing is approved that was not proved harmless: the entry's every command is at most medium
under today's rules, enough people approved, and it lives no longer than its rules allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice
from shlex import quote
from typing import assert_never

from policy.approve.terms import Terms, cited, terms_of
from policy.decision import Tier
from policy.engine import Engine
from policy.frozen import frozen
from policy.globs import escape, literal, unescape
from policy.harmless import Finding, Harm, examine
from policy.holes import Hole, HoleKind
from policy.languages import examples
from policy.plan import Action
from policy.suggest import narrower
from policy.times import duration, duration_code, instant, later
from policy.whitelist.checks import entry_faults
from policy.whitelist.entry import ANYWHERE, Approval, Entry, Scope
from policy.whitelist.form import Form
from policy.whitelist.forms import directory_of
from policy.whitelist.notation import holes_of, quoted_holes, split
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_actions, read_pattern
from policy.whitelist.writer import write

_TRIED = 2  # words in the place of a hole


@frozen
class Request:
    """What a person says who approves.

    `at` is now (UTC, whole seconds). `until` is when the entry ends, or how long it lives, None
    for as long as the rules allow; `latest` is when it ends at the latest. `permanent` says
    that it doesn't end. `tier` is the tier that is approved, None for the one of today.
    """

    by: tuple[str, ...]
    at: datetime
    scope: Scope = ANYWHERE
    reason: str = ""
    note: str = ""
    until: datetime | timedelta | None = None
    latest: datetime | None = None
    permanent: bool = False
    tier: Tier | None = None


class Why(Enum):
    """Why something isn't approved. The values are a part of what programs read."""

    HIGH = "high"  # the command is high
    HARMFUL = "harmful"  # the pattern admits one that is
    UNDECIDED = "undecided"  # whether it does isn't known
    DENIED = "denied"  # a rule denies it
    NEVER = "never-whitelisted"  # a rule says that nobody may
    TIER = "tier"  # it is above the tier that is approved
    PEOPLE = "people"  # more people must approve
    PERMANENT = "permanent"  # what is medium ends
    TIME = "time"  # it would live longer than its rules allow, or is over
    INVALID = "invalid"  # a value that no entry may have


@frozen
class Refusal:
    """Why a pattern isn't approved, and what to do; `finding` where a proof failed.

    `proposal` is a narrower pattern that was proved harmless.
    """

    pattern: Pattern
    why: Why
    message: str
    help: str = ""
    finding: Finding | None = None
    proposal: Pattern | None = None


class Refused(Exception):
    """Something can't be approved, and so nothing was done."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(refusals)
        self.refusals = refusals


# From text to patterns ---------------------------------------------------------------------


@frozen
class Asked:
    """One action of a text as a pattern, and the scope in which the text runs it."""

    pattern: Pattern
    scope: Scope


def patterns_of(
    text: str,
    engine: Engine,
    language: str = "shell",
    via: tuple[str, ...] = (),
    scope: Scope = ANYWHERE,
) -> tuple[Asked, ...]:
    """All that the text runs, each in its canonical spelling, once.

    `via` are steps to all of them, outermost first. Where the text itself changes the directory
    (`cd /srv && make`), that is the scope's. Raises `PatternError`.
    """
    if language != "shell" or via:
        return (Asked(canonical(Pattern(text, language, via), engine), scope),)
    quoted = quoted_holes(text)
    try:
        readings = read_actions(text, engine.rules, engine.limits)
    except PatternError as error:
        if not quoted or error.help:
            raise
        raise PatternError(error.message, error.span, _STEPS) from None
    if not readings:
        raise PatternError("a pattern that runs nothing", (0, len(text)))
    for start, end in quoted:
        if any(_in_code(text[start:end], one.form) for one in readings):
            message = f"`{text[start:end]}` stands in quotes, and is no hole there"
            raise PatternError(message, (start, end), _STEPS)
    asked = (Asked(write(one.form), scope_within(scope, one.action)) for one in readings)
    return tuple(dict.fromkeys(asked))


_STEPS = (
    "give what runs it with --via, and the command by itself: "
    "'docker restart {s}' --via \"ssh db '{}'\""
)


def _in_code(text: str, form: Form) -> bool:
    """Whether the text is a part of a command that stands in the text of another."""
    code = any(piece.role == "via runs" and piece.text != "{}" for piece in form.pieces)
    own = [piece for piece in form.pieces if not piece.role.startswith("via")]
    return code and any(text in (piece.text or "") for piece in own)


def scope_within(scope: Scope, action: Action) -> Scope:
    """The scope, in the directory to which the text of the action changed, if it did.

    Raises `PatternError` where that is relative to a directory that the scope leaves open.
    """
    if action.directory is None:
        return scope
    literals = [unescape(glob) for glob in scope.cwd if literal(glob)]
    cwd = literals[0] if len(scope.cwd) == len(literals) == 1 else None
    directory = directory_of(action, cwd)
    if directory is None:
        what = f"it runs in `{action.directory.text}`, below a directory that isn't known"
        raise PatternError(what, action.span, "give --cwd, the directory in which it all begins")
    return replace(scope, cwd=(escape(directory),))


def canonical(pattern: Pattern, engine: Engine) -> Pattern:
    """The one spelling of patterns that mean the same. Raises `PatternError`."""
    form = read_pattern(pattern, engine.rules, engine.limits).form
    spelled = write(form)
    if read_pattern(spelled, engine.rules, engine.limits).form != form:
        return pattern
    return spelled


# Approving ---------------------------------------------------------------------------------


def approve(pattern: Pattern, request: Request, engine: Engine) -> Entry | Refusal:
    """The entry of a pattern, or why there is none. Raises `PatternError` for no pattern."""
    finding = examine(pattern, engine.rules, request.scope, engine.limits)
    harm = harmful(pattern, finding, request.scope, engine)
    if harm is not None:
        return harm
    action = read_pattern(pattern, engine.rules, engine.limits).action
    terms = terms_of(action, engine.rules, request.scope)
    tier = max(terms.tier, request.tier or Tier.LOW)
    refusal = next(_refusals(pattern, request, terms, tier), None)
    if refusal is not None:
        return refusal
    entry = Entry(
        pattern,
        tier,
        Approval(tuple(sorted(request.by)), request.at, request.reason),
        end_of(request, terms, tier),
        request.scope,
        tier.clip(terms.score),
        cited(engine.rules, terms.rule),
        request.note,
    )
    fault = next(entry_faults(entry), None)
    if fault is not None:
        help_ = "; ".join(one for one in (fault.label, fault.hint) if one)
        return Refusal(pattern, Why.INVALID, fault.message, help_)
    return entry


def harmful(pattern: Pattern, finding: Finding, scope: Scope, engine: Engine) -> Refusal | None:
    """The refusal of a pattern whose harmlessness wasn't proved; None where it was."""
    match finding.harm:
        case Harm.NONE:
            return None
        case Harm.FOUND:
            if not _has_holes(pattern):
                message = "the command is high, and high is never whitelisted"
                help_ = "a person decides about it each time"
                return Refusal(pattern, Why.HIGH, message, help_, finding)
            message = "the pattern admits a command that is high"
        case Harm.UNKNOWN:
            if not _has_holes(pattern):
                message = "whether the command is high in all of the scope can't be decided"
                help_ = "say where it may run: --environment, --target, --agent, --cwd"
                return Refusal(pattern, Why.UNDECIDED, message, help_, finding)
            message = "whether a command of the pattern is high can't be decided"
        case _:
            assert_never(finding.harm)
    why = Why.HARMFUL if finding.harm is Harm.FOUND else Why.UNDECIDED
    proposal = narrower(pattern, engine, scope)
    help_ = "" if proposal is not None else _narrow(pattern, scope, engine)
    return Refusal(pattern, why, message, help_, finding, proposal)


def _has_holes(pattern: Pattern) -> bool:
    texts = ((pattern.command, pattern.language), *((step, "shell") for step in pattern.via))
    return any(not isinstance(part, str) for one in texts for part in split(*one))


def _narrow(pattern: Pattern, scope: Scope, engine: Engine) -> str:
    """Which hole to make narrower, and how."""
    holes = [hole for _, _, hole in holes_of(pattern.command, pattern.language)]
    if not holes:
        return "write out what the holes of `via` stand for"
    hole = next((one for one in reversed(holes) if _decides(one, pattern, scope, engine)), None)
    if hole is None:
        wide = [one for one in holes if one.kind in {HoleKind.WORD, HoleKind.TEXT}] or holes
        hole = wide[-1]
    words = ("name", "one of a b", "path /srv/app/*.txt", "like release-*", "int")
    kinds = [kind for kind in words if kind != hole.kind.value]
    typed = [f"`{{{hole.name}{'...' if hole.rest else ''}:{kind}}}`" for kind in kinds]
    return f"say more about `{_braced(hole)}`: {', '.join(typed[:-1])} or {typed[-1]}"


def _decides(hole: Hole, pattern: Pattern, scope: Scope, engine: Engine) -> bool:
    """Whether the pattern is harmless with some one word in the place of the hole."""
    if hole.rest or pattern.language != "shell":
        return False
    parts = split(pattern.command, pattern.language)
    for word in islice(examples((hole,)), _TRIED):
        text = "".join(quote(word) if one == hole else str(one) for one in parts)
        try:
            found = examine(replace(pattern, command=text), engine.rules, scope, engine.limits)
        except PatternError:
            continue
        if found.harm is Harm.NONE:
            return True
    return False


def _braced(hole: Hole) -> str:
    return str(replace(hole, kind=HoleKind.WORD, arguments=()))


# What the rules ask ------------------------------------------------------------------------


def _refusals(pattern: Pattern, request: Request, terms: Terms, tier: Tier) -> Iterator[Refusal]:
    if terms.denied:
        yield Refusal(pattern, Why.DENIED, f"a rule denies it: {_decided(terms)}")
    if terms.tier is Tier.MEDIUM and terms.ttl is None:
        message = f"a rule says that it may not be whitelisted: {_decided(terms)}"
        yield Refusal(pattern, Why.NEVER, message, "a person decides about it each time")
    if request.tier is not None and request.tier < terms.tier:
        message = f"{request.tier} is to be approved, and it is {terms.tier}: {_decided(terms)}"
        yield Refusal(pattern, Why.TIER, message, f"approve it as {terms.tier}")
    people = len(set(request.by))
    if people < terms.approvals:
        given = f"{people} is given" if people == 1 else f"{people} are given"
        message = f"{terms.approvals} people must approve it, and {given}: {_decided(terms)}"
        yield Refusal(pattern, Why.PEOPLE, message, "name each of them with --by")
    if request.permanent and tier is not Tier.LOW:
        message = f"it is {tier}, and only what is low may be permanent"
        help_ = f"leave --permanent out: it then lives for {duration(terms.remembered)}"
        yield Refusal(pattern, Why.PERMANENT, message, help_)
    yield from _time(pattern, request, terms, tier)


def _decided(terms: Terms) -> str:
    reason = terms.judged.reasons[0]
    return f"{reason.message} ({reason.rule})"


def _time(pattern: Pattern, request: Request, terms: Terms, tier: Tier) -> Iterator[Refusal]:
    end = end_of(request, terms, tier)
    if end is None:
        return
    if end <= request.at:
        message = f"it would be over at {instant(end)}, before it begins"
        yield Refusal(pattern, Why.TIME, message, "give a later end")
    elif tier is not Tier.LOW and end - request.at > terms.remembered:
        longest = terms.remembered
        rule = terms.shortens
        told = _decided(terms) if rule is None else f"{rule.message} ({rule.name})"
        message = f"an approval of it lives for at most {duration(longest)}: {told}"
        latest = instant(later(request.at, longest))
        help_ = f"give --ttl {duration_code(longest)}, or --expires {latest} at the latest"
        yield Refusal(pattern, Why.TIME, message, help_)


def end_of(request: Request, terms: Terms, tier: Tier) -> datetime | None:
    """When the entry ends; None: it doesn't."""
    if isinstance(request.until, datetime):
        end: datetime | None = request.until
    elif request.until is not None:
        end = later(request.at, request.until)
    elif tier is Tier.LOW:
        end = None
    else:
        end = later(request.at, terms.remembered)
    if request.latest is None:
        return end
    return request.latest if end is None else min(end, request.latest)

"""Is a pattern harmless? No command that it admits may be high under a set of rules.

The proof is the judge's own evaluation of conditions, with words that may be anything their
holes admit: where no high rule can possibly hold, none does. Where one can, a command that makes
it hold is looked for among words that the rule itself names; one that is found was judged like
any command. Where neither succeeds the answer is that it isn't known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from itertools import chain, islice, product

from policy.cells import Steps, Undecided, some_text
from policy.conditions import Subject, evaluate
from policy.decision import Context, Judged, Tier
from policy.frozen import frozen
from policy.globs import Mode, automaton, escape, literal
from policy.holes import Hole, HoleKind, Part, bounds, language, plain_path
from policy.judge import base_placement, candidates, judge_action, programs_of
from policy.languages import Meet, accepts, examples, shown, texts, word
from policy.match import Reach, reach, when_truth
from policy.parse.shell import read_shell
from policy.paths import normalise
from policy.plan import Action, Limits, dynamic, holed
from policy.ruleset import (
    AllOf,
    AnyOf,
    Condition,
    ContextIs,
    HasArgument,
    HasOption,
    Not,
    Paths,
    Patterns,
    Rule,
    RuleSet,
    Url,
)
from policy.truth import Truth
from policy.whitelist.compose import compose
from policy.whitelist.entry import ANYWHERE, Scope
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import Unfixed, action_form
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, PatternReading, read_pattern
from policy.whitelist.writer import write

_CONTEXTS = 64  # contexts of a scope that are told one by one
_REPLAYS = 1_500  # commands that are judged in search of one that is high
_VALUES = 24  # words that are tried in one place
_STEPS = 20_000  # of one search for a word
_EFFORT = 4_000  # words that are searched for or tried in all places together
_LARGE = 50  # states of a hole's automaton with which a word costs twice as much
_OPEN = "**"  # a glob for any fact; of the directory it is no path, so that is left open
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FACTS = ("agent", "target", "environment", "cwd", "user")


class Harm(Enum):
    """What is known about the commands that a pattern admits."""

    NONE = "none"  # proved: none of them is high
    FOUND = "found"  # one is: the witness
    UNKNOWN = "unknown"  # neither was shown


@frozen
class Witness:
    """A command that the pattern admits, in a context of its scope, and what it was judged.

    `text` and `language` are what an agent would send; None where the command is reached
    through a construct that isn't written out.
    """

    pattern: Pattern
    context: Context
    judged: Judged
    text: str | None
    language: str


@frozen
class Finding:
    """The answer. `tier` is the highest that a command was proved or found to reach; `suspects`
    are the high rules that may hold.
    """

    harm: Harm
    tier: Tier
    witness: Witness | None = None
    suspects: tuple[str, ...] = ()


def examine(
    pattern: Pattern,
    rules: RuleSet,
    scope: Scope = ANYWHERE,
    limits: Limits | None = None,
) -> Finding:
    """Whether some command that the pattern admits in the scope is high.

    A scope that doesn't say in which directory leaves relative paths where the rules take them
    to be when nothing is known. Raises `PatternError` for what is no pattern.
    """
    limits = limits or Limits()
    reading = read_pattern(pattern, rules, limits)
    contexts = tuple(_contexts(scope))
    suspects = [one for context in contexts for one in _suspects(reading.action, rules, context)]
    if not suspects:
        tiers = (_tier(reading.action, rules, context) for context in contexts)
        return Finding(Harm.NONE, max(tiers))
    names = tuple(dict.fromkeys(_name(one) for one in suspects))
    found = _search(reading, rules, scope, contexts, [one for one in suspects if one], limits)
    if found is not None:
        return Finding(Harm.FOUND, Tier.HIGH, found, names)
    if _harmless_each(reading, rules, contexts, limits):
        return Finding(Harm.NONE, max(_tier(reading.action, rules, one) for one in contexts))
    return Finding(Harm.UNKNOWN, Tier.HIGH, suspects=names)


# What may hold -----------------------------------------------------------------------------


def _suspects(action: Action, rules: RuleSet, context: Context) -> Iterator[Rule | None]:
    """High rules that may hold for some value; None for a default that is high."""
    subject = Subject(_placed(action, context), rules, _known(context))
    programs = programs_of(action, rules)
    placed = False
    for rule in candidates(action, rules, programs):
        found = reach(rule, action, programs)
        if found is Reach.NONE:
            continue
        if rule.tier is Tier.HIGH or rule.deny:
            truth = (
                Truth.CERTAIN if rule.when is None else evaluate(rule.when, subject, strict=True)
            )
            if truth is not Truth.NO:
                yield rule
        elif found is Reach.OWN and _certain(rule, subject):
            placed = True
    if not placed and base_placement(action, rules).tier is Tier.HIGH:
        yield None


def _certain(rule: Rule, subject: Subject) -> bool:
    """Whether the rule matches whatever the holes are, and the facts that the scope leaves open."""
    if when_truth(rule, subject) is not Truth.CERTAIN:
        return False
    return rule.when is None or evaluate(rule.when, subject, strict=True) is Truth.CERTAIN


def _name(rule: Rule | None) -> str:
    return "a default" if rule is None else rule.name


def _tier(action: Action, rules: RuleSet, context: Context) -> Tier:
    """The highest tier that values of the holes may give, where that isn't high."""
    judged = judge_action(_placed(action, context), "", rules, None, _known(context), now=_EPOCH)
    return min(judged.tier, Tier.MEDIUM)


def _placed(action: Action, context: Context) -> Action:
    """The action in the directory of the scope, where that is a glob."""
    cwd, where = context.cwd, action.directory
    if cwd is None or literal(cwd):
        return action
    if where is None:
        below: tuple[str, ...] = (".",)
    elif where.parts:
        below = bounds(where.parts)
    else:
        path = normalise(where.text)
        below = ("~",) if where.home else (escape(path),) if plain_path(path) else ()
    if below and all(one.startswith(("/", "~", "\0")) for one in below):
        return action  # wherever the caller is
    if not below or not cwd.startswith(("/", "~/")):
        return replace(action, directory=dynamic(cwd, many=False))
    globs = tuple(cwd if one == "." else f"{cwd}/{one}" for one in below)
    return replace(action, directory=holed((Hole("cwd", HoleKind.PATH, globs),), cwd))


def situations(action: Action, scope: Scope) -> Iterator[tuple[Action, Context]]:
    """The action in contexts that together cover the scope; facts that are globs are left open."""
    for context in _contexts(scope):
        yield _placed(action, context), _known(context)


def _known(context: Context) -> Context:
    """The context with facts that are globs left open."""
    facts = {name: getattr(context, name) for name in _FACTS}
    return _made({name: one for name, one in facts.items() if one and literal(one)})


def _made(facts: Mapping[str, str | None]) -> Context:
    agent, target, environment, cwd, user = map(facts.get, _FACTS)
    return Context(agent, target, environment, cwd, user)


def _contexts(scope: Scope) -> Iterator[Context]:
    """Contexts whose facts are names or globs, and which cover the scope."""
    sides = [
        facts or (None,) for facts in (scope.agents, scope.targets, scope.environments, scope.cwd)
    ]
    number = 1
    for side in sides:
        number *= len(side)
    if number > _CONTEXTS:
        sides = [side if len(side) == 1 else (_OPEN,) for side in sides]
    for agent, target, environment, cwd in product(*sides):
        yield Context(agent, target, environment, cwd)


# The search for a command that is high ------------------------------------------------------


def _search(
    reading: PatternReading,
    rules: RuleSet,
    scope: Scope,
    contexts: Sequence[Context],
    suspects: Sequence[Rule],
    limits: Limits,
) -> Witness | None:
    suspects = list({rule.name: rule for rule in suspects}.values())
    form = reading.form
    # Lazily: of many holes there are more commands than anybody can count.
    forms = chain(_examples(form, suspects, rules, limits), _forms(form, suspects))
    within = list(_concrete_contexts(scope, contexts, suspects))
    tries = ((form, context) for form in forms for context in within)
    for form, context in islice(tries, _REPLAYS):
        witness = _replayed(form, context, reading, rules, limits)
        if witness is not None:
            return witness
    return None


def _examples(
    form: Form, suspects: Sequence[Rule], rules: RuleSet, limits: Limits
) -> Iterator[Form]:
    """What the rules' own examples run, where the form admits it: the most telling commands."""
    for rule in suspects:
        for example in rule.examples:
            if not example.matches or example.language != "shell":
                continue
            for action in read_shell(example.text, rules, limits):
                try:
                    found = action_form(action)
                except Unfixed:
                    continue
                if form.admits(found):
                    yield found


def _replayed(
    form: Form, context: Context, reading: PatternReading, rules: RuleSet, limits: Limits
) -> Witness | None:
    """The command that `form` is, if the pattern admits it and it is judged high."""
    directory = context.cwd if context.cwd and context.cwd.startswith("/") else None
    if not reading.form.admits(form, directory):
        return None
    pattern = write(form)
    try:
        action = read_pattern(pattern, rules, limits)
    except PatternError:
        return None
    if action.form != form:
        return None
    judged = judge_action(action.action, pattern.command, rules, None, context, now=_EPOCH)
    if judged.tier is not Tier.HIGH:
        return None
    composed = compose(pattern)
    text, language = composed if composed is not None else (None, pattern.language)
    return Witness(pattern, context, judged, text, language)


def _forms(form: Form, suspects: Sequence[Rule]) -> Iterator[Form]:
    """Concrete forms: first the ordinary ones, then with one word changed, then with more."""
    places = [index for index, piece in enumerate(form.pieces) if piece.text is None]
    effort = Steps(_EFFORT)
    choices = {index: _values(form.pieces[index], suspects, effort) for index in places}
    rest = [] if form.rest is None else _values(form.rest, suspects, effort)
    if any(not some for some in choices.values()):
        return
    usual = {index: some[0] for index, some in choices.items()}
    tails: list[tuple[str, ...]] = [(), *((one,) for one in rest)]
    if len(rest) > 1:
        tails += [(rest[0], one) for one in rest[1:]]
    for tail in tails:
        yield _filled(form, usual, tail)
    for index, some in choices.items():
        for value in some[1:]:
            for tail in tails[:2]:
                yield _filled(form, {**usual, index: value}, tail)
    if len(places) + bool(rest) > 1:
        for values in product(*(choices[index] for index in places)):
            for tail in tails:
                yield _filled(form, dict(zip(places, values, strict=True)), tail)


def _filled(form: Form, values: dict[int, str], tail: tuple[str, ...]) -> Form:
    pieces = [
        Piece(piece.role, (values[index],)) if index in values else piece
        for index, piece in enumerate(form.pieces)
    ]
    if form.rest is not None:
        pieces += [Piece(form.rest.role, (one,)) for one in tail]
    return Form(form.language, tuple(pieces))


def _values(piece: Piece, suspects: Sequence[Rule], effort: Steps) -> list[str]:
    """Words that the piece admits: readable ones, and what rules and their examples name, as
    long as the effort lasts.
    """
    parts = piece.parts
    finite = texts(parts)
    if finite is not None:
        return list(finite)
    admitted = word(parts)
    found: dict[str, None] = {}
    for one in examples(parts):
        if accepts(admitted, one):
            found[one] = None
    usual = len(found)
    for text in _named(parts, suspects, effort):
        if len(found) >= usual + _VALUES:
            break
        found[text] = None
    return list(found)


def _named(parts: tuple[Part, ...], suspects: Sequence[Rule], effort: Steps) -> Iterator[str]:
    """What the rules name, as far as the parts admit it. Ends where the effort is spent."""
    try:
        yield from _every_named(parts, suspects, effort)
    except Undecided:
        return


def _every_named(parts: tuple[Part, ...], suspects: Sequence[Rule], effort: Steps) -> Iterator[str]:
    admitted = word(parts)
    cost = 1 + len(language(parts).edges) // _LARGE
    for rule in suspects:
        for example in rule.examples:
            if example.matches:
                for text in example.text.replace("'", " ").replace('"', " ").split():
                    effort.spend(cost)
                    if accepts(admitted, text):
                        yield text
        for glob, mode in _globs(rule.when):
            effort.spend(cost)
            try:
                text_ = some_text(Meet(admitted, automaton(glob, mode)), Steps(_STEPS))
            except Undecided:
                continue
            if text_ is not None:
                yield text_


def _globs(condition: Condition | None) -> Iterator[tuple[str, Mode]]:
    """What a condition compares words with."""
    match condition:
        case AllOf(terms) | AnyOf(terms):
            for term in terms:
                yield from _globs(term)
        case Not(term):
            yield from _globs(term)
        case HasArgument():
            yield from ((glob, Mode.TEXT) for glob in condition.patterns.globs)
        case HasOption(value=Patterns() as value):
            yield from ((glob, Mode.TEXT) for glob in value.globs)
        case Paths(patterns=Patterns() as patterns):
            for glob in patterns.globs:
                yield from ((one, Mode.PATH) for one in _spelled(glob))
            if patterns.outside:
                yield from (("/etc/*", Mode.PATH), ("/*", Mode.PATH), ("*", Mode.PATH))
        case Paths():
            yield from (("/etc/*", Mode.PATH), ("*", Mode.PATH))
        case Url(part="host"):
            yield from ((f"https://{one}/x", Mode.TEXT) for one in condition.patterns.globs)
            if condition.patterns.outside:
                yield "https://host.example/x", Mode.TEXT
        case Url(part="path"):
            yield from ((f"*://*{one}", Mode.TEXT) for one in condition.patterns.globs)
        case Url(part="scheme"):
            yield from ((f"{one}://host.example/x", Mode.TEXT) for one in condition.patterns.globs)
        case _:
            pass


def _spelled(glob: str) -> Iterator[str]:
    """A path glob of a rule as absolute or relative paths may meet it."""
    if glob.startswith("~"):
        yield f"/root{glob[1:]}"
        yield f"/home/*{glob[1:]}"
    elif glob.startswith(("/", "**")):
        yield glob
    else:
        yield f"**/{glob}"


def _concrete_contexts(
    scope: Scope, contexts: Sequence[Context], suspects: Sequence[Rule]
) -> Iterator[Context]:
    """Contexts of the scope: plain ones, and with facts that the rules ask for."""
    asked: dict[str, list[str]] = {}
    for rule in suspects:
        for fact, glob in _asked(rule.when):
            asked.setdefault(fact, []).append(shown(glob))
    for context in contexts[:_CONTEXTS]:
        facts = {name: getattr(context, name) for name in _FACTS}
        plain = {name: None if one is None else _member(one, name) for name, one in facts.items()}
        yield _made(plain)
        for fact, values in asked.items():
            for value in dict.fromkeys(values):
                other = _made({**plain, fact: value})
                if scope.admits(other, other.cwd):
                    yield other


def _member(glob: str, fact: str) -> str:
    if literal(glob):
        return glob
    mode = Mode.SHELL if fact == "cwd" else Mode.TEXT
    try:
        return some_text(automaton(glob, mode), Steps(_STEPS)) or shown(glob)
    except Undecided:
        return shown(glob)


def _asked(condition: Condition | None) -> Iterator[tuple[str, str]]:
    match condition:
        case AllOf(terms) | AnyOf(terms):
            for term in terms:
                yield from _asked(term)
        case Not(term):
            yield from _asked(term)
        case ContextIs():
            yield from ((condition.part, glob) for glob in condition.patterns.globs)
        case _:
            pass


def _asks_context(condition: Condition | None) -> bool:
    return next(_asked(condition), None) is not None


# Patterns that admit few commands ----------------------------------------------------------


def _harmless_each(
    reading: PatternReading, rules: RuleSet, contexts: Sequence[Context], limits: Limits
) -> bool:
    """Whether the pattern admits few commands, and none of them is high in any context."""
    form = reading.form
    holes = [index for index, piece in enumerate(form.pieces) if piece.text is None]
    choices = [texts(form.pieces[index].parts) or () for index in holes]
    number = len(contexts)
    for some in choices:
        number *= len(some)
    if form.rest is not None or not 0 < number <= _REPLAYS:
        return False
    for words in product(*choices):
        concrete = _filled(form, dict(zip(holes, words, strict=True)), ())
        try:
            found = read_pattern(write(concrete), rules, limits)
        except PatternError:
            return False
        if found.form != concrete:
            return False
        if any(_exactly(found.action, rules, context) for context in contexts):
            return False
    return True


def _exactly(action: Action, rules: RuleSet, context: Context) -> bool:
    """Whether an action without holes may be high in a context whose facts may be globs.

    What of its words is only possible makes no action high: so the judge has it.
    """
    glob = context.cwd is not None and not literal(context.cwd)
    placed, known = _placed(action, context), _known(context)
    subject = Subject(placed, rules, known)
    return any(
        rule is None
        or glob
        or _asks_context(rule.when)
        or rule.when is None
        or evaluate(rule.when, subject) >= Truth.FIXED
        for rule in _suspects(action, rules, context)
        if rule is None or rule.tier is Tier.HIGH  # one that denies something less is told apart
    )

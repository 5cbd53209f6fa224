"""A command that a pattern admits and that is high: looked for among words that rules name.

The search proves nothing by failing. What it finds was read and judged like any command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice, product

from policy.cells import Steps, Undecided, some_text
from policy.decision import Context, Judged, Tier
from policy.frozen import frozen
from policy.globs import Mode, automaton, literal
from policy.holes import Part, language
from policy.judge import judge_action
from policy.languages import Meet, accepts, examples, shown, texts, word
from policy.parse.shell import read_shell
from policy.plan import Limits
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
from policy.whitelist.compose import compose
from policy.whitelist.entry import Scope
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import Unfixed, action_form
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, PatternReading, read_pattern
from policy.whitelist.writer import write

CONTEXTS = 64  # contexts of a scope that are told one by one
REPLAYS = 1_500  # commands that are judged one by one
OPEN = "**"  # a glob for any fact; of the directory it is no path, so that is left open
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # when nothing depends on the time
FACTS = ("agent", "target", "environment", "cwd", "user")
_VALUES = 24  # words that are tried in one place
_STEPS = 20_000  # of one search for a word
_EFFORT = 4_000  # words that are searched for or tried in all places together
_LARGE = 50  # states of a hole's automaton with which a word costs twice as much


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


def made(facts: Mapping[str, str | None]) -> Context:
    """The context of some facts by name."""
    agent, target, environment, cwd, user = map(facts.get, FACTS)
    return Context(agent, target, environment, cwd, user)


def search(
    reading: PatternReading,
    rules: RuleSet,
    scope: Scope,
    contexts: Sequence[Context],
    suspects: Sequence[Rule],
    limits: Limits,
) -> Witness | None:
    """A command of the pattern that is judged high where one of `suspects` may hold, or None."""
    suspects = list({rule.name: rule for rule in suspects}.values())
    form = reading.form
    # Lazily: of many holes there are more commands than anybody can count.
    forms = chain(_examples(form, suspects, rules, limits), _forms(form, suspects))
    within = list(_concrete_contexts(scope, contexts, suspects))
    tries = ((form, context) for form in forms for context in within)
    for form, context in islice(tries, REPLAYS):
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
    judged = judge_action(action.action, pattern.command, rules, None, context, now=EPOCH)
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
        yield filled(form, usual, tail)
    for index, some in choices.items():
        for value in some[1:]:
            for tail in tails[:2]:
                yield filled(form, {**usual, index: value}, tail)
    if len(places) + bool(rest) > 1:
        for values in product(*(choices[index] for index in places)):
            for tail in tails:
                yield filled(form, dict(zip(places, values, strict=True)), tail)


def filled(form: Form, values: dict[int, str], tail: tuple[str, ...]) -> Form:
    """The form with words in the places of its holes, and `tail` for the remaining operands."""
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
    for context in contexts[:CONTEXTS]:
        facts = {name: getattr(context, name) for name in FACTS}
        plain = {name: None if one is None else _member(one, name) for name, one in facts.items()}
        yield made(plain)
        for fact, values in asked.items():
            for value in dict.fromkeys(values):
                other = made({**plain, fact: value})
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


def asks_context(condition: Condition | None) -> bool:
    """Whether some part of the condition is about who asks, or where."""
    return next(_asked(condition), None) is not None

"""Checked definitions → `RuleSet`. No errors are possible here: the checks found them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import product
from typing import Literal, assert_never

from policy.decision import Tier
from policy.dsl.conditions import build_condition
from policy.dsl.definitions import Definitions, environment_in
from policy.dsl.programs import build_program, value_type
from policy.dsl.syntax import (
    AdjustItem,
    ApprovalsLine,
    DefaultLine,
    DenyLine,
    EffectsLine,
    ExampleLine,
    LooksLine,
    NeverLine,
    OnLine,
    OptionsLine,
    RuleItem,
    ScoreLine,
    SecretItem,
    Statement,
    SubcommandBlock,
    TierLine,
    TtlLine,
    UndoLine,
    WhenLine,
)
from policy.dsl.vocabulary import TIERS, is_glob
from policy.program import Program, Variable
from policy.ruleset import (
    Adjust,
    AllOf,
    Condition,
    Default,
    Example,
    On,
    Place,
    Rule,
    RuleSet,
    Secret,
)
from policy.source import Region, Source

DEFAULT_TTL = timedelta(days=7)
DENY_SCORE = 100

_ON: dict[str, Literal["command", "statement", "assignment", "opaque", "any"]] = {
    "program": "command",
    "command": "command",
    "sql": "statement",
    "assignment": "assignment",
    "opaque": "opaque",
    "any": "any",
}


def build(definitions: Definitions, sources: Iterable[Source]) -> RuleSet:
    """The rule set of checked definitions."""
    rules = tuple(_rule(item, definitions) for item in definitions.rules.values())
    programs = _programs(definitions)
    variables = dict(_variables(definitions))
    return RuleSet(
        programs={name: p for name, p in programs.items() if not is_glob(name)},
        patterns=tuple((name, p) for name, p in programs.items() if is_glob(name)),
        variables={name: v for name, v in variables.items() if not is_glob(name)},
        variable_patterns=tuple((name, v) for name, v in variables.items() if is_glob(name)),
        commands=_commands(rules),
        statements=_by_kind(rules, "statement"),
        assignments=tuple(rule for rule in rules if _about(rule, "assignment")),
        opaque=_by_kind(rules, "opaque"),
        defaults=_defaults(definitions),
        adjustments=tuple(_adjust(item, definitions) for item in definitions.adjustments),
        rules=rules,
        overridden=tuple((name, place(at)) for name, at in definitions.overridden),
        digest=digest(sources),
        secrets=tuple(_secret(item) for item in definitions.secrets.values()),
    )


def digest(sources: Iterable[Source]) -> str:
    """A hash of the names and texts, whatever their order."""
    total = sha256()
    for source in sorted(sources, key=lambda source: source.name):
        for text in (source.name, source.text):
            data = text.encode("utf-8", "surrogatepass")
            total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def place(at: Region) -> Place:
    return Place(at.source.name, at.line)


# Rules ------------------------------------------------------------------------------------


def _rule(item: RuleItem, definitions: Definitions) -> Rule:
    tier: Tier | None = None
    score: int | None = None
    ttl: timedelta | None = None
    approvals = 1
    on: dict[On, None] = {}
    terms: list[Condition] = []
    effects: dict[str, None] = {}
    options: Literal["any", "declared"] | tuple[str, ...] = "declared"
    deny = never = False
    undo: str | None = None
    examples: list[Example] = []
    for clause in item.clauses:
        match clause:
            case OnLine():
                on.update(dict.fromkeys(_on(clause, definitions)))
            case WhenLine():
                terms.append(build_condition(clause.condition, definitions))
            case OptionsLine(kind="only"):
                options = tuple(name.value for name in clause.names)
            case OptionsLine():
                options = "any" if clause.kind == "any" else "declared"
            case TierLine():
                tier = TIERS[clause.name.value]
            case ScoreLine():
                score = clause.score.value
            case TtlLine():
                ttl = timedelta(minutes=clause.ttl.minutes)
            case ApprovalsLine():
                approvals = clause.approvals.value
            case EffectsLine():
                effects.update(dict.fromkeys(name.value for name in clause.names))
            case NeverLine():
                never = True
            case DenyLine():
                deny = True
            case UndoLine():
                undo = clause.text.value
            case ExampleLine():
                examples.append(_example(clause))
            case _:
                assert_never(clause)
    if tier is None:
        tier = Tier.HIGH
    return Rule(
        name=item.name.value,
        message=item.message.value,
        on=tuple(on),
        when=_all(terms),
        tier=tier,
        score=tier.band[1] if score is None else score,
        place=place(item.name.at),
        ttl=DEFAULT_TTL if ttl is None and tier is Tier.MEDIUM and not (never or deny) else ttl,
        approvals=approvals,
        effects=tuple(effects),
        options=options,
        deny=deny,
        never_whitelist=never,
        undo=undo,
        examples=tuple(examples),
    )


def _all(terms: Sequence[Condition]) -> Condition | None:
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else AllOf(tuple(terms))


def _on(line: OnLine, definitions: Definitions) -> Iterable[On]:
    if not line.words:
        return [On(_ON[line.kind])]
    columns = [
        [word for word, _ in definitions.expand(alternatives.values)] for alternatives in line.words
    ]
    if line.kind == "sql":
        columns = [[word.lower() for word in column] for column in columns]
    return [On(_ON[line.kind], words[0], tuple(words[1:])) for words in product(*columns)]


def _example(line: ExampleLine) -> Example:
    language = "shell"
    if line.language is not None:
        language = f"sql:{line.language.value}" if line.language.value else "sql"
    return Example(line.text.value, language, line.matches, place(line.at))


def _adjust(item: AdjustItem, definitions: Definitions) -> Adjust:
    condition = build_condition(item.condition, definitions)
    return Adjust(item.message.value, condition, item.score.value, place(item.at))


# Secrets ----------------------------------------------------------------------------------


def _secret(item: SecretItem) -> Secret:
    words: dict[str, dict[str, None]] = {"named": {}, "text": {}, "sql": {}}
    for line in item.lines:
        if isinstance(line, LooksLine):
            words[line.kind].update(dict.fromkeys(word.value for word in line.words))
    return Secret(
        name=item.name.value,
        place=place(item.name.at),
        named=tuple(dict.fromkeys(word.lower().replace("-", "_") for word in words["named"])),
        texts=tuple(words["text"]),
        sql=tuple(dict.fromkeys(" ".join(word.lower().split()) for word in words["sql"])),
        examples=tuple(_example(line) for line in item.lines if isinstance(line, ExampleLine)),
    )


# Programs and variables -------------------------------------------------------------------


def _programs(definitions: Definitions) -> dict[str, Program]:
    built: dict[int, Program] = {}
    for item in definitions.blocks():
        built[id(item)] = build_program(item.names, item.body)
    return {name: built[id(item)] for name, item in definitions.programs.items()}


def _variables(definitions: Definitions) -> Iterable[tuple[str, Variable]]:
    for line in environment_in((*definitions.environment, *definitions.blocks())):
        variable = Variable(
            names=tuple(name.value for name in line.names),
            value=value_type(line.typed)[0] if line.typed else None,
            markers=tuple(marker.value for marker in line.markers),
        )
        for name in line.names:
            yield name.value, variable


# Defaults ---------------------------------------------------------------------------------


def _defaults(definitions: Definitions) -> dict[tuple[str, ...], Default]:
    found: dict[tuple[str, ...], Default] = {}
    if definitions.default is not None:
        found[()] = _default((), definitions.default)
    for name, item in definitions.programs.items():
        _defaults_in((name,), item.body, found)
    return found


def _defaults_in(
    path: tuple[str, ...], body: Sequence[Statement], found: dict[tuple[str, ...], Default]
) -> None:
    for line in body:
        if isinstance(line, DefaultLine):
            found[path] = _default(path, line)
        elif isinstance(line, SubcommandBlock):
            for name in line.names:
                _defaults_in((*path, name.value), line.body, found)


def _default(path: tuple[str, ...], line: DefaultLine) -> Default:
    tier = TIERS[line.tier.value]
    ttl = timedelta(minutes=line.ttl.minutes) if line.ttl else None
    return Default(
        path=path,
        message=line.message.value,
        tier=tier,
        score=line.score.value,
        place=place(line.at),
        ttl=DEFAULT_TTL if ttl is None and tier is Tier.MEDIUM else ttl,
        approvals=line.approvals.value if line.approvals else 1,
    )


# Indexes ----------------------------------------------------------------------------------


def _about(rule: Rule, kind: str) -> bool:
    return any(on.kind in (kind, "any") for on in rule.on)


def _commands(rules: Iterable[Rule]) -> Mapping[str, Mapping[str, tuple[Rule, ...]]]:
    """By program, then by the first word of the path; a rule stands once where it is found."""
    index: dict[str, dict[str, dict[str, Rule]]] = {}
    for rule in rules:
        keys = dict.fromkeys(
            ("*", "") if on.kind == "any" else (on.program, on.path[0] if on.path else "")
            for on in rule.on
            if on.kind in ("command", "any")
        )
        for program, first in keys:
            found_by_all = ("*", "") in keys and program != "*"
            if found_by_all or (first and (program, "") in keys):
                continue
            index.setdefault(program, {}).setdefault(first, {})[rule.name] = rule
    return {
        program: {first: tuple(found.values()) for first, found in by_first.items()}
        for program, by_first in index.items()
    }


def _by_kind(rules: Iterable[Rule], kind: str) -> dict[str, tuple[Rule, ...]]:
    """By statement kind or opaque kind; a rule for all of them stands only under "*"."""
    index: dict[str, dict[str, Rule]] = {}
    for rule in rules:
        kinds = dict.fromkeys(
            "*" if on.kind == "any" else on.program for on in rule.on if on.kind in (kind, "any")
        )
        for name in ("*",) if "*" in kinds else kinds:
            index.setdefault(name, {})[rule.name] = rule
    return {name: tuple(found.values()) for name, found in index.items()}

"""Checks of `rule` blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, assert_never

from policy.diagnostics import closest, did_you_mean
from policy.dsl.check_conditions import Subject, check_condition, check_options
from policy.dsl.check_programs import check_effects, check_outcome, check_said
from policy.dsl.codes import Code
from policy.dsl.definitions import Definitions, Vocabulary, blocks_in, takes_subcommands
from policy.dsl.report import Report
from policy.dsl.syntax import (
    ApprovalsLine,
    Clause,
    DenyLine,
    EffectsLine,
    ExampleLine,
    NeverLine,
    OnLine,
    OptionsLine,
    RuleItem,
    ScoreLine,
    Statement,
    Text,
    TierLine,
    TtlLine,
    UndoLine,
    WhenLine,
)
from policy.dsl.vocabulary import CLAUSES, DIALECTS, OPAQUE, TIERS, is_glob
from policy.source import Region

T = TypeVar("T")

_ONCE: dict[type[Clause], str] = {
    OptionsLine: "options",
    TierLine: "tier",
    ScoreLine: "score",
    TtlLine: "ttl",
    ApprovalsLine: "approvals",
    NeverLine: "never whitelist",
    DenyLine: "deny",
    UndoLine: "undo",
}


def check_rule(
    item: RuleItem, definitions: Definitions, vocabulary: Vocabulary, report: Report
) -> None:
    """Everything inside a rule."""
    check_said(item.message, "message", report)
    _check_once(item.clauses, report)
    subject = Subject(frozenset(), ())
    for clause in item.clauses:
        if isinstance(clause, OnLine):
            subject = subject.joined(_check_on(clause, definitions, report))
    for clause in item.clauses:
        match clause:
            case WhenLine():
                check_condition(clause.condition, subject, definitions, vocabulary, report)
            case OptionsLine():
                check_options(clause.names, subject, report)
            case EffectsLine():
                check_effects(clause, CLAUSES, report)
            case UndoLine():
                check_said(clause.text, "hint", report)
            case (
                ExampleLine()
                | OnLine()
                | TierLine()
                | ScoreLine()
                | TtlLine()
                | ApprovalsLine()
                | NeverLine()
                | DenyLine()
            ):
                pass
            case _:
                assert_never(clause)
    _check_outcome(item, definitions.is_broken(item), report)
    if not definitions.is_broken(item):
        _check_complete(item, report)
    check_examples([one for one in item.clauses if isinstance(one, ExampleLine)], report)


def _check_once(clauses: Sequence[Clause], report: Report) -> None:
    seen: dict[str, Region] = {}
    for clause in clauses:
        name = _ONCE.get(type(clause))
        if name is None:
            continue
        if name in seen:
            message = f"a second `{name}` in one rule"
            report.add(Code.REPEATED_CLAUSE, message, clause.at, first=seen[name])
        seen.setdefault(name, clause.at)


# What it is about -------------------------------------------------------------------------


def _check_on(line: OnLine, definitions: Definitions, report: Report) -> Subject:
    """Check an `on` line and give what it makes the rule be about."""
    match line.kind:
        case "any":
            return Subject(frozenset(("command", "statement", "assignment", "opaque")), (), True)
        case "command":
            return Subject(frozenset(("command",)), (), True)
        case "sql":
            return Subject(frozenset(("statement",)), ())
        case "assignment":
            return Subject(frozenset(("assignment",)), ())
        case "opaque":
            for alternatives in line.words:
                for word, at in definitions.expand(alternatives.values):
                    if word not in OPAQUE:
                        report.unknown(Code.OPAQUE, "kind of opaque part", word, at, OPAQUE)
            return Subject(frozenset(("opaque",)), ())
        case "program":
            return _check_on_program(line, definitions, report)
        case _:
            assert_never(line.kind)


def _check_on_program(line: OnLine, definitions: Definitions, report: Report) -> Subject:
    own = [words for words in line.words if words.at.line == line.words[0].at.line]
    strays = {words.at.line: words.at for words in reversed(line.words[len(own) :])}
    for at in strays.values():
        _check_stray(at, report)
    columns = [definitions.expand(alternatives.values) for alternatives in own]
    for words in columns[1:]:
        for word, at in words:
            if is_glob(word):
                message = f"a subcommand's name can't be a pattern: `{word}`"
                report.add(Code.SUBCOMMAND_NAME, message, at)
    programs: list[tuple[Sequence[Statement], tuple[str, ...]]] = []
    open_ended = False
    for name, at in columns[0]:
        item = definitions.program(name)
        if item is None:
            open_ended = True
            if name:
                hint = did_you_mean(name, definitions.programs)
                report.add(
                    Code.UNKNOWN_PROGRAM,
                    f"no program block declares `{name}`",
                    at,
                    hint=hint or f"declare how it reads its arguments: program {name} {{ … }}",
                )
            continue
        open_ended = open_ended or definitions.is_broken(item)
        paths: list[tuple[str, ...]] = [()]
        for words in columns[1:]:
            paths = [(*path, word) for path in paths for word, _ in words]
        programs += [(item.body, path) for path in paths]
        _check_path(name, item.body, columns[1:], report)
    return Subject(frozenset(("command",)), tuple(programs), open_ended)


def _check_stray(at: Region, report: Report) -> None:
    """A word below an `on` line, which reads as one more subcommand."""
    similar = closest(at.text, CLAUSES)
    message = f"unknown word `{at.text}`" if similar else f"`{at.text}` belongs to no clause"
    hint = f"did you mean `{similar}`?" if similar else "subcommands stand on the line of `on`"
    report.add(Code.KEYWORD, message, at, hint=hint)


def _check_path(
    shown: str,
    body: Sequence[Statement],
    columns: Sequence[Sequence[tuple[str, Region]]],
    report: Report,
) -> None:
    """Subcommands of a level that takes none."""
    if not columns:
        return
    for word, at in columns[0]:
        if not takes_subcommands(body):
            report.add(
                Code.NO_SUBCOMMANDS,
                f"`{shown}` takes no subcommands, so `{shown} {word}` never matches",
                at,
                hint=f'write `subcommand` in its block, or test it: when argument 1 "{word}"',
            )
            continue
        for block in blocks_in(body):
            if any(name.value == word for name in block.names):
                _check_path(f"{shown} {word}", block.body, columns[1:], report)


# Outcome ----------------------------------------------------------------------------------


def _check_outcome(item: RuleItem, broken: bool, report: Report) -> None:
    """Tier, score, ttl, approvals, deny and never whitelist, which must fit together."""
    tier = _first(item, TierLine)
    score = _first(item, ScoreLine)
    ttl = _first(item, TtlLine)
    approvals = _first(item, ApprovalsLine)
    deny = _first(item, DenyLine)
    never = _first(item, NeverLine)
    options = _first(item, OptionsLine)
    known = tier is not None and report.word(Code.TIER, "tier", tier.name, TIERS)
    name = tier.name.value if tier is not None and known else None
    if deny is not None:
        for clause in (approvals, ttl, never):
            if clause is not None:
                message = f"a rule that denies has no use for `{clause.at.text}`"
                report.add(Code.DENY_CONFLICT, message, clause.at)
        if name == "low":
            message = "a rule that denies isn't low"
            report.add(Code.DENY_CONFLICT, message, deny.at, hint="leave out the tier, or say high")
        ttl = approvals = None
    check_outcome(
        name,
        score.score if score else None,
        ttl.ttl if ttl else None,
        approvals.approvals if approvals else None,
        report,
    )
    if never is not None and deny is None and name is not None:
        if ttl is not None and name == "medium":
            message = "`never whitelist` and a ttl contradict each other"
            report.add(Code.NEVER_CONFLICT, message, never.at)
        elif name != "medium":
            reason = "allowed without one" if name == "low" else "never whitelisted"
            message = f"`never whitelist` says nothing: tier `{name}` is {reason}"
            report.add(Code.NEVER_CONFLICT, message, never.at)
    if options is not None and name is not None and name != "low":
        message = f"`options` has no meaning for tier `{name}`"
        hint = "only a low rule is a closed list of options; use `when option …`"
        report.add(Code.OPTIONS_WITHOUT_LOW, message, options.at, hint=hint)
    if not broken and score is not None and tier is None:
        message = f"rule `{item.name.value}` has a score without a tier"
        report.add(Code.MISSING_TIER, message, score.at, hint="add `tier low|medium|high`")


def _check_complete(item: RuleItem, report: Report) -> None:
    """What every rule must say."""
    name, at = item.name.value, item.name.at
    deny = _first(item, DenyLine)
    if _first(item, OnLine) is None:
        message = f"rule `{name}` doesn't say what it is about"
        report.add(Code.MISSING_ON, message, at, hint="add `on PROGRAM`, or `on any`")
    if deny is None:
        tier, score = _first(item, TierLine), _first(item, ScoreLine)
        if tier is None and score is None:
            message = f"rule `{name}` has no tier"
            report.add(Code.MISSING_TIER, message, at, hint="add `tier low|medium|high`")
        if score is None:
            band = TIERS[tier.name.value].band if tier and tier.name.value in TIERS else (0, 100)
            message = f"rule `{name}` has no score"
            report.add(
                Code.MISSING_SCORE, message, at, hint=f"add `score N`, from {band[0]} to {band[1]}"
            )
    examples = [clause for clause in item.clauses if isinstance(clause, ExampleLine)]
    if not any(example.matches for example in examples) and not _is_internal(item):
        message = f"rule `{name}` has no example that it matches"
        report.add(Code.MISSING_EXAMPLE, message, at, hint='add `match "…"`')
    conditional = any(
        isinstance(clause, WhenLine) or (isinstance(clause, OptionsLine) and clause.kind == "only")
        for clause in item.clauses
    )
    if conditional and all(example.matches for example in examples):
        message = f"rule `{name}` has a condition and no near miss"
        report.add(Code.MISSING_NEAR_MISS, message, at, hint='add `no match "…"`')


def _is_internal(item: RuleItem) -> bool:
    """Whether it is only about faults of the engine, which no text can be an example of."""
    on = [clause for clause in item.clauses if isinstance(clause, OnLine)]
    words = [value for line in on for alternatives in line.words for value in alternatives.values]
    return all(line.kind == "opaque" for line in on) and [
        word.value for word in words if isinstance(word, Text)
    ] == ["fault"]


def check_examples(examples: Sequence[ExampleLine], report: Report) -> None:
    """The examples of a rule or of a secret: each says something, and each once."""
    seen: dict[tuple[str, str], Region] = {}
    for example in examples:
        _check_example(example, report)
        key = (example.language.value if example.language else "shell", example.text.value)
        if key in seen:
            message = f"`{example.text.value}` is an example twice"
            report.add(Code.EXAMPLE_TWICE, message, example.text.at, first=seen[key])
        seen.setdefault(key, example.text.at)


def _check_example(example: ExampleLine, report: Report) -> None:
    check_said(example.text, "example", report)
    language = example.language
    if language is not None and language.value and language.value not in DIALECTS:
        report.unknown(Code.DIALECT, "dialect", language.value, language.at, DIALECTS)


def _first(item: RuleItem, kind: type[T]) -> T | None:
    return next((clause for clause in item.clauses if isinstance(clause, kind)), None)

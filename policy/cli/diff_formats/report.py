"""What every format of `policy-diff` shows, and the words that all of them use for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import assert_never

from policy.decision import Context
from policy.diff.commands import Moved, Replayed
from policy.diff.model import Diff, Effect, Kind, Outcome, Proof, Row, Witness
from policy.diff.rules import Declared, Detail, RulesDiff, Standing
from policy.frozen import frozen
from policy.source import Region
from policy.times import instant
from policy.visible import visible
from policy.whitelist.containment import Relation
from policy.whitelist.entry import Entry, Scope


@frozen
class Report:
    """The comparison of two whitelists. `places` say where entries of the new one stand, by
    their identity as objects; `log` is what became of the commands of a decision log.
    """

    old: str
    new: str
    diff: Diff
    log: Replayed | None = None
    notes: tuple[str, ...] = ()
    places: Mapping[int, Region] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """That of the entries; what a log shows decides what they leave open."""
        shown = self.log is not None and self.log.looser
        return Outcome.MORE if shown else self.diff.outcome

    def place(self, row: Row) -> Region | None:
        return self.places.get(id(row.new))


@frozen
class RulesReport:
    """The comparison of two versions of rules. `files` say how to find those of the new one."""

    old: str
    new: str
    diff: RulesDiff
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


# Words -------------------------------------------------------------------------------------


def relation(row: Row) -> str:
    """`wider`, `wider later`, `equivalent in effect`."""
    if row.relation is Relation.EQUIVALENT and Proof.IDLE in (row.gain.proof, row.loss.proof):
        return "equivalent in effect"
    shown = [one for one in (row.gain, row.loss) if one.proof is Proof.SHOWN]
    later = shown and all(one.later for one in shown)
    return f"{row.relation.value} later" if later else row.relation.value


def outcome(found: Outcome) -> str:
    """The whole, in a sentence."""
    match found:
        case Outcome.NOTHING_MORE:
            return "the new one allows nothing that the old one did not"
        case Outcome.MORE:
            return "the new one allows more"
        case Outcome.UNDECIDED:
            return "whether the new one allows more could not be decided"
        case _:
            assert_never(found)


def counted(number: int, what: str, several: str = "") -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {several or what + 's'}"


def head(report: Report) -> str:
    """`3 changes, 9,997 entries unchanged`."""
    changes = counted(len(report.diff.rows), "change") if report.diff.rows else "no changes"
    return f"{changes}, {counted(report.diff.unchanged, 'entry', 'entries')} unchanged"


def pattern(entry: Entry) -> str:
    """Command, language and steps on one line."""
    language = "" if entry.pattern.language == "shell" else f"  [{entry.pattern.language}]"
    via = "".join(f"  via {visible(step)}" for step in entry.pattern.via)
    return visible(entry.pattern.command) + language + via


def terms(entry: Entry) -> str:
    """`medium until 2026-11-29T12:00:00Z, approved by alice`."""
    return f"{entry.tier} {until(entry)}, approved by {people(entry)}"


def until(entry: Entry) -> str:
    return "for ever" if entry.expires is None else f"until {instant(entry.expires)}"


def people(entry: Entry) -> str:
    return ", ".join(map(visible, entry.approved.by))


def scope(scope: Scope) -> str:
    """`agents a, b; targets web-*`, or `anywhere`."""
    facts = {
        "agents": scope.agents,
        "targets": scope.targets,
        "environments": scope.environments,
        "cwd": scope.cwd,
    }
    said = [f"{name} {', '.join(map(visible, globs))}" for name, globs in facts.items() if globs]
    return "; ".join(said) or "anywhere"


def changes(row: Row) -> list[tuple[str, str, str]]:
    """What a row changes: the name of a value, what it was and what it is."""
    old, new = row.old, row.new
    if old is None or new is None:
        return []
    pairs = [
        ("pattern", pattern(old), pattern(new)),
        ("scope", scope(old.scope), scope(new.scope)),
        ("tier", str(old.tier), str(new.tier)),
        ("expiry", until(old), until(new)),
        ("approved by", people(old), people(new)),
        ("approved at", instant(old.approved.at), instant(new.approved.at)),
        ("reason", visible(old.approved.reason), visible(new.approved.reason)),
        ("score", _text(old.score), _text(new.score)),
        ("rule", _text(old.rule), _text(new.rule)),
        ("note", visible(old.note), visible(new.note)),
    ]
    return [(name, before, after) for name, before, after in pairs if before != after]


def remarks(entry: Entry) -> list[tuple[str, str]]:
    """What people wrote beside an entry: why it was approved, and the note."""
    said = [("reason", visible(entry.approved.reason)), ("note", visible(entry.note))]
    return [(name, text) for name, text in said if text]


def _text(value: object) -> str:
    return "" if value is None else visible(str(value))


def command(witness: Witness) -> str:
    """The command with the steps that it doesn't show."""
    steps = "".join(f"  via {visible(step)}" for step in witness.steps)
    return visible(witness.command) + steps


def circumstances(witness: Witness) -> str:
    """`agent bot, in /srv: review before, allow now`."""
    return f"{place}: {decided(witness)}" if (place := where(witness)) else decided(witness)


def where(witness: Witness) -> str:
    """`sql:postgres, agent bot, in /srv`; "" where nothing has to be said."""
    language = "" if witness.language == "shell" else witness.language
    return ", ".join(one for one in (language, context(witness.context)) if one)


def decided(witness: Witness) -> str:
    return f"{witness.before} before, {witness.after} now"


def context(found: Context) -> str:
    facts = (
        ("agent", found.agent),
        ("target", found.target),
        ("environment", found.environment),
        ("in", found.cwd),
        ("user", found.user),
    )
    return ", ".join(f"{name} {visible(value)}" for name, value in facts if value is not None)


def gained(effect: Effect) -> str:
    """The heading of a witness of a gain."""
    return _from("newly allowed", effect)


def lost(effect: Effect) -> str:
    return _from("no longer allowed", effect)


def _from(what: str, effect: Effect) -> str:
    if not effect.later or effect.witness is None:
        return what
    return f"{what} from {instant(effect.witness.at)} on"


def linked(row: Row) -> str:
    """`replaces w-…` or `replaced by w-…`; "" where nothing is."""
    if not row.linked:
        return ""
    several = [*row.linked[:_LINKS], *(("…",) if len(row.linked) > _LINKS else ())]
    word = "replaced by" if row.kind is Kind.REMOVED else "replaces"
    return f"{word} {', '.join(several)}"


_LINKS = 4  # ids that are named


def replays(found: Replayed, what: str, several: str) -> str:
    """`12 commands of the log, 1 decided otherwise; 2 skipped, as parts were redacted`."""
    moved = sum(one.times for one in found.moved)
    skipped = f"; {found.skipped:,} skipped, as parts were redacted" if found.skipped else ""
    return f"{counted(found.decided, what, several)}, {moved:,} decided otherwise{skipped}"


def verdicts(moved: Moved) -> str:
    """`review (high) before, review (medium) now`."""
    before, after = moved.before, moved.after
    return (
        f"{before.verdict} ({before.tier}) before, {after.verdict} ({after.tier}) now"
        if (before.verdict, before.tier) != (after.verdict, after.tier)
        else f"{before.verdict} by {before.approvals} before, by {after.approvals} now"
    )


def asked(moved: Moved) -> str:
    """In which language and context, and how often; "" where there is nothing to say."""
    facts = [
        "" if moved.asked.language == "shell" else moved.asked.language,
        context(moved.asked.context),
        f"{moved.times:,} times" if moved.times > 1 else "",
    ]
    return ", ".join(one for one in facts if one)


def declared(one: Declared) -> str:
    """`rule git.push.force, git-changes.rules:171`."""
    place = f", {visible(one.place.file)}:{one.place.line}" if one.place else ""
    return f"{one.sort} {visible(one.name)}{place}"


def detail(one: Declared, detail: Detail) -> str:
    """`tier: high → medium`, or of what was added or removed `tier: high`."""
    before, after = visible(detail.before) or "none", visible(detail.after) or "none"
    match one.standing:
        case Standing.ADDED:
            return f"{detail.name}: {after}"
        case Standing.REMOVED:
            return f"{detail.name}: {before}"
        case Standing.CHANGED:
            return f"{detail.name}: {before} → {after}"
        case _:
            assert_never(one.standing)


def open_ones(found: RulesDiff) -> str:
    """What wasn't decided, in a sentence; "" where all was."""
    if not found.open:
        return ""
    number = counted(len(found.open), "change")
    return f"{number} may loosen what no example and no logged command shows"

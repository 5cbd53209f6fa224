"""Laws of the whitelist: an entry allows what it admits, and changes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from laws_strategies import LAW, engine, examples, rules

from policy import Context, Tier, Verdict
from policy.decision import Decision
from policy.holes import Hole, HoleKind
from policy.judge import judge
from policy.plan import Action
from policy.whitelist.approved import Approved
from policy.whitelist.entry import ANYWHERE, Approval, Entry, Scope
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import Unfixed, action_form, directory_of
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.writer import write

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAST, SOON, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1), NOW + timedelta(days=7)
CONTEXTS = (Context(), Context(agent="bot", cwd="/srv/app", environment="prod"))
SCOPES = (ANYWHERE, ANYWHERE, Scope(agents=("b*",)), Scope(cwd=("/srv/**",)))
HOLED = ("operand", "value", "redirect >", "via operand")
HOLES = (
    (HoleKind.WORD, ()),
    (HoleKind.NAME, ()),
    (HoleKind.INT, ()),
    (HoleKind.TEXT, ()),
    (HoleKind.LIKE, ("*a*",)),
    (HoleKind.PATH, ("/srv/**", "*")),
)


@cache
def forms() -> tuple[tuple[str, Form], ...]:
    """Every action of an example that isn't low, with a text in which it is."""
    found: dict[Form, str] = {}
    for text in examples():
        decision = engine().decide(text)
        for action, judged in zip(engine().plan(text).actions, decision.actions, strict=True):
            form = form_of(action)
            if form is not None and judged.tier is not Tier.LOW:
                found.setdefault(form, text)
    return tuple((text, form) for form, text in found.items())


def form_of(action: Action) -> Form | None:
    try:
        return action_form(action)
    except Unfixed:
        return None


@st.composite
def entries_of(draw: st.DrawFn, form: Form) -> Entry | None:
    """An entry that admits the form, wider where a word became a hole; None for no pattern."""
    pieces = list(form.pieces)
    places = [index for index, piece in enumerate(pieces) if piece.role in HOLED]
    if places and draw(st.booleans()):
        index = draw(st.sampled_from(places))
        kind, arguments = draw(st.sampled_from(HOLES))
        pieces[index] = Piece(pieces[index].role, (Hole(f"h{index}", kind, arguments),))
    try:
        pattern = write(Form(form.language, tuple(pieces), form.rest))
        read_pattern(pattern, rules())
    except PatternError:
        return None
    people = draw(st.sampled_from((("alice",), ("alice", "bob"))))
    return Entry(
        pattern,
        draw(st.sampled_from((Tier.LOW, Tier.MEDIUM, Tier.MEDIUM, Tier.MEDIUM))),
        Approval(people, PAST),
        draw(st.sampled_from((LATER, LATER, SOON, PAST, None))),
        draw(st.sampled_from(SCOPES)),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[Entry], Entry]:
    """A text of one to two examples, entries that are mostly about it, and one more."""
    chosen = draw(st.lists(st.sampled_from(forms()), min_size=1, max_size=2))
    others = draw(st.lists(st.sampled_from(forms()), max_size=1))
    made = [draw(entries_of(form)) for _, form in (*chosen, *chosen, *others)]
    entries = list({one.id: one for one in made if one is not None}.values())
    text = draw(st.sampled_from(("\n", " &&\n", " |\n"))).join(text for text, _ in chosen)
    if not entries:
        entries = [Entry(write(simple_form()), Tier.MEDIUM, Approval(("alice",), PAST), LATER)]
    more = entries.pop(draw(st.integers(0, len(entries) - 1)))
    return text, entries, more


@cache
def simple_form() -> Form:
    return next(form for text, form in forms() if text == "docker restart web")


def decide(text: str, entries: list[Entry], context: Context, now: datetime = NOW) -> Decision:
    plan = engine().plan(text)
    return judge(plan, rules(), Approved(entries, rules()), context, now=now)


def without_approvals(decision: Decision) -> object:
    """What no whitelist has a say in."""
    actions = tuple((one.argv, one.via, one.tier, one.score, one.span) for one in decision.actions)
    return decision.tier, decision.score, actions


contexts = st.sampled_from(CONTEXTS)


@LAW
@given(cases(), contexts)
def test_one_entry_more_never_makes_a_verdict_stricter(
    case: tuple[str, list[Entry], Entry], context: Context
) -> None:
    """And so one entry less never allows more. Tier and score are what they were."""
    text, entries, more = case
    fewer, every = decide(text, entries, context), decide(text, [*entries, more], context)
    assert every.verdict.strictness <= fewer.verdict.strictness
    for new, old in zip(every.actions, fewer.actions, strict=True):
        assert new.verdict is old.verdict or new.verdict is Verdict.ALLOW
    assert without_approvals(every) == without_approvals(fewer)


@LAW
@given(cases(), contexts)
def test_an_entry_says_nothing_of_what_its_pattern_or_scope_does_not_admit(
    case: tuple[str, list[Entry], Entry], context: Context
) -> None:
    text, entries, more = case
    pattern = read_pattern(more.pattern, rules()).form
    fewer, every = decide(text, entries, context), decide(text, [*entries, more], context)
    for action, new, old in zip(
        engine().plan(text).actions, every.actions, fewer.actions, strict=True
    ):
        places = {action.directory, *action.elsewhere}
        form = form_of(action)
        admitted = form is not None and any(
            pattern.admits(form, directory) and more.scope.admits(context, directory)
            for place in places
            for directory in [directory_in(action, place, context)]
        )
        assert admitted or new == old, more.pattern


def directory_in(action: Action, place: object, context: Context) -> str | None:
    from dataclasses import replace

    return directory_of(replace(action, directory=place), context.cwd)  # type: ignore[arg-type]


@LAW
@given(cases(), contexts)
def test_an_entry_allows_nothing_that_is_high_denied_or_above_what_was_approved(
    case: tuple[str, list[Entry], Entry], context: Context
) -> None:
    text, entries, more = case
    by_id = {one.id: one for one in (*entries, more)}
    bare, found = decide(text, [], context), decide(text, [*entries, more], context)
    for one, before in zip(found.actions, bare.actions, strict=True):
        if one.entry is None:
            assert one.verdict is before.verdict
            continue
        entry = by_id[one.entry]
        assert before.verdict is not Verdict.DENY
        assert before.tier <= entry.tier < Tier.HIGH
        assert before.approvals <= entry.approvals
        assert entry.expires is not None
        assert entry.expires > NOW
        assert entry.scope.admits(context, context.cwd) or entry.scope.cwd


@LAW
@given(cases(), contexts)
def test_the_order_of_entries_says_nothing(
    case: tuple[str, list[Entry], Entry], context: Context
) -> None:
    text, entries, more = case
    assert decide(text, [*entries, more], context) == decide(text, [more, *entries[::-1]], context)


@LAW
@given(cases(), contexts, st.integers(0, 9 * 24))
def test_time_that_passes_never_allows_more(
    case: tuple[str, list[Entry], Entry], context: Context, hours: int
) -> None:
    text, entries, more = case
    later = decide(text, [*entries, more], context, NOW + timedelta(hours=hours))
    assert later.verdict.strictness >= decide(text, [*entries, more], context).verdict.strictness


@LAW
@given(cases(), contexts)
def test_an_entry_for_exactly_an_action_allows_it(
    case: tuple[str, list[Entry], Entry], context: Context
) -> None:
    """So the laws above are about entries that do something."""
    text, _, _ = case
    entries = []
    for action in engine().plan(text).actions:
        form = form_of(action)
        try:
            made = [] if form is None else [exactly(form)]
        except PatternError:
            continue
        entries += made
    found, bare = decide(text, entries, context), decide(text, [], context)
    patterns = [read_pattern(one.pattern, rules()).form for one in entries]
    for action, new, old in zip(
        engine().plan(text).actions, found.actions, bare.actions, strict=True
    ):
        form = form_of(action)
        if old.tier is Tier.MEDIUM and old.ttl is not None and form in patterns:
            assert new.verdict is Verdict.ALLOW or action.elsewhere


def exactly(form: Form) -> Entry:
    """An entry for this action alone. Raises `PatternError` where no pattern says just that."""
    pattern = write(form)
    read_pattern(pattern, rules())
    people = ("alice", "bob", "carol", "dan")
    return Entry(pattern, Tier.MEDIUM, Approval(people, PAST), LATER)

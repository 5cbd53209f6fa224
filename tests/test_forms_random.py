"""Laws of forms and of the proof, on the commands of all rules' examples, changed at random."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy import Context, Engine, Tier
from policy.decision import Judged
from policy.harmless import Finding, Harm, examine
from policy.holes import Hole, HoleKind
from policy.judge import judge_action
from policy.plan import Action
from policy.whitelist.entry import ANYWHERE, Scope
from policy.whitelist.form import Form, Piece
from policy.whitelist.forms import Unfixed, action_form
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_pattern
from policy.whitelist.writer import write

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENGINE = Engine.load()
RULES = ENGINE.rules
TEXTS = sorted(
    {one.text for rule in RULES.rules for one in rule.examples if one.language == "shell"}
)
WORDS = sorted({word for text in TEXTS for word in text.replace("'", " ").split()})
NASTY = [
    *("", "+main", ":main", "-1", "/", ".", "..", "../x", "/srv/../etc/x", "~root", "@x", "a b"),
    *("/proc/1/root/x", "*", "-", "--", "\\", "/dev/stdin", "id_rsa", ".env", "a=b", "x:y"),
]
CONTEXTS = [Context(), Context(cwd="/etc", environment="prod"), Context(cwd="/srv/app", agent="a")]
RANDOM = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def forms_of(text: str) -> list[tuple[Form, Action]]:
    found = []
    for action in ENGINE.plan(text).actions:
        try:
            found.append((action_form(action), action))
        except Unfixed:
            continue
    return found


@cache
def forms() -> tuple[Form, ...]:
    every = (form for text in TEXTS for form, _ in forms_of(text))
    return tuple(dict.fromkeys(form for form in every if form.language == "shell"))


def judged(action: Action, context: Context) -> Judged:
    return judge_action(action, "", RULES, None, context, now=EPOCH)


# What has one form is judged alike --------------------------------------------------------------


def respelled(text: str, random: Random) -> str:
    """The text with one word moved, quoted, split or joined, which may change what it means."""
    words = text.split(" ")
    at = random.randrange(len(words))
    word = words[at]
    match random.randrange(7):
        case 0:
            words.insert(random.randrange(len(words)), words.pop(at))
        case 1 if word[:1] == "-" and word[1:].isalnum() and len(word) > 2:
            words[at : at + 1] = [word[:2], f"-{word[2:]}"]
        case 2 if word[:1] == "-" and word[1:].isalnum() and len(word) > 2:
            words[at : at + 1] = [word[:2], word[2:]]
        case 3 if word.startswith("--") and "=" in word:
            words[at : at + 1] = word.split("=", 1)
        case 4 if word[:1] == "-" and at + 1 < len(words):
            words[at : at + 2] = [word + random.choice(("", "=")) + words[at + 1]]
        case 5 if word.isalnum():
            words[at] = f"'{word}'"
        case 6 if at:
            words.insert(at, "--")
        case _:
            pass
    return " ".join(words)


@RANDOM
@given(st.sampled_from(TEXTS), st.integers(0, 10**9))
def test_actions_with_one_form_are_judged_alike(text: str, seed: int) -> None:
    random = Random(seed)
    known: dict[tuple[object, ...], tuple[object, ...]] = {}
    for changes in range(40):
        other = text
        for _ in range(changes % 4):
            other = respelled(other, random)
        for form, action in forms_of(other):
            for context in CONTEXTS:
                found = judged(action, context)
                answer = (found.tier, found.score, found.approvals, found.ttl, found.effects)
                where = action.directory and action.directory.text
                same = known.setdefault((form, where, action.elsewhere, context), answer)
                assert answer == same, (text, other)


# What is proved is so ---------------------------------------------------------------------------

KINDS = [
    *((kind, ()) for kind in (HoleKind.WORD, HoleKind.INT, HoleKind.NAME, HoleKind.TEXT)),
    (HoleKind.ONE_OF, ("main", "+x")),
    *((HoleKind.LIKE, (glob,)) for glob in ("a*", "*.txt")),
    *((HoleKind.PATH, (glob,)) for glob in ("/srv/app/*.txt", "src/*", "/srv/**", "~/x/*")),
]
HOLED = ("operand", "value", "attached", "redirect >", "redirect <", "via operand", "via value")
SCOPES = [(ANYWHERE, None), (Scope(cwd=("/srv/app",)), "/srv/app"), (Scope(cwd=("/etc",)), "/etc")]


@cache
def examined(form: Form, scope: Scope) -> tuple[Finding | None, Form]:
    try:
        pattern = write(form)
        return examine(pattern, RULES, scope), read_pattern(pattern, RULES).form
    except PatternError:
        return None, form


def concrete(form: Form, values: list[str]) -> Form:
    """The form with a value in each hole, and of the rest for its own."""
    pieces = list(form.pieces)
    for index, piece in enumerate(pieces):
        if piece.text is None:
            text = "".join(one if isinstance(one, str) else values.pop() for one in piece.parts)
            pieces[index] = Piece(piece.role, (text,))
    return Form(form.language, tuple(pieces))


def judged_form(form: Form, context: Context) -> Judged | None:
    try:
        pattern: Pattern = write(form)
        reading = read_pattern(pattern, RULES)
    except PatternError:
        return None
    return judged(reading.action, context) if reading.form == form else None


@RANDOM
@given(st.data())
def test_no_command_is_high_of_a_pattern_that_was_proved_harmless(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(forms()))
    places = [index for index, piece in enumerate(form.pieces) if piece.role in HOLED]
    if not places:
        return
    pieces = list(form.pieces)
    for index in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True)):
        kind, arguments = data.draw(st.sampled_from(KINDS))
        text = pieces[index].text or ""
        kept = data.draw(st.sampled_from((0, 0, 0, len(text) // 2)))
        literal = (text[:kept],) if text[:kept] and text[0] != "\0" else ()
        pieces[index] = Piece(pieces[index].role, (*literal, Hole(f"h{index}", kind, arguments)))
    scope, cwd = data.draw(st.sampled_from(SCOPES))
    found, form = examined(Form("shell", tuple(pieces)), scope)
    if found is None or found.harm is not Harm.NONE:
        return
    values = st.sampled_from(WORDS) | st.sampled_from(NASTY) | st.sampled_from(("7", "main", "+x"))
    for _ in range(12):
        chosen = concrete(form, data.draw(st.lists(values, min_size=2, max_size=2)))
        context = Context(cwd=cwd, environment=data.draw(st.sampled_from((None, "prod"))))
        answer = judged_form(chosen, context) if form.admits(chosen, cwd) else None
        assert answer is None or answer.tier is not Tier.HIGH, (write(form), write(chosen))

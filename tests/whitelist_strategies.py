"""Hypothesis strategies for whitelists: holes, patterns, scopes, entries, documents."""

from datetime import UTC, datetime, timedelta
from shlex import quote

from hypothesis import strategies as st

from policy.decision import Tier
from policy.holes import Hole, HoleKind
from policy.whitelist.document import Document
from policy.whitelist.entry import Approval, Entry, Scope
from policy.whitelist.pattern import Pattern

NAMES = ("a", "b", "service", "the-host", "_x1")
WORDS = ("docker", "restart", "web-1", "-f", "--all", "a b", "it's", "{}", "50%", "#", "x: y", "é")
PATHS = ("/var/log/**", "/srv/*/tmp", "/etc/hosts", "src/*.py")

# Texts that quoting has to carry: what YAML reads otherwise, and what it can't show.
AWKWARD = (
    "yes", "null", "~", "1", "0x1f", "1e3", "1:30", "2026-01-01", "=", "<<", ".", "---", "...", "-",
    "- a", "? a", "a: b", "a:", ":a", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a", "'", '"',
    "[a]", "{a}", "a, b", " a", "a ", "a  b", "\\", "\\n", "a\nb", "a\n", "\n a", "a\tb", "\x1b[0m",
    "\x85", "\u2028", "\u202e", "\ufeff", "\x7f", "caf\xe9", "\U0001f600", "x" * 300, "x y " * 100,
    "> a", "| a", "SELECT 1\n  FROM t\n", "a\r\nb", "=a", "on", "y", ".5", "+1", "0o7", "1_000",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
"""Any text that a file can hold."""

labels = st.one_of(
    st.sampled_from(
        [one for one in AWKWARD if one.isprintable() and one == one.strip() and "," not in one]
    ),
    st.from_regex(r"[a-z][a-z0-9*?.:-]{0,8}", fullmatch=True),
)
"""Names of people, globs of agents and the like: what can be read, without blanks around it."""


@st.composite
def holes(draw: st.DrawFn, *, rest: bool = False) -> Hole:
    """A hole of any kind; with `rest`, one that stands for all remaining operands."""
    kind = draw(st.sampled_from(HoleKind))
    arguments: tuple[str, ...] = ()
    if kind is HoleKind.PATH:
        arguments = draw(_some(st.sampled_from(PATHS)))
    elif kind is HoleKind.ONE_OF:
        arguments = draw(_some(st.sampled_from(("a", "b-c", "two words", "{x}"))))
    elif kind is HoleKind.LIKE:
        arguments = draw(_some(st.sampled_from(("release-*", "v?.*", "*"))))
    return Hole(draw(st.sampled_from(NAMES)), kind, arguments, rest)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """A pattern of the shell, of words and holes with different names, or one of SQL."""
    if draw(st.integers(0, 4)) == 0:
        statement = draw(st.sampled_from(("SELECT 1", "DELETE FROM t\nWHERE id = 3", 'VACUUM "t"')))
        return Pattern(statement, draw(st.sampled_from(("sql:postgres", "sql:mysql"))), draw(_VIA))
    words = [quote(word) for word in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))]
    named = draw(st.lists(holes(), max_size=2, unique_by=lambda hole: hole.name))
    words += [str(hole) for hole in named]
    if not named and draw(st.booleans()):
        words.append(str(draw(holes(rest=True))))
    return Pattern(" ".join(words), via=draw(_VIA))


def _some(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)


def _sorted(values: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    several = st.lists(values, min_size=least, max_size=3, unique_by=str.casefold)
    return several.map(lambda found: tuple(sorted(found)))


_VIA = st.lists(
    st.sampled_from(("sudo -u deploy", "ssh db", "<substitution>", "bash -c {} x", "xargs")),
    max_size=2,
).map(tuple)
_DIRECTORIES = st.sampled_from(("/srv/app/**", "/", "**/build", "*", "/opt/a b"))

scopes = st.builds(
    Scope,
    agents=_sorted(labels),
    targets=_sorted(labels),
    environments=_sorted(labels),
    cwd=_sorted(_DIRECTORIES),
)

_START = datetime(1, 1, 2, tzinfo=UTC)
instants = st.integers(0, 8_000 * 365 * 86_400).map(lambda found: _START + timedelta(seconds=found))

approvals = st.builds(
    Approval,
    by=_sorted(st.sampled_from(("alice", "bob", "yes", "Zoë", "7")), 1),
    at=instants,
    reason=texts,
)


@st.composite
def entries(
    draw: st.DrawFn,
    pattern: st.SearchStrategy[Pattern] | None = None,
    scope: st.SearchStrategy[Scope] = scopes,
) -> Entry:
    """An entry that may be stored."""
    tier = draw(st.sampled_from((Tier.LOW, Tier.MEDIUM)))
    approved = draw(approvals)
    ends = st.integers(1, 300).map(lambda days: approved.at + timedelta(days=days))
    return Entry(
        pattern=draw(patterns() if pattern is None else pattern),
        tier=tier,
        approved=approved,
        expires=draw(ends if tier is Tier.MEDIUM else st.none() | ends),
        scope=draw(scope),
        score=draw(st.none() | st.integers(*tier.band)),
        rule=draw(st.none() | st.sampled_from(("docker.restart@0d3f5a12bc34", "git.default", "1"))),
        note=draw(texts),
    )


def documents(size: int = 4) -> st.SearchStrategy[Document]:
    """Up to `size` entries, no two of which permit the same."""
    several = st.lists(entries(), max_size=size, unique_by=lambda entry: entry.id)
    return several.map(lambda found: Document(tuple(found)))

"""Forms and regions for tests, made of words without a reader."""

from hypothesis import strategies as st

from policy.holes import Hole, Part, hole_at
from policy.whitelist.entry import Scope
from policy.whitelist.form import Form, Piece
from policy.whitelist.region import Region


def parts(word: str) -> tuple[Part, ...]:
    """Literal text and holes of a word such as `web-{n:int}`."""
    found: list[Part] = []
    literal, at = "", 0
    while at < len(word):
        hole = hole_at(word, at)
        if hole is None:
            literal += word[at]
            at += 1
            continue
        if literal:
            found.append(literal)
        found.append(hole[0])
        literal, at = "", hole[1]
    return (*found, literal) if literal or not found else tuple(found)


def form(*words: str) -> Form:
    """A program and operands; a last word `{x...}` stands for all that follow."""
    pieces = [
        Piece("operand" if index else "program", parts(word)) for index, word in enumerate(words)
    ]
    last = pieces[-1].parts[0] if pieces else ""
    rest = pieces.pop() if isinstance(last, Hole) and last.rest else None
    return Form("shell", tuple(pieces), rest)


def region(*words: str, **scope: tuple[str, ...]) -> Region:
    """What the form of the words admits in a scope of those facts."""
    return Region(form(*words), Scope(**scope))


# At random ---------------------------------------------------------------------------------

HOLES = [
    "{x}", "{x:int}", "{x:name}", "{x:text}", "{x:one of a b}", "{x:one of 1 a}", "{x:like a*}",
    "{x:like *b}", "{x:like [!a]*}", "{p:path /a/**}", "{p:path /a/b/**}", "{p:path /a/*}",
    "{p:path /**}", "{p:path **/b}", "{p:path a/**}", "{p:path /a/b}", "{p:path ~/**}",
    "{p:path /a/** /b}", "a{n:int}", "a{x}", "{x}b", "f={p:path /a/**}",
    "a", "b", "1", "a1", "/a", "/a/b", "b/a", "../b", "-a", "",
]  # fmt: skip
RESTS = ["{x...}", "{x...:int}", "{x...:one of a b}", "{p...:path /a/**}", "{x...:text}"]
words = st.sampled_from(HOLES)
scopes = st.builds(
    Scope,
    agents=st.sampled_from([(), (), ("a",), ("b",), ("a", "b"), ("a*",), ("*",)]),
    cwd=st.sampled_from(
        [(), (), ("/a",), ("/a/**",), ("/**",), ("/a", "/b"), ("**",), ("a",), ("~/**", "\0/**")]
    ),
)


@st.composite
def _regions(draw: st.DrawFn) -> Region:
    written = draw(st.lists(words, max_size=2))
    written += draw(st.sampled_from([[], [], *([rest] for rest in RESTS)]))
    return Region(form("c", *written), draw(scopes))


regions = _regions()

"""Scripts that were written by hand, put into others, joined with others, and misspelt.

What is read well alone may be read otherwise as the text of a text, in the lines of a
here-document, or where a line's end stands in the middle of a word.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, sampled_from

from oracle.written import scripts


def _escaped(characters: str) -> Callable[[str], str]:
    return lambda text: "".join("\\" + c if c in characters else c for c in text)


def _ansi_c(text: str) -> str:
    return _escaped("\\'")(text).replace("\n", "\\n")


def _tabbed(text: str) -> str:
    return text.replace("\n", "\n\t")


def _as_is(text: str) -> str:
    return text


_FRAMES: tuple[tuple[str, Callable[[str], str]], ...] = (
    # where the script stands, and how it has to be written there
    ("p9 `{}`", _escaped("\\`$")),
    ("p9 `{}`", _as_is),
    ('p9 "`{}`"', _escaped('\\`$"')),
    ("p9 $({})", _as_is),
    ('p9 "$({}\n)"', _as_is),
    ('p9 "${{z:-$({}\n)}}"', _as_is),
    ("p9 <({}\n)", _as_is),
    ("p9 $(( $({}\n) + 1 ))", _as_is),
    ('p9 <<< "$({}\n)"', _as_is),
    ('p9 > "out$({}\n)"', _as_is),
    ("[[ -n $({}\n) ]] && p9", _as_is),
    ('z=$({}\n); p9 "$z"', _as_is),
    ('z=($({}\n) q); p9 "${{z[@]}}"', _as_is),
    ("cat <<Z\n$({}\n)\nZ", _as_is),
    ("cat <<-Z\n\t$({})\n\tZ", _tabbed),
    ("cat <<-Z\n\t`{}`\n\tZ", lambda text: _tabbed(_escaped("\\`$")(text))),
    ("bash <<Z\n{}\nZ", _escaped("\\`$")),
    ("bash <<'Z'\n{}\nZ", _as_is),
    ("bash <<-'Z'\n\t{}\n\tZ", _tabbed),
    ("eval {}", shlex.quote),
    ("eval $'{}'", _ansi_c),
    ('eval "{}"', _escaped('\\`$"')),
    ("bash -c {}", shlex.quote),
    ("trap {} EXIT", shlex.quote),
    ("source <(echo {})", shlex.quote),
    ('z={}; eval "$z"', shlex.quote),
    ("shopt -s expand_aliases; alias zz={}\nzz", shlex.quote),
    ('fz() {{ {}\n}}; fz A "B C"', _as_is),
    ("( {}\n)", _as_is),
    ("! {{ {}\n}}", _as_is),
    ("if p7; then {}\nfi", _as_is),
    ("for z in a b; do {}\ndone", _as_is),
    ("case a in b) p8;; a) {}\nesac", _as_is),
    ("{{ {}\n}} | p8", _as_is),
    ("{{ {}\n}} & wait", _as_is),
    ("coproc {{ {}\n}}; wait", _as_is),
)
_BETWEEN = sampled_from(["; ", "\n", " && ", " || ", "\n\n", " & "])
_SIGNS = sampled_from(
    [
        *"""' " \\ $ ` # ( ) { } [ ] * ? ! ~ = + < > | & ; : - @ % / , 0 1 x $( $' ${ $(( )) ;; ;&
        && || << <<< >& <(""".split(),
        *(" ", "\n", "\t", " # ", "\\\n"),
    ]
)


def _one(draw: DrawFn) -> str:
    texts = [one.text for one in scripts() if len(one.text) < 300 and "\0" not in one.text]
    return draw(sampled_from(texts))


def _framed(draw: DrawFn, text: str) -> str:
    frame, written = draw(sampled_from(_FRAMES))
    return frame.format(written(text))


def placed(draw: DrawFn) -> str:
    """A script, or two, in up to two others."""
    text = _one(draw)
    if draw(st.booleans()):
        text = f"{text}{draw(_BETWEEN)}{_one(draw)}"
    for _ in range(draw(sampled_from([0, 1, 1, 2]))):
        text = _framed(draw, text)
    return text


def joined(draw: DrawFn) -> str:
    """A script, in another or not, with lines that end in the middle of it."""
    text = _one(draw)
    if draw(st.booleans()):
        text = _framed(draw, text)
    for _ in range(draw(sampled_from([1, 1, 2, 3]))):
        at = draw(st.integers(0, len(text)))
        text = f"{text[:at]}\\\n{text[at:]}"
    return _framed(draw, text) if draw(st.booleans()) else text


def misspelt(draw: DrawFn) -> str:
    """A script with a sign too many, too few, or in another order."""
    text = _one(draw)
    at = draw(st.integers(0, len(text)))
    match draw(sampled_from(["more", "more", "less", "order"])):
        case "more":
            return f"{text[:at]}{draw(_SIGNS)}{text[at:]}"
        case "less":
            return text[:at] + text[at + 1 :]
        case _:
            return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]

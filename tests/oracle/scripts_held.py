"""Words of values that may be empty, absent or several: how many words does each become?"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, sampled_from

_HELD = sampled_from(
    [
        *("x=", "x=a", "x='a b'", "x=$(p2)", "unset x", ":", "x=()", "x=('')", "x=('' a)"),
        *("x=('' '')", "x=(a 'b c')", 'x=("$(p2)" b)', "(( x++ ))", "(( 0 && x++ ))", "(( x=0 ))"),
        *("(( 1/0, x=1 ))", "x=$(( y ? x++ : 2 ))", "readonly a[x++]=1", "x=(a); (( x[1]++ ))"),
    ]
)
_HOLDERS = sampled_from(["x", "x", "x", "1", "2", "@", "@", "*", "x[@]", "x[*]", "x[0]", "x[1]"])
_OTHERWISE = sampled_from(
    [
        *("", "", "d", "'d e'", "d e", '"$@"', "$@", "$*", "$x"),
        *("${x:-}", '""', "''", 'a"$@"', "${x[@]}"),
    ]
)


def held(draw: DrawFn, depth: int) -> str:
    """Words of values that may be empty, absent or many: how many words does each become?"""

    def one() -> str:
        operator = draw(sampled_from(["", "", ":-", "-", ":+", "+", ":="]))
        word = draw(_OTHERWISE) if operator else ""
        return f"${{{draw(_HOLDERS)}{operator}{word}}}"

    words = []
    for _ in range(draw(st.integers(1, 3))):
        inner = one() + draw(sampled_from(["", "", "", "a", "$x", "$@", one()]))
        quoted = draw(st.booleans()) and "'" not in inner
        words.append(
            draw(sampled_from(["", "", "", '""', "b"])) + (f'"{inner}"' if quoted else inner)
        )
    arguments = draw(sampled_from(["", "''", "a", "a ''", "'' ''", "'' b 'c d'", '"$(p2)"']))
    return f"f() {{ {draw(_HELD)}; p1 {' '.join(words)} c; }}; f {arguments}"

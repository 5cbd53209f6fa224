"""Values that bash evaluates: text that holds a command, on its way to where it runs.

Arithmetic, subscripts, names in variables and a few builtins read values as code. A script takes
such a value from somewhere, hands it on, and uses it where it is evaluated, or where it isn't.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, sampled_from

_VALUES = sampled_from(["a[$(p1)]", "a[$(p1)]", "$(p1)", "`p1`", "a[`p1`]", "arr[$(p1)]", "1", "y"])
_SOURCES = sampled_from(
    [
        *("x='{}'", "read x <<< '{}'", "x=$(p2 '{}')", "x=$(echo '{}')", "printf -v x %s '{}'"),
        *("read -a x <<< '{}'", "x=('{}')", "mapfile -t x <<< '{}'", "declare x='{}'", "x[0]='{}'"),
        *("set -- '{}'; x=$1", "for x in '{}'; do :; done", "x=0; x+='{}'", "eval \"x='{}'\""),
        *("export x='{}'", "IFS= read -r x < <(echo '{}')", "x=\"${{q:-'{}'}}\"", "unset x"),
    ]
)
_WAYS = sampled_from(
    [
        *("{use}", "{use}", "y=$x; {use}", 'y="$x" z=$y; {use}', "f() {{ {use}; }}; f"),
        *('f() {{ local x=$1; {use}; }}; f "$x"', 'set -- "$x"; {use}', 'f() {{ {use}; }}; f "$x"'),
        *("eval '{use}'", "( {use} )", "for y in $x; do {use}; done", "y=${{x:-1}}; {use}"),
        *("y=${{q:-$x}}; {use}", 'y=("$x"); {use}', "if [ a ]; then {use}; fi", "x=1 {use}"),
        *(
            "export x; bash -c '{use}'",
            "bash -c '{use}' _ \"$x\"",
            "f() {{ shift; {use}; }}; f a $x",
        ),
        *(
            "{use} | p2",
            "p2 && {use}",
            "case $x in *) {use};; esac",
            "! {use}",
            "declare -n y=x; {use}",
        ),
    ]
)
_NAMED = ["x", "y", "z"]
_TAKEN = [
    "$x",
    "$x",
    "$y",
    "$z",
    "$1",
    "$@",
    "$*",
    "${x[0]}",
    "${y[@]}",
    "${q:-$x}",
    "${x#q}",
    "${1:-0}",
]
_EVALUATE_NAMES = [
    *("(( {} ))", "p2 $(( {} + 1 ))", "[[ {} -eq 1 ]]", "let {}", "arr[{}]=1", "p2 ${{arr[{}]}}"),
    *("p2 ${{q:{}}}", "p2 ${{q:0:{}}}", "declare -i n={}", "for ((i={}; i<1; i++)); do p2; done"),
    *("p2 $[ {} ]", "(( n += {} ))", "[[ 1 -lt {} ]]", "printf -v 'arr[{}]' 1", "unset 'arr[{}]'"),
    *("declare -a n=([{}]=1)", "n=([{}]=1)", "test -v 'arr[{}]'", "read 'arr[{}]' <<< 1"),
]
_EVALUATE_VALUES = [
    *(
        "let {}",
        "test -v {}",
        "[ -v {} ]",
        "[[ -v {} ]]",
        "p2 >& {}",
        "printf -v {} 1",
        "read {} <<< 1",
    ),
    *(
        "unset {}",
        "declare {}=1",
        "export {}=1",
        "readonly {}",
        "wait -n -p {}",
        "mapfile {} <<< 1",
    ),
    *("eval p2 {}", "trap {} EXIT", "bash -c {}", "getopts ab {}", "declare -i n={}", "p2 {}"),
    *(
        "test {} -eq 1",
        "[ 1 -lt {} ]",
        "p2 $(p3 {})",
        "printf %d {}",
        "exit {}",
        "sleep {}",
        "shift {}",
    ),
    *(
        "declare -a n={}",
        "cd {}",
        "{} 2>&1",
        "p2 < {}",
        "source {}",
        "alias n={}",
        "select x in {}; do p2; done",
    ),
]
_EVALUATE_PARAMETERS = [
    "p2 ${!x}",
    "p2 ${x@P}",
    "p2 ${y@P}",
    "p2 ${!1}",
    "p2 ${!y:-1}",
    "p2 ${x@E}",
    "p2 ${1@P}",
]


def evaluated(draw: DrawFn, depth: int) -> str:
    """A value with a command in it, and where bash may evaluate it."""
    source = draw(_SOURCES).format(draw(_VALUES))
    kind = draw(sampled_from(["name", "value", "value", "taken", "parameter"]))
    if kind == "name":
        use = draw(sampled_from(_EVALUATE_NAMES)).format(draw(sampled_from(_NAMED)))
    elif kind == "taken":
        use = draw(sampled_from(_EVALUATE_NAMES)).format(draw(sampled_from(_TAKEN)))
    elif kind == "value":
        taken = draw(sampled_from(_TAKEN))
        quoted = f'"{taken}"' if draw(st.booleans()) else taken
        use = draw(sampled_from(_EVALUATE_VALUES)).format(quoted)
    else:
        use = draw(sampled_from(_EVALUATE_PARAMETERS))
    way = draw(_WAYS)
    if "'{use}'" in way:
        use = use.replace("'", "'\\''")
    return f"{source}; {way.format(use=use)}"

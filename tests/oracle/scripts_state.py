r"""Scripts about what a shell holds: each change of it crossed with what reads it.

Variables with their scopes and attributes, arguments, directories, names of functions and
programs, and ways out of loops and bodies, before which something was changed.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis.strategies import DrawFn, SearchStrategy, sampled_from


def _table(text: str) -> SearchStrategy[str]:
    """One line of a table."""
    return sampled_from([line.strip() for line in text.strip().splitlines()])


_VARIABLES = _table(r"""
    x=a
    x=
    x+=c
    x=$x.$x
    x=2+3
    x=(a b)
    x+=(c)
    x[1]=z
    unset x
    unset 'x[0]'
    local x
    local x=$x
    local x=s y=$x; x=$y
    local -i x=1+2
    local -a x=(m n)
    local -; set -f
    declare x=D
    declare -g x=G
    declare -i x
    declare -u x
    declare -l x=AbC
    declare +i x
    declare -r x=R
    declare -gi x
    typeset -a x
    export x=E
    export x=s y=$x; x=$y
    export -n x
    x=P declare x=W
    x=P export x
    x=P command export x
    x=P unset x
    x=P eval 'p2 $x'
    x=P eval x=Q
    x=P g
    x=s x=$x.2 :
    set -a
    set -o posix
    read x <<< r
    printf -v x v
    mapfile -t x <<< m
    : ${x:=d}
    ((x+=1))
    for x in 1 2; do :; done
    eval 'local x=ev'
    command local x=cl
    coproc x=c
    coproc x { p2; }
    trap 'x=t' EXIT
    x=$(x=i; echo $x)
    x=l | x=m
    x=b &
    (x=s)
""")
_READ_VARIABLES = _table(r"""
    p1 $x
    p1 "$x"
    p1 "${x-U}" "${x+s}"
    p1 "${x[@]}"
    p1 "${x[1]}" ${x}y
    p1 $((x))
    p1 "$x" "$@"
""")
_ARGUMENTS = _table(r"""
    set -- a b c
    set -- "$@" x
    set -- $x
    set --
    set a b
    set -f
    shift
    shift 2
    shift 9
    set -e -- d e
    set -- *.txt
    eval 'set -- ev "$@"'
    command set -- cs
    builtin shift
    [ $# -gt 0 ] && shift
    while [ $# -gt 0 ]; do p2 "$1"; shift; done
    for a; do p2 "$a"; shift; done
    while getopts ab: o; do p2 "$o" "$OPTARG"; done; shift $((OPTIND-1))
    case $1 in a) shift;; *) set -- cc;; esac
    x=("$@"); set -- "${x[@]}" z
    IFS=,
    [ $# = 4 ] || f "$@" n
    [ "$1" = A ] && f B
    g "$@"
""")
_READ_ARGUMENTS = _table("""
    p1 "$@"
    p1 $*
    p1 "$1" "$#"
    p1 "${2-U}" *.txt
    p1 "${@:2}" "$*"
""")
_DIRECTORIES = _table(r"""
    cd sub
    cd ..
    cd
    cd -
    cd /etc
    cd nope
    cd "$x"
    cd sub/..
    pushd sub
    popd
    pushd -n sub
    CDPATH=/etc; cd sub
    CDPATH=/project cd sub
    HOME=/etc; cd
    OLDPWD=/etc; cd -
    (cd sub)
    cd sub | cd /
    cd sub &
    coproc cd sub
    ! cd sub
    x=sub
    p2 && x=/etc
    cd() { builtin cd /etc; }
    unset -f cd
    true && cd sub
    p2 || cd sub
    if p2; then cd sub; fi
    for d in sub /etc; do cd $d; done
    trap 'rm t' EXIT
    trap 'cd /' DEBUG
    eval 'cd sub'
    command cd sub
    p1() { cd sub; }; command p1 a
    readonly PWD; cd sub
    mkdir d; cd d
    cd s*
""")
_READ_DIRECTORIES = _table("""
    rm a
    p1 > o
    p1 $PWD "$OLDPWD"
    rm ~+/a ../b
    bash -c "rm q"
    p1 $(p2 i)
    (rm a)
""")
_NAMES = _table(r"""
    p1() { p2 F "$@"; }
    p1() { command p1 C "$@"; }
    p1() { "$@"; }
    p1() { x=$1; }
    p1() { return; p2 never; }
    p1() { p1() { p2 L; }; p1 r; }
    unset -f p1
    unset p1
    if p2; then p1() { p2 I; }; else p1() { x=j; }; fi
    false && p1() { p2 N; }
    (p1() { p2 S; })
    eval 'p1() { p2 E; }'
    f() { p1() { p2 inner; }; }; f
    hash -p /bin/p3 p1
    enable -n echo
    echo() { p2 E; }
    test() { p2 T; }
    cd() { p2 D; }
    set() { p2 S; }
    export() { p2 X; }
    command() { p2 C; }
    eval() { p2 V; }
    command_not_found_handle() { p2 NF; }
    shopt -s expand_aliases
    alias p1='p2 al'
    x=p1
""")
_USE_NAMES = _table(r"""
    p1 a 'b c'
    \p1 a
    command p1 a
    exec p1 a
    bash -c 'p1 a'
    eval 'p1 a'
    $x a
    p2 $(p1 a)
    p1 a | p1 b
    p1 a; p2 "$x"
    p1 | time x=w
    time p1 a
    echo h > o
    test -n a && rm t
    cd sub; rm q
    set -- s; p2 "$1"
    export y=1; p2
    unset -f p1; p1 u
""")
_LEAVING = _table(r"""
    return
    return 1
    break
    continue
    break 2
    continue 2
    command return
    eval return
    eval break
    exit
    f
""")
_CONDITIONS = _table(r"""
    p2
    ! p2
    true
    [ "$x" = b ]
    (( $# ))
    cd sub
    read x <<< h
    x=k
    { x=m; p2; }
""")
_BODIES = _table(r"""
    for i in 1 2; do {change}; {condition} && {leave}; {change}; done
    for x in k l; do {change}; {condition} || {leave}; {change}; done
    for ((x=0; x<2; x++)); do {change}; {condition} && {leave}; {change}; break; done
    while {condition}; do {change}; {condition} || {leave}; {change}; break; done
    for i in 1 2; do for j in 3 4; do {change}; {condition} && {leave}; {change}; done; done
    if {condition}; then {change}; {leave}; else {change}; fi
    case $x in a) {change};& b) {change}; {leave};; *) {change}; esac
    case a in a) {change};;& b) {change};; *) {change};; esac
    case a in a) {change}; {change};& b) {change};; esac
    {change}; {condition} && {leave}; {change}
    {change}; {condition} || {leave}; {change}
    ({change}; {leave}; {change})
    p1 $({change}; {leave}; echo "$x")
    eval '{leave}'; {change}
""")


def _blocks(change: SearchStrategy[str], use: SearchStrategy[str]) -> Callable[[DrawFn, int], str]:
    """Changes here, in functions that call each other, and in subshells, each with a use."""
    shapes = sampled_from(
        [
            "{0}; {1}; {u}; {2}; {v}",
            "{0}; f() {{ {1}; {u}; }}; {2}; {call}; {v}",
            "x=o; f() {{ {0}; g A; {u}; }}; g() {{ {1}; {v}; }}; {call}; {w}",
            "f() {{ {0}; {1}; }}; g() {{ {2}; {u}; }}; x=o; {call}; g; {v}",
            "if p2; then f() {{ {0}; {u}; }}; else f() {{ {1}; }}; fi; x=o; {call}; {v}",
            "{0}; ({1}; {u}); {v}; {{ {2}; {w}; }}",
            "{0}; {{ {1}{o}{2}; }}{p}{u}; {v}",
            "{0}{o}{1}{p}{u}; {v}",
            "{0}; {1} && {2} & {u}; {v}",
            "! {{ {0}{o}{1}; }}{p}{u}; {v}",
            "f() {{ {0}{o}{1}; }}; if f; then {u}; else {v}; fi; {w}",
            "case a in a) {0}; {1};& b) {u};; esac; {v}",
        ]
    )
    operators = sampled_from(["; ", " && ", " || ", " & ", "\n"])
    calls = sampled_from(["f", "f A 'B C'", "x=P f", "f || :", "(f; p2)", "f | p2"])

    def maker(draw: DrawFn, depth: int) -> str:
        parts = [draw(change) for _ in range(3)]
        text = draw(shapes).format(
            *parts,
            u=draw(use),
            v=draw(use),
            w=draw(use),
            call=draw(calls),
            o=draw(operators),
            p=draw(operators),
        )
        return text.replace("&;", "&")

    return maker


def _left(draw: DrawFn, depth: int) -> str:
    """Ways out of bodies, and what holds behind them."""

    def body() -> str:
        text = draw(_BODIES)
        for name, table in (("change", _CHANGES), ("condition", _CONDITIONS), ("leave", _LEAVING)):
            while f"{{{name}}}" in text:
                text = text.replace(f"{{{name}}}", draw(table), 1)
        return text

    call = draw(sampled_from(["f", "f A", "f || :", "f; f", "(f; p2)", "f | p2", "f && p2"]))
    use = draw(sampled_from(['p1 "$x"', "p1 $x", "rm q", 'p1 "$x" "$y" "$@"', 'p1 *.txt "$x"']))
    if draw(sampled_from([True, False, False])):
        return f"x=a; {body()}; {body()}; {use}"
    return f"x=a; f() {{ {body()}; {body()}; {use}; }}; {call}; {use}"


_CHANGES = sampled_from(
    [
        *(
            "x=b",
            "x=c",
            "x=$x.",
            "x+=q",
            "x=(m n)",
            "unset x",
            "cd sub",
            "cd /",
            "set -- n",
            "y=$x",
        ),
        *("shift", "x=$y", "export x", 'p1 "$x"', "rm q", "local x=l", "declare -i x", "eval x=e"),
        *("read x <<< r", "(( x++ ))", "set -f", "IFS=:", "p2 > o", "trap 'p2 t' EXIT"),
    ]
)

STATE: dict[str, Callable[[DrawFn, int], str]] = {
    "scopes of variables": _blocks(_VARIABLES, _READ_VARIABLES),
    "arguments": _blocks(_ARGUMENTS, _READ_ARGUMENTS),
    "directories": _blocks(_DIRECTORIES, _READ_DIRECTORIES),
    "names of programs": _blocks(_NAMES, _USE_NAMES),
    "ways out of bodies": _left,
}

"""Generated scripts with an error that may make bash give up the rest of a line."""

from __future__ import annotations

from hypothesis.strategies import DrawFn, SearchStrategy, sampled_from


def _one_of(table: str) -> SearchStrategy[str]:
    """A line of a table, in which ⏎ is a new line."""
    return sampled_from([line.strip().replace("⏎", "\n") for line in table.strip().split("\n")])


_ERRORS = _one_of("""
    : $((1/0))
    : $[1/0]
    : ${q:1/0}
    : ${q:0:-9}
    : ${!q}
    : ${a[1/0]}
    : ${@=z}
    : ${1:=z}
    : $((1))
    p2 > $((1/0))
    n=$((1/0))
    a[1/0]=1
    a=([1/0]=1)
    a=(1); a[-5]=1
    UID=3
    let 1/0
    ((1/0))
    ((a[1/0]))
    [[ 1/0 -eq 1 ]]
    [[ a[1/0] -eq 1 ]]
    [[ -v a[1/0] ]]
    printf -v a[1/0] 1
    read a[1/0] <<< 1
    unset a[1/0]
    readonly r=1; r=2
    readonly r=1; r=2 p2
    readonly r=1; for r in 2; do p2; done
    readonly r; : ${r:=2}
    declare -i n; n=1/0
    declare -A m; : ${m[]}
    declare -A m; m[]=1
    shift 1 2
    exit 1 2
    caller z
    suspend 1
    FUNCNEST=1; g() { x=k; }; h() { g; }; h
    true
""")
_PLACES = _one_of("""
    ERROR
    ERROR
    ERROR
    f() { ERROR; x=c; }; f
    f() { local x=c; ERROR; }; f
    f() { set -- z; ERROR; }; f q
    ( ERROR )
    ERROR | cat
    ERROR &
    { ERROR⏎x=d⏎}
    for i in 1; do ERROR; done
    if ERROR; then x=e; fi
    y=$(ERROR)
    true && ERROR
    ! ERROR
    time ERROR
    x=h; ERROR
    eval 'ERROR'
    eval 'x=d; ERROR; x=e'
    eval 'x=d⏎ERROR; x=e⏎p2'
    eval 'f() { p3; }; ERROR; f() { p4; }'
    bash -c 'ERROR'
    trap 'ERROR' EXIT
    trap 'ERROR' DEBUG
""")
_BETWEEN = sampled_from(["; ", "; ", " && ", " || ", "\n", "; \\\n", " # c \\\n", " &&\n", " &\n"])
_BEHIND = _one_of("""
    x=a
    x=a; cd sub
    x=a # c \\
    x=a; p2 <<E⏎b⏎E
    cd sub
    f() { x=g; }; f
    f() { p5; }
    set -- a
    unset x
    p2
""")
_NEXT = _one_of("""
    p1 $x
    p1 "$x" "$1"
    p1 ${x:-z} > out
    rm b.txt
    f; p1 $x
    $x a
""")


def failed(draw: DrawFn, depth: int) -> str:
    """Assignments around an error, and a line behind it that sees what was assigned."""
    error = draw(_PLACES).replace("ERROR", draw(_ERRORS))
    script = f"x=b; {error}{draw(_BETWEEN)}{draw(_BEHIND)}\n{draw(_NEXT)}"
    # an error that ends a line of what a shell reads may end all of what `-c` gives it
    return draw(sampled_from([script, f"bash <<'Z'\n{script}\nZ"]))

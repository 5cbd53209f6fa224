"""Texts that bash reads otherwise than they look: each has a part that isn't understood.

bash was asked about every one of them; what it did was not what the words seemed to say.
"""

from __future__ import annotations

import pytest
from shell_plans import plan

REFUSED = [
    # A line that ends, and another that begins with a line's continuation.
    "[[ a ]]; ls a \n\\\nrm x",
    "[[ a ]]\nls a #c\n\\\nrm x",
    # `name[` where an assignment may stand: a subscript goes on to its bracket.
    "[[ a ]]; ls[ # ]; rm x",
    "x=1; x[ # ]=1; rm x",
    "a=([ # ]=$(rm x)\n); ls a",
    # A line's continuation inside a name, a keyword or a descriptor.
    "x=1; ls $x\\\nrm",
    'x=1; ls "$x\\\nrm"',
    "cat <<E\n$x\\\nrm\nE",
    "ls 2\\\n>f",
    # `{` is a keyword only where a blank follows.
    "x=1;ls !\n{a,b}\nE\n}",
    # Brace expansion looks into what stands in `${…}`.
    "x=1;ls {a,b}${x#{a,b}{a,b}}",
    'ls "${x:-"a,b"}"{c,d}',
    # The name of a file behind `>&` is expanded twice, and `-` closes.
    "ls a >&'$(rm x)'",
    "ls a 1>&'`rm x`'",
    'ls >&2\\"',
    "ls >&-x",
    # bash declares some variables as integers itself.
    "RANDOM='a[$(rm y)]'",
    "x='a[$(rm y)]'; OPTIND=$x",
    "for HISTCMD in 'a[$(rm y)]'; do ls; done",
    "read SRANDOM <<< 'a[$(rm y)]'",
    # Characters with which the readers mark what they have read.
    "bash -c $'ls a\\x02'",
    "bash -c $'ls a \\x03'",
    # What stands in a substitution is written out, and read again.
    "echo $(coproc ls)",
    "echo <(coproc ls)",
    "ls $(cat <<''\n$(rm x)\n\n)",
    # The quotes stay in a function's name.
    "function l\\s { rm x; }; ls",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_that_bash_reads_otherwise_is_not_understood(text: str) -> None:
    assert any("opaque" in line for line in plan(text))


UNDERSTOOD = [
    "ls >&2 a",
    "ls >& ~/x",
    "x[1]=2; x[i+1]=3",
    "a=([1]=x [2]=z); echo ${a[1]}",
    "for f in a b # c\ndo ls $f # d\ndone",
    "select f in a b; do ls; break; done",
    "function f { ls; }; f",
    "f() ( ls ) >x; f",
    "for ((i=0;i<3;i++)) { ls; }",
    "time -p ls; coproc F { ls; }",
    "cat <<E | grep x # c '\na\nE\nls",
    "case $x in a|b) ls;; (c) id;& *) ls;; esac",
    "{ ls; id; } | cat; (ls;id)&",
    "ls a{b,c}${x}",
    "OPTIND=1; while getopts ab o; do ls; done; shift $((OPTIND-1))",
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_looks_like_it_is_understood(text: str) -> None:
    assert not any("opaque" in line for line in plan(text))

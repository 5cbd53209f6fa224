"""What a value is where it is read: what was expanded before it, and what changed it.

Rows are scripts and what runs, in the notation of `shell_plans`.
"""

from __future__ import annotations

import pytest
from shell_plans import actions, plan

from policy.plan import Command

ASSIGNED_IN_TURN = [
    ("x=1 y=$x; p $y", ["p 1"]),
    ("x=1 y=$((x++)) z=$x; p $z", ["p ?"]),
    ("x=1; x=5 y=$((x+=1)); p $x", ["p ?"]),
    ("x=a; x=b y=$x p", ["x:=b", "y:=b", "p"]),
    ("x=a; x=b y=$x p; q $x", ["x:=b", "y:=b", "p", "q a"]),
    ("i=1; i=5 j=$((i++)) p", ["i:=?", "j:=?", "p"]),
    ("x=a; x+=b y=$x p", ["x:=?b", "y:=?", "p"]),
]

DECLARED_AFTER_ALL_IS_EXPANDED = [
    ("x=a; declare x=b y=$x; p $x $y", ["declare x=b y=a", "p b a"]),
    ("x=a; f() { local x=b y=$x; p $y; }; f", ["[function f] local x=b y=a", "[function f] p a"]),
    ("x=a; declare x=b $x=c; p $a", ["declare x=b a=c", "p c"]),
    ("x=a; declare x=b >f$x", ["declare x=b 1>fa"]),
    ("x=a; declare x=b z=($x); p ${z[0]}", ["declare x=b z=?", "p a"]),
]

NOT_ASSIGNED_ANY_MORE = [
    ("readonly z=a z=b; p $z", ["readonly z=a z=b", "p a", "p b"]),
    ("readonly z={a,b}; p $z", ["readonly z=a z=b", "p a", "p b"]),
]

OTHER_ELEMENTS_STAY = [
    ('a=(1 2); for a in x; do p "${a[@]}"; done', ["p ??"]),
    ('a=(1 2); ((a=3)); p "${a[@]}"', ["p ??"]),
    ("printf -v 'a[1]' %s b; a=c; p \"${a[*]}\"", ["printf -v a[1] %s b", "p ?"]),
    ('read -ra a <<< "x y"; a=c; p "${a[*]}"', ["read -ra a <- x_y", "p ?"]),
    ('read a <<< "x y"; a=c; p "${a[*]}"', ["read a <- x_y", "p c"]),
    ('mapfile -t a < f; a=c; p "${a[*]}"', ["mapfile -t a 0<f <- file", "p ?"]),
    ('(( a[1] = 3 )); a=c; p "${a[*]}"', ["p ?"]),
    (': "${a[1]:=3}"; a=c; p "${a[*]}"', [": ?", "p ?"]),
]

TARGETS = [
    ("p > {a,}", ["p 1>?"]),
    ("p > {a,b}", ["p 1>?"]),
    ("p > {a}", ["p 1>{a}"]),
    ("p > x=~", ["p 1>x=?"]),
    ("p <<< {a,b}", ["p <- {a,b}"]),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *ASSIGNED_IN_TURN,
        *DECLARED_AFTER_ALL_IS_EXPANDED,
        *NOT_ASSIGNED_ANY_MORE,
        *OTHER_ELEMENTS_STAY,
        *TARGETS,
    ],
)
def test_a_value_is_what_bash_has_there(text: str, expected: list[str]) -> None:
    assert plan(text) == expected


@pytest.mark.parametrize(
    ("written", "home"),
    [
        ("${x:+~}", True),
        ("${x:+~/b}", True),
        ('"${x:+~/b}"', False),
        ("${x:+'~/b'}", False),
        ("${x:+b~}", False),
    ],
)
def test_a_tilde_that_begins_another_value_is_the_home_directory(written: str, home: bool) -> None:
    *_, action = actions(f"x=a; p {written}")
    assert isinstance(action.does, Command)
    assert action.does.words[1].home is home

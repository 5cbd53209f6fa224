"""What a script would run: every command, with its words, its input and how it is reached.

Rows are a script and its actions, one string each: see `shell_plans` for the notation.
"""

from __future__ import annotations

import pytest
from shell_plans import actions, line, plan

LISTS = [
    ("ls a", ["ls a"]),
    ("ls a; id && pwd || whoami & date", ["ls a", "id", "pwd", "whoami", "date"]),
    ("ls\nid\n\npwd", ["ls", "id", "pwd"]),
    ("ls &&\nid ||\npwd", ["ls", "id", "pwd"]),
    ("! ls", ["ls"]),
    ("rm a & wait", ["rm a", "wait"]),
    ("(ls &) ; ls& id", ["ls", "ls", "id"]),
    ("(cd /srv && rm a); ls", ["cd /srv", "rm a", "ls"]),
    ("((ls); id)", ["ls", "id"]),
    ("{ ls; id; }", ["ls", "id"]),
    ("/bin/rm a; \\rm a; 'r'm a", ["/bin/rm a", "rm a", "rm a"]),
    ("", []),
    (" \n\t", []),
    ("# rm a", []),
    ("ls # rm b\n# rm c\nid", ["ls", "id"]),
    ("ls; # c\nid # d; rm a", ["ls", "id"]),
    ("ls \\\n -l", ["ls -l"]),
    ("r\\\nm a", ["rm a"]),
    ("echo a\\\n#b", ["echo a#b"]),
    ("ls -l\r\nid\r\n", ["ls -l\r", "id\r"]),
]

PIPELINES = [
    ("ls | grep x | wc -l", ["ls", "grep x <- pipe ls", "wc -l <- pipe ls"]),
    ("ls |& grep x", ["ls", "grep x <- pipe ls"]),
    ("ls |\n wc", ["ls", "wc <- pipe ls"]),
    ("ls |\\\n wc", ["ls", "wc <- pipe ls"]),
    ("ls 2>&1 | cat", ["ls 2=1", "cat <- pipe ls"]),
    ("{ ls; id; } | cat", ["ls", "id", "cat <- pipe id"]),
    ("ls | { cat; wc; }", ["ls", "cat <- pipe ls", "wc <- pipe ls"]),
    ("ls | (cat)", ["ls", "cat <- pipe ls"]),
    ("if ls; then id; fi | cat", ["ls", "id", "cat <- pipe id"]),
]

COMPOUND = [
    (
        "if true; then rm a; elif id; then rm b; else rm c; fi",
        ["true", "rm a", "id", "rm b", "rm c"],
    ),
    ("if ls\nthen id\nelse pwd\nfi", ["ls", "id", "pwd"]),
    ("if ((x == 1)); then ls; fi", ["ls"]),
    ("for i in a b; do rm $i; done", ["rm a", "rm b"]),
    ("for x in a b\ndo\n ls\ndone", ["ls"]),
    ("for i; do rm $i; done", ["rm ??"]),
    ('for i in "$@"; do rm "$i"; done', ["rm ?"]),
    ('for i in $(ls); do rm "$i"; done', ["[$(…)] ls", "rm ?"]),
    ('for i in *.log; do rm "$i"; done', ["rm glob(*.log)"]),
    ("for i in {1..3}; do rm f$i; done", ["rm f1", "rm f2", "rm f3"]),
    (
        "for i in a b; do for j in c d; do rm $i$j; done; done",
        ["rm ac", "rm ad", "rm bc", "rm bd"],
    ),
    ("for ((i=0; i<3; i++)); do rm $i; done", ["rm ?"]),
    (
        'while read -r f; do rm "$f"; done < list',
        ["0<list", "read -r f <- file", "rm ? <- file"],
    ),
    ("while :; do ls; break; done", [":", "ls", "break"]),
    ("until id; do sleep 1; done", ["id", "sleep 1"]),
    ("case $x in a|b) rm a;; *) rm c;; esac", ["rm a", "rm c"]),
    ("case $x in a) rm a;& b) rm b;;& *) rm c; esac", ["rm a", "rm b", "rm c"]),
    (
        "case $(id) in (a) rm a;; $(pwd)) rm b;; esac",
        ["[$(…)] id", "[$(…)] pwd", "rm a", "rm b"],
    ),
    ("select f in a b; do rm $f; break; done", ["rm ??", "break"]),
    ("[[ -f $(id) && x == y* ]] && rm a", ["[$(…)] id", "rm a"]),
    ("[[ $x =~ ^a(b)$ ]] && ls", ["ls"]),
    ("[ -f $(id) ] && ls", ["[$(…)] id", "[ -f ?? ]", "ls"]),
    ("((x++))", []),
    ("[[ a < b ]]", []),
    ("time rm a", ["[time] rm a"]),
    ("time -p rm a | wc", ["[time] rm a", "wc <- pipe rm"]),
    ("! time ls", ["[time] ls"]),
    ("time { rm a; }", ["rm a"]),
    ("time LD_PRELOAD=./x.so ls", ["LD_PRELOAD:=./x.so", "ls"]),
    ("x=ls; time -p x=rm; $x -rf a", ["rm -rf a"]),
    ("time ! rm a", ["rm a"]),
    ("for x in time a=1; do rm $x; done", ["rm time", "rm a=1"]),
    ("coproc dd if=a", ["dd if=a <- pipe ?"]),
    ("coproc rm {a,b}", ["rm a b <- pipe ?"]),
    ('export "NODE_OPTIONS=a"', ["export NODE_OPTIONS=a", "NODE_OPTIONS:=a"]),
    ('x=NODE_OPTIONS=a; export "$x"', ["export NODE_OPTIONS=a", "NODE_OPTIONS:=a"]),
    ('declare -x "NODE_OPTIONS=$x"', ["declare -x NODE_OPTIONS=?", "NODE_OPTIONS:=?"]),
    ("coproc rm a", ["rm a <- pipe ?"]),
    ("coproc N { rm a; }", ["rm a <- pipe ?"]),
    ("coproc ls | cat", ["ls <- pipe ?", "cat <- pipe ls"]),
]

FUNCTIONS = [
    ('f() { rm "$1"; }; f /srv/a; f b c', ["[function f] rm /srv/a", "[function f] rm b"]),
    ('function f { rm "$@"; }; f a b', ["[function f] rm a b"]),
    ("function f() { rm $#; }; f a b", ["[function f] rm ?"]),
    ("f() ( rm a )\nf", ["[function f] rm a"]),
    ("f() { rm a; }", ["[function f] rm a"]),  # never called, and said all the same
    ("f() { f; rm a; }; f", ["[function f] rm a"]),
    ("f() { g; }; g() { rm a; }; f", ["[function f; function g] rm a"]),
    ("f() { g() { rm a; }; }; f; g", ["[function g] rm a"]),
    ("ls() { rm -rf /srv; }; ls", ["[function ls] rm -rf /srv"]),
    ("ls() { rm a; }; \\ls", ["[function ls] rm a"]),
    ("ls() { rm a; }; command ls", ["[command] ls", "[function ls] rm a"]),
    (
        'f() { id && f b; rm "$1"; }; f a',
        [
            "[function f] id",
            "[function f; function f] id",
            "[function f; function f] rm b",
            "[function f] rm a",
        ],
    ),
    (
        "x=a; f() { x=b; id && return; x=c; }; f; rm $x",
        ["[function f] id", "[function f] return", "rm c", "rm b"],
    ),
    (
        "if id; then x=a; else x=b; fi; f() { y=$1; }; f $x; rm $y",
        ["id", "rm b", "rm a"],
    ),
    ("f() { eval 'set -- b'; rm $1; }; f a", ["[function f; eval] set -- b", "[function f] rm ??"]),
    ("f() { rm a; }; (unset -f f); f", ["unset -f f", "[function f] rm a"]),
    ("f() { rm a; }; unset -f f; f", ["unset -f f", "[function f] rm a", "f"]),
    (
        "if id; then f() { rm a; }; else f() { rm b; }; fi; f",
        ["id", "[function f] rm b", "[function f] rm a"],
    ),
    ("f() { local x=$1; rm $x; }; f a", ["[function f] local x=a", "[function f] rm a"]),
    (
        'f() { rm "$2"; shift; rm "$1"; }; f a b',
        ["[function f] rm b", "[function f] shift", "[function f] rm ?"],
    ),
    (
        'f() { rm "$@"; }; for x in a b; do f $x; done',
        ["[function f] rm a", "[function f] rm b"],
    ),
    ("f() { rm $1; }; f $x", ["[function f] rm ??"]),
    ("f() { $1 -rf /srv; }; f rm", ["[function f] rm -rf /srv"]),
    ("f() { eval \"$1\"; }; f 'rm a'", ["[function f; eval] rm a"]),
    ("f() { bash -c \"$1\"; }; f 'rm a'", ["[function f; bash -c] rm a"]),
    ("f() { cat; }; ls | f", ["ls", "[function f] cat <- pipe ls"]),
    ("f() { id; } > log; f", ["[function f] 1>log", "[function f] id"]),
    ("x=a; f() { x=b; }; f; rm $x", ["rm b"]),
    ("eval 'f() { rm a; }'; f", ["[function f] rm a", "f"]),
    (
        "f() { rm a; }; export -f f; bash -c f",
        ["export -f f", "[bash -c; function f] rm a", "[bash -c] f"],
    ),
    ("f() { rm a; }; trap f EXIT", ["[trap; function f] rm a", "[trap] f"]),
]

SUBSTITUTIONS = [
    ("echo $(ls)", ["[$(…)] ls", "echo ??"]),
    ('echo "a $(ls) b"', ["[$(…)] ls", "echo a_?_b"]),
    ("echo `ls`", ["[$(…)] ls", "echo ??"]),
    ("echo `echo \\`id\\``", ["[$(…); $(…)] id", "[$(…)] echo ??", "echo ??"]),
    ("echo $(cat $(id))", ["[$(…); $(…)] id", "[$(…)] cat ??", "echo ??"]),
    ("echo ${x:-$(id)}", ["[$(…)] id", "echo ??"]),
    ("echo ${x:-`id`}", ["[$(…)] id", "echo ??"]),
    ('echo "${x:-$(id)}"', ["[$(…)] id", "echo ?"]),
    ('echo "${x:-${y:-${z:-$(id)}}}"', ["[$(…)] id", "echo ?"]),
    ("echo ${x:=$(id)}", ["[$(…)] id", "echo ??"]),
    ("echo ${x:?$(id)}", ["[$(…)] id", "echo ??"]),
    ("echo ${x:+$(id)}", ["[$(…)] id", "echo ??"]),
    ("echo ${x#$(id)}", ["[$(…)] id", "echo ??"]),
    ("echo ${x%%$(id)}", ["[$(…)] id", "echo ??"]),
    ("echo ${x/$(id)/$(pwd)}", ["[$(…)] id", "[$(…)] pwd", "echo ??"]),
    ('echo "${x//$(id)/$(pwd)}"', ["[$(…)] id", "[$(…)] pwd", "echo ?"]),
    ("echo ${x^^$(id)}", ["[$(…)] id", "echo ??"]),
    ("diff <(ls a) <(ls b)", ["[<(…)] ls a", "[<(…)] ls b", "diff /dev/fd/63 /dev/fd/63"]),
    ("tee >(rm a) < f", ["[>(…)] rm a <- pipe ?", "tee /dev/fd/63 0<f <- file"]),
    ("sort < <(ls)", ["[<(…)] ls", "sort 0</dev/fd/63 <- file"]),
    ("ls > >(tee f)", ["[>(…)] tee f <- pipe ?", "ls 1>/dev/fd/63"]),
    (
        "cat <(cat <(id))",
        ["[<(…); <(…)] id", "[<(…)] cat /dev/fd/63", "cat /dev/fd/63"],
    ),
    ("a=($(id) b)", ["[$(…)] id"]),
    ("a[1]=$(id)", ["[$(…)] id"]),
    ("a+=($(id))", ["[$(…)] id"]),
    ("x=$(id) y=$(pwd)", ["[$(…)] id", "[$(…)] pwd"]),
    ("declare -A m=([k]=$(id))", ["[$(…)] id", "declare -A m=?"]),
    ('echo "$(<f)"', ["[$(…)] 0<f <- file", "echo ?"]),
    ("echo '$(rm a)' \\$\\(id\\)", ["echo $(rm_a) $(id)"]),
    ("$'\\x72\\x6d' -rf /srv", ["rm -rf /srv"]),
]

DOCUMENTS = [
    ("cat <<EOF\nhi\nEOF\n", ["cat <- hi\\n"]),
    ("cat <<EOF\nhi\nEOF", ["cat <- hi\\n"]),
    ("cat <<EOF\nhi", ["cat <- hi"]),
    ("cat <<EOF$\n$(id)\nEOF$\nls", ["[$(…)] id", "cat <- ?", "ls"]),
    ("cat <<E\\\nOF\n$(id)\nEOF\nls", ["[$(…)] id", "cat <- ?", "ls"]),
    ("cat <<E$'OF'\n$(id)\nEOF\nls", ["cat <- $(id)\\n", "ls"]),
    (
        "cat <<EOF\nhi $x $(id) `pwd`\nEOF\n",
        ["[$(…)] id", "[$(…)] pwd", "cat <- ?"],
    ),
    ("cat <<EOF\n${x:-$(id)} \\$(who)\nEOF", ["[$(…)] id", "cat <- ?"]),
    ("cat <<EOF\n'$(id)'\nEOF", ["[$(…)] id", "cat <- ?"]),
    ('x=a; cat <<EOF\n$x\\$x"b"\nEOF', ['cat <- a$x"b"\\n']),
    ("cat <<'EOF'\nhi $x $(id)\nEOF\n", ["cat <- hi_$x_$(id)\\n"]),
    ('cat <<"EOF"\n$(id)\nEOF', ["cat <- $(id)\\n"]),
    ("cat <<\\EOF\n$(id)\nEOF", ["cat <- $(id)\\n"]),
    ('cat <<E"O"F\n$(id)\nEOF', ["cat <- $(id)\\n"]),
    ("cat <<-EOF\n\thi\n\t\tthere\n\tEOF\nls", ["cat <- hi\\nthere\\n", "ls"]),
    ("cat <<-'EOF'\n\t$(id)\n\tEOF\nls", ["cat <- $(id)\\n", "ls"]),
    ("cat <<A <<B\n$(id)\nA\nb\nB\n", ["[$(…)] id", "cat <- b\\n"]),
    (
        "cat <<A; cat <<B\n$(id)\nA\n$(pwd)\nB\nls",
        ["[$(…)] id", "cat <- ?", "[$(…)] pwd", "cat <- ?", "ls"],
    ),
    ("cat <<A && rm b\nx\nA", ["cat <- x\\n", "rm b"]),
    ("cat <<A\nx\n A\nA\nls", ["cat <- x\\n_A\\n", "ls"]),
    ("cat 3<<EOF\n$(id)\nEOF", ["[$(…)] id", "cat 3<?"]),
    ("cat > f <<EOF\nx\nEOF", ["cat 1>f <- x\\n"]),
    ("if true; then cat <<A\n$(id)\nA\nfi", ["true", "[$(…)] id", "cat <- ?"]),
    ("x=$(cat <<A\n$(id)\nA\n); rm $x", ["[$(…); $(…)] id", "[$(…)] cat <- ?", "rm ??"]),
    ("while read x; do id; done <<E\na\nE", ["read x <- a\\n", "id <- a\\n"]),
    ("cat <<< a", ["cat <- a"]),
    ("cat <<< 'a b'", ["cat <- a_b"]),
    ("cat <<< $(id)", ["[$(…)] id", "cat <- ?"]),
    ("cat<<<$x", ["cat <- ?"]),
    ("echo '<<EOF'\nls", ["echo <<EOF", "ls"]),
    ("echo $((1<<2))\nls", ["echo ?", "ls"]),
]

REDIRECTS = [
    ("ls > f", ["ls 1>f"]),
    ("ls >| f", ["ls 1>f"]),
    ("ls >> f", ["ls 1>>f"]),
    ("ls &> f", ["ls &>f"]),
    ("ls &>> f", ["ls &>>f"]),
    ("ls >& f", ["ls &>f"]),
    ("ls >&f", ["ls &>f"]),
    ("ls <> f", ["ls 0<>f <- file"]),
    ("cat < f", ["cat 0<f <- file"]),
    ("<f cat", ["cat 0<f <- file"]),
    ("2>f ls", ["ls 2>f"]),
    ("ls 2> f", ["ls 2>f"]),
    ("ls >f 2>&1", ["ls 1>f 2=1"]),
    ("ls 2>&1 >f", ["ls 2=1 1>f"]),
    ("ls >&2 2>&- 3<&0", ["ls 1=2 2=- 3=0"]),
    ("ls 3>f 4<g 5>>h 6<>i", ["ls 3>f 4<g 5>>h 6<>i"]),
    ("ls 2>/dev/null >>log <in", ["ls 2>/dev/null 1>>log 0<in <- file"]),
    ("echo a>b<c", ["echo a 1>b 0<c <- file"]),
    ("echo 2 >f", ["echo 2 1>f"]),
    ("echo 2>f", ["echo 2>f"]),
    ("exec {fd}>f", ["exec fd>f"]),
    ("ls {fd}>f", ["ls fd>f"]),
    ("exec > f", ["exec 1>f"]),
    ("> f", ["1>f"]),
    ("echo x > /dev/tcp/h.example/80", ["echo x 1>/dev/tcp/h.example/80"]),
    (
        "exec 5<>/dev/tcp/h.example/80; cat <&5",
        ["exec 5<>/dev/tcp/h.example/80", "cat 0=5 <- pipe ?"],
    ),
    ("cat < /dev/udp/h.example/53", ["cat 0</dev/udp/h.example/53 <- file"]),
    ("ls > $x", ["ls 1>?"]),
    ('ls > "$x/y"', ["ls 1>?/y"]),
    ("x=/srv; ls > $x/a", ["ls 1>/srv/a"]),
    ("for i in a b; do ls > $i; done", ["ls 1>a", "ls 1>b"]),
    ("ls > ~/a", ["ls 1>~/a"]),
    ("ls > $(id)", ["[$(…)] id", "ls 1>?"]),
    ("ls >&$x", ["ls &>?"]),
    ("ls > 'a b'", ["ls 1>a_b"]),
    ("{ ls; id; } > f", ["1>f", "ls", "id"]),
    ("(ls) < in", ["0<in", "ls <- file"]),
    ("while read x; do id; done > f", ["1>f", "read x", "id"]),
    ("for i in a; do ls; done > f", ["1>f", "ls"]),
    ("if true; then id; fi < f", ["0<f", "true <- file", "id <- file"]),
    ("case a in a) ls;; esac > f", ["1>f", "ls"]),
    ("[[ a ]] > f", ["1>f"]),
    ("{ ls; } 2>&1 | cat", ["2=1", "ls", "cat <- pipe ls"]),
]

VALUES = [
    ('x=/srv; rm -rf $x "$x/a" ${x}b', ["rm -rf /srv /srv/a /srvb"]),
    ("x=a; y=$x$x; z=${y}c; rm $z", ["rm aac"]),
    ("x=a; x+=b; rm $x", ["rm ab"]),
    ("x=a && x=b; rm $x", ["rm b", "rm a"]),
    ("x=a; case a in a) x=b;& c) rm $x;; esac", ["rm a", "rm b"]),
    (
        "x=a; for i in 1; do x=b; id && break; x=c; done; rm $x",
        ["id", "break", "rm a", "rm c", "rm b"],
    ),
    ("rm a | time x=b", ["rm a", "[time] x=b <- pipe rm"]),
    ("coproc rm a; rm b", ["rm a <- pipe ?", "rm b"]),
    ("x=rm; $x -rf /srv", ["rm -rf /srv"]),
    ("x='rm -rf /srv'; $x", ["rm -rf /srv"]),
    ('x=(rm -rf /srv); "${x[@]}"', ["rm -rf /srv"]),
    ("for x in rm ls; do $x a; done", ["rm a", "ls a"]),
    ("cmd='psql -c'; $cmd 'DROP TABLE t'", ["[psql -c] postgres: drop t"]),
    ("x='rm a'; eval $x", ["[eval] rm a"]),
    ("x='rm a'; bash -c \"$x\"", ["[bash -c] rm a"]),
    ("x=$(echo a); rm $x", ["[$(…)] echo a", "rm a"]),
    ("x=$(id); rm $x", ["[$(…)] id", "rm ??"]),
    ('x="/srv/$y"; rm "$x"', ["rm /srv/?"]),
    ("x=~/a; rm $x", ["rm ~/a"]),
    ("x=1; x=2 y=$x; rm $y", ["rm 2"]),
    ("x=a rm $x", ["x:=a", "rm ??"]),
    ("x=rm; x=ls true; $x a", ["x:=ls", "true", "rm a"]),
    ("a=(x y); a+=(z); rm ${a[@]}", ["rm x y z"]),
    ("a=(x y); rm ${a[1]}", ["rm y"]),
    ('a=(x y); for i in "${a[@]}"; do rm $i; done', ["rm x", "rm y"]),
    ("a=(ls); a[0]=rm; rm $a", ["rm ??"]),
    # branches and loops
    ("x=a; if id; then x=b; fi; rm $x", ["id", "rm a", "rm b"]),
    ("if id; then x=b; else x=c; fi; rm $x", ["id", "rm c", "rm b"]),
    ("if id; then x=b; fi; rm $x", ["id", "rm ??"]),
    ("x=1; case $y in a) x=2;; esac; rm $x", ["rm 1", "rm 2"]),
    ("x=a; while id; do x=b; done; rm $x", ["id", "rm a", "rm b"]),
    ("x=a; while id; do x=${x}b; done; rm $x", ["id", "rm ??"]),
    ("x=ls; while id; do $x; x='rm a'; done", ["id", "ls", "rm a"]),
    ("for i in a b; do :; done; rm $i", [":", "rm ??"]),
    ("x='a b'; for i in $x; do rm $i; done", ["rm a", "rm b"]),
    # subshells keep their changes for themselves
    ("x=a; (x=b); rm $x", ["rm a"]),
    ("x=a; { x=b; }; rm $x", ["rm b"]),
    ("x=a; x=b & rm $x", ["rm a"]),
    ("x=a; : $(x=b); rm $x", [": ??", "rm a"]),
    ("x=a; id | x=b; rm $x", ["id", "rm a", "rm b"]),  # `lastpipe`
    # what changes a variable in a way that the text doesn't fix
    ("x=a; read x; rm $x", ["read x", "rm ??"]),
    ("read -r x <<< a; rm $x", ["read -r x <- a", "rm ??"]),
    ("x=a; unset x; rm $x", ["unset x", "rm ??"]),
    ("x=a; unset $y; rm $x", ["unset ??", "rm ??"]),
    ("x=a; printf -v x %s b; rm $x", ["printf -v x %s b", "rm ??"]),
    ("x=a; getopts ab x; rm $x", ["getopts ab x", "rm ??"]),
    ('mapfile -t a < f; rm "${a[@]}"', ["mapfile -t a 0<f <- file", "rm ??"]),
    ("x=a; : ${x:=b}; rm $x", [": ??", "rm ??"]),
    ("x=a; eval 'x=b'; rm $x", ["rm ??"]),
    ('x=a; eval "$y"; rm $x', ["eval ?", "[eval] opaque dynamic-code", "rm ??"]),
    ("x=a; trap 'x=b' DEBUG; rm $x", ["rm ??"]),
    ("set -- a b; rm $1", ["set -- a b", "rm ??"]),
    ("set -- a b; shift; rm $1", ["set -- a b", "shift", "rm ??"]),
    ("set -e; rm a", ["set -e", "rm a"]),
    # arithmetic may not be reached, and may fail: then the variable has what it had
    ("i=-; (( 0 && i++ )); rm $i", ["rm ?", "rm -"]),
    ("i=1; (( i++ )); rm $i", ["rm ?"]),
    ("(( i++ )); rm $i", ["rm ??"]),
    ("(( i=0 )); rm $i", ["rm ?"]),
    ("(( 1/0, i=0 )); rm $i", ["rm ??"]),
    ("for ((i=0; i<3; i++)); do rm a$i; done", ["rm a?"]),
    ("readonly a[i++]=1; rm $i", ["readonly glob(a[i++]=1)", "rm ??"]),
    # an error ends its line, and the next one runs
    ("x=b; : $((1/0)); x=a\nrm $x", [": ?", "rm a", "rm b"]),
    ("x=b; : $((1/0)); x=a; rm $x", [": ?", "rm a"]),
    ("readonly r=1; x=b; r=2; x=a\nrm $x", ["readonly r=1", "rm a", "rm b"]),
    ("x=b; (: $((1/0))); x=a\nrm $x", [": ?", "rm a"]),
    ("x=b; : $((1/0)); x=a # c \\\nrm $x", [": ?", "rm a", "rm b"]),
    ("x=b; : $((1/0)) && \\\nx=a\nrm $x", [": ?", "rm a", "rm b"]),
    ("readonly r; x=b; : ${r:=2}; x=a\nrm $x", ["readonly r", ": ??", "rm a", "rm b"]),
    # nothing in quotes is a word, and in a list none
    ('x=; rm "${x:-}" "${x:+b}" "${x-b}" ${x:-} a', ["rm '' '' '' a"]),
    ('x=b; rm "${x:+}" ${x:+} a', ["rm '' a"]),
    ('x=(); rm "${x[@]:+b}" "${x[*]:+b}" a', ["rm '' a"]),
    ('x=(\'\' b); rm "${x:-c}" "${x[@]:-c}"', ["rm c '' b"]),
    ('x=$(id); rm ${x:+a} "${x:+a}" ${x+a}', ["[$(…)] id", "rm ?? ? a"]),
    ('f() { x=; rm "$@$x" a; }; f', ["[function f] rm ?? a"]),
    ('rm "${x:-"$@"}" "${!B@}"', ["rm ?? ??"]),
    # declarations
    ("export x=a; rm $x", ["x:=a", "export x=a", "rm a"]),
    ("declare x=a; rm $x", ["declare x=a", "rm a"]),
    ("readonly x=a; rm $x", ["readonly x=a", "rm a"]),
    ("export x; rm $x", ["export x", "rm ??"]),
]

DELEGATION = [
    ("bash -c 'rm -rf /srv'", ["[bash -c] rm -rf /srv"]),
    ("sudo -u app rm a", ["[sudo -u app] rm a"]),
    (
        "env A=1 timeout 5 nohup nice -n 5 rm a",
        ["[env] A:=1", "[env; timeout; nohup; nice] rm a"],
    ),
    ("timeout 5 bash -c 'ls; rm a'", ["[timeout; bash -c] ls", "[timeout; bash -c] rm a"]),
    ("exec rm a", ["[exec] rm a"]),
    ("command rm a", ["[command] rm a"]),
    ("command -v rm", ["command -v rm"]),
    ("eval rm -rf /srv", ["[eval] rm -rf /srv"]),
    ("eval 'eval \"rm a\"'", ["[eval; eval] rm a"]),
    ("trap 'rm -f $t' EXIT", ["[trap] rm -f ??"]),
    ("watch 'rm a'", ["[watch] rm a"]),
    ("ssh web-1 rm -rf /srv", ["[ssh web-1] rm -rf /srv"]),
    ("ssh web-1 'cd /srv && rm a'", ["[ssh web-1] cd /srv", "[ssh web-1] rm a"]),
    ("ssh h 'ssh g \"rm a\"'", ["[ssh h; ssh g] rm a"]),
    ("ssh h \"psql -c 'DELETE FROM t'\"", ["[ssh h; psql -c] postgres: delete t"]),
    ("kubectl exec pod -- rm a", ["[kubectl exec pod] rm a"]),
    ("find . -name x -exec rm {} \\;", ["find . -name x -exec rm {} ;", "[find -exec] rm ?"]),
    ("xargs -I{} rm {}/x", ["[xargs] rm ?/x <- pipe ?"]),
    ("ls | xargs rm -f", ["ls", "[xargs] rm -f ?? <- pipe ?"]),
    (
        "psql -c 'SELECT 1; DELETE FROM t'",
        ["[psql -c] postgres: select", "[psql -c] postgres: delete t"],
    ),
    ("psql <<EOF\nDROP TABLE t;\nEOF", ["[psql] postgres: drop t"]),
    ("echo 'DROP TABLE t' | psql", ["echo DROP_TABLE_t", "[psql] postgres: drop t"]),
    ("echo 'rm a' | bash", ["echo rm_a", "[bash] rm a <- pipe ?"]),
    ("bash <<< 'rm a'", ["[bash] rm a <- pipe ?"]),
    ("bash <<EOF\nrm -rf /srv/x\nEOF", ["[bash] rm -rf /srv/x <- pipe ?"]),
    ("bash <<'EOF'\nrm -rf \"$x\"\nEOF", ["[bash] rm -rf ? <- pipe ?"]),
    ("ssh h <<EOF\nrm a\nEOF", ["[ssh h] rm a <- pipe ?"]),
    ("ssh h bash -s <<'EOF'\nrm a\nEOF", ["[ssh h; bash] rm a <- pipe ?"]),
    ("mysql -e 'DROP TABLE t'", ["[mysql -e] mysql: drop t"]),
    ("LD_PRELOAD=./x ls", ["LD_PRELOAD:=./x", "ls"]),
    ("PAGER='rm a' git log", ["[PAGER] rm a", "git log"]),
    ("GIT_SSH_COMMAND='rm a' git fetch", ["[GIT_SSH_COMMAND] rm a ??", "git fetch"]),
    ("export PAGER='rm a'", ["[PAGER] rm a", "export PAGER=rm_a"]),
    ("alias l='rm a'; l x", ["alias l=rm_a", "[alias] rm a", "[alias l] rm a x", "l x"]),
    ("bash -c 'bash -c \"bash -c ls\"'", ["[bash -c; bash -c; bash -c] ls"]),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *LISTS,
        *PIPELINES,
        *COMPOUND,
        *FUNCTIONS,
        *SUBSTITUTIONS,
        *DOCUMENTS,
        *REDIRECTS,
        *VALUES,
        *DELEGATION,
    ],
)
def test_a_script_runs(text: str, expected: list[str]) -> None:
    assert plan(text) == expected


# Arithmetic that evaluates what was printed is code as well: only what runs matters here.
EVERYWHERE = [
    "echo $(( $(id -u) + 1 ))",
    "echo $[ $(id -u) + 1 ]",
    'echo "$(( $(id -u) ))"',
    "(( x = $(id -u) + 1 ))",
    "for ((i=$(id -u); i<3; i++)); do ls; done",
    "for ((i=0; i<$(id -u); i++)); do ls; done",
    "echo ${x:$(id -u):1}",
    "echo ${x:0:$(id -u)}",
    "echo ${a[$(id -u)]}",
    "echo $(( x[$(id -u)] ))",
    "a[$(id -u)]=1",
    "a=([$(id -u)]=1)",
    "cat <<EOF\n$((1 + $(id -u)))\nEOF",
    "[[ $(id -u) -eq 1 ]]",
    "[[ a == $(id -u) ]]",
    "[[ a =~ $(id -u) ]]",
    "case a in $(id -u)) ls;; esac",
    "ls > $(id -u)",
    "cat <<< $(id -u)",
    "x=1 y=$(id -u) ls",
    "echo {a,$(id -u)}",
    "echo ~/$(id -u)",
    "echo ${x:-a$(id -u)b}",
    'echo ${x/a/"$(id -u)"}',
    'echo "a"\'b\'"$(id -u)"',
    "echo ${x:+${y:-<(id -u)}}`id -u`",
    "f() { id -u; }",
    "if ! { id -u; }; then ls; fi",
    "ls && { (id -u) & }",
    "ls & id -u",
    "ls # c\nid -u",
    "time id -u",
    "coproc id -u",
    "trap 'id -u' EXIT",
    "alias x='id -u'",
    "eval 'id -u'",
    "ls | (id -u)",
    "select x in $(id -u); do ls; done",
    "export x=$(id -u)",
    "local x=`id -u`",
]


@pytest.mark.parametrize("text", EVERYWHERE)
def test_a_command_is_found_wherever_it_stands(text: str) -> None:
    assert any(found.split("] ")[-1].split(" <-")[0] == "id -u" for found in plan(text)), plan(text)


SPANS = [
    # text, what stands at the spans of the actions
    ("ls -l; rm a", ["ls -l", "rm a"]),
    ("  ls  |  wc -l  ", ["ls", "wc -l"]),
    ("ls > f # c", ["ls > f"]),
    ("echo $(rm a)", ["rm a", "echo $(rm a)"]),
    ("echo `rm a`", ["rm a", "echo `rm a`"]),
    ('echo "${x:-$(rm a)}"', ["rm a", 'echo "${x:-$(rm a)}"']),
    ("cat <(rm a)", ["rm a", "cat <(rm a)"]),
    ("f() { rm a; }; f", ["rm a"]),
    ("sudo -u x rm -rf /srv", ["rm -rf /srv"]),
    ("bash -c 'ls; rm a'", ["ls", "rm a"]),
    ('bash -c "ls; rm a"', ["ls", "rm a"]),
    ("ssh h 'sudo rm a'", ["rm a"]),
    ("ssh h \"bash -c 'ls; rm a'\"", ["ls", "rm a"]),
    ("psql -c 'SELECT 1; DELETE FROM t'", ["SELECT 1", "DELETE FROM t"]),
    ("bash <<'E'\nls\nrm a\nE", ["ls", "rm a"]),
    ("\u4e2d=1 ; rm '\u4e2d'", ["\u4e2d=1", "rm '\u4e2d'"]),
    ("echo '\u4e2d' $(rm a)", ["rm a", "echo '\u4e2d' $(rm a)"]),
]


@pytest.mark.parametrize(("text", "expected"), SPANS)
def test_an_action_stands_where_it_is_written(text: str, expected: list[str]) -> None:
    assert [text[slice(*action.span)] for action in actions(text)] == expected


def test_delegation_is_followed_to_the_statement_at_its_end() -> None:
    text = """ssh web-1 "sudo -u x sh -c 'psql -c \\"DROP TABLE t\\"'" """
    last = actions(text)[-1]
    assert line(last) == "[ssh web-1; sudo -u x; sh -c; psql -c] postgres: drop t"
    assert [step.program for step in last.via] == ["ssh", "sudo", "sh", "psql"]
    assert last.via[0].target is not None
    assert last.via[0].target.value == "web-1"
    assert last.via[1].user is not None
    assert last.via[1].user.value == "x"
    assert "DROP TABLE t" in text[slice(*last.span)]


DIRECTORIES = [
    ("cd /; env -C sub p", "/sub"),
    ("cd /srv; env -C sub sh -c p", "/srv/sub"),
    # text, the working directory of its last command: "?" unknown, "" the caller's
    ("rm a", ""),
    ("cd /srv; rm a", "/srv"),
    ("cd /srv && rm a", "/srv"),
    ("cd /srv; cd b; rm a", "/srv/b"),
    ("cd b; rm a", "b"),
    ("cd $x; rm a", "?"),
    ("cd -; rm a", "?"),
    ("cd ~/x; rm a", "~/x"),
    ("(cd /srv); rm a", ""),
    ("cd /srv; (cd /b); rm a", "/srv"),
    ("cd /srv & rm a", ""),
    ("x=/srv; cd $x; rm a", "/srv"),
    ("if id; then cd /srv; fi; rm a", "?"),
    ("f() { cd /srv; }; f; rm a", "/srv"),
    ("cd /srv || exit; rm a", "/srv"),
    ("pushd /srv; popd; rm a", "?"),
    ("cd /srv; rm $PWD/a", "/srv"),
    ("trap 'rm a' EXIT; cd /srv", "/srv"),
    ("trap 'rm a' EXIT; id; (cd /srv); rm b", ""),
]


@pytest.mark.parametrize(("text", "expected"), DIRECTORIES)
def test_a_command_runs_in_the_directory_that_the_text_fixes(text: str, expected: str) -> None:
    directory = actions(text)[-1].directory
    assert ("" if directory is None else directory.text if directory.prefix else "?") == expected

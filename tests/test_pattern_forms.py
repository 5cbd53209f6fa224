"""What a pattern means: the form of its text, and of the actions that it admits."""

from __future__ import annotations

import pytest

from policy import Engine
from policy.plan import Action
from policy.whitelist.form import Form
from policy.whitelist.forms import Unfixed, action_form
from policy.whitelist.pattern import Pattern
from policy.whitelist.reader import PatternError, read_actions, read_pattern
from policy.whitelist.writer import write

ENGINE = Engine.load()


def form(command: str, *via: str, language: str = "shell") -> Form:
    return read_pattern(Pattern(command, language, via), ENGINE.rules).form


def last(text: str, language: str = "shell") -> Action:
    return ENGINE.plan(text, language).actions[-1]


def admitted(pattern: Form, text: str, language: str = "shell") -> bool:
    try:
        return pattern.admits(action_form(last(text, language)))
    except Unfixed:
        return False


# One use, however it is spelled -------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rm -rf x", "rm x -r -f"),
        ("docker restart --time=5 web", "docker restart web --time 5"),
        ("head -n5 f", "head f -n 5"),
        ('docker restart "web"', "docker restart w'e'b"),
        ("\\docker restart web", "docker restart web"),
        ("x=web; docker restart $x", "docker restart web"),
        ("tar xzf a.tgz", "tar -x -z -f a.tgz"),
        ("docker restart web 2>&1", "docker restart web 2>& 1"),
        ("docker restart web >|/tmp/x", "docker restart web > /tmp/x"),
        ("echo y | apt-get upgrade", "apt-get upgrade <<< y"),
        ("curl -o a https://a.example/", "curl https://a.example/ -o a"),
    ],
)
def test_spelling_makes_no_difference(one: str, other: str) -> None:
    assert action_form(last(one)) == action_form(last(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("git push -f origin main", "git push --force origin main"),
        ("docker restart web", "./docker restart web"),
        ("docker restart web", "docker restart web > x"),
        ("docker restart web", "docker restart web < x"),
        ("docker restart web", "echo x | docker restart web"),
        ("docker restart web", "DOCKER_HOST=x docker restart web"),
        ("docker restart web", "sudo docker restart web"),
        ("docker restart web", "ssh db docker restart web"),
        ("ssh db docker restart web", "ssh -p 2222 db docker restart web"),
        ("sudo docker restart web", "sudo -u x docker restart web"),
        ("docker restart web", ': "$(docker restart web)"'),
        ("docker restart a b", "docker restart b a"),
        ("git checkout x", "git checkout -- x"),
        ("rm ~/x", "rm '~/x'"),
        ("rm *.o", "rm '*.o'"),
        ("foo --bar x y", "foo y --bar x"),
        ("foo --bar=x", "foo --bar x"),
    ],
)
def test_another_use_has_another_form(one: str, other: str) -> None:
    forms = set()
    for text in (one, other):
        forms.add(next(iter(forms_of(text))))
    assert len(forms) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tar cf a.tar x -C /etc y", "tar cf a.tar -C /etc x y"),
        ("curl -d x https://a.example --next https://b.example",
         "curl -d x --next https://a.example https://b.example"),
        ("unzip a.zip x -x y", "unzip -x a.zip x y"),
        ("jq . f --args a", "jq --args . f a"),
        ("docker restart -zxy web", "docker restart -z -x -y web"),
        ("tar xQf a b", "tar -x -Q -f a b"),
        ("curl -o=/srv/x https://a.example", "curl -o '=/srv/x' https://a.example"),
        ("cat x | sed s/a/b/ | tee y", "cat x | tee y"),
        ("./cat x | tee y", "cat x | tee y"),
    ],
)  # fmt: skip
def test_what_may_mean_another_thing_has_another_form(one: str, other: str) -> None:
    assert last_form(one) != last_form(other)


def last_form(text: str) -> Form | None:
    try:
        return action_form(last(text))
    except Unfixed:
        return None


def forms_of(text: str) -> list[Form]:
    """Of the actions of a text, those that run docker, git, rm or foo."""
    programs = {"docker", "git", "rm", "foo"}
    actions = ENGINE.plan(text).actions
    return [action_form(one) for one in actions if getattr(one.does, "program", "") in programs]


@pytest.mark.parametrize(
    "text",
    [
        "docker restart $x", "docker restart web $x", "rm $(cat f)", 'cd "$d" && make', "xargs rm",
        "exec < f; docker restart web", "exec 0<f; eval 'docker restart web'",
        "docker restart web 3<<< x", "docker restart web 3<<EOF\nx\nEOF",
        "coproc docker restart web", "A+=x docker restart web", "A[1]=x docker restart web",
        "{ curl https://a.example; cat y; } | tee x", "ssh a cat y | tee x",
        "if a; then cat y; else cat z; fi | tee x", "cat <(curl https://a.example) | tee x",
        "f() { cat y; }; f | tee x", "cat x | { cat y; tee z; }; exec <f; tee a",
    ],
)  # fmt: skip
def test_what_only_run_time_knows_has_no_form(text: str) -> None:
    with pytest.raises(Unfixed):
        action_form(last(text))


# What a pattern admits ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("docker restart {s}", "docker restart web", True),
        ("docker restart {s}", "docker restart 'web'", True),
        ("docker restart {s}", "docker restart web db", False),
        ("docker restart {s}", "docker restart", False),
        ("docker restart {s}", "docker restart -t0", False),
        ("docker restart {s}", "docker restart -- -x", False),
        ("docker restart {s}", "docker restart 'a b'", False),
        ("docker restart {s}", "docker restart *", False),
        ("docker restart {s}", "docker restart ~/x", False),
        ("docker restart {s}", "docker stop web", False),
        ("docker restart {s}", "sudo docker restart web", False),
        ("docker restart {s...}", "docker restart", True),
        ("docker restart {s...}", "docker restart web db x", True),
        ("docker restart {s...}", "docker restart web -t0", False),
        ("docker restart {s...}", "docker restart web 'a b'", False),
        ("docker restart {s...:one of a b}", "docker restart a b a", True),
        ("docker restart {s...:one of a b}", "docker restart a c", False),
        ("docker restart -t {n:int} {s}", "docker restart -t5 web", True),
        ("docker restart -t {n:int} {s}", "docker restart web -t 5", True),
        ("docker restart -t {n:int} {s}", "docker restart -t x web", False),
        ("docker restart web-{n:int}", "docker restart web-7", True),
        ("docker restart web-{n:int}", "docker restart web-x", False),
        ("echo hi > {f:path /tmp/*.log}", "echo hi > /tmp/x.log", True),
        ("echo hi > {f:path /tmp/*.log}", "echo hi >> /tmp/x.log", False),
        ("echo hi > {f:path /tmp/*.log}", "echo hi > /etc/x.log", False),
        ("echo hi > {f:path /tmp/*.log}", "echo hi > /tmp/../etc/x.log", False),
        ("env A={v:int} make", "env A=5 make", True),
        ("A={v:int} make", "A=5 make", True),
        ("A={v:int} make", "A=5 B=6 make", False),
        ("pg_dump | gzip > x.gz", "pg_dump db | gzip > x.gz", True),
        ("pg_dump | gzip > x.gz", "cat x | gzip > x.gz", False),
        ("pg_dump | gzip > x.gz", "gzip > x.gz", False),
        ("pg_dump | gzip > x.gz", "pg_dump db | sed s/a/b/ | gzip > x.gz", False),
        ("pg_dump | sed | gzip > x.gz", "pg_dump db | sed s/a/b/ | gzip > x.gz", True),
        ("pg_dump | gzip > x.gz", "{ cat y; pg_dump db; } | gzip > x.gz", False),
        ("pg_dump | gzip > x.gz", "ssh a pg_dump db | gzip > x.gz", False),
        ("pg_dump | gzip > x.gz", "./pg_dump db | gzip > x.gz", False),
        ("docker restart ho'le0x0y' {a:int}", "docker restart 7 7", False),
        ("docker restart {b:name}", "docker restart a/b", True),
        ("docker restart {b:name}", "docker restart a/../b", False),
        ("docker restart {b:name}", "docker restart a/.git", False),
        ("docker restart x-{b:name}", "docker restart x-a.b", True),
        ("docker restart x-{b:name}", "docker restart x-a/b", False),
        ("curl https://{h:name}.example.com/x", "curl https://a.example.com/x", True),
        ("curl https://{h:name}.example.com/x", "curl https://b.example/a.example.com/x", False),
        ("touch ~/{f:name}", "touch ~/x", True),
        ("touch ~/{f:name}", "touch ~/x/y", False),
        ("touch ~/{f:name}", "touch '~/x'", False),
        ("git commit -m {m:text}", "git commit -m 'a b'", True),
        ("git commit -m {m:text}", "git commit -m '--amend'", False),
        ("git commit -m 'a {m}'", "git commit -m 'a {m}'", True),
        ("git commit -m 'a {m}'", "git commit -m 'a b'", False),
    ],
)
def test_a_pattern_admits(pattern: str, text: str, expected: bool) -> None:
    assert admitted(form(pattern), text) is expected


@pytest.mark.parametrize(
    ("command", "via", "text", "expected"),
    [
        ("docker restart {s}", ("sudo",), "sudo docker restart web", True),
        ("docker restart {s}", ("sudo",), "sudo -u x docker restart web", False),
        ("docker restart {s}", ("sudo -u {u:one of a b}",), "sudo -u b docker restart web", True),
        ("docker restart {s}", ("ssh {h:name} '{}'",), "ssh db docker restart web", True),
        ("docker restart {s}", ("ssh {h:name} '{}'",), "ssh -v db docker restart web", False),
        ("docker restart {s}", ("bash -c '{}'",), "bash -c 'docker restart web'", True),
        ("docker restart {s}", ("ssh db '{}'", "sudo"), "ssh db sudo docker restart web", True),
        ("docker restart {s}", ("sudo", "ssh db '{}'"), "ssh db sudo docker restart web", False),
        ("docker restart {s}", ("<substitution>",), ': "$(docker restart web)"', False),
        ("sudo docker restart {s}", (), "sudo docker restart web", True),
        ("bash -c 'docker restart web'", (), "bash -c 'docker restart web'", True),
        ("bash -c 'docker restart '{s}", (), "bash -c 'docker restart web'", True),
        ("bash -c 'docker restart '{s}", (), "bash -c 'docker restart web db'", False),
        ("ssh db docker restart {s}", (), "ssh db docker restart web", True),
    ],
)
def test_the_way_to_a_command_is_part_of_its_pattern(
    command: str, via: tuple[str, ...], text: str, expected: bool
) -> None:
    pattern = form(command, *via)
    if "<substitution>" in via:
        assert admitted_somewhere(pattern, text)
    else:
        assert admitted(pattern, text) is expected


def admitted_somewhere(pattern: Form, text: str) -> bool:
    return any(pattern.admits(one) for one in forms_of(text))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("{x}", "a part of the program"),
        ("git {sub} x", "a part of the subcommand"),
        ("git push --{x}", "a part of the option"),
        ("git push {x...} y", "is the last word"),
        ("git push a{x...}", "is the last word"),
        ("bash -c {x:text}", "a part of the program"),
        ("python3 -c {x:text}", "code that is run"),
        ("ls $(cat {x})", "known only at run time"),
        ("docker restart $x", "known only at run time"),
        ("ls; ls", "a pattern of 2 actions"),
        ("", "runs nothing"),
        ("ls | {x}", "a part of the program"),
        ("ls *{x}", "a part of the operand glob"),
        ("ls 'x", "can't be understood"),
        ("ls {x:nonsense}", "unknown type"),
        ("{n:name}=5 make", "a part of a name"),
        ("export {n:name}=5", "a part of a name"),
        ("docker restart web # {x}", "stands for nothing"),
        ("f() { docker restart $1 $1; }; f {x}", "stands for several words"),
        ("ls {p:path /x/../y}", "has no `..`"),
        ("curl https://{h}.example.com/", "may end the host"),
        ("curl https://{h:like a*}.example.com/", "may end the host"),
        ("ls $(( {x} ))", "`.*{x}.*` is known only at run time"),
        ("pgrep -f worker | xargs kill", "a pattern of 2 actions"),
    ],
)
def test_what_is_no_pattern_is_refused(command: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        form(command)


@pytest.mark.parametrize("via", [
    "ls", "", "frobnicate", "sudo ls;", "sudo a; sudo", "sudo ls '{}'", "sudo > /srv/x",
    "sudo {} ; ls", "FOO=1 sudo", "sudo < f", "{x} '{}'", "sudo {}{}",
])  # fmt: skip
def test_a_step_is_a_command_that_runs_another(via: str) -> None:
    with pytest.raises(PatternError, match="no command that runs another"):
        form("ls", via)


# Every pattern can be written, and means what was meant --------------------------------------

EXAMPLES = sorted(
    {
        example.text
        for rule in ENGINE.rules.rules
        for example in rule.examples
        if example.language == "shell"
    }
)


def test_what_an_action_is_written_as_means_that_action() -> None:
    """Of every example of every rule; a few forms have no text, and none has a wrong one."""
    written, unwritten = 0, []
    for text in EXAMPLES:
        for action in ENGINE.plan(text).actions:
            try:
                expected = action_form(action)
            except Unfixed:
                continue
            try:
                found = read_pattern(write(expected), ENGINE.rules).form
            except PatternError:
                unwritten.append(text)
                continue
            if found == expected:
                written += 1
            else:
                unwritten.append(text)
    assert written > 2_000
    assert len(unwritten) < 25, unwritten


# What the engine doesn't read, and holes of several actions ---------------------------------


@pytest.mark.parametrize("text", ["touch a\u202eb", "touch a\u200bb", "touch " + "a" * 65_536])
def test_what_the_engine_does_not_read_no_pattern_says(text: str) -> None:
    with pytest.raises(PatternError):
        form(text)


def test_the_holes_of_a_text_may_be_of_any_of_its_actions() -> None:
    found = read_actions("X={n:int} docker restart {s}", ENGINE.rules, ENGINE.limits)
    texts = [write(one.form).command for one in found]
    assert texts == ["export X={n:int}", "X={n:int} docker restart {s}"]
    with pytest.raises(PatternError, match="stands for nothing"):
        read_actions("docker restart web # {s}", ENGINE.rules, ENGINE.limits)

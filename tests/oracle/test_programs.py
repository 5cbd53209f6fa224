"""Real programs judge rules and the reading of argument vectors: a share with fixed seeds."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle import delegation, getopt, programs_promise, shell
from oracle.needs import unavailable
from oracle.options import Table, Takes, ask
from oracle.options_declared import compared, inside_path, misread, shipped
from oracle.programs_files import files
from oracle.report import Part
from oracle.sandbox import Sandbox, Unavailable
from oracle.scripts_code import REAL
from policy import Engine
from policy.plan import Command
from policy.program import Style

SEED = 20261123
ASKED = ("xargs", "env", "seq", "lsblk")
DRAWN = (
    *("cat", "ls", "find", "sort", "grep", "sed", "awk", "head", "tail", "wc", "cut", "tr", "date"),
    *("diff", "tar", "gzip", "zcat", "stat", "du", "df", "file", "git", "ps", "env", "xargs"),
    *("uniq", "tee", "xxd", "od", "cmp", "id", "uname", "getent", "readlink", "mktemp", "openssl"),
)  # fmt: skip


@pytest.fixture(scope="module")
def here():
    """Names of programs, of those that this machine has."""
    try:
        with Sandbox() as made:
            made.run(":")
    except Unavailable as wrong:
        unavailable(str(wrong))
    return lambda names: [name for name in names if inside_path(name) is not None]


@pytest.fixture(scope="module")
def engine():
    return Engine.load()


# Option tables -----------------------------------------------------------------------------


def test_options_are_declared_as_real_programs_take_them(here):
    names = here(ASKED)
    found = []
    with Sandbox(real=[*names, "timeout"], seconds=30) as box:
        for name in names:
            table = ask(box, name)
            assert table is not None, name
            assert len(table.options) > 2, name
            found += compared(name, shipped().programs[name], table).missed
    assert found == []


@pytest.mark.parametrize(
    ("takes", "permutes", "style", "told"),
    [
        ({"-x": Takes.VALUE}, True, Style.GNU, {"-x"}),
        ({"-w": Takes.NOTHING, "--width": Takes.NOTHING}, True, Style.GNU, {"-w", "--width"}),
        ({"-w": Takes.ATTACHED}, True, Style.GNU, {"-w"}),
        ({"-c": Takes.NOTHING}, True, Style.GNU, {"-c"}),
        ({"--color": Takes.NOTHING}, True, Style.GNU, set()),
        ({"--color": Takes.VALUE}, True, Style.GNU, {"--color"}),
        ({"-x": Takes.UNKNOWN, "-w": Takes.VALUE, "-c": Takes.ATTACHED}, True, Style.GNU, set()),
        ({}, False, Style.GNU, {""}),
        ({}, True, Style.POSIX, {""}),
        ({"-x": Takes.NOTHING}, True, Style.SINGLE_DASH, {""}),
    ],
)
def test_an_option_that_is_declared_otherwise_is_told(takes, permutes, style, told):
    program = replace(_declared("-x", "-w --width <number>", "-c --color [<value>]"), style=style)
    assert {spelled for spelled, _ in misread(program, Table(takes, permutes))} == told


def _declared(*options):
    from policy.dsl import compile_sources
    from policy.source import Source

    lines = " ".join(f"option {one}" for one in options)
    compiled = compile_sources([Source("test.rules", f"program it {{ {lines} }}")])
    assert compiled.ruleset is not None
    return compiled.ruleset.programs["it"]


# getopt ------------------------------------------------------------------------------------


@given(st.sampled_from(getopt.readable()), st.randoms(use_true_random=False))
def test_words_are_read_as_the_c_library_reads_them(name, random):
    words = getopt.vector(random, shipped().programs[name])
    assert not getopt.differs(name, words)


def test_the_c_library_reads_most_of_the_drawn_words():
    (row,) = getopt.run(Part(1_000, SEED))
    assert row.seen > 700
    assert row.missed == ()


def test_a_reader_with_another_table_differs_from_the_c_library():
    words = ("-xw5", "--col=a", "b", "-c", "c")
    right = _declared("-x", "-w --width <number>", "-c --color [<value>]")
    wrong = _declared("-x", "-w --width", "-c --color <value>")
    assert getopt.by_us(right, words) == getopt.by_getopt(right, words)
    assert getopt.by_us(wrong, words) != getopt.by_getopt(right, words)


# What is allowed ---------------------------------------------------------------------------


def test_what_is_allowed_leaves_no_trace(here):
    rows = programs_promise.kept(Part(200, SEED), here(DRAWN))
    assert [miss for row in rows for miss in row.missed] == []
    assert sum(row.ran for row in rows) == 200
    assert len(rows) > 15


EFFECTS = [
    # what runs, what is said of it
    ("cat text.txt", ""),
    ("ls > /dev/null", ""),
    ("sort -o made text.txt", "sort opened /project/made for writing"),
    ("rm text.txt", "rm called unlinkat(/project/text.txt)"),
    ("mv text.txt made", "mv called renameat2(/project/text.txt, /project/made)"),
    ("mkdir made", "mkdir called mkdir(/project/made)"),
    ("chmod 600 text.txt", "chmod called fchmodat(/project/text.txt)"),
    ("sed -i s/one/1/ text.txt", "opened /project/sed"),
    ("awk 'BEGIN{print > \"made\"}'", "opened /project/made for writing"),
    ("awk 'BEGIN{system(\"cat names\")}'", "sh ran cat names"),
    ("sort -S 1k -T . text.txt", ""),
]


@pytest.mark.parametrize(("text", "told"), EFFECTS)
def test_what_a_program_really_does_is_seen(here, engine, text, told):
    real = here(("cat", "ls", "sort", "rm", "mv", "mkdir", "chmod", "sed", "awk"))
    with files() as sample, Sandbox(real=[*real, "timeout"], seconds=10, files=sample) as box:
        outcome = box.run(f"/real/timeout 2 /real/bash -c {shlex.quote(text)}")
    said = list(programs_promise.effects(engine.plan(text), outcome))
    assert any(told in one for one in said) if told else said == []


# Delegation --------------------------------------------------------------------------------


def test_what_wrappers_start_is_in_the_plan(here):
    here(())
    rows = delegation.run(Part(40, SEED))
    assert [miss for row in rows for miss in row.missed] == []
    seen, opaque = sum(row.seen for row in rows), sum(row.opaque for row in rows)
    assert seen > 50
    assert opaque < seen / 5


def test_text_that_wrappers_hand_to_shells_is_in_the_plan(here, engine):
    here(())
    texts = shell.draw_scripts("text that becomes code", 60, SEED)
    with Sandbox(real=REAL) as box:
        row = shell.judged(engine, box, "text that becomes code", texts)
    assert row.missed == ()
    assert row.seen > 100


def test_a_start_that_the_plan_lacks_is_missed(here, engine):
    with Sandbox(real=here(("env", "nice"))) as box:
        outcome = box.run("env nice frob a")
    plan, decision = engine.plan("env nice frob b"), engine.decide("env nice frob b")
    said = [happened for _, happened in delegation.held(plan, decision, outcome) if happened]
    assert said[-1] == "nice ran frob a"


# What the judges found ---------------------------------------------------------------------

RUNS = [
    # command, what it certainly runs or names
    ("strace -tto trace.txt frob -x", "frob -x"),
    ("strace -fqo trace.txt frob", "frob"),
    ("unshare -mpf frob a", "frob a"),
    ("unshare -rn frob", "frob"),
    ("xargs --max-lines frob a", "frob a"),
    ("nsenter --wdns frob a", "frob a"),
]


@pytest.mark.parametrize(("text", "inner"), RUNS)
def test_merged_options_hide_no_command(engine, text, inner):
    found = [
        " ".join(word.text for word in action.does.words)
        for action in engine.plan(text).actions
        if isinstance(action.does, Command)
    ]
    assert any(one.startswith(inner) for one in found)


OPERANDS = [
    # command, its operands
    ("wget --report-speed http://a/ http://b/", "http://a/ http://b/"),
    ("wget --backups http://a/", "http://a/"),
    ("wget --restrict-file-names http://a/", "http://a/"),
    ("seq -s , 3", "3"),
    ("xxd a.bin -d", "a.bin -d"),
    ("xxd -c8 -len 5 a.bin", "a.bin"),
    ("lsblk -o NAME /dev/sda", "/dev/sda"),
    ("findmnt -t ext4 /srv", "/srv"),
    ("findmnt --poll /srv", "/srv"),
    ("column -n name text.txt", "text.txt"),
    ("tr a -d", "a -d"),
    ("basename a -s", "a -s"),
    ("vacuumdb -a -v shop", "shop"),
    ("createuser -d app", "app"),
    ("pg_basebackup -P x", "x"),
    ("pg_restore -l shop.dump", "shop.dump"),
    ("skill -c worker 4242", "4242"),
    ("wipefs -bi /dev/sdb", "/dev/sdb"),
    ("sysctl -f a.conf", "a.conf"),
    ("arp -f hosts", "hosts"),
]


@pytest.mark.parametrize(("text", "operands"), OPERANDS)
def test_operands_are_those_of_the_real_program(engine, text, operands):
    (action,) = engine.plan(text).actions
    assert isinstance(action.does, Command)
    assert " ".join(word.text for word in action.does.operands) == operands


ASK = [
    "journalctl --image=disk.raw",
    "service --status-all --full-restart",
    "strace -tto /etc/hosts ls",
    "xxd a.bin -d",
    "file -p a.bin",
    "unshare -mr ls",
    "find -- . -delete",
    "find -- . -exec touch made ';'",
    "find /etc -name shadow -execdir cat shadow ';'",
    "GIT_SSH=nice git ls-remote ssh://touch/x",
    "GIT_SSH_COMMAND=nice git ls-remote ssh://touch/x",
    "GIT_PROXY_COMMAND=nice git ls-remote git://touch/x",
    "GIT_EXTERNAL_DIFF=env git diff",
    "GIT_ASKPASS=xxd git ls-remote origin",
    "LESSOPEN='echo /etc/shadow' less text.txt",
    "tar -tf some.tar -I 'xxd text.txt'",
    "less -b64omade text.txt",
    "less '-PApp log$omade' text.txt",
    "less +5 -x4omade text.txt",
    "kubectl create cm x --from-file=k=/etc/shadow --dry-run=client -o yaml",
    "aws ec2 describe-instances --filters=file:///etc/shadow",
    "aws ec2 describe-instances --undeclared=file:///etc/shadow",
    "curl --metalink https://example.org/list",
    "ssh -P host touch ls",
    "npm docs react",
    "at -l -d 4",
]


UNCHANGED = [
    "find . -name '*.txt' -newer other.txt",
    "tar -tf some.tar.zst -I zstd",
    "tar -tf some.tar -I 'xz -T0'",
    "GIT_ASKPASS= git ls-remote origin",
    "GIT_PAGER=cat git log",
    "less -x4,8 -b64 text.txt",
    "aws ec2 describe-instances --filters=Name=state,Values=running",
    "kubectl apply -f app.yml --dry-run=client",
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_only_looks_like_it_needs_none(engine, text):
    assert str(engine.decide(text).verdict) == "allow"


@pytest.mark.parametrize("text", ASK)
def test_what_real_programs_change_needs_a_person(engine, text):
    assert str(engine.decide(text).verdict) != "allow"

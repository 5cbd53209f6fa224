"""What one decision may cost: bounded by the length of its text, and by the limits beyond that.

Steps and work are counted, not seconds: they are the same on every machine. Where a parser's own
time is meant, sizes are compared with each other in one run.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

import pytest

from hostile.shapes import SHAPES, Shape, deep, many
from policy.decision import Tier
from policy.engine import Engine
from policy.globs import Mode, automaton, matches
from policy.parse.shell.spent import LimitReached, Spent
from policy.plan import Limits, Opaque, OpaqueKind
from policy.shipped import ruleset

SIZES = (100, 200, 768)  # nesting that limits allow, and more of it
LARGE = 65_536
# What a text of 64 KiB takes over one of 8 KiB, if twice the size took twice the time, is 8.
# More than three times that is another curve, and not another process on the machine.
GROWTH = 24
# Every shape in one language: what shell and SQL share by name is as deep in both.
BY_NAME = {
    name: [each for each in SHAPES if each.name == name]
    for name in dict.fromkeys(each.name for each in SHAPES)
}
SAMPLE = tuple(each[number % len(each)] for number, each in enumerate(BY_NAME.values()))
SOON = 0.25  # seconds: what is faster says nothing about growth
# A sample of every kind of cost; `benchmarks/bench_hostile.py` measures all shapes.
GROWING = (
    ("less-than signs", "shell"),
    ("arrays without an end", "shell"),
    ("variables that double", "shell"),
    ("many globs", "shell"),
    ("many sed expressions", "shell"),
    ("many finds", "shell"),
    ("sudos", "shell"),
    ("a thousand open braces before a long word", "shell"),
    ("here-documents of one command", "shell"),
    ("stars", "sql:postgres"),
    ("parentheses", "sql:mysql"),
    ("loops in shell lines", "sql:psql"),
)


@cache
def engine() -> Engine:
    return Engine(ruleset())


def shape(name: str, language: str) -> Shape:
    return next(each for each in SHAPES if (each.name, each.language) == (name, language))


def seconds(text: str, language: str) -> float:
    """Of the processor, so that others on the machine count little."""
    gc.collect()
    gc.disable()  # it looks through all that other tests of this process have left
    try:
        begin = time.process_time()
        engine().decide(text, language=language)
        return time.process_time() - begin
    finally:
        gc.enable()


@pytest.mark.parametrize("each", SAMPLE, ids=lambda each: f"{each.language}-{each.name}")
def test_every_shape_is_answered_without_a_fault(each: Shape) -> None:
    for size in SIZES:
        decision = engine().decide(each.make(size), language=each.language)
        assert "engine.fault" not in {reason.rule for reason in decision.reasons}
        assert not any(
            isinstance(action.does, Opaque) and action.does.kind is OpaqueKind.FAULT
            for action in engine().plan(each.make(size), each.language).actions
        )


@pytest.mark.parametrize(("name", "language"), GROWING)
def test_time_grows_with_the_length_and_no_faster(name: str, language: str) -> None:
    make = shape(name, language).make
    seconds(make(1_024), language)  # what is loaded at first
    measured = []
    for _ in range(4):  # another process on the machine can't spoil each of them
        measured.append((seconds(make(LARGE // 8), language), seconds(make(LARGE), language)))
        small, large = measured[-1]
        if large < max(GROWTH * small, SOON):
            return
    pytest.fail(f"seconds of {LARGE // 8} and {LARGE} characters: {measured}")


@pytest.mark.parametrize("each", SAMPLE[::9], ids=lambda each: f"{each.language}-{each.name}")
def test_a_text_beyond_the_limit_costs_nothing(each: Shape) -> None:
    (action,) = engine().plan(each.make(LARGE * 2) + "x" * LARGE, each.language).actions
    assert isinstance(action.does, Opaque)
    assert action.does.kind is OpaqueKind.LIMIT


@pytest.mark.parametrize("inner", ["1", "$(ls)", "x", "(1)"])
@pytest.mark.parametrize("opens", ["$((", '"$((', "$(( (", "${a[$(("])
def test_the_end_of_nested_arithmetic_is_looked_for_once(
    opens: str, inner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policy.parse.shell import scan

    looked = 0
    found = scan.arithmetic_end

    def counted(*arguments: object) -> int | None:
        nonlocal looked
        looked += 1
        return found(*arguments)

    monkeypatch.setattr(scan, "arithmetic_end", counted)
    closes = {"$((": "))", '"$((': '))"', "$(( (": ") ))", "${a[$((": "))]}"}[opens]
    engine().plan(f"echo {opens * 12}{inner}{closes * 12}")
    assert 12 <= looked < 400  # it was once for each of 4,096 ways to get there


# Work -----------------------------------------------------------------------------------------

COSTLY = [
    many("/srv/*@/x ", "rm "),
    many("~a@/x ", "cat "),
    many("{1..1000} ", "echo "),
    lambda size: f"a={'x' * (size // 2)}\n" + many("$a ", "ls ")(size // 2),
    many("w@ ", "for i in {1..60}; do cat $i ", "; done"),
    lambda size: "\n".join(
        ["a0=xxxxxxxx", *(f"a{n + 1}=$a{n}$a{n}" for n in range(size // 200)), "ls"]
    ),
    many("a+=x\n", "a=x\n"),
]
TOLD = "more words and values than can be followed"


def told(engine: Engine, text: str, language: str = "shell") -> set[str]:
    """What the opaque parts of a text say."""
    actions = engine.plan(text, language).actions
    return {one.does.message for one in actions if isinstance(one.does, Opaque)}


@pytest.mark.parametrize("make", COSTLY)
def test_what_would_cost_more_than_the_work_is_high(make: Callable[[int], str]) -> None:
    bounded = Engine(ruleset(), limits=Limits(work=40_000))
    assert TOLD in told(bounded, make(4_096))
    assert bounded.decide(make(4_096)).tier is Tier.HIGH


@pytest.mark.parametrize("make", COSTLY)
def test_with_more_work_allowed_the_same_texts_are_read(make: Callable[[int], str]) -> None:
    assert TOLD not in told(Engine(ruleset(), limits=Limits(work=10**9)), make(160))


def test_steps_are_counted_over_all_the_texts_inside_a_text() -> None:
    line = f"\\! {deep('while ls; do a=$a$b; ', 'ls', '; done')(80)}\n"
    bounded = Engine(ruleset(), limits=Limits(steps=500))
    assert not told(bounded, line, "sql:psql")
    assert "more than 500 steps to follow" in told(bounded, line * 40, "sql:psql")


def test_a_limit_says_what_there_is_too_much_of() -> None:
    spent = Spent(Limits(steps=1, work=100, actions=1))
    spent.step()
    for use in (spent.step, lambda: spent.take(101), lambda: spent.sql("x" * 100)):
        with pytest.raises(LimitReached, match="more"):
            use()


def test_an_ordinary_long_text_stays_below_every_limit() -> None:
    lines = "\n".join(f"echo 'line {n}' >> /srv/app/log-{n}.txt" for n in range(300))
    words = "cat " + " ".join(f"/srv/app/log-{n}.txt" for n in range(2_000))
    sql = f'psql -c "SELECT {", ".join(f"c{n}" for n in range(3_000))} FROM t"'
    for text in (lines, words, sql):
        assert not any(isinstance(one.does, Opaque) for one in engine().plan(text).actions)


# Globs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("glob", ["*a" * 40 + "b", "*" * 200 + "b", "*?" * 30 + "b", "[a-z]*" * 30])
@pytest.mark.parametrize("mode", Mode)
def test_a_glob_takes_one_step_for_each_character(
    glob: str, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = automaton(glob, mode)
    steps = 0
    step = type(found).step

    def counted(self, states: int, character: str) -> int:
        nonlocal steps
        steps += 1
        return step(self, states, character)

    monkeypatch.setattr(type(found), "step", counted)
    word = "a" * 20_000
    found.accepts(word)
    assert steps <= len(word)
    assert not matches("*a" * 40 + "b", word)


# Memory ---------------------------------------------------------------------------------------

ALONE = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from hostile.shapes import SHAPES
from policy.engine import Engine
engine = Engine.load()
chosen = [each for each in SHAPES if each.language == "shell" and each.name in sys.argv[2:]]
assert len(chosen) == len(sys.argv[2:]), chosen
engine.decide("ls | rm x")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for each in chosen:
    decision = engine.decide(each.make(65_000))
    assert "engine.fault" not in {reason.rule for reason in decision.reasons}, each.name
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
HUNGRY = (
    "variables that double", "many finds", "many sed expressions", "a padded range", "many ranges",
    "braces of many before a long word", "a long value used many times", "a glob of stars",
    "a long script in a loop", "functions that call twice", "sudos",
)  # fmt: skip


def test_memory_is_bounded_for_texts_that_would_fill_it() -> None:
    tests = str(next(path for path in sys.path if path.endswith("tests")))
    command = [sys.executable, "-c", ALONE, tests, *HUNGRY]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) < 256  # MiB; each of them took a gigabyte or more

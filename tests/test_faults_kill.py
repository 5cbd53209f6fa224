"""Whatever step of a write is the last one, files stay whole and hold what was acknowledged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from crash_steps import FAULTS, STEPS, WRITERS
from oracle.needs import missing, unavailable

HERE = Path(__file__).parent

# Where a naive writer, one that writes into the file itself, has to be found out.
NAIVE = """
import os
from crash_steps import *

def naive(place):
    file = os.open(place / "task.yaml", os.O_WRONLY | os.O_TRUNC)
    os.write(file, b"n" * 20_000)
    os.close(file)

writer = Writer(WRITERS["boundary"].prepare, naive, WRITERS["boundary"].state,
                frozenset(("task.yaml",)))
for fault in FAULTS:
    try:
        strike(writer, fault)
    except AssertionError as error:
        print(fault, error)
"""


def run(*arguments: str) -> str:
    """In a process of its own, that forks without threads."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_may_be_struck_at_every_step(name: str) -> None:
    said = [line.split() for line in run("crash_steps.py", name).splitlines()]
    steps = {words[len(name.split())]: words[len(name.split()) + 1 :] for words in said}
    assert tuple(steps) == FAULTS
    assert set(steps["before"]) <= set(STEPS)
    assert {"open", "write", "fsync"} <= set(steps["before"])  # it strikes what it's about
    assert steps["half"] == ["write"]


def test_a_writer_that_writes_into_the_file_is_found_out() -> None:
    said = run("-c", NAIVE)
    assert tuple(line.split()[0] for line in said.splitlines()) == FAULTS
    assert "neither the old nor the new state" in said


def test_a_disk_that_is_really_full_costs_nothing_that_was_there() -> None:
    lacking = missing("bwrap")
    if lacking:
        unavailable(lacking)
    if os.geteuid():  # the directories of root would be anybody's in there
        unavailable("only root sees who owns what in a namespace of its own")
    disk = [
        *("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--size", str(1024 * 1024), "--tmpfs", "/mnt", sys.executable, "full_disk.py", "/mnt"),
    ]
    done = subprocess.run(disk, cwd=HERE, capture_output=True, text=True, check=False)
    if "bwrap:" in done.stderr:
        unavailable(f"this kernel forbids namespaces: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    said = {line[:16].strip(): line[16:].split() for line in done.stdout.splitlines()}
    assert set(said) == set(WRITERS)
    for outcomes in said.values():  # with little left it's refused, with more it isn't
        assert set(outcomes) == {"full", "done"}
        assert outcomes == sorted(outcomes, reverse=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_compiling_goes_on_where_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import policy.shipped

    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "small.rules").write_text('default medium 60 "unknown"\n')

    def full(*given: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(policy.shipped, "rules_directory", lambda: tmp_path / "rules")
    monkeypatch.setattr(policy.shipped, "_cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr(os, "write", full)
    assert policy.shipped.ruleset().defaults
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_killed_writers_of_compiled_rules_leave_is_removed_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import policy.shipped

    old, new = tmp_path / "rules-old.new", tmp_path / "rules-young.new"
    old.touch()
    new.touch()
    os.utime(old, (1, 1))
    policy.shipped.keep(tmp_path / "rules-k.pickle", b"k")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["rules-k.pickle", new.name]

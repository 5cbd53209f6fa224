"""Stops writers at every single step of a write, and looks at what they leave behind.

    python tests/crash_steps.py            # all writers, all faults

A step is a call to the system that changes something or takes a lock. Each writer runs in a
forked process whose n-th step is struck, for every n, by one fault:

    before   it is killed before the step
    after    it is killed behind it
    half     it is killed when half of a write is done
    full     the disk is full from that step on: half of a write is done, the rest fails
    broken   the step fails with EIO, later ones don't

Then the file has to be whole, the old one or the new one, the new one if that was acknowledged;
nothing else may lie beside it where the writer lived; and the next writer has to go on.
"""

import errno
import fcntl
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crash_whitelist import adding, entry
from test_journal_chain import RECORD

from policy import shipped
from policy.cli.boundary import write_file as write_boundary
from policy.cli.git_setup import add_lines
from policy.journal.chain import Journal, lines
from policy.journal.verify import verify
from policy.whitelist.canonical import dump
from policy.whitelist.document import Document
from policy.whitelist.files import read, update

STEPS = (
    *("open", "write", "fsync", "rename", "replace", "link", "unlink", "remove", "mkdir"),
    *("fchmod", "fchown", "ftruncate", "close", "flock"),
)
NEED_SPACE = frozenset(("open", "write", "fsync", "rename", "replace", "link", "mkdir"))
FAULTS = ("before", "after", "half", "full", "broken")
KILLED = frozenset(("before", "after", "half"))


@dataclass(frozen=True)
class Writer:
    """`prepare` makes the old state in a directory, `write` the new one.

    `state` says which of both a directory is in ("old" or "new") and raises for anything else.
    What is appended to is new as soon as it is whole, acknowledged or not.
    """

    prepare: Callable[[Path], None]
    write: Callable[[Path], object]
    state: Callable[[Path], str]
    files: frozenset[str]


# The writers -------------------------------------------------------------------------------


def _names(path: Path) -> set[str]:
    document = read(path)
    assert all(one.note == "x" * 2_000 for one in document.entries), "a part of an entry"
    return {one.pattern.command.removeprefix("echo ") for one in document.entries}


def _holding(*old: str) -> Callable[[Path], str]:
    def state(directory: Path) -> str:
        path = directory / "whitelist.yaml"
        found = _names(path) if path.exists() else set()
        return "old" if found == {*old} else _new(found == {*old, "b"})

    return state


def _new(right: bool) -> str:
    assert right, "neither the old nor the new state"
    return "new"


def _add(directory: Path) -> None:
    def with_b(document: Document) -> Document:
        known = any(one.pattern.command == "echo b" for one in document.entries)
        return document if known else adding("b")(document)

    update(directory / "whitelist.yaml", with_b)


def _exactly(name: str, old: bytes | None, new: bytes) -> Callable[[Path], str]:
    def state(directory: Path) -> str:
        path = directory / name
        found = path.read_bytes() if path.exists() else None
        return "old" if found == old else _new(found == new)

    return state


def _log(directory: Path) -> str:
    """Two whole records, or three; a torn line between is named by `verify`, and nothing else."""
    path = directory / "log.jsonl"
    found = [line.record.command for line in lines(path) if line.record is not None]
    assert found[:2] == ["a", "b"], "a record was lost"
    torn = sum(line.record is None for line in lines(path))
    assert torn <= 1
    breaks = [one.message for one in verify(path).breaks]
    assert len({one.line for one in verify(path).breaks}) <= torn or (not torn and not breaks)
    return "old" if len(found) == 2 else _new(set(found[2:]) == {_LONG})


_LONG = "c" * 9_000  # more than a page


def _append(*commands: str) -> Callable[[Path], None]:
    def append(directory: Path) -> None:
        with Journal(directory / "log.jsonl", sync=True) as journal:
            for one in commands:
                journal.append(replace(RECORD, command=one))

    return append


def _kept(directory: Path) -> str:
    path = directory / "__pycache__" / "rules-k.pickle"
    return "old" if not path.exists() else _new(path.read_bytes() == b"r" * 300_000)


def _keep(directory: Path) -> None:
    shipped.keep(directory / "__pycache__" / "rules-k.pickle", b"r" * 300_000)


def _nothing(directory: Path) -> None: ...


def _is_there(directory: Path) -> bool:
    return (directory / "task.yaml").exists()


_OLD, _NEW = b"o" * 9_000, b"n" * 20_000

WRITERS = {
    "whitelist": Writer(
        lambda place: (
            (place / "whitelist.yaml").write_bytes(dump(Document((entry("a"),)))) and None
        ),
        _add,
        _holding("a"),
        frozenset(("whitelist.yaml",)),
    ),
    "new whitelist": Writer(
        _nothing,
        _add,
        _holding(),
        frozenset(("whitelist.yaml",)),
    ),
    "boundary": Writer(
        lambda place: (place / "task.yaml").write_bytes(_OLD) and None,
        lambda place: write_boundary(str(place / "task.yaml"), _NEW, force=True),
        _exactly("task.yaml", _OLD, _NEW),
        frozenset(("task.yaml",)),
    ),
    "new boundary": Writer(
        _nothing,
        lambda place: write_boundary(str(place / "task.yaml"), _NEW, force=_is_there(place)),
        _exactly("task.yaml", None, _NEW),
        frozenset(("task.yaml",)),
    ),
    "log": Writer(_append("a", "b"), _append(_LONG), _log, frozenset(("log.jsonl",))),
    "compiled rules": Writer(_nothing, _keep, _kept, frozenset(("__pycache__",))),
    "gitattributes": Writer(
        lambda place: (place / ".gitattributes").write_bytes(b"a b\n") and None,
        lambda place: add_lines(place / ".gitattributes", ["c d"]),
        _exactly(".gitattributes", b"a b\n", b"a b\nc d\n"),
        frozenset((".gitattributes",)),
    ),
}


# One fault ---------------------------------------------------------------------------------


def _struck(writer: Writer, place: Path, fault: str, number: int) -> tuple[str, str]:
    """Runs the writer in a process; "done", "failed", "killed" or "over", and the struck step."""
    reading, writing = os.pipe()
    told = os.write
    child = os.fork()
    if child == 0:
        step = _install(fault, number, lambda name: told(writing, f"{name} ".encode()))
        try:
            writer.write(place)
        except OSError as error:
            told(writing, b"failed" if error.strerror else b"raised something without a reason")
        except BaseException as error:  # noqa: BLE001  # told to the parent, which raises
            told(writing, f"raised {error!r}".encode())
        else:
            told(writing, b"done" if step["struck"] else b"over")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed", said.strip()
    step, _, outcome = said.rpartition(" ")
    assert "raised" not in said, said
    return outcome, step


def _install(fault: str, number: int, tell: Callable[[str], object]) -> dict[str, Any]:
    """Strikes the step of that number in this process."""
    seen = {"count": 0, "struck": False}

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **more: Any) -> Any:
            if fault == "half" and name != "write":
                return real(*given, **more)
            mine = seen["count"] == number
            seen["count"] += 1
            if mine:
                seen["struck"] = True
                tell(name)
            if fault == "full" and seen["struck"] and name in NEED_SPACE:
                creates = name != "open" or given[1] & os.O_CREAT
                if name == "write" and len(given[1]) > 1:
                    return real(given[0], given[1][: len(given[1]) // 2])
                if creates:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if not mine or fault == "full":
                return real(*given, **more)
            if fault == "broken" and name not in {"close", "unlink"}:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if fault == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            if fault == "half":
                real(given[0], given[1][: len(given[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            found = real(*given, **more)
            if fault == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return step

    for name in STEPS:
        module = fcntl if name == "flock" else os
        setattr(module, name, wrapped(name, getattr(module, name)))
    return seen


def strike(writer: Writer, fault: str) -> list[str]:
    """Every step of a writer struck by one fault; the steps, in their order."""
    struck: list[str] = []
    while True:
        with tempfile.TemporaryDirectory() as directory:
            place = Path(directory)
            writer.prepare(place)
            outcome, step = _struck(writer, place, fault, len(struck))
            where = f"{fault}, step {len(struck)} ({step}): {outcome}"
            if outcome == "over":
                return struck
            struck.append(step)
            try:
                _check(writer, place, fault, outcome)
            except AssertionError as error:
                raise AssertionError(f"{where}: {error}") from error


def _check(writer: Writer, place: Path, fault: str, outcome: str) -> None:
    state = writer.state(place)
    if outcome == "done":
        assert state == "new", "what was acknowledged isn't there"
    if outcome == "killed":
        assert fault in KILLED
    else:
        check_tidy(writer, place)
        if (place / "log.jsonl").exists():
            assert not verify(place / "log.jsonl").breaks, "a part of a record is left over"
    writer.write(place)
    assert writer.state(place) == "new", "the next writer didn't go on"
    if "__pycache__" not in writer.files:  # where others may be at work: after an hour
        check_tidy(writer, place)


def check_tidy(writer: Writer, place: Path) -> None:
    assert {one.name for one in place.iterdir()} <= writer.files, "something is left over"
    assert all(one.suffix == ".pickle" for one in place.glob("__pycache__/*")), "left over"


if __name__ == "__main__":
    wanted = sys.argv[1:] or WRITERS
    for name in wanted:
        for fault in FAULTS:
            print(f"{name:<16} {fault:<7} {' '.join(strike(WRITERS[name], fault))}", flush=True)

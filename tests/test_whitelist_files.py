"""Whitelist files: no approval is lost, and nobody sees half a file."""

import fcntl
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
from crash_whitelist import adding, entry, kill_writers, writer

from policy.diagnostics import WhitelistError
from policy.whitelist.canonical import dump
from policy.whitelist.document import Document
from policy.whitelist.files import read, read_digest, update


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whitelist with one entry, in a directory of its own."""
    found = tmp_path / "whitelist.yaml"
    found.write_bytes(dump(Document((entry("first"),))))
    return found


@pytest.fixture
def mask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def names(path: Path) -> set[str]:
    """What the entries of a file are called."""
    return {one.pattern.command.removeprefix("echo ") for one in read(path).entries}


def listed(directory: Path) -> list[str]:
    return sorted(one.name for one in directory.iterdir())


def written(path: Path) -> tuple[int, ...]:
    """What changes when the file is written or replaced; reading it changes none of these."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


# Reading ---------------------------------------------------------------------------------


def test_the_digest_is_of_the_bytes(path: Path) -> None:
    document, digest = read_digest(path, guarded=True)
    assert document == Document((entry("first"),))
    assert digest == sha256(path.read_bytes()).hexdigest()


def test_a_mistake_names_the_file(path: Path) -> None:
    path.write_text("version: 2\nentries: []\n")
    with pytest.raises(WhitelistError, match=f"--> {path}:1:10"):
        read(path)


def test_a_missing_file_is_no_empty_whitelist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.yaml")


# One change ------------------------------------------------------------------------------


def test_a_change_is_made_on_what_the_file_says(path: Path) -> None:
    changed = update(path, adding("second"))
    assert names(path) == {"first", "second"}
    assert set(changed.entries) == set(read(path).entries)
    assert listed(path.parent) == [path.name]


@pytest.mark.usefixtures("mask")
def test_a_missing_file_is_made_as_the_mask_says(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    update(path, adding("a"))
    assert (names(path), mode(path)) == ({"a"}, 0o640)


def test_a_missing_file_may_be_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"new\.yaml"):
        update(tmp_path / "new.yaml", adding("a"), create=False)
    assert listed(tmp_path) == []


@pytest.mark.parametrize("before", [0o600, 0o640, 0o664, 0o666])
@pytest.mark.usefixtures("mask")
def test_the_mode_is_kept(path: Path, before: int) -> None:
    path.chmod(before)
    update(path, adding("a"), trust_permissions=True)
    assert mode(path) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_is_kept(path: Path) -> None:
    os.chown(path, 12_345, 23_456)
    update(path, adding("a"), trust_permissions=True)
    assert (path.stat().st_uid, path.stat().st_gid) == (12_345, 23_456)


def test_a_group_that_cannot_be_kept_may_not_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, user: int, group: int) -> None:
        raise PermissionError

    real = os.fstat

    def of_another(descriptor: int) -> os.stat_result:
        found = list(real(descriptor))
        found[4] += 1
        found[5] += 1
        return os.stat_result(found)

    path.chmod(0o664)
    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr("policy.storage._same", lambda directory, path: True)
    monkeypatch.setattr(os, "fstat", of_another)
    update(path, adding("a"), trust_permissions=True)
    assert mode(path) == 0o644


def test_links_are_followed_and_stay(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.yaml"
    link.parent.mkdir()
    link.symlink_to("../whitelist.yaml")
    update(link, adding("a"))
    assert link.is_symlink()
    assert not path.is_symlink()
    assert names(path) == {"first", "a"}
    assert listed(link.parent) == ["link.yaml"]


def test_a_link_to_nothing_makes_what_it_names(tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to("target.yaml")
    update(link, adding("a"))
    assert link.is_symlink()
    assert names(tmp_path / "target.yaml") == {"a"}


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    # Python says this of such links itself from 3.13 on, and doesn't follow them.
    with pytest.raises(OSError, match=r"symbolic links|not a regular file"):
        update(tmp_path / "a", adding("a"))


def test_a_change_of_nothing_replaces_nothing(path: Path) -> None:
    before = written(path)
    update(path, lambda document: document)
    assert written(path) == before


def test_a_file_that_is_not_canonical_becomes_so(path: Path) -> None:
    canonical = path.read_bytes()
    path.write_bytes(canonical.replace(b"[alice]", b"\n    - 'alice'"))
    update(path, lambda document: document)
    assert path.read_bytes() == canonical


# What changes nothing --------------------------------------------------------------------


def test_a_file_with_mistakes_is_left_alone(path: Path) -> None:
    path.write_text("version: 1\nentries: [\n")
    with pytest.raises(WhitelistError):
        update(path, pytest.fail)
    assert path.read_text() == "version: 1\nentries: [\n"


def test_an_empty_file_is_no_empty_whitelist(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(WhitelistError, match="the file is empty"):
        update(path, pytest.fail)


def test_what_may_not_be_stored_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(WhitelistError, match="two entries permit the same"):
        update(path, adding("first"))
    assert path.read_bytes() == before


def test_a_change_that_fails_changes_nothing(path: Path) -> None:
    before = written(path)
    with pytest.raises(ZeroDivisionError):
        update(path, lambda document: Document(document.entries[: 1 // 0]))
    assert written(path) == before


@pytest.mark.parametrize("step", ["fchmod", "fsync", "rename", "write"])
def test_an_error_of_the_disk_leaves_the_old_file(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    if step == "write":
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    else:
        monkeypatch.setattr(os, step, full)
    try:
        with pytest.raises(OSError, match=r"space|large"):
            update(path, adding("a"))
    finally:
        if step == "write":
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert listed(path.parent) == [path.name]


def test_only_files_are_changed(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("directory", "pipe"):
        with pytest.raises(OSError, match="not a regular file"):
            update(tmp_path / name, pytest.fail)


def test_an_error_names_the_file_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as reading:
        read(tmp_path)
    with pytest.raises(OSError, match="not a regular file") as changing:
        update(tmp_path, pytest.fail)
    assert [reading.value.filename, changing.value.filename] == [str(tmp_path)] * 2


@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_what_is_followed_is_a_file(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_digest(tmp_path / name, guarded=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_what_may_not_be_written_is_not_replaced(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        update(path, pytest.fail)


# Others ----------------------------------------------------------------------------------


def test_leftovers_of_killed_writers_are_removed(path: Path) -> None:
    gone = f".{path.name}.policy-0123456789abcdef"
    kept = {path.name, f".{path.name}.policy-notes", ".other.yaml.policy-0123456789abcdef"}
    for name in {gone, *kept} - {path.name}:
        (path.parent / name).touch()
    update(path, adding("a"))
    assert listed(path.parent) == sorted(kept)


def test_a_change_waits_no_longer_than_it_may(path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    try:
        start = monotonic()
        with pytest.raises(TimeoutError, match="another process holds the lock"):
            update(path, pytest.fail, patience=0.05)
        assert 0.05 <= monotonic() - start < 5
        assert names(path) == {"first"}  # readers don't wait
    finally:
        os.close(directory)
    update(path, adding("a"), patience=0)


def test_what_an_editor_writes_meanwhile_is_kept(path: Path) -> None:
    edits = iter(["edited"])

    def change(document: Document) -> Document:
        for name in edits:
            path.write_bytes(dump(adding(name)(document)))
        return adding("a")(document)

    update(path, change)
    assert names(path) == {"first", "edited", "a"}


def test_an_editor_that_never_stops_is_an_error(path: Path) -> None:
    def change(document: Document) -> Document:
        path.write_bytes(path.read_bytes() + b"\n")
        return adding("a")(document)

    with pytest.raises(TimeoutError, match="write it all the time"):
        update(path, change)
    assert listed(path.parent) == [path.name]


def test_a_link_that_is_turned_while_a_change_waits_is_followed(path: Path) -> None:
    other = path.parent / "other" / "whitelist.yaml"
    other.parent.mkdir()
    other.write_bytes(dump(Document()))
    link = path.parent / "link.yaml"
    link.symlink_to(path.name)
    directory = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    waiting = Thread(target=update, args=(link, adding("a")))
    waiting.start()
    link.unlink()
    link.symlink_to(other)
    os.close(directory)
    waiting.join()
    assert (names(path), names(other)) == ({"first"}, {"a"})


def test_threads_lose_nothing(path: Path) -> None:
    def add(prefix: str) -> None:
        for number in range(5):
            update(path, adding(f"{prefix}{number}"))

    threads = [Thread(target=add, args=(prefix,)) for prefix in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert names(path) == {
        "first",
        *(f"{prefix}{number}" for prefix in "abcd" for number in range(5)),
    }


def test_processes_lose_nothing(path: Path) -> None:
    running = [writer(path, f"w{number}", "20") for number in range(8)]
    said = [one.communicate()[0].decode().split() for one in running]
    assert [one.returncode for one in running] == [0] * 8
    assert [len(lines) for lines in said] == [20] * 8
    assert names(path) == {"first", *(name for lines in said for name in lines)}


def test_killed_writers_lose_nothing_that_they_acknowledged() -> None:
    assert kill_writers(8, seed=1) >= 8

"""Files that vanish, are cut off, swapped or something else than files: a message, no approval."""

import errno
import os
from pathlib import Path
from threading import Event, Thread

import pytest
from cli_runs import caller
from faulty_files import KINDS, RULES, WHITELIST, Kind

from policy import permissions
from policy.cli.diff_inputs import on_disk
from policy.decision import Context, Verdict
from policy.diagnostics import WhitelistError
from policy.dsl import LARGEST, compile_sources, read_directory
from policy.engine import Engine
from policy.journal.chain import Journal, lines
from policy.permissions import opened
from policy.source import Source
from policy.whitelist import live
from policy.whitelist.boundary_file import load as load_boundary
from policy.whitelist.document import load

BOT = Context(agent="deploy-bot", environment="prod")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
single = pytest.mark.parametrize("kind", KINDS[:2], ids=lambda kind: kind.name)


# Cut off -----------------------------------------------------------------------------------


def test_a_whitelist_that_is_cut_off_anywhere_approves_nothing_more() -> None:
    (whole,) = load(WHITELIST).entries
    read = []
    for length in range(len(WHITELIST)):
        try:
            entries = load(WHITELIST[:length]).entries
        except WhitelistError:
            continue
        read += [length] if entries else []
        for entry in entries:
            assert entry.scope == whole.scope
            assert entry.expires == whole.expires
            assert entry.tier == whole.tier
            assert entry.pattern == whole.pattern
            assert set(entry.approved.by) <= set(whole.approved.by)
    assert min(read) == WHITELIST.rindex("Z") + 1  # behind it there is only the reason


def test_a_boundary_that_is_cut_off_anywhere_admits_nothing_more() -> None:
    text = KINDS[1].text
    whole, _ = load_boundary(text)
    for length in range(len(text)):
        try:
            task, _ = load_boundary(text[:length])
        except WhitelistError:
            continue
        assert (task.agents, task.targets, task.expires) == (
            whole.agents,
            whole.targets,
            whole.expires,
        )
        assert length >= text.index("Z")
        for pattern in task.allow:  # a cut word is another word, and may be shown as such
            assert any(one.command.startswith(pattern.command) for one in whole.allow)


def test_a_rule_file_that_is_cut_off_within_a_rule_does_not_compile() -> None:
    text = KINDS[2].text
    ends = {text.index("}") + 1, text.index("}") + 2, len(text) - 1}
    base = (Source("base.rules", 'default medium 60 "unknown"\n'),)
    compiled = {
        length
        for length in range(1, len(text))
        if compile_sources((Source("mine.rules", text[:length]),), base).ruleset is not None
    }
    assert compiled == ends


@kinds
def test_an_empty_file_is_refused(kind: Kind, tmp_path: Path) -> None:
    path = kind.write(tmp_path)
    path.write_bytes(b"")
    with pytest.raises((OSError, WhitelistError), match="the file is empty"):
        kind.load(path, False)


# No file -----------------------------------------------------------------------------------


def _gone(path: Path) -> None:
    path.unlink()


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


NO_FILES = [
    (_gone, "No such file or directory"),
    (_directory, "Is a directory"),
    (_pipe, "not a regular file"),
    (_device, "not a regular file"),
    (_loop, "Too many levels of symbolic links"),
    (_dangling, "No such file or directory"),
]
COMMANDS = {
    "whitelist.yaml": ["check", "ls", "--whitelist", "whitelist.yaml"],
    "task.yaml": ["check", "ls", "--boundary", "task.yaml"],
    "mine.rules": ["check", "ls", "--rules", "."],
}


@kinds
@pytest.mark.parametrize(("make", "reason"), NO_FILES)
def test_what_is_no_file_is_a_message_that_names_it(
    kind, make, reason, tmp_path, monkeypatch, capsys
):
    make(kind.write(tmp_path))
    reason = {"mine.rules": {_gone: "has no rule files", _directory: "has no rule files"}}.get(
        kind.name, {}
    ).get(make, reason)
    code, out, err = caller(monkeypatch, capsys, tmp_path)(*COMMANDS[kind.name])
    assert (code, out) == (2, "")
    assert err.startswith("Error: the ")
    assert reason in err
    assert kind.name in err or "has no rule files" in err
    assert "Errno" not in err


@kinds
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ESTALE, errno.EMFILE])
@pytest.mark.parametrize("call", ["open", "fstat", "lstat"])
def test_an_error_of_the_system_is_an_error_and_no_empty_file(
    kind: Kind, code: int, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kind.write(tmp_path)
    real = getattr(os, call)

    def fail(*given: object, **more: object) -> None:
        monkeypatch.setattr(os, call, real)  # others need it as well
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match=os.strerror(code)):
        kind.load(path, False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@kinds
def test_what_may_not_be_read_is_an_error(kind: Kind, tmp_path: Path) -> None:
    path = kind.write(tmp_path)
    path.chmod(0)
    with pytest.raises(PermissionError):
        kind.load(path, False)


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    path = KINDS[0].write(tmp_path)
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    os.mkfifo(tmp_path / "pipe")
    path.chmod(0o666)
    for _ in range(5):
        for bad in (path, tmp_path, tmp_path / "pipe", tmp_path / "none"):
            with pytest.raises(OSError, match=str(tmp_path)):
                opened(bad, guarded=True)
    assert len(list(descriptors.iterdir())) == before


# Directories of rules ----------------------------------------------------------------------


def names(directory: Path) -> list[str]:
    return [one.name for one in read_directory(directory, guarded=True)]


def test_a_directory_that_is_linked_holds_rules_as_well(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mine").mkdir()
    KINDS[2].write(tmp_path / "elsewhere")
    (tmp_path / "mine" / "team").symlink_to("../elsewhere")
    assert names(tmp_path / "mine") == ["team/mine.rules"]
    assert [one.name for one in on_disk(str(tmp_path / "mine"), ".rules").files] == [
        "team/mine.rules"
    ]


def test_only_what_is_somebodys_bookkeeping_is_left_out(tmp_path: Path) -> None:
    for name in (".git", ".hidden", "..2026", "...", "plain"):
        (tmp_path / name).mkdir()
        KINDS[2].write(tmp_path / name)
    assert names(tmp_path) == [".hidden/mine.rules", "plain/mine.rules"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    KINDS[2].write(tmp_path)
    (tmp_path / "again").symlink_to(".")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "up").symlink_to("..")
    assert names(tmp_path) == ["mine.rules"]


def test_a_config_map_that_is_mounted_holds_each_rule_once(tmp_path: Path) -> None:
    version = tmp_path / "..2026_11_23"
    version.mkdir()
    KINDS[2].write(version)
    (tmp_path / "..data").symlink_to(version.name)
    (tmp_path / "mine.rules").symlink_to("..data/mine.rules")
    assert names(tmp_path) == ["mine.rules"]


def test_a_rule_file_has_an_end(tmp_path: Path) -> None:
    path = KINDS[2].write(tmp_path)
    with path.open("ab") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(OSError, match=f"more than {LARGEST} bytes, which no rule file has"):
        read_directory(tmp_path)


# A log -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [_directory, _pipe, _device, _loop])
def test_what_is_no_log_is_not_appended_to(make, tmp_path, monkeypatch, capsys):
    (tmp_path / "log.jsonl").touch()
    make(tmp_path / "log.jsonl")
    code, out, err = caller(monkeypatch, capsys, tmp_path)("check", "ls", "--log", "log.jsonl")
    assert (code, out) == (2, "")
    assert err.startswith("Error: the decision can't be logged: log.jsonl")


def test_a_log_that_is_cut_off_anywhere_goes_on_and_says_so(tmp_path: Path) -> None:
    from test_journal_chain import RECORD

    whole = tmp_path / "whole"
    with Journal(whole) as journal:
        journal.append(RECORD)
        journal.append(RECORD)
    data = whole.read_bytes()
    path = tmp_path / "log.jsonl"
    first = data.index(b"\n") + 1
    for length in range(0, len(data) + 1, 7):
        path.write_bytes(data[:length])
        with Journal(path) as journal:
            journal.append(RECORD)
        found = list(lines(path))
        assert found[-1].record is not None
        torn = length not in (0, first, len(data)) and data[length : length + 1] != b"\n"
        assert any(one.record is None for one in found) == torn, length


# While an engine runs ----------------------------------------------------------------------


@pytest.fixture
def following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Engine, Path]:
    """An engine that follows a whitelist with one entry, and tries again without a pause."""
    path = KINDS[0].write(tmp_path)
    monkeypatch.setattr(live, "_PAUSE", 0.0)
    return Engine(RULES, path), path


def verdict(engine: Engine) -> Verdict:
    return engine.decide("docker restart web-1", BOT).verdict


@pytest.mark.parametrize(("make", "reason"), NO_FILES)
def test_the_last_good_whitelist_stays_and_the_problem_is_told(
    make, reason, following, tmp_path, caplog
):
    engine, path = following
    assert verdict(engine) is Verdict.ALLOW
    make(path)
    for _ in range(3):
        assert verdict(engine) is Verdict.ALLOW
    assert reason in engine.whitelist_problem
    assert len(caplog.records) == 1
    path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
    path.write_text("version: 1\nentries: []\n")
    assert verdict(engine) is Verdict.REVIEW
    assert engine.whitelist_problem is None


def test_nothing_that_is_cut_off_allows_more_while_an_engine_follows(
    following: tuple[Engine, Path],
) -> None:
    engine, path = following
    for length in range(0, len(WHITELIST), 5):
        path.write_text(WHITELIST[:length])
        assert engine.decide("docker restart web-1").verdict is Verdict.REVIEW
        assert engine.decide("docker restart web", BOT).verdict is Verdict.REVIEW


@pytest.mark.parametrize("code", [errno.EIO, errno.EMFILE, errno.ENOMEM])
def test_an_error_that_passes_is_tried_again(
    following: tuple[Engine, Path], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, path = following
    path.write_text("version: 1\nentries: []\n")
    with monkeypatch.context() as patched:

        def fail(*given: object, **more: object) -> None:
            raise OSError(code, os.strerror(code))

        patched.setattr(permissions.os, "open", fail)
        assert verdict(engine) is Verdict.ALLOW
        assert os.strerror(code) in (engine.whitelist_problem or "")
    assert verdict(engine) is Verdict.REVIEW  # the file didn't change meanwhile
    assert engine.whitelist_problem is None


def test_what_others_may_write_is_followed_once_they_may_not(
    following: tuple[Engine, Path], tmp_path: Path
) -> None:
    engine, path = following
    tmp_path.chmod(0o777)
    path.write_text("version: 1\nentries: []\n")
    assert verdict(engine) is Verdict.ALLOW
    assert "everyone may replace what is in it" in (engine.whitelist_problem or "")
    tmp_path.chmod(0o700)
    assert verdict(engine) is Verdict.REVIEW


def test_a_mistake_is_read_once_and_not_at_each_decision(
    following: tuple[Engine, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, path = following
    path.write_text("version: 2\n")
    assert verdict(engine) is Verdict.ALLOW
    monkeypatch.setattr(live, "read_digest", pytest.fail)
    assert verdict(engine) is Verdict.ALLOW


def test_a_file_that_is_swapped_while_it_is_read_is_read_again(
    following: tuple[Engine, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, path = following
    real = live.read_digest
    empty = "version: 1\nentries: []\n"

    def swapped(*given: object, **more: bool) -> object:
        found = real(*given, **more)  # type: ignore[arg-type]  # passes on what it was given
        monkeypatch.setattr(live, "read_digest", real)
        new = tmp_path / "new"
        new.write_text(empty)
        new.replace(path)
        return found

    monkeypatch.setattr(live, "read_digest", swapped)
    path.write_text(WHITELIST + "\n")
    assert verdict(engine) is Verdict.ALLOW
    assert verdict(engine) is Verdict.REVIEW


@pytest.mark.parametrize("in_place", [True, False])
def test_no_mixture_of_two_versions_is_ever_in_force(tmp_path: Path, in_place: bool) -> None:
    """One version allows one agent, the next another; the text is longer and shorter in turn."""
    texts = [
        WHITELIST.replace("deploy-bot", "a"),
        WHITELIST.replace("deploy-bot", "b").replace("routine", "routine " * 3_000),
    ]
    path = tmp_path / "whitelist.yaml"
    path.write_text(texts[0])
    engine = Engine(RULES, path)
    done = Event()

    def write() -> None:
        for number in range(200):
            if in_place:
                path.write_text(texts[number % 2])
            else:
                (tmp_path / "new").write_text(texts[number % 2])
                (tmp_path / "new").replace(path)
        done.set()

    writing = Thread(target=write)
    writing.start()
    seen = set()
    while not done.is_set():
        for agent in ("a", "b", "c", None):
            context = Context(agent=agent, environment="prod")
            seen.add((agent, engine.decide("docker restart web-1", context).verdict))
    writing.join()
    assert not {("c", Verdict.ALLOW), (None, Verdict.ALLOW)} & seen
    last = {agent: engine.decide("docker restart web-1", Context(agent=agent, environment="prod"))
            for agent in "ab"}  # fmt: skip
    assert (last["a"].verdict, last["b"].verdict) == (Verdict.REVIEW, Verdict.ALLOW)

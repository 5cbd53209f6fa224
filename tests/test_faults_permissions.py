"""What decides is used only if nobody else could have written it, or if that is meant."""

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_runs import caller
from faulty_files import KINDS, RULES, WHITELIST, Kind
from goldens import assert_golden

import policy.shipped
from policy import permissions
from policy.engine import Engine
from policy.journal.chain import Journal
from policy.permissions import Untrusted, opened, refuse_others
from policy.whitelist.document import Document
from policy.whitelist.files import read, update

ROOT = os.geteuid() == 0
OTHER = os.geteuid() + 12_345  # an account that isn't there
needs_root = pytest.mark.skipif(not ROOT, reason="only root may give files away")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory that nobody else may write, in one that is reached through nothing else."""
    found = tmp_path / "place"
    found.mkdir(mode=0o755)
    return found


@dataclass(frozen=True)
class Group:
    gr_name: str
    gr_mem: list[str]


@dataclass(frozen=True)
class Account:
    pw_name: str
    pw_uid: int
    pw_gid: int


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """The accounts of the machine; the group of every file is `staff`."""
    accounts = [Account("me", os.geteuid(), 100)]
    members: list[str] = []
    monkeypatch.setattr(grp, "getgrgid", lambda number: Group("staff", members))
    monkeypatch.setattr(pwd, "getpwall", lambda: accounts)
    return accounts


# The file, and the way to it ---------------------------------------------------------------


@kinds
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o444, 0o755])
def test_what_nobody_else_may_write_is_used(kind: Kind, place: Path, mode: int) -> None:
    path = kind.write(place)
    path.chmod(mode)
    kind.load(path, False)


@kinds
@pytest.mark.parametrize("mode", [0o646, 0o666, 0o622, 0o777])
def test_what_everyone_may_write_is_refused_unless_that_is_meant(
    kind: Kind, place: Path, mode: int
) -> None:
    path = kind.write(place)
    path.chmod(mode)
    with pytest.raises(Untrusted) as refused:
        kind.load(path, False)
    assert str(refused.value) == (
        f"{path}: everyone may write it; `chmod o-w {path}`, or say trust_permissions=True"
    )
    kind.load(path, True)


@kinds
@pytest.mark.parametrize("levels", [0, 1])
def test_a_directory_where_everyone_may_replace_it_is_refused(
    kind: Kind, place: Path, levels: int
) -> None:
    inside = place / "inside"
    inside.mkdir()
    path = kind.write(inside)
    bad = (inside, place)[levels]
    bad.chmod(0o777)
    with pytest.raises(Untrusted) as refused:
        kind.load(path, False)
    assert str(refused.value) == (
        f"{bad}: everyone may replace what is in it; `chmod o-w {bad}`, "
        "or say trust_permissions=True"
    )
    kind.load(path, True)
    bad.chmod(0o1777)  # sticky, as /tmp: only owners replace what is theirs
    kind.load(path, False)


@needs_root
@kinds
def test_what_belongs_to_others_is_refused(kind: Kind, place: Path) -> None:
    path = kind.write(place)
    os.chown(path, OTHER, 0)
    with pytest.raises(Untrusted) as refused:
        kind.load(path, False)
    assert str(refused.value) == (
        f"{path}: it belongs to {OTHER}, who may write it; `chown root {path}`, "
        "or say trust_permissions=True"
    )
    kind.load(path, True)
    os.chown(path, 0, 0)
    os.chown(place, OTHER, 0)
    with pytest.raises(Untrusted, match=f"{place}: it belongs to {OTHER}, who may replace what"):
        kind.load(path, False)


@needs_root
def test_the_owner_may_be_root_or_who_runs_this(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = KINDS[0].write(place)
    monkeypatch.setattr(os, "geteuid", lambda: OTHER)
    KINDS[0].load(path, False)
    os.chown(path, OTHER, 0)
    KINDS[0].load(path, False)


@kinds
def test_a_link_is_as_good_as_where_it_lies_and_where_it_leads(kind: Kind, place: Path) -> None:
    behind, front = place / "behind", place / "front"
    behind.mkdir()
    front.mkdir()
    path = kind.write(behind)
    link = front / kind.name
    link.symlink_to(f"../behind/{kind.name}")
    kind.load(link, False)
    for bad in (behind, front):
        bad.chmod(0o777)
        with pytest.raises(Untrusted, match=f"{bad}: everyone may replace"):
            kind.load(link, False)
        bad.chmod(0o755)
    path.chmod(0o646)
    with pytest.raises(Untrusted, match="everyone may write it"):
        kind.load(link, False)


@needs_root
def test_a_link_of_another_in_a_sticky_directory_is_refused(place: Path) -> None:
    path = KINDS[0].write(place)
    shared = place / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    link = shared / "link.yaml"
    link.symlink_to(path)
    KINDS[0].load(link, False)
    os.chown(link, OTHER, 0, follow_symlinks=False)
    with pytest.raises(Untrusted, match=f"{link}: it belongs to {OTHER}"):
        KINDS[0].load(link, False)


def test_a_way_with_dots_is_followed_as_the_kernel_does(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = place / "bad"
    (bad / "deep").mkdir(parents=True)
    bad.chmod(0o777)
    path = KINDS[0].write(place)
    (place / "link").symlink_to("bad/deep")
    monkeypatch.chdir(place)
    KINDS[0].load(Path("./whitelist.yaml"), False)
    for way in ("bad/../whitelist.yaml", "link/../../whitelist.yaml"):
        with pytest.raises(Untrusted, match=f"{bad}: everyone may replace"):
            refuse_others(way, path.stat())
    monkeypatch.chdir(bad / "deep")
    with pytest.raises(Untrusted, match=f"{bad}: everyone may replace"):
        refuse_others("../../whitelist.yaml", path.stat())


def test_a_rules_directory_is_looked_at_below_its_top(place: Path) -> None:
    (place / "team").mkdir()
    path = KINDS[2].write(place / "team")
    KINDS[2].write(place)
    KINDS[2].load(place / "mine.rules", False)
    path.chmod(0o646)
    with pytest.raises(Untrusted, match=r"team/mine\.rules: everyone may write it"):
        KINDS[2].load(place / "mine.rules", False)


def test_what_is_opened_is_looked_at_and_not_what_came_since(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = KINDS[0].write(place)
    path.chmod(0o646)
    real = os.fstat

    def swapped(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        path.unlink()
        KINDS[0].write(place)
        return found

    monkeypatch.setattr(os, "fstat", swapped)
    with pytest.raises(Untrusted, match="everyone may write it"):
        opened(path, guarded=True)


# Accounts that a user namespace doesn't map --------------------------------------------------


@pytest.fixture
def hidden(place: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The account that stands for all others: every directory is its own, as in a sandbox."""
    seen = place.parent / "uid_map"
    seen.write_text("         0       1000          1\n      1000     100000      64534\n")
    monkeypatch.setattr(permissions, "_ACCOUNTS_SEEN", seen)
    account = 65_534
    status = os.stat_result((0o40755, 0, 0, 1, account, account, 0, 0, 0, 0))
    monkeypatch.setattr(permissions, "_way", lambda path: iter([("/", status)]))
    return account


@pytest.mark.parametrize("me", [0, 1_000, 65_534])
def test_what_may_be_anyones_is_refused_whoever_runs_this(
    hidden: int, me: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: me)
    with pytest.raises(Untrusted) as refused:
        refuse_others("/whitelist.yaml", None)
    assert str(refused.value) == (
        "/: whose it is can't be seen in this user namespace; run it outside of the sandbox, "
        "or say trust_permissions=True"
    )
    refuse_others("/whitelist.yaml", None, frozenset((hidden,)))


@pytest.mark.parametrize("seen", ["         0          0 4294967295\n", None])
def test_an_account_of_that_number_is_one_where_all_are_mapped(
    hidden: int, seen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seen is None:
        permissions._ACCOUNTS_SEEN.unlink()  # noqa: SLF001  # a system without namespaces
    else:
        permissions._ACCOUNTS_SEEN.write_text(seen)  # noqa: SLF001
    with pytest.raises(Untrusted, match=r"/: it belongs to \w+, who may replace what is in it"):
        refuse_others("/whitelist.yaml", None)
    monkeypatch.setattr(os, "geteuid", lambda: hidden)
    refuse_others("/whitelist.yaml", None)


# Groups ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accounts", "members", "who"),
    [
        ([], [], None),
        ([], ["me"], None),
        ([Account("me", -1, 100)], [], None),
        ([Account("bob", OTHER, 100)], [], None),
        ([Account("bob", OTHER, 100)], ["bob"], "group staff (bob)"),
        ([Account("bob", OTHER, 100)], ["me", "bob"], "group staff (bob)"),
        ([Account("bob", OTHER, 7)], [], "group staff (bob)"),
        ([], ["gone"], "group staff (gone)"),
        ([], ["a", "b", "c", "d", "e"], "group staff (a, b, c and 2 more)"),
    ],
)
def test_a_group_may_write_where_nobody_else_is_in_it(
    accounts: list[Account],
    members: list[str],
    who: str | None,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = [Account("me", os.geteuid(), 7)]
    monkeypatch.setattr(pwd, "getpwall", lambda: [*mine, *accounts])
    monkeypatch.setattr(grp, "getgrgid", lambda number: Group("staff", members))
    path = KINDS[0].write(place)
    path.chmod(0o664)
    status = os.stat_result((0o100664, 0, 0, 1, os.geteuid(), 7, 0, 0, 0, 0))
    if who is None:
        refuse_others(path, status)
        return
    with pytest.raises(Untrusted) as refused:
        refuse_others(path, status)
    assert str(refused.value) == (
        f"{path}: {who} may write it; `chmod g-w {path}`, or say trust_permissions=True"
    )


def test_a_group_that_nobody_knows_may_not_write(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(number: int) -> Group:
        raise KeyError(number)

    monkeypatch.setattr(grp, "getgrgid", unknown)
    path = KINDS[0].write(place)
    path.chmod(0o664)
    with pytest.raises(Untrusted, match="of which nobody says who is in it, may write it"):
        opened(path, guarded=True)


def test_an_access_control_list_is_no_private_group(
    place: Path, people: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = KINDS[0].write(place)
    path.chmod(0o664)
    os.close(opened(path, guarded=True))
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"", raising=False)
    with pytest.raises(Untrusted, match="whom its access control list names may write it"):
        opened(path, guarded=True)


def test_what_is_mounted_read_only_can_not_be_written(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = KINDS[0].write(place)
    path.chmod(0o666)
    place.chmod(0o777)

    class Mounted:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda path: Mounted)
    os.close(opened(path, guarded=True))


# Who writes, who shows ---------------------------------------------------------------------


def test_what_others_may_write_is_not_changed_unless_that_is_meant(place: Path) -> None:
    path = place / "whitelist.yaml"
    path.write_text("version: 1\nentries: []\n")
    path.chmod(0o666)
    with pytest.raises(Untrusted, match="everyone may write it"):
        update(path, pytest.fail)
    update(path, lambda document: document, trust_permissions=True)


def test_nothing_new_is_written_where_others_may_replace_it(place: Path) -> None:
    place.chmod(0o777)
    with pytest.raises(Untrusted, match="everyone may replace what is in it"):
        update(place / "whitelist.yaml", lambda document: document)
    assert list(place.iterdir()) == []


def test_what_is_only_shown_may_be_written_by_others(place: Path) -> None:
    path = place / "whitelist.yaml"
    path.write_text("version: 1\nentries: []\n")
    path.chmod(0o666)
    assert read(path) == Document()


def test_a_log_that_everyone_may_write_is_refused_unless_that_is_meant(place: Path) -> None:
    from test_journal_chain import RECORD

    path = place / "log.jsonl"
    with Journal(path) as journal:
        journal.append(RECORD)
    path.chmod(0o660)  # several accounts may share a log
    with Journal(path) as journal:
        journal.append(RECORD)
    path.chmod(0o606)
    before = path.read_bytes()
    with Journal(path) as journal, pytest.raises(Untrusted) as refused:
        journal.append(RECORD)
    assert str(refused.value) == (
        f"{path}: everyone may write it; `chmod o-w {path}`, or say trust_permissions=True"
    )
    assert path.read_bytes() == before
    with Journal(path, trust_permissions=True) as journal:
        journal.append(RECORD)


# Compiled rules ----------------------------------------------------------------------------


@pytest.fixture
def cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled rules are kept."""
    found = place / "__pycache__"
    monkeypatch.setattr(policy.shipped, "_cache_directory", lambda: found)
    monkeypatch.setattr(policy.shipped, "data_directory", lambda: place / "nowhere")
    policy.shipped.keep(found / policy.shipped.file_name("k"), policy.shipped.pack("k", RULES))
    assert policy.shipped.kept("k") is not None
    return found


@pytest.mark.parametrize("mode", [0o646, 0o666])
def test_compiled_rules_that_others_may_write_are_not_loaded(cache: Path, mode: int) -> None:
    (file,) = cache.iterdir()
    file.chmod(mode)
    assert policy.shipped.kept("k") is None


@pytest.mark.parametrize("levels", [0, 1])
def test_compiled_rules_where_others_may_replace_them_are_neither_loaded_nor_kept(
    cache: Path, levels: int
) -> None:
    bad = (cache, cache.parent)[levels]
    bad.chmod(0o777)
    assert policy.shipped.kept("k") is None
    with pytest.raises(Untrusted):
        policy.shipped.keep(cache / "rules-more.pickle", b"")
    assert len(list(cache.iterdir())) == 1


def test_compiled_rules_are_as_trusted_as_the_directories_above_the_package(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = cache.parent  # who may write there may exchange the package's code as well
    above.chmod(0o777)
    monkeypatch.setattr(policy.shipped, "_ABOVE", frozenset((str(above),)))
    assert policy.shipped.kept("k") is not None
    policy.shipped.keep(cache / policy.shipped.file_name("l"), policy.shipped.pack("l", RULES))
    assert policy.shipped.kept("l") is not None
    cache.chmod(0o777)
    assert policy.shipped.kept("k") is None


def test_nothing_but_what_is_above_the_package_is_above_it() -> None:
    package = Path(policy.shipped.__file__).parent
    assert str(package.parent) in policy.shipped._ABOVE  # noqa: SLF001
    assert not {str(package), f"{package}/__pycache__"} & policy.shipped._ABOVE  # noqa: SLF001


def test_compiled_rules_of_a_shared_group_are_not_loaded(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "_others_in", lambda group, trusted: "group staff (bob)")
    (file,) = cache.iterdir()
    file.chmod(0o664)
    assert policy.shipped.kept("k") is None


@needs_root
def test_compiled_rules_of_others_are_loaded_only_if_the_package_is_theirs(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = cache.iterdir()
    os.chown(file, OTHER, 0)
    assert policy.shipped.kept("k") is None
    monkeypatch.setattr(policy.shipped, "_owners", lambda: frozenset((OTHER,)))
    assert policy.shipped.kept("k") is not None


# While an engine runs ----------------------------------------------------------------------


def test_a_running_engine_keeps_what_nobody_else_could_have_written(place: Path) -> None:
    path = place / "whitelist.yaml"
    path.write_text("version: 1\nentries: []\n")
    engine = Engine(RULES, path)
    assert str(engine.decide("docker restart web-1").verdict) == "review"
    path.write_text(WHITELIST.replace("  scope:\n    agents: [deploy-bot]\n", "  scope:\n"))
    path.chmod(0o646)
    assert str(engine.decide("docker restart web-1").verdict) == "review"
    assert engine.whitelist_problem == (
        f"{path}: everyone may write it; `chmod o-w {path}`, or say trust_permissions=True"
    )
    path.chmod(0o644)
    engine.decide("docker restart web-1")
    assert engine.whitelist_problem is None


# The command line --------------------------------------------------------------------------

FILES = {"whitelist.yaml": KINDS[0], "task.yaml": KINDS[1], "rules/mine.rules": KINDS[2]}
DECIDING = [
    (["check", "--whitelist", "whitelist.yaml", "ls"], "whitelist.yaml"),
    (["check", "--boundary", "task.yaml", "ls"], "task.yaml"),
    (["check", "--rules", "rules", "ls"], "rules/mine.rules"),
    (["check", "--log", "log.jsonl", "ls"], "log.jsonl"),
    (["whitelist", "add", "touch x", "--by", "alice"], "whitelist.yaml"),
    (["whitelist", "add", "--from-boundary", "task.yaml", "--by", "alice"], "task.yaml"),
    (["whitelist", "renew", "w-1", "--by", "alice"], "whitelist.yaml"),
    (["whitelist", "remove", "w-1"], "whitelist.yaml"),
    (["whitelist", "promote", "whitelist.yaml", "to.yaml", "--map", "agent=x"], "whitelist.yaml"),
    (["boundary", "new", "task.yaml", "--task", "x", "--force"], "task.yaml"),
]
SHOWING = [
    (["whitelist", "list"], "whitelist.yaml"),
    (["whitelist", "verify", "whitelist.yaml"], "whitelist.yaml"),
    (["whitelist", "suggest", "--rules", "rules", "docker restart web"], "rules/mine.rules"),
    (["boundary", "show", "task.yaml"], "task.yaml"),
    (["diff", "whitelist.yaml", "whitelist.yaml"], "whitelist.yaml"),
]


@pytest.fixture
def command(place, monkeypatch, capsys):
    (place / "rules").mkdir()
    for name, kind in FILES.items():
        kind.write((place / name).parent)
    (place / "log.jsonl").touch()
    return caller(monkeypatch, capsys, place)


@pytest.mark.parametrize(
    ("arguments", "bad"),
    DECIDING,
    ids=lambda one: "" if isinstance(one, str) else " ".join(one)[:40],
)
def test_what_decides_or_writes_refuses_what_others_may_write(command, place, arguments, bad):
    (place / bad).chmod(0o666)
    before = (place / bad).read_bytes()
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert "everyone may write it" in err
    assert f"chmod o-w {bad}" in err
    assert (place / bad).read_bytes() == before
    code, _, err = command(*arguments, "--trust-permissions")
    assert "everyone may" not in err


@pytest.mark.parametrize(
    ("arguments", "bad"),
    SHOWING,
    ids=lambda one: "" if isinstance(one, str) else " ".join(one)[:40],
)
def test_what_only_shows_reads_what_others_may_write(command, place, arguments, bad):
    (place / bad).chmod(0o666)
    code, out, err = command(*arguments)
    assert code in (0, 1)
    assert out
    assert "everyone may" not in err


@pytest.mark.parametrize(
    ("name", "arguments", "bad", "mode"),
    [
        ("whitelist", DECIDING[0][0], "whitelist.yaml", 0o666),
        ("boundary", DECIDING[1][0], "task.yaml", 0o666),
        ("rules", DECIDING[2][0], "rules/mine.rules", 0o666),
        ("log", DECIDING[3][0], "log.jsonl", 0o666),
        ("directory", DECIDING[2][0], "rules", 0o777),
    ],
)
def test_the_message_says_place_reason_and_what_to_write(
    command, place, name, arguments, bad, mode
):
    (place / bad).chmod(mode)
    assert_golden(
        f"error-permissions-{name}.txt", command(*arguments)[2].replace(str(place), "/srv/policy")
    )

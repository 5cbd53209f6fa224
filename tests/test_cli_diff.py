"""`policy-diff` as it is called: exit statuses, formats, every message, and as git calls it."""

from __future__ import annotations

import gc
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from diff_entries import NOW, entry
from goldens import assert_golden

from policy.cli.diff import main, show
from policy.cli.diff_formats import github, markdown
from policy.cli.diff_formats.report import Report
from policy.cli.diff_formats.text import write_whitelists
from policy.cli.git_drivers import external_diff
from policy.decision import Context
from policy.diff.whole import compare
from policy.engine import Engine
from policy.journal.chain import Journal
from policy.journal.keep import keep
from policy.whitelist.canonical import dump
from policy.whitelist.document import Document, load

AT = ("--now", "2026-11-22T12:00:00Z")
OLD = (
    entry("git push {remote} {branch}"),
    entry("touch {p:path /var/log/**}", agents=("bot",)),
    entry("docker restart {s:one of a b}"),
    entry("docker stop web", environments=("staging",)),
    entry("docker start web"),
    entry("docker pause web"),
    entry("UPDATE t SET a = 1 WHERE id = {n:int}", language="sql:postgres"),
)
NEW = (
    entry("git push {args...}"),
    entry("touch {p:path /var/**}", agents=("bot",)),
    entry("docker restart a"),
    entry("docker restart b"),
    entry("docker stop web", environments=("prod",), cwd=("/srv/**",)),
    entry("docker start web", days=30, by=("bob",)),
    entry("docker pause web"),
    entry("rm -rf {p:path /srv/cache/**}"),
    entry("git log", note="`x` | <b>bold</b> @you %0A ::error::\x1b[2J\nnext"),
)


@pytest.fixture
def policy_diff(monkeypatch, capsys, tmp_path):
    """Call `policy-diff` in an empty directory; exit status, standard output and error."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["policy-diff", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        gc.enable()
        return ended.value.code, *capsys.readouterr()

    return call


def write(name, *entries):
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(dump(Document(entries)))


@pytest.fixture(scope="module")
def report():
    return Report("old.yaml", "new.yaml", compare(OLD, NEW, Engine.load().rules, now=NOW))


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


# What people and programs see --------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "name"),
    [("text", "txt"), ("json", "json"), ("markdown", "md"), ("github", "github.txt")],
)
def test_each_format_shows_every_change(policy_diff, shape, name):
    write("old.yaml", *OLD)
    write("new.yaml", *NEW)
    status, out, err = policy_diff("old.yaml", "new.yaml", "--format", shape, *AT)
    if shape == "json":
        out = json.dumps(json.loads(out), indent=1) + "\n"
    assert_golden(f"diff/changes.{name}", out)
    assert (status, err) == (1, "")


def test_colours_say_what_allows_more(report):
    stream = io.StringIO()
    write_whitelists(report, stream, coloured=True)
    assert_golden("diff/changes.colour.txt", stream.getvalue())


@pytest.mark.parametrize("columns", [40, 80])
def test_lines_fit_a_narrow_terminal(report, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    write_whitelists(report, stream, coloured=False)
    assert max(map(len, stream.getvalue().splitlines())) <= columns


def test_text_of_an_entry_can_not_leave_its_place(report):
    shown = markdown.whitelists(report) + github.whitelists(report)
    assert "\x1b" not in shown
    assert "\n::error" not in shown
    assert "\nnext" not in shown
    assert "\n@you" not in shown
    assert (
        r"- note: \`x\` \| &lt;b&gt;bold&lt;/b&gt; \@you %0A \:\:error\:\:\\x1b\[2J\\nnext" in shown
    )
    assert r"note: `x` | <b>bold</b> @you %250A ::error::\x1b[2J\nnext" in shown


def test_code_of_a_table_is_not_left_by_backticks_and_bars():
    rules = Engine.load().rules
    found = compare([], [entry("docker restart 'a`|``b'")], rules, now=NOW)
    shown = markdown.whitelists(Report("old", "new", found))
    assert "| ```docker restart 'a`\\|``b'``` |" in shown


def test_promotion_shows_the_same(monkeypatch):
    stream = io.StringIO()
    engine = Engine.load()
    found = show(Document(OLD[:1]), Document(NEW[:1]), engine, stream=stream, coloured=False)
    assert found.outcome == 1
    assert "git push {args...}" in stream.getvalue()
    assert "as it is → as it would be" in stream.getvalue()


# Exit statuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (OLD, OLD, 0),
        (NEW[:1], OLD[:1], 0),
        (OLD[:1], NEW[:1], 1),
        (OLD, (*OLD, NEW[7]), 3),
        ((), OLD, 1),
        (OLD, (), 0),
    ],
)
def test_the_exit_status_says_whether_more_is_allowed(policy_diff, old, new, status):
    write("old.yaml", *old)
    write("new.yaml", *new)
    code, _, err = policy_diff("old.yaml", "new.yaml", *AT)
    assert (code, err) == (status, "")


def test_made_up_ids_are_computed_anew(policy_diff):
    for name, id_, command in (("old", "w-1", "docker start a"), ("new", "w-1", "docker start b")):
        text = dump(Document((entry(command),))).decode()
        first, rest = text.split("id: ")
        Path(f"{name}.yaml").write_text(f"{first}id: {id_}\n{rest.partition(chr(10))[2]}")
    status, out, _ = policy_diff("old.yaml", "new.yaml", *AT)
    assert status == 1
    assert "w-1 " not in out


@pytest.mark.parametrize(
    ("old", "new", "note", "status"),
    [
        ("/dev/null", "a.yaml", "1 change, 0 entries unchanged", 1),
        ("a.yaml", "/dev/null", "1 change, 0 entries unchanged", 0),
        ("empty", "d", "2 changes, 0 entries unchanged", 1),
        ("a.yaml", "d", "1 change, 1 entry unchanged", 1),
    ],
)
def test_nothing_and_directories_are_sides_too(policy_diff, old, new, note, status):
    Path("empty").mkdir()
    write("a.yaml", OLD[0])
    write("d/one.yaml", OLD[0])
    write("d/two.yaml", OLD[2])
    Path("d/other.txt").write_text("no whitelist")
    code, out, _ = policy_diff(old, new, *AT)
    assert note in out.splitlines()
    assert code == status


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("no-operands", []),
        ("one-operand", ["a.yaml"]),
        ("revision-without-path", ["main..HEAD"]),
        ("no-path-behind-dashes", ["main", "--"]),
        ("three-operands", ["a.yaml", "a.yaml", "a.yaml"]),
        ("nothing-on-both-sides", ["/dev/null", "/dev/null"]),
        ("missing-old", ["nothing.yaml", "a.yaml"]),
        ("missing-new", ["a.yaml", "nothing.yaml"]),
        ("bad-file", ["a.yaml", "bad.yaml"]),
        ("unknown-format", ["a.yaml", "a.yaml", "--format", "xml"]),
        ("rules-and-extra-rules", ["--rules", "d", "d", "--extra-rules", "d"]),
        ("no-log", ["a.yaml", "a.yaml", "--log", "no.jsonl"]),
        ("bad-log", ["a.yaml", "a.yaml", "--log", "bad.jsonl"]),
        ("bad-rules", ["--rules", "d", "d"]),
        ("bad-extra-rules", ["a.yaml", "a.yaml", "--extra-rules", "d"]),
        ("empty-path", ["a.yaml", ""]),
    ],
)
def test_a_mistake_is_answered_with_what_to_write(policy_diff, name, arguments):
    write("a.yaml", OLD[0])
    Path("bad.yaml").write_text("version: 1\nentries:\n- command: ls {x\n  teir: low\n")
    Path("bad.jsonl").write_text('{"command": "ls"}\n')
    Path("d").mkdir()
    Path("d/x.rules").write_text('program zx {\n    default hihg 50 "a use"\n}\n')
    status, out, err = policy_diff(*arguments)
    assert (status, out) == (2, "")
    assert_golden(f"diff/error-{name}.txt", err)


# Logs and rules ----------------------------------------------------------------------------


def test_a_log_is_decided_by_both(policy_diff):
    engine = Engine.load()
    context = Context(environment="staging")
    with Journal("log.jsonl") as journal:
        for text in (
            "docker stop web",
            "git push",
            "git push",
            "ls",
            "mysql -psecret -e 'SELECT 1'",
        ):
            decision = engine.decide(text, context)
            keep(journal, engine, decision, context, at=NOW)
    write("old.yaml", *OLD)
    write("new.yaml", *NEW)
    _, out, _ = policy_diff("old.yaml", "new.yaml", "--log", "log.jsonl", *AT)
    begin = out.index("4 commands of the log")
    assert_golden("diff/log.txt", out[begin:])
    assert "secret" not in out


RULES = Path(__file__).parent.parent / "examples" / "rules"


def test_rules_are_compared_on_top_of_the_shipped_ones(policy_diff):
    shutil.copytree(RULES, "old")
    shutil.copytree(RULES, "new")
    path = Path("new/deploy.rules")
    path.write_text(
        path.read_text().replace("tier high\n    score 80", "tier medium\n    score 60")
    )
    status, out, _ = policy_diff("--rules", "old", "new")
    # How many examples the shipped rules have changes with every rule.
    lines = [line for line in out.splitlines() if "examples, " not in line]
    assert_golden("diff/rules.txt", "\n".join(lines) + "\n")
    assert status == 1


# git ---------------------------------------------------------------------------------------

with_git = pytest.mark.skipif(shutil.which("git") is None, reason="git isn't installed")
CALL = f"{shlex.quote(sys.executable)} -m policy.cli.diff"


@pytest.fixture
def repository(policy_diff, monkeypatch):
    """A repository with the old whitelist in its first commit and the new one in its second."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git("init", "-q", "-b", "main")
    git("config", "user.email", "alice@example.org")
    git("config", "user.name", "Alice")
    commit(*OLD)
    commit(*NEW)
    return policy_diff


def git(*arguments, status=0):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def commit(*entries):
    write("whitelist.yaml", *entries)
    git("add", "--all")
    git("commit", "-q", "-m", "change")


@with_git
@pytest.mark.parametrize(
    ("arguments", "line", "status"),
    [
        (["main~1..main"], "main~1 → main", 1),
        (["main..main~1"], "main → main~1", 1),
        (["main~1.."], "main~1 → HEAD", 1),
        (["main~1", "main"], "main~1 → main", 1),
        (["main~1"], "main~1 → the working tree", 1),
        (["main"], "main → the working tree", 0),
    ],
)
def test_revisions_are_compared(repository, arguments, line, status):
    code, out, err = repository(*arguments, *AT, "--", "whitelist.yaml")
    assert (code, err) == (status, "")
    assert line in out.splitlines()


@with_git
def test_the_common_ancestor_is_the_old_side_of_three_dots(repository):
    git("checkout", "-q", "-b", "side", "main~1")
    commit(*OLD, entry("docker kill web"))
    code, out, _ = repository("main...side", *AT, "--", "whitelist.yaml")
    assert code == 1
    assert "1 change, 7 entries unchanged" in out


@with_git
def test_paths_are_those_of_the_working_directory(repository, monkeypatch):
    Path("below").mkdir()
    write("below/one.yaml", *OLD)
    git("add", "--all")
    git("commit", "-q", "-m", "below")
    monkeypatch.chdir("below")
    for path, line in (("../whitelist.yaml", "9 entries"), (".", "7 entries"), ("one.yaml", "7")):
        code, out, _ = repository("main", *AT, "--", path)
        assert code == 0
        assert out.startswith(f"no changes, {line}")
    code, out, _ = repository("main~1..main", *AT, "--", "one.yaml")
    assert code == 1
    assert "note: one.yaml isn't in main~1: nothing is there" in out.splitlines()


@with_git
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("unknown-revision", ["nosuch", "--", "whitelist.yaml"]),
        ("option-as-revision", ["-n..main", "--", "whitelist.yaml"]),
        ("nothing-there", ["main", "--", "nosuch.yaml"]),
        ("no-common-ancestor", ["main...other", "--", "whitelist.yaml"]),
    ],
)
def test_what_git_does_not_know_is_said(repository, name, arguments):
    git("checkout", "-q", "--orphan", "other")
    commit(*OLD[:1])
    git("checkout", "-q", "main")
    status, out, err = repository(*arguments)
    assert (status, out) == (2, "")
    assert_golden(f"diff/error-git-{name}.txt", err)


@with_git
def test_outside_of_a_repository_git_says_so(policy_diff, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    status, _, err = policy_diff("main", "--", "whitelist.yaml")
    assert status == 2
    assert err.startswith("Error: git: not a git repository")


@pytest.fixture
def set_up(repository, monkeypatch):
    """The repository, where git calls this very code."""
    monkeypatch.setattr("policy.cli.git_setup._call", lambda: CALL)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    status, out, err = repository("--git-setup")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"set diff.policy.command to {CALL} --git-diff --",
        "set merge.policy.name to merges whitelists by entry",
        f"set merge.policy.driver to {CALL} --git-merge -- %O %A %B %P",
        "added to .gitattributes: whitelist.yaml diff=policy merge=policy",
    ]
    git("add", "--all")
    git("commit", "-q", "-m", "attributes")
    return repository


@with_git
def test_setting_up_again_changes_nothing(set_up):
    before = Path(".gitattributes").read_bytes(), Path(".git/config").read_bytes()
    _, out, _ = set_up("--git-setup")
    assert (Path(".gitattributes").read_bytes(), Path(".git/config").read_bytes()) == before
    assert all("already" in line or line.startswith("in ") for line in out.splitlines())


@with_git
def test_what_stands_in_gitattributes_stays(repository):
    Path(".gitattributes").write_text("*.png binary")
    repository("--git-setup", "policy/*.yaml")
    assert Path(".gitattributes").read_text() == (
        "*.png binary\npolicy/*.yaml diff=policy merge=policy\n"
    )


@with_git
def test_a_name_that_gitattributes_can_not_say_is_refused(repository):
    status, _, err = repository("--git-setup", "my list.yaml")
    assert status == 2
    assert "`my list.yaml` isn't a name as `.gitattributes` has it" in err
    assert not Path(".gitattributes").exists()


@with_git
def test_git_diff_shows_the_meaning(set_up):
    write("whitelist.yaml", *OLD)
    shown = git("--no-pager", "diff")
    assert shown.startswith("policy-diff whitelist.yaml\n")
    assert "git push {remote} {branch}" in shown
    assert "@@" not in shown


@with_git
def test_git_diff_shows_lines_where_a_file_can_not_be_read(set_up):
    Path("whitelist.yaml").write_text("version: 2\n")
    shown = git("--no-pager", "diff")
    assert "error[WL205]" in shown
    assert "+version: 2" in shown


@with_git
def test_git_diff_shows_a_file_that_was_added_or_removed(set_up):
    Path("whitelist.yaml").unlink()
    shown = git("--no-pager", "diff")
    assert "note: after it isn't there" in shown
    assert "the new one allows nothing that the old one did not" in shown


@with_git
def test_branches_that_add_entries_merge(set_up):
    mine, theirs = entry("docker kill a"), entry("docker kill b")
    git("checkout", "-q", "-b", "side")
    commit(*NEW, theirs)
    git("checkout", "-q", "main")
    commit(*NEW, mine)
    git("merge", "-m", "merge", "side")
    merged = load(Path("whitelist.yaml").read_bytes()).entries
    assert {one.id for one in merged} == {one.id for one in (*NEW, mine, theirs)}


@with_git
def test_a_removal_against_a_change_is_a_conflict_and_allows_nothing(set_up):
    git("checkout", "-q", "-b", "side")
    commit(*NEW[1:])
    git("checkout", "-q", "main")
    commit(entry("git push {args...}", days=90), *NEW[1:])
    said = git("merge", "-m", "merge", "side", status=1)
    assert "error[WL402]" in said
    assert "UU whitelist.yaml" in git("status", "--short")
    merged = load(Path("whitelist.yaml").read_bytes()).entries
    assert {one.id for one in merged} == {one.id for one in NEW[1:]}


@with_git
def test_files_that_can_not_be_read_merge_as_text(set_up):
    git("checkout", "-q", "-b", "side")
    Path("whitelist.yaml").write_text("version: 3\n")
    git("commit", "-q", "-a", "-m", "bad")
    git("checkout", "-q", "main")
    commit(*NEW[1:])
    said = git("merge", "-m", "merge", "side", status=1)
    assert "whitelist.yaml can't be merged by entry" in said
    assert "<<<<<<<" in Path("whitelist.yaml").read_text()


def test_a_pager_that_was_left_is_no_failure(tmp_path):
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_bytes(dump(Document(OLD)))
    new.write_bytes(dump(Document(NEW)))
    arguments = ["whitelist.yaml", str(old), "0", "100644", str(new), "0", "100644"]
    read, write_ = os.pipe()
    os.close(read)
    with os.fdopen(write_, "w") as stream:
        assert external_diff(arguments, stream, coloured=False) == 0


def test_the_script_is_the_subcommand(policy_diff):
    status, out, _ = policy_diff("--help")
    assert status == 0
    assert_golden("diff/help.txt", out)

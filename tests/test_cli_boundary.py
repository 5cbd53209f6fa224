"""`policy boundary`, and boundaries and whitelists on `policy check`."""

from __future__ import annotations

import json

import pytest
import toolrules
from cli_runs import caller
from goldens import assert_golden

AT = ("--at", "2026-11-22T12:00:00Z")
LATER = ("--at", "2026-11-24T12:00:00Z")
RULES = ("--rules", "rules")
NEW = ("new", "task.yaml", "--task", "rotate the logs")
ALLOW = ("--allow", "tool stop {s:name}", "--allow", "cd /srv; sudo -u deploy tool push main")


@pytest.fixture
def policy(monkeypatch, capsys, tmp_path):
    """Call `policy` where the rules of the tool are; exit status, standard output and error."""
    toolrules.directory(tmp_path)
    return caller(monkeypatch, capsys, tmp_path)


@pytest.fixture
def boundary(policy):
    return lambda *arguments, at=AT: policy("boundary", *arguments, *RULES, *at)


# The file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("least", []),
        ("most", [*ALLOW, "--agent", "bot", "--agent", "a*", "--target", "web-1", "--ttl", "2h"]),
        (
            "sql",
            [
                *("--allow", "UPDATE jobs SET a = 'b' WHERE id = {n:int}"),
                *("--language", "sql:postgres", "--expires", "2026-12-01T00:00:00Z"),
            ],
        ),
    ],
)
def test_a_new_boundary_is_written_and_shown(boundary, tmp_path, name, arguments):
    code, out, err = boundary(*NEW, *arguments)
    assert (code, err) == (0, "")
    written = (tmp_path / "task.yaml").read_text(encoding="utf-8")
    assert_golden(f"whitelist/boundary-new-{name}.txt", f"{out}\n--- written ---\n{written}")
    assert boundary("show", "task.yaml")[:2] == (0, out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules", "task.yaml"]


def test_json_has_everything(boundary):
    _, out, _ = boundary(*NEW, *ALLOW, "--agent", "bot", "--json")
    assert json.loads(out) == {
        "file": "task.yaml",
        "task": "rotate the logs",
        "agents": ["bot"],
        "targets": [],
        "expires": "2026-11-22T20:00:00Z",
        "allow": [
            {"command": "tool stop {s:name}", "language": "shell", "via": []},
            {"command": "tool push main", "language": "shell", "via": ["sudo -u deploy"]},
        ],
    }
    assert boundary("show", "task.yaml", "--json")[1] == out


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("no-task", ["new", "task.yaml"]),
        ("empty-task", ["new", "task.yaml", "--task", " "]),
        ("empty-file", ["new", "", "--task", "a"]),
        ("over", [*NEW, "--expires", "2026-11-22T12:00:00Z"]),
        ("hole", [*NEW, "--allow", "tool stop {x:foo}"]),
        ("agent", [*NEW, "--agent", ""]),
        ("directory", ["new", "none/task.yaml", "--task", "a"]),
        ("show-missing", ["show", "none.yaml"]),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(boundary, tmp_path, name, arguments):
    code, out, err = boundary(*arguments)
    assert (code, out) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["rules"]
    assert_golden(f"whitelist/boundary-mistake-{name}.txt", err)


def test_a_file_is_replaced_only_by_force(boundary, tmp_path):
    assert boundary(*NEW)[0] == 0
    before = (tmp_path / "task.yaml").read_bytes()
    code, _, err = boundary(*NEW, "--agent", "bot")
    assert (code, err) == (2, "Error: task.yaml is there already; --force replaces it\n")
    assert (tmp_path / "task.yaml").read_bytes() == before
    assert boundary(*NEW, "--agent", "bot", "--force")[0] == 0
    assert b"agents: [bot]" in (tmp_path / "task.yaml").read_bytes()


def test_a_task_that_is_over_says_so(boundary):
    boundary(*NEW)
    assert (
        "until    2026-11-22T20:00:00Z (over since 2 days)"
        in boundary("show", "task.yaml", at=LATER)[1]
    )


# Seeding a whitelist -----------------------------------------------------------------------


def test_a_boundary_seeds_a_whitelist(policy, boundary, tmp_path):
    boundary(*NEW, *ALLOW, "--allow", "tool show x", "--agent", "bot")
    code, out, err = policy(
        *("whitelist", "add", "--from-boundary", "task.yaml", "--by", "alice"),
        *("--environment", "staging", *RULES, *AT),
    )
    assert (code, err) == (0, "")
    written = (tmp_path / "whitelist.yaml").read_text(encoding="utf-8")
    assert_golden("whitelist/add-from-boundary.txt", f"{out}\n--- written ---\n{written}")


def test_what_ended_with_its_task_is_not_approved(policy, boundary, tmp_path):
    boundary(*NEW, *ALLOW)
    add = ("whitelist", "add", "--from-boundary", "task.yaml", "--by", "alice")
    code, out, _ = policy(*add, *RULES, *LATER)
    assert code == 1
    assert "it would be over at 2026-11-22T20:00:00Z, before it begins" in out
    assert not (tmp_path / "whitelist.yaml").exists()


# `policy check` ----------------------------------------------------------------------------


@pytest.fixture
def check(policy, boundary):
    """Call `policy check` as the agent `bot`, with a whitelist, and the boundary of a task."""
    boundary(*NEW, *ALLOW, "--agent", "bot", at=())
    for command in ("tool stop {s:name}", "tool push {b:name}"):
        assert policy("whitelist", "add", command, "--by", "a", *RULES)[0] == 0

    def call(*arguments, agent="bot", stdin=b""):
        asked = ("--boundary", "task.yaml", "--whitelist", "whitelist.yaml", "--agent", agent)
        return policy("check", *arguments, *RULES, *asked, stdin=stdin)

    return call


def test_a_boundary_holds_what_the_whitelist_allows(check):
    assert check("tool stop web")[0] == 0
    code, out, _ = check("tool push main")
    assert code == 3
    assert "outside the task `rotate the logs`: none of its patterns admits this" in out
    code, out, _ = check("tool stop web", agent="other")
    assert code == 3
    assert "outside the task `rotate the logs`: agent other has no part in it" in out
    assert check("tool show web", agent="other")[0] == 0


def test_every_line_of_a_batch_is_within_the_boundary(check):
    lines = [
        {"command": "tool stop web"},
        {"command": "tool push main"},
        {"command": "tool stop web", "agent": "other"},
    ]
    code, out, _ = check("--batch", stdin="\n".join(map(json.dumps, lines)).encode())
    told = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["verdict"] for one in told] == ["allow", "review", "review"]
    assert [one["entry"] is not None for one in told] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "option", "text"),
    [
        ("whitelist-missing", "--whitelist", None),
        ("whitelist-mistakes", "--whitelist", "version: 1\nentries:\n- comand: ls\n- 3\n"),
        ("whitelist-empty-path", "--whitelist", ""),
        ("boundary-missing", "--boundary", None),
        ("boundary-mistakes", "--boundary", "version: 1\ntask: a\nallow:\n- comand: ls\n"),
        (
            "boundary-pattern",
            "--boundary",
            "version: 1\ntask: a\nexpires: 2026-11-22T20:00:00Z\nallow:\n- command: ls $x\n",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_no_answer(policy, tmp_path, name, option, text):
    path = "" if text == "" else "given.yaml"
    if text:
        (tmp_path / path).write_text(text, encoding="utf-8")
    code, out, err = policy("check", "tool show web", option, path, *RULES)
    assert (code, out) == (2, "")
    assert_golden(f"whitelist/check-{name}.txt", err)


# Help --------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("new",), ("show",)])
def test_help_says_how_it_is_used(policy, arguments):
    code, out, _ = policy("boundary", *arguments, "--help")
    assert code == 0
    assert f"\n  policy boundary {arguments[0] if arguments else 'new'}" in out
    assert_golden(f"whitelist/help-boundary-{'-'.join(arguments) or 'all'}.txt", out)

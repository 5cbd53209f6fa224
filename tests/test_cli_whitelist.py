"""`policy whitelist` as it is called: what it does, what it prints, every message whole."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest
import toolrules
from cli_runs import caller
from goldens import assert_golden

AT = ("--at", "2026-11-22T12:00:00Z")
LATER = ("--at", "2026-11-24T12:00:00Z")
SUBCOMMANDS = "suggest add list show renew remove prune verify promote".split()


@pytest.fixture
def policy(monkeypatch, capsys, tmp_path):
    """Call `policy` where the rules of the tool are; exit status, standard output and error."""
    toolrules.directory(tmp_path)
    return caller(monkeypatch, capsys, tmp_path)


@pytest.fixture
def whitelist(policy):
    """Call `policy whitelist` with the rules of the tool, at one instant."""

    def call(name, *arguments, at=AT):
        rules = () if name in {"list", "remove", "prune"} else ("--rules", "rules")
        when = () if name == "suggest" else at
        return policy("whitelist", name, *arguments, *rules, *when)

    return call


@pytest.fixture
def filled(whitelist):
    """A whitelist of three entries: for two hours, for a day by two people, for seven days."""
    for arguments in (
        ("tool restart {s:name}", "--ttl", "2h", "--agent", "bot", "--by", "alice"),
        ("tool release {v:name}", "--by", "alice", "--by", "bob", "--reason", "every week"),
        ("sudo -u deploy tool stop web", "--environment", "staging", "--by", "zoe"),
    ):
        assert whitelist("add", *arguments)[0] == 0
    return whitelist


# Adding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "arguments"),
    [
        ("entry", 0, ["tool restart {s:name}", "--by", "alice"]),
        (
            "everything",
            0,
            [
                *("sudo -u deploy tool release {v:name}", "--by", "bob", "--by", "alice"),
                *("--agent", "bot", "--agent", "deploy-*", "--target", "web-1"),
                *("--environment", "prod", "--cwd", "/srv/**", "--ttl", "2h"),
                *("--reason", "every week", "--note", "looked at twice"),
            ],
        ),
        ("several", 0, ["tool show a && cd /srv && tool stop a; tool stop b", "--by", "alice"]),
        ("low", 0, ["tool show {x:name}", "--by", "alice"]),
        ("permanent", 0, ["tool show {x:name}", "--by", "alice", "--permanent"]),
        (
            "sql",
            0,
            [
                *("UPDATE jobs SET state = 'queued' WHERE id = {id:int}", "--by", "alice"),
                *("--language", "sql:postgres", "--ttl", "1d"),
            ],
        ),
        ("harmful", 1, ["tool push origin {branch}", "--by", "alice"]),
        ("harmful", 1, ["tool push origin {branch}"]),
        ("high", 1, ["tool push -f origin main", "--by", "alice"]),
        ("undecided", 1, ["tool old {x:name}", "--by", "alice"]),
        ("denied", 1, ["tool old web", "--by", "alice"]),
        ("never", 1, ["tool unlock vault", "--by", "alice"]),
        ("people", 1, ["tool release 1.0", "--by", "alice"]),
        ("time", 1, ["tool restart {s:name}", "--by", "alice", "--ttl", "30d"]),
        ("not-permanent", 1, ["tool stop web", "--by", "alice", "--permanent"]),
        ("tier", 1, ["tool stop web", "--by", "alice", "--tier", "low"]),
        ("all-or-none", 1, ["tool stop a && tool push +x", "--by", "alice"]),
        ("invalid", 1, ["tool stop a", "--by", "alice", "--cwd", "srv"]),
    ],
)
def test_adding_proves_and_tells(whitelist, tmp_path, name, status, arguments):
    code, out, err = whitelist("add", *arguments)
    file = tmp_path / "whitelist.yaml"
    written = file.read_text(encoding="utf-8") if file.exists() else "nothing\n"
    assert (code, err) == (status, "")
    assert_golden(f"whitelist/add-{name}.txt", f"{out}\n--- written ---\n{written}")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("no-command", ["--by", "a"]),
        ("nobody", ["tool stop a"]),
        ("two-ends", ["tool stop a", "--by", "a", "--ttl", "1d", "--expires", AT[1]]),
        ("two-lives", ["tool stop a", "--by", "a", "--ttl", "1d", "--permanent"]),
        ("ttl", ["tool stop a", "--by", "a", "--ttl", "1 day"]),
        ("long-ttl", ["tool stop a", "--by", "a", "--ttl", "99999w"]),
        ("expires", ["tool stop a", "--by", "a", "--expires", "2026-12-01"]),
        ("language", ["tool stop a", "--by", "a", "--language", "sql:postgras"]),
        ("tier", ["tool stop a", "--by", "a", "--tier", "high"]),
        ("hole", ["tool stop {x:foo}", "--by", "a"]),
        ("dynamic", ["tool stop $(date)", "--by", "a"]),
        ("program", ["tool {x} a", "--by", "a"]),
        ("empty-file", ["tool stop a", "--by", "a", "--file", ""]),
        ("boundary-and", ["--from-boundary", "task.yaml", "--agent", "x", "--by", "a"]),
        ("no-boundary", ["--from-boundary", "task.yaml", "--by", "a"]),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(whitelist, tmp_path, name, arguments):
    code, out, err = whitelist("add", *arguments)
    assert (code, out) == (2, "")
    assert not (tmp_path / "whitelist.yaml").exists()
    assert_golden(f"whitelist/mistake-{name}.txt", err)


def test_what_permits_the_same_is_replaced_and_told(filled):
    code, out, _ = filled("add", "tool restart {other:name}", "--agent", "bot", "--by", "bob")
    assert code == 0
    assert_golden("whitelist/add-replaced.txt", out)


def test_what_others_allow_anyway_is_told(filled):
    _, out, _ = filled(
        *("add", "tool restart web", "--agent", "bot", "--by", "alice", "--ttl", "1h")
    )
    assert out.splitlines()[-1].startswith("note: w-")
    assert "anyway" in out


def test_json_has_everything(whitelist):
    code, out, _ = whitelist("add", "tool stop {x:name}", "--by", "alice", "--json")
    told = json.loads(out)
    assert code == 0
    assert list(told) == ["file", "added", "replaced", "unneeded", "refused", "notes"]
    (entry,) = told["added"]
    assert (entry["command"], entry["tier"], entry["expired"]) == (
        "tool stop {x:name}",
        "medium",
        False,
    )
    assert entry["approved"] == {"by": ["alice"], "at": AT[1], "reason": ""}
    code, out, _ = whitelist("add", "tool push origin {x}", "--by", "alice", "--json")
    (refusal,) = json.loads(out)["refused"]
    assert code == 1
    assert (refusal["why"], refusal["suspects"]) == ("harmful", ["tool.push.force"])
    assert refusal["witness"]["tier"] == "high"
    assert refusal["proposal"]["command"] == "tool push origin {x:name}"


# What was added is allowed -----------------------------------------------------------------


def test_what_was_approved_is_allowed_and_nothing_else(whitelist, policy, monkeypatch):
    assert whitelist("add", "tool push origin {b:name}", "--by", "a", at=())[0] == 0
    ask = ["check", "--rules", "rules", "--whitelist", "whitelist.yaml"]
    assert policy(*ask, "tool push origin main")[0] == 0
    assert policy(*ask, "tool push origin +main")[0] == 4
    assert policy(*ask, "tool push other main")[0] == 3


@pytest.mark.parametrize("command", ["tool restart web-1", "tool stop a > /srv/out/x.txt"])
def test_the_line_that_a_suggestion_shows_approves_it(whitelist, policy, command):
    context = ("--agent", "it's a bot", "--environment", "staging", "--cwd", "/srv/[x] y")
    code, out, _ = whitelist("suggest", command, *context, "--json")
    assert code == 0
    for suggestion in json.loads(out)["offers"][0]["suggestions"]:
        words = ["zoe" if word == "NAME" else word for word in shlex.split(suggestion["add"])]
        assert words[0] == "policy"
        code, out, err = policy(*words[1:], "--rules", "rules", "--json")
        assert (code, err) == (0, "")
        (entry,) = json.loads(out)["added"]
        assert {key: entry[key] for key in suggestion["pattern"]} == suggestion["pattern"]
        assert entry["scope"] == suggestion["scope"]
    asked = ("--rules", "rules", "--whitelist", "whitelist.yaml")
    assert policy("check", command, *context, *asked)[0] == 0


@pytest.mark.parametrize("name", ["NAME", "NAME1", "NAME2"])
def test_what_stands_for_a_name_approves_nothing(whitelist, tmp_path, name):
    code, out, err = whitelist("add", "tool stop web", "--by", "alice", "--by", name)
    assert (code, out) == (2, "")
    assert err.endswith(
        f"Error: Invalid value for '--by': `{name}` stands for the name of who approves\n"
    )
    assert not (tmp_path / "whitelist.yaml").exists()


def test_a_suggestion_for_a_program_that_looks_like_an_option_can_be_pasted(policy):
    _, out, _ = policy("whitelist", "suggest", "--json", "--agent", "bot", "--", "-x a")
    line = shlex.split(json.loads(out)["offers"][0]["suggestions"][0]["add"])
    assert line[-2:] == ["--", "-x a"]
    assert policy(*("zoe" if word == "NAME" else word for word in line[1:]))[0] == 0


# A file that people wrote -------------------------------------------------------------------

BY_HAND = """\
version: 1
entries:
- command: tool stop {service}  # ticket 7
  tier: medium
  id: w-9b1f27c04e55
  expires: 2026-11-29T12:00:00Z
  approved: {by: [alice], at: 2026-11-22T12:00:00Z}
"""


@pytest.fixture
def by_hand(whitelist, tmp_path):
    (tmp_path / "whitelist.yaml").write_text(BY_HAND, encoding="utf-8")
    return whitelist


@pytest.mark.parametrize("name", ["show", "renew", "remove"])
def test_an_id_that_is_stale_leads_to_the_one_that_is_meant(by_hand, name):
    by = ("--by", "bob") if name == "renew" else ()
    code, out, err = by_hand(name, "w-9b1f27c04e55", *by)
    assert (code, out) == (2, "")
    assert err == (
        "Error: no entry `w-9b1f27c04e55` in whitelist.yaml; "
        "the entry that is called so in the file is w-460dd9c40f9f\n"
    )


def test_a_comment_that_writing_loses_is_shown(by_hand):
    code, _, err = by_hand("add", "tool restart web", "--by", "bob")
    assert code == 0
    assert err == (
        "warning[WL502]: a comment, which is lost when the file is written\n"
        " --> whitelist.yaml:3:33\n"
        "  |\n"
        "3 | - command: tool stop {service}  # ticket 7\n"
        "  |                                 ^^^^^^^^^^\n"
        "  = help: keep it as the `note` of an entry\n\n"
    )


def test_pruning_nothing_writes_nothing(by_hand, tmp_path):
    assert by_hand("prune") == (0, "nothing in whitelist.yaml is over\n", "")
    assert (tmp_path / "whitelist.yaml").read_text(encoding="utf-8") == BY_HAND


def test_verify_takes_its_files_either_way(by_hand):
    assert by_hand("verify", "--file", "whitelist.yaml") == by_hand("verify", "whitelist.yaml")


@pytest.mark.parametrize(
    ("arguments", "done"),
    [
        (("list", "--file", "rules"), "read: rules: Is a directory"),
        (("prune", "--file", "rules/"), "read: rules/: Is a directory"),
        (
            ("add", "tool stop a", "--by", "a", "--file", "rules"),
            "changed: rules: not a regular file",
        ),
        (
            ("add", "tool stop a", "--by", "a", "--file", "no/w.yaml"),
            "read: no/w.yaml: No such file or directory; make the directory `no` first",
        ),
        (
            ("list", "--file", "w.yaml"),
            "read: w.yaml: No such file or directory; `policy whitelist add` starts one",
        ),
    ],
)
def test_what_is_no_file_is_told(whitelist, arguments, done):
    assert whitelist(*arguments) == (2, "", f"Error: the whitelist can't be {done}\n")


# Looking -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("several", ["tool restart web-1 && tool show x && tool push +main", "--agent", "bot"]),
        ("after-cd", ["cd /srv && tool stop web -m 'it is over'"]),
        ("low", ["tool show web"]),
        ("two-people", ["tool release 1.0"]),
        ("sql", ["UPDATE jobs SET a = 'b' WHERE id = 7", "--language", "sql:postgres"]),
    ],
)
def test_suggestions_show_what_they_admit_and_how_to_approve_them(whitelist, name, arguments):
    code, out, err = whitelist("suggest", *arguments)
    assert (code, err) == (1 if name == "several" else 0, "")
    assert_golden(f"whitelist/suggest-{name}.txt", out)


@pytest.mark.parametrize(
    ("name", "arguments", "at"),
    [
        ("all", [], AT),
        ("later", [], LATER),
        ("expired", ["--expired"], LATER),
        ("agent", ["--agent", "other"], AT),
        ("environment", ["--environment", "staging", "--agent", "bot"], AT),
        ("nothing", ["--expired"], AT),
    ],
)
def test_the_list_is_a_table(filled, name, arguments, at):
    code, out, _ = filled("list", *arguments, at=at)
    assert code == 0
    assert_golden(f"whitelist/list-{name}.txt", out)


def test_the_list_names_an_approval_from_the_future(filled):
    path = Path("whitelist.yaml")
    first, rest = path.read_text().split("    at: ", 1)
    path.write_text(f"{first}    at: 2030-01-01T00:00:00Z{rest[20:]}")
    entry = first.rsplit("- id: ", 1)[1].split()[0]
    code, out, _ = filled("list", "--agent", "nobody-has-this-name")
    told = (
        f"\n\n{entry} was approved at 2030-01-01T00:00:00Z, which lies in the future: "
        "what ends before that is over\n"
        f"  help: policy whitelist renew {entry} --by NAME, or correct `at`\n"
    )
    assert code == 0
    assert out.endswith(told)


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_table_fits_a_terminal(filled, monkeypatch, columns):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    from policy.cli.whitelist.table import put_table
    from policy.times import read_instant
    from policy.whitelist.files import read

    monkeypatch.setenv("COLUMNS", str(columns))
    shown = Terminal()
    put_table(read("whitelist.yaml").entries, read_instant(AT[1]), shown, coloured=False)
    assert max(map(len, shown.getvalue().splitlines())) <= columns
    assert_golden(f"whitelist/list-{columns}.txt", shown.getvalue())


def test_showing_says_whether_an_entry_holds_today(filled):
    code, out, _ = filled("show", "tool restart {x:name}", "tool release {v:name}")
    assert code == 0
    assert_golden("whitelist/show.txt", out)
    code, out, _ = filled("show", "tool restart {x:name}", at=LATER)
    assert code == 1
    assert_golden("whitelist/show-expired.txt", out)


def test_json_of_list_and_show_have_the_same_entries(filled):
    listed = json.loads(filled("list", "--json")[1])["entries"]
    shown = json.loads(filled("show", *(one["id"] for one in listed), "--json")[1])["entries"]
    more = {"admits", "near_miss", "problems"}
    assert [{k: v for k, v in one.items() if k not in more} for one in shown] == listed
    assert all(len(one["admits"]) > 0 and one["problems"] == [] for one in shown)


# Changing ----------------------------------------------------------------------------------


def test_renewing_removing_and_pruning_tell_what_they_did(filled, tmp_path):
    steps = [
        filled("renew", "tool restart {x:name}", "--by", "carol", "--reason", "again", at=LATER),
        filled("prune", "--dry-run", at=LATER),
        filled("prune", at=LATER),
        filled("prune", at=LATER),
        filled("remove", "tool stop web"),
    ]
    assert [code for code, _, _ in steps] == [0] * 5
    shown = "\n".join(out for _, out, _ in steps)
    left = (tmp_path / "whitelist.yaml").read_text(encoding="utf-8")
    assert_golden("whitelist/changes.txt", f"{shown}\n--- left ---\n{left}")


@pytest.mark.parametrize(
    ("name", "status", "arguments"),
    [
        ("renew-people", 1, ["renew", "tool release {v:name}", "--by", "alice"]),
        ("renew-unknown", 2, ["renew", "w-000000000000", "tool gone", "--by", "alice"]),
        ("remove-unknown", 2, ["remove", "w-000000000000"]),
    ],
)
def test_what_cannot_be_done_changes_nothing(filled, tmp_path, name, status, arguments):
    before = (tmp_path / "whitelist.yaml").read_bytes()
    code, out, err = filled(*arguments)
    assert code == status
    assert (tmp_path / "whitelist.yaml").read_bytes() == before
    assert_golden(f"whitelist/{name}.txt", out + err)


@pytest.mark.parametrize("name", ["list", "show", "renew", "remove", "prune", "promote"])
def test_a_file_that_is_missing_is_told(whitelist, name):
    arguments = {
        "show": ["w-1"],
        "renew": ["w-1", "--by", "a"],
        "remove": ["w-1"],
        "promote": ["whitelist.yaml", "b.yaml", "--map", "target=x"],
    }.get(name, [])
    code, out, err = whitelist(name, *arguments)
    assert (code, out) == (2, "")
    assert err == (
        "Error: the whitelist can't be read: whitelist.yaml: No such file or directory; "
        "`policy whitelist add` starts one\n"
    )


@pytest.mark.parametrize("name", ["add", "list", "prune", "renew", "promote"])
def test_a_file_with_mistakes_is_told_and_left_as_it_is(whitelist, tmp_path, name):
    file = tmp_path / "whitelist.yaml"
    file.write_text("version: 1\nentries:\n- comand: x\n", encoding="utf-8")
    arguments = {
        "add": ["tool stop a", "--by", "a"],
        "renew": ["w-1", "--by", "a"],
        "promote": ["whitelist.yaml", "b.yaml", "--map", "target=x"],
    }.get(name, [])
    code, out, err = whitelist(name, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("Error: the whitelist can't be used\n\nerror[WL2")
    assert " --> whitelist.yaml:3:3" in err
    assert file.read_text(encoding="utf-8") == "version: 1\nentries:\n- comand: x\n"


# Verifying ---------------------------------------------------------------------------------


def test_verifying_shows_each_problem_at_its_place(filled, tmp_path):
    assert filled("verify")[:2] == (0, "ok  whitelist.yaml: 3 entries, no errors\n")
    file = tmp_path / "whitelist.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("tool restart {s:name}", "tool push {s}").replace("[alice, bob]", "[bob]")
    file.write_text(text.replace("2026-11-29", "2027-11-29"), encoding="utf-8")
    code, out, _ = filled("verify", "whitelist.yaml", at=LATER)
    assert code == 1
    assert_golden("whitelist/verify.txt", out)


def test_verifying_goes_on_behind_a_file_that_cannot_be_read(filled, tmp_path):
    (tmp_path / "bad.yaml").write_text("version: 1\nentries: 3\n", encoding="utf-8")
    code, out, err = filled("verify", "bad.yaml", "whitelist.yaml")
    assert (code, err) == (2, "")
    assert_golden("whitelist/verify-unreadable.txt", out)
    code, out, _ = filled("verify", "bad.yaml", "whitelist.yaml", "--json")
    assert code == 2
    assert [
        (one["file"], one["entries"], len(one["findings"])) for one in json.loads(out)["files"]
    ] == [("bad.yaml", None, 1), ("whitelist.yaml", 3, 0)]


# Promotion ---------------------------------------------------------------------------------


def test_promotion_shows_first_and_writes_what_was_confirmed(filled, tmp_path):
    asked = ("promote", "whitelist.yaml", "prod.yaml", "--map", "environment=prod")
    code, out, err = filled(*asked)
    assert code == 1
    assert err == "nothing was written: there is nobody to ask, and --yes isn't given\n"
    assert not (tmp_path / "prod.yaml").exists()
    code, shown, _ = filled(*asked, "--yes")
    assert shown == out
    assert code == 1  # one of them is refused in production
    written = (tmp_path / "prod.yaml").read_text(encoding="utf-8")
    assert [line for line in written.splitlines() if "command" in line or "by:" in line] == [
        "  command: tool release {v:name}",
        "    by: [alice, bob]",
        "  command: tool stop web",
        "    by: [zoe]",
    ]
    assert "newly allowed" in shown  # as `policy diff` shows it
    refused = shown[shown.index("refused  ") :]
    assert_golden("whitelist/promote-refused.txt", refused)
    assert "nothing to take over: prod.yaml would stay as it is" in filled(*asked, "--yes")[1]
    assert (tmp_path / "prod.yaml").read_text(encoding="utf-8") == written


def test_a_new_agent_gets_the_entries_of_another(filled):
    asked = ("promote", "whitelist.yaml", "--agent", "new-bot", "--like", "bot")
    code, out, _ = filled(*asked, "--yes", "--json")
    told = json.loads(out)
    assert (code, told["written"], told["target"]) == (0, True, "whitelist.yaml")
    assert [one["scope"]["agents"] for one in told["added"]] == [["new-bot"]]
    agents = [one["scope"]["agents"] for one in json.loads(filled("list", "--json")[1])["entries"]]
    assert sorted(agents) == [[], [], ["bot"], ["new-bot"]]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("no-target", ["a.yaml", "--map", "target=x"]),
        ("nothing", ["a.yaml", "b.yaml"]),
        ("fact", ["a.yaml", "b.yaml", "--map", "user=x"]),
        ("no-value", ["a.yaml", "b.yaml", "--map", "target="]),
        ("twice", ["a.yaml", "b.yaml", "--map", "target=x", "--map", "target=y"]),
        ("like", ["a.yaml", "--agent", "x"]),
        ("both", ["a.yaml", "--agent", "x", "--like", "y", "--map", "target=x"]),
    ],
)
def test_mistakes_in_a_promotion_are_told(whitelist, name, arguments):
    code, out, err = whitelist("promote", *arguments)
    assert (code, out) == (2, "")
    assert_golden(f"whitelist/mistake-promote-{name}.txt", err)


# Help --------------------------------------------------------------------------------------


def test_help_is_an_overview(policy):
    code, out, _ = policy("whitelist", "--help")
    assert code == 0
    assert [line.split()[0] for line in out.split("Commands:\n")[1].splitlines()] == SUBCOMMANDS
    assert_golden("whitelist/help.txt", out)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_says_how_it_is_used(policy, name):
    code, out, _ = policy("whitelist", name, "--help")
    assert code == 0
    assert f"\n  policy whitelist {name}" in out
    assert "\n  Exit status: 0 " in out
    assert "\n  JSON: {" in out
    assert max(map(len, out.splitlines())) <= 100
    assert_golden(f"whitelist/help-{name}.txt", out)


def test_colours_are_for_terminals_only(whitelist, monkeypatch):
    arguments = ("add", "tool push {x}", "--by", "a")
    assert "\x1b[" not in whitelist(*arguments)[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in whitelist(*arguments)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in whitelist(*arguments)[1]


def test_what_hides_in_a_command_is_shown_escaped(whitelist):
    _, out, err = whitelist("add", "tool stop 'a\u202eb'", "--by", "a\x1b[31m")
    assert "\u202e" not in out + err
    assert "\x1b" not in out + err

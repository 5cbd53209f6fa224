"""`policy log` and `policy check --log` as they are called, and what people see."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli_runs import caller
from goldens import assert_golden
from test_journal_chain import RECORD, numbered
from test_journal_stats import DENIED, HELD, HIGH, LOW, SUGGEST

from policy.decision import Context
from policy.journal.chain import Journal, records
from policy.journal.verify import verify


@pytest.fixture
def policy(monkeypatch, capsys, tmp_path):
    """Call `policy` in an empty directory; exit status, standard output and error."""
    return caller(monkeypatch, capsys, tmp_path)


def write(*several):
    with Journal("log") as journal:
        for one in several:
            journal.append(one)
    return verify("log").head


# check --log ------------------------------------------------------------------------------


def test_a_decision_is_appended_before_it_is_shown(policy):
    code, out, _ = policy("check", "--log", "log", "--agent", "bot", "mysql -phunter2 shop")
    assert (code, out.split()[0]) == (3, "review")
    (one,) = records("log")
    assert (one.command, one.context.agent) == ("mysql -p[redacted: password] shop", "bot")


def test_a_batch_is_appended_line_by_line(policy):
    source = b'{"command": "ls", "agent": "a"}\n{"nonsense": 1}\n{"command": "pwd"}\n'
    code, _, _ = policy("check", "--log", "log", "--batch", "--environment", "prod", stdin=source)
    assert code == 2
    found = list(records("log"))
    assert [(one.command, one.context.agent) for one in found] == [("ls", "a"), ("pwd", None)]
    assert {one.context.environment for one in found} == {"prod"}
    assert verify("log").sound


def test_what_cannot_be_logged_is_not_answered(policy):
    code, out, err = policy("check", "--log", "missing/log", "ls")
    assert (code, out) == (2, "")
    assert err == ("Error: the decision can't be logged: missing/log: No such file or directory\n")


def test_what_cannot_be_logged_is_not_answered_in_a_batch(policy, tmp_path):
    code, out, _ = policy("check", "--log", ".", "--batch", stdin=b'{"command": "ls"}\n')
    assert code == 2
    assert json.loads(out) == {
        "error": "the decision can't be logged: .: Is a directory",
        "line": 1,
    }


def test_a_whitelist_that_is_given_as_a_log_stays_as_it_is(policy):
    Path("whitelist.yaml").write_text("version: 1\nentries: []\n", encoding="utf-8")
    code, out, err = policy("check", "--log", "whitelist.yaml", "ls")
    assert (code, out) == (2, "")
    assert err == (
        "Error: the decision can't be logged: whitelist.yaml is no log: it begins with something "
        "else than a record\n"
    )
    assert Path("whitelist.yaml").read_text(encoding="utf-8") == "version: 1\nentries: []\n"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["check", "--log", "", "ls"], "--log"),
        (["log", "verify", ""], "FILE"),
        (["log", "stats", ""], "FILE"),
    ],
)
def test_an_empty_path_is_a_mistake(policy, arguments, name):
    code, _, err = policy(*arguments)
    assert code == 2
    assert err.endswith(f"Error: Invalid value for {name}: an empty path\n")


@pytest.mark.parametrize("command", ["verify", "stats"])
def test_the_name_of_a_file_cannot_draw_on_the_terminal(policy, command):
    Path("a\x1b[2J").write_text("x\n", encoding="utf-8")
    _, out, err = policy("log", command, "a\x1b[2J")
    assert "a\\x1b[2J" in out + err
    assert "\x1b" not in out + err


# verify -----------------------------------------------------------------------------------


def test_a_sound_log_is_ok(policy):
    head = write(*numbered(3))
    assert policy("log", "verify", "log") == (0, f"ok  log: 3 lines, head {head}\n", "")


def test_every_broken_line_is_shown(policy):
    write(*numbered(4))
    raw = Path("log").read_bytes().splitlines(keepends=True)
    first = json.loads(raw[1])["previous"]
    raw[0] = raw[0].replace(b"echo 0", b"echo 9")
    raw[3] = raw[3][:20]
    Path("log").write_bytes(b"".join(raw))
    changed, head = verify("log").breaks[0].message, verify("log").head
    code, out, _ = policy("log", "verify", "log")
    assert code == 1
    assert out == (
        f"broken  log: 4 lines, head {head}\n"
        f"    line 2: {changed}\n"
        "    line 4: has no end: its writing was cut off\n"
        "    line 4: no record: not JSON\n"
    )
    assert changed.startswith(f"the previous digest is {first}, and line 1 has ")
    assert changed.endswith(
        ": that line was changed, or lines between the two were taken out or put in"
    )


def test_the_head_finds_what_was_cut_off(policy):
    head = write(*numbered(3))
    code, out, _ = policy("log", "verify", "--head", head.upper(), "log")
    assert (code, out) == (0, f"ok  log: 3 lines, head {head}\n")
    later = write(RECORD)
    code, out, _ = policy("log", "verify", "--head", head, "log")
    assert (code, out) == (
        0,
        f"ok  log: 4 lines, head {later}\n    the head that was given is followed by 1 line\n",
    )
    code, out, _ = policy("log", "verify", "--head", "0" * 64, "log")
    assert code == 1
    assert out.endswith(
        f"    line 5: no line has the digest {'0' * 64}: lines were cut off or changed\n"
    )


def test_verify_writes_json(policy):
    head = write(*numbered(2))
    code, out, _ = policy("log", "verify", "--json", "log", "log")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"file": "log", "ok": True, "lines": 2, "head": head, "since": None, "breaks": []}
    ] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "none"], "Error: none: No such file or directory\n"),
        (["stats", "none"], "Error: none: No such file or directory\n"),
        (["verify", "."], "Error: . is not a regular file\n"),
        (["verify"], "Error: Missing argument 'FILE...'.\n"),
        (
            ["verify", "--head", "abc", "log"],
            "Error: Invalid value for --head: `abc` is no digest: 64 hexadecimal digits\n",
        ),
        (
            ["verify", "--head", "0" * 64, "log", "log"],
            "Error: --head is about one log: give one FILE\n",
        ),
    ],
)
def test_mistakes_are_told(policy, arguments, message):
    write(RECORD)
    code, out, err = policy("log", *arguments)
    assert (code, out) == (2, "")
    assert err.endswith(message)


# stats ------------------------------------------------------------------------------------

OTHER = replace(LOW, context=Context(agent="night-bot", environment="prod"))
ALL = (LOW, OTHER, RECORD, HELD, HELD, HIGH, replace(DENIED, redacted=("password",)))


def test_stats_for_people(policy):
    write(*ALL)
    code, out, err = policy("log", "stats", "log")
    assert (code, err) == (0, "")
    assert_golden("log-stats.txt", out)


def test_stats_in_colour(policy, monkeypatch):
    write(*ALL)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert_golden("log-stats.colour.txt", policy("log", "stats", "log")[1])


def test_stats_of_nothing(policy):
    Path("log").touch()
    assert policy("log", "stats", "log") == (0, "no decisions\n", "")


def test_stats_as_json(policy):
    write(*ALL)
    code, out, _ = policy("log", "stats", "--json", "--top", "1", "log", "log")
    found = json.loads(out)
    assert code == 0
    assert found["decisions"] == 14
    assert found["redacted"] == 2
    assert found["outcomes"] == {
        "low": 4,
        "whitelist": 2,
        "review": 4,
        "multi-party": 2,
        "deny": 2,
    }
    assert found["entries"] == [{"entry": "w-9b1f27c04e55", "decisions": 2}]
    assert found["asked"] == [
        {
            "count": 4,
            "rememberable": 4,
            "language": "shell",
            "via": ["sudo"],
            "program": "docker restart",
            "rule": "docker.restart",
            "agents": ["deploy-bot"],
            "example": "docker restart web",
            "suggest": SUGGEST,
        }
    ]


def test_stats_stop_at_a_broken_line(policy):
    write(RECORD)
    with Path("log").open("ab") as stream:
        stream.write(b"{")
    code, out, err = policy("log", "stats", "log")
    assert (code, out, err) == (2, "", "Error: log:2: no record: not JSON\n")

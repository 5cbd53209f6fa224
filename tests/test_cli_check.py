"""`policy check` as it is called: exit statuses, options, and every message for a mistake."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import COMMAND_LINE, caller, default_interrupt
from goldens import assert_golden

ROOT = Path(__file__).parent.parent


@pytest.fixture
def policy(monkeypatch, capsys):
    """Call `policy` with arguments; exit status, standard output and error."""
    return caller(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "status", "verdict"),
    [
        (["git status"], 0, "allow"),
        (["frobnicate --now"], 3, "review"),
        (["rm -rf /srv/data"], 4, "multi-party"),
        (["--rules", "examples/rules", "shipit deploy payroll"], 5, "deny"),
        (["--rules", "examples/rules", "shipit status web --json"], 0, "allow"),
        (["shipit status web --json"], 3, "review"),
        (["--language", "sql:postgres", "SELECT 1"], 0, "allow"),
        (["--language", "sql:postgres", "DELETE FROM t WHERE 1 = 1"], 4, "multi-party"),
        (["--", "-x"], 3, "review"),
    ],
)
def test_the_exit_status_is_the_verdict(policy, monkeypatch, arguments, status, verdict):
    monkeypatch.chdir(ROOT)
    code, out, err = policy("check", *arguments)
    assert (code, out.split()[0], err) == (status, verdict, "")


def test_the_context_reaches_the_rules(policy, monkeypatch):
    monkeypatch.chdir(ROOT)
    ask = ["check", "--json", "--rules", "examples/rules"]
    _, elsewhere, _ = policy(*ask, "shipit deploy web")
    _, canary, _ = policy(*ask, "--target", "web-canary", "shipit deploy web")
    assert json.loads(canary)["score"] == json.loads(elsewhere)["score"] + 5


def test_json_has_the_keys_of_the_contract(policy):
    code, out, _ = policy("check", "--json", "sudo rm -rf /srv/data")
    decision = json.loads(out)
    assert code == 4
    assert list(decision) == [
        *("command", "verdict", "tier", "score", "approvals", "ttl", "entry"),
        *("reasons", "actions"),
    ]
    assert list(decision["reasons"][0]) == ["rule", "message", "file", "line", "span"]
    assert list(decision["actions"][0]) == ["kind", "program", "argv", "via", "effects", "span"]
    assert decision["actions"][0]["argv"] == ["rm", "-rf", "/srv/data"]
    assert decision["actions"][0]["via"] == ["sudo"]


def test_a_word_known_only_at_run_time_is_null(policy):
    _, out, _ = policy("check", "--json", 'rm -rf "$x"')
    assert json.loads(out)["actions"][0]["argv"] == ["rm", "-rf", None]


def test_explain_draws_what_runs(policy):
    code, out, _ = policy("check", "--explain", "ssh web-1 'sudo cat /etc/shadow' | head -5")
    assert code in (3, 4)
    assert "sudo" in out
    assert "cat /etc/shadow" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("option", ["--explain", "--json", None])
def test_no_output_carries_escapes_from_the_command(policy, option):
    options = [option] if option else []
    _, out, _ = policy("check", *options, "echo '\x1b]0;x\x07\u202e' [red]x[/red] \udcff")
    assert not {"\x1b", "\x07", "\u202e", "\udcff"} & set(out)


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    ],
)
@pytest.mark.parametrize("options", [[], ["--explain"]])
def test_colours_are_asked_for_or_refused(policy, monkeypatch, options, variables, coloured):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, out, _ = policy("check", *options, "git status")
    assert ("\x1b[" in out) is coloured


def test_batch_reads_standard_input(policy):
    code, out, _ = policy("check", "--batch", stdin=b'{"command": "git status"}\n')
    assert code == 0
    assert json.loads(out)["verdict"] == "allow"


def test_batch_with_a_bad_line_exits_2(policy):
    code, out, _ = policy("check", "--batch", stdin=b'oops\n{"command": "ls"}\n')
    assert code == 2
    assert [json.loads(line).get("line") for line in out.splitlines()] == [1, None]


# Mistakes of the user ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("no-command", ["check"]),
        ("two-words", ["check", "git", "status"]),
        ("batch-and-command", ["check", "--batch", "ls"]),
        ("batch-and-explain", ["check", "--batch", "--explain"]),
        ("json-and-explain", ["check", "--json", "--explain", "ls"]),
        ("unknown-option", ["check", "--jsno", "ls"]),
        ("unknown-subcommand", ["chekc"]),
        ("unknown-language", ["check", "--language", "sql:postgers", "SELECT 1"]),
        ("unknown-language-in-batch", ["check", "--batch", "--language", "perl"]),
        ("missing-rules", ["check", "--rules", "nowhere", "ls"]),
        ("rules-not-a-directory", ["check", "--rules", "LICENSE", "ls"]),
        ("rules-empty", ["check", "--rules", "", "ls"]),
        ("rules-none", ["check", "--rules", "docs", "ls"]),
    ],
)
def test_a_mistake_is_one_message_and_status_2(policy, monkeypatch, name, arguments):
    monkeypatch.chdir(ROOT)
    code, out, err = policy(*arguments)
    assert (code, out) == (2, "")
    assert_golden(f"error-{name}.txt", err)


def test_all_mistakes_in_rules_are_shown_with_their_places(policy, monkeypatch, tmp_path):
    (tmp_path / "a.rules").write_text('rule a.b "x" {\n    on git status\n    tier hihg\n}\n')
    (tmp_path / "b.rules").write_text("set empty {\n")
    monkeypatch.chdir(tmp_path)
    code, out, err = policy("check", "--rules", ".", "ls")
    assert (code, out) == (2, "")
    assert err.startswith("Error: the rules don't compile\n\nerror[PL")
    assert "a.rules:3:10\n" in err
    assert "b.rules:1:11\n" in err


def test_rules_that_can_not_be_read_are_one_message(policy, monkeypatch, tmp_path):
    (tmp_path / "a.rules").symlink_to("nowhere")
    monkeypatch.chdir(tmp_path)
    code, out, err = policy("check", "--rules", ".", "ls")
    assert (code, out) == (2, "")
    assert err == "Error: the rules can't be read: a.rules: No such file or directory\n"


def test_rules_that_are_not_text_are_a_message(policy, tmp_path):
    (tmp_path / "a.rules").write_bytes(b"\xff\xfe")
    code, _, err = policy("check", "--rules", str(tmp_path), "ls")
    assert code == 2
    assert "a.rules" in err
    assert "Traceback" not in err


def test_version_and_help(policy):
    code, out, _ = policy("--version")
    assert code == 0
    assert out.startswith("policy ")
    code, out, _ = policy("check", "--help")
    assert code == 0
    assert_golden("check-help.txt", out)


# The process ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--batch"],
        ["check", "ls"],
        ["check", "--explain", "ls"],
        ["diff", "empty.yaml", "empty.yaml"],
    ],
)
def test_a_closed_pipe_is_no_traceback_and_no_allow(arguments, tmp_path):
    (tmp_path / "empty.yaml").write_text("version: 1\nentries: []\n", encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND_LINE, *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    _, err = process.communicate(b'{"command": "ls"}\n' * 10)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("arguments", [["ls"], ["--json", "ls"], ["--explain", "ls"], ["--batch"]])
def test_an_answer_that_cannot_be_written_is_no_traceback_and_no_allow(arguments):
    with Path("/dev/full").open("wb") as full:
        finished = subprocess.run(
            [*COMMAND_LINE, "check", *arguments],
            input=b'{"command": "ls"}\n',
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    message = b"Error: the answer can't be written: [Errno 28] No space left on device\n"
    assert (finished.returncode, finished.stderr) == (2, message)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("out", ["/dev/null", "/dev/full"])
@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "--rules", "nowhere", "ls"], ["diff", "nowhere", "nowhere"]]
)
def test_a_mistake_that_can_not_be_told_is_one_by_the_status(arguments, out):
    with Path("/dev/full").open("wb") as full, Path(out).open("wb") as output:
        finished = subprocess.run(
            [*COMMAND_LINE, *arguments], stdout=output, stderr=full, check=False
        )
    assert finished.returncode == 2


@pytest.mark.parametrize("text", ["-h", "--help", "--batch", "--json", "--version"])
def test_behind_two_dashes_a_command_is_no_option(text, policy):
    code, out, _ = policy("check", "--", text)
    assert (code, out.split()[0]) == (3, "review")


@pytest.mark.parametrize(
    ("closed", "arguments", "message"),
    [
        (1, ["ls"], b"Error: standard output is closed\n"),
        (1, ["--batch"], b"Error: standard output is closed\n"),
        (0, ["--batch"], b"Error: standard input is closed\n"),
    ],
)
def test_a_closed_stream_is_no_traceback_and_no_allow(closed, arguments, message):
    finished = subprocess.run(
        [*COMMAND_LINE, "check", *arguments],
        stderr=subprocess.PIPE,
        preexec_fn=lambda: os.close(closed),
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (2, message)


def test_an_interrupt_is_no_traceback_and_no_allow():
    process = subprocess.Popen(
        [*COMMAND_LINE, "check", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=default_interrupt,
    )
    process.stdin.write(b'{"command": "ls"}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["verdict"] == "allow"  # the loop is running
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err.strip()) == (130, b"")


def test_an_encoding_that_can_not_say_it_escapes_it():
    finished = subprocess.run(
        [*COMMAND_LINE, "check", "--explain", "echo é"],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0
    assert finished.stdout.isascii()
    assert b"\\xe9" in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (["check", "--json", "git status"], "rich lark bashlex tree_sitter sqlglot pglast yaml"),
        (["check", "git status"], "rich lark bashlex tree_sitter sqlglot pglast yaml"),
        (["--version"], "rich lark bashlex tree_sitter sqlglot pglast yaml policy.engine"),
    ],
)
def test_what_is_slow_is_imported_only_where_it_is_used(arguments, unused):
    script = (
        "import sys; from policy.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(*sorted(set(sys.modules)), file=sys.stderr)"
    )
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # the first run keeps the rules
    for _ in range(2):
        second = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
    assert not set(unused.split()) & set(second.stderr.split())


def test_the_example_of_embedding_runs():
    finished = subprocess.run(
        [sys.executable, ROOT / "examples" / "embed.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line for line in finished.stdout.splitlines() if not line.startswith(" ")] == [
        "allow: git -C /srv/app log --oneline -3 | head",
        "multi-party: git push --force origin main",
    ]

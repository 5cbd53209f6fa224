"""Whatever stage breaks, and however: the answer is never an allow, and Ctrl-C ends the process."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bashlex.parser
import pytest
import sqlglot
from cli_runs import COMMAND_LINE, caller, default_interrupt
from faulty_files import KINDS, RULES, WHITELIST

import policy.engine
import policy.journal.keep
from policy.decision import Context, Tier, Verdict
from policy.engine import Engine
from policy.parse.shell import bashlex_reader, tree_sitter_reader
from policy.parse.shell.syntax import NotAccepted
from policy.parse.sql import pg
from policy.plan import Opaque, OpaqueKind
from policy.whitelist import approved, forms, live
from policy.whitelist.index import Index

BOT = Context(agent="deploy-bot", environment="prod")
QUOTED = "docker 'restart' web-1"  # no plain text: both parsers read it
PLAIN = "docker restart web-1"
SQL = "SELECT 1"

EXCEPTIONS = (
    Exception,
    ValueError,
    KeyError,
    AssertionError,
    RecursionError,
    MemoryError,
    OSError,
    UnicodeError,
    StopIteration,
)
STAGES: dict[str, tuple[object, str, str, str]] = {
    # what breaks: where it stands, a text that needs it, its language
    "tree-sitter": (tree_sitter_reader, "parse", QUOTED, "shell"),
    "bashlex's reader": (bashlex_reader, "parse", QUOTED, "shell"),
    "the server's grammar": (pg, "parse", SQL, "sql:postgres"),
    "the reader of other SQL": (sqlglot, "tokenize", SQL, "sql:sqlite"),
    "the judge": (policy.engine, "judge", PLAIN, "shell"),
    "what misleads": (policy.engine, "misread", PLAIN, "shell"),
    "a whitelist's entry": (approved, "read_pattern", PLAIN, "shell"),
    "a whitelist's forms": (approved, "action_form", PLAIN, "shell"),
    "a whitelist's index": (Index, "find", PLAIN, "shell"),
    "an entry's terms": (approved, "void_because", PLAIN, "shell"),
    "normal forms": (forms, "_own", PLAIN, "shell"),
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine that would allow both texts of the shell."""
    path = tmp_path / "whitelist.yaml"
    path.write_text(WHITELIST)
    found = Engine(RULES, path)
    for text in (QUOTED, PLAIN):
        assert Engine(RULES, path).decide(text, BOT).verdict is Verdict.ALLOW
    return found


def raising(error: BaseException | type[BaseException]) -> Callable[..., object]:
    def fail(*given: object, **more: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize("error", EXCEPTIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_raises_allows_nothing(
    engine: Engine, stage: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, text, language = STAGES[stage]
    monkeypatch.setattr(place, name, raising(error))
    for _ in range(2):
        decision = engine.decide(text, BOT, language)
        assert decision.verdict is not Verdict.ALLOW
        assert decision.tier is Tier.HIGH


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("stage", STAGES)
def test_what_ends_a_process_passes_through(
    engine: Engine, stage: str, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, text, language = STAGES[stage]
    with monkeypatch.context() as patched:
        patched.setattr(place, name, raising(error))
        with pytest.raises(error):
            engine.decide(text, BOT, language)
    if language == "shell":  # and leaves no lock behind
        assert engine.decide(text, BOT).verdict is Verdict.ALLOW


def hidden_interrupt(*arguments, **named):
    """As Python 3.11 raises it where a class is made, while a module is imported."""
    raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()


# What raises in a parser of SQL is taken for the parser's word about the text, which is held.
@pytest.mark.parametrize("stage", [name for name in STAGES if STAGES[name][3] == "shell"])
def test_an_interrupt_in_the_guise_of_a_fault_passes_through(
    engine: Engine, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, text, language = STAGES[stage]
    monkeypatch.setattr(place, name, hidden_interrupt)
    with pytest.raises(KeyboardInterrupt):
        engine.decide(text, BOT, language)


@pytest.mark.parametrize("stage", ["policy.cli.check.load_engine", "policy.cli.render.render"])
def test_an_interrupt_in_the_guise_of_a_fault_ends_quietly(stage, monkeypatch, capsys):
    monkeypatch.setattr(stage, hidden_interrupt)
    assert caller(monkeypatch, capsys)("check", "ls") == (130, "", "")


# Two parsers -------------------------------------------------------------------------------


def kind_of(engine: Engine, text: str, language: str = "shell") -> OpaqueKind | None:
    """What the one action is that couldn't be read, None where it could."""
    does = engine.plan(text, language).actions[0].does
    return does.kind if isinstance(does, Opaque) else None


@pytest.mark.parametrize("parser", [bashlex_reader, tree_sitter_reader])
def test_a_parser_that_runs_out_of_stack_says_nothing_about_the_text(
    engine: Engine, parser: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one's tree doesn't stand: they may disagree where there is more stack."""
    monkeypatch.setattr(parser, "parse", raising(RecursionError))
    assert kind_of(engine, QUOTED) is OpaqueKind.LIMIT


def test_bashlex_itself_may_run_out_of_stack(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bashlex.parser, "parsesingle", raising(RecursionError))
    assert kind_of(engine, QUOTED) is OpaqueKind.LIMIT


@pytest.mark.parametrize("error", [AssertionError, AttributeError, IndexError, KeyError, TypeError])
def test_bashlex_refuses_what_it_is_known_to_fail_at(
    engine: Engine, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it refuses `[[ ]]`: whoever writes a text can have that at any time."""
    monkeypatch.setattr(bashlex.parser, "parsesingle", raising(error))
    assert kind_of(engine, QUOTED) is None
    monkeypatch.setattr(tree_sitter_reader, "parse", raising(NotAccepted("no")))
    assert kind_of(Engine(RULES), QUOTED) is OpaqueKind.UNPARSED


@pytest.mark.parametrize("error", [ValueError, MemoryError, OSError, ZeroDivisionError])
def test_what_bashlex_never_raised_is_a_fault(
    engine: Engine,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(bashlex.parser, "parsesingle", raising(error))
    with caplog.at_level(logging.ERROR, logger="policy"):
        assert engine.decide(QUOTED, BOT).reasons[0].rule == "engine.fault"
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RecursionError, OpaqueKind.LIMIT),
        (MemoryError, OpaqueKind.FAULT),
        (TypeError, None),
        (sqlglot.errors.ParseError, None),
    ],
)
def test_sqlglot_that_runs_out_of_stack_is_no_agreement(
    engine: Engine,
    error: type[Exception],
    kind: OpaqueKind | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sqlglot, "parse", raising(error))
    assert kind_of(engine, SQL, "sql:postgres") is kind


@pytest.mark.parametrize("spare", [*range(20, 200, 6)])
def test_a_caller_who_is_deep_in_the_stack_is_answered_no_milder(spare: int) -> None:
    """The answer with little stack is the one with much, or high."""
    text = "echo a && (docker 'restart' web-1; (ls | wc -l))"
    expected = Engine(RULES).decide(text)
    limit = sys.getrecursionlimit()
    depth = 0
    frame = sys._getframe()  # noqa: SLF001  # the only way to know
    while frame is not None:
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]  # the last has none
    sys.setrecursionlimit(depth + spare)
    try:
        decision = Engine(RULES).decide(text)
    except RecursionError:
        return  # not even the answer that says so fits in
    finally:
        sys.setrecursionlimit(limit)
    assert decision.tier is Tier.HIGH or decision == expected


# The whitelist's file ----------------------------------------------------------------------


@pytest.mark.parametrize("error", EXCEPTIONS)
def test_a_whitelist_that_can_not_be_read_again_stays_and_is_tried_later(
    engine: Engine, tmp_path: Path, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_PAUSE", 0.0)
    assert engine.decide(PLAIN, BOT).verdict is Verdict.ALLOW
    (tmp_path / "whitelist.yaml").write_text("version: 1\nentries: []\n")
    with monkeypatch.context() as patched:
        patched.setattr(live, "read_digest", raising(error))
        assert engine.decide(PLAIN, BOT).verdict is Verdict.ALLOW
        assert engine.whitelist_problem
    assert engine.decide(PLAIN, BOT).verdict is Verdict.REVIEW


def test_deep_yaml_is_a_mistake(tmp_path, monkeypatch, capsys):
    (tmp_path / "whitelist.yaml").write_text("version: 1\nentries: " + "[" * 200_000)
    run = caller(monkeypatch, capsys, tmp_path)
    for arguments in (["check", "ls", "--whitelist", "whitelist.yaml"], ["whitelist", "list"]):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("Error: the whitelist can't be used")


# The log -----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", EXCEPTIONS)
@pytest.mark.parametrize("step", ["record_of", "_approvers"])
def test_a_decision_that_can_not_be_logged_is_not_shown(step, error, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(policy.journal.keep, step, raising(error))
    run = caller(monkeypatch, capsys, tmp_path)
    code, out, err = run("check", "ls", "--log", "log.jsonl")
    assert (code, out) == (2, "")
    assert err.startswith("Error: the decision can't be logged: ")
    code, out, _ = run("check", "--batch", "--log", "log.jsonl", stdin=b'{"command": "ls"}\n')
    assert code == 2
    assert out.startswith('{"error": "the decision can\'t be logged: ')


def test_what_redaction_fails_at_is_logged_without_its_text(tmp_path, monkeypatch, capsys):
    from policy.journal import redact

    monkeypatch.setattr(redact, "secrets_of", raising(ValueError))
    run = caller(monkeypatch, capsys, tmp_path)
    assert run("check", "mysql -phunter2", "--log", "log.jsonl")[0] == 3
    logged = (tmp_path / "log.jsonl").read_text()
    assert logged.count("\n") == 1
    assert "hunter2" not in logged


# The process -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, None, 1, "text"])
def test_a_library_that_ends_the_process_is_no_allow(status, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tree_sitter_reader, "parse", raising(SystemExit(status)))
    code, out, err = caller(monkeypatch, capsys, tmp_path)("check", "echo 'a b'")
    assert (code, out) == (2, "")
    assert err.startswith("Error: stopped before there was an answer (SystemExit(")


@pytest.mark.parametrize("error", EXCEPTIONS)
@pytest.mark.parametrize(
    ("stage", "arguments"),
    [
        ("policy.dsl.grammar.Parser.parse", ["check", "ls", "--rules", "."]),
        ("policy.shipped.kept", ["check", "ls"]),
        ("policy.whitelist.nodes.Reader.node", ["check", "ls", "--whitelist", "whitelist.yaml"]),
        ("policy.whitelist.nodes.Reader.node", ["diff", "whitelist.yaml", "whitelist.yaml"]),
        ("policy.whitelist.boundary_file.Reader", ["check", "ls", "--boundary", "task.yaml"]),
        ("policy.cli.render.render", ["check", "ls"]),
    ],
)
def test_a_fault_of_this_program_is_no_answer(
    stage, arguments, error, tmp_path, monkeypatch, capsys
):
    for kind in KINDS:
        kind.write(tmp_path)
    if "--rules" in arguments:
        monkeypatch.setattr("policy.shipped.kept", lambda key: None)
    monkeypatch.setattr(stage, raising(error))
    code, out, err = caller(monkeypatch, capsys, tmp_path)(*arguments)
    assert (code, out) == (2, "")
    assert "Error: " in err


INTERRUPTED = """
import os, signal, sys

class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
        return None

sys.meta_path.insert(0, Interrupts())
sys.argv = ["policy", "check", "echo 'a b'"]
from policy.cli.main import main
main()
"""


@pytest.mark.parametrize(
    "name",
    ["policy.cli.group", "click", "policy.cli.status", "policy.cli.check", "policy.engine",
     "policy.shipped", "tree_sitter", "bashlex"],
)  # fmt: skip
def test_ctrl_c_ends_quietly_whatever_is_being_imported(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(name=name)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=default_interrupt,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


def test_the_entry_point_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import policy.cli.main; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    own = {name for name in done.stdout.split() if name.startswith("policy")}
    assert own == {"policy", "policy.cli", "policy.cli.main"}
    assert "click" not in done.stdout.split()


def test_policy_diff_is_a_subcommand(monkeypatch, capsys, tmp_path):
    from policy.cli.main import diff

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["policy-diff", "none.yaml", "none.yaml"])
    with pytest.raises(SystemExit) as ended:
        diff()
    assert ended.value.code == 2
    assert "none.yaml: No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_batch_that_is_stopped_has_answered_whole_lines(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND_LINE, "check", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=default_interrupt,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"command": "ls"}\n')
    process.stdin.flush()
    first = process.stdout.readline()
    os.kill(process.pid, number)
    out, err = process.communicate()
    assert first.endswith(b"\n")
    assert (out, err.strip()) == (b"", b"")
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGTERM)

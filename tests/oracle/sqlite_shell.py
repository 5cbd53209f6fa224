"""The sqlite3 program as the judge of its dot-commands: what it started, what it wrote.

Each text is given twice, as an argument of the program and as its standard input, which it reads
differently. What is allowed may start no program, and open no file for writing, that its Plan
doesn't name.
"""

from __future__ import annotations

import posixpath
import random
import shlex
from collections.abc import Iterable

from oracle.report import Miss, Part, Row
from oracle.sandbox import Sandbox
from oracle.sqltexts import Choose, grow, mutated
from oracle.sqltexts import examples as project_examples
from oracle.trace import Trace
from policy import Context, Engine, Verdict

LANGUAGE = "sql:sqlite-client"
JUDGE = "sqlite3"
_DATABASE = "/project/app.db"
_WAYS = {
    "argument": 'sqlite3 app.db "$1"',
    "input": 'printf "%s\\n" "$1" | sqlite3 app.db',
    "command option": 'sqlite3 -cmd "$1" app.db "SELECT 1"',
}

GRAMMAR = {
    "text": [
        "<line>", "<line>\n<text>", "<line>\n<line>", "<sql>;\n<dot>", "<dot>\n<dot>", "<pending>",
    ],
    "line": ["<dot>", "<sql>;", "<sql>; <sql>;", "<odd>", "<dot>"],
    "pending": [
        "SELECT\n<end>\n<dot>", "SELECT 1,\n<end>\n<dot>", "SELECT '\n<dot>\n';", "/*\n<dot>\n*/",
        "SELECT [\n<dot>\n];", "<dot>\n<hidden>", "SELECT 1; -- x\n<dot>", "SELECT 1 --;\n<dot>",
        "<name>\n<hidden>", "<dot> \\\n<dot>", "SELECT 1\n<end>\n<dot>", "-- x\n<dot>",
        "/* */\n<dot>",
    ],
    "end": ["go", "/", "GO", " go ", "go;", "/ -- x", "go /* */", ";", " ;", "\t/"],
    "hidden": [
        "# made", "-- made", "# | run x", "-- ; run x", "/* | run x */", "-- |run x", "#made",
        "--x",
    ],
    "dot": [
        ".<name> <word>", ".<name>", ".<name> <word> <word>", ".<name> '<word>'",
        ".<name> \"<word>\"", ".<name>\t<word>", " .<name> <word>", ".<name> | run x",
        ".<name> '|run x'", ".<name> |run x",
    ],
    "name": [
        "shell", "system", "output", "once", "excel", "www", "read", "load", "import", "backup",
        "save", "open", "restore", "clone", "dump", "log", "trace", "tables", "schema", "mode",
        "headers", "print", "show", "sh", "sy", "o", "on", "sha3sum", "selftest", "recover",
        "archive", "ar", "parameter", "testctrl", "session", "stats", "width", "timer", "eqp",
        "databases", "dbinfo", "expert", "fullschema", "indexes", "lint", "nullvalue", "separator",
        "vfsinfo", "vfslist", "changes", "echo", "bail", "binary", "cd", "check", "explain",
        "filectrl", "exit", "help", "imposter", "limit", "progress", "prompt", "quit", "scanstats",
        "SHELL", "Output", "auth", "connection", "nonce", "dbconfig", "version", "timeout", "crnl",
        "iotrace", "selecttrace", "wheretrace", "unmodule", "treetrace",
    ],
    "word": [
        "made", "run", "x", "t", "-e", "-x", "|run", "--init", "/tmp/made", "main", "a b", "1",
        "on", "", "run made", "off", "-c", "list", "csv", "--bom", "stdout", "*", "--", "-",
        "run;run", "add",
    ],
    "sql": [
        "SELECT 1", "SELECT a FROM t", "SELECT '.shell run'", "SELECT 1 /* x */", "SELECT\n1",
        "VALUES (1)", "SELECT readfile('x')", "SELECT writefile('made', 'x')",
        "SELECT edit('x', 'run')", "SELECT load_extension('x')", "INSERT INTO t VALUES (1)",
        "SELECT * FROM fsdir('.')", "SELECT name FROM fsdir WHERE path = '.'", "EXPLAIN SELECT 1",
        "SELECT usleep(1)", "SELECT sha3(1)", "SELECT data FROM zipfile WHERE file = 'x'",
        "SELECT shell_add_schema('a', 'b', 'c')",
    ],
    "odd": [
        "", "# run x", ";", "--", "/**/", ". x", "..shell run", ";.shell run", "; .output made",
        "go",
    ],
}  # fmt: skip

_EXTRAS = (
    "\n", ".shell run", "\n.shell run\n", "| run", "'", "\"", "go", "\n/\n", "#", "--", "\\", ";",
)  # fmt: skip


def statement(construct: str, choose: Choose) -> str:
    """A text for the program: of the grammar, or mutated."""
    if construct == "mutated":
        text = mutated(project_examples("sqlite-client"), _EXTRAS, choose, "sqlite-client")
        return text.replace("\0", " ")  # no argument holds one
    return grow(GRAMMAR, "text", choose)


def unseen(
    trace: Trace, decided: tuple[tuple[str, ...], ...], program: str = "sqlite3"
) -> list[str]:
    """What the program did that isn't among the words of the commands decided."""
    programs = {posixpath.basename(words[0]) for words in decided if words}
    found = []
    for started in trace.started:
        name = posixpath.basename(started.argv[0]) if started.argv else ""
        if (
            started.by.path
            and not _is_ours(started.by.argv)
            and name not in programs | _OURS | {program}
        ):
            found.append(f"started {shlex.join(started.argv)}")
    for opened in trace.opened:
        # The database is opened for writing in any case; its journal only to change it.
        expected = opened.path == _DATABASE or opened.path.startswith(("/dev/", "/proc/"))
        by = posixpath.basename(opened.by.argv[0]) if opened.by.argv else ""
        if opened.writing and by == program and not expected:
            found.append(f"wrote {opened.path}")
    return found


_OURS = frozenset(("sh", "bash"))


def _is_ours(argv: tuple[str, ...]) -> bool:
    return len(argv) > 1 and argv[-2] == "oracle"


def judged(engine: Engine, sandbox: Sandbox, construct: str, texts: Iterable[str]) -> Row:
    """One row: every text is run in each of the ways."""
    ran = seen = opaque = 0
    missed: list[Miss] = []
    for text in texts:
        decision = engine.decide(text, Context(), language=LANGUAGE)
        commands = tuple(
            tuple(word or "" for word in action.argv or ()) for action in decision.actions
        )
        for way, script in _WAYS.items():
            outcome = sandbox.run(
                text, argv=("bash", "--noprofile", "--norc", "-c", script, "oracle")
            )
            ran += 1
            found = unseen(outcome.trace, ())
            seen += bool(found)
            if decision.verdict is not Verdict.ALLOW:
                opaque += bool(found) and any(a.kind == "opaque" for a in decision.actions)
            elif left := unseen(outcome.trace, commands):
                missed.append(Miss(f"{LANGUAGE} as {way}", text, "; ".join(left)))
    return Row(JUDGE, f"dot-commands: {construct}", ran, seen, opaque, tuple(missed))


def run(part: Part) -> list[Row]:
    """`part.count` runs of the program."""
    choose = random.Random(part.seed).randrange
    engine = Engine.load()
    each = max(1, part.count // len(_WAYS) // 2)
    with Sandbox(real=("sqlite3",)) as sandbox:
        return [
            judged(engine, sandbox, construct, [statement(construct, choose) for _ in range(each)])
            for construct in ("text", "mutated")
        ]

"""The mariadb program as the judge of its own commands: what it started, what it wrote.

It talks to a server through its socket from inside a sandbox, as an account that may only read;
each text is given as an argument and as standard input.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from oracle.mariadb_server import Server
from oracle.mariadb_statements import SCHEMA
from oracle.report import Miss, Part, Row
from oracle.sandbox import Sandbox
from oracle.sqlite_shell import unseen
from oracle.sqltexts import Choose, examples, grow, mutated
from policy import Context, Engine, Verdict

LANGUAGE = "sql:mysql-client"
JUDGE = "mariadb (client)"
_CLIENT = "mariadb --no-defaults -S /server/socket -u reader app"
_WAYS = {
    "argument": f'{_CLIENT} -e "$1"',
    "input": f'printf "%s\\n" "$1" | {_CLIENT} --force',
    "named commands": f'{_CLIENT} --force --named-commands -e "$1"',
}

GRAMMAR = {
    "text": [
        "<line>", "<line>\n<text>", "<line>\n<line>", "<sql>;\n<long>", "<long>\n<long>",
        "<pending>",
    ],
    "line": [
        "<long>", "<sql>;", "<sql>; <sql>;", "<sql> <short>", "<short>", "<sql>; <long>", "<odd>",
    ],
    "pending": [
        "SELECT 1 AS\n<long>", "SELECT 1 delimiter <word>\n<long>", "SELECT '\n<long>\n';",
        "/*\n<long>\n*/", "SELECT `\n<long>\n`;", "DELIMITER <word>\n<sql><word>\n<long>",
        "SELECT 1 -- x\n<long>", "SELECT 1 #;\n<long>", "SELECT 1 FROM\n<long>",
        "SELECT a,\n<long>", "SELECT 1 AS delimiter\n<long>", "SELECT 1 \\g\n<long>",
        "SELECT 1 as go\n<long>", "<sql>\ngo\n<long>", "SELECT \"\n<long>\n\"", "-- x\n<long>",
        "# x\n<long>", "--<long>\n<long>", "SELECT 1 AS x delimiter FROM\n<long>",
        "SELECT 'a\\'\n<long>\n'", "/* x */ <long>", "<sql>;<long>", " <long>",
        "/*! <sql> */;\n<long>",
    ],
    "long": [
        "<name> <word>", "<name>", "<name> <word>;", "  <name> <word>", "<name>\t<word>",
        "<name> <word> \\g", "<name>;", "<name> run x", "<name> | run",
    ],
    "short": [
        "\\<letter> <word>", "\\<letter>", "\\<letter><word>", "\\<letter> run x", "\\<letter>;",
    ],
    "letter": [
        "!", ".", "C", "P", "R", "T", "W", "#", "c", "d", "e", "h", "?", "n", "p", "q", "r", "s",
        "t", "u", "w", "x", "g", "G", "-", "l", "N", "0", "'", "\\",
    ],
    "name": [
        "system", "source", "pager", "tee", "edit", "delimiter", "go", "ego", "help", "status",
        "use", "connect", "print", "prompt", "notee", "nopager", "charset", "clear", "exit",
        "quit", "rehash", "warnings", "nowarning", "resetconnection", "SYSTEM", "Source",
        "sandbox", "query_attributes", "ssl_session_data_print", "?", "tEE",
    ],
    "word": [
        "run", "made", "x", "run x", "/tmp/made", "//", ";;", "|run", "'x'", "FROM", "x.sql",
        "a;run", "app",
    ],
    "sql": [
        "SELECT 1", "SELECT a FROM t", "SELECT '\\\\! run'", "SELECT 1 /* x */", "VALUES (1)",
        "SELECT 'it''s'", "SELECT \"a\\\"\"", "INSERT INTO log VALUES (1)", "SELECT 1 # \\! run",
        "SHOW TABLES", "SELECT 1 -- \\! run", "SELECT LOAD_FILE('x')",
        "SELECT 1 INTO OUTFILE 'made'", "SELECT 1 AS `\\! run`",
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE log",
    ],
    "odd": [
        "", "# run x", ";", "--", "-- \\! run", "/*M!999999\\- enable the sandbox mode */", "\\",
        "''",
    ],
}  # fmt: skip

_EXTRAS = (
    "\n", "system run", "\nsystem run\n", "\\! run", "'", "\"", "go", "\ntee made\n", "#", "-- ",
    "\\", ";", "delimiter //", "\\g", "`", "/*", "*/", "pager run",
)  # fmt: skip


def statement(construct: str, choose: Choose) -> str:
    """A text for the program: of the grammar, or mutated."""
    if construct == "mutated":
        text = mutated(examples("mysql-client"), _EXTRAS, choose, "mysql-client")
        return text.replace("\0", " ")  # no argument holds one
    return grow(GRAMMAR, "text", choose)


def judged(
    engine: Engine, sandbox: Sandbox, server: Server, construct: str, texts: Iterable[str]
) -> Row:
    """One row: every text is run in each of the ways."""
    ran = seen = opaque = 0
    missed: list[Miss] = []
    socket = ("--ro-bind", str(server.directory), "/server")
    for text in texts:
        decision = engine.decide(text, Context(), language=LANGUAGE)
        commands = tuple(tuple(word or "" for word in each.argv or ()) for each in decision.actions)
        for way, script in _WAYS.items():
            argv = ("bash", "--noprofile", "--norc", "-c", script, "oracle")
            trace = sandbox.run(text, argv=argv, extra=socket).trace
            ran += 1
            found = unseen(trace, (), program="mariadb")
            seen += bool(found)
            if decision.verdict is not Verdict.ALLOW:
                opaque += bool(found) and any(each.kind == "opaque" for each in decision.actions)
            elif left := unseen(trace, commands, program="mariadb"):
                missed.append(Miss(f"{LANGUAGE} as {way}", text, "; ".join(left)))
    return Row(JUDGE, f"client commands: {construct}", ran, seen, opaque, tuple(missed))


def run(part: Part) -> list[Row]:
    """`part.count` runs of the program."""
    choose = random.Random(part.seed).randrange
    engine = Engine.load()
    each = max(1, part.count // len(_WAYS) // 2)
    with Sandbox(real=("mariadb",)) as sandbox, Server(schema=SCHEMA) as server:
        return [
            judged(engine, sandbox, server, name, [statement(name, choose) for _ in range(each)])
            for name in ("text", "mutated")
        ]

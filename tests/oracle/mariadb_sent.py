"""The mariadb program as the judge of which statements a text has: what it sends must be planned.

The client takes some lines for itself, and ends statements in ways of its own. A server writes down
each text that it is sent; the statements of that text, read as the server's, must all be among
those of the client's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path
from random import Random

import pymysql

from oracle.mariadb_server import Server
from oracle.mariadb_statements import SCHEMA
from oracle.report import Miss, Part, Row
from oracle.sandbox import Sandbox
from policy import Engine, Tier
from policy.plan import Plan, Statement

LANGUAGE = "sql:mysql-client"
JUDGE = "mariadb (client)"
_CLIENT = "mariadb --no-defaults -S /server/socket -u reader app --force"
_WAYS = {
    "argument": f'{_CLIENT} -e "$1"',
    "input": f'printf "%s\\n" "$1" | {_CLIENT}',
}
_LINE = re.compile(r"^(?:\d{6} [ \d]\d:\d\d:\d\d)?\t+ *\d+ (\w+)(?:\s+|$)", re.MULTILINE)
_SYNTAX_ERROR = 1064
_OWN = re.compile(
    r"(?:SHOW WARNINGS|select @@version_comment limit 1|SELECT DATABASE\(\)"
    r"|help '.*'|select @@character_set_client, .*|select (?:database|USER)\(\).*"
    r"|show (?:databases|tables))\s*",
    re.IGNORECASE | re.DOTALL,
)

_HEADS = (
    "use app", "use `app`", "USE app -- x", "\\u app", "use app;", "use", "status", "\\s", "help x",
    "help x;", "? x", "prompt x", "nopager", "notee", "warnings", "nowarning", "\\W", "clear",
    "rehash", "exit;", "print", "go", "ego", "\\g", "\\G", "delimiter //", "\\d //", "charset utf8",
    "system p1", "\\! p1", "tee made", "resetconnection", "connect app", "select 1", "select 1;",
    "select 1\\g", "select 1\\G", "-- x", "# x", "/* x", "/* x */", "select 'a", "select `a",
    "select \"a", "select '\\\\", "begin", "show tables", "select 1 -- x;", "select 1 # x;", "--x",
    "select 1 /* ; */", "select 1//", "use app /* x", "use app 'x", "use app \\g", "USE\tapp",
    " use app",
    "/* x */ use app", "use app\r", "usea", "use app#;", "\\c", "select 1 \\c", "\\p", "\\r app",
    "help ';\nselect '", "help `;\nselect `", "help x /*;\nselect /*", "prompt ';\nselect '",
    "select * from t de\\p", "select * from us\\pers;", "select 1 \\p", "select 1 \\s",
    "select 1 \\u app\n", "select\\c",
    "select 1 \\W", "select 1 \\h", "select a \\q", "select 'a' \\c '", "select \\N, 1",
)  # fmt: skip
_TAILS = (
    "delete from t;", "delete from t", "'; delete from t;", "*/ delete from t;",
    "`; delete from t;", "\"; delete from t;", "use app; delete from t;", "; delete from t;",
    "// delete from t//",
    "\\g delete from t \\g", "status; delete from t;", "exit; delete from t;", "go",
    "-- '\ndelete from t;",
    "use app\ndelete from t;", "delete from t\\G", "system p1", "; system p1",
)  # fmt: skip
_GAPS = ("\n", " ", "\n\n", ";\n", "\r\n", "\t")


def states() -> Iterator[str]:
    """What a line leaves behind (a pending statement, quote, comment, delimiter), then a change."""
    for head, gap, tail in product(_HEADS, _GAPS, _TAILS):
        yield head + gap + tail


class Judge(AbstractContextManager["Judge"]):
    """A server that writes down what it is sent, and a sandbox for the client."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine.load()
        self._server = Server("--general-log", "--general-log-file=sent.log", schema=SCHEMA)
        try:
            self._sandbox = Sandbox(real=("mariadb",))
        except BaseException:
            self._server.stop()
            raise
        self._log: Path = self._server.data / "sent.log"
        self._asked = self._server.connect()

    def __exit__(self, *_: object) -> None:
        self._asked.close()
        self._sandbox.__exit__(None, None, None)
        self._server.stop()

    def judge(self, construct: str, texts: Iterable[str]) -> Row:
        ran = seen = opaque = 0
        missed: list[Miss] = []
        for text in texts:
            decision = self.engine.decide(text, language=LANGUAGE)
            plan = self.engine.plan(text, LANGUAGE)
            for way, script in _WAYS.items():
                ran += 1
                for query in self._sent(text, script):
                    seen += 1
                    if _planned(self.engine, query, plan) or not self._accepted(query):
                        continue
                    if decision.tier is Tier.HIGH:
                        opaque += 1
                    else:
                        missed.append(Miss(f"{LANGUAGE} as {way}", text, f"sent {query!r}"))
        return Row(JUDGE, f"statements sent: {construct}", ran, seen, opaque, tuple(missed))

    def _accepted(self, query: str) -> bool:
        """Whether it is a statement for the server at all: what is none does nothing."""
        try:
            with self._asked.cursor() as cursor:
                cursor.execute("PREPARE judged FROM %s", (query,))
        except pymysql.Error as error:
            return bool(error.args[0] != _SYNTAX_ERROR)
        return True

    def _sent(self, text: str, script: str) -> list[str]:
        before = self._log.stat().st_size
        argv = ("bash", "--noprofile", "--norc", "-c", script, "oracle")
        socket = ("--ro-bind", str(self._server.directory), "/server")
        self._sandbox.run(text, argv=argv, extra=socket)
        with self._log.open("rb") as log:
            log.seek(before)
            written = log.read().decode("utf-8", "replace")
        return [query for query in _queries(written) if not _OWN.fullmatch(query)]


def run(part: Part) -> list[Row]:
    """`part.count` runs of the client."""
    count = max(1, part.count // len(_WAYS))
    with Judge() as judge:
        return [judge.judge("states", Random(part.seed).sample(list(states()), count))]


def _queries(written: str) -> Iterator[str]:
    """The texts in the server's log: from the word that says what came to the next such line."""
    places = list(_LINE.finditer(written))
    for at, found in enumerate(places):
        end = places[at + 1].start() if at + 1 < len(places) else len(written)
        if found[1] == "Query":
            yield written[found.end() : end].removesuffix("\n")


def _planned(engine: Engine, query: str, plan: Plan) -> bool:
    """Whether every statement of what was sent is in the plan."""
    sent = [each.does for each in engine.plan(query, "sql:mysql").actions]
    kinds = [each.does for each in plan.actions if isinstance(each.does, Statement)]
    normals = {each.normal for each in kinds}
    return all(isinstance(each, Statement) and each.normal in normals for each in sent)


__all__ = ["Judge", "run", "states"]

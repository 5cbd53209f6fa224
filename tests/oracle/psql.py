"""psql as the judge of its own commands: what it sent, ran and wrote has to be in the Plan.

    script ─► psql in a sandbox ─► what it started and opened (strace)
                     └──► a server that writes down what it is sent

A script is read from standard input, or is the value of `-c`, and is decided as the command line
of a shell that has it there. What the Plan doesn't name counts as *opaque* only where the
decision is `high`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from enum import Enum
from itertools import count

from oracle.cover import ran
from oracle.grammars import drawn
from oracle.needs import program
from oracle.postgres_server import Server
from oracle.psql_states import some
from oracle.report import Miss, Part, Row
from oracle.sandbox import Outcome, Sandbox
from oracle.trace import Started
from policy import Engine, Tier, Verdict
from policy.plan import Plan, Statement

_STRING = r"""\s?E?'(?:[^'\\]|''|\\.)*'"""
_CURSOR = "DECLARE _psql_cursor NO SCROLL CURSOR FOR\n"
# What psql sends on its own account (common.c): around the rows that FETCH_COUNT asks for, and
# where AUTOCOMMIT is off or ON_ERROR_ROLLBACK on.
_OWN = re.compile(
    r"BEGIN|COMMIT|ROLLBACK|CLOSE _psql_cursor|FETCH FORWARD \d+ FROM _psql_cursor"
    r"|(?:SAVEPOINT|RELEASE|ROLLBACK TO) pg_psql_temporary_savepoint"
)
# What psql opens for itself: its terminal, its history, and scratch files of its editor.
_OPENS = re.compile(r"/dev/(?:tty|null|stdin|stdout|stderr)|.*/\.psql_history|/tmp/psql\.edit\..*")
_END = "END_OF_THE_SCRIPT"
_SCRIPT = "INSERT INTO audit VALUES (3);\n"


class Channel(Enum):
    """How psql gets the script."""

    INPUT = "standard input"
    COMMAND = "-c"


class Judge(AbstractContextManager["Judge"]):
    """A server and a sandbox, for many scripts."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine.load()
        self._numbers = count()
        self.server = Server()
        try:
            self.server.fresh("scripted")
            self._sandbox = Sandbox()
        except BaseException:
            self.server.stop()
            raise
        self._script = self.server.root / "script.sql"
        self._script.write_text(_SCRIPT)
        self._script.chmod(0o644)

    def __exit__(self, *_: object) -> None:
        self._sandbox.__exit__(None, None, None)
        self.server.stop()

    def judge(self, channel: Channel, texts: Iterable[str]) -> Row:
        ran = seen = opaque = 0
        missed: list[Miss] = []
        for text in texts:
            if "\0" in text:
                continue
            ran += 1
            command = _command(text, channel)
            decision = self.engine.decide(command)
            for happened in self._happened(text, channel, self.engine.plan(command)):
                seen += 1
                if happened is None:
                    continue
                if decision.tier is Tier.HIGH:
                    opaque += 1
                else:
                    missed.append(Miss("shell", command, happened))
        return Row("psql", f"scripts in {channel.value}", ran, seen, opaque, tuple(missed))

    def _happened(self, text: str, channel: Channel, plan: Plan) -> Iterator[str | None]:
        """What psql did: a sentence, or None for what the plan holds."""
        name = f"oracle{next(self._numbers)}"
        outcome = self._run(text, channel, name)
        for one in outcome.trace.started:
            if not _is_psql(one) and not _only_shell(one):
                yield ran(plan, one)
        for opened in outcome.trace.opened:
            own = not opened.by.path.endswith("/psql") or _OPENS.fullmatch(opened.path)
            if opened.writing and not own:
                yield None if _writes(plan) else f"wrote {opened.path}"
        for query in self.server.queries(name):
            yield self._sent(query, plan)

    def _run(self, text: str, channel: Channel, name: str) -> Outcome:
        server = program("postgres")
        assert server is not None
        place = f"host=/socket user=writer dbname=scripted application_name={name}"
        words = (str(server.resolve().with_name("psql")), "-X", "-d", place)
        match channel:
            case Channel.COMMAND:
                argv = (*words, "-c")
            case Channel.INPUT:
                script = f'printf "%s\\n" "$0" | exec {shlex.join(words)}'
                argv = ("bash", "--noprofile", "--norc", "-c", script)
        binds = ("--ro-bind", str(self.server.sockets), "/socket")
        binds += ("--ro-bind", str(self._script), "/script.sql")
        return self._sandbox.run(text, argv=argv, extra=binds)

    def _sent(self, query: str, plan: Plan) -> str | None:
        query = query.removeprefix(_CURSOR)
        if _OWN.fullmatch(query.strip()):
            return None
        alone = self.engine.decide(query, language="sql:postgres")
        planned = [each.does for each in plan.actions if isinstance(each.does, Statement)]
        commands = any(each.kind == "meta" for each in planned)
        if commands and alone.verdict is Verdict.ALLOW:
            return None  # a look into the catalogue of its own, for \d and the like
        sent = [
            each.does
            for each in self.engine.plan(query, "sql:postgres").actions
            if isinstance(each.does, Statement) and not each.via
        ]
        for one in sent:
            if not any(_is(one, other) for other in planned):
                return f"sent {query!r}"
        if not sent and query.strip(" ;\n") and not _holds(plan, query):
            return f"sent {query!r}"
        return None


def run(part: Part) -> list[Row]:
    """Scripts of the grammar in both ways, and combinations of what hides and what is hidden."""
    with Judge() as judge:
        half, quarter = part.count // 2, part.count // 4
        return [
            judge.judge(Channel.INPUT, drawn("psql.grammar", quarter, part.seed)),
            judge.judge(Channel.INPUT, some(quarter, part.seed)),
            judge.judge(Channel.COMMAND, drawn("psql.grammar", half, part.seed + 1)),
        ]


def _command(text: str, channel: Channel) -> str:
    match channel:
        case Channel.COMMAND:
            return f"psql -X -c {shlex.quote(text)}"
        case Channel.INPUT:
            return f"psql -X <<'{_END}'\n{text}\n{_END}"


def _is_psql(one: Started) -> bool:
    return one.path.endswith("/psql")


def _only_shell(one: Started) -> bool:
    """The shell that psql starts for a command: what it runs counts, not itself."""
    return one.by.path.endswith("/psql") and one.argv[:2] == ("sh", "-c")


def _writes(plan: Plan) -> bool:
    return any(
        isinstance(each.does, Statement) and each.does.features & {"write", "file"}
        for each in plan.actions
    )


def _is(sent: Statement, planned: Statement) -> bool:
    if planned.kind == "copy" and "client" in planned.features:
        return sent.kind == "copy" and sent.tables == planned.tables
    pattern = re.escape(planned.normal)
    pattern = re.sub(r"(?:\\ )?:'\w+'", lambda _: _STRING, pattern)
    return re.fullmatch(pattern, sent.normal, re.DOTALL) is not None


def _holds(plan: Plan, query: str) -> bool:
    """Whether a text that nobody can read stands in the plan's as it is."""
    return query.strip(" ;\n") in plan.text


__all__ = ["Channel", "Judge", "run"]

"""MariaDB as the judge of MySQL's dialect, which it speaks.

A statement that is allowed runs in a session with every right, in groups: nothing may have
changed in the server, its files and tables, the session's variables, or the locks that are held,
and no table may have been read, function called or command counted that the Plan doesn't name.
What is held is tried in a transaction that is only to read, without rights, to count what the
server refuses there; an allowed one that it refuses is a miss as well.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pymysql

from oracle import mariadb_client, mariadb_sent
from oracle.mariadb_effects import Watch, session_state
from oracle.mariadb_server import Server
from oracle.mariadb_statements import ARGUMENTS, SCHEMA, statement
from oracle.report import Miss, Part, Row
from oracle.sqltexts import calls_of, named_set
from policy import Context, Engine, Verdict
from policy.parse.sql import read_sql
from policy.plan import Limits, Opaque, Statement

LANGUAGE = "sql:mysql"
JUDGE = "MariaDB"
_READ_ONLY = 1792  # ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
_DENIED = frozenset((1044, 1142, 1227, 1370))  # rights that no reader needs
_NOT_BEGUN = (1064, 1065)  # a syntax error, an empty query
_LOST = (2006, 2013, 2014, 0)
_GROUP = 24
_TEXTS_PER_RUN = 25  # starting the client takes many times as long as a statement
_SHARES = {
    "query": 8, "show": 3, "writes": 2, "set": 1, "session": 1, "comments": 2, "several": 2,
    "mutated": 4, "foreign": 2,
}  # fmt: skip
MODES = ("", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT,IGNORE_SPACE")
"""What a server may be set to beside its own default; texts are read without knowing."""


@dataclass(frozen=True)
class Allowed:
    """A text that may run, and what its Plan names."""

    text: str
    count: int
    tables: frozenset[str]
    plans: bool  # an EXPLAIN of a change: the server takes locks and counts, and changes nothing


def _names(text: str) -> Allowed:
    actions = read_sql(text, "mysql", Limits())
    statements = [action.does for action in actions if isinstance(action.does, Statement)]
    return Allowed(
        text,
        max(1, sum(not action.via for action in actions)),  # a comment is an empty statement
        frozenset(table.name.lower() for each in statements for table in each.tables)
        | frozenset(name.lower() for each in statements for name in each.names),
        any(each.kind == "explain" and _CHANGES.search(text) for each in statements),
    )


_DIED = "the server died"
_CHANGES = re.compile(r"\b(?:DELETE|UPDATE|INSERT|REPLACE)\b", re.IGNORECASE)


class Judge:
    """One server and the sessions in which texts run."""

    def __init__(self, server: Server, mode: str = "") -> None:
        self._server = server
        self._mode = mode
        self.crashes: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._watch = Watch(self._server)
        self._sessions = {user: self._read_only(user) for user in ("agent", "root")}

    def _crashed(self, text: str) -> bool:
        """Whether the server died, which is a mistake of its own; it is there again."""
        if not self._server.restart():
            return False
        self.crashes.append(text)
        self.close()
        self._begin()
        return True

    def close(self) -> None:
        self._watch.close()
        for session in self._sessions.values():
            _close(session)

    def _read_only(self, user: str) -> Any:
        session = self._server.connect(user)
        with session.cursor() as cursor:
            cursor.execute("SET sql_mode = CONCAT(@@sql_mode, ',', %s)", (self._mode,))
        return session

    def refused(self, text: str, *, held: bool) -> bool:
        """Whether the server refuses it in a transaction that is only to read."""
        user = "agent" if held else "root"
        session = self._sessions[user]
        try:
            with session.cursor() as cursor:
                cursor.execute("START TRANSACTION READ ONLY")
                cursor.execute(text)
                cursor.fetchall()
                cursor.execute("ROLLBACK")
        except pymysql.Error as error:
            number = error.args[0] if error.args else 0
            if number in _LOST and not self._crashed(text):
                self._renew(user)
            lacks = held and number in _DENIED and "SELECT command" not in str(error)
            return bool(number == _READ_ONLY or lacks)
        except (UnicodeError, ValueError, OverflowError):
            self._renew(user)
        return False

    def _renew(self, user: str) -> None:
        _close(self._sessions[user])
        self._sessions[user] = self._read_only(user)

    def misses(self, group: Sequence[Allowed]) -> list[Miss]:
        """What the texts of a group did unseen; each alone where the group did something."""
        happened = self._run(group)
        if not happened:
            return []
        if happened == [_DIED] and len(group) == 1:
            return []
        if len(group) == 1:
            return [Miss(LANGUAGE, group[0].text, "; ".join(happened))]
        middle = len(group) // 2
        return self.misses(group[:middle]) + self.misses(group[middle:])

    def _run(self, group: Sequence[Allowed]) -> list[str]:
        session = self._server.connect(several=True)
        last = ""
        happened: list[str] = []
        try:
            with session.cursor() as cursor:
                cursor.execute("SET sql_mode = CONCAT(@@sql_mode, ',', %s)", (self._mode,))
            before = session_state(session)
            for each in group:
                last = each.text
                ran = _execute(session, each.text)
                if ran > each.count:
                    happened.append(f"{ran} statements where the Plan has {each.count}")
            locks, tables, functions = self._watch.held(session)
            after = session_state(session)
            if any(each.plans for each in group):
                after = {name: after[name] for name in after if not name.startswith("Com_")}
            else:
                happened += locks
            if not any(each.text.lstrip().upper().startswith("USE") for each in group):
                after["database"] = before["database"]
            happened += [
                f"{name} was {before.get(name)!r} and is {after.get(name)!r}"
                for name in sorted(before.keys() | after.keys())
                if name in after or not name.startswith("Com_")
                if before.get(name) != after.get(name)
            ]
            known = frozenset[str]().union(*(each.tables for each in group))
            happened += [f"the table {name}" for name in tables if not _is_known(name, known)]
            happened += [f"the stored function {name}" for name in functions]
            session.rollback()
        except pymysql.Error as error:
            if self._crashed(last):
                return [_DIED]
            happened.append(f"the session was lost: {error}")
        finally:
            _close(session)
        return happened + self._watch.changes()


def _close(session: Any) -> None:
    with suppress(pymysql.Error):
        session.close()


def _is_known(table: str, known: frozenset[str]) -> bool:
    schema, _, name = table.lower().partition(".")
    through_view = name == "users" and "v" in known
    return name in known or through_view or schema in {"information_schema", "mysql"} & known


def _execute(session: Any, text: str) -> int:
    """Runs a text of several statements; how many of them the server began."""
    ran = 0
    with session.cursor() as cursor:
        try:
            cursor.execute(text)
            ran = 1
            cursor.fetchall()
            while cursor.nextset():
                ran += 1
                cursor.fetchall()
        except pymysql.Error as error:
            if error.args and error.args[0] in _LOST:
                raise
            ran += error.args[0] not in _NOT_BEGUN
        except (UnicodeError, ValueError, OverflowError):
            pass
    return ran


def judged(engine: Engine, judge: Judge, construct: str, texts: Sequence[str]) -> list[Row]:
    """Rows of one construct: what is allowed runs, what is held is tried without rights."""
    held = refused = opaque = 0
    allowed: list[Allowed] = []
    missed: list[Miss] = []
    planned: list[Allowed] = []
    for text in texts:
        decision = engine.decide(text, Context(), language=LANGUAGE)
        if decision.verdict is Verdict.ALLOW:
            each = _names(text)
            (planned if each.plans else allowed).append(each)
            if not each.plans and judge.refused(text, held=False):
                missed.append(Miss(LANGUAGE, text, "refused in a transaction that only reads"))
            continue
        held += 1
        if not text.lstrip("(; \n\t").upper().startswith(_LEFT_ALONE) and judge.refused(
            text, held=True
        ):
            refused += 1
            opaque += any(isinstance(a.does, Opaque) for a in read_sql(text, "mysql", Limits()))
    for which in (allowed, planned):
        for at in range(0, len(which), _GROUP):
            missed += judge.misses(which[at : at + _GROUP])
    rows = [
        Row(JUDGE, f"{construct}: allowed, ran", len(allowed), len(allowed), 0, tuple(missed)),
        Row(JUDGE, f"{construct}: held, refused as writes", held, refused, opaque),
    ]
    if judge.crashes:
        rows.append(Row(JUDGE, "killed the server, a fault of its own", len(judge.crashes), 0, 0))
        judge.crashes.clear()
    if planned:  # the server refuses these where it is only to read, though they change nothing
        rows.append(Row(JUDGE, "EXPLAIN of a change: locks not judged", len(planned), 0, 0))
    return rows


# What ends a transaction or the session, or changes an account: nothing is learnt from it.
_LEFT_ALONE = (
    "COMMIT", "ROLLBACK", "BEGIN", "START", "KILL", "SHUTDOWN", "SET", "XA", "ALTER USER", "USE",
    "LOCK", "FLUSH", "RESET", "GRANT", "REVOKE",
)  # fmt: skip


@contextmanager
def judging(mode: str = "") -> Iterator[Judge]:
    """A judge with a server of its own. Raises `Unavailable`."""
    with Server(schema=SCHEMA) as server:
        judge = Judge(server, mode)
        try:
            yield judge
        finally:
            judge.close()


def functions() -> list[str]:
    """Every function that the rules call harmless, with arguments of several kinds."""
    return calls_of(named_set("sql-functions-mysql"), ARGUMENTS, "t")


def run(part: Part) -> list[Row]:
    """`part.count` texts under one of the modes, functions and runs of the client besides."""
    source = random.Random(part.seed)
    choose = source.randrange
    engine = Engine.load()
    rows = mariadb_client.run(Part(part.count // _TEXTS_PER_RUN, part.seed))
    rows += mariadb_sent.run(Part(part.count // _TEXTS_PER_RUN, part.seed))
    with judging(MODES[part.seed % len(MODES)]) as judge:
        calls = source.sample(functions(), part.count // 8)
        rows += judged(engine, judge, "functions", calls)
        for construct, share in _SHARES.items():
            count = max(1, part.count * share // sum(_SHARES.values()))
            rows += judged(
                engine, judge, construct, [statement(construct, choose) for _ in range(count)]
            )
    return rows

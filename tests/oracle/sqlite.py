"""SQLite as the judge of its own dialect: its authorizer says what a statement does.

A statement that is allowed runs in a database of its own; any action but reading what the Plan
names is a miss, and so is a change of rows, settings, files, databases or the transaction that
no statement of the Plan begins. One that is held is only prepared, to see what it would do.
"""

from __future__ import annotations

import os
import random
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import chdir, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from oracle import sqlite_shell
from oracle.report import Miss, Part, Row
from oracle.sqlite_statements import ARGUMENTS, OWN, SCHEMA, VIRTUAL, WARM, statement
from oracle.sqltexts import calls_of, named_set
from policy import Context, Engine, Verdict
from policy.parse.sql import read_sql
from policy.plan import Limits, Opaque, Statement

LANGUAGE = "sql:sqlite"
JUDGE = "SQLite"
_SHARES = {
    "query": 8, "pragmas": 3, "writes": 2, "session": 1, "comments": 1, "several": 3,
    "mutated": 5, "foreign": 2,
}  # fmt: skip
_TEXTS_PER_RUN = 25  # starting the program takes a hundred times as long as a statement
_STEPS = 20_000  # of SQLite's machine, between looks at the clock; a query has forty

# Operators and words of SQL that SQLite reports as functions.
_WRITTEN = frozenset(
    "like glob regexp match -> ->> current_date current_time current_timestamp".split()
)
_NAMES = {
    getattr(sqlite3, name): name.removeprefix("SQLITE_").lower()
    for name in dir(sqlite3)
    if name.startswith("SQLITE_")
    and name.removeprefix("SQLITE_").split("_")[0]
    in {
        "CREATE", "DROP", "DELETE", "INSERT", "UPDATE", "PRAGMA", "READ", "SELECT", "TRANSACTION",
        "ATTACH", "DETACH", "ALTER", "REINDEX", "ANALYZE", "FUNCTION", "SAVEPOINT", "RECURSIVE",
    }
    and name != "SQLITE_DELETE_" and isinstance(getattr(sqlite3, name), int)
}  # fmt: skip


# What triggers and virtual tables run themselves.
_INNER = re.compile(
    r"^--|^PRAGMA '?main'?\.(?:data_version|page_size)$|(?:'main'\.'|\"main\"\.\")(?:docs|old|box)_"
)


@dataclass
class Seen:
    """What SQLite said of one text: its actions, in words that a miss is told with."""

    actions: Counter[str] = field(default_factory=Counter)
    tables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    pragmas: set[str] = field(default_factory=set)
    statements: int = 0
    effects: list[str] = field(default_factory=list)

    def beyond(self) -> list[str]:
        """Actions that are more than reading."""
        return sorted(name for name in self.actions if name not in _READING)


@cache
def _template() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    found = connection.serialize()
    connection.close()
    return bytes(found)


_SETTINGS = (
    "application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill "
    "cell_size_check checkpoint_fullfsync defer_foreign_keys encoding foreign_keys "
    "full_column_names fullfsync hard_heap_limit ignore_check_constraints journal_mode "
    "journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size page_size "
    "query_only read_uncommitted recursive_triggers reverse_unordered_selects schema_version "
    "secure_delete short_column_names soft_heap_limit synchronous temp_store threads "
    "trusted_schema user_version wal_autocheckpoint writable_schema"
).split()
"""Pragmas that tell a setting: what they tell must stay."""

_LOOKS = (
    *(f"PRAGMA {name}" for name in _SETTINGS),
    "PRAGMA database_list",
    "SELECT type, name, sql FROM temp.sqlite_master",
    "SELECT '_' LIKE 'A', 'a' LIKE 'A'",
)


class Judge:
    """Runs texts, each in a copy of one database, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open()

    def _open(self) -> None:
        for each in self._directory.iterdir():
            each.unlink()
        (self._directory / "app.db").write_bytes(_template())
        self._connection = sqlite3.connect(
            self._directory / "app.db", isolation_level=None, timeout=0.05
        )
        self._connection.text_factory = bytes
        # Functions of the program around it, which may do anything.
        self._called: set[str] = set()
        for name in OWN:
            self._connection.create_function(name, -1, partial(self._own, name))
        # The first look makes the temporary schema, and virtual tables prepare what they ask.
        self._state()
        for query in WARM:
            self._connection.execute(query).fetchall()
        self._before = self._state()

    def _own(self, name: str, *_: object) -> None:
        self._called.add(name)

    def close(self) -> None:
        self._connection.close()

    def renew(self) -> None:
        """A new database, where a text may have left something behind."""
        self._connection.close()
        self._open()

    def run(self, text: str) -> Seen:
        """Runs the text and says what it did, and what it left behind."""
        self._called.clear()
        seen = self._through(text, run=True)
        seen.effects += [f"{name} was called" for name in sorted(self._called)]
        begun = self._connection.in_transaction
        if begun and self._locked():
            seen.effects.append("the database is locked for others")
        if begun and not seen.actions.keys() & {"transaction", "savepoint"}:
            seen.effects.append("a transaction was begun")
        with suppress(sqlite3.Error):
            self._connection.rollback()
        after = self._state()
        seen.effects += [
            f"{name} was {self._before[name]!r} and is {after[name]!r}"
            for name in after
            if self._before[name] != after[name]
        ]
        if seen.effects or seen.beyond() or begun:
            self.renew()
        return seen

    def plan(self, text: str) -> Seen:
        """What the text's statements would do: each is refused at its first step beyond reading."""
        return self._through(text, run=False)

    def _through(self, text: str, *, run: bool) -> Seen:
        seen = Seen()

        def authorize(
            code: int, one: str | None, two: str | None, _schema: str | None, inner: str | None
        ) -> int:
            nonlocal declaring
            name = _NAMES.get(code, f"action {code}")
            declares, declaring = declaring, name == "update" and one == "sqlite_master"
            if declaring:  # a virtual table says which columns it has
                return sqlite3.SQLITE_OK
            if one is not None and one.lower().startswith(_SHADOWS):
                return sqlite3.SQLITE_OK  # it prepares what it may need; rows are looked at below
            seen.actions[name] += 1
            match name:
                case "read" if one == "sqlite_master" and declares:
                    declaring = True
                case "read" if one is not None and inner is None:
                    seen.tables.add(_TABLES.get(one.lower(), one.lower()))
                case "function" if two is not None and inner is None:
                    seen.functions.add(two.lower())
                case "pragma" if one is not None:
                    seen.pragmas.add(one.lower())
            if run or name in _READING:
                return sqlite3.SQLITE_OK
            return sqlite3.SQLITE_DENY

        def count(sql: str) -> None:
            seen.statements += _INNER.search(sql) is None

        declaring = False
        looks = iter(range(40))
        connection = self._connection
        connection.set_authorizer(authorize)
        connection.set_trace_callback(count)
        connection.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
        try:
            connection.executescript(text)
        except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError):
            pass  # what was seen until then counts
        finally:
            connection.set_authorizer(None)
            connection.set_trace_callback(None)
            connection.set_progress_handler(None, 0)
        return seen

    def _locked(self) -> bool:
        with suppress(sqlite3.Error):
            other = sqlite3.connect(self._directory / "app.db", isolation_level=None, timeout=0)
            try:
                other.execute("BEGIN IMMEDIATE")
                return False
            finally:
                other.close()
        return True

    def _state(self) -> dict[str, object]:
        state: dict[str, object] = {}
        for look in _LOOKS:
            state[look] = self._connection.execute(look).fetchall()
        state["rows changed"] = self._connection.total_changes
        state["files"] = sorted(
            (each.name, each.stat().st_size, each.stat().st_mtime_ns)
            for each in os.scandir(self._directory)
            if not each.name.endswith("-journal")
        )
        return state


_SHADOWS = tuple(f"{name}_" for name in VIRTUAL)
_READING = frozenset(("read", "select", "function", "recursive"))
_TABLES = {
    "sqlite_schema": "sqlite_master",
    "sqlite_temp_schema": "sqlite_master",
    "sqlite_temp_master": "sqlite_master",
}


def unseen(seen: Seen, text: str, statements: list[Statement]) -> list[str]:
    """What SQLite did that the Plan of an allowed text doesn't name."""
    found = list(seen.effects)
    kinds = {statement.kind for statement in statements}
    found += [
        f"the action {name}"
        for name in seen.beyond()
        if "explain" not in kinds and not kinds & _PLANNED.get(name, frozenset())
    ]
    functions = {name for each in statements for name in each.functions}
    tables = {table.name.lower() for each in statements for table in each.tables}
    tables = {_TABLES.get(name, name) for name in tables} | functions
    if "v" in tables:
        tables.add("users")
    if "table_list" in seen.pragmas:
        tables.add("v")
    if "dbstat" in tables:
        tables.add("sqlite_master")
    virtual = not tables.isdisjoint(VIRTUAL)
    if virtual:  # what full-text search asks, and the planner when it does
        tables.add("sqlite_stat1")
        functions.add("length")
    names = {name for each in statements for name in each.names}
    upper = text.upper()
    for name in sorted(seen.functions - functions):
        if not (name in _WRITTEN and name.upper() in upper):
            found.append(f"a call of {name}")
    for name in sorted(seen.tables - tables):
        found.append(f"the table {name}")
    for name in sorted(seen.pragmas - names):
        if f"pragma_{name}" not in tables and not (virtual and name in _ASKED):
            found.append(f"the pragma {name}")
    if seen.statements > len(statements):
        found.append(f"{seen.statements} statements where the Plan has {len(statements)}")
    return found


_ASKED = frozenset(("data_version", "page_size"))  # by virtual tables themselves

# What rules let pass, by the kind of statement that says so.
_PLANNED = {
    "transaction": frozenset(("begin", "commit", "rollback")),
    "savepoint": frozenset(("savepoint", "release", "rollback")),
    "pragma": frozenset(("pragma", "select", "explain")),
    "detach": frozenset(("detach",)),
}


def judged(engine: Engine, judge: Judge, construct: str, texts: Iterable[str]) -> list[Row]:
    """Rows of one construct: what is allowed runs, what is held is asked about."""
    ran = counted = held = opaque = beyond = 0
    missed: list[Miss] = []
    for text in texts:
        ran += 1
        decision = engine.decide(text, Context(), language=LANGUAGE)
        actions = read_sql(text, "sqlite", Limits())
        if decision.verdict is not Verdict.ALLOW:
            held += 1
            if judge.plan(text).beyond():
                beyond += 1
                opaque += any(isinstance(action.does, Opaque) for action in actions)
            continue
        seen = judge.run(text)
        counted += seen.statements
        statements = [action.does for action in actions if isinstance(action.does, Statement)]
        if found := unseen(seen, text, statements):
            missed.append(Miss(LANGUAGE, text, "; ".join(found)))
    return [
        Row(JUDGE, f"{construct}: allowed, ran", ran - held, counted, 0, tuple(missed)),
        Row(JUDGE, f"{construct}: held, would write", held, beyond, opaque),
    ]


@contextmanager
def judging() -> Iterator[Judge]:
    """A judge, whose files are deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="oracle-sqlite-") as directory, chdir(directory):
        judge = Judge(Path(directory))
        try:
            yield judge
        finally:
            judge.close()


def functions() -> list[str]:
    """Every function that this SQLite has, called with arguments of several kinds."""
    with closing(sqlite3.connect(":memory:")) as connection:
        names = sorted({row[0] for row in connection.execute("PRAGMA function_list")} - _WRITTEN)
    return calls_of(sorted({*names, *named_set("sql-functions-sqlite")}), ARGUMENTS, "t")


def run(part: Part) -> list[Row]:
    """`part.count` texts of all constructs, calls of functions and runs of the program besides."""
    source = random.Random(part.seed)
    choose = source.randrange
    engine = Engine.load()
    rows = sqlite_shell.run(Part(part.count // _TEXTS_PER_RUN, part.seed))
    with judging() as judge:
        calls = source.sample(functions(), part.count // 8)
        rows += judged(engine, judge, "functions", calls)
        for construct, share in _SHARES.items():
            count = max(1, part.count * share // sum(_SHARES.values()))
            texts = (statement(construct, choose) for _ in range(count))
            rows += judged(engine, judge, construct, texts)
    return rows

"""SQLite as the judge of its own dialect: its authorizer says what a statement does.

A statement that is allowed runs in a database of its own; any action but reading what the Plan
names is a miss, and so is a change of rows, settings, files, databases or the transaction that
no statement of the Plan begins. One that is held is only prepared, to see what it would do.
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from oracle.report import Miss, Part, Row
from oracle.sqlite_statements import SCHEMA, statement

from policy import Context, Decision, Engine, Verdict
from policy.parse.sql import read_sql
from policy.plan import Action, Limits, Opaque, Statement

LANGUAGE = "sql:sqlite"
JUDGE = f"SQLite {sqlite3.sqlite_version}"
_SHARES = {
    "query": 8, "pragmas": 3, "writes": 2, "session": 1, "several": 3, "mutated": 5, "foreign": 2,
}  # fmt: skip
_STEPS = 20_000  # of SQLite's machine, between looks at the clock; a query has forty

# Operators and words of SQL that SQLite reports as functions.
_WRITTEN = frozenset(("like", "glob", "regexp", "match", "->", "->>"))
_CLOCK = frozenset(("current_date", "current_time", "current_timestamp"))
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


@dataclass
class Seen:
    """What SQLite said of one text: its actions, in words that a miss is told with."""

    actions: Counter[str] = field(default_factory=Counter)
    tables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    pragmas: set[tuple[str, bool]] = field(default_factory=set)  # name, and whether with a value
    through: set[str] = field(default_factory=set)  # tables and functions that a view names
    statements: int = 0
    effects: list[str] = field(default_factory=list)

    def writes(self) -> list[str]:
        """Actions beyond reading; pragmas and transactions are judged by what they change."""
        plain = {"read", "select", "function", "recursive", "pragma", "transaction", "savepoint"}
        return [f"{name} {count}" for name, count in self.actions.items() if name not in plain]


@cache
def _template() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    found = connection.serialize()
    connection.close()
    return bytes(found)


@cache
def _settings() -> tuple[str, ...]:
    """Pragmas that tell a setting without changing one: what they tell must stay."""
    return (
        "application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill "
        "cell_size_check checkpoint_fullfsync data_version defer_foreign_keys encoding "
        "foreign_keys full_column_names fullfsync hard_heap_limit ignore_check_constraints "
        "journal_mode journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size "
        "page_size query_only read_uncommitted recursive_triggers reverse_unordered_selects "
        "schema_version secure_delete short_column_names soft_heap_limit synchronous temp_store "
        "threads trusted_schema user_version wal_autocheckpoint writable_schema"
    ).split()  # type: ignore[return-value]  # a list is as good


class Judge:
    """Runs texts, each in a copy of one database, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        (directory / "app.db").write_bytes(_template())
        self._before: tuple[object, ...] = ()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        (self._directory / "app.db").write_bytes(_template())
        connection = sqlite3.connect(self._directory / "app.db", isolation_level=None, timeout=0.1)
        connection.text_factory = bytes
        # Leads nowhere, but is there: a call that isn't known fails before anything is seen.
        connection.create_function("f", -1, lambda *_: None)
        self._before = self._state(connection)
        return connection

    def close(self) -> None:
        self._connection.close()

    def renew(self) -> None:
        """A new database, where a text may have left something behind."""
        self._connection.close()
        for each in self._directory.iterdir():
            each.unlink()
        self._connection = self._open()

    def run(self, text: str) -> Seen:
        """Runs the text and says what it did, and what it left behind."""
        seen = self._prepared(text, run=True)
        after = self._state(self._connection)
        seen.effects += [
            f"{name}: {old!r} became {new!r}"
            for (name, old), (_, new) in zip(self._before, after, strict=True)  # type: ignore[misc]
            if old != new
        ]
        if seen.effects or self._connection.in_transaction or seen.writes():
            self.renew()
        return seen

    def plan(self, text: str) -> Seen:
        """What the text's statements would do: each is refused at its first write."""
        seen = self._prepared(text, run=False)
        if seen.actions.keys() & {"pragma", "transaction", "savepoint"}:
            self.renew()
        return seen

    def _prepared(self, text: str, *, run: bool) -> Seen:
        seen = Seen()
        connection = self._connection

        def authorize(
            code: int, one: str | None, two: str | None, schema: str | None, inner: str | None
        ) -> int:
            name = _NAMES.get(code, f"action {code}")
            seen.actions[name] += 1
            if name == "read" and one is not None:
                (seen.through if inner else seen.tables).add(one.lower())
            elif name == "function" and two is not None:
                (seen.through if inner else seen.functions).add(two.lower())
            elif name == "pragma" and one is not None:
                seen.pragmas.add((one.lower(), two is not None))
            elif name not in ("select", "recursive") and not run:
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK

        ticks = iter(range(40))
        connection.set_authorizer(authorize)
        connection.set_trace_callback(
            lambda sql: seen.__setattr__("statements", seen.statements + (not sql.startswith("--")))
        )
        connection.set_progress_handler(lambda: next(ticks, None) is None, _STEPS)
        try:
            connection.executescript(text)
        except (sqlite3.Error, sqlite3.Warning, ValueError, UnicodeEncodeError, MemoryError):
            pass  # what was seen until then counts
        finally:
            connection.set_authorizer(None)
            connection.set_trace_callback(None)
            connection.set_progress_handler(None, 0)
        return seen

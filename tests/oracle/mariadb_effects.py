"""What statements leave behind in a MariaDB server and in the session that ran them.

Looks go through a second connection, but for what only the session itself can tell.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pymysql

from oracle.mariadb_server import Server

# What looking changes, and the clock; the locks that reading takes.
_VOLATILE = frozenset(
    "timestamp rand_seed1 rand_seed2 last_insert_id identity insert_id error_count warning_count "
    "pseudo_thread_id in_transaction gtid_binlog_pos gtid_current_pos last_gtid "
    "innodb_buffer_pool_dump_now innodb_buffer_pool_load_now".split()
)
_SYSTEM = (
    "columns_priv db event func global_priv gtid_slave_pos index_stats innodb_index_stats "
    "innodb_table_stats plugin proc procs_priv proxies_priv roles_mapping servers table_stats "
    "tables_priv time_zone time_zone_name general_log slow_log column_stats"
).split()
_TABLES = "t users orders log keep".split()
_CHECKSUM = ", ".join(
    [*(f"app.{name}" for name in _TABLES), *(f"mysql.{name}" for name in _SYSTEM)]
)
_LOOKS = {
    "contents": f"CHECKSUM TABLE {_CHECKSUM}",
    "sequence": "SELECT next_not_cached_value FROM app.s",
    "tables": "SELECT table_schema, table_name, table_type FROM information_schema.tables",
    "routines": "SELECT routine_schema, routine_name FROM information_schema.routines",
    "global variables": "SHOW GLOBAL VARIABLES",
    "plugins": "SELECT plugin_name, plugin_status FROM information_schema.plugins",
    "databases": "SHOW DATABASES",
}
_ROWS = "t users orders log".split()
_READS = "Table metadata lock"
_COUNTED = frozenset(
    "select begin commit rollback rollback_to_savepoint savepoint release_savepoint change_db "
    "unlock_tables dealloc_sql help empty_query multi stmt_close".split()
)
"""Counters of commands (`Com_…`) that rules let pass; every `show_…` besides."""


class Watch:
    """Looks at a server from outside, and at sessions from inside."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._monitor = server.connect(autocommit=True)
        self._bystander = server.connect()
        self._state = self.state()

    def close(self) -> None:
        for connection in (self._monitor, self._bystander):
            with suppress(pymysql.Error):
                connection.close()

    def state(self) -> dict[str, Any]:
        """Everything that must not change, by name."""
        found: dict[str, Any] = {}
        for name, query in _LOOKS.items():
            try:
                rows = self._rows(query)
            except pymysql.Error as error:  # somebody dropped what it asks for
                rows = [(str(error),)]
            found[name] = {row[0:2]: row for row in rows if row[0] not in _VOLATILE}
        found["files"] = {
            f"{path}/{name}": None
            for path, _, names in os.walk(self._server.directory)
            for name in names
            if path != str(self._server.directory) and "#sql" not in name and "aria_log" not in name
        }
        return found

    def changes(self) -> list[str]:
        """What is not as it was at the last call."""
        before, self._state = self._state, self.state()
        found = [
            f"{name}, {key}: {before[name].get(key)} became {now.get(key)}"
            for name, now in self._state.items()
            for key in now.keys() | before[name].keys()
            if now.get(key, 0) != before[name].get(key, 0)
        ]
        try:
            self._bystander.ping(reconnect=False)
        except pymysql.Error:
            found.append("another session was ended")
            self._bystander.close()
            self._bystander = self._server.connect()
        return found

    def held(self, session: Any) -> tuple[list[str], set[str], set[str]]:
        """Locks beyond those for reading, the tables read and the stored functions called."""
        locks: list[str] = []
        tables: set[str] = set()
        functions: set[str] = set()
        for mode, kind, schema, name in self._rows(
            "SELECT lock_mode, lock_type, table_schema, table_name "
            f"FROM information_schema.metadata_lock_info WHERE thread_id = {session.thread_id()}"
        ):
            if kind == _READS and mode == "MDL_SHARED_READ":
                tables.add(f"{schema}.{name}")
            elif kind == "Stored function metadata lock":
                functions.add(name)
            else:
                locks.append(f"{kind} of {schema}.{name} ({mode})")
        for name in _ROWS:
            try:
                self._rows(f"SELECT 1 FROM app.{name} FOR UPDATE NOWAIT")  # ours
            except pymysql.Error:
                locks.append(f"rows locked in {name}")
        return locks, tables, functions

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._monitor.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


def session_state(session: Any) -> dict[str, Any]:
    """Variables of a session and its users', and the commands counted."""
    with session.cursor() as cursor:
        cursor.execute("SHOW SESSION VARIABLES")
        found = {f"@@{name}": value for name, value in cursor.fetchall() if name not in _VOLATILE}
        cursor.execute(
            "SELECT variable_name, variable_value FROM information_schema.user_variables"
        )
        found |= {f"@{name}": value for name, value in cursor.fetchall()}
        cursor.execute("SELECT DATABASE()")
        found["database"] = cursor.fetchone()
        cursor.execute("SHOW SESSION STATUS LIKE 'Com\\_%'")
        for name, value in cursor.fetchall():
            command = name.removeprefix("Com_").lower()
            if command not in _COUNTED and not command.startswith("show_"):
                found[name] = value
    return found

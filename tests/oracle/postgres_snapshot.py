"""Everything that a statement can leave behind, as one comparable value.

What is not compared, and why (the list is closed):

* statistics of use (`pg_stat_*` but for the times of their resets): every statement counts;
* log files, `pg_internal.init` and other caches that the server rebuilds for itself;
* hint bits: they say again what the commit log says;
* the state of random(), and what lastval() and now() answer: no other session can see it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from oracle.postgres_session import Session

State = dict[str, Any]

_RELATIONS = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'S', 'm') AND n.nspname <> 'information_schema' ORDER BY 1"""
_HASH = """
    SELECT '{0}', count(*), sum(hashtextextended(t::text, 0)), max(xmin::text::bigint)
    FROM {0} AS t"""
_SERVER = {
    "transactions begun that write": "pg_snapshot_xmax(pg_current_snapshot())",
    "the position in the log of changes": "pg_current_wal_insert_lsn()",
    "configuration read": "pg_conf_load_time()",
    "statistics reset": """(SELECT array_agg(s ORDER BY s) FROM (
        SELECT stats_reset::text AS s FROM pg_stat_database
        UNION ALL SELECT stats_reset::text FROM pg_stat_bgwriter
        UNION ALL SELECT stats_reset::text FROM pg_stat_wal
        UNION ALL SELECT stats_reset::text FROM pg_stat_archiver
        UNION ALL SELECT stats_reset::text FROM pg_stat_slru) x)""",
    "other sessions": """(SELECT array_agg((pid, backend_start, state, query_start)::text
        ORDER BY pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND application_name = 'victim')""",
    "locks kept": """(SELECT array_agg((locktype, mode, objid)::text ORDER BY 1) FROM pg_locks
        WHERE pid = pg_backend_pid() AND (locktype = 'advisory' OR relation >= 16384))""",
    "prepared transactions": "(SELECT count(*) FROM pg_prepared_xacts)",
}
_SESSION = """
    SELECT 'set ' || lower(name), setting FROM pg_settings WHERE context IN ('user', 'superuser')
    UNION ALL SELECT 'prepare ' || name, statement FROM pg_prepared_statements
    UNION ALL SELECT 'declare ' || name, statement FROM pg_cursors WHERE name <> ''
    UNION ALL SELECT 'listen ' || c, '' FROM pg_listening_channels() AS c
    UNION ALL SELECT 'the user', current_user || ' ' || session_user"""
_REBUILT = frozenset(("log", "pg_wal", "pg_stat_tmp", "pg_stat", "pg_internal.init", "pgsql_tmp"))


def world(session: Session, data: Path, files: Path) -> State:
    """What others can see: relations, the server, files."""
    relations = [row[0] for row in session.rows(_RELATIONS)]
    hashes = session.rows(" UNION ALL ".join(_HASH.format(each) for each in relations))
    found: State = {row[0]: row[1:] for row in hashes}
    values = session.rows("SELECT " + ", ".join(_SERVER.values()))[0]
    found.update(zip(_SERVER, values, strict=True))
    found.update(_files(data, contents=False))
    found.update(_files(files, contents=True))
    return found


def own(session: Session) -> State:
    """What the session keeps: settings, prepared statements, cursors, channels, its user."""
    return dict(session.rows(_SESSION))


def changed(before: State, after: State) -> list[str]:
    """Names of what isn't as it was."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def _files(root: Path, *, contents: bool) -> State:
    found: State = {}
    for path in root.rglob("*"):
        inside = path.relative_to(root)
        if not _REBUILT.isdisjoint(inside.parts) or not path.is_file():
            continue
        configures = path.suffix == ".conf"
        if contents or configures:
            found[f"the file {inside}"] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif not path.name.split("_")[0].split(".")[0].isdigit():
            found[f"the file {inside}"] = True  # those of relations are in the catalogue
    return found

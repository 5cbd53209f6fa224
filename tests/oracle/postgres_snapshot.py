"""Everything that a statement can leave behind, as one comparable value.

What is not compared, and why (the list is closed):

* statistics of use (`pg_stat_*` but for the times of their resets): every statement counts;
* log files, `pg_internal.init` and other caches that the server rebuilds for itself;
* hint bits: they say again what the commit log says;
* the state of random(), and what lastval() and now() answer: no other session can see it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from oracle.postgres_session import Session

State = dict[str, Any]

_RELATIONS = """
    SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'S' FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'S', 'm') AND n.nspname <> 'information_schema' ORDER BY 1"""
_HASH = """
    SELECT '{0}', count(*), sum(hashtextextended(t::text, 0)), max(xmin::text::bigint)
    FROM {0} AS t"""
_SEQUENCE = "SELECT '{0}', last_value, hashtext(is_called::text)::numeric, 0 FROM {0}"
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
    "prepared transactions": "(SELECT count(*) FROM pg_prepared_xacts)",
}
_SESSION = """
    SELECT 'set ' || lower(name), setting FROM pg_settings
    WHERE context IN ('user', 'superuser') AND name NOT LIKE 'transaction%'
    UNION ALL SELECT 'prepare ' || name, statement FROM pg_prepared_statements
    UNION ALL SELECT 'declare ' || name, statement FROM pg_cursors WHERE name <> ''
    UNION ALL SELECT 'listen ' || c, '' FROM pg_listening_channels() AS c
    UNION ALL SELECT concat_ws(' ', 'a lock', mode, classid, objid), '' FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'advisory'
    UNION ALL SELECT 'the user', current_user || ' ' || session_user"""
_RELATION = re.compile(r"[0-9]+(_[a-z]+)?(\.[0-9]+)?|[0-9A-F]{4}")
_REBUILT = frozenset(("log", "pg_wal", "pg_stat_tmp", "pg_stat", "pg_internal.init", "pgsql_tmp"))


def world(session: Session, data: Path, files: Path) -> State:
    """What others can see: relations, the server, files."""
    hashes = session.rows(
        " UNION ALL ".join(
            (_SEQUENCE if is_sequence else _HASH).format(name)
            for name, is_sequence in session.rows(_RELATIONS)
        )
    )
    found: State = {row[0]: row[1:] for row in hashes}
    values = session.rows("SELECT " + ", ".join(_SERVER.values()))[0]
    found.update(zip(_SERVER, values, strict=True))
    found.update(_files(data, contents=False))
    found.update(_files(files, contents=True))
    return found


def own(session: Session) -> State:
    """What the session keeps: settings, prepared statements, cursors, channels, locks, its user."""
    return dict(session.rows(_SESSION))


def changed(before: State, after: State) -> list[str]:
    """Names of what isn't as it was."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def _files(root: Path, *, contents: bool) -> State:
    found: State = {}
    for place, directories, names in os.walk(root):
        directories[:] = [each for each in directories if each not in _REBUILT]
        for name in names:
            if contents or name.endswith(".conf"):
                found[f"the file {name}"] = (Path(place) / name).read_bytes()
            elif not _RELATION.fullmatch(name) and name not in _REBUILT:
                found[f"the file {name}"] = True  # those of relations are in the catalogue
    return found

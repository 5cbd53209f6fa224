"""A PostgreSQL server of the tests' own: started for one process, stopped whatever happens.

It listens on a socket in a temporary directory and nowhere else, has neither network nor a
writable path of the machine (bubblewrap), and runs under an account without rights where we are
root. Everything that makes a server keep its promises to a disk is off.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from oracle.needs import missing, program
from oracle.postgres_schema import ROLES, SCHEMA

ADMIN = "postgres"
OWNER = "app"
"""Owns what the schema has, and may do nothing outside of it."""
TEMPLATE = "pristine"

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "30",
    "checkpoint_timeout": "1d",
    "autovacuum": "off",  # nothing happens that no statement did
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_filename": "server",
    "log_rotation_age": "0",
    "log_rotation_size": "0",
    "log_file_mode": "0644",
}
_SECONDS = 20.0


class Server(AbstractContextManager["Server"]):
    """A running server with the schema of `postgres_schema.py` in the database `TEMPLATE`.

    `sockets` is the directory of its socket, `data` its data directory, `files` one that
    COPY can write.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _account()
        self.root = Path(tempfile.mkdtemp(prefix="oracle-pg-"))
        self.root.chmod(0o755)
        self.data, self.sockets, self.files = (self.root / name for name in ("data", "run", "out"))
        try:
            self._start()
            self._prepare()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def connect(self, database: str = TEMPLATE, user: str = ADMIN, **more: Any) -> Any:
        """A psycopg connection that commits by itself."""
        import psycopg

        return psycopg.connect(
            host=str(self.sockets), dbname=database, user=user, autocommit=True, **more
        )

    def fresh(self, name: str) -> None:
        """A new copy of the schema's database under that name."""
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")

    def queries(self, application: str) -> list[str]:
        """Every text that the sessions of that name sent, in order, once the last has ended."""
        path = self.data / "log" / "server.json"
        until = time.monotonic() + _SECONDS
        while True:
            records = list(_records(path, application))
            begun = sum("connection authorized" in each["message"] for each in records)
            ended = sum("disconnection" in each["message"] for each in records)
            if begun == ended:
                return [text for each in records if (text := _query(each)) is not None]
            if time.monotonic() > until:
                raise TimeoutError(f"the log of {application} has no end")
            time.sleep(0.005)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()  # bubblewrap, and all of the server with it
            self._process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def _start(self) -> None:
        for directory in (self.data, self.sockets, self.files):
            directory.mkdir(mode=0o755)
            if self._user is not None:
                os.chown(directory, self._user, -1)
        initdb = [str(program("initdb")), "-D", str(self.data), "-U", ADMIN, "-A", "trust"]
        initdb += ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            self._contained(initdb), user=self._user, check=True, stdout=subprocess.DEVNULL,
            extra_groups=[] if self._user is not None else None, env={},
        )  # fmt: skip
        settings = _SETTINGS | {"unix_socket_directories": str(self.sockets)}
        server = [str(program("postgres")), "-D", str(self.data)]
        server += [word for item in settings.items() for word in ("-c", "=".join(item))]
        self._process = subprocess.Popen(
            self._contained(server), user=self._user, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            extra_groups=[] if self._user is not None else None, env={},
        )  # fmt: skip

    def _contained(self, words: list[str]) -> list[str]:
        return [
            str(program("bwrap")), "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/",
            "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
            "--bind", str(self.root), str(self.root), "--chdir", str(self.root), *words,
        ]  # fmt: skip

    def _prepare(self) -> None:
        import psycopg

        until = time.monotonic() + _SECONDS
        while True:
            try:
                with self.connect("postgres") as connection:
                    for statement in ROLES:
                        connection.execute(statement)
                    connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
                break
            except psycopg.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.01)
        with self.connect() as connection:
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute("VACUUM (FREEZE, ANALYZE)")  # later reads find nothing to tidy up
            connection.execute("CHECKPOINT")


def lacking() -> str | None:
    """What this machine lacks to run a server, as a sentence, or None."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed: see CONTRIBUTING.md, Oracles"
    return missing("postgres", "initdb", "bwrap")


def _account() -> int | None:
    """Whom the server runs as: ourselves, or not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        return pwd.getpwnam("nobody").pw_uid


def _records(path: Path, application: str) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        if line.endswith("\n") and application in line:
            record = json.loads(line)
            if record.get("application_name") == application or application in record["message"]:
                yield record


def _query(record: dict[str, Any]) -> str | None:
    message: str = record["message"]
    if record["error_severity"] == "LOG" and message.startswith("statement: "):
        return message.removeprefix("statement: ")
    if record.get("statement") and record["error_severity"] == "ERROR":
        return str(record["statement"])  # what has no syntax is logged with its error alone
    return None

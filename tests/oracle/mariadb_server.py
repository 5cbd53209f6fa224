"""A MariaDB server of one's own: started on a socket in a new directory, always stopped.

It runs inside bubblewrap: without network, the file system read-only but for its directory, and
dead when its parent is. Parallel runs have a server each.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from oracle.needs import missing, program

_INSTALL = (
    "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
    "--skip-name-resolve", "--user=root",
)  # fmt: skip
_OPTIONS = (
    "--no-defaults", "--user=root", "--skip-networking", "--skip-name-resolve", "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=8M", "--innodb-lock-wait-timeout=1", "--lock-wait-timeout=1",
    "--max-statement-time=1", "--event-scheduler=OFF", "--plugin-load-add=metadata_lock_info",
    "--innodb-stats-auto-recalc=OFF",  # else they change some time after a change
)  # fmt: skip
_SECONDS = 60


class Unavailable(Exception):
    """No server can be started here; the message says what is missing."""


class Server(AbstractContextManager["Server"]):
    """Runs until the end of a `with`. Raises `Unavailable`.

    `root` may do anything, `agent` change rows in the database `app`, `reader` only read them.
    """

    def __init__(self, *options: str, schema: str = "") -> None:
        lacking = missing("mariadbd", "mariadb-install-db", "bwrap")
        if lacking:
            raise Unavailable(lacking)
        self.directory = Path(tempfile.mkdtemp(prefix="oracle-mariadb-"))
        self.directory.chmod(0o755)
        self.data = self.directory / "data"
        self.socket = self.directory / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        self._options = options
        try:
            self._install()
            self._start()
            self._fill(schema)
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server and deletes its files."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def restart(self) -> bool:
        """Starts it again where it is dead, as some statements leave it; whether it was."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
                self._start()
                return True
        return False

    def connect(self, user: str = "root", *, several: bool = False, **more: Any) -> Any:
        """A connection that commits nothing by itself; `several` statements may stand in a text."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user=user,
            database="app",
            charset="utf8mb4",
            client_flag=CLIENT.MULTI_STATEMENTS if several else 0,
            read_timeout=20,
            ssl_disabled=True,  # making a context takes longer than everything else
            **more,
        )

    def _inside(self) -> list[str]:
        return [
            str(program("bwrap")), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
            "--tmpfs", "/tmp", "--bind", str(self.directory), str(self.directory),
            "--unshare-net", "--unshare-pid", "--die-with-parent", "--new-session",
        ]  # fmt: skip

    def _install(self) -> None:
        log = self.directory / "log"
        command = [*self._inside(), str(program("mariadb-install-db")), *_INSTALL]
        with log.open("wb") as output:
            installed = subprocess.run(
                [*command, f"--datadir={self.data}"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
            )  # fmt: skip
        if installed.returncode:
            raise Unavailable(f"mariadb-install-db failed: {_tail(log)}")

    def _start(self) -> None:
        log = self.directory / "log"
        command = [
            *self._inside(), str(program("mariadbd")), *_OPTIONS, f"--datadir={self.data}",
            f"--socket={self.socket}", f"--secure-file-priv={self.data}",
            f"--pid-file={self.directory}/pid", *self._options,
        ]  # fmt: skip
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"},
            )  # fmt: skip
        limit = time.monotonic() + _SECONDS
        while time.monotonic() < limit and self._process.poll() is None:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
                knock.connect(str(self.socket))
                if knock.recv(5)[-1:] == b"\n":  # the protocol's version, 10: it takes connections
                    return
            time.sleep(0.05)
        shown = _tail(log)
        hint = " (the package mariadb-server brings it)" if "metadata_lock_info" in shown else ""
        raise Unavailable(f"mariadbd did not start{hint}: {shown}")

    def _fill(self, schema: str) -> None:
        connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            client_flag=CLIENT.MULTI_STATEMENTS,
            ssl_disabled=True,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(_ACCOUNTS + schema)
            while cursor.nextset():
                pass
            connection.commit()


_ACCOUNTS = """
CREATE DATABASE app;
CREATE USER agent@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, LOCK TABLES ON app.* TO agent@localhost;
CREATE USER reader@localhost; GRANT SELECT ON app.* TO reader@localhost;
USE app;
"""


def _tail(log: Path) -> str:
    return " ".join(log.read_text("utf-8", "replace").split("\n")[-4:])[-500:]

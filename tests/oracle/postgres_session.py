"""A session in which the server itself splits a text into statements (the simple protocol)."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import Any

_SECONDS = 2.0


@dataclass(frozen=True)
class Answer:
    """What the server said of one text: a tag for each statement that it ran, and its error.

    `error` is a SQLSTATE, `lost` for a session that ended, None where all went well.
    """

    tags: tuple[str, ...]
    error: str | None


class Session:
    """One connection, made again when it is lost."""

    def __init__(self, server: Any, database: str, user: str) -> None:
        self._arguments = server, database, user
        self._open()

    def _open(self) -> None:
        server, database, user = self._arguments
        self.connection = server.connect(database, user)
        self.link = self.connection.pgconn
        self.forget()

    def forget(self) -> None:
        """Ends the transaction, and makes the session as if nothing had been said in it."""
        if self.in_transaction:
            self.ask("ROLLBACK")
        self.ask("DISCARD ALL")
        self.ask("SET statement_timeout = '1s'; SET client_min_messages = error")

    def close(self) -> None:
        self.connection.close()

    def again(self) -> None:
        """A new session in place of this one."""
        self.close()
        self._open()

    @property
    def in_transaction(self) -> bool:
        return int(self.link.transaction_status) != 0

    def ask(self, text: str) -> Answer:
        """Sends `text` as it is; sends no rows to a COPY, and stops what takes too long."""
        import psycopg

        try:
            return self._ask(text)
        except psycopg.OperationalError:
            self.again()
            return Answer((), "lost")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query of the judge's own."""
        return list(self.connection.execute(query, prepare=False).fetchall())

    def _ask(self, text: str) -> Answer:
        from psycopg.pq import ExecStatus

        self.link.send_query(text.encode())
        tags: list[str] = []
        error: str | None = None
        until = time.monotonic() + _SECONDS
        while True:
            self._wait(until)
            result = self.link.get_result()
            if result is None:
                return Answer(tuple(tags), error)
            match result.status:
                case ExecStatus.COPY_OUT:
                    while self.link.get_copy_data(0)[0] > 0:
                        pass
                case ExecStatus.COPY_IN:
                    self.link.put_copy_end(b"the judge has no rows")
                case ExecStatus.FATAL_ERROR:
                    error = (result.error_field(67) or b"lost").decode()  # PG_DIAG_SQLSTATE
                case ExecStatus.EMPTY_QUERY:
                    pass
                case _:
                    tags.append((result.command_status or b"").decode())

    def _wait(self, until: float) -> None:
        while self.link.is_busy():
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.link.socket], [], [], left)[0]:
                self.link.get_cancel().cancel()
                until = time.monotonic() + _SECONDS
                continue
            self.link.consume_input()

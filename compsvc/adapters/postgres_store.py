"""The book in a PostgreSQL database, named by its URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from compsvc.adapters.postgres_file import WRITER_LOCK, Connection, clear_errors, migrate
from compsvc.adapters.sql import Sql
from compsvc.adapters.sql_reader import SqlReader
from compsvc.adapters.sql_store import SqlStore
from compsvc.core.limits import BUSY_SECONDS, MAX_IDLE_READERS
from compsvc.service.ports import Clock, Mutation


class _Reads:
    """Connections for reads. One on which anything failed is not used again."""

    def __init__(self, url: str, *, most_idle: int) -> None:
        self._url, self._most_idle = url, most_idle
        self._idle: list[Connection] = []  # opened for an earlier read, and free

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def one(self) -> Iterator[Sql]:
        with clear_errors(self._url):
            connection = self._taken()
            try:
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield connection
                connection.execute("ROLLBACK")
            except BaseException:
                connection.close()
                raise
            if len(self._idle) < self._most_idle:
                self._idle.append(connection)
            else:
                connection.close()

    def _taken(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.answers():
                return connection
            connection.close()
        return Connection(self._url)


class PostgresReader(SqlReader):
    """A book that is only looked at: no connection outlives a read."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._reads = _Reads(url, most_idle=0)

    def reading(self) -> AbstractContextManager[Sql]:
        return self._reads.one()


class PostgresStore(SqlStore):
    """Several servers may share one book: one request is stored at a time, whoever stores it."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(clock)
        self._url, self._write_lock = url, threading.Lock()
        self._reads = _Reads(url, most_idle=MAX_IDLE_READERS)
        with clear_errors(url):
            migrate(url, clock)
            self._writer = Connection(url)

    def close(self) -> None:
        self._reads.close()
        with self._write_lock:
            self._writer.close()

    def reading(self) -> AbstractContextManager[Sql]:
        return self._reads.one()

    @contextmanager
    def writing(self, mutation: Mutation) -> Iterator[Sql]:
        with clear_errors(self._url), self._write_lock:
            if not self._writer.answers():
                self._writer.close()
                self._writer = Connection(self._url)
            write = self._writer
            try:
                write.execute("BEGIN")
                write.execute(f"SET LOCAL lock_timeout = {int(BUSY_SECONDS * 1000)}")
                write.execute(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
                yield write
                mutation.proceed()
                write.execute("ROLLBACK" if mutation.validate_only else "COMMIT")
            except BaseException:
                if write.answers():
                    write.execute("ROLLBACK")
                raise

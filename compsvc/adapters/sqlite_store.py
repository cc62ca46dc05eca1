"""The book in one SQLite file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from compsvc.adapters.sql import Sql
from compsvc.adapters.sql_reader import SqlReader
from compsvc.adapters.sql_store import SqlStore
from compsvc.adapters.sqlite_file import Connection, clear_errors, connect, create_private, migrate
from compsvc.core.limits import MAX_IDLE_READERS
from compsvc.service.ports import Clock, Mutation


class _Reads:
    """Connections for reads. One on which anything failed is not used again."""

    def __init__(self, path: Path, *, most_idle: int) -> None:
        self._path, self._most_idle = path, most_idle
        self._idle: list[Connection] = []  # opened for an earlier read, and free: to open one costs more

    @contextmanager
    def one(self) -> Iterator[Sql]:
        with clear_errors(self._path):
            connection = self._taken()
            try:
                connection.execute("BEGIN")
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
        try:
            return self._idle.pop()
        except IndexError:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            return connection

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


class SqliteReader(SqlReader):
    """A book that is only looked at: no connection outlives a read."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._reads = _Reads(path, most_idle=0)

    def reading(self) -> AbstractContextManager[Sql]:
        return self._reads.one()


class SqliteStore(SqlStore):
    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(clock)
        self._path, self._write_lock = path, threading.Lock()
        self._reads = _Reads(path, most_idle=MAX_IDLE_READERS)
        with clear_errors(path):
            create_private(path)
            self._writer = connect(path)
            try:
                migrate(self._writer, path, clock)
            except BaseException:
                self._writer.close()
                raise

    def close(self) -> None:
        self._reads.close()
        with self._write_lock:
            self._writer.close()

    def reading(self) -> AbstractContextManager[Sql]:
        return self._reads.one()

    @contextmanager
    def writing(self, mutation: Mutation) -> Iterator[Sql]:
        with clear_errors(self._path), self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                mutation.proceed()
                self._writer.execute("ROLLBACK" if mutation.validate_only else "COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

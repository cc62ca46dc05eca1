"""The book in one SQLite file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compsvc.adapters.sql import Reads, Sql
from compsvc.adapters.sql_reader import SqlReader
from compsvc.adapters.sql_store import SqlStore
from compsvc.adapters.sqlite_file import Connection, clear_errors, connect, create_private, migrate
from compsvc.core.limits import MAX_IDLE_READERS
from compsvc.service.ports import Clock, Mutation, Unavailable


def sqlite_reader(path: Path) -> SqlReader:
    """A book that is only looked at: no connection outlives a read."""
    return SqlReader(_reads(path, most_idle=0))


def _reads(path: Path, *, most_idle: int) -> Reads:
    def opened() -> Connection:
        connection = connect(path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    return Reads(opened, lambda: clear_errors(path), begin="BEGIN", most_idle=most_idle)


class SqliteStore(SqlStore):
    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(_reads(path, most_idle=MAX_IDLE_READERS), clock)
        self._path, self._write_lock = path, threading.Lock()
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

    def scrub(self) -> None:
        with clear_errors(self._path), self._write_lock:
            self._writer.execute("VACUUM")
            if self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                message = f"Somebody reads `{self._path}`, so that the file keeps what was erased. Send the same again."
                raise Unavailable("BOOK_LOCKED", message, path=str(self._path))

    @contextmanager
    def writing(self, mutation: Mutation) -> Iterator[Sql]:
        with clear_errors(self._path), self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                write = self.linked(self._writer)
                yield write
                write.link()
                mutation.proceed()
                self._writer.execute("ROLLBACK" if mutation.validate_only else "COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

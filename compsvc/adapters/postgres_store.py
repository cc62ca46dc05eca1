"""The book in a PostgreSQL database, named by its URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from compsvc.adapters.postgres_file import WRITER_LOCK, Connection, clear_errors, migrate
from compsvc.adapters.sql import Reads, Sql
from compsvc.adapters.sql_reader import SqlReader
from compsvc.adapters.sql_store import SqlStore
from compsvc.core.limits import BUSY_SECONDS, MAX_IDLE_READERS
from compsvc.service.ports import Clock, Mutation


def postgres_reader(url: str) -> SqlReader:
    """A book that is only looked at: no connection outlives a read."""
    return SqlReader(_reads(url, most_idle=0))


def _reads(url: str, *, most_idle: int) -> Reads:
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    return Reads(lambda: Connection(url), lambda: clear_errors(url), begin=begin, most_idle=most_idle)


class PostgresStore(SqlStore):
    """Several servers may share one book: one request is stored at a time, whoever stores it."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(_reads(url, most_idle=MAX_IDLE_READERS), clock)
        self._url, self._write_lock = url, threading.Lock()
        with clear_errors(url):
            migrate(url, clock)
            self._writer = Connection(url)

    def close(self) -> None:
        self._reads.close()
        with self._write_lock:
            self._writer.close()

    def scrub(self) -> None:
        with clear_errors(self._url), self._write_lock:
            self._writer.execute("VACUUM (FULL) participants")

    @contextmanager
    def writing(self, mutation: Mutation) -> Iterator[Sql]:
        with clear_errors(self._url), self._write_lock:
            if not self._writer.answers():
                self._writer.close()
                self._writer = Connection(self._url)
            write = self._writer
            try:
                patience = f"SET LOCAL lock_timeout = {int(BUSY_SECONDS * 1000)}"
                write.execute(f"BEGIN; {patience}; SELECT pg_advisory_xact_lock({WRITER_LOCK})")
                linked = self.linked(write)
                yield linked
                linked.link()
                mutation.proceed()
                write.execute("ROLLBACK" if mutation.validate_only else "COMMIT")
            except BaseException:
                if write.answers():
                    write.execute("ROLLBACK")
                raise

"""The book in one SQLite file: every row is only ever added, and each request is one transaction.

A row that is loaded again with other content is stored beside its older versions, under the number of the request
that brought it; the newest version counts. Deals carry their own revision as well, and are refused where that does not
rise. `SqliteStore` is the Store port; the tables stand in sqlite_schema.py, reading in sqlite_reader.py, what a request
changes in sqlite_changes.py.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from compsvc.adapters.sqlite_changes import change_of, insert, insert_plan, refuse_second_text
from compsvc.adapters.sqlite_file import clear_errors, connect, create_private, instant_text, migrate
from compsvc.adapters.sqlite_reader import SqliteReader
from compsvc.adapters.sqlite_rows import first_answer, loaded_by, stored_plan
from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_IDLE_READERS
from compsvc.service.ports import KINDS, Clock, Loaded, Mutation, PlanRecord


class SqliteStore(SqliteReader):
    """One file, one writer at a time, any number of readers."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(path, most_idle=MAX_IDLE_READERS)
        self._clock, self._write_lock = clock, threading.Lock()
        with clear_errors(path):
            create_private(path)
            self._writer = connect(path)
            try:
                migrate(self._writer, path, clock)
            except BaseException:
                self._writer.close()
                raise

    def close(self) -> None:
        super().close()
        with self._write_lock:
            self._writer.close()

    def append(self, facts: Facts, mutation: Mutation) -> Loaded:
        with self._writing(mutation) as write:
            first = first_answer(write, mutation)
            if first is not None:
                return first
            changes = [change_of(write, kind, facts) for kind in KINDS if getattr(facts, kind).height]
            counts = Loaded(
                created=sum(change.created for change in changes),
                unchanged=sum(change.unchanged for change in changes),
                revised=sum(change.revised for change in changes),
                position=None,
                recorded_time=None,
            )
            if mutation.validate_only:
                return counts
            request = self._record(write, mutation, counts, answer=None)
            for change in changes:
                insert(write, change, request)
            return loaded_by(write, request)

    def append_plan(self, record: PlanRecord, mutation: Mutation) -> PlanRecord:
        with self._writing(mutation) as write:
            is_repeated, stored = first_answer(write, mutation) is not None, stored_plan(write, record)
            if stored is None:
                refuse_second_text(write, record)
            if mutation.validate_only or is_repeated:
                return stored or record
            created = int(stored is None)
            counts = Loaded(created=created, unchanged=1 - created, revised=0, position=None, recorded_time=None)
            request = self._record(write, mutation, counts, answer=f"plans/{record.plan}@{record.revision}")
            if stored is not None:
                return stored
            insert_plan(write, record, request)
            return replace(record, position=request, recorded_time=loaded_by(write, request).recorded_time)

    def _record(self, write: sqlite3.Connection, mutation: Mutation, counts: Loaded, *, answer: str | None) -> int:
        """The request's number. Its time is never before that of the request before it, whatever the clock does."""
        last, last_time = write.execute("SELECT max(request), max(recorded_time) FROM requests").fetchone()
        request, now = (last or 0) + 1, max(instant_text(self._clock.now()), last_time or "")
        row = (request, mutation.request_id, mutation.fingerprint, mutation.subject, now)
        values = (*row, counts.created, counts.unchanged, counts.revised, answer)
        write.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return request

    @contextmanager
    def _writing(self, mutation: Mutation) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when this returns. Nothing is committed where nobody waits any more."""
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

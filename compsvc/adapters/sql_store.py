"""The book, in either database: every row is only ever added, and each request is one transaction.

A row that is loaded again with other content is stored beside its older versions, under the number of the request
that brought it; the newest version counts. Deals carry their own revision as well, and are refused where that does not
rise. The tables stand in sql_tables.py, the steps that make them in sql_steps.py, reading in sql_reader.py, what a
request changes in sql_changes.py; what only one database needs in sqlite_store.py and postgres_store.py.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from compsvc.adapters.sql import Reads, Sql, instant, instant_text
from compsvc.adapters.sql_chain import Linked
from compsvc.adapters.sql_changes import (
    Change,
    changes_of,
    changes_of_each,
    counted,
    insert,
    insert_plan,
    refuse_second_text,
)
from compsvc.adapters.sql_reader import SqlReader
from compsvc.adapters.sql_rows import first_answer, first_answers, loaded_by, position_of, stored_plan
from compsvc.core.facts import Facts
from compsvc.service.ports import Clock, Loaded, Mutation, PlanRecord

_REQUEST = (
    *("request", "request_id", "fingerprint", "subject", "recorded_time", "created", "unchanged", "revised", "answer"),
)
_TOGETHER = Mutation("", "", b"")  # a commit of several: each was asked for itself whether somebody waits for it


class SqlStore(SqlReader):
    """One writer at a time, any number of readers."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        super().__init__(reads)
        self._clock = clock
        self._columns: dict[str, tuple[str, ...]] = {}  # of each table that was written to

    def append(self, facts: Facts, mutation: Mutation) -> Loaded:
        with self.writing(mutation) as write:
            first = first_answer(write, mutation)
            if first is not None:
                return first
            changes = changes_of(write, facts)
            if mutation.validate_only:
                return counted(changes)
            return self._stored(write, [(mutation, changes)])[0]

    def append_together(self, requests: Sequence[tuple[Facts, Mutation]]) -> list[Loaded]:
        with self.writing(_TOGETHER) as write:
            answers = first_answers(write, [mutation for _, mutation in requests])
            new = [request for request in requests if request[1].request_id not in answers]
            changes = changes_of_each(write, [facts for facts, _ in new])
            asked = [(mutation, found) for (_, mutation), found in zip(new, changes, strict=True)]
            stored = iter(self._stored(write, asked))
            return [answers.get(mutation.request_id) or next(stored) for _, mutation in requests]

    def _stored(self, write: Sql, asked: Sequence[tuple[Mutation, Sequence[Change]]]) -> list[Loaded]:
        position = position_of(write)
        told = [(mutation, counted(changes), None) for mutation, changes in asked]
        numbers, time = self._record(write, told)
        insert(
            write, [(change, number) for number, (_, changes) in zip(numbers, asked, strict=True) for change in changes]
        )
        answers = []
        for number, (_, counts, _) in zip(numbers, told, strict=True):
            position = number if counts.created + counts.revised else position
            answers.append(replace(counts, position=position, recorded_time=instant(time)))
        return answers

    def append_plan(self, record: PlanRecord, mutation: Mutation) -> PlanRecord:
        with self.writing(mutation) as write:
            is_repeated, stored = first_answer(write, mutation) is not None, stored_plan(write, record)
            if stored is None:
                refuse_second_text(write, record)
            if mutation.validate_only or is_repeated:
                return stored or record
            created = int(stored is None)
            counts = Loaded(created=created, unchanged=1 - created, revised=0, position=None, recorded_time=None)
            request = self.record(write, mutation, counts, answer=f"plans/{record.plan}@{record.revision}")
            if stored is not None:
                return stored
            insert_plan(write, record, request)
            return replace(record, position=request, recorded_time=loaded_by(write, request).recorded_time)

    def record(self, write: Sql, mutation: Mutation, counts: Loaded, *, answer: str | None) -> int:
        """The request's number."""
        numbers, _ = self._record(write, [(mutation, counts, answer)])
        return numbers[0]

    def _record(self, write: Sql, asked: Sequence[tuple[Mutation, Loaded, str | None]]) -> tuple[list[int], str]:
        """Their numbers and their time, which is never before that of the request before, whatever the clock does."""
        latest = write.execute("SELECT request, recorded_time FROM requests ORDER BY request DESC LIMIT 1").fetchone()
        last, last_time = latest or (0, "")
        now = max(instant_text(self._clock.now()), last_time)
        numbers = [int(last) + place for place in range(1, len(asked) + 1)]
        rows = []
        for number, (mutation, counts, answer) in zip(numbers, asked, strict=True):
            row = (number, mutation.request_id, mutation.fingerprint, mutation.subject, now)
            rows.append((*row, counts.created, counts.unchanged, counts.revised, answer))
        write.insert("requests", _REQUEST, rows)
        return numbers, now

    def linked(self, write: Sql) -> Linked:
        """A connection that hashes what a request stores, to be linked before it is committed."""
        return Linked(write, self._columns)

    @abstractmethod
    def scrub(self) -> None:
        """What was overwritten is to be read in no file of the book any more. Unavailable where somebody reads it."""

    @abstractmethod
    def close(self) -> None:
        """No connection is open after it."""

    @abstractmethod
    def writing(self, mutation: Mutation) -> AbstractContextManager[Sql]:
        """One transaction, durable when this ends. Nothing is committed where nobody waits any more."""

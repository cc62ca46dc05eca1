"""Issued statements in a book: stored once, compressed, and never changed. They do not move the book's position."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence

from compsvc.adapters.sql import Row, instant, instant_text, only
from compsvc.adapters.sql_store import SqlStore
from compsvc.service.payroll_ports import IssuedStatement
from compsvc.service.ports import Loaded, Mutation

_COLUMNS = ("run_id", "participant_id", "period", "as_of_time", "statement_hash", "content")
_NOTHING_LOADED = Loaded(created=0, unchanged=0, revised=0, position=None, recorded_time=None)


class SqlIssued:
    """The IssuedStatements port over the store of the same book."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def issued_to(self, run_id: str) -> frozenset[str]:
        with self._store.reading() as read:
            found = read.execute("SELECT participant_id FROM issued_statements WHERE run_id = ?", (run_id,))
            return frozenset(str(row[0]) for row in found)

    def issue(self, statements: Sequence[IssuedStatement], mutation: Mutation) -> None:
        rows = [_row(each) for each in statements]
        with self._store.writing(mutation) as write:
            known = "SELECT count(*) FROM issued_statements WHERE run_id = ? AND participant_id = ?"
            new = [row for row in rows if not only(write.execute(known, row[:2]))[0]]
            if new:
                request = self._store.record(write, mutation, _NOTHING_LOADED, answer=None)
                write.insert("issued_statements", (*_COLUMNS, "request"), [(*row, request) for row in new])

    def issued(self, participant_id: str, period: str) -> Sequence[IssuedStatement]:
        names = ", ".join(f"s.{name}" for name in _COLUMNS)
        query = (
            f"SELECT {names}, r.recorded_time FROM issued_statements s JOIN requests r ON r.request = s.request "
            "WHERE s.participant_id = ? AND s.period = ? ORDER BY s.as_of_time, s.run_id"
        )
        with self._store.reading() as read:
            return [_statement(row) for row in read.execute(query, (participant_id, period))]


def _row(told: IssuedStatement) -> Row:
    packed = base64.b64encode(zlib.compress(told.content.encode(), level=9)).decode()
    own = (told.run_id, told.participant_id, told.period, instant_text(told.as_of_time), told.statement_hash)
    return (*own, packed)


def _statement(row: Row) -> IssuedStatement:
    run_id, participant_id, period, as_of, digest, packed, recorded = map(str, row)
    content = zlib.decompress(base64.b64decode(packed)).decode()
    return IssuedStatement(run_id, participant_id, period, instant(as_of), digest, content, instant(recorded))

"""Pay on hold, in a book: who held what of which deal, and who released it; rows only added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace

from compsvc.adapters.sql import Sql, only
from compsvc.adapters.sql_rows import first_answer, last_entry, names
from compsvc.adapters.sql_store import SqlStore
from compsvc.service.payroll_ports import Hold
from compsvc.service.ports import Aborted, Loaded, Mutation

_HOLD = tuple(each.name for each in fields(Hold))
_STORED = Loaded(created=1, unchanged=0, revised=0, position=None, recorded_time=None)  # it changes what is to be paid


class SqlHolds:
    """The HoldStore port over the store of the same book."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def answered_hold(self, mutation: Mutation) -> Hold | None:
        with self._store.reading() as read:
            return _first(read, mutation)

    def holds(self) -> Sequence[Hold]:
        with self._store.reading() as read:
            return _holds(read)

    def record_hold(self, hold: Hold, mutation: Mutation, *, seen: Sequence[Hold]) -> Hold:
        with self._store.writing(mutation) as write:
            if (first := _first(write, mutation)) is not None:
                return first
            if _holds(write) != seen:
                raise Aborted("BOOK_MOVED", "A hold was stored since the holds were looked at. Look again.")
            if hold.state == "held":
                hold = replace(hold, ledger_position=last_entry(write))
            request = self._store.record(write, mutation, _STORED, answer=hold.hold_id)
            values = asdict(hold)
            write.insert("holds", ("request", *_HOLD), [[request, *(values[name] for name in _HOLD)]])
            return hold


def _holds(read: Sql) -> Sequence[Hold]:
    rows = read.execute(f"SELECT {names(_HOLD)} FROM holds ORDER BY request").fetchall()
    return list({row[0]: Hold(*row) for row in rows}.values())


def _first(read: Sql, mutation: Mutation) -> Hold | None:
    """In the state that this request left it in."""
    if first_answer(read, mutation) is None:
        return None
    columns = names([f"h.{name}" for name in _HOLD])
    asked = f"SELECT {columns} FROM holds h JOIN requests r ON r.request = h.request WHERE r.request_id = ?"
    return Hold(*only(read.execute(asked, (mutation.request_id,))))

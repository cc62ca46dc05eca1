"""The erasure of names from a book: the one change of rows that there is. Who, when, why and of which rows stay."""

from __future__ import annotations

from compsvc.adapters.sql import Row, Sql
from compsvc.adapters.sql_chain import columns_of, row_hash
from compsvc.adapters.sql_first_steps import NAME
from compsvc.adapters.sql_rows import first_answer, loaded_by
from compsvc.adapters.sql_store import SqlStore
from compsvc.service.ports import Loaded, Mutation

_ERASED = ("participant_id", "of_request", "named_hash", "left_hash", "reason", "request")


class SqlNames:
    """The Names port over the store of the same book."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def erase(self, participant_id: str, reason: str, mutation: Mutation) -> Loaded | None:
        with self._store.writing(mutation) as write:
            first = first_answer(write, mutation)
            if first is not None:
                return first
            asked = "SELECT * FROM participants WHERE participant_id = ?"
            versions = write.execute(asked, (participant_id,)).fetchall()
            if not versions:
                return None
            erased = _erased(write, versions)
            kept = len(versions) - len(erased)
            counts = Loaded(created=0, unchanged=kept, revised=len(erased), position=None, recorded_time=None)
            request = self._store.record(write, mutation, counts, answer=None)
            write.execute(f"UPDATE participants SET {NAME} = NULL WHERE participant_id = ?", (participant_id,))
            rows = [(participant_id, *of_row, reason, request) for of_row in erased]
            write.insert("erased_names", _ERASED, rows)
            return loaded_by(write, request)

    def scrub(self) -> None:
        self._store.scrub()


def _erased(read: Sql, versions: list[Row]) -> list[tuple[int, str, str]]:
    """Of each version that has a name: its request, and its hashes with the name and without."""
    columns = columns_of(read, "participants")
    name, request = columns.index(NAME), columns.index("request")
    return [
        (row[request], row_hash(row).hex(), row_hash((*row[:name], None, *row[name + 1 :])).hex())
        for row in versions
        if row[name] is not None
    ]

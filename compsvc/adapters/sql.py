"""What a book asks of a database: plain SQL that SQLite and PostgreSQL share, with `?` for each value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

Row = tuple[Any, ...]


class Cursor(Protocol):
    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...

    def __iter__(self) -> Iterator[Row]: ...


class Sql(Protocol):
    """A connection inside a transaction. Dates and instants come and go as text."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor: ...

    def chunks(self, sql: str, values: Sequence[Any], size: int, /) -> Iterator[list[Row]]:
        """An answer of many rows, so many at a time."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], /) -> None: ...


def only(cursor: Cursor) -> Row:
    """The row of a question that always has one."""
    row = cursor.fetchone()
    assert row is not None, "an aggregate answers with a row"
    return row


def instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

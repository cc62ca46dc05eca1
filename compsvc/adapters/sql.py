"""What a book asks of a database: plain SQL that SQLite and PostgreSQL share, with `?` for each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

Row = tuple[Any, ...]


class Cursor(Protocol):
    @property
    def description(self) -> Any:
        """Of each column its name, and what only one database tells."""
        ...

    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...

    def __iter__(self) -> Iterator[Row]: ...


class Sql(Protocol):
    """A connection inside a transaction. Dates and instants come and go as text."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor: ...

    def chunks(self, sql: str, values: Sequence[Any], size: int, /) -> Iterator[list[Row]]:
        """An answer of many rows, so many at a time."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], /) -> None: ...


class Connection(Sql, Protocol):
    def answers(self) -> bool:
        """Whether the database is still there for it; in a failed transaction it is."""
        ...

    def close(self) -> None: ...


class Reads:
    """Connections for reads, each read in a transaction of its own: one snapshot for everything inside. One on which
    anything failed is not used again; up to `most_idle` wait for the next read, since to open one costs more."""

    def __init__(
        self,
        opened: Callable[[], Connection],
        clear_errors: Callable[[], AbstractContextManager[None]],
        *,
        begin: str,
        most_idle: int,
    ) -> None:
        self._opened, self._clear_errors, self._begin, self._most_idle = opened, clear_errors, begin, most_idle
        self._idle: list[Connection] = []

    @contextmanager
    def one(self) -> Iterator[Sql]:
        with self._clear_errors():
            connection = self._taken()
            try:
                connection.execute(self._begin)
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
        return self._opened()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def only(cursor: Cursor) -> Row:
    """The row of a question that always has one."""
    row = cursor.fetchone()
    assert row is not None, "an aggregate answers with a row"
    return row


def instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

"""The file of a book: how it is made, opened and brought up to date, and what can be wrong with it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from compsvc.adapters.sql import Row, instant_text
from compsvc.adapters.sql_chain import link_all
from compsvc.adapters.sql_steps import CHAINED, STEPS, VERSION
from compsvc.adapters.sqlite_schema import APPLICATION_ID, statements_of
from compsvc.core.limits import BUSY_SECONDS
from compsvc.service.ports import (
    Clock,
    FailedPrecondition,
    ResourceExhausted,
    ServiceError,
    Unavailable,
)


def create_private(path: Path) -> None:
    """A new book is readable by its owner only: it tells what people earn."""
    if not path.parent.is_dir():
        raise FailedPrecondition("NO_FOLDER", f"There is no folder `{path.parent}` for the book.", path=str(path))
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


class Connection(sqlite3.Connection):
    def answers(self) -> bool:
        return True

    def chunks(self, sql: str, values: Sequence[Any], size: int, /) -> Iterator[list[Row]]:
        rows = self.execute(sql, values)
        while chunk := rows.fetchmany(size):
            yield chunk

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], /) -> None:
        marks = ", ".join("?" * len(columns))
        self.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def connect(path: Path) -> Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=Connection
    )
    try:
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(write: Connection, path: Path, clock: Clock) -> None:
    version_of(write, path)
    write.execute("PRAGMA journal_mode = WAL")
    write.execute("BEGIN IMMEDIATE")
    version = version_of(write, path)  # again: another process may have been first
    for number in range(version, VERSION):
        for statement in _statements(statements_of(STEPS[number])):
            write.execute(statement)
        write.execute("INSERT INTO schema_versions VALUES (?, ?)", (number + 1, instant_text(clock.now())))
    if version < CHAINED:
        link_all(write)
    write.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    write.execute("COMMIT")


def version_of(read: sqlite3.Connection, path: Path) -> int:
    """The version of the book; 0 where the file is new and empty."""
    tables = read.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables == 0:
        return 0
    if read.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise _not_a_book(path)
    version = int(read.execute("SELECT max(version) FROM schema_versions").fetchone()[0])
    if version > VERSION:
        message = f"The book `{path}` has version {version}; this compsvc reads up to {VERSION}. Use a newer compsvc."
        raise FailedPrecondition("BOOK_TOO_NEW", message, path=str(path), version=str(version), known=str(VERSION))
    return version


def _not_a_book(path: Path) -> FailedPrecondition:
    message = f"`{path}` is not a book of compsvc. Name another file, or move this one away to start a new book."
    return FailedPrecondition("NOT_A_BOOK", message, path=str(path))


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """What went wrong with the file, in words, with what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        found = _file_error(path, getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if found is None:
            raise
        raise found from error
    except PermissionError as error:
        message = f"`{path}` may not be written. Give this user the right to it."
        raise Unavailable("BOOK_NOT_WRITABLE", message, path=str(path)) from error
    except IsADirectoryError as error:
        raise _not_a_book(path) from error


def _file_error(path: Path, code: int) -> ServiceError | None:
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        message = f"Another process has been writing for {BUSY_SECONDS:.0f} seconds. Nothing was stored; try again."
        return Unavailable("BOOK_LOCKED", message, path=str(path))
    if code == sqlite3.SQLITE_FULL:
        message = f"The disk of `{path}` is full. Nothing was stored; make room and try again."
        return ResourceExhausted("DISK_FULL", message, path=str(path))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        message = f"`{path}` cannot be read or written. Nothing was stored; look at the file, its folder and the disk."
        return Unavailable("BOOK_NOT_WRITABLE", message, path=str(path))
    if code == sqlite3.SQLITE_CORRUPT:
        message = f"`{path}` is damaged. Stop the server, and restore a backup; `compsvc doctor` says what is broken."
        return FailedPrecondition("BOOK_BROKEN", message, path=str(path))
    return _not_a_book(path) if code == sqlite3.SQLITE_NOTADB else None

"""What can be seen of a book's file without changing it, and a copy of it while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from compsvc.adapters.sql import instant
from compsvc.adapters.sql_steps import VERSION
from compsvc.adapters.sqlite_file import clear_errors, connect, version_of
from compsvc.core.limits import MAX_PROBLEMS
from compsvc.service.ports import AlreadyExists, FailedPrecondition

WAL_RESET_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))  # the last two for their minor version only


@dataclass(frozen=True, slots=True)
class BookFile:
    """`problems` are those of the whole file, in SQLite's words; they name tables and pages, not rows."""

    version: int
    known_version: int
    journal_mode: str
    synchronous: int  # as compsvc opens the file: 2 is FULL
    problems: tuple[str, ...]
    newest_time: datetime | None


def book_file(path: Path) -> BookFile:
    """Reads all of it. ServiceError where the file is not a book or cannot be read."""
    with clear_errors(path), closing(connect(path)) as read:
        read.execute("PRAGMA query_only = ON")
        version = version_of(read, path)
        newest = read.execute("SELECT max(recorded_time) FROM requests").fetchone()[0] if version else None
        return BookFile(
            version=version,
            known_version=VERSION,
            journal_mode=read.execute("PRAGMA journal_mode").fetchone()[0],
            synchronous=read.execute("PRAGMA synchronous").fetchone()[0],
            problems=_problems(read),
            newest_time=None if newest is None else instant(newest),
        )


def _problems(read: sqlite3.Connection) -> tuple[str, ...]:
    try:
        found = [row[0] for row in read.execute(f"PRAGMA integrity_check({MAX_PROBLEMS})") if row[0] != "ok"]
        loose = {f"a row of {row[0]} belongs to none of {row[2]}" for row in read.execute("PRAGMA foreign_key_check")}
    except sqlite3.DatabaseError as error:  # so broken that not even the check gets through
        return (str(error),)
    return (*found, *sorted(loose))


def sqlite_version() -> str:
    return sqlite3.sqlite_version


def may_lose_wal(version: str) -> bool:
    """Whether two writing processes could, rarely, break a file: https://www.sqlite.org/wal.html, "WAL-reset bug"."""
    numbers = tuple(int(part) for part in version.split(".")[:3])
    newest, *patched = WAL_RESET_FIXED
    return numbers < newest and not any(numbers[:2] == fixed[:2] and numbers >= fixed for fixed in patched)


def copy_book(path: Path, target: Path) -> None:
    """A whole book in one file that nobody else can read, as of one moment; writers go on meanwhile."""
    if target.exists():
        message = f"`{target}` is there already. Name a file that is not."
        raise AlreadyExists("BACKUP_EXISTS", message, resource_type="file", name=str(target))
    if not target.parent.is_dir():
        raise FailedPrecondition("NO_FOLDER", f"There is no folder `{target.parent}`.", path=str(target))
    part = target.with_name(f"{target.name}.part")
    with clear_errors(path), closing(connect(path)) as read:
        version_of(read, path)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            read.execute("VACUUM INTO ?", (str(part),))
            with closing(connect(part)) as written:
                written.execute("PRAGMA journal_mode = WAL")  # which VACUUM does not copy
                problems = _problems(written)
            if problems:
                message = f"The copy of `{path}` is not sound: {problems[0]}. Look at the book with `compsvc doctor`."
                raise FailedPrecondition("BOOK_BROKEN", message, path=str(path))
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)

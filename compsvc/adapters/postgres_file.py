"""A database that holds a book: how it is reached and brought up to date, and what can be wrong with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import sqlalchemy.exc
from alembic import command, config
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from compsvc.adapters.sql import Cursor, Row, instant_text
from compsvc.adapters.sql_chain import link_all
from compsvc.adapters.sql_steps import CHAINED, VERSION
from compsvc.core.limits import BUSY_SECONDS
from compsvc.service.ports import AlreadyExists, Clock, FailedPrecondition, ResourceExhausted, ServiceError, Unavailable

WRITER_LOCK = 0x636D7073  # "cmps": of the advisory lock that one writer at a time holds
_SESSION = "-c timezone=UTC -c datestyle=ISO -c synchronous_commit=on"
_FEW_ROWS = 20  # up to which statements that are sent together are quicker than a COPY


class _Date(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class _Instant(Loader):
    def load(self, data: Buffer) -> str:
        return instant_text(datetime.fromisoformat(bytes(data).decode()))


class Connection:
    """A connection as the shared SQL wants it: `?` for each value, dates and instants as text."""

    def __init__(self, url: str, session: psycopg.Connection[Any] | None = None) -> None:
        self.session = session or psycopg.connect(
            url, autocommit=True, options=_SESSION, connect_timeout=int(BUSY_SECONDS)
        )
        self.session.adapters.register_loader("date", _Date)
        self.session.adapters.register_loader("timestamptz", _Instant)

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor:
        return self.session.execute(_marked(sql), values)

    def chunks(self, sql: str, values: Sequence[Any], size: int, /) -> Iterator[list[Row]]:
        with self.session.cursor(name="rows") as rows:  # held by the server
            rows.execute(_marked(sql), values)
            while chunk := rows.fetchmany(size):
                yield chunk

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], /) -> None:
        into = f"{table} ({', '.join(columns)})"
        with self.session.cursor() as cursor:
            if len(rows) <= _FEW_ROWS:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)
                return
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def answers(self) -> bool:
        """Whether the server is still there for it; in a failed transaction it is."""
        try:
            self.session.pgconn.exec_(b"")
        except psycopg.Error:
            return False
        return not self.session.broken and not self.session.closed

    def close(self) -> None:
        self.session.close()


def _marked(sql: str) -> Any:
    return sql.replace("?", "%s")


def migrate(url: str, clock: Clock) -> None:
    """One process at a time; the others wait for it."""
    with _engine(url).begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        known = _known_version(connection)
        if known > VERSION:
            message = f"{shown(url)} has version {known}; this compsvc reads up to {VERSION}. Use a newer compsvc."
            raise FailedPrecondition("BOOK_TOO_NEW", message, path=shown(url), version=str(known), known=str(VERSION))
        if known == VERSION:
            return
        if known == 0 and _has_tables(connection):
            message = f"{shown(url)} holds tables of another program. Name an empty database to start a new book in."
            raise FailedPrecondition("NOT_A_BOOK", message, path=shown(url))
        settings = config.Config()
        settings.set_main_option("script_location", str(Path(__file__).parent / "postgres_migrations"))
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        for version in range(known, VERSION):
            row = (version + 1, instant_text(clock.now()))
            connection.exec_driver_sql("INSERT INTO schema_versions VALUES (%s, %s)", row)
        if known < CHAINED:
            link_all(Connection(url, connection.connection.driver_connection))


def _engine(url: str) -> Engine:
    return create_engine(
        urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg")),
        poolclass=NullPool,
        connect_args={"options": _SESSION},
    )


def _known_version(connection: Any) -> int:
    """The version of the book; 0 where the database is empty, or holds something else."""
    if connection.exec_driver_sql("SELECT to_regclass('schema_versions')").scalar() is None:
        return 0
    if connection.exec_driver_sql("SELECT to_regclass('requests')").scalar() is None:
        return 0
    return int(connection.exec_driver_sql("SELECT max(version) FROM schema_versions").scalar() or 0)


def _has_tables(connection: Any) -> bool:
    own = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
    return bool(connection.exec_driver_sql(own).scalar())


@dataclass(frozen=True, slots=True)
class BookDatabase:
    """`version` is 0 where the database holds no book."""

    version: int
    known_version: int
    newest_time: datetime | None


def book_database(url: str) -> BookDatabase:
    """What can be seen of a book without changing it. ServiceError where the database cannot be reached."""
    engine = _engine(url)
    with clear_errors(url), engine.connect() as connection:
        version = _known_version(connection)
        newest = connection.exec_driver_sql("SELECT max(recorded_time) FROM requests").scalar() if version else None
    return BookDatabase(version, VERSION, newest)


def copy_book(url: str, target: Path) -> None:
    """A whole book as of one moment, in a file that `pg_restore` reads; writers go on meanwhile."""
    if target.exists():
        message = f"`{target}` is there already. Name a file that is not."
        raise AlreadyExists("BACKUP_EXISTS", message, resource_type="file", name=str(target))
    program = shutil.which("pg_dump")
    if program is None:
        message = "There is no pg_dump on the PATH. Install PostgreSQL's client programs, of the server's version."
        raise FailedPrecondition("NO_PG_DUMP", message)
    part = target.with_name(f"{target.name}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        command = [program, "--format=custom", "--no-owner", "--no-privileges", f"--file={part}", f"--dbname={url}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            message = f"pg_dump could not copy {shown(url)}: {done.stderr.strip().splitlines()[-1]}"
            raise Unavailable("BOOK_UNREACHABLE", message, path=shown(url))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def shown(url: str) -> str:
    """The database without what opens it: `postgresql://host:5432/name`."""
    parts = urlsplit(url)
    place = parts.hostname or ""
    return f"postgresql://{place}{f':{parts.port}' if parts.port else ''}{parts.path}"


@contextmanager
def clear_errors(url: str) -> Iterator[None]:
    """What went wrong with the database, in words, with what to do."""
    try:
        yield
    except (psycopg.Error, sqlalchemy.exc.DBAPIError) as error:
        found = _database_error(url, error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error)
        if found is None:
            raise
        raise found from error


def _database_error(url: str, error: BaseException | None) -> ServiceError | None:
    name = shown(url)
    if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.SerializationFailure):
        message = f"Another process has been writing for {BUSY_SECONDS:.0f} seconds. Nothing was stored; try again."
        return Unavailable("BOOK_LOCKED", message, path=name)
    if isinstance(error, psycopg.errors.DiskFull):
        message = f"The disk of {name} is full. Nothing was stored; make room and try again."
        return ResourceExhausted("DISK_FULL", message, path=name)
    if isinstance(error, psycopg.errors.InsufficientPrivilege | psycopg.errors.ReadOnlySqlTransaction):
        message = f"{name} may not be written with this user. Give it the right to make and fill tables."
        return Unavailable("BOOK_NOT_WRITABLE", message, path=name)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        message = f"{name} cannot be reached: {str(error).strip().splitlines()[-1]}. See that it runs, and try again."
        return Unavailable("BOOK_UNREACHABLE", message, path=name)
    return None

"""The book in one SQLite file: every row is only ever added, and each request is one transaction.

A row that is loaded again with other content is stored beside its older versions, under the number of the request
that brought it; the newest version counts. Deals carry their own revision as well, and are refused where that does not
rise. `SqliteStore` is the Store port; the tables stand in sqlite_schema.py.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import polars as pl

from compsvc.adapters.sqlite_schema import APPLICATION_ID, STEPS, TABLES, VERSION, Table
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.service.ports import (
    KINDS,
    AlreadyExists,
    Clock,
    FailedPrecondition,
    InvalidArgument,
    Kind,
    Loaded,
    Mutation,
    Page,
    PlanRecord,
    PlanText,
    ResourceExhausted,
    ServiceError,
    Unavailable,
    Violation,
)

BUSY_SECONDS = 10.0  # how long a writer waits for another process before it gives up
CHUNK_ROWS = 50_000  # rows that are Python objects at one time while frames are built
_INSTANT = "%Y-%m-%dT%H:%M:%S%.6f"
_ATTRIBUTE = "attributes."

Value = str | int | None
Values = tuple[Value, ...]
Key = tuple[str | int, ...]


class SqliteStore:
    """One file, one writer at a time, any number of readers, each of which sees whole requests only."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._write_lock, self._cache_lock = threading.Lock(), threading.Lock()
        self._newest: dict[str, tuple[int, dict[str, pl.DataFrame]]] = {}  # by kind: the position and the frames
        with _clear_errors(path):
            _create_private(path)
            self._writer = _connect(path)
            try:
                _migrate(self._writer, path, clock)
            except BaseException:
                self._writer.close()
                raise

    def close(self) -> None:
        with self._write_lock:
            self._writer.close()

    def position(self) -> int:
        with self._reading() as read:
            return _position(read)

    def position_at(self, instant: datetime) -> int:
        upto = "SELECT max(request) FROM requests WHERE created + revised > 0 AND recorded_time <= ?"
        with self._reading() as read:
            return read.execute(upto, (_instant_text(instant),)).fetchone()[0] or 0

    def facts_at(self, position: int | None = None, *, kinds: Sequence[Kind] = KINDS) -> Facts:
        """Rows in no particular order. The newest facts are kept, so that asking again reads only what came since."""
        with self._reading() as read:
            now = _position(read)
            if position is not None and position < now:
                found = [_newest_rows(read, kind, {}, above=0, upto=position) for kind in kinds]
            else:
                found = [self._kept(read, kind, now) for kind in kinds]
        return _facts({name: frame for frames in found for name, frame in frames.items()})

    def _kept(self, read: sqlite3.Connection, kind: str, now: int) -> dict[str, pl.DataFrame]:
        with self._cache_lock:
            above, frames = self._newest.get(kind, (0, {}))
            if above > now:  # kept by a thread that saw more than this one; a position is a promise
                return _newest_rows(read, kind, {}, above=0, upto=now)
            if above < now or not frames:
                frames = _newest_rows(read, kind, frames, above=above, upto=now)
                self._newest[kind] = (now, frames)
            return frames

    def plans_at(self, position: int | None = None) -> list[PlanRecord]:
        with self._reading() as read:
            upto = _position(read) if position is None else position
            rows = read.execute(f"{_PLANS} WHERE request <= ? ORDER BY request", (upto,)).fetchall()
            return [_plan_record(read, row) for row in rows]

    def answered(self, mutation: Mutation) -> Loaded | None:
        with self._reading() as read:
            return _answered(read, mutation)

    def append(self, facts: Facts, mutation: Mutation) -> Loaded:
        with self._writing(mutation) as write:
            first = _answered(write, mutation)
            if first is not None:
                return first
            changes = [_change(write, kind, facts) for kind in KINDS if getattr(facts, kind).height]
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
                _insert(write, change, request)
            return _loaded(write, request)

    def append_plan(self, record: PlanRecord, mutation: Mutation) -> PlanRecord:
        with self._writing(mutation) as write:
            is_repeated, stored = _answered(write, mutation) is not None, _stored_plan(write, record)
            if stored is None:
                _refuse_second_text(write, record)
            if mutation.validate_only or is_repeated:
                return stored or record
            created = int(stored is None)
            counts = Loaded(created=created, unchanged=1 - created, revised=0, position=None, recorded_time=None)
            request = self._record(write, mutation, counts, answer=f"plans/{record.plan}@{record.revision}")
            if stored is not None:
                return stored
            _insert_plan(write, record, request)
            return replace(record, position=request, recorded_time=_loaded(write, request).recorded_time)

    def page(
        self,
        kind: Kind,
        where: Mapping[str, str | int | date | datetime | None],
        *,
        after: Key | None,
        limit: int,
        position: int | None,
        latest: bool = False,
    ) -> Page:
        with self._reading() as read:
            upto = _position(read) if position is None else position
            rows = _page_rows(read, kind, where, after=after, limit=limit + 1, upto=upto, latest=latest)
            shown = rows[:limit]
            frames: dict[str, pl.DataFrame] = {kind: _frame(kind, shown)}
            for child in TABLES[kind].children:
                frames[child] = _frame(child, [row for main in shown for row in _children(read, kind, child, main)])
            width = len(TABLES[kind].key)
            times = [_time_of(read, cast(int, row[width])) for row in shown]
            more = cast(Key, shown[-1][:width]) if len(rows) > limit and shown else None
            return Page(_facts(frames), times, more)

    def _record(self, write: sqlite3.Connection, mutation: Mutation, counts: Loaded, *, answer: str | None) -> int:
        """The request's number. Its time is never before that of the request before it, whatever the clock does."""
        last, last_time = write.execute("SELECT max(request), max(recorded_time) FROM requests").fetchone()
        request, now = (last or 0) + 1, max(_instant_text(self._clock.now()), last_time or "")
        row = (request, mutation.request_id, mutation.fingerprint, mutation.subject, now)
        values = (*row, counts.created, counts.unchanged, counts.revised, answer)
        write.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return request

    @contextmanager
    def _writing(self, mutation: Mutation) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when this returns. Nothing is committed where nobody waits any more."""
        with _clear_errors(self._path), self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                mutation.proceed()
                self._writer.execute("ROLLBACK" if mutation.validate_only else "COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot for everything that is read inside."""
        with _clear_errors(self._path), closing(_connect(self._path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield connection


# --- the file


def _create_private(path: Path) -> None:
    """A new book is readable by its owner only: it tells what people earn."""
    if not path.parent.is_dir():
        raise FailedPrecondition("NO_FOLDER", f"There is no folder `{path.parent}` for the book.", path=str(path))
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(write: sqlite3.Connection, path: Path, clock: Clock) -> None:
    _refuse_foreign(write, path)
    write.execute("PRAGMA journal_mode = WAL")
    write.execute("BEGIN IMMEDIATE")
    version = _refuse_foreign(write, path)  # again: another process may have been first
    for number in range(version, VERSION):
        for statement in _statements(STEPS[number]):
            write.execute(statement)
        write.execute("INSERT INTO schema_versions VALUES (?, ?)", (number + 1, _instant_text(clock.now())))
    write.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    write.execute("COMMIT")


def _refuse_foreign(read: sqlite3.Connection, path: Path) -> int:
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
def _clear_errors(path: Path) -> Iterator[None]:
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
    return _not_a_book(path) if code == sqlite3.SQLITE_NOTADB else None


# --- requests


def _position(read: sqlite3.Connection) -> int:
    """The number of the last request that stored something."""
    found = read.execute("SELECT max(request) FROM requests WHERE created + revised > 0").fetchone()[0]
    return found or 0


def _answered(read: sqlite3.Connection, mutation: Mutation) -> Loaded | None:
    asked = "SELECT request, fingerprint FROM requests WHERE request_id = ?"
    found = read.execute(asked, (mutation.request_id,)).fetchone()
    if found is None:
        return None
    if found[1] != mutation.fingerprint:
        message = f"The request id `{mutation.request_id}` was used for another request. Use a new one for each."
        raise AlreadyExists("REQUEST_ID_REUSED", message, resource_type="request", name=mutation.request_id)
    return _loaded(read, found[0])


def _loaded(read: sqlite3.Connection, request: int) -> Loaded:
    counts = "SELECT created, unchanged, revised, recorded_time FROM requests WHERE request = ?"
    created, unchanged, revised, time = read.execute(counts, (request,)).fetchone()
    last = "SELECT max(request) FROM requests WHERE created + revised > 0 AND request <= ?"
    position = read.execute(last, (request,)).fetchone()[0] or 0
    return Loaded(created, unchanged, revised, position, _instant(time))


def _time_of(read: sqlite3.Connection, request: int) -> datetime:
    return _instant(read.execute("SELECT recorded_time FROM requests WHERE request = ?", (request,)).fetchone()[0])


def _instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- what a request changes


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a row: the values of `columns`, and per child table its rows (key of its own, then columns)."""

    row: int  # in the frame that brought it; -1 where it is stored
    values: Values
    children: tuple[tuple[Values, ...], ...]


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    versions: Mapping[Key, _Version]  # those that say something new
    created: int
    unchanged: int
    revised: int


def _change(read: sqlite3.Connection, kind: str, facts: Facts) -> _Change:
    """Compares what comes with what is stored, key by key. Every deal that must be refused is named at once."""
    new: dict[Key, _Version] = {}
    created = unchanged = 0
    violations: list[Violation] = []
    conflicting: list[str] = []
    for key, version in _versions(kind, facts).items():
        stored = _stored(read, kind, key)
        created += stored is None
        if kind == "deals" and stored is not None:
            faults = list(_revision_faults(read, key, version, stored))
            violations += faults
            conflicting += ["/".join(map(str, key))] * bool(faults)
        if _says_the_same(read, kind, key, version, stored):
            unchanged += 1
        else:
            new[key] = version
    if violations:
        raise _conflict(conflicting[0], violations)
    return _Change(kind, new, created=created, unchanged=unchanged, revised=len(new) - created)


def _says_the_same(read: sqlite3.Connection, kind: str, key: Key, version: _Version, stored: _Version | None) -> bool:
    if stored is None:
        return False
    if kind == "deals" and version.values[0] != stored.values[0]:
        return _stored(read, kind, key, revision=version.values[0]) is not None  # an old report, sent again
    return not _differences(kind, version, stored)


def _revision_faults(read: sqlite3.Connection, key: Key, version: _Version, latest: _Version) -> Iterator[Violation]:
    """A revision that is stored says the same as before; a new one is higher than the latest."""
    revision, known = cast(int, version.values[0]), cast(int, latest.values[0])
    place = f"deals[{version.row}]"
    same = _stored(read, "deals", key, revision=revision)
    if same is not None:
        for column in _differences("deals", version, same):
            message = f"Revision {revision} is stored with another {column}. Send what changed as revision {known + 1}."
            yield Violation(f"{place}.{column}", "REVISION_DIFFERS", message)
    elif revision < known:
        message = f"Revision {revision} is below the latest stored one, {known}. Send revision {known + 1} or higher."
        yield Violation(f"{place}.revision", "REVISION_NOT_NEWER", message)


def _conflict(name: str, violations: Sequence[Violation]) -> AlreadyExists:
    message = "Some deals differ from what is stored under the same revision, or are older than what is stored."
    resource = "compsvc.dev/Deal"
    return AlreadyExists("REVISION_CONFLICT", message, resource_type=resource, name=name, violations=violations)


def _differences(kind: str, one: _Version, other: _Version) -> list[str]:
    """The columns that differ; of rows that belong to it only the table is named."""
    table = TABLES[kind]
    columns = [name for name, a, b in zip(table.columns, one.values, other.values, strict=True) if a != b]
    return columns + [name for name, a, b in zip(table.children, one.children, other.children, strict=True) if a != b]


def _versions(kind: str, facts: Facts) -> dict[Key, _Version]:
    table = TABLES[kind]
    width = len(table.key)
    children = [(len(TABLES[child].key) - width, _child_rows(child, facts, width)) for child in table.children]
    found: dict[Key, _Version] = {}
    for row, values in enumerate(_encoded(kind, getattr(facts, kind)).iter_rows()):
        key = cast(Key, values[:width])
        parts = (tuple(sorted(rows.get(key, ()), key=lambda part: part[:own])) for own, rows in children)
        version = _Version(row, values[width:], tuple(parts))
        if key in found and _differences(kind, version, found[key]):
            message = f"This row and row {found[key].row} have the same key ({', '.join(table.key)}). Send one of them."
            place = f"{kind}[{row}].{table.key[0]}"
            raise InvalidArgument("KEY_TWICE", message, [Violation(place, "KEY_TWICE", message)])
        found.setdefault(key, version)
    return found


def _child_rows(child: str, facts: Facts, width: int) -> dict[Key, list[Values]]:
    frame = _attributes(facts.deals) if child == "deal_attributes" else getattr(facts, child)
    found: dict[Key, list[Values]] = {}
    for values in _encoded(child, frame).unique(maintain_order=True).iter_rows():  # of a row sent twice, one
        found.setdefault(cast(Key, values[:width]), []).append(values[width:])
    return found


def _attributes(deals: pl.DataFrame) -> pl.DataFrame:
    custom = [name for name in deals.columns if name.startswith(_ATTRIBUTE)]
    tall = deals.select("source", "external_id", *custom).unpivot(
        on=custom, index=["source", "external_id"], variable_name="name", value_name="value"
    )
    return tall.filter(pl.col("value").is_not_null()).with_columns(
        pl.col("name").str.strip_prefix(_ATTRIBUTE), pl.col("value").cast(pl.String)
    )


def _encoded(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the table in order, as SQLite keeps them."""
    table = TABLES[kind]
    frame = frame.select(*table.key, *table.columns).with_columns(
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"),
        pl.col(pl.Datetime).dt.to_string(_INSTANT),
        pl.col(pl.Boolean).cast(pl.Int64),
    )
    if "replaces" in table.columns:
        lists = [None if not names else json.dumps(list(names)) for names in frame["replaces"].to_list()]
        frame = frame.with_columns(pl.Series("replaces", lists, dtype=pl.String))
    return frame.with_columns(pl.col(name).fill_null("") for name in table.key if frame.schema[name] == pl.String)


def _stored(read: sqlite3.Connection, kind: str, key: Key, *, revision: Value = None) -> _Version | None:
    """The newest stored version, or the one with that revision."""
    table = TABLES[kind]
    only = "" if revision is None else "AND revision = ?"
    asked = key if revision is None else (*key, revision)
    select = f"SELECT request, {_names(table.columns)} FROM {kind} WHERE {_equal(table.key)} {only}"
    found = read.execute(f"{select} ORDER BY request DESC LIMIT 1", asked).fetchone()
    if found is None:
        return None
    children = tuple(tuple(_own(read, table, child, key, found[0])) for child in table.children)
    return _Version(-1, found[1:], children)


def _own(read: sqlite3.Connection, parent: Table, child: str, key: Key, request: int) -> Iterable[Values]:
    own = _own_columns(parent, child)
    where = f"{_equal(parent.key)} AND request = ?"
    return read.execute(f"SELECT {_names(own)} FROM {child} WHERE {where} ORDER BY {_names(own[:2])}", (*key, request))


def _own_columns(parent: Table, child: str) -> tuple[str, ...]:
    return (*TABLES[child].key[len(parent.key) :], *TABLES[child].columns)


def _insert(write: sqlite3.Connection, change: _Change, request: int) -> None:
    table = TABLES[change.kind]
    rows = [(*key, request, *version.values) for key, version in change.versions.items()]
    _insert_rows(write, change.kind, (*table.key, "request", *table.columns), rows)
    for index, child in enumerate(table.children):
        own = [
            (*key, request, *values) for key, version in change.versions.items() for values in version.children[index]
        ]
        _insert_rows(write, child, (*table.key, "request", *_own_columns(table, child)), own)


def _insert_rows(write: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    marks = ", ".join("?" * len(columns))
    write.executemany(f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks})", rows)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def _equal(columns: Sequence[str]) -> str:
    return " AND ".join(f"{column} = ?" for column in columns)


# --- reading frames


def _newest_rows(
    read: sqlite3.Connection, kind: str, known: Mapping[str, pl.DataFrame], *, above: int, upto: int
) -> dict[str, pl.DataFrame]:
    """Per table the newest version of every row as of `upto`, with its request; `known` are those as of `above`."""
    table = TABLES[kind]
    rows = _merged(read, known, kind, above=above, upto=upto)
    frames = {kind: rows.unique(subset=list(table.key), keep="last", maintain_order=True)}
    for child in table.children:
        rows = _merged(read, known, child, above=above, upto=upto)
        frames[child] = rows.join(frames[kind], on=[*table.key, "request"], how="semi")
    return frames


def _merged(
    read: sqlite3.Connection, known: Mapping[str, pl.DataFrame], name: str, *, above: int, upto: int
) -> pl.DataFrame:
    table = TABLES[name]
    select = f"SELECT {_names((*table.key, 'request', *table.columns))} FROM {name}"
    rows = read.execute(f"{select} WHERE request > ? AND request <= ? ORDER BY request", (above, upto))
    chunks = [known[name]] if name in known else [_frame(name, [])]
    while chunk := rows.fetchmany(CHUNK_ROWS):
        chunks.append(_frame(name, chunk))
    return pl.concat(chunks)


def _frame(name: str, rows: Sequence[Values]) -> pl.DataFrame:
    """Rows of key, request and columns, typed as the facts say; '' in a key stays."""
    table = TABLES[name]
    columns = (*table.key, "request", *table.columns)
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    schema = SCHEMAS.get(name, dict.fromkeys(("source", "external_id", "name", "value"), pl.String))
    return pl.DataFrame(
        [_series(column, items, schema.get(column, pl.Int64)) for column, items in zip(columns, values, strict=True)]
    )


def _series(column: str, items: Iterable[Value], dtype: object) -> pl.Series:
    if dtype == pl.Date:
        return pl.Series(column, items, dtype=pl.String).str.to_date("%Y-%m-%d")
    if dtype == pl.Datetime("us"):
        texts = pl.Series(column, items, dtype=pl.String).replace("", None)  # as it stands in a key
        return texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", time_unit="us")
    if dtype == pl.Boolean:
        return pl.Series(column, items, dtype=pl.Int64).cast(pl.Boolean)
    if column == "replaces":
        lists = [None if item is None else json.loads(cast(str, item)) for item in items]
        return pl.Series(column, lists, dtype=pl.List(pl.String))
    return pl.Series(column, items, dtype=dtype)  # type: ignore[arg-type]


def _facts(frames: Mapping[str, pl.DataFrame]) -> Facts:
    """Frames as the core declares them: without the request, with null where a key has ''."""
    found = {name: _declared(name, frame) for name, frame in frames.items() if name != "deal_attributes"}
    attributes = frames.get("deal_attributes")
    if attributes is not None and attributes.height:
        found["deals"] = _with_attributes(found["deals"], attributes)
    return Facts(**found)


def _declared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    nullable = {"quotas": ["component"], "territories": ["industry", "region", "segment"]}.get(name, [])
    return frame.select(
        pl.col(column).replace("", None) if column in nullable else pl.col(column) for column in SCHEMAS[name]
    )


def _with_attributes(deals: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    on = ["source", "external_id"]
    wide = attributes.sort("name").pivot(on="name", index=on, values="value", maintain_order=True)
    wide = wide.rename({name: _ATTRIBUTE + name for name in wide.columns if name not in on})
    return deals.join(wide, on=on, how="left", maintain_order="left")


def _page_rows(
    read: sqlite3.Connection,
    kind: str,
    where: Mapping[str, str | int | date | datetime | None],
    *,
    after: Key | None,
    limit: int,
    upto: int,
    latest: bool,
) -> list[Values]:
    table = TABLES[kind]
    tests: list[str] = ["t.request <= ?"]
    values: list[Value] = [upto]
    if "revision" not in where:
        same_key = " AND ".join(f"n.{column} = t.{column}" for column in table.key)
        newer = f"SELECT 1 FROM {kind} n WHERE {same_key} AND n.request > t.request AND n.request <= ?"
        tests.append(f"NOT EXISTS ({newer})")
        values.append(upto)
    if latest:
        same_thing = " AND ".join(f"n.{column} = t.{column}" for column in table.key[:-1])
        later = f"SELECT 1 FROM {kind} n WHERE {same_thing} AND n.{table.history} > t.{table.history}"
        tests.append(f"NOT EXISTS ({later} AND n.request <= ?)")
        values.append(upto)
    for column, value in where.items():
        assert column in table.key + table.columns, column
        tests.append(f"t.{column} IS ?")
        values.append(_kept_value(value))
    if after is not None:
        tests.append(f"({', '.join('t.' + column for column in table.key)}) > ({', '.join('?' * len(table.key))})")
        values += after
    columns = ", ".join(f"t.{column}" for column in (*table.key, "request", *table.columns))
    order = _names([f"t.{column}" for column in table.key])
    select = f"SELECT {columns} FROM {kind} t WHERE {' AND '.join(tests)} ORDER BY {order} LIMIT ?"
    return read.execute(select, (*values, limit)).fetchall()


def _kept_value(value: str | int | date | datetime | None) -> Value:
    if isinstance(value, datetime):
        return _instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _children(read: sqlite3.Connection, kind: str, child: str, main: Values) -> Iterator[Values]:
    parent = TABLES[kind]
    key, request = cast(Key, main[: len(parent.key)]), cast(int, main[len(parent.key)])
    own_key = len(TABLES[child].key) - len(parent.key)
    for values in _own(read, parent, child, key, request):
        yield (*key, *values[:own_key], request, *values[own_key:])


# --- plans

_PLANS = (
    "SELECT request, plan, revision, title, effective_date, currency_code, corrects_revision, file_name, source "
    "FROM plans"
)


def _plan_record(read: sqlite3.Connection, row: tuple[object, ...]) -> PlanRecord:
    request, plan, revision, title, effective, currency, corrects, file_name, source = cast(tuple[str, ...], row)
    terms = read.execute("SELECT file_name, source FROM plan_terms WHERE request = ? ORDER BY file_name", (request,))
    return PlanRecord(
        plan=plan,
        revision=revision,
        title=title,
        effective_date=date.fromisoformat(effective),
        currency_code=currency,
        corrects_revision=corrects,
        text=PlanText(file_name, source, dict(terms.fetchall())),
        position=int(request),
        recorded_time=_time_of(read, int(request)),
    )


def _stored_plan(read: sqlite3.Connection, record: PlanRecord) -> PlanRecord | None:
    found = read.execute(_PLANS + " WHERE plan = ? AND revision = ?", (record.plan, record.revision)).fetchone()
    return None if found is None else _plan_record(read, found)


def _refuse_second_text(read: sqlite3.Connection, record: PlanRecord) -> None:
    """Two texts for the same days would leave open which one pays: the later one has to name what it corrects."""
    in_force = (
        "SELECT revision FROM plans p WHERE plan = ? AND effective_date = ? AND NOT EXISTS "
        "(SELECT 1 FROM plans c WHERE c.plan = p.plan AND c.corrects_revision = p.revision)"
    )
    found = read.execute(in_force, (record.plan, record.effective_date.isoformat())).fetchone()
    corrects = record.corrects_revision
    if (None if found is None else found[0]) == corrects:
        return
    if found is None:
        message = f"Revision {corrects} is not in force from {record.effective_date} on. Name the one that is, or none."
        raise FailedPrecondition("CORRECTS_NOT_IN_FORCE", message, plan=record.plan, corrects_revision=str(corrects))
    message = (
        f"Revision {found[0]} of `{record.plan}` is effective from {record.effective_date} as well. "
        "Give this text a later `effective`, or name that revision as the one it corrects."
    )
    raise FailedPrecondition("PLAN_DATE_TAKEN", message, plan=record.plan, revision=found[0])


def _insert_plan(write: sqlite3.Connection, record: PlanRecord, request: int) -> None:
    text = record.text
    row = (request, record.plan, record.revision, record.title, record.effective_date.isoformat(), record.currency_code)
    values = (*row, record.corrects_revision, text.file_name, text.source)
    write.execute("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    terms = [(request, name, source) for name, source in text.terms.items()]
    write.executemany("INSERT INTO plan_terms VALUES (?, ?, ?)", terms)

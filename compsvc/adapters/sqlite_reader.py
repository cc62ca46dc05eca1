"""The book to read from: each read sees whole requests only, those up to a position."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import cast

import polars as pl

from compsvc.adapters.sqlite_file import clear_errors, connect, instant_text
from compsvc.adapters.sqlite_rows import (
    PLANS,
    Key,
    child_rows_of,
    facts_of,
    first_answer,
    frame_of,
    newest_rows,
    page_rows,
    plan_record,
    position_of,
    time_of,
)
from compsvc.adapters.sqlite_schema import TABLES
from compsvc.core.facts import Facts
from compsvc.service.ports import KINDS, Kind, Loaded, Mutation, Page, PlanRecord


class SqliteReader:
    """Any number of them, in any number of threads; none of them changes the file."""

    def __init__(self, path: Path, *, most_idle: int = 0) -> None:
        self._path, self._most_idle = path, most_idle
        self._idle: list[sqlite3.Connection] = []  # opened for an earlier read, and free: to open one costs more
        self._cache_lock = threading.Lock()
        self._newest: dict[str, tuple[int, dict[str, pl.DataFrame]]] = {}  # by kind: the position and the frames

    def position(self) -> int:
        with self._reading() as read:
            return position_of(read)

    def position_at(self, instant: datetime) -> int:
        upto = "SELECT max(request) FROM requests WHERE created + revised > 0 AND recorded_time <= ?"
        with self._reading() as read:
            return read.execute(upto, (instant_text(instant),)).fetchone()[0] or 0

    def facts_at(self, position: int | None = None, *, kinds: Sequence[Kind] = KINDS) -> Facts:
        """Rows in no particular order. The newest facts are kept, so that asking again reads only what came since."""
        with self._reading() as read:
            now = position_of(read)
            if position is not None and position < now:
                found = [newest_rows(read, kind, {}, above=0, upto=position) for kind in kinds]
            else:
                found = [self._kept(read, kind, now) for kind in kinds]
        return facts_of({name: frame for frames in found for name, frame in frames.items()})

    def _kept(self, read: sqlite3.Connection, kind: str, now: int) -> dict[str, pl.DataFrame]:
        with self._cache_lock:
            above, frames = self._newest.get(kind, (0, {}))
            if above > now:  # kept by a thread that saw more than this one; a position is a promise
                return newest_rows(read, kind, {}, above=0, upto=now)
            if above < now or not frames:
                frames = newest_rows(read, kind, frames, above=above, upto=now)
                self._newest[kind] = (now, frames)
            return frames

    def plans_at(self, position: int | None = None) -> list[PlanRecord]:
        with self._reading() as read:
            upto = position_of(read) if position is None else position
            rows = read.execute(f"{PLANS} WHERE request <= ? ORDER BY request", (upto,)).fetchall()
            return [plan_record(read, row) for row in rows]

    def answered(self, mutation: Mutation) -> Loaded | None:
        with self._reading() as read:
            return first_answer(read, mutation)

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
            upto = position_of(read) if position is None else position
            rows = page_rows(read, kind, where, after=after, limit=limit + 1, upto=upto, latest=latest)
            shown = rows[:limit]
            frames: dict[str, pl.DataFrame] = {kind: frame_of(kind, shown)}
            for child in TABLES[kind].children:
                frames[child] = frame_of(
                    child, [row for main in shown for row in child_rows_of(read, kind, child, main)]
                )
            width = len(TABLES[kind].key)
            times = [time_of(read, cast(int, row[width])) for row in shown]
            more = cast(Key, shown[-1][:width]) if len(rows) > limit and shown else None
            return Page(facts_of(frames), times, more)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot for everything that is read inside. A connection on which anything failed is not used again."""
        with clear_errors(self._path):
            connection = self._taken()
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("ROLLBACK")
            except BaseException:
                connection.close()
                raise
            if len(self._idle) < self._most_idle:
                self._idle.append(connection)
            else:
                connection.close()

    def _taken(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            return connection

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

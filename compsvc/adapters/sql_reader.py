"""The book to read from, in either database: each read sees whole requests only, those up to a position."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import cast

import polars as pl

from compsvc.adapters.sql import Reads, Sql, instant, instant_text, only
from compsvc.adapters.sql_rows import (
    PLANS,
    Key,
    accepted_adjustments,
    child_rows_of,
    deal_revisions,
    facts_of,
    first_answer,
    fixed_events,
    frame_of,
    holds_of,
    last_erasure,
    newest_rows,
    page_rows,
    plan_record,
    position_of,
    time_of,
)
from compsvc.adapters.sql_stated import recorded_credit, stated_credits
from compsvc.adapters.sql_tables import TABLES
from compsvc.core.facts import Facts
from compsvc.service.ports import KINDS, Kind, Loaded, Mutation, Page, PlanRecord


class SqlReader:
    """Any number of them, in any number of threads; none of them changes the book."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._cache_lock = threading.Lock()
        self._newest: dict[str, tuple[int, dict[str, pl.DataFrame]]] = {}  # by kind: the position and the frames

    def position(self) -> int:
        with self.reading() as read:
            return position_of(read)

    def position_at(self, instant: datetime) -> int:
        upto = "SELECT max(request) FROM requests WHERE created + revised > 0 AND recorded_time <= ?"
        with self.reading() as read:
            return only(read.execute(upto, (instant_text(instant),)))[0] or 0

    def facts_at(self, position: int | None = None, *, kinds: Sequence[Kind] = KINDS) -> Facts:
        """Rows in no particular order. The newest facts are kept, so that asking again reads only what came since."""
        with self.reading() as read:
            now = position_of(read)
            if position is not None and position < now:
                found = [newest_rows(read, kind, {}, above=0, upto=position) for kind in kinds]
            else:
                found = [self._kept(read, kind, now) for kind in kinds]
            upto = now if position is None else min(position, now)
            if "deals" in kinds:
                found.append({"deal_revisions": deal_revisions(read, upto)})
            if kinds is KINDS:
                of_payroll = {"fixed_events": fixed_events, "adjustments": accepted_adjustments, "holds": holds_of}
                of_payroll["stated_credits"] = stated_credits
                found.append({name: rows(read, upto) for name, rows in of_payroll.items()})
        return facts_of({name: frame for frames in found for name, frame in frames.items()})

    def _kept(self, read: Sql, kind: str, now: int) -> dict[str, pl.DataFrame]:
        with self._cache_lock:
            above, frames = self._newest.get(kind, (0, {}))
            if kind == "participants" and frames and above < last_erasure(read):
                above, frames = 0, {}  # they have names that are no more to be read
            if above > now:  # kept by a thread that saw more than this one; a position is a promise
                return newest_rows(read, kind, {}, above=0, upto=now)
            if above < now or not frames:
                frames = newest_rows(read, kind, frames, above=above, upto=now)
                self._newest[kind] = (now, frames)
            return frames

    def last_erasure(self) -> int:
        with self.reading() as read:
            return last_erasure(read)

    def deals_of(self, source: str) -> frozenset[str]:
        with self.reading() as read:
            asked = "SELECT DISTINCT external_id FROM deals WHERE source = ?"
            return frozenset(row[0] for row in read.execute(asked, (source,)))

    def plans_at(self, position: int | None = None) -> list[PlanRecord]:
        with self.reading() as read:
            upto = position_of(read) if position is None else position
            rows = read.execute(f"{PLANS} WHERE request <= ? ORDER BY request", (upto,)).fetchall()
            return [plan_record(read, row) for row in rows]

    def recorded(
        self, kind: str, key: Sequence[str | int | date | None], *, above: int, upto: int
    ) -> tuple[datetime, str] | None:
        if kind == "stated_credits":
            with self.reading() as read:
                return recorded_credit(read, key, above=above, upto=upto)
        columns = ("plan",) if kind == "plans" else TABLES[kind].key
        where = " AND ".join(f"t.{name} = ?" for name in columns)
        asked = (
            f"SELECT r.recorded_time, r.subject FROM {kind} t JOIN requests r ON r.request = t.request "
            f"WHERE {where} AND t.request > ? AND t.request <= ? ORDER BY t.request DESC LIMIT 1"
        )
        values = [part.isoformat() if isinstance(part, date) else "" if part is None else part for part in key]
        with self.reading() as read:
            row = read.execute(asked, (*values, above, upto)).fetchone()
        return None if row is None else (instant(row[0]), row[1])

    def answered(self, mutation: Mutation) -> Loaded | None:
        with self.reading() as read:
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
        with self.reading() as read:
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

    def reading(self) -> AbstractContextManager[Sql]:
        """One snapshot for everything that is read inside."""
        return self._reads.one()

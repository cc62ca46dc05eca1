"""The manager line on a day: who is above whom, covers included (C4).

Between two dates at which any assignment starts or ends nothing about it changes, so days are told apart only by the
*segment* they lie in.
"""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.limits import MAX_LEVELS


def segments(book: Book, days: pl.Series) -> pl.Series:
    """The segment of each day: how many dates of change are not after it."""
    return _changes(book).search_sorted(days, "right").cast(pl.UInt32).alias("segment")


def managers(book: Book, pairs: pl.DataFrame) -> pl.DataFrame:
    """All managers above each (participant_ix, segment), each once, at the nearest level: participant_ix, segment,
    manager_ix, level (1: the direct manager)."""
    frontier = _direct(book, pairs.unique())
    above = frontier.with_columns(level=pl.lit(1))
    for level in range(2, MAX_LEVELS + 2):
        step = _direct(book, frontier.select("segment", participant_ix="manager_ix").unique())
        step = step.rename({"manager_ix": "next_ix", "participant_ix": "manager_ix"})
        frontier = frontier.join(step, on=["manager_ix", "segment"]).select(
            "participant_ix", "segment", manager_ix="next_ix"
        )
        frontier = frontier.unique().join(above, on=["participant_ix", "segment", "manager_ix"], how="anti")
        if frontier.is_empty():
            break
        above = pl.concat([above, frontier.with_columns(level=pl.lit(level))])
    return above.sort("participant_ix", "segment", "manager_ix")


def in_force(book: Book, pairs: pl.DataFrame) -> pl.DataFrame:
    """The assignments in force in each (participant_ix, segment)."""
    rows = pairs.with_columns(day=_first_day(book, pairs["segment"])).join(book.assignments, on="participant_ix")
    return rows.filter(pl.col("start_date") <= pl.col("day"), pl.col("day") < pl.col("end_date"))


def _changes(book: Book) -> pl.Series:
    return pl.concat([book.assignments["start_date"], book.assignments["end_date"]]).unique().sort()


def _direct(book: Book, pairs: pl.DataFrame) -> pl.DataFrame:
    """The managers named by the assignments in force, or who stands in for them."""
    named = in_force(book, pairs).filter(pl.col("manager_ix").is_not_null())
    named = named.select("participant_ix", "segment", "manager_ix").unique()
    seated: list[pl.DataFrame] = []
    for _ in range(MAX_LEVELS):
        if named.is_empty():
            break
        seats = named.select("segment", participant_ix="manager_ix").unique()
        present = in_force(book, seats).select("segment", manager_ix="participant_ix").unique()
        keys = ["manager_ix", "segment"]
        seated.append(named.join(present, on=keys, how="semi"))
        covers = _covers(book, seats.rename({"participant_ix": "manager_ix"}).join(present, on=keys, how="anti"))
        named = named.join(covers, on=keys).select("participant_ix", "segment", manager_ix="cover_ix").unique()
    return pl.concat(seated).unique() if seated else named


def _covers(book: Book, seats: pl.DataFrame) -> pl.DataFrame:
    """Who the latest ended assignment of each vacant seat names as cover."""
    ended = book.assignments.select("end_date", "cover_ix", "plan", manager_ix="participant_ix")
    rows = seats.with_columns(day=_first_day(book, seats["segment"])).join(ended, on="manager_ix")
    latest = rows.filter(pl.col("end_date") <= pl.col("day")).sort("end_date", "plan")
    latest = latest.unique(["manager_ix", "segment"], keep="last", maintain_order=True)
    return latest.filter(pl.col("cover_ix").is_not_null()).select("manager_ix", "segment", "cover_ix")


def _first_day(book: Book, segment: pl.Series) -> pl.Series:
    """A day of the segment; before the first date of change nobody is assigned, and no row is asked for."""
    changes = pl.concat([pl.Series([None], dtype=pl.Date), _changes(book)])
    return changes[segment]

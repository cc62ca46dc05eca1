"""Credit that somebody states beside deals: what a position opens with at a cut-over (B3), and adjustments (B4).

Each is one credit event of its participant's list, on its day, behind what counts from the beginning of that day on.
It belongs to no deal: no rule credits it, and it never rolls up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from compsvc.core.book import Book
from compsvc.core.counting import periods_of
from compsvc.core.measures import MOVES, Clause, Measured

OPENING, ADJUSTMENT = "opening", "adjustment"
SOURCES: Mapping[str, str] = {OPENING: "opening_positions", ADJUSTMENT: "credit_adjustments"}  # in the source's place


def with_stated(book: Book, clauses: Sequence[Clause], measured: Measured) -> Measured:
    """The moves of a component and those that somebody states."""
    if book.stated.is_empty():
        return measured
    own = book.stated.filter(pl.col("plan") == clauses[-1].plan.plan, pl.col("component") == clauses[-1].name)
    if own.is_empty():
        return measured
    return replace(measured, moves=pl.concat([measured.moves, *(_moves(clause, own) for clause in clauses)]))


def _moves(clause: Clause, stated: pl.DataFrame) -> pl.DataFrame:
    """Those of the days on which the revision is in force."""
    plan, day = clause.plan, pl.col("credit_date")
    rows = stated.filter(day >= plan.effective, day < clause.credited.reading.until)
    rows = rows.select(
        "participant_ix",
        periods_of(rows["credit_date"], plan, clause.component.per),
        event_ix="subject",
        curve=pl.lit(clause.curve),
        overlay=pl.lit(False),
        counting_date="credit_date",
        whole="credit",
        **{name: pl.when(name).then("credit").otherwise(0) for name in ("counts", "pays")},
    )
    rows = rows.with_columns(pl.lit(None).alias(name) for name in MOVES if name not in rows.columns)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in MOVES.items())


def paid_apart(book: Book, moves: pl.DataFrame) -> pl.DataFrame | None:
    """Whose positions in which periods a credit moves that is not what rates apply to, or the other way round (M1)."""
    if book.stated.is_empty():
        return None
    at = book.of_stated(moves["event_ix"])
    rows = moves.filter(at.is_not_null() & (moves["counts"] != moves["pays"]))
    return rows.select("participant_ix", "period").unique() if rows.height else None


def following(book: Book, shares: pl.DataFrame) -> pl.DataFrame:
    """What losses take of deal lines, and of the credits that are taken back with them (T1)."""
    if book.stated.is_empty():
        return shares
    kept = book.stated.filter(pl.col("taken_back").fill_null(value=False), pl.col("event_ix").is_not_null())
    own = kept.select("event_ix", "subject").join(shares, on="event_ix").with_columns(event_ix="subject")
    return pl.concat([shares, own.select(pl.col(name).cast(dtype) for name, dtype in shares.schema.items())])

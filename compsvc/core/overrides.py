"""`counts: earnings`: what the reports earn with their deals is what counts for those above them (M7).

Read are the lines of every component that does not count earnings itself, under plans in the same currency, after
their own caps and before the plan's; each deal line once per manager, as team credit is (C4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from compsvc.core.book import Book
from compsvc.core.components import Paid
from compsvc.core.counting import counting_dates, periods_of
from compsvc.core.measures import MOVES, Clause, Measured, waiting_for_nobody
from compsvc.core.money import to_minor
from compsvc.core.team import segments
from compsvc.core.team_credit import managers_of_plan


def measure_earnings(book: Book, clauses: Sequence[Clause], paid: Iterable[Paid]) -> Measured:
    """The moves of a component that counts earnings, over its revisions."""
    currency = clauses[-1].plan.currency
    frames = [_of_deals(book, found) for found in paid if found.clauses[-1].plan.currency == currency]
    nothing = pl.DataFrame(schema={"participant_ix": pl.UInt32, "event_ix": pl.UInt32, "amount": pl.Int128})
    earned = pl.concat([nothing, *frames]).group_by("participant_ix", "event_ix").agg(pl.col("amount").sum())
    moves = pl.concat([_moves(book, clause, earned) for clause in clauses])
    return waiting_for_nobody(moves)


def _of_deals(book: Book, paid: Paid) -> pl.DataFrame:
    """Who earned how much with which stage event."""
    assert paid.lines is not None
    assert paid.entries is not None
    lines = paid.lines.select("bind", "list", "place", "amount_minor").drop_nulls("list")
    rows = lines.join(paid.entries.select("list", "place", "subject"), on=["list", "place"])
    rows = rows.filter(pl.col("subject") < book.events.height)
    return rows.select(
        paid.binds["participant_ix"][rows["bind"]],
        pl.col("subject").alias("event_ix"),
        pl.col("amount_minor").cast(pl.Int128).alias("amount"),
    )


def _moves(book: Book, clause: Clause, earned: pl.DataFrame) -> pl.DataFrame:
    """Of the managers under one revision, by the line as of the close date."""
    closed = book.events["closed_date"][earned["event_ix"]]
    rows = earned.with_columns(segments(book, closed))
    above = managers_of_plan(book, clause.plan, clause.component, rows.select("participant_ix", "segment").unique())
    rows = rows.join(above, on=["participant_ix", "segment"])
    summed = rows.group_by("manager_ix", "event_ix").agg(pl.col("amount").sum()).sort("event_ix", "manager_ix")
    plan, per = clause.plan, clause.component.per
    counting = counting_dates(book, plan, per)[summed["event_ix"]]
    amount = to_minor(pl.col("amount"))
    moves = summed.with_columns(
        pl.col("manager_ix").alias("participant_ix"),
        counting.alias("counting_date"),
        periods_of(counting, plan, per),
        **dict.fromkeys(("whole", "counts", "pays"), amount),
        curve=pl.lit(clause.curve),
        overlay=pl.lit(False),
    )
    moves = moves.with_columns(pl.lit(None).alias(name) for name in MOVES if name not in moves.columns)
    decided = (pl.col("counting_date") >= plan.effective) & (pl.col("counting_date") < clause.credited.reading.until)
    return moves.filter(decided).select(pl.col(name).cast(dtype) for name, dtype in MOVES.items())

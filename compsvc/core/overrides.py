"""`counts: earnings`: what the reports earn with their deals is what counts for those above them (M7). With
`own_earnings` it is what other components of the plan pay the same participant.

Read are the lines of every component that does not count earnings itself, under plans in the same currency, after
their own caps and before the plan's; each deal line once per manager, as team credit is (C4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
    earned = _earned(book, (found for found in paid if found.clauses[-1].plan.currency == currency))
    found = [_moves(book, clause, _by_manager(book, clause, earned)) for clause in clauses]
    return waiting_for_nobody(pl.concat(found))


def measure_own_earnings(book: Book, clauses: Sequence[Clause], paid: Mapping[str, Paid]) -> Measured:
    """The moves of a component that counts what others of its plan pay, over its revisions."""
    found = []
    for clause in clauses:
        earned = _earned(book, (paid[name] for name in clause.component.of or ()))
        found.append(_moves(book, clause, earned.sort("event_ix", "participant_ix")))
    return waiting_for_nobody(pl.concat(found))


def _earned(book: Book, paid: Iterable[Paid]) -> pl.DataFrame:
    """What each participant earns with each stage event."""
    nothing = pl.DataFrame(schema={"participant_ix": pl.UInt32, "event_ix": pl.UInt32, "amount": pl.Int128})
    frames = [_of_deals(book, found) for found in paid]
    return pl.concat([nothing, *frames]).group_by("participant_ix", "event_ix").agg(pl.col("amount").sum())


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


def _by_manager(book: Book, clause: Clause, earned: pl.DataFrame) -> pl.DataFrame:
    """For the managers under one revision, by the line as of the close date; each deal line once."""
    closed = book.events["closed_date"][earned["event_ix"]]
    rows = earned.with_columns(segments(book, closed))
    above = managers_of_plan(book, clause.plan, clause.component, rows.select("participant_ix", "segment").unique())
    rows = rows.join(above, on=["participant_ix", "segment"])
    summed = rows.group_by("manager_ix", "event_ix").agg(pl.col("amount").sum()).sort("event_ix", "manager_ix")
    return summed.rename({"manager_ix": "participant_ix"})


def _moves(book: Book, clause: Clause, earned: pl.DataFrame) -> pl.DataFrame:
    """Of those that one revision decides."""
    plan, per = clause.plan, clause.component.per
    counting = counting_dates(book, plan, per)[earned["event_ix"]]
    moves = earned.with_columns(
        counting.alias("counting_date"),
        periods_of(counting, plan, per),
        **dict.fromkeys(("whole", "counts", "pays"), to_minor(pl.col("amount"))),
        curve=pl.lit(clause.curve),
        overlay=pl.lit(False),
    )
    moves = moves.with_columns(pl.lit(None).alias(name) for name in MOVES if name not in moves.columns)
    decided = (pl.col("counting_date") >= plan.effective) & (pl.col("counting_date") < clause.credited.reading.until)
    return moves.filter(decided).select(pl.col(name).cast(dtype) for name, dtype in MOVES.items())

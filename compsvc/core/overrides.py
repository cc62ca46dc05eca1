"""`counts: earnings`: what the reports earn with their deals is what counts for those above them (M7). With
`own_earnings` it is what other components of the plan pay the same participant.

Read are the lines of every component that does not count earnings itself, under plans in the same currency, after
their own caps and before the plan's; each deal line once per manager, as team credit is (C4). `settles` is the last
day on which a part of what is read settles with its period: no share of it is paid sooner (M8). What takes something
back later moves no day, or what has been paid would be taken back until then. What a windfall leaves for a review is no
part of what is read before somebody has released it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from compsvc.core.book import Book
from compsvc.core.components import Paid
from compsvc.core.counting import counting_dates, periods_of
from compsvc.core.holds import released_on
from compsvc.core.lists import TAKE_BACK
from compsvc.core.measures import MOVES, Clause, Measured, waiting_for_nobody
from compsvc.core.money import to_minor
from compsvc.core.team import segments
from compsvc.core.team_credit import managers_of_plan

_EARNED = {"participant_ix": pl.UInt32, "event_ix": pl.UInt32, "amount": pl.Int128, "settles": pl.Date}
_SUMMED = pl.col("amount").sum(), pl.col("settles").max()


def measure_earnings(book: Book, clauses: Sequence[Clause], paid: Iterable[Paid], released: pl.DataFrame) -> Measured:
    """The moves of a component that counts earnings, over its revisions. `released`: see `holds.released`."""
    currency = clauses[-1].plan.currency
    earned = _earned(book, (found for found in paid if found.clauses[-1].plan.currency == currency), released)
    found = [_moves(book, clause, _by_manager(book, clause, earned)) for clause in clauses]
    return _measured(found)


def measure_own_earnings(
    book: Book, clauses: Sequence[Clause], paid: Mapping[str, Paid], released: pl.DataFrame
) -> Measured:
    """The moves of a component that counts what others of its plan pay, over its revisions."""
    found = []
    for clause in clauses:
        earned = _earned(book, (paid[name] for name in clause.component.of or ()), released)
        found.append(_moves(book, clause, earned.sort("event_ix", "participant_ix")))
    return _measured(found)


def _measured(found: Sequence[pl.DataFrame]) -> Measured:
    rows = pl.concat(found)
    settles = rows.select("participant_ix", "event_ix", "settles").drop_nulls()
    measured = waiting_for_nobody(rows.drop("settles"))
    return measured if settles.is_empty() else replace(measured, settles=settles)


def _earned(book: Book, paid: Iterable[Paid], released: pl.DataFrame) -> pl.DataFrame:
    """What each participant earns with each stage event, and when that has settled."""
    nothing = pl.DataFrame(schema=_EARNED)
    frames = [_of_deals(book, found, released) for found in paid]
    return pl.concat([nothing, *frames]).group_by("participant_ix", "event_ix").agg(*_SUMMED)


def _of_deals(book: Book, paid: Paid, released: pl.DataFrame) -> pl.DataFrame:
    """Who earned how much with which stage event."""
    assert paid.lines is not None
    assert paid.entries is not None
    lines = paid.lines.select("bind", "list", "place", "amount_minor", "held").drop_nulls("list")
    rows = lines.join(paid.entries.select("list", "place", "subject", "kind"), on=["list", "place"])
    rows = rows.filter(pl.col("subject") < book.events.height)
    rows = _decided(book, paid, rows, released)
    rows = rows.with_columns(ends=paid.binds["period_end"].dt.offset_by("-1d")[rows["bind"]])
    settles = paid.clauses[-1].component.settle == "period_end"
    provisional = pl.lit(settles) & (pl.col("amount_minor") != 0) & (pl.col("kind") != TAKE_BACK)
    found = rows.select(
        paid.binds["participant_ix"][rows["bind"]],
        pl.col("subject").alias("event_ix"),
        pl.col("amount_minor").cast(pl.Int128).alias("amount"),
        pl.when(provisional).then("ends").alias("settles"),
    )
    if paid.settles is None:
        return found
    keys = ["participant_ix", "event_ix"]
    read = found.join(paid.settles, on=keys, how="left", maintain_order="left", suffix="_read")
    return read.with_columns(settles=pl.max_horizontal("settles", "settles_read")).select(*_EARNED)


def _decided(book: Book, paid: Paid, rows: pl.DataFrame, released: pl.DataFrame) -> pl.DataFrame:
    """Without what waits for a review, or was refused in one."""
    held = rows["held"].fill_null(value=False)
    if not held.any():
        return rows
    deal = book.events["deal_ix"][rows["subject"]]
    names = pl.DataFrame(
        {
            "participant_id": book.participants["participant_id"][paid.binds["participant_ix"][rows["bind"]]],
            "source": book.deals["source"][deal],
            "external_id": book.deals["external_id"][deal],
        }
    ).with_columns(plan=pl.lit(paid.clauses[-1].plan.plan), component=pl.lit(paid.clauses[-1].name))
    return rows.filter(~held | released_on(names, released).is_not_null())


def _by_manager(book: Book, clause: Clause, earned: pl.DataFrame) -> pl.DataFrame:
    """For the managers under one revision, by the line as of the close date; each deal line once."""
    closed = book.events["closed_date"][earned["event_ix"]]
    rows = earned.with_columns(segments(book, closed))
    above = managers_of_plan(book, clause.plan, clause.component, rows.select("participant_ix", "segment").unique())
    rows = rows.join(above, on=["participant_ix", "segment"])
    summed = rows.group_by("manager_ix", "event_ix").agg(*_SUMMED).sort("event_ix", "manager_ix")
    return summed.rename({"manager_ix": "participant_ix"})


def _moves(book: Book, clause: Clause, earned: pl.DataFrame) -> pl.DataFrame:
    """Of those that one revision decides; with `settles`."""
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
    own = (pl.col(name).cast(dtype) for name, dtype in MOVES.items())
    return moves.filter(decided).select(*own, "settles")

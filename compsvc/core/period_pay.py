"""What a measurement period pays by itself, such as a retainer: one line for each participant and period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from compsvc.core.book import Book
from compsvc.core.counting import periods_of
from compsvc.core.measures import Clause
from compsvc.core.money import rounded, to_minor

OF_PERIOD = "of_period_minor"
_KEY = ["participant_ix", "period"]


def paid_periods(book: Book, clauses: Sequence[Clause]) -> Sequence[int]:
    """From the first day under the plan to the latest day that the facts tell of; none where that is before it."""
    first, last = clauses[0], clauses[-1]
    started = book.assignments.filter(pl.col("plan") == last.plan.plan)["start_date"].min()
    latest = latest_day(book)
    if not isinstance(started, date) or latest is None:
        return ()
    begins = max(started, first.plan.effective)
    if latest < begins:
        return ()
    begin, end = periods_of(pl.Series([begins, latest], dtype=pl.Date), last.plan, last.component.per)
    return range(begin, end + 1)


def latest_day(book: Book) -> date | None:
    """Of any accepted deal's closing or acceptance, loss, activity or beginning assignment: the core has no clock."""
    deals = (
        book.events.filter(pl.col("begins").is_null())
        .select("closed_date", pl.col("accepted_time").dt.date())
        .drop_nulls()
    )
    told = [
        deals["closed_date"], deals["accepted_time"], book.activities["activity_date"],
        book.losses["loss_date"], book.assignments["start_date"],
    ]  # fmt: skip
    return max((day for days in told if isinstance(day := days.max(), date)), default=None)


def with_period_pay(binds: pl.DataFrame, clauses: Sequence[Clause]) -> pl.DataFrame:
    """The period's amount stands on the part at its end, those before it are `superseded`. By days, every part adds
    its revision's amount for the days that it has; whole, the last one has it all. Rounded once."""
    terms = {clause.curve: clause.component.pays.of_period for clause in clauses}
    amounts = {curve: of.amount_minor if of is not None else 0 for curve, of in terms.items()}
    by_days = {curve: of is not None and of.by_days for curve, of in terms.items()}
    curve, last = pl.col("curve"), pl.struct(_KEY).is_last_distinct()
    days = [(pl.col(f"{of}_end") - pl.col(f"{of}_start")).dt.total_days().cast(pl.Int128) for of in ("part", "period")]
    amount = curve.replace_strict(amounts, return_dtype=pl.Int128)
    rows = binds.with_columns(_by_days=amount * days[0], _whole=amount * days[1], _days=days[1], last=last)
    summed = pl.col("_by_days").sum().over(_KEY)
    exact = pl.when(curve.replace_strict(by_days, return_dtype=pl.Boolean)).then(summed).otherwise("_whole")
    paid = to_minor(rounded(exact, pl.col("_days"), clauses[-1].plan.rounding))
    return rows.with_columns(
        pl.when("last").then(paid).otherwise(0).alias(OF_PERIOD),
        pay_target=pl.lit(value=True),
        superseded=~pl.col("last"),
    ).drop("_by_days", "_whole", "_days", "last")

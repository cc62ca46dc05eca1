"""Which day, and so which measurement period, an event counts on (D1, D3)."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.periods import period_index, period_span
from compsvc.core.plan import Component, Plan


def counting_dates(book: Book, plan: Plan, per: str) -> pl.Series:
    """The date that decides the measurement period (D1); null while the deal is pending."""
    accepted = book.events["accepted_time"].dt.date()
    if plan.counts_on == "accepted":
        return accepted.alias("counting_date")
    closed = book.events["closed_date"]
    in_time = accepted < _period_ends(closed, plan, per).dt.offset_by(f"{plan.accepted_within or 0}d")
    return closed.zip_with(in_time.fill_null(False), accepted).alias("counting_date")


def subject_dates(book: Book, plan: Plan, component: Component) -> pl.Series:
    """The counting date of each subject: of all events, and of the activities where the component counts them."""
    days = counting_dates(book, plan, component.per)
    if component.counts != "activities":
        return days
    return pl.concat([days, book.activities["activity_date"].alias("counting_date")])


def _period_ends(days: pl.Series, plan: Plan, per: str) -> pl.Series:
    index = periods_of(days, plan, per)
    distinct = index.unique().sort()
    ends = [period_span(at, per=per, fiscal_year_starts=plan.fiscal_year_starts)[1] for at in distinct]
    return pl.Series(ends, dtype=pl.Date).gather(distinct.search_sorted(index))


def periods_of(days: pl.Series, plan: Plan, per: str) -> pl.Series:
    expression = period_index(pl.col("day"), per=per, fiscal_year_starts=plan.fiscal_year_starts)
    return days.alias("day").to_frame().select(expression.cast(pl.Int32).alias("period")).to_series()

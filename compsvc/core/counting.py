"""Which day, and so which measurement period, an event counts on (D1, D3)."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.periods import period_index, period_span
from compsvc.core.plan import OF_EARNINGS, OPENED, Component, Plan


def counting_dates(book: Book, plan: Plan, per: str) -> pl.Series:
    """The date that decides the measurement period (D1); null while the deal is pending. A stage that begins by itself
    counts on the day on which it begins, but not before its line does (L3)."""
    if book.signed is None:
        return _line_dates(book, plan, per)
    days, begins = _line_dates(book, plan, per)[book.signed], book.events["begins"]
    return pl.select(pl.max_horizontal(days, begins).alias("counting_date")).to_series()


def counts_stages(plan: Plan, component: Component) -> bool:
    """Whether stages that begin by themselves move the component's position, or what it counts."""
    position = component.pays.position_of
    shared = position is not None and plan.components[position].by_stage
    return component.by_stage or component.counts in OF_EARNINGS or shared


def _line_dates(book: Book, plan: Plan, per: str) -> pl.Series:
    accepted = book.events["accepted_time"].dt.date()
    if plan.counts_on == "accepted":
        return accepted.alias("counting_date")
    closed = book.events["closed_date"]
    in_time = accepted < _period_ends(closed, plan, per).dt.offset_by(f"{plan.accepted_within or 0}d")
    return closed.zip_with(in_time.fill_null(False), accepted).alias("counting_date")


def subject_dates(book: Book, plan: Plan, component: Component) -> pl.Series:
    """The counting date of each subject: of all events and stated credits, and of the activities where the component
    counts them. Accounts open with each period, so they have none."""
    days = counting_dates(book, plan, component.per)
    done = book.activities["activity_date"]
    stated = book.stated["credit_date"]
    if component.counts in OPENED:
        further = [repeated(None, len(done), pl.Date), stated, repeated(None, book.accounts.height, pl.Date)]
    elif component.counts == "activities":
        further = [done, stated]
    elif len(stated):
        further = [repeated(None, len(done), pl.Date), stated]
    else:
        return days
    return pl.concat([days, *(those.alias("counting_date") for those in further)])


def last_known(book: Book, plan: Plan) -> pl.Series:
    """Days besides those on which something counts: of losses, and on which ownerships and assignments begin."""
    assigned = book.assignments.filter(pl.col("plan") == plan.plan)["start_date"]
    days = [book.losses["loss_date"], book.ownerships["start_date"], assigned]
    return pl.concat([day.rename("day") for day in days]).drop_nulls()


def _period_ends(days: pl.Series, plan: Plan, per: str) -> pl.Series:
    index = periods_of(days, plan, per)
    distinct = index.unique().sort()
    ends = [period_span(at, per=per, fiscal_year_starts=plan.fiscal_year_starts)[1] for at in distinct]
    return pl.Series(ends, dtype=pl.Date)[distinct.search_sorted(index)]


def periods_of(days: pl.Series, plan: Plan, per: str) -> pl.Series:
    expression = period_index(pl.col("day"), per=per, fiscal_year_starts=plan.fiscal_year_starts)
    return days.alias("day").to_frame().select(expression.cast(pl.Int32).alias("period")).to_series()

"""What is kept of the customers whom a participant owns on the first day of a measurement period (M6).

The list of `retained_arr` starts with an opening for each of these accounts, worth the recurring value in force that
day; what customers add and give up in the period then moves it. `logo_retention` counts the same accounts, and loses
those that leave. An account that is handed over stands on neither side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from compsvc.core.activities import ONE
from compsvc.core.book import Book
from compsvc.core.counting import counting_dates, last_known, periods_of
from compsvc.core.in_force import FOREVER, recurring_values
from compsvc.core.money import proportion
from compsvc.core.periods import period_span
from compsvc.core.plan import RETAINED_ARR
from compsvc.core.values import line_values

if TYPE_CHECKING:
    from compsvc.core.measures import Clause

MOVED = {  # what `measures.MOVES` needs of it; the rest is null
    "participant_ix": pl.UInt32,
    "period": pl.Int32,
    "event_ix": pl.UInt32,
    "curve": pl.UInt32,
    "loss": pl.UInt32,
    "counting_date": pl.Date,
    "whole": pl.Int64,
}
_KEY = ["participant_ix", "period"]
_ACCOUNT = ["period", "account_ix"]


def retained(book: Book, clauses: Sequence[Clause]) -> pl.DataFrame:
    """MOVED: the openings, what moves their accounts in the period, and what losses take."""
    periods = _periods(book, clauses)
    if periods.is_empty():
        return pl.DataFrame(schema=MOVED)
    kept = pl.concat([_openings(book, clause, _begun(clause, periods)) for clause in clauses])
    counted = pl.concat([_counted(book, clause) for clause in clauses])
    first = kept.join(periods.select("period", counting_date="period_start"), on="period")
    first = first.with_columns(event_ix=book.accounts_from + pl.col("account_ix"))
    own = kept.select(*_KEY, "account_ix")
    if clauses[-1].component.counts == RETAINED_ARR:
        frames = [first, counted.with_columns(whole="value"), *_lost_values(book, clauses, periods, kept, counted)]
    else:
        gone = [_churned(counted), *_lost_accounts(book, clauses, periods, kept, counted)]
        frames = [frame.with_columns(whole=pl.lit(-ONE)) for frame in gone]
        frames = [first.with_columns(whole=pl.lit(ONE)), *frames]
    owned = [frames[0], *(frame.join(own, on=_ACCOUNT) for frame in frames[1:])]
    rows = [frame.with_columns(pl.lit(None).alias(name) for name in MOVED if name not in frame) for frame in owned]
    return pl.concat([frame.select(pl.col(name).cast(dtype) for name, dtype in MOVED.items()) for frame in rows])


def quotas(moves: pl.DataFrame, accounts_from: int) -> pl.DataFrame:
    """Per participant and period what the accounts were worth on the first day: the quota of `opening_arr`."""
    own = moves.filter(pl.col("event_ix") >= accounts_from, pl.col("loss").is_null())
    return own.group_by(_KEY).agg(opening=pl.col("counts").cast(pl.Int128).sum().cast(pl.Int64, strict=True))


def _periods(book: Book, clauses: Sequence[Clause]) -> pl.DataFrame:
    """From the first day on which anything counts to the last that is known, without gaps."""
    clause = clauses[-1]
    per, starts = clause.component.per, clause.plan.fiscal_year_starts
    signed = book.events["begins"].is_null()
    counted = [counting_dates(book, each.plan, per).filter(signed).drop_nulls().rename("day") for each in clauses]
    if not sum(map(len, counted)):
        return pl.DataFrame(schema={"period": pl.Int32, "period_start": pl.Date, "period_end": pl.Date})
    days = pl.concat(counted)
    ends = pl.Series([days.min(), pl.concat([days, last_known(book, clause.plan)]).max()], dtype=pl.Date)
    first, last = periods_of(ends, clause.plan, per)
    rows = [(ix, *period_span(ix, per=per, fiscal_year_starts=starts)) for ix in range(first, last + 1)]
    schema = {"period": pl.Int32, "period_start": pl.Date, "period_end": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _begun(clause: Clause, periods: pl.DataFrame) -> pl.DataFrame:
    """The periods on whose first day the revision is in force."""
    until = clause.credited.reading.until
    return periods.filter(pl.col("period_start") >= clause.plan.effective, pl.col("period_start") < until)


def _openings(book: Book, clause: Clause, periods: pl.DataFrame) -> pl.DataFrame:
    """participant_ix, period, account_ix, whole, curve: the accounts that are somebody's on the first day, of a plan's
    participants, and bring anything that day."""
    owned = _owned(book, clause, periods)
    values = recurring_values(book, clause, periods["period_start"], owned["account_ix"].unique())
    days = periods.select("period", day="period_start")
    rows = owned.join(days, on="period").join(values, on=["account_ix", "day"])
    rows = rows.filter(pl.col("value") > 0).sort(*_KEY, "account_ix")
    return rows.select(*_KEY, "account_ix", whole="value", curve=pl.lit(clause.curve, pl.UInt32))


def _owned(book: Book, clause: Clause, periods: pl.DataFrame) -> pl.DataFrame:
    """participant_ix, period, account_ix without what is handed over: on the last day another's, and no more theirs."""
    terms = book.assignments.filter(pl.col("plan") == clause.plan.plan)
    terms = terms.select("participant_ix", assigned="start_date", ended="end_date")
    days = book.ownerships.select("participant_ix", "account_ix", "start_date", "end_date")
    days = days.with_columns(pl.col("end_date").fill_null(FOREVER)).join(periods, how="cross")
    first, last = pl.col("period_start"), pl.col("period_end").dt.offset_by("-1d")
    held = days.filter(pl.col("start_date") <= first, first < pl.col("end_date"))
    held = held.select("participant_ix", *_ACCOUNT, "period_start").unique().join(terms, on="participant_ix")
    held = held.filter(pl.col("assigned") <= first, first < pl.col("ended")).select("participant_ix", *_ACCOUNT)
    at_last = days.filter(pl.col("start_date") <= last, last < pl.col("end_date"))
    at_last = at_last.select("participant_ix", *_ACCOUNT).unique()
    others = at_last.select(_ACCOUNT).unique()
    gone = held.join(at_last, on=["participant_ix", *_ACCOUNT], how="anti").join(others, on=_ACCOUNT, how="semi")
    return held.join(gone, on=["participant_ix", *_ACCOUNT], how="anti")


def _counted(book: Book, clause: Clause) -> pl.DataFrame:
    """The events that count under the revision, with period, counting_date, deal_type and value."""
    reading, plan = clause.credited.reading, clause.plan
    types = reading.exchange.counted(reading.types)
    value = reading.exchange.converted(line_values(book, types, clause.component, "delta_acv", plan.rounding))
    columns = [types["deal_type"], value.alias("value"), counting_dates(book, plan, clause.component.per)]
    rows = book.events.select("event_ix", "account_ix", "bought", *columns)
    rows = rows.filter(~reading.exchange.unrated, book.events["begins"].is_null())
    rows = rows.filter(pl.col("counting_date") >= plan.effective, pl.col("counting_date") < reading.until)
    periods = periods_of(rows["counting_date"], plan, clause.component.per)
    return rows.with_columns(periods, curve=pl.lit(clause.curve, pl.UInt32))


def _lost_values(
    book: Book, clauses: Sequence[Clause], periods: pl.DataFrame, kept: pl.DataFrame, counted: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """What losses in the period take of what was in force, or was added in it. Where a churn or downsell of the same
    product counts in the period, it has taken it already (L5)."""
    if book.lost.is_empty():
        return
    added = counted.filter(pl.col("value") > 0)
    added = added.select("period", "event_ix", "counting_date", pl.col("value").cast(pl.Int128))
    opened = _opened_lines(book, clauses, periods, kept)
    both = pl.concat([opened, added], how="diagonal").group_by("period", "event_ix")
    worth = both.agg(pl.col("value").sum(), pl.col("counting_date").max())
    told = counted.filter(pl.col("deal_type").is_in(["churn", "downsell"])).select("period", "bought").unique()
    for clause in clauses:
        rows = _losses(book, clause).join(worth, on=["period", "event_ix"])
        rows = rows.join(told, on=["period", "bought"], how="anti")
        shares = (
            proportion(pl.col("value"), pl.col(name), pl.col("left"), clause.plan.rounding)
            for name in ("before", "up_to")
        )
        before, up_to = shares
        day = pl.max_horizontal("loss_date", "counting_date")
        yield rows.with_columns(whole=before - up_to, counting_date=day)


def _opened_lines(book: Book, clauses: Sequence[Clause], periods: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """period, event_ix, value: the lines that bring anything on the first day, of accounts that opened."""
    accounts, frames = kept["account_ix"].unique(), []
    for clause in clauses:
        begun = _begun(clause, periods)
        lines = recurring_values(book, clause, begun["period_start"], accounts, by_event=True)
        frames.append(lines.join(begun.select("period", day="period_start"), on="day"))
    return (
        pl.concat(frames)
        .filter(pl.col("value") > 0)
        .select("period", "account_ix", "event_ix", pl.col("value").cast(pl.Int128))
    )


def _losses(book: Book, clause: Clause) -> pl.DataFrame:
    """The losses under the revision, of each line's first stage event, with their periods: `before` and `up_to` are
    parts of what is `left` of the line on the period's first day."""
    lines = book.events.filter(pl.col("stage") == 0).select("event_ix", "account_ix", "bought", "deal_ix", "line")
    rows = book.lost.join(lines, on=["deal_ix", "line"]).sort("event_ix", "loss")
    rows = rows.with_columns(periods_of(rows["loss_date"], clause.plan, clause.component.per))
    so_far = pl.col("lost").cum_sum().over("event_ix")
    rows = rows.with_columns(so_far=so_far, earlier=so_far - pl.col("lost"))
    earlier = pl.col("earlier").min().over("event_ix", "period")
    rows = rows.with_columns(left=pl.col("whole") - earlier, up_to=pl.col("so_far") - earlier)
    rows = rows.with_columns(before=pl.col("up_to") - pl.col("lost"), curve=pl.lit(clause.curve, pl.UInt32))
    until = clause.credited.reading.until
    rows = rows.filter(pl.col("loss_date") >= clause.plan.effective, pl.col("loss_date") < until, pl.col("left") > 0)
    return rows.drop("whole", "lost")


def _churned(counted: pl.DataFrame) -> pl.DataFrame:
    """The first churn of each account that counts in the period."""
    churns = counted.filter(pl.col("deal_type") == "churn").sort("counting_date", "event_ix")
    return churns.unique(_ACCOUNT, keep="first", maintain_order=True)


def _lost_accounts(
    book: Book, clauses: Sequence[Clause], periods: pl.DataFrame, kept: pl.DataFrame, counted: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """Accounts of which no churn counts in the period, and losses take every line that they opened with: with the last
    of these losses."""
    if book.lost.is_empty():
        return
    lost = pl.concat([_losses(book, clause) for clause in clauses])
    ended = lost.filter(pl.col("up_to") >= pl.col("left")).sort("loss")
    ended = ended.unique(["period", "event_ix"], keep="first").select(
        "period", "event_ix", "loss", "loss_date", "curve"
    )
    lines = _opened_lines(book, clauses, periods, kept)
    lines = lines.join(ended, on=["period", "event_ix"], how="left").sort("loss", "event_ix")
    whole = lines.group_by(_ACCOUNT, maintain_order=True).agg(
        pl.col("loss", "curve", "event_ix").last(), counting_date=pl.col("loss_date").last(),
        stays=pl.col("loss").null_count(),
    )  # fmt: skip
    yield whole.filter(pl.col("stays") == 0).join(_churned(counted), on=_ACCOUNT, how="anti")

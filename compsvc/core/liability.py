"""From when on a credit can no longer be taken back in full, or at all (T1, L3)."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.measures import Clause
from compsvc.core.periods import whole_months
from compsvc.core.plan import Component
from compsvc.core.plan_clawback import FullWithin
from compsvc.core.values import last_stage_counts

_LINE = ["deal_ix", "line"]


def kept_shares(book: Book, clause: Clause, rows: pl.DataFrame, schedule: int | FullWithin) -> pl.DataFrame:
    """Rows of (event, loss) with `lost` and `of` by the months since the event's start: max(0, N - months) / N of what
    is lost, after the months for which all of it is. A ramp that counts with its last stage is owed from each stage's
    start on for what that stage adds."""
    starts = _starts(book, clause, rows)
    owed = rows.select("event_ix", "loss", "loss_date").unique().join(starts, on="event_ix")
    gone = whole_months(pl.col("start"), pl.col("loss_date"))
    months, left = _left(schedule, gone)
    owed = owed.with_columns(gone=gone.clip(lower_bound=0), left=left.clip(0, months))
    owed = owed.group_by("event_ix", "loss").agg(
        months_kept=pl.col("gone").max(),
        left=(pl.col("left").cast(pl.Int128) * pl.col("weight")).sum(),
        weight=pl.col("weight").cast(pl.Int128).sum(),
    )
    rows = rows.join(owed, on=["event_ix", "loss"], maintain_order="left")
    return rows.with_columns(lost=pl.col("lost") * pl.col("left"), of=pl.col("whole") * pl.col("weight") * months)


def _left(schedule: int | FullWithin, gone: pl.Expr) -> tuple[int, pl.Expr]:
    """In how many parts it is owed, and how many are left; the first whole months do not lessen them."""
    if isinstance(schedule, int):
        return schedule, schedule - gone
    if schedule.over:
        return schedule.over, schedule.over + schedule.months - gone
    return 1, schedule.months - gone


def _starts(book: Book, clause: Clause, rows: pl.DataFrame) -> pl.DataFrame:
    """Of each event the days from which parts of it are owed, with their weights."""
    events = rows.select("event_ix", *_LINE, "stage", "start_date", "closed_date", "begins").unique()
    stages = book.stages.join(events.select(_LINE).unique(), on=_LINE, how="semi")
    one = pl.lit(1, dtype=pl.Int64).alias("weight")
    if stages.is_empty():
        return events.select("event_ix", one, start=pl.coalesce("start_date", "closed_date"))
    numbered = pl.when("committed").then(0).otherwise("stage").cast(pl.Int64).alias("stage")
    firsts = stages.select(*_LINE, numbered, first="start_date").sort("first", nulls_last=True)
    firsts = firsts.unique([*_LINE, "stage"], keep="first", maintain_order=True)
    events = events.join(firsts, on=[*_LINE, "stage"], how="left")
    plain = events.select("event_ix", one, start=pl.coalesce("begins", "first", "start_date", "closed_date"))
    ramped = _by_stage(clause, events, stages)
    return pl.concat([plain.join(ramped, on="event_ix", how="anti"), ramped])


def _by_stage(clause: Clause, events: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """What each stage adds to the level that is credited, from its start on."""
    added = added_by_stage(clause.component, stages)
    if added.is_empty():
        return pl.DataFrame(schema={"event_ix": pl.get_index_type(), "weight": pl.Int64, "start": pl.Date})
    signed = events.filter(pl.col("stage") == 0).select("event_ix", *_LINE)
    return signed.join(added, on=_LINE).select("event_ix", "weight", "start")


def added_by_stage(component: Component, stages: pl.DataFrame) -> pl.DataFrame:
    """deal_ix, line, weight, start: of lines that the component credits with their last stage, what each stage adds to
    its level, of which only what is there without a break since counts (L3)."""
    measure = component.pays_on or component.counts
    if measure != "final_stage_acv" or component.ramp_limits is None:
        schema = {"deal_ix": pl.get_index_type(), "line": pl.Int64, "weight": pl.Int64, "start": pl.Date}
        return pl.DataFrame(schema=schema)
    committed = stages.filter("committed").sort(*_LINE, "stage")
    ramps = last_stage_counts(committed, component.ramp_limits)
    since = pl.col("level").reverse().cum_min().reverse()
    added = committed.join(ramps, on=_LINE, how="semi", maintain_order="left").with_columns(since=since.over(_LINE))
    added = added.with_columns(weight=pl.col("since") - pl.col("since").shift(1, fill_value=0).over(_LINE))
    return added.filter(pl.col("weight") > 0).select(*_LINE, "weight", start="start_date")

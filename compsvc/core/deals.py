"""What is derived about a deal from the deals before it: its type, its place in the account's history (D1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from compsvc.core.book import Book
from compsvc.core.periods import plus_months, whole_months
from compsvc.core.plan import Plan

_NO_END = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class History:
    """The choices of a plan that decide what is a new logo."""

    new_logo_by: str
    win_back: int | None

    @classmethod
    def of(cls, plan: Plan) -> History:
        return cls(plan.new_logo_by, plan.win_back)


def derived(book: Book, history: History) -> pl.DataFrame:
    """One row per event, in its order: deal_type, type_derived, first_order, first_closed_date,
    months_since_first_order, ramp."""
    entity, known = (
        ("account_ix", "known_since") if history.new_logo_by == "account" else ("root_ix", "root_known_since")
    )
    events = book.events.select("event_ix", "deal_ix", "line", "stage", "account_ix", "closed_date", "type", "product")
    events = events.with_columns(
        entity=book.accounts[entity].gather(events["account_ix"]),
        known=book.accounts[known].gather(events["account_ix"]),
    )
    events = events.with_columns(_first_orders(book, events, history))
    return events.select(
        deal_type=_deal_type(),
        type_derived=pl.col("type").is_null(),
        first_order=pl.col("first_order"),
        first_closed_date=pl.col("first_closed_date"),
        months_since_first_order=whole_months(pl.col("first_closed_date"), pl.col("closed_date")).clip(lower_bound=0),
        ramp=_ramps(book, events),
    )


def first_orders(book: Book, events: pl.DataFrame, history: History) -> pl.Series:
    """Whether the event's deal is the first of its `entity`, or a win-back."""
    first = events.filter(pl.col("stage") == 0).group_by("entity", maintain_order=True).first()
    new = first.filter(~(pl.col("known") < pl.col("closed_date")).fill_null(False))
    is_first = events.select(pl.col("deal_ix").is_in(new["deal_ix"].implode()))
    found = is_first.to_series().alias("first_order")
    if history.win_back is None:
        return found
    won_back = _won_back(book, events, history.win_back)
    unknown = ~(events["known"] < events["closed_date"]).fill_null(False)
    return pl.select(found | (events["deal_ix"].is_in(won_back.implode()) & unknown).alias("first_order")).to_series()


def _first_orders(book: Book, events: pl.DataFrame, history: History) -> list[pl.Series]:
    is_first = first_orders(book, events, history)
    opened = pl.when(pl.col("first_order") & (pl.col("stage") == 0)).then("closed_date")
    rows = events.select("entity", "stage", "closed_date", is_first)
    return [is_first, rows.select(first_closed_date=opened.forward_fill().over("entity")).to_series()]


def _won_back(book: Book, events: pl.DataFrame, months: int) -> pl.Series:
    """The deals that come N months or more after everything the entity had before has ended."""
    ends = book.events["end_date"].alias("end")
    staged = book.stages.filter("committed").group_by("deal_ix", "line").agg(stages_end=pl.col("end_date").max())
    lines = events.with_columns(ends).filter(pl.col("stage") == 0)
    lines = lines.join(staged, on=["deal_ix", "line"], how="left", maintain_order="left")
    lines = lines.with_columns(end=pl.max_horizontal("stages_end", "end").fill_null(_NO_END))
    deals = lines.group_by("deal_ix", maintain_order=True).agg(
        pl.col("entity", "closed_date").first(), end=pl.col("end").max()
    )
    earlier = deals.with_columns(ended=pl.col("end").cum_max().shift(1).over("entity"))
    lapsed = earlier.filter(pl.col("ended") < _NO_END, plus_months(pl.col("ended"), months) <= pl.col("closed_date"))
    return lapsed["deal_ix"]


def _deal_type() -> pl.Expr:
    bought_in = pl.col("deal_ix").first().over("entity", "product")
    same_product = bought_in != pl.col("deal_ix")
    later = pl.when(same_product).then(pl.lit("upsell")).otherwise(pl.lit("cross_sell"))
    return pl.coalesce("type", pl.when("first_order").then(pl.lit("new_logo")).otherwise(later))


def _ramps(book: Book, events: pl.DataFrame) -> pl.Series:
    """Two or more committed stages make a ramp (L3)."""
    if book.stages.is_empty():
        return pl.repeat(False, events.height, dtype=pl.Boolean, eager=True)
    counted = book.stages.filter("committed").group_by("deal_ix", "line").agg(committed=pl.len())
    return (
        events.join(counted, on=["deal_ix", "line"], how="left", maintain_order="left")
        .select((pl.col("committed") >= 2).fill_null(False))
        .to_series()
    )

"""What is derived about a deal from the deals before it: its type, its place in the account's history (D1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
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
    """One row per event, in its order: deal_type, type_derived, first_order, win_back, first_closed_date."""
    entity, known = (
        ("account_ix", "known_since") if history.new_logo_by == "account" else ("root_ix", "root_known_since")
    )
    events = book.events.select("deal_ix", "line", "stage", "account_ix", "closed_date", "type", "bought")
    events = events.with_columns(
        entity=book.accounts[entity][events["account_ix"]],
        known=book.accounts[known][events["account_ix"]],
    )
    events = events.with_columns(_first_orders(book, events, history))
    if history.new_logo_by != "account":
        events = events.with_columns(bought=pl.struct("entity", book.events["product"]))
    return events.select(
        deal_type=_deal_type(),
        type_derived=pl.col("type").is_null(),
        first_order=pl.col("first_order"),
        win_back=pl.lit(win_backs(book, events, history)),
        first_closed_date=pl.col("first_closed_date"),
    )


def first_orders(book: Book, events: pl.DataFrame, history: History) -> pl.Series:
    """Whether the event's deal is the first of its `entity`, or a win-back."""
    first = events["entity"].is_first_distinct() if not events["stage"].max() else _first_lines(events)
    unknown = ~(events["known"] < events["closed_date"]).fill_null(False)
    opening = repeated(False, book.deals.height, pl.Boolean)
    opening = opening.scatter(events["deal_ix"].filter(first & unknown), True)
    found = opening[events["deal_ix"]].alias("first_order")
    if history.win_back is None:
        return found
    return (found | win_backs(book, events, history)).alias("first_order")


def win_backs(book: Book, events: pl.DataFrame, history: History) -> pl.Series:
    """Whether the event's deal wins its `entity` back."""
    if history.win_back is None:
        return repeated(False, events.height, pl.Boolean)
    unknown = ~(events["known"] < events["closed_date"]).fill_null(False)
    return events["deal_ix"].is_in(_won_back(book, events, history.win_back).implode()) & unknown


def _first_lines(events: pl.DataFrame) -> pl.Series:
    """The first line of each entity; a customer's option is no line."""
    lines = (events["stage"] == 0).arg_true()
    marks = repeated(False, events.height, pl.Boolean)
    return marks.scatter(lines.filter(events["entity"][lines].is_first_distinct()), True)


def _first_orders(book: Book, events: pl.DataFrame, history: History) -> list[pl.Series]:
    """Whether the event is of a first order, and when the entity's latest one up to the event was closed."""
    is_first = first_orders(book, events, history)
    opens = is_first & (events["stage"] == 0)
    if history.win_back is None:
        closed = repeated(None, book.accounts.height, pl.Date)
        first_lines = opens.arg_true().reverse()  # so that of several lines of the deal the first stands
        closed = closed.scatter(events["entity"][first_lines], events["closed_date"][first_lines])
        return [is_first, closed[events["entity"]].alias("first_closed_date")]
    opened = events.select("entity", opened=pl.when(opens).then("closed_date"))
    return [is_first, opened.select(first_closed_date=pl.col("opened").forward_fill().over("entity")).to_series()]


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
    bought_in = pl.col("deal_ix").first().over("bought")
    same_product = bought_in != pl.col("deal_ix")
    later = pl.when(same_product).then(pl.lit("upsell")).otherwise(pl.lit("cross_sell"))
    return pl.coalesce("type", pl.when("first_order").then(pl.lit("new_logo")).otherwise(later))


def months_since_first_order(book: Book, types: pl.DataFrame) -> pl.Series:
    """Whole months from the entity's first order to each event's close date; null before there is one."""
    both = pl.DataFrame([types["first_closed_date"], book.events["closed_date"]])
    return both.select(whole_months(pl.col("first_closed_date"), pl.col("closed_date")).clip(lower_bound=0)).to_series()


def products(book: Book) -> pl.Series:
    """How many different products the lines of each event's deal name; null where they name none."""
    named = book.events.filter((pl.col("stage") == 0) & pl.col("product").is_not_null())
    counted = named.select("deal_ix", "product").unique().group_by("deal_ix").agg(products=pl.len().cast(pl.Int64))
    of_deals = repeated(None, book.deals.height, pl.Int64).scatter(counted["deal_ix"], counted["products"])
    return of_deals[book.events["deal_ix"]]


def ramps(book: Book) -> pl.Series:
    """Two or more committed stages make a ramp (L3)."""
    events = book.events
    if book.stages.is_empty():
        return repeated(False, events.height, pl.Boolean)
    counted = book.stages.filter("committed").group_by("deal_ix", "line").agg(committed=pl.len())
    return (
        events.join(counted, on=["deal_ix", "line"], how="left", maintain_order="left")
        .select((pl.col("committed") >= 2).fill_null(False))
        .to_series()
    )

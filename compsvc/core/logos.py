"""New logos: what is counted in millionths, and what leaves the count again (M9)."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.exchange import Exchange
from compsvc.core.periods import plus_months
from compsvc.core.plan import Component

ONE = 1_000_000


def logo_values(book: Book, types: pl.DataFrame, component: Component, exchange: Exchange) -> pl.Series:
    """One for the event that wins a logo, 0 for all others; in event order."""
    winning = _winning(book, types, component, exchange)["event_ix"]
    values = repeated(0, book.events.height, pl.Int64)
    return values.scatter(winning, ONE).alias("value")


def deal_values(book: Book, types: pl.DataFrame, component: Component, exchange: Exchange) -> pl.Series:
    """One for each line of a deal that is large enough, losses left out; which one of them counts it is seen once it is
    known which are credited."""
    lines = book.events.select("event_ix", "deal_ix", "stage", types["deal_type"])
    lines = lines.filter(pl.col("stage") == 0, ~pl.col("deal_type").is_in(["downsell", "churn"]))
    large = exchange.sizes(book).filter(pl.col("size_minor") >= (component.minimum_deal_minor or 0))
    values = repeated(0, book.events.height, pl.Int64)
    return values.scatter(lines.join(large, on="deal_ix", how="semi")["event_ix"], ONE).alias("value")


def once_a_deal(book: Book, rows: pl.DataFrame, *, pays_apart: bool) -> pl.DataFrame:
    """Credits of lines of which the first of each deal counts it, and the others nothing; `pays_apart` is what rates
    apply to, of every line."""
    worth = rows.filter(pl.col("counts") != 0)["event_ix"].unique().sort()
    first = worth.filter(book.events["deal_ix"][worth].is_first_distinct())
    counts = pl.when(pl.col("event_ix").is_in(first.implode())).then("counts").otherwise(0)
    return rows.with_columns(counts=counts, pays="pays" if pays_apart else counts)


def lost_logos(book: Book, types: pl.DataFrame, component: Component, exchange: Exchange) -> pl.DataFrame:
    """The logos lost within `must_stay`: event_ix of the win, lost_by the event of the churn."""
    won = _winning(book, types, component, exchange).filter(pl.col("accepted_time").is_not_null())
    churn = (
        _with_logo(book, component).filter(types["deal_type"] == "churn").filter(pl.col("accepted_time").is_not_null())
    )
    pairs = won.join(churn.select("logo", lost_by="event_ix", lost_date="closed_date"), on="logo")
    end = plus_months(pl.col("closed_date"), component.must_stay or 0)
    lost = pairs.filter(pl.col("lost_date") >= pl.col("closed_date"), pl.col("lost_date") < end)
    return lost.sort("lost_by").unique("event_ix", keep="first", maintain_order=True).select("event_ix", "lost_by")


def _with_logo(book: Book, component: Component) -> pl.DataFrame:
    logo, known = ("account_ix", "known_since") if component.logo == "account" else ("root_ix", "root_known_since")
    events = book.events.select("event_ix", "deal_ix", "stage", "account_ix", "closed_date", "accepted_time")
    return events.with_columns(
        logo=book.accounts[logo][events["account_ix"]], known=book.accounts[known][events["account_ix"]]
    )


def _winning(book: Book, types: pl.DataFrame, component: Component, exchange: Exchange) -> pl.DataFrame:
    """The first new_logo line of each logo that is large enough, in the plan's currency."""
    lines = _with_logo(book, component).filter((types["deal_type"] == "new_logo") & (pl.col("stage") == 0))
    lines = lines.filter(~(pl.col("known") < pl.col("closed_date")).fill_null(False))
    if component.minimum_deal_minor:
        large = exchange.sizes(book).filter(pl.col("size_minor") >= component.minimum_deal_minor)
        lines = lines.join(large, on="deal_ix", how="semi", maintain_order="left")
    return lines.unique("logo", keep="first", maintain_order=True)

"""Who holds an event: splits, window, seller, owner, territory, in the order of C1, once for the whole company.

Holders have one row per event and part. `participant_ix` is null where the part has nobody, and `code` says why.
The shares of an event have one denominator and sum to 1; `position` is the declared order for the odd units (C5).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.account_attributes import with_attributes
from compsvc.core.book import Book
from compsvc.core.facts import ATTRIBUTES, Schema
from compsvc.core.reading import Reading
from compsvc.core.windows import in_windows

ROUTES = pl.Enum(["split", "window", "seller", "owner", "territory", "role", "team"])
HOLDERS: Schema = {
    "event_ix": pl.UInt32,
    "participant_ix": pl.UInt32,
    "position": pl.Int64,
    "share_num": pl.Int64,
    "share_den": pl.Int64,
    "route": ROUTES,
    "code": pl.String,
    "opening": pl.UInt32,  # the event that opened the window, for the reason
    "pay_out": pl.Boolean,  # the hunter has left and is paid all the same (C2)
    "window_end": pl.Date,  # of the window the event lies in, or has just missed
}
_NEXT = 1_000_000  # the place after all hunters


def holders(book: Book, readings: Sequence[Reading]) -> pl.DataFrame:
    """All parts of all events, by event and position."""
    nearest = _next_place(book)
    split = _split_parts(book)
    opening_parts = pl.concat([split, _whole(book, nearest, split["event_ix"])])
    windows = in_windows(book, readings, opening_parts)
    inside, missed = windows.filter("inside"), windows.filter(~pl.col("inside"))
    if windows.is_empty():
        return _in_order(opening_parts)
    windowed = _window_parts(inside, nearest, split["event_ix"])
    split = _refuse_unexplained(book, split, inside.filter(pl.col("share_num") > 0))
    taken = pl.concat([split["event_ix"], windowed["event_ix"]])
    rest = _just_after(_whole(book, nearest, taken), missed)
    return _in_order(pl.concat([split, windowed, rest]))


def _in_order(parts: pl.DataFrame) -> pl.DataFrame:
    """By event and position."""
    order = parts["event_ix"].cast(pl.Int64) * (_NEXT + 1) + parts["position"]
    return parts if order.is_sorted() else parts[order.arg_sort()]


def _just_after(rest: pl.DataFrame, missed: pl.DataFrame) -> pl.DataFrame:
    """The successor's part says that a window has just ended."""
    if missed.is_empty():
        return rest
    ended = missed.group_by("event_ix").agg(ended=pl.col("window_end").max())
    return as_holders(rest.join(ended, on="event_ix", how="left"), window_end=pl.col("ended"))


def as_holders(rows: pl.DataFrame, **given: pl.Expr) -> pl.DataFrame:
    """HOLDERS' columns, in order: given ones, those there are, null for the rest."""
    there = {name: pl.col(name) for name in rows.columns} | given
    return rows.select(there.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in HOLDERS.items())


def _split_parts(book: Book) -> pl.DataFrame:
    if book.splits.is_empty():
        return pl.DataFrame(schema=HOLDERS)
    parts = book.events.select("event_ix", "deal_ix").join(book.splits, on="deal_ix")
    return as_holders(parts, route=pl.lit("split"), pay_out=pl.lit(False))


def _whole(book: Book, nearest: pl.DataFrame, taken: pl.Series) -> pl.DataFrame:
    """The events that neither a split nor a window took, whole, to the next place."""
    rows = nearest if taken.is_empty() else nearest.join(pl.DataFrame({"event_ix": taken}), on="event_ix", how="anti")
    return as_holders(rows, position=pl.lit(0), share_num=pl.lit(1), share_den=pl.lit(1), pay_out=pl.lit(False))


def _next_place(book: Book) -> pl.DataFrame:
    """Per event: the seller, else the owner on the close date, else the territory, else nobody and why."""
    events = book.events.select("event_ix", "account_ix", "closed_date", participant_ix="seller_ix")
    sold = events.select(
        "event_ix", "participant_ix", route=pl.lit("seller", dtype=ROUTES), code=pl.lit(None, pl.String)
    )
    without = events.filter(pl.col("participant_ix").is_null()).drop("participant_ix")
    if without.is_empty():
        return sold
    owned = _owner(book, without)
    rest = without.join(owned, on="event_ix", how="anti")
    found = pl.concat([owned, _territory(book, rest)])
    nobody = without.select("event_ix").join(found, on="event_ix", how="anti").with_columns(
        participant_ix=pl.lit(None, pl.UInt32), route=pl.lit(None, ROUTES), code=pl.lit("NO_HOLDER")
    )  # fmt: skip
    return pl.concat([sold.filter(pl.col("participant_ix").is_not_null()), found, nobody]).sort("event_ix")


def _within(day: str = "closed_date") -> pl.Expr:
    end = pl.col("end_date").fill_null(pl.date(9999, 12, 31))
    return (pl.col("start_date") <= pl.col(day)) & (pl.col(day) < end)


def _one_or_why(found: pl.DataFrame, route: str, code: str) -> pl.DataFrame:
    """One participant per event, or `code` where there are several."""
    one = pl.col("participant_ix").n_unique() == 1
    return found.group_by("event_ix").agg(
        participant_ix=pl.when(one).then(pl.col("participant_ix").first()),
        route=pl.when(one).then(pl.lit(route)).cast(ROUTES),
        code=pl.when(~one).then(pl.lit(code)),
    )


def _owner(book: Book, events: pl.DataFrame) -> pl.DataFrame:
    owned = events.join(book.ownerships, on="account_ix").filter(_within())
    return _one_or_why(owned, "owner", "OWNER_AMBIGUOUS")


def _territory(book: Book, events: pl.DataFrame) -> pl.DataFrame:
    """The territories that fit the account on the close date; those that name most fields win."""
    fits = pl.all_horizontal(
        pl.col(name).is_null() | (pl.col(name) == pl.col(f"account_{name}")).fill_null(False) for name in ATTRIBUTES
    )
    named = pl.sum_horizontal(pl.col(name).is_not_null() for name in ATTRIBUTES)
    asked = events.clear() if book.territories.is_empty() else events
    pairs = with_attributes(book, asked).join(book.territories, how="cross").filter(_within(), fits)
    best = pairs.with_columns(named=named).filter(pl.col("named") == pl.col("named").max().over("event_ix"))
    return _one_or_why(best, "territory", "TERRITORY_AMBIGUOUS")


def _window_parts(inside: pl.DataFrame, nearest: pl.DataFrame, split: pl.Series) -> pl.DataFrame:
    """The hunters' parts, and what is left of the whole to the next place; a person's parts are one part."""
    hunters = inside.join(pl.DataFrame({"event_ix": split}), on="event_ix", how="anti")
    kept = hunters.group_by("event_ix").agg(
        share_num=pl.col("share_den").first() - pl.col("share_num").sum(), share_den=pl.col("share_den").first()
    )
    left = kept.filter(pl.col("share_num") > 0).join(nearest, on="event_ix")
    rows = pl.concat(
        [
            as_holders(hunters.filter(pl.col("share_num") > 0), route=pl.lit("window")),
            as_holders(left, position=pl.lit(_NEXT), pay_out=pl.lit(False)),
        ]
    ).sort("event_ix", "position")
    who = pl.coalesce(pl.col("participant_ix").cast(pl.Int64), pl.lit(-1)).alias("who")
    merged = rows.group_by("event_ix", who, maintain_order=True).agg(
        pl.col("participant_ix", "position").first(),
        pl.col("share_num").sum(),
        pl.col("share_den", "route", "code", "opening", "window_end").first(),
        pl.col("pay_out").any(),
    )
    return as_holders(merged)


def _refuse_unexplained(book: Book, split: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """A manual split inside someone's window needs a reason (C1)."""
    unexplained = book.deals.filter(pl.col("split_reason").is_null()).select("deal_ix")
    wrong = split.select("event_ix").unique().join(inside.select("event_ix").unique(), on="event_ix")
    wrong = wrong.join(book.events.select("event_ix", "deal_ix"), on="event_ix").join(unexplained, on="deal_ix")
    if wrong.is_empty():
        return split
    refused = as_holders(
        wrong.sort("event_ix"), position=pl.lit(0), share_num=pl.lit(1), share_den=pl.lit(1),
        code=pl.lit("SPLIT_WITHOUT_REASON"), pay_out=pl.lit(False),
    )  # fmt: skip
    return pl.concat([split.join(wrong.select("event_ix"), on="event_ix", how="anti"), refused])

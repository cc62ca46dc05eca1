"""What an account is on a day: its industry, region and segment, as its dated values say, else as it says itself."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.facts import ATTRIBUTES


def with_attributes(book: Book, events: pl.DataFrame) -> pl.DataFrame:
    """The events with `account_industry` and so on, as of their close dates (D1)."""
    return events.with_columns(attribute_of(book, events, name).alias(f"account_{name}") for name in ATTRIBUTES)


def attribute_of(book: Book, events: pl.DataFrame, name: str) -> pl.Series:
    """One attribute of the account of each of these events, as of its close date."""
    own = book.accounts[name][events["account_ix"]]
    dated = book.account_attributes.filter(pl.col("attribute") == name).sort("start_date")
    if dated.is_empty():
        return own
    asked = events.select("account_ix", "closed_date").with_row_index("row")
    asked = asked.join(dated.select("account_ix").unique(), on="account_ix", how="semi").sort("closed_date")
    dated = dated.select("account_ix", "value", begun="start_date")
    found = asked.join_asof(
        dated, left_on="closed_date", right_on="begun", by="account_ix", check_sortedness=False
    ).filter(pl.col("begun").is_not_null())
    return own.scatter(found["row"], found["value"])

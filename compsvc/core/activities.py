"""Activities: countable events that are no deals, such as meetings held. They are theirs who did them, by no rule."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.money import to_minor
from compsvc.core.plan import Component

ONE = 1_000_000
NO_SHOW = "no_show"  # what counts only where the plan names it


def activities(book: Book, plan: str, component: Component) -> pl.DataFrame:
    """The activities that the component counts, each in millionths: event_ix, participant_ix, counting_date, counts.
    Only those of participants whom an assignment to the plan covers on the day."""
    rows = book.activities.filter(pl.col("kind") == component.activity, pl.col("quantity") != 0, _counts(component))
    terms = book.assignments.filter(pl.col("plan") == plan).select("participant_ix", "start_date", "end_date")
    rows = rows.join(terms, on="participant_ix", maintain_order="left")
    rows = rows.filter(pl.col("start_date") <= pl.col("activity_date"), pl.col("activity_date") < pl.col("end_date"))
    return rows.select(
        "participant_ix",
        event_ix="subject",
        counting_date="activity_date",
        counts=to_minor(pl.col("quantity").cast(pl.Int128) * ONE),
    )


def _counts(component: Component) -> pl.Expr:
    if component.outcome is None:
        return pl.col("outcome").is_null() | (pl.col("outcome") != NO_SHOW)
    return pl.col("outcome").is_in(component.outcome)

"""Activities: countable events that are no deals, such as meetings held. They are theirs who did them, by no rule."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.money import to_minor
from compsvc.core.plan import Component
from compsvc.core.rules import Weighed

ONE = 1_000_000
NO_SHOW = "no_show"  # what counts only where the plan names it


def activities(book: Book, plan: str, component: Component) -> pl.DataFrame:
    """The activities that the component counts, each in millionths: event_ix, participant_ix, counting_date, counts.
    Only those of participants whom an assignment to the plan covers on the day."""
    weighed = component.pays.weighs
    kinds = [component.activity] if weighed is None else list(weighed.worth)
    rows = book.activities.filter(pl.col("kind").is_in(kinds), pl.col("quantity") != 0, _counts(component))
    if weighed is not None:
        rows = rows.with_columns(pl.when("quantified").then("quantity").otherwise(weighed.whole).alias("quantity"))
    terms = book.assignments.filter(pl.col("plan") == plan).select("participant_ix", "start_date", "end_date")
    rows = rows.join(terms, on="participant_ix", maintain_order="left")
    rows = rows.filter(pl.col("start_date") <= pl.col("activity_date"), pl.col("activity_date") < pl.col("end_date"))
    return rows.select(
        "participant_ix",
        "kind",
        event_ix="subject",
        counting_date="activity_date",
        counts=to_minor(pl.col("quantity").cast(pl.Int128) * ONE),
    )


def weighed(rows: pl.DataFrame, of: Weighed) -> pl.DataFrame:
    """Activities by their weight: of each kind and period what does not go beyond the most that counts."""
    ordered = rows.sort("participant_ix", "period", "kind", "event_ix")
    first = ["participant_ix", "period", "kind"]
    after = pl.col("counts").cum_sum().over(first)
    most = of.most * ONE
    counted = pl.min_horizontal(after, most) - pl.min_horizontal(after - pl.col("counts"), most)
    worth = pl.col("kind").cast(pl.String).replace_strict(dict(of.worth), return_dtype=pl.Int64)
    ordered = ordered.with_columns(counts=counted // ONE * worth)
    return ordered.filter(pl.col("counts") != 0).sort("event_ix")


def _counts(component: Component) -> pl.Expr:
    if component.outcome is None:
        return pl.col("outcome").is_null() | (pl.col("outcome") != NO_SHOW)
    return pl.col("outcome").is_in(component.outcome)

"""What is open as of a day: each opportunity as its newest snapshot says it, whether it can still become a deal, and
the deals that would then stand in the book.

A hypothetical deal is closed and accepted on the expected day, so that the calculation itself says what it would do.
Its source is that of the opportunity behind a mark that no stored deal has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import polars as pl

from compsvc.core.checks import check_facts
from compsvc.core.facts import DEALS, Facts, Schema, empty
from compsvc.core.pipeline_stages import pipeline_stages
from compsvc.core.plan import Plan

KEY = ["source", "opportunity_id"]
PROSPECTS: Schema = {  # one row an opportunity that no deal names, sorted by KEY
    "source": pl.String,
    "opportunity_id": pl.String,
    "deal_source": pl.String,  # of the hypothetical deal; its external id is the opportunity's
    "account_id": pl.String,
    "seller_id": pl.String,
    "product": pl.String,
    "type": pl.String,
    "stage": pl.String,
    "category": pl.String,
    "probability_ppm": pl.Int64,
    "amount_minor": pl.Int64,
    "currency_code": pl.String,
    "opened_date": pl.Date,
    "expected_close_date": pl.Date,
    "close_date": pl.Date,  # the day on which it counts: what is overdue counts on the day of the forecast
    "start_date": pl.Date,
    "end_date": pl.Date,
    "dead_date": pl.Date,  # from this day on it is dead; null where its stage has no limit
    "state": pl.String,  # open, omitted, dead, won, no_account, no_close_date, no_amount, refused
    "reason": pl.String,  # what the checks say of a refused one
}


def prospects(facts: Facts, plans: Sequence[Plan], day: date) -> pl.DataFrame:
    """PROSPECTS as of the end of a day."""
    stages = pipeline_stages(facts).select(
        "stage", "limit_days", stage_category="category", stage_ppm="probability_ppm"
    )
    taken = facts.deals.select("source", "opportunity_id").drop_nulls()
    rows = _newest(facts.opportunities, day).join(taken, on=KEY, how="anti").join(stages, on="stage", how="left")
    since = pl.max_horizontal(
        pl.coalesce("stage_since_date", "seen_date", "opened_date"),
        pl.when(pl.col("reactivated_date") <= day).then("reactivated_date"),
    )
    rows = rows.with_columns(
        deal_source=pl.lit(_mark(facts)) + pl.col("source"),
        category=pl.coalesce("category", "stage_category", pl.lit("omitted")),
        probability_ppm=pl.coalesce("probability_ppm", "stage_ppm", 0),
        close_date=pl.max_horizontal("expected_close_date", pl.lit(day)),
        dead_date=since + pl.duration(days="limit_days"),
        reason=pl.lit(None, dtype=pl.String),
    ).with_columns(state=_state(day))
    return _checked(facts, plans, rows.select(*PROSPECTS).sort(KEY))


def with_deals(facts: Facts, day: date, opened: pl.DataFrame) -> Facts:
    """The book as it would be: what waits is accepted, and these prospects have become deals."""
    accepted = pl.max_horizontal("closed_date", pl.lit(day)).cast(pl.Datetime("us"))
    deals = facts.deals.with_columns(accepted_time=pl.coalesce("accepted_time", accepted))
    return replace(facts, deals=pl.concat([deals, _deals(opened)], how="diagonal"))


def _newest(opportunities: pl.DataFrame, day: date) -> pl.DataFrame:
    """The newest snapshot of each, and since when the snapshots show it in its stage without a break."""
    until = datetime.combine(day + timedelta(days=1), time())
    known = opportunities.filter(pl.col("snapshot_time").is_null() | (pl.col("snapshot_time") < until))
    ordered = known.sort(*KEY, "snapshot_time", nulls_last=False)
    moved = (pl.col("stage") != pl.col("stage").shift(1)).fill_null(value=True)
    ordered = ordered.with_columns(_run=moved.cast(pl.Int64).cum_sum().over(KEY))
    seen = ordered.with_columns(seen_date=pl.col("snapshot_time").first().over(*KEY, "_run").dt.date())
    return seen.unique(KEY, keep="last", maintain_order=True)


def _mark(facts: Facts) -> str:
    """`~` sorts after letters: at one instant, what is real comes first."""
    mark = "~"
    while facts.deals["source"].str.starts_with(mark).any():
        mark += "~"
    return mark


def _state(day: date) -> pl.Expr:
    return (
        pl.when(pl.col("category") == "closed")
        .then(pl.lit("won"))
        .when(pl.col("dead_date") <= day)
        .then(pl.lit("dead"))
        .when(pl.col("category") == "omitted")
        .then(pl.lit("omitted"))
        .when(pl.col("account_id").is_null())
        .then(pl.lit("no_account"))
        .when(pl.col("expected_close_date").is_null())
        .then(pl.lit("no_close_date"))
        .when(pl.col("amount_minor").is_null())
        .then(pl.lit("no_amount"))
        .otherwise(pl.lit("open"))
    )


def _deals(opened: pl.DataFrame) -> pl.DataFrame:
    """DEALS. An opportunity stays a prospect of its own: the deal names none."""
    rows = opened.with_columns(
        source="deal_source",
        external_id="opportunity_id",
        revision=pl.lit(1, dtype=pl.Int64),
        closed_date="close_date",
        accepted_time=pl.col("close_date").cast(pl.Datetime("us")),
        annual_value_minor="amount_minor",
    )
    rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias("opportunity_id"))
    return pl.concat([empty("deals"), rows.select(name for name in DEALS if name in rows.columns)], how="diagonal")


def _checked(facts: Facts, plans: Sequence[Plan], rows: pl.DataFrame) -> pl.DataFrame:
    """What no plan could take as a deal is no prospect; the checks of deals say why."""
    opened = rows.filter(pl.col("state") == "open")
    if opened.is_empty():
        return rows
    parts = ("deal_lines", "stages", "splits", "deal_roles", "opportunities", "fixed_events")
    alone = replace(facts, deals=_deals(opened), **{name: empty(name) for name in parts})
    found = {refusal.row: refusal.message for refusal in check_facts(alone, plans).refusals if refusal.kind == "deals"}
    if not found:
        return rows
    refused = opened.select(KEY).with_row_index("row").filter(pl.col("row").is_in(list(found)))
    told = refused.select(*KEY, _told=pl.col("row").replace_strict(found, return_dtype=pl.String))
    rows = rows.join(told, on=KEY, how="left", maintain_order="left")
    state = pl.when(pl.col("_told").is_null()).then("state").otherwise(pl.lit("refused"))
    return rows.with_columns(state=state, reason=pl.col("_told")).drop("_told")

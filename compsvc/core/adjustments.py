"""Stated amounts that stand beside what is calculated: written by one person, accepted by another (B4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.results import LINES

ADJUSTED = "adjusted"
KINDS = ("correction", "goodwill", "settlement", "repayment", "other")
SOURCE = "adjustments"  # stands in the source's place of what is posted


def adjusted(facts: Facts, until: date, participant_id: str | None) -> pl.DataFrame:
    """As moves of pay: rows of LINES of which only what an adjustment has is filled, payable from its day on."""
    rows = facts.adjustments.filter(pl.col("payable_date") < until)
    if participant_id is not None:
        rows = rows.filter(pl.col("participant_id") == participant_id)
    parts = ["adjustment_id", pl.lit(" "), "kind", pl.lit(": "), "reason", pl.lit(" ("), "author", pl.lit(", ")]
    note = pl.concat_str(*parts, "approver", pl.lit(")"))
    named = rows.select(
        *("participant_id", "plan", "component", "amount_minor", "payable_date"),
        source=pl.lit(SOURCE),
        external_id="adjustment_id",
        step=pl.lit(0, dtype=pl.Int64),
        route_note=note,
        currency_code=pl.col("currency_code").cast(LINES["currency_code"]),
        kind=pl.lit(ADJUSTED),
    )
    return named.sort("payable_date", "external_id")

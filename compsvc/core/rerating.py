"""A retroactive step re-rates the earlier deals of its list: one line each, naming the deal that crossed (M5)."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

from compsvc.core.lines import FIGURES, Served, rate_moved, re_rated
from compsvc.core.money import to_minor


def rerated(serving: Served, frame: pl.DataFrame) -> pl.DataFrame:
    """For each crossing i and each earlier event j of its list: round((r2 - r1) x X_j) - round((r2 - r1) x X_(j-1)).
    Steps count the crossings after j from 1; a line of zero is left out but keeps its number."""
    paid = frame.select("list", "place", cs.matches(r"^(paid|share_\d+)_(before|after)$"))
    pairs = _crossings(serving, frame).join(paid, on="list", maintain_order="left_right")
    pairs = pairs.filter(pl.col("place") < pl.col("cause_place")).sort("list", "place", "cause_place")
    earned = [to_minor(serving.each(re_rated, side=side)) for side in ("before", "after")]
    return pairs.select(
        "bind",
        "list",
        "place",
        "cause_place",
        (pl.int_range(pl.len()).over("list", "place") + 1).alias("step"),
        "tier_before",
        "tier_after",
        amount_minor=earned[1] - earned[0],
    ).filter(pl.col("amount_minor") != 0)


def _crossings(serving: Served, frame: pl.DataFrame) -> pl.DataFrame:
    """The events whose tiers before and after have different rates, under a retroactive curve."""
    steps = frame.filter(pl.col("tier_before") != pl.col("tier_after"))
    differs = serving.each(rate_moved)
    return steps.filter(differs != 0).select("bind", "list", "tier_before", "tier_after", *FIGURES, cause_place="place")

"""What customers cancelled, got back or never paid: which part of which deal line each loss takes."""

from __future__ import annotations

from math import lcm
from typing import Literal

import polars as pl

from compsvc.core.facts import DEAL, Facts

LossKind = Literal["cancellation", "refund", "non_payment"]
Side = Literal["customer", "company"]
LINE = [*DEAL, "line"]
KNOWN = {  # a loss as the book has it; one that only a fixed event names has nulls
    "source": pl.String,
    "external_id": pl.String,
    "loss_id": pl.String,
    "loss_date": pl.Date,
    "kind": pl.String,
    "reason": pl.String,
    "attributable_to": pl.String,
    "evidence": pl.String,
}
LOST = {  # one row a loss and line: it takes `lost` of `whole`, and `whole` is one number for all losses of the line
    "loss": pl.UInt32,
    "deal_ix": pl.get_index_type(),
    "line": pl.Int64,
    "loss_date": pl.Date,
    "lost": pl.Int128,
    "whole": pl.Int128,
}


def numbered(facts: Facts, deals: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """KNOWN with `loss`, the number of the row by date, deal and id, and `nth` of its deal; LOST of the real ones."""
    fixed = facts.fixed_events.filter(pl.col("loss_id").is_not_null())
    if facts.losses.is_empty() and fixed.is_empty():
        known = pl.DataFrame(schema={"loss": pl.UInt32, **KNOWN, "nth": pl.Int64})
        return known, pl.DataFrame(schema=LOST)
    given = facts.losses.select(*KNOWN)
    gone = fixed.select(*DEAL, "loss_id").unique().join(given, on=[*DEAL, "loss_id"], how="anti")
    known = pl.concat([given, gone], how="diagonal").sort("loss_date", *DEAL, "loss_id", nulls_last=True)
    nth = pl.col("loss_id").cum_count().over(DEAL).cast(pl.Int64)
    known = known.with_row_index("loss").with_columns(pl.col("loss").cast(pl.UInt32), nth=nth)
    real = facts.losses.filter(~pl.col("withdrawn").fill_null(value=False))
    real = real.join(known.select(*DEAL, "loss_id", "loss"), on=[*DEAL, "loss_id"])
    lines = line_sizes(facts.deals, facts.deal_lines, facts.stages, only=real)
    parts = lost_parts(real, lines).join(deals.select(*DEAL, "deal_ix"), on=DEAL)
    return known, parts.select(pl.col(name).cast(dtype) for name, dtype in LOST.items()).sort("loss", "line")


def line_sizes(
    deals: pl.DataFrame, deal_lines: pl.DataFrame, stages: pl.DataFrame, *, only: pl.DataFrame
) -> pl.DataFrame:
    """Each line of the deals that `only` names: its size (annual value, of a ramp the last committed level, and
    one-time value), the size of its deal, when that was closed, and its currency."""
    named = only.select(DEAL).unique()
    header = deals.join(named, on=DEAL, how="semi")
    values = ("annual_value_minor", "one_time_value_minor")
    written = deal_lines.join(named, on=DEAL, how="semi").select(*LINE, *values)
    first = pl.lit(1, dtype=pl.Int64).alias("line")
    inline = header.join(written, on=DEAL, how="anti").select(*DEAL, first, *values)
    committed = pl.when("committed").then("annual_value_minor").drop_nulls().last().fill_null(0)
    staged = stages.join(named, on=DEAL, how="semi").sort("stage").group_by(LINE).agg(level=committed)
    lines = pl.concat([written, inline]).join(staged, on=LINE, how="left")
    level = pl.coalesce("level", "annual_value_minor").fill_null(0).cast(pl.Int128)
    sized = lines.select(*LINE, size=level + pl.col("one_time_value_minor").fill_null(0))
    sized = sized.with_columns(deal_size=pl.col("size").sum().over(DEAL))
    return sized.join(header.select(*DEAL, "closed_date", "currency_code"), on=DEAL)


def lost_parts(losses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Per loss and line that it concerns: the loss's own columns, `lost` of `whole`, and `lost_so_far` with all earlier
    losses of the line, by date and id."""
    here = (pl.col("line") == pl.col("own_line")) | pl.col("own_line").is_null()
    rows = losses.rename({"line": "own_line"}).join(lines.drop("currency_code"), on=DEAL).filter(here)
    of = pl.when(pl.col("own_line").is_null()).then("deal_size").otherwise("size")
    by_share = pl.col("share_num").is_not_null()
    rows = rows.with_columns(
        lost=pl.when(by_share).then(pl.col("share_num").cast(pl.Int128)).otherwise("amount_minor"),
        whole=pl.when(by_share).then(pl.col("share_den").cast(pl.Int128)).otherwise(of),
    ).sort(*LINE, "loss_date", "loss_id")  # fmt: skip
    rows = _of_one_whole(rows.with_columns(lowest_terms(rows)))
    return rows.with_columns(lost_so_far=pl.col("lost").cum_sum().over(LINE))


def lowest_terms(rows: pl.DataFrame) -> list[pl.Series]:
    """`lost` and `whole` by their greatest common divisor, which Euclid's steps find for all rows at once."""
    steps = rows.select(high=pl.col("whole").abs(), low=pl.col("lost").abs())
    low = pl.col("low")
    while (steps["low"] != 0).any():
        rest = pl.col("high") % pl.when(low != 0).then(low).otherwise(1)
        steps = steps.select(
            high=pl.when(low != 0).then("low").otherwise("high"), low=pl.when(low != 0).then(rest).otherwise(0)
        )
    divisor = steps["high"].clip(lower_bound=1)
    return [rows["lost"] // divisor, rows["whole"] // divisor]


def _of_one_whole(rows: pl.DataFrame) -> pl.DataFrame:
    """The parts of each line over one denominator, so that they add up as integers."""
    groups = rows.group_by(LINE).agg(wholes=pl.col("whole").filter(pl.col("whole") > 0).unique().sort())
    common = pl.Series([lcm(*wholes) for wholes in groups["wholes"].to_list()], dtype=pl.Int128)
    rows = rows.join(groups.select(*LINE, common=common), on=LINE, maintain_order="left")
    times = pl.when(pl.col("whole") > 0).then(pl.col("common") // pl.col("whole").clip(lower_bound=1)).otherwise(1)
    return rows.with_columns(lost=pl.col("lost") * times, whole="common").drop("common")

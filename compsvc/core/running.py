"""Running figures within groups whose rows stand together: one pass over the column, not one per group."""

from __future__ import annotations

import polars as pl

_APART = 2**64  # more than any two amounts of 64 bits differ by


def total_so_far(values: pl.Expr, group: str) -> pl.Expr:
    """The sum from the first row of the group to each row, in Int64; a sum that does not fit stops the run."""
    wide = values.cast(pl.Int128)
    before = pl.when(_first(group)).then(wide.cum_sum() - wide).forward_fill()
    return (wide.cum_sum() - before).cast(pl.Int64, strict=True)


def most_so_far(values: pl.Expr, group: str) -> pl.Expr:
    """The highest from the first row of the group to each row, null where the row is. The groups' numbers rise."""
    lifted = pl.col(group).cast(pl.Int128) * _APART
    return ((values.cast(pl.Int128) + lifted).cum_max() - lifted).cast(pl.Int64, strict=True)


def risen(column: str, group: str) -> pl.Expr:
    """What the column has risen by since the row before in the group, the first row from 0."""
    before = pl.when(_first(group)).then(0).otherwise(pl.col(column).shift(1))
    return pl.col(column) - before


def _first(group: str) -> pl.Expr:
    return pl.col(group).ne_missing(pl.col(group).shift(1))

"""Columns of one value."""

from __future__ import annotations

import polars as pl


def repeated(value: object, times: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """As `pl.repeat`, which asks a whole query for it."""
    return pl.Series([value], dtype=dtype).new_from_index(0, times)

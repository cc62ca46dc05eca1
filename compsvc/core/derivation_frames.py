"""From numbers to names: what the frames of a result share."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.facts import Schema
from compsvc.core.measures import Clause
from compsvc.core.periods import period_name, period_span
from compsvc.core.results import WORD

Key = tuple[str, str]


def shaped(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def joined(frames: Sequence[pl.DataFrame], schema: Schema) -> pl.DataFrame:
    return pl.concat(frames, rechunk=False) if frames else pl.DataFrame(schema=dict(schema))


def text_of(value: str | None) -> pl.Expr:
    return pl.lit(value, dtype=pl.String)


def word_of(value: str) -> pl.Expr:
    return pl.lit(pl.Series([value], dtype=WORD)).first()


def per_curve(values: Sequence[str], curve: pl.Series) -> pl.Series:
    return pl.Series(values, dtype=WORD)[curve]


def period_names(clause: Clause, periods: pl.Series) -> pl.DataFrame:
    """Of each distinct period: its name, first day, first day after."""
    per, starts = clause.component.per, clause.plan.fiscal_year_starts
    rows = [
        (ix, period_name(ix, per=per), *period_span(ix, per=per, fiscal_year_starts=starts))
        for ix in periods.unique().sort()
    ]
    names = ["period_ix", "period", "period_start_date", "period_end_date"]
    return pl.DataFrame(
        rows, schema=dict(zip(names, [pl.Int32, pl.String, pl.Date, pl.Date], strict=True)), orient="row"
    )

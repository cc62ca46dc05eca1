"""Measurement periods on a fiscal calendar (D3), months and terms between dates (L2)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import polars as pl

PER_YEAR = {"month": 12, "quarter": 4, "year": 1}


def period_index(day: pl.Expr, *, per: str, fiscal_year_starts: int) -> pl.Expr:
    """The period a day falls in, as a number that grows by one each period."""
    year, month = day.dt.year().cast(pl.Int32), day.dt.month().cast(pl.Int32)
    if per == "month":
        return year * 12 + month - 1
    fiscal_year = year if fiscal_year_starts == 1 else year + (month >= fiscal_year_starts).cast(pl.Int32)
    if per == "year":
        return fiscal_year
    return fiscal_year * 4 + ((month - fiscal_year_starts) % 12) // 3


def period_name(index: int, *, per: str) -> str:
    """`2026-11`, `2026-Q4` or `2026`: months by calendar, the others by the year in which the fiscal year ends."""
    if per == "year":
        return str(index)
    if per == "quarter":
        return f"{index // 4}-Q{index % 4 + 1}"
    return f"{index // 12}-{index % 12 + 1:02d}"


def period_span(index: int, *, per: str, fiscal_year_starts: int) -> tuple[date, date]:
    """First day, and first day after."""
    length = 12 // PER_YEAR[per]
    if per == "month":
        first = index
    else:
        year = index if per == "year" else index // 4
        offset = 0 if fiscal_year_starts == 1 else 12
        first = year * 12 - offset + fiscal_year_starts - 1 + (0 if per == "year" else index % 4 * 3)
    return _month(first), _month(first + length)


def sub_period(index: int, *, per: str, of: str, fiscal_year_starts: int) -> int:
    """The place of a period within the longer span `of` that holds it, from 0."""
    if per == of:
        return 0
    if per == "quarter":
        return index % 4
    month_of_year = (index % 12 + 1 - fiscal_year_starts) % 12
    return month_of_year if of == "year" else month_of_year % 3


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def month_after(day: date, months: int) -> date:
    """`plus_months` of one date."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_span(day: date) -> tuple[date, date]:
    """The first day of a day's calendar month, and the first day after it."""
    first = day.replace(day=1)
    return first, month_after(first, 1)


def plus_months(day: pl.Expr, months: int) -> pl.Expr:
    """`day` + N months, clamped to the month's end: 31 January + 1 month is 28 or 29 February (D3)."""
    return day.dt.offset_by(f"{months}mo")


def whole_months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The largest N with start + N months <= end."""
    return _months_apart(start, end) - _falls_short(start, end).cast(pl.Int64)


def odd_days(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The days from start + whole months to end."""
    short = _falls_short(start, end)
    before = end.dt.offset_by("-1mo").dt.days_in_month().cast(pl.Int64)
    begun_on = pl.min_horizontal(start.dt.day().cast(pl.Int64), before)
    same = end.dt.day().cast(pl.Int64) - _clamped_day(start, end)
    return pl.when(short).then(before - begun_on + end.dt.day().cast(pl.Int64)).otherwise(same)


def odd_days_month_length(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The days of the month in which the odd days begin: 28 to 31."""
    before = end.dt.offset_by("-1mo").dt.days_in_month().cast(pl.Int64)
    return pl.when(_falls_short(start, end)).then(before).otherwise(end.dt.days_in_month().cast(pl.Int64))


def _months_apart(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    years = end.dt.year().cast(pl.Int64) - start.dt.year().cast(pl.Int64)
    return years * 12 + end.dt.month().cast(pl.Int64) - start.dt.month().cast(pl.Int64)


def _clamped_day(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    return pl.min_horizontal(start.dt.day().cast(pl.Int64), end.dt.days_in_month().cast(pl.Int64))


def _falls_short(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    return end.dt.day().cast(pl.Int64) < _clamped_day(start, end)

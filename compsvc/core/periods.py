"""Measurement periods on a fiscal calendar (D3), months and terms between dates (L2)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import polars as pl

PER_YEAR = {"month": 12, "quarter": 4, "half_year": 2, "year": 1}
_LETTERS = {"quarter": "Q", "half_year": "H"}


def period_index(day: pl.Expr, *, per: str, fiscal_year_starts: int) -> pl.Expr:
    """The period a day falls in, as a number that grows by one each period."""
    year, month = day.dt.year().cast(pl.Int32), day.dt.month().cast(pl.Int32)
    if per == "month":
        return year * 12 + month - 1
    fiscal_year = year if fiscal_year_starts == 1 else year + (month >= fiscal_year_starts).cast(pl.Int32)
    spans = PER_YEAR[per]
    return fiscal_year * spans + ((month - fiscal_year_starts) % 12) // (12 // spans)


def period_name(index: int, *, per: str) -> str:
    """`2026-11`, `2026-Q4`, `2026-H2` or `2026`: months by calendar, the others by the year in which the fiscal year
    ends."""
    if per == "year":
        return str(index)
    year, place = divmod(index, PER_YEAR[per])
    return f"{year}-{place + 1:02d}" if per == "month" else f"{year}-{_LETTERS[per]}{place + 1}"


def named_period(name: str) -> tuple[str, int] | None:
    """The span and the index of what is named so: `2026-11`, `2026-Q4`, `2026-H2` or `2026`."""
    year, dash, _ = name.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 1 <= int(year) <= 9998):
        return None
    if not dash:
        return "year", int(year)
    for per in ("month", "quarter", "half_year"):
        places = range(int(year) * PER_YEAR[per], (int(year) + 1) * PER_YEAR[per])
        if found := [index for index in places if period_name(index, per=per) == name]:
            return per, found[0]
    return None


def period_span(index: int, *, per: str, fiscal_year_starts: int) -> tuple[date, date]:
    """First day, and first day after."""
    length = 12 // PER_YEAR[per]
    if per == "month":
        first = index
    else:
        offset = 0 if fiscal_year_starts == 1 else 12
        first = index * length - offset + fiscal_year_starts - 1
    return _month(first), _month(first + length)


def sub_period(index: int, *, per: str, of: str, fiscal_year_starts: int) -> int:
    """The place of a period within the longer span `of` that holds it, from 0."""
    length, of_length = 12 // PER_YEAR[per], 12 // PER_YEAR[of]
    month_of_year = (index + 1 - fiscal_year_starts) % 12 if per == "month" else index * length % 12
    return month_of_year % of_length // length


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

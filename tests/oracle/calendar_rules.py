"""Dates as 0001 reads them: clamped months, terms in exact months, fiscal periods, equal parts of a quota."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Period(NamedTuple):
    name: str
    start: date
    end: date  # exclusive
    month_of_year: int  # of its first month in the fiscal year, from 0


@lru_cache(maxsize=100_000)
def add_months(day: date, months: int) -> date:
    """31 January + 1 month is the last of February."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def whole_months(start: date, end: date) -> int:
    """The largest n for which start + n months is not after end; 0 where end is before start."""
    months = (end.year - start.year) * 12 + end.month - start.month
    while months > 0 and add_months(start, months) > end:
        months -= 1
    return max(months, 0)


@lru_cache(maxsize=100_000)
def term_in_months(start: date, end: date) -> Fraction:
    """Whole months + odd days / days of the month in which the odd days begin; `end` is exclusive."""
    if end <= start:
        return Fraction(0)
    months = whole_months(start, end)
    odd_start = add_months(start, months)
    return months + Fraction((end - odd_start).days, monthrange(odd_start.year, odd_start.month)[1])


@lru_cache(maxsize=100_000)
def period_of(day: date, per: str, fiscal_start: int) -> Period:
    month_of_year = (day.month - fiscal_start) % 12
    year_ends = day.year if fiscal_start == 1 else day.year + (day.month >= fiscal_start)
    length = MONTHS_OF[per]
    back = month_of_year % length
    start = add_months(date(day.year, day.month, 1), -back)
    names = {
        "month": f"{day.year:04}-{day.month:02}",
        "quarter": f"{year_ends}-Q{month_of_year // 3 + 1}",
        "half_year": f"{year_ends}-H1" if month_of_year < 6 else f"{year_ends}-H2",
        "year": f"{year_ends}",
    }
    return Period(names[per], start, add_months(start, length), month_of_year - back)


def named_period(name: str, fiscal_start: int) -> Period:
    """`2026-01`, `2026-Q1`, `2026-H1` or `2026`, as period_of names them."""
    year, _, rest = name.partition("-")
    if rest and rest[0] not in "QH":
        return period_of(date(int(year), int(rest), 1), "month", fiscal_start)
    first = date(int(year) - (fiscal_start > 1), fiscal_start, 1)
    if rest.startswith("H"):
        return period_of(add_months(first, 6 if rest == "H2" else 0), "half_year", fiscal_start)
    if rest:
        return period_of(add_months(first, 3 * (int(rest[1:]) - 1)), "quarter", fiscal_start)
    return period_of(first, "year", fiscal_start)


def periods_between(first: date, last: date, per: str, fiscal_start: int) -> list[Period]:
    """All periods from the one of `first` to the one of `last`, both included."""
    periods = [period_of(first, per, fiscal_start)]
    while periods[-1].end <= last:
        periods.append(period_of(periods[-1].end, per, fiscal_start))
    return periods


def share_of_span(amount: int, span: str, per: str, month_of_year: int) -> int:
    """What an amount given for `span` is for one period of length `per` that begins in that month of the year."""
    span_months, months = MONTHS_OF[span], MONTHS_OF[per]
    if months >= span_months:
        return amount * (months // span_months)
    parts = span_months // months
    place = month_of_year % span_months // months
    whole, rest = divmod(amount, parts)
    return whole + (place < rest)

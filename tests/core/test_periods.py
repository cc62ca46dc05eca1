"""Every day lies in one period of each length, and names, indexes and days of periods belong together (D3)."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from compsvc.core.periods import PER_YEAR, named_period, period_index, period_name, period_span, sub_period
from compsvc.core.statement_scope import period_of
from tests.oracle import calendar_rules as plain

FIRSTS = [date(2023 + month // 12, month % 12 + 1, 1) for month in range(11, 38)]
DAYS = [day for first in FIRSTS for day in (first - timedelta(days=1), first)]
WITHIN = [(per, of) for per, spans in PER_YEAR.items() for of, longer in PER_YEAR.items() if longer <= spans]
NAMELESS = ["2026-H3", "2026-H0", "2026-h1", "2026-Q5", "2026-13", "2026-1", "2026-", "26-H1", "H1"]


@pytest.mark.parametrize("per", PER_YEAR)
def test_a_day_lies_in_the_period_of_its_name(per: str) -> None:
    for starts in range(1, 13):
        indexes = period_index(pl.col("day"), per=per, fiscal_year_starts=starts)
        for day, index in pl.DataFrame({"day": DAYS}).select("day", index=indexes).iter_rows():
            wanted, name = plain.period_of(day, per, starts), period_name(index, per=per)
            assert (name, *period_span(index, per=per, fiscal_year_starts=starts)) == wanted[:3]
            assert named_period(name) == (per, index)
            found = period_of(name, fiscal_year_starts=starts)
            assert found is not None
            assert (found.start_date, found.end_date) == plain.named_period(name, starts)[1:3]


@pytest.mark.parametrize("starts", [1, 4, 11])
@pytest.mark.parametrize(("per", "of"), WITHIN)
def test_the_place_of_a_period_in_a_longer_one_counts_from_its_start(per: str, of: str, starts: int) -> None:
    for day in DAYS[::15]:
        longer = plain.period_of(day, of, starts)
        within = plain.periods_between(longer.start, longer.end - timedelta(days=1), per, starts)
        found = [named_period(period.name) for period in within]
        places = [sub_period(each[1], per=per, of=of, fiscal_year_starts=starts) for each in found if each is not None]
        assert places == list(range(PER_YEAR[per] // PER_YEAR[of]))


@pytest.mark.parametrize("name", NAMELESS)
def test_what_is_no_period_has_none(name: str) -> None:
    assert named_period(name) is None

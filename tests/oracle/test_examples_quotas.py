"""Quotas worked out by hand, for the oracle and the core alike (M4)."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate as core

from .calculate import calculate as oracle
from .small import OWN, Case, day, plan

WORDS = """
components:
  pay:
    counts: acv
    from: own
    per: quarter
    quota: from assignment
    zero_quota: pay_base
    prorate: {by: days, for: [entry, leave, part_time]}
    ramp_up: {months: [50%, 50%, 50%], of: quota}
    seasonal: {Q1: 20%, Q2: 25%, Q3: 25%, Q4: 30%}
    pays: {rate_table: {mode: marginal, by: attainment, boundary: at, tiers: [{to: 100%, rate: 10%}, {rate: 20%}]}}
"""


def test_a_quota_is_weighed_by_season_time_and_ramp() -> None:
    """A year's 400,000.00; the first quarter has 20%: 80,000.00. From 1 February at half of full time, in the first
    three months half the quota, away for all of March: of the quarter's three months one counts, February, half of
    it: 80,000.00 x 1/3 x 1/2 x 1/2 = 6,666.67. 10,000.00 pays 666.667 + 20% of 3,333.33 = 1,333.333."""
    rep = plan(OWN + WORDS.lstrip("\n"))
    case = Case().person("ann", start="2026-02-01", quota=(40_000_000, "year"), workload_ppm=500_000)
    case.add("leaves", participant_id="ann", kind="sick", start_date=day("2026-03-01"), end_date=day("2026-04-01"))
    facts = case.deal("d", "2026-02-10", 1_000_000).facts
    result = core([rep], facts, PlainMatcher())
    assert result.earnings["quota_minor"].to_list() == [666_667]
    assert result.earnings["earned_minor"].to_list() == [133_333]
    assert [earned for _, _, earned in oracle([rep], facts).earnings.values()] == [133_333]


RATES = "tiers: [{to: 100%, rate: 5%}, {rate: 8%}]"


@pytest.mark.parametrize(("end", "pays"), [(None, 90_00), ("2026-03-17", 70_00)])
def test_a_blended_target_is_shared_out_by_days_where_nothing_is_taken_off_it(end: str | None, pays: int) -> None:
    """45 days at 1,200 a year and 45 at 2,400 make 1,800, of which 40% are 720, and 180 in a quarter: half of it is 90.
    With 30 days at 2,400 and none for 15, (45 x 1,200 + 30 x 2,400) / 90 = 1,400: 560, 140 in the quarter, and 70."""
    table = f"{{rate_table: {{mode: marginal, by: WORD, boundary: at, {RATES}}}}}"
    moved = "quota: from assignment, zero_quota: pay_base, prorate: {by: days, for: [part_time]}"
    body = f"""{OWN}components:
  a: {{counts: acv, from: own, per: quarter, carry: blend, {moved}, pays: {table.replace("WORD", "attainment")}}}
  b: {{counts: acv, from: own, per: quarter, carry: blend, cap: 50%, weight: 40%,
      pays: {table.replace("WORD", "attainment of a")}}}
"""
    quota = (400_00, "year")
    case = Case().person("ann", end="2026-02-15", quota=quota, target_incentive_minor=1_200_00, workload_ppm=500_000)
    case.person("ann", start="2026-02-15", end=end, quota=quota, target_incentive_minor=2_400_00)
    facts = case.deal("d1", "2026-01-30", 9_000_00).facts
    found = core([plan(body)], facts, PlainMatcher()).earnings.filter(component="b")
    assert oracle([plan(body)], facts).earnings["ann", "rep", "b", "2026-Q1"][2] == pays
    assert found["earned_minor"].to_list() == [pays]


def test_a_target_is_paid_only_for_periods_in_which_somebody_is_assigned() -> None:
    # 1,200 a year are 100 a month up to March; what counts in April, after the last day, pays nothing.
    table = f"{{rate_table: {{mode: marginal, by: attainment, boundary: at, {RATES}}}}}"
    words = "counts: acv, from: own, per: month, quota: from assignment, zero_quota: pay_target, weight: 100%"
    words += f", pays: {table}"
    terms = plan(f"{OWN}components:\n  c: {{{words}}}\n")
    case = Case().person(
        "ann", start="2026-01-01", end="2026-04-01", quota=(0, "year"), target_incentive_minor=1_200_00
    )
    facts = case.deal("d1", "2026-02-10", 100_00).deal("d2", "2026-03-30", 100_00, accepted="2026-04-20").facts
    wanted = {period: row[2] for (*_, period), row in oracle([terms], facts).earnings.items()}
    found = core([terms], facts, PlainMatcher()).earnings
    assert dict(found.select("period", "earned_minor").iter_rows()) == wanted
    assert wanted == {"2026-02": 100_00, "2026-03": 100_00, "2026-04": 0}


HALVES = """
components:
  pay:
    counts: acv
    from: own
    per: PER
    quota: from assignment
    zero_quota: pay_base
    seasonal: {H1: 1/3, H2: 2/3}
    pays: {rate_table: {mode: marginal, by: attainment, boundary: at, tiers: [{to: 100%, rate: 0%}, {rate: 100%}]}}
"""


@pytest.mark.parametrize(
    ("per", "quota", "period", "whole"),
    [
        ("half_year", (1_000_01, "year"), "2026-H1", 333_34),  # a third of 1,000.01: the odd cent to the first
        ("half_year", (1_000_01, "year"), "2026-H2", 666_67),
        ("quarter", (1_000_01, "year"), "2026-Q2", 166_67),  # 333.34 in two
        ("quarter", (1_000_01, "year"), "2026-Q3", 333_34),  # 666.67 in two, the odd cent to the first
        ("month", (1_000_01, "year"), "2025-11", 55_55),  # 333.34 in six: four of 55.56, two of 55.55
        ("half_year", (500_00, "quarter"), "2026-H1", 1_000_00),
        ("quarter", (500_01, "half_year"), "2026-Q1", 250_01),  # given for a half: no season, equal parts
    ],
)
def test_half_years_are_halves_of_the_fiscal_year(per: str, quota: tuple[int, str], period: str, whole: int) -> None:
    """From July on: 2026-H1 is July to December 2025, and 2026-Q3 January to March. 2,000.00 is
    sold, and all of it above the quota is paid."""
    terms = plan(OWN + HALVES.replace("PER", per).lstrip("\n"), fiscal_year_starts="july")
    days = {"2026-H1": "2025-12-31", "2026-H2": "2026-01-01", "2026-Q1": "2025-09-30", "2026-Q2": "2025-10-01"}
    days |= {"2026-Q3": "2026-03-31", "2025-11": "2025-11-30"}
    facts = Case().person("ann", quota=quota).deal("d1", days[period], 2_000_00).facts
    found = core([terms], facts, PlainMatcher()).earnings
    assert found.select("period", "quota_minor", "earned_minor").rows() == [(period, whole, 2_000_00 - whole)]
    assert oracle([terms], facts).earnings["ann", "rep", "pay", period][2] == 2_000_00 - whole


def test_a_half_year_with_weights_of_quarters_is_prorated_by_them() -> None:
    """Of 1,000.00 a year the first half has 20% + 30% = 500.00. Who starts on 1 April is there for 30 of these 50%.
    All above is paid."""
    body = HALVES.replace("PER", "half_year").replace("{H1: 1/3, H2: 2/3}", "{Q1: 20%, Q2: 30%, Q3: 25%, Q4: 25%}")
    terms = plan(OWN + body.lstrip("\n").replace("    pays:", "    prorate: {by: days, for: entry}\n    pays:"))
    case = Case().person("ann", start="2026-04-01", quota=(1_000_00, "year")).deal("d1", "2026-04-01", 400_00)
    assert core([terms], case.facts, PlainMatcher()).earnings["quota_minor"].to_list() == [300_00]
    assert oracle([terms], case.facts).earnings["ann", "rep", "pay", "2026-H1"][2] == 100_00

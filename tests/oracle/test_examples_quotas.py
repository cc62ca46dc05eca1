"""Quotas worked out by hand, for the oracle and the core alike (M4)."""

from __future__ import annotations

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

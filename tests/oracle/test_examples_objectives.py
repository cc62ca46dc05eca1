"""Objectives, with the arithmetic beside it."""

from __future__ import annotations

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .small import OWN, Case, day, plan

TERMS = """\
components:
  goals:
    counts: activities
    per: quarter
    pays:
      objectives:
        {of: target incentive, at_most: 110%, list: [{activity: a, weight: 60%}, {activity: b, weight: 40%}]}
"""


def test_each_objective_counts_up_to_the_most_by_itself() -> None:
    case = Case().person("ann", start="2024-01-01", target_incentive_minor=40_000_00)
    for name, kind, date, percent in (
        ("1", "a", "2024-01-10", 90),
        ("2", "a", "2024-02-10", 90),
        ("3", "b", "2024-02-11", None),
        ("4", "b", "2024-04-01", 5),
    ):
        more = {"kind": kind, "activity_date": day(date), "quantity": percent}
        case.add("activities", source="crm", external_id=name, participant_id="ann", **more)
    found = calculate([plan(TERMS)], case.facts)
    assert {key[3]: row for key, row in found.earnings.items()} == {
        "2024-Q1": (0, 1_060_000, 10_600_00),  # 10,000 x (60% x 110% + 40%)
        "2024-Q2": (0, 20_000, 200_00),  # 10,000 x 40% x 5%
    }
    assert [line.amount_minor for line in found.lines] == [5_400_00, 1_200_00, 4_000_00, 200_00]


def test_objectives_are_shares_of_an_amount_whatever_the_target_is() -> None:
    """5,000.01 in the quarter: 60% x 110% = 66% are 3,300.01 (3,300.0066), and 40% x 5% more make 68%: 3,400.01."""
    case = Case().person("ann", start="2024-01-01", target_incentive_minor=40_000_00).person("bob")
    for name, kind, date, percent in (("1", "a", "2024-01-10", 180), ("2", "b", "2024-02-11", 5)):
        more = {"kind": kind, "activity_date": day(date), "quantity": percent}
        for who in ("ann", "bob"):
            case.add("activities", source="crm", external_id=f"{who} {name}", participant_id=who, **more)
    terms = plan(TERMS.replace("of: target incentive", "of: 5_000.01"))
    found = calculate([terms], case.facts)
    wanted = {(who, "rep", "goals", "2024-Q1"): (0, 680_000, 3_400_01) for who in ("ann", "bob")}
    assert found.earnings == wanted
    assert [line.amount_minor for line in found.lines] == [3_300_01, 100_00] * 2
    earned = core([terms], case.facts, PlainMatcher()).earnings
    assert earned["earned_minor"].to_list() == [3_400_01] * 2
    assert earned["target_incentive_minor"].to_list() == [5_000_01] * 2


def test_an_amount_is_prorated_and_capped_as_a_target_is() -> None:
    """Of a half-year's 3,000.00, 92 of 184 days count: 1,500.00. At 100% of the quota, 500.00 of 1,000.00, half of it
    is paid, 750.00, and at 200% three times as much as the amount, 4,500.00, of which the cap lets 120% through."""
    body = """components:
  pay:
    counts: acv
    from: own
    per: half_year
    quota: from assignment
    zero_quota: pay_base
    prorate: {by: days, for: entry, of: quota and target}
    cap: 120%
    pays: {steps: {by: attainment, of: 3_000, between: jump, boundary: at, at: [{100%: 50%}, {200%: 300%}]}}
"""
    terms, start = plan(OWN + body), "2026-10-01"
    for sold, paid in ((499_99, 0), (500_00, 750_00), (1_000_00, 1_800_00)):
        facts = Case().person("ann", start=start, quota=(1_000_00, "half_year")).deal("d1", start, sold).facts
        assert calculate([terms], facts).earnings["ann", "rep", "pay", "2026-H2"][2] == paid
        assert core([terms], facts, PlainMatcher()).earnings["earned_minor"].to_list() == [paid]


def test_who_comes_within_the_quarter_has_the_part_of_its_days() -> None:
    """From 15 February on 46 of the quarter's 91 days count: 10,000.00 x 46/91 is 5,054.95, and 60% of it 3,032.97."""
    case = Case().person("ann", start="2024-02-15", target_incentive_minor=40_000_00)
    case.add(
        "activities", source="crm", external_id="1", participant_id="ann", kind="a", activity_date=day("2024-03-01")
    )
    terms = plan(TERMS.replace("    pays:", "    prorate: {by: days, for: entry, of: quota and target}\n    pays:"))
    assert calculate([terms], case.facts).earnings["ann", "rep", "goals", "2024-Q1"][2] == 3_032_97
    earned = core([terms], case.facts, PlainMatcher()).earnings
    assert earned.select("target_incentive_minor", "earned_minor").row(0) == (5_054_95, 3_032_97)

"""What a period pays by itself, with the arithmetic beside it."""

from __future__ import annotations

from .calculate import calculate
from .small import Case, plan

RETAINER = "components:\n  retainer: {per: quarter, pays: {fixed: {amount: 1_000, part_period: by days}}}\n"


def test_quarters_up_to_the_latest_fact_pay_by_their_days() -> None:
    case = Case().person("ann", start="2024-02-15", end="2024-08-01")
    case.person("bob", plan="other", start="2024-07-01")
    found = calculate([plan(RETAINER)], case.facts)
    assert {key[3]: paid for key, (_, _, paid) in found.earnings.items()} == {
        "2024-Q1": 505_49,  # 46 of 91 days: 15 in February, 31 in March
        "2024-Q2": 1_000_00,
        "2024-Q3": 336_96,  # July, 31 of 92 days
    }
    assert all(line.payable_date.month in (3, 6, 9) for line in found.lines)


def test_nothing_is_paid_for_a_plan_that_begins_after_the_latest_that_anything_tells_of() -> None:
    """Within one quarter: the last thing told is ann's start on 1 January, the plan begins on 29 February."""
    case = Case().person("ann", start="2024-01-01")
    assert calculate([plan(RETAINER, effective="2024-02-29")], case.facts).earnings == {}

"""Objectives, with the arithmetic beside it."""

from __future__ import annotations

from .calculate import calculate
from .small import Case, day, plan

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

"""Credit rules against each other: what is said of sets of deals holds for each deal."""

from __future__ import annotations

from itertools import product

from compsvc.core.eligibility import Condition, holds
from compsvc.core.plan_check_rules import _apart, _interval, _within
from tests.adapters.test_plan_yaml import changed, parsed

VALUES = (None, -1, 0, 1, 2, 3, 4)
NUMBERS = (0, 1, 2, 3)
CONDITIONS = [
    *(Condition("quantity", op, (number,)) for op in ("eq", "ne", "lt", "le", "gt", "ge") for number in NUMBERS),
    *(Condition("quantity", op, (0, 2)) for op in ("in", "not_in", "between")),
    Condition("quantity", "between", (1, 3)),
    Condition("quantity", "absent"),
    Condition("quantity", "present"),
]


def fitting(condition: Condition) -> set[int | None]:
    return {value for value in VALUES if holds(condition, value)}


def test_within_is_never_said_of_what_is_not() -> None:
    for narrow, wide in product(CONDITIONS, repeat=2):
        if _within(narrow, wide):
            assert fitting(narrow) <= fitting(wide), (narrow, wide)


def test_within_is_told_of_comparisons_and_lists() -> None:
    for narrow, wide in product(CONDITIONS, repeat=2):
        if (_interval(narrow) or narrow.op in ("eq", "in")) and (_interval(wide) or wide.op in ("ne", "not_in")):
            assert _within(narrow, wide) == (fitting(narrow) <= fitting(wide)), (narrow, wide)


def test_apart_is_never_said_of_what_meets() -> None:
    for one, two in product(CONDITIONS, repeat=2):
        if _apart(one, two):
            assert not fitting(one) & fitting(two), (one, two)
        elif one.op not in ("ne", "not_in") and two.op not in ("ne", "not_in"):
            assert fitting(one) & fitting(two), (one, two)


def said(first: str, second: str, match: str = "all") -> list[str]:
    text = changed(
        ("effective:", f"match: {match}\neffective:"),
        ("from: own", "from: [own, second]"),
        (
            "  own:\n    when: {type: [new_logo, upsell, cross_sell]}\n    to: seller\n",
            f"  own:\n    when: {first}\n    to: seller\n  second:\n    when: {second}\n    to: seller\n",
        ),
    )
    codes = [problem.code for problem in parsed(text)[1]]
    return [code for code in codes if not code.startswith("PROVISIONING")]


def test_days_follow_each_other_over_the_end_of_a_month() -> None:
    march, april = "{closed_date: 2026-03-01..2026-03-31}", "{closed_date: 2026-04-01..2026-04-30}"
    assert said(march, april) == []
    assert said(march, april.replace("04-01", "04-02")) == ["CONDITION_GAP"]


def test_ranges_that_meet_have_no_gap() -> None:
    assert said('{acv: "< 10_000"}', '{acv: ">= 10_000"}') == []
    assert said('{acv: "< 10_000"}', '{acv: ">= 10_000.01"}') == ["CONDITION_GAP"]
    assert said('{type: new_logo, acv: "< 10_000"}', '{type: upsell, acv: "> 10_000"}') == []  # of other deals


def test_only_under_match_first_an_earlier_rule_hides_a_later_one() -> None:
    assert said("{region: emea}", "{region: emea, channel: partner}") == []
    assert said("{region: emea}", "{region: emea, channel: partner}", "first") == ["RULE_NEVER_FIRES"]
    assert said("{region: emea, channel: partner}", "{region: emea}", "first") == []


def test_rules_that_give_the_same_do_not_contradict() -> None:
    assert said("{region: emea}", "{channel: partner}", "first") == []

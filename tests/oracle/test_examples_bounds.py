"""Caps, floors, minimums and windfalls worked by hand, for the oracle and the core."""

from __future__ import annotations

from .small import OWN, Case, plan
from .test_oracle_examples import Book, Calculation, calculate, component

__all__ = ["calculate"]  # the fixture
ACV = "counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}"


def of_kind(book: Book, kind: str) -> list[tuple[object, object, object]]:
    """Component, deal and amount of the lines of one kind."""
    return [(line[1], line[3], line[7]) for line in book.lines if line[5] == kind]


def test_a_cap_cuts_the_line_that_goes_beyond_it_and_all_after(calculate: Calculation) -> None:
    # 60 + 70 + 20 at a cap of 100: the second loses 30, the third all of its 20.
    case = Case().person("ann").deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 700_00)
    book = calculate([plan(OWN + component(f"{ACV}, cap: 100"))], case.deal("d3", "2024-01-07", 200_00).facts)
    assert book.earned["ann", "c", "2024-01"] == 100_00
    assert of_kind(book, "cap") == [("c", "d2", -30_00), ("c", "d3", -20_00)]


def test_a_cap_by_the_target_and_a_floor(calculate: Calculation) -> None:
    # The target of 1,200 a year is 100 a month; 50% of it is 50. February's 4 are raised to 7.
    case = Case().person("ann", target_incentive_minor=1_200_00, quota=(12_000_00, "year"))
    case.deal("d1", "2024-01-05", 600_00).deal("d2", "2024-02-06", 40_00)
    quoted = f"{ACV}, quota: from assignment, zero_quota: pay_base, cap: 50%, floor: 7"
    book = calculate([plan(OWN + component(quoted))], case.facts)
    assert (book.earned["ann", "c", "2024-01"], book.earned["ann", "c", "2024-02"]) == (50_00, 7_00)
    assert of_kind(book, "floor") == [("c", None, 3_00)]


def test_the_plans_cap_falls_on_lines_in_the_order_of_deals_then_components(calculate: Calculation) -> None:
    # Each deal pays 60 in `a` and 6 in `b`: 60, 66, 126, 132 along the deals. A cap of 100 takes 26 and 6 of d2.
    two = "components:\n" + f"  a: {{{ACV}}}\n" + f"  b: {{{ACV.replace('10%', '1%')}}}\n"
    case = Case().person("ann").deal("d1", "2024-01-05", 600_00).deal("d2", "2024-02-06", 600_00)
    book = calculate([plan(OWN + two, cap="{amount: 100, per: year}")], case.facts)
    assert of_kind(book, "plan_cap") == [("a", "d2", -26_00), ("b", "d2", -6_00)]


def test_the_plans_floor_is_a_line_of_its_first_component(calculate: Calculation) -> None:
    # 6 + 0.60 in the year; up to 10 it lacks 3.40.
    two = "components:\n" + f"  a: {{{ACV}}}\n" + f"  b: {{{ACV.replace('10%', '1%')}}}\n"
    case = Case().person("ann").deal("d1", "2024-01-05", 60_00)
    book = calculate([plan(OWN + two, floor="{amount: 10, per: year}")], case.facts)
    assert of_kind(book, "plan_floor") == [("a", None, 3_40)]


def test_a_shared_deal_has_its_part_of_the_minimum(calculate: Calculation) -> None:
    # 10% of 60 is 6 where the minimum is 50: of three quarters 37.50 - 4.50 = 33, of one quarter 12.50 - 1.50 = 11.
    case = Case().person("ann").person("ben").deal("d1", "2024-01-05", 60_00).split("d1", ann=(3, 4), ben=(1, 4))
    book = calculate([plan(OWN + component(f"{ACV}, minimum_per_deal: 50"))], case.facts)
    assert (book.earned["ann", "c", "2024-01"], book.earned["ben", "c", "2024-01"]) == (37_50, 12_50)


def test_the_part_above_a_windfall_pays_less_or_waits(calculate: Calculation) -> None:
    # 10% of 1,500 is 150; a third of the deal is above 1,000, so half of 50 is taken; under review the 50 stand twice.
    case = Case().person("ann").deal("d1", "2024-01-05", 1_500_00)
    half = calculate([plan(OWN + component(f"{ACV}, windfall: {{above: 1_000, pay: 50%}}"))], case.facts)
    assert of_kind(half, "windfall") == [("c", "d1", -25_00)]
    review = calculate([plan(OWN + component(f"{ACV}, windfall: {{above: 1_000, pay: review}}"))], case.facts)
    assert of_kind(review, "windfall") + of_kind(review, "review") == [("c", "d1", -50_00), ("c", "d1", 50_00)]
    assert review.earned["ann", "c", "2024-01"] == 150_00

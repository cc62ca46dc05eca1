"""Caps, floors, minimums and windfalls worked by hand, for the oracle and the core."""

from __future__ import annotations

import pytest

from compsvc.core.plan import Plan

from .small import OWN, Case, plan
from .test_oracle_examples import Book, Calculation, calculate, component
from .test_oracle_losses import NEGATIVE, amounts, lost

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


def of_deal(found: list[tuple[str, str, int]], deal: str) -> list[tuple[str, int]]:
    return [(kind, amount) for name, kind, amount in found if name == deal]


CAPPED = {"cap": f"{ACV}, cap: 100", "plan_cap": ACV}


def capped(word: str, attainment: str) -> Plan:
    """10% of each deal, at most 100 a month, by the component's cap or by the plan's."""
    clawback = f"{{basis: as_paid, attainment: {attainment}, schedule: full}}"
    bound = {"cap": "{amount: 100, per: month}"} if word == "plan_cap" else {}
    return plan(OWN + component(CAPPED[word]), clawback=clawback, negative=NEGATIVE, **bound)


def two_in_january() -> Case:
    """800.00 pay 80; of the 50 of 500.00 only 20 are left under a cap of 100."""
    case = Case().person("ann").deal("d1", "2024-01-05", 800_00)
    return case.deal("d2", "2024-01-06", 500_00, account_id="birk")


@pytest.mark.parametrize("word", CAPPED)
@pytest.mark.parametrize("attainment", ["no", "period_of_loss", "original_period"])
def test_a_loss_takes_first_what_a_cap_has_cut(word: str, attainment: str) -> None:
    # Half of d2 is lost in March: 25 of the 30 that were never paid. The rest is lost in April: the 5 that are left
    # of them, and the 20 that were paid.
    case = lost(lost(two_in_january(), "d2", "2024-03-10", 1, 2), "d2", "2024-04-10", 1, 2)
    found = of_deal(amounts(capped(word, attainment), case.facts), "d2")
    assert sum(amount for _, amount in found) == 0
    assert sorted(amount for kind, amount in found if kind == word) == [-30_00, 5_00, 25_00]


CLAWBACK = "{basis: as_paid, attainment: period_of_loss, schedule: full}"


def test_a_loss_takes_of_each_component_what_the_plans_cap_has_cut_of_it(calculate: Calculation) -> None:
    # Each component pays 100 and the plan 100: all of `b` was cut, and nothing of `a`. `a` is taken back in full.
    two = "components:\n" + f"  a: {{{ACV}}}\n" + f"  b: {{{ACV}}}\n"
    terms = plan(OWN + two, clawback=CLAWBACK, negative=NEGATIVE, cap="{amount: 100, per: month}")
    case = lost(Case().person("ann").deal("d1", "2024-01-05", 1_000_00), "d1", "2024-03-10", 1)
    book = calculate([terms], case.facts)
    assert sorted(of_kind(book, "plan_cap")) == [("b", "d1", -100_00), ("b", "d1", 100_00)]
    assert (book.earned["ann", "a", "2024-03"], book.earned["ann", "b", "2024-03"]) == (-100_00, 0)


def test_a_loss_takes_what_the_cap_has_cut_of_what_waits_apart_from_the_rest() -> None:
    # Of 120 and 30 a third waits for a review: 80, 40 that wait, 20, 10 that wait. A cap of 100 cuts 20 of the 40, the
    # 20 and the 10. The loss of the second line takes its 30 of what waits; of such pay the cap has cut 10 there.
    terms = component(f"{ACV}, cap: 100, windfall: {{above: 1_000, pay: review}}")
    case = Case().person("ann").deal("d1", "2024-01-05")
    for line, worth in ((1, 1_200_00), (2, 300_00)):
        case.add("deal_lines", source="crm", external_id="d1", line=line, annual_value_minor=worth)
    case = lost(case, "d1", "2024-03-10", 1, line=2)
    found = amounts(plan(OWN + terms, clawback=CLAWBACK, negative=NEGATIVE), case.facts)
    assert sorted(amount for _, kind, amount in found if kind == "cap") == [-20_00, -20_00, -10_00, 10_00]


@pytest.mark.parametrize("word", CAPPED)
def test_what_was_paid_in_full_is_taken_back_in_full(word: str) -> None:
    # d1 was paid its 80; what the cap cut of d2 stays cut, since January is not computed anew.
    found = amounts(capped(word, "period_of_loss"), lost(two_in_january(), "d1", "2024-03-10", 1).facts)
    assert sum(amount for _, amount in of_deal(found, "d1")) == 0
    assert sum(amount for _, amount in of_deal(found, "d2")) == 20_00


@pytest.mark.parametrize("word", CAPPED)
def test_what_comes_back_to_pay_stands_under_the_cap_of_its_own_period(word: str) -> None:
    # March: d3 earns 130, of which 30 are cut. d2 loses 50; 30 of them come back since they were never paid, and of
    # the 20 that are left the month's own cap gives back 20: 130 - 50 + 30 are still 10 above it.
    case = lost(two_in_january(), "d2", "2024-03-10", 1).deal("d3", "2024-03-05", 1_300_00, account_id="colt")
    found = amounts(capped(word, "period_of_loss"), case.facts)
    assert sorted(of_deal(found, "d3")) == sorted([("own", 130_00), (word, -30_00)])
    assert sorted(of_deal(found, "d2")) == sorted(
        [("own", 50_00), (word, -30_00), ("take_back", -50_00), (word, 50_00)]
    )


def sealed(case: Case, deal: str, counts: int, place: int = 0, **more: str) -> Case:
    of = {"participant_id": "ann", "plan": "rep", "component": "c", "source": "crm", "external_id": deal, "line": 1}
    period = {"period": "2024-01", "stage": 0, **more}
    return case.add("fixed_events", **of, **period, place=place, counts=counts, pays=counts)


@pytest.mark.parametrize("word", CAPPED)
def test_a_sealed_loss_that_was_withdrawn_leaves_what_the_cap_left(word: str) -> None:
    case = sealed(sealed(two_in_january(), "d1", 800_00), "d2", 500_00, 1)
    sealed(case, "d2", -500_00, period="2024-03", loss_id="l1")
    found = amounts(capped(word, "period_of_loss"), lost(case, "d2", "2024-03-10", 1, withdrawn=True).facts)
    assert sum(amount for _, amount in of_deal(found, "d2")) == 20_00


@pytest.mark.parametrize("month", ["2024-01", "2024-03"])
@pytest.mark.parametrize("pays", ["50%", "review"])
def test_a_sealed_loss_that_was_withdrawn_leaves_what_the_windfall_left(pays: str, month: str) -> None:
    # 150 less 25 that are never paid, or less 50 that wait.
    clawback = "{basis: as_paid, attainment: period_of_loss, schedule: full}"
    ways = f"{ACV}, windfall: {{above: 1_000, pay: {pays}}}"
    case = sealed(Case().person("ann").deal("d1", "2024-01-05", 1_500_00), "d1", 1_500_00)
    sealed(case, "d1", -1_500_00, int(month == "2024-01"), period=month, loss_id="l1")
    lost(case, "d1", f"{month}-10", 1, withdrawn=True)
    found = amounts(plan(OWN + component(ways), clawback=clawback, negative=NEGATIVE), case.facts)
    left = {kind: sum(x for _, name, x in found if name == kind) for kind in ("windfall", "review")}
    assert left == ({"windfall": -25_00, "review": 0} if pays == "50%" else {"windfall": -50_00, "review": 50_00})

"""Tables in which each deal begins anew, with bounds and losses, and deals by their products: worked by hand for oracle
and core (M2, T1)."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate as core

from .calculate import calculate as oracle
from .small import OWN, Case, plan
from .test_examples_bounds import of_kind
from .test_oracle_examples import Calculation, calculate, component
from .test_oracle_losses import NEGATIVE, amounts, lost

__all__ = ["calculate"]  # the fixture
TABLE = "counts: acv, from: own, per: month, pays: {rate_table: {mode: MODE, by: BY, boundary: at, tiers: [TIERS]}}"
TIERS = "{to: 1_000, rate: 10%}, {rate: 20%}"


def table(mode: str = "retroactive", by: str = "deal") -> str:
    return TABLE.replace("MODE", mode).replace("BY", by).replace("TIERS", TIERS)


def test_the_cap_of_a_month_goes_along_its_deals_and_no_deal_lifts_another(calculate: Calculation) -> None:
    # 60 at 10%, 240 at 20%, 50 at 10%: 60, 300, 350 at a cap of 250 leave 190 of the second and nothing of the third.
    case = Case().person("ann").deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 1_200_00)
    book = calculate([plan(OWN + component(f"{table()}, cap: 250"))], case.deal("d3", "2024-01-07", 500_00).facts)
    assert book.earned["ann", "c", "2024-01"] == 250_00
    assert of_kind(book, "cap") == [("c", "d2", -50_00), ("c", "d3", -50_00)]


def test_a_shared_deal_has_its_part_of_minimum_and_windfall_by_the_whole_deal(calculate: Calculation) -> None:
    # 100 of d1 pay 10, shared 7.50 and 2.50; the minimum of 30 leaves 22.50 and 7.50. d2's 2,000 at 20% are 300 and
    # 100: half of it is above 1,000, of which half is not paid: 75 and 25.
    case = Case().person("ann").person("ben").deal("d1", "2024-01-05", 100_00).split("d1", ann=(3, 4), ben=(1, 4))
    case.deal("d2", "2024-01-06", 2_000_00).split("d2", ann=(3, 4), ben=(1, 4))
    bounds = "minimum_per_deal: 30, windfall: {above: 1_000, pay: 50%}"
    book = calculate([plan(OWN + component(f"{table()}, {bounds}"))], case.facts)
    assert (book.earned["ann", "c", "2024-01"], book.earned["ben", "c", "2024-01"]) == (247_50, 82_50)
    assert of_kind(book, "minimum") == [("c", "d1", 15_00), ("c", "d1", 5_00)]
    assert of_kind(book, "windfall") == [("c", "d2", -75_00), ("c", "d2", -25_00)]


# 1,200 at 20% are 240, and 900 beside it at 10% are 90. Three months are kept, so 9/12 of the deal go: 900 of 1,200.
# The deal's own curve falls from 240 to 300 x 10% = 30, by 210; the other deal stays at 90 whatever is lost.
@pytest.mark.parametrize(("basis", "due"), [("recompute", 210_00), ("as_paid", 180_00), ("original_rate", 180_00)])
@pytest.mark.parametrize(("attainment", "month"), [("original_period", "2024-01"), ("period_of_loss", "2024-04")])
def test_a_loss_takes_back_what_its_own_deal_earned(
    calculate: Calculation, basis: str, due: int, attainment: str, month: str
) -> None:
    terms = f"{{basis: {basis}, attainment: {attainment}, schedule: pro rata over 12 months}}"
    case = Case().person("ann").deal("d1", "2024-01-05", 1_200_00).deal("d2", "2024-01-06", 900_00)
    book = calculate(
        [plan(OWN + component(table()), clawback=terms, negative=NEGATIVE)], lost(case, "d1", "2024-04-05", 1).facts
    )
    earned = {"2024-01": 330_00, "2024-04": 0}
    earned[month] -= due
    assert {month: book.earned.get(("ann", "c", month), 0) for month in earned} == earned


def test_a_gate_is_of_the_month_and_not_of_the_deal(calculate: Calculation) -> None:
    # 600 and 500 open a gate of 1,000 together: 60 + 50. February's 900 do not.
    case = Case().person("ann").deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 500_00)
    gated = f"{table(by='credit')}, gate: {{measure: own, at_least: 1_000}}"
    book = calculate([plan(OWN + component(gated))], case.deal("d3", "2024-02-07", 900_00).facts)
    assert (book.earned["ann", "c", "2024-01"], book.earned["ann", "c", "2024-02"]) == (110_00, 0)


def test_a_bounded_month_counts_the_own_part_of_shared_deals() -> None:
    # Three quarters of 2,000: the whole deal moves the tier, but it is not what the month has reached.
    case = Case().person("ann").person("ben").deal("d1", "2024-01-06", 2_000_00).split("d1", ann=(3, 4), ben=(1, 4))
    terms = [plan(OWN + component(f"{table()}, cap: 100"))]
    found = core(terms, case.facts, PlainMatcher()).earnings.filter(participant_id="ann")
    assert found.select("measure_minor", "earned_minor").rows() == [(1_500_00, 100_00)]
    assert oracle(terms, case.facts).earnings["ann", "rep", "c", "2024-01"] == (1_500_00, 0, 100_00)


def test_a_deal_has_as_many_products_as_its_lines_name(calculate: Calculation) -> None:
    # d1 names seats twice and storage, with a line that names nothing: two. d2 names none at all: no number.
    case = Case().person("ann").deal("d1", "2024-01-05").deal("d2", "2024-01-06", 100_00)
    for line, product in enumerate(("seats", "storage", "seats", None), start=1):
        case.add("deal_lines", source="crm", external_id="d1", line=line, annual_value_minor=10_00, product=product)
    for products, due in (("2", 4_00), (">= 3", 0), ("absent", 10_00), ("< 3", 4_00)):
        rules = f"credits: {{own: {{when: {{products: '{products}'}}, to: seller}}}}\n"
        terms = plan(rules + component("counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}"))
        assert calculate([terms], case.facts).earned.get(("ann", "c", "2024-01"), 0) == due


def test_the_term_of_a_ramp_without_dates_of_its_own_is_that_of_its_committed_stages() -> None:
    """Three years over both stages: 1% of 600; of what has neither dates nor stages no term is known."""
    body = (
        "credits:\n  long: {when: {term_months: '>= 36'}, to: seller}\n"
        "components:\n  pay: {counts: acv, from: long, per: year, pays: {flat_rate: {rate: 1%}}}\n"
    )
    case = Case().person("ann").deal("d1", "2026-01-10").deal("d2", "2026-01-11", 600_00, account_id="birk")
    case.stages("d1", ("2026-02-01", "2026-08-01", 600_00), ("2026-08-01", "2029-02-01", 900_00))
    assert amounts(plan(body), case.facts) == [("d1", "own", 6_00)]

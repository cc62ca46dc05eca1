"""Two sets of plans over the same facts: every difference to the cent, and the deals that make it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest

from compsvc.adapters.plan_yaml import parse_plan
from compsvc.core.comparison import Change, Comparison, compare
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.limits import MAX_COMPARED_DEALS
from compsvc.core.pipeline import calculate
from compsvc.core.results import Result
from compsvc.core.statement_scope import period_of
from tests.nordwind import FOLDER, nordwind


@cache
def changed() -> Result:
    """Hunters at 2 x base above 100% instead of 1.5 x base, and 4,000 instead of 5,000 for three new logos."""
    texts = {path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")}
    source = texts["hunter.yaml"].replace(b"1.5 x base", b"2 x base").replace(b"bonus: 5_000", b"bonus: 4_000")
    plan, problems = parse_plan(source, "hunter.yaml", texts)
    assert plan is not None
    assert not problems
    company = nordwind()
    plans = [*(each for each in company.plans if each.plan != "hunter" or each.effective < plan.effective), plan]
    return calculate(plans, company.facts, PlainMatcher())


def compared(period: str = "") -> Comparison:
    span = period_of(period, fiscal_year_starts=1) if period else None
    return compare(nordwind().result, changed(), nordwind().facts, span)


def test_who_wins_by_how_much_and_by_which_deals() -> None:
    # Hanna sells 1,016,000 on a quota of 800,000: 216,000 above it at 20% instead of 15% = +10,800; the kicker -1,000.
    hanna = next(each for each in compared().participants if each.participant_id == "hanna")
    assert hanna.cost == Change(117_400_00, 127_200_00, "EUR")
    assert hanna.cost.difference_minor == 9_800_00
    assert {deal.external_id: deal.cost.difference_minor for deal in hanna.deals} == {
        "D-1005": 7_500_00,  # an option taken in the fourth quarter
        "D-1011": 2_250_00,
        "D-1010": 1_050_00,  # 21,000 of it above 100%
        "D-1003": -1_000_00,  # the third new logo
    }
    assert (hanna.deals[0].external_id, hanna.deals[0].account_name) == ("D-1005", "Eiche Versicherung AG")


def test_the_total_has_cost_revenue_winners_and_losers() -> None:
    # Jonas sells 850,000 on a quota of 800,000: 50,000 x (20% - 15%) = +2,500; the kicker -1,000. Hanna: +9,800.
    (total,) = compared().totals
    assert total.cost == Change(563_068_33, 574_368_33, "EUR")
    assert (total.winner_count, total.won_minor, total.loser_count, total.lost_minor) == (2, 11_300_00, 0, 0)
    assert total.unchanged_count == 14
    assert total.cost_per_revenue is not None
    today, candidate = total.cost_per_revenue
    assert today * total.revenue_minor == total.cost.today_minor
    assert candidate * total.revenue_minor == total.cost.candidate_minor


def test_revenue_is_what_was_accepted_and_losses_are_none() -> None:
    company = nordwind()
    facts, losses = company.facts, company.facts.deals["type"].is_in(["churn", "downsell"]).fill_null(False)
    assert losses.any()
    without = replace(facts, deals=facts.deals.filter(~losses))
    accepted = replace(facts, deals=facts.deals.filter(pl.col("accepted_time").is_not_null()))
    for some in (without, accepted):
        (total,) = compare(company.result, company.result, some, None).totals
        assert total.revenue_minor == compared().totals[0].revenue_minor == 4_956_000_00


@pytest.mark.parametrize("period", ["", "2026", "2026-Q4", "2026-11", "2027"])
def test_every_view_sums_to_the_same_total(period: str) -> None:
    found = compared(period)
    people = [each.cost for each in found.participants]
    for some in ([each.cost for each in found.components], [each.cost for each in found.roles], people):
        for side in ("today_minor", "candidate_minor"):
            assert sum(getattr(each, side) for each in some) == sum(getattr(each, side) for each in people)
    for person in found.participants:
        shown = sum(deal.cost.difference_minor for deal in person.deals)
        assert shown + person.other_minor == person.cost.difference_minor
        assert sum(each.cost.candidate_minor for each in person.components) == person.cost.candidate_minor


def test_all_that_is_earned_is_compared() -> None:
    earned = [result.earnings["earned_minor"].sum() for result in (nordwind().result, changed())]
    (total,) = compared().totals
    assert [total.cost.today_minor, total.cost.candidate_minor] == earned


def test_months_sum_to_the_year() -> None:
    months = [compared(f"2026-{month:02}").totals for month in range(1, 13)]
    (year,) = compared("2026").totals
    for side in ("today_minor", "candidate_minor"):
        assert sum(getattr(each.cost, side) for of in months for each in of) == getattr(year.cost, side)
    assert sum(each.revenue_minor for of in months for each in of) == year.revenue_minor


def test_the_same_plans_differ_in_nothing() -> None:
    company = nordwind()
    found = compare(company.result, company.result, company.facts, None)
    assert not found.deals
    assert all(each.cost.difference_minor == 0 and not each.deals for each in found.participants)
    assert all(band.today_count == band.candidate_count for band in found.attainment)


def test_attainment_is_counted_by_band() -> None:
    # Hanna is at 127%, Jonas in 2025 at 109% and in 2026 at 106%, Ada at 100% or above, Ben below 80%, and Lena,
    # who came in July, at 35%.
    ends = {(band.plan, band.from_percent): band.today_count for band in compared().attainment if band.today_count}
    ae = {("account-executive", percent): 1 for percent in (0, 50, 100)}
    assert ends == {("hunter", 100): 2, ("hunter", 120): 1, **ae}


def test_a_role_has_its_people() -> None:
    roles = {each.role: (each.participant_count, each.cost.difference_minor) for each in compared().roles}
    assert roles["hunter"] == (2, 11_300_00)
    assert roles["ae"] == (3, 0)


def test_of_many_deals_the_largest_are_shown_and_the_rest_is_a_number() -> None:
    lines = nordwind().result.lines
    assert lines is not None
    one = lines.filter(pl.col("external_id") == "D-1010").head(1)
    many = pl.concat([one.with_columns(external_id=pl.lit(f"X-{n:02}"), amount_minor=pl.lit(n)) for n in range(1, 31)])
    none = replace(nordwind().result, lines=lines.clear())
    (person,) = compare(none, replace(none, lines=many), nordwind().facts, None).participants
    assert [deal.cost.difference_minor for deal in person.deals] == list(range(30, 10, -1))
    assert len(person.deals) == MAX_COMPARED_DEALS
    assert (person.other_deal_count, person.other_minor) == (10, sum(range(1, 11)))


def test_sums_that_do_not_fit_are_refused() -> None:
    lines = nordwind().result.lines
    assert lines is not None
    huge = replace(nordwind().result, lines=lines.with_columns(amount_minor=pl.lit(2**62)))
    with pytest.raises(FiguresTooLarge):
        compare(huge, huge, nordwind().facts, None)

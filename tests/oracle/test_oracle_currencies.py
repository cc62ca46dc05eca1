"""Deals in other currencies, worked by hand: one conversion and one rounding per line, before the split (C5)."""

from __future__ import annotations

from compsvc.core.plan import Plan

from .small import OWN, Case, day, plan
from .test_oracle_examples import FLAT, RAMP_STAGES, Calculation, calculate, component

__all__ = ["calculate"]  # the fixture: each case is put to the oracle and to the core

ON_PLAN_DAY, ON_CLOSE = "{table: budget, rate: plan_rate}", "{table: budget, rate: close_date}"
RAMP = "{term_at_least: 36 months, last_stage_at_least: 12 months, below_limits: first_stage}"


def by_acv(fx: str, **header: str) -> Plan:
    return plan(OWN + component(f"counts: acv, from: own, per: year, {FLAT}"), fx=fx, **header)


def rates(case: Case, *given: tuple[str, str, int, int], to: str = "EUR", table: str = "budget") -> Case:
    for code, start, num, den in given:
        pair = {"from_currency_code": code, "to_currency_code": to, "start_date": day(start)}
        case.add("fx_rates", fx_table=table, **pair, rate_num=num, rate_den=den)
    return case


def abroad(name: str, closed: str, annual: int, code: str = "USD", **more: object) -> Case:
    return Case().person("ann").deal(name, closed, annual, currency_code=code, **more)


def test_the_plan_rate_is_that_of_the_plans_first_day_and_the_close_rate_that_of_the_deals(
    calculate: Calculation,
) -> None:
    # The plan is effective from 2020-01-01: 0.90 holds. On 2024-03-01 it is 0.80: 1,000 USD are 900 or 800 EUR.
    case = rates(abroad("d1", "2024-03-01", 1_000_00), ("USD", "2019-06-01", 9, 10), ("USD", "2024-01-01", 8, 10))
    assert calculate([by_acv(ON_PLAN_DAY)], case.facts).counts() == {("d1", 0): 900_00}
    assert calculate([by_acv(ON_CLOSE)], case.facts).counts() == {("d1", 0): 800_00}


def test_a_rate_holds_from_its_first_day_on(calculate: Calculation) -> None:
    case = abroad("d1", "2024-03-01", 100_00).deal("d2", "2024-02-29", 100_00, currency_code="USD")
    rates(case, ("USD", "2024-03-01", 2, 1))
    book = calculate([by_acv(ON_CLOSE)], case.facts)
    assert book.counts() == {("d1", 0): 200_00}
    assert book.reasons == {("d2", "CURRENCY_WITHOUT_RATE")}  # on the day before there is none


def test_each_currency_has_its_own_decimals(calculate: Calculation) -> None:
    # 1,000,001 JPY x 0.0061 = 6,100.0061 EUR; 1,000.005 BHD x 2.45 = 2,450.01225 EUR.
    case = abroad("yen", "2024-03-01", 1_000_001, "JPY").deal("dinar", "2024-03-02", 1_000_005, currency_code="BHD")
    rates(case, ("JPY", "2020-01-01", 61, 10_000), ("BHD", "2020-01-01", 245, 100))
    assert calculate([by_acv(ON_PLAN_DAY)], case.facts).counts() == {("yen", 0): 6_100_01, ("dinar", 0): 2_450_01}


def test_a_plan_in_yen_and_one_in_dinars(calculate: Calculation) -> None:
    # 12.34 EUR x 163.5 = 2,017.59 JPY, half up 2,018; 12.34 EUR x 0.41 = 5.0594 BHD, half up 5.059.
    case = Case().person("ann").deal("d1", "2024-03-01", 12_34)
    rates(case, ("EUR", "2020-01-01", 1_635, 10), to="JPY")
    rates(case, ("EUR", "2020-01-01", 41, 100), to="BHD")
    assert calculate([by_acv(ON_CLOSE, currency="JPY")], case.facts).counts() == {("d1", 0): 2_018}
    assert calculate([by_acv(ON_CLOSE, currency="BHD")], case.facts).counts() == {("d1", 0): 5_059}


def test_the_whole_line_is_converted_and_rounded_and_then_split(calculate: Calculation) -> None:
    # 100.01 USD x 0.5 = 50.005, half up 50.01; thirds: 16.67 each. Split first and convert then, the thirds of 100.01
    # (33.34, 33.34, 33.33) would be 16.67, 16.67 and 16.665, so 16.67 or 16.66 by the rounding.
    case = (
        abroad("d1", "2024-03-01", 100_01).person("ben").person("cas").split("d1", ann=(1, 3), ben=(1, 3), cas=(1, 3))
    )
    rates(case, ("USD", "2020-01-01", 1, 2))
    lines = calculate([by_acv(ON_CLOSE)], case.facts).lines
    assert {line[0]: line[6] for line in lines} == {"ann": 16_67, "ben": 16_67, "cas": 16_67}


def test_a_line_of_several_parts_is_rounded_once(calculate: Calculation) -> None:
    # 0.01 a year and 0.01 once, at 0.5: together 0.01. Each rounded alone would be 0.01 + 0.01.
    rule = component(f"counts: acv, one_time: count, from: own, per: year, {FLAT}")
    case = rates(abroad("d1", "2024-03-01", 1, one_time_value_minor=1), ("USD", "2020-01-01", 1, 2))
    assert calculate([plan(OWN + rule, fx=ON_CLOSE)], case.facts).counts() == {("d1", 0): 1}


def test_a_term_value_is_whole_in_the_deals_currency_before_it_is_converted(calculate: Calculation) -> None:
    # 100.00 a year for a month: 8.333..., 8.33 on the order; x 3 = 24.99. From the fraction it would be 25.00.
    case = abroad("d1", "2024-03-01", 100_00, start_date=day("2024-03-01"), end_date=day("2024-04-01"))
    rates(case, ("USD", "2020-01-01", 3, 1))
    rule = component(f"counts: tcv, from: own, per: year, {FLAT}")
    assert calculate([plan(OWN + rule, fx=ON_CLOSE)], case.facts).counts() == {("d1", 0): 24_99}


def test_what_is_committed_in_one_currency_takes_nothing_from_orders_in_another(calculate: Calculation) -> None:
    # The ramp commits to 350,000 USD. 100,000 USD more are within it, whatever the rate of that day; 100,000 EUR not.
    rule = component(f"counts: final_stage_acv, ramp: {RAMP}, from: own, per: year, {FLAT}")
    case = abroad("d1", "2024-01-15", 0, product="x").stages("d1", *RAMP_STAGES)
    case.deal("d2", "2024-03-01", 100_000_00, currency_code="USD", product="x")
    case.deal("d3", "2024-03-02", 100_000_00, product="x")
    rates(case, ("USD", "2020-01-01", 9, 10), ("USD", "2024-03-01", 99, 100))
    counts = calculate([plan(OWN + rule, fx=ON_CLOSE)], case.facts).counts()
    assert counts == {("d1", 0): 315_000_00, ("d2", 0): 0, ("d3", 0): 100_000_00}


def test_two_components_of_one_measure_convert_it_once_each(calculate: Calculation) -> None:
    body = (
        component(f"counts: acv, from: own, per: year, {FLAT}")
        + f"  d: {{counts: acv, from: own, per: year, {FLAT}}}\n"
    )
    case = rates(abroad("d1", "2024-03-01", 1_000_00), ("USD", "2020-01-01", 9, 10))
    book = calculate([plan(OWN + body, fx=ON_CLOSE)], case.facts)
    assert book.counts("c") == book.counts("d") == {("d1", 0): 900_00}


def test_an_option_is_converted_on_the_day_it_is_taken(calculate: Calculation) -> None:
    # 100 USD committed at 0.9 in January, 60 more taken in July at 0.5.
    stages = (("2024-01-15", "2025-01-15", 100_00), ("2025-01-15", "2026-01-15", 160_00))
    case = abroad("d1", "2024-01-15", 0).stages("d1", *stages, exercised={2: "2024-07-01"})
    rates(case, ("USD", "2020-01-01", 9, 10), ("USD", "2024-07-01", 1, 2))
    assert calculate([by_acv(ON_CLOSE)], case.facts).counts() == {("d1", 0): 90_00, ("d1", 2): 30_00}
    assert calculate([by_acv(ON_PLAN_DAY)], case.facts).counts() == {("d1", 0): 90_00, ("d1", 2): 54_00}


def test_conditions_compare_in_the_plans_currency(calculate: Calculation) -> None:
    # 1,000 JPY are 6.10 EUR and below 10; 10,000 JPY are 61.
    rule = "credits:\n  own: {when: {acv: '>= 10'}, to: seller}\n"
    case = abroad("low", "2024-03-01", 1_000, "JPY").deal("high", "2024-03-02", 10_000, currency_code="JPY")
    rates(case, ("JPY", "2020-01-01", 61, 10_000))
    book = calculate([plan(rule + component(f"counts: acv, from: own, per: year, {FLAT}"), fx=ON_CLOSE)], case.facts)
    assert book.counts() == {("high", 0): 61_00}
    assert book.reasons == {("low", "NO_RULE")}


def test_a_new_logo_has_to_be_large_enough_in_the_plans_currency_and_to_have_a_rate(calculate: Calculation) -> None:
    # 1,100 USD x 0.9 = 990, below 1,000: no new logo; the CHF deal has no rate and wins nothing; the third does.
    counted = "counts: new_logos, logo: account, minimum_deal: 1_000, from: own, per: year"
    body = OWN + component(f"{counted}, pays: {{kicker: {{at: 1, bonus: 50}}}}")
    case = abroad("d1", "2024-03-01", 1_100_00, type="new_logo")
    case.deal("d2", "2024-03-02", 5_000_00, currency_code="CHF", type="new_logo")
    case.deal("d3", "2024-03-03", 1_112_00, currency_code="USD", type="new_logo")
    rates(case, ("USD", "2020-01-01", 9, 10))
    book = calculate([plan(body, fx=ON_CLOSE)], case.facts)
    assert book.counts() == {("d3", 0): 1_000_000}
    assert ("d2", "CURRENCY_WITHOUT_RATE") in book.reasons


def test_a_manager_is_credited_at_the_rate_of_the_managers_own_plan(calculate: Calculation) -> None:
    # ann's plan pays in dollars: 1,000. max's plan pays in euros, at the rate of its own first day: 900.
    team = component(f"counts: acv, from: team, own_deals: out, settle: as_earned, per: year, {FLAT}", "team")
    case = (
        Case()
        .person("ann", manager_id="max")
        .person("max", "lead")
        .deal("d1", "2024-03-01", 1_000_00, currency_code="USD")
    )
    rates(case, ("USD", "2020-01-01", 9, 10), ("USD", "2024-01-01", 8, 10))
    own = plan(OWN + component(f"counts: acv, from: own, per: year, {FLAT}"), currency="USD")
    book = calculate([own, plan(team, "lead", fx=ON_PLAN_DAY)], case.facts)
    assert (book.counts(), book.counts("team")) == ({("d1", 0): 1_000_00}, {("d1", 0): 900_00})


def test_another_table_or_the_other_direction_is_no_rate(calculate: Calculation) -> None:
    case = rates(abroad("d1", "2024-03-01", 1_000_00), ("USD", "2020-01-01", 9, 10), table="month_end")
    rates(case, ("EUR", "2020-01-01", 11, 10), to="USD")
    book = calculate([by_acv(ON_CLOSE)], case.facts)
    assert (book.counts(), book.reasons) == ({}, {("d1", "CURRENCY_WITHOUT_RATE")})

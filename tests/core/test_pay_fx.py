"""Pay in another currency than the plan's (M10): the rate of a pay period, and rows against plain integers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compsvc.core.checks import check_facts
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pay_fx import PAID_AS, PayRateMissing, must_have_rates, pay_rates, with_paid_as
from compsvc.core.payouts import converted_pay, payouts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Span
from tests.oracle.small import OWN, Case, day, plan

TWO = "components:\n" + "".join(
    f"  {name}: {{counts: acv, from: own, per: month, pays: {{flat_rate: {{rate: {rate}}}}}}}\n"
    for name, rate in (("a", "10%"), ("b", "2.7%"))
)
DECIMALS = {"JPY": 0, "GBP": 2, "BHD": 3}


def by(rate: str, name: str = "rep", **header: str) -> Plan:
    return plan(OWN + TWO, name, pay_fx=f"{{table: months, rate: {rate}}}", **header)


PLANS = {mode: by("plan_rate", rounding=mode) for mode in ("half_up", "half_even", "down")}


def month(name: str) -> Span:
    found = period_of(name, fiscal_year_starts=1)
    assert found is not None
    return found


def abroad(code: str | None = "GBP", *rates: tuple[str, int, int], **more: Any) -> Case:
    case = Case().person("ann", pay_currency_code=code, **more)
    for start, num, den in rates:
        pair = {"from_currency_code": "EUR", "to_currency_code": code or "GBP", "start_date": day(start)}
        case.add("fx_rates", fx_table="months", **pair, rate_num=num, rate_den=den)
    return case


def rate_of(of: Plan | list[Plan], facts: Facts, name: str) -> Fraction | None:
    row = pay_rates(of if isinstance(of, list) else [of], facts, month(name)).row(0, named=True)
    return Fraction(row["fx_rate_num"], row["fx_rate_den"]) if row["fx_rate_num"] else None


def test_the_plan_names_the_day_whose_rate_holds() -> None:
    case = abroad("GBP", ("2020-01-01", 80, 100), ("2024-03-02", 85, 100), ("2024-03-31", 90, 100))
    found = [rate_of(by(rate), case.facts, "2024-03") for rate in ("plan_rate", "month_start", "month_end")]
    assert found == [Fraction("0.8"), Fraction("0.8"), Fraction("0.9")]
    assert rate_of(by("month_start"), case.facts, "2024-04") == Fraction("0.9")
    assert rate_of(by("month_end"), case.facts, "2019-12") is None  # nothing is looked up backwards


def test_the_revision_in_force_in_the_month_says_by_which_rate() -> None:
    case = abroad("GBP", ("2020-01-01", 80, 100), ("2024-03-01", 85, 100))
    later = by("plan_rate", effective="2024-03-15")
    assert rate_of([by("plan_rate"), later], case.facts, "2024-02") == Fraction("0.8")
    assert rate_of([by("plan_rate"), later], case.facts, "2024-03") == Fraction("0.85")


def test_the_last_assignment_that_has_begun_says_the_pay_currency() -> None:
    case = abroad("GBP", ("2020-01-01", 80, 100), end="2024-03-15").person("ann", start="2024-03-15")
    assert pay_rates([by("plan_rate")], case.facts, month("2024-02")).height == 1
    assert pay_rates([by("plan_rate")], case.facts, month("2024-03")).is_empty()
    own = abroad("EUR")  # the plan's own currency needs no words and no rate
    assert pay_rates([plan(OWN + TWO)], own.facts, month("2024-03")).is_empty()
    assert check_facts(own.facts, [plan(OWN + TWO)]).refusals == ()


def test_rows_are_differences_of_what_all_so_far_come_to() -> None:
    # 1,234.50 EUR pay 123.45 and 33.33 (33.3315). 123.45 x 163.5 = 20,184.075 JPY; 156.78 x 163.5 = 25,633.53.
    case = abroad("JPY", ("2020-01-01", 1635, 10)).deal("d1", "2024-03-05", 1_234_50)
    of = by("plan_rate")
    result = calculate([of], case.facts, matcher=PlainMatcher())
    rows = payouts(result, [of], case.facts, month("2024-03"), {})
    assert [(row.amount.minor, row.paid_as and row.paid_as.amount and row.paid_as.amount.minor) for row in rows] == [
        (123_45, 20_184),
        (33_33, 5_450),  # 33.33 x 163.5 by itself is 5,449.455, so 5,449: one yen less than the payout
    ]
    assert payouts(result, [of], case.facts, month("2024-03"), {"plan": "rep"}) == rows
    assert payouts(result, [of], case.facts, month("2024-03"), {"plan": "rep", "participant_id": "ann"}) == rows
    (found,) = converted_pay(result, [of], case.facts, participant_id="ann", period=month("2024-03"))
    assert (found.total.minor, found.paid_as.amount and found.paid_as.amount.minor) == (156_78, 25_634)


def plain_round(exact: Fraction, mode: str) -> int:
    """By the words of M10, in integers of Python."""
    below, rest = divmod(abs(exact), 1)
    up = mode == "half_up" and rest >= Fraction(1, 2)
    up = up or (mode == "half_even" and (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2 == 1)))
    return (int(below) + up) * (1 if exact >= 0 else -1)


@settings(max_examples=25, deadline=None)
@given(
    amounts=st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=6),
    rate=st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**9),
    code=st.sampled_from(sorted(DECIMALS)),
    mode=st.sampled_from(sorted(PLANS)),
)
def test_every_currency_and_rounding_is_that_of_plain_integers(
    amounts: list[int], rate: Fraction, code: str, mode: str
) -> None:
    case = abroad(code, ("2020-01-01", rate.numerator, rate.denominator))
    rates = pay_rates([PLANS[mode]], case.facts, month("2024-03"))
    rows = pl.DataFrame({"participant_id": "ann", "currency_code": "EUR", "amount_minor": amounts})
    rows = pl.concat([rows, rows.with_columns(participant_id=pl.lit("bob"))])
    found = with_paid_as(rows, rates)
    assert found.filter(pl.col("participant_id") == "bob").select(*PAID_AS).null_count().row(0) == (len(amounts),) * 7
    own = found.filter(pl.col("participant_id") == "ann")["pay_amount_minor"].to_list()
    for place in range(1, len(amounts) + 1):  # together always the converted payout so far, rounded once
        exact = Fraction(sum(amounts[:place]), 100) * rate * 10 ** DECIMALS[code]
        assert sum(own[:place]) == plain_round(exact, mode)


def test_a_missing_rate_is_told_with_its_pair_and_day() -> None:
    rates = pay_rates([by("month_end")], abroad("GBP").facts, month("2024-02"))
    rows = with_paid_as(pl.DataFrame({"participant_id": ["ann"], "currency_code": ["EUR"], "amount_minor": [1]}), rates)
    with pytest.raises(PayRateMissing, match="`months` has no rate from EUR to GBP that is in force on 2024-02-29"):
        must_have_rates(rows)


def codes(case: Case, *plans: Plan) -> list[tuple[str | None, str]]:
    return [(refusal.field, refusal.code) for refusal in check_facts(case.facts, plans).refusals]


def test_a_plan_that_does_not_say_how_pays_nobody_in_another_currency() -> None:
    missing = [("pay_currency_code", "PAY_FX_MISSING")]
    silent = plan(OWN + TWO)
    assert codes(abroad("GBP"), silent) == missing
    assert codes(abroad("GBP"), by("plan_rate")) == []
    assert codes(abroad("XXY"), by("plan_rate")) == [("pay_currency_code", "UNKNOWN_CURRENCY")]
    later = by("plan_rate", effective="2024-01-01")
    assert codes(abroad("GBP"), silent, later) == missing  # from 2020 on, and the word is there from 2024 on
    assert codes(abroad("GBP", start="2024-01-01"), silent, later) == []
    assert codes(abroad("GBP"), by("plan_rate"), plan(OWN + TWO, effective="2024-01-01")) == missing


def test_two_plans_at_once_pay_in_one_currency_by_one_rate() -> None:
    differ = [("plan", "PAY_CURRENCIES_DIFFER")] * 2
    both = abroad("GBP").person("ann", "boss", pay_currency_code="GBP")
    assert codes(both, by("plan_rate"), by("plan_rate", "boss")) == []
    assert codes(both, by("plan_rate"), by("month_end", "boss")) == differ
    other = abroad("GBP").person("ann", "boss")
    assert codes(other, by("plan_rate"), by("plan_rate", "boss")) == differ
    home = Case().person("ann").person("ann", "boss", pay_currency_code="EUR")
    assert codes(home, by("plan_rate"), by("month_end", "boss")) == []


def test_the_row_of_the_table_is_named() -> None:
    case = abroad("GBP", ("2024-02-29", 85, 100))
    row = pay_rates([by("month_start")], case.facts, month("2024-03")).row(0, named=True)
    assert (row["fx_table"], row["fx_date"], row["fx_start_date"]) == ("months", date(2024, 3, 1), date(2024, 2, 29))

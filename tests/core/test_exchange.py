"""What lines, listings and derivations say about a converted deal; the amounts are in the oracle's tests."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.statement_explain import Step, explain
from compsvc.core.statement_values import LineKey, Money
from compsvc.entry.statement_formats import sentence
from compsvc.entry.statement_proto import step_message
from tests.oracle.small import OWN, Case, day, plan

FLAT = "components:\n  c: {counts: acv, from: own, per: year, pays: {flat_rate: {rate: 10%}}}\n"
CONVERTED = ["deal_currency_code", "given_value_minor", "fx_table", "fx_start_date", "fx_rate_num", "fx_rate_den"]


def by(rate: str, **header: str) -> Plan:
    return plan(OWN + FLAT, fx=f"{{table: budget, rate: {rate}}}", **header)


def dollars(num: int = 92, den: int = 100, start: str = "2024-01-01") -> Case:
    case = Case().person("ann").deal("usd", "2024-03-01", 1_000_00, currency_code="USD")
    pair = {"from_currency_code": "USD", "to_currency_code": "EUR", "start_date": day(start)}
    return case.add("fx_rates", fx_table="budget", **pair, rate_num=num, rate_den=den)


def run(of: Plan, case: Case) -> Result:
    return calculate([of], case.facts, matcher=PlainMatcher())


def lines(result: Result) -> pl.DataFrame:
    assert result.lines is not None
    return result.lines


def test_a_line_names_the_currency_the_value_the_table_and_the_rate() -> None:
    case = dollars().deal("eur", "2024-03-02", 50_00)
    found = lines(run(by("close_date"), case)).select("external_id", "deal_value_minor", "currency_code", *CONVERTED)
    assert found.rows() == [
        ("usd", 920_00, "EUR", "USD", 1_000_00, "budget", date(2024, 1, 1), 92, 100),
        ("eur", 50_00, "EUR", *[None] * 6),
    ]


def test_without_fx_a_line_says_nothing_of_it() -> None:
    found = lines(run(plan(OWN + FLAT), dollars().deal("eur", "2024-03-02", 50_00)))
    assert found.select("external_id", *CONVERTED).rows() == [("eur", *[None] * 6)]


@pytest.mark.parametrize(
    ("rate", "asked"), [("close_date", "2024-03-01"), ("plan_rate", "2020-01-01")], ids=["closed", "effective"]
)
def test_a_deal_without_a_rate_is_listed_with_table_pair_and_day(rate: str, asked: str) -> None:
    (row,) = run(by(rate), dollars(start="2024-03-02")).uncredited.rows(named=True)
    assert (row["external_id"], row["plan"], row["code"]) == ("usd", "rep", "CURRENCY_WITHOUT_RATE")
    assert row["reason"] == f"the table `budget` has no rate from USD to EUR on {asked}; load one"


def test_without_fx_the_listing_says_that_there_is_no_rate() -> None:
    (row,) = run(plan(OWN + FLAT), dollars()).uncredited.rows(named=True)
    assert row["reason"] == "the deal's currency is not the plan's, and there is no exchange rate"


def test_what_waits_is_told_in_the_plans_currency() -> None:
    case = dollars().deal("waits", "2024-03-02", 200_00, accepted=None, currency_code="USD")
    (row,) = run(by("close_date"), case).pending.rows(named=True)
    assert (row["counts"], row["currency_code"]) == (184_00, "EUR")


def test_what_a_deal_costs_is_a_share_of_its_converted_size() -> None:
    # 10% of 920.00 EUR and a bonus of 200 are 292.00 EUR, 31.7% of 920.00 EUR; of 1,000.00 it would be 29.2%.
    counted = "counts: new_logos, logo: account, minimum_deal: 1, from: own, per: year"
    bonus = f"  k: {{{counted}, pays: {{kicker: {{at: 1, bonus: 200}}}}}}\n"
    of = plan(OWN + FLAT + bonus, fx="{table: budget, rate: close_date}")
    assert run(of, dollars()).deal_pay.rows() == [("crm", "usd", 920_00, 292_00, "EUR")]


def derivation() -> Step:
    case, of = dollars(), by("close_date")
    key = LineKey("ann", "rep", "c", "2024", "crm", "usd", 1, 0, 0)
    found = explain(run(of, case), [of], case.facts, key)
    assert found is not None
    return found.derivation


def step(root: Step, code: str) -> Step:
    return next(item for item in walk(root) if item.code == code)


def walk(root: Step) -> list[Step]:
    return [root, *(found for below in root.steps for found in walk(below))]


def test_the_derivation_opens_the_value_into_amount_rate_table_and_day() -> None:
    found = step(derivation(), "CONVERTED")
    assert found.values["given"] == Money(1_000_00, "USD")
    assert found.values["worth"] == Money(920_00, "EUR")
    assert found.values["exchange"] == Fraction(92, 100)
    assert (found.values["table"], found.values["on"], found.values["since"]) == (
        "budget",
        date(2024, 3, 1),
        date(2024, 1, 1),
    )
    assert found.plan_at.startswith("plan.yaml:")


def test_the_statement_says_it_in_english_and_in_german() -> None:
    message = step_message(step(derivation(), "CONVERTED"))
    assert sentence(message, "en") == (
        "$1,000.00 x 0.92 = €920.00: USD to EUR on 1 Mar 2024 in the table budget, where the rate holds from 1 Jan 2024"
    )
    assert sentence(message, "de") == (
        "1.000,00 $ x 0,92 = 920,00 €: USD in EUR am 01.03.2024 nach der Tabelle budget; der Kurs gilt dort ab"
        " 01.01.2024"
    )


def test_a_rate_with_a_slip_of_the_point_is_refused_by_name() -> None:
    with pytest.raises(FiguresTooLarge, match=r"plan.yaml:\d+"):
        run(by("close_date"), dollars(num=10**15, den=1).deal("much", "2024-03-02", 10**15, currency_code="USD"))

"""The core agrees with the oracle to the cent on generated companies: earnings, lines, uncredited, pending."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compsvc.core.changes import as_they_were
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pay import COMES_IN, Pay, pay
from compsvc.core.pay_fx import pay_rates, with_paid_as
from compsvc.core.pipeline import calculate as core
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.statement_scope import period_of
from tests.oracle.calculate import OracleResult
from tests.oracle.calculate import calculate as oracle
from tests.oracle.companies import companies, company
from tests.oracle.company_changes import with_changes
from tests.oracle.money_changed import pay_changed
from tests.oracle.pay import paid_out

EXAMPLES = int(os.environ.get("COMPSVC_ORACLE_EXAMPLES", "15"))
CHANGED = (184, 194, 222)  # companies of which customers change some deals
UNTIL = date(2027, 1, 1)  # after all that the generated companies pay
Company = tuple[Sequence[Plan], Facts]
Month = tuple[str, str, date]  # participant, currency, first day


@pytest.mark.timeout(3_600)
@given(companies(), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_the_core_agrees_with_the_oracle(generated: Company, rng: Random) -> None:
    plans, facts = generated
    assert_agrees(plans, with_changes(list(plans), facts, rng))


@pytest.mark.parametrize("seed", [*range(30), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(30, 40))])
def test_the_core_agrees_with_the_oracle_on_seeded_companies(seed: int) -> None:
    """The same companies every time, so that a difference in a later version is a difference of that version. The first
    thirty have every kind of rule, every measure and all that plans and components say besides."""
    assert_agrees(*company(seed))


@pytest.mark.parametrize("seed", CHANGED)
def test_the_core_agrees_with_the_oracle_where_customers_change_their_deals(seed: int) -> None:
    plans, facts = company(seed)
    changed = with_changes(plans, facts, Random(seed))
    assert "customer_change" in changed.deals["cause"]
    assert_agrees(plans, changed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(0, 3_000, 100))
def test_the_core_agrees_with_the_oracle_on_many_companies(seed: int) -> None:
    for number in range(seed, seed + 100):
        plans, facts = company(10_000 + number)
        assert_agrees(plans, with_changes(plans, facts, Random(number)))


@pytest.mark.slow
@pytest.mark.parametrize("size", [300, 3_000])
def test_the_core_agrees_with_the_oracle_on_larger_companies(size: int) -> None:
    assert_agrees(*company(size, size))


def assert_agrees(plans: Sequence[Plan], facts: Facts) -> None:
    expected = oracle(plans, facts)
    facts = as_they_were(facts)
    result = core(plans, facts, matcher=PlainMatcher(), reference=None, lines=True)
    assert earnings_of(result) == expected.earnings
    assert only_in_one(lines_of(result), expected_lines(expected)) == ([], [])
    assert uncredited_of(result) == expected.uncredited
    assert pending_of(result) == expected_pending(expected)
    assert_pays_alike(plans, facts, result, expected)
    bare = core(plans, facts, matcher=PlainMatcher(), reference=None, lines=False)
    assert bare.lines is None
    assert bare.earnings.equals(result.earnings)


def assert_pays_alike(plans: Sequence[Plan], facts: Facts, result: Result, expected: OracleResult) -> None:
    """Month by month, to the end of the year after the last deal."""
    found = pay(result, plans, facts, until=UNTIL)
    wanted = paid_out(plans, facts, expected, UNTIL)
    accounts = {(row["participant_id"], row["currency_code"], row["month"]): row for row in found.accounts.to_dicts()}
    assert {key: row["draw_minor"] for key, row in accounts.items()} == wanted.draw
    assert {key: row["negative_minor"] for key, row in accounts.items()} == wanted.negative
    assert {key: row["forgiven_minor"] for key, row in accounts.items()} == wanted.forgiven
    assert {key: row["top_up_minor"] for key, row in accounts.items()} == wanted.top_up
    assert advanced_of(found) == {key: amount for key, amount in wanted.advanced.items() if amount}
    payouts = {key: amount for key, amount in wanted.payouts.items() if amount}
    assert payouts_of(found) == payouts
    assert paid_abroad(plans, facts, payouts) == pay_changed(list(plans), facts, payouts)


def paid_abroad(
    plans: Sequence[Plan], facts: Facts, payouts: Mapping[Month, int]
) -> dict[Month, tuple[str, int | None]]:
    """What is paid of each payout, in one row, where it is paid in another currency than the plan's (M10)."""
    paid: dict[Month, tuple[str, int | None]] = {}
    abroad = facts.assignments["pay_currency_code"].is_not_null().any()
    for month in sorted({key[2] for key in payouts}) if abroad else ():
        own = [(who, money, amount) for (who, money, first), amount in payouts.items() if first == month]
        rows = pl.DataFrame(own, schema=["participant_id", "currency_code", "amount_minor"], orient="row")
        span = period_of(f"{month:%Y-%m}", fiscal_year_starts=1)
        assert span is not None
        found = with_paid_as(rows, pay_rates(plans, facts, span)).drop_nulls("pay_currency_code")
        names = ("participant_id", "currency_code", "pay_currency_code", "pay_amount_minor")
        paid |= {(who, money, month): (code, amount) for who, money, code, amount in found.select(names).rows()}
    return paid


def advanced_of(found: Pay) -> dict[tuple[str, str, date], int]:
    """At the end of every month in which any is."""
    ahead = found.advances.with_columns(pl.col("currency_code").cast(pl.String))
    stands: dict[tuple[str, str, date], int] = {}
    for who, money in ahead.select("participant_id", "currency_code").unique().rows():
        own = ahead.filter(pl.col("participant_id") == who, pl.col("currency_code") == money)
        moves = own.select("payable_date", "kind", "amount_minor").rows()
        first = min(day for day, _, _ in moves).replace(day=1)
        for month in pl.date_range(first, UNTIL, "1mo", closed="left", eager=True):
            end = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
            signs = {"advanced": 1, "advance_earned": -1}
            stands[who, money, month] = sum(signs[kind] * amount for day, kind, amount in moves if day < end)
    return {key: amount for key, amount in stands.items() if amount}


def payouts_of(found: Pay) -> dict[tuple[str, str, date], int]:
    """By month: of the account where there is one, else what becomes available by itself."""
    sums: dict[tuple[str, str, date], int] = Counter()
    names = "participant_id", "currency_code", "payable_date", "kind", "amount_minor"
    for who, money, day, kind, amount in found.moves.select(names).iter_rows():
        sums[who, money, day.replace(day=1)] += amount * COMES_IN[kind]
    rows = found.accounts.select("participant_id", "currency_code", "month", "payout_minor").rows()
    return {key: amount for key, amount in {**sums, **{row[:3]: row[3] for row in rows}}.items() if amount}


def only_in_one(got: Counter[Any], wanted: Counter[Any]) -> tuple[list[Any], list[Any]]:
    """What only the core has, and what only the oracle has."""
    return sorted((got - wanted).elements(), key=str), sorted((wanted - got).elements(), key=str)


def earnings_of(result: Result) -> dict[tuple[str, str, str, str], tuple[int, int, int]]:
    key = "participant_id", "plan", "component", "period"
    figures = "measure_minor", "count_millionths", "earned_minor"
    rows = result.earnings.select(*key, *figures).rows()
    found = {row[:4]: row[4:] for row in rows}
    assert len(found) == len(rows), "one row per participant, plan, component and period"
    return found


LINE_COLUMNS = (
    "participant_id", "plan", "component", "period", "source", "external_id", "line", "stage", "step_kind", "step",
    "cause_external_id", "counts", "pays", "amount_minor", "payable_date", "route", "loss_id",
)  # fmt: skip


def lines_of(result: Result) -> Counter[Any]:
    assert result.lines is not None
    return Counter(result.lines.select(LINE_COLUMNS).rows())


def expected_lines(expected: OracleResult) -> Counter[Any]:
    return Counter(
        (
            *(line.participant, line.plan, line.component, line.period),
            *(line.subject or (None, None, None, None)),
            *(line.step_kind, line.step, line.cause, line.counts, line.pays),
            *(line.amount_minor, line.payable_date, line.route, line.loss),
        )
        for line in expected.lines
    )


def uncredited_of(result: Result) -> set[tuple[Any, ...]]:
    columns = "source", "external_id", "line", "stage", "plan", "component", "code"
    rows = result.uncredited.select(columns).rows()
    assert len(set(rows)) == len(rows), "each event and reason once"
    return set(rows)


PENDING_COLUMNS = "source", "external_id", "line", "participant_id", "plan", "component", "counts"


def pending_of(result: Result) -> Counter[Any]:
    return Counter(result.pending.select(PENDING_COLUMNS).rows())


def expected_pending(expected: OracleResult) -> Counter[Any]:
    return Counter(
        (item.source, item.external_id, item.line, item.participant, item.plan, item.component, item.counts)
        for item in expected.pending
    )

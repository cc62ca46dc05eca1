"""What payroll is to pay: sums of payable lines, by what they are for, under names that stay."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from compsvc.core.payouts import Payout, PayoutKey, lines_of, payouts
from compsvc.core.statement import statement
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Money, Span, totals
from tests.nordwind import nordwind

MONTHS = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]


def month(name: str) -> Span:
    span = period_of(name, fiscal_year_starts=1)
    assert span is not None
    return span


def paid(name: str, **where: str) -> list[Payout]:
    company = nordwind()
    return payouts(company.result, company.plans, company.facts, month(name), where)


def test_a_participants_payouts_of_a_month_are_the_total_of_their_statement() -> None:
    company = nordwind()
    seen = 0
    for name in MONTHS:
        for who in company.facts.participants["participant_id"]:
            own = paid(name, participant_id=who)
            found = statement(company.result, company.plans, company.facts, participant_id=who, period=month(name))
            assert found is not None
            assert totals((payout.amount for payout in own), otherwise=["EUR"]) == found.totals or not found.totals
            seen += len(own)
    assert seen == sum(len(paid(name)) for name in MONTHS) > 20


def test_over_the_years_everything_that_is_payable_is_paid_once() -> None:
    lines = nordwind().result.lines
    assert lines is not None
    assert sum(payout.amount.minor for name in MONTHS for payout in paid(name)) == lines["amount_minor"].sum()
    keys = [payout.key for name in MONTHS for payout in paid(name)]
    assert len(set(keys)) == len({key.payout_id for key in keys}) == len(keys)


def test_a_loss_is_a_row_of_its_own_in_the_month_of_the_loss() -> None:
    # Ben's third new logo of the first quarter cancels on 21 July: the kicker of 3,000.00 of that quarter goes back.
    (taken,) = paid("2026-07", participant_id="ben")
    assert taken.key == PayoutKey(
        "2026-07", "ben", "account-executive", "new-logo-kicker", "2026-Q1", "clawback", "EUR"
    )
    assert taken.amount == Money(-3_000_00, "EUR")
    assert (taken.earned_start_date, taken.earned_end_date) == (date(2026, 1, 1), date(2026, 4, 1))


def test_a_component_without_rates_pays_a_bonus() -> None:
    natures = {(p.key.component, p.key.nature) for name in MONTHS for p in paid(name) if p.amount.minor > 0}
    assert ("new-logo-kicker", "bonus") in natures
    assert ("commission", "commission") in natures
    assert not {nature for _, nature in natures} - {"bonus", "commission"}


def test_what_comes_to_nothing_is_no_payout() -> None:
    assert all(payout.amount.minor for name in MONTHS for payout in paid(name))
    assert paid("2025-12") == []


def test_the_id_follows_from_what_the_payout_is_for_and_from_nothing_else() -> None:
    key = PayoutKey("2026-11", "Ann Wü", "hunter", "commission", "2026", "commission", "EUR")
    text = '["2026-11","Ann Wü","hunter","commission","2026","commission","EUR"]'
    assert key.payout_id == hashlib.sha256(text.encode()).hexdigest()[:32]
    assert len({key._replace(**{name: "other"}).payout_id for name in key._fields} | {key.payout_id}) == 8


def test_a_payout_opens_into_the_lines_that_it_is_the_sum_of() -> None:
    company = nordwind()
    for payout in (payout for name in MONTHS for payout in paid(name)):
        lines = lines_of(payout, company.result, company.plans, company.facts, month(payout.key.pay_period))
        assert len(lines) == payout.line_count
        assert sum(line.amount.minor for line in lines) == payout.amount.minor
        days = [line.payable_date for line in lines]
        assert days == sorted(day for day in days if day is not None)


@pytest.mark.parametrize("where", [{"participant_id": "hanna"}, {"plan": "hunter"}, {"currency_code": "EUR"}])
def test_filters_leave_out_and_change_nothing(where: dict[str, str]) -> None:
    every, some = paid("2026-11"), paid("2026-11", **where)
    assert some == [payout for payout in every if where.items() <= payout.key._asdict().items()]
    assert some
    assert paid("2026-11", plan="nothing") == []


def test_it_is_sorted_by_who_and_by_what() -> None:
    for name in MONTHS:
        order = [
            (p.key.participant_id, p.key.plan, p.key.component, p.earned_start_date, p.key.nature) for p in paid(name)
        ]
        assert order == sorted(order)


def test_amounts_beyond_64_bits_stop_it() -> None:
    company = nordwind()
    lines = company.result.lines
    assert lines is not None
    huge = replace(company.result, lines=lines.with_columns(amount_minor=pl.lit(2**62)))
    with pytest.raises(pl.exceptions.InvalidOperationError):
        payouts(huge, company.plans, company.facts, month("2026-03"), {})

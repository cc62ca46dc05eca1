"""The ledger: a second run posts nothing, what changes is posted where the book is open, each cent has two legs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from compsvc.core import ledger
from compsvc.core.ledger import ENTRIES, POSTED
from compsvc.core.pay import pay
from compsvc.core.pay_terms import terms_by_month
from compsvc.core.payouts import payouts
from compsvc.core.statement_scope import period_of
from tests.nordwind import nordwind

EMPTY = pl.DataFrame(schema={**ENTRIES, "pay_period": pl.String})
NO_TERMS = pl.DataFrame()
MOVE: Mapping[str, Any] = {
    **dict.fromkeys((*POSTED, "payable_date", "revision")),
    "participant_id": "ann",
    "plan": "p",
    "component": "c",
    "period": "2026-Q1",
    "currency_code": "EUR",
    "source": "crm",
    "line": 1,
    "stage": 0,
    "step": 0,
    "kind": "payable",
    "revision": "r1",
}


def moves(*rows: tuple[str, int, date] | tuple[str, int, date, str]) -> pl.DataFrame:
    """A deal, what it pays, when it is due, and what is done with it."""
    found = [
        {**MOVE, "external_id": row[0], "amount_minor": row[1], "payable_date": row[2], "kind": (*row, "payable")[3]}
        for row in rows
    ]
    return pl.DataFrame(found, schema={**POSTED, "payable_date": pl.Date, "revision": pl.String})


def sealed(book: pl.DataFrame, true: pl.DataFrame, pay_period: str) -> pl.DataFrame:
    """The book after a run of the pay period over what is true."""
    month = date.fromisoformat(f"{pay_period}-01")
    span = period_of(pay_period, fiscal_year_starts=1)
    assert span is not None
    subjects = ledger.true_subjects(true, span.end_date)
    found = ledger.differences(subjects, ledger.posted_of(book), month)
    accounts = ledger.account_steps(found, ledger.openings_of(book, month), NO_TERMS, month)
    entries = ledger.entries(found, accounts).with_columns(pay_period=pl.lit(pay_period))
    return pl.concat([book, entries])


def owed(book: pl.DataFrame) -> list[tuple[str, int]]:
    """What each pay period pays."""
    rows = book.filter(pl.col("account") == "payable")
    return list(rows.group_by("pay_period").agg(-pl.col("amount_minor").sum()).sort("pay_period").iter_rows())


def test_a_second_run_posts_nothing() -> None:
    true = moves(("d1", 100_00, date(2026, 1, 5)), ("d2", 50_00, date(2026, 1, 9)))
    book = sealed(EMPTY, true, "2026-01")
    assert owed(book) == [("2026-01", 150_00)]
    assert sealed(book, true, "2026-01").equals(book)


def test_a_late_deal_is_paid_in_the_open_pay_period_and_names_its_own() -> None:
    book = sealed(EMPTY, moves(("d1", 100_00, date(2026, 1, 5))), "2026-01")
    late = moves(("d1", 100_00, date(2026, 1, 5)), ("d0", 7_00, date(2026, 1, 2)), ("d2", 5_00, date(2026, 2, 2)))
    book = sealed(book, late, "2026-02")
    assert owed(book) == [("2026-01", 100_00), ("2026-02", 12_00)]
    february = book.filter(pl.col("pay_period") == "2026-02", pl.col("account") == "payable")
    assert dict(february.select("external_id", "corrects_pay_period").iter_rows()) == {"d0": "2026-01", "d2": None}


def test_what_is_no_more_true_is_taken_back_and_names_where_it_was_posted() -> None:
    book = sealed(EMPTY, moves(("d1", 100_00, date(2026, 1, 5)), ("d2", 50_00, date(2026, 1, 9))), "2026-01")
    book = sealed(book, moves(("d1", 90_00, date(2026, 1, 5)), ("d3", 70_00, date(2026, 2, 9))), "2026-02")
    assert owed(book) == [("2026-01", 150_00), ("2026-02", 10_00)]  # 70 - 10 - 50
    changed = book.filter(pl.col("pay_period") == "2026-02", pl.col("account") == "earned")
    assert dict(changed.select("external_id", "amount_minor").iter_rows()) == {"d1": -10_00, "d2": -50_00, "d3": 70_00}
    assert dict(changed.select("external_id", "corrects_pay_period").iter_rows())["d2"] == "2026-01"


def test_what_a_further_stage_releases_corrects_nothing() -> None:
    """A stage of 10.00 is free in February, the next of 10.00 in March (L3)."""
    free = [("d1", 10_00, date(2026, month, 1)) for month in (2, 3)]
    book = EMPTY
    for month in ("2026-01", "2026-02", "2026-03"):
        book = sealed(book, moves(*free).with_columns(kind=pl.lit("released")), month)
    owed_of = book.filter(pl.col("account") == "payable")
    assert owed_of.select("pay_period", "amount_minor", "corrects_pay_period").rows() == [
        ("2026-02", -10_00, None),
        ("2026-03", -10_00, None),
    ]


def test_a_negative_amount_is_carried_and_recovered_and_the_payout_is_never_below_zero() -> None:
    book = sealed(EMPTY, moves(("d1", 100_00, date(2026, 1, 5))), "2026-01")
    book = sealed(book, moves(("d2", 30_00, date(2026, 2, 5))), "2026-02")  # -100 + 30: 70 are carried
    book = sealed(book, moves(("d2", 30_00, date(2026, 2, 5)), ("d3", 50_00, date(2026, 3, 5))), "2026-03")
    after = moves(("d2", 30_00, date(2026, 2, 5)), ("d3", 50_00, date(2026, 3, 5)), ("d4", 90_00, date(2026, 4, 5)))
    book = sealed(book, after, "2026-04")
    assert owed(book) == [("2026-01", 100_00), ("2026-02", 0), ("2026-03", 0), ("2026-04", 70_00)]
    (row,) = ledger.balances(book).to_dicts()
    # 100 was paid for what became untrue: 170 are true, and 170 have been owed.
    assert (row["earned_minor"], row["payable_minor"], row["recoverable_minor"]) == (170_00, 170_00, 0)
    assert row["unexplained_minor"] == 0


def test_what_is_held_and_released_moves_between_accounts() -> None:
    held = [("d1", 100_00, date(2026, 1, 5)), ("d1", 10_00, date(2026, 1, 5), "held")]
    book = sealed(EMPTY, moves(*held), "2026-01")  # type: ignore[arg-type]
    (row,) = ledger.balances(book).to_dicts()
    assert (row["earned_minor"], row["held_minor"], row["payable_minor"]) == (100_00, 10_00, 90_00)
    book = sealed(book, moves(*held, ("d1", 10_00, date(2026, 2, 5), "released")), "2026-02")  # type: ignore[arg-type]
    (row,) = ledger.balances(book).to_dicts()
    assert (row["held_minor"], row["payable_minor"], row["unexplained_minor"]) == (0, 100_00, 0)


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_sample_company_is_owed_what_its_payouts_say(year: int) -> None:
    """What a plan without words of pay would take off at once is carried: over the year it comes to the same (T3)."""
    company, book, expected = nordwind(), EMPTY, 0
    for month in range(1, 13):
        span = period_of(f"{year}-{month:02}", fiscal_year_starts=1)
        assert span is not None
        found = pay(company.result, company.plans, company.facts, until=span.end_date)
        here = found.moves.filter(pl.col("payable_date") >= date(year, 1, 1))
        changed = ledger.differences(ledger.true_subjects(here, span.end_date), ledger.posted_of(book), span.start_date)
        terms = terms_by_month(company.plans, company.facts, span.start_date, span.end_date, None)
        steps = ledger.account_steps(changed, ledger.openings_of(book, span.start_date), terms, span.start_date)
        added = ledger.entries(changed, steps).with_columns(pay_period=pl.lit(span.name))
        expected += sum(each.amount.minor for each in payouts(company.result, company.plans, company.facts, span, {}))
        book = pl.concat([book, added])
        assert (steps["payout_minor"] >= 0).all()
    assert book["amount_minor"].sum() == 0
    totals = ledger.balances(book)
    assert totals["payable_minor"].sum() - totals["recoverable_minor"].sum() == expected > 0
    assert totals["unexplained_minor"].unique().to_list() == [0]

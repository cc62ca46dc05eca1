"""Paid in another currency than the plan's, over both stores: converted once; the ledger stays in the plan's (M10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from compsvc.core.facts import Facts
from compsvc.entry.doctor_book import check_book
from compsvc.entry.findings import Finding
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.service.payroll_ports import PayoutOutcome, Run
from compsvc.service.ports import FailedPrecondition
from compsvc.service.statements import Asked, get_statement
from tests.adapters.store_facts import frame
from tests.service.small_payroll import PLAN, SmallHouse, small_house
from tests.service.test_payroll_runs import ANNA

PAY_FX = "pay_fx: {table: months, rate: month_start}\n"


def filled(book: str) -> SmallHouse:
    """Ann is paid in pounds, Bob in the plan's euros."""
    found = small_house(book, PAY_FX)
    row = {"participant_id": "ann", "plan": "ae", "role": "ae", "start_date": date(2026, 1, 1)}
    found.load(
        Facts(
            assignments=frame("assignments", {**row, "currency_code": "EUR", "pay_currency_code": "GBP"}),
            fx_rates=frame("fx_rates", rate("2026-01-01", 8512), rate("2026-03-01", 8333)),
        )
    )
    return found


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """In each store."""
    found = filled(book)
    yield found
    found.parts.store.close()


@pytest.fixture
def lone(tmp_path: Path) -> SmallHouse:
    return filled(str(tmp_path / "book.db"))


def rate(start: str, num: int, **more: Any) -> dict[str, Any]:
    pair = {"from_currency_code": "EUR", "to_currency_code": "GBP"}
    return {
        "fx_table": "months",
        **pair,
        "start_date": date.fromisoformat(start),
        "rate_num": num,
        "rate_den": 10_000,
        **more,
    }


def paid(house: SmallHouse, run: Run) -> list[tuple[str, int, str | None, int | None]]:
    return house.payouts(run).select("participant_id", "amount_minor", "pay_currency_code", "pay_amount_minor").rows()


def test_a_payout_is_converted_by_the_rate_of_its_month_and_the_ledger_is_not(house: SmallHouse) -> None:
    house.sell("a1", 1, 1_234_5)
    house.sell("b1", 1, 1_234_5, seller="bob")
    run = house.sealed("2026-01")
    # 1,234.50 EUR x 0.8512 = 1,050.8064 GBP.
    assert paid(house, run) == [("ann", 1_234_50, "GBP", 1_050_81), ("bob", 1_234_50, None, None)]
    row = house.payouts(run).row(0, named=True)
    assert (row["fx_table"], row["fx_date"], row["fx_start_date"]) == ("months", date(2026, 1, 1), date(2026, 1, 1))
    assert Fraction(row["fx_rate_num"], row["fx_rate_den"]) == Fraction("0.8512")
    house.answer(run, *house.paid(run))
    ledger = house.payroll.store.ledger()
    assert ledger["currency_code"].unique().to_list() == ["EUR"]
    assert (house.wrong(), house.unexplained()) == ([], [0])
    assert house.run("2026-01").payout_count == 0


def printed(house: SmallHouse, who: str, period: str, show: Any = statement_text, locale: str = "en") -> str:
    asked = Asked(who, period, f"participants/{who}/statements/{period}")
    found = get_statement(
        house.parts.calculations, house.payroll.store, house.parts.clock, ANNA, asked, statement_message
    )
    return " ".join(show(found, locale=locale).replace("\\", "").split())


def test_the_statement_says_by_which_rate_of_which_table_and_line_of_the_plan(lone: SmallHouse) -> None:
    lone.sell("a1", 1, 12_345)
    lone.sell("a2", 3, 12_345)
    # 1,234.50 x 0.8512 = 1,050.8064; x 0.8333 = 1,028.70885. A quarter has one for each month that pays.
    text = printed(lone, "ann", "2026-Q1")
    assert "2026-01 is paid as £1,050.81: €1,234.50 x 0.8512, table months on 1 Jan 2026, in force since" in text
    assert "2026-03 is paid as £1,028.71: €1,234.50 x 0.8333, table months on 1 Mar 2026" in text
    assert f"[plan.yaml:{1 + PLAN.count(chr(10))}]" in text
    assert "£1,050.81" in printed(lone, "ann", "2026-01", statement_markdown)
    assert "wird als 1.050,81 £ ausgezahlt" in printed(lone, "ann", "2026-01", locale="de")
    assert "is paid as" not in printed(lone, "bob", "2026-01")


def test_a_correction_is_converted_by_the_rate_of_the_month_that_pays_it(lone: SmallHouse) -> None:
    lone.sell("a1", 1, 12_345)
    lone.sealed("2026-01")
    lone.sell("a1", 1, 10_000, revision=2)
    lone.sell("a2", 3, 20_000)
    # January's 234.50 too much go back at March's 0.8333, as the 2,000.00 of March are paid: -195.40885, +1,666.60.
    # In order: -234.50 comes to -195.41; all of it, 1,765.50, to 1,471.19115: so 1,471.19 + 195.41 = 1,666.60.
    run = lone.sealed("2026-03")
    rows = lone.payouts(run).select("corrects_pay_period", "amount_minor", "pay_amount_minor").rows()
    assert sorted(rows, key=str) == [("2026-01", -234_50, -195_41), (None, 2_000_00, 1_666_60)]
    assert lone.unexplained() == [0]


def test_a_payout_that_is_paid_again_is_paid_by_the_rate_of_then(house: SmallHouse) -> None:
    house.sell("a1", 1, 12_345)
    first = house.sealed("2026-01")
    (name,) = house.payouts(first)["payout_id"]
    house.answer(first, PayoutOutcome(name, "rejected", None, "no such account"))
    again = house.payouts(house.sealed("2026-03")).row(0, named=True)
    assert (again["repeats_payout_id"], again["amount_minor"]) == (name, 1_234_50)
    assert again["pay_amount_minor"] == 1_028_71  # 1,234.50 x 0.8333 = 1,028.70885


def pay_rates_on(house: SmallHouse, day: date) -> list[Finding]:
    """What `compsvc doctor` says of them that day."""
    now = datetime.combine(day, time(12), UTC)
    return [each for each in check_book(house.book, now) if each.check == "pay rates"]


def test_who_has_a_rate_or_is_gone_is_not_told(lone: SmallHouse) -> None:
    assert pay_rates_on(lone, date(2026, 2, 14)) == []
    gone = {"participant_id": "ann", "plan": "ae", "role": "ae", "start_date": date(2026, 1, 1), "currency_code": "EUR"}
    gone |= {"pay_currency_code": "JPY", "end_date": date(2026, 2, 1)}
    lone.load(Facts(assignments=frame("assignments", gone)))
    assert len(pay_rates_on(lone, date(2026, 1, 14))) == 1
    assert pay_rates_on(lone, date(2026, 2, 14)) == []


def test_without_a_rate_nobody_is_paid_and_the_pair_and_the_day_are_named(lone: SmallHouse) -> None:
    row = {"participant_id": "bob", "plan": "ae", "role": "ae", "start_date": date(2026, 1, 1), "currency_code": "EUR"}
    lone.load(Facts(assignments=frame("assignments", {**row, "pay_currency_code": "JPY"})))
    lone.sell("b1", 2, 1_000, seller="bob")
    with pytest.raises(FailedPrecondition) as error:
        lone.run("2026-02")
    assert error.value.reason == "PAY_RATE_MISSING"
    assert "`months` has no rate from EUR to JPY that is in force on 2026-02-01, so `bob`" in error.value.message
    assert error.value.message.startswith("2026-02 cannot be run: ")
    assert "It is a row of `fx_rates`; the others can be run off the cycle." in error.value.message
    assert [str(each) for each in pay_rates_on(lone, date(2026, 2, 14))] == [
        "WARN  pay rates: table `months` has no rate from EUR to JPY on 2026-02-01, for the pay of 2026-02. Load one "
        "that starts no later into fx_rates, before the month is run: docs/import.md."
    ]
    lone.sell("a1", 2, 1_000)
    assert lone.run("2026-02", "ann").payout_count == 1  # who has a rate can be paid off the cycle
    assert "2026-02 is to be paid in JPY: table months has no rate for €100.00 on 1 Feb 2026" in printed(
        lone, "bob", "2026-02"
    )


def test_a_run_that_pays_nobody_abroad_keeps_its_digest_and_its_ids(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    house.sell("a1", 1, 12_345)
    run = house.run("2026-01")
    assert house.payouts(run)["pay_currency_code"].to_list() == [None]
    house.load(Facts(fx_rates=frame("fx_rates", rate("2026-01-01", 8512))))
    assert house.run("2026-01").digest == run.digest

"""What payroll is told beside the amounts, over both stores: a seal keeps it as it was said then (B6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from compsvc.core.facts import Facts
from compsvc.core.pay_labels import LABELS
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house

CODES = "payroll: {pay_day: last day of the month, earnings_code: 1210, gl_account: 6020}\n"


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    found = small_house(book, CODES)
    yield found
    found.parts.store.close()


def grouped(house: SmallHouse, group: str) -> None:
    row = {"participant_id": "ann", "display_name": "ann", "personnel_number": "0815", "pay_group": group}
    house.load(Facts(participants=frame("participants", row)))


def test_a_sealed_payout_keeps_what_was_said(house: SmallHouse) -> None:
    grouped(house, "monthly")
    house.sell("a1", 1, 1_000)
    run = house.sealed("2026-01")
    grouped(house, "weekly")
    said = ("0815", None, "monthly", date(2026, 1, 31), "1210", None, "6020", "employee")
    assert house.payouts(run).select(*LABELS).rows() == [said]
    house.sell("a2", 2, 1_000)
    assert house.payouts(house.sealed("2026-02"))["pay_group"].to_list() == ["weekly"]


def test_another_code_is_another_digest(house: SmallHouse) -> None:
    house.sell("a1", 1, 1_000)
    before = house.run("2026-01").digest
    grouped(house, "monthly")
    assert house.run("2026-01").digest != before

"""Pay of one deal that is put on hold and released, over both stores (B2, T2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from compsvc.service import payroll_holds
from compsvc.service.payroll_ports import Hold
from compsvc.service.ports import Mutation
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_months import by_nature, owed
from tests.service.test_payroll_runs import ANNA, BERT, ask

GIVEN = Hold(
    "", "held", "deal", "crm", "D-1", "", "", "", "2026-02", "dispute", "Who sold it is not clear", "", "", "", "", 0
)


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    found = small_house(book)
    yield found
    found.parts.store.close()


def held(house: SmallHouse, mutation: Mutation | None = None, **words: str) -> Hold:
    asked = replace(GIVEN, **words)  # type: ignore[arg-type]
    return payroll_holds.hold_deal(house.payroll, ANNA, asked, mutation=mutation or ask())


def released(house: SmallHouse, hold: Hold, period: str, decision: str = "released") -> Hold:
    return payroll_holds.decide_hold(
        house.payroll, BERT, hold_id=hold.hold_id, decision=decision, pay_period=period, reason="Ann did",
        mutation=ask(),
    )  # fmt: skip


def test_pay_of_a_deal_is_on_hold_until_somebody_else_releases_it(house: SmallHouse) -> None:
    """10% of 10,000 is held in February and paid in March; 10% of 5,000 of another deal is paid at once."""
    house.sell("D-1", 2, 10_000)
    house.sell("D-2", 2, 5_000)
    hold = held(house)
    february = house.sealed("2026-02")
    assert by_nature(house, february) == {"commission": 1_500_00, "hold": -1_000_00}
    assert owed(house, "earned", "held", "payable") == [1_500_00, 1_000_00, 500_00]
    assert house.run("2026-02").payout_count == 0
    released(house, hold, "2026-03")
    march = house.sealed("2026-03")
    assert by_nature(house, march) == {"hold_release": 1_000_00}
    assert house.run("2026-03").payout_count == 0
    assert owed(house, "earned", "held", "payable") == [1_500_00, 0, 1_500_00]
    assert (house.wrong(), house.unexplained()) == ([], [0])

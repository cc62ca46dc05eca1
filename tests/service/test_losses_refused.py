"""A loss of a deal that is not there, or above its deal, is refused with a code of its own and stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from compsvc.core.facts import Facts
from compsvc.service.bulk_load import load_all
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_runs import ADMIN

WORDS = """\
clawback: {basis: as_paid, attainment: no, schedule: full}
negative: {carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}
"""


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    found = small_house(book, WORDS)
    found.sell("D-1", 1, 1_000)
    yield found
    found.parts.store.close()


def refused(house: SmallHouse, *losses: dict[str, Any]) -> list[tuple[int, str]]:
    """The rows and their codes."""
    given = {"source": "crm", "kind": "cancellation", "loss_date": date(2026, 3, 1), "attributable_to": "customer"}
    rows = [{**given, "loss_id": f"L-{number}", **loss} for number, loss in enumerate(losses)]
    found = load_all(house.parts.store, house.parts.plans, ADMIN, Facts(losses=frame("losses", *rows)))
    return [(each.row, each.code) for each in found.refusals]


def test_a_cancellation_of_no_deal_and_a_refund_above_the_deal_are_refused_and_store_nothing(house: SmallHouse) -> None:
    """The deal is of 1,000.00: 1,000.01 are too much, and so are 600.00 and 400.01."""
    before, refund = house.parts.store.position(), {"external_id": "D-1", "kind": "refund", "currency_code": "EUR"}
    assert refused(house, {"external_id": "D-9", "share_num": 1, "share_den": 1}) == [(0, "UNKNOWN_DEAL")]
    assert refused(house, {**refund, "amount_minor": 1_000_01}) == [(0, "LOSS_ABOVE_DEAL")]
    assert house.parts.store.facts_at().losses.is_empty()
    assert house.parts.store.position() == before
    assert refused(house, {**refund, "amount_minor": 600_00, "loss_id": "first"}) == []
    assert refused(house, {**refund, "amount_minor": 400_01, "loss_id": "second"}) == [(0, "LOSS_ABOVE_DEAL")]
    assert house.parts.store.facts_at().losses["loss_id"].to_list() == ["first"]
    assert house.wrong() == []

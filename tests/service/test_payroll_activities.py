"""Activities that were paid keep their places and their terms, as deals do (D2, B1, T5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.core.ledger import OWED
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.ports import PlanText
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_adjustments import decided
from tests.service.test_payroll_proposals import paid, proposed
from tests.service.test_payroll_runs import ADMIN

MEETINGS = """\
plan: meetings
title: Meetings
provisioning: equal
effective: {effective}
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
earned: {{on: accepted}}
payable: {{on: accepted}}
components:
  held:
    counts: activities
    activity: meeting_held
    per: month
    carry: continue
    pays: {{kicker: {{every: 2, bonus: {bonus}}}}}
"""


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """Ann's meetings of 10 and 20 January pay 100, sealed in January."""
    found = small_house(book)
    plan(found, "2026-01-01", 100)
    assigned = {"participant_id": "ann", "plan": "meetings", "role": "sdr", "start_date": date(2026, 1, 1)}
    found.load(Facts(assignments=frame("assignments", {**assigned, "currency_code": "EUR"})))
    meet(found, "M-1", 10)
    meet(found, "M-2", 20)
    assert paid(found, found.sealed("2026-01")) == [("ann", 100_00, None)]
    yield found
    found.parts.store.close()


def plan(house: SmallHouse, effective: str, bonus: int) -> None:
    text = PlanText("meetings.yaml", MEETINGS.format(effective=effective, bonus=bonus), {})
    load_plan_texts(house.parts.store, house.parts.plans, house.parts.parse_plan, ADMIN, [text])


def meet(house: SmallHouse, name: str, day: int, quantity: int = 1) -> None:
    own = {"source": "crm", "external_id": name, "participant_id": "ann", "kind": "meeting_held", "quantity": quantity}
    house.load(Facts(activities=frame("activities", {**own, "activity_date": date(2026, 1, day)})))


def booked(house: SmallHouse, month: str) -> list[tuple[str, int, str]]:
    """What a month has booked of which activity, and which month it corrects."""
    rows = house.payroll.store.ledger().filter(pl.col("pay_period") == month, pl.col("account") == OWED)
    found = rows.select("external_id", -pl.col("amount_minor"), "corrects_pay_period").sort("external_id")
    return list(found.iter_rows())


def test_a_late_activity_stands_after_those_that_were_paid(house: SmallHouse) -> None:
    """M-0 of 5 January would be the first of three, and M-1 the second. As the third it moves no pay."""
    meet(house, "M-0", 5)
    assert house.sealed("2026-02").payout_count == 0
    assert booked(house, "2026-02") == []
    meet(house, "M-3", 6)
    house.sealed("2026-03")
    assert booked(house, "2026-03") == [("M-3", 100_00, "2026-01")]


def test_an_activity_that_changes_after_the_seal_is_an_adjustment(house: SmallHouse) -> None:
    """M-1 were three meetings, four in all: 100 more, for January, and it stands with M-1. Then it was two."""
    meet(house, "M-1", 10, quantity=3)
    assert paid(house, house.sealed("2026-02")) == [("ann", 100_00, "2026-01")]
    assert booked(house, "2026-02") == [("M-1", 100_00, "2026-01")]
    meet(house, "M-1", 10, quantity=2)
    house.sealed("2026-03")
    assert booked(house, "2026-03")[-1] == ("M-1", -100_00, "2026-01")
    assert house.unexplained() == [0]


def test_an_activity_under_another_revision_is_a_proposal(house: SmallHouse) -> None:
    """A later text pays 130 from 15 January on: 30 more for M-2, once somebody accepts."""
    plan(house, "2026-01-15", 130)
    assert house.sealed("2026-02").payout_count == 0
    (found,) = proposed(house)
    assert (found.amount_minor, found.kind, found.corrects_pay_period) == (30_00, "plan", "2026-01")
    decided(house, found)
    assert paid(house, house.sealed("2026-02")) == [("ann", 30_00, "2026-01")]

"""What events after the cut-over make payable of what came before: steps, gates, multipliers (B3, M5, M6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compsvc.core.facts import Facts
from compsvc.service import payroll_openings
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.ports import PlanText
from compsvc.service.statements import Asked, get_statement
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_credits import BALANCE, POSITION, TIERS, earned, opened
from tests.service.test_payroll_runs import ADMIN, ANNA, ask

GATE = TIERS.replace("    per: year\n", "    per: year\n    gate: {measure: own, at_least: 100_000}\n")
STEP = TIERS.replace("mode: marginal", "mode: retroactive")
MULTIPLIER = TIERS.replace(
    "    per: year\n    pays:\n      rate_table: {by: amount, boundary: at, mode: marginal, tiers: "
    "[{to: 100_000, rate: 5%}, {rate: 10%}]}\n",
    "    per: year\n    quota: from assignment\n    zero_quota: pay_base\n    carry: continue\n    multiplier: "
    "{by: attainment, boundary: at, tiers: [{to: 100%, times: 1 x}, {times: 2 x}]}\n"
    "    pays: {flat_rate: {rate: 5%}}\n",
)
OPENING = "ann/tiers/sales"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SmallHouse]:
    found = small_house(str(tmp_path / "book.db"), "clawback: no\n")
    yield found
    found.parts.store.close()


def planned(house: SmallHouse, plan: str) -> SmallHouse:
    parts = house.parts
    load_plan_texts(parts.store, parts.plans, parts.parse_plan, ADMIN, [PlanText("tiers.yaml", plan, {})])
    assigned = {"participant_id": "ann", "plan": "tiers", "role": "ae", "start_date": date(2026, 1, 1)}
    quota = {"participant_id": "ann", "plan": "tiers", "start_date": date(2026, 1, 1), "per": "year"}
    terms = Facts(
        assignments=frame("assignments", {**assigned, "currency_code": "EUR"}),
        quotas=frame("quotas", {**quota, "amount_minor": 100_000_00}),
    )
    house.load(terms)
    return house


def lost(external_id: str, day: date) -> Facts:
    of_loss = {
        "source": "crm", "external_id": external_id, "loss_id": "L-1", "loss_date": day, "kind": "cancellation",
        "share_num": 1, "share_den": 1, "reason": "insolvent", "attributable_to": "customer",
    }  # fmt: skip
    return Facts(losses=frame("losses", of_loss))


@pytest.mark.parametrize(
    ("plan", "of_deal", "of_position"),
    [
        (STEP, 2_000_00, 4_500_00),  # 20,000 x 10%; 90,000 x (10% - 5%)
        (GATE, 1_500_00, 4_500_00),  # 10,000 x 5% + 10,000 x 10%; 90,000 x 5%, where nothing was paid
        (MULTIPLIER, 2_000_00, 4_500_00),  # 20,000 x 5% x 2; 90,000 x 5% x (2 - 1)
    ],
)
def test_what_a_position_becomes_worth_after_the_cut_over_is_paid_and_taken_back_with_what_reached_it(
    empty: SmallHouse, plan: str, of_deal: int, of_position: int
) -> None:
    """90,000 stand; 20,000 of February reach 100,000, and are lost in March."""
    house = planned(empty, plan)
    opened(house, POSITION)
    house.sell("D-1", 2, 20_000)
    house.sealed("2026-02")
    assert earned(house, "2026-02") == [("D-1", of_deal, ""), (OPENING, of_position, "")]
    house.load(lost("D-1", date(2026, 3, 10)))
    house.sealed("2026-03")
    back: dict[str, int] = {}
    for external_id, amount, _ in earned(house, "2026-03"):
        back[external_id] = back.get(external_id, 0) + amount
    assert back == {OPENING: -of_position, "D-1": -of_deal}
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_deals_of_before_under_a_shut_gate_are_paid_when_it_opens(empty: SmallHouse) -> None:
    """90,000 of January pay nothing then. The gate opens in February: 90,000 x 5%, and 1,500 for the 20,000."""
    house = planned(empty, GATE)
    house.sell("D-0", 1, 90_000)
    opened(house)
    house.sell("D-1", 2, 20_000)
    house.sealed("2026-02")
    assert earned(house, "2026-02") == [("D-0", 4_500_00, ""), ("D-1", 1_500_00, "")]
    house.sealed("2026-03")
    assert earned(house, "2026-03") == []
    statement = get_statement(
        house.parts.calculations, house.payroll.store, house.parts.clock, ANNA, Asked("ann", "2026-02", "x"),
        lambda found: found,
    )  # fmt: skip
    assert sum(each.amount.minor for each in statement.payouts) == 6_000_00 + 2_000_00  # of the other plan


def test_what_was_reached_before_the_cut_over_is_not_paid_again_whenever_it_is_told(empty: SmallHouse) -> None:
    """A deal of January that is told in February opens the gate on a day before the cut-over: B3 has it as paid."""
    house = planned(empty, GATE)
    opened(house, POSITION)
    house.sell("D-0", 1, 20_000)
    house.sell("D-1", 2, 1_000)
    house.sealed("2026-02")
    assert earned(house, "2026-02") == [("D-1", 100_00, "")]


def test_a_gate_that_shuts_takes_nothing_of_a_position_that_was_paid_before(empty: SmallHouse) -> None:
    """110,000 stand, 100,000 x 5% and 10,000 x 10% of them stated as earned; D-0 is lost, and the gate shuts."""
    house = planned(empty, GATE)
    house.sell("D-0", 1, 20_000)
    paid = payroll_openings.PaidDeal("ann", "crm", "D-0", "sales", "EUR", 1_500_00)
    payroll_openings.book_openings(
        house.payroll, ANNA, source="legacy", cutover_date=date(2026, 2, 1), paid=[paid],
        openings=[replace(BALANCE, earned_minor=6_000_00)], positions=[POSITION], mutation=ask(),
    )  # fmt: skip
    house.load(lost("D-0", date(2026, 2, 10)))
    house.sealed("2026-02")
    back = earned(house, "2026-02")
    assert {external_id for external_id, _, _ in back} == {"D-0"}
    assert sum(amount for _, amount, _ in back) in range(-1_500_00, 0)
    assert (house.wrong(), house.unexplained()) == ([], [0])

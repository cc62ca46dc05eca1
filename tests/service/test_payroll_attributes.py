"""A changed attribute of an account that decides whose paid deals were is proposed, as other changed terms are (T5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from compsvc.core.facts import Facts
from compsvc.core.proposals import changed_terms
from compsvc.service import payroll_adjustments
from tests.adapters.store_facts import account, deal, frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_proposals import paid
from tests.service.test_payroll_runs import ANNA

Told = list[tuple[str, int, str, str]]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    """The north is Ann's, the south Bob's; D-1 of 10,000, which no seller is named of, is the north's: 1,000."""
    found = small_house(str(tmp_path / "book.db"))
    areas = [
        {"participant_id": who, "region": where, "start_date": date(2026, 1, 1)}
        for who, where in (("ann", "north"), ("bob", "south"))
    ]
    found.load(Facts(territories=frame("territories", *areas)))
    found.load(Facts(accounts=frame("accounts", account("acme", region="north"))))
    found.sell("D-1", 1, 10_000, seller=None)
    assert paid(found, found.sealed("2026-01")) == [("ann", 1000_00, None)]
    yield found
    found.parts.store.close()


def moved(house: SmallHouse, start: date, region: str = "south", of: str = "acme") -> None:
    row = {"account_id": of, "attribute": "region", "value": region, "start_date": start}
    house.load(Facts(account_attributes=frame("account_attributes", row)))


def proposed(house: SmallHouse) -> Told:
    found = payroll_adjustments.list_adjustments(house.payroll, ANNA, origin="proposed")
    return sorted((each.participant_id, each.amount_minor, each.kind, each.reason) for each in found)


BOTH = [
    ("ann", -1000_00, "attribute", "changed after 2026-01: attribute in D-1"),
    ("bob", 1000_00, "attribute", "changed after 2026-01: attribute in D-1"),
]


def test_an_account_that_had_moved_before_its_paid_deal_was_closed_is_proposed(house: SmallHouse) -> None:
    moved(house, date(2026, 1, 2))
    house.sell("D-2", 2, 500, seller=None)
    assert paid(house, house.sealed("2026-02")) == [("bob", 50_00, None)]
    assert proposed(house) == BOTH
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_an_undated_value_that_changes_is_proposed_too(house: SmallHouse) -> None:
    house.load(Facts(accounts=frame("accounts", account("acme", region="south"))))
    assert house.sealed("2026-02").payout_count == 0
    assert proposed(house) == BOTH


def test_an_account_that_moves_after_the_close_date_takes_nothing_along(house: SmallHouse) -> None:
    moved(house, date(2026, 1, 31))
    house.sell("D-2", 1, 500, seller=None)  # closed in mid-January, told in February
    assert paid(house, house.sealed("2026-02")) == [("ann", 50_00, "2026-01")]
    assert proposed(house) == []


def test_what_a_new_account_is_changes_no_terms(house: SmallHouse) -> None:
    """Its deal of January is paid at once: nothing was paid of it before."""
    house.load(Facts(accounts=frame("accounts", account("birk", region="north"))))
    moved(house, date(2026, 1, 2), of="birk")
    accepted = datetime(2026, 1, 15)  # noqa: DTZ001  # Frames hold UTC so.
    late = deal("D-2", account_id="birk", closed_date=accepted.date(), annual_value_minor=500_00)
    house.load(Facts(deals=frame("deals", late | {"accepted_time": accepted})))
    assert paid(house, house.sealed("2026-02")) == [("bob", 50_00, "2026-01")]
    assert proposed(house) == []


def test_terms_are_changed_by_what_known_accounts_are_alone(house: SmallHouse) -> None:
    """Each change makes the terms of D-1 others; a new account makes none, and a name is no term."""

    def changed() -> dict[str, frozenset[str] | None]:
        return dict(changed_terms(before, house.parts.store.facts_at(), [], []))

    before = house.parts.store.facts_at()
    named = account("acme", region="north", name="Acme")
    house.load(Facts(accounts=frame("accounts", named, account("birk", region="north"))))
    moved(house, date(2026, 1, 2), of="birk")
    assert changed() == {}
    moved(house, date(2026, 3, 1))
    assert changed() == {"attribute": frozenset({"D-1"})}

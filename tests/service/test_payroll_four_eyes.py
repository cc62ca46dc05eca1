"""Nobody approves a run that pays by what they have stored (B4), over both stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from compsvc.service import payroll_openings
from compsvc.service.payroll_openings import Opening
from compsvc.service.ports import Caller, Mutation, PermissionDenied
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_adjustments import decided, written
from tests.service.test_payroll_runs import ANNA, BERT

CARL = Caller("carl", "finance")


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """Anna has stored its plan, as the ones of all tests."""
    found = small_house(book)
    yield found
    found.parts.store.close()


def test_who_stored_the_plan_or_wrote_the_adjustment_does_not_approve_what_is_paid_by_them(house: SmallHouse) -> None:
    house.sell("D-1", 1, 10_000)
    run = house.run("2026-01", by=CARL)
    with pytest.raises(PermissionDenied) as own:
        house.approve(run, by=ANNA)
    assert own.value.reason == "AUTHOR_APPROVES"
    assert "of plan `ae`, which run" in own.value.message
    assert own.value.message.endswith("Anybody else who may approve can do so, except `anna`, `carl`.")
    house.seal(house.approve(run, by=BERT))
    found = decided(house, written(house))
    run = house.run("2026-02", by=CARL)  # of which the adjustment is all that is paid
    with pytest.raises(PermissionDenied, match=f"`anna` has stored adjustment {found.adjustment_id}, which run"):
        house.approve(run, by=ANNA)
    house.seal(house.approve(run, by=BERT))  # who accepted it is another than its author
    nothing = house.run("2026-03", by=CARL)
    assert house.approve(nothing, by=ANNA).state == "approved"  # nothing is paid by her plan


def test_who_booked_the_opening_balances_does_not_approve_the_first_month_after_them(house: SmallHouse) -> None:
    opening = Opening("ann", "EUR", 0, 0, 0, 0, 100_00)
    payroll_openings.book_openings(
        house.payroll, BERT, source="old", cutover_date=date(2026, 2, 1), openings=[opening],
        mutation=Mutation("open", "bert", b"x"),
    )  # fmt: skip
    house.sell("D-2", 2, 10_000)
    run = house.run("2026-02", by=ANNA)
    with pytest.raises(PermissionDenied, match="`bert` has stored the opening balances"):
        house.approve(run, by=BERT)
    house.seal(house.approve(run, by=CARL))
    house.sell("D-3", 3, 10_000)
    assert house.approve(house.run("2026-03"), by=BERT).state == "approved"

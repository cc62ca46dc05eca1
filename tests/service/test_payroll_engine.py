"""An engine that finds other amounts of the same facts and terms books nothing until finance accepts it (B1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.service import close_check
from compsvc.service.ports import FailedPrecondition
from tests.service.small_payroll import SmallHouse, reopened, small_book
from tests.service.test_payroll_runs import ANNA, BERT, ask
from tests.stores import Copied


@pytest.fixture
def house(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, small_book)
    yield from reopened(book)


def upgraded(house: SmallHouse, cents: int) -> None:
    """To a version that finds so many cents more on every line."""
    calculations = house.payroll.calculations
    before, calculations._newest, calculations._earlier = calculations.calculate, None, None

    def calculate(plans: Sequence[Plan], facts: Any) -> Result:
        found = before(plans, facts)
        assert found.lines is not None
        return replace(found, lines=found.lines.with_columns(pl.col("amount_minor") + cents))

    calculations.calculate = calculate
    calculations._answers.clear()
    calculations._latest = None
    house.payroll = replace(house.payroll, version="9.9.9")
    house.parts = replace(house.parts, payroll=house.payroll, close=replace(house.parts.close, payroll=house.payroll))


def checked(house: SmallHouse) -> list[tuple[str, str]]:
    found = close_check.check_close(house.parts.close, ANNA, pay_period="2026-02", mutation=ask())
    return [(each.finding_id, each.message) for each in found if each.code == "ENGINE_MOVED"]


def test_a_cent_that_another_version_moves_is_booked_once_it_is_signed_off(house: SmallHouse) -> None:
    """Two deals of January, a cent each; and one of February, which is new and no difference."""
    house.sell("D-0", 1, 100)
    house.sell("D-1", 1, 100, seller="bob")
    sealed = house.sealed("2026-01")
    house.sell("D-2", 2, 300)
    upgraded(house, cents=1)
    run = house.approve(house.run("2026-02"))
    with pytest.raises(FailedPrecondition) as moved:
        house.seal(run)
    assert moved.value.reason == "ENGINE_MOVED"
    ((finding, message),) = checked(house)
    assert message.startswith(
        f"compsvc 9.9.9 finds other amounts than {sealed.calculation_version} has booked with run {sealed.run_id} of "
        "2026-01, of the same facts and terms: 0.02 EUR in 2 postings of 2 participants ("
    )
    assert house.payroll.store.ledger().height == 4
    which = {"pay_period": "2026-02", "finding_id": finding}
    close_check.sign_off(house.parts.close, BERT, **which, reason="rounding mended", mutation=ask())
    house.seal(run)
    rows = house.payroll.store.ledger().filter(pl.col("account") == "earned", pl.col("pay_period") == "2026-02")
    assert sorted(rows.select("amount_minor", "corrects_pay_period").rows()) == [
        (1, "2026-01"),
        (1, "2026-01"),
        (30_01, None),
    ]
    assert checked(house)[0][0] == finding  # it stays on record; nothing is found anew
    house.sealed("2026-03")
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_another_version_that_finds_the_same_is_no_finding_whatever_has_changed_since(house: SmallHouse) -> None:
    house.sell("D-0", 1, 100)
    house.sealed("2026-01")
    house.sell("D-0", 1, 500, revision=2)
    upgraded(house, cents=0)
    assert checked(house) == []
    assert house.sealed("2026-02").state == "sealed"

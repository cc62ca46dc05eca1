"""A sealed month and its statement of today: what came later is named, with the open month that books it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from compsvc.core.statement_values import Money
from compsvc.service.sealed_pay import SealedDifference, sealed_differences
from tests.service.small_payroll import SmallHouse, small_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    found = small_house(str(tmp_path / "book.db"))
    found.sell("D-1", 1, 100_000)
    yield found
    found.parts.store.close()


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def told(house: SmallHouse, current: int, month: str = "2026-01") -> list[SealedDifference]:
    return list(sealed_differences(house.payroll.store, "ann", month, [eur(current)]))


def test_what_came_after_the_seal_is_named_until_a_later_month_has_booked_it(house: SmallHouse) -> None:
    """10,000 sealed in January; 5,000 more of January come in February: open first, then corrected by February."""
    assert told(house, 1_000_000) == []  # nothing is sealed
    house.sealed("2026-01")
    assert told(house, 1_000_000) == []
    house.period("2026-01", "locked", 0)
    house.sell("D-2", 1, 50_000)
    assert told(house, 1_500_000) == [SealedDifference(eur(1_000_000), eur(0), eur(1_500_000), eur(500_000), "2026-02")]
    house.sealed("2026-02")
    assert told(house, 1_500_000) == [SealedDifference(eur(1_000_000), eur(500_000), eur(1_500_000), eur(0), "2026-02")]
    assert told(house, 0, "2026-02") == []  # what February books for January is not February's

"""A sealed month and its statement of today: what came later is named, with the open month that books it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from compsvc.core.statement_values import Money
from compsvc.entry.locales import Locale
from compsvc.entry.statement_beside import with_what_stands_beside
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.service.payroll import month_of
from compsvc.service.sealed_pay import (
    BookedCorrection,
    SealedDifference,
    adjustments_on,
    booked_corrections,
    sealed_differences,
)
from compsvc.service.statements import Asked, get_statement
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_adjustments import decided, written
from tests.service.test_payroll_proposals import proposed, shares
from tests.service.test_payroll_runs import ANNA


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    found = small_house(str(tmp_path / "book.db"))
    found.sell("D-1", 1, 100_000)
    yield found
    found.parts.store.close()


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def difference(*minor: int) -> SealedDifference:
    return SealedDifference(*map(eur, minor), next_pay_period="2026-02")  # type: ignore[misc]


def printed(house: SmallHouse, month: str, locale: Locale) -> str:
    asked = Asked("ann", month, f"participants/ann/statements/{month}")
    found = get_statement(house.parts.calculations, house.parts.clock, ANNA, asked, statement_message)
    return " ".join(statement_text(with_what_stands_beside(house.parts, found, None), locale=locale).split())


def told(house: SmallHouse, current: int, month: str = "2026-01") -> list[SealedDifference]:
    return list(sealed_differences(house.payroll.store, "ann", month, [eur(current)]))


def test_what_came_after_the_seal_is_named_until_a_later_month_has_booked_it(house: SmallHouse) -> None:
    """10,000 sealed in January; 5,000 more of January come in February: open first, then corrected by February."""
    assert told(house, 1_000_000) == []  # nothing is sealed
    house.sealed("2026-01")
    assert told(house, 1_000_000) == []
    house.period("2026-01", "locked", 0)
    house.sell("D-2", 1, 50_000)
    assert told(house, 1_500_000) == [difference(1_000_000, 0, 1_500_000, 0, 0, 500_000)]
    house.sealed("2026-02")
    assert told(house, 1_500_000) == [difference(1_000_000, 500_000, 1_500_000, 0, 0, 0)]
    assert told(house, 0, "2026-02") == []  # what February books for January is not February's


def test_the_month_that_pays_a_correction_names_it_and_the_month_that_it_corrects(house: SmallHouse) -> None:
    """January's late 5,000 and February's own 2,000 are one pay: February's statement says where the rest is."""
    house.sealed("2026-01")
    house.period("2026-01", "locked", 0)
    house.sell("D-2", 1, 50_000)
    house.sell("D-3", 2, 20_000)
    assert house.sealed("2026-02").totals == '{"EUR": 700000}'
    assert booked_corrections(house.payroll.store, "ann", "2026-02") == [BookedCorrection("2026-01", eur(500_000))]
    assert booked_corrections(house.payroll.store, "ann", "2026-01") == []
    text = printed(house, "2026-02", "en")
    assert "€2,000.00 With the pay of 2026-02 €5,000.00 more are paid: they correct or complete 2026-01" in text


def test_what_is_proposed_waits_and_what_is_declined_is_never_booked(house: SmallHouse) -> None:
    """Two fifths of D-1 were Bob's: 4,000 of Ann's 10,000. A run proposes it; none books it before it is decided."""
    house.sealed("2026-01")
    house.period("2026-01", "locked", 0)
    shares(house)
    assert told(house, 600_000) == [difference(1_000_000, 0, 600_000, 0, 0, -400_000)]  # no run has looked yet
    house.sealed("2026-02")
    assert told(house, 600_000) == [difference(1_000_000, 0, 600_000, -400_000, 0, 0)]
    takes, gives = proposed(house)
    decided(house, takes, "declined", "she was never told")
    decided(house, gives)
    assert told(house, 600_000) == [difference(1_000_000, 0, 600_000, 0, -400_000, 0)]
    for period in ("2026-01", "2026-02"):
        (on_it,) = adjustments_on(house.payroll.store, "ann", month_of(period, "period"))
        assert (on_it.state, on_it.decider) == ("declined", "bert")
    assert adjustments_on(house.payroll.store, "ann", month_of("2026-03", "period")) == []


def test_the_statement_tells_amount_why_and_whom_it_waits_for(house: SmallHouse) -> None:
    house.sealed("2026-01")
    shares(house)
    house.sealed("2026-02")
    written(house)

    def told_in(locale: Locale) -> str:
        return printed(house, "2026-01", locale)

    takes, _ = proposed(house)
    assert "For 2026-01 €10,000.00 were sealed, €0.00 booked later; now it is €6,000.00." in told_in("en")
    assert "Of the difference -€4,000.00 are proposed and wait for a decision" in told_in("en")
    assert f"Proposed: -€4,000.00 for 2026-01 ({takes.adjustment_id}, found by the run of anna)" in told_in("en")
    assert "It waits for finance, for anybody but anna; nothing of it is paid before." in told_in("en")
    assert "Promised by Vera" not in told_in("en")  # stated for February, and about no month before
    decided(house, takes, "accepted", "agreed with her")
    assert "bert hat es angenommen: agreed with her." in told_in("de")

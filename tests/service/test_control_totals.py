"""What finance states of a source is compared with the book before the month closes, on both stores (B5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from compsvc.core.control_totals import Stated, Total
from compsvc.service import control_totals
from compsvc.service.ports import AlreadyExists, InvalidArgument, PermissionDenied
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_close_check import checked
from tests.service.test_payroll_runs import ANNA, BERT, PAYROLL, ask

MARCH = Stated("crm", "closed", date(2026, 3, 1), date(2026, 4, 1), {"EUR": Total(2, 900_00)}, author="")


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """Closed in March: D-1 of 500 and D-2 of 300; D-3 of 100 in February."""
    found = small_house(book)
    for name, month, euros in (("D-1", 3, 500), ("D-2", 3, 300), ("D-3", 2, 100)):
        found.sell(name, month, euros)
    yield found
    found.parts.store.close()


def stated(house: SmallHouse, told: Stated) -> Stated:
    return control_totals.state_totals(house.parts.close.agreements.store, ANNA, told, ask())


def differing(house: SmallHouse, month: str = "2026-03") -> list[tuple[str, str]]:
    found = checked(house, month).values()
    told = [each for each in found if each.code == "CONTROL_TOTAL_DIFFERS" and each.state == "found"]
    return [(each.subject, each.message) for each in told]


def test_what_the_source_has_and_the_book_has_not_is_found_in_the_month_of_the_last_day(house: SmallHouse) -> None:
    """900 of two deals: the book has 800. With 900 it agrees; in dollars nobody has said that there is anything."""
    stated(house, MARCH)
    assert differing(house, "2026-02") == []
    ((subject, message),) = differing(house)
    assert subject == "crm closed 2026-03-01 to 2026-03-31 EUR"
    assert message.startswith(
        "The source has 2 deals of 900.00 EUR (stated by anna), the book 2 deals of 800.00 EUR: +0 and -100.00 EUR."
    )
    house.sell("D-2", 3, 400, revision=2)
    assert differing(house) == []
    quarter = replace(MARCH, basis="accepted", start_date=date(2026, 1, 1), totals={"USD": Total(0, 0)})
    stated(house, quarter)
    ((subject, message),) = differing(house)
    assert subject == "crm accepted 2026-01-01 to 2026-03-31 EUR"
    assert message.startswith("The source has 0 deals of 0.00 EUR (stated by anna), the book 3 deals of 1000.00 EUR:")


def test_what_is_stated_again_goes_instead_and_an_answer_stays(house: SmallHouse) -> None:
    store, first = house.parts.close.agreements.store, ask("first")
    told = control_totals.state_totals(store, ANNA, MARCH, first)
    assert told == replace(MARCH, author="anna")
    stated(house, replace(MARCH, totals={"EUR": Total(2, 800_00)}))
    assert control_totals.state_totals(store, ANNA, MARCH, first) == told
    assert [each.totals for each in control_totals.list_totals(store, PAYROLL)] == [{"EUR": Total(2, 800_00)}]
    assert differing(house) == []
    with pytest.raises(AlreadyExists):
        control_totals.state_totals(store, ANNA, MARCH, replace(first, fingerprint=b"another"))


def test_totals_that_make_no_sense_are_refused(house: SmallHouse) -> None:
    for wrong in ({"source": ""}, {"end_date": MARCH.start_date}, {"totals": {}}, {"totals": {"XXY": Total(1, 1)}}):
        with pytest.raises(InvalidArgument) as error:
            stated(house, replace(MARCH, **wrong))  # type: ignore[arg-type]
        assert error.value.reason == "TOTALS_INVALID"
    with pytest.raises(PermissionDenied):
        control_totals.state_totals(house.parts.close.agreements.store, PAYROLL, MARCH, ask())
    assert control_totals.list_totals(house.parts.close.agreements.store, BERT) == []

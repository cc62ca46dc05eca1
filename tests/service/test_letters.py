"""Plan letters: signed by their hash, and asked for before a month closes where the jurisdiction does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compsvc.core.facts import Facts
from compsvc.service import letters
from compsvc.service.agreement_ports import Letter
from compsvc.service.payroll_ports import Run
from compsvc.service.ports import Aborted, Caller, FailedPrecondition, PermissionDenied
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_close_check import checked
from tests.service.test_payroll_runs import ANNA, ask

ANN, BOB = Caller("ann", "rep"), Caller("bob", "rep")


def test_new_york_asks_for_a_signature_of_the_terms_that_stand_now(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    row = {"participant_id": "ann", "plan": "ae", "role": "ae", "start_date": date(2026, 1, 1), "currency_code": "EUR"}
    house.load(Facts(assignments=frame("assignments", {**row, "jurisdiction": "US-NY"})))
    desk = house.parts.agreements

    def sent() -> Letter:
        return letters.send_letter(desk, ANNA, participant_id="ann", plan="ae", mutation=ask())

    def answered(letter: Letter, action: str = "signed", by: Caller = ANN, seen: str = "", text: str = "") -> Letter:
        which, seen = ("ann", letter.letter_id), seen or letter.terms_hash
        return letters.answer_letter(desk, by, which=which, action=action, seen=seen, text=text, mutation=ask())

    assert "LETTER_UNSIGNED ann" in checked(house)
    letter = sent()
    assert (letter.state, letter.sender, len(letter.terms_hash)) == ("sent", "anna", 64)
    assert answered(letter, "received").state == "received"
    with pytest.raises(PermissionDenied):
        answered(letter, by=BOB)
    with pytest.raises(FailedPrecondition, match="answer what you have read"):
        answered(letter, seen="0" * 64)
    assert answered(letter).entries[-1].author == "ann"
    with pytest.raises(FailedPrecondition, match="It stands"):
        sent()
    assert checked(house)["LETTER_UNSIGNED ann"].state == "mended"
    with pytest.raises(FailedPrecondition, match="is signed already"):
        answered(letter, "received")
    house.load(Facts(assignments=frame("assignments", {**row, "jurisdiction": "US-NY", "role": "senior ae"})))
    assert checked(house)["LETTER_UNSIGNED ann"].state == "found"  # other terms, another signature
    old, new = letter, sent()
    assert [each.state for each in letters.list_letters(desk, ANN, participant_id="ann")] == ["superseded", "sent"]
    with pytest.raises(FailedPrecondition, match=f"Answer letter {new.letter_id}"):
        answered(old)
    answered(new)
    assert checked(house)["LETTER_UNSIGNED ann"].state == "mended"
    house.load(Facts(assignments=frame("assignments", {**row, "jurisdiction": "US-NY", "role": "head of sales"})))
    assert answered(sent(), "declined", text="No.").state == "declined"
    assert sent().state == "sent"  # declined terms may be offered again
    house.parts.store.close()


NEW_YORK = {"participant_id": "ann", "plan": "ae", "role": "ae", "start_date": date(2026, 1, 1), "currency_code": "EUR"}
NEW_YORK["jurisdiction"] = "US-NY"


def signed(house: SmallHouse) -> Letter:
    desk = house.parts.agreements
    sent = letters.send_letter(desk, ANNA, participant_id="ann", plan="ae", mutation=ask())
    return letters.answer_letter(
        desk, ANN, which=("ann", sent.letter_id), action="signed", seen=sent.terms_hash, text="", mutation=ask()
    )


def test_another_territory_asks_for_another_signature(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    house.load(Facts(assignments=frame("assignments", NEW_YORK)))
    signed(house)
    old = {"participant_id": "ann", "region": "west", "start_date": date(2025, 1, 1), "end_date": date(2026, 1, 1)}
    house.load(Facts(territories=frame("territories", old)))
    assert "LETTER_UNSIGNED ann" not in checked(house)  # it ended before the assignment began
    house.load(Facts(territories=frame("territories", {**old, "region": "east", "end_date": None})))
    assert checked(house)["LETTER_UNSIGNED ann"].state == "found"
    assert '"region":"east"' in signed(house).terms
    assert checked(house)["LETTER_UNSIGNED ann"].state == "mended"
    house.parts.store.close()


def test_nothing_is_recovered_before_the_letter_is_signed_and_earned_pay_is_paid(tmp_path: Path) -> None:
    """January pays 100. In February the deal is worth 400 instead of 1,000: 60 are owed. March earns 200."""
    house = small_house(str(tmp_path / "book.db"))
    house.load(Facts(assignments=frame("assignments", NEW_YORK)))
    house.sell("D-1", 1, 1_000)
    house.sealed("2026-01")
    house.sell("D-1", 1, 400, revision=2)
    house.sealed("2026-02")
    house.sell("D-2", 3, 2_000)
    unsigned = house.run("2026-03")
    assert payouts(house, unsigned) == [200_00]  # the 60 stand
    signed(house)
    with pytest.raises(Aborted):
        house.approve(unsigned)
    assert payouts(house, house.sealed("2026-03")) == [-60_00, 200_00]
    house.parts.store.close()


def payouts(house: SmallHouse, run: Run) -> list[int]:
    return sorted(house.payouts(run)["amount_minor"])

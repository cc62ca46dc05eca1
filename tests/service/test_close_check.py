"""A month closes only where what is found is mended or signed off by name, on both stores; both stay on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from compsvc.core.close_check import Finding, Paid, of_pay
from compsvc.core.facts import Facts
from compsvc.core.statement_values import Span
from compsvc.service import close_check, disputes, pay_periods
from compsvc.service.agreement_ports import RecordedFinding
from compsvc.service.payroll_holds import list_holds
from compsvc.service.ports import AlreadyExists, Caller, FailedPrecondition, InvalidArgument, NotFound, PermissionDenied
from tests.adapters.store_facts import deal, frame
from tests.service.small_payroll import SmallHouse, reopened, small_book, small_house
from tests.service.test_payroll_adjustments import changed, decided, written
from tests.service.test_payroll_holds import held, released
from tests.service.test_payroll_proposals import shares
from tests.service.test_payroll_runs import ANNA, BERT, PAYROLL, ask
from tests.stores import Copied

MARCH = Span("2026-03", date(2026, 3, 1), date(2026, 4, 1))


@pytest.fixture
def house(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, small_book)
    yield from reopened(book)


def checked(house: SmallHouse, month: str = "2026-03", mutation: Any = None) -> dict[str, RecordedFinding]:
    found = close_check.check_close(house.parts.close, ANNA, pay_period=month, mutation=mutation or ask())
    return {f"{each.code} {each.subject}": each for each in found}


def signed(house: SmallHouse, finding: RecordedFinding, by: Caller = BERT, reason: str = "known") -> RecordedFinding:
    which = {"pay_period": finding.pay_period, "finding_id": finding.finding_id}
    return close_check.sign_off(house.parts.close, by, **which, reason=reason, mutation=ask())


def closed(house: SmallHouse, month: str = "2026-03", version: int = 0) -> str:
    fields = {"name": month, "state": "closed", "version": version, "reason": "", "mutation": ask()}
    return pay_periods.change_pay_period(house.parts.close, ANNA, **fields).state  # type: ignore[arg-type]


def pending(closed_date: date = date(2026, 2, 10), **changes: Any) -> Facts:
    first = {
        "seller_id": "ann",
        "closed_date": closed_date,
        "accepted_time": None,
        "pending_reason": "no signature",
        "annual_value_minor": 100_000,
    }
    return Facts(deals=frame("deals", deal("D-7", changes.pop("revision", 1), **{**first, **changes})))


def test_a_finding_is_mended_or_signed_off_and_then_the_month_closes(house: SmallHouse) -> None:
    house.load(pending())
    of_nobody = deal(
        "D-8", 1, seller_id="ann", type="renewal", closed_date=date(2026, 3, 2), accepted_time=datetime(2026, 3, 2),  # noqa: DTZ001
        annual_value_minor=100_000,
    )  # fmt: skip
    house.load(Facts(deals=frame("deals", of_nobody)))
    found = checked(house)
    assert set(found) == {"DEAL_PENDING crm/D-7", "DEAL_UNCREDITED crm/D-8"}
    assert found["DEAL_PENDING crm/D-7"].message == (
        "Closed on 2026-02-10 and not accepted yet (no signature). Accept it, or withdraw it in the source."
    )
    with pytest.raises(FailedPrecondition, match="neither mended nor signed off") as error:
        closed(house)
    assert error.value.reason == "FINDINGS_OPEN"
    assert signed(house, found["DEAL_UNCREDITED crm/D-8"]).entries[-1].reason == "known"
    house.load(pending(revision=2, accepted_time=datetime(2026, 5, 1)))  # noqa: DTZ001  # Frames hold UTC so.
    after = checked(house)["DEAL_PENDING crm/D-7"]
    assert [(each.action, each.author) for each in after.entries] == [("found", "anna"), ("mended", "anna")]
    assert closed(house) == "closed"
    assert [each.state for each in checked(house).values()].count("found") == 0


def test_what_is_signed_off_is_what_was_said(house: SmallHouse) -> None:
    """Another figure is another finding; the old one stays with its signature, and is told as mended."""
    house.load(pending())
    first = signed(house, checked(house)["DEAL_PENDING crm/D-7"])
    house.load(pending(revision=2, pending_reason="no order form"))
    both = close_check.check_close(house.parts.close, ANNA, pay_period="2026-03", mutation=ask())
    assert [(each.finding_id == first.finding_id, each.state) for each in both] == [(True, "mended"), (False, "found")]
    assert [each.action for each in both[0].entries] == ["found", "signed_off", "mended"]
    with pytest.raises(FailedPrecondition):
        closed(house)


def test_an_open_dispute_a_skipped_month_and_somebody_without_a_plan_are_found(house: SmallHouse) -> None:
    house.sell("D-1", 1, 100_000)
    house.sealed("2026-01")
    house.load(Facts(participants=frame("participants", {"participant_id": "dora", "display_name": "Dora"})))
    name = "participants/ann/statements/2026-02"
    disputes.open_dispute(
        house.parts.agreements, Caller("ann", "rep"), subject=name, key=("ann", "2026-02"), text="Low", mutation=ask()
    )
    found = checked(house)
    assert found["DISPUTE_OPEN ann"].message == f"Objects to {name} (Low). Answer it."
    assert "MONTH_SKIPPED 2026-02" in found
    assert found["NO_PLAN dora"].message == "Is under no plan. Load an assignment, or record the exit."


def test_a_deal_that_moved_or_is_split_otherwise_since_an_earlier_month_was_run(house: SmallHouse) -> None:
    """D-1 and D-2 are paid in January. Then D-1 is Bob's to two fifths, and D-2 was closed in February all the same."""
    house.sell("D-1", 1, 10_000)
    house.sell("D-2", 1, 10_000)
    assert not {code.split()[0] for code in checked(house, "2026-02")} & {"DEAL_MOVED", "SPLIT_CHANGED"}
    house.sealed("2026-01")
    shares(house)
    house.sell("D-2", 2, 10_000, revision=2)
    house.sell("D-3", 1, 10_000)  # late, and as it always was
    found = {name: each.message for name, each in checked(house, "2026-02").items()}
    assert found["SPLIT_CHANGED crm/D-1"] == (
        "Split as ann 3/5, bob 2/5; when 2026-01 was run it was nothing. See that all who share it have agreed."
    )
    assert found["DEAL_MOVED crm/D-2"] == (
        "Closed on 2026-02-14; when 2026-01 was run it was 2026-01-15. See that both months are right."
    )
    assert not any(name.endswith("D-3") for name in found)
    house.sealed("2026-02")
    assert (
        checked(house, "2026-02")["DEAL_MOVED crm/D-2"].state == "found"
    )  # that February's own run took it up answers nothing
    assert not {code.split()[0] for code in checked(house, "2026-03")} & {"DEAL_MOVED", "SPLIT_CHANGED"}


def test_an_adjustment_that_nobody_has_decided_on_is_found_until_somebody_does(house: SmallHouse) -> None:
    first = written(house)  # 250 for February
    later = written(house, changed(pay_period="2026-04"))
    found = checked(house)
    assert found["ADJUSTMENT_OPEN ann"].message == (
        f"The manual adjustment {first.adjustment_id} (Promised by Vera) is not decided. Accept or decline it."
    )
    assert not any(later.adjustment_id in each.message for each in found.values())  # of a later month
    decided(house, first)
    assert checked(house)["ADJUSTMENT_OPEN ann"].state == "mended"


def test_pay_that_is_far_from_the_mean_below_zero_or_owed() -> None:
    """Mean of three months 1,000: 3,000 is usual, 3,000.01 is not; 333.34 is, 333.33 is not."""
    earlier = [Paid(f"2025-{month}", "ann", "EUR", 100_000) for month in (10, 11, 12)]

    def codes(minor: int, before: list[Paid] = earlier) -> list[str]:
        return [each.code for each in of_pay([*before, Paid("2026-03", "ann", "EUR", minor)], [], MARCH)]

    assert [codes(minor) for minor in (300_000, 300_001, 33_334, 33_333, -1)] == [
        [], ["PAYOUT_UNUSUAL"], [], ["PAYOUT_UNUSUAL"], ["PAYOUT_NEGATIVE"]
    ]  # fmt: skip
    assert codes(900_000, earlier[:2]) == []  # two months are no mean
    assert list(of_pay(earlier, [], MARCH)) == [
        Finding("PAYOUT_UNUSUAL", "ann", "0.00 EUR, where the mean of 3 months before is 1000.00 EUR. Look at the "
                "lines behind it.")
    ]  # fmt: skip
    (owed,) = of_pay([], [("bob", "EUR", 5_000)], MARCH)
    assert (owed.code, owed.message[:16]) == ("BALANCE_NEGATIVE", "Owes 50.00 EUR o")


def test_what_is_refused(house: SmallHouse) -> None:
    house.load(pending())
    mutation = ask("same")
    (found,) = checked(house, mutation=mutation).values()
    assert list(checked(house, mutation=mutation).values()) == [found]  # the same request records nothing again
    with pytest.raises(AlreadyExists):
        checked(house, mutation=ask("same", b"other"))
    with pytest.raises(InvalidArgument, match="`reason` is empty"):
        signed(house, found, reason=" ")
    with pytest.raises(PermissionDenied):
        signed(house, found, by=PAYROLL)
    with pytest.raises(NotFound):
        close_check.sign_off(
            house.parts.close, BERT, pay_period="2026-03", finding_id="none", reason="x", mutation=ask()
        )
    done = signed(house, found)
    assert done.entries[-1].recorded_time - found.entries[-1].recorded_time < timedelta(minutes=5)
    with pytest.raises(FailedPrecondition, match="signed off already"):
        signed(house, found)


def test_control_totals_far_from_the_months_before_are_found_and_signed_off(house: SmallHouse) -> None:
    """Four deals a month of 1,000, and one in April: a quarter of the mean. It pays 100 where 400 were earned."""
    for month, count in ((1, 4), (2, 4), (3, 4), (4, 1)):
        for number in range(count):
            house.sell(f"D-{month}-{number}", month, 1_000)
        assert not [name for name in checked(house, f"2026-0{month}") if "TOTAL" in name] or month == 4
        house.sealed(f"2026-0{month}")
    found = checked(house, "2026-04")
    totals = {each.subject: each.message for each in found.values() if each.code == "TOTAL_UNUSUAL"}
    counted = "1 in EUR, where the mean of 3 months before is 4 in EUR. Compare with the source."
    earned = "100.00 EUR, where the mean of 3 months before is 400.00 EUR. Compare with the source."
    assert totals == {"deals": counted, "credits": counted, "earnings": earned}
    assert signed(house, found["TOTAL_UNUSUAL deals"]).state == "signed_off"


def test_a_hold_that_stands_and_a_review_that_nobody_decided_are_found(book: str) -> None:
    house = small_house(book, of_component="windfall: {above: 8_000, pay: review}")
    house.sell("D-1", 2, 10_000)
    hold = held(house)
    (review,) = (each.hold for each in list_holds(house.payroll, ANNA) if each.hold.origin == "review")
    assert not {"HOLD_OPEN crm/D-1", "REVIEW_OPEN crm/D-1"} & set(checked(house, "2026-01"))
    found = checked(house)
    assert found["HOLD_OPEN crm/D-1"].message == (
        f"Its pay is on hold {hold.hold_id} since 2026-02 (Who sold it is not clear). Release it once that is settled."
    )
    assert found["REVIEW_OPEN crm/D-1"].message.startswith(f"Pay of ann waits for the review {review.hold_id} (")
    assert signed(house, found["HOLD_OPEN crm/D-1"]).state == "signed_off"
    released(house, review, "", decision="refused")
    assert checked(house)["REVIEW_OPEN crm/D-1"].state == "mended"
    house.parts.store.close()

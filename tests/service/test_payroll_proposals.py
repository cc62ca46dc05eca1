"""What changed terms would change in paid months is proposed, and paid once somebody accepts it (T5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.service import payroll_adjustments
from compsvc.service.payroll_ports import Adjustment, Run
from compsvc.service.ports import InvalidArgument, PermissionDenied
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_adjustments import decided
from tests.service.test_payroll_runs import ANNA, ask


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """D-1 of 10,000 is Ann's, sealed in January: 1,000."""
    found = small_house(book)
    found.sell("D-1", 1, 10_000)
    found.sealed("2026-01")
    yield found
    found.parts.store.close()


def shares(house: SmallHouse) -> None:
    """D-1 was Bob's to two fifths, somebody finds out."""
    deals = house.parts.store.facts_at().deals.filter(pl.col("external_id") == "D-1")
    rows = [
        {
            "source": "crm",
            "external_id": "D-1",
            "position": place,
            "participant_id": who,
            "share_num": n,
            "share_den": 5,
        }
        for place, (who, n) in enumerate((("ann", 3), ("bob", 2)), start=1)
    ]
    house.load(Facts(deals=deals.with_columns(pl.col("revision") + 1), splits=frame("splits", *rows)))


def paid(house: SmallHouse, run: Run) -> list[tuple[str, int, str | None]]:
    rows = house.payouts(run).sort("participant_id", "amount_minor")
    return list(rows.select("participant_id", "amount_minor", "corrects_pay_period").iter_rows())


def proposed(house: SmallHouse) -> list[Adjustment]:
    return sorted(
        payroll_adjustments.list_adjustments(house.payroll, ANNA, origin="proposed"), key=lambda each: each.amount_minor
    )


def test_a_changed_split_of_a_paid_deal_waits_and_a_late_deal_does_not(house: SmallHouse) -> None:
    """400 of Ann's 1,000 would be Bob's. The late D-2 of January pays its 50 in February, and names January."""
    shares(house)
    house.sell("D-2", 1, 500)
    february = house.sealed("2026-02")
    assert paid(house, february) == [("ann", 50_00, "2026-01")]
    found = [(each.participant_id, each.amount_minor, each.kind, each.corrects_pay_period) for each in proposed(house)]
    assert found == [("ann", -400_00, "split", "2026-01"), ("bob", 400_00, "split", "2026-01")]
    assert proposed(house)[0].reason == "changed after 2026-01: split in D-1"
    assert house.run("2026-02").payout_count == 0
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_what_is_accepted_is_paid_and_what_is_declined_does_not_return(house: SmallHouse) -> None:
    shares(house)
    house.sealed("2026-02")
    takes, gives = proposed(house)
    with pytest.raises(PermissionDenied):
        payroll_adjustments.decide(
            house.payroll, ANNA, adjustment_id=gives.adjustment_id, decision="accepted", reason="", mutation=ask()
        )
    with pytest.raises(InvalidArgument) as silent:
        decided(house, takes)  # what takes back has a reason
    assert silent.value.reason == "REASON_MISSING"
    decided(house, gives)
    decided(house, takes, "declined", "she was never told")
    assert paid(house, house.sealed("2026-02")) == [("bob", 400_00, "2026-01")]
    for month in ("2026-03", "2026-04"):
        assert house.sealed(month).payout_count == 0
    states = {each.participant_id: (each.state, each.decider, each.decision_reason) for each in proposed(house)}
    assert states == {"ann": ("declined", "bert", "she was never told"), "bob": ("accepted", "bert", "")}


def test_a_changed_assignment_is_proposed_and_a_changed_deal_beside_it_is_posted(house: SmallHouse) -> None:
    """Without the assignment D-1 would pay nothing. Its value was 8,000 all the same: 200 are no more true."""
    ann = house.parts.store.facts_at().assignments.filter(pl.col("participant_id") == "ann")
    house.load(replace(Facts(), assignments=ann.with_columns(end_date=pl.lit(date(2026, 1, 2)))))
    house.sell("D-1", 1, 8_000, revision=2)
    assert paid(house, house.run("2026-02", "ann")) == [("ann", -200_00, "2026-01"), ("ann", 200_00, None)]
    assert proposed(house) == []  # off the cycle it is held back all the same, and recorded by the run of everybody
    house.sealed("2026-02", "ann")
    house.sealed("2026-02")
    assert [(each.amount_minor, each.kind) for each in proposed(house)] == [(-800_00, "assignment")]


def test_terms_of_the_open_month_are_no_proposal(house: SmallHouse) -> None:
    """Zoe starts in February; what she sells then is paid then."""
    zoe = {"participant_id": "zoe", "plan": "ae", "role": "ae", "start_date": date(2026, 2, 1), "currency_code": "EUR"}
    people = frame("participants", {"participant_id": "zoe", "display_name": "Zoe"})
    house.load(Facts(participants=people, assignments=frame("assignments", zoe)))
    house.sell("D-3", 2, 3_000, seller="zoe")
    assert paid(house, house.sealed("2026-02")) == [("zoe", 300_00, None)]
    assert proposed(house) == []


def test_what_was_declined_and_then_taken_back_is_not_proposed_again(house: SmallHouse) -> None:
    """The split was declined and D-1 is Ann's alone again: what is posted is true, and nothing is left to decide."""
    shares(house)
    house.sealed("2026-02")
    for each in proposed(house):
        decided(house, each, "declined", "not agreed")
    deals = house.parts.store.facts_at().deals.filter(pl.col("external_id") == "D-1")
    alone = {"source": "crm", "external_id": "D-1", "position": 1, "participant_id": "ann"}
    whole = frame("splits", {**alone, "share_num": 1, "share_den": 1})
    house.load(Facts(deals=deals.with_columns(pl.col("revision") + 1), splits=whole))
    march = house.sealed("2026-03")
    assert (paid(house, march), len(proposed(house))) == ([], 2)
    assert house.unexplained() == [0]


def test_what_a_run_has_paid_under_changed_terms_is_not_taken_back_by_the_next(house: SmallHouse) -> None:
    """January is run again for Bob alone, after the split: his 400 stand, and Ann's 400 less are proposed."""
    shares(house)
    assert paid(house, house.sealed("2026-01", "bob")) == [("bob", 400_00, None)]
    assert paid(house, house.sealed("2026-02")) == []
    assert [(each.participant_id, each.amount_minor) for each in proposed(house)] == [("ann", -400_00)]


def test_changed_terms_are_proposed_also_where_only_runs_off_the_cycle_are_sealed(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01", "ann")
    shares(house)
    assert paid(house, house.sealed("2026-02")) == []
    assert [(each.participant_id, each.amount_minor) for each in proposed(house)] == [("ann", -400_00), ("bob", 400_00)]
    house.parts.store.close()

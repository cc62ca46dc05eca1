"""What a pay period comes to over several runs, rejections and months out of their order (T3, T4, B6, D2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from compsvc.entry.payroll_run_proto import payout_message
from compsvc.service import payroll_lists, payroll_order, payroll_runs
from compsvc.service.payroll_ports import PayoutOutcome, Run
from compsvc.service.ports import FailedPrecondition, InvalidArgument
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_accounts import DRAW, GUARANTEE, pays_ann
from tests.service.test_payroll_runs import ADMIN

NEGATIVE = "negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: oldest first}\n"


def by_nature(house: SmallHouse, run: Run) -> dict[str, int]:
    rows = house.payouts(run).filter(pl.col("participant_id") == "ann")
    return dict(rows.group_by("nature").agg(pl.col("amount_minor").sum()).sort("nature").iter_rows())


def rejects(house: SmallHouse, run: Run, *natures: str) -> None:
    rows = house.payouts(run).filter(pl.col("participant_id") == "ann")
    named = rows.filter(pl.col("nature").is_in(natures)) if natures else rows
    house.answer(run, *(PayoutOutcome(each, "rejected", None, "account closed") for each in named["payout_id"]))


def owed(house: SmallHouse, *accounts: str) -> list[int]:
    """Of ann, in the order of the names, as `ledger balances` shows them."""
    from compsvc.service import payroll_runs as runs
    from tests.service.test_payroll_runs import ANNA

    rows = runs.reconcile(house.payroll, ANNA).filter(pl.col("participant_id") == "ann")
    return [rows[f"{name}_minor"][0] for name in accounts]


# --- rejected


@pytest.mark.parametrize("month", ["2026-01", "2026-02"])
def test_a_loss_takes_from_what_was_rejected_before_it_makes_a_debt(tmp_path: Path, month: str) -> None:
    """100 came back; 60 of it are no more true. 40 are paid, and nothing is owed."""
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 1_000)
    rejects(house, house.sealed("2026-01"))
    house.sell("D-1", 1, 400, revision=2)
    again = house.sealed(month)
    assert pays_ann(house, again) == 40_00
    house.answer(again, *house.paid(again))
    assert owed(house, "earned", "payable", "paid", "recoverable") == [40_00, 0, 40_00, 0]
    assert house.run(month).payout_count == 0


def test_what_came_back_is_not_recovered_from_twice_and_no_part_of_a_guarantee(tmp_path: Path) -> None:
    """February is due 3,000 by itself, and January's 3,000 beside it."""
    house = small_house(str(tmp_path / "book.db"), GUARANTEE)
    house.sell("D-1", 1, 10_000)
    rejects(house, house.sealed("2026-01"))
    assert by_nature(house, house.sealed("2026-02")) == {"commission": 1_000_00, "guarantee": 2_000_00 + 3_000_00}


def test_a_recovery_comes_back_with_what_it_was_taken_from(tmp_path: Path) -> None:
    """January pays 300 of which 200 are no more true: 200 are owed. Of March's 100 half is recovered: 50 paid, rejected
    as one. Then April pays those 50, and from its own 100 recovers 50 again."""
    house = small_house(str(tmp_path / "book.db"), NEGATIVE)
    house.sell("D-1", 1, 3_000)
    house.sealed("2026-01")
    house.sell("D-1", 1, 1_000, revision=2)
    february = house.sealed("2026-02")
    assert by_nature(house, february) == {"carried": 200_00, "commission": -200_00}
    house.answer(february, *house.paid(february))
    house.sell("D-2", 3, 1_000)
    march = house.sealed("2026-03")
    assert by_nature(house, march) == {"commission": 100_00, "recovery": -50_00}
    ids = {row["nature"]: row["payout_id"] for row in house.payouts(march).iter_rows(named=True)}
    back = PayoutOutcome(ids["commission"], "rejected", None, "account closed")
    taken = PayoutOutcome(ids["recovery"], "paid", date(2026, 4, 1), "")
    with pytest.raises(InvalidArgument, match=r"-50\.00 EUR would be all that is paid") as error:
        house.answer(march, back, taken)
    assert {each.code for each in error.value.violations} == {"PAID_BELOW_ZERO"}
    with pytest.raises(InvalidArgument, match="correct it by an adjustment") as error:
        house.answer(march, replace(taken, payout_id=back.payout_id), replace(back, payout_id=taken.payout_id))
    assert [each.code for each in error.value.violations] == ["OUTCOME_IMPOSSIBLE"]
    for told in (back, taken):  # told first as paid, what is below zero could not come back with the rest any more
        with pytest.raises(InvalidArgument, match="in one request") as error:
            house.answer(march, told)
        assert [each.code for each in error.value.violations] == ["ANSWERED_APART"]
    house.answer(march, back, replace(back, payout_id=taken.payout_id))
    house.sell("D-3", 4, 1_000)
    april = house.sealed("2026-04")
    assert by_nature(house, april) == {"commission": 200_00, "recovery": -100_00}
    assert owed(house, "recoverable") == [100_00]


# --- several runs of a month


@pytest.mark.parametrize(("words", "kept"), [(GUARANTEE, 0), (DRAW, 3_000_00)])
def test_a_loss_in_a_second_run_works_the_month_again(tmp_path: Path, words: str, kept: int) -> None:
    """1,000 and 2,000 on top; then the 1,000 are no more true: 3,000 on top, and nothing is to be paid or carried."""
    house = small_house(str(tmp_path / "book.db"), words)
    house.sell("D-1", 1, 10_000)
    assert pays_ann(house, house.sealed("2026-01")) == 3_000_00
    house.sell("D-1", 1, 0, revision=2)
    again = house.sealed("2026-01")
    top_up = "guarantee" if words == GUARANTEE else "draw"
    assert by_nature(house, again) == {"commission": -1_000_00, top_up: 1_000_00}
    assert owed(house, "recoverable") == [kept]
    assert house.unexplained() == [0]


@pytest.mark.parametrize(
    ("words", "told_as"),
    [
        (GUARANTEE, {("guarantee", True): "2026-01", ("guarantee", False): "2026-02"}),
        (DRAW, {("draw", True): "2026-01", ("recovery", False): "2026-02"}),
    ],
)
def test_what_belongs_to_no_component_is_earned_in_the_month_that_it_is_for(
    tmp_path: Path, words: str, told_as: dict[tuple[str, bool], str]
) -> None:
    """B6. Ids and what is stored stay as they are: it is told so where a payout is shown. January's is rejected, and
    paid with February's."""
    house = small_house(str(tmp_path / "book.db"), words)
    house.sell("D-1", 1, 5_000)
    rejects(house, house.sealed("2026-01"))
    house.sell("D-2", 2, 1_000)
    run = house.sealed("2026-02")
    found = payroll_runs.run_payouts(house.payroll, ADMIN, run_id=run.run_id)
    shown = [payout_message(each) for _, each in payroll_lists.told(house.payroll, found)]
    ann = [each for each in shown if each.participant_id == "ann" and not each.component]
    spans = {each.nature: (each.earned_start_date.month, each.earned_end_date.month) for each in ann}
    months = {(each.nature, bool(each.repeats_payout_id)): each.earned_period for each in ann}
    assert months == told_as
    assert all(start + 1 == end for start, end in spans.values())
    assert {*found.payouts.filter(pl.col("component") == "")["earned_period"]} == {""}


def test_a_late_deal_in_a_second_run_takes_the_place_of_the_guarantee(tmp_path: Path) -> None:
    """1,000 and 2,000 on top; with 500 more, 1,500 on top. What was paid stands."""
    house = small_house(str(tmp_path / "book.db"), GUARANTEE)
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    house.sell("D-2", 1, 5_000)
    assert by_nature(house, house.sealed("2026-01")) == {"commission": 500_00, "guarantee": -500_00}


def test_what_a_month_has_paid_too_much_is_carried_and_let_go_again(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 1_000)
    house.sealed("2026-01")
    house.sell("D-1", 1, 0, revision=2)
    assert by_nature(house, house.sealed("2026-01")) == {"commission": -100_00, "carried": 100_00}
    house.sell("D-2", 1, 600)
    assert by_nature(house, house.sealed("2026-01")) == {"commission": 60_00, "carried": -60_00}
    assert owed(house, "recoverable", "payable") == [40_00, 100_00]


# --- the order of the months


def warned(house: SmallHouse, run: Run) -> list[str]:
    return [text.partition(".")[0].partition(", since")[0] for text in payroll_order.warnings(house.payroll, run)]


def test_a_month_that_was_skipped_is_named(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"), GUARANTEE)
    house.sealed("2026-01")
    run = house.run("2026-04")
    assert warned(house, run) == ["2026-02 has no sealed run", "2026-03 has no sealed run"]
    assert warned(house, house.run("2026-02")) == []


def test_who_is_booked_in_a_later_month_is_left_out_of_an_earlier_one(tmp_path: Path) -> None:
    """Ann's January is booked in February; a guarantee of January beside it would pay it again. Bob's is not."""
    house = small_house(str(tmp_path / "book.db"), GUARANTEE)
    house.sell("D-1", 1, 10_000)
    house.sell("D-2", 1, 20_000, seller="bob")
    house.sealed("2026-02", "ann")
    run = house.run("2026-01")
    assert warned(house, run) == ["Left out"]
    rows = house.payouts(run).sort("nature").select("participant_id", "nature", "amount_minor").rows()
    assert rows == [("bob", "commission", 2_000_00), ("bob", "guarantee", 1_000_00)]


def test_a_month_that_has_not_begun_is_not_run(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    with pytest.raises(FailedPrecondition, match="2199-01 has not begun") as error:
        house.run("2199-01")
    assert error.value.reason == "PERIOD_NOT_BEGUN"


def test_a_wrong_state_says_what_comes_first(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    run = house.run("2026-01")
    with pytest.raises(FailedPrecondition, match=f"Approve it first: compsvc payroll approve {run.run_id}"):
        house.seal(run)


# --- what a seal fixes


def test_a_seal_fixes_what_it_has_posted(tmp_path: Path) -> None:
    """D-1 is paid in January. D-2 counts in January and pays nothing there; nothing of it is fixed."""
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 1_000)
    house.sell("D-2", 1, 0)
    house.sealed("2026-01")
    assert house.parts.store.facts_at().fixed_events["external_id"].to_list() == ["D-1"]


def test_what_is_below_zero_is_carried_under_a_guarantee_whose_plan_says_no_negative(tmp_path: Path) -> None:
    """10,000 paid in January, gone in February, back in March: 10,000 in all, and a guarantee of 3,000 in February.
    What February has less is owed, and March pays it off."""
    house = small_house(str(tmp_path / "book.db"), GUARANTEE)
    house.sell("D-1", 1, 100_000)
    house.sealed("2026-01")
    house.sell("D-1", 1, 0, revision=2)
    house.sealed("2026-02")
    assert owed(house, "recoverable") == [10_000_00]
    house.sell("D-1", 1, 100_000, revision=3)
    march = by_nature(house, house.sealed("2026-03"))
    assert march == {"commission": 10_000_00, "recovery": -10_000_00}
    assert owed(house, "recoverable") == [0]


def test_the_first_run_of_a_book_tells_that_it_pays_earlier_months_too(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 1_000)
    house.sell("D-2", 3, 5_000)
    (first,) = payroll_order.warnings(house.payroll, house.run("2026-03"))
    assert "earlier months came to as well: 100.00 EUR from 2026-01-15 on." in first
    house.sealed("2026-01")
    assert warned(house, house.run("2026-03")) == ["2026-02 has no sealed run"]

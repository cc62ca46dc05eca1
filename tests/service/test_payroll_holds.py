"""Pay of one deal that is put on hold and released, over both stores (B2, T2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.core.statement_values import Statement
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.service import payroll_holds, payroll_runs
from compsvc.service.payroll_order import warnings
from compsvc.service.payroll_ports import Hold
from compsvc.service.ports import Aborted, Caller, FailedPrecondition, Mutation, PermissionDenied
from compsvc.service.statements import Asked, explain_lines, get_statement
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, reopened, small_book
from tests.service.test_payroll_months import by_nature, owed
from tests.service.test_payroll_runs import ANNA, BERT, ask
from tests.stores import Copied

GIVEN = Hold(
    "", "held", "deal", "crm", "D-1", "", "", "", "2026-02", "dispute", "Who sold it is not clear", "", "", "", "", 0
)


CARL = Caller("carl", "finance")
CARRIES = "negative: {carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}\n"
TAKES_BACK = "clawback: {basis: as_paid, attainment: no, schedule: full}\n" + CARRIES
TAKING = partial(small_book, words=TAKES_BACK)
REVIEWING = partial(small_book, of_component="windfall: {above: 8_000, pay: review}")


@pytest.fixture
def taking(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, TAKING)
    yield from reopened(book)


@pytest.fixture
def reviewing(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, REVIEWING)
    yield from reopened(book)


@pytest.fixture
def house(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, small_book)
    yield from reopened(book)


def held(house: SmallHouse, mutation: Mutation | None = None, **words: str) -> Hold:
    asked = replace(GIVEN, **words)  # type: ignore[arg-type]
    return payroll_holds.hold_deal(house.payroll, ANNA, asked, mutation=mutation or ask())


def released(house: SmallHouse, hold: Hold, period: str, decision: str = "released") -> Hold:
    return payroll_holds.decide_hold(
        house.payroll, BERT, hold_id=hold.hold_id, decision=decision, pay_period=period, reason="Ann did",
        mutation=ask(),
    )  # fmt: skip


def test_pay_of_a_deal_is_on_hold_until_somebody_else_releases_it(house: SmallHouse) -> None:
    """10% of 10,000 is held in February and paid in March; 10% of 5,000 of another deal is paid at once."""
    house.sell("D-1", 2, 10_000)
    house.sell("D-2", 2, 5_000)
    hold = held(house)
    assert warnings(house.payroll, house.run("2026-01")) == []  # it begins in February
    (told,) = warnings(house.payroll, house.run("2026-02"))
    assert told == "Not in this run, since it is on hold or under review: pay of crm/D-1. See compsvc payroll holds."
    february = house.sealed("2026-02")
    assert by_nature(house, february) == {"commission": 1_500_00, "hold": -1_000_00}
    assert owed(house, "earned", "held", "payable") == [1_500_00, 1_000_00, 500_00]
    assert house.run("2026-02").payout_count == 0
    released(house, hold, "2026-03")
    march = house.sealed("2026-03")
    assert by_nature(house, march) == {"hold_release": 1_000_00}
    assert house.run("2026-03").payout_count == 0
    assert owed(house, "earned", "held", "payable") == [1_500_00, 0, 1_500_00]
    assert (house.wrong(), house.unexplained()) == ([], [0])


def lost(house: SmallHouse, name: str, month: int, num: int, den: int) -> None:
    row = {"source": "crm", "external_id": name, "loss_id": "1", "loss_date": date(2026, month, 20)}
    row |= {"kind": "cancellation", "share_num": num, "share_den": den, "reason": "budget"}
    house.load(Facts(losses=frame("losses", row | {"attributable_to": "customer", "evidence": "letter"})))


def test_what_is_lost_meanwhile_comes_out_of_what_is_on_hold_first(taking: SmallHouse) -> None:
    """Of 1,000 on hold a quarter is lost: 750 are left, and nothing is taken from the 500 of the other deal."""
    house = taking
    house.sell("D-1", 2, 10_000)
    hold = held(house)
    assert by_nature(house, house.sealed("2026-02")) == {"commission": 1_000_00, "hold": -1_000_00}
    house.sell("D-2", 3, 5_000)
    lost(house, "D-1", 3, 1, 4)
    assert sum(by_nature(house, house.sealed("2026-03")).values()) == 500_00
    assert owed(house, "earned", "held", "payable") == [1_250_00, 750_00, 500_00]
    released(house, hold, "2026-04")
    assert by_nature(house, house.sealed("2026-04")) == {"hold_release": 750_00}
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_what_was_paid_before_a_hold_stays_paid_and_is_taken_back_where_the_hold_lacks_it(taking: SmallHouse) -> None:
    """1,000 were paid; a revision adds 200, on hold; all 1,200 are lost: 200 come out of the hold, 1,000 do not."""
    house = taking
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    hold = held(house)
    house.sell("D-1", 1, 12_000, revision=2)
    assert sum(by_nature(house, house.sealed("2026-02")).values()) == 0
    assert owed(house, "held", "payable") == [200_00, 1_000_00]
    lost(house, "D-1", 3, 1, 1)
    house.sealed("2026-03")
    assert owed(house, "earned", "held", "recoverable") == [0, 0, 1_000_00]
    released(house, hold, "2026-04")
    assert house.run("2026-04").payout_count == 0
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_hold_of_one_participant_leaves_the_others_pay(house: SmallHouse) -> None:
    house.sell("D-1", 2, 10_000, bobs_tenths=4)
    held(house, participant_id="bob", plan="ae", component="commission")
    rows = house.payouts(house.sealed("2026-02"))
    sums = rows.group_by("participant_id").agg(pl.col("amount_minor").sum()).sort("participant_id").rows()
    assert sums == [("ann", 600_00), ("bob", 0)]


def test_a_hold_of_a_month_that_is_sealed_keeps_only_what_comes_later(house: SmallHouse) -> None:
    house.sell("D-1", 2, 10_000)
    before = house.payroll.store.as_of(house.payroll.store.last_change())
    house.sealed("2026-02")
    booked = house.payroll.store.ledger().height
    assert (before.last_entry(), house.payroll.store.last_entry()) == (0, booked)
    assert held(house).ledger_position == booked > 0
    assert house.run("2026-02").payout_count == 0
    house.sell("D-1", 2, 11_000, revision=2)
    assert by_nature(house, house.sealed("2026-02")) == {"commission": 100_00, "hold": -100_00}


@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-04"])
def test_a_hold_is_refused_where_another_keeps_the_deal_until_its_release(house: SmallHouse, month: str) -> None:
    house.sell("D-1", 2, 10_000)
    first = held(house)
    house.sealed("2026-02")
    released(house, first, "2026-05")
    until = "released for 2026-05. Hold from 2026-05 on, or what it does not keep"
    with pytest.raises(FailedPrecondition, match=until):
        held(house, pay_period=month, participant_id="ann")
    held(house, pay_period="2026-05")


def test_two_holds_of_a_deal_that_stand_at_once_keep_its_pay_once(house: SmallHouse) -> None:
    """1,000 are on hold until May; a second hold of March is in the store all the same. March pays the other deal."""
    house.sell("D-1", 2, 10_000)
    first = held(house)
    house.sealed("2026-02")
    released(house, first, "2026-05")
    seen = house.payroll.holds.holds()
    again = replace(GIVEN, hold_id="again", author="anna", pay_period="2026-03")
    house.payroll.holds.record_hold(again, ask(), seen=seen)
    house.sell("D-2", 3, 20_000)
    assert by_nature(house, house.sealed("2026-03")) == {"commission": 2_000_00}
    assert owed(house, "earned", "held", "payable") == [3_000_00, 1_000_00, 2_000_00]
    (other,) = (each for each in payroll_holds.list_holds(house.payroll, ANNA, state="held"))
    assert other.amounts[0].minor == 1_000_00
    released(house, again, "2026-06")
    assert by_nature(house, house.sealed("2026-06")) == {"hold_release": 1_000_00}
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_deal_that_is_on_hold_again_before_its_release_was_paid_stays_on_hold(house: SmallHouse) -> None:
    house.sell("D-1", 2, 10_000)
    first = held(house)
    house.sealed("2026-02")
    released(house, first, "2026-03")
    second = held(house, pay_period="2026-03", reason_code="fraud")
    assert house.run("2026-03").payout_count == 0
    released(house, second, "2026-04")
    assert by_nature(house, house.sealed("2026-04")) == {"hold_release": 1_000_00}
    third = held(house, pay_period="2026-05")
    house.sell("D-1", 2, 13_000, revision=2)
    assert by_nature(house, house.sealed("2026-05")) == {"commission": 300_00, "hold": -300_00}
    released(house, third, "2026-06")
    assert by_nature(house, house.sealed("2026-06")) == {"hold_release": 300_00}
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_run_of_before_a_hold_or_its_release_is_outdated(house: SmallHouse) -> None:
    house.sell("D-1", 2, 10_000)
    run = house.run("2026-02")
    mutation = ask("once")
    hold = held(house, mutation)
    assert held(house, mutation) == hold
    with pytest.raises(Aborted, match="The book has moved"):
        house.approve(run)
    run = house.run("2026-02")
    released(house, hold, "2026-02")
    with pytest.raises(Aborted, match="The book has moved"):
        house.approve(run)
    assert by_nature(house, house.sealed("2026-02")) == {"commission": 1_000_00}


def test_a_statement_says_what_is_on_hold_and_why_and_who_released_it(house: SmallHouse) -> None:
    house.sell("D-1", 2, 10_000)
    hold = held(house)
    assert steps(house, "2026-02") == [  # before any run
        ("payable", 1_000_00, ""),
        ("on_hold", -1_000_00, "crm/D-1 dispute: Who sold it is not clear (anna)"),
        ("paid", 0, ""),
        ("closing_on_hold", 1_000_00, ""),
    ]
    sealed = house.sealed("2026-02")
    assert house.payouts(sealed)["amount_minor"].sum() == 0
    assert steps(house, "2026-02")[1][:2] == ("on_hold", -1_000_00)
    released(house, hold, "2026-03")
    march = [
        ("opening_on_hold", 1_000_00, ""),
        ("payable", 0, ""),
        ("hold_released", 1_000_00, "crm/D-1 dispute: Ann did (bert)"),
        ("paid", 1_000_00, ""),
    ]
    assert steps(house, "2026-03") == march  # of the run to come
    house.sealed("2026-03")
    assert steps(house, "2026-03") == march
    for language, words in (("en", "released from hold"), ("de", "freigegeben")):
        assert words in statement_text(statement_message(statement(house, "2026-03")), locale=language)


def statement(house: SmallHouse, month: str) -> Statement:
    asked = Asked("ann", month, "x")
    of = (house.parts.calculations, house.payroll.store, house.parts.clock)
    return get_statement(*of, ANNA, asked, lambda found: found)


def steps(house: SmallHouse, month: str) -> list[tuple[str, int, str]]:
    (account,) = statement(house, month).accounts
    return [(step.kind, step.amount.minor, step.note) for step in account.steps]


# --- what a windfall leaves for a review


def test_what_waits_for_a_review_is_released_by_another_than_who_approves_its_pay(reviewing: SmallHouse) -> None:
    """Of 1,000 the part above 8,000 of 10,000 waits: 200."""
    house = reviewing
    house.sell("D-1", 2, 10_000)
    (waits,) = payroll_holds.list_holds(house.payroll, ANNA)
    assert (waits.hold.origin, waits.hold.participant_id, waits.amounts[0].minor) == ("review", "ann", 200_00)
    assert by_nature(house, house.sealed("2026-02")) == {"commission": 800_00}
    released(house, waits.hold, "2026-03")
    explained = explain_lines(house.parts.calculations, ANNA, Asked("ann", "2026-03", "x")).values()
    (review,) = (
        step for each in explained for step in (each.derivation, *each.derivation.steps) if step.code == "REVIEW"
    )
    assert review.values["released"] == date(2026, 3, 1)
    run = house.run("2026-03")
    assert by_nature(house, run) == {"commission": 200_00}
    with pytest.raises(PermissionDenied, match=r"the release [0-9a-f]+ of a review"):
        house.approve(run)
    payroll_runs.approve_run(house.payroll, CARL, run_id=run.run_id, digest=run.digest, mutation=ask())
    house.seal(payroll_runs.get_run(house.payroll, BERT, run_id=run.run_id))
    assert owed(house, "earned", "held", "payable") == [1_000_00, 0, 1_000_00]
    assert [each.hold.state for each in payroll_holds.list_holds(house.payroll, ANNA)] == ["released"]
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_what_is_refused_is_never_payable_and_the_statement_says_so(reviewing: SmallHouse) -> None:
    house = reviewing
    house.sell("D-1", 2, 10_000)
    assert [each.reason for each in statement(house, "2026-02").provisional] == ["review"]
    (waits,) = payroll_holds.list_holds(house.payroll, ANNA)
    refused = released(house, waits.hold, "", decision="refused")
    assert (refused.state, refused.released_period) == ("refused", "")
    assert by_nature(house, house.sealed("2026-02")) == {"commission": 800_00}
    (found,) = statement(house, "2026-02").provisional
    assert (found.reason, found.amount.minor) == ("refused", 200_00)
    with pytest.raises(FailedPrecondition, match="was refused by bert; that stands"):
        released(house, refused, "2026-03")

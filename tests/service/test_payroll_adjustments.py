"""Stated amounts beside what is calculated, and what is brought along at a cut-over, over both stores (B3, B4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.service import close_check, payroll_adjustments, payroll_openings, payroll_order
from compsvc.service.payroll_openings import Opening, PaidDeal
from compsvc.service.payroll_ports import Adjustment
from compsvc.service.payroll_runs import Payroll
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument, Mutation, PermissionDenied
from compsvc.service.statements import Asked, get_statement
from tests.adapters.store_facts import frame
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_months import by_nature, owed
from tests.service.test_payroll_runs import ANNA, BERT, ask

GIVEN = Adjustment(
    "", "written", "manual", "ann", "", "", 250_00, "EUR", "2026-02", "", "goodwill", "Promised by Vera", "letter 7",
    "", "", "",
)  # fmt: skip


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    found = small_house(book)
    yield found
    found.parts.store.close()


def changed(**words: object) -> Adjustment:
    return replace(GIVEN, **words)  # type: ignore[arg-type]


def written(house: SmallHouse, asked: Adjustment = GIVEN, mutation: Mutation | None = None) -> Adjustment:
    return payroll_adjustments.write_adjustment(house.payroll, ANNA, asked, mutation=mutation or ask())


def decided(house: SmallHouse, found: Adjustment, decision: str = "accepted", reason: str = "") -> Adjustment:
    """By Bert; where it takes back, its participant has been told of it."""
    return by_bert(house.payroll, found, decision, reason)


def by_bert(payroll: Payroll, found: Adjustment, decision: str = "accepted", reason: str = "") -> Adjustment:
    code = ""
    if decision == "accepted" and payroll_adjustments.takes_back(found):
        acknowledged(payroll, found)
        code = "wrong_terms"
    return payroll_adjustments.decide(
        payroll, BERT, adjustment_id=found.adjustment_id, decision=decision, reason=reason, reason_code=code,
        mutation=ask(),
    )  # fmt: skip


def acknowledged(payroll: Payroll, found: Adjustment, mutation: Mutation | None = None) -> Adjustment:
    own = Caller(found.participant_id, "rep")
    return payroll_adjustments.acknowledge_proposal(
        payroll, own, adjustment_id=found.adjustment_id, mutation=mutation or ask()
    )


def test_what_is_stated_is_paid_once_it_is_accepted(house: SmallHouse) -> None:
    """1,000 of a deal and 250 beside; in February's run once, on the statement, in the ledger."""
    house.sell("D-1", 2, 10_000)
    found = written(house)
    early = house.run("2026-02")
    assert by_nature(house, early) == {"commission": 1_000_00}
    (warning,) = payroll_order.warnings(house.payroll, early)
    assert warning.startswith(f"Not in this run, since nobody has decided on them: {found.adjustment_id}.")
    accepted = decided(house, found)
    assert (accepted.state, accepted.author, accepted.decider) == ("accepted", "anna", "bert")
    assert by_nature(house, house.run("2026-01")) == {}
    sealed = house.sealed("2026-02")
    assert by_nature(house, sealed) == {"adjustment": 250_00, "commission": 1_000_00}
    assert house.run("2026-02").payout_count == 0
    assert owed(house, "earned", "payable") == [1_250_00, 1_250_00]
    assert (house.wrong(), house.unexplained()) == ([], [0])
    asked = Asked("ann", "2026-02", "x")
    statement = get_statement(
        house.parts.calculations, house.payroll.store, house.parts.clock, ANNA, asked, lambda found: found
    )
    (account,) = statement.accounts
    steps = [(step.kind, step.amount.minor, step.note) for step in account.steps]
    note = f"{found.adjustment_id} goodwill: Promised by Vera (anna, bert)"
    assert steps == [("payable", 1_000_00, ""), ("adjusted", 250_00, note), ("paid", 1_250_00, "")]
    assert statement.totals[0].minor == 1_250_00


def test_an_adjustment_of_a_month_that_is_closed_meanwhile_is_paid_in_the_open_one(house: SmallHouse) -> None:
    found = written(house)
    run = house.sealed("2026-02")
    house.answer(run, *house.paid(run)) if run.payout_count else None
    for finding in close_check.check_close(house.parts.close, ANNA, pay_period="2026-02", mutation=ask()):
        which = {"pay_period": "2026-02", "finding_id": finding.finding_id}
        close_check.sign_off(house.parts.close, BERT, **which, reason="next month", mutation=ask())
    house.period("2026-02", "closed", 0)
    decided(house, found)
    march = house.payouts(house.sealed("2026-03"))
    assert march.select("nature", "amount_minor", "corrects_pay_period").rows() == [("adjustment", 250_00, "2026-02")]
    with pytest.raises(FailedPrecondition, match="2026-02 is closed"):
        written(house)


def test_nobody_decides_on_what_they_wrote_and_a_decision_stands(house: SmallHouse) -> None:
    found = written(house)
    with pytest.raises(PermissionDenied) as own:
        payroll_adjustments.decide(
            house.payroll, ANNA, adjustment_id=found.adjustment_id, decision="accepted", reason="", mutation=ask()
        )
    assert own.value.reason == "FOUR_EYES"
    with pytest.raises(InvalidArgument) as silent:
        decided(house, found, "declined")
    assert silent.value.reason == "REASON_MISSING"
    assert decided(house, found, "declined", "nobody knows of it").state == "declined"
    with pytest.raises(FailedPrecondition) as twice:
        decided(house, found)
    assert twice.value.reason == "ADJUSTMENT_DECIDED"
    assert house.run("2026-02").payout_count == 0


def test_what_makes_no_sense_is_refused_and_the_same_request_gets_the_first_answer(house: SmallHouse) -> None:
    wrong = changed(participant_id="nobody", currency_code="XYZ", kind="gift", amount_minor=0, reason=" ", plan="x")
    with pytest.raises(InvalidArgument) as error:
        written(house, wrong)
    assert [each.code for each in error.value.violations] == [
        *("UNKNOWN_PARTICIPANT", "UNKNOWN_CURRENCY", "UNKNOWN_KIND", "UNKNOWN_PLAN", "AMOUNT_OUT_OF_RANGE"),
        "REASON_MISSING",
    ]
    sent = ask("write")
    assert written(house, mutation=sent) == written(house, mutation=sent)
    assert len(house.payroll.store.adjustments()) == 1


# --- cut-over

CLAWBACK = """\
clawback: {basis: as_paid, attainment: no, schedule: full}
negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: negative first}
"""
ANN = Opening("ann", "EUR", earned_minor=5_000_00, advanced_minor=0, held_minor=300_00, draw_minor=0, negative_minor=0)


def booked(
    house: SmallHouse, *rows: Opening, day: date = date(2026, 2, 1), paid: Sequence[PaidDeal] = ()
) -> payroll_openings.BookedOpenings:
    return payroll_openings.book_openings(
        house.payroll, ANNA, source="legacy", cutover_date=day, openings=rows, paid=paid, mutation=ask()
    )


def loses(house: SmallHouse, external_id: str, month: int, share: tuple[int, int]) -> None:
    lost = {
        "source": "crm", "external_id": external_id, "loss_id": f"L-{month}", "loss_date": date(2026, month, 10),
        "kind": "cancellation", "share_num": share[0], "share_den": share[1], "reason": "insolvent",
        "attributable_to": "customer",
    }  # fmt: skip
    house.load(Facts(losses=frame("losses", lost)))


def test_what_was_paid_before_the_cut_over_is_not_paid_again_and_is_taken_back(house: SmallHouse) -> None:
    """D-1 was paid in January, elsewhere; so were 5,000 in all, of which 300 are held."""
    house.sell("D-1", 1, 10_000)
    first = booked(house, ANN)
    assert booked(house, ANN) == first
    with pytest.raises(FailedPrecondition) as other:
        booked(house, Opening("ann", "EUR", 1, 0, 0, 0, 0))
    assert other.value.reason == "OPENINGS_BOOKED"
    assert owed(house, "earned", "held", "paid", "payable") == [5_000_00, 300_00, 4_700_00, 0]
    with pytest.raises(FailedPrecondition) as early:
        house.run("2026-01")
    assert early.value.reason == "BEFORE_CUTOVER"
    assert house.sealed("2026-02").payout_count == 0
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_loss_takes_back_what_was_paid_before_the_cut_over(tmp_path: Path) -> None:
    """D-1 paid 1,000 in January, elsewhere. In March 40% of it are lost, and D-2 pays 500: 100 are left."""
    house = small_house(str(tmp_path / "book.db"), CLAWBACK)
    house.sell("D-1", 1, 10_000)
    booked(house, Opening("ann", "EUR", 1_000_00, 0, 0, 0, 0))
    house.sealed("2026-02")
    loses(house, "D-1", 3, (2, 5))
    house.sell("D-2", 3, 5_000)
    run = house.sealed("2026-03")
    assert house.payouts(run)["amount_minor"].sum() == 100_00
    assert owed(house, "earned", "paid", "payable") == [1_100_00, 1_000_00, 100_00]


@pytest.mark.parametrize(
    ("paid", "taken"),
    [
        ((), [800_00, 200_00]),  # nothing is stated: at most the 1,000 that it came to then
        ((PaidDeal("ann", "crm", "D-1", "", "EUR", 900_00),), [800_00, 100_00]),
        ((PaidDeal("ann", "crm", "D-1", "commission", "EUR", 300_00),), [300_00, 0]),
        ((PaidDeal("ann", "crm", "D-1", "commission", "EUR", 1_500_00),), [800_00, 700_00]),
    ],
)
def test_no_more_is_taken_back_than_was_paid_before_the_cut_over(
    tmp_path: Path, paid: Sequence[PaidDeal], taken: list[int]
) -> None:
    """D-1 came to 1,000 then, and would come to 2,000 now. March loses 40% of it, 800, and April the rest, 1,200."""
    house = small_house(str(tmp_path / "book.db"), CLAWBACK)
    house.sell("D-1", 1, 10_000)
    booked(house, Opening("ann", "EUR", 1_000_00, 0, 0, 0, 0), paid=paid)
    house.sell("D-1", 1, 20_000, revision=2)
    found = []
    for month, share in ((3, (2, 5)), (4, (3, 5))):
        loses(house, "D-1", month, share)
        house.sealed(f"2026-0{month}")
        entries = house.payroll.store.ledger().filter(pl.col("pay_period") == f"2026-0{month}")
        found.append(entries.filter(pl.col("account") == "earned")["amount_minor"].sum() * -1)
    assert found == taken
    assert house.unexplained() == [0]
    house.parts.store.close()


def earned_in(house: SmallHouse, month: str) -> list[tuple[str, int]]:
    rows = house.payroll.store.ledger().filter(pl.col("pay_period") == month, pl.col("account") == "earned")
    return list(rows.select("participant_id", "amount_minor").sort("participant_id").iter_rows())


def test_who_was_paid_nothing_before_the_cut_over_gives_nothing_back(tmp_path: Path) -> None:
    """D-1 of January was paid to Ann alone and is Bob's to a half since; D-2 of January is accepted after the cut-over
    as of January, so that nobody has paid it. April loses both: 500 of Ann's 1,000, nothing of Bob's, nothing for D-2
    (B3)."""
    house = small_house(str(tmp_path / "book.db"), CLAWBACK)
    house.sell("D-1", 1, 10_000)
    booked(house, Opening("ann", "EUR", 1_000_00, 0, 0, 0, 0))
    house.sell("D-1", 1, 10_000, revision=2, bobs_tenths=5)
    house.sell("D-2", 1, 3_000)
    house.sealed("2026-03")
    for each in ("D-1", "D-2"):
        loses(house, each, 4, (1, 1))
    house.sealed("2026-04")
    assert earned_in(house, "2026-04") == [("ann", -500_00)]
    assert house.unexplained() == [0]
    house.parts.store.close()


def test_what_was_paid_for_deals_makes_sense(house: SmallHouse) -> None:
    house.sell("D-1", 1, 10_000)
    wrong = [PaidDeal("zoe", "crm", "D-9", "bonus", "XYZ", -1), *[PaidDeal("ann", "crm", "D-1", "", "EUR", 1)] * 2]
    with pytest.raises(InvalidArgument) as error:
        booked(house, ANN, paid=wrong)
    assert [(each.field, each.code) for each in error.value.violations] == [
        ("paid[0].participant_id", "UNKNOWN_PARTICIPANT"),
        ("paid[0].currency_code", "UNKNOWN_CURRENCY"),
        ("paid[0].component", "UNKNOWN_COMPONENT"),
        ("paid[0].external_id", "UNKNOWN_DEAL"),
        ("paid[0].amount_minor", "AMOUNT_OUT_OF_RANGE"),
        ("paid[2]", "PAID_TWICE"),
    ]


def test_a_balance_that_was_brought_along_is_recovered(tmp_path: Path) -> None:
    """200 owed from draws and 100 from take-backs; February pays 250, which half may be taken of."""
    words = "negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: negative first}\n"
    house = small_house(str(tmp_path / "book.db"), words)
    booked(house, Opening("ann", "EUR", 0, 0, 0, draw_minor=200_00, negative_minor=100_00))
    house.sell("D-1", 2, 2_500)
    run = house.sealed("2026-02")
    assert by_nature(house, run) == {"commission": 250_00, "recovery": -125_00}
    assert owed(house, "recoverable", "payable") == [175_00, 125_00]


def test_opening_balances_come_first_and_make_sense(house: SmallHouse) -> None:
    with pytest.raises(InvalidArgument) as error:
        booked(house, ANN, ANN, Opening("zoe", "XYZ", -1, 0, 0, 0, 0), day=date(2026, 2, 2))
    assert [each.code for each in error.value.violations] == [
        *("CUTOVER_INSIDE_MONTH", "OPENING_TWICE", "UNKNOWN_PARTICIPANT", "UNKNOWN_CURRENCY", "AMOUNT_OUT_OF_RANGE"),
    ]
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    with pytest.raises(FailedPrecondition, match="A run was sealed already"):
        booked(house, ANN)

"""A sealed month and its statement of today: what came later is named, with the open month that books it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import Parse

from compsvc.core.statement_values import Money, Statement
from compsvc.entry import statement_whole_proto
from compsvc.entry.locales import Locale
from compsvc.entry.statement_beside import with_what_stands_beside
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.service.issued_statements import get_issued_statement, issue_statements
from compsvc.service.payroll import month_of
from compsvc.service.payroll_ports import PayoutOutcome
from compsvc.service.plans import create_plan
from compsvc.service.ports import PlanText
from compsvc.service.sealed_pay import (
    SealedDifference,
    adjustments_on,
    sealed_differences,
)
from compsvc.service.statements import Asked, explain_line, get_statement
from compsvc.v1 import statement_service_pb2 as pb
from tests.service.small_payroll import PLAN, SmallHouse, small_house
from tests.service.statement_ties import statement, tie
from tests.service.test_payroll_adjustments import decided, written
from tests.service.test_payroll_proposals import proposed, revalued, shares
from tests.service.test_payroll_runs import ADMIN, ANNA, ask


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    found = small_house(str(tmp_path / "book.db"))
    found.sell("D-1", 1, 100_000)
    yield found
    found.parts.store.close()


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def difference(*minor: int, next_open: str = "2026-03") -> SealedDifference:
    return SealedDifference(*map(eur, minor), next_pay_period=next_open)  # type: ignore[misc]


def printed(house: SmallHouse, month: str, locale: Locale) -> str:
    asked = Asked("ann", month, f"participants/ann/statements/{month}")
    found = get_statement(
        house.parts.calculations, house.payroll.store, house.parts.clock, ANNA, asked, statement_message
    )
    return " ".join(statement_text(with_what_stands_beside(house.parts, found, None), locale=locale).split())


def told(house: SmallHouse, current: int, month: str = "2026-01") -> list[SealedDifference]:
    payroll = house.payroll
    of = (payroll.calculations, payroll.calculations.newest(), "ann", month, [eur(current)])
    return list(sealed_differences(payroll.store, *of))


def test_what_came_after_the_seal_is_named_until_a_later_month_has_booked_it(house: SmallHouse) -> None:
    """10,000 sealed in January; 5,000 more of January come in February: open first, then corrected by February."""
    assert told(house, 1_000_000) == []  # nothing is sealed
    house.sealed("2026-01")
    assert told(house, 1_000_000) == []
    house.period("2026-01", "locked", 0)
    house.sell("D-2", 1, 50_000)
    assert told(house, 1_500_000) == [difference(1_000_000, 0, 1_500_000, 0, 0, 500_000, next_open="2026-02")]
    house.sealed("2026-02")
    assert told(house, 1_500_000) == [difference(1_000_000, 500_000, 1_500_000, 0, 0, 0)]
    assert told(house, 0, "2026-02") == []  # what February books for January is not February's


def test_what_stands_below_is_spoken_of_where_it_stands(house: SmallHouse) -> None:
    """An issued statement, and one after which nothing has changed, has nothing there."""
    run = house.sealed("2026-01")
    of = (house.payroll, house.parts.issued, ANNA)
    list(issue_statements(*of, run_id=run.run_id, written=statement_whole_proto.written, mutation=ask()))
    issued = get_issued_statement(*of, participant_id="ann", period="2026-01", name="")
    as_told = statement_text(Parse(issued.content, pb.Statement()))
    for text in (as_told, printed(house, "2026-01", "en")):
        assert "as payroll has booked it" in text
        assert "below" not in text
    assert "darunter" not in printed(house, "2026-01", "de")
    house.sell("D-2", 1, 50_000)
    assert "as payroll has booked it; what has become known since stands below" in printed(house, "2026-01", "en")
    assert "wie gebucht; was seither bekannt wurde, steht darunter" in printed(house, "2026-01", "de")


def test_the_month_that_pays_a_correction_names_it_and_the_month_that_it_corrects(house: SmallHouse) -> None:
    """January's late 5,000 and February's own 2,000 are one pay: both statements tell what was booked with which."""
    house.sealed("2026-01")
    house.period("2026-01", "locked", 0)
    house.sell("D-2", 1, 50_000)
    house.sell("D-3", 2, 20_000)
    assert "total 2026-02, gross, before tax €7,000.00" in printed(house, "2026-02", "en")  # not booked yet
    assert house.sealed("2026-02").totals == '{"EUR": 700000}'
    january, february = (statement(house, "ann", month) for month in ("2026-01", "2026-02"))
    assert amounts(january) == [("D-1", "", 1_000_000, None), ("D-2", "", 0, 500_000)]
    assert amounts(february) == [("D-2", "2026-01", 500_000, None), ("D-3", "", 200_000, None)]
    assert steps(february) == [("payable", 200_000), ("late", 500_000), ("paid", 700_000)]
    text = printed(house, "2026-01", "en")
    assert "D-2 acme upsell 15 Jan 2026 €50,000.00 €0.00 by now €5,000.00" in text
    assert "For 2026-01 €10,000.00 were sealed, €5,000.00 booked later; now it is €15,000.00." in text
    assert "für 2026-01" in printed(house, "2026-02", "de")


def test_a_correction_says_which_value_it_corrects(house: SmallHouse) -> None:
    """100,000 were 40,000 after all: 6,000 of the 10,000 paid for January are carried; March recovers 300 of them."""
    house.sealed("2026-01")
    house.sell("D-1", 1, 40_000, revision=2)
    house.sealed("2026-02")
    house.sell("D-2", 3, 3_000)
    house.sealed("2026-03")
    found = [statement(house, "ann", month) for month in ("2026-01", "2026-02", "2026-03", "2026-04")]
    assert steps(found[1]) == [
        ("payable", 0), ("late", -600_000), ("carried", 600_000), ("paid", 0), ("closing_negative", -600_000),
    ]  # fmt: skip
    assert steps(found[2]) == [
        ("opening_negative", -600_000), ("payable", 30_000), ("recovered_negative", -30_000), ("paid", 0),
        ("closing_negative", -570_000),
    ]  # fmt: skip
    assert steps(found[3]) == [
        ("opening_negative", -570_000),
        ("payable", 0),
        ("paid", 0),
        ("closing_negative", -570_000),
    ]
    assert [each.booked_pay.state for each in found if each.booked_pay] == ["sealed", "sealed", "sealed", "open"]
    assert tie(house, ("ann", "bob"), ("2026-01", "2026-02", "2026-03")) == 6
    text = printed(house, "2026-02", "en")
    assert "for 2026-01; its value was €100,000.00 and is €40,000.00" in text
    assert "der Wert war 100.000,00 € und ist 40.000,00 €" in printed(house, "2026-02", "de")
    quarter = statement(house, "ann", "2026-Q1")
    assert steps(quarter)[0] == ("payable", 430_000)  # 10,000 - 6,000 + 300: within the quarter they are its own
    assert [total.minor for total in quarter.totals] == [1_000_000]  # and what was transferred


def test_a_rejected_payout_is_paid_again_in_a_step_of_its_own(house: SmallHouse) -> None:
    run = house.sealed("2026-01")
    (payout_id,) = house.payouts(run)["payout_id"]
    house.answer(run, PayoutOutcome(payout_id, "rejected", None, "account closed"))
    january = statement(house, "ann", "2026-01")
    assert steps(january) == [("payable", 1_000_000), ("returned", -1_000_000), ("paid", 0)]
    assert [total.minor for total in january.totals] == [0]
    assert "came back, since payroll could not pay it" in printed(house, "2026-01", "en")
    house.sell("D-2", 2, 3_000)
    expected = [("payable", 30_000), ("repeated", 1_000_000), ("paid", 1_030_000)]
    assert steps(statement(house, "ann", "2026-02")) == expected  # what the next run would pay
    house.sealed("2026-02")
    assert steps(statement(house, "ann", "2026-02")) == expected
    both = [("payable", 1_030_000), ("repeated", 1_000_000), ("returned", -1_000_000), ("paid", 1_030_000)]
    assert steps(statement(house, "ann", "2026-Q1")) == both  # it was transferred once
    assert tie(house, ("ann", "bob"), ("2026-01", "2026-02")) == 4


def amounts(found: Statement) -> list[tuple[str, str, int, int | None]]:
    """Of each line the deal, the month that it corrects, what is booked and what it comes to by now."""
    return [
        (line.key.external_id, line.corrects_pay_period, line.amount.minor,
         None if line.current_amount is None else line.current_amount.minor)
        for payout in found.payouts for line in payout.lines
    ]  # fmt: skip


def steps(found: Statement) -> list[tuple[str, int]]:
    return [(step.kind, step.amount.minor) for account in found.accounts for step in account.steps]


def test_what_is_proposed_waits_and_what_is_declined_is_never_booked(house: SmallHouse) -> None:
    """Two fifths of D-1 were Bob's: 4,000 of Ann's 10,000. A run proposes it; none books it before it is decided."""
    house.sealed("2026-01")
    house.period("2026-01", "locked", 0)
    shares(house)
    no_run_yet = difference(1_000_000, 0, 600_000, -400_000, 0, 0, next_open="2026-02")  # the next one proposes it
    assert told(house, 600_000) == [no_run_yet]
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


def test_a_line_that_is_true_no_more_stands_as_it_was_booked_and_opens_as_it_was(house: SmallHouse) -> None:
    """The component is called otherwise from the first day on: what January has booked of the old one stands."""
    house.sealed("2026-01")
    text = PLAN.replace("commission:", "sales:")
    (first,) = house.parts.calculations.newest().plans
    of_plans = (house.parts.store, house.parts.plans, house.parts.parse_plan, ADMIN)
    create_plan(*of_plans, PlanText("plan.yaml", text, {}), ask(), corrects=first.revision)
    booked = statement(house, "ann", "2026-01")
    (old,) = [line for payout in booked.payouts for line in payout.lines if line.amount.minor]
    assert (old.key.component, old.amount, old.current_amount, old.step_kind) == (
        "commission", eur(1_000_000), eur(0), "gone",
    )  # fmt: skip
    of = (house.parts.calculations, house.payroll.store, ANNA, old.key)
    opened = explain_line(*of, name="x")
    assert opened.line.amount == eur(1_000_000)
    assert tie(house, ("ann", "bob"), ("2026-01",)) == 2


def test_open_is_what_the_next_run_books_whatever_was_declined_before(house: SmallHouse) -> None:
    """Halved, declined; then split 7 to 3, accepted, booked in April: nothing is left. And of a deal that is worth
    nothing any more nothing is declined."""
    house.sealed("2026-01")
    shares(house, 5, 5)
    house.sealed("2026-02")
    for proposal in proposed(house):
        decided(house, proposal, "declined", "no")
    shares(house, 7, 3)
    house.sealed("2026-03")
    for proposal in proposed(house):
        if proposal.state == "written":
            decided(house, proposal, reason="so it was")
    assert told(house, 700_000) == [difference(1_000_000, 0, 700_000, 0, 0, -300_000, next_open="2026-04")]
    house.sealed("2026-04")
    assert told(house, 700_000) == [difference(1_000_000, -300_000, 700_000, 0, 0, 0, next_open="2026-05")]
    revalued(house, 0)
    assert told(house, 0) == [difference(1_000_000, -300_000, 0, 0, 0, -700_000, next_open="2026-05")]

"""What changed terms would change in paid months is proposed, and paid once somebody accepts it (T5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.service import payroll_adjustments, payroll_order
from compsvc.service import payroll_runs as runs
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.payroll_ports import Adjustment, Run
from compsvc.service.ports import (
    Caller,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    PlanText,
)
from tests.adapters.store_facts import frame
from tests.service.small_payroll import PLAN, SmallHouse, reopened, small_house
from tests.service.test_payroll_adjustments import acknowledged, decided
from tests.service.test_payroll_runs import ADMIN, ANNA, BERT, ask
from tests.stores import Copied


@pytest.fixture
def house(book: str, copied: Copied) -> Iterator[SmallHouse]:
    """D-1 of 10,000 is Ann's, sealed in January: 1,000."""
    copied(book, january_sealed)
    yield from reopened(book)


def january_sealed(book: str) -> None:
    found = small_house(book)
    found.sell("D-1", 1, 10_000)
    found.sealed("2026-01")
    found.parts.store.close()


def shares(house: SmallHouse, ann: int = 3, bob: int = 2) -> None:
    """D-1 was Bob's to two fifths, somebody finds out."""
    deals = house.parts.store.facts_at().deals.filter(pl.col("external_id") == "D-1")
    of_deal = {"source": "crm", "external_id": "D-1", "share_den": ann + bob}
    rows = [
        {**of_deal, "position": place, "participant_id": who, "share_num": n}
        for place, (who, n) in enumerate((("ann", ann), ("bob", bob)), start=1)
        if n
    ]
    house.load(Facts(deals=deals.with_columns(pl.col("revision") + 1), splits=frame("splits", *rows)))


def revalued(house: SmallHouse, euros: int) -> None:
    """D-1 is of another value from now on, split as it is."""
    facts = house.parts.store.facts_at()
    deals = facts.deals.filter(pl.col("external_id") == "D-1")
    value = pl.lit(euros * 100, dtype=pl.Int64)
    cause = pl.lit("data_correction")
    changed = deals.with_columns(pl.col("revision") + 1, annual_value_minor=value, cause=cause)
    house.load(Facts(deals=changed, splits=facts.splits.filter(pl.col("external_id") == "D-1")))


def test_who_approves_sees_what_the_seal_will_propose(house: SmallHouse) -> None:
    """Bob's two fifths of 1,000, which Ann has."""
    shares(house)
    run = house.run("2026-02")
    (told,) = payroll_order.warnings(house.payroll, run)
    assert "changed terms: ann -400.00 EUR of 2026-01, bob 400.00 EUR of 2026-01. The seal proposes it" in told
    house.seal(house.approve(run))
    (told,) = payroll_order.warnings(house.payroll, house.run("2026-03"))
    assert told.startswith("Not in this run, since nobody has decided on them")


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


def test_a_changed_seller_of_a_paid_deal_waits_and_one_of_a_new_deal_does_not(house: SmallHouse) -> None:
    """Ann has the 1,000 of D-1, which would be Bob's. D-2 was loaded before the seal of January, and is February's."""
    house.sell("D-2", 2, 500)
    house.sell("D-1", 1, 10_000, revision=2, seller="bob")
    house.sell("D-2", 2, 500, revision=2, seller="bob")
    assert paid(house, house.sealed("2026-02")) == [("bob", 50_00, None)]
    found = [(each.participant_id, each.amount_minor, each.kind, each.corrects_pay_period) for each in proposed(house)]
    assert found == [("ann", -1_000_00, "seller", "2026-01"), ("bob", 1_000_00, "seller", "2026-01")]
    for each in proposed(house):
        decided(house, each, reason="it was hers to sell, and his to close")
    march = paid(house, house.sealed("2026-03"))
    assert march == [("ann", -1_000_00, "2026-01"), ("ann", 1_000_00, None), ("bob", 1_000_00, "2026-01")]  # carried
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


def test_changed_terms_are_proposed_where_they_come_to_what_was_posted(house: SmallHouse) -> None:
    """D-1 doubles to 20,000 and is Bob's to a half: 2,000 by Ann's terms, of which 1,000 would be his. That she would
    have 1,000 again, as posted, settles nothing: nobody has accepted it (T5)."""
    house.sell("D-1", 1, 20_000, revision=2, bobs_tenths=5)
    assert paid(house, house.sealed("2026-02")) == [("ann", 1000_00, "2026-01")]
    found = [(each.participant_id, each.amount_minor, each.kind) for each in proposed(house)]
    assert found == [("ann", -1000_00, "split"), ("bob", 1000_00, "split")]
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_rate_that_halves_while_the_deal_doubles_is_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """5% from January 10 on instead of 10%: 20,000 come to 2,000 by the terms that were accepted, and to 1,000 by the
    new ones, as posted (T5)."""
    text = PLAN.replace("    per: year\n", "    per: year\n    carry: continue\n")
    monkeypatch.setattr("tests.service.small_payroll.PLAN", text)
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    text = text.replace("effective: 2026-01-01", "effective: 2026-01-10").replace("10%", "5%")
    load = (house.parts.store, house.parts.plans, house.parts.parse_plan, ADMIN, [PlanText("plan-2.yaml", text, {})])
    load_plan_texts(*load)
    house.sell("D-1", 1, 20_000, revision=2)
    assert paid(house, house.sealed("2026-02")) == [("ann", 1000_00, "2026-01")]
    assert [(each.amount_minor, each.kind) for each in proposed(house)] == [(-1000_00, "plan")]
    house.parts.store.close()


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
    shares(house, 1, 0)
    march = house.sealed("2026-03")
    assert (paid(house, march), len(proposed(house))) == ([], 2)
    assert house.unexplained() == [0]


@pytest.mark.parametrize("decision", ["", "accepted", "declined"])
def test_a_deal_that_is_worth_nothing_any_more_leaves_nobody_anything(house: SmallHouse, decision: str) -> None:
    """Whatever became of the split: Ann owes all that she has of it, or Bob his part."""
    shares(house)
    house.sealed("2026-02")
    for each in proposed(house) if decision else ():
        decided(house, each, decision, "so agreed")
    if decision == "accepted":
        assert paid(house, house.sealed("2026-02"))[-1] == ("bob", 400_00, "2026-01")
    revalued(house, 0)
    march = house.payouts(house.sealed("2026-03")).filter(pl.col("nature") == "commission")
    owes = {"ann": -600_00, "bob": -400_00} if decision == "accepted" else {"ann": -1_000_00}
    assert dict(march.select("participant_id", "amount_minor").iter_rows()) == owes
    earned = runs.reconcile(house.payroll, ANNA)["earned_minor"].to_list()
    assert earned == [0] * len(earned)
    assert {each.state for each in proposed(house)} == {decision or "superseded"}


def test_a_proposal_that_waits_follows_its_deal_and_one_that_comes_to_the_same_stays(house: SmallHouse) -> None:
    """Of 8,000 in the place of 10,000 Bob's two fifths are 320; the 200 that Ann loses by it are posted at once."""
    shares(house)
    house.sealed("2026-02")
    first = {each.adjustment_id for each in proposed(house)}
    revalued(house, 8_000)
    march = house.payouts(house.sealed("2026-03")).filter(pl.col("nature") == "commission")
    assert dict(march.select("participant_id", "amount_minor").iter_rows()) == {"ann": -200_00}
    assert {each.adjustment_id for each in proposed(house) if each.state == "superseded"} == first
    waiting = [each for each in proposed(house) if each.state == "written"]
    assert [(each.participant_id, each.amount_minor) for each in waiting] == [("ann", -320_00), ("bob", 320_00)]
    house.sealed("2026-04")
    assert [each for each in proposed(house) if each.state == "written"] == waiting
    with pytest.raises(FailedPrecondition, match="Decide on what it has proposed instead"):
        payroll_adjustments.decide(
            house.payroll, BERT, adjustment_id=min(first), decision="accepted", reason="yes", mutation=ask()
        )


def test_what_was_declined_is_proposed_again_when_terms_change_again(house: SmallHouse) -> None:
    """Three fifths were declined. Half and half is another matter: 500 less than what Ann has."""
    shares(house)
    house.sealed("2026-02")
    for each in proposed(house):
        decided(house, each, "declined", "not agreed")
    shares(house, 1, 1)
    assert paid(house, house.sealed("2026-03")) == []
    waiting = [each for each in proposed(house) if each.state == "written"]
    assert [(each.participant_id, each.amount_minor) for each in waiting] == [("ann", -500_00), ("bob", 500_00)]


def test_what_is_held_of_a_declined_change_is_released_by_the_terms_before(tmp_path: Path) -> None:
    """A tenth of Ann's 1,000 is held until July: she is owed the whole 100, and Bob nothing."""
    house = small_house(str(tmp_path / "book.db"), "reserve: {share: 10%, for: 6 months}\n")
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    shares(house)
    house.sealed("2026-02")
    for each in proposed(house):
        decided(house, each, "declined", "not agreed")
    assert paid(house, house.sealed("2026-07")) == [("ann", 100_00, None)]
    house.parts.store.close()


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


def test_a_proposal_that_was_stored_without_its_terms_goes_by_those_of_the_run_before(tmp_path: Path) -> None:
    """As books of earlier versions have them."""
    house = small_house(str(tmp_path / "book.db"))
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    shares(house)
    house.sealed("2026-02")
    kept = house.payroll.store.kept()
    with closing(sqlite3.connect(tmp_path / "book.db")) as book, book:
        book.execute("DROP TRIGGER adjustment_parts_no_update")
        assert book.execute("UPDATE adjustment_parts SET terms_position = NULL").rowcount == kept.height == 2
    assert house.payroll.store.kept().equals(kept)
    house.parts.store.close()


def test_what_takes_back_waits_for_its_participant_and_has_a_code(house: SmallHouse) -> None:
    """Ann would give back 400 (T5): told, for a reason of the list, and not before."""
    shares(house)
    house.sealed("2026-02")
    takes, gives = proposed(house)
    words = {"adjustment_id": takes.adjustment_id, "decision": "accepted", "reason": "the split was wrong"}
    with pytest.raises(FailedPrecondition, match="ann` has not said yet") as untold:
        payroll_adjustments.decide(house.payroll, BERT, **words, reason_code="wrong_terms", mutation=ask())
    assert untold.value.reason == "ACKNOWLEDGEMENT_MISSING"
    with pytest.raises(NotFound):
        payroll_adjustments.acknowledge_proposal(
            house.payroll, Caller("bob", "rep"), adjustment_id=takes.adjustment_id, mutation=ask()
        )
    with pytest.raises(FailedPrecondition) as nothing:
        acknowledged(house.payroll, gives)
    assert nothing.value.reason == "NOTHING_TAKEN_BACK"
    first = ask()
    told = acknowledged(house.payroll, takes, first)
    assert told == replace(takes, acknowledged_time=told.acknowledged_time)
    assert told.acknowledged_time is not None
    assert acknowledged(house.payroll, takes, ask()).acknowledged_time == told.acknowledged_time  # the first one stands
    with pytest.raises(InvalidArgument, match="Did you mean `wrong_terms`") as code:
        payroll_adjustments.decide(house.payroll, BERT, **words, reason_code="wrong_term", mutation=ask())
    assert code.value.reason == "REASON_CODE_INVALID"
    done = payroll_adjustments.decide(house.payroll, BERT, **words, reason_code="agreed_change", mutation=ask())
    assert (done.state, done.decision_code, done.acknowledged_time) == (
        "accepted", "agreed_change", told.acknowledged_time)  # fmt: skip
    assert acknowledged(house.payroll, takes, first) == told  # asked again, its answer is that of then
    with pytest.raises(FailedPrecondition) as late:
        acknowledged(house.payroll, takes, ask())
    assert late.value.reason == "ADJUSTMENT_DECIDED"
    assert paid(house, house.sealed("2026-02"))[0] == ("ann", -400_00, "2026-01")


def test_a_code_goes_with_what_takes_back_alone(house: SmallHouse) -> None:
    shares(house)
    house.sealed("2026-02")
    takes, gives = proposed(house)
    for found, decision in ((gives, "accepted"), (takes, "declined")):
        with pytest.raises(InvalidArgument) as code:
            payroll_adjustments.decide(
                house.payroll, BERT, adjustment_id=found.adjustment_id, decision=decision, reason="so it is",
                reason_code="other", mutation=ask(),
            )  # fmt: skip
        assert code.value.reason == "REASON_CODE_INVALID"


@pytest.mark.parametrize(("law", "payee"), [("DE", "commercial_agent"), ("US-CA", None), ("US-NY", None)])
def test_where_the_law_keeps_accepted_pay_a_proposal_that_takes_is_only_declined(
    house: SmallHouse, law: str, payee: str | None
) -> None:
    ann = house.parts.store.facts_at().assignments.filter(pl.col("participant_id") == "ann")
    word = {"jurisdiction": pl.lit(law), "payee_class": pl.lit(payee, dtype=pl.String)}
    house.load(Facts(assignments=ann.with_columns(**word)))
    shares(house)
    house.sealed("2026-02")
    takes, gives = proposed(house)
    with pytest.raises(FailedPrecondition, match=f"in {law}") as kept:
        decided(house, takes, "accepted", "the split was wrong")
    assert kept.value.reason == "PROPOSAL_FORBIDDEN"
    decided(house, gives)  # Bob's assignment says no place
    decided(house, takes, "declined", "kept by law")
    assert paid(house, house.sealed("2026-02")) == [("bob", 400_00, "2026-01")]
    assert house.sealed("2026-03").payout_count == 0


def test_where_a_firm_is_paid_a_proposal_may_take(house: SmallHouse) -> None:
    ann = house.parts.store.facts_at().assignments.filter(pl.col("participant_id") == "ann")
    firm = {"jurisdiction": pl.lit("DE"), "payee_class": pl.lit("firm")}
    house.load(Facts(assignments=ann.with_columns(**firm)))
    shares(house)
    house.sealed("2026-02")
    assert decided(house, proposed(house)[0], "accepted", "the split was wrong").state == "accepted"

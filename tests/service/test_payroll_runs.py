"""Payroll, exactly once, over both stores: nothing is paid twice; what changes later is paid where the book is open."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from compsvc.adapters.importers import load_files
from compsvc.core.facts import Facts
from compsvc.service import pay_periods, payroll_outcomes
from compsvc.service import payroll_runs as runs
from compsvc.service.bulk_load import load_all, load_plan_texts
from compsvc.service.payroll_ports import PayoutOutcome, Run
from compsvc.service.ports import (
    Aborted,
    AlreadyExists,
    Caller,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    PermissionDenied,
)
from compsvc.wiring import open_parts, plan_texts

SAMPLE = Path(__file__).parents[2] / "plans" / "nordwind"
ADMIN, PAYROLL = Caller("anna", "admin"), Caller("pay", "payroll")
ANNA, BERT = Caller("anna", "finance"), Caller("bert", "finance")
_numbers = itertools.count()


def ask(request_id: str = "", body: bytes = b"x") -> Mutation:
    return Mutation(request_id or f"r{os.getpid()}-{next(_numbers)}", "test", body)


class House:
    """A book with the sample company, and the verbs of payroll with short names."""

    def __init__(self, book: str) -> None:
        self.book, self.parts = book, open_parts(book)
        self.open()

    def open(self) -> None:
        self.payroll = self.parts.payroll

    def fill(self) -> None:
        texts = plan_texts(SAMPLE)
        load_plan_texts(self.parts.store, self.parts.plans, self.parts.parse_plan, ADMIN, texts)
        self.load(load_files(SAMPLE / "data").facts)

    def load(self, facts: Facts) -> None:
        stored = load_all(self.parts.store, self.parts.plans, ADMIN, facts)
        assert not stored.refusals, stored.refusals

    def run(self, pay_period: str, *participants: str, by: Caller = ANNA, mutation: Mutation | None = None) -> Run:
        return runs.create_run(
            self.payroll, by, pay_period=pay_period, participant_ids=participants, mutation=mutation or ask()
        )

    def approve(self, run: Run, by: Caller = BERT, mutation: Mutation | None = None) -> Run:
        return runs.approve_run(self.payroll, by, run_id=run.run_id, digest=run.digest, mutation=mutation or ask())

    def seal(self, run: Run, mutation: Mutation | None = None) -> Run:
        return runs.seal_run(self.payroll, BERT, run_id=run.run_id, mutation=mutation or ask())

    def sealed(self, pay_period: str, *participants: str) -> Run:
        return self.seal(self.approve(self.run(pay_period, *participants)))

    def payouts(self, run: Run) -> pl.DataFrame:
        return runs.run_payouts(self.payroll, ANNA, run_id=run.run_id).payouts

    def answer(self, run: Run, *outcomes: PayoutOutcome, mutation: Mutation | None = None, head: str = "") -> Any:
        return payroll_outcomes.acknowledge(
            self.payroll, PAYROLL, run_id=run.run_id, head_hash=head or run.head_hash, outcomes=outcomes,
            mutation=mutation or ask(),
        )  # fmt: skip

    def paid(self, run: Run) -> list[PayoutOutcome]:
        return [PayoutOutcome(name, "paid", date(2026, 12, 1), "") for name in self.payouts(run)["payout_id"]]

    def period(self, name: str, state: Any, version: int, reason: str = "") -> Any:
        return pay_periods.change_pay_period(
            self.parts.close, ANNA, name=name, state=state, version=version, reason=reason, mutation=ask()
        )

    def wrong(self) -> list[str]:
        return list(runs.verify_ledger(self.payroll, ANNA))

    def unexplained(self) -> list[int]:
        return runs.reconcile(self.payroll, ANNA)["unexplained_minor"].unique().to_list()


@pytest.fixture
def house(book: str, copied: Callable[[str, Callable[[str], None]], None]) -> Iterator[House]:
    copied(book, filled)
    found = House(book)
    yield found
    found.parts.store.close()


def filled(book: str) -> None:
    found = House(book)
    found.fill()
    found.parts.store.close()


def total(run: Run) -> int:
    return int(json.loads(run.totals).get("EUR", 0))


def test_a_month_is_run_approved_sealed_paid_and_closed(house: House) -> None:
    run = house.run("2026-03")
    assert (run.state, run.created_by) == ("computed", "anna")
    sealed = house.seal(house.approve(run))
    assert (sealed.state, sealed.approved_by, sealed.digest) == ("sealed", "bert", run.digest)
    payouts = house.payouts(sealed)
    assert payouts.height == sealed.payout_count > 20
    assert payouts["amount_minor"].sum() == total(sealed) > 0
    again = house.run("2026-03")
    assert (again.payout_count, total(again)) == (0, 0)  # a second run posts nothing
    with pytest.raises(FailedPrecondition) as error:
        house.period("2026-03", "closed", 0)
    assert error.value.reason == "PAYOUTS_UNKNOWN"
    assert len(house.answer(sealed, *house.paid(sealed))) == payouts.height
    assert house.period("2026-03", "closed", 0).state == "closed"
    with pytest.raises(FailedPrecondition) as error:
        house.run("2026-03")
    assert error.value.reason == "PERIOD_CLOSED"
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_what_every_earlier_month_owes_is_in_the_first_run_and_named(house: House) -> None:
    payouts = house.payouts(house.sealed("2026-03"))
    late = payouts.filter(pl.col("corrects_pay_period").is_not_null())
    assert set(late["corrects_pay_period"]) == {"2025-02", "2025-03", "2025-04", "2025-06", "2025-07", "2025-08"} | {
        "2025-09", "2025-10", "2025-11", "2026-01", "2026-02",
    }  # fmt: skip


def later(facts: Facts, **changed: pl.DataFrame) -> Facts:
    return replace(Facts(), **changed)


def revised(house: House, external_id: str, **columns: Any) -> Facts:
    deal = house.parts.store.facts_at().deals.filter(pl.col("external_id") == external_id)
    assert deal.height == 1
    told = {"cause": "data_correction", **columns}
    values = {name: pl.lit(value, dtype=deal.schema[name]) for name, value in told.items()}
    facts = house.parts.store.facts_at()
    mine = {
        name: getattr(facts, name).filter(pl.col("external_id") == external_id)
        for name in ("deal_lines", "stages", "splits", "deal_roles")
    }
    return Facts(deals=deal.with_columns(revision=pl.col("revision") + 1, **values), **mine)


def test_a_late_change_is_paid_in_the_open_month_and_the_closed_one_stands(house: House) -> None:
    march = house.sealed("2026-03")
    before = house.payouts(march)
    house.answer(march, *house.paid(march))
    house.period("2026-03", "closed", 0)
    plain = house.parts.store.facts_at().deals.filter(
        pl.col("closed_date").is_between(date(2026, 2, 1), date(2026, 3, 31)), pl.col("annual_value_minor") > 0,
        pl.col("accepted_time").is_not_null(),
    ).sort("external_id")  # fmt: skip
    deal = plain.row(0, named=True)
    house.load(revised(house, deal["external_id"], annual_value_minor=deal["annual_value_minor"] + 10_000_00))
    april = house.sealed("2026-04")
    assert house.payouts(march).equals(before)
    corrected = house.payouts(april).filter(pl.col("corrects_pay_period").is_not_null())
    assert corrected.height > 0
    assert corrected["amount_minor"].sum() > 0
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_the_lines_stand_as_they_were_when_their_events_are_fixed(house: House) -> None:
    before = house.parts.calculations.newest().result.lines
    house.sealed("2026-06")
    newest = house.parts.calculations.newest()
    assert newest.facts.fixed_events.height > 50
    assert before is not None
    assert newest.result.lines is not None
    assert newest.result.lines.equals(before)


# --- retried, raced, contradicted


def test_the_same_request_gets_the_first_answer(house: House) -> None:
    create, approve, seal = ask("create"), ask("approve"), ask("seal")
    run = house.run("2026-03", mutation=create)
    assert house.run("2026-03", mutation=create) == run
    approved = house.approve(run, mutation=approve)
    sealed = house.seal(run, mutation=seal)
    assert house.approve(run, mutation=approve) == approved
    assert house.seal(run, mutation=seal) == sealed
    assert len(house.parts.payroll.store.runs()) == 1
    with pytest.raises(AlreadyExists) as error:
        house.run("2026-03", mutation=ask("create", b"another body"))
    assert error.value.reason == "REQUEST_ID_REUSED"
    with pytest.raises(FailedPrecondition) as wrong:
        house.seal(run)  # sealed twice, by another request
    assert wrong.value.reason == "RUN_STATE"


def test_nobody_approves_their_own_run_or_another_one_than_they_saw(house: House) -> None:
    run = house.run("2026-03")
    with pytest.raises(PermissionDenied) as denied:
        house.approve(run, by=ANNA)
    assert denied.value.reason == "FOUR_EYES"
    with pytest.raises(FailedPrecondition) as wrong:
        house.approve(replace(run, digest="0" * 64))
    assert wrong.value.reason == "DIGEST_DIFFERS"
    with pytest.raises(FailedPrecondition) as early:
        house.seal(run)
    assert early.value.reason == "RUN_STATE"


def test_of_two_runs_of_a_month_only_one_is_sealed(house: House) -> None:
    one, two = house.run("2026-03"), house.run("2026-03")
    one, two = house.approve(one), house.approve(two)
    house.seal(one)
    with pytest.raises(Aborted) as error:
        house.seal(two)
    assert error.value.reason == "RUN_OUTDATED"
    assert house.wrong() == []


def test_a_run_that_the_book_has_left_behind_is_not_sealed(house: House) -> None:
    run = house.approve(house.run("2026-03"))
    deal = house.parts.store.facts_at().deals.filter(
        pl.col("closed_date").is_between(date(2026, 2, 1), date(2026, 3, 31)), pl.col("annual_value_minor") > 0
    ).sort("external_id").row(0, named=True)  # fmt: skip
    house.load(revised(house, deal["external_id"], annual_value_minor=deal["annual_value_minor"] * 2))
    entries = house.parts.payroll.store.ledger().height
    with pytest.raises(Aborted):
        house.seal(run)
    assert house.parts.payroll.store.ledger().height == entries == 0


def test_an_acknowledgement_names_the_hash_and_each_payout_once(house: House) -> None:
    run = house.sealed("2026-03")
    first, second, *_ = house.paid(run)
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: house.answer(run, first, head="0" * 64), "HASH_DIFFERS"),
        (lambda: house.answer(run, replace(first, payout_id="x")), "OUTCOMES_INVALID"),
        (lambda: house.answer(run, first, first), "OUTCOMES_INVALID"),
        (lambda: house.answer(run, replace(first, paid_date=None)), "OUTCOMES_INVALID"),
    ]
    for call, reason in cases:
        with pytest.raises((FailedPrecondition, InvalidArgument)) as error:
            call()
        assert error.value.reason == reason
    assert not house.payroll.store.outcomes()
    sent = ask("ack")
    house.answer(run, first, second, mutation=sent)
    height = house.payroll.store.ledger().height
    house.answer(run, first, second, mutation=sent)  # the reply was lost
    house.answer(run, first)  # and told again by another request
    assert house.payroll.store.ledger().height == height
    with pytest.raises(InvalidArgument):
        house.answer(run, PayoutOutcome(first.payout_id, "rejected", None, "no account"))
    assert house.wrong() == []


def test_a_rejected_payout_is_paid_again_by_the_next_run_once(house: House) -> None:
    run = house.sealed("2026-03")
    first, *others = house.paid(run)
    house.answer(run, PayoutOutcome(first.payout_id, "rejected", None, "account closed"), *others)
    april = house.sealed("2026-04")
    repeated = house.payouts(april).filter(pl.col("repeats_payout_id") == first.payout_id)
    assert repeated.height == 1
    assert house.payouts(house.run("2026-04")).height == 0
    house.answer(april, *house.paid(april))
    assert house.unexplained() == [0]
    owed = runs.reconcile(house.payroll, ANNA)
    assert owed["payable_minor"].sum() == 0  # everything that was ever payable is paid


def test_an_earlier_month_runs_and_closes_after_a_later_one(house: House) -> None:
    """What the later one has booked is not taken back by the earlier one, nor missing in it."""
    march = house.sealed("2026-03")
    april = house.sealed("2026-04")
    assert april.payout_count > 0
    assert house.run("2026-03").payout_count == 0
    house.answer(march, *house.paid(march))
    assert house.period("2026-03", "closed", 0).state == "closed"
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_request_that_changed_a_pay_period_gets_its_first_answer(house: House) -> None:
    sent = ask("lock")

    def lock(mutation: Mutation) -> Any:
        return pay_periods.change_pay_period(
            house.parts.close, ANNA, name="2026-05", state="closed", version=0, reason="", mutation=mutation
        )

    run = house.sealed("2026-05")
    house.answer(run, *house.paid(run))
    first = lock(sent)
    assert first.state == "closed"
    assert house.period("2026-05", "open", 1, "a deal was missed").version == 2
    assert lock(sent) == first
    assert pay_periods.get_pay_period(house.payroll, ANNA, name="2026-05").version == 2


def test_off_cycle_a_run_pays_those_named(house: House) -> None:
    run = house.sealed("2026-03", "hanna")
    assert set(house.payouts(run)["participant_id"]) == {"hanna"}
    rest = house.sealed("2026-03")
    assert "hanna" not in set(house.payouts(rest)["participant_id"])
    assert house.wrong() == []


def test_a_period_changes_by_compare_and_set_and_opens_again_with_a_reason(house: House) -> None:
    assert house.period("2026-05", "locked", 0).version == 1
    with pytest.raises(Aborted):
        house.period("2026-05", "open", 0)
    with pytest.raises(FailedPrecondition):
        house.run("2026-05")
    house.period("2026-05", "open", 1)
    run = house.sealed("2026-05")
    house.answer(run, *house.paid(run))
    house.period("2026-05", "closed", 2)
    with pytest.raises(InvalidArgument):
        house.period("2026-05", "open", 3)
    assert house.period("2026-05", "open", 3, "a deal was missed").version == 4


def test_times_of_runs_follow_each_other(house: House) -> None:
    times = [run.recorded_time for run in (house.run("2026-01"), house.run("2026-02"))]
    assert times == sorted(times)
    assert datetime.now(times[0].tzinfo) - times[0] < timedelta(hours=1)


def test_what_is_below_zero_cannot_be_rejected(house: House) -> None:
    """A recovery that came back alone would be a payout below zero (T3)."""
    march = house.sealed("2026-07")
    recovered = house.payouts(march).filter(pl.col("amount_minor") < 0)
    assert recovered.height > 0
    with pytest.raises(InvalidArgument) as error:
        house.answer(march, PayoutOutcome(recovered["payout_id"][0], "rejected", None, "no"))
    assert [each.code for each in error.value.violations] == ["ANSWERED_APART"]
    whose = house.payouts(march).filter(pl.col("participant_id") == recovered["participant_id"][0])
    back = PayoutOutcome(recovered["payout_id"][0], "rejected", None, "no")
    others = whose.filter(pl.col("payout_id") != back.payout_id)["payout_id"]
    told = [back, *(PayoutOutcome(name, "paid", date(2026, 8, 1), "") for name in others)]
    with pytest.raises(InvalidArgument) as error:
        house.answer(march, *told)
    assert [each.code for each in error.value.violations] == ["OUTCOME_IMPOSSIBLE"]

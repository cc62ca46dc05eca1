"""Payroll against a small model, whatever order things come in: late deals, changes, runs, approvals, seals, outcomes,
closes. Nothing is paid twice, what is paid and owed is what was earned, nothing is unexplained, the chain holds.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from compsvc.service import payroll_runs as runs
from compsvc.service.payroll_ports import Adjustment, Hold, PayoutOutcome, Run
from compsvc.service.ports import Aborted, FailedPrecondition, InvalidArgument
from tests.service.small_payroll import PEOPLE, SmallHouse, small_book
from tests.service.test_payroll_adjustments import GIVEN, decided, written
from tests.service.test_payroll_holds import held, released
from tests.service.test_payroll_runs import ANNA
from tests.stores import Copied

ROUNDS = int(os.environ.get("COMPSVC_PROVE", "0"))  # `make prove` says how many
MONTHS = st.integers(1, 4)
EUROS = st.integers(0, 50).map(lambda tens: tens * 10)


@contextmanager
def refused(*reasons: str) -> Iterator[None]:
    """What is inside may be refused, for these reasons alone."""
    try:
        yield
    except (Aborted, FailedPrecondition) as error:
        if error.reason not in reasons:
            raise


@dataclass(frozen=True)
class _Deal:
    seller: str
    month: int
    euros: int
    revision: int = 1
    bobs_tenths: int = -1  # where it is split

    def pays(self, who: str) -> int:
        """A tenth, in cents."""
        if self.bobs_tenths < 0:
            return self.euros * 10 * (who == self.seller)
        return self.euros * (self.bobs_tenths if who == "bob" else 10 - self.bobs_tenths)


class PayrollMachine(RuleBasedStateMachine):
    def __init__(self, book: str, copied: Copied) -> None:
        super().__init__()
        copied(book, small_book)
        self.house = SmallHouse(book)
        self.deals: dict[str, _Deal] = {}
        self.stated: list[tuple[str, int, int]] = []  # adjustments that were accepted: of whom, month, cents
        self.declined = False  # a proposal was: then what is booked is not what today's terms say
        self.runs: list[Run] = []
        self.sealed: list[Run] = []
        self.bank: Counter[str] = Counter()  # what payroll has transferred, by payout id, in cents
        self.told: set[str] = set()

    def teardown(self) -> None:
        self.house.parts.store.close()

    @rule(month=MONTHS, euros=EUROS, seller=st.sampled_from(PEOPLE))
    def a_deal_comes_late_or_not(self, month: int, euros: int, seller: str) -> None:
        name = f"D-{len(self.deals)}"
        self._store(name, _Deal(seller, month, euros))

    @precondition(lambda self: self.deals)
    @rule(data=st.data(), euros=EUROS)
    def a_deal_changes(self, data: st.DataObject, euros: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.deals)))
        found = self.deals[name]
        self._store(name, replace(found, euros=euros, revision=found.revision + 1))

    @precondition(lambda self: self.deals)
    @rule(data=st.data(), tenths=st.integers(0, 10))
    def a_deal_is_split_anew(self, data: st.DataObject, tenths: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.deals)))
        found = self.deals[name]
        self._store(name, replace(found, bobs_tenths=tenths, revision=found.revision + 1))

    def _store(self, name: str, sold: _Deal) -> None:
        self.house.sell(
            name, sold.month, sold.euros, revision=sold.revision, seller=sold.seller, bobs_tenths=sold.bobs_tenths
        )
        self.deals[name] = sold

    @rule(month=MONTHS, who=st.sampled_from(PEOPLE), cents=st.sampled_from([-3_00, 1, 50_00]))
    def an_amount_is_stated_and_accepted(self, month: int, who: str, cents: int) -> None:
        with refused("PERIOD_CLOSED"):
            asked = replace(GIVEN, participant_id=who, amount_minor=cents, pay_period=f"2026-0{month}")
            decided(self.house, written(self.house, asked))
            self.stated.append((who, month, cents))

    @precondition(lambda self: self.deals)
    @rule(data=st.data(), month=MONTHS, who=st.sampled_from(["", "ann"]))
    def a_deal_is_put_on_hold(self, data: st.DataObject, month: int, who: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.deals)))
        with refused("PERIOD_CLOSED", "HOLD_STANDS"):
            held(self.house, external_id=name, pay_period=f"2026-0{month}", participant_id=who)

    @precondition(lambda self: self._on_hold())
    @rule(data=st.data(), later=st.integers(0, 2))
    def a_deal_is_released(self, data: st.DataObject, later: int) -> None:
        found = data.draw(st.sampled_from(self._on_hold()))
        with refused("PERIOD_CLOSED"):
            released(self.house, found, f"2026-0{int(found.pay_period[-2:]) + later}")

    def _on_hold(self) -> list[Hold]:
        return [each for each in self.house.payroll.holds.holds() if each.state == "held"]

    @precondition(lambda self: self._waiting())
    @rule(decision=st.sampled_from(["accepted", "accepted", "declined"]))
    def what_is_proposed_is_decided_on(self, decision: str) -> None:
        for each in self._waiting():
            decided(self.house, each, decision, "so agreed")
        self.declined |= decision == "declined"

    def _waiting(self) -> list[Adjustment]:
        found = self.house.payroll.store.adjustments()
        return [each for each in found if (each.origin, each.state) == ("proposed", "written")]

    @rule(month=MONTHS, only=st.sampled_from([(), (), ("ann",)]))
    def a_run(self, month: int, only: tuple[str, ...]) -> None:
        with refused("PERIOD_CLOSED"):
            self.runs.append(self.house.run(f"2026-0{month}", *only))

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def a_seal(self, data: st.DataObject) -> None:
        """Any run, however old: what no more holds is refused and books nothing."""
        run = data.draw(st.sampled_from(self.runs))
        before = self.house.payroll.store.ledger().height
        sealed = None
        with refused("RUN_OUTDATED", "RUN_STATE", "PERIOD_CLOSED", "BOOK_MOVED"):
            sealed = self.house.seal(self.house.approve(run))
        if sealed is None:
            assert self.house.payroll.store.ledger().height == before
            return
        self.sealed.append(sealed)
        if not sealed.participant_ids and sealed.pay_period == max(each.pay_period for each in self.sealed):
            self._everything_is_booked(sealed.pay_period)

    def _everything_is_booked(self, until: str) -> None:
        """10% of what was sold to the end of the month, as it is split, and what was stated, to the cent; and computed
        again nothing is left. Where changed splits wait or were declined, less or more is."""
        if not self.declined and not self._waiting():
            self._everybody_has_theirs(until)
        assert self.house.run(until).payout_count == 0

    def _everybody_has_theirs(self, until: str) -> None:
        owed = self.house.payroll.store.ledger()
        assert runs.reconcile(self.house.payroll, ANNA).height <= len(PEOPLE)
        for who in PEOPLE:
            earned = sum(each.pays(who) for each in self.deals.values() if f"2026-0{each.month}" <= until)
            earned += sum(cents for of, month, cents in self.stated if of == who and f"2026-0{month}" <= until)
            given = owed.filter(
                pl.col("participant_id") == who, pl.col("account").is_in(["payable", "paid", "recoverable", "held"])
            )
            assert -given["amount_minor"].sum() == earned, who

    @precondition(lambda self: self.sealed)
    @rule(data=st.data(), outcome=st.sampled_from(["paid", "paid", "rejected"]))
    def payroll_answers(self, data: st.DataObject, outcome: str) -> None:
        """Some payouts of a run, now or much later; sometimes the same again."""
        run = data.draw(st.sampled_from(self.sealed))
        payouts = {row["payout_id"]: row["amount_minor"] for row in self.house.payouts(run).iter_rows(named=True)}
        left = sorted(set(payouts) - self.told)
        if not left:
            return
        chosen = left[: data.draw(st.integers(1, len(left)))]
        answers = [
            PayoutOutcome(each, "paid", run.recorded_time.date(), "") if outcome == "paid"
            else PayoutOutcome(each, "rejected", None, "account closed")
            for each in chosen
        ]  # fmt: skip
        if faults := self._answered(run, answers):
            assert faults <= {"ANSWERED_APART"}
            assert not {each.payout_id for each in self.house.payroll.store.outcomes(run.run_id)} & set(chosen)
            return
        self.told |= set(chosen)
        if outcome == "paid":
            assert not self.bank.keys() & set(chosen)
            self.bank.update({each: payouts[each] for each in chosen})

    def _answered(self, run: Run, answers: list[PayoutOutcome]) -> set[str]:
        """Told twice; why it is refused."""
        try:
            for _ in range(2):
                self.house.answer(run, *answers)
        except InvalidArgument as error:
            return {each.code for each in error.violations}
        return set()

    @precondition(lambda self: self.sealed)
    @rule(data=st.data(), again=st.booleans())
    def a_month_closes_where_it_can(self, data: st.DataObject, again: bool) -> None:
        name = data.draw(st.sampled_from(self.sealed)).pay_period
        version = self.house.payroll.store.pay_period(name).version
        with refused("DIFFERENCES_OPEN", "PAYOUTS_UNKNOWN", "FINDINGS_OPEN"):  # a month before it was never run
            self.house.period(name, "closed", version, "done")
            if again:
                self.house.period(name, "open", version + 1, "a deal was missed")

    @invariant()
    def the_chain_holds_and_nothing_is_unexplained(self) -> None:
        assert self.house.wrong() == []
        assert self.house.unexplained() in ([], [0])

    @invariant()
    def what_the_ledger_calls_paid_is_what_was_transferred(self) -> None:
        paid = runs.reconcile(self.house.payroll, ANNA)["paid_minor"].sum()
        assert paid == sum(self.bank.values())

    @invariant()
    def what_is_transferred_to_somebody_by_a_run_is_never_below_zero(self) -> None:
        for run in self.sealed:
            payouts = self.house.payouts(run)
            for (_,), own in payouts.group_by("participant_id"):
                ids = set(own["payout_id"])
                assert ids - self.told or sum(self.bank[each] for each in ids) >= 0

    @invariant()
    def no_rejected_payout_is_repeated_twice(self) -> None:
        repeated = [
            name for run in self.sealed for name in self.house.payouts(run)["repeats_payout_id"].drop_nulls().to_list()
        ]
        assert len(repeated) == len(set(repeated))


@pytest.mark.timeout(7200 if ROUNDS else 120)
def test_in_whatever_order_things_come(book: str, copied: Copied) -> None:
    run_state_machine_as_test(
        lambda: PayrollMachine(book, copied),
        settings=settings(
            max_examples=ROUNDS or 3,
            stateful_step_count=30 if ROUNDS else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

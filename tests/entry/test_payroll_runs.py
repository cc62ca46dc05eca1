"""Payroll runs over gRPC: a month from run to close, and every refusal of docs/errors.md on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1.dispute_service_pb2 import OpenDisputeRequest
from compsvc.v1.dispute_service_pb2_grpc import DisputeServiceStub
from tests.entry.payroll_server import (
    ANNA,
    BERT,
    PAYROLL,
    PayrollHouse,
    Who,
    acknowledgement,
    fresh,
    paid,
    rejected,
)
from tests.pages import table

from .conftest import is_as_the_page_says, told

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PayrollHouse]:
    found = PayrollHouse(tmp_path)
    yield found
    found.stop()


def test_a_month_from_run_to_close(house: PayrollHouse) -> None:
    run = house.created()
    assert (run.state, run.creator, run.pay_period) == (pb.Run.STATE_COMPUTED, "anna", "payPeriods/2026-03")
    proposed = house.listed(run)
    assert {payout.state for payout in proposed} == {pb.RunPayout.STATE_COMPUTED}
    approved = house.approved(run)
    sealed = house.call("SealRun", pb.SealRunRequest(name=run.name, request_id=fresh()), BERT)
    assert (sealed.state, sealed.approver, sealed.digest) == (pb.Run.STATE_SEALED, "bert", run.digest)
    assert approved.head_hash == ""
    waiting = house.listed(sealed)
    assert [payout.payout_id for payout in waiting] == [payout.payout_id for payout in proposed]
    assert {payout.state for payout in waiting} == {pb.RunPayout.STATE_SEALED}
    payouts = house.exported(sealed)
    listed = house.listed(sealed)
    assert all(payout.display_name for payout in listed)
    for payout in listed:
        payout.display_name = ""  # an export goes by ids alone
    assert payouts == house.exported(sealed) == listed
    assert {payout.state for payout in payouts} == {pb.RunPayout.STATE_UNKNOWN}
    (total,) = sealed.totals
    assert len(payouts) == sealed.payout_count > 20
    assert sum(payout.amount.minor_units for payout in payouts) == total.minor_units > 0

    first, *others = payouts
    house.acknowledged(sealed, [paid(each.payout_id) for each in others[:-1]])
    unknown = house.listed(sealed, state=pb.RunPayout.STATE_UNKNOWN, size=1)
    assert [each.payout_id for each in unknown] == [first.payout_id, others[-1].payout_id]
    answered = house.acknowledged(sealed, [rejected(first.payout_id), paid(others[-1].payout_id)])
    assert len(answered) == 2
    (refused,) = house.listed(sealed, state=pb.RunPayout.STATE_REJECTED)
    assert (refused.payout_id, refused.reason) == (first.payout_id, "account closed")

    again = house.sealed("2026-04")
    (repeated,) = [each for each in house.exported(again) if each.repeats_payout_id]
    assert (repeated.repeats_payout_id, repeated.amount) == (first.payout_id, first.amount)
    objection = OpenDisputeRequest(subject="participants/hanna/statements/2026-03", text="Low", request_id=fresh())
    DisputeServiceStub(house.channel).OpenDispute(objection, metadata=house.headers("hanna", "rep"))
    with pytest.raises(grpc.RpcError, match="compsvc payroll close-check 2026-03"):
        house.period("2026-03", pb.PayPeriod.STATE_CLOSED, 0)
    assert {each.entries[-1].author for each in house.signed_off("2026-03")} == {"bert"}
    assert house.period("2026-03", pb.PayPeriod.STATE_CLOSED, 0).version == 1
    period = house.call("GetPayPeriod", pb.GetPayPeriodRequest(name="payPeriods/2026-03"))
    assert (period.state, period.changer) == (pb.PayPeriod.STATE_CLOSED, "anna")
    listed = house.call("ListRuns", pb.ListRunsRequest(pay_period="payPeriods/2026-03"))
    assert [each.name for each in listed.runs] == [run.name]
    balances_explain_themselves(house)


def balances_explain_themselves(house: PayrollHouse) -> None:
    found = house.call("Reconcile", pb.ReconcileRequest(page_size=500))
    assert found.unexplained_count == 0
    for each in found.balances:
        left = each.earned.minor_units + each.advanced.minor_units + each.recoverable.minor_units
        right = each.held.minor_units + each.payable.minor_units + each.paid.minor_units
        assert left - right == each.unexplained.minor_units == 0
    verified = house.call("VerifyLedger", pb.VerifyLedgerRequest())
    assert (verified.entry_count, list(verified.faults)) == (found.ledger_position, [])
    assert len(verified.head_hash) == 64


def test_runs_and_balances_come_in_pages_that_stand(house: PayrollHouse) -> None:
    names = [house.created().name for _ in range(3)]
    first = house.call("ListRuns", pb.ListRunsRequest(page_size=2))
    house.created("2026-04")
    second = house.call("ListRuns", pb.ListRunsRequest(page_size=2, page_token=first.next_page_token))
    assert [run.name for run in [*first.runs, *second.runs]][:3] == names
    assert second.next_page_token == ""
    march = house.sealed()
    one = house.call("Reconcile", pb.ReconcileRequest(page_size=1))
    house.acknowledged(march, [paid(each.payout_id) for each in house.exported(march)])
    two = house.call("Reconcile", pb.ReconcileRequest(page_size=1, page_token=one.next_page_token))
    assert two.ledger_position == one.ledger_position
    assert two.balances[0].paid.minor_units == 0 < two.balances[0].payable.minor_units


def test_every_request_may_be_sent_again(house: PayrollHouse) -> None:
    """Each gets its first answer, also where the book has moved on since."""
    run = house.created()
    sent: list[tuple[str, Any, Who]] = [
        ("ApproveRun", pb.ApproveRunRequest(name=run.name, digest=run.digest, request_id=fresh()), BERT),
        ("SealRun", pb.SealRunRequest(name=run.name, request_id=fresh()), BERT),
    ]
    answers = [house.call(*each) for each in sent]
    sealed = answers[-1]
    outcomes = [paid(each.payout_id) for each in house.exported(sealed)]
    for request in (acknowledgement(sealed, outcomes[:3]), acknowledgement(sealed, outcomes[3:])):
        sent.append(("AcknowledgePayouts", request, PAYROLL))
        answers.append(house.call(*sent[-1]))
    house.signed_off("2026-03")
    for version, state in enumerate((pb.PayPeriod.STATE_LOCKED, pb.PayPeriod.STATE_CLOSED)):
        request_ = pb.ChangePayPeriodRequest(
            name="payPeriods/2026-03", state=state, version=version, request_id=fresh()
        )
        sent.append(("ChangePayPeriod", request_, ANNA))
        answers.append(house.call(*sent[-1]))
    entries = house.call("VerifyLedger", pb.VerifyLedgerRequest()).entry_count
    assert [house.call(*each) for each in sent] == answers
    assert house.call("VerifyLedger", pb.VerifyLedgerRequest()).entry_count == entries


# --- refused


@dataclass
class Month:
    """2026-01 is closed, 2026-03 sealed and exported, 2026-04 computed; another run of 2026-03 came too late."""

    house: PayrollHouse
    sealed: pb.Run
    outdated: pb.Run
    april: pb.Run
    told: str
    untold: str


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    house = PayrollHouse(tmp_path_factory.mktemp("month"))
    january = house.sealed("2026-01")
    house.acknowledged(january, [paid(each.payout_id) for each in house.exported(january)])
    house.signed_off("2026-01")
    house.period("2026-01", pb.PayPeriod.STATE_CLOSED, 0)
    outdated = house.created("2026-03")
    house.created("2026-03", request_id="taken")
    sealed = house.sealed("2026-03")
    first, second, *_ = house.exported(sealed)
    house.acknowledged(sealed, [paid(first.payout_id)])
    yield Month(house, sealed, outdated, house.created("2026-04"), first.payout_id, second.payout_id)
    house.stop()


Make = Callable[[Month], tuple[Any, Who]]


def create(period: str = "payPeriods/2026-04", who: Who = ANNA, **more: Any) -> Make:
    return lambda month: (pb.CreateRunRequest(**{"pay_period": period, "request_id": fresh(), **more}), who)


def approve(pick: Callable[[Month], pb.Run], who: Who = BERT, **more: Any) -> Make:
    return lambda month: (
        pb.ApproveRunRequest(**{"name": pick(month).name, "digest": pick(month).digest, "request_id": fresh(), **more}),
        who,
    )


def named(kind: Any, pick: Callable[[Month], pb.Run], who: Who = BERT, request_id: str = "") -> Make:
    return lambda month: (kind(name=pick(month).name, request_id=request_id or fresh()), who)


def payouts(pick: Callable[[Month], pb.Run], token: Callable[[Month], str] = lambda month: "") -> Make:
    return lambda month: (pb.ListRunPayoutsRequest(parent=pick(month).name, page_token=token(month)), ANNA)


def tell(outcome: Callable[[Month], pb.PayoutOutcome | None], **more: str) -> Make:
    def made(month: Month) -> tuple[Any, Who]:
        found = outcome(month)
        return acknowledgement(month.sealed, [found] if found else [], **more), PAYROLL

    return made


def change(period: str, state: Any, version: int = 0) -> Make:
    name = f"payPeriods/{period}"
    return lambda month: (
        pb.ChangePayPeriodRequest(name=name, state=state, version=version, request_id=fresh()),
        ANNA,
    )


def april(month: Month) -> pb.Run:
    return month.april


def march(month: Month) -> pb.Run:
    return month.sealed


def late(month: Month) -> pb.Run:
    return month.outdated


def token_of_march(month: Month) -> str:
    page = month.house.call("ListRunPayouts", pb.ListRunPayoutsRequest(parent=month.sealed.name, page_size=1))
    return str(page.next_page_token)


PAID = pb.PayoutOutcome.OUTCOME_PAID
CASES: Mapping[tuple[str, str], Make] = {
    ("an unknown month", "CreateRun"): create("payPeriods/2026-13"),
    ("a month without its collection", "CreateRun"): create("2026-04"),
    ("no request id", "CreateRun"): create(request_id=""),
    ("an unknown participant", "CreateRun"): create(participant_ids=["hanna", "nobody"]),
    ("a month that has not begun", "CreateRun"): create("payPeriods/2199-01"),
    ("a closed pay period", "CreateRun"): create("payPeriods/2026-01"),
    ("a request id with another body", "CreateRun"): create(request_id="taken"),
    ("an unknown run", "GetRun"): lambda month: (pb.GetRunRequest(name="runs/none"), ANNA),
    ("the own run", "ApproveRun"): approve(april, who=ANNA),
    ("another digest than the run's", "ApproveRun"): approve(april, digest="0" * 64),
    ("a run that another seal has outdated", "ApproveRun"): approve(late),
    ("a run that nobody has approved", "SealRun"): named(pb.SealRunRequest, april),
    ("a run that is sealed", "SealRun"): named(pb.SealRunRequest, march),
    ("a request id of another call", "SealRun"): named(pb.SealRunRequest, march, request_id="taken"),
    ("a run that is sealed", "CancelRun"): named(pb.CancelRunRequest, march),
    ("a run that is not sealed", "ExportRun"): named(pb.ExportRunRequest, april, PAYROLL),
    ("a run that another seal has outdated", "ListRunPayouts"): payouts(late),
    ("a page token of another run", "ListRunPayouts"): payouts(april, token_of_march),
    ("another hash than the seal's", "AcknowledgePayouts"): tell(lambda month: paid(month.untold), head_hash="0" * 64),
    ("no outcome", "AcknowledgePayouts"): tell(lambda month: None),
    ("neither paid nor rejected", "AcknowledgePayouts"): tell(lambda month: pb.PayoutOutcome(payout_id=month.untold)),
    ("a payout of another run", "AcknowledgePayouts"): tell(lambda month: paid("0" * 32)),
    ("paid without a date", "AcknowledgePayouts"): tell(
        lambda month: pb.PayoutOutcome(payout_id=month.untold, outcome=PAID)
    ),
    ("rejected without a reason", "AcknowledgePayouts"): tell(lambda month: rejected(month.untold, " ")),
    ("told otherwise before", "AcknowledgePayouts"): tell(lambda month: paid(month.told, "2026-04-02")),
    ("a version that has moved on", "ChangePayPeriod"): change("2026-05", pb.PayPeriod.STATE_LOCKED, 3),
    ("opened again without a reason", "ChangePayPeriod"): change("2026-01", pb.PayPeriod.STATE_OPEN, 1),
    ("payouts without an outcome", "ChangePayPeriod"): change("2026-03", pb.PayPeriod.STATE_CLOSED),
    ("differences that are not booked", "ChangePayPeriod"): change("2026-11", pb.PayPeriod.STATE_CLOSED),
}


ROWS = list(table(PAGE, "Payroll runs, case by case"))


def test_every_row_of_the_page_is_made_and_every_case_is_on_the_page() -> None:
    assert [(what, call) for what, call, *_ in ROWS] == list(CASES)


@pytest.mark.parametrize(("what", "call", "code", "reason", "detail"), ROWS, ids=lambda text: str(text) or "-")
def test_a_bad_call_is_answered_as_the_page_says(
    month: Month, what: str, call: str, code: str, reason: str, detail: str
) -> None:
    entries = month.house.call("VerifyLedger", pb.VerifyLedgerRequest()).entry_count
    request, who = CASES[what, call](month)
    read = list if call == "ExportRun" else bool  # a stream tells its error to who reads it
    with pytest.raises(grpc.RpcError) as error:
        read(month.house.call(call, request, who))
    is_as_the_page_says(told(error.value), code, reason, detail)
    assert month.house.call("VerifyLedger", pb.VerifyLedgerRequest()).entry_count == entries

"""Adjustments and opening balances on a real server: every refusal of docs/errors.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1.types_pb2 import Money
from tests.pages import table

from .conftest import day, is_as_the_page_says, told
from .payroll_server import ANNA, BERT, PAYROLL, PayrollHouse, Who, fresh

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
HANNA = ("hanna", "rep")


class Desk(PayrollHouse):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.period("2027-02", pb.PayPeriod.STATE_LOCKED, 0)
        self.open = self.call("WriteAdjustment", stated(request_id="open"))
        self.declined = self.call("WriteAdjustment", stated())
        self.call("DecideAdjustment", decision(self.declined, reason="nobody knows of it"), BERT)
        self.call("WriteAdjustment", stated())
        page = self.call("ListAdjustments", pb.ListAdjustmentsRequest(page_size=1))
        self.token_of_all = page.next_page_token


def stated(request_id: str = "", **words: Any) -> pb.WriteAdjustmentRequest:
    fields = {
        "participant_id": "hanna", "pay_period": "payPeriods/2027-01", "kind": "goodwill", "reason": "Promised.",
        "amount": Money(currency_code="EUR", minor_units=250_00), **words,
    }  # fmt: skip
    return pb.WriteAdjustmentRequest(adjustment=pb.Adjustment(**fields), request_id=request_id or fresh())


def decision(of: pb.Adjustment, **words: Any) -> pb.DecideAdjustmentRequest:
    fields = {"name": of.name, "decision": pb.Adjustment.STATE_DECLINED, **words}
    return pb.DecideAdjustmentRequest(request_id=fresh(), **fields)


def told_of(found: pb.Adjustment) -> pb.AcknowledgeProposalRequest:
    return pb.AcknowledgeProposalRequest(name=found.name, request_id=fresh())


def openings(**words: Any) -> pb.BookOpeningsRequest:
    fields = {"source": "legacy", "cutover_date": day("2026-01-01"), **words}
    fields.setdefault("openings", [pb.Opening(participant_id="hanna", currency_code="EUR", earned_minor=1)])
    return pb.BookOpeningsRequest(request_id=fresh(), **fields)


CASES: dict[tuple[str, str], Callable[[Desk], tuple[Any, Who]]] = {
    ("a rep states", "WriteAdjustment"): lambda desk: (stated(), HANNA),
    ("an unknown participant", "WriteAdjustment"): lambda desk: (stated(participant_id="nobody"), ANNA),
    ("an amount of zero", "WriteAdjustment"): lambda desk: (stated(amount=Money(currency_code="EUR")), ANNA),
    ("no reason", "WriteAdjustment"): lambda desk: (stated(reason=" "), ANNA),
    ("an unknown month", "WriteAdjustment"): lambda desk: (stated(pay_period="payPeriods/2027-13"), ANNA),
    ("a locked month", "WriteAdjustment"): lambda desk: (stated(pay_period="payPeriods/2027-02"), ANNA),
    ("a request id with another body", "WriteAdjustment"): lambda desk: (stated("open", reason="Other."), ANNA),
    ("a rep lists", "ListAdjustments"): lambda desk: (pb.ListAdjustmentsRequest(), HANNA),
    ("a state that is none", "ListAdjustments"): lambda desk: (pb.ListAdjustmentsRequest(state=9), ANNA),  # type: ignore[arg-type]
    ("an origin that is none", "ListAdjustments"): lambda desk: (pb.ListAdjustmentsRequest(origin=9), ANNA),  # type: ignore[arg-type]
    ("a page token of another list", "ListAdjustments"): lambda desk: (
        pb.ListAdjustmentsRequest(state=pb.Adjustment.STATE_WRITTEN, page_token=desk.token_of_all), ANNA),
    ("negative page size", "ListAdjustments"): lambda desk: (pb.ListAdjustmentsRequest(page_size=-1), ANNA),
    ("payroll decides", "DecideAdjustment"): lambda desk: (decision(desk.open), PAYROLL),
    ("a name of no adjustment", "DecideAdjustment"): lambda desk: (decision(desk.open, name="runs/x"), BERT),
    ("an unknown adjustment", "DecideAdjustment"): lambda desk: (decision(desk.open, name="adjustments/x"), BERT),
    ("the own adjustment", "DecideAdjustment"): lambda desk: (decision(desk.open), ANNA),
    ("neither accepted nor declined", "DecideAdjustment"): lambda desk: (
        decision(desk.open, decision=pb.Adjustment.STATE_WRITTEN), BERT),
    ("declined without a reason", "DecideAdjustment"): lambda desk: (decision(desk.open), BERT),
    ("a code of something written", "DecideAdjustment"): lambda desk: (
        decision(desk.open, reason="No.", reason_code="other"), BERT),
    ("finance is told for a participant", "AcknowledgeProposal"): lambda desk: (told_of(desk.open), ANNA),
    ("what is another's", "AcknowledgeProposal"): lambda desk: (told_of(desk.open), ("finn", "rep")),
    ("what was written, not proposed", "AcknowledgeProposal"): lambda desk: (told_of(desk.open), HANNA),
    ("decided already", "DecideAdjustment"): lambda desk: (decision(desk.declined, reason="Again."), BERT),
    ("no cut-over date", "BookOpenings"): lambda desk: (openings(cutover_date=None), ANNA),
    ("a cut-over inside a month", "BookOpenings"): lambda desk: (openings(cutover_date=day("2026-01-02")), ANNA),
    ("an opening of nobody", "BookOpenings"): lambda desk: (
        openings(openings=[pb.Opening(participant_id="x", currency_code="EUR", earned_minor=1)]), ANNA),
}  # fmt: skip
ROWS = list(table(PAGE, "Adjustments, case by case"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("adjustments"))
    yield found
    found.stop()


def test_every_row_of_the_page_is_made_and_every_case_is_on_the_page() -> None:
    assert [(what, call) for what, call, *_ in ROWS] == list(CASES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}: {row[0]}")
def test_each_error_is_as_the_page_says_and_nothing_is_written(desk: Desk, row: list[str]) -> None:
    what, method, code, reason, detail = row
    request, who = CASES[what, method](desk)
    with pytest.raises(grpc.RpcError) as error:
        desk.call(method, request, who)
    is_as_the_page_says(told(error.value), code, reason, detail)
    states = [each.state for each in desk.call("ListAdjustments", pb.ListAdjustmentsRequest()).adjustments]
    assert states == [pb.Adjustment.STATE_WRITTEN, pb.Adjustment.STATE_DECLINED, pb.Adjustment.STATE_WRITTEN]

"""A real server with the sample company, and the verbs of payroll over gRPC with short names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compsvc.v1 import close_service_pb2 as close_pb
from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1.close_service_pb2_grpc import CloseServiceStub
from compsvc.v1.payroll_run_service_pb2_grpc import PayrollRunServiceStub

from .conftest import Sample, day

_numbers = itertools.count(1)
ANNA, BERT, PAYROLL = ("anna", "finance"), ("bert", "finance"), ("pay", "payroll")
Who = tuple[str, str]


def fresh() -> str:
    return f"payroll-{next(_numbers)}"


class PayrollHouse(Sample):
    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        self.stub: Any = PayrollRunServiceStub(self.channel)

    def call(self, method: str, request: Any, who: Who = ANNA) -> Any:
        return getattr(self.stub, method)(request, metadata=self.headers(*who), timeout=60)

    def created(self, month: str = "2026-03", who: Who = ANNA, request_id: str = "") -> pb.Run:
        request = pb.CreateRunRequest(pay_period=f"payPeriods/{month}", request_id=request_id or fresh())
        return self.call("CreateRun", request, who)

    def approved(self, run: pb.Run, who: Who = BERT) -> pb.Run:
        request = pb.ApproveRunRequest(name=run.name, digest=run.digest, request_id=fresh())
        return self.call("ApproveRun", request, who)

    def sealed(self, month: str = "2026-03") -> pb.Run:
        run = self.approved(self.created(month))
        return self.call("SealRun", pb.SealRunRequest(name=run.name, request_id=fresh()), BERT)

    def exported(self, run: pb.Run) -> list[pb.RunPayout]:
        answers = list(self.call("ExportRun", pb.ExportRunRequest(name=run.name, request_id=fresh()), PAYROLL))
        assert answers[0].run == run
        assert all(not answer.HasField("run") for answer in answers[1:])
        return [payout for answer in answers for payout in answer.payouts]

    def listed(self, run: pb.Run, state: Any = 0, size: int = 7) -> list[pb.RunPayout]:
        """Over pages."""
        found: list[pb.RunPayout] = []
        token = ""
        while True:
            request = pb.ListRunPayoutsRequest(parent=run.name, state=state, page_size=size, page_token=token)
            page = self.call("ListRunPayouts", request)
            assert page.run == run
            found, token = [*found, *page.payouts], page.next_page_token
            if not token:
                return found

    def acknowledged(self, run: pb.Run, outcomes: Sequence[pb.PayoutOutcome], **more: str) -> Sequence[Any]:
        return self.call("AcknowledgePayouts", acknowledgement(run, outcomes, **more), PAYROLL).outcomes

    def signed_off(self, month: str) -> list[close_pb.CloseFinding]:
        """Every finding of the month that stood, each signed off by Bert."""
        stub: Any = CloseServiceStub(self.channel)
        who = {"metadata": self.headers(*BERT), "timeout": 60}
        asked = close_pb.CheckCloseRequest(pay_period=f"payPeriods/{month}", request_id=fresh())
        found = stub.CheckClose(asked, **who).findings
        names = [each.name for each in found if each.state == close_pb.CloseFinding.STATE_FOUND]
        requests = (close_pb.SignOffFindingRequest(name=name, reason="seen", request_id=fresh()) for name in names)
        return [stub.SignOffFinding(request, **who) for request in requests]

    def period(self, month: str, state: Any, version: int, reason: str = "") -> pb.PayPeriod:
        request = pb.ChangePayPeriodRequest(
            name=f"payPeriods/{month}", state=state, version=version, reason=reason, request_id=fresh()
        )
        return self.call("ChangePayPeriod", request)


def acknowledgement(run: pb.Run, outcomes: Sequence[pb.PayoutOutcome], **more: str) -> pb.AcknowledgePayoutsRequest:
    first = {"head_hash": run.head_hash, "request_id": fresh()}
    return pb.AcknowledgePayoutsRequest(name=run.name, outcomes=outcomes, **{**first, **more})


def paid(payout_id: str, on: str = "2026-04-01") -> pb.PayoutOutcome:
    return pb.PayoutOutcome(payout_id=payout_id, outcome=pb.PayoutOutcome.OUTCOME_PAID, paid_date=day(on))


def rejected(payout_id: str, reason: str = "account closed") -> pb.PayoutOutcome:
    return pb.PayoutOutcome(payout_id=payout_id, outcome=pb.PayoutOutcome.OUTCOME_REJECTED, reason=reason)

"""The calls of a pay period's close: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_names import decoded
from compsvc.entry.grpc_present import timestamp
from compsvc.service import close_check
from compsvc.service.access import require
from compsvc.service.agreement_ports import FindingAction, RecordedFinding
from compsvc.v1 import close_service_pb2 as pb
from compsvc.v1 import close_service_pb2_grpc
from compsvc.wiring import Parts

STATES: Mapping[FindingAction, Any] = {
    "found": pb.CloseFinding.STATE_FOUND,
    "mended": pb.CloseFinding.STATE_MENDED,
    "signed_off": pb.CloseFinding.STATE_SIGNED_OFF,
}


class CloseServicer(close_service_pb2_grpc.CloseServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._house, self._calls = parts.close, calls

    def CheckClose(self, request: pb.CheckCloseRequest, context: Context) -> pb.CheckCloseResponse:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "check_close")
        name = decoded(request.pay_period, "payPeriods")
        if name is None:
            raise bad_name(request.pay_period, "payPeriods/{pay_period}", field="pay_period")
        mutation = self._calls.mutation(context, caller, request)
        found = close_check.check_close(self._house, caller, pay_period=name[0], mutation=mutation)
        open_count = sum(each.state == "found" for each in found)
        return pb.CheckCloseResponse(findings=map(_message, found), open_count=open_count)

    def SignOffFinding(self, request: pb.SignOffFindingRequest, context: Context) -> pb.CloseFinding:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "sign_off_finding")
        name = decoded(request.name, "payPeriods", "findings")
        if name is None:
            raise bad_name(request.name, "payPeriods/{pay_period}/findings/{finding}")
        found = close_check.sign_off(
            self._house,
            caller,
            pay_period=name[0],
            finding_id=name[1],
            reason=request.reason,
            mutation=self._calls.mutation(context, caller, request),
        )
        return _message(found)


def _message(found: RecordedFinding) -> pb.CloseFinding:
    return pb.CloseFinding(
        name=f"payPeriods/{found.pay_period}/findings/{found.finding_id}",
        code=found.code,
        subject=found.subject,
        message=found.message,
        state=STATES[found.state],
        entries=[
            pb.CloseFindingEntry(
                state=STATES[each.action],
                author=each.author,
                reason=each.reason,
                create_time=timestamp(each.recorded_time),
            )
            for each in found.entries
        ],
    )

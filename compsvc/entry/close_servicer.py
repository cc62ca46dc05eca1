"""The calls of a pay period's close: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from compsvc.core.control_totals import Basis, Stated, Total
from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.grpc_convert import Unreadable, read_date
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_names import decoded
from compsvc.entry.grpc_present import date_message, timestamp
from compsvc.service import close_check, control_totals
from compsvc.service.access import require
from compsvc.service.agreement_ports import FindingAction, RecordedFinding
from compsvc.service.ports import InvalidArgument
from compsvc.v1 import close_service_pb2 as pb
from compsvc.v1 import close_service_pb2_grpc
from compsvc.v1.types_pb2 import Money
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

    def StateControlTotals(  # noqa: N802
        self, request: pb.StateControlTotalsRequest, context: Context
    ) -> pb.ControlTotals:
        caller = self._calls.caller(context)
        require(caller, "state_control_totals")
        mutation = self._calls.mutation(context, caller, request)
        stated = _stated(request.control_totals)
        return _totals(control_totals.state_totals(self._house.agreements.store, caller, stated, mutation))

    def ListControlTotals(  # noqa: N802
        self, request: pb.ListControlTotalsRequest, context: Context
    ) -> pb.ListControlTotalsResponse:
        found = control_totals.list_totals(self._house.agreements.store, self._calls.caller(context))
        return pb.ListControlTotalsResponse(control_totals=map(_totals, found))


BASES: Mapping[Basis, Any] = {"closed": pb.ControlTotals.BASIS_CLOSED, "accepted": pb.ControlTotals.BASIS_ACCEPTED}


def _stated(told: pb.ControlTotals) -> Stated:
    """InvalidArgument where a date is none or missing, or a currency stands twice."""
    days = [_day(told, name) for name in ("start_date", "end_date")]
    basis = next((name for name, number in BASES.items() if number == told.basis), "")
    totals = {each.amount.currency_code: Total(each.deal_count, each.amount.minor_units) for each in told.totals}
    if len(totals) != len(told.totals):
        raise _invalid("totals", "A currency stands twice in totals. Give one total of each.")
    return Stated(told.source, cast(Basis, basis), days[0], days[1], totals, author="")


def _day(told: pb.ControlTotals, name: str) -> date:
    try:
        found = read_date(told, name)[name]
    except Unreadable as error:
        raise _invalid(name, error.message) from error
    if not isinstance(found, date):
        raise _invalid(name, f"{name} is missing.")
    return found


def _invalid(name: str, message: str) -> InvalidArgument:
    return InvalidArgument.of(f"control_totals.{name}", "TOTALS_INVALID", message)


def _totals(stated: Stated) -> pb.ControlTotals:
    return pb.ControlTotals(
        source=stated.source,
        basis=BASES[stated.basis],
        start_date=date_message(stated.start_date),
        end_date=date_message(stated.end_date),
        totals=[
            pb.ControlTotal(deal_count=total.deal_count, amount=Money(currency_code=code, minor_units=total.minor))
            for code, total in sorted(stated.totals.items())
        ],
        author=stated.author,
    )


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

"""The calls of payroll: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from compsvc.core.payouts import Payout
from compsvc.core.statement_values import Line
from compsvc.entry.grpc_calls import Calls, Context, still_wanted
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_facts import as_of
from compsvc.entry.grpc_names import decoded, encoded
from compsvc.entry.pay_labels import label_fields
from compsvc.entry.statement_proto import date_message, line_message, money_message, paid_as_message
from compsvc.service import payroll
from compsvc.v1 import payroll_service_pb2 as pb
from compsvc.v1 import payroll_service_pb2_grpc
from compsvc.wiring import Parts


class PayrollServicer(payroll_service_pb2_grpc.PayrollServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._parts, self._calls = parts, calls

    def ListPayouts(self, request: pb.ListPayoutsRequest, context: Context) -> pb.ListPayoutsResponse:  # noqa: N802
        caller = self._calls.caller(context)
        named = decoded(request.parent, "payPeriods")
        if named is None:
            raise bad_name(request.parent, "payPeriods/{pay_period}", field="parent")
        found = payroll.list_payouts(
            self._parts.calculations,
            caller,
            pay_period=named[0],
            where=_filters(request),
            page_size=request.page_size,
            page_token=request.page_token,
            as_of=as_of(request),
        )
        still_wanted(context)
        return list_message(found)

    def GetPayout(self, request: pb.GetPayoutRequest, context: Context) -> pb.Payout:  # noqa: N802
        caller = self._calls.caller(context)
        named = decoded(request.name, "payPeriods", "payouts")
        if named is None:
            raise bad_name(request.name, "payPeriods/{pay_period}/payouts/{payout}")
        payout, lines = payroll.get_payout(
            self._parts.calculations,
            caller,
            pay_period=named[0],
            payout_id=named[1],
            name=request.name,
            as_of=as_of(request),
        )
        return payout_message(payout, lines)


def list_message(found: payroll.Listed) -> pb.ListPayoutsResponse:
    return pb.ListPayoutsResponse(
        payouts=map(payout_message, found.payouts),
        next_page_token=found.next_page_token,
        total_size=found.total_count,
        totals=map(money_message, found.totals),
        position=found.position,
        refused_row_count=found.refused_rows,
    )


def payout_message(payout: Payout, lines: tuple[Line, ...] = ()) -> pb.Payout:
    key = payout.key
    return pb.Payout(
        name=f"payPeriods/{encoded(key.pay_period)}/payouts/{key.payout_id}",
        payout_id=key.payout_id,
        pay_period=key.pay_period,
        participant_id=key.participant_id,
        display_name=payout.display_name,
        plan=key.plan,
        component=key.component,
        nature=key.nature,
        earned_period=key.earned_period,
        earned_start_date=date_message(payout.earned_start_date),
        earned_end_date=date_message(payout.earned_end_date),
        amount=money_message(payout.amount),
        line_count=payout.line_count,
        paid_as=paid_as_message(payout.paid_as),
        lines=map(line_message, lines),
        **label_fields(payout.labels),
    )


def _filters(request: pb.ListPayoutsRequest) -> dict[str, str]:
    names = ("participant_id", "plan", "currency_code")
    return {name: value for name in names if (value := getattr(request, name))}

"""The calls of payroll runs: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from compsvc.entry import adjustment_proto as adjustments
from compsvc.entry import hold_proto as holds
from compsvc.entry import payroll_run_proto as proto
from compsvc.entry.grpc_calls import Calls, Context, Streams, still_wanted
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_facts import as_of
from compsvc.entry.grpc_names import decoded
from compsvc.entry.statement_whole_proto import written
from compsvc.service import (
    issued_statements,
    pay_periods,
    payout_explanation,
    payroll_adjustments,
    payroll_holds,
    payroll_lists,
    payroll_openings,
    payroll_order,
    payroll_outcomes,
    payroll_runs,
)
from compsvc.service.access import require
from compsvc.service.payroll_ports import Run
from compsvc.service.ports import ResourceExhausted
from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1 import payroll_run_service_pb2_grpc
from compsvc.wiring import Parts


class PayrollRunServicer(payroll_run_service_pb2_grpc.PayrollRunServiceServicer):
    def __init__(self, parts: Parts, calls: Calls, streams: Streams) -> None:
        self._payroll, self._close, self._calls, self._streams = parts.payroll, parts.close, calls, streams
        self._issued = parts.issued

    def CreateRun(self, request: pb.CreateRunRequest, context: Context) -> pb.Run:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "create_run")
        run = payroll_runs.create_run(
            self._payroll,
            caller,
            pay_period=_period(request.pay_period, "pay_period"),
            participant_ids=request.participant_ids,
            mutation=self._calls.mutation(context, caller, request),
        )
        return self._told(run)

    def ComputeRun(self, request: pb.ComputeRunRequest, context: Context) -> Iterator[pb.ComputeRunResponse]:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "create_run")
        with self._streams.open() as fits:
            if not fits:
                raise ResourceExhausted("TOO_MANY_STREAMS", "Too many streams are open. Wait for one to end.")
            steps = payroll_runs.compute_run(
                self._payroll,
                caller,
                pay_period=_period(request.pay_period, "pay_period"),
                participant_ids=request.participant_ids,
                mutation=self._calls.mutation(context, caller, request),
            )
            with closing(steps):
                for found in steps:
                    if isinstance(found, Run):
                        yield pb.ComputeRunResponse(run=self._told(found))
                    else:
                        yield pb.ComputeRunResponse(progress=proto.progress_message(found))

    def GetRun(self, request: pb.GetRunRequest, context: Context) -> pb.Run:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        return self._told(payroll_runs.get_run(self._payroll, caller, run_id=_run(request.name)))

    def ListRuns(self, request: pb.ListRunsRequest, context: Context) -> pb.ListRunsResponse:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        page = payroll_lists.list_runs(
            self._payroll,
            caller,
            pay_period=_period(request.pay_period, "pay_period") if request.pay_period else "",
            page_size=request.page_size,
            page_token=request.page_token,
            as_of=as_of(request),
        )
        return pb.ListRunsResponse(runs=map(proto.run_message, page.runs), next_page_token=page.next_page_token)

    def ListRunPayouts(  # noqa: N802
        self, request: pb.ListRunPayoutsRequest, context: Context
    ) -> pb.ListRunPayoutsResponse:
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        page = payroll_lists.list_run_payouts(
            self._payroll,
            caller,
            run_id=_run(request.parent, "parent"),
            state=proto.read_payout_state(request.state),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        names = payroll_lists.names_of(self._payroll, page)
        still_wanted(context)
        return pb.ListRunPayoutsResponse(
            payouts=[proto.payout_message(each, names.get(each.row["participant_id"]) or "") for each in page.payouts],
            next_page_token=page.next_page_token,
            run=self._told(page.run),
        )

    def ExplainPayout(self, request: pb.ExplainPayoutRequest, context: Context) -> pb.PayoutExplanation:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        found = decoded(request.name, "runs", "payouts")
        if found is None:
            raise bad_name(request.name, "runs/{run}/payouts/{payout}")
        run_id = "" if found[0] == "-" else found[0]
        explained = payout_explanation.explain_payout(self._payroll, caller, payout_id=found[1], run_id=run_id)
        return proto.explanation_message(explained)

    def ApproveRun(self, request: pb.ApproveRunRequest, context: Context) -> pb.Run:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "approve_run")
        run = payroll_runs.approve_run(
            self._payroll,
            caller,
            run_id=_run(request.name),
            digest=request.digest,
            mutation=self._calls.mutation(context, caller, request),
        )
        return self._told(run)

    def CancelRun(self, request: pb.CancelRunRequest, context: Context) -> pb.Run:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "create_run")
        mutation = self._calls.mutation(context, caller, request)
        run = payroll_runs.cancel_run(self._payroll, caller, run_id=_run(request.name), mutation=mutation)
        return self._told(run)

    def SealRun(self, request: pb.SealRunRequest, context: Context) -> pb.Run:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "seal_run")
        mutation = self._calls.mutation(context, caller, request)
        run = payroll_runs.seal_run(self._payroll, caller, run_id=_run(request.name), mutation=mutation)
        return self._told(run)

    def ExportRun(self, request: pb.ExportRunRequest, context: Context) -> Iterator[pb.ExportRunResponse]:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "acknowledge_payouts")
        with self._streams.open() as fits:
            if not fits:
                raise ResourceExhausted("TOO_MANY_STREAMS", "Too many streams are open. Wait for one to end.")
            mutation = self._calls.mutation(context, caller, request)
            found = payroll_runs.export_run(self._payroll, caller, run_id=_run(request.name), mutation=mutation)
            rows = (payout for _, payout in payroll_lists.told(self._payroll, found))
            for message in proto.export_messages(found.run, rows):
                still_wanted(context)
                yield message

    def IssueStatements(  # noqa: N802
        self, request: pb.IssueStatementsRequest, context: Context
    ) -> Iterator[pb.IssueStatementsResponse]:
        caller = self._calls.caller(context)
        require(caller, "issue_statements")
        with self._streams.open() as fits:
            if not fits:
                raise ResourceExhausted("TOO_MANY_STREAMS", "Too many streams are open. Wait for one to end.")
            mutation = self._calls.mutation(context, caller, request)
            of = (self._payroll, self._issued, caller)
            for found in issued_statements.issue_statements(
                *of, run_id=_run(request.name), written=written, mutation=mutation
            ):
                yield pb.IssueStatementsResponse(issued_count=found.done, participant_count=found.of)

    def AcknowledgePayouts(  # noqa: N802
        self, request: pb.AcknowledgePayoutsRequest, context: Context
    ) -> pb.AcknowledgePayoutsResponse:
        caller = self._calls.caller(context)
        require(caller, "acknowledge_payouts")
        outcomes = payroll_outcomes.acknowledge(
            self._payroll,
            caller,
            run_id=_run(request.name),
            head_hash=request.head_hash,
            outcomes=proto.read_outcomes(request.outcomes),
            mutation=self._calls.mutation(context, caller, request),
        )
        return pb.AcknowledgePayoutsResponse(outcomes=map(proto.outcome_message, outcomes))

    def GetPayPeriod(self, request: pb.GetPayPeriodRequest, context: Context) -> pb.PayPeriod:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        period = pay_periods.get_pay_period(self._payroll, caller, name=_period(request.name, "name"))
        return proto.period_message(period)

    def ChangePayPeriod(self, request: pb.ChangePayPeriodRequest, context: Context) -> pb.PayPeriod:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "change_pay_period")
        period = pay_periods.change_pay_period(
            self._close,
            caller,
            name=_period(request.name, "name"),
            state=proto.read_period_state(request.state),
            version=request.version,
            reason=request.reason,
            mutation=self._calls.mutation(context, caller, request),
        )
        return proto.period_message(period)

    def Reconcile(self, request: pb.ReconcileRequest, context: Context) -> pb.ReconcileResponse:  # noqa: N802
        caller = self._calls.caller(context)
        page = payroll_lists.list_balances(
            self._payroll, caller, page_size=request.page_size, page_token=request.page_token
        )
        return pb.ReconcileResponse(
            balances=map(proto.balance_message, page.balances.iter_rows(named=True)),
            next_page_token=page.next_page_token,
            unexplained_count=page.unexplained_count,
            ledger_position=page.ledger_position,
        )

    def VerifyLedger(self, request: pb.VerifyLedgerRequest, context: Context) -> pb.VerifyLedgerResponse:  # noqa: N802
        caller = self._calls.caller(context)
        found = payroll_lists.verified(self._payroll, caller)
        return pb.VerifyLedgerResponse(entry_count=found.entry_count, head_hash=found.head_hash, faults=found.faults)

    def WriteAdjustment(self, request: pb.WriteAdjustmentRequest, context: Context) -> pb.Adjustment:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "write_adjustment")
        mutation = self._calls.mutation(context, caller, request)
        asked = adjustments.read_adjustment(request.adjustment)
        found = payroll_adjustments.write_adjustment(self._payroll, caller, asked, mutation=mutation)
        return adjustments.adjustment_message(found)

    def ListAdjustments(  # noqa: N802
        self, request: pb.ListAdjustmentsRequest, context: Context
    ) -> pb.ListAdjustmentsResponse:
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        page = payroll_lists.list_adjustments(
            self._payroll,
            caller,
            origin=adjustments.read_word(adjustments.ORIGINS, request.origin, "origin"),
            state=adjustments.read_word(adjustments.STATES, request.state, "state"),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return pb.ListAdjustmentsResponse(
            adjustments=map(adjustments.adjustment_message, page.adjustments), next_page_token=page.next_page_token
        )

    def DecideAdjustment(self, request: pb.DecideAdjustmentRequest, context: Context) -> pb.Adjustment:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "decide_adjustment")
        found = payroll_adjustments.decide(
            self._payroll,
            caller,
            adjustment_id=_adjustment(request.name),
            decision=adjustments.read_word(adjustments.STATES, request.decision, "decision"),
            reason=request.reason,
            reason_code=request.reason_code,
            mutation=self._calls.mutation(context, caller, request),
        )
        return adjustments.adjustment_message(found)

    def AcknowledgeProposal(  # noqa: N802
        self, request: pb.AcknowledgeProposalRequest, context: Context
    ) -> pb.Adjustment:
        caller = self._calls.caller(context)
        require(caller, "acknowledge_proposal")
        found = payroll_adjustments.acknowledge_proposal(
            self._payroll,
            caller,
            adjustment_id=_adjustment(request.name),
            mutation=self._calls.mutation(context, caller, request),
        )
        return adjustments.adjustment_message(found)

    def HoldDeal(self, request: pb.HoldDealRequest, context: Context) -> pb.Hold:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "hold_pay")
        mutation = self._calls.mutation(context, caller, request)
        asked = holds.read_hold(request.hold)
        found = payroll_holds.hold_deal(self._payroll, caller, asked, mutation=mutation)
        return holds.hold_message(payroll_holds.Held(found, ()))

    def ListHolds(self, request: pb.ListHoldsRequest, context: Context) -> pb.ListHoldsResponse:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_ledger")
        page = payroll_lists.list_holds(
            self._payroll,
            caller,
            state=adjustments.read_word(holds.STATES, request.state, "state"),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return pb.ListHoldsResponse(holds=map(holds.hold_message, page.holds), next_page_token=page.next_page_token)

    def DecideHold(self, request: pb.DecideHoldRequest, context: Context) -> pb.Hold:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "decide_hold")
        found = payroll_holds.decide_hold(
            self._payroll,
            caller,
            hold_id=_hold(request.name),
            decision=adjustments.read_word(holds.STATES, request.decision, "decision"),
            pay_period=holds.period_of(request.pay_period),
            reason=request.reason,
            mutation=self._calls.mutation(context, caller, request),
        )
        return holds.hold_message(payroll_holds.Held(found, ()))

    def BookOpenings(self, request: pb.BookOpeningsRequest, context: Context) -> pb.BookOpeningsResponse:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "book_openings")
        found = payroll_openings.book_openings(
            self._payroll,
            caller,
            source=request.source,
            cutover_date=adjustments.read_cutover(request),
            openings=[adjustments.read_opening(each) for each in request.openings],
            paid=[adjustments.read_paid_deal(each) for each in request.paid],
            positions=[adjustments.read_position(each) for each in request.positions],
            mutation=self._calls.mutation(context, caller, request),
        )
        return pb.BookOpeningsResponse(entry_count=found.entry_count, head_hash=found.head_hash)

    def _told(self, run: Run) -> pb.Run:
        return proto.run_message(run, payroll_order.warnings(self._payroll, run))


def _run(name: str, field: str = "name") -> str:
    found = decoded(name, "runs")
    if found is None:
        raise bad_name(name, "runs/{run}", field=field)
    return found[0]


def _adjustment(name: str) -> str:
    found = decoded(name, "adjustments")
    if found is None:
        raise bad_name(name, "adjustments/{adjustment}")
    return found[0]


def _hold(name: str) -> str:
    found = decoded(name, "holds")
    if found is None:
        raise bad_name(name, "holds/{hold}")
    return found[0]


def _period(name: str, field: str) -> str:
    found = decoded(name, "payPeriods")
    if found is None:
        raise bad_name(name, "payPeriods/{pay_period}", field=field)
    return found[0]

"""The calls of plans and deals: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.core.problems import Problem
from compsvc.entry import grpc_convert as convert
from compsvc.entry import grpc_present as present
from compsvc.entry.grpc_calls import Calls, Context, Streams
from compsvc.entry.grpc_errors import bad_name, in_words_of, status
from compsvc.entry.grpc_facts import as_of, filters, read_one, read_page
from compsvc.entry.grpc_names import decoded
from compsvc.service import plans
from compsvc.service.loading import Which
from compsvc.service.ports import (
    Caller,
    PlanRecord,
    ResourceExhausted,
    Unavailable,
)
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import deal_service_pb2_grpc, plan_service_pb2_grpc
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.wiring import Parts


class PlanServicer(plan_service_pb2_grpc.PlanServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._parts, self._calls = parts, calls

    def CreatePlan(self, request: plan_pb.CreatePlanRequest, context: Context) -> plan_pb.Plan:  # noqa: N802
        caller = self._calls.caller(context)
        record = plans.create_plan(
            self._parts.store,
            self._parts.plans,
            self._parts.parse_plan,
            caller,
            convert.read_plan_text(request.text, "text"),
            self._calls.mutation(context, caller, request),
            corrects=request.corrects_revision or None,
        )
        return _plan(record, with_text=True)

    def CheckPlan(self, request: plan_pb.CheckPlanRequest, context: Context) -> plan_pb.CheckPlanResponse:  # noqa: N802
        caller = self._calls.caller(context)
        plan, problems = plans.check_plan(self._parts.parse_plan, caller, convert.read_plan_text(request.text, "text"))
        return plan_pb.CheckPlanResponse(problems=map(_problem, problems), revision=plan.revision if plan else "")

    def GetPlan(self, request: plan_pb.GetPlanRequest, context: Context) -> plan_pb.Plan:  # noqa: N802
        caller = self._calls.caller(context)
        name, _, revision = request.name.partition("@")
        found = decoded(name, "plans")
        if found is None:
            raise bad_name(request.name, "plans/{plan} or plans/{plan}@{revision}")
        record = plans.get_plan(self._parts.store, caller, plan=found[0], revision=revision or None)
        return _plan(record, with_text=True)

    def ListPlans(self, request: plan_pb.ListPlansRequest, context: Context) -> plan_pb.ListPlansResponse:  # noqa: N802
        caller = self._calls.caller(context)
        found, token = plans.list_plans(
            self._parts.store, caller, page_size=request.page_size, page_token=request.page_token
        )
        return plan_pb.ListPlansResponse(plans=map(_plan, found), next_page_token=token)

    def ListPlanRevisions(  # noqa: N802
        self, request: plan_pb.ListPlanRevisionsRequest, context: Context
    ) -> plan_pb.ListPlanRevisionsResponse:
        caller = self._calls.caller(context)
        name = decoded(request.name, "plans")
        if name is None:
            raise bad_name(request.name, "plans/{plan}")
        found, token = plans.list_plan_revisions(
            self._parts.store, caller, plan=name[0], page_size=request.page_size, page_token=request.page_token
        )
        return plan_pb.ListPlanRevisionsResponse(plans=map(_plan, found), next_page_token=token)


class DealServicer(deal_service_pb2_grpc.DealServiceServicer):
    def __init__(self, parts: Parts, calls: Calls, streams: Streams) -> None:
        self._parts, self._calls, self._streams = parts, calls, streams

    def IngestDeals(  # noqa: N802
        self, request_iterator: Iterator[deal_pb.IngestDealsRequest], context: Context
    ) -> Iterator[deal_pb.IngestDealsResponse]:
        caller = self._calls.caller(context)
        with self._streams.open() as fits:
            if not fits:
                raise ResourceExhausted("TOO_MANY_STREAMS", "Too many streams are open. Wait for one to end.")
            self._streams.idle(context)
            try:
                for request in request_iterator:
                    self._streams.busy(context)
                    yield self._ingest(caller, request, context)
                    if self._streams.stopping.is_set():
                        message = "The server is stopping. Everything answered is stored; send the rest elsewhere."
                        raise Unavailable("SERVER_STOPPING", message)
                    self._streams.idle(context)
            finally:
                self._streams.busy(context)

    def GetDeal(self, request: deal_pb.GetDealRequest, context: Context) -> deal_pb.Deal:  # noqa: N802
        caller = self._calls.caller(context)
        deal: deal_pb.Deal = read_one(self._parts, caller, "deals", request)
        return deal

    def ListDeals(self, request: deal_pb.ListDealsRequest, context: Context) -> deal_pb.ListDealsResponse:  # noqa: N802
        caller = self._calls.caller(context)
        where = filters(request)
        if where.pop("pending_only", False):
            where["accepted_time"] = None
        deals, token = read_page(self._parts, caller, "deals", Which(where, as_of=as_of(request)), request)
        return deal_pb.ListDealsResponse(deals=deals, next_page_token=token)

    def _ingest(
        self, caller: Caller, request: deal_pb.IngestDealsRequest, context: Context
    ) -> deal_pb.IngestDealsResponse:
        """An error refuses this batch alone."""
        answer = deal_pb.IngestDealsResponse(request_id=request.request_id)
        try:
            mutation = self._calls.mutation(context, caller, request)
            batch = convert.deals(request.deals)
            with in_words_of(batch.place, batch.faults):
                loaded = self._parts.intake.ingest(caller, batch.facts(), mutation, faults=batch.faults)
            present.tell(answer.ingested, loaded)
        except Exception as error:
            answer.error.CopyFrom(status(error, most_bytes=None))
        return answer


def _plan(record: PlanRecord, *, with_text: bool = False) -> plan_pb.Plan:
    message = plan_pb.Plan(
        name=f"plans/{record.plan}",
        revision=record.revision,
        title=record.title,
        effective_date=present.date_message(record.effective_date),
        currency_code=record.currency_code,
        corrects_revision=record.corrects_revision or "",
    )
    if with_text:
        text = record.text
        message.text.CopyFrom(plan_pb.PlanText(file_name=text.file_name, source=text.source, terms=text.terms))
    if record.recorded_time is not None:
        message.create_time.CopyFrom(present.timestamp(record.recorded_time))
    return message


def _problem(problem: Problem) -> plan_pb.PlanProblem:
    severities = plan_pb.PlanProblem.Severity
    return plan_pb.PlanProblem(
        code=problem.code,
        file_name=problem.at.file,
        line=problem.at.line,
        column=problem.at.column,
        message=problem.message,
        severity=severities.SEVERITY_ERROR if problem.severity == "error" else severities.SEVERITY_NOTICE,
    )

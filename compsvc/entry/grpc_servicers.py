"""The calls of plans, facts and deals: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from compsvc.core.problems import Problem
from compsvc.entry import grpc_convert as convert
from compsvc.entry import grpc_present as present
from compsvc.entry.grpc_calls import Calls, Context, Streams
from compsvc.entry.grpc_errors import bad_name, in_words_of, status
from compsvc.service import loading, plans
from compsvc.service.ports import (
    Caller,
    Kind,
    Loaded,
    PlanRecord,
    ResourceExhausted,
    Unavailable,
)
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import deal_service_pb2_grpc, fact_service_pb2_grpc, plan_service_pb2_grpc
from compsvc.v1 import fact_service_pb2 as fact_pb
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
        found = convert.decoded(name, "plans")
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
        name = convert.decoded(request.name, "plans")
        if name is None:
            raise bad_name(request.name, "plans/{plan}")
        found, token = plans.list_plan_revisions(
            self._parts.store, caller, plan=name[0], page_size=request.page_size, page_token=request.page_token
        )
        return plan_pb.ListPlanRevisionsResponse(plans=map(_plan, found), next_page_token=token)


class FactServicer(fact_service_pb2_grpc.FactServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._parts, self._calls = parts, calls

    def LoadParticipants(  # noqa: N802
        self, request: fact_pb.LoadParticipantsRequest, context: Context
    ) -> fact_pb.LoadFactsResponse:
        return self._load("participants", convert.participants, request, context)

    def LoadAssignments(  # noqa: N802
        self, request: fact_pb.LoadAssignmentsRequest, context: Context
    ) -> fact_pb.LoadFactsResponse:
        return self._load("assignments", convert.assignments, request, context)

    def LoadAccounts(self, request: fact_pb.LoadAccountsRequest, context: Context) -> fact_pb.LoadFactsResponse:  # noqa: N802
        return self._load("accounts", convert.accounts, request, context)

    def LoadOwnerships(self, request: fact_pb.LoadOwnershipsRequest, context: Context) -> fact_pb.LoadFactsResponse:  # noqa: N802
        return self._load("ownerships", convert.ownerships, request, context)

    def LoadTerritories(self, request: fact_pb.LoadTerritoriesRequest, context: Context) -> fact_pb.LoadFactsResponse:  # noqa: N802
        return self._load("territories", convert.territories, request, context)

    def GetParticipant(self, request: fact_pb.GetParticipantRequest, context: Context) -> Any:  # noqa: N802
        return self._get("participants", "participant_id", "Participant", request.name, context)

    def GetAccount(self, request: fact_pb.GetAccountRequest, context: Context) -> Any:  # noqa: N802
        return self._get("accounts", "account_id", "Account", request.name, context)

    def ListParticipants(self, request: fact_pb.ListParticipantsRequest, context: Context) -> Any:  # noqa: N802
        rows, token = self._list("participants", {}, request, context)
        return fact_pb.ListParticipantsResponse(participants=rows, next_page_token=token)

    def ListAssignments(self, request: fact_pb.ListAssignmentsRequest, context: Context) -> Any:  # noqa: N802
        rows, token = self._list("assignments", {"participant_id": request.participant_id}, request, context)
        return fact_pb.ListAssignmentsResponse(assignments=rows, next_page_token=token)

    def ListAccounts(self, request: fact_pb.ListAccountsRequest, context: Context) -> Any:  # noqa: N802
        rows, token = self._list("accounts", {}, request, context)
        return fact_pb.ListAccountsResponse(accounts=rows, next_page_token=token)

    def ListOwnerships(self, request: fact_pb.ListOwnershipsRequest, context: Context) -> Any:  # noqa: N802
        rows, token = self._list("ownerships", {"account_id": request.account_id}, request, context)
        return fact_pb.ListOwnershipsResponse(ownerships=rows, next_page_token=token)

    def ListTerritories(self, request: fact_pb.ListTerritoriesRequest, context: Context) -> Any:  # noqa: N802
        rows, token = self._list("territories", {}, request, context)
        return fact_pb.ListTerritoriesResponse(territories=rows, next_page_token=token)

    def _load(
        self, kind: Kind, read: Callable[[Any], convert.Batch], request: Any, context: Context
    ) -> fact_pb.LoadFactsResponse:
        caller = self._calls.caller(context)
        mutation = self._calls.mutation(context, caller, request)
        batch = read(getattr(request, kind))
        with in_words_of(batch.place, batch.faults):
            loaded = loading.load_facts(
                self._parts.store, self._parts.plans, caller, kind, batch.facts(), mutation, faults=batch.faults
            )
        answer = fact_pb.LoadFactsResponse()
        _tell(answer, loaded)
        return answer

    def _get(self, kind: Kind, column: str, resource: str, name: str, context: Context) -> Any:
        caller = self._calls.caller(context)
        found = convert.decoded(name, kind)
        if found is None:
            raise bad_name(name, f"{kind}/{{{resource.lower()}}}")
        resource_type = f"compsvc.dev/{resource}"
        rows = loading.get_row(
            self._parts.store, caller, kind, {column: found[0]}, resource_type=resource_type, name=name
        )
        return next(present.messages(kind, rows.facts, rows.times))

    def _list(self, kind: Kind, filters: dict[str, str], request: Any, context: Context) -> tuple[Iterable[Any], str]:
        caller = self._calls.caller(context)
        where = {column: value for column, value in filters.items() if value}
        rows = loading.list_rows(
            self._parts.store, caller, kind, where, page_size=request.page_size, page_token=request.page_token
        )
        return present.messages(kind, rows.facts, rows.times), rows.next_page_token


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
        name, _, revision = request.name.partition("@")
        found = convert.decoded(name, "sources", "deals")
        if found is None or (revision and not (revision.isascii() and revision.isdigit() and len(revision) < 19)):
            raise bad_name(request.name, "sources/{source}/deals/{external_id}, with or without @{revision}")
        where: dict[str, str | int | None] = {"source": found[0], "external_id": found[1]}
        if revision:
            where["revision"] = int(revision)
        rows = loading.get_row(
            self._parts.store, caller, "deals", where, resource_type="compsvc.dev/Deal", name=request.name
        )
        deal: deal_pb.Deal = next(present.messages("deals", rows.facts, rows.times))
        return deal

    def ListDeals(self, request: deal_pb.ListDealsRequest, context: Context) -> deal_pb.ListDealsResponse:  # noqa: N802
        caller = self._calls.caller(context)
        filters = {"source": request.source, "account_id": request.account_id, "seller_id": request.seller_id}
        where: dict[str, str | int | None] = {column: value for column, value in filters.items() if value}
        if request.pending_only:
            where["accepted_time"] = None
        rows = loading.list_rows(
            self._parts.store, caller, "deals", where, page_size=request.page_size, page_token=request.page_token
        )
        deals = present.messages("deals", rows.facts, rows.times)
        return deal_pb.ListDealsResponse(deals=deals, next_page_token=rows.next_page_token)

    def _ingest(
        self, caller: Caller, request: deal_pb.IngestDealsRequest, context: Context
    ) -> deal_pb.IngestDealsResponse:
        """An error refuses this batch alone."""
        answer = deal_pb.IngestDealsResponse(request_id=request.request_id)
        try:
            mutation = self._calls.mutation(context, caller, request)
            batch = convert.deals(request.deals)
            with in_words_of(batch.place, batch.faults):
                loaded = loading.ingest_deals(
                    self._parts.store, self._parts.plans, caller, batch.facts(), mutation, faults=batch.faults
                )
            _tell(answer.ingested, loaded)
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


def _tell(answer: Any, loaded: Loaded) -> None:
    answer.created_count, answer.unchanged_count = loaded.created, loaded.unchanged
    answer.revised_count = loaded.revised
    if loaded.position is not None:
        answer.position = loaded.position
    if loaded.recorded_time is not None:
        answer.create_time.CopyFrom(present.timestamp(loaded.recorded_time))

"""The calls of facts: for each kind load, get and list."""

# ruff: noqa: N802  # Calls are named as in the proto.

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from compsvc.entry import grpc_convert as convert
from compsvc.entry import grpc_present as present
from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.grpc_errors import in_words_of
from compsvc.entry.grpc_names import FORMS
from compsvc.service import loading, names
from compsvc.service.access import require
from compsvc.service.loading import Which
from compsvc.service.ports import Caller, InvalidArgument, Kind
from compsvc.v1 import fact_service_pb2 as pb
from compsvc.v1 import fact_service_pb2_grpc
from compsvc.wiring import Parts

NO_FILTERS = frozenset({"page_size", "page_token", "as_of_time", "all_snapshots"})


class FactServicer(fact_service_pb2_grpc.FactServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._parts, self._calls = parts, calls

    def LoadParticipants(self, request: pb.LoadParticipantsRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("participants", request, context)

    def LoadAssignments(self, request: pb.LoadAssignmentsRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("assignments", request, context)

    def LoadAccounts(self, request: pb.LoadAccountsRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("accounts", request, context)

    def LoadAccountAttributes(self, request: pb.LoadAccountAttributesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("account_attributes", request, context)

    def LoadOwnerships(self, request: pb.LoadOwnershipsRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("ownerships", request, context)

    def LoadTerritories(self, request: pb.LoadTerritoriesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("territories", request, context)

    def LoadLeaves(self, request: pb.LoadLeavesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("leaves", request, context)

    def LoadExits(self, request: pb.LoadExitsRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("exits", request, context)

    def LoadFxRates(self, request: pb.LoadFxRatesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("fx_rates", request, context)

    def LoadPipelineStages(self, request: pb.LoadPipelineStagesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("pipeline_stages", request, context)

    def LoadOpportunities(self, request: pb.LoadOpportunitiesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("opportunities", request, context)

    def LoadActivities(self, request: pb.LoadActivitiesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("activities", request, context)

    def LoadLosses(self, request: pb.LoadLossesRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("losses", request, context)

    def EraseName(self, request: pb.EraseNameRequest, context: Context) -> pb.EraseNameResponse:
        caller = self._calls.caller(context)
        require(caller, "erase_name")
        erased = names.erase_name(
            self._parts.names,
            caller,
            participant_id=str(FORMS["participants"].wanted(request.name)["participant_id"]),
            reason=request.reason,
            mutation=self._calls.mutation(context, caller, request),
        )
        answer = pb.EraseNameResponse(erased_count=erased.revised)
        if erased.recorded_time is not None:
            answer.create_time.CopyFrom(present.timestamp(erased.recorded_time))
        return answer

    def GetParticipant(self, request: pb.GetParticipantRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "participants", request)

    def ListParticipants(self, request: pb.ListParticipantsRequest, context: Context) -> pb.ListParticipantsResponse:
        rows, token = self._list("participants", request, context)
        return pb.ListParticipantsResponse(participants=rows, next_page_token=token)

    def GetAssignment(self, request: pb.GetAssignmentRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "assignments", request)

    def ListAssignments(self, request: pb.ListAssignmentsRequest, context: Context) -> pb.ListAssignmentsResponse:
        rows, token = self._list("assignments", request, context)
        return pb.ListAssignmentsResponse(assignments=rows, next_page_token=token)

    def GetAccount(self, request: pb.GetAccountRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "accounts", request)

    def ListAccounts(self, request: pb.ListAccountsRequest, context: Context) -> pb.ListAccountsResponse:
        rows, token = self._list("accounts", request, context)
        return pb.ListAccountsResponse(accounts=rows, next_page_token=token)

    def GetAccountAttribute(self, request: pb.GetAccountAttributeRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "account_attributes", request)

    def ListAccountAttributes(
        self, request: pb.ListAccountAttributesRequest, context: Context
    ) -> pb.ListAccountAttributesResponse:
        rows, token = self._list("account_attributes", request, context)
        return pb.ListAccountAttributesResponse(account_attributes=rows, next_page_token=token)

    def GetOwnership(self, request: pb.GetOwnershipRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "ownerships", request)

    def ListOwnerships(self, request: pb.ListOwnershipsRequest, context: Context) -> pb.ListOwnershipsResponse:
        rows, token = self._list("ownerships", request, context)
        return pb.ListOwnershipsResponse(ownerships=rows, next_page_token=token)

    def GetTerritory(self, request: pb.GetTerritoryRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "territories", request)

    def ListTerritories(self, request: pb.ListTerritoriesRequest, context: Context) -> pb.ListTerritoriesResponse:
        rows, token = self._list("territories", request, context)
        return pb.ListTerritoriesResponse(territories=rows, next_page_token=token)

    def GetLeave(self, request: pb.GetLeaveRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "leaves", request)

    def ListLeaves(self, request: pb.ListLeavesRequest, context: Context) -> pb.ListLeavesResponse:
        rows, token = self._list("leaves", request, context)
        return pb.ListLeavesResponse(leaves=rows, next_page_token=token)

    def GetExit(self, request: pb.GetExitRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "exits", request)

    def ListExits(self, request: pb.ListExitsRequest, context: Context) -> pb.ListExitsResponse:
        rows, token = self._list("exits", request, context)
        return pb.ListExitsResponse(exits=rows, next_page_token=token)

    def GetFxRate(self, request: pb.GetFxRateRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "fx_rates", request)

    def ListFxRates(self, request: pb.ListFxRatesRequest, context: Context) -> pb.ListFxRatesResponse:
        rows, token = self._list("fx_rates", request, context)
        return pb.ListFxRatesResponse(fx_rates=rows, next_page_token=token)

    def GetPipelineStage(self, request: pb.GetPipelineStageRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "pipeline_stages", request)

    def ListPipelineStages(
        self, request: pb.ListPipelineStagesRequest, context: Context
    ) -> pb.ListPipelineStagesResponse:
        rows, token = self._list("pipeline_stages", request, context)
        return pb.ListPipelineStagesResponse(pipeline_stages=rows, next_page_token=token)

    def GetOpportunity(self, request: pb.GetOpportunityRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "opportunities", request)

    def ListOpportunities(self, request: pb.ListOpportunitiesRequest, context: Context) -> pb.ListOpportunitiesResponse:
        rows, token = self._list("opportunities", request, context)
        return pb.ListOpportunitiesResponse(opportunities=rows, next_page_token=token)

    def GetActivity(self, request: pb.GetActivityRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "activities", request)

    def ListActivities(self, request: pb.ListActivitiesRequest, context: Context) -> pb.ListActivitiesResponse:
        rows, token = self._list("activities", request, context)
        return pb.ListActivitiesResponse(activities=rows, next_page_token=token)

    def GetLoss(self, request: pb.GetLossRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "losses", request)

    def ListLosses(self, request: pb.ListLossesRequest, context: Context) -> pb.ListLossesResponse:
        rows, token = self._list("losses", request, context)
        return pb.ListLossesResponse(losses=rows, next_page_token=token)

    def LoadDealPayments(self, request: pb.LoadDealPaymentsRequest, context: Context) -> pb.LoadFactsResponse:
        return self._load("deal_payments", request, context)

    def GetDealPayment(self, request: pb.GetDealPaymentRequest, context: Context) -> Any:
        return read_one(self._parts, self._calls.caller(context), "deal_payments", request)

    def ListDealPayments(self, request: pb.ListDealPaymentsRequest, context: Context) -> pb.ListDealPaymentsResponse:
        rows, token = self._list("deal_payments", request, context)
        return pb.ListDealPaymentsResponse(deal_payments=rows, next_page_token=token)

    def _load(self, kind: Kind, request: Any, context: Context) -> pb.LoadFactsResponse:
        caller = self._calls.caller(context)
        mutation = self._calls.mutation(context, caller, request)
        batch = convert.batch_of(kind, getattr(request, kind))
        with in_words_of(batch.place, batch.faults):
            loaded = loading.load_facts(
                self._parts.store, self._parts.plans, caller, kind, batch.facts(), mutation, faults=batch.faults
            )
        answer = pb.LoadFactsResponse()
        present.tell(answer, loaded)
        return answer

    def _list(self, kind: Kind, request: Any, context: Context) -> tuple[Iterable[Any], str]:
        caller = self._calls.caller(context)
        latest = kind == "opportunities" and not request.all_snapshots
        return read_page(self._parts, caller, kind, Which(filters(request), latest, as_of(request)), request)


def read_one(parts: Parts, caller: Caller, kind: Kind, request: Any) -> Any:
    """The row that the request names. Of an opportunity without a snapshot in its name the latest."""
    form = FORMS[kind]
    where = form.wanted(request.name)
    which = Which(where, kind == "opportunities" and "snapshot_time" not in where, as_of(request))
    resource = f"compsvc.dev/{form.resource}"
    rows = loading.get_row(parts.store, caller, kind, which, resource_type=resource, name=request.name)
    return next(present.messages(kind, rows.facts, rows.times))


def read_page(parts: Parts, caller: Caller, kind: Kind, which: Which, request: Any) -> tuple[Iterable[Any], str]:
    """One page of messages, and the token of the next."""
    size, token = request.page_size, request.page_token
    rows = loading.list_rows(parts.store, caller, kind, which, page_size=size, page_token=token)
    return present.messages(kind, rows.facts, rows.times), rows.next_page_token


def filters(request: Any) -> dict[str, Any]:
    """Every field of a list request that is set and is not about pages is a filter, named as the column is."""
    return {field.name: value for field, value in request.ListFields() if field.name not in NO_FILTERS}


def as_of(request: Any) -> datetime | None:
    if not request.HasField("as_of_time"):
        return None
    try:
        found: datetime = request.as_of_time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        message = "as_of_time is outside the years 1 to 9999."
        raise InvalidArgument.of("as_of_time", "TIME_INVALID", message) from None
    return found

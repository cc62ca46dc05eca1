"""The calls of disputes: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from compsvc.entry import dispute_proto as proto
from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.statement_proto import line_name
from compsvc.service import disputes
from compsvc.service.access import require
from compsvc.service.line_references import Referred
from compsvc.v1 import dispute_service_pb2 as pb
from compsvc.v1 import dispute_service_pb2_grpc
from compsvc.wiring import Parts


class DisputeServicer(dispute_service_pb2_grpc.DisputeServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._house, self._calls = parts.agreements, calls

    def OpenDispute(self, request: pb.OpenDisputeRequest, context: Context) -> pb.Dispute:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "open_dispute")
        subject, key = request.subject, proto.read_subject(request.subject)
        if isinstance(key, Referred):
            key = disputes.line_meant(self._house, caller, key)
            subject = line_name(key)
        found = disputes.open_dispute(
            self._house,
            caller,
            subject=subject,
            key=key,
            text=request.text,
            mutation=self._calls.mutation(context, caller, request),
        )
        return proto.dispute_message(found)

    def ReplyDispute(self, request: pb.ReplyDisputeRequest, context: Context) -> pb.Dispute:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "open_dispute")
        which = proto.read_dispute_name(request.name)
        disputes.must_be_own(caller, which[0])
        found = disputes.reply_dispute(
            self._house,
            caller,
            which=which,
            action=proto.read_action(request.action, proto.REPLIES),
            text=request.text,
            mutation=self._calls.mutation(context, caller, request),
        )
        return proto.dispute_message(found)

    def AnswerDispute(self, request: pb.AnswerDisputeRequest, context: Context) -> pb.Dispute:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "answer_dispute")
        found = disputes.answer_dispute(
            self._house,
            caller,
            which=proto.read_dispute_name(request.name),
            action=proto.read_action(request.action, proto.ANSWERS),
            text=request.text,
            adjustment_id=request.adjustment_id,
            mutation=self._calls.mutation(context, caller, request),
        )
        return proto.dispute_message(found)

    def GetDispute(self, request: pb.GetDisputeRequest, context: Context) -> pb.Dispute:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_disputes")
        which = proto.read_dispute_name(request.name)
        return proto.dispute_message(disputes.get_dispute(self._house, caller, which=which))

    def ListDisputes(self, request: pb.ListDisputesRequest, context: Context) -> pb.ListDisputesResponse:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "read_disputes")
        page = disputes.list_disputes(
            self._house,
            caller,
            participant_id=request.participant_id,
            state=proto.read_state(request.state),
            page_size=request.page_size,
            page_token=request.page_token,
        )
        messages = map(proto.dispute_message, page.disputes)
        return pb.ListDisputesResponse(disputes=messages, next_page_token=page.next_page_token)

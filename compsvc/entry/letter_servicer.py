"""The calls of plan letters: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_names import decoded, encoded
from compsvc.entry.grpc_present import timestamp
from compsvc.service import letters
from compsvc.service.access import require
from compsvc.service.agreement_ports import Letter
from compsvc.v1 import letter_service_pb2 as pb
from compsvc.v1 import letter_service_pb2_grpc
from compsvc.wiring import Parts


class LetterServicer(letter_service_pb2_grpc.LetterServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._house, self._calls = parts.agreements, calls

    def SendLetter(self, request: pb.SendLetterRequest, context: Context) -> pb.Letter:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "send_letter")
        mutation = self._calls.mutation(context, caller, request)
        which = {"participant_id": request.participant_id, "plan": request.plan}
        return _message(letters.send_letter(self._house, caller, **which, mutation=mutation))

    def AnswerLetter(self, request: pb.AnswerLetterRequest, context: Context) -> pb.Letter:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "answer_letter")
        name = decoded(request.name, "participants", "letters")
        if name is None:
            raise bad_name(request.name, "participants/{participant}/letters/{letter}")
        found = letters.answer_letter(
            self._house,
            caller,
            which=(name[0], name[1]),
            action=request.action,
            seen=request.terms_hash,
            text=request.text,
            mutation=self._calls.mutation(context, caller, request),
        )
        return _message(found)

    def ListLetters(self, request: pb.ListLettersRequest, context: Context) -> pb.ListLettersResponse:  # noqa: N802
        caller = self._calls.caller(context)
        found = letters.list_letters(self._house, caller, participant_id=request.participant_id)
        return pb.ListLettersResponse(letters=map(_message, found))


def _message(found: Letter) -> pb.Letter:
    of = f"participants/{encoded(found.participant_id)}/letters"
    return pb.Letter(
        name=f"{of}/{found.letter_id}",
        plan=found.plan,
        revision=found.revision,
        terms=found.terms,
        terms_hash=found.terms_hash,
        sender=found.sender,
        state=found.state,
        update_time=timestamp(found.entries[-1].recorded_time if found.entries else found.sent_time),
        superseded_by=f"{of}/{found.superseded_by}" if found.superseded_by else "",
        entries=[
            pb.LetterEntry(
                action=each.action, author=each.author, text=each.text, create_time=timestamp(each.recorded_time)
            )
            for each in found.entries
        ],
        create_time=timestamp(found.sent_time),
    )

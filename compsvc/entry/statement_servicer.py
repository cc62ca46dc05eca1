"""The calls of statements: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.grpc_convert import Reader, Unreadable, read_date, read_time
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_names import decoded
from compsvc.entry.statement_beside import acknowledgement_message, name_line, with_what_stands_beside
from compsvc.entry.statement_diff_proto import comparison_message
from compsvc.entry.statement_proto import (
    explanation_message,
    parse_line_name,
    parse_statement_name,
    statement_name,
)
from compsvc.entry.statement_whole_proto import statement_message, time_message
from compsvc.entry.what_if_proto import read_changes
from compsvc.service import disputes, statements
from compsvc.service.access import require
from compsvc.service.issued_statements import get_issued_statement
from compsvc.service.line_references import line_references
from compsvc.service.ports import InvalidArgument, Violation
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1 import statement_service_pb2_grpc
from compsvc.wiring import Parts


class StatementServicer(statement_service_pb2_grpc.StatementServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._parts, self._calls = parts, calls

    def GetStatement(self, request: pb.GetStatementRequest, context: Context) -> pb.Statement:  # noqa: N802
        caller = self._calls.caller(context)
        asked = _asked(request, since_time=_instant(request, "since_time"))
        parts = self._parts
        of = (parts.calculations, parts.payroll.store, parts.clock, caller, asked)
        found = statements.get_statement(*of, statement_message)
        return with_what_stands_beside(self._parts, found, asked.as_of_time)

    def PreviewStatement(self, request: pb.PreviewStatementRequest, context: Context) -> pb.Statement:  # noqa: N802
        caller = self._calls.caller(context)
        require(caller, "preview_statements")  # before what is wrong with the changes is told
        asked, tried = _asked(request), read_changes(request.what_if)
        return statement_message(
            statements.preview_statement(self._parts.calculations, self._parts.clock, caller, asked, tried)
        )

    def ExplainLine(self, request: pb.ExplainLineRequest, context: Context) -> pb.LineExplanation:  # noqa: N802
        caller = self._calls.caller(context)
        key = parse_line_name(request.name)
        if key is None:
            raise bad_name(request.name, "participants/{participant}/lines/{line}")
        as_of = _instant(request, "as_of_time")
        of = (self._parts.calculations, self._parts.payroll.store, caller, key)
        found = statements.explain_line(*of, name=request.name, as_of_time=as_of)
        opened = explanation_message(found)
        if as_of is None:
            name_line(opened.line, line_references(self._parts.calculations.newest(), key.participant_id))
        return opened

    def GetIssuedStatement(self, request: pb.GetIssuedStatementRequest, context: Context) -> pb.IssuedStatement:  # noqa: N802
        caller = self._calls.caller(context)
        named, run = parse_statement_name(request.name), decoded(request.run, "runs") if request.run else ("",)
        if named is None:
            raise bad_name(request.name, "participants/{participant}/statements/{period}")
        if run is None:
            raise bad_name(request.run, "runs/{run}", field="run")
        of = (self._parts.payroll, self._parts.issued, caller)
        found = get_issued_statement(*of, participant_id=named[0], period=named[1], name=request.name, run_id=run[0])
        return pb.IssuedStatement(
            name=statement_name(found.participant_id, found.period),
            run=f"runs/{found.run_id}",
            as_of_time=time_message(found.as_of_time),
            record_time=None if found.recorded_time is None else time_message(found.recorded_time),
            hash=found.statement_hash,
            content=found.content,
        )

    def AcknowledgeStatement(  # noqa: N802
        self, request: pb.AcknowledgeStatementRequest, context: Context
    ) -> pb.StatementAcknowledgement:
        caller = self._calls.caller(context)
        require(caller, "acknowledge_statement")
        named = parse_statement_name(request.name)
        if named is None:
            raise bad_name(request.name, "participants/{participant}/statements/{period}")

        def says(seen: str) -> bool:
            """Now, or when it was issued."""
            parts, asked = self._parts, statements.Asked(*named, request.name)
            if any(each.statement_hash == seen for each in parts.issued.issued(*named)):
                return True
            of = (parts.calculations, parts.payroll.store, parts.clock, caller, asked)
            return statements.get_statement(*of, statement_message).hash == seen

        found = disputes.acknowledge(
            self._parts.agreements,
            caller,
            which=named,
            seen_hash=request.hash,
            says=says,
            text=request.text,
            mutation=self._calls.mutation(context, caller, request),
        )
        return acknowledgement_message(found)

    def CompareStatements(  # noqa: N802
        self, request: pb.CompareStatementsRequest, context: Context
    ) -> pb.StatementComparison:
        caller = self._calls.caller(context)
        require(caller, "read_statements")
        participant = decoded(request.participant, "participants")
        if participant is None:
            raise bad_name(request.participant, "participants/{participant}", field="participant")
        times = [_needed(request, name) for name in ("from_time", "to_time")]
        found = statements.compare_statements(
            self._parts.calculations,
            self._parts.store,
            caller,
            participant_id=participant[0],
            from_time=times[0],
            to_time=times[1],
            period=request.period,
        )
        return comparison_message(found)


def _needed(request: pb.CompareStatementsRequest, name: str) -> datetime:
    found = _instant(request, name)
    if found is None:
        message = f"{name} is missing: a comparison is between two recorded times."
        raise InvalidArgument.of(name, "TIME_INVALID", message)
    return found


def _asked(
    request: pb.GetStatementRequest | pb.PreviewStatementRequest, since_time: datetime | None = None
) -> statements.Asked:
    named = parse_statement_name(request.name)
    if named is None:
        raise bad_name(request.name, "participants/{participant}/statements/{period}")
    return statements.Asked(
        participant_id=named[0],
        period=named[1],
        name=request.name,
        pipeline_date=_read(request, "pipeline_date", read_date),
        as_of_time=_instant(request, "as_of_time"),
        since_time=since_time,
    )


def _instant(request: Any, name: str) -> datetime | None:
    """Aware, in UTC."""
    found: datetime | None = _read(request, name, read_time)
    return None if found is None else found.replace(tzinfo=UTC)


def _read(request: Any, name: str, reader: Reader) -> Any:
    try:
        return reader(request, name)[name]
    except Unreadable as fault:
        message = f"{name}: {fault.message}"
        raise InvalidArgument(fault.code, message, [Violation(name, fault.code, fault.message)]) from None

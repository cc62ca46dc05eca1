"""The calls of statements: messages to values, one verb of the service, values to messages."""

from __future__ import annotations

from compsvc.entry.grpc_calls import Calls, Context
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.statement_proto import explanation_message, parse_line_name, parse_statement_name, statement_message
from compsvc.service import statements
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1 import statement_service_pb2_grpc
from compsvc.wiring import Parts


class StatementServicer(statement_service_pb2_grpc.StatementServiceServicer):
    def __init__(self, parts: Parts, calls: Calls) -> None:
        self._parts, self._calls = parts, calls

    def GetStatement(self, request: pb.GetStatementRequest, context: Context) -> pb.Statement:  # noqa: N802
        caller = self._calls.caller(context)
        named = parse_statement_name(request.name)
        if named is None:
            raise bad_name(request.name, "participants/{participant}/statements/{period}")
        found = statements.get_statement(
            self._parts.calculations, caller, participant_id=named[0], period=named[1], name=request.name
        )
        return statement_message(found)

    def ExplainLine(self, request: pb.ExplainLineRequest, context: Context) -> pb.LineExplanation:  # noqa: N802
        caller = self._calls.caller(context)
        key = parse_line_name(request.name)
        if key is None:
            raise bad_name(request.name, "participants/{participant}/lines/{line}")
        return explanation_message(statements.explain_line(self._parts.calculations, caller, key, name=request.name))

"""`compsvc statement`: from a server or straight from a book, as text or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from compsvc.entry.client import TIMEOUT_SECONDS, channel, headers
from compsvc.entry.statement_proto import (
    as_json,
    explanation_message,
    line_name,
    statement_message,
    statement_name,
)
from compsvc.entry.statement_text import is_shown, statement_text
from compsvc.entry.statement_words import Locale
from compsvc.service import statements
from compsvc.service.ports import Caller
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1 import statement_service_pb2_grpc
from compsvc.wiring import open_parts


@dataclass(frozen=True, slots=True)
class Found:
    """A statement, and by their names the derivations of its lines where they were asked for."""

    statement: pb.Statement
    explanations: Mapping[str, pb.LineExplanation] = field(default_factory=dict)


def statement_from_server(address: str, token: str, *, participant_id: str, period: str, explain: bool) -> Found:
    """Raises grpc.RpcError where the server refuses. Off this machine the channel is TLS."""
    who = headers(token)
    with channel(address) as opened:
        stub = statement_service_pb2_grpc.StatementServiceStub(opened)
        request = pb.GetStatementRequest(name=statement_name(participant_id, period))
        statement = stub.GetStatement(request, metadata=who, timeout=TIMEOUT_SECONDS)
        lines = _shown_lines(statement) if explain else ()
        return Found(
            statement,
            {
                name: stub.ExplainLine(pb.ExplainLineRequest(name=name), metadata=who, timeout=TIMEOUT_SECONDS)
                for name in lines
            },
        )


def statement_from_store(book: Path, caller: Caller, *, participant_id: str, period: str, explain: bool) -> Found:
    """Raises ServiceError as the server would answer it."""
    parts = open_parts(book)
    try:
        name = statement_name(participant_id, period)
        statement = statement_message(
            statements.get_statement(
                parts.calculations, caller, participant_id=participant_id, period=period, name=name
            )
        )
        if not explain:
            return Found(statement)
        opened = statements.explain_lines(parts.calculations, caller, participant_id=participant_id, period=period)
        by_name = {line_name(key): explanation for key, explanation in opened.items()}
        return Found(statement, {name: explanation_message(by_name[name]) for name in _shown_lines(statement)})
    finally:
        parts.store.close()


def shown(found: Found, *, form: Literal["text", "json"], locale: Locale) -> str:
    if form == "text":
        return statement_text(found.statement, locale=locale, explanations=found.explanations)
    return as_json(found.statement, explanations=[found.explanations[name] for name in sorted(found.explanations)])


def _shown_lines(statement: pb.Statement) -> list[str]:
    return [line.name for payout in statement.payouts for line in payout.lines if is_shown(line)]

"""`compsvc statement`: from a server, a book, or what was calculated from files; as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from compsvc.core.statement_explain import explain_all
from compsvc.core.what_if_values import Change
from compsvc.entry.client import TIMEOUT_SECONDS, channel, headers
from compsvc.entry.locales import Locale
from compsvc.entry.statement_beside import with_what_stands_beside
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_proto import (
    as_json,
    date_message,
    explanation_message,
    line_name,
    parse_line_name,
    statement_name,
)
from compsvc.entry.statement_text import is_shown, statement_text
from compsvc.entry.statement_whole_proto import statement_message, time_message
from compsvc.entry.what_if_proto import change_message
from compsvc.service import statements
from compsvc.service.calculation import Calculate, Calculation, projected
from compsvc.service.ports import Caller, NotFound
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1 import statement_service_pb2_grpc
from compsvc.wiring import open_parts


@dataclass(frozen=True, slots=True)
class Wanted:
    """With `tried` it is a preview."""

    participant_id: str
    period: str
    explain: bool = False
    pipeline_date: date | None = None
    as_of_time: datetime | None = None
    since_time: datetime | None = None
    tried: Sequence[Change] = ()

    @property
    def name(self) -> str:
        return statement_name(self.participant_id, self.period)

    @property
    def asked(self) -> statements.Asked:
        times = (self.pipeline_date, self.as_of_time, self.since_time)
        return statements.Asked(self.participant_id, self.period, self.name, *times)


@dataclass(frozen=True, slots=True)
class Found:
    """A statement, and by their names the derivations of its lines where they were asked for."""

    statement: pb.Statement
    explanations: Mapping[str, pb.LineExplanation] = field(default_factory=dict)


def statement_from_server(address: str, token: str, wanted: Wanted) -> Found:
    """Raises grpc.RpcError where the server refuses. Off this machine the channel is TLS."""
    who = headers(token)
    with channel(address) as open_channel:
        stub = statement_service_pb2_grpc.StatementServiceStub(open_channel)
        as_of = None if wanted.as_of_time is None else time_message(wanted.as_of_time)
        if wanted.tried:
            preview = _preview_request(wanted)
            return Found(stub.PreviewStatement(preview, metadata=who, timeout=TIMEOUT_SECONDS))
        statement = stub.GetStatement(_request(wanted), metadata=who, timeout=TIMEOUT_SECONDS)
        opened = {}
        for name in _shown_lines(statement) if wanted.explain else ():
            request = pb.ExplainLineRequest(name=name, as_of_time=as_of)
            opened[name] = stub.ExplainLine(request, metadata=who, timeout=TIMEOUT_SECONDS)
        return Found(statement, opened)


def _request(wanted: Wanted) -> pb.GetStatementRequest:
    return pb.GetStatementRequest(
        name=wanted.name,
        pipeline_date=None if wanted.pipeline_date is None else date_message(wanted.pipeline_date),
        as_of_time=None if wanted.as_of_time is None else time_message(wanted.as_of_time),
        since_time=None if wanted.since_time is None else time_message(wanted.since_time),
    )


def _preview_request(wanted: Wanted) -> pb.PreviewStatementRequest:
    same = _request(wanted)
    return pb.PreviewStatementRequest(
        name=same.name,
        pipeline_date=same.pipeline_date if same.HasField("pipeline_date") else None,
        as_of_time=same.as_of_time if same.HasField("as_of_time") else None,
        what_if=map(change_message, wanted.tried),
    )


def statement_from_store(book: str, caller: Caller, wanted: Wanted) -> Found:
    """Raises ServiceError as the server would answer it."""
    parts = open_parts(book)
    try:
        of = (parts.clock, caller, wanted.asked)
        if wanted.tried:
            preview = statements.preview_statement(parts.calculations, *of, wanted.tried)
            return Found(statement_message(preview))
        found = statements.get_statement(parts.calculations, parts.payroll.store, *of, statement_message)
        statement = with_what_stands_beside(parts, found, wanted.as_of_time)
        if not wanted.explain:
            return Found(statement)
        opened = statements.explain_lines(parts.calculations, caller, wanted.asked)
        by_name = {line_name(key): explanation_message(explanation) for key, explanation in opened.items()}
        for line in (line for payout in statement.payouts for line in payout.lines):
            key = parse_line_name(line.name)
            if line.name not in by_name and key is not None:  # booked, and true no more
                house = (parts.calculations, parts.payroll.store, caller)
                as_booked = statements.explain_line(*house, key, name=line.name)
                by_name[line.name] = explanation_message(as_booked)
            by_name[line.name].line.reference = line.reference
        return Found(statement, {name: by_name[name] for name in _shown_lines(statement)})
    finally:
        parts.store.close()


def statement_of(calculation: Calculation, calculate: Calculate, wanted: Wanted, *, today: date) -> Found:
    """Raises ServiceError; for whoever has the files anyway."""
    asked, day = wanted.asked, wanted.pipeline_date or today
    span = statements.span_of(calculation, wanted.participant_id, wanted.period)
    if wanted.tried:
        runs = projected(calculation, day, calculate)
        found = statements.previewed(calculation, runs, calculate, asked, span, wanted.tried)
    else:
        found = statements.drawn_up(calculation, asked, span, day, lambda: projected(calculation, day, calculate))
    if found is None:
        raise NotFound("compsvc.dev/Statement", wanted.name)
    of = (calculation.result, calculation.plans, calculation.facts, wanted.participant_id)
    opened = (
        {line_name(key): explanation_message(each) for key, each in explain_all(*of).items()} if wanted.explain else {}
    )
    return Found(statement_message(found), opened)


def shown(found: Found, *, form: Literal["text", "json", "markdown"], locale: Locale) -> str:
    if form == "text":
        return statement_text(found.statement, locale=locale, explanations=found.explanations)
    if form == "markdown":
        return statement_markdown(found.statement, locale=locale, explanations=found.explanations)
    return as_json(found.statement, explanations=[found.explanations[name] for name in sorted(found.explanations)])


def _shown_lines(statement: pb.Statement) -> list[str]:
    return [line.name for payout in statement.payouts for line in payout.lines if is_shown(line)]

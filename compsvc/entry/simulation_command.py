"""`compsvc simulate`: candidates against today's plans, from a server, a book or files, as text, JSON or a workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from compsvc.entry.client import channel, headers
from compsvc.entry.locales import Locale
from compsvc.entry.simulation_proto import comparison_message
from compsvc.entry.simulation_text import simulation_text
from compsvc.entry.simulation_xlsx import simulation_xlsx
from compsvc.entry.statement_proto import as_json
from compsvc.entry.statement_whole_proto import time_message
from compsvc.service.ports import Caller, PlanText
from compsvc.service.simulation import Simulated, SimulationTools, simulate_plan
from compsvc.v1 import simulation_service_pb2 as pb
from compsvc.v1 import simulation_service_pb2_grpc
from compsvc.v1.plan_service_pb2 import PlanText as PlanTextMessage
from compsvc.wiring import open_parts

TIMEOUT_SECONDS = 600  # two calculations of a whole book

Told = Callable[[str], None]


def simulated_by_server(
    address: str, token: str, texts: Sequence[PlanText], *, period: str, progress: Told, as_of: datetime | None = None
) -> pb.PlanComparison:
    """Raises grpc.RpcError where the server refuses."""
    candidates = [PlanTextMessage(file_name=text.file_name, source=text.source, terms=text.terms) for text in texts]
    time = None if as_of is None else time_message(as_of)
    request = pb.SimulatePlanRequest(candidates=candidates, period=period, as_of_time=time)
    found = pb.PlanComparison()
    with channel(address) as opened:
        stub = simulation_service_pb2_grpc.SimulationServiceStub(opened)
        for answer in stub.SimulatePlan(request, metadata=headers(token), timeout=TIMEOUT_SECONDS):
            if answer.HasField("progress"):
                progress(answer.progress.step)
            else:
                found.MergeFrom(answer.comparison)
    return found


def simulated_on_store(
    book: str, caller: Caller, texts: Sequence[PlanText], *, period: str, progress: Told, as_of: datetime | None = None
) -> pb.PlanComparison:
    """Raises ServiceError as the server would answer it."""
    parts = open_parts(book)
    try:
        tools = SimulationTools(parts.calculations, parts.parse_plan, parts.calculate)
        return simulated(tools, caller, texts, period=period, progress=progress, as_of=as_of)
    finally:
        parts.store.close()


def simulated(
    tools: SimulationTools,
    caller: Caller,
    texts: Sequence[PlanText],
    *,
    period: str,
    progress: Told,
    as_of: datetime | None = None,
) -> pb.PlanComparison:
    for step in simulate_plan(tools, caller, texts, period=period, proceed=lambda: None, as_of=as_of):
        if isinstance(step, Simulated):
            return comparison_message(step)
        progress(step)
    raise AssertionError("a simulation ends with what was found")


def shown(found: pb.PlanComparison, *, form: Literal["text", "json", "xlsx"], locale: Locale) -> bytes:
    if form == "xlsx":
        return simulation_xlsx(found, locale=locale)
    return (simulation_text(found, locale=locale) if form == "text" else as_json(found)).encode()

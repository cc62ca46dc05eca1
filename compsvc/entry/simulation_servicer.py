"""The call of finance: plan texts in, progress and a comparison out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from compsvc.entry.grpc_calls import Calls, Context, Streams, still_wanted
from compsvc.entry.grpc_convert import read_plan_text
from compsvc.entry.grpc_facts import as_of
from compsvc.entry.simulation_proto import comparison_messages, progress_message
from compsvc.service.ports import ResourceExhausted
from compsvc.service.simulation import Simulated, SimulationTools, simulate_plan
from compsvc.v1 import simulation_service_pb2 as pb
from compsvc.v1 import simulation_service_pb2_grpc
from compsvc.wiring import Parts

WAIT_SECONDS = 0.2


class SimulationServicer(simulation_service_pb2_grpc.SimulationServiceServicer):
    """One simulation at a time: each needs about as much memory as the book's own calculation. Others wait."""

    def __init__(self, parts: Parts, calls: Calls, streams: Streams) -> None:
        self._calls, self._streams = calls, streams
        self._tools = SimulationTools(parts.calculations, parts.parse_plan, parts.calculate)
        self._turn = threading.Lock()

    def SimulatePlan(  # noqa: N802
        self, request: pb.SimulatePlanRequest, context: Context
    ) -> Iterator[pb.SimulatePlanResponse]:
        caller = self._calls.caller(context)
        texts = [read_plan_text(text, f"candidates[{number}]") for number, text in enumerate(request.candidates)]
        with self._streams.open() as fits:
            if not fits:
                raise ResourceExhausted("TOO_MANY_STREAMS", "Too many streams are open. Wait for one to end.")
            steps = simulate_plan(
                self._tools,
                caller,
                texts,
                period=request.period,
                proceed=lambda: still_wanted(context),
                as_of=as_of(request),
            )
            yield from self._answers(steps, context)

    def _answers(self, steps: Iterator[str | Simulated], context: Context) -> Iterator[pb.SimulatePlanResponse]:
        found: Simulated | None = None
        self._wait(context)
        try:
            for step in steps:
                if isinstance(step, Simulated):
                    found = step
                else:
                    yield progress_message(step)
        finally:
            self._turn.release()
        assert found is not None
        yield from comparison_messages(found)

    def _wait(self, context: Context) -> None:
        while not self._turn.acquire(timeout=WAIT_SECONDS):
            still_wanted(context)

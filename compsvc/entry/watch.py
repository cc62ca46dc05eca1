"""What operators see of a server: each call and each calculation, in the log and, where they are configured, in metrics
and traces. Never whose call it was, nor anything of what was asked or answered."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc

from compsvc.entry.logs import tell
from compsvc.service.calculation import Calculation
from compsvc.service.ports import ServiceError

log = logging.getLogger("compsvc.grpc")
CODE_NAMES: Mapping[int, str] = {code.value[0]: code.name for code in grpc.StatusCode}


class Span(Protocol):
    """One call, or one calculation, of a trace."""

    trace_id: str

    def inside(self) -> AbstractContextManager[Any]:
        """While this is open, what begins belongs to the span."""
        ...

    def end(self, *, code: str, reason: str) -> None: ...


class Traces(Protocol):
    def begin(self, name: str, metadata: Mapping[str, Any]) -> Span: ...


class Metrics(Protocol):
    def called(self, call: Call) -> None: ...

    def calculated(self, outcome: str, seconds: float) -> None: ...

    def refused_rows(self, count: int) -> None: ...


@dataclass(slots=True)
class Call:
    """A call while it runs, and how it ended."""

    method: str  # /compsvc.v1.PlanService/ListPlans
    request_id: str  # as `shown_id` shows it; "" where a request has none
    trace_id: str  # the caller's, or the one that began here; "" where there is none
    span: Span | None = None
    began: float = field(default_factory=time.monotonic)
    code: str = "OK"
    reason: str = "-"
    batches: Counter[str] = field(default_factory=Counter)  # of a stream of batches, by code
    duration_seconds: float = 0.0

    def inside(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.span is None else self.span.inside()

    def answered(self, message: Any) -> None:
        """A batch of a stream is answered by itself; the call may be OK while batches of it are refused."""
        if {"error", "request_id"} <= set(message.DESCRIPTOR.fields_by_name):
            self.batches[CODE_NAMES[message.error.code]] += 1


class Watch:
    """Tells the log of everything; metrics and traces are there where an operator asked for them."""

    def __init__(self, metrics: Metrics | None = None, traces: Traces | None = None) -> None:
        self._metrics, self._traces = metrics, traces
        self._newest = -1  # the highest position that was calculated; an earlier one may be calculated after it

    def begun(self, method: str, metadata: Mapping[str, Any], request: Any) -> Call:
        span = self._traces.begin(method.removeprefix("/"), metadata) if self._traces else None
        trace_id = span.trace_id if span else _trace_id(metadata.get("traceparent", ""))
        return Call(method, shown_id(getattr(request, "request_id", "")), trace_id, span)

    def ended(self, call: Call) -> None:
        call.duration_seconds = time.monotonic() - call.began
        if call.span is not None:
            call.span.end(code=call.code, reason=call.reason)
        if self._metrics is not None:
            self._metrics.called(call)
        _log(call)

    def calculating(self, calculate: Callable[[], Calculation]) -> Calculation:
        """Once for each position of the book; what callers wait for longest."""
        began, outcome = time.monotonic(), "INTERNAL"
        span = self._traces.begin("calculate", {}) if self._traces else None
        try:
            with nullcontext() if span is None else span.inside():
                found = calculate()
            outcome = "OK"
        except ServiceError as error:
            outcome = error.reason
            raise
        finally:
            seconds = time.monotonic() - began
            if span is not None:
                span.end(code="OK" if outcome == "OK" else "FAILED", reason=outcome)
            if self._metrics is not None:
                self._metrics.calculated(outcome, seconds)
        self._tell_calculated(found, seconds)
        return found

    def _tell_calculated(self, found: Calculation, seconds: float) -> None:
        rows = len({(refusal.kind, refusal.row) for refusal in found.refusals})
        if self._metrics is not None and found.position >= self._newest:
            self._newest = found.position
            self._metrics.refused_rows(rows)
        milliseconds = round(seconds * 1000)
        tell(
            log,
            logging.INFO,
            "calculated",
            f"calculated position {found.position}, {rows} rows refused, {milliseconds} ms",
            position=found.position,
            refused_rows=rows,
            duration_ms=milliseconds,
        )


def shown_id(request_id: str) -> str:
    """A UUID as it is; of anything else, which could be somebody's name, a digest that the sender can make as well."""
    if not request_id or _UUID.fullmatch(request_id):
        return request_id
    return "sha256:" + hashlib.sha256(request_id.encode()).hexdigest()[:16]


def _trace_id(traceparent: Any) -> str:
    """What W3C trace context says, so that our log can be joined with the caller's."""
    found = _TRACEPARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
    return found[1] if found else ""


_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def _log(call: Call) -> None:
    milliseconds = int(call.duration_seconds * 1000)
    text = f"{call.method} {call.code} {call.reason} {milliseconds} ms"
    ids = {name: value for name in ("request_id", "trace_id") if (value := getattr(call, name))}
    batches = dict(sorted(call.batches.items()))
    more = [f"{name}={value}" for name, value in ids.items()]
    more += [f"batches={count}:{code}" for code, count in batches.items()]
    fields = {"method": call.method, "code": call.code, "reason": call.reason, "duration_ms": milliseconds, **ids}
    if batches:
        fields["batches"] = batches
    tell(log, logging.INFO, "call", " ".join([text, *more]), **fields)

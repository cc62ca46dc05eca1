"""Traces for OpenTelemetry, sent by OTLP over gRPC. A span has the method, the code and the reason, and nothing of what
was asked: the ready instrumentation of gRPC would send the words of errors, which name people."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from compsvc import __version__
from compsvc.service.ports import FailedPrecondition

if TYPE_CHECKING:
    from opentelemetry.trace import Span

SERVER_FAULTS = ("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "FAILED")


class OtlpTraces:
    """`http://` sends in the clear and `https://` by TLS; `OTEL_EXPORTER_OTLP_HEADERS` and its kin hold as well."""

    def __init__(self, endpoint: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            message = "--trace-endpoint needs packages that are not installed: pip install 'compsvc[otel]'."
            raise FailedPrecondition("EXTRA_MISSING", message, extra="otel") from error
        resource = Resource.create({"service.name": "compsvc", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint, insecure=endpoint.startswith("http://"))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("compsvc", __version__)

    def begin(self, name: str, metadata: Mapping[str, Any]) -> OtlpSpan:
        """Of a call the metadata may name the caller's trace; what is calculated belongs to the call that waits."""
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
        caller = TraceContextTextMapPropagator().extract(texts) if texts else None
        service, _, method = name.rpartition("/")
        if not service:
            return OtlpSpan(self._tracer.start_span(name))
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
        return OtlpSpan(self._tracer.start_span(name, caller, trace.SpanKind.SERVER, attributes))

    def stop(self) -> None:
        self._provider.shutdown()


class OtlpSpan:
    def __init__(self, span: Span) -> None:
        self._span = span
        self.trace_id = format(span.get_span_context().trace_id, "032x")

    def inside(self) -> AbstractContextManager[Any]:
        from opentelemetry import trace

        return trace.use_span(self._span, record_exception=False, set_status_on_exception=False)

    def end(self, *, code: str, reason: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._span.set_attribute("compsvc.code", code)
        self._span.set_attribute("compsvc.reason", reason)
        if code in SERVER_FAULTS:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

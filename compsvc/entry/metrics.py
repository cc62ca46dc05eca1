"""Figures for Prometheus on a port of their own, for this machine only. No label comes from data: methods and codes are
those of the API, so there are never more series than it has calls times codes."""

from __future__ import annotations

import sys
from collections.abc import Callable

from compsvc import __version__
from compsvc.entry.watch import Call
from compsvc.service.ports import FailedPrecondition

HOST = "127.0.0.1"
_CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_CALCULATION_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class PrometheusMetrics:
    """Serves `http://127.0.0.1:PORT/metrics` from the moment it is made; port 0 takes a free one."""

    def __init__(self, port: int) -> None:
        try:
            import prometheus_client as prometheus
        except ImportError as error:
            message = "--metrics-port needs a package that is not installed: pip install 'compsvc[prometheus]'."
            raise FailedPrecondition("EXTRA_MISSING", message, extra="prometheus") from error
        mine = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=mine)
        prometheus.GCCollector(registry=mine)
        info = prometheus.Info("compsvc_build", "What runs.", registry=mine)
        info.info({"version": __version__, "python": ".".join(map(str, sys.version_info[:3]))})
        self._calls = prometheus.Counter("compsvc_calls", "Calls that ended.", ["method", "code"], registry=mine)
        self._seconds = prometheus.Histogram(
            "compsvc_call_seconds", "How long calls took.", ["method"], buckets=_CALL_SECONDS, registry=mine
        )
        self._batches = prometheus.Counter(
            "compsvc_batches", "Batches of streams that were answered.", ["method", "code"], registry=mine
        )
        self._calculations = prometheus.Counter(
            "compsvc_calculations", "Calculations of the book.", ["outcome"], registry=mine
        )
        self._calculation_seconds = prometheus.Histogram(
            "compsvc_calculation_seconds", "How long they took.", buckets=_CALCULATION_SECONDS, registry=mine
        )
        self._refused = prometheus.Gauge(
            "compsvc_refused_rows", "Stored rows that the last calculation had to leave out.", registry=mine
        )
        self._position = prometheus.Gauge("compsvc_book_position", "Where the book stands.", registry=mine)
        try:
            self._server, self._thread = prometheus.start_http_server(port, HOST, mine)
        except OSError as error:
            message = f"`{HOST}:{port}` cannot be bound for metrics. Is something else running there?"
            raise FailedPrecondition("METRICS_PORT_NOT_BOUND", message, address=f"{HOST}:{port}") from error
        self.address = f"http://{HOST}:{self._server.server_port}/metrics"

    def book(self, position: Callable[[], int]) -> None:
        """Asked each time that somebody reads the metrics."""
        self._position.set_function(position)

    def called(self, call: Call) -> None:
        method = call.method.removeprefix("/")
        self._calls.labels(method, call.code).inc()
        self._seconds.labels(method).observe(call.duration_seconds)
        for code, count in call.batches.items():
            self._batches.labels(method, code).inc(count)

    def calculated(self, outcome: str, seconds: float) -> None:
        self._calculations.labels(outcome).inc()
        self._calculation_seconds.observe(seconds)

    def refused_rows(self, count: int) -> None:
        self._refused.set(count)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

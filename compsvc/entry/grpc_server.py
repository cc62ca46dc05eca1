"""The gRPC server: ports and keys, the services, and how it stops."""

from __future__ import annotations

import ipaddress
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from compsvc.core.limits import DEFAULT_WORKERS, MAX_MESSAGE_BYTES, MAX_WAITING_CALLS
from compsvc.entry.close_servicer import CloseServicer
from compsvc.entry.dispute_servicer import DisputeServicer
from compsvc.entry.grpc_calls import Calls, Edge, Streams
from compsvc.entry.grpc_facts import FactServicer
from compsvc.entry.grpc_servicers import DealServicer, PlanServicer
from compsvc.entry.letter_servicer import LetterServicer
from compsvc.entry.logs import log_to_stderr
from compsvc.entry.metrics import PrometheusMetrics
from compsvc.entry.payroll_run_servicer import PayrollRunServicer
from compsvc.entry.payroll_servicer import PayrollServicer
from compsvc.entry.simulation_servicer import SimulationServicer
from compsvc.entry.statement_servicer import StatementServicer
from compsvc.entry.traces import OtlpTraces
from compsvc.entry.watch import Watch
from compsvc.service.ports import FailedPrecondition, ServiceError, Tokens
from compsvc.v1 import close_service_pb2 as close_pb
from compsvc.v1 import (
    close_service_pb2_grpc,
    deal_service_pb2_grpc,
    dispute_service_pb2_grpc,
    fact_service_pb2_grpc,
    letter_service_pb2_grpc,
    payroll_run_service_pb2_grpc,
    payroll_service_pb2_grpc,
    plan_service_pb2_grpc,
    simulation_service_pb2_grpc,
    statement_service_pb2_grpc,
)
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import dispute_service_pb2 as dispute_pb
from compsvc.v1 import fact_service_pb2 as fact_pb
from compsvc.v1 import letter_service_pb2 as letter_pb
from compsvc.v1 import payroll_run_service_pb2 as payroll_run_pb
from compsvc.v1 import payroll_service_pb2 as payroll_pb
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1 import simulation_service_pb2 as simulation_pb
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.wiring import open_parts, open_tokens, shown_book


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """What `compsvc serve` is told. Port 0 takes a free one."""

    book: str | Path  # a file, or the URL of a database
    address: str = "127.0.0.1:50051"
    token_key: Path | None = None
    insecure_callers: bool = False  # believe what callers say who they are; on this machine only
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    insecure_transport: bool = False  # serve without TLS beyond this machine, behind something that adds it
    workers: int = DEFAULT_WORKERS
    log_level: str = "info"
    log_format: str = "text"  # or `json`: one object a line
    metrics_port: int | None = None  # for Prometheus, on this machine only
    trace_endpoint: str | None = None  # of an OpenTelemetry collector
    grace_seconds: float = 10.0  # how long running calls may take when the server stops


def serve(config: ServeConfig, *, say: Callable[[str], None] = print) -> int:
    """Serves until SIGTERM or SIGINT, then finishes the calls at work. 0 is a clean end, 2 a config that is refused."""
    stop = threading.Event()
    try:
        server = Server(config)
    except ServiceError as error:
        print(f"compsvc: {error.reason} {error.message}", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log_to_stderr(config.log_level, config.log_format)
    server.start()
    if server.metrics_address:
        say(f"metrics: {server.metrics_address}")
    say(f"compsvc serves {shown_book(config.book)} on {server.address}")
    stop.wait()
    server.stop()
    return 0


class Server:
    """One server for one book. ServiceError where the config or the book is refused."""

    def __init__(self, config: ServeConfig) -> None:
        check(config)
        tokens = open_tokens(config.token_key) if config.token_key else None
        credentials = _credentials(config)
        self._grace, self._streams = config.grace_seconds, Streams(max(1, config.workers // 2))
        with ExitStack() as opened:  # and closed again where something is refused after it
            metrics, watch = _watch(config, opened)
            self.metrics_address = metrics.address if metrics else None
            self._parts = open_parts(config.book, around=watch.calculating)
            opened.callback(self._parts.store.close)
            if metrics:
                metrics.book(self._parts.store.position)
            self._pool = ThreadPoolExecutor(config.workers, thread_name_prefix="grpc")
            self._health = health.HealthServicer()
            self._server = _grpc_server(self._pool, watch, config.workers)
            self._register(tokens, config)
            self.address = self._bind(config.address, credentials)
            self._opened = opened.pop_all()

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """No new calls, and those at work have their grace; what was answered is stored."""
        self._health.enter_graceful_shutdown()
        stopped = self._server.stop(self._grace)
        self._streams.stop()
        stopped.wait()
        self._pool.shutdown(wait=True)
        self._opened.close()

    def _register(self, tokens: Tokens | None, config: ServeConfig) -> None:
        parts, server = self._parts, self._server
        calls = Calls(tokens, insecure_callers=config.insecure_callers)
        plan_service_pb2_grpc.add_PlanServiceServicer_to_server(PlanServicer(parts, calls), server)
        fact_service_pb2_grpc.add_FactServiceServicer_to_server(FactServicer(parts, calls), server)
        deals = DealServicer(parts, calls, self._streams)
        deal_service_pb2_grpc.add_DealServiceServicer_to_server(deals, server)
        statements = StatementServicer(parts, calls)
        statement_service_pb2_grpc.add_StatementServiceServicer_to_server(statements, server)
        payroll_service_pb2_grpc.add_PayrollServiceServicer_to_server(PayrollServicer(parts, calls), server)
        runs = PayrollRunServicer(parts, calls, self._streams)
        payroll_run_service_pb2_grpc.add_PayrollRunServiceServicer_to_server(runs, server)
        simulations = SimulationServicer(parts, calls, self._streams)
        simulation_service_pb2_grpc.add_SimulationServiceServicer_to_server(simulations, server)
        dispute_service_pb2_grpc.add_DisputeServiceServicer_to_server(DisputeServicer(parts, calls), server)
        close_service_pb2_grpc.add_CloseServiceServicer_to_server(CloseServicer(parts, calls), server)
        letter_service_pb2_grpc.add_LetterServiceServicer_to_server(LetterServicer(parts, calls), server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        payroll = (payroll_pb, payroll_run_pb, close_pb)
        files = (plan_pb, fact_pb, deal_pb, statement_pb, *payroll, simulation_pb, dispute_pb, letter_pb)
        ours = [file.DESCRIPTOR.services_by_name.values() for file in files]
        names = [service.full_name for services in ours for service in services]
        for name in ("", *names):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)

    def _bind(self, address: str, credentials: grpc.ServerCredentials | None) -> str:
        host = address.rpartition(":")[0]
        try:
            if credentials is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            message = f"`{address}` cannot be bound. Is another server running there?"
            raise FailedPrecondition("ADDRESS_NOT_BOUND", message, address=address) from error
        return f"{host}:{port}"


def _watch(config: ServeConfig, opened: ExitStack) -> tuple[PrometheusMetrics | None, Watch]:
    metrics = traces = None
    if config.metrics_port is not None:
        metrics = PrometheusMetrics(config.metrics_port)
        opened.callback(metrics.stop)
    if config.trace_endpoint is not None:
        traces = OtlpTraces(config.trace_endpoint)
        opened.callback(traces.stop)
    return metrics, Watch(metrics, traces)


def _grpc_server(pool: ThreadPoolExecutor, watch: Watch, workers: int) -> grpc.Server:
    return grpc.server(
        pool,
        interceptors=[Edge(watch)],
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a lottery
        ],
        maximum_concurrent_rpcs=workers + MAX_WAITING_CALLS,
    )


def check(config: ServeConfig) -> None:
    local = is_loopback(config.address)
    if config.token_key is None and not config.insecure_callers:
        message = "Nobody could call: give --token-key FILE, or --insecure-callers to try things out on this machine."
        raise FailedPrecondition("NO_CALLERS", message)
    if config.insecure_callers and not local:
        message = f"--insecure-callers believes everyone, so it serves this machine only, not `{config.address}`."
        raise FailedPrecondition("INSECURE_CALLERS_NOT_LOCAL", message, address=config.address)
    if (config.tls_certificate is None) != (config.tls_key is None):
        raise FailedPrecondition("TLS_HALF_GIVEN", "TLS needs both --tls-certificate and --tls-key.")
    if config.tls_key is None and not local and not config.insecure_transport:
        message = (
            f"Without TLS `{config.address}` would send pay in the clear. Give --tls-certificate and --tls-key, or "
            "--insecure-transport where something in front adds TLS."
        )
        raise FailedPrecondition("TLS_MISSING", message, address=config.address)


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address."""
    if address.startswith("unix:"):
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _credentials(config: ServeConfig) -> grpc.ServerCredentials | None:
    if config.tls_key is None or config.tls_certificate is None:
        return None
    try:
        pair = (config.tls_key.read_bytes(), config.tls_certificate.read_bytes())
    except OSError as error:
        message = f"`{error.filename}` cannot be read: {error.strerror}."
        raise FailedPrecondition("TLS_UNREADABLE", message, path=str(error.filename)) from error
    return grpc.ssl_server_credentials([pair])

"""What operators see: the log, metrics and traces of a server that is asked everything, and never whose pay it is."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from compsvc.entry import demo
from compsvc.entry.grpc_server import ServeConfig, Server
from compsvc.entry.logs import JsonLines, Text
from compsvc.entry.watch import shown_id
from compsvc.service.ports import FailedPrecondition
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import fact_service_pb2, payroll_service_pb2, simulation_service_pb2, statement_service_pb2
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.v1.plan_service_pb2_grpc import PlanServiceStub
from compsvc.v1.statement_service_pb2_grpc import StatementServiceStub
from compsvc.wiring import file_tools, inspect_book

from .conftest import SECRET

FILES = (plan_pb, fact_service_pb2, deal_pb, statement_pb, payroll_service_pb2, simulation_service_pb2)
ADMIN = (("compsvc-subject", "hanna"), ("compsvc-role", "admin"))
HANNA = "participants/hanna/statements/2026-Q4"


def serving(folder: Path, **more: Any) -> Server:
    config = ServeConfig(book=folder / "book.db", address="127.0.0.1:0", insecure_callers=True, **more)
    server = Server(config)
    server.start()
    return server


def ask_everything(address: str) -> None:
    """The sample company goes in; then every method of every service once, with requests that say little."""
    with grpc.insecure_channel(address) as channel:
        demo.load_company(channel, ADMIN)
        StatementServiceStub(channel).GetStatement(statement_pb.GetStatementRequest(name=HANNA), metadata=ADMIN)
        for name, input_type, streamed in methods():
            list(_asked(channel, name, input_type, streamed))


def methods() -> Iterator[tuple[str, Any, bool]]:
    for file in FILES:
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield f"/{service.full_name}/{method.name}", method.input_type._concrete_class, method.client_streaming


def _asked(channel: grpc.Channel, name: str, request: Any, streamed: bool) -> Iterator[bytes]:
    message: Message = request()
    for field, value in (("name", "participants/hanna"), ("parent", "payPeriods/2026-11"), ("request_id", "Hanna B")):
        if field in request.DESCRIPTOR.fields_by_name:
            setattr(message, field, value)
    sent = iter([message.SerializeToString()])
    try:
        if streamed:
            yield from channel.stream_stream(name)(sent, metadata=ADMIN, timeout=30)
        else:
            yield from channel.unary_stream(name)(next(sent), metadata=ADMIN, timeout=30)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.INTERNAL:
            raise


def secrets() -> set[str]:
    """Ids and names of everybody and everything of the sample company, and every amount, as stored and as printed."""
    facts = file_tools().load_files(demo.COMPANY / "data", None).facts
    found: set[str] = set()
    for frame in (facts.participants, facts.accounts, facts.assignments, facts.deals, facts.deal_lines):
        for column in frame.columns:
            named = column.endswith(("participant_id", "account_id", "display_name", "external_id", "seller_id"))
            values = frame[column].drop_nulls().unique().to_list() if named or column.endswith("_minor") else []
            found |= {str(value) for value in values}
            found |= {f"{value / 100:,.2f}" for value in values if isinstance(value, int)}
    return {text for text in found if len(text) > 2}


def answered_batches() -> int:
    """Those of the sample company that are stored, and the first of them again."""
    deals = file_tools().load_files(demo.COMPANY / "data", None).facts.deals
    return -(-deals.height // demo.BATCH) + 1


def leaks(text: str) -> list[str]:
    return sorted(word for word in secrets() if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])", text))


# --- the log


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_of_all_calls_names_nobody_and_no_amount(tmp_path: Path, form: str) -> None:
    command = [sys.executable, "-m", "compsvc.entry.cli", "serve", "--book", str(tmp_path / "book.db")]
    command += ["--address", "127.0.0.1:0", "--insecure-callers", "--log-format", form, "--log-level", "debug"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ask_everything(process.stdout.readline().split()[-1])
        finally:
            process.terminate()
            said = process.communicate(timeout=30)[1]
    assert len(secrets()) > 100
    assert leaks(said) == []
    assert SECRET not in said
    for name, _, _ in methods():
        assert name in said
    assert "calculated" in said
    if form == "json":
        lines = [json.loads(line) for line in said.splitlines()]
        calls = [line for line in lines if line["event"] == "call"]
        fields = {"time", "level", "event", "method", "code", "reason", "duration_ms"}
        assert all(fields <= set(line) for line in calls)
        stream = next(line for line in calls if line["method"].endswith("IngestDeals"))
        assert stream["batches"] == {"INVALID_ARGUMENT": 1, "OK": answered_batches()}
        assert any(re.fullmatch("[0-9a-f-]{36}", line.get("request_id", "")) for line in calls)
        assert any(line.get("request_id", "").startswith("sha256:") for line in calls)


def test_the_check_for_names_and_amounts_would_find_them() -> None:
    assert leaks("call by hanna of 22,500.00") != []
    assert "hanna" in leaks("participants/hanna")


def test_a_request_id_that_could_be_a_name_is_logged_as_its_digest() -> None:
    assert shown_id("6f1f0f6e-8f0e-4d2e-9e57-2f6c5f6a1b2c") == "6f1f0f6e-8f0e-4d2e-9e57-2f6c5f6a1b2c"
    assert shown_id("") == ""
    assert shown_id("Hanna Berg") == f"sha256:{hashlib.sha256(b'Hanna Berg').hexdigest()[:16]}"


@pytest.mark.parametrize("formatter", [Text("%(message)s"), JsonLines()])
def test_of_an_error_the_log_has_the_places_and_not_the_words(formatter: logging.Formatter) -> None:
    try:
        try:
            raise KeyError("hanna")
        except KeyError as error:
            raise ValueError("hanna earns 22,500.00") from error
    except ValueError as error:
        record = logging.LogRecord("compsvc", logging.ERROR, "", 0, "internal error 7", (), (ValueError, error, None))
        record.exc_info = (ValueError, error, error.__traceback__)
    said = formatter.format(record)
    assert "hanna" not in said.replace("test_watch", "")
    assert "22,500" not in said
    assert "builtins.ValueError" in said
    assert "builtins.KeyError" in said
    assert "test_watch.py" in said


def test_the_callers_trace_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "compsvc")
    server = serving(tmp_path)
    with grpc.insecure_channel(server.address) as channel:
        parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        PlanServiceStub(channel).ListPlans(plan_pb.ListPlansRequest(), metadata=(*ADMIN, parent))
        PlanServiceStub(channel).ListPlans(plan_pb.ListPlansRequest(), metadata=(*ADMIN, ("traceparent", "hanna")))
    server.stop()
    first, second = (record.getMessage() for record in caplog.records if record.name == "compsvc.grpc")
    assert first.endswith(" trace_id=4bf92f3577b34da6a3ce929d0e0e4736")
    assert "trace" not in second


# --- metrics


def read(address: str) -> dict[str, float]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        text = answer.read().decode()
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_metrics_count_calls_batches_and_calculations_and_no_label_comes_from_data(tmp_path: Path) -> None:
    server = serving(tmp_path, metrics_port=0)
    assert server.metrics_address is not None
    assert server.metrics_address.startswith("http://127.0.0.1:")
    before = read(server.metrics_address)
    assert before["compsvc_book_position"] == 0
    ask_everything(server.address)
    with grpc.insecure_channel(server.address) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary("/compsvc.v1.PlanService/Hanna")(b"", metadata=ADMIN)
    found = read(server.metrics_address)
    server.stop()
    deals = 'method="compsvc.v1.DealService/IngestDeals"'
    assert found[f'compsvc_calls_total{{code="OK",{deals}}}'] == 2
    assert found[f'compsvc_batches_total{{code="OK",{deals}}}'] == answered_batches()
    assert found[f'compsvc_batches_total{{code="INVALID_ARGUMENT",{deals}}}'] == 2
    assert found[f"compsvc_call_seconds_count{{{deals}}}"] == 2
    assert found['compsvc_calculations_total{outcome="OK"}'] == 1
    assert found["compsvc_calculation_seconds_sum"] > 0
    assert found["compsvc_refused_rows"] == 0
    assert found["compsvc_book_position"] == inspect_book(tmp_path / "book.db").store.position() > 10
    assert leaks("\n".join(name for name in found if name.startswith("compsvc_"))) == []
    assert not [name for name in found if "Hanna" in name]
    with pytest.raises(OSError, match="refused"):
        read(server.metrics_address)


def test_a_taken_metrics_port_is_told_and_nothing_stays_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FailedPrecondition, match=f"127.0.0.1:{port}") as error:
            serving(tmp_path, metrics_port=port)
    assert error.value.reason == "METRICS_PORT_NOT_BOUND"


@pytest.mark.parametrize(
    ("package", "extra", "setting"),
    [
        ("prometheus_client", "prometheus", {"metrics_port": 0}),
        ("opentelemetry.exporter.otlp.proto.grpc.trace_exporter", "otel", {"trace_endpoint": "http://127.0.0.1:4317"}),
    ],
)
def test_what_is_asked_for_without_its_packages_is_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str, setting: dict[str, Any]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(FailedPrecondition, match=re.escape(f"pip install 'compsvc[{extra}]'")) as error:
        serving(tmp_path, **setting)
    assert error.value.reason == "EXTRA_MISSING"
    serving(tmp_path).stop()  # and without them it runs


# --- traces


class Collector:
    """Takes what an exporter sends, as a collector of OpenTelemetry does."""

    def __init__(self) -> None:
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc

        self.spans: list[Any] = []
        collector = self

        class Service(trace_service_pb2_grpc.TraceServiceServicer):
            def Export(self, request: Any, context: Any) -> Any:  # noqa: N802
                for resource in request.resource_spans:
                    collector.spans += [span for scope in resource.scope_spans for span in scope.spans]
                return pb.ExportTraceServiceResponse()

        self.server = grpc.server(ThreadPoolExecutor(1))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Service(), self.server)
        self.endpoint = f"http://127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()


def test_traces_reach_a_collector_and_join_the_callers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "compsvc")
    collector = Collector()
    server = serving(tmp_path, trace_endpoint=collector.endpoint)
    ask_everything(server.address)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with grpc.insecure_channel(server.address) as channel:
        stub = StatementServiceStub(channel)
        metadata = (*ADMIN, ("traceparent", f"00-{trace}-00f067aa0ba902b7-01"))
        with pytest.raises(grpc.RpcError):
            stub.GetStatement(statement_service_pb2.GetStatementRequest(name="nonsense"), metadata=metadata)
    server.stop()
    collector.server.stop(None).wait()
    spans = collector.spans
    assert {f"/{span.name}" for span in spans} >= {name for name, _, _ in methods()}
    mine = next(span for span in spans if span.trace_id.hex() == trace)
    attributes = {each.key: each.value.string_value for each in mine.attributes}
    assert attributes == {
        "rpc.system": "grpc",
        "rpc.service": "compsvc.v1.StatementService",
        "rpc.method": "GetStatement",
        "compsvc.code": "INVALID_ARGUMENT",
        "compsvc.reason": "NAME_INVALID",
    }
    assert (mine.parent_span_id.hex(), mine.status.code, list(mine.events)) == ("00f067aa0ba902b7", 0, [])
    parents = {span.span_id: span.name for span in spans}
    calculations = [span for span in spans if span.name == "calculate"]
    assert [parents[span.parent_span_id] for span in calculations] == ["compsvc.v1.StatementService/GetStatement"]
    assert leaks("\n".join(map(str, spans))) == []
    assert f"trace_id={trace}" in caplog.text


def test_a_collector_that_is_not_there_stops_no_call(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    server = serving(tmp_path, trace_endpoint=endpoint)
    with grpc.insecure_channel(server.address) as channel:
        PlanServiceStub(channel).ListPlans(plan_pb.ListPlansRequest(), metadata=ADMIN)
    server.stop()

"""Who may call, how the server starts and stops, and what is never said."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import jwt
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.entry.grpc_server import ServeConfig, Server, is_loopback, serve
from compsvc.service.access import PERMISSIONS
from compsvc.service.ports import ROLES, Caller, FailedPrecondition
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import fact_service_pb2 as fact_pb
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.v1 import statement_service_pb2_grpc
from compsvc.wiring import open_tokens

from .conftest import SECRET, Client, Running, batch, deal, new_id, plan_text, refused, told

# --- who calls


def calls(client: Client) -> dict[str, tuple[Any, Any]]:
    """One call for each permission, with a request that makes no sense: permission comes first."""
    facts, deals, plans = client.facts, client.deals, client.plans
    return {
        "create_plan": (plans.CreatePlan, plan_pb.CreatePlanRequest(text=plan_text("x"), request_id="r")),
        "check_plan": (plans.CheckPlan, plan_pb.CheckPlanRequest(text=plan_text("x"))),
        "read_plans": (plans.GetPlan, plan_pb.GetPlanRequest(name="plans/nothing")),
        "load_facts": (facts.LoadAccounts, fact_pb.LoadAccountsRequest(request_id="r")),
        "read_facts": (facts.GetAccount, fact_pb.GetAccountRequest(name="accounts/nothing")),
        "read_deals": (deals.GetDeal, deal_pb.GetDealRequest(name="sources/a/deals/b")),
    }


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says_and_learns_nothing_else(running: Running, role: str) -> None:
    client = running.client(role, "someone")
    for verb, (method, request) in calls(client).items():
        try:
            client.call(method, request)
            code = grpc.StatusCode.OK
        except grpc.RpcError as error:
            code = told(error).code
        assert (code != grpc.StatusCode.PERMISSION_DENIED) == (role in PERMISSIONS[verb]), verb


def test_a_rep_reads_their_own_statement_and_no_other(running: Running, company: Client) -> None:
    company.ingest(batch(deal("D-1", type="new_logo")))
    ann = running.client("rep", "ann")
    stub = statement_service_pb2_grpc.StatementServiceStub(ann.channel)
    own = statement_pb.GetStatementRequest(name="participants/ann/statements/2026")
    found = ann.call(stub.GetStatement, own)
    assert [(each.currency_code, each.minor_units) for each in found.totals] == [("EUR", 10_000)]  # 10% of 1,000.00
    for other in ("participants/Moses%20Frase/statements/2026", "participants/nobody/statements/2026"):
        answer = refused(ann, stub.GetStatement, statement_pb.GetStatementRequest(name=other))
        assert (answer.code, answer.reason) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_YOUR_STATEMENT")


def test_a_rep_may_not_ingest_and_is_told_in_the_answer(running: Running) -> None:
    (answer,) = running.client("rep", "ann").ingest(batch(deal("D-1")))
    found = told(answer.error)
    assert (found.code, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_PERMITTED")
    assert found.metadata == {"role": "rep", "verb": "ingest_deals"}


def token_of(running: Running, **claims: Any) -> str:
    first = {"iss": "compsvc", "sub": "ann", "role": "admin", "exp": int(time.time()) + 600}
    return jwt.encode({k: v for k, v in {**first, **claims}.items() if v is not None}, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - 1}, "TOKEN_EXPIRED"),
        ({"exp": None}, "TOKEN_INVALID"),
        ({"sub": None}, "TOKEN_INVALID"),
        ({"role": None}, "TOKEN_INVALID"),
        ({"role": "king"}, "TOKEN_INVALID"),
        ({"iss": "someone"}, "TOKEN_INVALID"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(running: Running, claims: dict[str, Any], reason: str) -> None:
    client = running.client(token=token_of(running, **claims))
    found = refused(client, client.plans.ListPlans, plan_pb.ListPlansRequest())
    assert (found.code, found.reason) == (grpc.StatusCode.UNAUTHENTICATED, reason)


def test_a_token_cannot_choose_its_algorithm(running: Running) -> None:
    claims = {"iss": "compsvc", "sub": "ann", "role": "admin", "exp": int(time.time()) + 600}
    for token in (jwt.encode(claims, "", algorithm="none"), jwt.encode(claims, "x" * 64, algorithm="HS512")):
        client = running.client(token=token)
        assert refused(client, client.plans.ListPlans, plan_pb.ListPlansRequest()).reason == "TOKEN_INVALID"


def test_without_a_token_nobody_is_let_in(running: Running) -> None:
    client = running.bare([("compsvc-role", "admin")])
    found = refused(client, client.plans.ListPlans, plan_pb.ListPlansRequest())
    assert (found.code, found.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")


def test_key_pairs_sign_and_public_keys_only_read(tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    caller = Caller("ann", "rep")
    token = open_tokens(private).mint(caller, expires_time=datetime.now(UTC) + timedelta(hours=1))
    assert open_tokens(public).caller(token) == caller
    with pytest.raises(FailedPrecondition, match="reads tokens"):
        open_tokens(public).mint(caller, expires_time=datetime.now(UTC))


def test_callers_may_be_believed_on_this_machine_only(tmp_path: Path) -> None:
    config = ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", insecure_callers=True)
    server = Server(config)
    server.start()
    clients = [
        Client(server.address, headers) for headers in ([], [("compsvc-role", "rep")], [("compsvc-role", "king")])
    ]
    request = fact_pb.ListAccountsRequest()
    assert clients[0].call(clients[0].facts.ListAccounts, request).next_page_token == ""
    assert refused(clients[1], clients[1].facts.ListAccounts, request).reason == "ROLE_NOT_PERMITTED"
    assert refused(clients[2], clients[2].facts.ListAccounts, request).reason == "ROLE_UNKNOWN"
    for client in clients:
        client.channel.close()
    server.stop()


# --- how it starts


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"insecure_callers": False}, "NO_CALLERS"),
        ({"address": "0.0.0.0:0"}, "INSECURE_CALLERS_NOT_LOCAL"),
        ({"address": "0.0.0.0:0", "insecure_callers": False, "token_key": "key"}, "TLS_MISSING"),
        ({"tls_key": Path("key")}, "TLS_HALF_GIVEN"),
        ({"tls_key": Path("nowhere"), "tls_certificate": Path("nowhere")}, "TLS_UNREADABLE"),
        ({"token_key": "nowhere"}, "KEY_UNREADABLE"),
        ({"token_key": "short"}, "KEY_TOO_SHORT"),
        ({"token_key": "bad.pem"}, "KEY_INVALID"),
        ({"book": "nowhere/book.db"}, "NO_FOLDER"),
        ({"book": "short"}, "NOT_A_BOOK"),
    ],
)
def test_a_config_that_is_not_safe_or_cannot_work_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], reason: str
) -> None:
    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "short").write_text("not a database, and no key")
    (tmp_path / "bad.pem").write_text("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")
    changes = {name: tmp_path / each if name in ("token_key", "book") else each for name, each in changes.items()}
    config = ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", insecure_callers=True)
    assert serve(replace(config, **changes)) == 2
    assert f"compsvc: {reason} " in capsys.readouterr().err


def test_calls_may_be_encrypted(tmp_path: Path) -> None:
    key, certificate = tmp_path / "tls.key", tmp_path / "tls.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    config = ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", insecure_callers=True)
    server = Server(replace(config, tls_key=key, tls_certificate=certificate))
    server.start()
    trusted = grpc.ssl_channel_credentials(certificate.read_bytes())
    port = server.address.rpartition(":")[2]
    with grpc.secure_channel(f"localhost:{port}", trusted) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    server.stop()


def test_a_port_in_use_is_refused(running: Running, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = ServeConfig(book=tmp_path / "other.db", address=running.server.address, insecure_callers=True)
    with pytest.raises(FailedPrecondition, match="another server"):
        Server(config)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("unix:/tmp/x", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("10.0.0.1:1", False),
        ("example.org:1", False),
        (":1", False),
    ],
)
def test_what_this_machine_is(address: str, local: bool) -> None:
    assert is_loopback(address) is local


def test_health_and_reflection_need_no_token(running: Running) -> None:
    with grpc.insecure_channel(running.server.address) as channel:
        checked = health_pb2_grpc.HealthStub(channel)
        for name in ("", "compsvc.v1.DealService"):
            answer = checked.Check(health_pb2.HealthCheckRequest(service=name), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        (listed,) = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]), timeout=10)
        names = {service.name for service in listed.list_services_response.service}
    assert {f"compsvc.v1.{name}Service" for name in ("Plan", "Fact", "Deal", "Statement")} <= names


# --- what goes wrong inside


def test_a_broken_invariant_is_a_number_outside_and_a_trace_in_the_log(
    running: Running, admin: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("ann earns 5")

    monkeypatch.setattr(SqliteStore, "plans_at", broken)
    found = refused(admin, admin.plans.ListPlans, plan_pb.ListPlansRequest())
    assert (found.code, found.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "ann" not in found.message
    assert re.fullmatch("[0-9a-f]{32}", found.metadata["error_id"])
    assert found.metadata["error_id"] in caplog.text


def test_the_log_has_neither_names_nor_amounts(company: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "compsvc")
    company.ingest(batch(deal("D-1"), deal("D-2", account_id="nobody")), batch(deal("D-3")))
    refused(company, company.facts.GetParticipant, fact_pb.GetParticipantRequest(name="participants/nobody"))
    assert "/compsvc.v1.FactService/GetParticipant" in caplog.text
    for word in ("ann", "Moses", "acme", "nobody", "100000", "D-1"):
        assert word not in caplog.text


def test_each_call_is_one_line_on_standard_error_with_code_reason_and_time(tmp_path: Path) -> None:
    for level, lines in (("info", 2), ("warning", 0)):
        command = [sys.executable, "-m", "compsvc.entry.cli", "serve", "--book", str(tmp_path / "book.db")]
        command += ["--address", "127.0.0.1:0", "--insecure-callers"]
        command += [] if level == "info" else ["--log-level", level]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            client = Client(process.stdout.readline().split()[-1], [("compsvc-subject", "someone")])
            client.call(client.plans.ListPlans, plan_pb.ListPlansRequest())
            refused(client, client.facts.GetAccount, fact_pb.GetAccountRequest(name="accounts/secret"))
            client.channel.close()
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=20)[1]
        found = re.findall(r"^\S+ \S+ INFO (/compsvc\.v1\.\S+) (\S+) (\S+) \d+ ms$", said, re.MULTILINE)
        assert len(said.splitlines()) == len(found) == lines, said
        assert "secret" not in said
        assert "someone" not in said
        if lines:
            assert found[0] == ("/compsvc.v1.PlanService/ListPlans", "OK", "-")
            assert found[1] == ("/compsvc.v1.FactService/GetAccount", "NOT_FOUND", "NOT_FOUND")


def test_an_expired_deadline_does_not_commit(company: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    append = SqliteStore.append

    def slow(self: SqliteStore, *given: Any) -> Any:
        time.sleep(0.5)
        return append(self, *given)

    monkeypatch.setattr(SqliteStore, "append", slow)
    request = fact_pb.LoadAccountsRequest(accounts=[fact_pb.Account(account_id="late")], request_id=new_id())
    with pytest.raises(grpc.RpcError) as error:
        company.call(company.facts.LoadAccounts, request, timeout=0.2)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    time.sleep(0.8)
    found = refused(company, company.facts.GetAccount, fact_pb.GetAccountRequest(name="accounts/late"))
    assert found.code == grpc.StatusCode.NOT_FOUND


def test_streams_are_limited_so_that_other_calls_find_a_worker(company: Client) -> None:
    hold = threading.Event()

    def waiting() -> Iterator[deal_pb.IngestDealsRequest]:
        hold.wait(20)
        yield from ()

    streams = [company.deals.IngestDeals(waiting(), metadata=company.headers, timeout=20) for _ in range(8)]
    deadline = time.monotonic() + 10
    reason = ""
    while reason != "TOO_MANY_STREAMS" and time.monotonic() < deadline:
        try:
            company.ingest(batch(deal("D-1")))
        except grpc.RpcError as error:
            reason = told(error).reason
    hold.set()
    assert [list(stream) for stream in streams] == [[]] * 8
    assert reason == "TOO_MANY_STREAMS"


# --- how it stops


def start(tmp_path: Path) -> tuple[subprocess.Popen[str], str]:
    program = (
        "import sys; from pathlib import Path; from compsvc.entry.grpc_server import ServeConfig, serve; "
        "sys.exit(serve(ServeConfig(book=Path(sys.argv[1]), address='127.0.0.1:0', insecure_callers=True, "
        "grace_seconds=5), say=lambda line: print(line, flush=True)))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "book.db")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


def test_sigterm_finishes_what_runs_and_ends_streams_that_wait(tmp_path: Path) -> None:
    process, address = start(tmp_path)
    client, hold = Client(address, []), threading.Event()

    def requests() -> Iterator[deal_pb.IngestDealsRequest]:
        yield batch(deal("D-1"))
        hold.wait(20)

    stream = client.deals.IngestDeals(requests(), timeout=20)
    assert told(next(stream).error).reason == "FACTS_REFUSED"  # an empty book knows no account
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    with pytest.raises(grpc.RpcError) as error:
        next(stream)
    assert error.value.code() in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE)
    hold.set()
    assert process.wait(10) == 0
    assert time.monotonic() - began < 4  # it did not wait for the whole grace
    client.channel.close()
    assert process.stdout is not None
    process.stdout.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.db"]  # closed in order: no -wal is left
    assert os.stat(tmp_path / "book.db").st_mode & 0o777 == 0o600

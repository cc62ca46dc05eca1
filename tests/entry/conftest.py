"""A real server on a free loopback port, and callers of every role."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status
from google.type.date_pb2 import Date
from grpc_status import rpc_status

from compsvc.entry import demo
from compsvc.entry.grpc_server import ServeConfig, Server
from compsvc.service.ports import Caller
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import deal_service_pb2_grpc, fact_service_pb2_grpc, plan_service_pb2_grpc
from compsvc.v1 import fact_service_pb2 as fact_pb
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1.types_pb2 import Money
from compsvc.wiring import open_tokens
from tests.small_plans import TEN_PERCENT

SECRET = "a secret of thirty-two characters or more"
PLAN = TEN_PERCENT


@dataclass
class Client:
    """Stubs that call as one caller."""

    address: str
    headers: list[tuple[str, str]]
    channel: grpc.Channel = field(init=False)

    def __post_init__(self) -> None:
        self.channel = grpc.insecure_channel(self.address)
        self.plans = plan_service_pb2_grpc.PlanServiceStub(self.channel)
        self.facts = fact_service_pb2_grpc.FactServiceStub(self.channel)
        self.deals = deal_service_pb2_grpc.DealServiceStub(self.channel)

    def call(self, method: Callable[..., Any], request: Any, *, timeout: float | None = 30) -> Any:
        return method(request, metadata=self.headers, timeout=timeout)

    def ingest(self, *requests: deal_pb.IngestDealsRequest) -> list[deal_pb.IngestDealsResponse]:
        return list(self.deals.IngestDeals(iter(requests), metadata=self.headers, timeout=30))


@dataclass
class Running:
    server: Server
    book: Path
    key: Path
    clients: list[Client] = field(default_factory=list)

    def client(self, role: str = "admin", subject: str = "office", token: str | None = None) -> Client:
        tokens = open_tokens(self.key)
        expires = datetime.now(UTC) + timedelta(hours=1)
        token = token or tokens.mint(Caller(subject, role), expires_time=expires)  # type: ignore[arg-type]
        return self.bare([("authorization", f"Bearer {token}")])

    def bare(self, headers: list[tuple[str, str]]) -> Client:
        self.clients.append(Client(self.server.address, headers))
        return self.clients[-1]


class Sample:
    """A server with the sample company in its book, for tests that only read. Any caller may be had by name."""

    def __init__(self, folder: Path) -> None:
        self.key, self.book = folder / "key", folder / "book.db"
        self.key.write_text(SECRET)
        config = ServeConfig(book=self.book, address="127.0.0.1:0", token_key=self.key, grace_seconds=5)
        self.server = Server(config)
        self.server.start()
        self.channel = grpc.insecure_channel(self.server.address)
        demo.load_company(self.channel, self.headers("office", "admin"))

    def token(self, subject: str, role: str) -> str:
        expires = datetime.now(UTC) + timedelta(hours=1)
        return open_tokens(self.key).mint(Caller(subject, role), expires_time=expires)  # type: ignore[arg-type]

    def headers(self, subject: str, role: str) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token(subject, role)}"),)

    def stop(self) -> None:
        self.channel.close()
        self.server.stop()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    found = Sample(tmp_path_factory.mktemp("sample"))
    yield found
    found.stop()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    key = tmp_path / "key"
    key.write_text(SECRET)
    server = Server(ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", token_key=key, grace_seconds=5))
    server.start()
    found = Running(server, tmp_path / "book.db", key)
    yield found
    for client in found.clients:
        client.channel.close()
    server.stop()


@pytest.fixture
def admin(running: Running) -> Client:
    return running.client()


@pytest.fixture
def company(admin: Client) -> Client:
    """The admin of a book with a plan, two reps and two accounts."""
    admin.call(admin.plans.CreatePlan, plan_pb.CreatePlanRequest(text=plan_text(), request_id=new_id()))
    people = [fact_pb.Participant(participant_id=who, display_name=who.title()) for who in ("ann", "Moses Frase")]
    admin.call(admin.facts.LoadParticipants, fact_pb.LoadParticipantsRequest(participants=people, request_id=new_id()))
    accounts = [fact_pb.Account(account_id=which, display_name=which.upper()) for which in ("acme", "birk")]
    admin.call(admin.facts.LoadAccounts, fact_pb.LoadAccountsRequest(accounts=accounts, request_id=new_id()))
    assigned = [assignment(who) for who in ("ann", "Moses Frase")]
    admin.call(admin.facts.LoadAssignments, fact_pb.LoadAssignmentsRequest(assignments=assigned, request_id=new_id()))
    return admin


_numbers = itertools.count(1)


def new_id() -> str:
    return f"request-{next(_numbers)}"


def plan_text(source: str = PLAN) -> plan_pb.PlanText:
    return plan_pb.PlanText(file_name="plan.yaml", source=source)


def day(text: str) -> Date:
    year, month, number = map(int, text.split("-"))
    return Date(year=year, month=month, day=number)


def instant(text: str) -> Timestamp:
    found = Timestamp()
    found.FromDatetime(datetime.fromisoformat(text))
    return found


def eur(minor: int) -> Money:
    return Money(currency_code="EUR", minor_units=minor)


def assignment(participant_id: str, **changes: Any) -> fact_pb.Assignment:
    first = {"plan": "account-executive", "start_date": day("2026-01-01"), "currency_code": "EUR", "role": "ae"}
    return fact_pb.Assignment(participant_id=participant_id, **{**first, **changes})


def deal(external_id: str, **changes: Any) -> deal_pb.Deal:
    first: dict[str, Any] = {
        "source": "crm",
        "revision": 1,
        "account_id": "acme",
        "seller_id": "ann",
        "closed_date": day("2026-02-01"),
        "accepted_time": instant("2026-02-03T10:00:00"),
        "currency_code": "EUR",
        "annual_value": eur(100_000),
    }
    return deal_pb.Deal(external_id=external_id, **{**first, **changes})


def batch(*deals: deal_pb.Deal, request_id: str | None = None, **more: Any) -> deal_pb.IngestDealsRequest:
    return deal_pb.IngestDealsRequest(deals=deals, request_id=request_id or new_id(), **more)


@dataclass(frozen=True)
class Told:
    """An error, opened."""

    code: grpc.StatusCode
    reason: str
    message: str
    metadata: dict[str, str]
    details: dict[str, Any]

    @property
    def violations(self) -> dict[str, str]:
        """Field path to code."""
        return {each.field: each.reason for each in self.details["BadRequest"].field_violations}


def told(error: grpc.RpcError | Status) -> Told:
    """Every error has exactly one ErrorInfo of our domain."""
    status = error if isinstance(error, Status) else rpc_status.from_call(error)
    assert status is not None, error
    details: dict[str, Any] = {}
    for packed in status.details:
        name = packed.TypeName().removeprefix("google.rpc.")
        assert name not in details, f"two {name}"
        details[name] = getattr(error_details_pb2, name)()
        packed.Unpack(details[name])
    info = details.pop("ErrorInfo")
    assert info.domain == "compsvc.dev"
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    return Told(code, info.reason, status.message, dict(info.metadata), details)


def is_as_the_page_says(found: Told, code: str, reason: str, detail: str) -> None:
    """`detail` as docs/errors.md writes it: nothing, the one kind of detail, or BadRequest and its one field."""
    assert (found.code.name, found.reason) == (code, reason)
    kind, _, field = detail.partition(" ")
    assert set(found.details) == ({kind} if kind else set())
    if kind == "BadRequest":
        assert list(found.violations) == [field]


def refused(client: Client, method: Callable[..., Any], request: Any, **more: Any) -> Told:
    with pytest.raises(grpc.RpcError) as error:
        client.call(method, request, **more)
    return told(error.value)

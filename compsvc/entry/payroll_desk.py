"""Calls from a command: to a server, or to a book on this machine by the same servicer; payouts as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

import polars as pl
from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.entry import paid_as_text, pay_labels
from compsvc.entry.client import channel, headers
from compsvc.entry.close_servicer import CloseServicer
from compsvc.entry.dispute_servicer import DisputeServicer
from compsvc.entry.grpc_calls import Calls, Streams
from compsvc.entry.grpc_facts import FactServicer
from compsvc.entry.grpc_servicers import PlanServicer
from compsvc.entry.letter_servicer import LetterServicer
from compsvc.entry.payroll_run_proto import OUTCOMES
from compsvc.entry.payroll_run_servicer import PayrollRunServicer
from compsvc.entry.statement_servicer import StatementServicer
from compsvc.service.ports import Caller
from compsvc.v1 import close_service_pb2 as close_pb
from compsvc.v1 import (
    close_service_pb2_grpc,
    dispute_service_pb2_grpc,
    fact_service_pb2_grpc,
    letter_service_pb2_grpc,
    payroll_run_service_pb2_grpc,
    plan_service_pb2_grpc,
    statement_service_pb2_grpc,
)
from compsvc.v1 import dispute_service_pb2 as dispute_pb
from compsvc.v1 import fact_service_pb2 as fact_pb
from compsvc.v1 import letter_service_pb2 as letter_pb
from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.wiring import Parts, open_parts

Call = Callable[[str, Any], Any]  # the name of a call and its request; the answer
TIMEOUT_SECONDS = 600
COLUMNS = (
    *("payout_id", "run", "state", "pay_period", "participant_id", "plan", "component", "nature", "earned_period"),
    *("earned_start_date", "earned_end_date", "amount", "currency_code", "corrects_pay_period", "repeats_payout_id"),
    *("paid_date", "reason", *paid_as_text.COLUMNS, *pay_labels.COLUMNS),
)


class Service(NamedTuple):
    """A service that commands call: its stub, its servicer over a book, and its messages."""

    stub: Callable[[Any], Any]
    servicer: Callable[[Parts, Calls], Any]
    messages: ModuleType


SERVICES = {
    "close": Service(close_service_pb2_grpc.CloseServiceStub, CloseServicer, close_pb),
    "statement": Service(statement_service_pb2_grpc.StatementServiceStub, StatementServicer, statement_pb),
    "dispute": Service(dispute_service_pb2_grpc.DisputeServiceStub, DisputeServicer, dispute_pb),
    "fact": Service(fact_service_pb2_grpc.FactServiceStub, FactServicer, fact_pb),
    "letter": Service(letter_service_pb2_grpc.LetterServiceStub, LetterServicer, letter_pb),
    "plan": Service(plan_service_pb2_grpc.PlanServiceStub, PlanServicer, plan_pb),
    "payroll_run": Service(
        payroll_run_service_pb2_grpc.PayrollRunServiceStub,
        lambda parts, calls: PayrollRunServicer(parts, calls, Streams(1)),
        pb,
    ),
}


@contextmanager
def at_server(address: str, token: str, service: str = "payroll_run") -> Iterator[Call]:
    """Raises grpc.RpcError where the server refuses."""
    with channel(address) as opened:
        stub = SERVICES[service].stub(opened)
        yield lambda name, request: getattr(stub, name)(request, metadata=headers(token), timeout=TIMEOUT_SECONDS)


@contextmanager
def at_book(book: str, caller: Caller, service: str = "payroll_run") -> Iterator[Call]:
    """Raises ServiceError as the server would answer it."""
    parts = open_parts(book)
    try:
        servicer = SERVICES[service].servicer(parts, Calls(None, insecure_callers=True))
        here: Any = _Here(caller)
        yield lambda name, request: getattr(servicer, name)(request, here)
    finally:
        parts.store.close()


@dataclass(frozen=True)
class _Here:
    """The context of a call that nobody has to wait for, by who works on the book's own file."""

    caller: Caller

    def invocation_metadata(self) -> Sequence[tuple[str, str]]:
        return (("compsvc-subject", self.caller.subject), ("compsvc-role", self.caller.role))

    def time_remaining(self) -> None:
        return None

    def is_active(self) -> bool:
        return True


# --- whole lists


def exported(call: Call, run: str, request_id: str) -> tuple[pb.Run, list[pb.RunPayout]]:
    answers = list(call("ExportRun", pb.ExportRunRequest(name=run, request_id=request_id)))
    return answers[0].run, [payout for answer in answers for payout in answer.payouts]


def computed(call: Call, request: pb.ComputeRunRequest, told: Callable[[str], None]) -> pb.Run:
    """The run at the end; `told` hears each step."""
    for answer in call("ComputeRun", request):
        if answer.HasField("run"):
            return answer.run  # type: ignore[no-any-return]
        told(answer.progress.step)
    raise AssertionError("a run that is computed ends with the run")


def issued(call: Call, request: pb.IssueStatementsRequest, told: Callable[[int, int], None]) -> int:
    """How many there are at the end; `told` hears how many of them are stored."""
    of = 0
    for answer in call("IssueStatements", request):
        told(answer.issued_count, of := answer.participant_count)
    return of


def every(call: Call, name: str, request: Any, field: str) -> list[Any]:
    """The rows of all pages."""
    found: list[Any] = []
    while True:
        page = call(name, request)
        found += getattr(page, field)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


# --- payouts as files, and outcomes from one


def payouts_csv(payouts: Sequence[pb.RunPayout]) -> str:
    """For programs: ids as they are stored, amounts in major units with all decimals of the currency."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for payout in payouts:
        row = _row(payout)
        amount = format_minor(payout.amount.minor_units, EXPONENTS[payout.amount.currency_code])
        writer.writerow({**row, "amount": amount})
    return target.getvalue()


def payouts_parquet(payouts: Sequence[pb.RunPayout]) -> bytes:
    """The same columns with types; `amount_minor` in the smallest unit of the currency."""
    names = [{"amount": "amount_minor", "pay_amount": "pay_amount_minor"}.get(name, name) for name in COLUMNS]
    types = {name: pl.Date if name.endswith("_date") else pl.String for name in names}
    rows = [
        {
            **_row(payout),
            "amount_minor": payout.amount.minor_units,
            "pay_amount_minor": payout.paid_as.amount.minor_units if payout.paid_as.HasField("amount") else None,
        }
        for payout in payouts
    ]
    target = io.BytesIO()
    minor = dict.fromkeys(("amount_minor", "pay_amount_minor"), pl.Int64)
    pl.DataFrame(rows, schema={**types, **minor}).write_parquet(target)
    return target.getvalue()


def _row(payout: pb.RunPayout) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(payout, name, None) for name in COLUMNS}
    row |= {name: _day(row[name]) for name in ("earned_start_date", "earned_end_date", "paid_date")}
    row |= paid_as_text.cells(payout.paid_as if payout.HasField("paid_as") else None)
    row |= pay_labels.cells(payout)
    state = pb.RunPayout.State.Name(payout.state).removeprefix("STATE_").lower()
    return {**row, "run": payout.name.split("/")[1], "state": state, "currency_code": payout.amount.currency_code}


def _day(day: Date) -> date | None:
    return date(day.year, day.month, day.day) if day.year else None


def read_outcomes(file: Path) -> list[pb.PayoutOutcome]:
    """A CSV with the columns payout_id, outcome (`paid` or `rejected`), paid_date and reason. ValueError where it is
    none, with its line."""
    with file.open(newline="", encoding="utf-8-sig") as opened:
        return [_outcome(row, f"{file}:{number}") for number, row in enumerate(csv.DictReader(opened), start=2)]


def _outcome(row: dict[str, str], at: str) -> pb.PayoutOutcome:
    outcome, day = row.get("outcome"), row.get("paid_date") or ""
    if outcome not in ("paid", "rejected") or not row.get("payout_id"):
        raise ValueError(f"{at} needs payout_id, and an outcome that is `paid` or `rejected`.")
    try:
        paid = date.fromisoformat(day) if day else None
    except ValueError:
        raise ValueError(f"{at} paid_date `{day}` is no date. Write it as 2026-04-01.") from None
    return outcome_of(row["payout_id"], outcome, paid, row.get("reason") or "")  # type: ignore[arg-type]


def outcome_of(
    payout_id: str, outcome: Literal["paid", "rejected"], paid: date | None, reason: str = ""
) -> pb.PayoutOutcome:
    day = None if paid is None else Date(year=paid.year, month=paid.month, day=paid.day)
    return pb.PayoutOutcome(payout_id=payout_id, outcome=OUTCOMES[outcome], paid_date=day, reason=reason)

"""`make demo`: two years of a small company through a real server, and what a rep, payroll and finance get from it.

Everything happens in a folder that is removed at the end: a key, a book, a server of its own on a free port of this
machine. Plans, people and deals go in over gRPC as they would from a CRM, and every answer comes back the same way.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from textwrap import fill
from typing import Any
from uuid import uuid4

import grpc
from google.rpc.error_details_pb2 import BadRequest

from compsvc.core.facts import Facts
from compsvc.entry.client import headers
from compsvc.entry.grpc_present import messages
from compsvc.entry.report_words import REPORT_WORDS
from compsvc.entry.simulation_command import simulated_by_server
from compsvc.entry.simulation_text import simulation_text
from compsvc.entry.statement_layout import WIDTH
from compsvc.entry.statement_proto import date_message, statement_name
from compsvc.entry.statement_text import explanation_text, statement_text
from compsvc.service.ports import Caller, Kind, PlanText
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import fact_service_pb2 as fact_pb
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.v1.deal_service_pb2_grpc import DealServiceStub
from compsvc.v1.fact_service_pb2_grpc import FactServiceStub
from compsvc.v1.plan_service_pb2_grpc import PlanServiceStub
from compsvc.v1.statement_service_pb2_grpc import StatementServiceStub
from compsvc.wiring import file_tools, open_tokens, plan_texts

ROOT = Path(__file__).resolve().parents[2]
COMPANY = ROOT / "plans" / "nordwind"
CLIENT = ROOT / "docs" / "payroll.md"  # has the client of thirty lines that is run here
WHO, COLLEAGUE, PERIOD, EXPLAINED = "jonas", "hanna", "2026-Q4", "D-4108"
TODAY, MONTH, YEAR = date(2026, 11, 21), "2026-11", "2026"
TRIED = {"hunter.yaml": ("rate: 1.5 x base", "rate: 2 x base"), "farmer.yaml": ("rate: 8%", "rate: 7%")}
OPENED_LINES = 6  # of a derivation; docs/transcript.md has a whole one
BATCH = 10  # deals a request: small, so that the stream has something to answer
WAIT_SECONDS = 30
Headers = tuple[tuple[str, str], ...]


def main() -> int:
    if not COMPANY.is_dir():
        print("The sample company is part of the source tree: run `make demo` there.", file=sys.stderr)
        return 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="compsvc-demo-") as folder:
        stopped = _story(Path(folder))
    _say(f"The server finished what it was at and stopped with {stopped}; its book is removed.")
    print(f"That took {time.monotonic() - began:.1f} seconds. plans/nordwind/ has plans, their tests and data;")
    print("docs/transcript.md has more calls, and README.md says how to run your own files.")
    return stopped


def _story(folder: Path) -> int:
    """Says what happens, makes it happen over gRPC, and shows what came back. The server's exit code."""
    key = folder / "key"
    key.write_text(secrets.token_urlsafe(48))
    key.chmod(0o600)
    _say("Nordwind sells software. It is 21 November 2026, and the books of two years are empty.")
    with _server(folder / "book.db", key) as (process, address):
        _say(f"A server listens on {address}.")
        with grpc.insecure_channel(address) as channel:
            load_company(channel, _headers(key, Caller("office", "admin")))
            _rep(StatementServiceStub(channel), _headers(key, Caller(WHO, "rep")))
        _payroll(address, _token(key, Caller("pat", "payroll")))
        _finance(address, _token(key, Caller("fay", "finance")))
    return process.returncode


# --- in


def load_company(channel: grpc.Channel, office: Headers) -> None:
    """Plans first, then who works under them, then deals: what names something comes after it."""
    texts = plan_texts(COMPANY)
    for text in texts:
        sent = plan_pb.PlanText(file_name=text.file_name, source=text.source, terms=text.terms)
        PlanServiceStub(channel).CreatePlan(plan_pb.CreatePlanRequest(text=sent, request_id=_id()), metadata=office)
    names = ", ".join(Path(text.file_name).stem for text in texts)
    print(fill(f"{len(texts)} plan texts are checked and stored: {names}.", WIDTH))
    loaded = file_tools().load_files(COMPANY / "data", None)
    wrong = [*loaded.problems, *loaded.refusals]
    assert not wrong, wrong
    _load_people(FactServiceStub(channel), office, loaded.facts)
    _load_deals(DealServiceStub(channel), office, loaded.facts)


def _load_people(stub: FactServiceStub, office: Headers, facts: Facts) -> None:
    people, accounts = _messages("participants", facts), _messages("accounts", facts)
    stub.LoadParticipants(fact_pb.LoadParticipantsRequest(participants=people, request_id=_id()), metadata=office)
    stub.LoadAccounts(fact_pb.LoadAccountsRequest(accounts=accounts, request_id=_id()), metadata=office)
    assigned = _messages("assignments", facts)
    stub.LoadAssignments(fact_pb.LoadAssignmentsRequest(assignments=assigned, request_id=_id()), metadata=office)
    owned = _messages("ownerships", facts)
    stub.LoadOwnerships(fact_pb.LoadOwnershipsRequest(ownerships=owned, request_id=_id()), metadata=office)
    areas = _messages("territories", facts)
    stub.LoadTerritories(fact_pb.LoadTerritoriesRequest(territories=areas, request_id=_id()), metadata=office)
    hoped = _messages("opportunities", facts)
    stub.LoadOpportunities(fact_pb.LoadOpportunitiesRequest(opportunities=hoped, request_id=_id()), metadata=office)
    print(
        f"{len(people)} participants, {len(accounts)} accounts and {len(hoped)} snapshots of the pipeline are stored."
    )


def _load_deals(stub: DealServiceStub, office: Headers, facts: Facts) -> None:
    """One stream: the batches, the first batch again as after a lost answer, and a deal whose shares do not add up."""
    deals = _messages("deals", facts)
    batches = [
        deal_pb.IngestDealsRequest(deals=deals[start : start + BATCH], request_id=_id())
        for start in range(0, len(deals), BATCH)
    ]
    bad = deal_pb.Deal()
    bad.CopyFrom(next(deal for deal in deals if deal.splits))
    bad.external_id, bad.splits[0].share = "D-9999", "40%"
    wrong = deal_pb.IngestDealsRequest(deals=[bad], request_id=_id())
    answers = list(stub.IngestDeals(iter([*batches, batches[0], wrong]), metadata=office))
    stored = sum(answer.ingested.created_count for answer in answers[: len(batches)])
    print(f"{stored} deals went in by one stream, in {len(batches)} batches, each answered once it was on disk.")
    assert answers[-2] == answers[0], "the same request has the same answer"
    print("The first batch was sent twice, as after a lost connection: it had the same answer and stored nothing.")
    print(f"A deal whose shares are 40% and 50% was refused: {_why(answers[-1])}")


def _why(answer: deal_pb.IngestDealsResponse) -> str:
    """The first violation, with the field that it is about."""
    request = BadRequest()
    next(detail for detail in answer.error.details if detail.Unpack(request))
    first = request.field_violations[0]
    return f"{first.field}: {first.description}"


# --- out


def _rep(stub: StatementServiceStub, rep: Headers) -> None:
    _say(f"1. A REP. {WHO} asks with a token of his own: where am I, where will I land, what is my payout?\n")
    request = statement_pb.GetStatementRequest(name=statement_name(WHO, PERIOD), pipeline_date=date_message(TODAY))
    statement = stub.GetStatement(request, metadata=rep)
    print(statement_text(statement))
    lines = [line for payout in statement.payouts for line in payout.lines if line.external_id == EXPLAINED]
    name = max(lines, key=lambda line: line.amount.minor_units).name
    print(f"Why is that so much for {EXPLAINED}? Every line opens, down to the deal and the plan's line:\n")
    opened = explanation_text(stub.ExplainLine(statement_pb.ExplainLineRequest(name=name), metadata=rep))
    print("\n".join(opened.splitlines()[:OPENED_LINES]))
    print("└─ ... what is counted of it, who is credited and why, and when it is payable")
    try:
        stub.GetStatement(statement_pb.GetStatementRequest(name=statement_name(COLLEAGUE, PERIOD)), metadata=rep)
    except grpc.RpcError as refused:
        _say(f"And {COLLEAGUE}'s statement? {refused.code().name}: {refused.details()}")


def _payroll(address: str, token: str) -> None:
    """Runs the client that the page shows, as payroll would."""
    _say(f"2. PAYROLL. The client of thirty lines in docs/payroll.md asks what is to be paid for {MONTH}, in cents:\n")
    environment = {**os.environ, "COMPSVC_TOKEN": token, "PYTHONPATH": str(ROOT)}
    sys.stdout.flush()
    subprocess.run([sys.executable, "-c", payroll_client(), address, MONTH], env=environment, check=True)
    print("\nEach id stays the same in every calculation, so nothing is paid twice.")


def payroll_client() -> str:
    """The first program that stands in docs/payroll.md; the second one pays."""
    source, _ = re.findall(r"^```python\n(.*?)^```", CLIENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(source)


def _finance(address: str, token: str) -> None:
    """The answer as far as the people; the rest is by component, role, deal and attainment."""
    _say(f"3. FINANCE. What would {YEAR} have cost with 2 x base above the quota, and 7% in the farmers' third tier?\n")
    candidates = [_changed(text) for text in plan_texts(COMPANY) if Path(text.file_name).name in TRIED]
    found = simulated_by_server(address, token, candidates, period=YEAR, progress=lambda step: None)
    print(simulation_text(found).partition(REPORT_WORDS["en"]["by_component"])[0].rstrip())


def _changed(text: PlanText) -> PlanText:
    old, new = TRIED[Path(text.file_name).name]
    assert old in text.source
    return PlanText(Path(text.file_name).name, text.source.replace(old, new), text.terms)


# --- the server


@contextmanager
def _server(book: Path, key: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of its own on a free port; asked to stop at the end, and made to where it does not."""
    command = [sys.executable, "-m", "compsvc.entry.cli", "serve", "--book", str(book)]
    command += ["--address", "127.0.0.1:0", "--token-key", str(key), "--log-level", "warning"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, _address(process)
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_SECONDS)
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """What the server says it listens on."""
    assert process.stdout is not None
    late = threading.Timer(WAIT_SECONDS, process.kill)
    late.start()
    said = process.stdout.readline().strip()
    late.cancel()
    if " on " not in said:
        raise SystemExit(f"The server did not start: {said or 'it said nothing'}.")
    return said.rpartition(" ")[2]


# --- small things


def _headers(key: Path, caller: Caller) -> Headers:
    return headers(_token(key, caller))


def _token(key: Path, caller: Caller) -> str:
    return open_tokens(key).mint(caller, expires_time=datetime.now(UTC) + timedelta(minutes=10))


def _messages(kind: Kind, facts: Facts) -> list[Any]:
    """Rows as the messages that a client sends. When they were stored is the server's to say."""
    rows = list(messages(kind, facts, [datetime.now(UTC)] * getattr(facts, kind).height))
    for row in rows:
        row.ClearField("create_time")
    return rows


def _id() -> str:
    return str(uuid4())


def _say(text: str) -> None:
    print(f"\n{text}")


if __name__ == "__main__":
    raise SystemExit(main())

"""The table of docs/errors.md on payroll and finance: each case is made on a real server and answered as it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import jwt
import pytest
from grpc_status import rpc_status

from compsvc.core.limits import MAX_MESSAGE_BYTES
from compsvc.v1 import payroll_service_pb2 as payroll
from compsvc.v1 import simulation_service_pb2 as simulation
from compsvc.v1.payroll_service_pb2_grpc import PayrollServiceStub
from compsvc.v1.plan_service_pb2 import PlanText
from compsvc.v1.simulation_service_pb2_grpc import SimulationServiceStub
from tests.nordwind import FOLDER
from tests.pages import table

from .conftest import SECRET, Sample, is_as_the_page_says, told

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
NOVEMBER = "payPeriods/2026-11"


class Case(NamedTuple):
    """A request, and how it is sent: by default as finance, with time enough."""

    request: Any
    role: str = "finance"
    expired: bool = False
    timeout: float = 30


def payouts(**asked: Any) -> payroll.ListPayoutsRequest:
    return payroll.ListPayoutsRequest(**{"parent": NOVEMBER, **asked})


def candidate(old: str = "", new: str = "", name: str = "hunter.yaml") -> PlanText:
    source = (FOLDER / name).read_text()
    assert old in source
    terms = {"terms.yaml": (FOLDER / "terms.yaml").read_text()}
    return PlanText(file_name=name, source=source.replace(old, new) if old else source, terms=terms)


def plans(*candidates: PlanText, period: str = "") -> simulation.SimulatePlanRequest:
    return simulation.SimulatePlanRequest(candidates=candidates, period=period)


def token_of(sample: Sample, **asked: Any) -> str:
    """Of a first page, as a caller would have it."""
    page = PayrollServiceStub(sample.channel).ListPayouts(
        payouts(page_size=1, **asked), metadata=sample.headers("fay", "finance"), timeout=30
    )
    assert page.next_page_token
    return str(page.next_page_token)


def token_of_another_book(sample: Sample) -> str:
    """One that has stored more requests than this one."""
    from compsvc.service import pages

    what = {"pay_period": "2026-11"}
    return pages.token(of="payouts", where=what, position=10**6, after=("a", "b", "c", "d", "e", "f", "g"))


Make = Callable[[Sample], Case]
CASES: Mapping[tuple[str, str], Make] = {
    ("the token has expired", "ListPayouts"): lambda sample: Case(payouts(), expired=True),
    ("the token has expired", "SimulatePlan"): lambda sample: Case(plans(candidate()), expired=True),
    ("a rep calls", "ListPayouts"): lambda sample: Case(payouts(), role="rep"),
    ("payroll calls", "SimulatePlan"): lambda sample: Case(plans(candidate()), role="payroll"),
    ("no parent", "ListPayouts"): lambda sample: Case(payouts(parent="")),
    ("unknown period", "ListPayouts"): lambda sample: Case(payouts(parent="payPeriods/2026-13")),
    ("unknown period", "SimulatePlan"): lambda sample: Case(plans(candidate(), period="2026-13")),
    ("page token from another request", "ListPayouts"): lambda sample: Case(
        payouts(parent="payPeriods/2026-10", page_token=token_of(sample))
    ),
    ("page token from another book", "ListPayouts"): lambda sample: Case(
        payouts(page_token=token_of_another_book(sample))
    ),
    ("a filter for an unknown plan", "ListPayouts"): lambda sample: Case(payouts(plan="hunt")),
    ("negative page size", "ListPayouts"): lambda sample: Case(payouts(page_size=-1)),
    ("unknown payout", "GetPayout"): lambda sample: Case(payroll.GetPayoutRequest(name=f"{NOVEMBER}/payouts/none")),
    ("no candidate", "SimulatePlan"): lambda sample: Case(plans()),
    ("21 candidates", "SimulatePlan"): lambda sample: Case(plans(*[candidate()] * 21)),
    ("a candidate without text", "SimulatePlan"): lambda sample: Case(plans(PlanText(file_name="x.yaml"))),
    ("a candidate with an error", "SimulatePlan"): lambda sample: Case(plans(candidate("mode: marginal", "mode: x"))),
    ("a candidate of no plan", "SimulatePlan"): lambda sample: Case(plans(candidate("plan: hunter", "plan: nobodys"))),
    ("a candidate that needs more facts", "SimulatePlan"): lambda sample: Case(
        plans(candidate("2026-01-01", "2026-08-01", "sales-director.yaml"))
    ),
    ("the deadline is too short", "ListPayouts"): lambda sample: Case(payouts(), timeout=0.000_1),
    ("the deadline is too short", "SimulatePlan"): lambda sample: Case(plans(candidate()), timeout=0.000_1),
    ("a message over the limit", "ListPayouts"): lambda sample: Case(payouts(plan="x" * (MAX_MESSAGE_BYTES + 1))),
    ("a message over the limit", "SimulatePlan"): lambda sample: Case(
        plans(PlanText(file_name="x.yaml", source="#" * (MAX_MESSAGE_BYTES + 1)))
    ),
}


ROWS = list(table(PAGE, "Payroll and finance, case by case"))


def test_every_row_of_the_page_is_made_and_every_case_is_on_the_page() -> None:
    assert [(what, call) for what, call, *_ in ROWS] == list(CASES)


@pytest.mark.parametrize(("what", "call", "code", "reason", "detail"), ROWS, ids=lambda text: str(text) or "-")
def test_a_bad_call_is_answered_as_the_page_says(
    sample: Sample, what: str, call: str, code: str, reason: str, detail: str
) -> None:
    error = sent(sample, CASES[what, call](sample))
    assert error.code().name == code
    if code == "DEADLINE_EXCEEDED" and rpc_status.from_call(error) is None:  # type: ignore[arg-type]
        return  # the caller's library was first
    if not reason:
        assert rpc_status.from_call(error) is None, "gRPC itself answers, without our details"  # type: ignore[arg-type]
        return
    found = told(error)
    is_as_the_page_says(found, code, reason, detail)
    if "ResourceInfo" in found.details:
        assert found.details["ResourceInfo"].resource_type == "compsvc.dev/Payout"


def sent(sample: Sample, case: Case) -> grpc.RpcError:
    payroll_stub, simulation_stub = PayrollServiceStub(sample.channel), SimulationServiceStub(sample.channel)
    methods: Mapping[type, Any] = {
        payroll.ListPayoutsRequest: payroll_stub.ListPayouts,
        payroll.GetPayoutRequest: payroll_stub.GetPayout,
        simulation.SimulatePlanRequest: lambda *given, **more: list(simulation_stub.SimulatePlan(*given, **more)),
    }
    headers = sample.headers("fay", case.role)
    if case.expired:
        claims = {"iss": "compsvc", "sub": "fay", "role": case.role, "exp": int(time.time()) - 1}
        headers = (("authorization", f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"),)
    with pytest.raises(grpc.RpcError) as error:
        methods[type(case.request)](case.request, metadata=headers, timeout=case.timeout)
    return error.value

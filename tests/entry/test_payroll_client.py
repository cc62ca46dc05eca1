"""The client of docs/payroll.md against a real server that loses the answer to every step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from compsvc.v1 import payroll_run_service_pb2 as pb

from .payroll_server import PayrollHouse, paid

PAGE = Path(__file__).resolve().parents[2] / "docs/payroll.md"


class Lost(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


class Losing:
    """A stub whose calls go through, whole, and whose first answers get lost."""

    def __init__(self, stub: Any, losses: int) -> None:
        self._stub, self._losses, self.lost = stub, losses, Counter[str]()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(request: Any, **more: Any) -> Any:
            answer = getattr(self._stub, name)(request, **more)
            whole = list(answer) if name == "ExportRun" else answer
            if self.lost[name] < self._losses:
                self.lost[name] += 1
                raise Lost
            return whole

        return call


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PayrollHouse]:
    found = PayrollHouse(tmp_path)
    yield found
    found.stop()


def client() -> dict[str, Any]:
    _, source = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    body = source.partition("def send")[2]
    assert len([line for line in body.splitlines() if line]) <= 30
    found: dict[str, Any] = {}
    exec(compile(source, "docs/payroll.md", "exec"), found)
    return found


@pytest.mark.parametrize("losses", [0, 1, 2])
def test_a_month_is_paid_once_whatever_answer_is_lost(
    house: PayrollHouse, losses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, who in (("COMPUTES", ("anna", "finance")), ("APPROVES", ("bert", "finance")), ("PAYS", ("p", "payroll"))):
        monkeypatch.setenv(name, house.token(*who))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    transfers: Counter[str] = Counter()

    def pay(payout: pb.RunPayout) -> pb.PayoutOutcome:
        transfers[payout.payout_id] += 1
        return paid(payout.payout_id)

    stub = Losing(house.stub, losses)
    run, told = client()["pay_month"](stub, "2026-03", pay)
    assert stub.lost == ({} if losses == 0 else dict.fromkeys(
        ("CreateRun", "ApproveRun", "SealRun", "ExportRun", "AcknowledgePayouts"), losses
    ))  # fmt: skip
    (only,) = house.call("ListRuns", pb.ListRunsRequest()).runs
    assert (only.name, only.state) == (run.name, pb.Run.STATE_SEALED)
    assert len(transfers) == run.payout_count == len(told.outcomes)
    assert set(transfers.values()) == {1}
    assert {each.state for each in house.listed(only, size=500)} == {pb.RunPayout.STATE_PAID}
    found = house.call("Reconcile", pb.ReconcileRequest(page_size=500))
    assert sum(each.paid.minor_units for each in found.balances) == run.totals[0].minor_units
    assert sum(each.payable.minor_units for each in found.balances) == found.unexplained_count == 0

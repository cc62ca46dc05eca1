"""Holds on a real server, every refusal of docs/errors.md; and runs that tell how far they are and are cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from compsvc.service import payroll_runs
from compsvc.service.run_progress import STEPS
from compsvc.v1 import payroll_run_service_pb2 as pb
from tests.pages import table

from .conftest import is_as_the_page_says, told
from .payroll_server import ANNA, BERT, PAYROLL, PayrollHouse, Who, fresh

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
HANNA = ("hanna", "rep")


class Desk(PayrollHouse):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.held = self.call("HoldDeal", stated(request_id="held"))
        self.released = self.call("HoldDeal", stated(external_id="D-1002"))
        self.call("DecideHold", decision(self.released), BERT)


def stated(request_id: str = "", **words: Any) -> pb.HoldDealRequest:
    fields = {
        "source": "crm", "external_id": "D-1001", "pay_period": "payPeriods/2026-03", "reason_code": "dispute",
        "reason": "Two say that they sold it.", **words,
    }  # fmt: skip
    return pb.HoldDealRequest(hold=pb.Hold(**fields), request_id=request_id or fresh())


def decision(of: pb.Hold, **words: Any) -> pb.DecideHoldRequest:
    fields = {"name": of.name, "decision": pb.Hold.STATE_RELEASED, "pay_period": "payPeriods/2026-04", **words}
    return pb.DecideHoldRequest(**{"request_id": fresh(), "reason": "Hanna sold it.", **fields})


CASES: dict[tuple[str, str], Callable[[Desk], tuple[Any, Who]]] = {
    ("payroll holds", "HoldDeal"): lambda desk: (stated(), PAYROLL),
    ("an unknown deal", "HoldDeal"): lambda desk: (stated(external_id="D-0"), ANNA),
    ("an unknown component", "HoldDeal"): lambda desk: (stated(external_id="D-1003", component="x"), ANNA),
    ("no code", "HoldDeal"): lambda desk: (stated(external_id="D-1003", reason_code=""), ANNA),
    ("an unknown month", "HoldDeal"): lambda desk: (stated(pay_period="payPeriods/2026-13"), ANNA),
    ("on hold already", "HoldDeal"): lambda desk: (stated(participant_id="hanna"), BERT),
    ("a request id with another body", "HoldDeal"): lambda desk: (stated("held", reason="Other."), ANNA),
    ("a rep lists", "ListHolds"): lambda desk: (pb.ListHoldsRequest(), HANNA),
    ("a state that is none", "ListHolds"): lambda desk: (pb.ListHoldsRequest(state=9), ANNA),  # type: ignore[arg-type]
    ("payroll releases", "DecideHold"): lambda desk: (decision(desk.held), PAYROLL),
    ("a name of no hold", "DecideHold"): lambda desk: (decision(desk.held, name="runs/x"), BERT),
    ("an unknown hold", "DecideHold"): lambda desk: (decision(desk.held, name="holds/x"), BERT),
    ("the own hold", "DecideHold"): lambda desk: (decision(desk.held), ANNA),
    ("neither released nor refused", "DecideHold"): lambda desk: (
        decision(desk.held, decision=pb.Hold.STATE_HELD), BERT),
    ("no reason", "DecideHold"): lambda desk: (decision(desk.held, reason=""), BERT),
    ("refused, though it is no review", "DecideHold"): lambda desk: (
        decision(desk.held, decision=pb.Hold.STATE_REFUSED), BERT),
    ("released before it begins", "DecideHold"): lambda desk: (
        decision(desk.held, pay_period="payPeriods/2026-02"), BERT),
    ("released already", "DecideHold"): lambda desk: (decision(desk.released), BERT),
}  # fmt: skip
ROWS = list(table(PAGE, "Holds, case by case"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("holds"))
    yield found
    found.stop()


def test_every_row_of_the_page_is_made_and_every_case_is_on_the_page() -> None:
    assert [(what, call) for what, call, *_ in ROWS] == list(CASES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}: {row[0]}")
def test_each_error_is_as_the_page_says_and_nothing_is_written(desk: Desk, row: list[str]) -> None:
    what, method, code, reason, detail = row
    request, who = CASES[what, method](desk)
    with pytest.raises(grpc.RpcError) as error:
        desk.call(method, request, who)
    is_as_the_page_says(told(error.value), code, reason, detail)
    states = [each.state for each in desk.call("ListHolds", pb.ListHoldsRequest()).holds]
    assert states == [pb.Hold.STATE_HELD, pb.Hold.STATE_RELEASED]


# --- runs that are computed


def compute(desk: Desk, request_id: str) -> Any:
    request = pb.ComputeRunRequest(pay_period="payPeriods/2026-03", request_id=request_id)
    return desk.call("ComputeRun", request)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Runs wait at their second step until this is set."""
    gate, real = threading.Event(), payroll_runs.before

    def waiting(*given: Any) -> Any:
        gate.wait(30)
        return real(*given)

    monkeypatch.setattr(payroll_runs, "before", waiting)
    yield gate
    gate.set()


def computing(desk: Desk) -> set[Any]:
    return set(desk.server._parts.payroll.computing._runs)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def runs_of(desk: Desk) -> list[str]:
    return [run.name for run in desk.call("ListRuns", pb.ListRunsRequest()).runs]


def test_a_run_that_is_cancelled_while_it_is_computed_is_in_no_book_and_can_be_computed_anew(
    desk: Desk, slow: threading.Event
) -> None:
    before, answers = runs_of(desk), compute(desk, "stopped")
    first, second = next(answers).progress, next(answers).progress
    assert [first.step, second.step] == list(STEPS[:2])
    assert (second.done_count, second.step_count, first.run) == (1, len(STEPS), second.run)
    (one,) = computing(desk)
    cancelled: list[pb.Run] = []
    request = pb.CancelRunRequest(name=first.run, request_id=fresh())
    other = threading.Thread(target=lambda: cancelled.append(desk.call("CancelRun", request)))
    other.start()
    until(one.stopped.is_set)
    slow.set()
    with pytest.raises(grpc.RpcError) as error:
        next(answers)
    other.join()
    assert (told(error.value).code.name, told(error.value).reason) == ("ABORTED", "RUN_CANCELLED")
    assert (cancelled[0].state, cancelled[0].name) == (pb.Run.STATE_CANCELLED, first.run)
    assert runs_of(desk) == before
    *steps, last = compute(desk, "stopped")
    assert [each.progress.step for each in steps] == list(STEPS)
    assert runs_of(desk) == [*before, last.run.name]
    assert last.run.name == first.run


def test_a_client_that_goes_away_ends_the_run(desk: Desk, slow: threading.Event) -> None:
    before, answers = runs_of(desk), compute(desk, "gone")
    next(answers)
    next(answers)
    assert len(computing(desk)) == 1
    answers.cancel()
    slow.set()
    until(lambda: not computing(desk))
    assert runs_of(desk) == before

"""Payouts, runs and simulations as they were known at an earlier time; and a hash that outlives a release."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import compsvc
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Statement
from compsvc.entry import statement_whole_proto
from compsvc.service.payroll import Listed, get_payout, list_payouts
from compsvc.service.payroll_lists import list_runs
from compsvc.service.ports import InvalidArgument, PlanText
from compsvc.service.simulation import Simulated, SimulationTools, simulate_plan
from tests.service.small_payroll import PLAN, SmallHouse, small_house
from tests.service.test_payroll_runs import ADMIN


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return small_house(str(tmp_path / "book.db"))


def listed(house: SmallHouse, as_of: object, token: str = "", size: int = 50) -> Listed:
    where: dict[str, str] = {}
    calculations = house.parts.calculations
    return list_payouts(
        calculations, ADMIN, pay_period="2026-01", where=where, page_size=size, page_token=token, as_of=as_of,  # type: ignore[arg-type]
    )  # fmt: skip


def test_payouts_are_what_was_known_then(house: SmallHouse) -> None:
    house.sell("a1", 1, 1_000)
    then = house.run("2026-01").recorded_time
    house.sell("a2", 1, 500)
    house.sell("b1", 1, 500, seller="bob")
    assert [each.amount.minor for each in listed(house, then).payouts] == [100_00]
    assert [each.amount.minor for each in listed(house, None).payouts] == [150_00, 50_00]
    key = listed(house, then).payouts[0].key
    found, lines = get_payout(
        house.parts.calculations, ADMIN, pay_period="2026-01", payout_id=key.payout_id, name="", as_of=then
    )
    assert (found.amount.minor, len(lines)) == (100_00, 1)


def test_a_page_goes_on_at_its_own_time(house: SmallHouse) -> None:
    house.sell("a1", 1, 1_000)
    house.sell("b1", 1, 500, seller="bob")
    then = house.run("2026-01").recorded_time
    first = listed(house, then, size=1)
    house.sell("b2", 1, 500, seller="bob")
    assert [each.amount.minor for each in listed(house, then, first.next_page_token).payouts] == [50_00]
    with pytest.raises(InvalidArgument, match="same filters"):
        listed(house, then + timedelta(days=1), first.next_page_token)


def test_a_run_is_in_the_state_in_which_it_was(house: SmallHouse) -> None:
    house.sell("a1", 1, 1_000)
    run = house.run("2026-01")
    house.approve(run)
    sealed = house.seal(run)

    def states(time: object) -> list[str]:
        page = list_runs(house.payroll, ADMIN, pay_period="", page_size=9, page_token="", as_of=time)  # type: ignore[arg-type]
        return [each.state for each in page.runs]

    before = run.recorded_time - timedelta(microseconds=1)
    assert [states(time) for time in (before, run.recorded_time, sealed.recorded_time, None)] == [
        [], ["computed"], ["sealed"], ["sealed"],
    ]  # fmt: skip


def test_a_simulation_compares_over_the_book_of_that_time(house: SmallHouse) -> None:
    house.sell("a1", 1, 1_000)
    then = house.run("2026-01").recorded_time
    house.sell("a2", 1, 500)
    tools = SimulationTools(house.parts.calculations, house.parts.parse_plan, house.parts.calculate)
    texts = [PlanText("plan.yaml", PLAN.replace("10%", "20%"), {})]

    def position(as_of: object) -> int:
        *_, found = simulate_plan(tools, ADMIN, texts, period="", proceed=lambda: None, as_of=as_of)  # type: ignore[arg-type]
        assert isinstance(found, Simulated)
        return found.position

    assert position(then) < position(None)


def test_another_release_alone_leaves_the_hash_of_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    span = period_of("2026-01", fiscal_year_starts=1)
    assert span is not None
    found = Statement("ann", "Ann", span, (), (), (), (), (), nothing_recorded=True)
    before = statement_whole_proto.statement_message(found).hash
    assert statement_whole_proto.statement_message(replace(found, display_name="Bea")).hash == before  # J4
    monkeypatch.setattr(compsvc, "__version__", "9.9.9")
    assert statement_whole_proto.statement_message(found).hash == before
    monkeypatch.setattr(statement_whole_proto, "CALCULATION", "9.9.9")
    assert statement_whole_proto.statement_message(found).hash != before

"""A run tells how far it is while it is computed, and is cancelled between its steps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.service import payroll_runs as runs
from compsvc.service.calculation import Calculations
from compsvc.service.ports import Aborted, DeadlineExceeded, NotFound
from compsvc.service.run_progress import STEPS, RunProgress
from tests.service.small_payroll import SmallHouse, reopened, small_book
from tests.service.test_payroll_runs import ANNA, ask
from tests.stores import Copied


@pytest.fixture
def house(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, small_book)
    for found in reopened(book):
        found.sell("D-1", 1, 10_000)
        yield found


def steps_of(house: SmallHouse, request_id: str = "one") -> Iterator[RunProgress | runs.Run]:
    of = {"pay_period": "2026-01", "participant_ids": ()}
    return runs.compute_run(house.payroll, ANNA, **of, mutation=ask(request_id))  # type: ignore[arg-type]


def test_each_step_is_told_as_it_begins_and_the_run_at_the_end(house: SmallHouse) -> None:
    *steps, run = steps_of(house)
    assert isinstance(run, runs.Run)
    assert steps == [RunProgress(run.run_id, step, number) for number, step in enumerate(STEPS)]
    assert (run.state, run.payout_count) == ("computed", 1)
    assert list(steps_of(house)) == [run]  # sent again: the first answer


@pytest.mark.parametrize("after", range(1, len(STEPS) + 1))
def test_a_run_that_is_cancelled_after_any_step_leaves_the_book_as_it_was(house: SmallHouse, after: int) -> None:
    before = house.payroll.store.last_change()
    steps = steps_of(house)
    told = [next(steps) for _ in range(after)][-1]
    assert isinstance(told, RunProgress)
    cancelled: list[runs.Run] = []
    who = threading.Thread(
        target=lambda: cancelled.append(
            runs.cancel_run(house.payroll, ANNA, run_id=told.run_id, mutation=ask("cancel"))
        )
    )
    who.start()
    while not any(one.stopped.is_set() for one in house.payroll.computing._runs):
        pass
    with pytest.raises(Aborted, match="was cancelled while it was computed; nothing of it is stored") as error:
        next(steps)
    who.join()
    assert error.value.reason == "RUN_CANCELLED"
    assert (cancelled[0].state, cancelled[0].run_id, cancelled[0].pay_period) == ("cancelled", told.run_id, "2026-01")
    assert house.payroll.store.last_change() == before
    with pytest.raises(NotFound):
        runs.get_run(house.payroll, ANNA, run_id=told.run_id)
    *_, run = steps_of(house)
    assert isinstance(run, runs.Run)  # the same request, computed anew
    assert run.payout_count == 1


def test_a_caller_who_goes_away_ends_it_between_the_steps_of_the_calculation(house: SmallHouse) -> None:
    """Here while the facts are checked: the book is read, and nothing is calculated."""
    asked: list[str] = []

    def proceed() -> None:
        asked.append("")
        if len(asked) == 3:  # before the first step, before the book is read, before the facts are checked
            raise DeadlineExceeded("DEADLINE_EXCEEDED", "Nobody waits any more.")

    def never(plans: list[Plan], facts: Facts) -> Result:
        raise AssertionError("nothing is calculated")

    fresh = Calculations(house.parts.store, house.parts.plans, never)  # type: ignore[arg-type]
    payroll = replace(house.payroll, calculations=fresh)
    before = house.payroll.store.last_change()
    mutation = replace(ask("gone"), proceed=proceed)
    with pytest.raises(DeadlineExceeded):
        list(runs.compute_run(payroll, ANNA, pay_period="2026-01", participant_ids=(), mutation=mutation))
    assert house.payroll.store.last_change() == before
    assert not payroll.computing._runs

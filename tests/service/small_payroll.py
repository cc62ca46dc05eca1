"""A book with two people, one plan of 10% and no other words of pay: small enough to be run a thousand times."""

from __future__ import annotations

import calendar
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from compsvc.core.facts import Facts
from compsvc.service import payroll_runs as runs
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.payroll_ports import Run
from compsvc.service.ports import Aborted, FailedPrecondition, InvalidArgument, Mutation, PlanText
from tests.adapters.store_facts import account, deal, frame
from tests.service.test_payroll_runs import ADMIN, BERT, PAYROLL, House, ask
from tests.small_plans import TEN_PERCENT

PEOPLE = ("ann", "bob")
PLAN = TEN_PERCENT.replace("account-executive", "ae")


class SmallHouse(House):
    def fill(self, words: str = "", of_component: str = "") -> None:
        plan = PLAN.replace("    pays:", f"    {of_component}\n    pays:") if of_component else PLAN
        text = PlanText("plan.yaml", plan + words, {})
        load_plan_texts(self.parts.store, self.parts.plans, self.parts.parse_plan, ADMIN, [text])
        assigned = [
            {"participant_id": who, "plan": "ae", "role": "ae", "start_date": date(2026, 1, 1), "currency_code": "EUR"}
            for who in PEOPLE
        ]
        self.load(
            Facts(
                participants=frame("participants", *({"participant_id": who, "display_name": who} for who in PEOPLE)),
                accounts=frame("accounts", account("acme")),
                assignments=frame("assignments", *assigned),
            )
        )

    def sell(
        self,
        external_id: str,
        month: int,
        euros: int,
        *,
        revision: int = 1,
        seller: str | None = "ann",
        bobs_tenths: int = -1,
    ) -> None:
        """A deal of so many euros a year, closed and accepted in the middle of a month of 2026. It pays 10%, to its
        seller, or so many tenths of it to Bob and the rest to Ann. A later revision corrects it."""
        day = datetime(2026, month, calendar.monthrange(2026, month)[1] // 2)  # noqa: DTZ001  # Frames hold UTC so.
        row = deal(
            external_id, revision, seller_id=seller, closed_date=day.date(), accepted_time=day,
            annual_value_minor=euros * 100, cause="data_correction" if revision > 1 else None,
        )  # fmt: skip
        of_deal = {"source": "crm", "external_id": external_id, "share_den": 10}
        shares = {"ann": 10 - bobs_tenths, "bob": bobs_tenths} if bobs_tenths >= 0 else {}
        rows = [
            {**of_deal, "position": place, "participant_id": who, "share_num": tenths}
            for place, (who, tenths) in enumerate(shares.items())
            if tenths
        ]
        self.load(Facts(deals=frame("deals", row), splits=frame("splits", *rows)))


def small_house(book: str, words: str = "", of_component: str = "") -> SmallHouse:
    """`words`: what its plan says beside, and of its component."""
    found = SmallHouse(book)
    found.fill(words, of_component)
    return found


def small_book(book: str, words: str = "", of_component: str = "") -> None:
    """As a small house leaves it; what the fixture `copied` has made once, and tests open a copy of."""
    small_house(book, words, of_component).parts.store.close()


def reopened(book: str) -> Iterator[SmallHouse]:
    """For as long as a test goes on."""
    found = SmallHouse(book)
    yield found
    found.parts.store.close()


# --- in processes of their own


def pay(house: SmallHouse, number: int) -> None:
    """Runs, seals and pays January; sent again it is the same requests."""
    run = house.run("2026-01", mutation=ask(f"{number}-run"))
    house.approve(run, mutation=ask(f"{number}-approve"))
    sealed = house.seal(run, mutation=ask(f"{number}-seal"))
    runs.export_run(house.payroll, PAYROLL, run_id=run.run_id, mutation=ask(f"{number}-export"))
    if outcomes := house.paid(sealed):
        house.answer(sealed, *outcomes, mutation=ask(f"{number}-told"))


def pay_and_die(book: str, number: int, dies_at: int) -> int:
    """Dies by SIGKILL after a write: a row of SQL, or a commit that nobody has learned of. How many there are."""
    house, points = SmallHouse(book), 0
    writing = house.parts.store.writing  # type: ignore[attr-defined]

    def point() -> None:
        nonlocal points
        points += 1
        if points == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def dying(mutation: Mutation) -> Iterator[Any]:
        with writing(mutation) as write:
            yield Watched(write, point)
        point()

    house.parts.store.writing = dying  # type: ignore[attr-defined]
    pay(house, number)
    return points


class Watched:
    """A connection that tells of each write."""

    def __init__(self, sql: Any, point: Callable[[], None]) -> None:
        self._sql, self._point = sql, point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sql, name)

    def insert(self, *given: Any) -> None:
        self._sql.insert(*given)
        self._point()

    def execute(self, sql: str, *values: Any) -> Any:
        found = self._sql.execute(sql, *values)
        if sql.startswith("INSERT"):
            self._point()
        return found


def race(book: str) -> None:
    """Does what it is told, line by line, as `seal RUN`, and says what came of it: a state, or why not."""
    house = SmallHouse(book)
    print("ready", flush=True)
    for line in sys.stdin:
        verb, *given = line.split()
        try:
            print(STEPS[verb](house, *given), flush=True)
        except InvalidArgument as error:
            print(error.violations[0].code, flush=True)
        except (Aborted, FailedPrecondition) as error:
            print(error.reason, flush=True)


def run_of(house: SmallHouse, run_id: str) -> Run:
    return runs.get_run(house.payroll, BERT, run_id=run_id)


def _answered(house: SmallHouse, run_id: str, outcome: str) -> str:
    run = run_of(house, run_id)
    paid = house.paid(run)
    told = (
        paid if outcome == "paid" else [replace(each, outcome="rejected", paid_date=None, reason="x") for each in paid]
    )
    house.answer(run, *told)
    return outcome


STEPS: dict[str, Callable[..., str]] = {
    "run": lambda house, month, request_id: house.run(month, mutation=ask(request_id)).run_id,
    "seal": lambda house, run_id: house.seal(run_of(house, run_id)).state,
    "answer": _answered,
    "change": lambda house, month, state, version: house.period(month, state, int(version), "raced").state,
}

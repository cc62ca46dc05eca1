"""The calculation is made once for each position of the book, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.adapters.system_clock import SystemClock
from compsvc.core.facts import ACCOUNTS, Facts
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.plan import Plan
from compsvc.core.results import DEAL_PAY, EARNINGS, PENDING, UNCREDITED, Result
from compsvc.service.calculation import Calculations
from compsvc.service.plans import Plans
from compsvc.service.ports import FailedPrecondition, Mutation, PlanRecord, PlanText, Store

EMPTY = Result(*(pl.DataFrame(schema=dict(schema)) for schema in (EARNINGS,)), None, *(
    pl.DataFrame(schema=dict(schema)) for schema in (UNCREDITED, PENDING, DEAL_PAY)
), {})  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    found = SqliteStore(tmp_path / "book.db", SystemClock())
    yield found
    found.close()


def add(store: Store, *names: str, parent: str | None = None) -> None:
    rows = [{**dict.fromkeys(ACCOUNTS), "account_id": name, "parent_id": parent} for name in names]
    facts = Facts(accounts=pl.DataFrame(rows, schema=dict(ACCOUNTS)))
    store.append(facts, Mutation(f"{names}", "office", b"x"))


def counting(store: Store, seen: list[int]) -> Calculations:
    def calculate(plans: Sequence[Plan], facts: Facts) -> Result:
        seen.append(facts.accounts.height)
        return EMPTY

    return Calculations(store, Plans(store, lambda *_: (None, [])), calculate)


def test_it_is_made_once_for_all_who_ask_and_again_when_something_is_stored(store: SqliteStore) -> None:
    seen: list[int] = []
    calculations = counting(store, seen)
    add(store, "a", "b")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: calculations.newest(), range(16)))
    assert seen == [2]
    assert all(answer is answers[0] for answer in answers)
    add(store, "c")
    assert calculations.newest().position == 2
    assert seen == [2, 3]


def test_who_asks_what_the_book_knows_has_nothing_calculated(store: SqliteStore) -> None:
    seen: list[int] = []
    calculations = counting(store, seen)
    add(store, "a", "b")
    assert calculations.basis().facts.accounts["account_id"].to_list() == ["a", "b"]
    assert seen == []
    add(store, "c", parent="nobody")
    assert [refusal.code for refusal in calculations.basis().refusals] == ["UNKNOWN_ACCOUNT"]
    assert calculations.newest().facts is calculations.basis().facts
    assert seen == [2]


def test_what_the_calculation_before_went_by_is_not_read_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    calculations = counting(store, [])
    found: list[Facts] = []
    for name in ("a", "b", "c"):
        add(store, name)
        found.append(calculations.newest().facts)
    add(store, "d")
    assert calculations.basis().position == 4
    read: list[int | None] = []
    facts_at = store.facts_at
    monkeypatch.setattr(store, "facts_at", lambda position=None: read.append(position) or facts_at(position))
    assert calculations.terms_at(3)[1] is found[2]
    assert calculations.terms_at(2)[1] is found[1]
    assert read == []
    assert calculations.terms_at(1)[1].accounts.equals(found[0].accounts)
    assert read == [1]


def test_an_answer_is_made_once_for_a_position_and_the_oldest_go(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compsvc.service.calculation.MAX_KEPT_STATEMENTS", 2)
    calculations = counting(store, [])
    made: list[str] = []

    def ask(what: str) -> str:
        book = calculations.newest()
        return calculations.answer(book, what, lambda: made.append(what) or f"{what} at {book.position}")

    add(store, "a")
    assert [ask("x"), ask("y"), ask("x")] == ["x at 1", "y at 1", "x at 1"]
    assert made == ["x", "y"]
    add(store, "b")
    assert [ask("x"), ask("x")] == ["x at 2"] * 2
    assert made == ["x", "y", "x"]
    ask("z")
    ask("y")  # both newer than the last x
    ask("x")
    assert made == ["x", "y", "x", "z", "y", "x"]


def test_a_row_that_has_become_impossible_is_left_out_and_told(store: SqliteStore) -> None:
    seen: list[int] = []
    calculations = counting(store, seen)
    add(store, "a", "b", parent="nobody")  # past the checks, as an older version may have let it in
    assert [refusal.code for refusal in calculations.newest().refusals] == ["UNKNOWN_ACCOUNT"] * 2
    assert seen == [0]


def test_figures_that_do_not_fit_are_the_books_fault_not_ours(store: SqliteStore) -> None:
    def calculate(plans: Sequence[Plan], facts: Facts) -> Result:
        raise FiguresTooLarge("plan.yaml:3 too large")

    with pytest.raises(FailedPrecondition, match="too large"):
        Calculations(store, Plans(store, lambda *_: (None, [])), calculate).newest()


def test_a_stored_plan_that_this_version_cannot_read_is_told(store: SqliteStore) -> None:
    from datetime import date

    record = PlanRecord("ae", "1", "AE", date(2026, 1, 1), "EUR", None, PlanText("plan.yaml", "x", {}))
    store.append_plan(record, Mutation("p", "office", b"x"))
    with pytest.raises(FailedPrecondition, match="ae@1") as error:
        counting(store, []).newest()
    assert error.value.reason == "STORED_PLAN_UNREADABLE"

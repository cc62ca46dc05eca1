"""A simulation reads, and has nothing to write with; what it refuses it refuses before it calculates."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from compsvc.adapters.plan_yaml import parse_plan
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.service import simulation
from compsvc.service.calculation import Calculate, Calculation, Calculations
from compsvc.service.plans import Plans
from compsvc.service.ports import (
    ROLES,
    Caller,
    DeadlineExceeded,
    InvalidArgument,
    ParsePlan,
    PermissionDenied,
    PlanText,
    ReadStore,
    Store,
)
from compsvc.service.simulation import STEPS, Simulated, SimulationTools, Today, simulate_plan
from compsvc.wiring import open_parts
from tests.nordwind import FOLDER, nordwind

FINANCE = Caller("fay", "finance")
WRITES = {"append", "append_plan", "answered", "close"}


class Company:
    """The sample company as a simulation reads it."""

    def newest(self) -> Calculation:
        company = nordwind()
        return Calculation(7, company.plans, company.facts, company.result, ())


def plain(plans: Sequence[Plan], facts: Facts) -> Result:
    return calculate(plans, facts, PlainMatcher())


TOOLS = SimulationTools(Company(), parse_plan, plain)


def text(name: str, change: Callable[[str], str] = lambda source: source) -> PlanText:
    terms = {"terms.yaml": (FOLDER / "terms.yaml").read_text()}
    return PlanText(name, change((FOLDER / name).read_text()), terms)


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(source: str) -> str:
        assert old in source
        return source.replace(old, new)

    return change


def run(*texts: PlanText, period: str = "", tools: SimulationTools = TOOLS) -> Simulated:
    *steps, found = simulate_plan(tools, FINANCE, texts, period=period, proceed=lambda: None)
    assert tuple(steps) == STEPS
    assert isinstance(found, Simulated)
    return found


def refused(*texts: PlanText, period: str = "") -> InvalidArgument:
    with pytest.raises(InvalidArgument) as error:
        run(*texts, period=period)
    return error.value


# --- it cannot write


def members(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_the_tools_have_no_append() -> None:
    """By their types: each thing that a simulation is handed, and each thing that those give."""
    assert get_type_hints(SimulationTools) == {"today": Today, "parse_plan": ParsePlan, "calculate": Calculate}
    assert members(Today) == {"newest", "as_of"}
    assert get_type_hints(Today.as_of)["return"] is get_type_hints(Today.newest)["return"]
    seen, todo = set(), [SimulationTools, Today, get_type_hints(Today.newest)["return"]]
    while todo:
        kind = todo.pop()
        seen.add(kind)
        assert not members(kind) & WRITES, kind
        todo += [hint for hint in get_type_hints(kind).values() if is_dataclass(hint) and hint not in seen]
    assert {Calculation, Facts, Result} <= seen
    known = {"tools", "caller", "texts", "period", "proceed", "as_of"}
    assert set(inspect.signature(simulate_plan).parameters) == known
    assert members(Store) >= WRITES, "the names above are those of the book"
    assert not WRITES & members(ReadStore)


def test_the_module_knows_no_store() -> None:
    assert not {name for name, value in vars(simulation).items() if value in (Store, ReadStore, SqliteStore)}


class Reading:
    """A book of which nothing but the reading is there."""

    def __init__(self, store: SqliteStore) -> None:
        self.position, self.facts_at, self.plans_at, self.page = (
            store.position, store.facts_at, store.plans_at, store.page,
        )  # fmt: skip
        self.last_erasure = store.last_erasure


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from compsvc.service.bulk_load import load_all, load_plan_texts
    from compsvc.wiring import plan_texts

    path = tmp_path_factory.mktemp("book") / "book.db"
    parts = open_parts(path)
    load_plan_texts(parts.store, parts.plans, parts.parse_plan, Caller("cli", "admin"), plan_texts(FOLDER))
    load_all(parts.store, parts.plans, Caller("cli", "admin"), nordwind().facts)
    parts.store.close()
    return path


def rows(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as connection:
        return list(connection.iterdump())


def test_on_a_book_that_can_only_be_read_it_works_and_every_row_stays(book: Path) -> None:
    before = rows(book)
    parts = open_parts(book)
    position = parts.store.position()
    assert isinstance(parts.store, SqliteStore)
    store: Any = Reading(parts.store)
    tools = SimulationTools(Calculations(store, Plans(store, parts.parse_plan), plain), parts.parse_plan, plain)
    found = run(text("hunter.yaml", replaced("1.5 x base", "2 x base")), tools=tools)
    assert found.position == position == parts.store.position()
    assert [total.cost.difference_minor for total in found.comparison.totals] == [
        13_300_00
    ]  # hanna 10,800.00, jonas 2,500.00
    parts.store.close()
    assert rows(book) == before


# --- what it compares


def test_todays_own_plan_changes_nothing() -> None:
    found = run(text("hunter.yaml"))
    (total,) = found.comparison.totals
    assert (total.cost.difference_minor, total.winner_count, total.loser_count) == (0, 0, 0)
    assert [plan.revision for plan in found.replaced] == [plan.revision for plan in found.candidates]


def test_a_candidate_with_a_later_date_leaves_what_was_before() -> None:
    # From the third quarter on 5% instead of 6% in the second tier: the four deals of the second half lose a sixth.
    later = text(
        "farmer.yaml", lambda source: source.replace("rate: 6%", "rate: 5%").replace("2026-01-01", "2026-07-01")
    )
    found = run(later)
    assert found.replaced == ()
    finn = next(each for each in found.comparison.participants if each.participant_id == "finn")
    assert all(deal.external_id in ("D-1008", "D-3005", "D-3006", "D-3008") for deal in finn.deals)
    assert finn.cost.difference_minor == -(240_00 + 800_00 + 700_00 + 350_00)


def test_a_candidate_that_begins_inside_a_measurement_period_has_to_say_carry() -> None:
    error = refused(text("hunter.yaml", replaced("2026-01-01", "2026-07-01")))
    assert error.reason == "CANDIDATE_REFUSES_FACTS"
    assert [(each.field, each.code) for each in error.violations] == [
        ("assignments hanna/hunter/2026-01-01 start_date", "CARRY_MISSING"),
        ("assignments jonas/hunter/2026-01-01 start_date", "CARRY_MISSING"),
    ]
    assert (
        "See that both revisions, the one before that day and the one from it on, say `carry`"
        in error.violations[0].message
    )


def test_carry_in_the_candidate_alone_asks_for_it_in_the_revision_before() -> None:
    error = refused(text("hunter.yaml", lambda source: carrying(source).replace("2026-01-01", "2026-07-01")))
    assert [each.code for each in error.violations] == ["REVISION_CHANGES_TERMS"]
    assert "Give the earlier revision the same `carry`" in error.violations[0].message


def test_a_candidate_from_mid_year_goes_with_todays_text_that_carries() -> None:
    def later(source: str) -> str:
        return carrying(source).replace("2026-01-01", "2026-07-01").replace("1.5 x base", "2 x base")

    earlier = text("hunter-2025.yaml", carrying), text("hunter.yaml", carrying)
    found = run(*earlier, text("hunter.yaml", later))
    hanna = next(each for each in found.comparison.participants if each.participant_id == "hanna")
    assert hanna.cost.difference_minor == 10_800_00  # 216,000 above the quota, at 5% more


def carrying(source: str) -> str:
    return source.replace("    per: year\n", "    per: year\n    carry: continue\n")


def test_several_candidates_are_simulated_together() -> None:
    found = run(
        text("hunter.yaml", replaced("1.5 x base", "2 x base")), text("farmer.yaml", replaced("rate: 6%", "rate: 5%"))
    )
    differences = {each.participant_id: each.cost.difference_minor for each in found.comparison.participants}
    # Jonas is 50,000 above his quota: +5% of it. Greta reached 100,000 in a quarter, the second tier: -1% of it.
    changed = {who: much for who, much in differences.items() if much}
    assert changed == {"hanna": 10_800_00, "jonas": 2_500_00, "greta": -1_000_00, "finn": -3_190_00}


def test_a_contest_costs_its_awards_and_the_one_who_wins_gains() -> None:
    contest = "{rank: {by: amount, ties: share, among: plan, assigned: any day, places: [{top: 1, award: 700}]}}"
    words = f"  best: {{counts: acv, from: own-deals, per: year, settle: period_end, carry: continue, pays: {contest}}}"
    found = run(text("hunter.yaml", replaced("components:\n", f"components:\n{words}\n")))
    changed = {each.participant_id: each.cost.difference_minor for each in found.comparison.participants}
    assert {who: much for who, much in changed.items() if much} == {"hanna": 700_00}
    assert found.comparison.totals[0].cost.difference_minor == 700_00


def test_a_range_of_periods_is_its_periods_together() -> None:
    candidate = text("hunter.yaml", replaced("1.5 x base", "2 x base"))
    parts = [run(candidate, period=f"2026-Q{number}").comparison.totals[0].cost for number in (3, 4)]
    both = run(candidate, period="2026-Q3..2026-Q4")
    assert both.comparison.totals[0].cost.candidate_minor == sum(each.candidate_minor for each in parts)
    assert both.span is not None
    assert (both.span.start_date.month, both.span.end_date.year) == (7, 2027)


# --- what it refuses


@pytest.mark.parametrize("role", ROLES)
def test_finance_and_admin_may_and_the_others_learn_nothing(role: str) -> None:
    def steps() -> Iterator[str | Simulated]:
        return simulate_plan(TOOLS, Caller("x", role), [text("hunter.yaml")], period="", proceed=lambda: None)  # type: ignore[arg-type]

    if role in ("finance", "admin"):
        assert next(steps()) == STEPS[0]
        return
    with pytest.raises(PermissionDenied):
        next(steps())


def test_of_all_candidates_every_problem_is_told_with_its_place() -> None:
    error = refused(
        text(
            "hunter.yaml", lambda s: s.replace("mode: marginal", "mode: sideways").replace("bonus: 5_000", "bonus: x")
        ),
        text("farmer.yaml", replaced("rate: 6%", "rate: 6")),
    )
    assert error.reason == "PLAN_INVALID"
    places = {violation.field: violation.code for violation in error.violations}
    assert list(places.values()) == ["RATE_WITHOUT_PERCENT", "NOT_A_CHOICE", "BAD_AMOUNT"]
    assert all(place.split(":")[0] in ("farmer.yaml", "hunter.yaml") and place.count(":") == 2 for place in places)


def test_a_plan_that_nobody_has_is_refused() -> None:
    (violation,) = refused(text("hunter.yaml", replaced("plan: hunter", "plan: hunterr"))).violations
    assert violation.code == "NO_SUCH_PLAN"
    assert "Did you mean `hunter`?" in violation.message


def test_two_candidates_for_the_same_days_are_refused() -> None:
    (violation,) = refused(text("hunter.yaml"), text("hunter.yaml", replaced("5_000", "6_000"))).violations
    assert violation.code == "SAME_EFFECTIVE_DATE"


def test_a_candidate_for_which_the_facts_are_not_enough_is_refused() -> None:
    """Kontor has no target incentive and no quota, so nothing can be paid to it by `base`."""

    def by_base(source: str) -> str:
        return source.replace("rate: 15%", "rate: base").replace(
            "    per: quarter", "    per: quarter\n    quota: from assignment\n    zero_quota: pay_base"
        )

    error = refused(text("reseller.yaml", by_base))
    assert error.reason == "CANDIDATE_REFUSES_FACTS", error.violations
    assert all("assignments kontor/reseller/2025-01-01" in violation.field for violation in error.violations)


@pytest.mark.parametrize(
    "period", ["last year", "2026-13", "2026..", "..2026", "2027..2026", "2026..2027..2028", "2026-Q5"]
)
def test_a_period_that_is_none_is_refused(period: str) -> None:
    error = refused(text("hunter.yaml"), period=period)
    assert (error.reason, error.violations[0].field) == ("PERIOD_INVALID", "period")


@pytest.mark.parametrize("count", [0, 21])
def test_there_are_one_to_twenty_candidates(count: int) -> None:
    assert refused(*[text("hunter.yaml")] * count).reason == "CANDIDATES_OUT_OF_RANGE"


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_where_nobody_waits_any_more_it_stops_before_the_next_step(step: int) -> None:
    asked: list[int] = []

    def proceed() -> None:
        asked.append(0)
        if len(asked) > step:
            raise DeadlineExceeded("DEADLINE_EXCEEDED", "too late")

    seen = []
    with pytest.raises(DeadlineExceeded):
        seen.extend(simulate_plan(TOOLS, FINANCE, [text("hunter.yaml")], period="", proceed=proceed))
    assert len(asked) == step + 1

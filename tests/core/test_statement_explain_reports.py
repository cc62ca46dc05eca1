"""A share of others' pay lists what each of them earned, as far as that is the manager's to read (M7)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.statement_explain import explain_all
from compsvc.core.statement_step import Step
from compsvc.core.statement_values import Money, Quantity
from compsvc.entry.locales import Locale
from compsvc.entry.statement_formats import sentence
from compsvc.entry.statement_proto import step_message
from tests.oracle.companies import company
from tests.oracle.small import OWN, Case, plan

REP = plan(OWN + "components:\n  c: {counts: acv, from: own, per: quarter, pays: {flat_rate: {rate: 10%}}}\n")
OVERRIDE = (
    "override: {counts: earnings, from: team, own_deals: out, settle: as_earned, per: year, "
    "pays: {flat_rate: {rate: 4%}}}"
)
PLAN_CAPPED = plan(
    OWN + "components:\n  c: {counts: acv, from: own, per: quarter, pays: {flat_rate: {rate: 10%}}}\n",
    cap="{amount: 50, per: year}",
)
BOSS = plan(f"components:\n  {OVERRIDE}\n", name="boss")


def counted(case: Case, who: str = "mia", *, plans: Sequence[Plan] = (REP, BOSS)) -> list[tuple[int, list[Step]]]:
    """Of each line what it counts, and the steps below it."""
    result = calculate(plans, case.facts, PlainMatcher())
    measures = [
        next(step for step in found.derivation.steps if step.code == "MEASURE")
        for found in explain_all(result, plans, case.facts, who).values()
    ]
    return [(amount(step, "counts"), list(step.steps)) for step in measures]


def amount(step: Step, name: str = "amount") -> int:
    value = step.values[name]
    return value.minor if isinstance(value, Money) else value.amount if isinstance(value, Quantity) else 0


def team() -> Case:
    return Case().person("ann", manager_id="mia").person("bob", manager_id="mia").person("mia", "boss")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ["ann: €60.00 from c in 2026-Q1", "bob: €40.00 from c in 2026-Q1"]),
        ("de", ["ann: 60,00 € aus c in 2026-Q1", "bob: 40,00 € aus c in 2026-Q1"]),
    ],
)
def test_each_report_s_part_is_listed(locale: Locale, said: list[str]) -> None:
    """10% of 1,000, split 3 to 2."""
    case = team().deal("d1", "2026-01-10", 1_000_00).split("d1", ann=(3, 5), bob=(2, 5))
    ((counts, steps),) = counted(case)
    assert counts == 100_00
    assert [sentence(step_message(step), locale) for step in steps] == said


def test_who_was_no_report_any_more_when_it_was_paid_is_not_named() -> None:
    """Bob stood below mia when the deal was closed, and no more in the quarter in which he is paid for it."""
    case = Case().person("ann", manager_id="mia").person("mia", "boss")
    case = case.person("bob", end="2026-04-01", manager_id="mia").person("bob", start="2026-04-01")
    case = case.deal("d1", "2026-03-20", 1_000_00, accepted="2026-04-10").split("d1", ann=(3, 5), bob=(2, 5))
    ((counts, steps),) = counted(case)
    assert counts == 100_00
    assert [(step.code, amount(step)) for step in steps] == [("EARNED_BY", 60_00), ("OTHERS_EARNED", 40_00)]
    assert "bob" not in str(steps)
    assert sentence(step_message(steps[1]), "de") == (
        "40,00 € von anderen oder aus späteren Zeiträumen, die nicht einsehbar sind"
    )


def test_who_is_on_another_level_than_the_share_is_of_is_not_listed() -> None:
    """Bob reports to mia, and ann to bob; the share is of those two levels down."""
    boss = plan(f"components:\n  {OVERRIDE.replace('own_deals', 'levels: 2, own_deals')}\n", name="boss")
    case = Case().person("ann", manager_id="bob").person("bob", manager_id="mia").person("mia", "boss")
    case = case.deal("d1", "2026-01-10", 1_000_00).split("d1", ann=(3, 5), bob=(2, 5))
    ((counts, steps),) = counted(case, plans=[REP, boss])
    assert counts == 60_00
    assert [(step.values["participant"], amount(step)) for step in steps] == [("ann", 60_00)]


def test_what_a_cap_of_the_plan_takes_is_no_part_of_what_is_counted() -> None:
    """It bounds what all components pay together, after they were read."""
    ((counts, steps),) = counted(team().deal("d1", "2026-01-10", 1_000_00), plans=[PLAN_CAPPED, BOSS])
    assert counts == 100_00
    assert [(step.code, amount(step)) for step in steps] == [("EARNED_BY", 100_00)]


def test_those_of_another_team_are_neither_counted_nor_listed() -> None:
    case = team().person("zoe").deal("d1", "2026-01-10", 1_000_00).split("d1", ann=(3, 5), zoe=(2, 5))
    ((counts, steps),) = counted(case)
    assert counts == 60_00
    assert [step.values["participant"] for step in steps] == ["ann"]


@pytest.mark.parametrize("seed", [33])
def test_what_is_listed_comes_to_what_is_counted(seed: int) -> None:
    plans, facts = company(seed)
    result = calculate(plans, facts, PlainMatcher())
    assert result.lines is not None
    opened = 0
    for who in result.lines["participant_id"].unique().sort():
        for found in explain_all(result, plans, facts, who).values():
            for step in found.derivation.steps:
                codes = {"EARNED_BY": 1, "EARNED_IN": 1, "OTHERS_EARNED": 1, "COUNTED_BEFORE": -1}
                if step.code == "MEASURE" and any(each.code.startswith("EARNED") for each in step.steps):
                    opened += 1
                    assert sum(codes[each.code] * amount(each) for each in step.steps) == amount(step, "counts")
    assert opened

"""A list of gates: what a line says of each, the way to the next step, and how the plan reads (M6)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from compsvc.core.coverage import clauses
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.plan_sample import Terms, elsewhere, sample
from compsvc.core.statement import statement
from compsvc.core.statement_explain import explain_all
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import NextStep, Quantity
from tests.oracle.small import OWN, Case, plan
from tests.oracle.test_oracle_examples import component

HALF, MOST, SERVICES = "{measure: own, at_least: 50%}", "{measure: own, at_least: 800}", "{measure: s, at_least: 300}"


def gated(gate: str) -> Plan:
    """10% of a quota of 1,000 a quarter; `s` counts services."""
    quoted = "counts: acv, from: own, per: quarter, quota: from assignment, zero_quota: pay_base"
    services = "counts: tcv, from: own, per: quarter, pays: {flat_rate: {rate: 1%}}"
    text = component(f"{quoted}, gate: {gate}, pays: {{flat_rate: {{rate: 10%}}}}")
    return plan(f"{OWN}{text}  s: {{{services}}}\n")


def sold(services: int = 0) -> Case:
    """600 a year, of which there is no term, and services, in cents."""
    case = Case().person("ann", quota=(1_000_00, "quarter")).deal("d1", "2024-01-15", 600_00)
    return case.deal("d2", "2024-01-16", one_time_value_minor=services) if services else case


def told(of: Plan, case: Case) -> list[tuple[Any, ...]]:
    """What the derivation of the first deal's line says of each gate, and where in the plan it stands."""
    result = calculate([of], case.facts, matcher=PlainMatcher(), reference=None, lines=True)
    found = explain_all(result, [of], case.facts, "ann")
    own = next(item for key, item in found.items() if (key.component, key.external_id) == ("c", "d1"))
    return [
        (step.code, step.values["of"], step.values["needed"], step.plan_at)
        for step in own.derivation.steps
        if step.code.startswith("GATE")
    ]


def test_a_line_tells_of_each_gate_whether_it_is_reached() -> None:
    gates = f"[{HALF}, {SERVICES}]"
    shut, opened = told(gated(gates), sold()), told(gated(gates), sold(300_00))
    assert [(code, of) for code, of, *_ in shut] == [("GATE_OPEN", "c"), ("GATE_SHUT", "s")]
    assert [needed for *_, needed, _ in shut] == [Quantity(500_00, "EUR"), Quantity(300_00, "EUR")]
    assert [code for code, *_ in opened] == ["GATE_OPEN", "GATE_OPEN"]


@pytest.mark.parametrize(
    ("gates", "services", "at"),
    [
        (f"[{HALF}, {MOST}]", 0, 800_00),  # the higher of the own ones
        (f"[{MOST}, {SERVICES}]", 300_00, 800_00),  # the other one is open
        (f"[{MOST}, {SERVICES}]", 0, None),  # the other one is shut: no way is known
        (f"[{HALF}, {SERVICES}]", 0, None),
    ],
)
def test_the_next_step_is_where_the_own_gates_open(gates: str, services: int, at: int | None) -> None:
    of, case, span = gated(gates), sold(services), period_of("2024-Q1", fiscal_year_starts=1)
    assert span is not None
    result = calculate([of], case.facts, matcher=PlainMatcher(), reference=None, lines=True)
    found = statement(result, [of], case.facts, participant_id="ann", period=span)
    assert found is not None
    (step,) = (each.next_step for each in found.standings if each.component == "c")
    assert (step and step.at) == (at and Quantity(at, "EUR"))
    if isinstance(step, NextStep):
        assert (step.distance, step.bonus.minor) == (Quantity(200_00, "EUR"), 80_00)


def test_one_gate_is_the_same_plan_in_a_list_and_alone() -> None:
    """A revision is the hash of its content: those that are stored keep theirs."""
    alone = "59effa21e4592d24a3fc921a32db74775513c61da213afc74467eeea3a2d23a8"  # before there were lists
    assert gated(HALF).revision == gated(f"[{HALF}]").revision == alone
    assert gated(f"[{HALF}, {SERVICES}]").revision != gated(HALF).revision
    assert gated(HALF).components["c"].gates[0].at_least == Fraction(1, 2)


def test_each_gate_is_a_clause_that_cases_can_reach() -> None:
    found = [clause.what for clause in clauses(gated(f"[{HALF}, {SERVICES}]"))]
    assert found.count("`gate` of `c`") == 2


@pytest.mark.parametrize(
    ("gates", "without", "opens"),
    [
        (f"[{HALF}, {SERVICES}]", ["gates"], 50_00),
        (f"[{HALF}, {MOST}]", [], 800_00),
        (SERVICES, ["gate"], None),
    ],
)
def test_a_figure_is_of_the_own_gates_alone(gates: str, without: list[str], opens: int | None) -> None:
    """Of a quota of 100 a quarter half is 50."""
    of = gated(gates)
    found = sample(of, of.components["c"], Terms(target_minor=1_000_00, quota_minor=400_00))
    assert found is not None
    assert (list(elsewhere(of.components["c"])), found.around.opens) == (without, opens)

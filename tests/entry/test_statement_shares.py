"""What is paid in shares of an amount says so, with the place in the plan that names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.statement_explain import Step, explain_all
from compsvc.entry.statement_formats import sentence
from compsvc.entry.statement_proto import step_message
from tests.oracle.small import OWN, Case, day, plan

GOALS = """components:
  goals:
    counts: activities
    per: quarter
    pays:
      objectives: {of: OF, at_most: 100%, list: [{activity: a, weight: 60%}, {activity: b, weight: 40%}]}
"""
STEPS = """components:
  pay:
    counts: acv
    from: own
    per: half_year
    quota: from assignment
    zero_quota: pay_base
    prorate: {by: days, for: entry, of: quota and target}
    pays: {steps: {by: attainment, of: 3_000, boundary: at, at: [{100%: 50%}]}}
"""
MET = {"source": "crm", "external_id": "1", "kind": "a", "activity_date": day("2026-02-10"), "quantity": 50}


def steps_of(terms: Plan, case: Case) -> list[Step]:
    result = calculate([terms], case.facts, PlainMatcher())
    (found,) = explain_all(result, [terms], case.facts, "ann").values()
    return list(_walk(found.derivation))


def _walk(step: Step) -> Iterator[Step]:
    yield step
    for below in step.steps:
        yield from _walk(below)


def said(terms: Plan, case: Case) -> tuple[str, str, str]:
    (step,) = [step for step in steps_of(terms, case) if step.code == "SHARES_OF"]
    message = step_message(step)
    return step.plan_at, sentence(message, "en"), sentence(message, "de")


def test_an_objective_says_of_which_amount_it_has_its_share() -> None:
    terms = plan(GOALS.replace("OF", "5_000"))
    at, english, german = said(terms, Case().person("ann").add("activities", participant_id="ann", **MET))
    assert at == terms.components["goals"].pays.at.in_folder
    assert english == "paid in shares of €5,000.00 each period"
    assert german == "gezahlt in Anteilen von 5.000,00 € je Zeitraum"


def test_an_amount_of_which_a_part_counts_says_how_much() -> None:
    case = Case().person("ann", start="2026-10-01", quota=(1_000_00, "half_year")).deal("d1", "2026-10-01", 500_00)
    _, english, german = said(plan(OWN + STEPS), case)
    assert english == "paid in shares of €3,000.00 each period, of which €1,500.00 counts here"
    assert german == "gezahlt in Anteilen von 3.000,00 € je Zeitraum, wovon hier 1.500,00 € zählen"


@pytest.mark.parametrize("target", [0, 20_000_00])
def test_a_share_of_the_target_incentive_names_no_amount_of_the_plan(target: int) -> None:
    case = Case().person("ann", target_incentive_minor=target).add("activities", participant_id="ann", **MET)
    codes = {step.code for step in steps_of(plan(GOALS.replace("OF", "target incentive")), case)}
    assert "LINE" in codes
    assert "SHARES_OF" not in codes

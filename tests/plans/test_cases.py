"""Every case of every sample plan holds, with durable_rules where it imports and the plain matcher beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from compsvc.adapters.case_yaml import load_cases
from compsvc.adapters.durable_matcher import best_matcher
from compsvc.core.case_values import Case
from compsvc.core.pipeline import calculate
from compsvc.entry.cases_text import cases_text
from compsvc.service.cases import run_case

PLANS = Path(__file__).parents[2] / "plans"
CASES, PROBLEMS = load_cases([PLANS])


def test_the_sample_plans_have_cases_and_no_problems() -> None:
    assert not PROBLEMS
    assert len(CASES) > 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{Path(case.at.file).stem}:{case.at.line}")
def test_a_case_of_the_sample_plans_holds(case: Case) -> None:
    matcher, reference = best_matcher()
    outcome = run_case(case, lambda plans, facts: calculate(plans, facts, matcher, reference))
    assert outcome.state == "PASS", cases_text([outcome])

"""Run a plan's cases: PASS, FAIL and ERROR are three things. ERROR: the case could not be put to the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from compsvc.core.case import Case, Difference, differences, unknown_names
from compsvc.core.checks import check_facts
from compsvc.core.curves import FiguresTooLarge
from compsvc.core.eligibility import EligibilityError
from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem, in_order
from compsvc.core.results import Result
from compsvc.core.statement_explain import Explanation, explain
from compsvc.core.statement_values import LineKey

State = Literal["PASS", "FAIL", "ERROR"]
Calculate = Callable[[Sequence[Plan], Facts], Result]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`differences` of a FAIL with the lines behind them; `problems` of an ERROR."""

    case: Case
    state: State
    differences: tuple[Difference, ...] = ()
    explanations: Mapping[LineKey, Explanation] | None = None
    problems: tuple[Problem, ...] = ()


def run_cases(cases: Iterable[Case], calculate: Calculate) -> list[Outcome]:
    """In the order given."""
    return [run_case(case, calculate) for case in cases]


def run_case(case: Case, calculate: Calculate) -> Outcome:
    problems = case.problems or tuple(in_order(unknown_names(case)))
    if problems:
        return Outcome(case, "ERROR", problems=problems)
    refused = check_facts(case.facts, case.plans).refusals
    if refused:
        return Outcome(case, "ERROR", problems=tuple(_told(case, f"{item}") for item in refused))
    try:
        result = calculate(case.plans, case.facts)
    except (FiguresTooLarge, EligibilityError) as error:
        return Outcome(case, "ERROR", problems=(_told(case, str(error)),))
    found = differences(case, result)
    if not found:
        return Outcome(case, "PASS")
    return Outcome(case, "FAIL", found, _explained(case, result, found))


def _told(case: Case, message: str) -> Problem:
    return Problem("CASE_REFUSED", case.at, message)


def _explained(case: Case, result: Result, found: Iterable[Difference]) -> Mapping[LineKey, Explanation]:
    keys = dict.fromkeys(key for difference in found for key in difference.lines)
    opened = {key: explain(result, case.plans, case.facts, key) for key in keys}
    return {key: explanation for key, explanation in opened.items() if explanation is not None}

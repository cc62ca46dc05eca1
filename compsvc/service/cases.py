"""Run a plan's cases: PASS, FAIL and ERROR are three things. ERROR: the case could not be put to the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from compsvc.core.case import differences, made_wrong, unknown_names
from compsvc.core.case_values import Case, Difference
from compsvc.core.changes import as_they_were
from compsvc.core.checks import check_facts
from compsvc.core.checks_rules import Refusal
from compsvc.core.coverage import Clause, reached
from compsvc.core.eligibility import EligibilityError
from compsvc.core.facts import DEAL, Facts
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.holds import is_of_deals, may_keep_the_same
from compsvc.core.plan import Plan
from compsvc.core.problems import Position, Problem, in_order
from compsvc.core.results import Result
from compsvc.core.statement_explain import Explanation, explain
from compsvc.core.statement_values import LineKey

FOLLOWS = frozenset({"REQUIRED", "UNKNOWN_PARTICIPANT"})  # from what is wrong with the text of a case
UNSAID = frozenset({"QUOTA_MISSING", "PAY_FX_MISSING"})
State = Literal["PASS", "FAIL", "ERROR"]
Calculate = Callable[[Sequence[Plan], Facts], Result]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`differences` of a FAIL with the lines behind them; `problems` of an ERROR; `reached` where it was asked for."""

    case: Case
    state: State
    differences: tuple[Difference, ...] = ()
    explanations: Mapping[LineKey, Explanation] | None = None
    problems: tuple[Problem, ...] = ()
    reached: frozenset[Clause] = frozenset()


def with_problems(cases: Iterable[Case], problems: Sequence[Problem]) -> list[Case]:
    """A case of plans that have problems cannot be put to the test, however well they read one by one."""

    def of(case: Case) -> tuple[Problem, ...]:
        files = {plan.at.file for plan in case.plans}
        return tuple(problem for problem in problems if problem.at.file in files)

    return [replace(case, problems=(*case.problems, *of(case))) for case in cases]


def run_cases(cases: Iterable[Case], calculate: Calculate, *, cover: bool = False) -> list[Outcome]:
    """In the order given."""
    return [run_case(case, calculate, cover=cover) for case in cases]


def run_case(case: Case, calculate: Calculate, *, cover: bool = False) -> Outcome:
    """A canary passes by failing; one that does not fail is an ERROR, since then nothing here can fail."""
    outcome = _outcome(case, calculate, cover=cover)
    if not case.canary or outcome.state == "ERROR":
        return outcome
    if outcome.state == "FAIL":
        return replace(outcome, state="PASS")
    message = "the canary did not fail: its wrong expectation was met, so that a case passes shows nothing."
    return replace(outcome, state="ERROR", problems=(Problem("CANARY_PASSED", case.at, message),))


def unsaid(cases: Iterable[Case]) -> list[Problem]:
    """Where cases assign people to a component that counts against a quota, and give none (M4), or pay them in a
    currency into which the plan does not convert (M10), or have a gate that never opens (M6)."""
    found = []
    for case in (case for case in cases if case.plans and not case.problems):
        checked = check_facts(case.facts, case.plans)
        missing = [item for item in checked.refusals if item.code in UNSAID]
        shut = [item for item in checked.notes if item.code == "GATE_NEVER_OPENS"]
        found += [Problem(item.code, _row(case, item), item.message) for item in missing]
        found += [Problem(item.code, _row(case, item), item.message, "notice") for item in shut]
    return found


def canary(outcomes: Iterable[Outcome], calculate: Calculate) -> Outcome | None:
    """Of the first case that passes, with one figure made wrong: the proof that the cases of this run can fail."""
    passed = (outcome.case for outcome in outcomes if outcome.state == "PASS" and not outcome.case.canary)
    wrong = next((wrong for case in passed if (wrong := made_wrong(case)) is not None), None)
    return None if wrong is None else run_case(wrong, calculate)


def _outcome(case: Case, calculate: Calculate, *, cover: bool) -> Outcome:
    problems = in_order([*case.problems, *unknown_names(case), *_holds_at_once(case), *_refused(case)])
    if problems:
        return Outcome(case, "ERROR", problems=tuple(problems))
    case = replace(case, facts=as_they_were(case.facts))
    try:
        result = calculate(case.plans, case.facts)
    except (FiguresTooLarge, EligibilityError) as error:
        return Outcome(case, "ERROR", problems=(_told(case, str(error)),))
    found = differences(case, result, calculate)
    covered = reached(case.plans, case.facts, result) if cover else frozenset()
    if not found:
        return Outcome(case, "PASS", reached=covered)
    return Outcome(case, "FAIL", found, _explained(case, result, found), reached=covered)


def _holds_at_once(case: Case) -> Iterator[Problem]:
    """A further hold of pay that another one keeps: a ledger refuses it, for as long as the other stands."""
    seen: list[dict[str, Any]] = []
    for hold in is_of_deals(case.facts.holds.with_row_index("row")).iter_rows(named=True):
        for other in seen:
            same = all(hold[name] == other[name] for name in DEAL) and may_keep_the_same(_whose(hold), _whose(other))
            if same and _stand_at_once(hold, other):
                until = f"released on {other['free_date']}" if other["free_date"] else "not released"
                message = (
                    f"pay of `{hold['external_id']}` is on hold already, from {other['held_date']} on and {until}. "
                    "Let this hold begin when that one is released, or hold what it does not keep."
                )
                yield Problem("HOLDS_OVERLAP", _at(case, "holds", hold["row"]), message)
                break
        seen.append(hold)


def _whose(hold: Mapping[str, Any]) -> tuple[str | None, ...]:
    return hold["participant_id"], hold["plan"], hold["component"]


def _stand_at_once(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    start = max(one["held_date"] or date.min, other["held_date"] or date.min)
    return start < min(one["free_date"] or date.max, other["free_date"] or date.max)


def _refused(case: Case) -> Iterator[Problem]:
    """Where the case itself is wrong already, what is missing in a row, or with it, is no news."""
    if not case.plans:
        return
    for item in check_facts(case.facts, case.plans).refusals:
        if not case.problems or item.code not in FOLLOWS:
            yield _told(case, str(item), _row(case, item))


def _row(case: Case, item: Refusal) -> Position:
    return _at(case, item.kind, item.row)


def _at(case: Case, kind: str, row: int) -> Position:
    """Where the case has it; else the case."""
    at = [*case.places.get(kind, ()), case.at]
    return at[min(row, len(at) - 1)]


def _told(case: Case, message: str, at: Position | None = None) -> Problem:
    return Problem("CASE_REFUSED", at or case.at, message)


def _explained(case: Case, result: Result, found: Iterable[Difference]) -> Mapping[LineKey, Explanation]:
    keys = dict.fromkeys(key for difference in found for key in difference.lines)
    opened = {key: explain(result, case.plans, case.facts, key) for key in keys}
    return {key: explanation for key, explanation in opened.items() if explanation is not None}

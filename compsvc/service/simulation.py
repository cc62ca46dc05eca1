"""What a candidate plan would change, over the same facts. Nothing here can write: there is no tool to do it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from compsvc.core.checks import check_facts
from compsvc.core.comparison import Comparison, compare
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.limits import MAX_CANDIDATES
from compsvc.core.plan import Plan
from compsvc.core.plan_check_revisions import check_plans
from compsvc.core.problems import Problem, did_you_mean, in_order
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Span
from compsvc.service.access import require
from compsvc.service.calculation import Calculate, Calculation, calculated
from compsvc.service.plans import not_a_plan, parsed
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument, ParsePlan, PlanText, Violation

STEPS = (
    "reading the candidate", "calculating today", "checking facts", "calculating the candidate", "comparing",
)  # fmt: skip


class Today(Protocol):
    """Where a simulation reads: what follows from the book as it stands, or as it was known at a time."""

    def newest(self) -> Calculation: ...

    def as_of(self, time: datetime) -> Calculation: ...


@dataclass(frozen=True, slots=True)
class SimulationTools:
    """All that a simulation is given."""

    today: Today
    parse_plan: ParsePlan
    calculate: Calculate


@dataclass(frozen=True, slots=True)
class Simulated:
    """`replaced` are the revisions whose place the candidates take."""

    comparison: Comparison
    position: int
    span: Span | None
    candidates: tuple[Plan, ...]
    replaced: tuple[Plan, ...]
    refused_rows: int  # left out on both sides


def simulate_plan(
    tools: SimulationTools,
    caller: Caller,
    texts: Sequence[PlanText],
    *,
    period: str,
    proceed: Callable[[], None],
    as_of: datetime | None = None,
) -> Iterator[str | Simulated]:
    """Each of STEPS as it begins, and at the end what was found. `proceed` raises where nobody waits any more."""
    require(caller, "simulate_plan")

    def step(number: int) -> str:
        proceed()
        return STEPS[number]

    yield step(0)
    candidates = _read(tools.parse_plan, texts)
    yield step(1)
    today = tools.today.newest() if as_of is None else tools.today.as_of(as_of)
    replaced, plans = _in_place(today.plans, candidates)
    span = _span(period, [*today.plans, *candidates])
    yield step(2)
    _check_facts(today, plans)
    yield step(3)
    then = calculated(tools.calculate, plans, today.facts)
    yield step(4)
    try:
        comparison = compare(today.result, then, today.facts, span)
    except FiguresTooLarge as error:
        raise FailedPrecondition("FIGURES_TOO_LARGE", str(error)) from error
    refused = len({(refusal.kind, refusal.row) for refusal in today.refusals})
    yield Simulated(comparison, today.position, span, tuple(candidates), tuple(replaced), refused)


def _read(parse: ParsePlan, texts: Sequence[PlanText]) -> list[Plan]:
    """The candidates; of all texts every problem at once."""
    if not 0 < len(texts) <= MAX_CANDIDATES:
        message = f"{len(texts)} candidate plans; 1 to {MAX_CANDIDATES} can be simulated together."
        raise InvalidArgument.of("candidates", "CANDIDATES_OUT_OF_RANGE", message)
    read = [parsed(parse, text) for text in texts]
    errors = [problem for _, problems in read for problem in problems if problem.severity == "error"]
    if errors:
        raise not_a_plan(in_order(errors))
    return [plan for plan, _ in read if plan is not None]


def _in_place(in_force: Sequence[Plan], candidates: Sequence[Plan]) -> tuple[list[Plan], list[Plan]]:
    """What is replaced, and all plans as they would be: from its `effective` date on a candidate takes the place of
    every revision of its plan that begins on that day or later; earlier ones stay."""
    known = {plan.plan for plan in in_force}
    unknown = [_nobodys(plan, known) for plan in candidates if plan.plan not in known]
    first = {plan.plan: min(p.effective for p in candidates if p.plan == plan.plan) for plan in candidates}
    replaced = [plan for plan in in_force if plan.plan in first and plan.effective >= first[plan.plan]]
    plans = [*(plan for plan in in_force if plan not in replaced), *candidates]
    problems = in_order([*unknown, *check_plans(plan for plan in plans if plan.plan in first)])
    if problems:
        raise not_a_plan(problems)
    return replaced, sorted(plans, key=lambda plan: (plan.plan, plan.effective))


def _nobodys(plan: Plan, known: set[str]) -> Problem:
    message = (
        f"there is no plan `{plan.plan}`, so it would pay nobody. Give the candidate the name "
        f"of the plan that it changes.{did_you_mean(plan.plan, known)}"
    )
    return Problem("NO_SUCH_PLAN", plan.at, message)


def _span(period: str, plans: Sequence[Plan]) -> Span | None:
    """One period, or the first and the last one: `2026-Q1..2026-Q3`. Empty is everything."""
    if not period:
        return None
    starts = {plan.fiscal_year_starts for plan in plans}
    names = period.split("..")
    spans = [period_of(name, fiscal_year_starts=starts.pop() if len(starts) == 1 else 1) for name in names]
    first, last = spans[0], spans[-1]
    if len(names) > 2 or first is None or last is None or first.start_date >= last.end_date:
        message = (
            f"`{period[:200]}` is no period. Write `2026-11`, `2026-Q4`, `2026-H2`, `2026`, or a range as "
            "`2026-Q1..2026-Q3`."
        )
        raise InvalidArgument.of("period", "PERIOD_INVALID", message, period=period[:200])
    return Span(period, first.start_date, last.end_date)


def _check_facts(today: Calculation, plans: Sequence[Plan]) -> None:
    """Both sides have to be over the same facts, so a candidate for which some are not enough is refused."""
    refusals = check_facts(today.facts, plans).refusals
    if not refusals:
        return
    message = (
        f"The candidate cannot be calculated for {len(refusals)} of the rows that today's plans are calculated for."
    )
    violations = [
        Violation(f"{each.kind} {each.key} {each.field}".strip(), each.code, each.message) for each in refusals
    ]
    raise InvalidArgument("CANDIDATE_REFUSES_FACTS", message, violations, rows=str(len(refusals)))

"""What `compsvc plan test --coverage` prints: how much of each plan the cases reach, and the clauses that none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from compsvc.core.coverage import clauses
from compsvc.core.plan import Plan
from compsvc.service.cases import Outcome


def coverage_text(plans: Iterable[Plan], outcomes: Sequence[Outcome]) -> str:
    reached = frozenset[object]().union(*(outcome.reached for outcome in outcomes))
    return "".join(f"{line}\n" for plan in plans for line in _of_plan(plan, reached))


def _of_plan(plan: Plan, reached: frozenset[object]) -> Iterator[str]:
    every = clauses(plan)
    missed = [clause for clause in every if clause not in reached]
    share = 100 * (len(every) - len(missed)) // len(every)
    yield f"{plan.at.file} {plan.plan}: {share}%, {len(every) - len(missed)} of {len(every)} clauses"
    yield from (f"  {clause.at} {clause.what}: no case reaches it" for clause in missed)

"""The plans of a drawn company. They are written as YAML and come through the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from compsvc.adapters.plan_yaml import parse_plan
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem

from .draft import Draft
from .more_texts import with_amounts, with_contest, with_half_years, with_own_earnings, with_products
from .plan_texts import CARRIES, plan_text, revised

REFUSED = {
    "CAP_BELOW_FLOOR",
    "LOST_TWICE",
    "NEVER_PAYS",
    "RULE_NEVER_FIRES",
    "MODIFIER_UNFIT",
}  # plans that are drawn again


def drawn_plans(draft: Draft, changes: bool) -> list[Plan]:
    rng = draft.rng
    kinds = rng.sample(("hunter", "hunter", "farmer", "engineer", "manager"), rng.randint(1, 3))
    kinds = list(dict.fromkeys(["hunter", *kinds] if set(kinds) <= {"engineer", "manager"} else kinds))
    plans = []
    for kind in kinds:
        terms = draft.house
        if plans and draft.chance(0.1):
            terms = replace(terms, currency="USD")
        if draft.chance(0.5):
            terms = replace(terms, fx=rng.choice(("plan_rate", "close_date")))
        if draft.chance(0.2):
            other = rng.choice(("accepted", "closed"))
            terms = replace(terms, counts_on=other, payable=rng.choice(("accepted", "closed")))
        carry = rng.choice(CARRIES) if changes or draft.chance(0.2) else None
        effective = "2024-02-29" if plans and draft.chance(0.15) else "2022-01-01"
        text, plan = _drawn(lambda: plan_text(rng, kind, terms, effective, carry))  # noqa: B023
        contest = partial(with_contest, kind=kind, carry=carry)
        for change in (contest, with_products, with_own_earnings, with_half_years, with_amounts):
            changed = change(text)
            passed, _ = read(changed)
            text, plan = (changed, passed) if passed is not None else (text, plan)
        plans.append(plan)
        if changes and draft.chance(0.4):
            later = rng.choice(("2024-03-01", "2024-04-01", "2024-05-15"))
            plans.append(_drawn(lambda: revised(rng, text, later))[1])  # noqa: B023
    return plans


def _drawn(text_of: Callable[[], str]) -> tuple[str, Plan]:
    """The first text that the plan check lets through; what it refuses are plans that could never pay."""
    for _ in range(20):
        text = text_of()
        plan, problems = read(text)
        if plan is not None:
            return text, plan
        assert {problem.code for problem in problems if problem.severity == "error"} <= REFUSED, problems
    raise AssertionError(text)


def parsed(text: str) -> Plan:
    plan, problems = read(text)
    assert plan is not None, f"{text}\n{problems}"
    return plan


@lru_cache(maxsize=200)
def read(text: str) -> tuple[Plan | None, Sequence[Problem]]:
    """Most changes leave most texts as they are, and many tests draw the same companies."""
    return parse_plan(text.encode(), "plan.yaml", {})

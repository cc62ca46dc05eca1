"""Activities that count: one after the other, each for the participant who did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

from compsvc.core.plan import Component, Plan
from compsvc.core.rules.objectives import Objectives

from .calendar_rules import Period, period_of
from .chain import Chain
from .rows import Company, Row

ONE_ACTIVITY = 1_000_000


@dataclass(frozen=True)
class Activity:
    """One that counts for a component, under the revision in force on its day."""

    row: Row
    name: str
    plan: Plan
    period: Period

    met: int | None = None  # of an objective: how many percent of it count

    @property
    def count(self) -> int:
        pays = self.plan.components[self.name].pays
        if isinstance(pays, Objectives):
            weight = next(item.weight for item in pays.listed if item.activity == self.row["kind"])
            return int(ONE_ACTIVITY * weight * Fraction(self.met or 0, 100))
        return ONE_ACTIVITY * (1 if self.row["quantity"] is None else self.row["quantity"])


def counted(company: Company, chains: Iterable[Chain]) -> Iterator[Activity]:
    for chain in chains:
        so_far: dict[tuple[object, ...], int] = {}  # percent of each objective
        for row in sorted(company.activities.values(), key=order_of):
            day, plan = row["activity_date"], chain.on(row["activity_date"])
            if plan is None or company.assigned(row["participant_id"], chain.name, day) is None:
                continue
            for name, component in plan.components.items():
                period = period_of(day, component.per, plan.fiscal_year_starts)
                found = Activity(row, name, plan, period)
                if isinstance(component.pays, Objectives) and _fits(component, row):
                    key = row["participant_id"], name, plan.revision, period.name, row["kind"]
                    before = so_far.get(key, 0)
                    so_far[key] = before + (100 if row["quantity"] is None else row["quantity"])
                    most = int(component.pays.at_most * 100)
                    found = Activity(row, name, plan, period, min(so_far[key], most) - min(before, most))
                if component.counts == "activities" and _fits(component, row) and found.count:
                    yield found


def _fits(component: Component, row: Row) -> bool:
    listed = [item.activity for item in component.pays.listed] if isinstance(component.pays, Objectives) else []
    if row["kind"] not in (listed or [component.activity]):
        return False
    return row["outcome"] != "no_show" if component.outcome is None else row["outcome"] in component.outcome


def order_of(row: Row) -> tuple[date, datetime, str, bytes, int, int]:
    """D2's key: a date without a time is 00:00."""
    day = row["activity_date"]
    return day, datetime.combine(day, time()), row["source"], row["external_id"].encode(), 0, 0

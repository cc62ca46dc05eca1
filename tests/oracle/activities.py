"""Activities that count: one after the other, each for the participant who did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from compsvc.core.plan import Component, Plan

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

    @property
    def count(self) -> int:
        return ONE_ACTIVITY * (1 if self.row["quantity"] is None else self.row["quantity"])


def counted(company: Company, chains: Iterable[Chain]) -> Iterator[Activity]:
    for chain in chains:
        for row in company.activities.values():
            day, plan = row["activity_date"], chain.on(row["activity_date"])
            if plan is None or company.assigned(row["participant_id"], chain.name, day) is None:
                continue
            for name, component in plan.components.items():
                found = Activity(row, name, plan, period_of(day, component.per, plan.fiscal_year_starts))
                if component.counts == "activities" and _fits(component, row) and found.count:
                    yield found


def _fits(component: Component, row: Row) -> bool:
    if row["kind"] != component.activity:
        return False
    return row["outcome"] != "no_show" if component.outcome is None else row["outcome"] in component.outcome


def order_of(row: Row) -> tuple[date, datetime, str, bytes, int, int]:
    """D2's key: a date without a time is 00:00."""
    day = row["activity_date"]
    return day, datetime.combine(day, time()), row["source"], row["external_id"].encode(), 0, 0

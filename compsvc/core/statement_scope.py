"""Whose statement it is, of which period, and who stands above whom in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_LEVELS
from compsvc.core.periods import named_period, period_span
from compsvc.core.plan import Plan
from compsvc.core.statement_values import (
    Span,
)


def period_of(name: str, *, fiscal_year_starts: int) -> Span | None:
    """`2026-11`, `2026-Q4`, `2026-H2` or `2026` on a fiscal calendar (D3). None where the text is none of them."""
    found = named_period(name)
    if found is None:
        return None
    per, index = found
    return Span(name, *period_span(index, per=per, fiscal_year_starts=fiscal_year_starts))


def fiscal_year_starts(plans: Sequence[Plan], facts: Facts, participant_id: str) -> int:
    """Of the participant's plans; January where they differ, or where there is none."""
    mine = set(facts.of("assignments", "participant_id", participant_id)["plan"])
    starts = {plan.fiscal_year_starts for plan in plans if plan.plan in mine}
    return starts.pop() if len(starts) == 1 else 1


def manages(facts: Facts, *, manager_id: str, participant_id: str, period: Span) -> bool:
    """Whether on some day of the period the manager stands above the participant, every step of the line in force."""
    return any(
        manager_id in _above(facts, participant_id, day) for day in _days_of_change(facts, participant_id, period)
    )


def level_above(facts: Facts, *, manager_id: str, participant_id: str, day: date) -> int | None:
    """How many steps of the line on the day the manager stands above the participant; None where nowhere."""
    reached, level = {participant_id}, {participant_id}
    for number in range(1, MAX_LEVELS + 1):
        level = _next_above(facts, level, day) - reached
        if manager_id in level:
            return number
        reached |= level
    return None


def _next_above(facts: Facts, level: set[str], day: date) -> set[str]:
    rows = facts.of("assignments", "participant_id", *sorted(level)).filter(
        pl.col("start_date") <= day, pl.col("end_date").is_null() | (pl.col("end_date") > day)
    )
    return set(rows["manager_id"].drop_nulls())


def _days_of_change(facts: Facts, participant_id: str, period: Span) -> list[date]:
    """The period's first day, and each later one on which anybody who may stand above starts or ends."""
    known, level = {participant_id}, {participant_id}
    days = {period.start_date}
    for _ in range(MAX_LEVELS):
        rows = facts.of("assignments", "participant_id", *sorted(level))
        days |= {day for name in ("start_date", "end_date") for day in rows[name] if day and period.holds(day)}
        level = set(rows["manager_id"].drop_nulls()) - known
        known |= level
    return sorted(days)


def _above(facts: Facts, participant_id: str, day: date) -> set[str]:
    """Everybody above the participant on the day."""
    reached, level = {participant_id}, {participant_id}
    for _ in range(MAX_LEVELS):
        level = _next_above(facts, level, day) - reached
        reached |= level
    return reached - {participant_id}

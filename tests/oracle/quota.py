"""The quota of a period: seasonal parts, and day by day what counts of it (M4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from compsvc.core.plan import Component, Plan

from .calendar_rules import MONTHS_OF, Period, add_months, period_of, share_of_span, whole_months
from .exact import rounded
from .rows import Assignment, Company


class Part(NamedTuple):
    """Days of a period under one assignment and one revision."""

    assignment: Assignment
    plan: Plan
    start: date
    end: date


class Words:
    """What the component says, else its plan."""

    def __init__(self, plan: Plan, name: str) -> None:
        component: Component = plan.components[name]
        self.fiscal_start, self.per = plan.fiscal_year_starts, component.per
        self.rounding = plan.rounding
        opens = str(component.quota).startswith("opening")  # what a period opens with is whole
        self.prorate = None if opens else component.prorate or plan.prorate
        self.ramp_up = None if opens else component.ramp_up or plan.ramp_up
        self.seasonal = None if opens else component.seasonal or plan.seasonal
        self.reasons = self.prorate.reasons if self.prorate else ()

    @property
    def silent(self) -> bool:
        return self.prorate is None and self.ramp_up is None


def whole_quota(words: Words, amount: int, span: str, month_of_year: int) -> int:
    """Of one period, before anything is taken off."""
    if words.seasonal is None or span != "year" or words.per == "year":
        return share_of_span(amount, span, words.per, month_of_year)
    weights = words.seasonal.weights
    if words.seasonal.per == "half_year":
        of_half = largest_remainder(amount, weights)[month_of_year // 6]
        return share_of_span(of_half, "half_year", words.per, month_of_year)
    if words.seasonal.per == "quarter":
        of_quarters = largest_remainder(amount, weights)
        quarter = month_of_year // 3
        if words.per == "half_year":
            return of_quarters[quarter] + of_quarters[quarter + 1]
        return share_of_span(of_quarters[quarter], "quarter", words.per, month_of_year)
    fiscal = [weights[(words.fiscal_start - 1 + month) % 12] for month in range(12)]
    of_months = largest_remainder(amount, fiscal)
    return sum(of_months[month_of_year : month_of_year + MONTHS_OF[words.per]])


def largest_remainder(amount: int, weights: Sequence[Fraction]) -> list[int]:
    parts = [int(amount * weight) for weight in weights]
    while sum(parts) < amount:
        short = [amount * weight - part for weight, part in zip(weights, parts, strict=True)]
        parts[short.index(max(short))] += 1
    return parts


def days_of(
    period: Period, parts: Sequence[Part], part: Part, words: Words, carry: str | None, company: Company
) -> list[date]:
    """The days of the period that a part answers for."""
    gone = min(
        (left for who, left in company.exits if who == part.assignment.participant and left >= part.assignment.start),
        default=date.max - timedelta(days=1),
    ) + timedelta(days=1)
    first, last = part.start, part.end
    if carry == "continue":
        first, last = min(each.start for each in parts), max(each.end for each in parts)
    place = parts.index(part)
    found = []
    day = period.start
    while day < period.end:
        before, after = day < first, day >= last
        if carry == "blend":
            before = before and place == 0
            of_another = (day < first and place > 0) or any(each.start <= day for each in parts[place + 1 :])
        else:
            of_another = False
        off = (before and "entry" in words.reasons) or ((after or day >= gone) and "exit" in words.reasons)
        if not off and not of_another:
            found.append(day)
        day += timedelta(days=1)
    return found


def share(
    words: Words, period: Period, days: list[date], assignment: Assignment, company: Company, *, target: bool
) -> Fraction:
    """How much of the period's quota, or of its target, counts."""
    ramp = words.ramp_up
    if target:
        if words.prorate is None or words.prorate.of != "quota and target":
            days = all_days(period.start, period.end)
            reasons: tuple[str, ...] = ()
        else:
            reasons = words.reasons
        ramp = ramp if ramp is not None and ramp.of == "quota and target" else None
    else:
        reasons = words.reasons
    away = company.leaves.get(assignment.participant, []) if "leave" in reasons else []
    there = [day for day in days if not any(start <= day < end for start, end in away)]
    ramp_start = _ramp_start(company, assignment, words) if ramp is not None else None
    if ramp is not None and ramp_start is not None:
        touches = ramp_start < period.end and add_months(ramp_start, len(ramp.months)) > period.start
        ramp_start = ramp_start if touches else None
    by_months = words.prorate is not None and words.prorate.by == "months" and bool(words.reasons)
    counted = weights = Fraction(0)
    for unit in _units(words, period, monthly=ramp_start is not None or by_months, seasonal=not target):
        weight = unit_weight(words, unit) if not target and words.seasonal else Fraction(1)
        present = [day for day in there if unit.start <= day < unit.end]
        values = [_ramped(ramp, ramp_start, assignment, day) for day in present]
        length = (unit.end - unit.start).days
        part_month = words.prorate.part_month if words.prorate and words.prorate.by == "months" else None
        if part_month == "counts":
            value = sum(values, Fraction(0)) / len(values) if values else Fraction(0)
        elif part_month == "leave out" and len(present) < length:
            value = Fraction(0)
        else:
            value = sum(values, Fraction(0)) / length
        counted += weight * value
        weights += weight
    if not weights:
        return Fraction(1)
    full_time = Fraction(assignment.workload, 1_000_000) if "part_time" in reasons else Fraction(1)
    return counted / weights * full_time


def all_days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days)]


def _units(words: Words, period: Period, *, monthly: bool, seasonal: bool) -> list[Period]:
    per = words.per
    if monthly or (seasonal and words.seasonal and words.seasonal.per == "month"):
        per = "month"
    elif seasonal and words.seasonal and MONTHS_OF[words.seasonal.per] < MONTHS_OF[words.per]:
        per = words.seasonal.per
    units = [period_of(period.start, per, words.fiscal_start)]
    while units[-1].end < period.end:
        units.append(period_of(units[-1].end, per, words.fiscal_start))
    return units


def unit_weight(words: Words, unit: Period) -> Fraction:
    """The sum of its months; a month has its part of the weight of a quarter or half."""
    assert words.seasonal is not None
    total, month = Fraction(0), unit.start
    while month < unit.end:
        if words.seasonal.per == "month":
            total += words.seasonal.weights[month.month - 1]
        else:
            months = MONTHS_OF[words.seasonal.per]
            total += words.seasonal.weights[(month.month - words.fiscal_start) % 12 // months] / months
        month = add_months(month, 1)
    return total


def _ramp_start(company: Company, assignment: Assignment, words: Words) -> date:
    if assignment.ramp_up is not None:
        return assignment.ramp_up
    own = company.assignments[assignment.participant]
    if words.ramp_up is not None and words.ramp_up.start == "first assignment to this plan":
        own = [item for item in own if item.plan == assignment.plan]
    return min(item.start for item in own)


def _ramped(ramp: object, start: date | None, assignment: Assignment, day: date) -> Fraction:
    if ramp is None or start is None:
        return Fraction(1)
    months = ramp.months  # type: ignore[attr-defined]
    if day < start:
        return Fraction(1) if assignment.ramp_up is not None else Fraction(months[0])
    number = whole_months(start, day)
    return Fraction(months[number]) if number < len(months) else Fraction(1)


def effective(parts: Sequence[tuple[int | None, Fraction]], rounding: str) -> int | None:
    """The sum of each part's quota times its share, rounded once."""
    if any(amount is None for amount, _ in parts):
        return None
    return rounded(sum((Fraction(amount or 0) * share for amount, share in parts), Fraction(0)), rounding)

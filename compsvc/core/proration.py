"""What share of a period's quota counts for an assignment: entry, exit, leaves, part time, the ramp-up (M4).

A share is worked out in Python, exactly, once for each distinct situation; a whole period at full time is not one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from compsvc.core.periods import PER_YEAR, month_after
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_quotas import Prorate, RampUp, Seasonal

WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """What a component says of its quota, or its plan for it."""

    prorate: Prorate | None
    ramp_up: RampUp | None
    seasonal: Seasonal | None
    per: str
    fiscal_year_starts: int

    @classmethod
    def of(cls, plan: Plan, component: Component) -> QuotaTerms:
        if component.quota_opens:  # what a period opens with is whole
            return cls(None, None, None, component.per, plan.fiscal_year_starts)
        return cls(
            component.prorate or plan.prorate,
            component.ramp_up or plan.ramp_up,
            component.seasonal or plan.seasonal,
            component.per,
            plan.fiscal_year_starts,
        )

    def prorates(self, reason: str) -> bool:
        return self.prorate is not None and reason in self.prorate.reasons

    @property
    def on_target(self) -> bool:
        """Whether a period's target is reduced as well as its quota."""
        return any(word is not None and word.of == "quota and target" for word in (self.prorate, self.ramp_up))


class Situation(NamedTuple):
    """Of one assignment in one period: the days that count, those of them that are leave, and how much of the time."""

    period: tuple[date, date]  # first day, first day after; so are the others
    window: tuple[date, date]
    leaves: tuple[tuple[date, date], ...]
    workload: Fraction
    ramp_start: date | None
    ramp_given: bool  # by the assignment: before that day the quota is whole


class Unit(NamedTuple):
    """A part of the period that is weighed by itself."""

    start: date
    end: date
    weight: Fraction


def quota_share(terms: QuotaTerms, situation: Situation) -> Fraction:
    ramp = _Ramp.of(terms.ramp_up, situation)
    return _share(terms, terms.seasonal, situation, ramp)


def target_share(terms: QuotaTerms, situation: Situation) -> Fraction:
    """A year's target falls on its periods in equal parts, whatever the season."""
    if terms.prorate is None or terms.prorate.of != "quota and target":
        situation = situation._replace(window=situation.period, leaves=(), workload=WHOLE)
    of_target = terms.ramp_up is not None and terms.ramp_up.of == "quota and target"
    return _share(terms, None, situation, _Ramp.of(terms.ramp_up if of_target else None, situation))


def _share(terms: QuotaTerms, seasonal: Seasonal | None, situation: Situation, ramp: _Ramp | None) -> Fraction:
    units = _units(terms, seasonal, situation.period, monthly=ramp is not None)
    weights = sum((unit.weight for unit in units), Fraction(0))
    if not weights:
        return WHOLE
    counted = sum((unit.weight * _counted(terms.prorate, unit, situation, ramp) for unit in units), Fraction(0))
    return counted * situation.workload * Fraction(weights.denominator, weights.numerator)


def _units(terms: QuotaTerms, seasonal: Seasonal | None, period: tuple[date, date], *, monthly: bool) -> list[Unit]:
    """Months where the ramp or `by: months` look at months; else what has a weight of its own, or the period."""
    by_months = terms.prorate is not None and terms.prorate.by == "months" and bool(terms.prorate.reasons)
    if monthly or by_months:
        length = 1
    else:
        weights = 1 if seasonal is None else len(seasonal.weights)
        length = 12 // max(PER_YEAR[terms.per], weights)
    units, start = [], period[0]
    while start < period[1]:
        end = month_after(start, length)
        units.append(Unit(start, end, _weight(terms, seasonal, start, length)))
        start = end
    return units


def _weight(terms: QuotaTerms, seasonal: Seasonal | None, start: date, months: int) -> Fraction:
    if seasonal is None:
        return WHOLE
    first = (start.month - terms.fiscal_year_starts) % 12
    return sum(seasonal.months(terms.fiscal_year_starts)[first : first + months], Fraction(0))


@dataclass(frozen=True, slots=True)
class _Ramp:
    """From which day on which share holds; None where the ramp touches no day of the period."""

    steps: Sequence[tuple[date, Fraction]]
    before: Fraction

    @classmethod
    def of(cls, ramp_up: RampUp | None, situation: Situation) -> _Ramp | None:
        start = situation.ramp_start
        if ramp_up is None or start is None or start >= situation.period[1]:
            return None
        if month_after(start, len(ramp_up.months)) <= situation.period[0]:
            return None
        steps = [(month_after(start, number), share) for number, share in enumerate((*ramp_up.months, WHOLE))]
        return cls(steps, WHOLE if situation.ramp_given else ramp_up.months[0])

    def days(self, start: date, end: date) -> Fraction:
        """The days of a span, each as much as its share."""
        edges = [(date.min, self.before), *self.steps, (date.max, WHOLE)]
        steps = [(max(start, one), min(end, two), share) for (one, share), (two, _) in pairwise(edges)]
        return sum((share * _days(one, two) for one, two, share in steps), Fraction(0))


def _counted(prorate: Prorate | None, unit: Unit, situation: Situation, ramp: _Ramp | None) -> Fraction:
    """How much of a unit counts, from 0 to 1."""
    start, end = max(unit.start, situation.window[0]), min(unit.end, situation.window[1])
    spans = [(start, end, 1), *((max(start, one), min(end, two), -1) for one, two in situation.leaves)]
    present = sum(sign * _days(one, two) for one, two, sign in spans)
    valued = sum((sign * (ramp.days(one, two) if ramp else _days(one, two)) for one, two, sign in spans), Fraction(0))
    whole = _days(unit.start, unit.end)
    part_month = prorate.part_month if prorate is not None and prorate.by == "months" else None
    if part_month == "counts":
        return valued * Fraction(1, present) if present else Fraction(0)
    if part_month == "leave out" and present < whole:
        return Fraction(0)
    return valued * Fraction(1, whole)


def _days(start: date, end: date) -> int:
    return max((end - start).days, 0)

"""Gates and multipliers (M6): one value per measurement period says on which curve the period is paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from compsvc.core.currencies import EXPONENTS
from compsvc.core.plan import Component, Plan

from .calendar_rules import Period, period_of
from .curve import Curve, Kicker, Points, Tiers

NOTHING = Tiers((), (Fraction(0),), "marginal", "at")


@dataclass(frozen=True)
class Stands:
    """What a row of earnings shows: the position at the period's end and the quota."""

    position: int
    quota: int | None


def asked_period(period: Period, component: Component, plan: Plan) -> Period:
    """The component's period in which the last day of ours lies."""
    return period_of(_last_day(period), component.per, plan.fiscal_year_starts)


def _last_day(period: Period) -> date:
    return period.end - timedelta(days=1)


def modified(curve: Curve, name: str, plan: Plan, quota: int | None, stands: Callable[[str], Stands | None]) -> Curve:
    """`stands(component)` is None where the component has no row in the period that is asked."""
    component = plan.components[name]
    multiplier = component.multiplier
    for gate in component.gates:  # one that is not reached is enough
        of = name if gate.measure == "own" else gate.measure
        found = stands(of) or Stands(0, None)
        if gate.above is None and not is_open(gate.at_least, found, plan.components[of], plan.currency):
            return NOTHING
    for gate in component.gates:
        if gate.above is not None:
            assert isinstance(curve, Tiers)
            of_quota = isinstance(gate.at_least, Fraction)
            curve = only_above(curve, Fraction(gate.at_least) * (quota or 0) if of_quota else Fraction(gate.at_least))
    if multiplier is not None:
        of = multiplier.by.partition(" of ")[2] or name
        curve = times(curve, factor(multiplier, stands(of)))
    return curve


def is_open(at_least: Fraction | int, found: Stands, asked: Component, currency: str) -> bool:
    if isinstance(at_least, Fraction):
        return found.quota is not None and found.position >= at_least * found.quota
    if asked.counts in ("new_logos", "activities", "deals", "units"):
        return Fraction(found.position, 10**6) >= Fraction(at_least, 10 ** EXPONENTS[currency])
    return found.position >= at_least


def factor(multiplier: object, found: Stands | None) -> Fraction:
    """A quota of zero leaves no attainment: times 1. Where nothing was counted yet, the first tier."""
    if found is None:
        return multiplier.tiers[0].times
    if found.quota == 0:
        return Fraction(1)
    for tier in multiplier.tiers[:-1]:
        edge = tier.to * found.quota
        if found.position < edge or (found.position == edge and multiplier.boundary == "over"):
            return tier.times
    return multiplier.tiers[-1].times


def times(curve: Curve, by: Fraction) -> Curve:
    if isinstance(curve, Kicker):
        return replace(curve, bonus=curve.bonus * by)
    if isinstance(curve, Points):
        points = tuple((x, amount * by) for x, amount in curve.at)
        return replace(curve, at=points, slope_above=curve.slope_above * by)
    return replace(curve, rates=tuple(rate * by for rate in curve.rates))


def only_above(curve: Tiers, gate: Fraction) -> Tiers:
    """0% up to the gate, and from there on the rate of the tier that it lies in."""
    edges = [edge for edge in curve.edges if edge > gate]
    rates = curve.rates[len(curve.edges) - len(edges) :]
    return Tiers((gate, *edges), (Fraction(0), *rates), curve.mode, curve.boundary)

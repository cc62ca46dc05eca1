"""What a single deal above a windfall's limit is paid, for stated figures (T3)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from compsvc.core.money import round_ratio
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_sample import Example, Sample, example_at

_LARGE = Fraction(3, 2)  # times the limit


@dataclass(frozen=True, slots=True)
class LargeDeal:
    """One deal from position 0 on; `cut_minor` is what of its pay is not paid, or waits."""

    example: Example
    above_minor: int
    pays: Fraction | None  # the share of it that is paid; None: it waits for a review
    cut_minor: int
    waits_minor: int  # for a review, under the cap
    paid_minor: int  # under cap and floor


def large_deal(plan: Plan, component: Component, of: Sample) -> LargeDeal | None:
    windfall = component.windfall
    if windfall is None or of.counted:
        return None
    position = (windfall.above_minor * _LARGE).__ceil__()
    share = Fraction(position - windfall.above_minor, position)
    pays = windfall.pays if isinstance(windfall.pays, Fraction) else None
    example = example_at(plan, of, position)
    cut = example.before_minor * share * (1 - (pays or 0))
    cut_minor = round_ratio(cut.numerator, cut.denominator, plan.rounding)
    now = example.before_minor - cut_minor
    earned = now if pays is not None else example.before_minor  # what waits is earned, and so under the cap too
    cap, floor = of.around.cap_minor, of.around.floor_minor
    limited = [amount if cap is None else min(amount, cap) for amount in (now, earned)]
    raised = max((floor or 0) - limited[1], 0)
    return LargeDeal(example, windfall.above_minor, pays, cut_minor, limited[1] - limited[0], limited[0] + raised)

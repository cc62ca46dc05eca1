"""What objectives pay, for stated figures: each met as far as it could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle

from compsvc.core.money import round_ratio
from compsvc.core.plan import Plan
from compsvc.core.plan_sample import Sample
from compsvc.core.rules import Weighed

_SHORT, _HALF, _WHOLE, _BEYOND = 80, 50, 100, 20  # percent


@dataclass(frozen=True, slots=True)
class Met:
    """Of one objective: its share of the target, how far it is met, how far that counts, and what it adds."""

    activity: str
    weight: Fraction
    met: Fraction
    counts: Fraction
    pays_minor: int


def objectives_met(plan: Plan, weighed: Weighed, of: Sample) -> Iterator[Met]:
    """One falls short, one is met beyond what counts, and so on in turn; the amounts add up to the rounded sum."""
    position = paid = 0
    turns = cycle((_SHORT, weighed.most + _BEYOND, _HALF, _WHOLE))
    for (activity, worth), met in zip(weighed.worth.items(), turns, strict=False):
        counts = min(met, weighed.most)
        position += worth * counts
        value = of.curve.value(position)
        sum_minor = round_ratio(value.numerator, value.denominator, plan.rounding)
        whole = Fraction(worth * weighed.whole, 10**6)
        yield Met(activity, whole, Fraction(met, 100), Fraction(counts, 100), sum_minor - paid)
        paid = sum_minor

"""What a component pays for a position: tiers, kickers, and the quota and target behind them (M1, M3, M4, M5, M9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise, zip_longest

MILLIONTHS = 1_000_000
NOTHING = Fraction(0)


@dataclass(frozen=True)
class Tiers:
    """`edges` are the ends of all tiers but the last."""

    edges: tuple[Fraction, ...]
    rates: tuple[Fraction, ...]
    mode: str  # marginal, retroactive, overage
    boundary: str

    def tier_of(self, position: int) -> int:
        """On an edge: `at` is the higher tier, `over` the lower."""
        passed = [edge <= position if self.boundary == "at" else edge < position for edge in self.edges]
        return sum(passed)

    def overlaps(self, low: int, high: int) -> list[Fraction]:
        """How much of low..high lies in each tier; what is below 0 is in the first."""
        ends = [Fraction(low), *(min(max(edge, low), high) for edge in self.edges), Fraction(high)]
        return [after - before for before, after in pairwise(ends)]

    def amount(self, position: int) -> Fraction:
        """F where the position is what is paid."""
        if self.mode == "retroactive":
            return self.rates[self.tier_of(position)] * position
        if self.mode == "overage":
            over = self.over(position)
            return self.rates[0] * (position - over) + self.rates[self.paying(position)] * over
        sign, low, high = (1, 0, position) if position >= 0 else (-1, position, 0)
        parts = self.overlaps(low, high)
        return sign * sum((rate * part for rate, part in zip(self.rates, parts, strict=True)), NOTHING)

    def over(self, position: int) -> Fraction:
        """What lies above the first tier."""
        return max(NOTHING, position - self.edges[0]) if self.edges else NOTHING

    def paying(self, position: int) -> int:
        """The tier whose rate applies to what a step re-rates: under `overage` that is never the first of several."""
        return max(self.tier_of(position), min(1, len(self.edges)) if self.mode == "overage" else 0)

    def divide(self, before: int, counts: int, pays: int) -> list[int]:
        """What of `pays` falls into each tier, in whole units, as `counts` crosses them (M1)."""
        parts = [0] * len(self.rates)
        if counts == 0:
            parts[self.tier_of(before)] = pays
            return parts
        overlaps = self.overlaps(min(before, before + counts), max(before, before + counts))
        parts = [abs(pays) * overlap // abs(counts) for overlap in overlaps]
        left = abs(pays) - sum(parts)
        crossed = [tier for tier, overlap in enumerate(overlaps) if overlap]
        for tier in crossed[:left]:
            parts[tier] += 1
        return [part if pays >= 0 else -part for part in parts]


@dataclass(frozen=True)
class Kicker:
    at: int | None
    every: int | None
    bonus: int

    def amount(self, count: int) -> Fraction:
        if count < 0:
            return NOTHING
        times = count // (self.every * MILLIONTHS) if self.every else int(count >= (self.at or 0) * MILLIONTHS)
        return Fraction(times * self.bonus)


@dataclass(frozen=True)
class Points:
    """What reaching each point pays in all; `adding`: besides what the ones before it paid."""

    at: tuple[tuple[Fraction, Fraction], ...]
    boundary: str
    straight: bool = False
    slope_above: Fraction = NOTHING
    adding: bool = False

    def amount(self, position: int) -> Fraction:
        passed = [x < position or (x == position and self.boundary == "at") for x, _ in self.at]
        paid = [amount for (_, amount), here in zip(self.at, passed, strict=True) if here]
        if self.adding:
            return sum(paid, NOTHING)
        if not paid:
            return NOTHING
        x, amount = self.at[len(paid) - 1]
        if not self.straight:
            return amount
        if len(paid) == len(self.at):
            return amount + (position - x) * self.slope_above
        next_x, next_amount = self.at[len(paid)]
        return amount + (next_amount - amount) * (position - x) / (next_x - x)

    def sloped(self, position: int) -> Fraction:
        """What rises on straight lines, without what is paid on reaching a point."""
        if not self.straight:
            return NOTHING
        paid = self.amount(position)
        reached = [x < position or (x == position and self.boundary == "at") for x, _ in self.at]
        return paid - self.at[0][1] if any(reached) else paid


Curve = Tiers | Kicker | Points


@dataclass
class Paid:
    """What a list has come to. Another curve (`continue`) finds the position and what is in each tier as they stand."""

    apart: bool  # what is paid is not what moves the position (M1)
    position: int = 0
    pays: int = 0
    in_tiers: list[int] = field(default_factory=list)

    def amount_under(self, curve: Curve) -> Fraction:
        if not isinstance(curve, Tiers) or not self.apart:
            return curve.amount(self.position)
        if curve.mode == "retroactive":
            return curve.rates[curve.tier_of(self.position)] * self.pays
        if curve.mode == "overage":
            over = sum(self.in_tiers[1:])
            return curve.rates[0] * (self.pays - over) + curve.rates[curve.paying(self.position)] * over
        return sum((rate * part for rate, part in zip(curve.rates, self.in_tiers, strict=False)), NOTHING)

    def re_rated_by(self, curve: Tiers) -> Fraction:
        """What of all this a step to another tier re-rates (M5)."""
        if curve.mode == "retroactive":
            return Fraction(self.pays)
        return Fraction(sum(self.in_tiers[1:])) if self.apart else curve.over(self.pays)

    def take(self, curve: Curve, counts: int, pays: int) -> None:
        if self.apart and isinstance(curve, Tiers):
            parts = curve.divide(self.position, counts, pays)
            self.in_tiers = [one + other for one, other in zip_longest(self.in_tiers, parts, fillvalue=0)]
        self.position += counts
        self.pays += pays

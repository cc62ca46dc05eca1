"""One curve for one assignment, in Python integers: for charts, explanations and next steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from compsvc.core.curves import (
    Figures,
    Template,
    amounts_above,
    decimal_text,
    denominator,
    numerator,
    past,
    rate_change,
    ratio_text,
    re_rated_amount,
    tier,
    unit_den,
)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a move lies in one tier, and that tier's rate."""

    tier: int
    amount: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """The next position that changes the rate or pays a bonus, the tier there, and what is paid there in all."""

    position: int
    tier: int
    earned: Fraction


@dataclass(frozen=True)
class Bound:
    """A template for one assignment, in Python integers: for charts, explanations and next steps."""

    template: Template
    quota_minor: int = 0
    base: Fraction = Fraction(0)
    target_minor: int = 0
    first_tier_only: bool = False

    @cached_property
    def figures(self) -> Figures[int]:
        base_num, base_den = self.base.numerator, self.base.denominator
        return Figures(self.quota_minor, base_num, base_den, self.target_minor)

    @cached_property
    def curve(self) -> Template:
        """Edges that are amounts stand where they are, whatever the quota."""
        first_only = self.first_tier_only and self.template.needs_quota
        return replace(self.template, pieces=self.template.pieces[:1]) if first_only else self.template

    def value(self, position: int) -> Fraction:
        """What has been earned at a position, exact; rounding is the plan's."""
        above = amounts_above(self.curve, self.figures, position)
        whole = denominator(self.curve, self.figures)
        return Fraction(numerator(self.curve, self.figures, position, above), whole)

    def tier(self, position: int) -> int:
        return tier(self.curve, self.figures, position)

    def start(self, number: int) -> Fraction:
        """Where a tier begins."""
        return Fraction(-past(self.curve, self.figures, 0, number), self.curve.edge_den)

    def rate(self, number: int) -> Fraction:
        slope = self.curve.pieces[number].slope
        if slope.of in ("target/quota", "one/quota"):
            return slope.ratio * Fraction(self.target_minor if slope.of == "target/quota" else 1, self.quota_minor)
        return slope.ratio * {"base": self.base, "target": Fraction(self.target_minor)}.get(slope.of, Fraction(1))

    def rate_text(self, number: int) -> str:
        """`7%`, or `1.5 x base = 15%`."""
        slope = self.curve.pieces[number].slope
        if slope.of == "one":
            return ratio_text(slope.ratio)
        factor = "" if slope.ratio == 1 else f"{decimal_text(slope.ratio)} x "
        return f"{factor}{slope.of} = {ratio_text(self.rate(number))}"

    def parts(self, before: int, after: int) -> list[Part]:
        """A move, tier by tier from the lowest, empty tiers left out; going down, the amounts are below 0. Retroactive
        tiers pay the whole position, so that there the move lies in the tier that it reaches; of `overage` what lies
        above the first tier does."""
        if self.curve.mode == "retroactive":
            number = self.tier(after)
            return [Part(number, Fraction(after - before), self.rate(number))] if after != before else []
        low, high = min(before, after), max(before, after)
        found, sign, begin = [], 1 if after >= before else -1, Fraction(low)
        for number, end in self._bands(self.tier(after)):
            until = Fraction(high) if end is None else min(max(end, begin), Fraction(high))
            if until > begin:
                found.append(Part(number, sign * (until - begin), self.rate(number)))
            begin = max(begin, until)
        return found

    def _bands(self, reached: int) -> list[tuple[int, Fraction | None]]:
        """The tiers that pay while this one is reached, and where each of them ends."""
        last = len(self.curve.pieces) - 1
        if self.curve.mode == "overage" and last:
            return [(0, self.start(1)), (max(reached, 1), None)]
        return [*((number, self.start(number + 1)) for number in range(last)), (last, None)]

    def pays_as(self, number: int, reached: int) -> int:
        """The tier whose rate what lies in a tier is paid by, while another is reached (M5)."""
        if self.curve.mode == "retroactive":
            return reached
        return max(reached, 1) if self.curve.mode == "overage" and number else number

    def lift(self, position: int, tier_before: int, tier_after: int) -> Fraction:
        """What a step to another tier adds to what was paid before it (M5); 0 where steps re-rate nothing."""
        if not self.curve.re_rates:
            return Fraction(0)
        change = rate_change(self.curve, self.figures, tier_before, tier_after)
        amount = re_rated_amount(self.curve, self.figures, position)
        return Fraction(
            change * amount, self.curve.slope_den * self.curve.edge_den * unit_den(self.curve, self.figures)
        )

    def next_step(self, position: int) -> Step | None:
        """The nearest whole position above this one that lies in a higher tier or at the next periodic bonus."""
        ahead = self.tier(position) + 1
        found = [self._entry(ahead)] if ahead < len(self.curve.pieces) else []
        if self.curve.every is not None:
            step = self.curve.every.step
            found.append((max(position, 0) // step + 1) * step)
        if not found:
            return None
        return Step(min(found), self.tier(min(found)), self.value(min(found)))

    def _entry(self, number: int) -> int:
        """The first whole position in a tier."""
        start = self.start(number)
        return -(-start.numerator // start.denominator) if self.curve.boundary == "at" else start.__floor__() + 1

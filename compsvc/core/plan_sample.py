"""A component's curve for stated figures: what it pays at sample positions, and the points that draw it. All exact."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from compsvc.core.curves_bound import Bound, Part
from compsvc.core.modifiers import selecting
from compsvc.core.money import round_ratio
from compsvc.core.periods import PER_YEAR
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_modifiers import OWN_MEASURE
from compsvc.core.statement_standing import bound, jumps, needed

SHARES = (Fraction(1, 2), Fraction(1), Fraction(3, 2))  # of the whole: what worked examples are given for
_BEYOND = Fraction(1, 4)  # of the whole: how far into the last tier its example lies
FURTHEST = 10  # times the whole: a cap that is reached later is not drawn
_HAIR = Fraction(1, 200)  # of the height: a smaller step is drawn as none


@dataclass(frozen=True, slots=True)
class Terms:
    """Of a full year, in minor units."""

    target_minor: int
    quota_minor: int


@dataclass(frozen=True, slots=True)
class Example:
    """What is paid at a position: the parts by their tiers, the bonuses, and the rounded sum."""

    position: int
    parts: Sequence[Part]
    bonuses: Sequence[tuple[int, Fraction]]
    pays_minor: int
    times: Fraction  # of the multiplier; 0 where the gate is shut
    before_minor: int  # what it would pay without cap and floor


@dataclass(frozen=True)
class Around:
    """What changes the pay of a whole period, as far as it follows from the component's own position (M6, T3)."""

    opens: int | None  # the first position at which the gate is open
    factors: Sequence[tuple[int, Fraction]]  # the first position of each tier of the multiplier, from 0 on
    cap_minor: int | None
    floor_minor: int | None

    def times(self, position: int) -> Fraction:
        if self.opens is not None and position < self.opens:
            return Fraction(0)
        return next((times for start, times in reversed(self.factors) if position >= start), Fraction(1))

    def bounded(self, value: Fraction) -> Fraction:
        below = value if self.cap_minor is None else min(value, Fraction(self.cap_minor))
        return below if self.floor_minor is None else max(below, Fraction(self.floor_minor))


@dataclass(frozen=True)
class Sample:
    """A component's curve for the first period of a year. `whole` is the position that examples are shares of."""

    curve: Bound
    terms: Terms
    quota_minor: int | None  # of the period; None where no quota is asked for
    counted: bool
    whole: int
    end: int  # how far it is drawn
    around: Around
    capped_from: int | None  # the first position at which the cap is reached, where it is before long

    def value(self, position: int) -> Fraction:
        """What is paid there, gate and multiplier included, before cap and floor."""
        return self.curve.value(position) * self.around.times(position)

    @property
    def edges(self) -> list[Fraction]:
        """Where the tiers after the first begin."""
        return [self.curve.start(number) for number in range(1, len(self.curve.curve.pieces))]


def sample(plan: Plan, component: Component, terms: Terms) -> Sample | None:
    """None where no curve follows from these figures."""
    template = component.pays.template()
    weighted = terms.target_minor * component.weight
    target = round_ratio(weighted.numerator, weighted.denominator, plan.rounding)
    base = weighted * Fraction(1, terms.quota_minor)
    quota = terms.quota_minor if component.quota_opens else _first_part(terms.quota_minor, component)
    has_quota = component.quota is not None or component.pays.position_of is not None
    row: Mapping[str, int | None] = {
        "quota_minor": quota if has_quota else None,
        "base_num": base.numerator,
        "base_den": base.denominator,
        "target_incentive_minor": component.pays.amount_minor or _first_part(target, component),
    }
    curve = bound(component, dict(row))
    if curve is None:
        return None
    counted = template.position == "count"
    edges = [curve.start(number) for number in range(1, len(curve.curve.pieces))]
    whole = quota if template.needs_quota or not (edges or template.every) else _last(curve, edges)
    around = _around(plan, component, curve)
    changes = [*edges, *(Fraction(start) for start, _ in around.factors), Fraction(around.opens or 0)]
    capped_from = _capped_from(curve, around, whole, 10**6 if counted else 1)
    if capped_from is not None:
        changes.append(Fraction(capped_from))
    beyond = [*(edge * Fraction(23, 20) for edge in changes), *(edge + whole * _BEYOND for edge in edges)]
    furthest = max([whole * SHARES[-1], *beyond])
    of_quota = quota if has_quota else None
    return Sample(curve, terms, of_quota, counted, whole, furthest.__ceil__(), around, capped_from)


def _capped_from(curve: Bound, around: Around, whole: int, unit: int) -> int | None:
    """Found by halving: what is paid rises with the position."""
    cap, last = around.cap_minor, FURTHEST * whole // unit

    def reached(units: int) -> bool:
        return cap is None or curve.value(units * unit) * around.times(units * unit) >= cap

    if cap is None or not reached(last):
        return None
    return bisect_left(range(last), True, key=reached) * unit


def elsewhere(component: Component) -> Iterator[str]:
    """`gate` (`gates`: some beside own ones) and `multiplier` where they look at another component, so that they are no
    function of the position."""
    not_own = [gate.measure != OWN_MEASURE for gate in component.gates]
    if any(not_own):
        yield "gate" if all(not_own) else "gates"
    if component.multiplier is not None and component.multiplier.of != OWN_MEASURE:
        yield "multiplier"


def _around(plan: Plan, component: Component, curve: Bound) -> Around:
    not_own, multiplier = set(elsewhere(component)), component.multiplier
    gates = [gate for _, gate in selecting(component) if gate.measure == OWN_MEASURE]
    opens = max((needed(gate, component, plan, curve.quota_minor) for gate in gates), default=None)
    factors: list[tuple[int, Fraction]] = []
    if multiplier is not None and "multiplier" not in not_own:
        ends = [Fraction(0), *(tier.to * curve.quota_minor for tier in multiplier.tiers if tier.to is not None)]
        up = [end.__ceil__() if multiplier.boundary == "at" or not end else end.__floor__() + 1 for end in ends]
        factors = list(zip(up, (tier.times for tier in multiplier.tiers), strict=True))

    def limit(word: Fraction | int | None) -> int | None:
        if not isinstance(word, Fraction):
            return word
        share = word * curve.target_minor
        return round_ratio(share.numerator, share.denominator, plan.rounding)

    return Around(opens, factors, limit(component.cap), limit(component.floor))


def _first_part(year_minor: int, component: Component) -> int:
    """Equal whole parts, what is left one unit each to the first ones (M4)."""
    parts = PER_YEAR.get(component.per, 1)
    return year_minor // parts + (1 if year_minor % parts else 0)


def _last(curve: Bound, edges: Sequence[Fraction]) -> int:
    every = curve.curve.every
    return max([edge.__ceil__() for edge in edges] + ([2 * every.step] if every else []))


def examples(plan: Plan, of: Sample) -> Iterator[Example]:
    """At each share of the whole, in each tier that none of these lies in, and where the cap is reached; of counts the
    next whole one, each once."""
    unit = 10**6 if of.counted else 1
    shown = {(of.whole * share * Fraction(1, unit)).__ceil__() * unit for share in SHARES}
    shown.update(_inside(of, frozenset(shown), unit))
    for position in sorted(shown if of.capped_from is None else {*shown, of.capped_from}):
        yield example_at(plan, of, position)


def example_at(plan: Plan, of: Sample, position: int) -> Example:
    value = of.value(position)
    pays = round_ratio(value.numerator, value.denominator, plan.rounding)
    return Example(
        position,
        of.curve.parts(0, position),
        list(jumps(of.curve, 0, position)),
        int(of.around.bounded(Fraction(pays))),
        of.around.times(position),
        pays,
    )


def _inside(of: Sample, shown: frozenset[int], unit: int) -> Iterator[int]:
    """The middle of each tier that pays by itself and has none of these, or somewhat beyond the last one's start; none
    from where the cap is reached."""
    pieces, edges = of.curve.curve.pieces, [Fraction(0), *of.edges]
    for number, (start, end) in enumerate(zip_longest(edges, edges[1:])):
        lies = [at for at in shown if of.curve.tier(at) == number and (at > start or not pieces[number].slope.ratio)]
        middle = (start + end) * SHARES[0] if end is not None else start + of.whole * _BEYOND
        position = (middle * Fraction(1, unit)).__ceil__() * unit
        pays = pieces[number].slope.ratio or pieces[number].jump.ratio
        capped = of.capped_from is not None and position >= of.capped_from
        if pays and not lies and not capped and of.curve.tier(position) == number:
            yield position


Points = list[tuple[int | Fraction, Fraction]]


def strokes(of: Sample) -> list[Points]:
    """The curve from 0 to the end as strokes without a step: each a list of position and what it pays."""
    starts = sorted({0, *(start for start in _starts(of) if 0 < start <= of.end)})
    ends = [*(start - 1 for start in starts[1:]), of.end]
    pieces = [
        _bounded(of.around, [(position, of.value(position)) for position in dict.fromkeys(pair)])
        for pair in zip(starts, ends, strict=True)
    ]
    height = max(abs(value) for piece in pieces for _, value in piece)
    found: list[Points] = []
    for piece in pieces:
        if found and abs(piece[0][1] - found[-1][-1][1]) <= height * _HAIR:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _bounded(around: Around, piece: Points) -> Points:
    """A straight piece under cap and floor, bent where it meets them."""
    (low, pays), (high, pays_high) = piece[0], piece[-1]
    limits = sorted(Fraction(limit) for limit in (around.cap_minor, around.floor_minor) if limit is not None)
    between = [limit for limit in limits if min(pays, pays_high) < limit < max(pays, pays_high)]
    bends = sorted((low + (limit - pays) * Fraction(high - low, pays_high - pays), limit) for limit in between)
    return [(position, around.bounded(value)) for position, value in [piece[0], *bends, *piece[1:]]]


def _starts(of: Sample) -> Iterator[int]:
    """The first whole position of each piece, each that brings a repeated bonus, and each that changes the factor."""
    yield from (start for start, _ in of.around.factors)
    if of.around.opens is not None:
        yield of.around.opens
    for edge in of.edges:
        yield edge.__ceil__() if of.curve.curve.boundary == "at" else edge.__floor__() + 1
    every = of.curve.curve.every
    if every is not None:
        yield from range(every.step, of.end + 1, every.step)

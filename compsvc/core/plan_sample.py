"""A component's curve for stated figures: what it pays at sample positions, and the points that draw it. All exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from compsvc.core.curves import Bound, Part
from compsvc.core.money import round_ratio
from compsvc.core.periods import PER_YEAR
from compsvc.core.plan import Component, Plan
from compsvc.core.statement import bound, jumps

SHARES = (Fraction(1, 2), Fraction(1), Fraction(3, 2))  # of the whole: what worked examples are given for
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


@dataclass(frozen=True)
class Sample:
    """A component's curve for the first period of a year. `whole` is the position that examples are shares of."""

    curve: Bound
    terms: Terms
    quota_minor: int | None  # of the period; None where no quota is asked for
    counted: bool
    whole: int
    end: int  # how far it is drawn

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
    quota = _first_part(terms.quota_minor, component)
    has_quota = component.quota is not None or component.pays.position_of is not None
    row: Mapping[str, int | None] = {
        "quota_minor": quota if has_quota else None,
        "base_num": base.numerator,
        "base_den": base.denominator,
        "target_incentive_minor": _first_part(target, component),
    }
    curve = bound(component, dict(row))
    if curve is None:
        return None
    counted = template.position == "count"
    edges = [curve.start(number) for number in range(1, len(curve.curve.pieces))]
    whole = quota if template.needs_quota or not (edges or template.every) else _last(curve, edges)
    furthest = max([whole * SHARES[-1], *(edge * Fraction(23, 20) for edge in edges)])
    return Sample(curve, terms, quota if has_quota else None, counted, whole, furthest.__ceil__())


def _first_part(year_minor: int, component: Component) -> int:
    """Equal whole parts, what is left one unit each to the first ones (M4)."""
    parts = PER_YEAR.get(component.per, 1)
    return year_minor // parts + (1 if year_minor % parts else 0)


def _last(curve: Bound, edges: Sequence[Fraction]) -> int:
    every = curve.curve.every
    return max([edge.__ceil__() for edge in edges] + ([2 * every.step] if every else []))


def examples(plan: Plan, of: Sample) -> Iterator[Example]:
    """At each share of the whole; of counts the next whole one, each once."""
    unit = 10**6 if of.counted else 1
    for position in dict.fromkeys((of.whole * share * Fraction(1, unit)).__ceil__() * unit for share in SHARES):
        value = of.curve.value(position)
        yield Example(
            position,
            of.curve.parts(0, position),
            list(jumps(of.curve, 0, position)),
            round_ratio(value.numerator, value.denominator, plan.rounding),
        )


def strokes(of: Sample) -> list[list[tuple[int, Fraction]]]:
    """The curve from 0 to the end as strokes without a step: each a list of position and what it pays."""
    starts = sorted({0, *(start for start in _starts(of) if 0 < start <= of.end)})
    ends = [*(start - 1 for start in starts[1:]), of.end]
    pieces = [
        [(position, of.curve.value(position)) for position in dict.fromkeys(pair)]
        for pair in zip(starts, ends, strict=True)
    ]
    height = max(abs(value) for piece in pieces for _, value in piece)
    found: list[list[tuple[int, Fraction]]] = []
    for piece in pieces:
        if found and abs(piece[0][1] - found[-1][-1][1]) <= height * _HAIR:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _starts(of: Sample) -> Iterator[int]:
    """The first whole position of each piece, and each that brings a repeated bonus."""
    for edge in of.edges:
        yield edge.__ceil__() if of.curve.curve.boundary == "at" else edge.__floor__() + 1
    every = of.curve.curve.every
    if every is not None:
        yield from range(every.step, of.end + 1, every.step)

"""Curves and lines worked out the slow way, from the decision record and not from the engine: fractions, one event at
a time."""

from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from compsvc.core.curves import BINDINGS, Curve, Multiple, Template
from compsvc.core.earnings import EVENTS
from compsvc.core.money import round_ratio


@dataclass(frozen=True)
class Assigned:
    """The figures of one assignment."""

    quota: int = 100_000
    base: Fraction = Fraction(1, 10)
    target: int = 10_000
    first_tier_only: bool = False
    pay_target: bool = False


@dataclass
class Plain:
    own: list[int] = field(default_factory=list)
    rerated: list[tuple[int, int, int, int]] = field(default_factory=list)  # place, step, cause, amount; zeros left out


def units(multiple: Multiple, given: Assigned) -> Fraction:
    unit, _, per = multiple.of.partition("/")
    amount = {"one": Fraction(1), "quota": Fraction(given.quota), "base": given.base, "target": Fraction(given.target)}
    return multiple.ratio * amount[unit] / (amount[per] if per else 1)


def stays_first(template: Template, given: Assigned) -> bool:
    return given.first_tier_only and any(piece.start.of == "quota" for piece in template.pieces)


def tier_of(template: Template, given: Assigned, x: int) -> int:
    if stays_first(template, given):
        return 0
    inside = 0
    for number, piece in enumerate(template.pieces[1:], start=1):
        edge = units(piece.start, given)
        if x > edge or (x == edge and template.boundary == "at"):
            inside = number
    return inside


def bonuses(template: Template, given: Assigned, x: int) -> Fraction:
    total = sum((units(piece.jump, given) for piece in template.pieces[: tier_of(template, given, x) + 1]), Fraction(0))
    if template.every is not None and x > 0:
        total += x // template.every.step * units(template.every.jump, given)
    return total


def inside(template: Template, given: Assigned, x: int, number: int) -> Fraction:
    """The part of x in one tier; the first reaches below 0."""
    starts = (
        [units(piece.start, given) for piece in template.pieces] if not stays_first(template, given) else [Fraction(0)]
    )
    if number >= len(starts):
        return Fraction(0)
    end = starts[number + 1] if number + 1 < len(starts) else max(Fraction(x), starts[number])
    if number == 0:
        return min(Fraction(x), end) if len(starts) > 1 else Fraction(x)
    return min(max(Fraction(x), starts[number]), end) - starts[number]


def paying(template: Template, given: Assigned, x: int) -> int:
    """The tier whose rate what lies above the first one has (`overage`)."""
    return max(tier_of(template, given, x), min(1, len(template.pieces) - 1))


def value(template: Template, given: Assigned, x: int) -> Fraction:
    if given.pay_target:
        return Fraction(0)
    rates = [units(piece.slope, given) for piece in template.pieces]
    if template.mode == "retroactive":
        return rates[tier_of(template, given, x)] * x + bonuses(template, given, x)
    if template.mode == "overage":
        first = inside(template, given, x, 0)
        return rates[0] * first + rates[paying(template, given, x)] * (x - first) + bonuses(template, given, x)
    parts = (rate * inside(template, given, x, number) for number, rate in enumerate(rates))
    return sum(parts, Fraction(0)) + bonuses(template, given, x)


def shares(template: Template, given: Assigned, before: int, counts: int, pays: int) -> list[int]:
    """M1: pays over the tiers that counts crosses, floored, what is left one unit each from the lowest tier on."""
    tiers = range(len(template.pieces))
    if counts == 0:
        return [pays if number == tier_of(template, given, before) else 0 for number in tiers]
    moved = [
        abs(inside(template, given, before + counts, number) - inside(template, given, before, number))
        for number in tiers
    ]
    parts = [(abs(pays) * part / abs(counts)).__floor__() for part in moved]
    left = abs(pays) - sum(parts)
    for number in tiers:
        if moved[number] > 0 and left > 0:
            parts[number], left = parts[number] + 1, left - 1
    assert left == 0
    return [part if pays >= 0 else -part for part in parts]


def plain_lines(curve: Curve, given: Assigned, events: list[tuple[int, int]]) -> Plain:
    """One list under one curve."""
    found, template = Plain(), curve.template
    rates = [units(piece.slope, given) for piece in template.pieces]
    position, paid, in_tier, steps = 0, [0], [0] * len(rates), [0] * len(events)
    over = [Fraction(0)]  # what a step re-rates of what was paid up to each event (M5)

    def rounded(amount: Fraction) -> int:
        return round_ratio(amount.numerator, amount.denominator, curve.rounding)

    def earned() -> int:
        if given.pay_target or not curve.pays_apart:
            return rounded(value(template, given, position))
        tier = tier_of(template, given, position)
        sloped = rates[tier] * paid[-1] if template.mode == "retroactive" else Fraction(0)
        if template.mode == "overage":
            sloped = rates[0] * in_tier[0] + rates[paying(template, given, position)] * sum(in_tier[1:])
        if template.mode == "marginal":
            sloped = sum((rate * amount for rate, amount in zip(rates, in_tier, strict=True)), Fraction(0))
        return rounded(sloped + bonuses(template, given, position))

    for place, (counts, pays) in enumerate(events):
        before, tier_before = earned(), tier_of(template, given, position)
        for number, part in enumerate(shares(template, given, position, counts, pays)):
            in_tier[number] += part
        position += counts
        paid.append(paid[-1] + pays)
        line = earned() - before
        step = rates[tier_of(template, given, position)] - rates[tier_before]
        if template.mode == "overage":
            step = rates[paying(template, given, position)] - rates[paying(template, given, position - counts)]
        over.append(Fraction(paid[-1]))
        if template.mode == "overage":
            above = paid[-1] - inside(template, given, paid[-1], 0)
            over[-1] = Fraction(sum(in_tier[1:])) if curve.pays_apart else above
        if template.mode != "marginal" and step and not given.pay_target:
            for earlier in range(place):
                amount = rounded(step * over[earlier + 1]) - rounded(step * over[earlier])
                steps[earlier] += 1
                line -= amount
                if amount:
                    found.rerated.append((earlier, steps[earlier], place, amount))
        found.own.append(line)
    found.rerated.sort()
    return found


# --- frames for the engine ----------------------------------------------------------------------------------------


def bindings(*assigned: Assigned, curves: list[int] | None = None) -> pl.DataFrame:
    rows = []
    for number, one in enumerate(assigned):
        base, curve = one.base, curves[number] if curves else 0
        money = (one.quota, base.numerator, base.denominator, one.target)
        rows.append((number, curve, *money, one.first_tier_only, one.pay_target))
    return pl.DataFrame(rows, schema=dict(BINDINGS), orient="row")


def events(*lists: list[tuple[int, int]]) -> pl.DataFrame:
    """One list per bind, in order."""
    rows = [
        (number, number, place, counts, pays)
        for number, entries in enumerate(lists)
        for place, (counts, pays) in enumerate(entries)
    ]
    return pl.DataFrame(rows, schema=dict(EVENTS), orient="row")

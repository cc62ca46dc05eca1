"""What a component pays, as a function of its position: piecewise linear, with jumps, in exact integers.

A rule kind makes a `Template` once per plan. The engine binds it to all assignments at once: the columns of BINDINGS
give quota, base and target, and `paid` is one Polars expression over them and the position. `Bound` is the same curve
for one assignment in Python integers, for charts and next steps; both go through the same arithmetic below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Generic, Literal, TypeVar

import polars as pl

from compsvc.core.figures import FiguresTooLarge
from compsvc.core.money import NARROW, WIDE, Rounding, rounded

BINDINGS: Mapping[str, type[pl.DataType]] = {  # one row per bind, sorted: `bind` is the row's number from 0
    "bind": pl.UInt32,
    "curve": pl.UInt32,  # which of the component's curves: one a plan revision
    "quota_minor": pl.Int64,  # of the measurement period; null where the curve needs none
    "base_num": pl.Int64,  # `base`, reduced; null where the curve needs none
    "base_den": pl.Int64,
    "target_minor": pl.Int64,  # target incentive of the period; null where the curve needs none
    "first_tier_only": pl.Boolean,  # zero quota under `pay_base`: edges of the quota are never reached (M4)
    "pay_target": pl.Boolean,  # zero quota under `pay_target`: the period's target as one line, deals pay nothing (M4)
}


Unit = Literal["one", "quota", "base", "target", "target/quota", "one/quota"]


@dataclass(frozen=True, slots=True)
class Multiple:
    """So many of a unit; `one` is a minor unit of money or a millionth of a count."""

    ratio: Fraction
    of: Unit = "one"


NOTHING = Multiple(Fraction(0))


@dataclass(frozen=True, slots=True)
class Piece:
    start: Multiple  # of one or quota; the first piece reaches down to minus infinity and is written 0
    slope: Multiple  # of one, base, target, target/quota or one/quota
    jump: Multiple = NOTHING  # of one or target: paid once, on entering the piece


@dataclass(frozen=True, slots=True)
class Every:
    """A jump at each multiple of `step`, above 0."""

    step: int
    jump: Multiple  # of one or target


@dataclass(frozen=True)
class Template:
    """`marginal`: each piece goes on from the level reached. `retroactive`: its slope times the whole position.
    `overage`: the first piece up to its end, and the slope of the piece reached times all that lies above it.
    A position exactly on a start is in that piece (`at`) or in the one before (`over`). The curve of 0 is 0."""

    pieces: tuple[Piece, ...]
    mode: Literal["marginal", "retroactive", "overage"] = "marginal"
    boundary: Literal["at", "over"] = "at"
    position: Literal["money", "count"] = "money"
    of_units: bool = False  # slopes are amounts for what is counted, not rates of money
    every: Every | None = None

    def __post_init__(self) -> None:
        starts = [piece.start.ratio for piece in self.pieces]
        assert (self.pieces[0].start.ratio, self.pieces[0].jump) == (Fraction(0), NOTHING), (
            "the first piece starts at 0, without a jump"
        )
        assert all(one < two for one, two in pairwise(starts)), "starts rise"
        assert len({piece.start.of for piece in self.pieces[1:]}) < 2, "starts are all of one or all of quota"
        assert self.every is None or self.every.step > 0, "a step is above 0"

    @property
    def needs_quota(self) -> bool:
        return self.over_quota or any(piece.start.of == "quota" for piece in self.pieces[1:])

    @cached_property
    def uses_base(self) -> bool:
        return any(piece.slope.of == "base" for piece in self.pieces)

    @cached_property
    def over_quota(self) -> bool:
        """Whether a slope is per unit of quota."""
        return any(piece.slope.of in ("target/quota", "one/quota") for piece in self.pieces)

    @property
    def uses_target(self) -> bool:
        slopes = (piece.slope.of in ("target", "target/quota") for piece in self.pieces)
        return any(slopes) or any(jump.of == "target" for jump in self.jumps)

    @property
    def re_rates(self) -> bool:
        """Whether reaching a piece changes what was paid for positions before it (M5)."""
        return self.mode != "marginal"

    @cached_property
    def slope_units(self) -> tuple[Unit, ...]:
        return tuple(sorted({"one", *(piece.slope.of for piece in self.pieces if piece.slope.ratio)}))

    @property
    def jumps(self) -> tuple[Multiple, ...]:
        return tuple(piece.jump for piece in self.pieces) + ((self.every.jump,) if self.every else ())

    @cached_property
    def as_marginal(self) -> Template:
        return replace(self, mode="marginal")

    @cached_property
    def edge_den(self) -> int:
        return lcm(*(piece.start.ratio.denominator for piece in self.pieces))

    @cached_property
    def slope_den(self) -> int:
        return lcm(*(piece.slope.ratio.denominator for piece in self.pieces))

    @cached_property
    def jump_den(self) -> int:
        return lcm(*(jump.ratio.denominator for jump in self.jumps))


V = TypeVar("V", int, pl.Expr)


@dataclass(frozen=True)
class Figures(Generic[V]):
    """What one assignment brings to a template: Python integers, or columns of one integer type."""

    quota: V
    base_num: V
    base_den: V
    target: V


@dataclass(frozen=True, slots=True)
class Curve:
    """A component under one plan revision: its curve, its rounding, and the name that messages use."""

    name: str  # plans/ae/plan.yaml:31 commission
    template: Template
    rounding: Rounding
    pays_apart: bool = False  # rates apply to another amount than the one that moves the position (M1)


# --- the arithmetic, for integers and for columns -----------------------------------------------------------------


def past(template: Template, figures: Figures[V], position: V, piece: int) -> V:
    """How far a position is past a piece's start, times `edge_den`; below 0 where it is not there yet."""
    start = template.pieces[piece].start
    edge = start.ratio.numerator * (template.edge_den // start.ratio.denominator)
    return position * template.edge_den - (figures.quota * edge if start.of == "quota" else edge)


def reached(template: Template, distance: V) -> V:
    """1 where a position at this distance from a start is in the piece, else 0."""
    if isinstance(distance, int):
        return int(distance >= 0 if template.boundary == "at" else distance > 0)
    return (distance >= 0 if template.boundary == "at" else distance > 0).cast(pl.Int64)


def positive(value: V) -> V:
    if isinstance(value, int):
        return max(value, 0)
    return value.clip(lower_bound=0)


def tier(template: Template, figures: Figures[V], position: V) -> V:
    """The number of the piece that a position is in, from 0."""
    found = position * 0
    for piece in range(1, len(template.pieces)):
        found = found + reached(template, past(template, figures, position, piece))
    return found


def amounts_above(template: Template, figures: Figures[V], position: V) -> list[V]:
    """Per piece what its slope, less that of the piece before, is paid on; times `edge_den`. Marginal: what lies past
    its start. Retroactive: the whole position, once it is reached. Overage: what lies past the first piece's end."""
    above: list[V] = [position * template.edge_den]
    for piece in range(1, len(template.pieces)):
        distance: V = past(template, figures, position, piece)
        if template.re_rates and (piece > 1 or template.mode == "retroactive"):
            whole = above[0 if template.mode == "retroactive" else 1]
            above.append(whole * reached(template, distance))
        else:
            above.append(positive(distance))
    return above


def numerator(template: Template, figures: Figures[V], position: V, above: list[V]) -> V:
    """The curve, times `denominator`: slopes on the amounts above each start, and the jumps reached."""
    sloped = sloped_on(template, figures, above)
    return sloped * template.jump_den + _jumped(template, figures, position)


def sloped_on(template: Template, figures: Figures[V], amounts: list[V]) -> V:
    """Each amount times the step to its slope, times `slope_den` and `unit_den`."""
    total = None
    for unit in template.slope_units:
        part = _times(weighted(amounts, slope_steps(template, unit)), _unit_factors(template, figures, unit))
        total = part if total is None else total + part
    assert total is not None, "slope_units begin with one"
    return total


def _unit_factors(template: Template, figures: Figures[V], unit: Unit) -> list[V]:
    """What makes a slope of this unit one over `unit_den`."""
    factors: list[V] = []
    if template.uses_base:
        factors.append(figures.base_num if unit == "base" else figures.base_den)
    if unit in ("target", "target/quota"):
        factors.append(figures.target)
    if template.over_quota and unit not in ("target/quota", "one/quota"):
        factors.append(figures.quota)
    return factors


def unit_den(template: Template, figures: Figures[V]) -> V | int:
    """What slopes of base and per quota are divided by."""
    if template.uses_base and template.over_quota:
        return figures.base_den * figures.quota
    if template.uses_base:
        return figures.base_den
    return figures.quota if template.over_quota else 1


def _times(value: V, factors: Sequence[V]) -> V:
    for factor in factors:
        value = value * factor
    return value


def weighted(amounts: list[V], weights: list[int]) -> V:
    total = amounts[0] * weights[0]
    for amount, weight in zip(amounts[1:], weights[1:], strict=True):
        if weight:
            total = total + amount * weight
    return total


def denominator(template: Template, figures: Figures[V]) -> V | int:
    return unit_den(template, figures) * (template.edge_den * template.slope_den * template.jump_den)


def slope_steps(template: Template, of: Unit) -> list[int]:
    """By how much the slope of each piece differs from the one before, times `slope_den`."""
    slopes = [int(piece.slope.ratio * template.slope_den) if piece.slope.of == of else 0 for piece in template.pieces]
    return [slopes[0], *(after - before for before, after in pairwise(slopes))]


def rate_change(template: Template, figures: Figures[V], tier_before: V, tier_after: V) -> V:
    """The slope of one tier less that of another, times `slope_den` and `unit_den`; of `overage` the first two tiers
    are one, since nothing lies above the first before the second."""
    first = 1 if template.mode == "overage" else 0
    moves: list[V] = [
        (at_least(tier_after, number) - at_least(tier_before, number)) * int(number > first)
        for number in range(len(template.pieces))
    ]
    return sloped_on(template, figures, moves)


def re_rated_amount(template: Template, figures: Figures[V], paid: V) -> V:
    """What of so much paid a step to another tier re-rates, times `edge_den` (M5)."""
    whole = paid * template.edge_den
    if template.mode == "overage":
        return positive(past(template, figures, paid, 1)) if len(template.pieces) > 1 else whole * 0
    return whole


def at_least(value: V, number: int) -> V:
    """1 or 0."""
    if isinstance(value, int):
        return int(value >= number)
    return (value >= number).cast(pl.Int64)


def _jumped(template: Template, figures: Figures[V], position: V) -> V:
    total = position * 0
    for piece, item in enumerate(template.pieces):
        if item.jump.ratio:
            arrived = reached(template, past(template, figures, position, piece))
            total = total + arrived * _jump(template, figures, item.jump)
    if template.every is not None:
        times = positive(position // template.every.step)
        total = total + times * _jump(template, figures, template.every.jump)
    return total


def _jump(template: Template, figures: Figures[V], jump: Multiple) -> V | int:
    units = int(jump.ratio * template.jump_den) * template.edge_den * template.slope_den
    money = unit_den(template, figures) * units
    return money * figures.target if jump.of == "target" else money


# --- one curve for all assignments --------------------------------------------------------------------------------


def paid(curve: Curve, *, position: pl.Expr, wide: bool) -> pl.Expr:
    """round(F(position)) over a frame with the columns of `prepared` bindings; `wide` is what `prove_bounds` says."""
    figures, x = columns(wide=wide), position.cast(integer(wide=wide))
    above = amounts_above(curve.template, figures, x)
    return rounded_over(curve, numerator(curve.template, figures, x, above), wide=wide)


def rounded_over(curve: Curve, value: pl.Expr, *, wide: bool) -> pl.Expr:
    """A numerator over the curve's denominator, rounded once; still in the wide type."""
    under = denominator(curve.template, columns(wide=wide))
    divisor = pl.lit(under, dtype=integer(wide=wide)) if isinstance(under, int) else under
    return rounded(value, divisor, curve.rounding)


def columns(*, wide: bool) -> Figures[pl.Expr]:
    def column(name: str) -> pl.Expr:
        return pl.col(name).cast(integer(wide=wide))

    return Figures(column("quota_minor"), column("base_num"), column("base_den"), column("target_minor"))


def integer(*, wide: bool) -> type[pl.DataType]:
    return pl.Int128 if wide else pl.Int64


def prepared(curves: Sequence[Curve], bindings: pl.DataFrame, largest: int) -> pl.DataFrame:
    """Bindings without nulls: what a curve does not need is 0 (base 0/1), and where only the first tier applies
    the quota is out of reach of `largest`, so that one expression serves all."""
    _assert_bindings(curves, bindings)
    firsts = [next((piece.start.ratio for piece in curve.template.pieces[1:]), Fraction(1)) for curve in curves]
    out_of_reach = max(-(-(largest + 1) * first.denominator // first.numerator) for first in firsts)
    return bindings.with_columns(
        pl.when("first_tier_only").then(out_of_reach).otherwise("quota_minor").fill_null(0).alias("quota_minor"),
        pl.col("base_num").fill_null(0),
        pl.col("base_den").fill_null(1),
        pl.col("target_minor").fill_null(0),
    )


def _assert_bindings(curves: Sequence[Curve], bindings: pl.DataFrame) -> None:
    for name, dtype in BINDINGS.items():
        assert bindings.schema.get(name) == dtype, f"bindings.{name} is {bindings.schema.get(name)}, not {dtype}"
    assert (bindings["bind"] == pl.Series(range(bindings.height), dtype=pl.UInt32)).all(), "bind is the row's number"
    for number, curve in enumerate(curves):
        template = curve.template
        if not (template.needs_quota or template.uses_base or template.uses_target):
            continue
        own = bindings.filter((pl.col("curve") == number) & ~pl.col("pay_target"))
        quota = (pl.col("quota_minor") > 0) | pl.col("first_tier_only")
        assert not template.needs_quota or _holds(own, quota), f"{curve.name}: no quota above 0"
        base = (pl.col("base_den") > 0) & pl.col("base_num").is_not_null()
        assert not template.uses_base or _holds(own, base), f"{curve.name}: no base"
        assert not template.uses_target or not own["target_minor"].null_count(), f"{curve.name}: no target"


def _holds(bindings: pl.DataFrame, of: pl.Expr) -> bool:
    return bool(bindings.select(of.fill_null(value=False).all()).item())


def prove_bounds(curve: Curve, bindings: pl.DataFrame, largest: int) -> bool:
    """Whether the curve needs Int128 (False: every product stays below 2**62). `bindings` are prepared and
    this curve's; `largest` is the greatest |position| or |pays so far|. Refuses where even 2**126 is not enough."""
    template, most = curve.template, _maxima(bindings)
    reach = largest * template.edge_den + max(
        abs(past(template, most, 0, piece)) for piece in range(len(template.pieces))
    )
    sloped = 0
    for unit in template.slope_units:
        steps = sum(map(abs, slope_steps(template, unit)))
        sloped += _times(steps * reach, _unit_factors(template, most, unit))
    jumps = sum(abs(_jump(template, most, jump)) for jump in template.jumps) * (largest + 1)
    shared = largest * reach if curve.pays_apart else 0
    bound: int = sloped * template.jump_den + jumps + shared + reach + denominator(template, most)
    if bound >= WIDE:
        raise FiguresTooLarge(_too_large(curve, most, largest))
    return bound >= NARROW


def _maxima(bindings: pl.DataFrame) -> Figures[int]:
    def most(name: str) -> int:
        known = bindings[name].null_count() < bindings.height
        return greatest(bindings[name]) if known else 1

    return Figures(most("quota_minor"), most("base_num"), most("base_den"), most("target_minor"))


def greatest(figures: pl.Series) -> int:
    """The greatest magnitude, exact also of what has none in 64 bits; 0 where there are no figures."""
    return max(abs(int(end or 0)) for end in (figures.min(), figures.max()))  # type: ignore[arg-type]


def _too_large(curve: Curve, most: Figures[int], largest: int) -> str:
    figures = f"amounts up to {largest:,}, quotas up to {most.quota:,}, base up to {most.base_num:,}/{most.base_den:,}"
    return (
        f"{curve.name}: {figures} and rates in 1/{curve.template.slope_den:,} cannot be multiplied exactly in 128 "
        "bits. Write rates with fewer decimals, or check the largest deal and quota for a slip of the decimal point."
    )


# --- one curve for one assignment ---------------------------------------------------------------------------------


def decimal_text(ratio: Fraction) -> str:
    """`1.5` where the decimals end, else `1/3`."""
    power = next((power for power in range(12) if 10**power % ratio.denominator == 0), None)
    if power is None:
        return f"{ratio.numerator}/{ratio.denominator}"
    whole, decimals = divmod(abs(ratio.numerator) * (10**power // ratio.denominator), 10**power)
    return f"{'-' if ratio < 0 else ''}{whole}{'.' + str(decimals).rjust(power, '0') if power else ''}"


def ratio_text(ratio: Fraction) -> str:
    """`12.5%` where the percentage has an end, else `1/3`."""
    text = decimal_text(ratio * 100)
    return f"{ratio.numerator}/{ratio.denominator}" if "/" in text else f"{text}%"

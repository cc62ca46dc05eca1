"""The own line of each credit event: round(F(after)) - round(F(before)) along its list (M1, M2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import add
from typing import Literal

import polars as pl

from compsvc.core.curves import (
    Curve,
    amounts_above,
    columns,
    greatest,
    integer,
    numerator,
    prepared,
    prove_bounds,
    rate_change,
    re_rated_amount,
    rounded_over,
    tier,
    unit_den,
)
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.money import INT64_MAX, rounded, to_minor

FIGURES = ("curve", "quota_minor", "base_num", "base_den", "target_minor")
Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Served:
    """Curves, their bindings without nulls, and which curves need Int128: proved before anything is multiplied."""

    curves: tuple[Curve, ...]
    bindings: pl.DataFrame
    wide: tuple[bool, ...]

    def each(self, make: Callable[..., pl.Expr], **options: object) -> pl.Expr:
        """`make(curve, wide=..., **options)`, each row by its own curve. What a curve makes of the rows of others may
        wrap, so cast to minor units after this."""
        chosen = make(self.curves[0], wide=self.wide[0], **options)
        for number in range(1, len(self.curves)):
            own = make(self.curves[number], wide=self.wide[number], **options)
            chosen = pl.when(pl.col("curve") == number).then(own).otherwise(chosen)
        return chosen

    def bound(self, binds: pl.Series) -> pl.DataFrame:
        """The figures of one bind a row: `bind` is the row's number, so no join is needed."""
        return self.bindings[[*FIGURES]][binds]


def served(curves: Sequence[Curve], bindings: pl.DataFrame, most: int) -> Served:
    """`most` is the greatest |position| or |pays so far| that will be asked for."""
    ready = prepared(curves, bindings, most)
    own = [ready.filter(pl.col("curve") == number) for number in range(len(curves))] if len(curves) > 1 else [ready]
    wide = [prove_bounds(curve, frame, most) for curve, frame in zip(curves, own, strict=True)]
    return Served(tuple(curves), ready, tuple(wide))


def own_lines(curves: Sequence[Curve], bindings: pl.DataFrame, events: pl.DataFrame) -> tuple[Served, pl.DataFrame]:
    """Events, row by row, with running amounts, tiers, earned before and after, and the amount of their own line."""
    frame = running(events)
    apart = any(curve.pays_apart for curve in curves)
    most = _most(frame, "position_before", "position_after", "paid_before", "paid_after")
    all_of_it = int(frame.select(pl.col("pays").cast(pl.Int128).abs().sum()).item()) if apart else 0
    serving = served(curves, bindings, max(most, all_of_it))
    frame = frame.hstack(serving.bound(frame["bind"]))
    if apart:
        frame = shared_over_tiers(serving, frame)
    return serving, _with_amounts(serving, frame)


def _with_amounts(serving: Served, frame: pl.DataFrame) -> pl.DataFrame:
    sides = _sides(frame)
    for side in sides:
        frame = frame.with_columns(
            to_minor(serving.each(_tier, side=side)).alias(f"tier_{side}"),
            to_minor(serving.each(_earned, side=side)).alias(f"earned_{side}_minor"),
        )
    if "before" not in sides:
        # One curve a list: what was earned before is what was earned after the event before, and nothing at first.
        shifted = [("tier_before", "tier_after"), ("earned_before_minor", "earned_after_minor")]
        frame = frame.with_columns(
            pl.when("first").then(0).otherwise(pl.col(after).shift(1)).alias(before) for before, after in shifted
        )
    own = pl.col("earned_after_minor") - pl.col("earned_before_minor")
    if any(curve.template.re_rates for curve in serving.curves):
        own = own - to_minor(serving.each(re_rated, side="before"))
    return frame.with_columns(amount_minor=own)


def _sides(frame: pl.DataFrame) -> tuple[Side, ...]:
    same_bind = (pl.col("bind") == pl.col("bind").shift(1)) | pl.col("first")
    return ("after",) if frame.select(same_bind.all()).item() else ("before", "after")


def _tier(curve: Curve, *, side: Side, wide: bool) -> pl.Expr:
    return tier(curve.template, columns(wide=wide), pl.col(f"position_{side}").cast(integer(wide=wide)))


def _earned(curve: Curve, *, side: Side, wide: bool) -> pl.Expr:
    figures, position = columns(wide=wide), pl.col(f"position_{side}").cast(integer(wide=wide))
    above = amounts_above(curve.template, figures, position)
    if curve.pays_apart:
        above = _pays_above(curve, side, wide=wide)
    return rounded_over(curve, numerator(curve.template, figures, position, above), wide=wide)


def re_rated(curve: Curve, *, side: Side, wide: bool) -> pl.Expr:
    """What a step from `tier_before` to `tier_after` adds to what was paid up to one side of an event (M5); else 0."""
    template, figures, kind = curve.template, columns(wide=wide), integer(wide=wide)
    if not template.re_rates:
        return pl.lit(0, dtype=kind)
    amount = re_rated_amount(template, figures, pl.col(f"paid_{side}").cast(kind))
    if curve.pays_apart and template.mode == "overage":
        amount = _in_tiers(range(1, len(template.pieces)), side, kind) * template.edge_den
    under = unit_den(template, figures) * (template.slope_den * template.edge_den)
    divisor = pl.lit(under, dtype=kind) if isinstance(under, int) else under
    return rounded(rate_moved(curve, wide=wide) * amount, divisor, curve.rounding)


def rate_moved(curve: Curve, *, wide: bool) -> pl.Expr:
    """The rate of `tier_after` less that of `tier_before`, times its denominator; 0 where steps re-rate nothing."""
    kind = integer(wide=wide)
    if not curve.template.re_rates:
        return pl.lit(0, dtype=kind)
    tiers = [pl.col(name).cast(kind) for name in ("tier_before", "tier_after")]
    return rate_change(curve.template, columns(wide=wide), tiers[0], tiers[1])


# --- running amounts ----------------------------------------------------------------------------------------------


def running(events: pl.DataFrame) -> pl.DataFrame:
    """Events with `first` (of their list), `position_` and `paid_` before and after: running sums within each list."""
    frame = events.with_columns(first=(pl.col("list") != pl.col("list").shift(1)).fill_null(value=True))
    frame = running_sum(frame, "counts", "position")
    if frame["counts"].equals(frame["pays"]):
        return frame.with_columns(pl.col(f"position_{side}").alias(f"paid_{side}") for side in ("before", "after"))
    return running_sum(frame, "pays", "paid")


def running_sum(frame: pl.DataFrame, amount: str, name: str) -> pl.DataFrame:
    """`name_before` and `name_after`. A sum outside Int64 is refused, never wrapped."""
    wide = _most(frame, amount) * frame.height > INT64_MAX
    column = pl.col(amount).cast(integer(wide=wide))
    before_list = pl.when("first").then(column.cum_sum() - column).forward_fill()
    sums = frame.select(after=column.cum_sum() - before_list)
    if wide and _most(sums, "after") > INT64_MAX:
        raise FiguresTooLarge(f"the {name} grows beyond 64 bits. Look for a deal with a slip of the decimal point.")
    after = sums["after"].cast(pl.Int64)
    return frame.with_columns((after - frame[amount]).alias(f"{name}_before"), after.alias(f"{name}_after"))


def _most(frame: pl.DataFrame, *names: str) -> int:
    return max(greatest(frame[name]) for name in names)


# --- pays_on another amount than counts (M1) ----------------------------------------------------------------------


def shared_over_tiers(serving: Served, frame: pl.DataFrame) -> pl.DataFrame:
    """`share_k`, `share_k_before` and `share_k_after`: what of `pays` lies in tier k, of the event and so far. Each
    part is floored, what is left goes one unit each to the tiers crossed, from the lowest on; the sign is restored."""
    for number in range(_tiers(serving.curves)):
        part = serving.each(part_in_tier, number=number)
        frame = frame.with_columns(to_minor(part).alias(f"share_{number}"))
    for number in range(_tiers(serving.curves)):
        frame = running_sum(frame, f"share_{number}", f"share_{number}")
    return frame


def _tiers(curves: Sequence[Curve]) -> int:
    return max(len(curve.template.pieces) for curve in curves if curve.pays_apart)


def part_in_tier(curve: Curve, *, number: int, wide: bool) -> pl.Expr:
    """What of the event's `pays` lies in a tier, as its `counts` crosses them."""
    if not curve.pays_apart or number >= len(curve.template.pieces):
        return pl.lit(0, dtype=integer(wide=wide))
    kind = integer(wide=wide)
    pays, counts = pl.col("pays").cast(kind), pl.col("counts").cast(kind)
    overlaps = _overlaps(curve, wide=wide)
    whole = counts.abs() * curve.template.edge_den
    floors = [pays.abs() * overlap // whole for overlap in overlaps]
    left = pays.abs() - pl.sum_horizontal(floors)
    lower = list(accumulate((overlap > 0).cast(kind) for overlap in overlaps[:number])) if number else []
    crossed_before = lower[-1] if lower else pl.lit(0, dtype=kind)
    moved = (floors[number] + ((overlaps[number] > 0) & (crossed_before < left)).cast(kind)) * pays.sign()
    stands = pl.when(_tier(curve, side="after", wide=wide) == number).then(pays).otherwise(0)
    return pl.when(counts == 0).then(stands).otherwise(moved)


def _overlaps(curve: Curve, *, wide: bool) -> list[pl.Expr]:
    """How much of the move from before to after lies in each tier, times `edge_den`; the first reaches below 0."""
    marginal = curve.template.as_marginal
    figures, kind = columns(wide=wide), integer(wide=wide)
    within: dict[Side, list[pl.Expr]] = {}
    for side in ("before", "after"):
        above = amounts_above(marginal, figures, pl.col(f"position_{side}").cast(kind))
        within[side] = [*(here - higher for here, higher in pairwise(above)), above[-1]]
    return [(after - before).abs() for before, after in zip(within["before"], within["after"], strict=True)]


def _pays_above(curve: Curve, side: Side, *, wide: bool) -> list[pl.Expr]:
    """`amounts_above` for pays: what lies in the tiers from each piece on; of those that re-rate, all that a step
    re-rates once the piece is reached."""
    kind, template = integer(wide=wide), curve.template
    numbers = range(len(template.pieces))
    if template.mode == "marginal":
        parts = [_in_tiers([number], side, kind) * template.edge_den for number in numbers]
        return list(accumulate(reversed(parts), add))[::-1]
    paid = pl.col(f"paid_{side}").cast(kind) * template.edge_den
    stands = _tier(curve, side=side, wide=wide)
    if template.mode == "retroactive":
        return [paid * (stands >= number).cast(kind) for number in numbers]
    over = _in_tiers(numbers[1:], side, kind) * template.edge_den
    return [paid, *(over * (stands >= number).cast(kind) if number > 1 else over for number in numbers[1:])]


def _in_tiers(numbers: Sequence[int], side: Side, kind: type[pl.DataType]) -> pl.Expr:
    """What of the pays so far lies in these tiers."""
    return pl.sum_horizontal([pl.col(f"share_{number}_{side}").cast(kind) for number in numbers] or [pl.lit(0, kind)])

"""Positions to money: `lines` event by event, `totals` where only the sums are asked for. The cents are the same.

A bind is one assignment's figures on one curve. A list is what shares a running position: one measurement period of
one participant and component, or a part of it; with `carry: continue` several binds serve one list (M2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from compsvc.core.basis import basis_lines
from compsvc.core.curves import NOTHING, Curve, Piece, Template, paid
from compsvc.core.lines import own_lines, served
from compsvc.core.money import Rounding, assert_no_nulls, to_minor
from compsvc.core.rerating import rerated

EVENTS: Mapping[str, type[pl.DataType]] = {  # sorted by list and place, which together are unique
    "bind": pl.UInt32,  # whose figures and curve
    "list": pl.UInt32,  # which running position
    "place": pl.Int64,  # order inside the list
    "counts": pl.Int64,  # moves the position: minor units or millionths
    "pays": pl.Int64,  # what rates apply to; the same as `counts` unless the curve pays apart
}

LINES: Mapping[str, type[pl.DataType]] = {
    "bind": pl.UInt32,  # of a re-rating line: of the event that crossed
    "list": pl.UInt32,  # null for a line of the period
    "place": pl.Int64,  # of the event that the line belongs to; null for a line of the period
    "step": pl.Int64,  # 0: own, period; 1..: re-ratings
    "step_kind": pl.Categorical,  # own, re_rating, period, basis_difference
    "cause_place": pl.Int64,  # of the event that crossed; null but for re-ratings
    "position_before": pl.Int64,  # null but for own lines
    "position_after": pl.Int64,
    "tier_before": pl.Int64,  # of a re-rating line: from and to which tier the crossing went
    "tier_after": pl.Int64,
    "earned_before_minor": pl.Int64,  # null but for own lines
    "earned_after_minor": pl.Int64,
    "amount_minor": pl.Int64,
    "held": pl.Boolean,  # payable only once somebody has looked at it; null for what earnings make
    "due_date": pl.Date,  # when it is payable, where that is another day than that of its event or period
}

SUMS: Mapping[str, type[pl.DataType]] = {"bind": pl.UInt32, "total": pl.Int64}


def lines(curves: Sequence[Curve], bindings: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """LINES. Row i is the own line of event i; after all own lines come the re-rating lines, sorted by list, place and
    step, then the lines of the period, by bind. The lines of a list that one bind serves sum to round(F(total))."""
    _assert_events(curves, events)
    serving, frame = own_lines(*_with_pay_target(curves, bindings), events)
    found = [frame.with_columns(step=pl.lit(0, dtype=pl.Int64), step_kind=step_kind("own"))]
    if any(curve.template.re_rates for curve in curves):
        found.append(rerated(serving, frame).with_columns(step_kind=step_kind("re_rating")))
    found.append(_period_lines(bindings))
    result = pl.concat([_as_lines(item) for item in found], rechunk=False)
    assert_no_nulls(result, ["amount_minor"])
    return result


def with_basis(
    curves: Sequence[Curve], bindings: pl.DataFrame, listed: pl.DataFrame, lines: pl.DataFrame, takes: pl.DataFrame,
    modes: Mapping[int, Rounding],
) -> pl.DataFrame:  # fmt: skip
    """`lines` and behind them the basis differences of the takes, rounded as each plan revision has it (T1)."""
    more = basis_lines(*_with_pay_target(curves, bindings), listed, lines, takes, modes)
    return pl.concat([lines, more], rechunk=False) if more.height else lines


def totals(curves: Sequence[Curve], bindings: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """`earned_minor` per bind, in the order of the bindings: round(F(total)), 0 without a sum, the target under
    `pay_target`. Only where a bind serves one list by itself, pays what it counts and has no fixed events."""
    assert not any(curve.pays_apart for curve in curves), "lines, where pays is another amount than counts"
    assert dict(sums.schema) == dict(SUMS) and sums["bind"].is_unique().all(), f"sums are {sums.schema}"  # noqa: PT018
    ready, own = _with_pay_target(curves, bindings)
    frame = (
        own.select("bind")
        .join(sums, on="bind", how="left", maintain_order="left")
        .with_columns(pl.col("total").fill_null(0))
    )
    most = frame.select(pl.col("total").cast(pl.Int128).abs().max()).item()
    serving = served(ready, own, int(most or 0))
    frame = frame.hstack(serving.bound(frame["bind"]))
    earned = to_minor(serving.each(paid, position=pl.col("total")))
    of_period = pl.when(bindings["pay_target"]).then(bindings["target_minor"]).otherwise(earned)
    return frame.select("bind", "total", earned_minor=of_period)


def _with_pay_target(curves: Sequence[Curve], bindings: pl.DataFrame) -> tuple[list[Curve], pl.DataFrame]:
    """Binds under `pay_target` stand on a curve that pays nothing: their money is a line of the period (M4)."""
    if not bindings["pay_target"].any():
        return list(curves), bindings
    nothing = Curve(name="pay_target", template=Template((Piece(start=NOTHING, slope=NOTHING),)), rounding="down")
    number = pl.lit(len(curves), dtype=pl.UInt32)
    return [*curves, nothing], bindings.with_columns(curve=pl.when("pay_target").then(number).otherwise("curve"))


def _period_lines(bindings: pl.DataFrame) -> pl.DataFrame:
    own = bindings.filter("pay_target")
    assert_no_nulls(own, ["target_minor"])
    return own.select(
        "bind", step=pl.lit(0, dtype=pl.Int64), step_kind=step_kind("period"), amount_minor=pl.col("target_minor")
    )


def step_kind(name: str) -> pl.Expr:
    """A kind of line as the categorical that LINES has."""
    return pl.lit(pl.Series([name], dtype=pl.Categorical)).first()


def _as_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of LINES; those that a frame does not have are null."""
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in LINES.items()
    )


def _assert_events(curves: Sequence[Curve], events: pl.DataFrame) -> None:
    assert dict(events.schema) == dict(EVENTS), f"events are {events.schema}"
    assert_no_nulls(events, EVENTS)
    same_list = pl.col("list") == pl.col("list").shift(1)
    rises = (pl.col("list") > pl.col("list").shift(1)) | (same_list & (pl.col("place") > pl.col("place").shift(1)))
    assert events.select(rises.all()).item(), "events are sorted by list and place"
    apart = all(curve.pays_apart for curve in curves)
    assert apart or len(curves) > 1 or events["pays"].equals(events["counts"]), (
        "pays is counts, or the curve pays apart"
    )

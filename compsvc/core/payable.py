"""When each part of a line is due: on a day that the line knows, later, in instalments, or with the customer's money.

The parts of a line sum to it exactly: each is a difference of rounded running shares. A take-back is due as the pay
that it takes back is, each part on the loss's day at the earliest: what has not been paid is not taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from compsvc.core.money import Rounding, rounded, to_minor
from compsvc.core.plan import Plan
from compsvc.core.plan_pay import CASH, Instalment
from compsvc.core.plan_revisions import latest

DEAL = ["source", "external_id"]
PART = "part"  # from 1; null where the whole line is due at once
WHOLE = "whole_minor"  # what the line comes to
_DAY, _BASE = pl.col("payable_date"), "_base"
_EVENT = ["participant_id", "component", *DEAL, "line", "stage", "activity"]


def due(lines: pl.DataFrame, plans: Sequence[Plan], progress: pl.DataFrame) -> pl.DataFrame:
    """LINES with the day and the amount of each part in `payable_date` and `amount_minor`, and PART and WHOLE.

    A part that waits for the customer is not there yet. A line that comes to nothing is one part on its first day; one
    that is held for a review has no day, and no part of it has.
    """
    named = {plan.plan: plan for plan in latest(plans) if not is_plain(plan)}
    whole = lines.with_columns(pl.lit(None, dtype=pl.Int64).alias(PART), pl.col("amount_minor").alias(WHOLE))
    if not named:
        return whole
    in_parts = pl.col("plan").is_in(sorted(named)) & (pl.col("amount_minor") != 0)
    in_parts &= pl.col("payable_date").is_not_null()
    frames = [whole.filter(~in_parts)]
    for name, plan in sorted(named.items()):
        frames.append(parts_of(whole.filter(in_parts & (pl.col("plan") == name)), plan, progress))
    return pl.concat(frames).rechunk()


def is_plain(plan: Plan) -> bool:
    return all(item.is_plain for item in plan.instalments)


def parts_of(
    rows: pl.DataFrame, plan: Plan, progress: pl.DataFrame, instalments: Sequence[Instalment] | None = None
) -> pl.DataFrame:
    """One row a part that comes to something, numbered within its line by the order of the plan and of the days."""
    found, before = [], Fraction(0)
    rows = _with_base(rows).with_row_index("_line")
    for item in plan.instalments if instalments is None else instalments:
        part = _share(rows, before, before + item.share, plan.rounding)
        found.append(_in_cash(part, item, plan, progress) if item.on in CASH else _on_days(part, item, plan))
        before += item.share
    parts = pl.concat(found).filter(pl.col("amount_minor") != 0)
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("_line")
    return parts.with_columns(number.alias(PART)).drop("_line", _BASE)


def _with_base(rows: pl.DataFrame) -> pl.DataFrame:
    """The day from which the days of parts are counted: the line's own; of what a loss takes, that of the line it is
    taken of."""
    own = rows.filter(pl.col("loss_id").is_null(), pl.col("step") == 0).group_by(_EVENT).agg(_own=_DAY.min())
    rows = rows.join(own, on=_EVENT, how="left", nulls_equal=True, maintain_order="left")
    lost = pl.col("loss_id").is_not_null() & pl.col("_own").is_not_null()
    return rows.with_columns(pl.when(lost).then("_own").otherwise(_DAY).alias(_BASE)).drop("_own")


def _share(rows: pl.DataFrame, before: Fraction, after: Fraction, mode: Rounding) -> pl.DataFrame:
    """What of each amount lies between two running shares."""

    def so_far(share: Fraction) -> pl.Expr:
        wide = pl.col("amount_minor").cast(pl.Int128)
        return rounded(wide * share.numerator, pl.lit(share.denominator, dtype=pl.Int128), mode)

    return rows.with_columns(amount_minor=to_minor(so_far(after) - so_far(before)))


def _on_days(rows: pl.DataFrame, item: Instalment, plan: Plan) -> pl.DataFrame:
    start = _later(_trigger(item), item, plan)
    if item.over is None:
        return rows.with_columns(payable_date=pl.max_horizontal(_DAY, start))
    months = [
        _share(rows, Fraction(month, item.over), Fraction(month + 1, item.over), plan.rounding).with_columns(
            payable_date=pl.max_horizontal(_DAY, start.dt.offset_by(f"{month}mo"))
        )
        for month in range(item.over)
    ]
    return pl.concat(months)


def _trigger(item: Instalment) -> pl.Expr:
    """The day of a line is the earliest on which anything of it may be due."""
    if item.on != "closed":
        return pl.col(_BASE)
    return pl.max_horizontal(_BASE, "closed_date")


def _later(day: pl.Expr, item: Instalment, plan: Plan) -> pl.Expr:
    if item.after is not None:
        unit = {"day": "d", "month": "mo"}[item.after.unit]
        day = day.dt.offset_by(f"{item.after.number}{unit}")
    if item.held_until is None:
        return day
    length = {"quarter end": 3, "half_year end": 6, "year end": 12}[item.held_until]
    into = (day.dt.month().cast(pl.Int32) - plan.fiscal_year_starts) % 12 % length
    first = day.dt.truncate("1mo")
    left = (length - into).cast(pl.Int32)  # months to the first day of the next one
    months = [pl.when(left == number).then(first.dt.offset_by(f"{number}mo")) for number in range(1, length + 1)]
    return pl.coalesce(months).dt.offset_by("-1d")


def _in_cash(rows: pl.DataFrame, item: Instalment, plan: Plan, progress: pl.DataFrame) -> pl.DataFrame:
    """As the customer's invoices or payments add up; what no deal brings is due on its own day."""
    own = rows.filter(pl.col("line").is_null())
    steps = progress.filter(pl.col("kind") == item.on).drop("kind")
    of_deals = rows.filter(pl.col("line").is_not_null())  # an activity may be called as a deal is
    joined = of_deals.join(steps, on=DEAL, how="inner", maintain_order="left_right")
    wide, den = pl.col("amount_minor").cast(pl.Int128), pl.col("den").cast(pl.Int128)
    so_far = [rounded(wide * pl.col(name), den, plan.rounding) for name in ("after_num", "before_num")]
    day = pl.max_horizontal(_DAY, _later(pl.max_horizontal(_BASE, "progress_date"), item, plan))
    joined = joined.with_columns(amount_minor=to_minor(so_far[0] - so_far[1]), payable_date=day)
    own = own.with_columns(payable_date=pl.max_horizontal(_DAY, _later(pl.col(_BASE), item, plan)))
    return pl.concat([own, joined.select(rows.columns)])

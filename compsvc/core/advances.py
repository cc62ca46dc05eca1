"""What is paid before it is earned: an advance, until its earned day (J1).

Of each line, what is advanced on a day is what has become payable by then less what is earned by then, never past
nothing. Both run over the same line, so all that was advanced is earned in the end, or taken back with its deal.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.money import to_minor
from compsvc.core.payable import WHOLE, parts_of
from compsvc.core.plan import Plan
from compsvc.core.plan_pay import CASH
from compsvc.core.plan_revisions import latest

ADVANCED, ADVANCE_EARNED = "advanced", "advance_earned"
_LINE = [
    *("participant_id", "plan", "component", "period", "source", "external_id", "line", "stage", "activity", "step"),
    "currency_code",
]


def may_advance(plan: Plan) -> bool:
    """Whether anything can be payable before it is earned; nothing is before the deal is accepted."""
    triggers = {item.on for item in plan.instalments}
    if plan.earned.on == "accepted" or triggers == {plan.earned.on}:
        return False
    return plan.earned.on in CASH or "accepted" in triggers


def advances(lines: pl.DataFrame, due: pl.DataFrame, plans: Sequence[Plan], progress: pl.DataFrame) -> pl.DataFrame:
    """Rows of `due`, the parts that are paid, as ADVANCED and ADVANCE_EARNED, one a line and day that moves any."""
    found = [
        _of_plan(
            lines.filter(pl.col("plan") == plan.plan, pl.col("payable_date").is_not_null()),
            due.filter(pl.col("plan") == plan.plan, pl.col("payable_date").is_not_null()),
            plan,
            progress,
        )
        for plan in latest(plans)
        if may_advance(plan)
    ]
    return pl.concat(found) if found else due.clear().with_columns(kind=pl.lit(None, dtype=pl.String))


def _of_plan(lines: pl.DataFrame, due: pl.DataFrame, plan: Plan, progress: pl.DataFrame) -> pl.DataFrame:
    whole = lines.filter(pl.col("amount_minor") != 0).with_columns(pl.col("amount_minor").alias(WHOLE))
    earned = parts_of(whole, plan, progress, (plan.earned_in,))
    both = pl.concat(
        [
            due.with_columns(_paid=pl.col("amount_minor"), _earned=pl.lit(0, dtype=pl.Int64)),
            earned.with_columns(_paid=pl.lit(0, dtype=pl.Int64), _earned=pl.col("amount_minor")),
        ],
        how="diagonal",
    )
    days = both.group_by(*_LINE, "payable_date").agg(
        pl.all().exclude("_paid", "_earned", *_LINE, "payable_date").first(),
        to_minor(pl.col("_paid", "_earned").cast(pl.Int128).sum()),
    )
    days = days.sort(*_LINE, "payable_date", nulls_last=True)
    ahead = (pl.col("_paid") - pl.col("_earned")).cum_sum().over(_LINE)
    sign = pl.col(WHOLE).sign()
    stands = pl.max_horizontal(ahead * sign, pl.lit(0, dtype=pl.Int64)) * sign
    days = days.with_columns(_stands=stands)
    moved = pl.col("_stands") - pl.col("_stands").shift(1).over(_LINE).fill_null(0)
    days = days.with_columns(_moved=moved, _sign=sign).filter(pl.col("_moved") != 0)
    return days.with_columns(
        amount_minor=pl.when(pl.col("_moved") * pl.col("_sign") > 0).then("_moved").otherwise(-pl.col("_moved")),
        kind=pl.when(pl.col("_moved") * pl.col("_sign") > 0).then(pl.lit(ADVANCED)).otherwise(pl.lit(ADVANCE_EARNED)),
        part=pl.lit(None, dtype=pl.Int64),
    ).select(*due.columns, "kind")

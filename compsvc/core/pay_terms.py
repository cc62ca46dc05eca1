"""Under which words each account stands in each pay period: those of the assignment in force, or of the last one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.leavers import left
from compsvc.core.money import rounded
from compsvc.core.plan import Plan

BALANCE = ["draw_minor", "negative_minor"]
_KEY = ["participant_id", "currency_code", "month"]


def keeps_account(plan: Plan) -> bool:
    """Whether pay periods of the plan hang together: something is carried, lent or guaranteed."""
    return plan.negative is not None or plan.draw is not None or plan.guarantee is not None


def terms_by_month(
    plans: Sequence[Plan], facts: Facts, first: date | None, until: date, participant_id: str | None
) -> pl.DataFrame:
    """One row an account and month, from the account's first assignment or pay on to the last month before `until`."""
    names = {plan.plan for plan in plans if keeps_account(plan)}
    rows = facts.assignments.filter(pl.col("plan").is_in(sorted(names)))
    if participant_id is not None:
        rows = rows.filter(pl.col("participant_id") == participant_id)
    if rows.is_empty():
        return pl.DataFrame()
    spells = _spells(rows, facts)
    start = min(filter(None, [first, spells["start_date"].min()]))
    months = _months(start, until)
    words = _words([plan for plan in plans if plan.plan in names], months)
    return _governing(spells.join(words, on="plan"))


def _spells(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Assignments with the first day of those to the same plan that they go on from without a gap, cut at an exit."""
    rows = rows.select("participant_id", "plan", "start_date", "end_date").sort("participant_id", "plan", "start_date")
    before = pl.col("end_date").shift(1)
    same = (pl.col("participant_id") == pl.col("participant_id").shift(1)) & (pl.col("plan") == pl.col("plan").shift(1))
    goes_on = (same & (before >= pl.col("start_date"))).fill_null(value=False)
    rows = rows.with_columns(since=pl.when(~goes_on).then("start_date").forward_fill())
    rows = rows.join(left(facts), on="participant_id", how="left")
    rows = rows.with_columns(gone_date=pl.col("last_date").dt.offset_by("1d")).drop("last_date")
    return rows.with_columns(until=pl.min_horizontal("end_date", "gone_date"))


def _months(first: date, until: date) -> list[date]:
    found, month = [], first.replace(day=1)
    while month < until:
        found.append(month)
        month = _next(month)
    return found


def _words(plans: Sequence[Plan], months: Sequence[date]) -> pl.DataFrame:
    """What each plan says in each month: the revision in force on the month's first day of any, else the first one."""
    rows = [row for name in sorted({plan.plan for plan in plans}) for row in _of_plan(name, plans, months)]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(_NUMBERS, pl.Int64), infer_schema_length=None)


_NUMBERS = (
    "draw_amount",
    "draw_periods",
    "guarantee_amount",
    "guarantee_months",
    "recovery_from",
    "never_below",
    "owes_at_most_minor",
)


_DRAW_WORDS = ["draw_amount", "recoverable", "draw_recovers", "draw_num", "draw_den", "owes_at_most_minor"]


def _of_plan(name: str, plans: Sequence[Plan], months: Sequence[date]) -> Iterator[dict[str, object]]:
    own = sorted((plan for plan in plans if plan.plan == name), key=lambda plan: plan.effective)
    for month in months:
        following = _next(month)
        plan = next((plan for plan in reversed(own) if plan.effective < following), own[0])
        yield {"plan": name, "month": month, "next_month": following, **_said(plan)}


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _said(plan: Plan) -> dict[str, object]:
    draw, negative, guarantee = plan.draw, plan.negative, plan.guarantee
    recover = (negative.recover_at_most if negative else None) or Fraction(1)
    own = (draw.recover_at_most if draw else None) or Fraction(1)
    never = negative.never_below if negative else None
    return {
        "revision": plan.revision,
        "currency_code": plan.currency,
        "rounding": plan.rounding,
        "draw_amount": draw.amount_minor if draw else None,
        "draws_below_zero": draw is not None and draw.below_zero == "top up",
        "recoverable": bool(draw and draw.recoverable),
        "draw_periods": draw.periods if draw else None,
        "draw_until": draw.until if draw else None,
        "recovery_from": (draw.recovery_from if draw else None) or 1,
        "draw_num": own.numerator,
        "draw_den": own.denominator,
        "owes_at_most_minor": draw.owes_at_most_minor if draw else None,
        "guarantee_amount": guarantee.amount_minor if guarantee else None,
        "guarantee_months": guarantee.months if guarantee else None,
        "carries": negative is None or negative.carry,
        "recover_num": recover.numerator,
        "recover_den": recover.denominator,
        "never_below": never if isinstance(never, int) else None,
        "never_below_draw": never == "draw",
        "order": (negative.order if negative else None) or "oldest first",
        "forgives_draw": bool(plan.leaver and plan.leaver.draw == "forgive"),
        "forgives_negative": bool(plan.leaver and plan.leaver.negative == "forgive"),
    }


def _governing(rows: pl.DataFrame) -> pl.DataFrame:
    """The latest assignment that has begun decides, of draws the latest in force that has one; the draws and guarantees
    of all that are in force add up."""
    rows = rows.filter(pl.col("start_date") < pl.col("next_month"))
    rows = rows.with_columns(number=_months_since(pl.col("since")) + 1, covered=_covered(pl.col("until")))
    drawn, guaranteed = _draw(), _guarantee()
    below = pl.when("draws_below_zero").then(drawn).otherwise(0)
    rows = rows.with_columns(_drawn=drawn, _below=below, _guaranteed=guaranteed)
    rows = rows.with_columns(draw_recovers=pl.col("number") >= pl.col("recovery_from"))
    rows = rows.sort(pl.col("covered") > 0, "start_date", "plan")
    draws = (pl.col("covered") > 0) & pl.col("draw_amount").is_not_null()
    governed = rows.group_by(_KEY).agg(
        pl.all().exclude("_drawn", "_below", "_guaranteed", *_DRAW_WORDS).last(),
        pl.col(_DRAW_WORDS).sort_by(draws, maintain_order=True).last(),
        pl.col("_drawn", "_below", "_guaranteed").sum(),
    )
    gone = (pl.col("gone_date") < pl.col("next_month")).fill_null(value=False)
    governs = pl.col("_guaranteed") > 0
    nothing = pl.lit(0, dtype=pl.Int64)
    return governed.with_columns(
        floor_minor=pl.when(governs).then("_guaranteed").otherwise("_drawn"),
        floor_below_zero_minor=pl.when(governs).then("_guaranteed").otherwise("_below"),
        floor_kind=pl.when(governs).then(pl.lit("guarantee")).otherwise(pl.lit("draw")),
        recoverable=pl.col("recoverable") & ~governs,
        never_below_minor=pl.when("never_below_draw")
        .then(pl.coalesce("draw_amount", nothing))
        .otherwise(pl.coalesce("never_below", nothing)),
        forgives_draw=pl.col("forgives_draw") & gone,
        forgives_negative=pl.col("forgives_negative") & gone,
    ).drop("_drawn", "_below", "_guaranteed")


def _months_since(day: pl.Expr) -> pl.Expr:
    """Pay periods from the one of the day to the row's month."""
    years = pl.col("month").dt.year().cast(pl.Int64) - day.dt.year().cast(pl.Int64)
    return years * 12 + pl.col("month").dt.month().cast(pl.Int64) - day.dt.month().cast(pl.Int64)


def _covered(until: pl.Expr) -> pl.Expr:
    """The days of the month on which the row's assignment is in force."""
    first = pl.max_horizontal("start_date", "month")
    last = pl.min_horizontal(until, "next_month")
    return pl.max_horizontal((last - first).dt.total_days(), 0)


def _draw() -> pl.Expr:
    """The month's draw, by the days on which it runs."""
    over = (pl.col("number") > pl.col("draw_periods")).fill_null(value=False)
    days = _covered(pl.min_horizontal("until", "draw_until"))
    return pl.when(over).then(0).otherwise(_by_days(pl.col("draw_amount"), days)).fill_null(0)


def _guarantee() -> pl.Expr:
    """`for` runs from the first day: the day on which it ends belongs to what follows."""
    ends = pl.col("since").dt.offset_by(
        pl.concat_str([pl.col("guarantee_months").fill_null(0).cast(pl.String), pl.lit("mo")])
    )
    days = _covered(pl.min_horizontal("until", ends))
    return _by_days(pl.col("guarantee_amount"), days).fill_null(0)


def _by_days(amount: pl.Expr, days: pl.Expr) -> pl.Expr:
    whole = (pl.col("next_month") - pl.col("month")).dt.total_days().cast(pl.Int128)
    wide = amount.cast(pl.Int128) * days
    parts = [
        pl.when(pl.col("rounding") == mode).then(rounded(wide, whole, mode))
        for mode in ("half_up", "half_even", "down")
    ]
    return pl.coalesce(parts).cast(pl.Int64, strict=True)

"""What an assignment brings to a component's curve in a measurement period: quota, base, target (M4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from compsvc.core.book import Book
from compsvc.core.money import Rounding, round_ratio, rounded, to_minor
from compsvc.core.periods import PER_YEAR, sub_period
from compsvc.core.plan import Component, Plan


def full_year_terms(
    book: Book, quotas: pl.DataFrame, plan: Plan, name: str, component: Component, *, weight: Fraction
) -> pl.DataFrame:
    """Per assignment of the plan: quota_amount and quota_per as given for the component `name`, base_num, base_den, and
    the full-year target by weight."""
    assigned = book.assignments.filter(pl.col("plan") == plan.plan)
    given = _given_quotas(quotas.filter(pl.col("plan") == plan.plan), name)
    rows = assigned.select(
        "assignment_ix", "participant_ix", "participant_id", "start_date", "end_date", "target_incentive_minor"
    )
    rows = rows.join(given, on=["participant_id", "start_date"], how="left", maintain_order="left").drop(
        "participant_id"
    )
    if component.quota is None:
        rows = rows.with_columns(quota_amount=pl.lit(None, pl.Int64), quota_per=pl.lit(None, pl.String))
    terms = [_base_and_target(row, weight, plan.rounding) for row in rows.iter_rows(named=True)]
    columns = {"base_num": pl.Int64, "base_den": pl.Int64, "year_target": pl.Int64}
    return rows.drop("target_incentive_minor").hstack(pl.DataFrame(terms, schema=columns, orient="row"))


def _given_quotas(quotas: pl.DataFrame, component: str) -> pl.DataFrame:
    """The component's own quota, else the one for every component."""
    fitting = quotas.filter(pl.col("component").is_in([component, ""])).sort("component", descending=True)
    own = fitting.unique(["participant_id", "start_date"], keep="first", maintain_order=True)
    return own.select("participant_id", "start_date", quota_amount="amount_minor", quota_per="per")


def _base_and_target(row: dict[str, object], weight: Fraction, rounding: Rounding) -> tuple[int | None, ...]:
    target, amount = row["target_incentive_minor"], row["quota_amount"]
    if not isinstance(target, int):
        return None, None, None
    weighted = target * weight
    year_target = round_ratio(weighted.numerator, weighted.denominator, rounding)
    if not isinstance(amount, int) or amount == 0:
        return None, None, year_target
    base = weighted / Fraction(amount * PER_YEAR[str(row["quota_per"])])
    return base.numerator, base.denominator, year_target


def period_figures(rows: pl.DataFrame, *, per: str, fiscal_year_starts: int) -> pl.DataFrame:
    """Adds quota_minor and target_minor of each row's `period`: longer spans in equal whole parts, what is left to the
    first ones; shorter spans added up (M4)."""
    places = _places(rows["period"].unique().sort().to_list(), per=per, fiscal_year_starts=fiscal_year_starts)
    rows = rows.join(places, on=["period", "quota_per"], how="left", maintain_order="left", nulls_equal=False)
    year = places.filter(pl.col("quota_per") == "year").select("period", year_parts="parts", year_place="place")
    rows = rows.join(year, on="period", how="left", maintain_order="left")
    quota = pl.col("quota_amount") * pl.col("times") // pl.col("parts") + _odd_unit("quota_amount", "parts", "place")
    target = pl.col("year_target") // pl.col("year_parts") + _odd_unit("year_target", "year_parts", "year_place")
    return rows.with_columns(quota_minor=quota, target_minor=target).drop(
        "times", "parts", "place", "year_parts", "year_place"
    )


def _odd_unit(amount: str, parts: str, place: str) -> pl.Expr:
    return (pl.col(place) < pl.col(amount) % pl.col(parts)).cast(pl.Int64)


def _places(periods: Sequence[int], *, per: str, fiscal_year_starts: int) -> pl.DataFrame:
    """How a quota given per month, quarter or year becomes one of each period: amount x times // parts; the place."""
    rows = []
    for period in periods:
        for quota_per, spans in PER_YEAR.items():
            longer = spans <= PER_YEAR[per]
            times, parts = (1, PER_YEAR[per] // spans) if longer else (spans // PER_YEAR[per], 1)
            place = sub_period(period, per=per, of=quota_per, fiscal_year_starts=fiscal_year_starts) if longer else 0
            rows.append((period, quota_per, times, parts, place))
    schema = {"period": pl.Int32, "quota_per": pl.String, "times": pl.Int64, "parts": pl.Int64, "place": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def blended(parts: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """One quota and target per participant and period, weighed by the days of each part (`carry: blend`, M2). `parts`
    has quota_minor, target_minor, part_days and period_days; of everything else the latest part stands."""
    weighed = {
        name: (pl.col(name).cast(pl.Int128) * pl.col("part_days")).sum() for name in ("quota_minor", "target_minor")
    }
    latest = parts.sort("start_date").group_by("participant_ix", "period", maintain_order=True)
    whole = latest.agg(
        pl.col("period_days").first().alias("days"),
        pl.all().exclude("participant_ix", "period", *weighed).last(),
        **{f"{name}_days": pl.when(pl.col(name).null_count() == 0).then(total) for name, total in weighed.items()},
    )
    divisor = pl.col("days").cast(pl.Int128)
    exact = {name: to_minor(rounded(pl.col(f"{name}_days"), divisor, rounding)) for name in weighed}
    return whole.with_columns(**exact).drop("days", *[f"{name}_days" for name in weighed])

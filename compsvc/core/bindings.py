"""What an assignment brings to a component's curve in a measurement period: quota, base, target (M4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.money import Rounding, apportioned, round_ratio, rounded, to_minor
from compsvc.core.periods import PER_YEAR, sub_period
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_quotas import Seasonal
from compsvc.core.proration import QuotaTerms
from compsvc.core.quotas import Sides

_BLENDED = ("quota_minor", "own_quota_minor", "quota_year_minor", "target_incentive_minor")


def full_year_terms(book: Book, quotas: pl.DataFrame, plan: Plan, name: str, position: str) -> pl.DataFrame:
    """Per assignment of the plan: its target incentive, the component's own quota, and the quota of the component
    `position` whose edges its tiers are shares of (the same one, unless a position is shared: M1)."""
    assigned = book.assignments.filter(pl.col("plan") == plan.plan)
    columns = ["assignment_ix", "participant_ix", "participant_id", "start_date", "end_date", "target_incentive_minor"]
    rows = assigned.select(columns)
    given = quotas.filter(pl.col("plan") == plan.plan)
    keys = ["participant_id", "start_date"]
    own = _given(given, name, plan.components[name])
    rows = rows.join(own, on=keys, how="left", maintain_order="left")
    if position == name:
        return rows.with_columns(edge_amount="amount", edge_per="per").drop("participant_id")
    edges = _given(given, position, plan.components[position]).rename({"amount": "edge_amount", "per": "edge_per"})
    return rows.join(edges, on=keys, how="left", maintain_order="left").drop("participant_id")


def _given(quotas: pl.DataFrame, name: str, component: Component) -> pl.DataFrame:
    """The component's own quota, else the one for every component; none where it takes none."""
    columns = ("participant_id", "start_date", "per", pl.col("amount_minor").alias("amount"))
    if component.quota != "from assignment" or quotas.is_empty():
        return quotas.clear().select(columns)
    named = quotas.with_columns(pl.col("component").fill_null(""))
    fitting = named.filter(pl.col("component").is_in([name, ""]))
    own = fitting.sort("component", descending=True).unique(["participant_id", "start_date"], keep="first")
    return own.select(columns)


def period_quotas(rows: pl.DataFrame, of: Sides, *, per: str, fiscal_year_starts: int) -> pl.DataFrame:
    """Adds the quotas of each row's `period`: quota_minor (edges), own_quota_minor, and quota_year_minor."""
    places = _places(rows["period"].unique().sort().to_list(), per=per, fiscal_year_starts=fiscal_year_starts)
    edges = _of_period(rows.select("period", "curve", amount="edge_amount", per="edge_per"), places, of["edge"])
    own = _of_period(rows.select("period", "curve", "amount", "per"), places, of["own"])
    year = pl.col("amount") * pl.col("per").replace_strict(PER_YEAR, return_dtype=pl.Int64)
    return rows.with_columns(
        edges.alias("quota_minor"), own.alias("own_quota_minor"), year.alias("quota_year_minor")
    ).drop("amount", "per", "edge_amount", "edge_per")


def _of_period(rows: pl.DataFrame, places: pl.DataFrame, terms: Sequence[QuotaTerms] = ()) -> pl.Series:
    """`amount` given for a span `per`, for the row's period: of a longer span equal whole parts, what is left one unit
    each to the first ones; shorter spans added up. Seasonal weights divide what is given for a year."""
    if rows["amount"].null_count() == rows.height:
        return repeated(None, rows.height, pl.Int64)
    keyed = rows.join(places, on=["period", "per"], how="left", maintain_order="left")
    odd = (pl.col("place") < pl.col("amount") % pl.col("parts")).cast(pl.Int64)
    equal = keyed.select((pl.col("amount") * pl.col("times") // pl.col("parts") + odd).alias("equal")).to_series()
    seasonal = {curve: of for curve, of in enumerate(terms) if of.seasonal is not None}
    if not seasonal:
        return equal
    yearly = keyed.filter(pl.col("per") == "year", pl.col("curve").is_in(list(seasonal)))
    given = yearly.select("curve", "amount", "place", "parts").unique(maintain_order=True)
    weighed = pl.Series("weighed", [_seasonal_part(seasonal[row[0]], *row[1:]) for row in given.rows()], dtype=pl.Int64)
    keys = ["curve", "amount", "place", "parts", "per"]
    found = keyed.select(keys).join(
        given.with_columns(weighed, per=pl.lit("year")), on=keys, how="left", maintain_order="left"
    )
    return pl.select(pl.coalesce(found["weighed"], equal)).to_series()


@lru_cache(maxsize=100_000)
def _seasonal_part(terms: QuotaTerms, amount: int, place: int, parts: int) -> int:
    """Of a year's quota what falls on one of so many equal spans of the year."""
    assert terms.seasonal is not None
    return seasonal_parts(terms.seasonal, amount, parts, terms.fiscal_year_starts)[place]


def seasonal_parts(seasonal: Seasonal, amount: int, parts: int, fiscal_year_starts: int) -> list[int]:
    """A year's amount on its `parts` equal spans: by largest remainder on the weights' own spans; shorter ones have
    equal parts of these, what is left to the first ones (M4)."""
    own = apportioned(amount, seasonal.by_place(fiscal_year_starts))
    if parts <= len(own):
        length = len(own) // parts
        return [sum(own[first : first + length]) for first in range(0, len(own), length)]
    shorter = parts // len(own)
    return [whole // shorter + (place < whole % shorter) for whole in own for place in range(shorter)]


def _places(periods: Sequence[int], *, per: str, fiscal_year_starts: int) -> pl.DataFrame:
    """How an amount given for another span becomes one of each period: x times // parts, and the place."""
    rows = []
    for period in periods:
        for given_per, spans in PER_YEAR.items():
            longer = spans <= PER_YEAR[per]
            times, parts = (1, PER_YEAR[per] // spans) if longer else (spans // PER_YEAR[per], 1)
            place = sub_period(period, per=per, of=given_per, fiscal_year_starts=fiscal_year_starts) if longer else 0
            rows.append((period, given_per, times, parts, place))
    schema = {"period": pl.Int32, "per": pl.String, "times": pl.Int64, "parts": pl.Int64, "place": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def blended(parts: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """One row per participant and period, each figure weighed by the days of its part and rounded once (`carry: blend`,
    M2). `parts` has part_days and period_days; of everything else the latest part stands. One part is not blended."""
    days = pl.when(pl.len().over("participant_ix", "period") == 1).then("part_days").otherwise("period_days")
    parts = parts.with_columns(period_days=pl.max_horizontal(days, 1), part_days=pl.max_horizontal("part_days", 1))
    weighed = {name: (pl.col(name).cast(pl.Int128) * pl.col("part_days")).sum() for name in _BLENDED}
    latest = parts.sort("part_start").group_by("participant_ix", "period", maintain_order=True)
    whole = latest.agg(
        pl.all().exclude("participant_ix", "period", *_BLENDED).last(),
        **{name: pl.when(pl.col(name).null_count() == 0).then(total) for name, total in weighed.items()},
    )
    divisor = pl.col("period_days").cast(pl.Int128)
    return whole.with_columns(to_minor(rounded(pl.col(name), divisor, rounding)) for name in _BLENDED)


def with_base(
    rows: pl.DataFrame, weight: Fraction, rounding: Rounding, *, per: str, fiscal_year_starts: int
) -> pl.DataFrame:
    """Adds base_num and base_den = target incentive x weight / full-year quota, and the period's target_minor."""
    if rows["target_incentive_minor"].null_count() == rows.height:
        return rows.with_columns(
            pl.lit(None, dtype=pl.Int64).alias(name) for name in ("base_num", "base_den", "target_minor")
        )
    given = rows.select("target_incentive_minor", "quota_year_minor").unique()
    terms = [_base_and_target(target, quota, weight, rounding) for target, quota in given.iter_rows()]
    schema = {"base_num": pl.Int64, "base_den": pl.Int64, "year_target": pl.Int64}
    given = given.hstack(pl.DataFrame(terms, schema=schema, orient="row"))
    keys = ["target_incentive_minor", "quota_year_minor"]
    rows = rows.join(given, on=keys, how="left", maintain_order="left", nulls_equal=True)
    places = _places(rows["period"].unique().sort().to_list(), per=per, fiscal_year_starts=fiscal_year_starts)
    target = _of_period(rows.select("period", pl.lit("year").alias("per"), amount="year_target"), places)
    return rows.with_columns(target.alias("target_minor")).drop("year_target")


def _base_and_target(
    target: int | None, quota_year: int | None, weight: Fraction, rounding: Rounding
) -> tuple[int | None, int | None, int | None]:
    if target is None:
        return None, None, None
    weighted = target * weight
    year_target = round_ratio(weighted.numerator, weighted.denominator, rounding)
    if not quota_year:
        return None, None, year_target
    base = weighted * Fraction(1, quota_year)
    return base.numerator, base.denominator, year_target

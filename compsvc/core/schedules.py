"""What is paid over the life of a deal line: its spans of a yearly level, its first year, what it is worth today.

Spans are exact: months and the odd days of a month as whole MONTH_PARTS. Values are rounded once per event.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.money import WIDE, Rounding, round_ratio, rounded, to_minor
from compsvc.core.periods import odd_days, odd_days_month_length, plus_months, whole_months
from compsvc.core.plan_measures import PresentValue

MONTH_PARTS = lcm(28, 29, 30, 31)  # a day of any month is a whole number of these parts of a month
NO_TERM = pl.col("start_date").is_null() | pl.col("end_date").is_null()

_LINE = ["deal_ix", "line"]
_YEAR_PARTS = 12 * MONTH_PARTS


def spans(book: Book) -> pl.DataFrame:
    """The recurring spans of each event: event_ix, start_date, end_date, level. A line without stages has one, with
    null dates where it does not say them."""
    recurring = pl.col("annual_value_minor").fill_null(0)
    lines = book.events.select(
        "event_ix", "deal_ix", "line", "stage", "start_date", "end_date", recurring.alias("level")
    )
    alone = lines.filter(pl.col("stage") == 0, pl.col("level") != 0)
    unstaged = alone.join(book.stages.select(_LINE), on=_LINE, how="anti") if book.stages.height else alone
    return pl.concat([unstaged.select("event_ix", "start_date", "end_date", "level"), _staged(book, lines)])


def _staged(book: Book, lines: pl.DataFrame) -> pl.DataFrame:
    """The committed stages of each line as spans of its stage 0, each exercised option as the span of its own event."""
    event = pl.when("committed").then(0).otherwise("stage").cast(pl.Int64).alias("stage")
    spans = book.stages.select("deal_ix", "line", event, "start_date", "end_date", "level")
    keyed = lines.select("event_ix", "deal_ix", "line", "stage")
    return spans.join(keyed, on=["deal_ix", "line", "stage"]).select("event_ix", "start_date", "end_date", "level")


def term(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The length of a span in MONTH_PARTS."""
    begun = odd_days(start, end) * (MONTH_PARTS // odd_days_month_length(start, end))
    return whole_months(start, end) * MONTH_PARTS + begun


def had_before(lines: pl.DataFrame) -> pl.Expr:
    """What an event is worth the difference to: of a line, the lines it replaces; of an option, the highest level that
    its line had before."""
    if not lines["stage"].max():
        return pl.col("replaced")
    before = pl.col("level").cum_max().shift(1).over(*_LINE).fill_null(0)
    return pl.when(pl.col("stage") > 0).then(before).otherwise("replaced")


def first_years(book: Book, lines: pl.DataFrame, rounding: Rounding) -> pl.Series:
    """What falls into the first twelve months of each event, less what it had before for the same time. Null without
    start or end."""
    first = pl.col("start_date").min().over("event_ix")
    year = spans(book).with_columns(first=first).with_columns(until=plus_months(pl.col("first"), 12))
    year = year.with_columns(end_date=pl.when(~NO_TERM).then(pl.min_horizontal("end_date", "until")))
    year = year.filter(NO_TERM | (pl.col("start_date") < pl.col("end_date")))
    length = term(pl.col("start_date"), pl.col("end_date"))
    whole = year.group_by("event_ix").agg(
        product=(pl.col("level").cast(pl.Int128) * length).sum(), missing=NO_TERM.any(),
        first=pl.col("start_date").min(), last=pl.col("end_date").max(),
    )  # fmt: skip
    rows = lines.select("event_ix", before=had_before(lines))
    rows = rows.join(whole, on="event_ix", how="left", maintain_order="left")
    off = pl.col("before").cast(pl.Int128) * term(pl.col("first"), pl.col("last"))
    product = (pl.col("product") - off).clip(lower_bound=0)
    worth = to_minor(rounded(product, pl.lit(_YEAR_PARTS, dtype=pl.Int128), rounding))
    known = pl.when(pl.col("product").is_null()).then(0).otherwise(worth)
    return rows.select(pl.when(~pl.col("missing").fill_null(value=False)).then(known)).to_series()


def present_values(book: Book, terms: PresentValue, rounding: Rounding) -> pl.Series:
    """What each year of the contract pays, in advance, by the share that is left of it today:
    ((1 - churn) / (1 + discount)) ^ years. Null without start or end."""
    payments = _by_year(spans(book))
    missing = payments.filter(pl.col("year").is_null())["event_ix"]
    found = payments.filter(pl.col("year").is_not_null()).group_by("event_ix", "year").agg(pl.col("product").sum())
    values = repeated(0, book.events.height, pl.Int64)
    years = found.group_by("event_ix").agg(years=pl.col("year").max() + 1)
    for (last,), group in sorted(found.join(years, on="event_ix").group_by("years")):
        worth = _discounted(group, terms.left, int(last), rounding)
        values = values.scatter(worth["event_ix"], worth["worth"])
    return values.set(repeated(0, len(values), pl.Int8).scatter(missing, 1) == 1, None)


def _by_year(rows: pl.DataFrame) -> pl.DataFrame:
    """Each span cut at the anniversaries of the event's start: event_ix, year from 0, product (level x parts)."""
    rows = rows.with_columns(first=pl.col("start_date").min().over("event_ix"))
    untold = rows.filter(NO_TERM).select(
        "event_ix", year=pl.lit(None, dtype=pl.Int64), product=pl.lit(None, dtype=pl.Int128)
    )
    rows = rows.filter(~NO_TERM & (pl.col("start_date") < pl.col("end_date")))
    from_year = whole_months(pl.col("first"), pl.col("start_date")) // 12
    to_year = whole_months(pl.col("first"), pl.col("end_date").dt.offset_by("-1d")) // 12
    rows = rows.with_columns(year=pl.int_ranges(from_year, to_year + 1)).explode("year")
    begins, ends = (
        pl.col("first").dt.offset_by(pl.concat_str((pl.col("year") + more) * 12, pl.lit("mo"))) for more in (0, 1)
    )
    rows = rows.with_columns(
        start_date=pl.max_horizontal("start_date", begins), end_date=pl.min_horizontal("end_date", ends)
    )
    product = pl.col("level").cast(pl.Int128) * term(pl.col("start_date"), pl.col("end_date"))
    return pl.concat([untold, rows.select("event_ix", "year", product=product)])


def _discounted(rows: pl.DataFrame, left: Fraction, years: int, rounding: Rounding) -> pl.DataFrame:
    """The sum over the years of product x left ^ year, of events that last so many years: event_ix, worth."""
    weights = [left.numerator**year * left.denominator ** (years - 1 - year) for year in range(years)]
    divisor = _YEAR_PARTS * left.denominator ** (years - 1)
    most = int(rows.select(pl.col("product").abs().max()).item() or 0)
    if most * sum(weights) + divisor >= WIDE:
        return _discounted_exactly(rows, weights, divisor, rounding)
    weight = pl.col("year").replace_strict(dict(enumerate(weights)), return_dtype=pl.Int128)
    summed = rows.group_by("event_ix").agg(total=(pl.col("product") * weight).sum())
    worth = to_minor(rounded(pl.col("total"), pl.lit(divisor, dtype=pl.Int128), rounding))
    return summed.select("event_ix", worth=worth)


def _discounted_exactly(rows: pl.DataFrame, weights: list[int], divisor: int, rounding: Rounding) -> pl.DataFrame:
    """The same in whole numbers of any size, for the few contracts that are long or whose rates are fine."""
    totals: dict[int, int] = {}
    for event_ix, year, product in rows.select("event_ix", "year", "product").iter_rows():
        totals[event_ix] = totals.get(event_ix, 0) + product * weights[year]
    worth = {event_ix: round_ratio(total, divisor, rounding) for event_ix, total in totals.items()}
    return pl.DataFrame(
        {"event_ix": worth.keys(), "worth": worth.values()}, schema={"event_ix": pl.UInt32, "worth": pl.Int64}
    )


def times(values: pl.DataFrame, ratio: Fraction, rounding: Rounding) -> pl.Series:
    """The column `value` times the ratio, rounded once."""
    most = int(values.select(pl.col("value").cast(pl.Int128).abs().max()).item() or 0)
    if most * ratio.numerator + ratio.denominator < WIDE:
        product = pl.col("value").cast(pl.Int128) * ratio.numerator
        divisor = pl.lit(ratio.denominator, dtype=pl.Int128)
        return values.select(to_minor(rounded(product, divisor, rounding))).to_series()
    each = values["value"].unique()
    found = [round_ratio(value * ratio.numerator, ratio.denominator, rounding) for value in each]
    return values["value"].replace_strict(each, pl.Series(found, dtype=pl.Int64))

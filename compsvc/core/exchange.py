"""Deals in another currency than the plan's: at which rate each is converted, and what it comes to (C5).

A line's value is made in the deal's currency, from all of its parts; then it is converted and rounded, once, and only
then split. Levels, baselines and terms are compared in the currency they were agreed in.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.currencies import EXPONENTS
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.money import WIDE, rounded, to_minor
from compsvc.core.plan import Plan
from compsvc.core.values import sizes

_KEY = ["from_currency_code", "start_date"]
_UNTOUCHED = ("churn", "downsell")  # they add nothing by themselves, and end what was there in any currency


@dataclass(frozen=True, slots=True)
class Exchange:
    """How one plan revision converts. Events in its own currency have neither a rate nor are they `unrated`."""

    plan: Plan
    unrated: pl.Series  # per event: in another currency, and without a rate: it counts for nothing in the plan
    rate_ix: pl.Series | None  # per event: row of `rates`, null where nothing is converted; None: nothing is at all
    rates: pl.DataFrame  # from_currency_code, start_date, rate_num, rate_den, minor_num, minor_den

    @property
    def key(self) -> tuple[object, ...]:
        """Two revisions of one key convert alike."""
        if self.rate_ix is None and not self.unrated.any():
            return ()
        fx = self.plan.fx
        if fx is None:
            return (self.plan.currency,)
        day = self.plan.effective if fx.rate == "plan_rate" else None
        return self.plan.currency, fx.table, fx.rate, day, self.plan.rounding

    def counted(self, types: pl.DataFrame) -> pl.DataFrame:
        """The types as the measures read them: what has no rate adds nothing, wins nothing and commits to nothing."""
        if not self.unrated.any():
            return types
        adds = self.unrated & ~types["deal_type"].is_in(_UNTOUCHED).fill_null(value=False)
        return types.with_columns(deal_type=pl.when(~adds).then("deal_type"))

    def converted(self, values: pl.Series) -> pl.Series:
        """Minor units of the plan's currency; values are aligned with the events."""
        return values if self.rate_ix is None else self._at(values, self.rate_ix)

    def converted_of(self, values: pl.Series, events: pl.Series) -> pl.Series:
        """The same of values that belong to these events."""
        return values if self.rate_ix is None else self._at(values, self.rate_ix[events])

    def sizes(self, book: Book) -> pl.DataFrame:
        """`values.sizes` in the plan's currency, each deal at the rate of its close date."""
        found = sizes(book)
        if self.rate_ix is None:
            return found
        signed = book.events.select("deal_ix", "stage").with_columns(self.rate_ix.alias("rate_ix"))
        of_deal = signed.filter(pl.col("stage") == 0).unique("deal_ix", keep="first")
        rates = found.join(of_deal, on="deal_ix", how="left", maintain_order="left")["rate_ix"]
        return found.with_columns(self._at(found["size_minor"], rates).alias("size_minor"))

    def _at(self, values: pl.Series, rate_ix: pl.Series) -> pl.Series:
        rows = rate_ix.is_not_null().arg_true()
        if rows.is_empty():
            return values
        rates = self.rates[rate_ix[rows]]
        frame = pl.DataFrame([values[rows].cast(pl.Int128).alias("value"), rates["minor_num"], rates["minor_den"]])
        self._prove(frame)
        product = pl.col("value") * pl.col("minor_num")
        money = frame.select(to_minor(rounded(product, pl.col("minor_den"), self.plan.rounding))).to_series()
        return values.clone().scatter(rows, money)  # it writes in place

    def _prove(self, frame: pl.DataFrame) -> None:
        most = [int(found or 0) for found in frame.select(pl.all().abs().max()).row(0)]
        if 2 * (most[0] * most[1] + most[2]) >= WIDE:
            at = self.plan.at if self.plan.fx is None else self.plan.fx.at
            raise FiguresTooLarge(
                f"{at.file}:{at.line} fx: a converted value grows beyond 126 bits. Look for a deal or a rate with a "
                "slip of the decimal point."
            )


def exchange(book: Book, plan: Plan) -> Exchange:
    """The rates by which the plan revision converts the deals of the book."""
    codes = book.events["currency_code"]
    foreign = codes != plan.currency
    if plan.fx is None or not foreign.any():
        return Exchange(plan, foreign, None, pl.DataFrame())
    rates = _rates(book, plan, plan.fx.table)
    day = book.events["closed_date"] if plan.fx.rate == "close_date" else pl.lit(plan.effective)
    asked = book.events.select(from_currency_code=codes, day=day).with_row_index("row").filter(foreign)
    found = asked.sort("day").join_asof(
        rates.select(*_KEY, pl.int_range(pl.len(), dtype=pl.UInt32).alias("rate_ix")).sort("start_date"),
        left_on="day", right_on="start_date", by="from_currency_code", check_sortedness=False,
    )  # fmt: skip
    nowhere = repeated(None, book.events.height, pl.UInt32)
    rate_ix = nowhere.scatter(found["row"], found["rate_ix"]).alias("rate_ix")
    return Exchange(plan, foreign & rate_ix.is_null(), rate_ix, rates)


def _rates(book: Book, plan: Plan, table: str) -> pl.DataFrame:
    """The table's rates into the plan's currency, and the same between minor units: a cent is no hundredth of a yen."""
    rows = book.fx_rates.filter(pl.col("fx_table") == table, pl.col("to_currency_code") == plan.currency)
    return rows.sort(_KEY).select(*_KEY, "rate_num", "rate_den", **between_minor_units())


def between_minor_units() -> dict[str, pl.Expr]:
    """Of rows of FX_RATES the rates between the smallest units: `minor_num` and `minor_den`."""
    decimals = [
        pl.col(f"{side}_currency_code").replace_strict(EXPONENTS, return_dtype=pl.Int64) for side in ("from", "to")
    ]
    more = decimals[1] - decimals[0]
    return {
        "minor_num": pl.col("rate_num").cast(pl.Int128) * _power_of_ten(more),
        "minor_den": pl.col("rate_den").cast(pl.Int128) * _power_of_ten(-more),
    }


def _power_of_ten(number: pl.Expr) -> pl.Expr:
    """10 to the number, 1 where it is below 0; currencies have four decimals at most."""
    return number.clip(lower_bound=0).replace_strict({power: 10**power for power in range(5)}, return_dtype=pl.Int128)

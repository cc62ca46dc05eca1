"""Pay in another currency than the plan's: the rate of a pay period, and what each row of it comes to (M10).

Earnings, balances and the ledger stay in the plan's currency; only what is paid out is converted. All rows of an
account and pay period are converted by one rate, corrections of earlier ones too, so what is 0 or above stays so. A row
is the difference of what all rows so far come to, so together they are the converted payout, rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import get_args

import polars as pl

from compsvc.core.exchange import between_minor_units
from compsvc.core.facts import Facts, Schema
from compsvc.core.money import Rounding, proportion, to_minor
from compsvc.core.pay import ACCOUNT
from compsvc.core.plan import Plan
from compsvc.core.statement_values import Money, PaidAs, Row, Span

PAID_AS: Schema = {
    "pay_currency_code": pl.String,  # null, as all that follow, where the row is paid in `currency_code`
    "pay_amount_minor": pl.Int64,  # null besides where the table has no rate
    "fx_table": pl.String,
    "fx_date": pl.Date,  # the day that the plan names
    "fx_start_date": pl.Date,  # of the row of the table: from when on its rate holds
    "fx_rate_num": pl.Int64,  # one unit of `currency_code` is so many of `pay_currency_code`
    "fx_rate_den": pl.Int64,
}
_TERMS: Schema = {"plan": pl.String, "_since": pl.Date, "revision": pl.String} | {
    "fx_table": pl.String, "fx_date": pl.Date, "rounding": pl.String,
}  # fmt: skip


class PayRateMissing(Exception):  # noqa: N818 - it names what is wrong, as every error a user sees
    """Somebody cannot be paid: the table has no rate for the pair on the day."""

    def __init__(self, row: Row) -> None:
        pair = f"from {row['currency_code']} to {row['pay_currency_code']}"
        super().__init__(
            f"The table `{row['fx_table']}` has no rate {pair} that is in force on {row['fx_date']}, so "
            f"`{row['participant_id']}` cannot be paid. Load one: nothing is looked up backwards."
        )


def pay_rates(plans: Sequence[Plan], facts: Facts, pay_period: Span, participant_id: str | None = None) -> pl.DataFrame:
    """The accounts that are paid in another currency in the pay period: PAID_AS but the amount, by account, with
    `revision`, `rounding`, `minor_num` and `minor_den`. No rows where nobody is."""
    rows = facts.assignments.filter(pl.col("pay_currency_code").is_not_null())
    if rows.is_empty():
        return rows
    rows = facts.assignments.filter(pl.col("participant_id").is_in(rows["participant_id"].unique().implode()))
    if participant_id is not None:
        rows = rows.filter(pl.col("participant_id") == participant_id)
    own = _governing(rows, plans, pay_period).join_asof(
        _terms(plans, pay_period), left_on="_day", right_on="_since", by="plan", check_sortedness=False
    )
    pair = {"currency_code": "from_currency_code", "pay_currency_code": "to_currency_code"}
    rates = facts.fx_rates.with_columns(**between_minor_units()).rename({of: name for name, of in pair.items()})
    rates = rates.rename({"rate_num": "fx_rate_num", "rate_den": "fx_rate_den", "start_date": "fx_start_date"})
    found = own.sort("fx_date").join_asof(
        rates.sort("fx_start_date"), left_on="fx_date", right_on="fx_start_date", by=["fx_table", *pair],
        check_sortedness=False,
    )  # fmt: skip
    named = [name for name in PAID_AS if name != "pay_amount_minor"]
    return found.select(*ACCOUNT, *named, "revision", "rounding", "minor_num", "minor_den")


def _governing(assignments: pl.DataFrame, plans: Sequence[Plan], pay_period: Span) -> pl.DataFrame:
    """Of each account the latest assignment that has begun in the pay period, or the first one, if it is paid in
    another currency; `_day` is the last day on which its words are asked for."""
    currencies = {plan.plan: plan.currency for plan in plans}
    last = pl.lit(pay_period.end_date - timedelta(days=1))
    days = (pl.col("start_date") - last).dt.total_days()
    rows = assignments.filter(pl.col("plan").is_in(list(currencies))).select(
        *("participant_id", "plan", "start_date", "pay_currency_code"),
        currency_code=pl.col("plan").replace_strict(currencies, return_dtype=pl.String),
        _begun=days <= 0,
        _near=-days.abs(),
        _day=pl.max_horizontal("start_date", last),
    )
    chosen = rows.sort("_begun", "_near", "plan").unique(ACCOUNT, keep="last", maintain_order=True)
    return chosen.filter(pl.col("pay_currency_code") != pl.col("currency_code")).sort("_day")


def _terms(plans: Sequence[Plan], pay_period: Span) -> pl.DataFrame:
    """What each revision says of pay in other currencies, from its day on; the first one also of the time before."""
    first = {plan.plan: plan.effective for plan in sorted(plans, key=lambda plan: plan.effective, reverse=True)}
    rows = [
        (
            plan.plan, date.min if plan.effective == first[plan.plan] else plan.effective, plan.revision,
            plan.pay_fx.table, _asked(plan, plan.pay_fx.rate, pay_period), plan.rounding,
        )
        for plan in plans
        if plan.pay_fx is not None
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict(_TERMS), orient="row").sort("_since")


def _asked(plan: Plan, rate: str, pay_period: Span) -> date:
    if rate == "plan_rate":
        return plan.effective
    return pay_period.start_date if rate == "month_start" else pay_period.end_date - timedelta(days=1)


def with_paid_as(rows: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Rows of one pay period with ACCOUNT and `amount_minor`, and what is paid of each: PAID_AS."""
    if rates.is_empty():
        return rows.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in PAID_AS.items())
    found = rows.join(rates.drop("revision"), on=ACCOUNT, how="left", maintain_order="left")
    found = found.with_columns(_so_far=to_minor(pl.col("amount_minor").cast(pl.Int128).cum_sum().over(ACCOUNT)))
    ratio, modes = (pl.col("minor_num"), pl.col("minor_den")), get_args(Rounding)
    paid = pl.coalesce(
        pl.when(pl.col("rounding") == mode).then(proportion(pl.col("_so_far"), *ratio, mode)) for mode in modes
    )
    found = found.lazy().with_columns(_paid=paid).collect()  # lazily, what its terms share is computed once
    own = pl.col("_paid") - pl.col("_paid").shift(1).over(ACCOUNT).fill_null(0)
    return found.with_columns(pay_amount_minor=to_minor(own)).select(*rows.columns, *PAID_AS)


def must_have_rates(rows: pl.DataFrame) -> None:
    """PayRateMissing of the first row that nothing converts."""
    missing = rows.filter(pl.col("pay_currency_code").is_not_null() & pl.col("pay_amount_minor").is_null())
    if missing.height:
        raise PayRateMissing(missing.row(0, named=True))


def paid_as(row: Row) -> PaidAs | None:
    """Of a row with PAID_AS; None where it is paid in the plan's currency."""
    if row["pay_currency_code"] is None:
        return None
    code, amount = row["pay_currency_code"], row["pay_amount_minor"]
    return PaidAs(
        currency_code=code,
        amount=None if amount is None else Money(amount, code),
        fx_table=row["fx_table"],
        fx_date=row["fx_date"],
        fx_start_date=row["fx_start_date"],
        rate=None if amount is None else Fraction(row["fx_rate_num"], row["fx_rate_den"]),
    )

"""What a payout is paid as in another currency than the plan's: as columns of files, and in a line on the screen."""

from __future__ import annotations

from datetime import date
from typing import Any

from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.v1.types_pb2 import PaidAs

COLUMNS = ("pay_amount", "pay_currency_code", "fx_rate", "fx_table", "fx_date", "fx_start_date")


def cells(paid: PaidAs | None) -> dict[str, Any]:
    """By COLUMNS: the amount in major units, the rate exact; None where there is nothing to say."""
    if paid is None:
        return dict.fromkeys(COLUMNS)
    amount = format_minor(paid.amount.minor_units, EXPONENTS[paid.currency_code]) if paid.HasField("amount") else None
    values = (amount, paid.currency_code, paid.rate or None, paid.fx_table, _day(paid.rate_date))
    return dict(zip(COLUMNS, (*values, _day(paid.rate_start_date)), strict=True))


def text(paid: PaidAs | None) -> str:
    """` paid as 851.20 GBP at 0.8512`; nothing where it is paid in the plan's currency."""
    if paid is None:
        return ""
    told = cells(paid)
    if told["pay_amount"] is None:
        return f" no rate to {paid.currency_code} in {paid.fx_table} on {told['fx_date']}"
    return f" paid as {told['pay_amount']} {paid.currency_code} at {paid.rate}"


def _day(day: Date) -> date | None:
    return date(day.year, day.month, day.day) if day.year else None

"""Of a month that was sealed: what was booked for it, and what its statement comes to now because facts came later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from compsvc.core.ledger import OWED, PAID
from compsvc.core.limits import MAX_MONTHS
from compsvc.core.periods import period_span
from compsvc.core.statement_values import Money
from compsvc.service.payroll_ports import PayrollStore


@dataclass(frozen=True, slots=True)
class SealedDifference:
    """`current` less `sealed` and `corrected` is `open`: what no run has booked yet."""

    sealed: Money
    corrected: Money  # by later months
    current: Money
    open: Money
    next_pay_period: str  # the first one that is open


def sealed_differences(
    store: PayrollStore, participant_id: str, month: str, current: Sequence[Money]
) -> Iterator[SealedDifference]:
    """One a currency in which what is booked of the month is not what its statement comes to; none before a seal."""
    runs = [run for run in store.runs(month) if run.state == "sealed"]
    if not any(not run.participant_ids or participant_id in run.participant_ids for run in runs):
        return
    rows = store.ledger().filter(
        pl.col("participant_id") == participant_id, pl.col("account") == OWED, pl.col("kind") != PAID
    )
    own = (pl.col("pay_period") == month) & (pl.col("corrects_pay_period").fill_null(month) == month)
    late = (pl.col("pay_period") != month) & (pl.col("corrects_pay_period") == month)
    now = {money.currency_code: money.minor for money in current}
    sealed, corrected = _sums(rows.filter(own)), _sums(rows.filter(late))
    for currency in sorted({*now, *sealed, *corrected}):
        amounts = sealed.get(currency, 0), corrected.get(currency, 0), now.get(currency, 0)
        left = amounts[2] - amounts[0] - amounts[1]
        if left or amounts[1]:
            sealed_now, later, current_now, still = (Money(each, currency) for each in (*amounts, left))
            yield SealedDifference(sealed_now, later, current_now, still, _next_open(store, month))


def _sums(rows: pl.DataFrame) -> dict[str, int]:
    """What is owed to the participant stands below zero in the ledger."""
    found = rows.group_by("currency_code").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    return {currency: -int(minor) for currency, minor in found.iter_rows()}


def _next_open(store: PayrollStore, month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    for index in range(first.year * 12 + first.month - 1, first.year * 12 + first.month + MAX_MONTHS):
        start, _ = period_span(index, per="month", fiscal_year_starts=1)
        name = f"{start:%Y-%m}"
        if store.pay_period(name).state == "open":
            return name
    return ""

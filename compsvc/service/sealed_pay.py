"""Of a month that was sealed: what was booked for it, and what its statement comes to now because facts came later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from compsvc.core import ledger
from compsvc.core.limits import MAX_MONTHS
from compsvc.core.pay import COMES_IN
from compsvc.core.periods import period_span
from compsvc.core.statement_values import Money, Span
from compsvc.service.payroll import month_of
from compsvc.service.payroll_ports import Adjustment, AdjustmentState, PayrollStore


@dataclass(frozen=True, slots=True)
class SealedDifference:
    """`current` less `sealed`, `corrected`, `waiting` and `declined` is `open`: what the next run books."""

    sealed: Money
    corrected: Money  # by later months
    current: Money
    waiting: Money  # proposed, and nobody has decided (T5)
    declined: Money  # proposed, and never to be booked
    open: Money
    next_pay_period: str  # the first one that is open


def sealed_differences(
    store: PayrollStore, participant_id: str, month: str, available: Sequence[Money], open_date: date
) -> Iterator[SealedDifference]:
    """One a currency in which what is booked of the lines of a sealed month is not what they come to now. What accounts
    carry, recover and top up is no part of it: it is never computed anew (T3)."""
    rows = ledger.debits(store.ledger(participant_id=participant_id)).filter(pl.col("kind").is_in(list(COMES_IN)))
    own = (pl.col("pay_period") == month) & (pl.col("corrects_pay_period").fill_null(month) == month)
    late = (pl.col("pay_period") != month) & (pl.col("corrects_pay_period") == month)
    now = {money.currency_code: money.minor for money in available}
    sealed, corrected = _sums(rows.filter(own)), _sums(rows.filter(late))
    waiting, declined = (_proposed(store, participant_id, month, state) for state in ("written", "declined"))
    for currency in sorted({*now, *sealed, *corrected, *waiting, *declined}):
        at_seal, current_now, *since = (each.get(currency, 0) for each in (sealed, now, corrected, waiting, declined))
        left = current_now - at_seal - sum(since)
        if left or any(since):
            later, undecided, never = (Money(each, currency) for each in since)
            amounts = Money(at_seal, currency), later, Money(current_now, currency), undecided, never
            yield SealedDifference(*amounts, Money(left, currency), _next_open(store, open_date))


def adjustments_on(store: PayrollStore, participant_id: str, period: Span) -> list[Adjustment]:
    """Stated and proposed amounts that are to be paid in the period, or that correct it; the oldest first."""

    def touches(month: str) -> bool:
        return bool(month) and month_of(month, "pay_period").touches(period)

    return [
        each
        for each in store.adjustments()
        if each.participant_id == participant_id and (touches(each.pay_period) or touches(each.corrects_pay_period))
    ]


def _proposed(store: PayrollStore, participant_id: str, month: str, state: AdjustmentState) -> Counter[str]:
    """What proposals in this state would correct of the month, by currency."""
    sums: Counter[str] = Counter()
    for each in store.adjustments():
        of_this = (each.participant_id, each.corrects_pay_period) == (participant_id, month)
        if of_this and each.origin == "proposed" and each.state == state:
            sums[each.currency_code] += each.amount_minor
    return sums


def _sums(rows: pl.DataFrame) -> dict[str, int]:
    """By currency what the lines come to, after reserves."""
    sign = pl.col("kind").replace_strict(COMES_IN, return_dtype=pl.Int64).cast(pl.Int128)
    found = rows.group_by("currency_code").agg((pl.col("amount_minor") * sign).sum())
    return {currency: int(minor) for currency, minor in found.iter_rows()}


def _next_open(store: PayrollStore, first: date) -> str:
    for index in range(first.year * 12 + first.month - 1, first.year * 12 + first.month + MAX_MONTHS):
        start, _ = period_span(index, per="month", fiscal_year_starts=1)
        name = f"{start:%Y-%m}"
        if store.pay_period(name).state == "open":
            return name
    return ""

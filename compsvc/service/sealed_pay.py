"""Of a month that was sealed: what was booked for it, and what its statement comes to now because facts came later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from compsvc.core.ledger import OWED, PAID
from compsvc.core.limits import MAX_MONTHS
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
    waiting, declined = (_proposed(store, participant_id, month, state) for state in ("written", "declined"))
    for currency in sorted({*now, *sealed, *corrected, *waiting, *declined}):
        at_seal, current_now, *since = (each.get(currency, 0) for each in (sealed, now, corrected, waiting, declined))
        left = current_now - at_seal - sum(since)
        if left or any(since):
            later, undecided, never = (Money(each, currency) for each in since)
            amounts = Money(at_seal, currency), later, Money(current_now, currency), undecided, never
            yield SealedDifference(*amounts, Money(left, currency), _next_open(store, month))


@dataclass(frozen=True, slots=True)
class BookedCorrection:
    """What the runs of one month have booked for another."""

    corrects_pay_period: str
    amount: Money


def booked_corrections(store: PayrollStore, participant_id: str, month: str) -> list[BookedCorrection]:
    """By month and currency what is paid with this month's pay and stands in the statement of another month."""
    rows = store.ledger().filter(
        pl.col("participant_id") == participant_id,
        pl.col("account") == OWED,
        pl.col("kind") != PAID,
        pl.col("pay_period") == month,
        pl.col("corrects_pay_period") != month,
    )
    return [
        BookedCorrection(name, Money(minor, currency))
        for (name,), of_month in sorted(rows.partition_by("corrects_pay_period", as_dict=True).items())
        for currency, minor in sorted(_sums(of_month).items())
        if minor
    ]


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

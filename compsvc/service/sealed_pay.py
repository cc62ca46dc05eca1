"""Of a month that was sealed: what was booked for it, and what its statement comes to now because facts came later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from compsvc.core import ledger
from compsvc.core.limits import MAX_MONTHS
from compsvc.core.pay import COMES_IN
from compsvc.core.payroll_run import to_book_for
from compsvc.core.periods import month_after
from compsvc.core.statement_booked import PayBook
from compsvc.core.statement_values import Money, Span
from compsvc.service.booked_pay import pay_book
from compsvc.service.calculation import Calculation, Calculations
from compsvc.service.payroll import month_of
from compsvc.service.payroll_ports import Adjustment, PayrollStore
from compsvc.service.payroll_proposals import before, then


@dataclass(frozen=True, slots=True)
class SealedDifference:
    """`current` less `sealed`, `corrected`, `waiting` and `declined` is `open`: what the next run books."""

    sealed: Money
    corrected: Money  # by later months
    current: Money
    waiting: Money  # comes of changed terms, and nobody has decided (T5)
    declined: Money  # never to be booked: it was declined, or is more than was paid before a cut-over
    open: Money
    next_pay_period: str  # the first one that is open


def sealed_differences(
    store: PayrollStore,
    calculations: Calculations,
    calculation: Calculation,
    participant_id: str,
    month: str,
    available: Sequence[Money],
) -> Iterator[SealedDifference]:
    """One a currency in which what is booked of the lines of a sealed month is not what they come to now. What accounts
    carry, recover and top up is no part of it: it is never computed anew (T3)."""
    book = pay_book(store, participant_id)
    if book is None:
        return
    entries, proposed = _next_run(store, calculations, calculation, book, participant_id)
    rows, corrects = ledger.debits(book.booked.entries), pl.col("corrects_pay_period")
    own = (pl.col("pay_period") == month) & (corrects.fill_null(month) == month)
    late = (pl.col("pay_period") != month) & (corrects == month)
    now = {money.currency_code: money.minor for money in available}
    sealed, corrected = _sums(rows.filter(own)), _sums(rows.filter(late))
    left = _sums(ledger.debits(entries).filter(corrects == month))
    waiting = _sums(proposed.filter(corrects == month))
    for code in sorted({*now, *sealed, *corrected, *left, *waiting}):
        at_seal, since, coming, undecided = (each.get(code, 0) for each in (sealed, corrected, left, waiting))
        never = now.get(code, 0) - at_seal - since - coming - undecided
        if since or coming or undecided or never:
            yield SealedDifference(
                sealed=Money(at_seal, code),
                corrected=Money(since, code),
                current=Money(now.get(code, 0), code),
                waiting=Money(undecided, code),
                declined=Money(never, code),
                open=Money(coming, code),
                next_pay_period=_next_open(store, book.open_date),
            )


def _next_run(
    store: PayrollStore, calculations: Calculations, calculation: Calculation, book: PayBook, participant_id: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """ENTRIES and PROPOSED of the run of the first open month, as it would be now."""
    first = month_of(f"{book.open_date:%Y-%m}", "pay_period")
    booked = replace(book.booked, proposes=True, then=then(store, calculations, calculation))
    of = (calculation.result, calculation.plans, calculation.facts, booked, first, participant_id)
    return to_book_for(*of, before(store, calculations, calculation))


def adjustments_on(store: PayrollStore, participant_id: str, period: Span) -> list[Adjustment]:
    """Stated and proposed amounts that are to be paid in the period, or that correct it; the oldest first."""

    def touches(month: str) -> bool:
        return bool(month) and month_of(month, "pay_period").touches(period)

    return [
        each
        for each in store.adjustments()
        if each.participant_id == participant_id and (touches(each.pay_period) or touches(each.corrects_pay_period))
    ]


def _sums(rows: pl.DataFrame) -> dict[str, int]:
    """By currency what the lines come to, after reserves."""
    sign = pl.col("kind").replace_strict(COMES_IN, default=0, return_dtype=pl.Int64).cast(pl.Int128)
    found = rows.group_by("currency_code").agg((pl.col("amount_minor") * sign).sum())
    return {currency: int(minor) for currency, minor in found.iter_rows()}


def _next_open(store: PayrollStore, first: date) -> str:
    for ahead in range(MAX_MONTHS + 1):
        name = f"{month_after(first, ahead):%Y-%m}"
        if store.pay_period(name).state == "open":
            return name
    return ""

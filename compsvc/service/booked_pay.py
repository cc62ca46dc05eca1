"""What payroll keeps of a participant, for a statement that is drawn up from it; now, or as of an earlier time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from compsvc.core import ledger
from compsvc.core.ledger import ENTRIES, OPENING, PAID
from compsvc.core.payroll_run import PAYOUTS, Booked
from compsvc.core.periods import month_span
from compsvc.core.statement_booked import PayBook, with_booked_pay
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import LineKey, Statement
from compsvc.service.calculation import Calculation, Calculations
from compsvc.service.letter_terms import unsigned
from compsvc.service.payroll_ports import PayrollStore, Run
from compsvc.service.payroll_proposals import before, then
from compsvc.service.payroll_runs import rejected_of


def booked(
    store: PayrollStore, calculations: Calculations, calculation: Calculation, found: Statement, as_of: datetime | None
) -> Statement:
    """The statement as payroll pays it; as it is where no run was sealed and nothing was taken over."""
    book = pay_book(store, found.participant_id, as_of)
    if book is None:
        return found
    if as_of is None:
        first = period_of(f"{book.open_date:%Y-%m}", fiscal_year_starts=1)
        assert first is not None, book.open_date
        who = [found.participant_id] * any(unsigned(store, calculation, first, found.participant_id))
        book = replace(book, booked=replace(book.booked, unsigned=who))
    book = replace(book, booked=replace(book.booked, then=then(store, calculations, calculation)))
    terms = (
        before(store, calculations, calculation) if as_of is None and found.period.end_date > book.open_date else None
    )
    return with_booked_pay(found, calculation.result, calculation.plans, calculation.facts, book, terms)


def pay_book(store: PayrollStore, participant_id: str, as_of: datetime | None = None) -> PayBook | None:
    """None where payroll has nothing of the participant to go on from. `as_of`: without what was sealed since."""
    runs = {run.run_id: run for run in store.runs() if _is_sealed(run, as_of)}
    cutover = ledger.cutover_of(store.cutover_entries())
    entries = store.ledger(participant_id=participant_id)
    entries = entries.filter(pl.col("run_id").is_in(list(runs)) | pl.col("kind").is_in([*OPENING]))
    open_date = _open_date(list(runs.values()), entries, cutover)
    if open_date is None:
        return None
    payouts = store.payouts_of(participant_id).filter(pl.col("run_id").is_in(list(runs)))
    own = Booked(
        entries=entries.select("entry", "pay_period", *ENTRIES),
        rejected=rejected_of(store, payouts),
        earlier=payouts.filter(pl.col("pay_period") == f"{open_date:%Y-%m}").select(*PAYOUTS),
        proposes=False,
        cutover=cutover,
        paid_before=store.paid_before(),
    )
    refused = [each.payout_id for each in store.outcomes() if each.outcome == "rejected"]
    returned = payouts.filter(pl.col("payout_id").is_in(refused))
    kept = ("pay_period", *PAYOUTS)
    return PayBook(own, payouts.select(kept), returned.select(kept), open_date)


def _is_sealed(run: Run, as_of: datetime | None) -> bool:
    return run.state == "sealed" and (as_of is None or run.recorded_time <= as_of)


def _open_date(runs: Sequence[Run], entries: pl.DataFrame, cutover: date) -> date | None:
    """Of the first month that a run would book of the participant: after the last that was run for everybody, and none
    before one in which something is booked of theirs."""
    everybody = max((run.pay_period for run in runs if not run.participant_ids), default=None)
    own = entries.filter(~pl.col("kind").is_in([*OPENING, PAID]))["pay_period"].max()
    assert own is None or isinstance(own, str)
    after = [] if everybody is None else [_month(everybody)[1]]
    months = [*after, *([] if own is None else [_month(own)[0]]), *([] if cutover == date.min else [cutover])]
    return max(months, default=None)


def _month(name: str) -> tuple[date, date]:
    return month_span(date.fromisoformat(f"{name}-01"))


def booked_position(store: PayrollStore, key: LineKey) -> int | None:
    """Of the book that the last run went by which has booked a line; None where none has."""
    rows = store.ledger(participant_id=key.participant_id)
    none = {name: 0 if rows.schema[name] == pl.Int64 else "" for name in LineKey._fields}
    same = [pl.col(name).fill_null(none[name]) == value for name, value in key._asdict().items()]
    runs = rows.filter(*same)["run_id"]
    last = {run.run_id: run.book_position for run in store.runs()}
    return last.get(runs[-1]) if len(runs) else None

"""Credit that an adjustment or a cut-over states, held against what its plan can take (B3, B4).

What is accepted stays until somebody decides otherwise: where it no longer fits what the book says now, runs of its
participant are refused until it does again, or until credit of the opposite sign that gives it up is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta

import polars as pl

from compsvc.core.checks_stated import KIND, stated_faults
from compsvc.core.facts import STATED_CREDITS
from compsvc.core.stated_credits import ADJUSTMENT, OPENING
from compsvc.service.calculation import Basis, Calculation
from compsvc.service.payroll_ports import Adjustment, OpeningPosition
from compsvc.service.ports import FailedPrecondition, Violation

OF_DEALS = ("source", "external_id", "line")
_NAMED = ("participant_id", "plan", "component", "currency_code")
_WHICH = [*_NAMED, "credit_date", "counts", "pays", *OF_DEALS, "taken_back"]  # what one and its opposite share


def credit_completed(asked: Adjustment, book: Basis) -> Adjustment:
    """Where it is credit alone, what its plan and its day say already: the currency, and the month."""
    if asked.credit is None or asked.amount_minor:
        return asked
    own = {plan.currency for plan in book.plans if plan.plan == asked.plan}
    currency = asked.currency_code or min(own, default="")
    return replace(asked, currency_code=currency, pay_period=asked.pay_period or f"{asked.credit.credit_date:%Y-%m}")


def credit_faults(asked: Adjustment, book: Basis, cutover: date) -> Iterator[Violation]:
    """Nothing for what gives up accepted credit, which need not fit any more."""
    if asked.credit is None:
        return
    told = asdict(asked.credit)
    row = {**told, **{name: told[name] or None for name in OF_DEALS}, "kind": ADJUSTMENT, "credit_id": "new"}
    row |= {name: getattr(asked, name) for name in _NAMED}
    if _gives_up(_frame([row]), book.told_credits):
        return
    for fault in stated_faults(_frame([row]), book.facts, book.plans):
        yield Violation(f"credit.{fault.field}", fault.code, fault.message)
    if asked.credit.pays and asked.credit.credit_date < cutover:
        message = (
            f"What became payable before {cutover} was paid by the system before this one, and this credit would never "
            f"be. Date it {cutover} or later; or let it count and not pay, and state what is owed as an amount."
        )
        yield Violation("credit.credit_date", "CREDIT_BEFORE_CUTOVER", message)


def must_fit(calculation: Calculation, only: Sequence[str]) -> None:
    """FailedPrecondition where what is accepted, of these participants or of everybody, no longer fits the book and
    nobody has given it up: a run would take it back without anybody's decision."""
    told = _comparable(calculation.told_credits).with_row_index("_row")
    unfit = told.join(calculation.facts.stated_credits, on=["kind", "credit_id"], how="anti")
    unfit = unfit.filter(pl.col("participant_id").is_in(list(only))) if only else unfit
    left = unfit.filter(_sum("amount_minor").over(_WHICH) != 0) if unfit.height else unfit
    for row in left.head(1).iter_rows(named=True):
        why = next(each for each in calculation.refusals if (each.kind, each.row) == (KIND, row["_row"]))
        message = (
            f"Credit `{row['credit_id']}` of `{row['participant_id']}` in `{row['component']}` on {row['credit_date']} "
            f"was accepted and does not fit any more ({why.code}): {why.message} No run takes it back by itself. Mend "
            "what has changed, or have credit of the opposite sign accepted that gives it up."
        )
        raise FailedPrecondition("CREDIT_UNFIT", message, credit=row["credit_id"], code=why.code)


def _gives_up(asked: pl.DataFrame, told: pl.DataFrame) -> bool:
    """Whether accepted credit and this one come to nothing together."""
    of_nothing = asked.select(_sum("amount_minor") == 0).item()
    own = _comparable(told).join(asked, on=_WHICH, how="semi", nulls_equal=True)
    return not of_nothing and bool(pl.concat([own, asked]).select(_sum("amount_minor") == 0).item())


def _comparable(told: pl.DataFrame) -> pl.DataFrame:
    return told.with_columns(pl.col("taken_back").fill_null(value=False))


def _sum(amount: str) -> pl.Expr:
    """A credit is an amount or a count, by what its component counts."""
    return pl.coalesce(amount, "count_millionths").cast(pl.Int128).sum()


def position_faults(
    calculation: Calculation, positions: Sequence[OpeningPosition], cutover: date
) -> Iterator[Violation]:
    day = cutover - timedelta(days=1)
    rows = [
        {**asdict(each), "kind": OPENING, "credit_id": each.position_id, "credit_date": day, "taken_back": False}
        for each in positions
    ]
    seen: set[str] = set()
    for number, each in enumerate(positions):
        if each.position_id in seen:
            yield Violation(f"positions[{number}]", "OPENING_TWICE", f"{each.position_id} stands twice; add them up.")
        seen.add(each.position_id)
    for fault in stated_faults(_frame(rows), calculation.facts, calculation.plans):
        yield Violation(f"positions[{fault.row}].{fault.field}", fault.code, fault.message)


def _frame(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    full = [{**dict.fromkeys(STATED_CREDITS), **row} for row in rows]
    return pl.DataFrame(full, schema=dict(STATED_CREDITS), orient="row")

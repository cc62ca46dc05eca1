"""Credit that an adjustment or a cut-over states, held against what its plan can take (B3, B4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta

import polars as pl

from compsvc.core.checks_stated import stated_faults
from compsvc.core.facts import STATED_CREDITS
from compsvc.core.stated_credits import ADJUSTMENT, OPENING
from compsvc.service.calculation import Calculation
from compsvc.service.payroll_ports import Adjustment, OpeningPosition
from compsvc.service.ports import Violation

OF_DEALS = ("source", "external_id", "line")


def credit_completed(asked: Adjustment, calculation: Calculation) -> Adjustment:
    """Where it is credit alone, what its plan and its day say already: the currency, and the month."""
    if asked.credit is None or asked.amount_minor:
        return asked
    own = {plan.currency for plan in calculation.plans if plan.plan == asked.plan}
    currency = asked.currency_code or min(own, default="")
    return replace(asked, currency_code=currency, pay_period=asked.pay_period or f"{asked.credit.credit_date:%Y-%m}")


def credit_faults(asked: Adjustment, calculation: Calculation) -> Iterator[Violation]:
    if asked.credit is None:
        return
    told = asdict(asked.credit)
    row = {**told, **{name: told[name] or None for name in OF_DEALS}, "kind": ADJUSTMENT, "credit_id": "new"}
    named = ("participant_id", "plan", "component", "currency_code")
    row |= {name: getattr(asked, name) for name in named}
    for fault in stated_faults(_frame([row]), calculation.facts, calculation.plans):
        yield Violation(f"credit.{fault.field}", fault.code, fault.message)


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

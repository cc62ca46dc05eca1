"""What payroll is told of a payout beside its amount: whom, by whom, by which codes and on which day (B6, J1).

Nothing of it changes an amount. It goes by the assignment under the payout's plan that has begun by the end of the pay
period; what belongs to no plan goes by the latest one of the participant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

import polars as pl

from compsvc.core.facts import Facts, Schema
from compsvc.core.jurisdiction import EMPLOYEE
from compsvc.core.plan import Plan
from compsvc.core.plan_payroll import Codes
from compsvc.core.statement_values import Row, Span

NOT_AGREED = frozenset({"legal_entity", "cost_centre"})  # of an assignment, what no letter is about


@dataclass(frozen=True, slots=True)
class Labels:
    """None where nobody has said it."""

    personnel_number: str | None
    legal_entity: str | None
    pay_group: str | None
    pay_date: date | None
    earnings_code: str | None
    cost_centre: str | None
    gl_account: str | None
    payee_class: str | None  # firms go to accounts payable


LABELS: Schema = {each.name: pl.Date if each.name == "pay_date" else pl.String for each in fields(Labels)}
_OF_PERSON, _OF_ASSIGNMENT = ("personnel_number", "pay_group"), ("legal_entity", "cost_centre", "payee_class")
_OF_PLAN: Schema = {"_plan": pl.String, "component": pl.String} | {
    "earnings_code": pl.String, "gl_account": pl.String, "pay_date": pl.Date,
}  # fmt: skip


def labels_of(row: Row) -> Labels:
    return Labels(**{name: row[name] for name in LABELS})


def with_labels(rows: pl.DataFrame, plans: Sequence[Plan], facts: Facts, pay_period: Span) -> pl.DataFrame:
    """Rows of one pay period with `participant_id`, `plan` and `component`, and LABELS; empty texts are no plan."""
    if not _anything_said(plans, facts):
        return rows.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in LABELS.items())
    last = pay_period.end_date - timedelta(days=1)
    people = facts.participants.select("participant_id", *_OF_PERSON)
    found = rows.join(people, on="participant_id", how="left", maintain_order="left")
    found = found.join(_assigned(facts, last), on=["participant_id", "plan"], how="left", maintain_order="left")
    found = found.join(_codes(plans, last), on=["_plan", "component"], how="left", maintain_order="left")
    return found.select(*rows.columns, *LABELS)


def said(rows: pl.DataFrame) -> bool:
    """Whether any of LABELS is."""
    return any(rows[name].is_not_null().any() for name in LABELS)


def _anything_said(plans: Sequence[Plan], facts: Facts) -> bool:
    if any(plan.payroll or any(each.payroll for each in plan.components.values()) for plan in plans):
        return True
    columns = [facts.participants[name] for name in _OF_PERSON] + [facts.assignments[name] for name in _OF_ASSIGNMENT]
    return any(column.is_not_null().any() for column in columns)


def _assigned(facts: Facts, last: date) -> pl.DataFrame:
    """By participant and plan, and by participant with an empty plan, whose words go: those of `_plan`."""
    days = (pl.col("start_date") - pl.lit(last)).dt.total_days()
    rows = facts.assignments.select(
        *("participant_id", "plan", "legal_entity", "cost_centre"),
        payee_class=pl.col("payee_class").fill_null(EMPLOYEE),
        _plan="plan",
        _begun=days <= 0,
        _near=-days.abs(),
    ).sort("_begun", "_near", "plan")
    of_plan = rows.unique(["participant_id", "plan"], keep="last", maintain_order=True)
    of_none = rows.unique("participant_id", keep="last", maintain_order=True).with_columns(plan=pl.lit(""))
    return pl.concat([of_plan, of_none]).drop("_begun", "_near")


def _codes(plans: Sequence[Plan], last: date) -> pl.DataFrame:
    """By the last revision in force; of a component that it lacks, by the last one that has it."""
    found: dict[tuple[str, str], tuple[str | None, str | None, date | None]] = {}
    in_force = [plan for plan in plans if plan.effective <= last] or plans
    for plan in sorted(in_force, key=lambda plan: plan.effective):
        day = plan.payroll.pay_day.of(last) if plan.payroll and plan.payroll.pay_day else None
        own: Mapping[str, Codes | None] = {name: each.payroll for name, each in plan.components.items()}
        for name, codes in {**own, "": None}.items():
            both = [each for each in (codes, plan.payroll) if each is not None]
            earnings = next((each.earnings_code for each in both if each.earnings_code), None)
            account = next((each.gl_account for each in both if each.gl_account), None)
            found[plan.plan, name] = earnings, account, day
    rows = [(*key, *values) for key, values in found.items()]
    return pl.DataFrame(rows, schema=dict(_OF_PLAN), orient="row")

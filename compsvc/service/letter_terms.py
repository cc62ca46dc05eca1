"""What a plan letter covers, and whose terms nobody has signed although the law of the place asks for it (J3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from compsvc.core.jurisdiction import profile_of
from compsvc.core.pay_labels import NOT_AGREED
from compsvc.core.plan import Plan
from compsvc.core.statement_values import Span
from compsvc.service.calculation import Calculation
from compsvc.service.payroll_ports import PayrollStore


def unsigned(
    store: PayrollStore, calculation: Calculation, month: Span, participant_id: str | None = None
) -> Iterator[tuple[str, str]]:
    """Participant and plan of each assignment of the month whose jurisdiction asks for a signature of the terms that
    stand now, and has none."""
    in_force = (pl.col("start_date") < month.end_date) & (pl.col("end_date") > month.start_date).fill_null(value=True)
    facts = calculation.facts
    rows = facts.assignments if participant_id is None else facts.of("assignments", "participant_id", participant_id)
    rows = rows.filter(in_force, pl.col("jurisdiction").is_not_null())
    asked = [
        row
        for row in rows.sort("participant_id", "plan", "start_date").iter_rows(named=True)
        if profile_of(row["jurisdiction"], row["payee_class"]).signed_letter
    ]
    signed = store.signed_terms() if asked else frozenset()
    for row in asked:
        if hash_of(terms_of(calculation, row)[0]) not in signed:
            yield row["participant_id"], row["plan"]


def terms_of(calculation: Calculation, assignment: Mapping[str, Any]) -> tuple[str, str]:
    """All that is agreed on as canonical JSON, and the revision of the plan in force at its end. Territories are those
    that share a day with the assignment; terms without one say nothing of it."""
    key = ("participant_id", "plan", "start_date")
    own = [pl.col(name) == assignment[name] for name in key]
    quotas = calculation.facts.quotas.filter(own).sort("component", nulls_last=False).rows(named=True)
    revision = _revision(calculation.plans, assignment)
    agreed = {name: value for name, value in assignment.items() if name not in NOT_AGREED}
    terms: dict[str, Any] = {"assignment": agreed, "quotas": quotas, "revision": revision}
    if territories := _territories(calculation, assignment):
        terms["territories"] = territories
    return json.dumps(terms, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str), revision


def _territories(calculation: Calculation, assignment: Mapping[str, Any]) -> list[dict[str, Any]]:
    start, end = assignment["start_date"], assignment["end_date"]
    rows = calculation.facts.territories.filter(
        pl.col("participant_id") == assignment["participant_id"],
        pl.col("end_date").is_null() | (pl.col("end_date") > start),
    )
    rows = rows if end is None else rows.filter(pl.col("start_date") < end)
    return rows.sort(rows.columns, nulls_last=False).rows(named=True)


def _revision(plans: Sequence[Plan], assignment: Mapping[str, Any]) -> str:
    end = assignment["end_date"]
    mine = [plan for plan in plans if plan.plan == assignment["plan"] and (end is None or plan.effective < end)]
    return max(mine, key=lambda plan: plan.effective).revision if mine else ""


def hash_of(terms: str) -> str:
    return hashlib.sha256(terms.encode()).hexdigest()

"""Positions, earnings and next steps of a statement are of its period's end: what a calculation of then has said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.statement import statement
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Standing
from tests.nordwind import nordwind


def until(known: Facts, end: date) -> Facts:
    """What had happened by then, as it is known now."""
    deals = known.deals.filter(pl.col("closed_date") < end).with_columns(
        accepted_time=pl.when(pl.col("accepted_time").dt.date() < end).then("accepted_time"),
    )
    days = {"losses": "loss_date", "activities": "activity_date", "deal_payments": "payment_date"}
    cut = {name: getattr(known, name).filter(pl.col(day) < end) for name, day in days.items()}
    taken = pl.when(pl.col("exercised_time").dt.date() < end).then("exercised_time")
    return replace(known, deals=deals, stages=known.stages.with_columns(exercised_time=taken), **cut)


@pytest.mark.parametrize("month", ["2026-02", "2026-05"])
def test_where_am_i_is_what_a_calculation_of_then_has_said(month: str) -> None:
    period = period_of(month, fiscal_year_starts=1)
    assert period is not None
    company = nordwind()
    known, terms = company.facts, company.plans
    then = until(known, period.end_date)
    results = [(company.result, terms, known), (calculate(terms, then, PlainMatcher()), terms, then)]
    compared = 0
    for who in known.participants["participant_id"]:
        now, was = (statement(*each, participant_id=who, period=period) for each in results)
        assert now is not None
        assert was is not None
        for one, other in zip(now.standings, was.standings, strict=True):
            if one.as_at_date is None:
                assert one.period.end_date <= period.end_date
                continue
            assert said(one) == said(other), who
            compared += 1
    assert compared > 20


def said(found: Standing) -> tuple[object, ...]:
    step = found.next_step
    at = None if step is None else (step.at, step.distance, step.bonus, step.tier, step.deals)
    return found.component, found.period, found.position, found.attainment, found.tier, at, found.earned

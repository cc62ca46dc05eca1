"""Amounts of a deal in another currency, in the plan's (C5): one rate, one rounding."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from compsvc.core.currencies import EXPONENTS
from compsvc.core.plan import Plan

from .exact import rounded
from .rows import Company


def rate(company: Company, plan: Plan, currency: str, closed: date) -> Fraction | None:
    """How many of the plan's currency one of the deal's is; None where the plan has no rate for it."""
    if currency == plan.currency:
        return Fraction(1)
    if plan.fx is None:
        return None
    day = plan.effective if plan.fx.rate == "plan_rate" else closed
    known = company.fx.get((plan.fx.table, currency, plan.currency), {})
    started = [start for start in known if start <= day]
    return known[max(started)] if started else None


def changed(company: Company, plan: Plan, currency: str, closed: date, minor: int) -> int:
    """In minor units of the plan's currency; as it is where there is no rate, since then nobody is credited."""
    found = rate(company, plan, currency, closed)
    if found is None or currency == plan.currency:
        return minor
    major = Fraction(minor, 10 ** EXPONENTS[currency])
    return rounded(major * found * 10 ** EXPONENTS[plan.currency], plan.rounding)

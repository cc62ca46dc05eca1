"""Amounts of a deal in another currency, in the plan's (C5), and pay in another one than the plan's (M10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import Facts
from compsvc.core.plan import Plan

from .calendar_rules import add_months
from .exact import rounded
from .rows import Company

Key = tuple[str, str, date]  # participant, currency, first day of the month


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


def pay_changed(plans: list[Plan], facts: Facts, payouts: Mapping[Key, int]) -> dict[Key, tuple[str, int | None]]:
    """What is paid instead of each payout of who is paid in another currency than the plan's: the currency, and the
    amount where there is a rate (M10). The latest assignment that has begun by the month's last day decides, the
    revision in force there says by which rate, and the whole payout is rounded once."""
    found: dict[Key, tuple[str, int | None]] = {}
    for who, money, month in payouts:
        last = add_months(month, 1) - timedelta(days=1)
        own = _governing(plans, facts, who, money, last)
        if own is None or own["pay_currency_code"] in (None, money):
            continue
        plan = _in_force(plans, own["plan"], max(last, own["start_date"]))
        assert plan.pay_fx is not None
        days = {"plan_rate": plan.effective, "month_start": month, "month_end": last}
        code = own["pay_currency_code"]
        at = _pay_rate(facts, plan.pay_fx.table, money, code, days[plan.pay_fx.rate])
        exact = None if at is None else Fraction(payouts[who, money, month], 10 ** EXPONENTS[money]) * at
        paid = None if exact is None else rounded(exact * 10 ** EXPONENTS[code], plan.rounding)
        found[who, money, month] = code, paid
    return found


def _governing(plans: list[Plan], facts: Facts, who: str, money: str, last: date) -> dict[str, Any] | None:
    of = {plan.plan for plan in plans if plan.currency == money}
    rows = [row for row in facts.assignments.to_dicts() if row["participant_id"] == who and row["plan"] in of]
    begun = [row for row in rows if row["start_date"] <= last]
    return max(begun, key=lambda row: (row["start_date"], row["plan"]), default=None)


def _in_force(plans: list[Plan], name: str, day: date) -> Plan:
    revisions = sorted((plan for plan in plans if plan.plan == name), key=lambda plan: plan.effective)
    return [revisions[0], *(plan for plan in revisions if plan.effective <= day)][-1]


def _pay_rate(facts: Facts, table: str, one: str, other: str, day: date) -> Fraction | None:
    rows = facts.fx_rates.filter(fx_table=table, from_currency_code=one, to_currency_code=other).to_dicts()
    begun = [row for row in rows if row["start_date"] <= day]
    latest = max(begun, key=lambda row: row["start_date"], default=None)
    return None if latest is None else Fraction(latest["rate_num"], latest["rate_den"])

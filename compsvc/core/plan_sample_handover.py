"""What a handover window makes of landing small (C2): a contract at once, or half of it inside the window or after it.

The real calculation says it, of a plan by itself: three first sellers, each with one new account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import polars as pl

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.periods import plus_months
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.plan_credits import Handover
from compsvc.core.plan_sample import Terms

_TERM = 36  # months of each contract, so that measures of the whole term have one


@dataclass(frozen=True, slots=True)
class Landing:
    """The orders of a contract by day, and what its first seller is paid for them."""

    orders: Sequence[tuple[date, int]]
    pays_minor: int


def landings(plan: Plan, handover: Handover, terms: Terms) -> Sequence[Landing]:
    """A quarter of a year's quota: at once, a half inside the window, a half on the first day after it. None where the
    rule's deals are not told by their types alone, so that these would pay nothing."""
    start, half = plan.effective, terms.quota_minor // 8
    end = _later(start, handover.keep)
    inside = start + (end - start) // 2
    ways = [[(start, 2 * half)], [(start, half), (inside, half)], [(start, half), (end, half)]]
    lines = calculate([plan], _facts(plan, handover, terms, ways), PlainMatcher()).lines
    assert lines is not None
    own = lines.filter(pl.col("external_id").is_not_null())
    paid = dict(own.group_by("participant_id").agg(pl.col("amount_minor").sum()).iter_rows())
    found = [Landing(orders, paid.get(f"seller-{number}", 0)) for number, orders in enumerate(ways)]
    return found if found[0].pays_minor else ()


def _facts(plan: Plan, handover: Handover, terms: Terms, ways: Sequence[Sequence[tuple[date, int]]]) -> Facts:
    rows: dict[str, list[dict[str, object]]] = {
        kind: [] for kind in ("participants", "accounts", "assignments", "quotas", "deals")
    }
    for number, orders in enumerate(ways):
        who, account = f"seller-{number}", f"account-{number}"
        rows["participants"].append({"participant_id": who})
        rows["accounts"].append({"account_id": account, "name": account})
        under = {"participant_id": who, "plan": plan.plan, "start_date": plan.effective}
        target = {"target_incentive_minor": terms.target_minor, "currency_code": plan.currency}
        rows["assignments"].append({**under, **target})
        rows["quotas"].append({**under, "amount_minor": terms.quota_minor, "per": "year"})
        for place, (day, value) in enumerate(orders):
            deal = _deal(plan, f"{account}/{place}", account, day, value)
            later = "upsell" if "upsell" in handover.types else handover.types[0]
            rows["deals"].append(
                {**deal, **({"seller_id": "successor", "type": later} if place else {"seller_id": who})}
            )
    rows["participants"].append({"participant_id": "successor"})
    frames = {kind: [{**dict.fromkeys(SCHEMAS[kind]), **row} for row in own] for kind, own in rows.items()}
    return Facts(**{kind: pl.DataFrame(own, schema=dict(SCHEMAS[kind])) for kind, own in frames.items()})


def _deal(plan: Plan, name: str, account: str, day: date, value: int) -> dict[str, object]:
    return {
        "source": "example",
        "external_id": name,
        "revision": 1,
        "account_id": account,
        "closed_date": day,
        "accepted_time": datetime.combine(day, time()),
        "currency_code": plan.currency,
        "annual_value_minor": value,
        "cost_minor": 0,
        "quantity": 1,
        "start_date": day,
        "end_date": _later(day, _TERM),
    }


def _later(day: date, months: int) -> date:
    found = pl.select(plus_months(pl.lit(day), months)).item()
    assert isinstance(found, date)
    return found

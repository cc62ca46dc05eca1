"""How many of the accounts that a participant owns are customers, and how many are targets without an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.plan_mix import Mix
from compsvc.core.plan_revisions import latest
from compsvc.core.statement_values import BookMix, Span


def book_mix(facts: Facts, plans: Sequence[Plan], *, participant_id: str, period: Span) -> BookMix | None:
    """Of the accounts owned on the period's last day; None where there are none. A customer has had an order that was
    closed and accepted by then, or was known before."""
    day = period.end_date - timedelta(days=1)
    owned = facts.of("ownerships", "participant_id", participant_id, columns=["account_id", "start_date", "end_date"])
    own = {account for account, start, end in owned.rows() if start <= day < (end or date.max)}
    if not own:
        return None
    told = facts.of("accounts", "account_id", *sorted(own), columns=["account_id", "known_since"])
    deals = facts.of("deals", "account_id", *sorted(own), columns=["account_id", "closed_date", "accepted_time"])
    ordered = deals.filter(pl.max_horizontal(pl.col("accepted_time").dt.date(), "closed_date") <= day)
    ordered = ordered.filter(pl.col("accepted_time").is_not_null())
    known = told.filter(pl.col("known_since") <= day)
    customers = own & {*ordered["account_id"], *known["account_id"]}
    return BookMix(len(customers), len(own - customers), _healthy(facts, plans, participant_id, day))


def _healthy(facts: Facts, plans: Sequence[Plan], participant_id: str, day: date) -> Mix | None:
    """What the plan says under which the participant stands that day; of several the first by name."""
    columns = ["plan", "start_date", "end_date"]
    rows = facts.of("assignments", "participant_id", participant_id, columns=columns).rows()
    names = {plan for plan, start, end in rows if start <= day < (end or date.max)}
    in_force = latest([plan for plan in plans if plan.plan in names and plan.effective <= day])
    return next((plan.mix for plan in sorted(in_force, key=lambda plan: plan.plan) if plan.mix is not None), None)

"""Small whole companies, drawn so that edges are hit often: days around boundaries, odd cents, thirds, late acceptance.

`company(seed, size)` is the seeded generator, `companies()` the hypothesis strategy over the same builder (it shrinks).
Facts keep to what the facts check accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.plan import Plan

from .calculate import calculate
from .company_deals import add_accounts, add_deal, add_payments
from .company_people import add_fx_rates, add_pay_rates, add_people
from .company_plans import drawn_plans
from .company_stated import add_stated_credits
from .draft import FIRST_DAY, Draft
from .house import house
from .more_texts import CONTEST
from .moving import move_accounts


def company(seed: int, size: int | None = None) -> tuple[list[Plan], Facts]:
    """`size` is the number of deals; without one a small company of at most 25 deals."""
    return build(Random(seed), size)


@st.composite
def companies(draw: Callable[..., Any]) -> tuple[list[Plan], Facts]:
    return build(draw(st.randoms(use_true_random=False)))


def build(rng: Random, size: int | None = None) -> tuple[list[Plan], Facts]:
    draft = Draft(rng, house(rng))
    changes = draft.chance(0.4)  # of assignments or revisions inside a period, which then need `carry`
    plans = drawn_plans(draft, changes)
    deals = size if size is not None else rng.randint(1, rng.choice((5, 12, 25)))
    add_fx_rates(draft, plans)
    add_pay_rates(draft, plans)
    add_people(draft, plans, changes, max(rng.randint(2, 8), deals // 1_000))
    add_accounts(draft, plans, max(rng.randint(1, 1 + deals // 4), deals // 8))
    for number in range(deals):
        add_deal(draft, number)
    add_payments(draft)
    for number in range(rng.choice((0, 3, 12, 20, deals // 2))):
        _activity(draft, number)
    if all(plan.says_clawback for plan in plans):
        _losses(draft)
    move_accounts(draft, FIRST_DAY)
    add_stated_credits(draft, plans)
    if size is None and draft.chance(0.3):
        _holds(draft, plans)
    facts = draft.facts()
    if size is None and draft.chance(0.25):
        facts = replace(facts, fixed_events=_fixed_events(draft, plans, facts))
    return plans, facts


def _holds(draft: Draft, plans: list[Plan]) -> None:
    """Some deals are on hold, some reviews of windfalls are answered; a hold of nobody's deal matters to nobody."""
    months = [date(2024, month, 1) for month in range(1, 13)]
    components = [(plan.plan, name, item.windfall) for plan in plans for name, item in plan.components.items()]
    reviews = {(plan, name) for plan, name, rule in components if rule is not None and rule.pays == "review"}
    for deal in draft.rows["deals"]:
        of = {"source": deal["source"], "external_id": deal["external_id"], "ledger_position": 0}
        start, end = sorted(draft.rng.sample(months, 2))
        if draft.chance(0.3):
            of_hold = {"hold_id": f"hold {deal['external_id']}", "origin": "deal", "held_date": start}
            whose, free = draft.rng.choice((None, draft.rng.choice(draft.people))), draft.rng.choice((end, None))
            state = "held" if free is None else "released"
            draft.add("holds", **of, **of_hold, state=state, participant_id=whose, free_date=free)
        for plan, name in sorted(reviews):
            for who in draft.people if draft.chance(0.5) else ():
                released = draft.chance(0.7)
                state, free = ("released", end) if released else ("refused", None)
                about = {"participant_id": who, "plan": plan, "component": name, "free_date": free}
                draft.add("holds", **of, **about, hold_id="review", origin="review", state=state, held_date=start)


# --- what is no deal


def _activity(draft: Draft, number: int) -> None:
    rng = draft.rng
    draft.add(
        "activities",
        source=rng.choice(("crm", "calls")),
        external_id=f"d{number}",  # as some deal of the CRM is called
        participant_id=rng.choice(draft.people),
        kind=rng.choice(("meeting_held", "meeting_held", "lead_qualified")),
        activity_date=draft.day(),
        account_id=rng.choice([None, *draft.accounts]),
        outcome=rng.choice((None, "held", "no_show")),
        quantity=rng.choice((None, None, 1, 2, 7, 0)),
    )


# --- what is lost


def _losses(draft: Draft) -> None:
    """Of accepted deals: all of it or some, at once or bit by bit, by share or by amount; never more than there is."""
    rng = draft.rng
    for deal in draft.rows["deals"]:
        if deal["accepted_time"] is None or not draft.chance(0.35):
            continue
        key = deal["source"], deal["external_id"]
        lines = [row["line"] for row in draft.rows["deal_lines"] if (row["source"], row["external_id"]) == key]
        day = deal["closed_date"]
        for number in range(rng.choice((1, 1, 2, 3))):
            day = max(day, day + timedelta(days=rng.choice((0, 1, 20, 31, 90, 150, 366))))
            if draft.chance(0.3):
                day = max(deal["closed_date"], draft.day())
            part = rng.choice(((1, 3), (1, 3), (1, 4), (33, 100), (2, 7))) if number or draft.chance(0.6) else (1, 1)
            draft.add(
                "losses",
                source=key[0],
                external_id=key[1],
                loss_id=f"l{number}",
                line=rng.choice((None, None, *(lines or [1]))),
                loss_date=day,
                kind=rng.choice(("cancellation", "refund", "non_payment")),
                reason=Random(f"{key} {number} {day}").choice((None, "fraud", "moved", "wrong terms", "other")),
                share_num=part[0],
                share_den=part[1],
                attributable_to=rng.choice(("customer", "company")),
                withdrawn=True if draft.chance(0.1) else None,
            )
            if part == (1, 1):
                break


# --- what an earlier run has fixed


def _fixed_events(draft: Draft, plans: list[Plan], facts: Facts) -> pl.DataFrame:
    """The events of a run on other facts: some deals were not there, others had another value or seller."""
    rng = draft.rng
    rows = facts.deals.to_dicts()
    for row in rows:
        if draft.chance(0.2):
            row["seller_id"] = rng.choice(draft.people)
        if row["annual_value_minor"] and draft.chance(0.3):
            row["annual_value_minor"] = row["annual_value_minor"] // 2
        if row["accepted_time"] is not None and draft.chance(0.3):
            row["accepted_time"], row["pending_reason"] = None, "not yet"
    before = calculate(plans, replace(facts, deals=pl.DataFrame(rows, schema=facts.deals.schema)))
    fixed = []
    for (participant, plan, component, period), events in before.events.items():
        own = Random(participant + period) if component == CONTEST else rng  # a contest changes nothing of the rest
        posted = events if own.random() < 0.7 else events[: own.randint(0, len(events))]
        for place, (((source, external_id, line, stage), loss), counts, pays) in enumerate(posted):
            subject = source, external_id, line, stage, loss
            fixed.append((participant, plan, component, period, place, *subject, counts, pays))
    return pl.DataFrame(fixed, schema=dict(SCHEMAS["fixed_events"]), orient="row")

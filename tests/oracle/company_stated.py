"""Credits that somebody states for people of a drawn company."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from compsvc.core.plan import Component, Plan

from .book import COUNTS
from .calendar_rules import period_of
from .draft import Draft, Row


def add_stated_credits(draft: Draft, plans: list[Plan]) -> None:
    """Apart from what the seed draws: credits of days on which the plan has the component, and the participant."""
    rng = Random(repr((draft.house, len(draft.rows["deals"]), "stated")))
    for number in range(rng.choice((0, 0, 3, 6, 12)) if draft.rows["assignments"] else 0):
        row, day = rng.choice(draft.rows["assignments"]), rng.choice(draft.days)
        if not row["start_date"] <= day < (row["end_date"] or date.max):
            continue
        having = [plan for plan in plans if plan.plan == row["plan"] and plan.effective <= day]
        open_to = {name: item for name, item in having[-1].components.items() if _takes(item)} if having else {}
        if not open_to:
            continue
        name = rng.choice(sorted(open_to))
        item = open_to[name]
        named = {"participant_id": row["participant_id"], "plan": row["plan"], "component": name, "credit_date": day}
        ends = period_of(day, item.per, having[-1].fiscal_year_starts).end == day + timedelta(days=1)
        kinds = ("adjustment", "adjustment") if ends else ("opening", "adjustment")  # nothing is brought along then
        draft.add(
            "stated_credits",
            **named,
            **_amount_of(rng, item, having[-1]),
            **_moved_by(rng, item),
            **(_with_deal(rng, draft) if rng.random() < 0.5 and item.counts != "activities" else {}),
            kind=rng.choice(kinds),
            credit_id=f"d{number}",  # as some deal of the CRM is called
            reason="as agreed",
        )


def _takes(item: Component) -> bool:
    by_itself = getattr(item.pays, "by", "") not in ("deal", "credit")
    unknown = ("retained_arr", "logo_retention", "earnings", "own_earnings", "nothing")
    return by_itself and item.counts not in unknown and item.pays.kind != "objectives"


def _amount_of(rng: Random, item: Component, plan: Plan) -> Row:
    below = rng.choice((1, 1, -1))
    if item.counts in COUNTS:
        return {"count_millionths": below * rng.choice((1, 333_333, 1_000_000, 3_000_000))}
    return {"amount_minor": below * rng.choice((1, 99, 100_003, 5_000_000)), "currency_code": plan.currency}


def _moved_by(rng: Random, item: Component) -> Row:
    """Whether it counts and pays: one of them where the component's two amounts are apart, both without rates."""
    if "attainment of" in getattr(item.pays, "by", ""):
        return {"counts": False, "pays": True}
    if item.pays.kind not in ("flat_rate", "rate_table"):
        return {"counts": True, "pays": True}
    apart = item.pays_on not in (None, item.counts)
    counts, pays = rng.choice(((True, False), (False, True), *(((True, True),) * 2 if not apart else ())))
    return {"counts": counts, "pays": pays}


def _with_deal(rng: Random, draft: Draft) -> Row:
    deal = rng.choice(draft.rows["deals"])
    key = {"source": deal["source"], "external_id": deal["external_id"]}
    lines = [row["line"] for row in draft.rows["deal_lines"] if {name: row[name] for name in key} == key]
    return {**key, "line": rng.choice(lines or [1]), "taken_back": rng.choice((True, True, False))}

"""What a period pays by itself: its days, and how far into time there are any."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from compsvc.core.rules.fixed import Fixed

from .calendar_rules import Period
from .chain import Chain
from .exact import rounded
from .quota import Part
from .rows import Company


def days(company: Company, chain: Chain, name: str) -> list[date]:
    """The first day on which anybody is under a plan that has the component, and the last that anything tells of."""
    everybody = [one for own in company.assignments.values() for one in own]
    begin = [one.start for one in everybody if one.plan == chain.name]
    if not begin:
        return []
    effective = min(plan.effective for plan in chain.revisions if name in plan.components)
    told = [one.start for one in everybody]
    told += [row["activity_date"] for row in company.activities.values()]
    told += [loss.day for losses in company.known_losses.values() for loss in losses]
    for event in company.events:
        told += [event.closed, event.accepted.date()]
    first, last = max(min(begin), effective), max(told)
    return [first, last] if first <= last else []


def amount(parts: list[Part], name: str, period: Period, mode: str) -> int:
    """The last part decides whether days are looked at; each day then pays what its own revision says."""
    last = parts[-1].plan.components[name].pays
    assert isinstance(last, Fixed)
    if last.part_period == "whole":
        return last.amount
    total = Fraction(0)
    for part in parts:
        item = part.plan.components.get(name)
        if item is not None:
            assert isinstance(item.pays, Fixed)
            total += Fraction(item.pays.amount * (part.end - part.start).days, (period.end - period.start).days)
    return rounded(total, mode)

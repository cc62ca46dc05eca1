"""Which deal types a component pays for, and under which further conditions: what `provisioning` (L6) compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compsvc.core.conditions import DEAL_TYPES
from compsvc.core.eligibility import Condition, holds
from compsvc.core.plan import Component
from compsvc.core.plan_credits import CreditRule

NEW_BUSINESS = ("new_logo", "upsell", "cross_sell")
MOVED_BY = {  # which deal types a measure of deal lines is worth anything for
    **dict.fromkeys(("tcv", "margin", "present_value", "deals"), (*NEW_BUSINESS, "renewal")),
    "delta_acv": (*NEW_BUSINESS, "downsell", "churn"),
    "renewed_acv": ("renewal",),
    "new_logos": ("new_logo",),
}
FIRST_ORDER = {"new_logo": True, "upsell": False, "cross_sell": False}  # of a deal whose type is derived
Ways = frozenset[frozenset[Condition]]  # ways in: each a set of conditions besides the type; empty: none


def types_of(component: Component, credits: Mapping[str, CreditRule], *, first: bool) -> Mapping[str, Ways]:
    """For each deal type, the ways in which the component's rules credit it; the widest ones only."""
    ordered = sorted(credits, key=lambda name: credits[name].priority)
    return {kind: _ways(component, credits, ordered, kind, first=first) for kind in DEAL_TYPES}


def _ways(
    component: Component, credits: Mapping[str, CreditRule], ordered: Iterable[str], kind: str, *, first: bool
) -> Ways:
    ways = set()
    for name in ordered:
        way = _way(credits[name], kind)
        if way is not None and name in component.credit:
            ways.add(way)
        if first and way == frozenset():
            break  # with `match: first` no later rule sees a deal of this type
    return frozenset(way for way in ways if not any(other < way for other in ways))


def _way(rule: CreditRule, kind: str) -> frozenset[Condition] | None:
    """What else has to hold for a deal of this type; None where it can never fit."""
    decided = [(condition, _value(condition, kind)) for condition in rule.when]
    if any(value is not None and not holds(condition, value) for condition, value in decided):
        return None
    return frozenset(condition for condition, value in decided if value is None)


def _value(condition: Condition, kind: str) -> str | bool | None:
    """The field's value where the deal type says it."""
    if condition.field == "type":
        return kind
    return FIRST_ORDER.get(kind) if condition.field == "first_order" else None


def words(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)

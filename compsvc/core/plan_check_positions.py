"""What has to fit together in quotas, weights and positions (M1, M4, M6)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from compsvc.core.plan import (
    COUNTED,
    OPENED,
    OPENING_QUOTAS,
    Component,
)
from compsvc.core.plan_check_parts import Parts, has_word, kind_written, missing, useless
from compsvc.core.plan_types import words
from compsvc.core.plan_values import percent
from compsvc.core.problems import Problem, did_you_mean


def positions(parts: Parts) -> Iterator[Problem]:
    for check in (_quotas, _weights, _positions, _opened):
        yield from check(parts)


def _quotas(parts: Parts) -> Iterator[Problem]:
    for name, item in parts.components.items():
        if item.quota is None and item.zero_quota is not None:
            at = parts.at("components", name, "zero_quota")
            yield useless(at, "zero_quota", "there is no `quota`")
        if item.quota is not None and item.zero_quota is None and item.pays.shared_out is None:
            yield missing(parts, name, "zero_quota", f"`quota: {item.quota}` needs it (M4)")
        if item.quota_opens and name in parts.clean:
            yield from _opening_quota(parts, name, item)
        if name in parts.clean and item.quota is None:
            yield from _without_quota(parts, name, item)


def _opening_quota(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """What a period opens with is a quota of the measure that opens with it, and no assignment's (M6)."""
    at, of_measure = parts.at("components", name, "quota"), OPENING_QUOTAS.get(item.counts)
    if item.quota != of_measure:
        measure = next(key for key, quota in OPENING_QUOTAS.items() if quota == item.quota)
        instead = f"`counts: {item.counts}` takes `{of_measure or 'from assignment'}`"
        yield Problem("MEASURE_KIND", at, f"`{item.quota}` belongs to `counts: {measure}`; {instead}.")
    if item.pays.template().uses_base:
        message = (
            "`base` is target incentive / full-year quota (M4), and what a period opens with is no quota of a year."
        )
        yield Problem("MEASURE_KIND", at, f"{message} Pay in `steps` of the target incentive.")
    if item.carry in ("reset", "blend"):
        message = f"`carry: {item.carry}` parts a period, and it opens once. Write `carry: continue`."
        yield Problem("CARRY_PARTS_OPENING", parts.at("components", name, "carry"), message)


def _opened(parts: Parts) -> Iterator[Problem]:
    """Words about single deals, where accounts open the period (M6)."""
    for name, item in parts.components.items():
        if item.counts not in OPENED:
            continue
        own = "losses lower what is kept by themselves (L5)"
        words_ = {"clawback": own, "windfall": "no deal is paid by itself", "minimum_per_deal": "no deal is"}
        for word, because in words_.items():
            if has_word(parts, name, word):
                yield useless(parts.at("components", name, word), word, because)
        if item.pays.span != "period":
            message = f"`{item.counts}` adds up over the period, and here each deal would begin anew."
            yield Problem("MEASURE_KIND", parts.at("components", name, "counts"), f"{message} Write `by: attainment`.")


def _without_quota(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    template = item.pays.template()
    if template.uses_base:
        yield missing(parts, name, "quota", "`base` is target incentive x weight / quota (M4)")
    elif template.needs_quota and item.pays.position_of is None:
        yield missing(parts, name, "quota", "attainment is the measure divided by it (M4)")


def _by_target(parts: Parts) -> list[str]:
    """The components that pay shares of the target incentive: by `base`, or in steps of it."""
    own = {name: item.pays for name, item in parts.components.items() if item.pays.amount_minor is None}
    templates = {name: pays.template() for name, pays in own.items() if name in parts.clean}
    return [name for name, template in templates.items() if template.uses_base or template.uses_target]


def _weights(parts: Parts) -> Iterator[Problem]:
    by_base = _by_target(parts)
    weighed = {name: item.weight for name, item in parts.components.items() if has_word(parts, name, "weight")}
    for name in by_base if len(by_base) > 1 else ():
        if name not in weighed:
            because = f"{words(by_base)} all pay shares of the target incentive (M4)"
            yield missing(parts, name, "weight", because)
    if (total := sum(weighed.values(), Fraction(0))) > 1:
        at = parts.at("components", list(weighed)[-1], "weight")
        yield Problem("WEIGHTS_ABOVE_100", at, f"the weights sum to {percent(total)}; at most 100% can be paid out.")
    if 0 < total < 1 and set(by_base) == set(weighed) == set(parts.names("components")):
        at = parts.at("components", list(weighed)[-1], "weight")
        message = f"the weights sum to {percent(total)}: at 100% of every quota less than the target incentive is paid."
        yield Problem("WEIGHTS_BELOW_100", at, message, "notice")
    for name in weighed:
        if name in parts.clean and name not in by_base and not _uses_target(parts.components[name]):
            because = "`of` names an amount, of which all is this component's"
            if parts.components[name].pays.amount_minor is None:
                because = "neither `base` nor steps of the target incentive nor `zero_quota: pay_target` use it"
            yield useless(parts.at("components", name, "weight"), "weight", because)


def _uses_target(item: Component) -> bool:
    """Whether the period's target, of which the weight is a part, decides any cents."""
    if item.pays.amount_minor is not None:
        return False
    return item.zero_quota == "pay_target" or isinstance(item.cap, Fraction) or isinstance(item.floor, Fraction)


def _positions(parts: Parts) -> Iterator[Problem]:
    """`by: attainment of COMPONENT` (M1)."""
    for name, item in parts.components.items():
        if item.pays.position_of is None:
            continue
        at = parts.at("components", name, "pays", kind_written(parts, name), "by")
        other = parts.components.get(item.pays.position_of)
        if item.pays.position_of not in parts.names("components"):
            known = [key for key in parts.names("components") if key != name]
            message = (
                f"`{item.pays.position_of}` is no component of this plan.{did_you_mean(item.pays.position_of, known)}"
            )
            yield Problem("UNKNOWN_COMPONENT", at, message)
        elif other is not None:
            yield from (
                Problem(code, at, message) for code, message in _shared(name, item, item.pays.position_of, other)
            )


def _shared(name: str, item: Component, other_name: str, other: Component) -> Iterator[tuple[str, str]]:
    if other_name == name:
        yield "POSITION_OF_ITSELF", "a component has its own position by itself. Write `by: attainment`."
    elif other.pays.position_of is not None:
        message = f"`{other_name}` itself stands at the position of `{other.pays.position_of}`; name that one."
        yield "POSITION_DERIVED", message
    elif other.pays.span != "period":
        yield "POSITION_DERIVED", f"in `{other_name}` each deal begins anew, so it has no attainment to go by."
    elif other.counts in COUNTED:
        yield "MEASURE_KIND", f"`{other_name}` counts `{other.counts}`; a shared position is one of money."
    elif other.per != item.per:
        yield "PERIODS_DIFFER", f"`{other_name}` is per {other.per}, `{name}` per {item.per}; they must be the same."
    elif other.quota is None:
        yield (
            "QUOTA_OF_OTHER",
            f"`{other_name}` has no quota, so it has no attainment. Give it `quota: from assignment`.",
        )

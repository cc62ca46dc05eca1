"""Credit rules and the components that pay from them: names, windows, and which deals reach what (C1 to C4, L6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from compsvc.core import eligibility
from compsvc.core.conditions import rule_set
from compsvc.core.node import Listed, Mapped, Text
from compsvc.core.plan import (
    COUNTED,
    Component,
    span_of_levels,
)
from compsvc.core.plan_check_parts import Parts, missing, useless
from compsvc.core.plan_credits import CreditRule
from compsvc.core.plan_types import MOVED_BY, NEW_BUSINESS, Ways, types_of, words
from compsvc.core.plan_values import percent
from compsvc.core.problems import Position, Problem, did_you_mean

TEAM = "team"


def credited(parts: Parts) -> Iterator[Problem]:
    for check in (_sources, _team, _levels_at_once, _used, _credited, _rule_limits, _deal_types):
        yield from check(parts)


def _sources(parts: Parts) -> Iterator[Problem]:
    """`from` names rules of this plan, or `team` alone. Read as written, so that other mistakes do not hide it."""
    for name in parts.names("components"):
        written = parts.root["components"][name]
        named = written.get("from") if isinstance(written, Mapped) else None
        if isinstance(named, Text):
            yield from _source(parts, Listed([named]), named.at)
        elif isinstance(named, Listed) and all(isinstance(item, Text) for item in named):
            yield from _source(parts, named, named.at)


def _source(parts: Parts, named: Sequence[Text], at: Position) -> Iterator[Problem]:
    known = parts.names("credits")
    if not named:
        yield Problem("EMPTY_LIST", at, "`from` names no credit rule, so nothing would ever be paid.")
    if TEAM in named and len(named) > 1:
        yield Problem("TEAM_ALONE", at, "`team` stands alone: make two components of it.")
    if len(set(named)) < len(named):
        yield Problem("NAME_TWICE", at, "`from` names a credit rule twice; remove one.")
    for rule in (item for item in named if item != TEAM and item not in known):
        hint = did_you_mean(rule, [*known, TEAM])
        yield Problem("UNKNOWN_CREDIT_RULE", rule.at, f"`{rule}` is no credit rule of this plan.{hint}")


def _team(parts: Parts) -> Iterator[Problem]:
    if TEAM in parts.names("credits"):
        message = "`team` means the credit of the reports (C3). Give this rule another name."
        yield Problem("RESERVED_NAME", parts.root["credits"].key_at(TEAM), message)
    for name, item in parts.components.items():
        if TEAM in item.credit and item.own_deals is None:
            yield missing(parts, name, "own_deals", "a manager may sell too (C4)")
        if TEAM not in item.credit and item.own_deals is not None:
            yield useless(parts.at("components", name, "own_deals"), "own_deals", "it belongs to `from: team` (C4)")
        if TEAM not in item.credit and item.levels is not None:
            yield useless(parts.at("components", name, "levels"), "levels", "it belongs to `from: team` (C4)")


def _levels_at_once(parts: Parts) -> Iterator[Problem]:
    """Two overrides of one kind on one measure whose levels overlap pay twice for the same reports (C4)."""
    said = [(name, item, item.levels) for name, item in parts.components.items() if item.levels is not None]
    for (one, first, levels), (two, second, others) in combinations(said, 2):
        alike = (first.counts, first.pays_on, first.pays.kind) == (second.counts, second.pays_on, second.pays.kind)
        (low, high), (least, most) = span_of_levels(levels), span_of_levels(others)
        if alike and TEAM in first.credit and TEAM in second.credit and max(low, least) <= min(high, most):
            message = (
                f"`{one}` pays on `{first.counts}` of levels `{levels}` as well, so both pay for the same reports. "
                "Let one begin where the other ends, or leave it where both are meant."
            )
            yield Problem("LEVELS_OVERLAP", parts.at("components", two, "levels"), message, "notice")


def _used(parts: Parts) -> Iterator[Problem]:
    used = {rule for item in parts.components.values() for rule in item.credit}
    if len(parts.components) < len(parts.names("components")) or not used <= {*parts.names("credits"), TEAM}:
        return  # a component that could not be read, or a name written wrong, may mean it
    for name in parts.credits:
        if name not in used:
            message = f"no component pays from `{name}`; it credits deals for nothing but the reports of managers."
            yield Problem("UNUSED_CREDIT_RULE", parts.root["credits"].key_at(name), message, "notice")


def _credited(parts: Parts) -> Iterator[Problem]:
    for name, rule in parts.credits.items():
        to_role = rule.to != "seller"
        if to_role and not rule.overlay:
            message = f"credit to a role stands on top of the seller's 100% (C3). Write `overlay: yes` in `{name}`."
            yield Problem("ROLE_WITHOUT_OVERLAY", parts.at("credits", name, "to"), message)
        if rule.overlay and not to_role:
            message = "the seller's credit is the 100%, not on top of it (C3). Name a role, or remove `overlay`."
            yield Problem("OVERLAY_TO_SELLER", parts.at("credits", name, "overlay"), message)
        if "roll_up" in parts.root["credits"][name] and not to_role:
            because = "the seller's credit is passed to the managers anyway (C4)"
            yield useless(parts.at("credits", name, "roll_up"), "roll_up", because)
        if rule.handover is not None and to_role:
            because = "a window belongs to `to: seller` (C2)"
            yield useless(parts.at("credits", name, "handover"), "handover", because)
        yield from _window(parts, name, rule)


def _window(parts: Parts, name: str, rule: CreditRule) -> Iterator[Problem]:
    if rule.handover is None:
        return
    window = ("credits", name, "handover")
    last = rule.handover.share_last
    if not rule.handover.types:
        yield Problem("EMPTY_LIST", parts.at(*window, "for"), "`for` names no deal type, so the window never applies.")
    if last is not None and last.hunter + last.successor != 1:
        message = f"hunter and successor have {percent(last.hunter + last.successor)} together; it must be 100%."
        yield Problem("SHARES_NOT_WHOLE", last.at, message)
    if last is not None and last.months > rule.handover.keep:
        message = f"the last {last.months} months are more than the window's {rule.handover.keep}."
        yield Problem("OUT_OF_RANGE", parts.at(*window, "share_last", "months"), message)


def _rule_limits(parts: Parts) -> Iterator[Problem]:
    """What the matchers cannot take safely."""
    match: eligibility.Mode = "first" if parts.says("match") == "first" else "all"
    for problem in eligibility.limits(rule_set("", parts.credits, match)):
        path = [
            "credits",
            *([problem.rule] if problem.rule else []),
            *(["when", problem.field] if problem.field else []),
        ]
        yield Problem(problem.code, parts.at(*path), problem.message)


def _deal_types(parts: Parts) -> Iterator[Problem]:
    """L6, and components that none of their deals can move."""
    equal = parts.says("provisioning") == "equal"
    for name, item in parts.components.items():
        if not item.credit or not set(item.credit) <= set(parts.credits) - {TEAM}:
            continue
        reached = types_of(item, parts.credits, first=parts.says("match") == "first")
        at = parts.at("components", name, "from")
        if not any(reached[kind] for kind in _that_move(item)):
            only = words(kind for kind in reached if reached[kind]) or "no deals"
            message = f"`{name}` never pays: `{item.counts}` of {only} is always 0."
            yield Problem("NEVER_PAYS", at, message)
        elif _counts_new_business(item) and (difference := _unequal(name, reached)):
            yield _provisioning(at, difference, equal=equal)


def _counts_new_business(item: Component) -> bool:
    return item.counts not in COUNTED and not {item.counts, item.pays_on or item.counts} <= {"renewed_acv"}


def _provisioning(at: Position, message: str, *, equal: bool) -> Problem:
    if not equal:
        return Problem("PROVISIONING_DIFFERS", at, message, "notice")
    hint = " Credit them alike, or write `provisioning: differs`."
    return Problem("PROVISIONING_NOT_EQUAL", at, message + hint)


def _that_move(item: Component) -> tuple[str, ...]:
    measures = {item.counts, item.pays_on or item.counts}
    return tuple({kind for measure in measures for kind in MOVED_BY.get(measure, NEW_BUSINESS)})


def _unequal(name: str, reached: Mapping[str, Ways]) -> str | None:
    paid = [kind for kind in NEW_BUSINESS if reached[kind]]
    unpaid = [kind for kind in NEW_BUSINESS if not reached[kind]]
    if not paid:
        return None
    if unpaid:
        return f"`{name}` pays for {words(paid)} and not for {words(unpaid)} (L6)."
    other = [kind for kind in paid if reached[kind] != reached[paid[0]]]
    return f"`{name}` pays for {words(other)} under other conditions than for `{paid[0]}` (L6)." if other else None

"""Credit rules against each other: those that never fire, those whose order alone decides, and values between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations, pairwise

from compsvc.core.conditions import field_of
from compsvc.core.currencies import EXPONENTS
from compsvc.core.curves import ratio_text
from compsvc.core.eligibility import INTEGER_MAX, INTEGER_MIN, Condition, holds
from compsvc.core.money import format_minor
from compsvc.core.plan_check_parts import Parts
from compsvc.core.plan_credits import CreditRule
from compsvc.core.problems import Problem

# What a field can be at all, where the facts are held to it.
DOMAINS: Mapping[str, tuple[int, int]] = {
    "acv": (0, INTEGER_MAX),
    "discount": (0, 1_000_000),
    "products": (1, INTEGER_MAX),
    "term_months": (0, INTEGER_MAX),
    "months_since_first_order": (0, INTEGER_MAX),
}
ANYTHING = (INTEGER_MIN, INTEGER_MAX)
Interval = tuple[int, int]  # both ends included


def check_rules(parts: Parts) -> Iterator[Problem]:
    never = {name: list(_impossible(parts, name)) for name in parts.credits}
    yield from (problem for found in never.values() for problem in found)
    firing = replace(parts, credits={name: rule for name, rule in parts.credits.items() if not never[name]})
    yield from _in_order(firing)
    yield from _gaps(firing)
    yield from _before_the_plan(firing)


# --- a rule that never fires


def _impossible(parts: Parts, name: str) -> Iterator[Problem]:
    for condition in parts.credits[name].when:
        interval = _interval(condition)
        least, most = DOMAINS.get(condition.field, ANYTHING)
        if interval is not None and (interval[1] < least or interval[0] > most):
            bound = f"never below {_said(parts, condition.field, least)}"
            bound += "" if most == INTEGER_MAX else f" or above {_said(parts, condition.field, most)}"
            message = f"`{name}` never fires: `{condition.field}` is {bound}."
            yield Problem("RULE_NEVER_FIRES", parts.at("credits", name, "when", condition.field), message)


def _in_order(parts: Parts) -> Iterator[Problem]:
    """Under `match: first` a rule hides those after it; and where two can fire and are of one priority, nothing but
    their order in the file says which of two results it is."""
    names = sorted(parts.credits, key=lambda name: parts.credits[name].priority)
    for one, two in combinations(names, 2):
        first, second = parts.credits[one], parts.credits[two]
        if parts.says("match") == "first" and _implies(second, first):
            message = (
                f"`{two}` never fires: under `match: first` the rule `{one}` takes every deal that fits it. Put it "
                "before, or give it a lower `priority`."
            )
            yield Problem("RULE_NEVER_FIRES", parts.at("credits", two), message)
        elif first.priority == second.priority and not _exclude(first, second):
            yield from _contradiction(parts, one, two)


def _contradiction(parts: Parts, one: str, two: str) -> Iterator[Problem]:
    first, second = parts.credits[one], parts.credits[two]
    if parts.says("match") == "first":
        different = _result(parts, one) != _result(parts, two)
    else:
        windows = (first.handover, second.handover)
        different = None not in windows and _terms(first) != _terms(second)
    if different:
        what = "credit" if parts.says("match") == "first" else "handover"
        message = (
            f"a deal can fit `{one}` and `{two}`, and their {what} differs: `{one}` decides, as it stands first in the "
            "file. Say so by `priority`, or let their conditions exclude each other."
        )
        yield Problem("RULES_CONTRADICT", parts.at("credits", two), message, "notice")


def _result(parts: Parts, name: str) -> tuple[object, ...]:
    """Who is credited, how, and what it pays into."""
    rule = parts.credits[name]
    return rule.to, rule.overlay, _terms(rule), _into(parts, name)


def _into(parts: Parts, name: str) -> frozenset[str]:
    return frozenset(component for component, item in parts.components.items() if name in item.credit)


def _terms(rule: CreditRule) -> object:
    return None if rule.handover is None else rule.handover.model_dump(exclude={"at": True, "share_last": {"at"}})


# --- values that no rule fits


def _gaps(parts: Parts) -> Iterator[Problem]:
    """Between the ranges of rules that differ in nothing else than one field."""
    families: dict[tuple[object, ...], list[tuple[Interval, str]]] = {}
    for name, rule in parts.credits.items():
        for condition in rule.when:
            interval = _interval(condition)
            if interval is not None:
                others = frozenset(item for item in rule.when if item is not condition)
                families.setdefault((condition.field, rule.to, others), []).append((interval, name))
    for (field, *_), found in families.items():
        yield from _between(parts, str(field), sorted(found))


def _between(parts: Parts, field: str, found: Sequence[tuple[Interval, str]]) -> Iterator[Problem]:
    end = found[0][0][1]
    for (_, before), ((start, stop), name) in pairwise(found):
        if start <= end and parts.says("match") != "first" and _into(parts, before) != _into(parts, name):
            yield _overlap(parts, field, before, name, (start, min(stop, end)))
        elif start > end + 1:
            values = _values(parts, field, (end + 1, start - 1))
            message = f"no rule fits {values}, between `{before}` and `{name}`; such deals are credited by neither."
            yield Problem("CONDITION_GAP", parts.at("credits", name, "when", field), message, "notice")
        end = max(end, stop)


def _overlap(parts: Parts, field: str, before: str, name: str, both: Interval) -> Problem:
    message = (
        f"{_values(parts, field, both)} fits `{before}` and `{name}`, so such deals are credited by both. Let one end "
        "where the other begins, if that is not meant."
    )
    return Problem("CONDITION_OVERLAP", parts.at("credits", name, "when", field), message, "notice")


def _values(parts: Parts, field: str, interval: Interval) -> str:
    if interval[0] == INTEGER_MIN:
        return f"`{field}` up to {_said(parts, field, interval[1])}"
    if interval[1] == INTEGER_MAX:
        return f"`{field}` from {_said(parts, field, interval[0])} on"
    low, high = (_said(parts, field, value) for value in interval)
    return f"`{field}` of {low}" if low == high else f"`{field}` from {low} to {high}"


def _before_the_plan(parts: Parts) -> Iterator[Problem]:
    """A revision decides on what counts from its first day on; deals that are closed before it are late at best."""
    effective = parts.pay.get("effective")
    if not isinstance(effective, date):
        return
    for name, rule in parts.credits.items():
        window = closed_within(rule)
        if window is not None and window[1] < effective.toordinal():
            message = (
                f"`{name}` asks for deals that were closed by {date.fromordinal(window[1])}, and the plan is in force "
                f"from {effective}: nothing that is accepted in time fits it. Mend the dates, or remove the rule."
            )
            yield Problem("RULE_OUTSIDE_TERM", parts.at("credits", name, "when", "closed_date"), message, "notice")


def closed_within(rule: CreditRule) -> Interval | None:
    """The days on which a deal has to be closed, as numbers of days; None where the rule does not say."""
    return next((_interval(condition) for condition in rule.when if condition.field == "closed_date"), None)


# --- conditions as sets of values


def _interval(condition: Condition) -> Interval | None:
    """Of a comparison, dates as days in a row; None of any other condition."""
    values = [_in_a_row(condition.field, value) for value in condition.values if isinstance(value, int)]
    match condition.op:
        case "lt":
            return INTEGER_MIN, values[0] - 1
        case "le":
            return INTEGER_MIN, values[0]
        case "gt":
            return values[0] + 1, INTEGER_MAX
        case "ge":
            return values[0], INTEGER_MAX
        case "between":
            return values[0], values[1]
    return None


def _in_a_row(field: str, value: int) -> int:
    """Matchers have dates as yyyymmdd, where the days of two months do not follow each other."""
    found = field_of(field)
    if found is None or found.reads != "date":
        return value
    return date(value // 10_000, value // 100 % 100, value % 100).toordinal()


def _implies(narrow: CreditRule, wide: CreditRule) -> bool:
    """Whether every deal that fits `narrow` fits `wide`."""
    return all(any(_within(item, condition) for item in narrow.when) for condition in wide.when)


def _within(narrow: Condition, wide: Condition) -> bool:
    """Whether what fits the first condition fits the second; False where that cannot be told."""
    if narrow.field != wide.field:
        return False
    if wide.op == "present":
        return narrow.op != "absent"
    if "absent" in (narrow.op, wide.op) or narrow.op == "present":
        return narrow.op == wide.op
    if narrow.op in ("eq", "in"):
        return all(holds(wide, value) for value in narrow.values)
    inner, outer = _interval(narrow), _interval(wide)
    if inner is not None and outer is not None:
        return outer[0] <= inner[0] and inner[1] <= outer[1]
    if wide.op in ("ne", "not_in"):
        return all(not holds(narrow, value) for value in wide.values)
    return False


def _exclude(one: CreditRule, two: CreditRule) -> bool:
    """Whether no deal fits both."""
    return any(_apart(first, second) for first in one.when for second in two.when if first.field == second.field)


def _apart(one: Condition, two: Condition) -> bool:
    if "absent" in (one.op, two.op):
        return one.op != two.op
    for some, other in ((one, two), (two, one)):
        if some.op in ("eq", "in"):
            return other.op != "present" and not any(holds(other, value) for value in some.values)
    first, second = _interval(one), _interval(two)
    return first is not None and second is not None and (first[1] < second[0] or second[1] < first[0])


def _said(parts: Parts, field: str, value: int) -> str:
    reads = found.reads if (found := field_of(field)) else "number"
    if reads == "amount":
        return format_minor(value, EXPONENTS.get(parts.says("currency") or "", 2))
    if reads == "percent":
        return ratio_text(Fraction(value, 10**6))
    return str(date.fromordinal(value)) if reads == "date" else str(value)

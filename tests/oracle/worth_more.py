"""The measures of one deal line besides acv, tcv, final_stage_acv and new_logos, each from its sentence in 0001."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from .calendar_rules import add_months, term_in_months
from .derived import GROWTH
from .exact import rounded
from .rows import Event, Line
from .spans import spans, within

KEPT = (*GROWTH, "renewal")
ONE = 1_000_000


def level_of(event: Event) -> int:
    return event.option.level if event.option is not None else event.line.first_level


def added(event: Event, kind: str, had: int) -> int:
    return max(0, level_of(event) - had) if kind in GROWTH else 0


def monthly(event: Event, kind: str, had: int, mode: str) -> int:
    return rounded(Fraction(added(event, kind, had), 12), mode)


def first_year(event: Event, kind: str, had: int, mode: str, fee: int) -> int | None:
    if kind not in GROWTH:
        return 0
    found = spans(event)
    if found is None:
        return None
    if not found:
        return fee
    start = min(span[0] for span in found)
    end = add_months(start, 12)
    stop = min(end, max(span[1] for span in found))
    before = Fraction(had) * term_in_months(start, stop) / 12 if start < stop else Fraction(0)
    return rounded(max(Fraction(0), within(found, start, end) - before), mode) + fee


def change(event: Event, kind: str, had: int) -> int:
    line = event.line
    if kind in GROWTH:
        return added(event, kind, had)
    if kind == "renewal" or event.option is not None:
        return 0
    level = line.first_level
    if level < 0:
        return level
    if kind == "churn":
        return -(level or had)
    return -max(0, had - level) if line.replaces else -level


def renewed(event: Event, kind: str, had: int) -> int:
    if kind != "renewal" or event.option is not None:
        return 0
    level = event.line.first_level
    return max(0, min(level, had) if event.line.replaces else level)


def margin(event: Event, kind: str, mode: str, *, floor: bool) -> int | None:
    if kind not in KEPT:
        return 0
    found, cost = spans(event), event.line.cost
    if found is None or cost is None or event.option is not None:
        return None
    value = rounded(sum((within([span], span[0], span[1]) for span in found), Fraction(0)), mode) + event.line.one_time
    return max(0, value - cost) if floor else value - cost


def units(event: Event, kind: str, replaced: list[Line]) -> int | None:
    if kind not in GROWTH or event.option is not None:
        return 0
    if event.line.quantity is None:
        return None
    return ONE * max(0, event.line.quantity - sum(old.quantity or 0 for old in replaced))


def one_deal(event: Event, kind: str, size: int, minimum: int) -> int:
    return ONE if kind in KEPT and event.option is None and size >= minimum else 0


def present_value(event: Event, kind: str, discount: Fraction, churn: Fraction, mode: str, fee: int) -> int | None:
    """Each year of the contract is paid on its first day, by the contracts that are left, at today's worth."""
    if kind not in KEPT:
        return 0
    found = spans(event)
    if found is None:
        return None
    total, year = Fraction(0), 0
    start = min((span[0] for span in found), default=date.max)
    end = max((span[1] for span in found), default=date.min)
    while found and add_months(start, 12 * year) < end:
        payment = within(found, add_months(start, 12 * year), add_months(start, 12 * (year + 1)))
        total += payment * (1 - churn) ** year / (1 + discount) ** year
        year += 1
    return rounded(total, mode) + fee


def lifetime(
    event: Event, kind: str, had: int, discount: Fraction, churn: Fraction, horizon: int | None, mode: str, fee: int
) -> int:
    """The annual value each year, as long as the horizon is; without one, the sum of the series."""
    if kind not in GROWTH:
        return 0
    left = (1 - churn) / (1 + discount)
    years = 1 / (1 - left) if horizon is None else sum((left**year for year in range(horizon)), Fraction(0))
    return rounded(added(event, kind, had) * years, mode) + fee

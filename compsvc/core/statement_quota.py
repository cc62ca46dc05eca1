"""Why a quota is what it is: the steps from what was given to what is to be reached in a period (M4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from compsvc.core.curves import ratio_text
from compsvc.core.periods import PER_YEAR, month_after
from compsvc.core.quota_parts import QuotaPart
from compsvc.core.statement_step import Exact, Step
from compsvc.core.statement_values import Money


def quota_steps(parts: Sequence[QuotaPart], currency_code: str) -> Iterator[Step]:
    """Where several parts make up a quota, each under a step of its own."""
    if len(parts) == 1:
        yield from _part(parts[0], currency_code)
        return
    for part in parts:
        start, end = part.situation.window
        yield Step("QUOTA_PART", {"start": start, "end": end}, "", tuple(_part(part, currency_code)))


def _part(part: QuotaPart, currency_code: str) -> Iterator[Step]:
    yield Step(f"QUOTA_{part.given_per.upper()}", {"amount": Money(part.given_minor, currency_code)})
    whole = Money(part.whole_minor, currency_code)
    seasonal, per = part.terms.seasonal, part.terms.per
    if seasonal is not None and part.given_per == "year" and per != "year":
        months = seasonal.months(part.terms.fiscal_year_starts)
        first = (part.situation.period[0].month - part.terms.fiscal_year_starts) % 12
        weight = sum(months[first : first + 12 // PER_YEAR[per]], Fraction(0))
        yield Step("QUOTA_SEASON", {"weight": weight, "part": whole})
    elif part.whole_minor != part.given_minor:
        yield Step("QUOTA_EQUAL", {"part": whole})
    if part.share != 1:
        yield _counts(part, currency_code, whole)


def _counts(part: QuotaPart, currency_code: str, whole: Money) -> Step:
    counted = Exact(part.whole_minor * part.share, currency_code)
    values: dict[str, object] = {"whole": whole, "share": part.share, "part": counted}
    days, of = _days(part), (part.situation.period[1] - part.situation.period[0]).days
    if Fraction(days, of) == part.share:
        values |= {"days": days, "of": of}
    return Step("QUOTA_COUNTS", values, "", tuple(_reasons(part)))  # type: ignore[arg-type]  # all of them are values


def _days(part: QuotaPart) -> int:
    """Of the window, without the leaves."""
    spans = [(1, part.situation.window), *((-1, leave) for leave in part.situation.leaves)]
    return sum(sign * (end - start).days for sign, (start, end) in spans)


def _reasons(part: QuotaPart) -> Iterator[Step]:
    found = part.situation
    if found.window[0] > found.period[0]:
        yield Step("QUOTA_FROM", {"start": found.window[0]})
    if found.window[1] < found.period[1]:
        yield Step("QUOTA_UNTIL", {"end": found.window[1]})
    for start, end in found.leaves:
        yield Step("QUOTA_LEAVE", {"start": start, "end": end})
    if found.workload != 1:
        yield Step("QUOTA_PART_TIME", {"workload": found.workload})
    if found.ramp_start is not None and part.terms.ramp_up is not None:
        shares = ", ".join(_ramp_shares(found.ramp_start, found.period, part.terms.ramp_up.months))
        yield Step("QUOTA_RAMP_UP", {"start": found.ramp_start, "shares": shares})


def _ramp_shares(start: date, period: tuple[date, date], months: Sequence[Fraction]) -> Iterator[str]:
    """Of the months of the ramp-up that the period touches."""
    for number, share in enumerate(months):
        if month_after(start, number) < period[1] and month_after(start, number + 1) > period[0]:
            yield ratio_text(share)

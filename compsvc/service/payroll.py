"""What payroll can ask: the payouts of a pay period, calculated anew on each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from compsvc.core.payouts import Payout, lines_of, payouts
from compsvc.core.periods import named_period
from compsvc.core.problems import did_you_mean
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Line, Money, Span, totals
from compsvc.service import pages
from compsvc.service.access import require
from compsvc.service.calculation import Calculation, Calculations
from compsvc.service.ports import Caller, InvalidArgument, NotFound, Violation

PLACE_PARTS = 7  # of `_place`


@dataclass(frozen=True, slots=True)
class Listed:
    """One page; counts and totals are of all pages, so that the reader can tell that nothing is missing."""

    payouts: Sequence[Payout]
    total_count: int
    totals: tuple[Money, ...]
    position: int
    refused_rows: int
    next_page_token: str


def list_payouts(
    calculations: Calculations,
    caller: Caller,
    *,
    pay_period: str,
    where: Mapping[str, str],
    page_size: int,
    page_token: str,
    as_of: datetime | None = None,
) -> Listed:
    """`as_of`: from what was recorded then. All pages are of the book at the first one."""
    require(caller, "read_payouts")
    month = month_of(pay_period, "parent")
    what = {**where, "pay_period": month.name, **({"as_of": as_of.isoformat()} if as_of else {})}
    asked = pages.asked(page_size, page_token, of="payouts", where=what)
    calculation = _at(calculations, as_of) if asked.position is None else calculations.at(asked.position)
    if calculation is None or not _is_place(asked.after):
        raise pages.not_of_this_list()
    _check_filters(calculation, where)
    found = _payouts(calculation, month, where)
    rest = [payout for payout in found if asked.after is None or _place(payout) > asked.after]
    shown, more = rest[: asked.limit], len(rest) > asked.limit
    position = calculation.position
    return Listed(
        payouts=shown,
        total_count=len(found),
        totals=totals(payout.amount for payout in found),
        position=position,
        refused_rows=len({(refusal.kind, refusal.row) for refusal in calculation.refusals}),
        next_page_token=pages.token(of="payouts", where=what, position=position, after=_place(shown[-1]))
        if more
        else "",
    )


def get_payout(
    calculations: Calculations,
    caller: Caller,
    *,
    pay_period: str,
    payout_id: str,
    name: str,
    as_of: datetime | None = None,
) -> tuple[Payout, tuple[Line, ...]]:
    """With the lines that it is the sum of. `name` is what a message calls it by."""
    require(caller, "read_payouts")
    month = month_of(pay_period, "name")
    calculation = _at(calculations, as_of)
    found = (payout for payout in _payouts(calculation, month, {}) if payout.key.payout_id == payout_id)
    payout = next(found, None)
    if payout is None:
        raise NotFound("compsvc.dev/Payout", name)
    return payout, lines_of(payout, calculation.result, calculation.plans, calculation.facts, month)


def _at(calculations: Calculations, as_of: datetime | None) -> Calculation:
    return calculations.newest() if as_of is None else calculations.as_of(as_of)


def _payouts(calculation: Calculation, month: Span, where: Mapping[str, str]) -> list[Payout]:
    return payouts(calculation.result, calculation.plans, calculation.facts, month, where)


def _check_filters(calculation: Calculation, where: Mapping[str, str]) -> None:
    """A slip in a filter would answer that nothing is to be paid."""
    known = {
        "participant_id": ("UNKNOWN_PARTICIPANT", "participant", set(calculation.facts.participants["participant_id"])),
        "plan": ("UNKNOWN_PLAN", "plan", {plan.plan for plan in calculation.plans}),
        "currency_code": ("UNKNOWN_CURRENCY", "currency of a plan", {plan.currency for plan in calculation.plans}),
    }
    wrong = []
    for name, value in where.items():
        code, what, names = known[name]
        if value not in names:
            hint = did_you_mean(value, names) if names else " There is none yet."
            wrong.append(Violation(name, code, f"`{value[:200]}` is no {what} of this book.{hint}"))
    if wrong:
        metadata = {each.field: where[each.field][:200] for each in wrong}
        raise InvalidArgument("FILTER_UNKNOWN", wrong[0].message, wrong, **metadata)


def _place(payout: Payout) -> pages.Key:
    """In the order of the list."""
    key = payout.key
    start = payout.earned_start_date.isoformat()
    return (key.participant_id, key.plan, key.component, start, key.earned_period, key.nature, key.currency_code)


def _is_place(after: pages.Key | None) -> bool:
    """A token proves nothing about what stands in it."""
    return after is None or (len(after) == PLACE_PARTS and all(isinstance(part, str) for part in after))


def month_of(pay_period: str, field: str) -> Span:
    """The company's calendar: its months (D3)."""
    span, found = period_of(pay_period, fiscal_year_starts=1), named_period(pay_period)
    if span is None or found is None or found[0] != "month":
        message = f"`{pay_period[:200]}` is no pay period. Write a calendar month as `2026-11`."
        raise InvalidArgument.of(field, "PERIOD_INVALID", message, period=pay_period[:200])
    return span

"""A participant's account of a period: where am I, what waits, what is my payout.

`statement` reads one calculation and shows it; no line is calculated a second time. The two figures that no line holds,
the way to the next step and what a pending deal would pay, come from the participant's own curve.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby

from compsvc.core.facts import Facts
from compsvc.core.money import round_ratio
from compsvc.core.plan import Component, Plan
from compsvc.core.results import Result
from compsvc.core.statement_as_at import as_at
from compsvc.core.statement_elsewhere import elsewhere
from compsvc.core.statement_mine import Mine, line_of, order_of, pending_order
from compsvc.core.statement_mix import book_mix
from compsvc.core.statement_pay import accounts, pay_of, payable_rows
from compsvc.core.statement_provisional import provisional
from compsvc.core.statement_standing import bound, pays_apart, position_of, standing
from compsvc.core.statement_values import (
    ComponentPayout,
    Money,
    PendingCredit,
    PendingDeal,
    Row,
    Span,
    Statement,
    key_of,
    span_of,
    totals,
)


def statement(
    result: Result, plans: Sequence[Plan], facts: Facts, *, participant_id: str, period: Span
) -> Statement | None:
    """None where the facts know no such participant; a participant without any deal has a statement of zeros."""
    names = facts.of("participants", "participant_id", participant_id)["display_name"]
    if names.is_empty():
        return None
    mine = Mine.of(result, plans, facts, participant_id)
    plans_of_mine = mine.plan_names(facts, participant_id)
    found = pay_of(result, plans, facts, participant_id=participant_id, names=plans_of_mine, period=period)
    payouts = tuple(_payouts(mine, mine.lines if found is None else payable_rows(found), period))
    kept = () if found is None else tuple(accounts(found, plans, facts, participant_id, period))
    paid_out = [account.paid for account in kept] if found else [payout.amount for payout in payouts]
    then = as_at(mine, period.end_date)
    credits = [(row, credit) for row in mine.pending if (credit := _pending_credit(then, row, period)) is not None]
    waits = tuple(provisional(result, plans, facts, participant_id=participant_id, period=period))
    return Statement(
        participant_id=participant_id,
        display_name=names[0] or participant_id,
        period=period,
        standings=tuple(standing(then, row, period) for row in then.earnings if span_of(row).touches(period)),
        pending=tuple(_pending_deals(mine, credits)),
        pending_together=_together(then, [credit for _, credit in credits]),
        payouts=payouts,
        accounts=kept,
        provisional=waits,
        provisional_totals=totals(item.amount for item in waits),
        totals=totals(paid_out, otherwise=mine.currencies),
        mix=book_mix(facts, plans, participant_id=participant_id, period=period),
        elsewhere=elsewhere(result, facts, participant_id=participant_id, period=period, credited=mine.deals),
    )


# --- what waits


def _pending_credit(mine: Mine, row: Row, period: Span) -> PendingCredit | None:
    """As if it were accepted in the period, from where the participant stands. None where it closes after the period,
    or counts for nothing there."""
    day = max(row["closed_date"], period.start_date)
    account = _account_on(mine, row, day)
    if row["closed_date"] >= period.end_date or account is None:
        return None
    return PendingCredit(
        plan=row["plan"],
        component=row["component"],
        period=account["period"],
        counts=None if row["counts"] is None else mine.quantity(account, row["counts"]),
        pays=None if row["counts"] is None else pays_more(mine, account, row["counts"]),
    )


def _account_on(mine: Mine, row: Row, day: date) -> Row | None:
    """The row of EARNINGS that a credit of that day would move."""
    same = (account for account in mine.earnings if all(account[of] == row[of] for of in ("plan", "component")))
    return next((account for account in same if span_of(account).holds(day)), None)


def pays_more(mine: Mine, account: Row, counts: int) -> Money | None:
    """round(F(position + counts)) - round(F(position)); None where rates apply to another measure (M1), and where the
    others decide as well (M7)."""
    component, rounding = mine.component(account), mine.plan(account).rounding
    curve, position = bound(component, account), position_of(mine, account)
    if pays_apart(component) or component.pays.shared_out is not None:
        return None
    if curve is None:
        return Money(0, account["currency_code"])
    after, before = curve.value(position + counts), curve.value(position)
    earned = [round_ratio(value.numerator, value.denominator, rounding) for value in (after, before)]
    return Money(_below_cap(component, account, earned[0] - earned[1]), account["currency_code"])


def _below_cap(component: Component, account: Row, more: int) -> int:
    """What of it the component's own cap lets through, from what is earned now."""
    cap = component.cap
    if isinstance(cap, Fraction):
        cap = int(cap * account["target_incentive_minor"])
    return more if cap is None else min(more, max(0, cap - account["earned_minor"]))


def _pending_deals(mine: Mine, credits: Sequence[tuple[Row, PendingCredit]]) -> Iterable[PendingDeal]:
    for (_, source, external_id), rows in groupby(credits, key=lambda item: pending_order(item[0])[:3]):
        of_deal = list(rows)
        first, each = of_deal[0][0], tuple(credit for _, credit in of_deal)
        yield PendingDeal(
            source=source,
            external_id=external_id,
            account_id=first["account_id"],
            account_name=mine.account_name(first["account_id"]),
            closed_date=first["closed_date"],
            reason=first["pending_reason"] or "",
            credits=each,
            totals=totals((credit.pays for credit in each if credit.pays), otherwise=mine.currencies),
        )


def _together(mine: Mine, credits: Sequence[PendingCredit]) -> tuple[Money, ...]:
    counts: dict[tuple[str, str, str], int] = {}
    for credit in credits:
        key = (credit.plan, credit.component, credit.period)
        counts[key] = counts.get(key, 0) + (credit.counts.amount if credit.counts else 0)
    accounts = {(row["plan"], row["component"], row["period"]): row for row in mine.earnings}
    pays = (pays_more(mine, accounts[key], count) for key, count in counts.items())
    return totals((amount for amount in pays if amount), otherwise=mine.currencies if credits else ())


# --- what is my payout


def _payouts(mine: Mine, rows: Iterable[Row], period: Span) -> Iterable[ComponentPayout]:
    """Of lines, or of parts of them."""
    payable = [row for row in rows if period.holds(row["payable_date"])]
    payable.sort(key=lambda row: (*order_of(mine.plans, row), row["payable_date"], *_place_in_list(row), *key_of(row)))
    for (name, component), own in groupby(payable, key=lambda row: (row["plan"], row["component"])):
        lines = tuple(line_of(mine, row) for row in own)
        plan = mine.plans[lines[0].revision]
        (amount,) = totals(line.amount for line in lines)
        yield ComponentPayout(name, plan.title, component, amount, lines)


def _place_in_list(row: Row) -> tuple[bool, int]:
    """Lines of the period stand behind those of its events."""
    return row["place"] is None, row["place"] or 0

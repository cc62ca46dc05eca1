"""What is available becomes pay, one month after the other: recovery, top-ups, balances, what is forgiven (T3, T4).

Written from the rules and from decisions/0001 alone, as the rest of the oracle's pay stage.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan

from .calendar_rules import add_months
from .exact import rounded

Key = tuple[str, str, date]  # participant, currency, first day of the month


@dataclass
class PaidOut:
    payouts: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    draw: dict[Key, int] = field(default_factory=dict)
    negative: dict[Key, int] = field(default_factory=dict)
    forgiven: dict[Key, int] = field(default_factory=dict)
    top_up: dict[Key, int] = field(default_factory=dict)
    held: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # at the end
    forfeited: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    advanced: dict[Key, int] = field(default_factory=lambda: defaultdict(int))  # at the end of each month


@dataclass
class Move:
    day: date
    amount: int


class Months:
    """Of everybody, into `out`. `left` has the last day of those who have left."""

    def __init__(self, plans: list[Plan], facts: Facts, until: date, left: dict[str, date], out: PaidOut) -> None:
        self.plans, self.facts, self.until, self.left, self.out = plans, facts, until, left, out

    def pay(self, moves_of: dict[tuple[str, str], list[Move]]) -> None:
        available: dict[Key, int] = defaultdict(int)
        for (who, money), moves in moves_of.items():
            for move in moves:
                if move.day < self.until:
                    available[who, money, move.day.replace(day=1)] += move.amount
        keeping = [plan for plan in self.plans if plan.negative or plan.draw or plan.guarantee]
        kept: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in self.facts.assignments.to_dicts():
            own = [plan for plan in keeping if plan.plan == row["plan"]]
            if own:
                kept[row["participant_id"], own[0].currency].append(row)
        for account, rows in kept.items():
            self._account(account, rows, keeping, available)
        for (who, money, month), amount in available.items():
            self.out.payouts[who, money, month] += amount

    def _account(
        self, account: tuple[str, str], rows: list[dict[str, Any]], plans: list[Plan], available: dict[Key, int]
    ) -> None:
        month = min(row["start_date"] for row in rows).replace(day=1)
        draw = negative = 0
        since: dict[str, date] = {}
        while month < self.until:
            key = *account, month
            a = available.pop(key, 0)
            words = _words(rows, plans, month, self.left.get(account[0]))
            positive = max(a, 0)
            limit = positive * words.recover.numerator // words.recover.denominator
            limit = min(limit, max(0, positive - words.never))
            own = positive * words.draw_recover.numerator // words.draw_recover.denominator
            takes = {"draw": min(draw, own) if words.recovers_draw else 0, "negative": negative}
            first = "negative"
            if words.order == "draw first" or (
                words.order == "oldest first"
                and {"draw", "negative"} <= set(since)
                and since["draw"] < since["negative"]
            ):
                first = "draw"
            second = {"draw": "negative", "negative": "draw"}[first]
            taken = {first: min(takes[first], limit)}
            taken[second] = min(takes[second], limit - taken[first])
            top_up = max(0, (words.floor if a >= 0 else words.floor_below_zero) - positive)
            if words.recoverable and words.owes_at_most is not None:
                top_up = min(top_up, max(0, words.owes_at_most - (draw - taken["draw"])))
            self.out.payouts[key] += positive - taken["draw"] - taken["negative"] + top_up
            self.out.top_up[key] = top_up
            draw += (top_up if words.recoverable else 0) - taken["draw"]
            lack = max(-a, 0)
            negative += (lack if words.carries else 0) - taken["negative"]
            forgiven = 0 if words.carries else lack
            if words.forgives_draw:
                forgiven, draw = forgiven + draw, 0
            if words.forgives_negative:
                forgiven, negative = forgiven + negative, 0
            for name, balance in (("draw", draw), ("negative", negative)):
                if balance:
                    since.setdefault(name, month)
                else:
                    since.pop(name, None)
            self.out.draw[key], self.out.negative[key], self.out.forgiven[key] = draw, negative, forgiven
            month = add_months(month, 1)


@dataclass
class _Words:
    carries: bool
    recover: Fraction
    never: int
    order: str
    draw_recover: Fraction
    recovers_draw: bool
    floor: int
    floor_below_zero: int
    recoverable: bool
    owes_at_most: int | None
    forgives_draw: bool
    forgives_negative: bool


def _words(rows: list[dict[str, Any]], plans: list[Plan], month: date, left: date | None) -> _Words:
    """Of the assignment that is in force in the month and began last; of the last one where none is. What is said of
    draws, of the last one in force whose plan lends."""
    following = add_months(month, 1)
    begun = [row for row in rows if row["start_date"] < following]
    gone = _gone(rows, left)

    def ends(row: dict[str, Any]) -> date:
        end: date = min(row["end_date"] or date.max, gone or date.max)
        return end

    def days(row: dict[str, Any], end: date) -> int:
        return max((min(end, following) - max(row["start_date"], month)).days, 0)

    in_force = [row for row in begun if days(row, ends(row))]
    row = max(in_force or begun, key=lambda row: (row["start_date"], row["plan"]))
    plan = _revision(plans, row["plan"], following)
    lending = [each for each in in_force if _revision(plans, each["plan"], following).draw is not None]
    lender = max(lending or [row], key=lambda row: (row["start_date"], row["plan"]))
    draw = _revision(plans, lender["plan"], following).draw
    whole = (following - month).days
    draws = draws_below_zero = guarantees = 0
    for each in begun:
        its = _revision(plans, each["plan"], following)
        since = _since(rows, each)
        number = (month.year - since.year) * 12 + month.month - since.month + 1
        if its.draw is not None and not (its.draw.periods is not None and number > its.draw.periods):
            covered = days(each, min(ends(each), its.draw.until or date.max))
            draw_of_month = rounded(Fraction(its.draw.amount_minor * covered, whole), its.rounding)
            draws += draw_of_month
            draws_below_zero += 0 if its.draw.below_zero == "nothing" else draw_of_month
        if its.guarantee is not None:
            covered = days(each, min(ends(each), add_months(since, its.guarantee.months)))
            guarantees += rounded(Fraction(its.guarantee.amount_minor * covered, whole), its.rounding)
    since = _since(rows, lender)
    number = (month.year - since.year) * 12 + month.month - since.month + 1
    negative, leaver = plan.negative, plan.leaver
    never = negative.never_below if negative else 0
    never = (draw.amount_minor if draw else 0) if never == "draw" else never or 0
    over = gone is not None and gone < following
    return _Words(
        carries=negative is None or negative.carry,
        recover=(negative.recover_at_most if negative else None) or Fraction(1),
        never=int(never),
        order=(negative.order if negative else None) or "oldest first",
        draw_recover=(draw.recover_at_most if draw else None) or Fraction(1),
        recovers_draw=number >= ((draw.recovery_from if draw else None) or 1),
        floor=guarantees or draws,
        floor_below_zero=guarantees or draws_below_zero,
        recoverable=bool(draw and draw.recoverable) and not guarantees,
        owes_at_most=draw.owes_at_most_minor if draw else None,
        forgives_draw=bool(leaver and leaver.draw == "forgive") and over,
        forgives_negative=bool(leaver and leaver.negative == "forgive") and over,
    )


def _revision(plans: list[Plan], name: str, before: date) -> Plan:
    own = sorted((plan for plan in plans if plan.plan == name), key=lambda plan: plan.effective)
    return ([plan for plan in own if plan.effective < before] or own[:1])[-1]


def _since(rows: list[dict[str, Any]], row: dict[str, Any]) -> date:
    """The first day of the assignments to the same plan that this one goes on from without a gap."""
    since: date = row["start_date"]
    for other in sorted((r for r in rows if r["plan"] == row["plan"]), key=lambda r: r["start_date"], reverse=True):
        if other["start_date"] < since and other["end_date"] is not None and other["end_date"] >= since:
            since = other["start_date"]
    return since


def _gone(rows: list[dict[str, Any]], left: date | None) -> date | None:
    return None if left is None else left + timedelta(days=1)

"""A participant's account of a period: where am I, what waits, what is my payout.

`statement` reads one calculation and shows it; no line is calculated a second time. The two figures that no line holds,
the way to the next step and what a pending deal would pay, come from the participant's own curve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

import polars as pl

from compsvc.core.curves import Multiple
from compsvc.core.curves_bound import Bound
from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_LEVELS
from compsvc.core.modifiers import template as curve_of
from compsvc.core.modifiers import threshold
from compsvc.core.money import round_ratio
from compsvc.core.node import Node
from compsvc.core.periods import period_span
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_modifiers import OWN_MEASURE, Gate
from compsvc.core.results import Result
from compsvc.core.statement_elsewhere import elsewhere
from compsvc.core.statement_pay import accounts, pay_of, payable_rows
from compsvc.core.statement_provisional import provisional
from compsvc.core.statement_values import (
    ComponentPayout,
    Line,
    Money,
    NextStep,
    PendingCredit,
    PendingDeal,
    Place,
    Quantity,
    Row,
    Span,
    Standing,
    Statement,
    Tier,
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
    kept = () if found is None else tuple(accounts(found, plans, participant_id, period))
    paid_out = [account.paid for account in kept] if found else [payout.amount for payout in payouts]
    credits = [(row, credit) for row in mine.pending if (credit := _pending_credit(mine, row, period)) is not None]
    waits = tuple(provisional(result, plans, facts, participant_id=participant_id, period=period))
    return Statement(
        participant_id=participant_id,
        display_name=names[0] or participant_id,
        period=period,
        standings=tuple(_standing(mine, row, period) for row in mine.earnings if span_of(row).touches(period)),
        pending=tuple(_pending_deals(mine, credits)),
        pending_together=_together(mine, [credit for _, credit in credits]),
        payouts=payouts,
        accounts=kept,
        provisional=waits,
        provisional_totals=totals(item.amount for item in waits),
        totals=totals(paid_out, otherwise=mine.currencies),
        elsewhere=elsewhere(result, facts, participant_id=participant_id, period=period, credited=mine.deals),
    )


def period_of(name: str, *, fiscal_year_starts: int) -> Span | None:
    """`2026-11`, `2026-Q4` or `2026` on a fiscal calendar (D3). None where the text is none of them."""
    year, _, part = name.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 1 <= int(year) <= 9998):
        return None
    if not part:
        found = ("year", int(year)) if "-" not in name else None
    elif part in ("Q1", "Q2", "Q3", "Q4"):
        found = ("quarter", int(year) * 4 + int(part[1]) - 1)
    else:
        is_month = len(part) == 2 and part.isascii() and part.isdigit() and 1 <= int(part) <= 12
        found = ("month", int(year) * 12 + int(part) - 1) if is_month else None
    if found is None:
        return None
    per, index = found
    return Span(name, *period_span(index, per=per, fiscal_year_starts=fiscal_year_starts))


def fiscal_year_starts(plans: Sequence[Plan], facts: Facts, participant_id: str) -> int:
    """Of the participant's plans; January where they differ, or where there is none."""
    mine = set(facts.of("assignments", "participant_id", participant_id)["plan"])
    starts = {plan.fiscal_year_starts for plan in plans if plan.plan in mine}
    return starts.pop() if len(starts) == 1 else 1


def manages(facts: Facts, *, manager_id: str, participant_id: str, period: Span) -> bool:
    """Whether on some day of the period the manager stands above the participant, every step of the line in force."""
    return any(
        manager_id in _above(facts, participant_id, day) for day in _days_of_change(facts, participant_id, period)
    )


def _days_of_change(facts: Facts, participant_id: str, period: Span) -> list[date]:
    """The period's first day, and each later one on which anybody who may stand above starts or ends."""
    known, level = {participant_id}, {participant_id}
    days = {period.start_date}
    for _ in range(MAX_LEVELS):
        rows = facts.of("assignments", "participant_id", *sorted(level))
        days |= {day for name in ("start_date", "end_date") for day in rows[name] if day and period.holds(day)}
        level = set(rows["manager_id"].drop_nulls()) - known
        known |= level
    return sorted(days)


def _above(facts: Facts, participant_id: str, day: date) -> set[str]:
    """Everybody above the participant on the day."""
    reached, level = {participant_id}, {participant_id}
    for _ in range(MAX_LEVELS):
        rows = facts.of("assignments", "participant_id", *sorted(level)).filter(
            pl.col("start_date") <= day, pl.col("end_date").is_null() | (pl.col("end_date") > day)
        )
        level = set(rows["manager_id"].drop_nulls()) - reached
        reached |= level
    return reached - {participant_id}


def place(node: Node) -> str:
    """`hunter.yaml:24`, as derivations cite it."""
    return node.at.in_folder


# --- what belongs to one participant


@dataclass(frozen=True)
class Mine:
    """One participant's rows as plain mappings, in the order in which a statement shows them."""

    plans: Mapping[str, Plan]  # by revision
    earnings: Sequence[Row]
    lines: Sequence[Row]
    pending: Sequence[Row]
    account_names: Mapping[str, str]
    chosen: Mapping[tuple[str, str, str], Sequence[Row]]  # rows of CHOSEN by plan, component and period
    standings: Mapping[tuple[str, str, str], Row]  # rows of STANDINGS likewise

    @classmethod
    def of(cls, result: Result, plans: Sequence[Plan], facts: Facts, participant_id: str) -> Mine:
        assert result.lines is not None, "a statement needs the lines"
        by_revision = {plan.revision: plan for plan in plans}
        lines = result.of("lines", "participant_id", participant_id)
        pending = result.of("pending", "participant_id", participant_id)
        seen = pl.concat([lines["account_id"], pending["account_id"]]).unique()
        accounts = facts.of("accounts", "account_id", *seen, columns=["account_id", "name"])
        chosen = chosen_of(result, participant_id)
        rows = [
            {**row, **modification(chosen.get((row["plan"], row["component"], row["period"]), ()))}
            for row in result.of("earnings", "participant_id", participant_id).iter_rows(named=True)
        ]
        standings = result.of("standings", "participant_id", participant_id).iter_rows(named=True)
        return cls(
            plans=by_revision,
            earnings=sorted(rows, key=lambda row: (*_order(by_revision, row), row["period_start_date"])),
            lines=lines.rows(named=True),
            pending=sorted(pending.rows(named=True), key=_pending_order),
            account_names={account: name or account for account, name in accounts.iter_rows()},
            chosen=chosen,
            standings={(row["plan"], row["component"], row["period"]): row for row in standings},
        )

    @property
    def deals(self) -> frozenset[tuple[str, str]]:
        """Source and external id of each that a line is for."""
        return frozenset((row["source"], row["external_id"]) for row in self.lines if row["line"] is not None)

    def plan_names(self, facts: Facts, participant_id: str) -> frozenset[str]:
        """Of the plans that the participant is or was under, or has lines of."""
        assigned = facts.of("assignments", "participant_id", participant_id)["plan"]
        return frozenset(assigned) | {row["plan"] for row in self.lines}

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(sorted({row["currency_code"] for row in self.earnings}))

    def plan(self, row: Row) -> Plan:
        return self.plans[row["revision"]]

    def component(self, row: Row) -> Component:
        return self.plan(row).components[row["component"]]

    def quantity(self, row: Row, amount: int) -> Quantity:
        """Of what the row's component counts."""
        counted = self.component(row).pays.moved_by == "count"
        return Quantity(amount, None if counted else row["currency_code"])

    def account_name(self, account_id: str | None) -> str:
        return self.account_names.get(account_id or "", account_id or "")


def chosen_of(result: Result, participant_id: str) -> Mapping[tuple[str, str, str], Sequence[Row]]:
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in result.of("chosen", "participant_id", participant_id).iter_rows(named=True):
        found.setdefault((row["plan"], row["component"], row["period"]), []).append(row)
    return found


def modification(chosen: Sequence[Row]) -> Row:
    """What gate and multiplier make of a period's curve: `shut`, or `times` as high (M6)."""
    times = (Fraction(row["times_num"], row["times_den"]) for row in chosen if row["word"] == "multiplier")
    return {"shut": any(row["open"] is False for row in chosen), "times": next(times, Fraction(1))}


def in_order(mine: Mine, rows: Iterable[Row]) -> list[Row]:
    """Rows of EARNINGS as a statement shows them."""
    return sorted(rows, key=lambda row: (*_order(mine.plans, row), row["period_start_date"]))


def _order(plans: Mapping[str, Plan], row: Row) -> tuple[str, int, str]:
    """By plan, and within it as the plan's components stand."""
    names = list(plans[row["revision"]].components)
    return row["plan"], names.index(row["component"]), row["component"]


def _pending_order(row: Row) -> tuple[date, str, str, str, str, int]:
    return row["closed_date"], row["source"], row["external_id"], row["plan"], row["component"], row["line"]


# --- where am I


def _standing(mine: Mine, row: Row, period: Span) -> Standing:
    """No advice on the next step once the measurement period is over: nothing can be done about it any more."""
    plan, component = mine.plan(row), mine.component(row)
    position, quota, curve = position_of(mine, row), row["quota_minor"], bound(component, row)
    adds_up = component.pays.span == "period"  # else each deal begins anew, and nothing leads to a next step
    return Standing(
        plan=plan.plan,
        plan_title=plan.title,
        component=row["component"],
        component_at=place(component),
        period=span_of(row),
        measure=measure(plan, component),
        position=mine.quantity(row, position),
        quota=None if quota is None else mine.quantity(row, quota),
        attainment=Fraction(position, quota) if quota else None,
        earned=Money(row["earned_minor"], row["currency_code"]),
        tier=tier(curve, curve.tier(position)) if curve and adds_up else None,
        next_step=next_step(mine, row, curve)
        if curve and adds_up and span_of(row).end_date >= period.end_date
        else None,
        place=_contest_place(mine.standings.get((row["plan"], row["component"], row["period"]))),
    )


def _contest_place(found: Row | None) -> Place | None:
    if found is None or found["place"] is None:
        return None
    return Place(found["place"], found["ranked"], found["winners"], found["prize"] or "")


def position_of(mine: Mine, row: Row) -> int:
    """Of a row of EARNINGS: minor units, or millionths of a count."""
    counted = mine.component(row).pays.template().position == "count"
    position: int = row["count_millionths"] if counted else row["measure_minor"]
    return position


def measure(plan: Plan, component: Component) -> str:
    """What moves the position: another component's measure where this one shares its position (M1)."""
    shared = component.pays.position_of
    return plan.components[shared].counts if shared else component.counts


def bound(component: Component, row: Row) -> Bound | None:
    """The component's curve for a row's quota, base and target. None where no position moves it (M4: pay_target)."""
    template = curve_of(component, row.get("times", Fraction(1)), shut=row.get("shut", False))
    no_quota = template.needs_quota and not row["quota_minor"]
    if (no_quota and component.zero_quota == "pay_target") or (template.uses_base and row["base_num"] is None):
        return None
    return Bound(
        template,
        quota_minor=row["quota_minor"] or 0,
        base=Fraction(row["base_num"], row["base_den"]) if row["base_num"] is not None else Fraction(0),
        target_minor=row["target_incentive_minor"] or 0,
        first_tier_only=no_quota,
    )


def pays_apart(component: Component) -> bool:
    """Whether rates apply to another amount than the one that moves the position (M1)."""
    pays = component.pays
    return pays.has_rates and (component.pays_on is not None or pays.position_of is not None or pays.counts_whole)


def tier(curve: Bound, number: int) -> Tier | None:
    """None where the curve has no rates, only bonuses and amounts for units."""
    pieces = curve.curve.pieces
    if curve.curve.of_units or not any(piece.slope.ratio for piece in pieces):
        return None
    slope = pieces[number].slope
    return Tier(number + 1, len(pieces), curve.rate(number), slope.ratio if slope.of == "base" else None)


def next_step(mine: Mine, row: Row, curve: Bound) -> NextStep | None:
    position, step = position_of(mine, row), curve.next_step(position_of(mine, row))
    if row.get("shut"):
        return _opening(mine, row, position)
    if step is None:
        return None
    distance = step.position - position
    lift = curve.lift(step.position, curve.tier(position), step.tier)
    bonus = lift + sum(amount for _, amount in jumps(curve, position, step.position))
    median = _median_deal(mine, row)
    return NextStep(
        at=mine.quantity(row, step.position),
        distance=mine.quantity(row, distance),
        bonus=Money(round_ratio(bonus.numerator, bonus.denominator, mine.plan(row).rounding), row["currency_code"]),
        tier=tier(curve, step.tier),
        deals=None if median is None else -(-distance // median),
        median_deal=None if median is None else mine.quantity(row, median),
    )


def _opening(mine: Mine, row: Row, position: int) -> NextStep | None:
    """Where the own gate opens, and what that pays at once; another component's says nothing about the way to it."""
    component = mine.component(row)
    opened = bound(component, {**row, "shut": False})
    if component.gate is None or component.gate.measure != OWN_MEASURE or opened is None:
        return None
    at = needed(component.gate, component, mine.plan(row), row["quota_minor"])
    pays, median = opened.value(at), _median_deal(mine, row)
    return NextStep(
        at=mine.quantity(row, at),
        distance=mine.quantity(row, at - position),
        bonus=Money(round_ratio(pays.numerator, pays.denominator, mine.plan(row).rounding), row["currency_code"]),
        tier=tier(opened, opened.tier(at)),
        deals=None if median is None else -(-(at - position) // median),
        median_deal=None if median is None else mine.quantity(row, median),
    )


def needed(gate: Gate, asked: Component, plan: Plan, quota_minor: int | None) -> int:
    """The first whole position at which a gate is open."""
    if isinstance(gate.at_least, Fraction):
        return -(-(gate.at_least * (quota_minor or 0)) // 1)
    return threshold(gate.at_least, asked, plan.currency)


def jumps(curve: Bound, low: int, high: int) -> Iterable[tuple[int, Fraction]]:
    """Each bonus between two positions, in minor units, and the position that brings it."""

    def amount(jump: Multiple) -> Fraction:
        return jump.ratio * (curve.target_minor if jump.of == "target" else 1)

    for number in range(curve.tier(low) + 1, curve.tier(high) + 1):
        piece, start = curve.curve.pieces[number], curve.start(number)
        if piece.jump.ratio:
            yield -(-start.numerator // start.denominator), amount(piece.jump)
    every = curve.curve.every
    if every is not None:
        for times in range(max(low, 0) // every.step + 1, max(high, 0) // every.step + 1):
            yield times * every.step, amount(every.jump)


def _median_deal(mine: Mine, row: Row) -> int | None:
    """The lower median of what each of the participant's deals counted for this component, in all periods."""
    sizes: dict[tuple[str, str], int] = {}
    for line in _own_lines(mine, row):
        deal = (line["source"], line["external_id"])
        sizes[deal] = sizes.get(deal, 0) + line["counts"]
    positive = sorted(size for size in sizes.values() if size > 0)
    return positive[(len(positive) - 1) // 2] if positive else None


def _own_lines(mine: Mine, row: Row) -> Iterable[Row]:
    same = ("plan", "component")
    return (
        line
        for line in mine.lines
        if line["step_kind"] == "own" and line["line"] is not None and all(line[of] == row[of] for of in same)
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
    for (_, source, external_id), rows in groupby(credits, key=lambda item: _pending_order(item[0])[:3]):
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
    payable.sort(key=lambda row: (*_order(mine.plans, row), row["payable_date"], *_place_in_list(row), *key_of(row)))
    for (name, component), own in groupby(payable, key=lambda row: (row["plan"], row["component"])):
        lines = tuple(line_of(mine, row) for row in own)
        plan = mine.plans[lines[0].revision]
        (amount,) = totals(line.amount for line in lines)
        yield ComponentPayout(name, plan.title, component, amount, lines)


def _place_in_list(row: Row) -> tuple[bool, int]:
    """Lines of the period stand behind those of its events."""
    return row["place"] is None, row["place"] or 0


def line_of(mine: Mine, row: Row) -> Line:
    return Line(
        key=key_of(row),
        revision=row["revision"],
        rule_kind=row["rule_kind"],
        step_kind=row["step_kind"],
        cause_external_id=row["cause_external_id"] or "",
        account_id=row["account_id"] or "",
        account_name=mine.account_name(row["account_id"]),
        product=row["product"] or "",
        deal_type=row["deal_type"] or "",
        activity=row["activity"] or "",
        counting_date=row["counting_date"],
        payable_date=row["payable_date"],
        counts=mine.quantity(row, row["counts"]),
        amount=Money(row["amount_minor"], row["currency_code"]),
        part=row.get("part"),
        whole=None if row.get("part") is None else Money(row["whole_minor"], row["currency_code"]),
        corrected=_corrected(mine, row) if row["step_kind"] == "difference" else None,
    )


def _corrected(mine: Mine, row: Row) -> tuple[Quantity, Quantity]:
    """What the event of a difference counted before it, and with it (D2)."""
    event = ("plan", "component", "period", "source", "external_id", "line", "stage")
    before = sum(
        line["counts"]
        for line in mine.lines
        if line["step_kind"] in ("own", "difference")
        and line["step"] < row["step"]
        and all(line[of] == row[of] for of in event)
    )
    return mine.quantity(row, before), mine.quantity(row, before + row["counts"])

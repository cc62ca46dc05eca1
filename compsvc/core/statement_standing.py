"""Where am I: position, quota, tier and the way to the next step, from the participant's own curve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from compsvc.core.curves import Multiple
from compsvc.core.curves_bound import Bound
from compsvc.core.modifiers import selecting, threshold
from compsvc.core.modifiers import template as curve_of
from compsvc.core.money import round_ratio
from compsvc.core.plan import COUNTED, Component, Plan
from compsvc.core.plan_modifiers import OWN_MEASURE, Gate
from compsvc.core.statement_mine import Mine, place
from compsvc.core.statement_values import (
    LostCount,
    Money,
    NextStep,
    Place,
    Row,
    Span,
    Standing,
    Statement,
    Tier,
    span_of,
)


def standing(mine: Mine, row: Row, period: Span) -> Standing:
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
        as_at_date=row.get("as_at_date"),
        lost=tuple(_lost(mine, row)),
        place=_contest_place(mine.standings.get((row["plan"], row["component"], row["period"]))),
    )


def on_day(found: Statement, day: date) -> Statement:
    """Without advice on a next step where nothing can be done about it any more."""
    standings = (replace(item, next_step=None) if item.period.end_date <= day else item for item in found.standings)
    return replace(found, standings=tuple(standings))


def _lost(mine: Mine, row: Row) -> Iterator[LostCount]:
    """By day."""
    component = mine.component(row)
    if component.counts not in COUNTED:
        return
    lines = [line for line in mine.lines if all(line[name] == row[name] for name in ("plan", "component", "period"))]
    taken = [line for line in lines if line["step_kind"] == "take_back" and line["counts"] < 0]
    for line in sorted(taken, key=lambda line: (line["loss_date"] or line["closed_date"], line["place"])):
        left = line["loss_date"] is None
        yield LostCount(
            external_id=_won(lines, line) if left else line["external_id"],
            account_name=mine.account_name(line["account_id"]),
            lost_date=line["closed_date"] if left else line["loss_date"],
            counts=mine.quantity(row, -line["counts"]),
            must_stay_months=component.must_stay if left else None,
        )


def _won(lines: Sequence[Row], churn: Row) -> str:
    """The deal that had won the account that has left."""
    won = {
        line["external_id"]
        for line in lines
        if line["step_kind"] == "own" and line["counts"] > 0 and line["account_id"] == churn["account_id"]
    }
    return won.pop() if len(won) == 1 else ""


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
    """Where the own gates open, and what that pays at once. Before a gate of another component no way is known."""
    component = mine.component(row)
    opened = bound(component, {**row, "shut": False})
    gates = [gate for _, gate in selecting(component)]
    if opened is None or any(gate.measure != OWN_MEASURE for gate in _shut(mine, row, component)):
        return None
    own = [gate for gate in gates if gate.measure == OWN_MEASURE]
    at = max(needed(gate, component, mine.plan(row), row["quota_minor"]) for gate in own)
    pays, median = opened.value(at), _median_deal(mine, row)
    return NextStep(
        at=mine.quantity(row, at),
        distance=mine.quantity(row, at - position),
        bonus=Money(round_ratio(pays.numerator, pays.denominator, mine.plan(row).rounding), row["currency_code"]),
        tier=tier(opened, opened.tier(at)),
        deals=None if median is None else -(-(at - position) // median),
        median_deal=None if median is None else mine.quantity(row, median),
    )


def _shut(mine: Mine, row: Row, component: Component) -> Iterator[Gate]:
    """The gates before which the row's period stands."""
    told = mine.chosen.get((row["plan"], row["component"], row["period"]), ())
    shut = {found["number"] for found in told if found["open"] is False}
    return (gate for number, gate in selecting(component) if number in shut)


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

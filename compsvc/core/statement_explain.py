"""Why a line pays what it pays: a tree of steps, each following from the steps below it, down to the deal's fields.

A step is a code and its exact figures; printers put it into words. Nothing here knows a rule kind: the curve says how
an amount falls into tiers, and whatever its rates do not pay is a bonus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from compsvc.core.changes import CUSTOMER_CHANGE, is_change
from compsvc.core.curves import decimal_text
from compsvc.core.curves_bound import Bound, Part
from compsvc.core.facts import Facts
from compsvc.core.money import split
from compsvc.core.node import Node
from compsvc.core.plan import COUNTED, Plan
from compsvc.core.plan_clawback import OTHER, FullWithin, ScheduleOrNone
from compsvc.core.results import Result
from compsvc.core.statement_deals import Deals, unit_of
from compsvc.core.statement_explain_deal import credit, dates, deal, measure, position
from compsvc.core.statement_explain_others import among_others
from compsvc.core.statement_explain_reports import Reports, of_reports
from compsvc.core.statement_mine import Mine, line_of, place
from compsvc.core.statement_standing import bound, jumps, needed, pays_apart, tier
from compsvc.core.statement_step import Exact as Exact
from compsvc.core.statement_step import Step as Step
from compsvc.core.statement_step import Value as Value
from compsvc.core.statement_step import money, present
from compsvc.core.statement_values import Line, LineKey, Quantity, Row, key_of


@dataclass(frozen=True, slots=True)
class Explanation:
    line: Line
    derivation: Step


def explain(result: Result, plans: Sequence[Plan], facts: Facts, key: LineKey) -> Explanation | None:
    """None where the calculation has no such line."""
    mine = Mine.of(result, plans, facts, key.participant_id)
    row = next((row for row in mine.lines if key_of(row) == key), None)
    if row is None:
        return None
    return _explanation(mine, Deals(facts, mine, key.participant_id), Reports.of(result, facts, mine), row)


def explain_all(
    result: Result, plans: Sequence[Plan], facts: Facts, participant_id: str
) -> Mapping[LineKey, Explanation]:
    """All lines of one participant, in their order."""
    mine = Mine.of(result, plans, facts, participant_id)
    deals, reports = Deals(facts, mine, participant_id), Reports.of(result, facts, mine)
    return {key_of(row): _explanation(mine, deals, reports, row) for row in mine.lines}


def _explanation(mine: Mine, deals: Deals, reports: Reports, row: Row) -> Explanation:
    return Explanation(line_of(mine, row), derivation(mine, deals, reports, row))


def derivation(mine: Mine, deals: Deals, reports: Reports, row: Row) -> Step:
    steps = (
        *_pay(mine, deals, row),
        *_lost(mine, row),
        *_bounding(mine, deals, row),
        *_of_period(mine, deals, row),
        *among_others(mine, row),
        *_chosen(mine, row),
        *position(mine, deals, row),
        *measure(mine, deals, of_reports(mine, reports, row), row),
        *credit(row),
        *deal(mine, deals, row),
    )
    values: dict[str, Value] = {"amount": money(row, row["amount_minor"]), "component": row["component"]}
    values |= present(deal=row["external_id"], account=mine.account_name(row["account_id"]) or None)
    return Step("LINE", values, row["component_at"], (*steps, *dates(mine, deals, row)))


# --- what it pays


def _pay(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    curve = _curve(mine, deals, row)
    if row["step_kind"] == "re_rating":
        yield from _re_rating(mine, row, curve)
    elif row["earned_after_minor"] is None:
        return
    else:
        yield _difference(mine, deals, row, curve)


def _difference(mine: Mine, deals: Deals, row: Row, curve: Bound | None) -> Step:
    """amount = round(F(after)) - round(F(before)), less what a retroactive step posts to the deals before."""
    after, before = row["earned_after_minor"], row["earned_before_minor"]
    values: dict[str, Value] = {
        "amount": money(row, row["amount_minor"]),
        "after": money(row, after),
        "before": money(row, before),
    }
    steps = [] if curve is None else [*_parts(mine, deals, row, curve), *_rounded(mine, row, curve)]
    posted = after - before - row["amount_minor"]
    if posted:
        values["posted"] = money(row, posted)
        names = ", ".join(sorted({line["external_id"] for line in deals.re_rated_by(row)}))
        steps.append(Step("POSTED_TO_EARLIER", present(amount=values["posted"], deals=names or None)))
    return Step("DIFFERENCE", values, row["component_at"], tuple(steps))


def _parts(mine: Mine, deals: Deals, row: Row, curve: Bound) -> Iterator[Step]:
    """Amount in a tier x its rate, tier by tier; what is left of the move of the curve is a bonus."""
    parts = _paid_parts(mine, row, curve)
    for part in parts:
        if curve.curve.of_units:
            yield _unit_part(mine, row, part)
        elif found := tier(curve, part.tier):
            yield _tier_part(mine, row, part, found.count, found.of_base)
    if any(curve.curve.pieces[part.tier].slope.of == "base" for part in parts):
        yield from _base(deals, row, curve)
    yield from _bonuses(mine, row, curve)
    yield from _shares_of(mine, row)


def _shares_of(mine: Mine, row: Row) -> Iterator[Step]:
    """The amount of a period that the plan names in place of a target incentive, and what of it counts (M4)."""
    pays = mine.component(row).pays
    if pays.amount_minor is None:
        return
    counts = row["target_incentive_minor"]
    part = None if counts in (None, pays.amount_minor) else money(row, counts)
    yield Step("SHARES_OF", present(amount=money(row, pays.amount_minor), part=part), place(pays))


def _bonuses(mine: Mine, row: Row, curve: Bound) -> Iterator[Step]:
    """What reaching a point pays besides the rates; below 0 where a take-back falls behind it."""
    low, high = sorted((row["position_before"], row["position_after"]))
    sign = 1 if row["position_after"] >= row["position_before"] else -1
    for at, amount in jumps(curve, low, high):
        reached, pays = mine.quantity(row, at), Exact(sign * amount, row["currency_code"])
        yield Step("BONUS", {"pays": pays, "at": reached, **unit_of(mine, row)}, row["component_at"])


def _rounded(mine: Mine, row: Row, curve: Bound) -> Iterator[Step]:
    """Only where rounding did something: what a line is short of or above its parts, its neighbours have or lack."""
    if _is_paid_apart(mine, row):
        return
    after, before = curve.value(row["position_after"]), curve.value(row["position_before"])
    if after.denominator > 1 or before.denominator > 1:
        exact = {"after": Exact(after, row["currency_code"]), "before": Exact(before, row["currency_code"])}
        yield Step("ROUNDED", {**exact, "rounding": mine.plan(row).rounding}, place(mine.plan(row)))


def _paid_parts(mine: Mine, row: Row, curve: Bound) -> list[Part]:
    """What rates apply to, divided over the tiers as the move of the position is (M1)."""
    before, after = row["position_before"], row["position_after"]
    if not _is_paid_apart(mine, row):
        return curve.parts(before, after)
    moved = replace(curve, template=curve.template.as_marginal).parts(before, after)
    reached = curve.tier(after)
    if not moved:
        return [Part(reached, Fraction(row["pays"]), curve.rate(reached))]
    shares = [Fraction(abs(part.amount), abs(row["counts"])) for part in moved]
    amounts = split(row["pays"], [(share.numerator, share.denominator) for share in shares])
    paid: dict[int, int] = {}
    for part, amount in zip(moved, amounts, strict=True):
        number = curve.pays_as(part.tier, reached)
        paid[number] = paid.get(number, 0) + amount
    return [Part(number, Fraction(amount), curve.rate(number)) for number, amount in paid.items()]


def _is_paid_apart(mine: Mine, row: Row) -> bool:
    """Whether what rates apply to is not what moves the position: of the component, or of credit that is stated so."""
    return pays_apart(mine.component(row)) or row["pays"] != row["counts"]


def _tier_part(mine: Mine, row: Row, part: Part, count: int, of_base: Fraction | None) -> Step:
    apart = pays_apart(mine.component(row))
    values: dict[str, Value] = {
        "part": Exact(part.amount, row["currency_code"] if apart else mine.quantity(row, 0).currency_code),
        "rate": part.rate,
        "pays": Exact(part.amount * part.rate, row["currency_code"]),
        **({} if apart else unit_of(mine, row)),
    }
    if count > 1:
        values |= {"number": part.tier + 1, "count": count}
    if of_base is not None:
        values["of_base"] = of_base
    return Step("TIER_PART", values, _place_of_piece(mine, row, part.tier))


def _unit_part(mine: Mine, row: Row, part: Part) -> Step:
    """So many units, and the amount for each."""
    values: dict[str, Value] = {
        "part": Exact(part.amount, None),
        "each": Exact(part.rate * 10**6, row["currency_code"]),
        "pays": Exact(part.amount * part.rate, row["currency_code"]),
        **unit_of(mine, row),
    }
    return Step("UNIT_PART", values, _place_of_piece(mine, row, part.tier))


def _place_of_piece(mine: Mine, row: Row, number: int) -> str:
    """Where the plan lists its tiers: the entry of this one; else the component."""
    pays = mine.component(row).pays
    pieces = len(pays.template().pieces)
    for name in type(pays).model_fields:
        listed = getattr(pays, name)
        if isinstance(listed, tuple) and len(listed) == pieces and isinstance(listed[number], Node):
            return place(listed[number])
    return str(row["component_at"])


def _base(deals: Deals, row: Row, curve: Bound) -> Iterator[Step]:
    """`base` = target incentive x weight / quota, all of the full year (M4)."""
    terms = deals.terms(row)
    if terms is not None and terms.base == curve.base:
        target, quota = money(row, terms.target_minor), money(row, terms.quota_minor)
        weight = None if terms.weight == 1 else terms.weight
        yield Step("BASE", present(base=terms.base, target=target, quota=quota, weight=weight))
    else:
        yield Step("BASE", {"base": curve.base})


def _re_rating(mine: Mine, row: Row, curve: Bound | None) -> Iterator[Step]:
    values = present(cause=row["cause_external_id"], pays_on=money(row, row["pays"]))
    if curve is not None:
        before, after = curve.rate(row["tier_before"]), curve.rate(row["tier_after"])
        values |= {"rate_before": before, "rate_after": after}
        values["pays"] = Exact((after - before) * row["pays"], row["currency_code"])
    yield Step("RE_RATING", values, row["component_at"])


def _curve(mine: Mine, deals: Deals, row: Row) -> Bound | None:
    """The curve that the line was paid by: for the terms of its own day, or else for those of the whole period."""
    account, terms = deals.account(row), deals.terms(row)
    if account is None:
        return None
    own = {} if terms is None else {"base_num": terms.base.numerator, "base_den": terms.base.denominator}
    for base in (own, {}):
        curve = bound(mine.component(row), {**account, **base, **_own_figures(row)})
        if curve is not None and _gives(mine, row, curve):
            return curve
    return None


def _own_figures(row: Row) -> dict[str, int | None]:
    """The line's part of the period may have others than its end, which EARNINGS names (M3)."""
    return {name: row[name] for name in ("quota_minor", "target_incentive_minor")}


def _gives(mine: Mine, row: Row, curve: Bound) -> bool:
    """Whether the parts come to the line's amount but for its two roundings, and those of what it posts elsewhere. A
    derivation that does not is not shown: better none than a wrong one."""
    if row["earned_after_minor"] is None:
        return True
    parts = sum((part.amount * part.rate for part in _paid_parts(mine, row, curve)), start=Fraction(0))
    low, high = sorted((row["position_before"], row["position_after"]))
    bonus = sum((amount for _, amount in jumps(curve, low, high)), start=Fraction(0))
    exact = parts + (bonus if row["position_after"] >= row["position_before"] else -bonus)
    before, after = row["earned_before_minor"], row["earned_after_minor"]
    posted = after - before != row["amount_minor"]
    crosses = low < 0 < high or min(before, after) < 0 < max(before, after)  # `down` rounds both towards 0
    gap: Fraction = abs(exact - row["amount_minor"])
    return bool(gap <= 1 + posted + crosses)


def _bounding(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    """What a line is for that stands beside the others and bounds them (T3)."""
    plan, component, word = mine.plan(row), mine.component(row), str(row["step_kind"]).upper()
    if row["step_kind"] in ("windfall", "review") and component.windfall is not None:
        share = component.windfall.pays if isinstance(component.windfall.pays, Fraction) else None
        above = money(row, component.windfall.above_minor)
        released = row["payable_date"] if row["step_kind"] == "review" else None
        yield Step(word, present(above=above, share=share, released=released), place(component.windfall))
    elif row["step_kind"] == "minimum" and component.minimum_per_deal_minor is not None:
        least = {"least": money(row, component.minimum_per_deal_minor)}
        share = Fraction(row["counts"], row["deal_value_minor"]) if row["deal_value_minor"] else Fraction(1)
        yield Step(word, present(**least, share=None if share == 1 else share), row["component_at"])
    elif row["step_kind"] in ("cap", "floor"):
        limit = component.cap if row["step_kind"] == "cap" else component.floor
        values = {"limit": _limit(deals, row, limit), "period": row["period"]}
        of_target = limit if isinstance(limit, Fraction) else None
        yield Step(word, present(**values, of_target=of_target), row["component_at"])
    elif row["step_kind"] in ("plan_cap", "plan_floor"):
        bound_of_all = plan.cap if row["step_kind"] == "plan_cap" else plan.floor
        if bound_of_all is not None:
            values = {"limit": money(row, bound_of_all.amount_minor), "per": bound_of_all.per}
            yield Step(word, values, place(bound_of_all))
    if row["step_kind"] in ("windfall", "cap", "plan_cap") and row["amount_minor"] > 0:
        yield Step("NEVER_PAID", {})


def _of_period(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    """What a period pays by itself: the amount of it, and the days that it is for where those are not all."""
    of, account = mine.component(row).pays.of_period, deals.account(row)
    if of is None or account is None or row["step_kind"] != "period":
        return
    first, end = account["period_start_date"], account["period_end_date"]
    values = {"period": row["period"], "amount": money(row, of.amount_minor)}
    days = {"days": deals.days_under(row["plan"], first, end), "of": (end - first).days}
    yield Step("OF_PERIOD", values | (days if row["amount_minor"] != of.amount_minor else {}), row["component_at"])


def _limit(deals: Deals, row: Row, limit: Fraction | int | None) -> Value | None:
    """In money; None where the period's target is not known."""
    if not isinstance(limit, Fraction):
        return None if limit is None else money(row, limit)
    account = deals.account(row)
    target = None if account is None else account["target_incentive_minor"]
    return None if target is None else Exact(limit * target, row["currency_code"])


def _chosen(mine: Mine, row: Row) -> Iterator[Step]:
    """Each gate, shut or open, and the multiplier: one value per period, so the same for each of its lines (M6)."""
    plan, component = mine.plan(row), mine.component(row)
    for found in mine.chosen.get((row["plan"], row["component"], row["period"]), ()):
        asked = plan.components[found["of_component"]]
        counted = asked.counts in COUNTED
        reached = Quantity(found["position"], None if counted else row["currency_code"])
        unit: dict[str, Value] = {"unit": asked.counts} if counted else {}
        values: dict[str, Value] = {
            "of": found["of_component"],
            "period": found["of_period"],
            "reached": reached,
            **unit,
        }
        if found["word"] == "multiplier" and component.multiplier is not None:
            times = decimal_text(Fraction(found["times_num"], found["times_den"]))
            attainment = Fraction(found["position"], found["quota_minor"]) if found["quota_minor"] else None
            yield Step("MULTIPLIER", present(**values, times=times, attainment=attainment), place(component.multiplier))
        elif found["word"] == "gate" and found["number"] < len(component.gates):
            gate = component.gates[found["number"]]
            least = needed(gate, asked, plan, found["quota_minor"])
            share = gate.at_least if isinstance(gate.at_least, Fraction) else None
            values |= {"needed": Quantity(least, reached.currency_code), **present(at_least=share)}
            yield Step("GATE_OPEN" if found["open"] else "GATE_SHUT", values, place(gate))


# --- what a loss takes back


def _lost(mine: Mine, row: Row) -> Iterator[Step]:
    """The loss that a take-back answers, with the share that it takes and the plan's terms (T1, T2)."""
    if row["loss_id"] is None:
        return
    share = None if row["lost_num"] is None else Fraction(row["lost_num"], row["lost_den"])
    changed = is_change(row["loss_id"])
    what, reason = (CUSTOMER_CHANGE, None) if changed else (row["loss_kind"], row["loss_reason"])
    values = present(loss=what, date=row["loss_date"], lost=share, months=row["months_kept"])
    values |= present(side=f"by_{row['attributable_to']}", reason=reason, evidence=row["evidence"])
    yield Step("LOST", values)
    if row["step_kind"] == "basis_difference":
        yield Step("BASIS_GAP", {"amount": money(row, row["amount_minor"])})
    terms = mine.plan(row).clawback_of(row["component"])
    if terms is not None:
        period = "outside_attainment" if terms.attainment == "no" else terms.attainment
        said: dict[str, Value] = {"basis": terms.basis, "attainment": period}
        way = terms.way_of(row["loss_kind"], row["loss_reason"])
        yield Step("CLAWBACK", said | _schedule(way.schedule), place(terms))
        if terms.by is not None:
            named = "CLAWBACK_KIND" if terms.by == "kind" else "CLAWBACK_REASON"
            yield Step("CLAWBACK_OTHER" if OTHER in way.of else named, values, place(way))
        if way.share != 1:
            yield Step("CLAWBACK_SHARE", {"share": way.share}, place(way))
        if terms.basis == "as_paid" and share is not None:
            yield from _of_posted(mine, row, share)


_CREDIT = ("component", "source", "external_id", "line", "stage")


def _of_posted(mine: Mine, row: Row, share: Fraction) -> Iterator[Step]:
    """The share of what was posted that is taken back in all (T1). Where losses or re-ratings go together so that it
    cannot be read off two figures, nothing is said: better none than a wrong one."""
    of_credit = [each for each in mine.lines if all(each[name] == row[name] for name in _CREDIT)]
    kinds = {"posted": ("own", "re_rating", "difference"), "due": ("take_back", "basis_difference")}
    posted = sum(
        each["amount_minor"]
        for each in of_credit
        if each["loss_id"] is None and str(each["step_kind"]) in kinds["posted"]
    )
    due = -sum(
        each["amount_minor"]
        for each in of_credit
        if each["loss_id"] == row["loss_id"] and str(each["step_kind"]) in kinds["due"]
    )
    if due and abs(posted * share - due) <= 1:
        yield Step("OF_POSTED", {"lost": share, "posted": money(row, posted), "due": money(row, due)})


def _schedule(schedule: ScheduleOrNone) -> dict[str, Value]:
    match schedule:
        case FullWithin(months=months, over=over):
            return {"within": months, "then": over} if over else {"within": months}
        case int():
            return {"over": schedule}
    return {"schedule": schedule}

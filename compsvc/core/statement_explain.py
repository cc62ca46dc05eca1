"""Why a line pays what it pays: a tree of steps, each following from the steps below it, down to the deal's fields.

A step is a code and its exact figures; printers put it into words. Nothing here knows a rule kind: the curve says how
an amount falls into tiers, and whatever its rates do not pay is a bonus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from compsvc.core.curves import Bound, Part, decimal_text
from compsvc.core.facts import Facts
from compsvc.core.lists import ACCOUNTS
from compsvc.core.money import split
from compsvc.core.node import Node
from compsvc.core.periods import PER_YEAR
from compsvc.core.plan import COUNTED, Plan
from compsvc.core.quota_parts import QuotaPart, quota_parts
from compsvc.core.results import Result
from compsvc.core.statement import Mine, bound, jumps, line_of, needed, pays_apart, place, tier
from compsvc.core.statement_explain_others import among_others
from compsvc.core.statement_explain_pay import instalments
from compsvc.core.statement_quota import quota_steps
from compsvc.core.statement_step import Exact as Exact
from compsvc.core.statement_step import Step as Step
from compsvc.core.statement_step import Value as Value
from compsvc.core.statement_values import Line, LineKey, Money, Quantity, Row, key_of

LEVEL_MEASURES = frozenset({"acv", "final_stage_acv"})  # worth a level a year, less what was counted of it before


@dataclass(frozen=True, slots=True)
class Explanation:
    line: Line
    derivation: Step


def explain(result: Result, plans: Sequence[Plan], facts: Facts, key: LineKey) -> Explanation | None:
    """None where the calculation has no such line."""
    mine = Mine.of(result, plans, facts, key.participant_id)
    row = next((row for row in mine.lines if key_of(row) == key), None)
    return None if row is None else _explanation(mine, _Deals(facts, mine, key.participant_id), row)


def explain_all(
    result: Result, plans: Sequence[Plan], facts: Facts, participant_id: str
) -> Mapping[LineKey, Explanation]:
    """All lines of one participant, in their order."""
    mine = Mine.of(result, plans, facts, participant_id)
    deals = _Deals(facts, mine, participant_id)
    return {key_of(row): _explanation(mine, deals, row) for row in mine.lines}


def _explanation(mine: Mine, deals: _Deals, row: Row) -> Explanation:
    return Explanation(line_of(mine, row), derivation(mine, deals, row))


def derivation(mine: Mine, deals: _Deals, row: Row) -> Step:
    steps = (
        *_pay(mine, deals, row),
        *_lost(mine, row),
        *_bounding(mine, deals, row),
        *_of_period(mine, deals, row),
        *among_others(mine, row),
        *_chosen(mine, row),
        *_position(mine, deals, row),
        *_measure(mine, deals, row),
        *_credit(row),
        *_deal(mine, deals, row),
    )
    values: dict[str, Value] = {"amount": _money(row, row["amount_minor"]), "component": row["component"]}
    values |= _present(deal=row["external_id"], account=mine.account_name(row["account_id"]) or None)
    return Step("LINE", values, row["component_at"], (*steps, *_dates(mine, row)))


# --- what it pays


def _pay(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    curve = _curve(mine, deals, row)
    if row["step_kind"] == "re_rating":
        yield from _re_rating(mine, row, curve)
    elif row["earned_after_minor"] is None:
        return
    else:
        yield _difference(mine, deals, row, curve)


def _difference(mine: Mine, deals: _Deals, row: Row, curve: Bound | None) -> Step:
    """amount = round(F(after)) - round(F(before)), less what a retroactive step posts to the deals before."""
    after, before = row["earned_after_minor"], row["earned_before_minor"]
    values: dict[str, Value] = {
        "amount": _money(row, row["amount_minor"]),
        "after": _money(row, after),
        "before": _money(row, before),
    }
    steps = [] if curve is None else [*_parts(mine, deals, row, curve), *_rounded(mine, row, curve)]
    posted = after - before - row["amount_minor"]
    if posted:
        values["posted"] = _money(row, posted)
        names = ", ".join(sorted({line["external_id"] for line in deals.re_rated_by(row)}))
        steps.append(Step("POSTED_TO_EARLIER", _present(amount=values["posted"], deals=names or None)))
    return Step("DIFFERENCE", values, row["component_at"], tuple(steps))


def _parts(mine: Mine, deals: _Deals, row: Row, curve: Bound) -> Iterator[Step]:
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


def _bonuses(mine: Mine, row: Row, curve: Bound) -> Iterator[Step]:
    """What reaching a point pays besides the rates; below 0 where a take-back falls behind it."""
    low, high = sorted((row["position_before"], row["position_after"]))
    sign = 1 if row["position_after"] >= row["position_before"] else -1
    for position, amount in jumps(curve, low, high):
        reached, pays = mine.quantity(row, position), Exact(sign * amount, row["currency_code"])
        yield Step("BONUS", {"pays": pays, "at": reached, **_unit(mine, row)}, row["component_at"])


def _rounded(mine: Mine, row: Row, curve: Bound) -> Iterator[Step]:
    """Only where rounding did something: what a line is short of or above its parts, its neighbours have or lack."""
    if pays_apart(mine.component(row)):
        return
    after, before = curve.value(row["position_after"]), curve.value(row["position_before"])
    if after.denominator > 1 or before.denominator > 1:
        exact = {"after": Exact(after, row["currency_code"]), "before": Exact(before, row["currency_code"])}
        yield Step("ROUNDED", {**exact, "rounding": mine.plan(row).rounding}, place(mine.plan(row)))


def _paid_parts(mine: Mine, row: Row, curve: Bound) -> list[Part]:
    """What rates apply to, divided over the tiers as the move of the position is (M1)."""
    before, after = row["position_before"], row["position_after"]
    if not pays_apart(mine.component(row)):
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


def _tier_part(mine: Mine, row: Row, part: Part, count: int, of_base: Fraction | None) -> Step:
    apart = pays_apart(mine.component(row))
    values: dict[str, Value] = {
        "part": Exact(part.amount, row["currency_code"] if apart else mine.quantity(row, 0).currency_code),
        "rate": part.rate,
        "pays": Exact(part.amount * part.rate, row["currency_code"]),
        **({} if apart else _unit(mine, row)),
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
        **_unit(mine, row),
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


def _base(deals: _Deals, row: Row, curve: Bound) -> Iterator[Step]:
    """`base` = target incentive x weight / quota, all of the full year (M4)."""
    terms = deals.terms(row)
    if terms is not None and terms.base == curve.base:
        target, quota = _money(row, terms.target_minor), _money(row, terms.quota_minor)
        weight = None if terms.weight == 1 else terms.weight
        yield Step("BASE", _present(base=terms.base, target=target, quota=quota, weight=weight))
    else:
        yield Step("BASE", {"base": curve.base})


def _re_rating(mine: Mine, row: Row, curve: Bound | None) -> Iterator[Step]:
    values = _present(cause=row["cause_external_id"], pays_on=_money(row, row["pays"]))
    if curve is not None:
        before, after = curve.rate(row["tier_before"]), curve.rate(row["tier_after"])
        values |= {"rate_before": before, "rate_after": after}
        values["pays"] = Exact((after - before) * row["pays"], row["currency_code"])
    yield Step("RE_RATING", values, row["component_at"])


def _curve(mine: Mine, deals: _Deals, row: Row) -> Bound | None:
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
    posted = row["earned_after_minor"] - row["earned_before_minor"] != row["amount_minor"]
    crosses = low < 0 < high  # `down` rounds both towards 0
    gap: Fraction = abs(exact - row["amount_minor"])
    return bool(gap <= 1 + posted + crosses)


def _bounding(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    """What a line is for that stands beside the others and bounds them (T3)."""
    plan, component, word = mine.plan(row), mine.component(row), str(row["step_kind"]).upper()
    if row["step_kind"] in ("windfall", "review") and component.windfall is not None:
        share = component.windfall.pays if isinstance(component.windfall.pays, Fraction) else None
        above = _money(row, component.windfall.above_minor)
        yield Step(word, _present(above=above, share=share), place(component.windfall))
    elif row["step_kind"] == "minimum" and component.minimum_per_deal_minor is not None:
        least = {"least": _money(row, component.minimum_per_deal_minor)}
        share = Fraction(row["counts"], row["deal_value_minor"]) if row["deal_value_minor"] else Fraction(1)
        yield Step(word, _present(**least, share=None if share == 1 else share), row["component_at"])
    elif row["step_kind"] in ("cap", "floor"):
        limit = component.cap if row["step_kind"] == "cap" else component.floor
        values = {"limit": _limit(deals, row, limit), "period": row["period"]}
        of_target = limit if isinstance(limit, Fraction) else None
        yield Step(word, _present(**values, of_target=of_target), row["component_at"])
    elif row["step_kind"] in ("plan_cap", "plan_floor"):
        bound_of_all = plan.cap if row["step_kind"] == "plan_cap" else plan.floor
        if bound_of_all is not None:
            values = {"limit": _money(row, bound_of_all.amount_minor), "per": bound_of_all.per}
            yield Step(word, values, place(bound_of_all))


def _of_period(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    """What a period pays by itself: the amount of it, and the days that it is for where those are not all."""
    of, account = mine.component(row).pays.of_period, deals.account(row)
    if of is None or account is None or row["step_kind"] != "period":
        return
    first, end = account["period_start_date"], account["period_end_date"]
    values = {"period": row["period"], "amount": _money(row, of.amount_minor)}
    days = {"days": deals.days_under(row["plan"], first, end), "of": (end - first).days}
    yield Step("OF_PERIOD", values | (days if row["amount_minor"] != of.amount_minor else {}), row["component_at"])


def _limit(deals: _Deals, row: Row, limit: Fraction | int | None) -> Value | None:
    """In money; None where the period's target is not known."""
    if not isinstance(limit, Fraction):
        return None if limit is None else _money(row, limit)
    account = deals.account(row)
    target = None if account is None else account["target_incentive_minor"]
    return None if target is None else Exact(limit * target, row["currency_code"])


def _chosen(mine: Mine, row: Row) -> Iterator[Step]:
    """The gate that is shut, and the multiplier: one value per period, so the same for each of its lines (M6)."""
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
            yield Step(
                "MULTIPLIER", _present(**values, times=times, attainment=attainment), place(component.multiplier)
            )
        elif component.gate is not None:
            least = needed(component.gate, asked, plan, found["quota_minor"])
            share = component.gate.at_least if isinstance(component.gate.at_least, Fraction) else None
            values |= {"needed": Quantity(least, reached.currency_code), **_present(at_least=share)}
            yield Step("GATE_OPEN" if found["open"] else "GATE_SHUT", values, place(component.gate))


# --- what a loss takes back


def _lost(mine: Mine, row: Row) -> Iterator[Step]:
    """The loss that a take-back answers, with the share that it takes and the plan's terms (T1, T2)."""
    if row["loss_id"] is None:
        return
    share = None if row["lost_num"] is None else Fraction(row["lost_num"], row["lost_den"])
    values = _present(loss=row["loss_kind"], date=row["loss_date"], lost=share, months=row["months_kept"])
    values |= _present(side=f"by_{row['attributable_to']}", reason=row["loss_reason"], evidence=row["evidence"])
    yield Step("LOST", values)
    if row["step_kind"] == "basis_difference":
        yield Step("BASIS_GAP", {"amount": _money(row, row["amount_minor"])})
    terms = mine.plan(row).clawback_of(row["component"])
    if terms is not None:
        period = "outside_attainment" if terms.attainment == "no" else terms.attainment
        said: dict[str, Value] = {"basis": terms.basis, "attainment": period}
        said |= {"schedule": terms.schedule} if isinstance(terms.schedule, str) else {"over": terms.schedule}
        yield Step("CLAWBACK", said, place(terms))


# --- where it stands


def _position(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    if row["position_before"] is None:
        return
    before, after, quota = row["position_before"], row["position_after"], row["quota_minor"]
    values: dict[str, Value] = {
        "before": mine.quantity(row, before),
        "after": mine.quantity(row, after),
        "period": row["period"],
        **_unit(mine, row),
    }
    if quota:
        values["quota"] = mine.quantity(row, quota)
        values["attainment_before"], values["attainment_after"] = Fraction(before, quota), Fraction(after, quota)
    yield Step("POSITION", values, "", tuple(quota_steps(deals.quota_parts(row), row["currency_code"])))


def _measure(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    """The participant's part of what the deal line is worth, and how the worth follows from the deal."""
    if row["external_id"] is None:
        return
    of = _unit(mine, row) or {"measure": row["measure"]}
    steps: list[Step] = []
    if row["deal_value_minor"] is not None and row["line"] is not None:
        worth = mine.quantity(row, row["deal_value_minor"])
        made = (*_converted(mine, row), *_worth(mine, deals, row))
        steps.append(Step("WORTH", {"worth": worth, **of}, "", made))
        if row["share_num"] not in (None, row["share_den"]):
            steps.insert(0, _share(mine, row, worth))
    yield Step("MEASURE", {"counts": mine.quantity(row, _credited(mine, row)), **of}, "", tuple(steps))


def _credited(mine: Mine, row: Row) -> int:
    """The participant's part, also where the whole deal decides the tier."""
    component = mine.component(row)
    return int(row["pays" if component.pays.counts_whole and component.pays_on is None else "counts"])


def _share(mine: Mine, row: Row, whole: Quantity) -> Step:
    share, part = Fraction(row["share_num"], row["share_den"]), mine.quantity(row, _credited(mine, row))
    return Step("SHARE", {"whole": whole, "share": share, "part": part, **_unit(mine, row)})


def _converted(mine: Mine, row: Row) -> Iterator[Step]:
    """The value in the deal's own currency, and the rate by which it became one in the plan's (C5)."""
    fx = mine.plan(row).fx
    if row["given_value_minor"] is None or fx is None:
        return
    values: dict[str, Value] = {
        "given": Money(row["given_value_minor"], row["deal_currency_code"]),
        "worth": _money(row, row["deal_value_minor"]),
        "exchange": Fraction(row["fx_rate_num"], row["fx_rate_den"]),
        "from": row["deal_currency_code"],
        "to": row["currency_code"],
        "table": row["fx_table"],
        "since": row["fx_start_date"],
    }
    day = mine.plan(row).effective if fx.rate == "plan_rate" else row["closed_date"]
    yield Step("CONVERTED", {**values, "on": day}, place(fx))


def _worth(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    """The figures of the deal line that its worth comes from; for counts the deal itself is the reason."""
    line = deals.line(row)
    if line is None or mine.quantity(row, 0).currency_code is None:
        return
    for name in ("annual_value", "one_time_value"):
        if line[f"{name}_minor"]:
            value = Money(line[f"{name}_minor"], line["currency_code"])
            yield Step(name.upper(), _present(value=value, start=line["start_date"], end=line["end_date"]))
    for stage in deals.stages(row):
        yield _stage(stage, line["currency_code"])
    for name in line["replaces"] or ():
        yield Step("REPLACES", {"line": name})
    yield from _counted_level(deals, row, line)


def _counted_level(deals: _Deals, row: Row, line: Row) -> Iterator[Step]:
    """Which level of the line counts, and how much of that was counted before."""
    given = row["given_value_minor"]
    stages, whole = deals.stages(row), row["deal_value_minor"] if given is None else given
    if not whole:
        before = deals.committed_before(row, line)
        within = None if before is None else Money(before, line["currency_code"])
        yield Step("NOTHING_ADDED", _present(level=within))
        return
    if row["measure"] not in LEVEL_MEASURES:
        return
    committed = [stage for stage in stages if stage["committed"]]
    level = next((stage for stage in stages if row["stage"] and stage["stage"] == row["stage"]), None)
    level = level or next((stage for stage in reversed(committed) if stage["annual_value_minor"] == whole), None)
    if level is not None:
        yield Step(
            "LEVEL", {"number": level["stage"], "value": Money(level["annual_value_minor"], line["currency_code"])}
        )
    elif stages:
        return
    before = (line["annual_value_minor"] or 0 if level is None else level["annual_value_minor"]) - whole
    if before > 0:
        yield Step("COUNTED_BEFORE", {"amount": Money(before, line["currency_code"])})


def _stage(stage: Row, currency_code: str) -> Step:
    values: dict[str, Value] = {"number": stage["stage"], "value": Money(stage["annual_value_minor"], currency_code)}
    values |= _present(start=stage["start_date"], end=stage["end_date"], exercised=stage["exercised_time"])
    code = "STAGE" if stage["committed"] else "OPTION_TAKEN" if stage["exercised_time"] else "OPTION_OPEN"
    return Step(code, values)


# --- who, and from which deal


def _credit(row: Row) -> Iterator[Step]:
    if row["credit_rule"] is not None:
        values = _present(
            rule=row["credit_rule"], route=row["route"], note=row["route_note"], closed=row["closed_date"]
        )
        yield Step("CREDIT", values, row["credit_rule_at"] or "")


def _deal(mine: Mine, deals: _Deals, row: Row) -> Iterator[Step]:
    if row["activity"] is not None:
        yield _activity(mine, deals, row)
    if row["source"] == ACCOUNTS and row["line"] is None:
        account = mine.account_name(row["account_id"])
        yield Step("OPENING", {"account": account, "date": row["counting_date"], "period": row["period"]})
    if row["line"] is None:
        return
    accepted, account = row["accepted_time"], mine.account_name(row["account_id"])
    header = deals.header(row) or {}
    deal = {"deal": row["external_id"], "account": account, "product": row["product"], "closed": row["closed_date"]}
    if row["stage"]:  # the dates of the line are those of the exercise
        deal |= {"option": row["stage"], "taken": row["closed_date"], "closed": header.get("closed_date")}
        accepted = header.get("accepted_time")
    steps = [_record(row), *_type(row)]
    for name in ("seller_id", "channel", "opened_date", "split_reason"):
        if header.get(name) is not None:
            steps.append(Step("FIELD", {"name": name, "value": header[name]}))
    yield Step("DEAL", _present(**deal, accepted=accepted), "", tuple(steps))


def _activity(mine: Mine, deals: _Deals, row: Row) -> Step:
    found = deals.activity(row)
    account = mine.account_name(row["account_id"]) or None
    values = _present(id=row["external_id"], kind=row["activity"], date=row["counting_date"], account=account)
    names = ("source", "outcome", "quantity", "opportunity_id")
    steps = [Step("FIELD", {"name": name, "value": found[name]}) for name in names if found[name] is not None]
    return Step("ACTIVITY", values, "", tuple(steps))


def _lost_then(row: Row) -> dict[str, Value]:
    return {"on": "lost"} if row["loss_id"] is not None else {}


def _record(row: Row) -> Step:
    names = {"source": "source", "revision": "deal_revision", "line": "line"}
    return Step("RECORD", _present(**{name: row[column] for name, column in names.items()}))


def _type(row: Row) -> Iterator[Step]:
    if row["deal_type"] is not None:
        yield Step("TYPE_DERIVED" if row["type_derived"] else "TYPE_GIVEN", {"type": row["deal_type"]})


def _dates(mine: Mine, row: Row) -> Iterator[Step]:
    plan = mine.plan(row)
    if row["counting_date"] is not None:
        counted = _present(date=row["counting_date"], on=_happened(row, plan.counts_on), period=row["period"])
        of_churn = row["step_kind"] == "take_back" and row["loss_id"] is None
        yield Step("COUNTED_WITH" if of_churn else "COUNTED", {**counted, **_lost_then(row)})
    if row["payable_date"] is not None:
        cause = row["cause_external_id"] if row["step_kind"] == "re_rating" else None
        first = plan.instalments[0]
        settles = mine.component(row).settle == "period_end"
        payable = _present(date=row["payable_date"], on="settled" if settles else _happened(row, first.on), cause=cause)
        yield Step("PAYABLE", payable, place(first), tuple(Step("INSTALMENT", *said) for said in instalments(plan)))
    yield Step("PLAN", {"title": plan.title, "revision": row["revision"][:12]}, place(plan))


def _happened(row: Row, on: str) -> str:
    """What a deal's day is the day of, also where it is an option's or an activity's."""
    if row["activity"] is not None:
        return "done"
    if row["line"] is None:
        return "opening"
    return "taken" if row["stage"] else on


# --- the facts behind the lines


class _Terms(NamedTuple):
    """What `base` is made of, for the full year."""

    target_minor: int
    quota_minor: int
    weight: Fraction

    @property
    def base(self) -> Fraction:
        return Fraction(self.target_minor, self.quota_minor) * self.weight


class _Deals:
    """The facts of one participant's lines: the deals, found by their keys, and the terms of the assignments."""

    def __init__(self, facts: Facts, mine: Mine, participant_id: str) -> None:
        keys = pl.DataFrame(
            [(line["source"], line["external_id"]) for line in mine.lines if line["line"] is not None],
            schema={"source": pl.String, "external_id": pl.String},
            orient="row",
        ).unique()
        headers, lines, stages = (
            frame.join(keys, on=["source", "external_id"], how="semi")
            for frame in (facts.deals, facts.deal_lines, facts.stages)
        )
        self._mine, self._facts = mine, facts
        self._quota_parts: dict[tuple[str, str, str], list[QuotaPart]] = {}
        done = facts.of("activities", "participant_id", participant_id)
        self._activities = {(row["source"], row["external_id"]): row for row in done.iter_rows(named=True)}
        self._accounts = {_list_key(item): item for item in mine.earnings}
        self._re_rated: dict[tuple[object, ...], list[Row]] = {}
        for line in mine.lines:
            if line["step_kind"] == "re_rating":
                self._re_rated.setdefault((*_crossing(line), line["cause_external_id"]), []).append(line)
        self._assignments = (
            facts.of("assignments", "participant_id", participant_id).sort("start_date").rows(named=True)
        )
        self._quotas = facts.of("quotas", "participant_id", participant_id).rows(named=True)
        self._headers = {(row["source"], row["external_id"]): row for row in headers.iter_rows(named=True)}
        self._lines = {_line_key(row): row for row in lines.iter_rows(named=True)}
        self._stages: dict[tuple[str, str, int], list[Row]] = {}
        for row in stages.sort("source", "external_id", "line", "stage").iter_rows(named=True):
            self._stages.setdefault(_line_key(row), []).append(row)

    def quota_parts(self, row: Row) -> Sequence[QuotaPart]:
        """What the quota of the line's period was made of."""
        key, account = _list_key(row), self.account(row)
        if row["quota_minor"] is None or account is None or self._mine.component(row).quota is None:
            return ()
        if key not in self._quota_parts:
            self._quota_parts[key] = quota_parts(
                self._facts,
                list(self._mine.plans.values()),
                plan=row["plan"],
                name=row["component"],
                participant_id=row["participant_id"],
                period=(account["period_start_date"], account["period_end_date"]),
            )
        return self._quota_parts[key]

    def days_under(self, plan: str, first: date, end: date) -> int:
        """On how many days from the first to before the end the participant is assigned to the plan, in force."""
        effective = min(known.effective for known in self._mine.plans.values() if known.plan == plan)
        own = [row for row in self._assignments if row["plan"] == plan]
        spans = [(max(first, effective, row["start_date"]), min(end, row["end_date"] or end)) for row in own]
        return sum(max(0, (until - since).days) for since, until in spans)

    def account(self, row: Row) -> Row | None:
        """The row of EARNINGS that the line is a part of."""
        return self._accounts.get(_list_key(row))

    def re_rated_by(self, row: Row) -> Sequence[Row]:
        """The lines of earlier deals that this line's crossing caused."""
        return self._re_rated.get((*_crossing(row), row["external_id"]), [])

    def activity(self, row: Row) -> Row:
        return self._activities[row["source"], row["external_id"]]

    def header(self, row: Row) -> Row | None:
        if row["line"] is None:
            return None
        return self._headers.get((row["source"], row["external_id"]))

    def line(self, row: Row) -> Row | None:
        """The deal line with its deal's currency; a deal without lines is its own."""
        header = self.header(row)
        line = self._lines.get(_line_key(row), header)
        return None if header is None or line is None else {**line, "currency_code": header["currency_code"]}

    def stages(self, row: Row) -> Sequence[Row]:
        return self._stages.get(_line_key(row), [])

    def committed_before(self, row: Row, line: Row) -> int | None:
        """What the latest ramp of the customer and product before this line committed to; None where it goes beyond."""
        if row["measure"] != "final_stage_acv" or row["stage"] or row["deal_type"] not in ("upsell", "cross_sell"):
            return None
        deals, lines, stages = self._facts.deals, self._facts.deal_lines, self._facts.stages
        keys = ["source", "external_id"]
        before = deals.filter(
            pl.col("account_id") == row["account_id"], pl.col("accepted_time") < row["accepted_time"]
        ).select(*keys, "accepted_time")
        alone = deals.join(lines, on=keys, how="anti").with_columns(line=pl.lit(1))  # a deal without lines is its own
        every = pl.concat([frame.select(*keys, pl.col("line").cast(pl.Int64), "product") for frame in (lines, alone)])
        same = every.filter(pl.col("product").eq_missing(pl.lit(row["product"], dtype=pl.String))).drop("product")
        ramps = stages.filter("committed").with_columns(pl.col("line").cast(pl.Int64)).join(same, on=[*keys, "line"])
        found = ramps.join(before, on=keys).sort("accepted_time", *keys, "line", "stage")
        if found.is_empty() or (line["annual_value_minor"] or 0) > found["annual_value_minor"][-1]:
            return None
        return int(found["annual_value_minor"][-1])

    def terms(self, row: Row) -> _Terms | None:
        """Of the assignment that covers the counting date, else of the latest that started before it."""
        started = [
            item
            for item in self._assignments
            if item["plan"] == row["plan"] and row["counting_date"] and item["start_date"] <= row["counting_date"]
        ]
        quota = self._quota(started[-1], row) if started else None
        if quota is None or not quota["amount_minor"] or started[-1]["target_incentive_minor"] is None:
            return None
        year_quota = quota["amount_minor"] * PER_YEAR[quota["per"]]
        return _Terms(started[-1]["target_incentive_minor"], year_quota, self._mine.component(row).weight)

    def _quota(self, assignment: Row, row: Row) -> Row | None:
        """The component's own, else the one for every component."""
        same = ("plan", "start_date")
        rows = [item for item in self._quotas if all(item[of] == assignment[of] for of in same)]
        own = (item for item in rows if item["component"] == row["component"])
        return next(own, next((item for item in rows if not item["component"]), None))


def _crossing(row: Row) -> tuple[object, ...]:
    return *_list_key(row), row["tier_before"], row["tier_after"]


def _list_key(row: Row) -> tuple[str, str, str]:
    return row["plan"], row["component"], row["period"]


def _line_key(row: Row) -> tuple[str, str, int]:
    return row["source"], row["external_id"], row["line"]


def _unit(mine: Mine, row: Row) -> dict[str, Value]:
    """What figures without a currency are numbers of: part of every step that has some."""
    return {"unit": row["measure"]} if mine.quantity(row, 0).currency_code is None else {}


def _money(row: Row, minor: int) -> Money:
    return Money(minor, row["currency_code"])


def _present(**values: Value | None) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}

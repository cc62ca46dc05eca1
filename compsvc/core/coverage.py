"""Which clauses of a plan the cases reached: credit rules, components, the tiers and bounds of these, and terms.

A clause is reached where a line names it, or where the derivation of a line cites its place in the plan; what the pay
stage does, where it has moved an amount. Nothing here knows a rule kind: tiers are the pieces of the component's curve,
terms are the mappings of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.leavers import left
from compsvc.core.node import Node, name_in_file
from compsvc.core.pay import has_pay_words, pay
from compsvc.core.plan import Component, Plan
from compsvc.core.problems import Position
from compsvc.core.reserve import FORFEITED, HELD
from compsvc.core.results import Result
from compsvc.core.statement_explain import Step, explain_all
from compsvc.core.statement_values import Row

CHOICES = ("gates", "multiplier", "windfall")  # whose place the derivation of a line cites
BOUNDS = {"cap": "cap", "floor": "floor", "minimum": "minimum_per_deal_minor"}  # by the kind of their lines
SAID_NOWHERE = frozenset({"agreed_with", "earned", "made_for"})  # decide whose the plan is, and accounts; no line


@dataclass(frozen=True, slots=True, order=True)
class Clause:
    at: Position
    what: str


def clauses(plan: Plan) -> tuple[Clause, ...]:
    """All that cases can reach, in the order of the file."""
    return tuple(sorted({*_rules(plan).values(), *_terms(plan), *_components(plan), *_windows(plan).values()}))


def reached(plans: Sequence[Plan], facts: Facts, result: Result) -> frozenset[Clause]:
    """What the lines of a calculation name or cite."""
    by_revision = {plan.revision: plan for plan in plans}
    assert result.lines is not None, "coverage reads the lines"
    found = {clause for row in result.lines.iter_rows(named=True) for clause in _of_line(by_revision, row)}
    cited = _cited(plans, facts, result)
    named = {clause for plan in plans for clause in (*_terms(plan), *_choices(plan)) if clause.at.in_folder in cited}
    moved = _of_pay(plans, facts, result) | _in_other_currencies(plans, facts, result.lines)
    paid = {clause for plan in plans for clause in _terms(plan) if (plan.plan, clause.what) in moved}
    return frozenset(found | named | paid)


def _of_line(plans: Mapping[str, Plan], row: Row) -> Iterator[Clause]:
    plan = plans[row["revision"]]
    rule = row["credit_rule"]
    if rule in plan.credits:
        yield _rules(plan)[rule]
        if row["route"] == "window" and rule in _windows(plan):
            yield _windows(plan)[rule]
    yield _component(plan, row["component"])
    if row["step_kind"] in BOUNDS and getattr(plan.components[row["component"]], BOUNDS[row["step_kind"]]) is not None:
        yield _bound(plan, row["component"], BOUNDS[row["step_kind"]])
    pieces = _pieces(row["component"], plan.components[row["component"]])
    tiers = sorted(number for name in ("tier_before", "tier_after") if (number := row[name]) is not None)
    yield from pieces[tiers[0] : tiers[-1] + 1] if tiers else ()


def _rules(plan: Plan) -> Mapping[str, Clause]:
    return {name: Clause(rule.at, f"credit rule `{name}`") for name, rule in plan.credits.items()}


def _windows(plan: Plan) -> Mapping[str, Clause]:
    windows = {name: rule.handover for name, rule in plan.credits.items()}
    return {name: Clause(window.at, f"handover of `{name}`") for name, window in windows.items() if window is not None}


def _component(plan: Plan, name: str) -> Clause:
    return Clause(plan.components[name].at, f"component `{name}`")


def _components(plan: Plan) -> Iterator[Clause]:
    for name, component in plan.components.items():
        yield _component(plan, name)
        yield from _pieces(name, component)
        yield from (_bound(plan, name, field) for field in BOUNDS.values() if getattr(component, field) is not None)
    yield from _choices(plan)


def _bound(plan: Plan, component: str, field: str) -> Clause:
    word = name_in_file(field, Component.model_fields[field])
    return Clause(plan.components[component].at, f"`{word}` of `{component}`")


def _choices(plan: Plan) -> Iterator[Clause]:
    """What a component says in mappings of its own about a whole period or a single deal; `above: only` is a tier."""
    for name, component in plan.components.items():
        for field in CHOICES:
            word, value = name_in_file(field, Component.model_fields[field]), getattr(component, field)
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Node) and getattr(one, "above", None) is None:
                    yield Clause(one.at, f"`{word}` of `{name}`")


def _pieces(name: str, component: Component) -> Sequence[Clause]:
    """One clause for each piece of the curve; none where the curve has no edges."""
    count = len(component.pays.template().pieces)
    places = _places(component.pays, count)
    return [Clause(at, f"tier {number} of `{name}`") for number, at in enumerate(places, 1)] if count > 1 else ()


def _places(pays: Node, count: int) -> Sequence[Position]:
    """Of the entries that the plan lists, one for each piece; else of the rule kind."""
    for name in type(pays).model_fields:
        listed = getattr(pays, name)
        if isinstance(listed, tuple) and len(listed) == count and all(isinstance(item, Node) for item in listed):
            return [item.at for item in listed]
    return [pays.at] * count


def _terms(plan: Plan) -> Iterator[Clause]:
    """Each of the plan's own mappings, such as `payable`."""
    for field, item in type(plan).model_fields.items():
        value, name = getattr(plan, field), name_in_file(field, item)
        if isinstance(value, Node) and name not in SAID_NOWHERE:
            yield Clause(value.at, f"term `{name}`")


def _of_pay(plans: Sequence[Plan], facts: Facts, result: Result) -> set[tuple[str, str]]:
    """Plan and term of what the pay stage did, in the year after the last day that the facts tell of."""
    assert result.lines is not None
    days = [result.lines["payable_date"].max(), result.progress["progress_date"].max(), facts.exits["last_date"].max()]
    known = [day for day in days if isinstance(day, date)]
    if not known or not has_pay_words(plans):
        return set()
    found = pay(result, plans, facts, until=max(known).replace(day=1) + timedelta(days=366))
    did = {
        "draw": (pl.col("top_up_kind") == "draw") | (pl.col("recovered_draw_minor") > 0),
        "guarantee": pl.col("top_up_kind") == "guarantee",
        "negative": (pl.col("carried_minor") > 0) | (pl.col("recovered_negative_minor") > 0),
    }
    terms = {(plan, word) for word, done in did.items() for plan in found.accounts.filter(done)["plan"].unique()}
    moved = {"reserve": HELD, "leaver": FORFEITED}
    terms |= {(plan, word) for word, kind in moved.items() for plan in found.moves.filter(kind=kind)["plan"].unique()}
    gone = facts.assignments.join(left(facts), on="participant_id", how="semi")["plan"].unique()
    return {(plan, f"term `{word}`") for plan, word in [*terms, *((plan, "leaver") for plan in gone)]}


def _in_other_currencies(plans: Sequence[Plan], facts: Facts, lines: pl.DataFrame) -> set[tuple[str, str]]:
    """Plans that pay somebody in another currency than their own."""
    own = {plan.plan: plan.currency for plan in plans}
    paid = lines.filter(pl.col("amount_minor") != 0).select("participant_id", pl.col("plan").cast(pl.String)).unique()
    rows = facts.assignments.join(paid, on=["participant_id", "plan"], how="semi")
    told = rows.select("plan", "pay_currency_code").drop_nulls().unique().rows()
    return {(plan, "term `pay_fx`") for plan, currency in told if currency != own[plan]}


def _cited(plans: Sequence[Plan], facts: Facts, result: Result) -> set[str]:
    """The places of the plans, `plan.yaml:31`, that the derivations of all lines cite."""
    assert result.lines is not None
    people = result.lines.select(pl.col("participant_id").unique().sort()).to_series()
    explained = (explain_all(result, plans, facts, who).values() for who in people)
    return {place for each in explained for item in each for place in _places_of([item.derivation])}


def _places_of(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        yield step.plan_at
        yield from _places_of(step.steps)

"""The revisions of one plan: which governs an event, when it counts, and what quota and curve it meets (D1, D4, M4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from compsvc.core.plan import Component, Plan
from compsvc.core.plan_values import Rate
from compsvc.core.rules.kicker import Kicker as KickerRule
from compsvc.core.rules.milestone import Milestone
from compsvc.core.rules.objectives import Objectives
from compsvc.core.rules.per_unit import PerUnit
from compsvc.core.rules.pool import Pool
from compsvc.core.rules.rank import Rank
from compsvc.core.rules.rate_table import RateTable
from compsvc.core.rules.steps import Steps

from .calendar_rules import MONTHS_OF, Period, period_of, share_of_span
from .curve import MILLIONTHS, Curve, Kicker, Points, Tiers
from .exact import rounded
from .quota import Part, Words, days_of, effective, share, whole_quota
from .rows import Assignment, Company, Event

OF_COMPONENT = "attainment of "
LAST = 10**6  # of what counts the earnings of others


@dataclass(frozen=True)
class Governed:
    """Under which revision an event counts for a component, and when."""

    plan: Plan
    component: Component
    counting: date
    period: Period


@dataclass(frozen=True)
class Terms:
    """What a participant has for one period: quota, and full-year figures for `base`. None where there is none."""

    quota: int | None
    full_year_quota: int | None
    full_year_target: int | None
    target_share: Fraction = Fraction(1)


class Chain:
    def __init__(self, revisions: Iterable[Plan]) -> None:
        self.revisions = sorted(revisions, key=lambda plan: plan.effective)
        self.name = self.revisions[0].plan
        self.by_revision = {plan.revision: plan for plan in self.revisions}
        self.components = list(dict.fromkeys(name for plan in self.revisions for name in plan.components))
        self._last = {name: plan.components[name] for plan in self.revisions for name in plan.components}
        self._governed: dict[tuple[str, Event], Governed | None] = {}

    def rank(self, name: str) -> int:
        """Components are paid by rank: after those whose pay they count, or at whose measure they look (M7)."""
        having = [plan.components[name] for plan in self.revisions if name in plan.components]
        if having[-1].counts == "earnings":
            return LAST
        after = {(other, 1) for item in having for other in item.of or ()}
        for item in having:
            after |= {(gate.measure, 0) for gate in item.gates}
            after |= {(item.multiplier.of, 0)} if item.multiplier else set()
        return max(
            [self.rank(other) + step for other, step in after if other in self.components and other != name] + [0]
        )

    def on(self, day: date) -> Plan | None:
        """The revision with the latest `effective` not after the day."""
        return next((plan for plan in reversed(self.revisions) if plan.effective <= day), None)

    def governed(self, name: str, event: Event) -> Governed | None:
        """The latest revision that the event's own counting date under it has reached."""
        if (name, event) not in self._governed:
            self._governed[name, event] = self._find_governed(name, event)
        return self._governed[name, event]

    def _find_governed(self, name: str, event: Event) -> Governed | None:
        for plan in reversed(self.revisions):
            per = self.last(name).per
            counting = counting_date(plan, per, event)
            if counting >= plan.effective:
                component = plan.components.get(name)
                if component is None:
                    return None
                return Governed(plan, component, counting, period_of(counting, per, plan.fiscal_year_starts))
        return None

    def last(self, name: str) -> Component:
        return self._last[name]

    def counting_of(self, name: str, event: Event) -> date:
        """Also where no revision governs: then as the first would count it."""
        governed = self.governed(name, event)
        return governed.counting if governed else counting_date(self.revisions[0], self.last(name).per, event)


def counting_date(plan: Plan, per: str, event: Event) -> date:
    """Of a pending deal nothing is known but its close date. A stage waits for its start (L3)."""
    if event.begins is not None:
        assert event.deal.accepted is not None
        signed = Event(event.deal, event.line, None, event.closed, event.deal.accepted)
        return max(event.begins.start, counting_date(plan, per, signed))
    accepted = event.accepted.date()
    if event.deal.provisional:
        return event.closed
    if plan.counts_on == "accepted":
        return accepted
    limit = period_of(event.closed, per, plan.fiscal_year_starts).end + timedelta(days=plan.accepted_within or 0)
    return event.closed if accepted < limit else accepted


def payable_date(plan: Plan, event: Event) -> date:
    accepted = event.accepted.date()
    on = getattr(plan.payable, "on", "accepted")
    return max(event.closed, accepted) if on == "closed" else accepted


def attained(component: Component) -> str | None:
    """The component whose attainment decides the tier, where it is another one (M1)."""
    by = getattr(component.pays, "by", "")
    return by.removeprefix(OF_COMPONENT) if by.startswith(OF_COMPONENT) else None


def terms_of(company: Company, assignment: Assignment, name: str, plan: Plan, month_of_year: int) -> Terms:
    """Of a whole period."""
    rows = company.quotas.get((assignment.participant, assignment.plan, assignment.start), {})
    amount, span = rows.get(name) or rows.get("") or (None, "year")
    target = _full_year_target(plan.components[name], assignment)
    if amount is None:
        return Terms(None, None, target)
    full_year = amount * (12 // MONTHS_OF[span])
    return Terms(whole_quota(Words(plan, name), amount, span, month_of_year), full_year, target)


def _full_year_target(component: Component, assignment: Assignment) -> int | None:
    """Of the assignment, unless the component says an amount for each of its periods."""
    pays = component.pays
    if isinstance(pays, Objectives | Steps) and isinstance(pays.of, int):
        return sum([pays.of] * (12 // MONTHS_OF[component.per]))
    return assignment.target


def prorated(company: Company, parts: list[Part], part: Part, name: str, period: Period, mode: str) -> Terms:
    """Of one part of a period, with what is taken off. Where no day is left, nothing is."""
    words, whole = Words(part.plan, name), terms_of(company, part.assignment, name, part.plan, period.month_of_year)
    if words.silent:
        return whole
    days = days_of(period, parts, part, words, part.plan.components[name].carry, company)
    if not days:
        return whole
    quota = share(words, period, days, part.assignment, company, target=False)
    target = share(words, period, days, part.assignment, company, target=True)
    return replace(whole, quota=effective([(whole.quota, quota)], mode), target_share=target)


def shared_out(company: Company, parts: list[Part], name: str, period: Period, mode: str) -> Terms:
    """`carry: blend`: each part's quota times its share; full-year figures by the days each part answers for (M2)."""
    found = []
    for part in parts:
        words = Words(part.plan, name)
        whole = terms_of(company, part.assignment, name, part.plan, period.month_of_year)
        days = days_of(period, parts, part, words, "blend", company)
        quota = share(words, period, days, part.assignment, company, target=False) if days else Fraction(0)
        target = share(words, period, days, part.assignment, company, target=True) if days else Fraction(0)
        found.append((whole, days, quota, target))
    there = [item for item in found if item[1]]
    if not there:
        return found[-1][0]
    together = sum(len(days) for _, days, _, _ in there)
    prorates = {id(item): Words(part.plan, name).prorate for part, item in zip(parts, found, strict=True)}
    targets = [  # what is not prorated is shared out by the days
        item[3] if (said := prorates[id(item)]) and said.of == "quota and target" else item[3] * len(item[1]) / together
        for item in there
    ]

    def year(name: str) -> int | None:
        return effective([(getattr(whole, name), Fraction(len(days), together)) for whole, days, _, _ in there], mode)

    return Terms(
        effective([(whole.quota, quota) for whole, _, quota, _ in there], mode),
        year("full_year_quota"),
        year("full_year_target"),
        sum(targets, Fraction(0)),
    )


def blended(parts: list[tuple[Terms, int]], period: Period, mode: str) -> Terms:
    """Every figure weighted by its days, rounded once (M2)."""
    days = (period.end - period.start).days

    def blend(name: str) -> int | None:
        values = [(getattr(terms, name), part) for terms, part in parts]
        if any(value is None for value, _ in values):
            return None
        return rounded(Fraction(sum(value * part for value, part in values), days), mode)

    return Terms(blend("quota"), blend("full_year_quota"), blend("full_year_target"))


def curve_of(component: Component, terms: Terms, own: Terms, zero_quota: str | None, target: int | None) -> Curve:
    """`terms` has the quota that tiers are shares of, `own` the figures of this component's `base`; `target` is that of
    the period."""
    pays = component.pays
    if isinstance(pays, Rank | Pool):
        return Tiers((), (Fraction(0),), "marginal", "at")
    if isinstance(pays, KickerRule):
        return Kicker(pays.reaches, pays.every, pays.bonus)
    if pays_target(component, own):
        return Tiers((), (Fraction(0),), "marginal", "at")
    if isinstance(pays, PerUnit):
        return _per_unit(pays)
    if isinstance(pays, Objectives):
        assert target is not None
        return Tiers((), (Fraction(target, MILLIONTHS),), "marginal", "at")
    if isinstance(pays, Steps | Milestone):
        return _points(pays, terms, target)
    if not isinstance(pays, RateTable):
        return Tiers((), (_rate(pays.rate, component, own),), "marginal", "at")
    rates = tuple(_rate(tier.rate, component, own) for tier in pays.tiers)
    if pays.by.startswith("attainment") and not terms.quota:
        assert zero_quota == "pay_base" or terms is not own, zero_quota
        return Tiers((), rates[:1], "marginal", pays.boundary)
    if pays.by == "kept":
        edges = tuple(_where_so_much_is_kept([tier.to for tier in pays.tiers[:-1]], rates))
        return Tiers(edges, rates, pays.mode, pays.boundary)
    unit = _unit(pays.by, terms)
    return Tiers(tuple(unit * tier.to for tier in pays.tiers[:-1]), rates, pays.mode, pays.boundary)


def _where_so_much_is_kept(ends: list[int], rates: tuple[Fraction, ...]) -> Iterator[Fraction]:
    """The amounts of which so much is not paid out, at these rates one after the other."""
    amount, kept = Fraction(0), 0
    for end, rate in zip(ends, rates, strict=False):
        amount += (end - kept) / (1 - rate)
        kept = end
        yield amount


def _unit(by: str, terms: Terms) -> Fraction:
    """What an edge or point is so many of, as positions are counted."""
    return Fraction({"amount": 1, "deal": 1, "credit": 1, "count": MILLIONTHS}.get(by, terms.quota or 0))


def _per_unit(pays: PerUnit) -> Tiers:
    if pays.tiers is None:
        return Tiers((), (Fraction(pays.amount or 0, MILLIONTHS),), "marginal", "at")
    ends = tuple(Fraction((tier.to or 0) * MILLIONTHS) for tier in pays.tiers[:-1])
    amounts = tuple(Fraction(tier.amount, MILLIONTHS) for tier in pays.tiers)
    return Tiers(ends, amounts, pays.mode or "", pays.boundary or "")


def _points(pays: Steps | Milestone, terms: Terms, target: int | None) -> Points:
    if pays.by.startswith("attainment") and not terms.quota:
        return Points((), "at")
    unit = _unit(pays.by, terms)
    if isinstance(pays, Milestone):
        return Points(tuple((unit * p.reaches, Fraction(p.pays)) for p in pays.points), pays.boundary, adding=True)
    assert pays.of is None or target is not None
    of = Fraction(target or 0) if pays.of else Fraction(1)
    points = tuple((unit * point.reaches, of * point.pays) for point in pays.points)
    above = of * pays.above.adds / (unit * pays.above.each) if pays.above else Fraction(0)
    return Points(points, pays.boundary or "at", pays.between == "interpolate" or bool(pays.above), above)


def pays_target(component: Component, terms: Terms) -> bool:
    return component.quota is not None and component.zero_quota == "pay_target" and terms.quota == 0


def period_target(component: Component, terms: Terms, period: Period, mode: str) -> int:
    """The full-year target x weight, rounded once, in equal parts."""
    assert terms.full_year_target is not None
    target = rounded(terms.full_year_target * component.weight, mode)
    return rounded(share_of_span(target, "year", component.per, period.month_of_year) * terms.target_share, mode)


def _rate(rate: Rate, component: Component, terms: Terms) -> Fraction:
    if not rate.of_base:
        return rate.ratio
    assert terms.full_year_quota, "base needs a full-year quota"
    assert terms.full_year_target is not None, "base needs a target incentive"
    return rate.ratio * terms.full_year_target * component.weight / terms.full_year_quota

"""The lists of a run as they grow, and what is known of each: its entries, periods, parts, quotas and curves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from compsvc.core.plan import Component, Plan

from .activities import order_of
from .calendar_rules import Period, periods_between
from .chain import (
    Chain,
    Terms,
    attained,
    blended,
    curve_of,
    payable_date,
    pays_target,
    period_target,
    prorated,
    shared_out,
    terms_of,
)
from .credit import Crediting
from .curve import Curve
from .lists import Binding, Entry, Line, ListKey, Named, in_order
from .losses import Taken
from .modifiers import Stands, asked_period, modified
from .quota import Part, Words
from .rows import Row, Subject
from .stated import SOURCE_OF
from .stated import order_of as stated_order

COUNTS = ("new_logos", "activities", "deals", "units", "logo_retention")


class Book:
    """All lists of a run, and what they come to."""

    def __init__(self, crediting: Crediting) -> None:
        self.crediting = crediting
        self.company, self.chains, self.by_subject = crediting.company, crediting.chains, crediting.by_subject
        self.earnings: dict[ListKey, tuple[int, int, int]] = {}
        self.lines: list[Line] = []
        self.events: dict[ListKey, list[tuple[Named, int, int]]] = {}
        self.current: dict[ListKey, dict[Named, Entry]] = defaultdict(dict)
        self.takes: list[tuple[ListKey, Subject, Taken, str, str]] = []  # with basis and rounding
        self.paid: dict[ListKey, list[Entry]] = {}
        self.periods: dict[tuple[str, str, str], Period] = {}  # by plan, component and name
        self._curves: dict[tuple[ListKey, Binding | None], Curve] = {}
        self.stands: dict[ListKey, int] = {}
        self.placed: dict[ListKey, tuple[list[Entry], list[int]]] = defaultdict(lambda: ([], []))

    def each_deal(self, plan: str, name: str) -> bool:
        return each_deal(self.chains[plan].last(name))

    def number(self, deal: tuple[str, str], loss: str) -> int:
        """Take-backs count from 100,000,000, by the number of the loss among those of its deal."""
        known = [item.id for item in self.company.known_losses.get(deal, [])]
        return 100_000_001 + known.index(loss)

    def binding(self, participant: str, plan: str, counting: date, revision: Plan) -> Binding:
        assignment = self.company.assigned_or_last(participant, plan, counting)
        return Binding(assignment.start if assignment else None, revision.revision)

    def opening(self, participant: str, chain: Chain, name: str, period: Period) -> int:
        """What the period opens with, as it is known now."""
        entries = self.current.get((participant, chain.name, name, period.name), {})
        return sum(entry.counts for entry in entries.values() if entry.subject[0] == "accounts")

    def period(self, chain: Chain, name: str, period_name: str) -> Period:
        key = chain.name, name, period_name
        if key not in self.periods:
            component, fiscal = chain.last(name), chain.revisions[-1].fiscal_year_starts
            year = int(period_name[:4])
            around = periods_between(date(year - 2, 1, 1), date(year + 1, 12, 31), component.per, fiscal)
            self.periods[key] = next(period for period in around if period.name == period_name)
        return self.periods[key]

    def parts(self, participant: str, chain: Chain, period: Period) -> list[Part]:
        """The period in parts of one assignment and one revision each, with their days."""
        found = []
        for assignment in self.company.assignments.get(participant, ()):
            for place, plan in enumerate(chain.revisions if assignment.plan == chain.name else ()):
                following = chain.revisions[place + 1].effective if place + 1 < len(chain.revisions) else date.max
                start = max(assignment.start, plan.effective, period.start)
                end = min(assignment.end or date.max, following, period.end)
                if start < end:
                    found.append(Part(assignment, plan, start, end))
        return sorted(found, key=lambda part: part.start)

    def entries(self, key: ListKey, period: Period) -> list[Entry]:
        fixed = self.company.fixed.get(key, [])
        return in_order(self.current.get(key, {}), fixed, lambda named: self._gone(key, period, named))

    def stated_row(self, subject: Subject) -> Row | None:
        kind = next((kind for kind, source in SOURCE_OF.items() if source == subject[0]), "")
        return self.company.stated.get((kind, subject[1]))

    def _gone(self, key: ListKey, period: Period, named: Named) -> Entry:
        chain = self.chains[key[1]]
        subject, loss = named
        event = self.by_subject.get(subject)
        activity = self.company.activities.get(subject[:2]) if subject[2] is None else None
        credit = self.stated_row(subject)
        if credit is not None:
            counting = payable = credit["credit_date"]
            order = stated_order(credit)
        elif activity is not None:
            counting = payable = activity["activity_date"]
            order = order_of(activity)
        elif event is not None:
            counting = chain.counting_of(key[2], event)
            order, payable = (counting, *event.tail), payable_date(chain.on(counting) or chain.revisions[0], event)
        elif subject[0] == "accounts":
            counting = payable = period.start
            order = (date.min, *account_order(subject[1], counting)[1:])
        else:
            counting, payable = period.end - timedelta(days=1), None
            source, external_id, line, stage = subject
            order = (counting, datetime.combine(counting, time()), source, external_id.encode(), line, stage)
        binding = self.binding(key[0], key[1], counting, chain.on(counting) or chain.revisions[0])
        entry = Entry(subject, 0, 0, order, counting, binding, payable, None, loss=loss)
        if loss is not None:
            entry.take_back, entry.kind, entry.step = True, "take_back", self.number(subject[:2], loss)
            day = next(item.day for item in self.company.known_losses[subject[:2]] if item.id == loss)
            entry.counting, entry.order = (
                max(counting, day),
                (max(counting, day), *order[1:], day, subject[0], subject[1].encode(), loss.encode()),
            )
            entry.payable = max(payable, entry.counting) if payable else None
        return entry

    def curve(self, key: ListKey, period: Period, binding: Binding | None) -> Curve:
        """Without binding: the one curve of a blended period."""
        if (key, binding) not in self._curves:
            participant, plan, name, _ = key
            chain = self.chains[plan]
            parts = self.parts(participant, chain, period)
            revision = chain.by_revision[binding.revision] if binding else parts[-1].plan
            component = revision.components[name]
            other = attained(component)
            own = self.terms(participant, chain, name, period, binding, revision.rounding)
            terms = self.terms(participant, chain, other, period, binding, revision.rounding) if other else own
            theirs = revision.components[other].zero_quota if other else None
            known = own.full_year_target is not None
            target = period_target(component, own, period, revision.rounding) if known else None
            curve = curve_of(component, terms, own, component.zero_quota or theirs, target)
            if not pays_target(component, own):
                curve = modified(
                    curve, name, revision, terms.quota, lambda other: self._asked(key, period, revision, other)
                )
            self._curves[key, binding] = curve
        return self._curves[key, binding]

    def terms(
        self, participant: str, chain: Chain, name: str, period: Period, binding: Binding | None, mode: str
    ) -> Terms:
        terms = self._terms_given(participant, chain, name, period, binding, mode)
        if str(chain.last(name).quota).startswith("opening"):
            return replace(terms, quota=self.opening(participant, chain, name, period), full_year_quota=None)
        return terms

    def _terms_given(
        self, participant: str, chain: Chain, name: str, period: Period, binding: Binding | None, mode: str
    ) -> Terms:
        parts = self.parts(participant, chain, period)
        if binding is None:
            if all(Words(part.plan, name).silent for part in parts):
                place = period.month_of_year
                each = [
                    (terms_of(self.company, part.assignment, name, part.plan, place), (part.end - part.start).days)
                    for part in parts
                ]
                return blended(each, period, mode)
            return shared_out(self.company, parts, name, period, mode)
        own = self.company.assignments.get(participant, ())
        bound = [a for a in own if a.plan == chain.name and a.start == binding.assignment_start]
        if not bound:
            return Terms(None, None, None)
        revision = chain.by_revision[binding.revision]
        mine = [part for part in parts if part.assignment is bound[0] and part.plan is revision]
        if mine:
            return prorated(self.company, parts, mine[0], name, period, mode)
        return terms_of(self.company, bound[0], name, revision, period.month_of_year)

    def _asked(self, key: ListKey, period: Period, plan: Plan, name: str) -> Stands | None:
        """The row of earnings of another component (or the own) in its period that holds our last day."""
        chain = self.chains[key[1]]
        theirs = asked_period(period, chain.last(name), plan)
        row = key[0], key[1], name, theirs.name
        if row not in self.stands:
            return None
        return Stands(self.stands[row], self._quota_shown(row, theirs))

    def _quota_shown(self, key: ListKey, period: Period) -> int | None:
        """Of the period's last part; blended under `blend`."""
        participant, plan, name, _ = key
        chain = self.chains[plan]
        parts = self.parts(participant, chain, period)
        of = attained(chain.last(name)) or name
        if parts and chain.last(name).carry == "blend" and len(parts) > 1:
            return self.terms(participant, chain, of, period, None, parts[-1][1].rounding).quota
        last = Binding(parts[-1].assignment.start, parts[-1].plan.revision) if parts else None
        if last is None:
            order = {plan.revision: place for place, plan in enumerate(chain.revisions)}
            bindings = [entry.binding for entry in self.entries(key, period)]
            last = max(bindings, key=lambda binding: (order[binding.revision], binding.assignment_start))
        return self.terms(participant, chain, of, period, last, "down").quota


def each_deal(component: Component) -> bool:
    """Whether every deal begins anew, in place of a position that adds up."""
    return getattr(component.pays, "by", "") in ("deal", "credit")


def account_order(account: str, day: date) -> tuple[object, ...]:
    return day, datetime.combine(day, time()), "", account.encode(), 0, 0

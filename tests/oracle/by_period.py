"""What is paid by the period: target incentives, retainers, contests and pools."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from compsvc.core.rules.fixed import Fixed
from compsvc.core.rules.pool import Pool
from compsvc.core.rules.rank import Rank

from . import contests, retainers
from .book import Book
from .calendar_rules import Period, periods_between
from .chain import Chain, attained, pays_target, period_target
from .lists import Binding, Line, ListKey
from .modifiers import NOTHING
from .retention import OPENED, known_days
from .worth import STAGES


def all_periods(book: Book) -> list[tuple[ListKey, Period]]:
    """Every period that an assignment overlaps, from the earliest to the latest counting date of the run."""
    found = []
    for chain in book.chains.values():
        for name in chain.components:
            counting = [chain.counting_of(name, event) for event in book.company.events]
            counting += _stage_starts(book, chain, name)
            counting += [row["credit_date"] for row in book.company.stated.values()]
            if chain.last(name).counts == "activities":
                counting += [row["activity_date"] for row in book.company.activities.values()]
            if chain.last(name).counts in OPENED:
                counting += known_days(book.company, chain, name)
            counting += _lost_in(book, chain.name, name)
            if isinstance(chain.last(name).pays, Fixed):
                counting = retainers.days(book.company, chain, name)
            if not counting:
                continue
            fiscal = chain.revisions[-1].fiscal_year_starts
            periods = periods_between(min(counting), max(counting), chain.last(name).per, fiscal)
            for participant in book.company.assignments:
                for period in periods:
                    if book.parts(participant, chain, period):
                        found.append(((participant, chain.name, name, period.name), period))
    return found


def _stage_starts(book: Book, chain: Chain, name: str) -> list[date]:
    """Only where they count: for the component, one whose position it shares, or the earnings that it counts."""
    item = chain.last(name)
    shared = chain.last(attained(item) or name)
    if STAGES not in (item.ramp, shared.ramp) and item.counts not in ("earnings", "own_earnings"):
        return []
    return [chain.counting_of(name, event) for event in book.crediting.begun]


def _lost_in(book: Book, plan: str, component: str) -> list[date]:
    """Days in the periods in which take-backs of the component stand."""
    keys = [key for key, entries in book.paid.items() if any(entry.loss for entry in entries)]
    return [book.periods[key[1:]].start for key in keys if key[1:3] == (plan, component)]


def pay_period(book: Book, key: ListKey, period: Period) -> None:
    participant, plan, name, _ = key
    book.earnings.setdefault(key, (0, 0, 0))
    parts = book.parts(participant, book.chains[plan], period)
    assignment, revision = parts[-1].assignment, parts[-1].plan
    component = revision.components[name]
    blend = component.carry == "blend" and len(parts) > 1
    binding = None if blend else Binding(assignment.start, revision.revision)
    payable = period.end - timedelta(days=1)
    if isinstance(component.pays, Fixed):
        amount = retainers.amount(parts, name, period, book.chains[plan].revisions[-1].rounding)
        book.lines.append(Line(*key, None, "period", 0, None, 0, 0, amount, payable, None))
        book.earnings[key] = 0, 0, amount
        return
    terms = book.terms(participant, book.chains[plan], name, period, binding, revision.rounding)
    if not pays_target(component, terms):
        return
    amount = period_target(component, terms, period, revision.rounding)
    book.lines.append(Line(*key, None, "period", 0, None, 0, 0, amount, payable, None))
    measure, count, earned = book.earnings[key]
    book.earnings[key] = measure, count, earned + amount


def award(book: Book, periods: list[tuple[ListKey, Period]]) -> None:
    """What contests and pools pay, period by period, once all have counted (M7)."""
    together: dict[tuple[str, str, Period], list[ListKey]] = defaultdict(list)
    for key, period in periods:
        if isinstance(book.chains[key[1]].last(key[2]).pays, Rank | Pool):
            together[key[1], key[2], period].append(key)
    for (plan, name, period), keys in together.items():
        last_day = period.end - timedelta(days=1)
        having = [one for one in book.chains[plan].revisions if name in one.components]
        revision = next((one for one in reversed(having) if one.effective <= last_day), having[0])
        rivals = [_rival(book, key, period) for key in keys]
        found = contests.won(revision.components[name].pays, rivals, revision)
        known = [entry.settles for key in keys for entry in book.current.get(key, {}).values()]
        due = max([last_day, *known])  # what counts for all of them has settled (M8)
        for key in keys:
            if key[0] in found:
                book.lines.append(Line(*key, None, "period", 0, None, 0, 0, found[key[0]], due, None))


def _rival(book: Book, key: ListKey, period: Period) -> contests.Rival:
    participant, plan, name, _ = key
    chain = book.chains[plan]
    parts = book.parts(participant, chain, period)
    last, blend = parts[-1], chain.last(name).carry == "blend" and len(parts) > 1
    binding = None if blend else Binding(last.assignment.start, last.plan.revision)
    terms = book.terms(participant, chain, name, period, binding, chain.revisions[-1].rounding)
    known = terms.full_year_target is not None
    return contests.Rival(
        name=participant,
        manager=last.assignment.manager,
        stays=last.end == period.end,
        is_shut=book.curve(key, period, binding) is NOTHING,
        position=book.stands[key],
        quota=terms.quota,
        target=period_target(chain.last(name), terms, period, last.plan.rounding) if known else 0,
        came_there=contests.came_there(book.entries(key, period)),
    )

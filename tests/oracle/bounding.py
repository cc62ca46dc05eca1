"""What bounds the pay of a deal, of a period and of a plan, with the figures that decide it (T3)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from compsvc.core.plan import Component, Plan

from . import bounds
from .book import Book
from .calendar_rules import Period, period_of
from .chain import Chain, pays_target, period_target
from .exact import rounded
from .lists import Binding, Entry, Line, ListKey
from .modifiers import NOTHING


def bound_deals(book: Book, keys: list[ListKey], own: dict[ListKey, list[Line]]) -> None:
    """What is more and less for single deals, whose lists may go over several periods."""
    chain, name = book.chains[keys[0][1]], keys[0][2]

    def terms(entry: Entry) -> tuple[Component, str, bool]:
        key = entry.listed or keys[0]
        period = book.period(chain, name, key[3])
        revision = chain.by_revision[entry.binding.revision]
        component = revision.components[name]
        figures = book.terms(key[0], chain, name, period, entry.binding, revision.rounding)
        shut = book.curve(key, period, entry.binding) is NOTHING or pays_target(component, figures)
        return component, revision.rounding, shut

    placed, spans = max((book.placed[key] for key in keys), key=lambda found: len(found[0]))
    deals = bounds.deals_of(placed, spans, terms)
    lines = [line for key in keys for line in own[key]]
    more = bounds.windfalls(lines, deals)
    for line in more + bounds.minimums(lines + more, deals):
        own[line.participant, line.plan, line.component, line.period].append(line)


def bound_period(book: Book, key: ListKey, lines: list[Line], earlier: list[Line]) -> list[Line]:
    """With its cap and floor; `earlier` are the lines of the same component's earlier periods, bounded."""
    chain = book.chains[key[1]]
    period = book.period(chain, key[2], key[3])
    revision, target, assigned = _last_terms(book, key, period)
    component = revision.components[key[2]]
    cap, floor = (_limit(limit, target, revision.rounding) for limit in (component.cap, component.floor))
    if cap is not None:
        lines = lines + bounds.capped(bounds.in_order(lines), cap, "cap", earlier)
    earned = sum(line.amount_minor for line in lines)
    if floor is not None and assigned and earned < floor:
        payable = period.end - timedelta(days=1)
        step = bounds.FROM["floor"] + 1
        lines = [*lines, Line(*key, None, "floor", step, None, 0, 0, floor - earned, payable, None)]
    return lines


def _last_terms(book: Book, key: ListKey, period: Period) -> tuple[Plan, int | None, bool]:
    """The revision and the period's target of the last part; and whether anybody is assigned in the period."""
    participant, plan, name, _ = key
    chain = book.chains[plan]
    parts = book.parts(participant, chain, period)
    blend = chain.last(name).carry == "blend" and len(parts) > 1
    binding = Binding(parts[-1].assignment.start, parts[-1].plan.revision) if parts else _outside(book, key, period)
    revision = chain.by_revision[binding.revision]
    mode = chain.revisions[-1].rounding
    terms = book.terms(participant, chain, name, period, None if blend else binding, mode)
    if terms.full_year_target is None:
        return revision, None, bool(parts)
    return revision, period_target(chain.last(name), terms, period, mode), bool(parts)


def _outside(book: Book, key: ListKey, period: Period) -> Binding:
    order = {plan.revision: place for place, plan in enumerate(book.chains[key[1]].revisions)}
    bindings = [entry.binding for entry in book.entries(key, period)]
    return max(bindings, key=lambda binding: (order[binding.revision], binding.assignment_start))


def bound_plan(book: Book, chain: Chain, by_key: dict[ListKey, list[Line]]) -> None:
    fiscal = chain.revisions[-1].fiscal_year_starts
    order = {name: place for place, name in enumerate(chain.revisions[-1].components)}
    for word in ("cap", "floor"):
        bounds_ = [getattr(plan, word) for plan in chain.revisions if getattr(plan, word) is not None]
        if not bounds_:
            continue
        scopes: dict[tuple[str, Period], list[ListKey]] = defaultdict(list)
        for key in by_key:
            if key[1] == chain.name:
                last_day = book.period(chain, key[2], key[3]).end - timedelta(days=1)
                scopes[key[0], period_of(last_day, bounds_[-1].per, fiscal)].append(key)
        for (who, scope), keys in sorted(scopes.items(), key=lambda item: item[0][1].start):
            last_day = scope.end - timedelta(days=1)
            bound = getattr(chain.on(last_day) or chain.revisions[0], word)
            if bound is None:
                continue
            if word == "cap":
                lines = [line for key in keys for line in by_key[key]]
                sealed = max((day for line in lines if (day := _fixed_day(book, line))), default=date.min)
                ordered = sorted(lines, key=lambda line, day=sealed: _order(book, chain, order, line, day))  # type: ignore[misc]
                before = [
                    key for at, own in scopes.items() if at[0] == who and at[1].start < scope.start for key in own
                ]
                earlier = [line for key in before for line in by_key[key]]
                for line in bounds.capped(ordered, bound.amount_minor, "plan_cap", earlier):
                    by_key[line.participant, line.plan, line.component, line.period].append(line)
            else:
                _raise(book, chain, by_key, keys, bound.amount_minor, last_day)


def _fixed_day(book: Book, line: Line) -> date | None:
    """The day of a fixed event's line."""
    if line.place is None:
        return None
    entry = book.placed[line.participant, line.plan, line.component, line.period][0][line.place]
    return _day(entry) if entry.fixed else None


def _day(entry: Entry) -> date:
    day: date = entry.counting if entry.subject[0] == "accounts" else entry.order[0]
    return day


def _order(book: Book, chain: Chain, order: dict[str, int], line: Line, sealed: date) -> tuple[object, ...]:
    """D2's key over all components, then the plan's order. A period's own line is among the fixed up to the day of
    the latest of them."""
    key = line.participant, line.plan, line.component, line.period
    period = book.period(chain, *key[2:])
    within = (order.get(line.component, len(order)), line.component, period.start, line.place is None)
    within += (line.place or 0, bounds.cause_of(line), line.held)
    if line.place is None:
        day = period.end - timedelta(days=1)
        return day > sealed, day, True, (), *within
    entry = book.placed[key][0][line.place]
    account = entry.subject[0] == "accounts"
    known = account or entry.subject in book.by_subject or entry.subject[:2] in book.company.activities
    known = known or book.stated_row(entry.subject) is not None
    day, (_, instant, *rest) = _day(entry), entry.order
    activity = (entry.subject[2] is None) + account  # stands behind the deals of its instant
    return not entry.fixed, day, not known, (instant, activity, *rest) if known else (), *within


def _raise(
    book: Book, chain: Chain, by_key: dict[ListKey, list[Line]], keys: list[ListKey], floor: int, due: date
) -> None:
    first = next(name for name in chain.revisions[-1].components)
    own = sorted((key for key in keys if key[2] == first), key=lambda key: book.period(chain, first, key[3]).start)
    assigned = any(book.parts(key[0], chain, book.period(chain, first, key[3])) for key in own)
    earned = sum(line.amount_minor for key in keys for line in by_key[key])
    if assigned and earned < floor:
        step = bounds.FROM["plan_floor"] + 1
        by_key[own[-1]].append(Line(*own[-1], None, "plan_floor", step, None, 0, 0, floor - earned, due, None))


def _limit(limit: Fraction | int | None, target: int | None, mode: str) -> int | None:
    if isinstance(limit, Fraction):
        return None if target is None else rounded(limit * target, mode)
    return limit

"""Who gets a stage event: splits, handover window, seller, owner, territory (C1, C2); resolved once for the company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from compsvc.core.plan import Plan
from compsvc.core.plan_credits import Handover

from .calendar_rules import add_months
from .derived import Derived, Lens, lens_of
from .rows import Company, Deal, Event, Row

WHOLE = Fraction(1)


@dataclass(frozen=True)
class Part:
    """A share of the credit. Without participant it is nobody's, and `code` says why."""

    participant: str | None
    share: Fraction
    route: str
    code: str | None = None
    paid_out_by: str | None = None  # the plan whose window the hunter keeps after having left


@dataclass(frozen=True)
class Terms:
    plan: Plan
    handover: Handover


class Holders:
    def __init__(
        self,
        company: Company,
        revision_on: Callable[[str, date], Plan | None],
        derived: Callable[[Lens], Derived],
        fired: Callable[[Plan, Event], list[str]],
        plans: list[Plan],
    ) -> None:
        """`fired(plan, event)`: the names of the rules that apply to it."""
        self._company, self._revision_on, self._derived, self._fired = company, revision_on, derived, fired
        self._known: dict[int, list[Part]] = {}
        self._terms: dict[tuple[str, int], Terms | None] = {}
        self._deals: dict[str, list[Deal]] = defaultdict(list)
        self._openers: dict[str, list[Deal]] = defaultdict(list)
        self._lowest: dict[tuple[str, str], Event] = {}
        self._churns: dict[str, list[Event]] = defaultdict(list)
        lenses = {lens_of(plan) for plan in plans}
        win_backs = set().union(*(derived(lens).win_backs for lens in lenses))
        for deal in company.deals:
            if not self._deals[deal.account] or deal.key in win_backs:
                self._openers[deal.account].append(deal)
            self._deals[deal.account].append(deal)
        for event in company.events:
            if event.option is None:
                if event.deal.key not in self._lowest or event.line.number < self._lowest[event.deal.key].line.number:
                    self._lowest[event.deal.key] = event
                if event.line.given_type == "churn" and not event.deal.provisional:  # an accepted one shuts windows
                    self._churns[event.deal.account].append(event)

    def of(self, event: Event) -> list[Part]:
        """The parts in declared order; their shares sum to 1."""
        if id(event) not in self._known:
            self._known[id(event)] = _merged(self._resolve(event))
        return self._known[id(event)]

    def _resolve(self, event: Event) -> list[Part]:
        window = self._window(event)
        splits = event.deal.splits
        if splits and window and event.deal.split_reason is None:
            return [Part(None, WHOLE, "split", "SPLIT_WITHOUT_REASON")]
        if splits:
            return [Part(participant, share, "split") for participant, share in splits]
        rest = 1 - sum(part.share for part in window)
        return [*window, *([replace(self._next_place(event), share=rest)] if rest else [])]

    # --- the places after the window

    def _next_place(self, event: Event) -> Part:
        if event.deal.seller is not None:
            return Part(event.deal.seller, WHOLE, "seller")
        owners = {
            row["participant_id"]
            for row in self._company.ownerships.get(event.deal.account, ())
            if _in_force(row, event.closed)
        }
        if owners:
            return _only(owners, "owner", "OWNER_AMBIGUOUS")
        return self._by_territory(event)

    def _by_territory(self, event: Event) -> Part:
        account = self._company.account_on(event.deal.account, event.closed)
        best: dict[int, set[str]] = defaultdict(set)
        for row in self._company.territories:
            named = {name: row[name] for name in ("industry", "region", "segment") if row[name] is not None}
            if _in_force(row, event.closed) and all(account.get(name) == value for name, value in named.items()):
                best[len(named)].add(row["participant_id"])
        if not best:
            return Part(None, WHOLE, "none", "NO_HOLDER")
        return _only(best[max(best)], "territory", "TERRITORY_AMBIGUOUS")

    # --- the window

    def _window(self, event: Event) -> list[Part]:
        """What the hunters keep; empty where no window is open."""
        openers = self._openers.get(event.deal.account, ())
        if any(opener.key == event.deal.key for opener in openers):
            return []  # a first order is itself never inside a window
        for opener in reversed(openers):  # the latest first order before it decides
            if (*opener.order, 0, 0) >= event.tail:
                continue
            first = self._lowest[opener.key]
            holders = self.of(first)
            terms = [self._terms_of(part.participant, first) for part in holders]
            opened = [item is not None and self._opens(opener, item.plan) for item in terms]
            kept = [
                self._kept(part, item, first, event)
                for part, item, ok in zip(holders, terms, opened, strict=True)
                if ok and item is not None
            ]
            return [part for part in kept if part is not None and part.share]
        return []

    def _opens(self, opener: Deal, plan: Plan) -> bool:
        if opener is self._deals[opener.account][0]:
            known = self._company.accounts.get(opener.account, {}).get("known_since")
            return known is None or known >= opener.closed
        return opener.key in self._derived(lens_of(plan)).win_backs

    def _terms_of(self, participant: str | None, first: Event) -> Terms | None:
        if participant is None:
            return None
        key = participant, id(first)
        if key not in self._terms:
            self._terms[key] = self._find_terms(participant, first)
        return self._terms[key]

    def _find_terms(self, participant: str, first: Event) -> Terms | None:
        found = []
        for assignment in self._company.assignments.get(participant, ()):
            plan = self._revision_on(assignment.plan, first.closed) if assignment.covers(first.closed) else None
            for place, (name, rule) in enumerate(plan.credits.items() if plan else ()):
                if rule.to == "seller" and rule.handover is not None and name in self._fired(plan, first):
                    found.append((rule.priority, plan.plan, place, Terms(plan, rule.handover)))
        return min(found, key=lambda item: item[:3])[3] if found else None

    def _kept(self, part: Part, terms: Terms, first: Event, event: Event) -> Part | None:
        """The hunter's part of a later line: all, the share of the last months, or none."""
        handover, day, start = terms.handover, event.closed, first.closed
        end = add_months(start, handover.keep)
        inside = start <= day < end
        protected = self._protected(handover, event, start, end)
        if not (inside or protected) or self._derived(lens_of(terms.plan)).type_of(event) not in handover.types:
            return None
        if not handover.survives_cancel and self._cancelled(first, day):
            return None
        share, paid_out_by = part.share, None
        last = handover.share_last
        if last is not None and (protected or day >= add_months(start, handover.keep - last.months)):
            share *= last.hunter
        if self._company.assigned(part.participant, terms.plan.plan, day) is None:
            if handover.if_hunter_left == "owner":
                return None
            paid_out_by = terms.plan.plan
        return Part(part.participant, share, "window", paid_out_by=paid_out_by)

    @staticmethod
    def _protected(handover: Handover, event: Event, start: date, end: date) -> bool:
        """Opened inside the window, and closed at most so many days after it."""
        days, opened = handover.protect_pipeline, event.deal.opened
        if days is None or opened is None:
            return False
        return start <= opened < end <= event.closed < end + timedelta(days=days)

    def _cancelled(self, first: Event, day: date) -> bool:
        """Shut from the close date of the first accepted churn line after the first order."""
        for churn in self._churns.get(first.deal.account, ()):
            if churn.tail > first.tail and churn.deal.key != first.deal.key:
                return day >= churn.closed
        return False


def _only(participants: set[str], route: str, ambiguous: str) -> Part:
    if len(participants) > 1:
        return Part(None, WHOLE, "none", ambiguous)
    return Part(min(participants), WHOLE, route)


def _in_force(row: Row, day: date) -> bool:
    started = row["start_date"] is None or row["start_date"] <= day
    return started and (row["end_date"] is None or day < row["end_date"])


def _merged(parts: list[Part]) -> list[Part]:
    """One participant's parts are one, in the place of the first."""
    merged: dict[str | None, Part] = {}
    for part in parts:
        same = merged.get(part.participant)
        merged[part.participant] = part if same is None else replace(same, share=same.share + part.share)
    return list(merged.values())

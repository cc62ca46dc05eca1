"""What is kept of the accounts that a participant owns on a period's first day, account by account (M6, L5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from compsvc.core.plan import Plan

from .calendar_rules import Period, periods_between
from .chain import Chain, counting_date
from .credit import Crediting
from .derived import GROWTH, lens_of
from .exact import rounded
from .losses import part_of as part_lost
from .money_changed import changed, rate
from .rows import Company, Event, Loss, Row, Subject

ONE = 1_000_000
OPENED = ("retained_arr", "logo_retention")
FOREVER = date.max


@dataclass(frozen=True)
class Kept:
    """An opening (`event` is None), a deal line that moves it, or what a loss takes."""

    participant: str
    period: Period
    account: str
    event: Event | None
    loss: Loss | None
    plan: Plan
    day: date
    amount: int

    @property
    def subject(self) -> Subject:
        return ("accounts", self.account, None, None) if self.event is None else self.event.subject


def known_days(company: Company, chain: Chain, name: str) -> list[date]:
    """On which anything counts, is lost, or begins to be owned or assigned."""
    days = [chain.counting_of(name, event) for event in company.events]
    days += [loss.day for losses in company.known_losses.values() for loss in losses]
    days += [row["start_date"] for rows in company.ownerships.values() for row in rows]
    own = [item for items in company.assignments.values() for item in items]
    return days + [item.start for item in own if item.plan == chain.name]


def kept(crediting: Crediting, chain: Chain, name: str) -> Iterator[Kept]:
    company, component = crediting.company, chain.last(name)
    if not company.events:
        return
    first = min(chain.counting_of(name, event) for event in company.events)
    last = max(known_days(company, chain, name))
    for period in periods_between(first, last, component.per, chain.revisions[-1].fiscal_year_starts):
        plan = chain.on(period.start)
        if plan is None:
            continue
        for account in sorted(company.accounts):
            worth = in_force(crediting, plan, component.per, account, period.start)
            value = _all(worth, crediting, plan, component.per, account, period.start)
            for who in owners(company, chain, account, period) if value > 0 else ():
                yield from _of(crediting, chain, name, period, plan, account, who, value, worth)


def owners(company: Company, chain: Chain, account: str, period: Period) -> list[str]:
    """Those who own it on the first day, assigned to the plan, and have not handed it over by the last."""
    rows = company.ownerships.get(account, [])
    first, last = _owning(rows, period.start), _owning(rows, period.end - timedelta(days=1))
    kept_by = [who for who in first if company.assigned(who, chain.name, period.start) is not None]
    return [who for who in kept_by if who in last or not last]


def _owning(rows: list[Row], day: date) -> list[str]:
    return sorted({r["participant_id"] for r in rows if r["start_date"] <= day < (r["end_date"] or FOREVER)})


def _of(
    crediting: Crediting, chain: Chain, name: str, period: Period, plan: Plan, account: str, who: str, value: int,
    worth: dict[tuple[str, str, int], int],
) -> Iterator[Kept]:  # fmt: skip
    counts_accounts = chain.last(name).counts == "logo_retention"
    yield Kept(who, period, account, None, None, plan, period.start, ONE if counts_accounts else value)
    events = [e for e in crediting.company.events if e.deal.account == account and _here(chain, name, e, period)]
    events = [
        e for e in events if _usable(crediting.company, chain.governed(name, e).plan, e)
    ]  # else it is for nothing
    if counts_accounts:
        yield from _leaving(crediting, chain, name, period, account, who, worth, events)
        return
    for event in events:
        governed = chain.governed(name, event)
        added = crediting.worth("delta_acv", governed.plan, governed.component).of(event)
        yield Kept(who, period, account, event, None, governed.plan, governed.counting, added)
    yield from _lost(crediting, chain, name, period, account, who, worth, events)


def _here(chain: Chain, name: str, event: Event, period: Period) -> bool:
    governed = chain.governed(name, event)
    return governed is not None and governed.period == period and governed.plan is not None


def _usable(company: Company, plan: Plan, event: Event) -> bool:
    return rate(company, plan, event.deal.currency, event.closed) is not None


def _type(crediting: Crediting, plan: Plan, event: Event) -> str:
    return crediting.derived(lens_of(plan)).types[(*event.deal.key, event.line.number)]


def _lost(
    crediting: Crediting, chain: Chain, name: str, period: Period, account: str, who: str,
    worth: dict[tuple[str, str, int], int], events: list[Event],
) -> Iterator[Kept]:  # fmt: skip
    told = {
        e.line.product for e in events if _type(crediting, chain.governed(name, e).plan, e) in ("churn", "downsell")
    }
    for event in crediting.company.events:
        if event.deal.account != account or event.option is not None or event.line.product in told:
            continue
        value, day = worth.get((*event.deal.key, event.line.number), 0), date.min
        if event in events:
            governed = chain.governed(name, event)
            added = crediting.worth("delta_acv", governed.plan, governed.component).of(event)
            value, day = value + max(0, added), governed.counting if added > 0 else day
        if value <= 0:
            continue
        for loss, before, up_to in _shares(crediting.company, event, period):
            plan = chain.on(loss.day)
            if plan is not None:
                taken = rounded(value * up_to, plan.rounding) - rounded(value * before, plan.rounding)
                yield Kept(who, period, account, event, loss, plan, max(day, loss.day), -taken)


def _shares(company: Company, event: Event, period: Period) -> Iterator[tuple[Loss, Fraction, Fraction]]:
    """Of what is left of the line on the first day."""
    losses = [loss for loss in company.losses.get(event.deal.key, []) if loss.line in (None, event.line.number)]
    earlier = sum((part_lost(loss, event.deal, event.line) for loss in losses if loss.day < period.start), Fraction(0))
    before = Fraction(0)
    for loss in losses:
        if period.start <= loss.day < period.end and earlier < 1:
            up_to = before + part_lost(loss, event.deal, event.line) / (1 - earlier)
            yield loss, before, up_to
            before = up_to


def _leaving(
    crediting: Crediting, chain: Chain, name: str, period: Period, account: str, who: str,
    worth: dict[tuple[str, str, int], int], events: list[Event],
) -> Iterator[Kept]:  # fmt: skip
    churns = [event for event in events if _type(crediting, chain.governed(name, event).plan, event) == "churn"]
    if churns:
        first = min(churns, key=lambda event: (chain.governed(name, event).counting, event.tail))
        governed = chain.governed(name, first)
        yield Kept(who, period, account, first, None, governed.plan, governed.counting, -ONE)
        return
    ends = []
    for event in crediting.company.events:
        if event.option is None and worth.get((*event.deal.key, event.line.number), 0) > 0:
            whole = [loss for loss, _, up_to in _shares(crediting.company, event, period) if up_to >= 1]
            ends.append((whole[0], event) if whole and chain.on(whole[0].day) else None)
    if ends and all(ends):
        loss, event = max(ends, key=lambda end: (end[0].order, end[1].tail))
        yield Kept(who, period, account, event, loss, chain.on(loss.day), loss.day, -ONE)


# --- what is in force


def in_force(
    crediting: Crediting, plan: Plan, per: str, account: str, day: date
) -> dict[tuple[str, str, int], int]:  # fmt: skip
    """What each line of the account brings on the day, losses before it taken off."""
    company, found = crediting.company, {}
    events = [event for event in company.events if event.deal.account == account and _usable(company, plan, event)]
    for event in events:
        kind, line = _type(crediting, plan, event), event.line
        smaller = kind == "downsell" and line.replaces and (line.annual or 0) >= 0
        if event.option is not None or not (kind in GROWTH or kind == "renewal" or smaller):
            continue
        since = _since(crediting, plan, per, event)
        if day < since or _replaced_by(crediting, plan, per, event, day):
            continue
        level = max(_levels(plan, per, company, event, day), default=None)
        for option in events:
            taken = option.option is not None and option.line is line
            if taken and counting_date(plan, per, option) < day and _covers(option.option, day):
                level = max(level or 0, changed(company, plan, event.deal.currency, option.closed, option.option.level))
        if level is not None:
            losses = [loss for loss in company.losses.get(event.deal.key, []) if loss.day < day]
            losses = [loss for loss in losses if loss.line in (None, line.number)]
            lost = sum((part_lost(loss, event.deal, line) for loss in losses), Fraction(0))
            found[(*event.deal.key, line.number)] = level - rounded(level * lost, plan.rounding)
    return found


def _since(crediting: Crediting, plan: Plan, per: str, event: Event) -> date:
    line = event.line
    if _type(crediting, plan, event) == "renewal":
        starts = [stage.start for stage in line.committed if stage.start is not None]
        return (starts or [line.start or event.closed])[0]
    return counting_date(plan, per, event) + timedelta(days=1)


def _covers(stage: object, day: date) -> bool:
    return stage.start <= day < (stage.end or FOREVER)


def _levels(plan: Plan, per: str, company: Company, event: Event, day: date) -> list[int]:
    line = event.line

    def money(level: int) -> int:
        return changed(company, plan, event.deal.currency, event.closed, level)

    if line.has_stages:
        found = []
        for place, stage in enumerate(line.committed):
            if (place == 0 or stage.start <= day) and day < (stage.end or FOREVER):
                found.append(money(stage.level))
        return found
    return [money(line.annual or 0)] if day < (line.end or FOREVER) else []


def _replaced_by(crediting: Crediting, plan: Plan, per: str, event: Event, day: date) -> bool:
    name = f"{event.deal.external_id}/{event.line.number}"
    for other in crediting.company.events:
        if other.deal.source == event.deal.source and name in other.line.replaces and other.option is None:
            usable = _usable(crediting.company, plan, other) and (other.line.annual or 0) >= 0
            if usable and _since(crediting, plan, per, other) <= day:
                return True
    return False


def _all(
    worth: dict[tuple[str, str, int], int], crediting: Crediting, plan: Plan, per: str, account: str, day: date
) -> int:
    """With what churns and downsells state without naming a line."""
    total = sum(worth.values())
    lines: dict[tuple[str, str, int], Event] = {
        (*e.deal.key, e.line.number): e for e in crediting.company.events if e.option is None
    }
    for event in crediting.company.events:
        own, line = event.deal.account == account and event.option is None, event.line
        if not own or not _usable(crediting.company, plan, event):
            continue
        stated = _type(crediting, plan, event) in ("churn", "downsell") and (
            not line.replaces or (line.annual or 0) < 0
        )
        if stated and _since(crediting, plan, per, event) <= day:
            before = [v for key, v in worth.items() if _before(lines[key], event)]
            amount = changed(crediting.company, plan, event.deal.currency, event.closed, line.annual or 0)
            total -= min(abs(amount), sum(before))
    return max(0, total)


def _before(one: Event, other: Event) -> bool:
    return one.line.product == other.line.product and one.tail < other.tail

"""Derived facts: who is whose parent, which deal was the first, what type a line has, what conditions see."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from compsvc.core.eligibility import Condition
from compsvc.core.plan import Plan

from .calendar_rules import add_months, whole_months
from .rows import Company, Deal, Event, Line
from .spans import spans, within

GROWTH = frozenset({"new_logo", "upsell", "cross_sell"})


class Lens(NamedTuple):
    """What of a plan decides the derived types."""

    by: str
    win_back: int | None


def lens_of(plan: Plan) -> Lens:
    return Lens(plan.new_logo_by, plan.win_back)


class Families:
    """Ultimate parents, and since when a customer was known before the data begin."""

    def __init__(self, company: Company) -> None:
        self._accounts = company.accounts
        self._tops: dict[str, str] = {}
        self._known: dict[tuple[str, str], date] = {}
        for account, row in company.accounts.items():
            if row["known_since"] is not None:
                for by in ("account", "ultimate_parent"):
                    key = by, self.entity(account, by)
                    self._known[key] = min(row["known_since"], self._known.get(key, date.max))

    def entity(self, account: str, by: str) -> str:
        if by == "account":
            return account
        if account not in self._tops:
            self._tops[account] = self._top(account)
        return self._tops[account]

    def _top(self, account: str) -> str:
        seen = {account}
        while True:
            parent = self._accounts.get(account, {}).get("parent_id")
            if parent is None or parent in seen:
                return account
            seen.add(parent)
            account = parent

    def known_before(self, account: str, by: str, day: date) -> bool:
        return self._known.get((by, self.entity(account, by)), date.max) < day


class Derived:
    """The types and first orders of all accepted deals, as one lens sees them."""

    def __init__(self, company: Company, families: Families, lens: Lens) -> None:
        self.types: dict[tuple[str, str, int], str] = {}
        self.first: set[tuple[str, str]] = set()  # first orders and win-backs
        self.win_backs: set[tuple[str, str]] = set()
        self.first_closed: dict[tuple[str, str], date | None] = {}
        entities: dict[str, _Entity] = {}
        for deal in company.deals:
            entity = entities.setdefault(families.entity(deal.account, lens.by), _Entity())
            known = families.known_before(deal.account, lens.by, deal.closed)
            self._derive(deal, entity, known, lens.win_back)

    def _derive(self, deal: Deal, entity: _Entity, known: bool, win_back: int | None) -> None:
        again = entity.is_over(deal.closed, win_back)
        first = not known and (not entity.deals or again)
        if first:
            entity.first_closed = deal.closed
            self.first.add(deal.key)
            if entity.deals:
                self.win_backs.add(deal.key)
        self.first_closed[deal.key] = entity.first_closed
        for line in deal.lines:
            derived = "new_logo" if first else "upsell" if line.product in entity.products else "cross_sell"
            self.types[(*deal.key, line.number)] = line.given_type or derived
        entity.take(deal)

    def type_of(self, event: Event) -> str:
        return self.types[(*event.deal.key, event.line.number)]


class _Entity:
    def __init__(self) -> None:
        self.deals = 0
        self.products: set[str | None] = set()
        self.first_closed: date | None = None
        self.ends: date | None = date.min  # None: a contract without end

    def is_over(self, closed: date, win_back: int | None) -> bool:
        if win_back is None or not self.deals or self.ends is None:
            return False
        return closed >= add_months(self.ends, win_back)

    def take(self, deal: Deal) -> None:
        self.deals += 1
        for line in deal.lines:
            self.products.add(line.product)
            end = _end_of(line)
            self.ends = None if end is None or self.ends is None else max(self.ends, end)


def _end_of(line: Line) -> date | None:
    return max([stage.end for stage in line.committed] + ([line.end] if line.end else []), default=None)


def condition_facts(event: Event, derived: Derived, acv: int, account: dict[str, object]) -> dict[str, object]:
    """The fields that conditions may name."""
    deal, line = event.deal, event.line
    first_closed = derived.first_closed[deal.key]
    return {
        **deal.attributes,
        "type": derived.type_of(event),
        "product": line.product,
        "channel": deal.channel,
        "currency": deal.currency,
        "industry": account.get("industry"),
        "region": account.get("region"),
        "segment": account.get("segment"),
        "quantity": line.quantity,
        "products": len({each.product for each in deal.lines} - {None}) or None,
        "discount": line.discount,
        "term_months": _term_months(line),
        "months_since_first_order": whole_months(first_closed, event.closed) if first_closed else None,
        "acv": acv,
        "annual_value": line.annual,
        "one_time_value": line.one_time if line.has_one_time else None,
        "closed_date": _number(event.closed),
        "opened_date": _number(deal.opened) if deal.opened else None,
        "first_order": deal.key in derived.first,
        "win_back": deal.key in derived.win_backs,
        "margin": _share_kept(event),
        "ramp": len(line.committed) >= 2,
    }


def _term_months(line: Line) -> int | None:
    """Where the line has no start or end of its own, those of its committed stages count."""
    start = line.start or min((stage.start for stage in line.committed), default=None)
    end = line.end or max((stage.end for stage in line.committed), default=None)
    return whole_months(start, end) if start and end else None


def _share_kept(event: Event) -> int | None:
    """Full-term value less cost, in millionths of that value, rounded down."""
    line, found = event.line, spans(event)
    if event.option is not None or found is None or line.cost is None:
        return None
    value = int(sum((within([span], span[0], span[1]) for span in found), Fraction(0))) + line.one_time
    return (value - line.cost) * 1_000_000 // value if value > 0 else None


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def holds(conditions: tuple[Condition, ...], facts: dict[str, object]) -> bool:
    return all(_holds(condition, facts.get(condition.field)) for condition in conditions)


def _holds(condition: Condition, value: object) -> bool:
    """A field without value fails everything but `absent`."""
    constants = condition.values
    match condition.op:
        case "absent":
            return value is None
        case _ if value is None:
            return False
        case "present":
            return True
        case "eq" | "in":
            return value in constants
        case "ne" | "not_in":
            return value not in constants
        case "lt":
            return value < constants[0]
        case "le":
            return value <= constants[0]
        case "gt":
            return value > constants[0]
        case "ge":
            return value >= constants[0]
        case "between":
            return constants[0] <= value <= constants[1]
    raise AssertionError(condition.op)

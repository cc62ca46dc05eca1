"""The facts as plain Python values, each deal with its lines, and each line with its stage events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from compsvc.core.facts import LINE, Facts

Subject = tuple[str, str, int | None, int | None]  # source, external id, line, stage; of an activity the first two
Row = dict[str, Any]


@dataclass(slots=True)
class Stage:
    number: int
    start: date
    end: date
    level: int
    exercised: datetime | None = None


@dataclass(slots=True)
class Line:
    number: int
    product: str | None
    given_type: str | None
    quantity: int | None
    start: date | None
    end: date | None
    annual: int | None
    one_time: int
    has_one_time: bool
    discount: int | None
    cost: int | None
    replaces: tuple[str, ...]
    committed: list[Stage] = field(default_factory=list)
    options: list[Stage] = field(default_factory=list)

    @property
    def has_stages(self) -> bool:
        return bool(self.committed or self.options)

    @property
    def first_level(self) -> int:
        """What is in force at first: the annual value, or the first committed level; 0 where all stages are options."""
        if self.has_stages:
            return self.committed[0].level if self.committed else 0
        return self.annual or 0

    @property
    def last_level(self) -> int:
        return self.committed[-1].level if self.committed else self.first_level


@dataclass(slots=True)
class Deal:
    source: str
    external_id: str
    account: str
    seller: str | None
    opened: date | None
    closed: date
    accepted: datetime | None
    pending_reason: str | None
    currency: str
    channel: str | None
    split_reason: str | None
    attributes: dict[str, str | None]
    lines: list[Line] = field(default_factory=list)
    splits: list[tuple[str, Fraction]] = field(default_factory=list)
    roles: dict[str, list[tuple[str, Fraction | None]]] = field(default_factory=dict)
    provisional: bool = False  # pending, and looked at as if it were accepted

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.external_id

    @property
    def order(self) -> tuple[datetime, str, bytes]:
        assert self.accepted is not None
        return self.accepted, self.source, self.external_id.encode()

    @property
    def size(self) -> int:
        return sum(line.last_level + line.one_time for line in self.lines)


@dataclass(slots=True, eq=False)
class Event:
    """A stage event: what somebody may be credited for. `option` is None for stage 0."""

    deal: Deal
    line: Line
    option: Stage | None
    closed: date
    accepted: datetime
    begins: Stage | None = None  # a later committed stage that counts when it starts
    stage: int = field(init=False)
    subject: Subject = field(init=False)
    tail: tuple[datetime, str, bytes, int, int] = field(init=False)  # the acceptance order; D2's key behind the date

    def __post_init__(self) -> None:
        source, external_id = self.deal.key
        further = self.option or self.begins
        self.stage = further.number if further else 0
        self.subject = source, external_id, self.line.number, self.stage
        self.tail = self.accepted, source, external_id.encode(), self.line.number, self.stage


@dataclass(frozen=True, slots=True)
class Loss:
    """What a customer cancelled, got back or never paid, of a line of the deal or of all of them."""

    deal: tuple[str, str]
    id: str
    line: int | None
    day: date
    amount: int | None
    share: Fraction | None
    kind: str
    reason: str | None

    @property
    def order(self) -> tuple[date, str, bytes, bytes]:
        return self.day, self.deal[0], self.deal[1].encode(), self.id.encode()


@dataclass(slots=True)
class Assignment:
    participant: str
    plan: str
    start: date
    end: date | None
    target: int | None
    manager: str | None
    cover: str | None
    workload: int  # millionths of full time
    ramp_up: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass
class Company:
    """All facts, indexed by what they are looked up by. Only accepted deals are in `deals`."""

    deals: list[Deal]  # in acceptance order
    events: list[Event]  # in acceptance order
    pending: list[Deal]
    lines: dict[tuple[str, str], Line]  # by source and `external_id/line`, pending deals too
    accounts: dict[str, Row]
    assignments: dict[str, list[Assignment]]  # by participant, by start
    quotas: dict[tuple[str, str, date], dict[str, tuple[int, str]]]
    moved: dict[str, list[Row]]  # dated attributes, by account
    ownerships: dict[str, list[Row]]
    territories: list[Row]
    fixed: dict[tuple[str, str, str, str], list[Row]]
    activities: dict[tuple[str, str], Row]  # by source and external id
    stated: dict[tuple[str, str], Row]  # by kind and id
    leaves: dict[str, list[tuple[date, date]]]  # by participant; the end is exclusive
    exits: list[tuple[str, date]]  # with the last day; none that was withdrawn
    fx: dict[tuple[str, str, str], dict[date, Fraction]]  # by table, from and to
    known_losses: dict[tuple[str, str], list[Loss]]  # those that were withdrawn too
    losses: dict[tuple[str, str], list[Loss]]  # by deal, in their order; without those that were withdrawn
    released: dict[tuple[str, ...], date]  # reviews, by participant, plan, component and deal, and from when on

    def account_on(self, account: str, day: date) -> Row:
        """The account as it was on the day: each dated value goes from its day on, until a later one of its field."""
        found = dict(self.accounts.get(account, {}))
        for row in sorted(self.moved.get(account, ()), key=lambda row: row["start_date"]):
            if row["start_date"] <= day:
                found[row["attribute"]] = row["value"]
        return found

    def assigned(self, participant: str, plan: str, day: date) -> Assignment | None:
        """The assignment to the plan that covers the day; two never do."""
        for assignment in self.assignments.get(participant, ()):
            if assignment.plan == plan and assignment.covers(day):
                return assignment
        return None

    def assigned_or_last(self, participant: str, plan: str, day: date) -> Assignment | None:
        """The one that covers the day, else the latest that started before it, else the first there is."""
        own = [item for item in self.assignments.get(participant, ()) if item.plan == plan]
        covering = [item for item in own if item.covers(day)]
        started = [item for item in own if item.start <= day]
        return (covering or started[-1:] or own[:1] or [None])[0]


def company_of(facts: Facts) -> Company:
    deals = _deals(facts)
    accepted = sorted((deal for deal in deals if deal.accepted is not None), key=lambda deal: deal.order)
    return Company(
        deals=accepted,
        events=events_of(accepted),
        pending=[deal for deal in deals if deal.accepted is None],
        lines={(deal.source, f"{deal.external_id}/{line.number}"): line for deal in deals for line in deal.lines},
        accounts={row["account_id"]: row for row in facts.accounts.to_dicts()},
        assignments=_assignments(facts),
        quotas=_quotas(facts),
        moved=_grouped(facts.account_attributes.to_dicts(), "account_id"),
        ownerships=_grouped(facts.ownerships.to_dicts(), "account_id"),
        territories=facts.territories.to_dicts(),
        fixed=_fixed(facts),
        activities={(row["source"], row["external_id"]): row for row in facts.activities.to_dicts()},
        stated={(row["kind"], row["credit_id"]): row for row in facts.stated_credits.to_dicts()},
        leaves={
            who: [(row["start_date"], row["end_date"] or date.max) for row in rows]
            for who, rows in _grouped(facts.leaves.to_dicts(), "participant_id").items()
        },
        exits=[(row["participant_id"], row["last_date"]) for row in facts.exits.to_dicts() if not row["withdrawn"]],
        fx=_fx(facts),
        known_losses=_losses(facts, withdrawn=True),
        losses=_losses(facts, withdrawn=False),
        released={
            tuple(row[name] for name in ("participant_id", "plan", "component", "source", "external_id")): row[
                "free_date"
            ]
            for row in facts.holds.to_dicts()
            if (row["origin"], row["state"]) == ("review", "released")
        },
    )


def with_pending_accepted(company: Company) -> Company:
    """As if all pending deals were accepted after all accepted ones, by closed date, source and external id."""
    waiting = sorted(company.pending, key=lambda deal: (deal.closed, deal.source, deal.external_id.encode()))
    instants = [event.accepted for event in company.events]
    last = max([*instants, *(datetime.combine(deal.closed, time()) for deal in waiting)])
    taken = [
        replace(deal, accepted=last + timedelta(seconds=place + 1), provisional=True)
        for place, deal in enumerate(waiting)
    ]
    deals = [*company.deals, *taken]
    return replace(company, deals=deals, events=events_of(deals), pending=[])


def events_of(deals: Iterable[Deal]) -> list[Event]:
    """Stage 0 of each line and each option that was exercised, in acceptance order."""
    events = []
    for deal in deals:
        assert deal.accepted is not None
        for line in deal.lines:
            events.append(Event(deal, line, None, deal.closed, deal.accepted))
            for option in line.options:
                if option.exercised is not None:
                    accepted = deal.accepted if deal.provisional else option.exercised
                    events.append(Event(deal, line, option, option.exercised.date(), accepted))
    return sorted(events, key=lambda event: event.tail)


def begun_of(deals: Iterable[Deal]) -> list[Event]:
    """Each committed stage after the first, accepted at 00:00 of the day on which it starts, or with its deal (L3)."""
    return [
        Event(deal, line, None, deal.closed, max(deal.accepted, datetime.combine(stage.start, time())), stage)
        for deal in deals
        for line in deal.lines
        for stage in line.committed[1:]
        if deal.accepted is not None and not deal.provisional
    ]


def _deals(facts: Facts) -> list[Deal]:
    deals = {}
    own_lines = {}
    for row in facts.deals.to_dicts():
        deal = _deal(row)
        deals[deal.key] = deal
        own_lines[deal.key] = row
    for row in sorted(facts.deal_lines.to_dicts(), key=lambda row: row["line"]):
        deals[row["source"], row["external_id"]].lines.append(_line(row["line"], row))
    for key, deal in deals.items():
        if not deal.lines:
            deal.lines.append(_line(1, own_lines[key]))
    _add_stages(facts, deals)
    for row in sorted(facts.splits.to_dicts(), key=lambda row: row["position"]):
        share = Fraction(row["share_num"], row["share_den"])
        deals[row["source"], row["external_id"]].splits.append((row["participant_id"], share))
    for row in sorted(facts.deal_roles.to_dicts(), key=lambda row: row["position"]):
        whole = row["share_num"] is None
        share_or_none = None if whole else Fraction(row["share_num"], row["share_den"])
        named = deals[row["source"], row["external_id"]].roles.setdefault(row["role"], [])
        named.append((row["participant_id"], share_or_none))
    return list(deals.values())


def _deal(row: Row) -> Deal:
    return Deal(
        source=row["source"],
        external_id=row["external_id"],
        account=row["account_id"],
        seller=row["seller_id"],
        opened=row["opened_date"],
        closed=row["closed_date"],
        accepted=row["accepted_time"],
        pending_reason=row["pending_reason"],
        currency=row["currency_code"],
        channel=row["channel"],
        split_reason=row["split_reason"] or None,
        attributes={name: value for name, value in row.items() if name.startswith("attributes.")},
    )


def _line(number: int, row: Row) -> Line:
    assert set(LINE) <= set(row)
    return Line(
        number=number,
        product=row["product"],
        given_type=row["type"],
        quantity=row["quantity"],
        start=row["start_date"],
        end=row["end_date"],
        annual=row["annual_value_minor"],
        one_time=row["one_time_value_minor"] or 0,
        has_one_time=row["one_time_value_minor"] is not None,
        discount=row["discount_ppm"],
        cost=row["cost_minor"],
        replaces=tuple(row["replaces"] or ()),
    )


def _add_stages(facts: Facts, deals: dict[tuple[str, str], Deal]) -> None:
    lines = {(*deal.key, line.number): line for deal in deals.values() for line in deal.lines}
    for row in sorted(facts.stages.to_dicts(), key=lambda row: row["stage"]):
        line = lines[row["source"], row["external_id"], row["line"]]
        stage = Stage(
            row["stage"], row["start_date"], row["end_date"], row["annual_value_minor"], row["exercised_time"]
        )
        (line.committed if row["committed"] else line.options).append(stage)


def _assignments(facts: Facts) -> dict[str, list[Assignment]]:
    found = defaultdict(list)
    for row in sorted(facts.assignments.to_dicts(), key=lambda row: (row["start_date"], row["plan"])):
        found[row["participant_id"]].append(
            Assignment(
                row["participant_id"],
                row["plan"],
                row["start_date"],
                row["end_date"],
                row["target_incentive_minor"],
                row["manager_id"],
                row["cover_id"],
                1_000_000 if row["workload_ppm"] is None else row["workload_ppm"],
                row["ramp_up_date"],
            )
        )
    return dict(found)


def _quotas(facts: Facts) -> dict[tuple[str, str, date], dict[str, tuple[int, str]]]:
    found: dict[tuple[str, str, date], dict[str, tuple[int, str]]] = defaultdict(dict)
    for row in facts.quotas.to_dicts():
        key = row["participant_id"], row["plan"], row["start_date"]
        found[key][row["component"] or ""] = row["amount_minor"], row["per"]
    return dict(found)


def _fixed(facts: Facts) -> dict[tuple[str, str, str, str], list[Row]]:
    found = defaultdict(list)
    for row in sorted(facts.fixed_events.to_dicts(), key=lambda row: row["place"]):
        found[row["participant_id"], row["plan"], row["component"], row["period"]].append(row)
    return dict(found)


def _fx(facts: Facts) -> dict[tuple[str, str, str], dict[date, Fraction]]:
    found: dict[tuple[str, str, str], dict[date, Fraction]] = defaultdict(dict)
    for row in facts.fx_rates.to_dicts():
        pair = row["fx_table"], row["from_currency_code"], row["to_currency_code"]
        found[pair][row["start_date"]] = Fraction(row["rate_num"], row["rate_den"])
    return dict(found)


def _losses(facts: Facts, *, withdrawn: bool) -> dict[tuple[str, str], list[Loss]]:
    found: dict[tuple[str, str], list[Loss]] = defaultdict(list)
    for row in facts.losses.to_dicts():
        share = None if row["share_num"] is None else Fraction(row["share_num"], row["share_den"])
        deal = row["source"], row["external_id"]
        said = row["kind"], row["reason"]
        loss = Loss(deal, row["loss_id"], row["line"], row["loss_date"], row["amount_minor"], share, *said)
        if withdrawn or not row["withdrawn"]:
            found[deal].append(loss)
    return {deal: sorted(losses, key=lambda loss: loss.order) for deal, losses in found.items()}


def _grouped(rows: list[Row], name: str) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return dict(found)

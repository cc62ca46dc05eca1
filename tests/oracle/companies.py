"""Small whole companies, drawn so that edges are hit often: days around boundaries, odd cents, thirds, late acceptance.

`company(seed, size)` is the seeded generator, `companies()` the hypothesis strategy over the same builder (it shrinks).
Plans are written as YAML and come through the reader; facts keep to what the facts check accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from compsvc.adapters.plan_yaml import parse_plan
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.plan import Component, Plan

from .book import COUNTS
from .calculate import calculate
from .calendar_rules import add_months, period_of
from .moving import move_accounts
from .plan_texts import (
    CARRIES,
    CONTEST,
    FX_TABLE,
    PAY_TABLE,
    House,
    house,
    plan_text,
    revised,
    with_amounts,
    with_contest,
    with_half_years,
    with_own_earnings,
    with_products,
)

Row = dict[str, Any]
FIRST_DAY = date(2023, 1, 1)
ANCHORS = [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 5, 15)]
HOT_DAYS = sorted(
    {
        add_months(anchor, months) + timedelta(days=days)
        for anchor in ANCHORS
        for months in (0, 0, 1, 3, 6, 12)
        for days in (-1, 0, 1)
    }
)
DELAYS = (0, 0, 0, 1, 2, 3, 10, 46, 100)
TIMES = (time(), time(), time(12), time(23, 59, 59, 999_999))
PRODUCTS = ("platform", "storage", "support", None)
SHARES = (
    ((1, 3), (1, 3), (1, 3)),
    ((3_333, 10_000), (6_667, 10_000)),
    ((1, 2), (1, 2)),
    ((1, 7), (6, 7)),
    ((1, 1),),
)


REFUSED = {
    "CAP_BELOW_FLOOR",
    "LOST_TWICE",
    "NEVER_PAYS",
    "RULE_NEVER_FIRES",
    "MODIFIER_UNFIT",
}  # plans that are drawn again

PAID_IN = (None, None, "GBP", "JPY")


@dataclass
class Draft:
    """Rows by kind, while a company is being drawn."""

    rng: Random
    house: House
    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in SCHEMAS})
    people: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    currencies: dict[str, str] = field(default_factory=dict)  # by account
    abroad: list[str] = field(default_factory=list)  # currencies for which some plan may have a rate
    days: list[date] = field(default_factory=lambda: HOT_DAYS)

    def add(self, kind: str, /, **values: object) -> Row:
        row = {**dict.fromkeys(SCHEMAS[kind]), **values}
        self.rows[kind].append(row)
        return row

    def day(self) -> date:
        if self.rng.random() < 0.8:
            return self.rng.choice(self.days)
        return date(2023, 11, 1) + timedelta(days=self.rng.randint(0, 600))

    def amount(self) -> int:
        """Minor units: odd cents, round, at the edges of the plan texts, huge and nothing."""
        unit = 10**self.house.exponent
        kind = self.rng.randint(0, 9)
        if kind <= 2:
            return self.rng.choice((1, 7, 99, 101, 10_001, 3_333, 100_003))
        if kind <= 5:
            return self.rng.choice((100, 500, 1_000, 5_000, 10_000, 25_000, 50_000)) * unit
        if kind <= 7:
            return self.rng.randint(1, 100_000 * unit)
        if kind == 8:
            return self.rng.choice((999, 1_000, 1_001)) * unit + self.rng.choice((-1, 0, 1))
        return self.rng.choice((0, 10**9, 10**10 + 7) if self.abroad else (0, 10**12, 10**13 + 7))

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def facts(self) -> Facts:
        deals = dict(SCHEMAS["deals"]) | {"attributes.vertical": pl.String}
        frames = {
            kind: pl.DataFrame(rows, schema=deals if kind == "deals" else dict(SCHEMAS[kind]), orient="row")
            for kind, rows in self.rows.items()
        }
        return Facts(**frames)


def company(seed: int, size: int | None = None) -> tuple[list[Plan], Facts]:
    """`size` is the number of deals; without one a small company of at most 25 deals."""
    return build(Random(seed), size)


@st.composite
def companies(draw: Callable[..., Any]) -> tuple[list[Plan], Facts]:
    return build(draw(st.randoms(use_true_random=False)))


def build(rng: Random, size: int | None = None) -> tuple[list[Plan], Facts]:
    draft = Draft(rng, house(rng))
    changes = draft.chance(0.4)  # of assignments or revisions inside a period, which then need `carry`
    plans = _plans(draft, changes)
    deals = size if size is not None else rng.randint(1, rng.choice((5, 12, 25)))
    _fx_rates(draft, plans)
    _pay_rates(draft, plans)
    _people(draft, plans, changes, max(rng.randint(2, 8), deals // 1_000))
    _accounts(draft, plans, max(rng.randint(1, 1 + deals // 4), deals // 8))
    for number in range(deals):
        _deal(draft, number)
    _payments(draft)
    for number in range(rng.choice((0, 3, 12, 20, deals // 2))):
        _activity(draft, number)
    if all(plan.says_clawback for plan in plans):
        _losses(draft)
    move_accounts(draft, FIRST_DAY)
    _stated(draft, plans)
    if size is None and draft.chance(0.3):
        _holds(draft, plans)
    facts = draft.facts()
    if size is None and draft.chance(0.25):
        facts = replace(facts, fixed_events=_fixed_events(draft, plans, facts))
    return plans, facts


def _holds(draft: Draft, plans: list[Plan]) -> None:
    """Some deals are on hold, some reviews of windfalls are answered; a hold of nobody's deal matters to nobody."""
    months = [date(2024, month, 1) for month in range(1, 13)]
    components = [(plan.plan, name, item.windfall) for plan in plans for name, item in plan.components.items()]
    reviews = {(plan, name) for plan, name, rule in components if rule is not None and rule.pays == "review"}
    for deal in draft.rows["deals"]:
        of = {"source": deal["source"], "external_id": deal["external_id"], "ledger_position": 0}
        start, end = sorted(draft.rng.sample(months, 2))
        if draft.chance(0.3):
            of_hold = {"hold_id": f"hold {deal['external_id']}", "origin": "deal", "held_date": start}
            whose, free = draft.rng.choice((None, draft.rng.choice(draft.people))), draft.rng.choice((end, None))
            state = "held" if free is None else "released"
            draft.add("holds", **of, **of_hold, state=state, participant_id=whose, free_date=free)
        for plan, name in sorted(reviews):
            for who in draft.people if draft.chance(0.5) else ():
                released = draft.chance(0.7)
                state, free = ("released", end) if released else ("refused", None)
                about = {"participant_id": who, "plan": plan, "component": name, "free_date": free}
                draft.add("holds", **of, **about, hold_id="review", origin="review", state=state, held_date=start)


def parsed(text: str) -> Plan:
    plan, problems = parse_plan(text.encode(), "plan.yaml", {})
    assert plan is not None, f"{text}\n{problems}"
    return plan


# --- plans and people


def _plans(draft: Draft, changes: bool) -> list[Plan]:
    rng = draft.rng
    kinds = rng.sample(("hunter", "hunter", "farmer", "engineer", "manager"), rng.randint(1, 3))
    kinds = list(dict.fromkeys(["hunter", *kinds] if set(kinds) <= {"engineer", "manager"} else kinds))
    plans = []
    for kind in kinds:
        terms = draft.house
        if plans and draft.chance(0.1):
            terms = replace(terms, currency="USD")
        if draft.chance(0.5):
            terms = replace(terms, fx=rng.choice(("plan_rate", "close_date")))
        if draft.chance(0.2):
            other = rng.choice(("accepted", "closed"))
            terms = replace(terms, counts_on=other, payable=rng.choice(("accepted", "closed")))
        carry = rng.choice(CARRIES) if changes or draft.chance(0.2) else None
        effective = "2024-02-29" if plans and draft.chance(0.15) else "2022-01-01"
        text, plan = _drawn(lambda: plan_text(rng, kind, terms, effective, carry))  # noqa: B023
        contest = partial(with_contest, kind=kind, carry=carry)
        for change in (contest, with_products, with_own_earnings, with_half_years, with_amounts):
            changed = change(text)
            text, plan = (changed, parsed(changed)) if _passes(changed) else (text, plan)
        plans.append(plan)
        if changes and draft.chance(0.4):
            later = rng.choice(("2024-03-01", "2024-04-01", "2024-05-15"))
            plans.append(_drawn(lambda: revised(rng, text, later))[1])  # noqa: B023
    return plans


def _drawn(text_of: Callable[[], str]) -> tuple[str, Plan]:
    """The first text that the plan check lets through; what it refuses are plans that could never pay."""
    for _ in range(20):
        text = text_of()
        plan, problems = parse_plan(text.encode(), "plan.yaml", {})
        if plan is not None:
            return text, plan
        assert {problem.code for problem in problems if problem.severity == "error"} <= REFUSED, problems
    raise AssertionError(text)


def _passes(text: str) -> bool:
    return parse_plan(text.encode(), "plan.yaml", {})[0] is not None


def _people(draft: Draft, plans: list[Plan], changes: bool, number: int) -> None:
    """The higher the number, the higher in the manager line, so that it never runs in a circle."""
    draft.people = [f"p{place}" for place in range(number)]
    names = sorted({plan.plan for plan in plans})
    for place, person in enumerate(draft.people):
        draft.add("participants", participant_id=person, display_name=person.title())
        above = draft.people[place + 1 :]
        manages = "manager" in names and place >= number // 2
        under = [name for name in names if name != "manager"]
        plans_of_one = draft.rng.choice((0, 1) if manages else (0, 1, 1, 1, 1, 2, 2, 2))
        chosen = draft.rng.sample(under, min(plans_of_one, len(under)))
        for name in [*(["manager"] if manages else []), *chosen]:
            _assignments(draft, person, above, [plan for plan in plans if plan.plan == name], changes)
        if draft.chance(0.2):
            gone = {"last_date": draft.day(), "withdrawn": draft.rng.choice((None, None, False, True))}
            draft.add("exits", participant_id=person, reason_code=None, **gone)
        _leaves(draft, person)


def _leaves(draft: Draft, person: str) -> None:
    days = sorted({draft.day() for _ in range(4)})
    if draft.chance(0.3) and len(days) == 4:
        draft.add("leaves", participant_id=person, kind="parental", start_date=days[0], end_date=days[1])
        end = days[3] if draft.chance(0.7) else None
        draft.add("leaves", participant_id=person, kind="sick", start_date=days[2], end_date=end)


def _fx_rates(draft: Draft, plans: list[Plan]) -> None:
    """Some pairs have no rate, or none yet on some days; `other` is a table that no plan names."""
    if not any(plan.fx for plan in plans):
        return
    draft.abroad = ["GBP", "JPY", "BHD", "USD", "EUR"]
    for plan in {plan.currency: plan for plan in plans}.values():
        for code in draft.abroad:
            starts = {date(2021, 1, 1)} if draft.chance(0.7) else set()
            starts |= {draft.day() for _ in range(draft.rng.choice((0, 1, 3)))}
            for start in sorted(starts) if code != plan.currency else ():
                num, den = draft.rng.choice(((83, 1), (169, 2), (61, 50), (1, 3), (999_999_999, 10**9), (1, 1_000)))
                pair = {"from_currency_code": code, "to_currency_code": plan.currency, "start_date": start}
                draft.add("fx_rates", fx_table=FX_TABLE, **pair, rate_num=num, rate_den=den)
                draft.add("fx_rates", fx_table="other", **pair, rate_num=7, rate_den=1)


def _pay_rates(draft: Draft, plans: list[Plan]) -> None:
    """Apart from what the seed draws; a pair may have no rate, or none at first."""
    rng = Random(repr((draft.house, len(draft.people))))
    for currency in {plan.currency: plan for plan in plans if plan.pay_fx}:
        for code in ("GBP", "JPY"):
            starts = rng.choice(((), (date(2024, 3, 10),), (date(2021, 1, 1),), (date(2021, 1, 1), date(2024, 4, 30))))
            pair = {"from_currency_code": currency, "to_currency_code": code}
            for start in starts if code != currency else ():
                num, den = rng.choice(((83, 100), (163_500, 1_001), (2, 3), (999_999_999, 10**9)))
                draft.add("fx_rates", fx_table=PAY_TABLE, **pair, start_date=start, rate_num=num, rate_den=den)


def _assignments(draft: Draft, person: str, above: list[str], revisions: list[Plan], changes: bool) -> None:
    cuts = [FIRST_DAY]
    if draft.chance(0.2):
        cuts[0] = draft.day()
    if changes and draft.chance(0.6):
        cuts += sorted({draft.day() for _ in range(draft.rng.choice((1, 1, 2)))} - {cuts[0]})
        cuts = sorted(cuts)
    ends: list[date | None] = [*cuts[1:], None]
    if draft.chance(0.25):
        ends[-1] = max(cuts[-1] + timedelta(days=1), draft.day())
    cover = draft.rng.choice([None, *above])
    for start, end in zip(cuts, ends, strict=True):
        draft.add(
            "assignments",
            participant_id=person,
            plan=revisions[0].plan,
            role="rep",
            start_date=start,
            end_date=end,
            target_incentive_minor=draft.rng.choice((80_000, 100_001, 7)) * 10**draft.house.exponent,
            currency_code=revisions[0].currency,
            manager_id=draft.rng.choice([None, *above, *above]),
            cover_id=cover,
            workload_ppm=draft.rng.choice((None, None, 500_000, 800_000, 333_333)),
            ramp_up_date=draft.day() if draft.chance(0.1) else None,
            pay_currency_code=Random(person).choice(PAID_IN) if revisions[0].pay_fx else None,
        )
        _quota(draft, person, revisions, start, alone=len(cuts) == 1 and len(revisions) == 1)


def _quota(draft: Draft, person: str, revisions: list[Plan], start: date, *, alone: bool) -> None:
    """Zero, and figures that are zero in some months, only where the rules say what that pays."""
    components = {name: item for plan in revisions for name, item in plan.components.items()}
    contest, rng = components.pop(CONTEST, None), draft.rng
    if contest is not None and contest.quota and not any(item.quota for item in components.values()):
        components, rng = {CONTEST: contest}, Random(repr((person, start)))  # it changes nothing of the rest
    if not any(item.quota for item in components.values()):
        return
    amounts = [100_001, 1_200_000, 40_000, 100_000, 999, 5_000 * 10**draft.house.exponent]
    by_base = any("of_base=True" in repr(item.pays) for item in components.values())
    target = any(item.zero_quota == "pay_target" for item in components.values())
    needed = any("of_base=True" in repr(item.pays) and item.zero_quota != "pay_target" for item in components.values())
    if "shared" not in components and (alone or not target):
        amounts += [] if needed else [0]
        amounts += [] if by_base else [1, 11, 5]
    own = [[None], ["commission"], [None, "commission"]] if "commission" in components else []
    for component in rng.choice([[None], *own]):
        amount, per = rng.choice(amounts), rng.choice(("month", "quarter", "year"))
        per = "half_year" if Random(repr((person, start, amount))).random() < 0.2 else per  # it changes nothing else
        of = {"participant_id": person, "plan": revisions[0].plan, "start_date": start, "component": component}
        draft.add("quotas", **of, amount_minor=amount, per=per)
    if contest is not None and contest.quota and CONTEST not in components:  # whose quota is never zero
        own_row = {"participant_id": person, "plan": revisions[0].plan, "start_date": start, "component": CONTEST}
        draft.add("quotas", **own_row, amount_minor=40_000, per="month")


# --- customers


def _accounts(draft: Draft, plans: list[Plan], number: int) -> None:
    """A family of accounts buys in one currency; another than that of all plans is the exception."""
    draft.accounts = [f"a{place}" for place in range(number)]
    rng = draft.rng
    currencies = [draft.house.currency] * 4 + [plan.currency for plan in plans]
    currencies += ["GBP", "JPY", "BHD"] if any(plan.fx for plan in plans) else []
    for place, account in enumerate(draft.accounts):
        parent = rng.choice(draft.accounts[max(0, place - 4) : place]) if place and draft.chance(0.3) else None
        of_parent = parent and not draft.chance(0.2)
        draft.currencies[account] = draft.currencies[parent] if of_parent else rng.choice(currencies)
        draft.add(
            "accounts",
            account_id=account,
            name=account,
            parent_id=parent,
            industry=rng.choice(("retail", "energy", None)),
            region=rng.choice(("north", "south", None)),
            segment=rng.choice(("large", "small", None)),
            known_since=draft.day() if draft.chance(0.15) else None,
        )
        if draft.chance(0.5):
            _owned(draft, account)
    for _ in range(rng.choice((0, 0, 2, 4))):
        draft.add(
            "territories",
            participant_id=rng.choice(draft.people),
            industry=rng.choice(("retail", None)),
            region=rng.choice(("north", None)),
            segment=rng.choice(("large", None)),
            start_date=rng.choice((FIRST_DAY, draft.day())),
            end_date=None,
        )


def _owned(draft: Draft, account: str) -> None:
    handed = draft.day()
    ends = draft.rng.choice((None, handed))
    first = draft.rng.choice(draft.people)
    draft.add("ownerships", account_id=account, participant_id=first, start_date=FIRST_DAY, end_date=ends)
    if draft.chance(0.6):
        second = draft.rng.choice(draft.people)
        draft.add("ownerships", account_id=account, participant_id=second, start_date=handed, end_date=None)


# --- deals


def _payments(draft: Draft) -> None:
    """Invoices and payments by share and by amount, early and late, some amounts going back."""
    rng = draft.rng
    for deal in draft.rows["deals"]:
        for number in range(rng.choice((0, 1, 2, 3))):
            share, sign = rng.choice((((1, 2), 1), ((1, 3), 1), ((1, 1), 1), (None, -1), (None, 1)))
            draft.add(
                "deal_payments",
                source=deal["source"],
                external_id=deal["external_id"],
                payment_id=f"p{number}",
                kind=rng.choice(("invoiced", "paid")),
                payment_date=draft.day(),
                amount_minor=None if share else sign * (draft.amount() % 10**15),
                currency_code=None if share else rng.choice((deal["currency_code"], deal["currency_code"], "USD")),
                share_num=share and share[0],
                share_den=share and share[1],
            )


def _deal(draft: Draft, number: int) -> None:
    rng, closed = draft.rng, draft.day()
    key = {"source": rng.choice(("crm", "crm", "erp")), "external_id": f"d{number}"}
    accepted = datetime.combine(closed + timedelta(days=rng.choice(DELAYS)), rng.choice(TIMES))
    pending = draft.chance(0.08)
    several, account = draft.chance(0.3), rng.choice(draft.accounts)
    deal = draft.add(
        "deals",
        **key,
        revision=1,
        account_id=account,
        seller_id=rng.choice([*draft.people, *draft.people, None]),
        opened_date=closed - timedelta(days=rng.choice((1, 20, 60))) if draft.chance(0.5) else None,
        closed_date=closed,
        accepted_time=None if pending else accepted,
        pending_reason="credit check" if pending else None,
        currency_code=rng.choice(draft.abroad) if draft.abroad and draft.chance(0.1) else draft.currencies[account],
        channel=rng.choice(("partner", "direct", None)),
        split_reason="won together" if draft.chance(0.5) else None,
    )
    deal["attributes.vertical"] = rng.choice(("retail", "public", None))
    for line in range(1, rng.choice((2, 3)) + 1) if several else (1,):
        values = _line(draft, key["source"], closed, alone=not several)
        if several:
            draft.add("deal_lines", **key, line=line, **values)
        else:
            deal.update(values)
        staged = values["type"] not in ("churn", "downsell") and draft.chance(0.25)
        if staged and not _stages(draft, key, line, closed, accepted, pending=pending):
            _row_of(draft, key, line)["annual_value_minor"] = None  # options alone: the line itself adds nothing
    if draft.chance(0.25):
        _shared_out(draft, "splits", key)
    if draft.chance(0.35):
        _shared_out(draft, "deal_roles", {**key, "role": "engineer"})


def _line(draft: Draft, source: str, closed: date, *, alone: bool) -> Row:
    rng = draft.rng
    start = rng.choice((closed, closed + timedelta(days=1), date(2024, 1, 31), date(2024, 2, 29)))
    end = add_months(start, rng.choice((1, 12, 24, 36))) + timedelta(days=rng.choice((0, 0, -1, 1, 14)))
    kinds = [None] * 6 + ["new_logo", "upsell", "cross_sell", "renewal", "downsell", "churn" if alone else None]
    kind = rng.choice(kinds)
    loss = kind in ("downsell", "churn")
    only_once = draft.chance(0.1)
    earlier = [row for row in draft.rows["deals"][-6:-1] if row["source"] == source]
    return {
        "product": rng.choice(PRODUCTS),
        "type": kind,
        "quantity": rng.choice((1, 10, None)),
        "start_date": None if draft.chance(0.1) or loss else start,
        "end_date": None if draft.chance(0.1) or loss else end,
        "annual_value_minor": None if only_once else draft.amount() * (-1 if loss and draft.chance(0.5) else 1),
        "one_time_value_minor": draft.amount() if only_once or draft.chance(0.2) else None,
        "cost_minor": rng.choice((None, 0, 999, draft.amount())),
        "discount_ppm": rng.choice((None, 100_000)),
        "replaces": [_some_line(draft, earlier)] if earlier and draft.chance(0.15) else None,
    }


def _some_line(draft: Draft, deals: list[Row]) -> str:
    """`external_id/line` of a deal of the same source; line 1 is always there."""
    return f"{draft.rng.choice(deals)['external_id']}/1"


def _stages(draft: Draft, key: Row, line: int, closed: date, accepted: datetime, *, pending: bool) -> int:
    """The number of committed stages; options may follow them."""
    rng = draft.rng
    start = rng.choice((closed, closed + timedelta(days=1), date(2024, 1, 31)))
    committed = rng.choice((0, 1, 2, 3, 3))
    level = rng.choice((100, 1_000, 100_001))
    options = rng.choice((0, 0, 1, 2)) if committed else 2
    for number in range(1, committed + options + 1):
        end = add_months(start, rng.choice((1, 6, 12, 24))) + timedelta(days=rng.choice((0, 0, 0, 1)))
        option = number > committed
        exercised = accepted + timedelta(days=rng.choice((0, 0, 30, 31, 366)))
        draft.add(
            "stages",
            **key,
            line=line,
            stage=number,
            start_date=start,
            end_date=end,
            annual_value_minor=level,
            committed=not option,
            exercised_time=exercised if option and not pending and draft.chance(0.7) else None,
        )
        start = end
        level = max(0, level + rng.choice((100, 1_000, 50_000, -50, 0)))
    return committed


def _row_of(draft: Draft, key: Row, line: int) -> Row:
    """Where the line's values stand: in `deal_lines`, or in the deal itself."""
    own = draft.rows["deal_lines"][-1:]
    same = own and (own[0]["source"], own[0]["external_id"], own[0]["line"]) == (*key.values(), line)
    return own[0] if same else draft.rows["deals"][-1]


def _shared_out(draft: Draft, kind: str, key: Row) -> None:
    shares = draft.rng.choice(SHARES)
    people = draft.rng.sample(draft.people, min(len(shares), len(draft.people)))
    if len(people) < len(shares):
        people, shares = people[:1], ((1, 1),)
    silent = kind == "deal_roles" and draft.chance(0.3)
    for position, (person, (num, den)) in enumerate(zip(people, shares, strict=True)):
        share = {} if silent else {"share_num": num, "share_den": den}
        draft.add(kind, **key, position=position, participant_id=person, **share)


# --- what is no deal


def _activity(draft: Draft, number: int) -> None:
    rng = draft.rng
    draft.add(
        "activities",
        source=rng.choice(("crm", "calls")),
        external_id=f"d{number}",  # as some deal of the CRM is called
        participant_id=rng.choice(draft.people),
        kind=rng.choice(("meeting_held", "meeting_held", "lead_qualified")),
        activity_date=draft.day(),
        account_id=rng.choice([None, *draft.accounts]),
        outcome=rng.choice((None, "held", "no_show")),
        quantity=rng.choice((None, None, 1, 2, 7, 0)),
    )


# --- what is lost


def _losses(draft: Draft) -> None:
    """Of accepted deals: all of it or some, at once or bit by bit, by share or by amount; never more than there is."""
    rng = draft.rng
    for deal in draft.rows["deals"]:
        if deal["accepted_time"] is None or not draft.chance(0.35):
            continue
        key = deal["source"], deal["external_id"]
        lines = [row["line"] for row in draft.rows["deal_lines"] if (row["source"], row["external_id"]) == key]
        day = deal["closed_date"]
        for number in range(rng.choice((1, 1, 2, 3))):
            day = max(day, day + timedelta(days=rng.choice((0, 1, 20, 31, 90, 150, 366))))
            if draft.chance(0.3):
                day = max(deal["closed_date"], draft.day())
            part = rng.choice(((1, 3), (1, 3), (1, 4), (33, 100), (2, 7))) if number or draft.chance(0.6) else (1, 1)
            draft.add(
                "losses",
                source=key[0],
                external_id=key[1],
                loss_id=f"l{number}",
                line=rng.choice((None, None, *(lines or [1]))),
                loss_date=day,
                kind=rng.choice(("cancellation", "refund", "non_payment")),
                reason=Random(f"{key} {number} {day}").choice((None, "fraud", "moved", "wrong terms", "other")),
                share_num=part[0],
                share_den=part[1],
                attributable_to=rng.choice(("customer", "company")),
                withdrawn=True if draft.chance(0.1) else None,
            )
            if part == (1, 1):
                break


# --- what somebody states


def _stated(draft: Draft, plans: list[Plan]) -> None:
    """Apart from what the seed draws: credits of days on which the plan has the component, and the participant."""
    rng = Random(repr((draft.house, len(draft.rows["deals"]), "stated")))
    for number in range(rng.choice((0, 0, 3, 6, 12)) if draft.rows["assignments"] else 0):
        row, day = rng.choice(draft.rows["assignments"]), rng.choice(draft.days)
        if not row["start_date"] <= day < (row["end_date"] or date.max):
            continue
        having = [plan for plan in plans if plan.plan == row["plan"] and plan.effective <= day]
        open_to = {name: item for name, item in having[-1].components.items() if _takes(item)} if having else {}
        if not open_to:
            continue
        name = rng.choice(sorted(open_to))
        item = open_to[name]
        named = {"participant_id": row["participant_id"], "plan": row["plan"], "component": name, "credit_date": day}
        ends = period_of(day, item.per, having[-1].fiscal_year_starts).end == day + timedelta(days=1)
        kinds = ("adjustment", "adjustment") if ends else ("opening", "adjustment")  # nothing is brought along then
        draft.add(
            "stated_credits",
            **named,
            **_amount_of(rng, item, having[-1]),
            **_moved_by(rng, item),
            **(_with_deal(rng, draft) if rng.random() < 0.5 and item.counts != "activities" else {}),
            kind=rng.choice(kinds),
            credit_id=f"d{number}",  # as some deal of the CRM is called
            reason="as agreed",
        )


def _takes(item: Component) -> bool:
    by_itself = getattr(item.pays, "by", "") not in ("deal", "credit")
    unknown = ("retained_arr", "logo_retention", "earnings", "own_earnings", "nothing")
    return by_itself and item.counts not in unknown and item.pays.kind != "objectives"


def _amount_of(rng: Random, item: Component, plan: Plan) -> Row:
    below = rng.choice((1, 1, -1))
    if item.counts in COUNTS:
        return {"count_millionths": below * rng.choice((1, 333_333, 1_000_000, 3_000_000))}
    return {"amount_minor": below * rng.choice((1, 99, 100_003, 5_000_000)), "currency_code": plan.currency}


def _moved_by(rng: Random, item: Component) -> Row:
    """Whether it counts and pays: one of them where the component's two amounts are apart, both without rates."""
    if "attainment of" in getattr(item.pays, "by", ""):
        return {"counts": False, "pays": True}
    if item.pays.kind not in ("flat_rate", "rate_table"):
        return {"counts": True, "pays": True}
    apart = item.pays_on not in (None, item.counts)
    counts, pays = rng.choice(((True, False), (False, True), *(((True, True),) * 2 if not apart else ())))
    return {"counts": counts, "pays": pays}


def _with_deal(rng: Random, draft: Draft) -> Row:
    deal = rng.choice(draft.rows["deals"])
    key = {"source": deal["source"], "external_id": deal["external_id"]}
    lines = [row["line"] for row in draft.rows["deal_lines"] if {name: row[name] for name in key} == key]
    return {**key, "line": rng.choice(lines or [1]), "taken_back": rng.choice((True, True, False))}


# --- what an earlier run has fixed


def _fixed_events(draft: Draft, plans: list[Plan], facts: Facts) -> pl.DataFrame:
    """The events of a run on other facts: some deals were not there, others had another value or seller."""
    rng = draft.rng
    rows = facts.deals.to_dicts()
    for row in rows:
        if draft.chance(0.2):
            row["seller_id"] = rng.choice(draft.people)
        if row["annual_value_minor"] and draft.chance(0.3):
            row["annual_value_minor"] = row["annual_value_minor"] // 2
        if row["accepted_time"] is not None and draft.chance(0.3):
            row["accepted_time"], row["pending_reason"] = None, "not yet"
    before = calculate(plans, replace(facts, deals=pl.DataFrame(rows, schema=facts.deals.schema)))
    fixed = []
    for (participant, plan, component, period), events in before.events.items():
        own = Random(participant + period) if component == CONTEST else rng  # a contest changes nothing of the rest
        posted = events if own.random() < 0.7 else events[: own.randint(0, len(events))]
        for place, (((source, external_id, line, stage), loss), counts, pays) in enumerate(posted):
            subject = source, external_id, line, stage, loss
            fixed.append((participant, plan, component, period, place, *subject, counts, pays))
    return pl.DataFrame(fixed, schema=dict(SCHEMAS["fixed_events"]), orient="row")

"""What a drawn company sells, and to whom: accounts, deals, their stages, shares and payments."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from compsvc.core.plan import Plan

from .calendar_rules import add_months
from .draft import FIRST_DAY, Draft, Row

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


def add_accounts(draft: Draft, plans: list[Plan], number: int) -> None:
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


def add_payments(draft: Draft) -> None:
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


def add_deal(draft: Draft, number: int) -> None:
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

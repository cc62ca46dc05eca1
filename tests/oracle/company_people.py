"""Who works for a drawn company: assignments, quotas, leaves and exits, and the rates that pay needs."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from compsvc.core.plan import Plan

from .draft import FIRST_DAY, Draft
from .house import FX_TABLE, PAY_TABLE
from .more_texts import CONTEST

PAID_IN = (None, None, "GBP", "JPY")


def add_people(draft: Draft, plans: list[Plan], changes: bool, number: int) -> None:
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


def add_fx_rates(draft: Draft, plans: list[Plan]) -> None:
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


def add_pay_rates(draft: Draft, plans: list[Plan]) -> None:
    """Apart from what the seed draws; a pair may have no rate, or none at first."""
    rng = Random(repr((draft.house, len(draft.people))))
    for currency in {plan.currency: plan for plan in plans if plan.pay_fx}:
        for code in ("GBP", "JPY"):
            starts = rng.choice(((), (date(2024, 3, 10),), (date(2021, 1, 1),), (date(2021, 1, 1), date(2024, 4, 30))))
            pair = {"from_currency_code": currency, "to_currency_code": code}
            for start in starts if code != currency else ():
                num, den = rng.choice(((83, 100), (163_500, 1_001), (2, 3), (999_999_999, 10**9)))
                draft.add("fx_rates", fx_table=PAY_TABLE, **pair, start_date=start, rate_num=num, rate_den=den)

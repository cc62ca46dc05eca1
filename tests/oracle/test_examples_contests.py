"""Contests and pools, with the arithmetic beside it; the core comes to the same."""

from __future__ import annotations

import pytest

from tests.core.test_oracle_agrees import assert_agrees

from .calculate import calculate
from .small import OWN, Case, plan
from .small import day as day_of

RACE = """
components:
  race:
    counts: acv
    from: own
    per: quarter
    settle: period_end
    {more}
    pays:
      {pays}
"""
PLACES = "places: [{top: 1, award: 5_000}, {top: 3, award: 1_000}]"
SOLD = {"ann": 90_000_00, "ben": 120_000_00, "cas": 90_000_00, "dan": 40_000_00, "eva": 0}


def race(pays: str, more: str = "") -> str:
    return OWN + RACE.replace("{pays}", pays).replace("    {more}\n", f"    {more}\n" if more else "")


def sold(**more: object) -> Case:
    """Dan's deal is cancelled in the quarter, Ben's after it; Cas reached 90,000 a day before Ann."""
    case = Case()
    for person in SOLD:
        case.person(person, **({} if person == "eva" else more))
    for day, (person, amount) in zip((20, 11, 19, 5, 6), SOLD.items(), strict=True):
        if amount:
            case.deal(f"of-{person}", f"2024-02-{day:02d}", amount, seller_id=person, account_id=person)
    return case


def paid(text: str, case: Case, **header: str) -> dict[str, int]:
    plans = [plan(text, **header)]
    found = calculate(plans, case.facts)
    assert_agrees(plans, case.facts)
    return {line.participant: line.amount_minor for line in found.lines if line.step_kind == "period"}


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("all", {"ben": 5_000_00, "ann": 1_000_00, "cas": 1_000_00}),  # places 1, 2, 2 and 4
        ("share", {"ben": 5_000_00, "ann": 1_000_00, "cas": 1_000_00}),  # places 2 and 3 win 2,000 together
        ("earliest", {"ben": 5_000_00, "cas": 1_000_00, "ann": 1_000_00}),  # places 2 and 3
    ],
)
def test_places_win_what_the_plan_says(ties: str, expected: dict[str, int]) -> None:
    pays = f"rank: {{by: amount, ties: {ties}, among: plan, assigned: last day, {PLACES}}}"
    assert paid(race(pays), sold()) == expected


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("all", {"ben": 5_000_00, "ann": 1_000_01, "cas": 1_000_01}),
        ("share", {"ben": 5_000_00, "ann": 500_01, "cas": 500_00}),  # 1,000.01 for place 2, nothing for place 3
        ("earliest", {"ben": 5_000_00, "cas": 1_000_01}),
    ],
)
def test_a_tie_at_the_last_place_that_wins(ties: str, expected: dict[str, int]) -> None:
    places = "places: [{top: 1, award: 5_000}, {top: 2, award: 1_000.01}]"
    pays = f"rank: {{by: amount, ties: {ties}, among: plan, assigned: last day, {places}}}"
    assert paid(race(pays), sold()) == expected


@pytest.mark.parametrize(
    ("of", "winners", "who"),
    [
        ("assigned", "round down", {"ben"}),  # 30% of 5 is 1.5
        ("assigned", "round half up", {"ben", "ann", "cas"}),  # two places, and a tie at the second
        ("eligible", "round up", {"ben"}),  # 30% of the 3 with 50,000 is 0.9
        ("eligible", "round down", set()),
    ],
)
def test_a_share_of_those_who_take_part(of: str, winners: str, who: set[str]) -> None:
    places = f"of: {of}, winners: {winners}, places: [{{top: 30%, award: 6_000, prize: A trip, paid: no}}]"
    pays = f"rank: {{by: amount, ties: all, among: plan, assigned: last day, {places}}}"
    found = paid(race(pays, "gate: {measure: own, at_least: 50_000}"), sold())
    assert found == dict.fromkeys(who, 0)  # the prize stands on a line, and is not paid in money


def test_attainment_ranks_small_quotas_beside_large_ones() -> None:
    case = Case()
    for person, quota, amount in (("ann", 100_000_00, 90_000_00), ("ben", 50_000_00, 50_000_00), ("cas", 0, 70_000_00)):
        case.person(person, quota=(quota, "quarter"))
        case.deal(f"of-{person}", "2024-02-01", amount, seller_id=person, account_id=person)
    pays = f"rank: {{by: attainment, ties: all, among: plan, assigned: last day, {PLACES}}}"
    found = paid(race(pays, "quota: from assignment"), case)
    assert found == {"ben": 5_000_00, "ann": 1_000_00}  # 100% before 90%; Cas has no quota


def test_whoever_leaves_before_the_last_day_takes_no_part() -> None:
    case = Case().person("ann", end="2024-03-31").person("ben", end="2024-04-01")
    for person, amount in (("ann", 9_000_00), ("ben", 1_000_00)):
        case.deal(f"of-{person}", "2024-02-01", amount, seller_id=person)
    for assigned, expected in (("last day", {"ben": 5_000_00}), ("any day", {"ann": 5_000_00, "ben": 1_000_00})):
        pays = f"rank: {{by: amount, ties: all, among: plan, assigned: {assigned}, {PLACES}}}"
        assert paid(race(pays), case) == expected


def test_a_loss_in_the_period_counts_and_one_after_it_ranks_nobody_again() -> None:
    terms = "{basis: as_paid, attainment: period_of_loss, schedule: full}"
    negative = "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}"
    pays = f"rank: {{by: amount, ties: all, among: plan, assigned: last day, {PLACES}}}"
    for day, first in (("2024-03-31", "cas"), ("2024-04-01", "ben")):
        case = sold()
        case.deal("more", "2024-02-21", 1_00, seller_id="cas", account_id="cas")
        row = {"source": "crm", "external_id": "of-ben", "loss_id": "l1", "loss_date": day_of(day)}
        row |= {"kind": "cancellation", "attributable_to": "customer"}
        case.add("losses", **row, share_num=1, share_den=1)
        found = paid(race(pays), case, clawback=terms, negative=negative)
        assert [who for who, amount in found.items() if amount == 5_000_00] == [first]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        # 1/7 of 340,000.00 is 48,571.43. Floors of the running sums: 9,714.28, 19,428.57, ...
        ("equal", {"ann": 9_714_28, "ben": 9_714_29, "cas": 9_714_28, "dan": 9_714_29, "eva": 9_714_29}),
        # 9/34, 21/34, 30/34 and the whole of it: 12,857.14, 30,000.00, 42,857.14, 48,571.43
        ("amount", {"ann": 12_857_14, "ben": 17_142_86, "cas": 12_857_14, "dan": 5_714_29}),
        # 2/3 first, since the plan names Eva first: 32,380.95
        ("{eva: 2, ann: 1}", {"eva": 32_380_95, "ann": 16_190_48}),
    ],
)
def test_the_shares_of_a_pool_sum_to_it(weights: str, expected: dict[str, int]) -> None:
    pays = f"pool: {{of: 1/7, weights: {weights}, among: plan, assigned: any day}}"
    found = paid(race(pays), sold())
    assert found == expected
    assert sum(found.values()) == 48_571_43


def test_a_pool_by_targets_for_each_team() -> None:
    case = Case().add("participants", participant_id="max").add("participants", participant_id="mia")
    for person, manager, target in (("ann", "max", 60_000_00), ("ben", "max", 30_000_00), ("cas", "mia", 1_00)):
        case.person(person, manager_id=manager, target_incentive_minor=target)
        case.deal(f"of-{person}", "2024-02-01", 1_00, seller_id=person)
    case.person("dan", target_incentive_minor=5_00)  # without manager, and in no team
    pays = "pool: {of: 100, weights: target incentive, among: team, assigned: any day}"
    assert paid(race(pays), case) == {"ann": 66_66, "ben": 33_34, "cas": 100_00}

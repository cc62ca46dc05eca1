"""Worked examples of what is kept of the accounts owned on a period's first day (M6, L5)."""

from __future__ import annotations

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .small import Case, day, plan

KEPT = """\
components:
  kept:
    counts: retained_arr
    quota: opening_arr
    zero_quota: pay_base
    per: year
    settle: period_end
    pays: {flat_rate: {rate: 1%}}
  logos:
    counts: logo_retention
    quota: opening_accounts
    zero_quota: pay_base
    per: year
    settle: period_end
    pays: {per_unit: {amount: 1}}
"""


def owned(*accounts: str) -> Case:
    case = Case().person("ann").person("bob")
    for account in accounts:
        row = {"account_id": account, "participant_id": "ann", "start_date": day("2022-01-01")}
        case.add("ownerships", **row)
    return case


def measured(case: Case, year: str = "2024", who: str = "ann") -> tuple[int, int]:
    """What is kept in cents and how many accounts in millionths, in the oracle and in the core."""
    plans = [plan(KEPT)]
    found = calculate(plans, case.facts).earnings
    rows = core(plans, case.facts, matcher=PlainMatcher()).earnings
    keys = rows.select("participant_id", "plan", "component", "period").rows()
    same = dict(zip(keys, rows.select("measure_minor", "count_millionths", "earned_minor").rows(), strict=True))
    assert same == found
    return found[who, "rep", "kept", year][0], found[who, "rep", "logos", year][1]


def test_a_renewal_keeps_an_upsell_adds_a_downsell_and_a_loss_take() -> None:
    case = owned("acme", "birk")
    case.deal("d1", "2023-02-01", 100_00).deal("d2", "2023-03-01", 50_00, account_id="birk", product="other")
    case.deal("r1", "2024-02-01", 100_00, type="renewal").deal("u1", "2024-03-01", 30_00, type="upsell")
    case.deal("l1", "2024-04-01", 10_00, type="downsell")
    # 100 + 50 on 1 January; + 0 renewed + 30 - 10; a loss of 20% takes 10 of the 50 of birk.
    lost = {"loss_id": "x", "loss_date": day("2024-05-01"), "kind": "refund", "share_num": 1, "share_den": 5}
    case.add("losses", source="crm", external_id="d2", **lost)
    assert measured(case) == (160_00, 2_000_000)


def test_a_loss_that_a_churn_has_told_takes_nothing_more() -> None:
    case = owned("acme", "birk").deal("d1", "2023-02-01", 100_00).deal("d2", "2023-03-01", 50_00, account_id="birk")
    case.deal("gone", "2024-04-01", 100_00, type="churn")
    lost = {"loss_id": "x", "loss_date": day("2024-05-01"), "kind": "cancellation", "share_num": 1, "share_den": 1}
    case.add("losses", source="crm", external_id="d1", **lost)
    assert measured(case) == (50_00, 1_000_000)  # 150 - 100, once; one of two accounts


def test_a_stage_that_is_in_force_on_the_first_day_opens() -> None:
    case = owned("acme").deal("d1", "2022-06-01", None)
    case.stages("d1", ("2022-06-01", "2023-06-01", 100_00), ("2023-06-01", "2025-06-01", 200_00))
    case.deal("d2", "2024-02-01", 1, account_id="birk")  # of 2024 nothing would be known otherwise
    assert measured(case, "2023") == (100_00, 1_000_000)  # the first stage runs until 1 June 2023
    assert measured(case, "2024") == (200_00, 1_000_000)


def test_an_account_that_is_handed_over_stands_on_neither_side() -> None:
    case = owned("acme").deal("d1", "2023-02-01", 100_00).deal("u1", "2024-03-01", 30_00, type="upsell")
    case.rows["ownerships"][0]["end_date"] = day("2024-07-01")
    assert measured(case) == (130_00, 1_000_000)  # nobody came after
    case.add("ownerships", account_id="acme", participant_id="bob", start_date=day("2024-07-01"))
    assert measured(case) == (0, 0)
    assert measured(case, who="bob") == (0, 0)


def test_an_account_that_brings_nothing_opens_nothing() -> None:
    case = owned("acme").deal("d1", "2023-02-01", 100_00, end_date=day("2024-01-01"))  # it ran out the day before
    assert measured(case.deal("d2", "2024-02-01", 70_00)) == (0, 0)


def test_a_line_that_moved_to_an_account_that_nobody_owns_is_in_force_no_more() -> None:
    case = owned("acme").deal("d1", "2023-02-01", 100_00).deal("d2", "2023-02-01", 30_00, product="other")
    case.deal("moved", "2023-06-01", 120_00, account_id="birk", replaces=["d1/1"])
    case.deal("d3", "2024-02-01", 1, account_id="birk")  # of 2024 nothing would be known otherwise
    assert measured(case) == (30_00, 1_000_000)  # 100 + 30 until 1 June 2023, then the 100 is part of birk's 120

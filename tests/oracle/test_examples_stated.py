"""Stated credit worked by hand: where it stands, what it pays, and what it takes along (B3, B4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .small import OWN, Case, day, plan
from .test_oracle_examples import Calculation, calculate  # noqa: F401  (the fixture: by the oracle, then by the core)

TIERS = """\
components:
  c:
    counts: acv
    from: own
    per: year
    pays: {rate_table: {by: amount, boundary: at, mode: MODE, tiers: [{to: 1_000, rate: 10%}, {rate: 20%}]}}
"""
CLAWBACK = "clawback: {basis: recompute, attainment: original_period, schedule: full}\nnegative: {carry: 'yes', "
CLAWBACK += "recover_at_most: 100%, never_below: 0, order: oldest first}\n"


def stated(case: Case, name: str, on: str, cents: int, moves: str = "counts pays", **more: object) -> Case:
    of = {"kind": "adjustment", "credit_id": name, "participant_id": "ann", "plan": "rep", "component": "c"}
    flags = {"counts": "counts" in moves, "pays": "pays" in moves}
    return case.add("stated_credits", **{**of, "credit_date": day(on), "amount_minor": cents, **flags, **more})


def amounts(lines: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    return {line[3]: line[-1] for line in lines}


def test_stated_credit_stands_on_its_day_behind_what_was_accepted_at_its_beginning(calculate: Calculation) -> None:  # noqa: F811
    """o1 of the day before stands first: 500 at 10%. Of d1's 600 the first 500 are paid 10% and 100 are paid 20%. a1 of
    the same day stands behind it, 100 at 20%, and d2 behind both, 200 at 20%."""
    case = Case().person("ann").deal("d1", "2024-03-01", 600_00).deal("d2", "2024-03-02", 200_00)
    stated(case, "a1", "2024-03-01", 100_00)
    stated(case, "o1", "2024-02-29", 500_00, kind="opening")
    book = calculate([plan(OWN + TIERS.replace("MODE", "marginal"))], case.facts)
    assert amounts(book.lines) == {"o1": 50_00, "d1": 70_00, "a1": 20_00, "d2": 40_00}


def test_a_step_re_rates_a_position_that_was_brought_along_too(calculate: Calculation) -> None:  # noqa: F811
    """900 brought along pay 90; d1 of 300 reaches 1,200: 20% of its 300 are 60, and 10% more of the 900 are 90."""
    case = Case().person("ann").deal("d1", "2024-03-01", 300_00)
    stated(case, "o1", "2024-02-29", 900_00, kind="opening")
    book = calculate([plan(OWN + TIERS.replace("MODE", "retroactive"))], case.facts)
    assert sorted((line[3], line[5], line[-1]) for line in book.lines) == [
        ("d1", "own", 60_00),
        ("o1", "own", 90_00),
        ("o1", "re_rating", 90_00),
    ]


def test_what_only_counts_is_paid_nothing_and_what_only_pays_moves_nothing(calculate: Calculation) -> None:  # noqa: F811
    """500 of d1 pay 50; 700 count only, so that 1,200 stand; 100 that only pay are paid 20%: 20; d2's 50 pay 10."""
    case = Case().person("ann").deal("d1", "2024-03-01", 500_00).deal("d2", "2024-03-10", 50_00)
    stated(case, "a1", "2024-03-02", 700_00, "counts")
    stated(case, "a2", "2024-03-03", 100_00, "pays")
    book = calculate([plan(OWN + TIERS.replace("MODE", "marginal"))], case.facts)
    assert amounts(book.lines) == {"d1": 50_00, "a1": 0, "a2": 20_00, "d2": 10_00}


def test_a_loss_of_the_deal_takes_the_credit_along_where_that_is_said(calculate: Calculation) -> None:  # noqa: F811
    """d1 has 400 and a1 100 with it; half of d1 is lost: 200 at 10% of d1, 50 at 10% of a1. a2 stays."""
    case = Case().person("ann").deal("d1", "2024-03-01", 400_00)
    named = {"source": "crm", "external_id": "d1"}
    stated(case, "a1", "2024-03-02", 100_00, **named, taken_back=True)
    stated(case, "a2", "2024-03-03", 100_00, **named)
    lost = {"loss_id": "l1", "loss_date": day("2024-05-01"), "kind": "refund", "share_num": 1, "share_den": 2}
    case.add("losses", **named, **lost, attributable_to="customer")
    book = calculate([plan(CLAWBACK + OWN + TIERS.replace("MODE", "marginal"))], case.facts)
    assert sorted((line[3], line[5], line[-1]) for line in book.lines) == [
        ("a1", "own", 10_00),
        ("a1", "take_back", -5_00),
        ("a2", "own", 10_00),
        ("d1", "own", 40_00),
        ("d1", "take_back", -20_00),
    ]


def test_what_is_accepted_later_that_day_stands_behind_the_credit(calculate: Calculation) -> None:  # noqa: F811
    """d1 has 900 from 00:00 on; a1's 100 fill the first tier, 10; d2, accepted at noon, is paid 20%: 20."""
    case = Case().person("ann").deal("d1", "2024-03-01", 900_00)
    case.deal("d2", "2024-03-01", 100_00, accepted="2024-03-01T12:00")
    stated(case, "a1", "2024-03-01", 100_00)
    book = calculate([plan(OWN + TIERS.replace("MODE", "marginal"))], case.facts)
    assert amounts(book.lines) == {"d1": 90_00, "a1": 10_00, "d2": 20_00}

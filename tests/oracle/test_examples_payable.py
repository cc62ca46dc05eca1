"""When parts of pay and of take-backs are due, and what is held of pay that is bounded: worked by hand (T1, T2, T3)."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pay import COMES_IN, pay
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .pay import paid_out
from .small import OWN, Case, day, plan
from .test_oracle_losses import NEGATIVE, lost

UNTIL = day("2028-01-01")
FULL = "{basis: as_paid, attainment: period_of_loss, schedule: full}"


def months(case: Case, words: str = "", **header: str) -> dict[str, int]:
    """What each month has to pay, after reserves, before accounts; of oracle and core alike."""
    component = f"counts: acv, from: own, per: month, {words}pays: {{flat_rate: {{rate: 10%}}}}"
    terms = plan(f"{OWN}components:\n  pay: {{{component}}}\n", clawback=FULL, negative=NEGATIVE, **header)
    wanted = paid_out([terms], case.facts, calculate([terms], case.facts), UNTIL)
    found = pay(core([terms], case.facts, PlainMatcher()), [terms], case.facts, until=UNTIL)
    sums: dict[str, int] = {}
    for on, kind, amount in found.moves.select("payable_date", "kind", "amount_minor").iter_rows():
        sums[f"{on:%Y-%m}"] = sums.get(f"{on:%Y-%m}", 0) + amount * COMES_IN[kind]
    paid = dict(found.accounts.select("month", "payout_minor").iter_rows())
    assert {month: amount for month, amount in paid.items() if amount} == {
        key[2]: amount for key, amount in wanted.payouts.items() if amount
    }
    return {month: amount for month, amount in sorted(sums.items()) if amount}


PARTS = "[{share: 50%, on: accepted}, {share: 50%, on: accepted, after: 9 months}]"


def test_a_part_that_is_not_due_yet_is_taken_back_when_it_would_have_been() -> None:
    """700 in two parts, January and October. All is lost in May: 350 that were paid, and October's part never is."""
    case = Case().person("ann").deal("d1", "2026-01-10", 7_000_00)
    assert months(case, payable=PARTS) == {"2026-01": 350_00, "2026-10": 350_00}
    assert months(lost(case, "d1", "2026-05-05", 1), payable=PARTS) == {"2026-01": 350_00, "2026-05": -350_00}


def test_a_part_that_was_paid_is_taken_back_on_the_day_of_the_loss() -> None:
    """Lost in December, both parts have been paid."""
    case = lost(Case().person("ann").deal("d1", "2026-01-10", 7_000_00), "d1", "2026-12-05", 1)
    assert months(case, payable=PARTS) == {"2026-01": 350_00, "2026-10": 350_00, "2026-12": -700_00}


@pytest.mark.parametrize("words", ["cap: 700, ", "windfall: {above: 6_000, pay: 50%}, "])
def test_the_reserve_holds_its_share_of_what_is_paid(words: str) -> None:
    """800 of which 100 are cut: a tenth of 700 is held. All is lost: 100 were never paid, and 70 are in reserve."""
    case = Case().person("ann").deal("d1", "2026-01-10", 8_000_00, start_date=day("2026-01-10"))
    reserve = "{share: 10%, for: 12 months}"
    assert months(case, words, reserve=reserve) == {"2026-01": 630_00, "2027-01": 70_00}
    gone = lost(case, "d1", "2026-05-05", 1)
    assert months(gone, words, reserve=reserve) == {"2026-01": 630_00, "2026-05": -630_00}

"""Pay of one deal on hold, and what a review releases, with the arithmetic beside it: oracle and core alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pay import COMES_IN, pay
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .pay import paid_out
from .small import OWN, Case, day, plan

UNTIL = day("2027-01-01")
WORDS = {
    "clawback": "{basis: as_paid, attainment: no, schedule: full}",
    "negative": "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}",
}
PAY = """components:
  pay: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}}
"""


def months(case: Case, components: str = PAY) -> dict[str, int]:
    """What each month pays of lines, before anything is carried."""
    terms = plan(OWN + components, **WORDS)
    expected = calculate([terms], case.facts)
    wanted = paid_out([terms], case.facts, expected, UNTIL)
    found = pay(core([terms], case.facts, PlainMatcher()), [terms], case.facts, until=UNTIL)
    sums: dict[str, int] = {}
    for on, kind, amount in found.moves.select("payable_date", "kind", "amount_minor").iter_rows():
        sums[f"{on:%Y-%m}"] = sums.get(f"{on:%Y-%m}", 0) + amount * COMES_IN[kind]
    paid = dict(found.accounts.select("month", "payout_minor").iter_rows())
    assert {month: amount for month, amount in paid.items() if amount} == {
        key[2]: amount for key, amount in wanted.payouts.items() if amount
    }
    return {month: amount for month, amount in sums.items() if amount}


def sold(**hold: Any) -> Case:
    """d1 of 10,000 pays 1,000 on January 10."""
    case = Case().person("ann").deal("d1", "2026-01-10", annual_value_minor=10_000_00)
    of = {"hold_id": "h", "origin": "deal", "source": "crm", "external_id": "d1", "held_date": date(2026, 1, 1)}
    return case.add("holds", **{**of, **hold})


def lost(case: Case, on: str, num: int, den: int) -> Case:
    return case.add(
        "losses", source="crm", external_id="d1", loss_id=on, loss_date=day(on), kind="cancellation", share_num=num,
        share_den=den, attributable_to="customer",
    )  # fmt: skip


def test_what_is_on_hold_is_paid_in_the_month_of_its_release() -> None:
    assert months(sold(free_date=day("2026-04-01"))) == {"2026-04": 1_000_00}
    assert months(sold()) == {}
    assert months(sold(held_date=day("2026-02-01"))) == {"2026-01": 1_000_00}
    assert months(sold(participant_id="bob")) == {"2026-01": 1_000_00}


def test_what_is_lost_meanwhile_comes_out_of_it_and_what_it_lacks_does_not() -> None:
    """A quarter, 250, is lost in February: 750 of 1,000 are left on hold. Where 1,000 were paid before the hold, a loss
    finds nothing on hold: it is taken from other pay."""
    assert months(lost(sold(free_date=day("2026-04-01")), "2026-02-05", 1, 4)) == {"2026-04": 750_00}
    before = sold(held_date=day("2026-02-01"), free_date=day("2026-04-01"))
    assert months(lost(before, "2026-02-05", 1, 4)) == {"2026-01": 1_000_00, "2026-02": -250_00}


def test_two_holds_at_once_keep_the_same_money_once() -> None:
    """1,000 wait until May, when the later of the two ends, and not twice."""
    case = sold(free_date=day("2026-04-01"))
    of = {"hold_id": "i", "origin": "deal", "source": "crm", "external_id": "d1", "held_date": date(2026, 1, 1)}
    assert months(case.add("holds", **of, free_date=day("2026-05-01"))) == {"2026-05": 1_000_00}


def test_what_a_windfall_leaves_is_paid_from_the_release_of_its_review_on() -> None:
    """Of 10,000 the part above 8,000, a fifth, waits: 200 of 1,000."""
    review = PAY.replace("pays:", "windfall: {above: 8_000, pay: review}, pays:")
    of = {"origin": "review", "participant_id": "ann", "plan": "rep", "component": "pay"}
    released = sold(**of, state="released", free_date=day("2026-03-01"))
    assert months(released, review) == {"2026-01": 800_00, "2026-03": 200_00}
    refused = sold(**of, state="refused")
    assert months(refused, review) == {"2026-01": 800_00}


def test_a_loss_uses_what_waits_for_a_review_before_what_was_paid() -> None:
    """800 are paid and 200 wait. All is lost: 800 are taken back. Half, 500: the 200 that wait and 300 of the pay, so
    that the 500 of what is left stay; a release finds nothing. Refused, the 200 are as little taken back. Where they
    were paid before the loss they are: 1,000 less 500. A share that is not paid (half of 200) is used alike."""
    review = PAY.replace("pays:", "windfall: {above: 8_000, pay: review}, pays:")
    of = {"origin": "review", "participant_id": "ann", "plan": "rep", "component": "pay"}
    for answer in ({"state": "held"}, {"state": "refused"}, {"state": "released", "free_date": day("2026-03-01")}):
        assert months(lost(sold(**of, **answer), "2026-02-05", 1, 1), review) == {"2026-01": 800_00, "2026-02": -800_00}
        assert months(lost(sold(**of, **answer), "2026-02-05", 1, 2), review) == {"2026-01": 800_00, "2026-02": -300_00}
    before = sold(**of, state="released", free_date=day("2026-02-01"))
    assert months(lost(before, "2026-02-05", 1, 2), review) == {"2026-01": 800_00, "2026-02": -300_00}
    share = review.replace("review", "50%")
    assert months(lost(sold(**of, state="held"), "2026-02-05", 1, 1), share) == {"2026-01": 900_00, "2026-02": -900_00}

"""What a leaver has lost is not taken back from them, with the arithmetic beside it (T1, T6)."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pay import COMES_IN, pay
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .pay import paid_out
from .small import OWN, Case, day, plan

PAY = f"""{OWN}components:
  pay: {{counts: acv, from: own, per: month, pays: {{flat_rate: {{rate: 10%}}}}}}
"""
UNTIL = day("2027-01-01")
LEAVER = (
    "{accepted_unpaid: forfeit, pending_accepted_within: 90 days, reserve: forfeit, draw: claim, negative: claim,"
    " later_clawback: claim, period_bonus: full}"
)
WORDS = {
    "leaver": LEAVER,
    "clawback": "{basis: recompute, attainment: original_period, schedule: full}",
    "negative": "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}",
}


def owed(share: tuple[int, int], **words: str) -> tuple[dict[str, int], int]:
    """d1 of 10,000 pays 10%, 1,000, from January 10 on; Ann's last day is February 10, and June 5 loses a share of d1.
    What each month has to pay, and the negative balance at the end: of oracle and core alike."""
    case = Case().person("ann").deal("d1", "2026-01-10", annual_value_minor=10_000_00)
    case = case.add("exits", participant_id="ann", last_date=day("2026-02-10"), withdrawn=False)
    case = case.add(
        "losses", source="crm", external_id="d1", loss_id="l1", loss_date=day("2026-06-05"), kind="cancellation",
        share_num=share[0], share_den=share[1], attributable_to="customer",
    )  # fmt: skip
    terms = plan(PAY, **WORDS, **words)
    wanted = paid_out([terms], case.facts, calculate([terms], case.facts), UNTIL)
    found = pay(core([terms], case.facts, PlainMatcher()), [terms], case.facts, until=UNTIL)
    sums: dict[str, int] = {}
    for on, kind, amount in found.moves.select("payable_date", "kind", "amount_minor").iter_rows():
        sums[f"{on:%Y-%m}"] = sums.get(f"{on:%Y-%m}", 0) + amount * COMES_IN[kind]
    (negative,) = {amount for key, amount in wanted.negative.items() if f"{key[2]:%Y-%m}" == "2026-12"}
    assert found.accounts["negative_minor"][-1] == negative
    return {month: amount for month, amount in sums.items() if amount}, negative


def test_pay_that_was_forfeited_is_not_taken_back() -> None:
    """Due 60 days after January 10 and so after the last day: 1,000 are lost, nothing was paid, nothing is owed."""
    assert owed((1, 1), payable="{on: accepted, after: 60 days}") == ({}, 0)


def test_a_reserve_that_was_forfeited_is_not_taken_back() -> None:
    """20% are held until April 10 and then lost: 800 were paid. June loses 1,000 and takes 800 back."""
    assert owed((1, 1), reserve="{share: 20%, for: 3 months}") == ({"2026-01": 800_00, "2026-06": -800_00}, 800_00)


@pytest.mark.parametrize(("share", "taken"), [((1, 4), 250_00), ((1, 2), 500_00), ((3, 4), 500_00)])
def test_what_was_paid_of_it_is_taken_back_as_ever(share: tuple[int, int], taken: int) -> None:
    """Half of 1,000 at once, half three months later: 500 were paid and 500 are lost. A take-back has two halves as
    well, and both together take no more than 500."""
    payable = "[{share: 50%, on: accepted}, {share: 50%, on: accepted, after: 3 months}]"
    assert owed(share, payable=payable)[1] == taken

"""What is held of a ramp and when it is free, with the arithmetic beside it (L3, T2)."""

from __future__ import annotations

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pay import COMES_IN, pay
from compsvc.core.pipeline import calculate as core

from .calculate import calculate
from .pay import paid_out
from .small import OWN, RAMP, Case, day, plan

PAY = f"""{OWN}components:
  pay: {{counts: final_stage_acv, ramp: {RAMP}, from: own, per: month, pays: {{flat_rate: {{rate: 10%}}}}}}
"""
UNTIL = day("2030-01-01")


def available(case: Case) -> list[tuple[str, int]]:
    """What each month has to pay, of oracle and core alike."""
    terms = plan(PAY, reserve="{share: 10%, for: 12 months}", clawback="{basis: recompute, " + LOST + "}", negative=NO)
    wanted = paid_out([terms], case.facts, calculate([terms], case.facts), UNTIL)
    found = pay(core([terms], case.facts, PlainMatcher()), [terms], case.facts, until=UNTIL)
    sums: dict[str, int] = {}
    for on, kind, amount in found.moves.select("payable_date", "kind", "amount_minor").iter_rows():
        sums[f"{on:%Y-%m}"] = sums.get(f"{on:%Y-%m}", 0) + amount * COMES_IN[kind]
    paid = {month: max(amount, 0) for month, amount in sums.items() if amount > 0}
    assert paid == {f"{key[2]:%Y-%m}": amount for key, amount in wanted.payouts.items() if amount}
    return sorted(sums.items())


LOST = "attainment: original_period, schedule: full"
NO = "{carry: no}"


def ramp() -> Case:
    """100.00, 200.00 and 300.00 a year from February 2026 on: 10% of 300.00 are 30.00, of which 3.00 are held."""
    stages = [(f"{year}-02-01", f"{year + 1}-02-01", (year - 2025) * 100_00) for year in (2026, 2027, 2028)]
    return Case().person("ann").deal("d1", "2026-01-10").stages("d1", *stages)


def test_each_stage_of_a_ramp_is_free_a_year_after_its_own_start() -> None:
    """Each adds 100.00 of 300.00, so a third of what is held."""
    assert available(ramp()) == [("2026-01", 27_00), ("2027-02", 1_00), ("2028-02", 1_00), ("2029-02", 1_00)]


def test_what_is_taken_back_comes_out_of_the_stage_that_starts_last() -> None:
    """1/20 of 30.00 is 1.50: 1.00 of the last stage's and 0.50 of the second's; 0.50 is left to be free in 2028."""
    case = ramp().add(
        "losses", source="crm", external_id="d1", loss_id="l1", loss_date=day("2027-06-01"), kind="cancellation",
        share_num=1, share_den=20, attributable_to="customer",
    )  # fmt: skip
    assert available(case) == [("2026-01", 27_00), ("2027-02", 1_00), ("2027-06", 0), ("2028-02", 50)]

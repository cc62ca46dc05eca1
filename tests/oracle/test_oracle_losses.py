"""What losses take back, worked out by hand (T1); the core gives the same."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate as core
from compsvc.core.plan import Plan

from .calculate import calculate
from .small import OWN, RAMP, Case, day, plan

MARGINAL = "rate_table: {mode: marginal, by: amount, boundary: at, tiers: [{to: 1_000, rate: 10%}, {rate: 15%}]}"
RETROACTIVE = MARGINAL.replace("marginal", "retroactive")
NEGATIVE = "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}"


def commission(pays: str, clawback: str, per: str = "year", counts: str = "acv") -> Plan:
    ramp = f"    ramp: {RAMP}\n" if counts == "final_stage_acv" else ""
    body = (
        f"{OWN}components:\n  pay:\n    counts: {counts}\n{ramp}    from: own\n    per: {per}\n    pays: {{{pays}}}\n"
    )
    return plan(body, clawback=f"{{{clawback}}}", negative=NEGATIVE)


def lost(case: Case, deal: str, day_: str, num: int, den: int = 1, **more: object) -> Case:
    number = f"l{len(case.rows['losses']) + 1}"
    own = {"source": "crm", "external_id": deal, "loss_id": number, "loss_date": day(day_), "kind": "cancellation"}
    return case.add("losses", **own | {"share_num": num, "share_den": den, "attributable_to": "customer"} | more)


def amounts(terms: Plan, facts: Facts) -> list[tuple[str, str, int]]:
    """Deal, kind of line and amount, of oracle and core alike."""
    wanted = [(line.subject[1], line.step_kind, line.amount_minor) for line in calculate([terms], facts).lines]
    lines = core([terms], facts, PlainMatcher()).lines
    assert lines is not None
    got = lines.select("external_id", "step_kind", "amount_minor").rows()
    assert sorted(got) == sorted(wanted)
    return sorted(wanted)


def two_deals() -> Case:
    """900.00 in January and 600.00 in February."""
    case = Case().person("ann").deal("d1", "2026-01-10", 900_00)
    return case.deal("d2", "2026-02-10", 600_00, account_id="birk")


# 900.00 at 10% = 90.00; of 600.00 the first 100.00 at 10% and 500.00 at 15% = 85.00. Three months are kept, so 9/12 of
# the loss are taken: 675.00 of the credit. The curve falls from 1,500.00 to 825.00: 175.00 - 82.50 = 92.50.
@pytest.mark.parametrize(
    ("basis", "due", "gap"),
    [
        ("recompute", -92_50, 0),
        ("as_paid", -67_50, 25_00),  # 9/12 of the 90.00 that d1 was paid
        ("original_rate", -67_50, 25_00),  # 675.00 at 10%
    ],
)
def test_three_months_of_twelve_are_kept(basis: str, due: int, gap: int) -> None:
    terms = commission(MARGINAL, f"basis: {basis}, attainment: original_period, schedule: pro rata over 12 months")
    case = lost(two_deals(), "d1", "2026-04-15", 1)
    expected = [("d1", "own", 90_00), ("d1", "take_back", -92_50), ("d2", "own", 85_00)]
    if gap:
        expected.append(("d1", "basis_difference", gap))
    assert amounts(terms, case.facts) == sorted(expected)
    assert -92_50 + gap == due


# d1 is closed on 10 January and paid 90.00. `full within 3 months` ends on 10 April: the day before all of it is taken,
# on the day nothing. With nine more months, three whole months leave 9/9, and four leave 8/9: 80.00.
@pytest.mark.parametrize(
    ("schedule", "lost_on", "due"),
    [
        ("full within 3 months", "2026-04-09", -90_00),
        ("full within 3 months", "2026-04-10", 0),
        ("full within 3 months then pro rata over 9 months", "2026-04-10", -90_00),
        ("full within 3 months then pro rata over 9 months", "2026-05-10", -80_00),
        ("full within 3 months then pro rata over 9 months", "2027-01-10", 0),
    ],
)
def test_all_is_taken_back_within_some_months(schedule: str, lost_on: str, due: int) -> None:
    terms = commission(MARGINAL, f"basis: as_paid, attainment: no, schedule: {schedule}")
    case = lost(Case().person("ann").deal("d1", "2026-01-10", 900_00), "d1", lost_on, 1)
    assert sum(amount for _, _, amount in amounts(terms, case.facts)) == 90_00 + due


# d1 is paid 900.00 x 10% = 90.00; d2 reaches 15% for everything: 600.00 x 15% = 90.00 and 45.00 more for d1. Without d1
# 600.00 at 10% are 60.00, so the curve loses 225.00 - 60.00 = 165.00: 135.00 of d1 and 30.00 that d2 is re-rated by.
def test_a_loss_re_rates_earlier_deals_down() -> None:
    terms = commission(RETROACTIVE, "basis: recompute, attainment: original_period, schedule: full")
    found = amounts(terms, lost(two_deals(), "d1", "2026-04-15", 1).facts)
    # After the step down to 10% the take-back itself pays -900.00 at 10%; what had been paid above that is re-rated:
    # 900.00 x -5% on d1 and 600.00 x -5% on d2.
    assert found == sorted(
        [
            ("d1", "own", 90_00), ("d1", "re_rating", 45_00), ("d2", "own", 90_00),
            ("d1", "take_back", -90_00), ("d1", "re_rating", -45_00), ("d2", "re_rating", -30_00),
        ]
    )  # fmt: skip


# As paid only what d1 was paid goes: 135.00. The curve loses 165.00, so 30.00 come back as the difference.
# At the original rate: 900.00 x 15%, the tier that d1 was paid in in the end.
@pytest.mark.parametrize("basis", ["as_paid", "original_rate"])
def test_what_others_lose_by_it_comes_back_as_the_difference(basis: str) -> None:
    terms = commission(RETROACTIVE, f"basis: {basis}, attainment: original_period, schedule: full")
    found = amounts(terms, lost(two_deals(), "d1", "2026-04-15", 1).facts)
    assert ("d1", "basis_difference", 30_00) in found
    assert sum(amount for _, _, amount in found) == 225_00 - 135_00


# Lost in April, in a quarter with nothing sold: the position falls from 0 to -900.00, at 10% -90.00. The 90.00 paid for
# d1 are taken back: no difference. The first quarter stays as it was.
def test_in_the_period_of_the_loss() -> None:
    terms = commission(MARGINAL, "basis: as_paid, attainment: period_of_loss, schedule: full", per="quarter")
    facts = lost(two_deals(), "d1", "2026-04-15", 1).facts
    earned = {key[3]: row for key, row in calculate([terms], facts).earnings.items()}
    assert earned == {"2026-Q1": (1_500_00, 0, 175_00), "2026-Q2": (-900_00, 0, -90_00)}
    assert amounts(terms, facts)[0] == ("d1", "own", 90_00)


# The position does not move: the take-back pays 0 and the difference is all of it.
def test_without_attainment_it_is_wholly_a_basis_difference() -> None:
    terms = commission(MARGINAL, "basis: as_paid, attainment: no, schedule: full", per="quarter")
    facts = lost(two_deals(), "d1", "2026-04-15", 1).facts
    found = [row for row in amounts(terms, facts) if row[1] in ("take_back", "basis_difference")]
    assert found == [("d1", "basis_difference", -90_00), ("d1", "take_back", 0)]
    assert calculate([terms], facts).earnings["ann", "rep", "pay", "2026-Q2"] == (0, 0, -90_00)


# 100.01 in thirds: the shares so far are 33.34, 66.67 and 100.01 (half up), so the parts are 33.34, 33.33 and 33.34.
def test_partial_losses_are_differences_of_rounded_sums() -> None:
    terms = commission("flat_rate: {rate: 100%}", "basis: recompute, attainment: original_period, schedule: full")
    case = Case().person("ann").deal("d1", "2026-01-10", 100_01)
    for month in ("03", "04", "05"):
        lost(case, "d1", f"2026-{month}-01", 1, 3)
    found = [amount for _, kind, amount in amounts(terms, case.facts) if kind == "take_back"]
    assert sorted(found) == [-33_34, -33_34, -33_33]


# A ramp of 100, 300 and 400 a year counts 400.00 at once. It is lost after 15 months: the first 100.00 are past their
# 12 months, of the second stage's 200.00 3 months are kept, of the third's 100.00 none: 200 x 9/12 + 100 = 250.00.
def test_each_stage_of_a_ramp_is_owed_from_its_own_start() -> None:
    terms = commission(
        "flat_rate: {rate: 10%}",
        "basis: recompute, attainment: original_period, schedule: pro rata over 12 months",
        counts="final_stage_acv",
    )
    case = Case().person("ann").deal("d1", "2026-01-01", None)
    stages = ("2026-01-01", "2027-01-01", 100_00), ("2027-01-01", "2028-01-01", 300_00)
    case.stages("d1", *stages, ("2028-01-01", "2029-01-01", 400_00))
    found = amounts(terms, lost(case, "d1", "2027-04-01", 1).facts)
    assert found == [("d1", "own", 40_00), ("d1", "take_back", -25_00)]


# A loss by amount is a part of the deal's size: 300.00 of 1,200.00 is a quarter of each line.
def test_a_lost_amount_is_a_share_of_the_deals_size() -> None:
    terms = commission("flat_rate: {rate: 10%}", "basis: original_rate, attainment: original_period, schedule: full")
    case = Case().person("ann").deal("d1", "2026-01-01", 1_000_00, one_time_value_minor=200_00)
    lost(case, "d1", "2026-03-01", 1, share_num=None, share_den=None, amount_minor=300_00, currency_code="EUR")
    found = amounts(terms, case.facts)
    assert found == [("d1", "own", 100_00), ("d1", "take_back", -25_00)]


# The third logo pays 500.00; its deal is cancelled after five months of the six that it must stay, then after seven.
@pytest.mark.parametrize(("day", "takes"), [("2026-06-28", -500_00), ("2026-08-01", None)])
def test_a_logo_lost_while_it_must_stay_takes_the_bonus_back(day: str, takes: int | None) -> None:
    body = f"""{OWN}components:
  logos:
    counts: new_logos
    logo: account
    minimum_deal: 0
    must_stay: 6 months
    settle: as_earned
    from: own
    per: quarter
    pays: {{kicker: {{at: 3, bonus: 500}}}}
"""
    terms = plan(body, clawback="no")
    case = Case().person("ann")
    for place, account in enumerate(("acme", "birk", "colt"), 1):
        case.deal(f"d{place}", f"2026-01-{10 * place - 9:02}", 100_00, account_id=account)
    found = [amount for _, kind, amount in amounts(terms, lost(case, "d1", day, 1).facts) if kind == "take_back"]
    assert found == ([] if takes is None else [takes])


def counting(counts: str, pays: str, **header: str) -> Plan:
    least = "    minimum_deal: 0\n" if counts == "deals" else ""
    body = f"{OWN}components:\n  pay:\n    counts: {counts}\n{least}    from: own\n    per: quarter\n    {pays}\n"
    return plan(body, **header)


# Two deals reach the bonus of 500.00. Half of d1 is no deal less; with the other half it has gone, in its own quarter
# though it was lost in the next. `clawback: no` keeps what was counted.
@pytest.mark.parametrize(("shares", "word", "takes"), [((1,), "", []), ((1, 1), "", [-500_00]), ((1, 1), "no", [])])
def test_a_deal_leaves_the_count_with_the_last_of_it(shares: tuple[int, ...], word: str, takes: list[int]) -> None:
    terms = counting("deals", "pays: {kicker: {at: 2, bonus: 500}}", **({"clawback": word} if word else {}))
    case = two_deals()
    for month, share in enumerate(shares, 5):
        lost(case, "d1", f"2026-{month:02}-01", share, 2)
    found = [(kind, amount) for _, kind, amount in amounts(terms, case.facts) if kind == "take_back"]
    assert found == [("take_back", amount) for amount in takes]
    assert calculate([terms], case.facts).earnings["ann", "rep", "pay", "2026-Q1"][2] == 500_00 + sum(takes)


# Ten seats at 7.00 are 70.00; a third of them is 3.333333 seats, 23.33, and with the second third 6.666667 have gone:
# 70.00 - 23.33 = 46.67 stay after the first, 23.33 after the second, so that it takes 23.34.
def test_units_go_as_their_line_is_lost() -> None:
    terms = counting("units", "pays: {per_unit: {amount: 7}}")
    case = Case().person("ann").deal("d1", "2026-01-10", 100_00, quantity=10)
    found = amounts(terms, lost(lost(case, "d1", "2026-05-01", 1, 3), "d1", "2026-06-01", 1, 3).facts)
    assert found == [("d1", "own", 70_00), ("d1", "take_back", -23_34), ("d1", "take_back", -23_33)]
    assert calculate([terms], case.facts).earnings["ann", "rep", "pay", "2026-Q1"] == (0, 3_333_333, 23_33)


# The second line counts no deal, but its value is paid where the list stands: one deal, so 10% of 300.00 and of 100.00.
# With all of the deal both go.
def test_of_a_counted_deal_each_line_is_paid_and_goes() -> None:
    tiers = "rate_table: {mode: marginal, by: count, boundary: over, tiers: [{to: 1, rate: 10%}, {rate: 20%}]}"
    terms = counting("deals", f"pays_on: acv\n    pays: {{{tiers}}}")
    case = Case().person("ann").deal("d1", "2026-01-10", None)
    for line, annual in ((1, 300_00), (2, 100_00)):
        case.add("deal_lines", source="crm", external_id="d1", line=line, type="upsell", annual_value_minor=annual)
    own = [("d1", "own", 10_00), ("d1", "own", 30_00)]
    assert amounts(terms, case.facts) == own
    assert amounts(terms, lost(case, "d1", "2026-05-01", 1).facts) == sorted(
        [*own, ("d1", "take_back", -30_00), ("d1", "take_back", -10_00)]
    )


# The first logo makes 10% of what counts: 10.00 of acme's 100.00. Lost while it must stay, count and pay go.
def test_a_lost_logo_takes_what_was_paid_on_with_it() -> None:
    tiers = "rate_table: {mode: marginal, by: count, boundary: over, tiers: [{to: 1, rate: 10%}, {rate: 20%}]}"
    pays = "logo: account\n    minimum_deal: 0\n    must_stay: 6 months\n    settle: as_earned\n    pays_on: acv"
    terms = counting("new_logos", f"{pays}\n    pays: {{{tiers}}}", clawback="no")
    case = lost(Case().person("ann").deal("d1", "2026-01-10", 100_00), "d1", "2026-05-01", 1)
    assert amounts(terms, case.facts) == [("d1", "own", 10_00), ("d1", "take_back", -10_00)]
    assert calculate([terms], case.facts).earnings["ann", "rep", "pay", "2026-Q1"] == (0, 0, 0)


# A component that settles with its period pays nothing before its last day, and so does its basis difference (M8).
def test_a_basis_difference_settles_with_its_period() -> None:
    terms = commission(MARGINAL, "basis: as_paid, attainment: no, schedule: full", per="quarter")
    settled = plan(
        f"{OWN}components:\n  pay:\n    counts: acv\n    settle: period_end\n    from: own\n    per: quarter\n"
        f"    pays: {{{MARGINAL}}}\n",
        clawback="{basis: as_paid, attainment: no, schedule: full}",
        negative=NEGATIVE,
    )
    facts = lost(two_deals(), "d1", "2026-04-15", 1).facts
    for each, due in ((terms, "2026-04-15"), (settled, "2026-06-30")):
        lines = [line for line in calculate([each], facts).lines if line.step_kind == "basis_difference"]
        found = core([each], facts, PlainMatcher()).lines
        assert found is not None
        got = found.filter(found["step_kind"] == "basis_difference")["payable_date"].to_list()
        assert [line.payable_date for line in lines] == got == [day(due)]


# A cap of 100.00 over both components. d1 pays 90.00 in each: 90, then 10 of the other. The loss falls on the day of
# the deal, and takes 90.00 of each only after both were paid: 180 - 100 = 80 are cut, and 80 of the 180 come back.
def test_under_the_plans_cap_a_loss_stands_after_the_credit_of_its_day() -> None:
    each = "    counts: acv\n    from: own\n    per: year\n    pays: {flat_rate: {rate: 10%}}\n"
    terms = plan(
        f"{OWN}components:\n  one:\n{each}  two:\n{each}",
        clawback="{basis: recompute, attainment: original_period, schedule: full}",
        negative=NEGATIVE,
        cap="{amount: 100, per: year}",
    )
    case = lost(Case().person("ann").deal("d1", "2026-01-10", 900_00), "d1", "2026-01-10", 1)
    cuts = [amount for _, kind, amount in amounts(terms, case.facts) if kind == "plan_cap"]
    assert sorted(cuts) == [-80_00, 80_00]


# A ramp of 100, 300 and 400 a year counts 100.00, +200.00 and +100.00 as its stages start. Half is lost, after the 2nd
# has started or before it: what has started is taken back by half, of what has not only half starts.
@pytest.mark.parametrize(
    ("day_", "own", "taken"), [("2024-10-01", (10_00, 20_00, 5_00), (-5_00, -10_00)),
                               ("2024-02-01", (10_00, 10_00, 5_00), (-5_00,))]
)  # fmt: skip
def test_a_stage_counts_as_it_starts_without_what_was_lost_before(
    day_: str, own: tuple[int, ...], taken: tuple[int, ...]
) -> None:
    terms = "basis: recompute, attainment: original_period, schedule: full"
    plan_ = commission("flat_rate: {rate: 10%}", terms, counts="acv\n    ramp: as_stages_start")
    stages = (("2024-01-15", "2024-07-15", 100_00), ("2024-07-15", "2025-01-15", 300_00))
    case = Case().person("ann").deal("d1", "2024-01-15").stages("d1", *stages, ("2025-01-15", "2027-01-15", 400_00))
    wanted = [("d1", "own", amount) for amount in own] + [("d1", "take_back", amount) for amount in taken]
    assert amounts(plan_, lost(case, "d1", day_, 1, 2).facts) == sorted(wanted)


# 9/12 of 900.00, of which half: 337.50 of the credit. The curve falls from 1,500.00 to 1,162.50: 175.00 - 124.38.
@pytest.mark.parametrize(("basis", "due"), [("recompute", 50_62), ("as_paid", 33_75), ("original_rate", 33_75)])
def test_only_a_share_of_what_is_lost_is_taken_back(basis: str, due: int) -> None:
    terms = f"basis: {basis}, attainment: original_period, schedule: pro rata over 12 months, share: 50%"
    found = amounts(commission(MARGINAL, terms), lost(two_deals(), "d1", "2026-04-10", 1).facts)
    assert sum(amount for *_, amount in found) == 175_00 - due


def test_each_loss_is_taken_back_by_its_reason() -> None:
    # 1,200.00 at 10% = 120.00. A half goes by fraud in February, whole: 60.00. A quarter moves away in April, three
    # months kept: 9/12 of it, and of that two thirds: 1/4 x 9/12 x 2/3 = 1/8 = 15.00. Of the mistake nothing is taken,
    # and the last eighth is lost without reason, in July, after the six months in which all would be.
    by = "by: reason, losses: [{for: fraud, schedule: full}, {for: [moved], schedule: pro rata over 12 months"
    by += ", share: 2/3}, {for: mistake, schedule: none}, {for: any other, schedule: full within 6 months}]"
    case = Case().person("ann").deal("d1", "2026-01-10", 1_200_00, start_date=day("2026-01-10"))
    lost(case, "d1", "2026-02-10", 1, 2, reason="fraud")
    lost(case, "d1", "2026-04-15", 1, 4, reason="moved")
    lost(case, "d1", "2026-05-15", 1, 8, reason="mistake")
    lost(case, "d1", "2026-07-10", 1, 8)
    terms = commission("flat_rate: {rate: 10%}", f"basis: recompute, attainment: period_of_loss, {by}")
    backs = [("d1", "take_back", amount) for amount in (-60_00, -15_00, 0, 0)]
    assert amounts(terms, case.facts) == [("d1", "own", 120_00), *backs]


def test_each_loss_is_taken_back_by_its_kind() -> None:
    by = "by: kind, losses: [{for: refund, schedule: none}, {for: [cancellation, non_payment], schedule: full"
    by += ", share: 1/3}]"
    case = lost(lost(two_deals(), "d1", "2026-03-10", 1, kind="refund"), "d2", "2026-03-10", 1, kind="non_payment")
    terms = commission("flat_rate: {rate: 10%}", f"basis: recompute, attainment: original_period, {by}")
    assert amounts(terms, case.facts) == [
        ("d1", "own", 90_00),
        ("d1", "take_back", 0),
        ("d2", "own", 60_00),
        ("d2", "take_back", -20_00),
    ]

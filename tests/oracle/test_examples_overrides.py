"""Overrides on the earnings of others, and shares of one's own, worked by hand, for the oracle and the core."""

from __future__ import annotations

from datetime import date

import pytest

from .small import OWN, Case, day, plan
from .test_oracle_examples import Calculation, calculate, component

__all__ = ["calculate"]  # the fixture
TENTH = "pays: {flat_rate: {rate: 10%}}"
CARRY = "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}"
REP = OWN + component(f"counts: acv, from: own, per: month, cap: 100, {TENTH}")
OVERRIDE = "counts: earnings, from: team, own_deals: out, settle: as_earned, per: month, pays: {flat_rate: {rate: 5%}}"


def test_an_override_counts_what_the_reports_earn_after_their_caps_and_before_the_plans(calculate: Calculation) -> None:
    # Ann earns 60 and, capped at 100, 40: mia, who is above her, has 5% of 60 and of 40; so has zoe, above mia.
    # The plan's cap of 70 takes 30 of ann's pay and nothing of theirs. Mia's override is no part of zoe's.
    rep, manager = plan(REP, cap="{amount: 70, per: month}"), plan(component(OVERRIDE), "manager")
    case = Case().person("ann", manager_id="mia").person("mia", "manager", manager_id="zoe").person("zoe", "manager")
    case.deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 700_00)
    book = calculate([rep, manager], case.facts)
    assert book.earned["ann", "c", "2024-01"] == 70_00
    assert (book.earned["mia", "c", "2024-01"], book.earned["zoe", "c", "2024-01"]) == (5_00, 5_00)
    assert book.amounts("d2") == {"ann": 70_00, "mia": 2_00, "zoe": 2_00}


def test_a_shared_deal_counts_once_with_what_both_reports_earn(calculate: Calculation) -> None:
    # Ann has 1/4 of 600 and ben 3/4: 15 and 45, one line of 60 for mia, of which 5% is 3.
    rep, manager = plan(REP), plan(component(OVERRIDE), "manager")
    case = Case().person("ann", manager_id="mia").person("ben", manager_id="mia").person("mia", "manager")
    case.deal("d1", "2024-01-05", 600_00).split("d1", ann=(1, 4), ben=(3, 4))
    book = calculate([rep, manager], case.facts)
    assert [line[6:] for line in book.lines if line[0] == "mia"] == [(60_00, 3_00)]


def test_a_share_of_ones_own_pay_follows_it_and_is_no_part_of_an_override(calculate: Calculation) -> None:
    # Ann earns 60 and, capped at 100, 40, of which ten percent over 50 and five below pay 2.50 + 1.00 and 4.00; half of
    # that again is 1.75 and 2.00. The plan's cap stands behind all of it. Mia's five percent are of 60 and 40 alone.
    shares = "rate_table: {mode: marginal, by: amount, boundary: at, tiers: [{to: 50, rate: 5%}, {rate: 10%}]}"
    own = component(f"counts: own_earnings, of: c, settle: as_earned, per: month, pays: {{{shares}}}")
    half = "counts: own_earnings, of: [d], settle: as_earned, per: year, pays: {flat_rate: {rate: 50%}}"
    body = REP + own.replace("components:\n", "").replace("  c:", "  d:") + f"  e: {{{half}}}\n"
    case = Case().person("ann", manager_id="mia").person("mia", "manager")
    case.deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 700_00)
    book = calculate([plan(body), plan(component(OVERRIDE), "manager")], case.facts)
    assert [book.earned["ann", name, "2024-01"] for name in "cd"] == [100_00, 7_50]
    assert (book.earned["ann", "e", "2024"], book.earned["mia", "c", "2024-01"]) == (3_75, 5_00)


def test_a_share_waits_until_the_pay_that_it_is_of_has_settled(calculate: Calculation) -> None:
    # Ann's 60 and 70 settle on 31 March (M8), and her fifth of them is payable no sooner: month by month 12 + 14.
    # Of 60 mia has 5%, and of 130 10% of everything: 3 + 10.
    commission = "counts: acv, from: own, per: quarter, settle: period_end, pays: {flat_rate: {rate: 10%}}"
    shares = "counts: own_earnings, of: c, settle: as_earned, per: month, pays: {flat_rate: {rate: 20%}}"
    rep = plan(OWN + component(commission) + f"  d: {{{shares}}}\n")
    steps = "rate_table: {mode: retroactive, by: amount, boundary: at, tiers: [{to: 100, rate: 5%}, {rate: 10%}]}"
    override = f"counts: earnings, from: team, own_deals: out, settle: as_earned, per: month, pays: {{{steps}}}"
    case = Case().person("ann", manager_id="mia").person("mia", "manager")
    case.deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 700_00)
    book = calculate([rep, plan(component(override), "manager")], case.facts)
    assert (book.earned["ann", "d", "2024-01"], book.earned["mia", "c", "2024-01"]) == (26_00, 13_00)
    assert book.payable == {("ann", "c", END), ("ann", "d", END), ("mia", "c", END)}


QUARTERLY = "per: quarter, settle: period_end, pays: {flat_rate: {rate: 10%}}"
END = date(2024, 3, 31)


def test_of_two_shares_the_one_that_waits_longer_holds_the_re_rating_of_the_other(calculate: Calculation) -> None:
    # Ann's 60 of d1 is hers at once, ben's 70 of d2 settles on 31 March. Mia's 5% of 60 are payable on 5 January; what
    # d2 makes of them by the tier over 100 is as unsettled as d2 itself: 3, and 10% of 130 less those 3.
    at_once, later = (
        plan(OWN + component(f"counts: acv, from: own, {how}"), name)
        for how, name in (("per: month, pays: {flat_rate: {rate: 10%}}", "rep"), (QUARTERLY, "late"))
    )
    steps = "rate_table: {mode: retroactive, by: amount, boundary: at, tiers: [{to: 100, rate: 5%}, {rate: 10%}]}"
    override = f"counts: earnings, from: team, own_deals: out, settle: as_earned, per: month, pays: {{{steps}}}"
    case = Case().person("ann", manager_id="mia").person("ben", "late", manager_id="mia").person("mia", "manager")
    case.deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 700_00, seller_id="ben", account_id="b")
    book = calculate([at_once, later, plan(component(override), "manager")], case.facts)
    assert sorted(line[3:] for line in book.lines if line[0] == "mia") == [
        ("d1", 0, "own", 60_00, 3_00),
        ("d1", 0, "re_rating", 60_00, 3_00),
        ("d2", 0, "own", 70_00, 7_00),
    ]
    assert book.payable_of("mia") == {("own", date(2024, 1, 5)), ("re_rating", END), ("own", END)}


def test_a_share_of_a_share_waits_as_long_as_both(calculate: Calculation) -> None:
    # 60 settle on 31 March; a fifth of them waits for that, and half of that fifth, of a month, as well.
    fifth = "counts: own_earnings, of: c, settle: as_earned, per: month, pays: {flat_rate: {rate: 20%}}"
    half = "counts: own_earnings, of: d, settle: as_earned, per: month, pays: {flat_rate: {rate: 50%}}"
    body = OWN + component(f"counts: acv, from: own, {QUARTERLY}") + f"  d: {{{fifth}}}\n  e: {{{half}}}\n"
    book = calculate([plan(body)], Case().person("ann").deal("d1", "2024-01-05", 600_00).facts)
    assert (book.earned["ann", "d", "2024-01"], book.earned["ann", "e", "2024-01"]) == (12_00, 6_00)
    assert book.payable == {("ann", name, END) for name in "cde"}


def test_what_is_lost_in_a_later_period_moves_no_share_that_was_paid(calculate: Calculation) -> None:
    # A quarter of 600 is lost in August. Of 60 in March mia has 3, and 45 are left: 2.25, payable in March as before.
    takes = "{basis: as_paid, attainment: period_of_loss, schedule: full}"
    rep = plan(OWN + component(f"counts: acv, from: own, {QUARTERLY}"), clawback=takes, negative=CARRY)
    case = Case().person("ann", manager_id="mia").person("mia", "manager").deal("d1", "2024-01-05", 600_00)
    loss = {"source": "crm", "external_id": "d1", "loss_id": "l", "loss_date": day("2024-08-20")}
    case.add("losses", **loss, kind="cancellation", share_num=1, share_den=4, attributable_to="customer")
    book = calculate([rep, plan(component(OVERRIDE), "manager")], case.facts)
    assert book.earned["mia", "c", "2024-01"] == 2_25
    assert book.payable == {("ann", "c", END), ("ann", "c", date(2024, 9, 30)), ("mia", "c", END)}


def test_a_component_that_pays_nothing_with_a_deal_holds_no_share_of_it_back(calculate: Calculation) -> None:
    # The second new logo of a quarter would pay 50; there is one. Mia's 3 of the 60 are payable with them.
    kicker = "counts: new_logos, logo: account, minimum_deal: 1, must_stay: 3 months, settle: period_end, from: own"
    body = REP + f"  k: {{{kicker}, per: quarter, pays: {{kicker: {{at: 2, bonus: 50}}}}}}\n"
    case = Case().person("ann", manager_id="mia").person("mia", "manager").deal("d1", "2024-01-05", 600_00)
    book = calculate([plan(body), plan(component(OVERRIDE), "manager")], case.facts)
    assert ("mia", "c", date(2024, 1, 5)) in book.payable


def test_a_pool_of_unsettled_pay_waits_for_all_of_it(calculate: Calculation) -> None:
    # A fifth of ann's 60 is shared out evenly in January: 6 each, payable when the 60 are.
    pool = "pool: {of: 20%, weights: equal, among: plan, assigned: any day}"
    pot = f"counts: own_earnings, of: c, settle: period_end, per: month, pays: {{{pool}}}"
    body = OWN + component(f"counts: acv, from: own, {QUARTERLY}") + f"  d: {{{pot}}}\n"
    case = Case().person("ann").person("ben").deal("d1", "2024-01-05", 600_00)
    book = calculate([plan(body)], case.facts)
    assert (book.earned["ann", "d", "2024-01"], book.earned["ben", "d", "2024-01"]) == (6_00, 6_00)
    assert book.payable == {("ann", "c", END), ("ann", "d", END), ("ben", "d", END)}


@pytest.mark.parametrize(("answer", "earned"), [("held", 48_00), ("refused", 48_00), ("released", 60_00)])
def test_what_a_windfall_leaves_for_a_review_is_shared_once_it_is_released(
    calculate: Calculation, answer: str, earned: int
) -> None:
    # Of 600 the part above 480, a fifth of 60, waits. Mia has 5% of what is decided.
    rep = plan(OWN + component("counts: acv, from: own, per: month, windfall: {above: 480, pay: review}, " + TENTH))
    case = Case().person("ann", manager_id="mia").person("mia", "manager").deal("d1", "2024-01-05", 600_00)
    of = {"hold_id": "h", "origin": "review", "participant_id": "ann", "plan": "rep", "component": "c"}
    deal = {"source": "crm", "external_id": "d1", "held_date": date(2024, 1, 1)}
    case.add("holds", **of, **deal, state=answer, free_date=date(2024, 3, 1) if answer == "released" else None)
    book = calculate([rep, plan(component(OVERRIDE), "manager")], case.facts)
    assert book.earned["mia", "c", "2024-01"] == earned // 20

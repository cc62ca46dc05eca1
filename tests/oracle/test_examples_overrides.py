"""Overrides on the earnings of others, and shares of one's own, worked by hand, for the oracle and the core."""

from __future__ import annotations

from datetime import date

from .small import OWN, Case, plan
from .test_oracle_examples import Calculation, calculate, component

__all__ = ["calculate"]  # the fixture
REP = OWN + component("counts: acv, from: own, per: month, cap: 100, pays: {flat_rate: {rate: 10%}}")
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
    # Of 60 mia has 5%, and of 130 10% of everything: 3 + 10. Not the part that d2 makes of d1 is payable sooner either.
    commission = "counts: acv, from: own, per: quarter, settle: period_end, pays: {flat_rate: {rate: 10%}}"
    shares = "counts: own_earnings, of: c, settle: as_earned, per: month, pays: {flat_rate: {rate: 20%}}"
    rep = plan(OWN + component(commission) + f"  d: {{{shares}}}\n")
    steps = "rate_table: {mode: retroactive, by: amount, boundary: at, tiers: [{to: 100, rate: 5%}, {rate: 10%}]}"
    override = f"counts: earnings, from: team, own_deals: out, settle: as_earned, per: month, pays: {{{steps}}}"
    case = Case().person("ann", manager_id="mia").person("mia", "manager")
    case.deal("d1", "2024-01-05", 600_00).deal("d2", "2024-01-06", 700_00)
    book = calculate([rep, plan(component(override), "manager")], case.facts)
    assert (book.earned["ann", "d", "2024-01"], book.earned["mia", "c", "2024-01"]) == (26_00, 13_00)
    end = date(2024, 3, 31)
    assert book.payable == {("ann", "c", end), ("ann", "d", end), ("mia", "c", end)}

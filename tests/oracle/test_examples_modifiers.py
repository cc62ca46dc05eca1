"""Gates and multipliers worked by hand, for the oracle and the core."""

from __future__ import annotations

from .small import OWN, Case, day, plan
from .test_oracle_examples import Calculation, calculate, component

__all__ = ["calculate"]  # the fixture
QUOTED = "counts: acv, from: own, per: quarter, quota: from assignment, zero_quota: pay_base"
TEN = "pays: {flat_rate: {rate: 10%}}"


def test_a_gate_opens_for_the_whole_period(calculate: Calculation) -> None:
    # 400 of 1,000 is 40%: nothing. With 100 more it is 50%, exactly the gate: 10% of 500, the first deal's 40 with it.
    gated = plan(OWN + component(f"{QUOTED}, gate: {{measure: own, at_least: 50%}}, {TEN}"))
    case = Case().person("ann", quota=(1_000_00, "quarter")).deal("d1", "2024-01-15", 400_00)
    assert calculate([gated], case.facts).earned["ann", "c", "2024-Q1"] == 0
    book = calculate([gated], case.deal("d2", "2024-02-15", 100_00).facts)
    assert book.earned["ann", "c", "2024-Q1"] == 50_00
    assert book.amounts("d1") == {"ann": 40_00}


def test_above_only_pays_what_is_above_the_gate_in_its_tier(calculate: Calculation) -> None:
    # Gate 50% of 1,000 is 500, tiers 1% to 100% and 2% above: 500 at 1% is 5, 200 at 2% is 4.
    tiers = "rate_table: {mode: marginal, by: attainment, boundary: at, tiers: [{to: 100%, rate: 1%}, {rate: 2%}]}"
    gate = "gate: {measure: own, at_least: 50%, above: only}"
    gated = plan(OWN + component(f"{QUOTED}, {gate}, pays: {{{tiers}}}"))
    case = Case().person("ann", quota=(1_000_00, "quarter")).deal("d1", "2024-01-15", 1_200_00)
    assert calculate([gated], case.facts).earned["ann", "c", "2024-Q1"] == 9_00


def test_a_gate_of_another_component_asks_the_period_that_holds_our_last_day(calculate: Calculation) -> None:
    # The year stands at 1,000 of 2,000: a gate of 60% is shut for January; of 50% it is open.
    def gated(share: str) -> int:
        year = "counts: acv, from: own, per: year, quota: from assignment, zero_quota: pay_base"
        monthly = f"counts: acv, from: own, per: month, gate: {{measure: y, at_least: {share}}}, {TEN}"
        text = OWN + component(f"{year}, {TEN}", "y") + f"  m: {{{monthly}}}\n"
        case = Case().person("ann", quota=(2_000_00, "year"))
        case.deal("d1", "2024-01-15", 400_00).deal("d2", "2024-06-15", 600_00)
        return calculate([plan(text)], case.facts).earned["ann", "m", "2024-01"]

    assert (gated("60%"), gated("50%")) == (0, 40_00)


def test_a_multiplier_scales_the_whole_period_by_the_tier_at_its_end(calculate: Calculation) -> None:
    # 600 of 1,000 is below 80%: 10% x 0.5 = 30. With 200 more it is 80%: `at` is the higher tier, 80 x 1.5 = 120.
    tiers = "[{to: 80%, times: 0.5 x}, {times: 1.5 x}]"
    scaled = plan(OWN + component(f"{QUOTED}, multiplier: {{by: attainment, boundary: at, tiers: {tiers}}}, {TEN}"))
    case = Case().person("ann", quota=(1_000_00, "quarter")).deal("d1", "2024-01-15", 600_00)
    assert calculate([scaled], case.facts).earned["ann", "c", "2024-Q1"] == 30_00
    book = calculate([scaled], case.deal("d2", "2024-02-15", 200_00).facts)
    assert book.earned["ann", "c", "2024-Q1"] == 120_00
    assert book.amounts("d1") == {"ann": 90_00}


def test_a_quota_of_zero_opens_the_gate_and_leaves_the_factor_at_one(calculate: Calculation) -> None:
    tiers = "[{to: 80%, times: 0.5 x}, {times: 1.5 x}]"
    both = f"gate: {{measure: own, at_least: 50%}}, multiplier: {{by: attainment, boundary: at, tiers: {tiers}}}"
    case = Case().person("ann", quota=(0, "quarter")).deal("d1", "2024-01-15", 600_00)
    book = calculate([plan(OWN + component(f"{QUOTED}, {both}, {TEN}"))], case.facts)
    assert book.earned["ann", "c", "2024-Q1"] == 60_00


def test_of_several_gates_each_must_be_reached(calculate: Calculation) -> None:
    # 500 of 1,000 is 50%: the first gate is open. The other asks for 300 of services, and 299 have counted: nothing.
    # With 1 more both are open: 10% of 500 is 50.
    services = "counts: tcv, from: own, per: quarter, pays: {flat_rate: {rate: 1%}}"
    gates = ("{measure: own, at_least: 50%}", "{measure: s, at_least: 300}")
    gated, turned = (
        plan(OWN + component(f"{QUOTED}, gate: [{', '.join(each)}], {TEN}") + f"  s: {{{services}}}\n")
        for each in (gates, gates[::-1])
    )
    case = Case().person("ann", quota=(1_000_00, "quarter"))
    case.deal("d1", "2024-01-15", 500_00, start_date=day("2024-01-15"), end_date=day("2024-07-15"))  # 250 of services
    case.deal("d2", "2024-01-16", one_time_value_minor=49_00)
    for each in (gated, turned):
        assert calculate([each], case.facts).earned["ann", "c", "2024-Q1"] == 0
    book = calculate([gated], case.deal("d3", "2024-02-15", one_time_value_minor=1_00).facts)
    assert (book.earned["ann", "c", "2024-Q1"], book.earned["ann", "s", "2024-Q1"]) == (50_00, 3_00)


def test_what_is_above_one_gate_pays_once_the_other_is_reached(calculate: Calculation) -> None:
    # Only what is above 200 pays, and only from 50% of 1,000 on: of 400 nothing, of 500 10% of 300 is 30.
    both = "gate: [{measure: own, at_least: 200, above: only}, {measure: own, at_least: 50%}]"
    gated = plan(OWN + component(f"{QUOTED}, {both}, {TEN}"))
    case = Case().person("ann", quota=(1_000_00, "quarter")).deal("d1", "2024-01-15", 400_00)
    assert calculate([gated], case.facts).earned["ann", "c", "2024-Q1"] == 0
    book = calculate([gated], case.deal("d2", "2024-02-15", 100_00).facts)
    assert book.earned["ann", "c", "2024-Q1"] == 30_00
    assert book.amounts("d1") == {"ann": 20_00}

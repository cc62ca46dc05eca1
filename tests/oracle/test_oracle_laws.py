"""What must hold of the oracle whatever it is given: parts sum to the whole, lines to earnings, order is nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from fractions import Fraction
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsvc.core.checks import check_facts
from compsvc.core.facts import Facts

from .calculate import OracleResult, calculate
from .calendar_rules import share_of_span
from .companies import company
from .exact import rounded, split

SEEDS = range(25)


@given(st.integers(-(10**18), 10**18), st.lists(st.integers(1, 1_000), min_size=1, max_size=9))
def test_parts_sum_to_the_whole_and_differ_from_their_share_by_less_than_a_unit(value: int, weights: list[int]) -> None:
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    parts = split(value, shares)
    assert sum(parts) == value
    assert all(abs(part - value * share) < 1 for part, share in zip(parts, shares, strict=True))
    assert split(-value, shares) == [-part for part in parts]


@given(
    st.integers(0, 10**12), st.sampled_from([("year", "quarter", 4), ("year", "month", 12), ("quarter", "month", 3)])
)
def test_equal_parts_of_a_quota_sum_to_it(amount: int, spans: tuple[str, str, int]) -> None:
    span, per, number = spans
    months = {"quarter": 3, "month": 1}[per]
    parts = [share_of_span(amount, span, per, place * months) for place in range(number)]
    assert sum(parts) == amount
    assert parts == sorted(parts, reverse=True)


def test_the_three_roundings_differ_only_on_the_half() -> None:
    halves = [Fraction(n, 2) for n in (-5, -3, -1, 1, 3, 5)]
    assert [rounded(half, "half_up") for half in halves] == [-3, -2, -1, 1, 2, 3]
    assert [rounded(half, "half_even") for half in halves] == [-2, -2, 0, 0, 2, 2]
    assert [rounded(half, "down") for half in halves] == [-2, -1, 0, 0, 1, 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_companies_stand_up_to_the_facts_check(seed: int) -> None:
    plans, facts = company(seed)
    assert check_facts(facts, plans).refusals == ()


@pytest.mark.parametrize("seed", [*SEEDS, 43])  # 43: a fixed deal that has changed is re-rated by another
def test_lines_sum_to_earnings_and_their_keys_are_unique(seed: int) -> None:
    result = calculate(*company(seed))
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for line in result.lines:
        sums[line.participant, line.plan, line.component, line.period] += line.amount_minor
    assert {key: sums[key] for key in result.earnings} == {key: value[2] for key, value in result.earnings.items()}
    assert set(sums) <= set(result.earnings)
    keys = [(x.participant, x.plan, x.component, x.period, x.subject, x.step) for x in result.lines]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    plans, facts = company(seed)
    frames = {item.name: getattr(facts, item.name) for item in fields(facts)}
    shuffled = Facts(**{kind: frame.sample(fraction=1, shuffle=True, seed=seed) for kind, frame in frames.items()})
    other_plans = Random(seed).sample(plans, len(plans))
    assert _sorted(calculate(other_plans, shuffled)) == _sorted(calculate(plans, facts))


@pytest.mark.parametrize("seed", SEEDS)
def test_fixing_what_a_run_says_changes_nothing(seed: int) -> None:
    """D2: a run after its own events were sealed gives the same lines, and no difference."""
    plans, facts = company(seed)
    if facts.fixed_events.height:
        return
    before = calculate(plans, facts)
    rows = [
        (*key, place, *subject, loss, counts, pays)
        for key, events in before.events.items()
        for place, ((subject, loss), counts, pays) in enumerate(events)
    ]
    kinds = {item.name: getattr(facts, item.name) for item in fields(facts)}
    fixed = pl.DataFrame(rows, schema=facts.fixed_events.schema, orient="row")
    assert _sorted(calculate(plans, Facts(**{**kinds, "fixed_events": fixed}))) == _sorted(before)


def _sorted(result: OracleResult) -> tuple[object, ...]:
    return result.earnings, sorted(map(str, result.lines)), result.uncredited, sorted(map(str, result.pending))

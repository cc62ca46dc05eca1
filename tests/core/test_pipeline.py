"""What holds of every calculation, whatever the plans and facts are."""

from dataclasses import replace

import polars as pl
import pytest

from compsvc.core.curves import FiguresTooLarge
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from tests.oracle.companies import company


def test_facts_without_plans_are_all_uncredited() -> None:
    _, facts = company(6)
    result = calculate([], facts, PlainMatcher())
    assert result.earnings.is_empty()
    assert set(result.uncredited["code"]) <= {"NO_RULE", "NO_HOLDER", "OWNER_AMBIGUOUS", "TERRITORY_AMBIGUOUS"}
    assert result.counts["deals_credited"] == 0


def test_plans_without_facts_pay_nothing() -> None:
    plans, _ = company(6)
    result = calculate(plans, Facts(), PlainMatcher())
    assert result.earnings.is_empty()
    assert result.lines is not None
    assert result.lines.is_empty()


@pytest.mark.parametrize("seed", [0, 13, 101, 205])
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    plans, facts = company(seed)
    shuffled = Facts(
        **{kind: frame.sort(pl.int_range(pl.len()), descending=True) for kind, frame in _frames(facts).items()}
    )
    here, there = (calculate(plans, given, PlainMatcher()) for given in (facts, shuffled))
    assert here.earnings.equals(there.earnings)
    assert here.lines is not None
    assert there.lines is not None
    assert here.lines.equals(there.lines)


def test_an_amount_that_outgrows_64_bits_is_refused_by_name() -> None:
    """Deals of 9 x 10**18 minor units each: their sum, or what they pay, is beyond 64 bits. Refused, never wrapped."""
    plans, facts = company(101)
    huge = pl.when(pl.col("annual_value_minor") > 0).then(pl.lit(9 * 10**18)).otherwise("annual_value_minor")
    large = replace(
        facts,
        deals=facts.deals.with_columns(annual_value_minor=huge),
        deal_lines=facts.deal_lines.with_columns(annual_value_minor=huge),
    )
    with pytest.raises(FiguresTooLarge, match=r"plan\.yaml:\d+ "):
        calculate(plans, large, PlainMatcher())


def _frames(facts: Facts) -> dict[str, pl.DataFrame]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}

"""What holds of every calculation, whatever the plans and facts are."""

from dataclasses import replace

import polars as pl
import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.pipeline import calculate
from tests.oracle.companies import company
from tests.oracle.small import Case, day, plan


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


@pytest.mark.parametrize("seed", range(12))
def test_an_amount_that_outgrows_64_bits_is_refused_by_name(seed: int) -> None:
    """Deals of 9 x 10**18 minor units each: their sum, or what they pay, is beyond 64 bits. Refused, never wrapped."""
    plans, facts = company(seed)
    huge = pl.when(pl.col("annual_value_minor") > 0).then(pl.lit(9 * 10**18)).otherwise("annual_value_minor")
    large = replace(
        facts,
        deals=facts.deals.with_columns(annual_value_minor=huge),
        deal_lines=facts.deal_lines.with_columns(annual_value_minor=huge),
    )
    with pytest.raises(FiguresTooLarge, match=r"plan\.yaml:\d+ "):
        calculate(plans, large, PlainMatcher())


def test_a_margin_that_a_rule_asks_for_and_that_outgrows_64_bits_is_refused_by_the_plan() -> None:
    """The whole term of a deal of 9 x 10**18 a year for three years is beyond 64 bits before any rule has fired."""
    asks = "credits:\n  own: {when: {margin: '>= 10%'}, to: seller}\n"
    pays = "components:\n  pay: {counts: acv, from: own, per: year, pays: {flat_rate: {rate: 5%}}}\n"
    case = (
        Case()
        .person("ann")
        .deal("d", "2024-01-01", 9 * 10**18, start_date=day("2024-01-01"), end_date=day("2027-01-01"), cost_minor=1)
    )
    with pytest.raises(FiguresTooLarge, match=r"plan\.yaml:\d+ rep: "):
        calculate([plan(asks + pays)], case.facts, PlainMatcher())


def _frames(facts: Facts) -> dict[str, pl.DataFrame]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}

"""`flat_rate`: worked examples."""

from fractions import Fraction

import pytest
from hypothesis import strategies as st

from compsvc.core.curves_bound import Bound
from compsvc.core.plan_values import Rate
from compsvc.core.problems import Position
from compsvc.core.rules import Rule
from compsvc.core.rules.flat_rate import FlatRate

AT = {"@": Position("plan.yaml", 1, 1)}


def rules() -> st.SearchStrategy[Rule]:
    """What the laws try."""
    ratios = st.fractions(0, 3, max_denominator=400)
    return st.builds(
        lambda ratio, base: FlatRate(**AT, kind="flat_rate", rate=Rate(ratio, base)), ratios, st.booleans()
    )


@pytest.mark.parametrize(
    ("rate", "position", "earned"),
    [
        ("1%", 250_000_00, Fraction(2_500_00)),
        ("12.5%", 99, Fraction(99, 8)),  # 12.375 cents, before rounding
        ("1/3", 100, Fraction(100, 3)),
        ("base", 125_000_00, Fraction(12_500_00)),  # 80,000 / 800,000 = 10%
        ("1.5 x base", 125_000_00, Fraction(18_750_00)),  # 15%
        ("10%", -50_00, Fraction(-5_00)),  # a take-back gives back at the same rate
        ("10%", 0, Fraction(0)),
    ],
)
def test_everything_is_paid_at_one_rate(rate: str, position: int, earned: Fraction) -> None:
    template = FlatRate(**AT, kind="flat_rate", rate=rate).template()
    assert Bound(template, base=Fraction(80_000_00, 800_000_00)).value(position) == earned


def test_a_flat_rate_needs_no_quota_and_says_when_it_uses_base() -> None:
    plain, based = (FlatRate(**AT, kind="flat_rate", rate=rate).template() for rate in ("1%", "base"))
    assert (plain.needs_quota, plain.uses_base, plain.uses_target) == (False, False, False)
    assert (based.needs_quota, based.uses_base) == (False, True)
    assert Bound(plain).next_step(10) is None
    assert Bound(based, base=Fraction(1, 10)).rate_text(0) == "base = 10%"

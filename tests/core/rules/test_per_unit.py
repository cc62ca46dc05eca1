"""`per_unit`: worked examples. Counts are in millionths: 1 meeting is 1,000,000."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.curves_bound import Bound
from compsvc.core.problems import Position
from compsvc.core.rules import Rule
from compsvc.core.rules.per_unit import PerUnit

AT = {"@": Position("plan.yaml", 1, 1)}
ONE = 1_000_000


def per_unit(*tiers: tuple[Any, Any], **keys: Any) -> PerUnit:
    rows = [{**AT, "amount": amount} | ({} if to is None else {"to": to}) for to, amount in tiers]
    return PerUnit(**AT, kind="per_unit", **({"tiers": rows} if rows else {}), **keys)


def rules() -> st.SearchStrategy[Rule]:
    @st.composite
    def draw_rule(draw: st.DrawFn) -> Rule:
        ends: list[Any] = sorted(draw(st.sets(st.integers(1, 4), max_size=3)))
        amounts = [draw(st.integers(0, 10**6)) for _ in range(len(ends) + 1)]
        if not ends:
            return per_unit(amount=amounts[0])
        mode, boundary = draw(st.sampled_from(["marginal", "retroactive"])), draw(st.sampled_from(["at", "over"]))
        return per_unit(*zip([*ends, None], amounts, strict=True), mode=mode, boundary=boundary)

    return draw_rule()


@pytest.mark.parametrize(
    ("count", "earned"),
    [(0, 0), (ONE, 120_00), (7 * ONE, 840_00), (-2 * ONE, -240_00), (ONE // 4, 30_00),
     (333_333, Fraction(3_999_996, 1000))],
)  # fmt: skip
def test_each_unit_pays_the_amount(count: int, earned: Fraction) -> None:
    assert Bound(per_unit(amount="120").template()).value(count) == earned


@pytest.mark.parametrize(
    ("mode", "boundary", "count", "earned"),
    [
        ("marginal", "over", 12, 1_300_00),  # 10 x 100 + 2 x 150
        ("marginal", "at", 10, 1_000_00),
        ("retroactive", "over", 10, 1_000_00),  # the tenth is still at 100
        ("retroactive", "at", 10, 1_500_00),  # with the tenth all are at 150
        ("retroactive", "over", 12, 1_800_00),
    ],
)
def test_tiers_of_amounts(mode: str, boundary: str, count: int, earned: int) -> None:
    rule = per_unit(("10", "100"), (None, "150"), mode=mode, boundary=boundary)
    assert Bound(rule.template()).value(count * ONE) == earned


@pytest.mark.parametrize(
    ("tiers", "keys", "message"),
    [
        ((), {}, "AMOUNT_OR_TIERS"),
        (((1, 1), (None, 2)), {"amount": 1, "mode": "marginal", "boundary": "at"}, "AMOUNT_OR_TIERS"),
        ((), {"amount": 1, "mode": "marginal"}, "USELESS_KEY `mode`"),
        (((1, 1), (None, 2)), {"mode": "marginal"}, "MISSING_KEY `boundary`"),
        (((1, 1), (2, 2)), {"mode": "marginal", "boundary": "at"}, "LAST_TIER_ENDS"),
        (((None, 1), (None, 2)), {"mode": "marginal", "boundary": "at"}, "TIER_WITHOUT_END"),
        (((3, 1), (2, 2), (None, 1)), {"mode": "marginal", "boundary": "at"}, "TIERS_NOT_RISING"),
        ((), {"amount": "-1"}, "OUT_OF_RANGE|below 0"),
    ],
)
def test_what_can_mean_two_things_is_refused(tiers: tuple[Any, ...], keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        per_unit(*tiers, **keys)

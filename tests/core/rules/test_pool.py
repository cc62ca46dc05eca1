"""`pool`: the words that fit each other. The shares are worked out in tests/oracle/test_examples_contests.py."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.problems import Position
from compsvc.core.rules import Pooled, Rule
from compsvc.core.rules.pool import Pool

AT = {"@": Position("plan.yaml", 1, 1)}


def pool(of: str, weights: Any) -> Pool:
    return Pool(**AT, kind="pool", of=of, weights=weights, among="team", assigned="any day")


def rules() -> st.SearchStrategy[Rule]:
    return st.sampled_from(["equal", "amount", "count"]).map(lambda weights: pool("1_000", weights))


@pytest.mark.parametrize("weights", ["equal", "amount", "target incentive", {"hanna": 3, "ben": 2}])
def test_an_amount_or_a_share_is_shared_out_by_weights(weights: Any) -> None:
    assert pool("2%", weights).shared_out == Pooled(Fraction(1, 50), weights, "team", "any day")
    assert pool("1_000", weights).shared_out.of == 1_000_00


@pytest.mark.parametrize(
    ("of", "weights", "message"),
    [
        ("0", "equal", "OUT_OF_RANGE a pool of nothing"),
        ("2%", "count", "MEASURE_KIND a share of a number is no money"),
        ("2%", "half", "`half` is no weight"),
        ("2%", {}, "0 weights"),
        ("2%", {"hanna": "0"}, "not between 1"),
    ],
)
def test_what_does_not_fit_is_refused(of: str, weights: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        pool(of, weights)

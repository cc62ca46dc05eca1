"""`objectives`: worked examples. The position is the share of the target that is met, in millionths."""

from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.curves_bound import Bound
from compsvc.core.problems import Position
from compsvc.core.rules import Rule, Weighed
from compsvc.core.rules.objectives import Objectives

AT = {"@": Position("plan.yaml", 1, 1)}


def objectives(*listed: tuple[str, str], at_most: str = "100%") -> Objectives:
    rows: list[dict[str, Any]] = [{**AT, "activity": activity, "weight": weight} for activity, weight in listed]
    return Objectives(**AT, kind="objectives", of="target incentive", at_most=at_most, list=rows)


def rules() -> st.SearchStrategy[Rule]:
    first = st.integers(1, 99)
    return first.map(lambda weight: objectives(("plan", f"{weight}%"), ("forecast", f"{100 - weight}%")))


def test_each_percent_of_an_objective_counts_by_its_weight() -> None:
    rule = objectives(("plan", "40%"), ("forecast", "35.5%"), ("references", "24.5%"), at_most="120%")
    worth = {"plan": 4_000, "forecast": 3_550, "references": 2_450}
    assert rule.weighs == Weighed(worth, most=120, whole=100)


@pytest.mark.parametrize(("met", "paid"), [(0, 0), (1_000_000, 4_000_00), (875_000, 3_500_00), (1_200_000, 4_800_00)])
def test_what_is_met_pays_its_share_of_the_target(met: int, paid: int) -> None:
    template = objectives(("plan", "100%")).template()
    assert Bound(template, target_minor=4_000_00).value(met) == paid


@pytest.mark.parametrize(
    ("listed", "at_most", "message"),
    [
        ((("plan", "40%"), ("forecast", "50%")), "100%", "SHARES_NOT_WHOLE the weights are 90% together"),
        ((("plan", "50%"), ("plan", "50%")), "100%", "NAME_TWICE"),
        ((("plan", "1/3"), ("forecast", "2/3")), "100%", "RATE_TOO_FINE"),
        ((("plan", "100%"),), "0%", "OUT_OF_RANGE"),
        ((("plan", "100%"),), "99.5%", "OUT_OF_RANGE"),
    ],
)
def test_what_cannot_be_computed_is_refused(listed: tuple[tuple[str, str], ...], at_most: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        objectives(*listed, at_most=at_most)
